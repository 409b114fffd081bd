"""The published exams, read in place; each is skipped, and says so, where the samples are absent."""

import csv
from pathlib import Path

import pytest

from services.stockpile_advisor.domain import exam
from services.stockpile_advisor.reference_files import reference_shares

SAMPLES = Path("../shared/samples/exam")
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="the published exams are not here: ../shared/samples/exam")


def table(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@needs_samples
def test_every_row_of_the_textbook() -> None:
    rows = exam.textbook_rows(table("stockpyl_textbook_exam.csv"))
    assert len(rows) == 27
    assert [row for row in rows if not row.passed] == []


def test_a_question_nobody_answers_fails() -> None:
    (row,) = exam.textbook_rows([{"id": "unheard of", "expected": "(1.0, 2.0)"}])
    assert not row.passed


def test_a_figure_off_by_more_than_the_tolerance_fails() -> None:
    (row,) = exam.textbook_rows([{"id": "EOQ-3.1", "expected": "(304.0778, np.float64(68.41052550594829))"}])
    assert not row.passed
    assert row.ours[0] == pytest.approx(304.04678)


@needs_samples
def test_time_to_survive_and_to_recover() -> None:
    rows = exam.survival_rows(table("ttr_tts_exam.csv"))
    assert len(rows) == 4
    assert [row for row in rows if not row.passed] == []


@needs_samples
def test_eu_2017_within_the_rounding_interval() -> None:
    rows = exam.eu_2017_rows(table("eu_crm_2017_table3_18.csv"))
    assert (sum(row.passed for row in rows), len(rows)) == (78, 78)


@needs_samples
def test_eu_2017_variants_within_the_rounding_interval() -> None:
    rows = exam.eu_2017_variant_rows(table("eu_crm_2017_table3_18.csv"), table("eu_crm_2017_table19_sr_variants.csv"))
    assert (sum(row.passed for row in rows), len(rows)) == (232, 232)


@needs_samples
def test_an_interval_that_misses_fails() -> None:
    row = table("eu_crm_2017_table3_18.csv")[0]
    (judged,) = exam.eu_2017_rows([row | {"sr_published": "0.9"}])
    assert not judged.passed


@needs_samples
def test_the_whole_table() -> None:
    names = ("stockpyl_textbook_exam", "ttr_tts_exam", "eu_crm_2017_table3_18", "eu_crm_2017_table19_sr_variants")
    shares = reference_shares()
    stages = {name: [list(shares.stages(member).values()) for member in shares.members(name)] for name in shares.scores}
    published = {name: score.supply_risk for name, score in shares.scores.items()}
    rows = exam.exam_rows({name: table(f"{name}.csv") for name in names}, stages, published)
    assert len(rows) == 27 + 4 + 78 + 232 + 2
    assert all(row.passed for row in rows)
    assert len(exam.exam_rows({}, stages, published)) == 2


def test_eu_2023_from_the_shares_that_are_shipped() -> None:
    """Of the 70 materials scored, those of which import reliance and substitution are known; germanium stays the known outlier."""
    shares = reference_shares()
    stages = {name: [list(shares.stages(member).values()) for member in shares.members(name)] for name in shares.scores}
    ranked = exam.eu_2023_exam(stages, {name: score.supply_risk for name, score in shares.scores.items()})
    assert ranked.questions == 60
    assert ranked.spearman >= 0.94
    assert ranked.mean_absolute_error <= 0.20
    assert ranked.same_side_of_critical >= 57
    assert ranked.furthest[0][0] == "Germanium"
