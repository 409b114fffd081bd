"""Lines leaving China for a civil buyer in Germany, each with the answers that may be given: answers.yaml holds them."""

import json
from pathlib import Path

import pytest
import yaml

from services.screening.cases import CaseResult, run
from shared.contracts.screening import Answer
from tests.unit.screening.making import built_in_law, built_in_parties

ANSWERS = {
    "licence": {Answer.LICENCE_REQUIRED},
    "licence_or_question": {Answer.LICENCE_REQUIRED, Answer.NEEDS_INFORMATION},
    "question": {Answer.NEEDS_INFORMATION},
    "suspended": {Answer.SUSPENDED},
    "not_missed": {Answer.LICENCE_REQUIRED, Answer.NEEDS_INFORMATION, Answer.SUSPENDED},
    "suspended_or_free": {Answer.SUSPENDED, Answer.NOT_CONTROLLED},
    "free_or_question": {Answer.NOT_CONTROLLED, Answer.NEEDS_INFORMATION},
    "free": {Answer.NOT_CONTROLLED},
}
LINES: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text(encoding="utf-8"))


ABSURD_WORDS = ("NdFeB magnet, Dy 150 %", "NdFeB magnets 150 % Tb")
WITH_ABSURD = ("Sintered NdFeB magnet", "Hexagon screw M8x20", "Part 4711")
ABSURD = (
    ({"Nd": "60 wt%", "Fe": "60 wt%"}, "The stated shares add up to 120 % (Nd 60 wt%, Fe 60 wt%)"),
    ({"Dy": "-2 wt%", "Fe": "60 wt%"}, 'gives Dy as "-2 wt%", which is negative'),
    ({"Dy": "2"}, 'gives Dy as "2", which has no unit'),
    ({"Dy": "2 kg"}, 'gives Dy as "2 kg", which is no share of the whole'),
    ({"Dy": "abc"}, 'gives Dy as "abc", which is not a share that can be read'),
    ({"Dy": "150 wt%"}, 'gives Dy as "150 wt%", which is more than 100 %'),
    ({"Dy": "2.5-0.5 wt%"}, 'gives Dy as "2.5-0.5 wt%", which is an interval that ends before it starts'),
)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], CaseResult]:
    """The answer to every line and composition (as JSON) here."""
    asked: list[tuple[str, dict[str, str]]] = [(line, {}) for lines in LINES.values() for line in lines]
    asked += [(line, {}) for line in ABSURD_WORDS]
    asked += [(line, composition) for line in WITH_ABSURD for composition, _ in ABSURD]
    cases = [
        {
            "id": f"L{number}",
            "date": "2026-08-01",
            "line": line,
            "composition": composition,
            "origin": "CN",
            "ship_from": "CN",
            "destination": "DE",
            "end_user_class": "civil",
            "expect": {"cn_dual_use_licence": "unknown", "outcome": "needs_review"},
            "confidence": "high",
        }
        for number, (line, composition) in enumerate(asked)
    ]
    path = tmp_path_factory.mktemp("answers") / "cases.yaml"
    path.write_text(json.dumps({"version": 1, "as_of": "2026-11-22", "cases": cases}), encoding="utf-8")
    results = run(path, built_in_law(), built_in_parties()).results
    return {(line, json.dumps(composition)): result for (line, composition), result in zip(asked, results, strict=True)}


def answer(answered: dict[tuple[str, str], CaseResult], line: str, composition: dict[str, str] | None = None) -> tuple[Answer, list[str]]:
    """China's answer for a line and the questions asked."""
    screened = answered[line, json.dumps(composition or {})].screening
    return screened.answers["CN"].answer, [question.question for question in screened.questions]


@pytest.mark.parametrize(("group", "line"), [pytest.param(group, line, id=line[:60]) for group, lines in LINES.items() for line in lines])
def test_a_line_is_answered(group: str, line: str, answered: dict[tuple[str, str], CaseResult]) -> None:
    assert answer(answered, line)[0] in ANSWERS[group]


@pytest.mark.parametrize(("composition", "written"), ABSURD)
@pytest.mark.parametrize("line", WITH_ABSURD)
def test_an_absurd_composition_is_asked_about_as_it_was_written(
    line: str, composition: dict[str, str], written: str, answered: dict[tuple[str, str], CaseResult]
) -> None:
    found, questions = answer(answered, line, composition)
    assert found is Answer.NEEDS_INFORMATION
    assert any(written in question for question in questions)


@pytest.mark.parametrize("line", ABSURD_WORDS)
def test_an_absurd_share_in_words_is_asked_about(line: str, answered: dict[tuple[str, str], CaseResult]) -> None:
    found, questions = answer(answered, line)
    assert found is Answer.NEEDS_INFORMATION
    assert any("150" in question and "more than 100 %" in question for question in questions)
