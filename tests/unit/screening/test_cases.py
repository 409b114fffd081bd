"""The law cases: their scoring, our own file, and the shared one where it is present."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.screening.cases import CaseFileError, CaseReport, run
from tests.unit.screening.making import built_in_law, built_in_parties

OWN = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
SHARED = Path(__file__).parents[4] / "shared" / "cases" / "screening.yaml"


def report(path: Path) -> CaseReport:
    return run(path, built_in_law(), built_in_parties())


def wrong(found: CaseReport, confidence: str) -> list[str]:
    return [
        f"{result.case.id}: expected {result.case.expect.outcome} ({result.case.expect.cn_dual_use_licence}), "
        f"got {result.outcome} ({result.licence})"
        for result in found.results
        if result.case.confidence == confidence and not result.right
    ]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_our_own_cases(path: Path) -> None:
    found = report(path)
    assert wrong(found, "high") == []
    assert (found.score("medium") or 1) >= 0.9


@pytest.mark.skipif(not SHARED.exists(), reason="the shared cases are not beside this checkout")
def test_the_shared_cases() -> None:
    found = report(SHARED)
    assert wrong(found, "high") == []
    assert (found.score("medium") or 1) >= 0.9
    missed = [r.case.id for r in found.results if r.case.expect.cn_dual_use_licence == "yes" and r.outcome == "not_controlled"]
    assert missed == []


def case(**changes: Any) -> dict[str, Any]:
    return {
        "id": "T1",
        "date": "2026-03-10",
        "line": "Dysprosium oxide 99.5%",
        "hs_cn": "2846901500",
        "composition": {"Dy2O3": "99.5 wt%"},
        "origin": "CN",
        "ship_from": "CN",
        "destination": "DE",
        "end_user": None,
        "end_user_class": "civil",
        "end_use": "magnets",
        "expect": {"cn_dual_use_licence": "yes", "outcome": "licence_required"},
        "confidence": "high",
        **changes,
    }


def written(path: Path, *cases: dict[str, Any], **more: Any) -> Path:
    path.write_text(yaml.safe_dump({"version": 1, "as_of": "2026-11-22", "cases": list(cases), **more}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("expect", "right"),
    [
        ({"cn_dual_use_licence": "yes", "outcome": "licence_required"}, True),
        ({"cn_dual_use_licence": "no", "outcome": "licence_required"}, False),
        ({"cn_dual_use_licence": "yes", "outcome": "suspended"}, False),
        ({"cn_dual_use_licence": "yes", "outcome": "suspended", "accept": {"outcome": ["licence_required"]}}, True),
        ({"cn_dual_use_licence": "no", "outcome": "suspended", "accept": {"outcome": ["licence_required"]}}, False),
        (
            {
                "cn_dual_use_licence": "no",
                "outcome": "suspended",
                "accept": {"outcome": ["licence_required"], "cn_dual_use_licence": ["yes"]},
            },
            True,
        ),
        ({"cn_dual_use_licence": "yes", "outcome": "licence_required", "must_report": ["ordinary_export_licence"]}, True),
        ({"cn_dual_use_licence": "yes", "outcome": "licence_required", "must_report": ["watch_list"]}, False),
    ],
)
def test_a_case_is_right_when_licence_and_outcome_are_accepted_and_all_is_reported(
    tmp_path: Path, expect: dict[str, Any], right: bool
) -> None:
    assert report(written(tmp_path / "cases.yaml", case(expect=expect))).results[0].right is right


def test_the_score_is_per_confidence(tmp_path: Path) -> None:
    wrong_case = case(id="T2", confidence="medium", expect={"cn_dual_use_licence": "no", "outcome": "not_controlled"})
    found = report(written(tmp_path / "cases.yaml", case(), wrong_case, case(id="T3", confidence="medium")))
    assert found.as_json()["score"] == {"high": 1.0, "medium": 0.5, "low": None, "all": pytest.approx(2 / 3)}
    assert json.loads(json.dumps(found.as_json()))["cases"][1]["got"]["outcome"] == "licence_required"
    assert "WRONG  T2" in found.as_text()


def test_parties_of_the_file_are_loaded_beside_the_built_in_ones(tmp_path: Path) -> None:
    presupposed = {"name": "Listed GmbH", "list": "export_control_list", "listed_on": "2026-03-01", "notice": "a notice"}
    barred = {"cn_dual_use_licence": "yes", "outcome": "prohibited"}
    path = written(
        tmp_path / "cases.yaml",
        case(end_user="LISTED GMBH", expect=barred),
        case(id="T2", end_user="MP Materials", destination="US", date="2026-07-01", expect=barred),
        parties=[presupposed],
    )
    assert [result.right for result in report(path).results] == [True, True]


@pytest.mark.parametrize(
    "owner",
    [{"name": "TDK Corporation", "share_percent": 60}, "TDK Corporation, 60%", "60 % by TDK Corporation", "Owned by TDK Corporation (60%)"],
)
def test_an_owner_is_read_from_words_or_fields(tmp_path: Path, owner: Any) -> None:
    found = report(
        written(
            tmp_path / "cases.yaml", case(destination="JP", end_user="Works", end_user_class="unlisted_subsidiary", end_user_owner=owner)
        )
    )
    assert "listed_owner" in found.as_json()["cases"][0]["got"]["reported"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("- a list", "is no file of cases"), ("cases: [", "cannot be read"), ("as_of: 2026-11-22\ncases: [{id: A}]", "cases.0")],
)
def test_a_file_of_another_form_says_so(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseFileError, match=reason):
        report(path)
