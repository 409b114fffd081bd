"""A drawing or item number at the end of a text says nothing of the goods, and changes nothing of their reading."""

import pytest

from services.screening.domain.recognition import recognise
from services.screening.domain.recognition.references import without_reference
from shared.contracts.order import SnapshotLine
from tests.unit.screening.recognition.making import goods
from tests.unit.screening.recognition.test_lines import GROUPS


@pytest.mark.parametrize("tail", [", drawing 00123-4", "; Pos. 10", ", Zeichnung Nr. 4711/2", ",item 77", "\nref: 123456"])
def test_a_reference_is_read_off(tail: str) -> None:
    assert without_reference(f"Dysprosium oxide 99.5 %{tail}") == ("Dysprosium oxide 99.5 %", True)


@pytest.mark.parametrize(
    "text",
    [
        "Dysprosium oxide 99.5 %",
        "Oxide, CAS 1308-87-8",
        "Oxide, item 1308-87-8",
        "Magnet, grade 42",
        "Magnet, HS 850511",
        "Gallium 6N",
        "drawing 4711",
        "Alloy, Dy 80",
        "Magnet, no 42",
        "",
        "4711",
    ],
)
def test_what_may_say_something_stays(text: str) -> None:
    assert without_reference(text) == (text, False)


def test_goods_that_differ_in_a_reference_only_are_read_once() -> None:
    assert goods("Dysprosium oxide 99.5%, drawing 4711") is goods("Dysprosium oxide 99.5%, drawing 4712")


def test_a_brand_beside_a_reference_is_no_description() -> None:
    assert not goods("Acmex, item 4711").described


def test_no_line_reads_otherwise_with_a_reference() -> None:
    for case in (case for cases in GROUPS.values() for case in cases):
        alone = recognise(SnapshotLine(line_id="10", description=case["line"] or None))
        numbered = recognise(SnapshotLine(line_id="10", description=f"{case['line']}, drawing 00123-4"))
        if alone.described == numbered.described:
            assert numbered == alone, case["line"]
