"""Separators, character sets, numbers and days as people write them."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.received import Unreadable
from services.gateway.formats import tables
from services.gateway.formats.tables import BadRow, Row, composition, day_text, decoded, number_text, rows, separator_of

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5), st.sampled_from(tables.SEPARATORS))
def test_what_a_spreadsheet_writes_comes_back(table: list[list[str]], separator: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(table)
    found = list(rows(out.getvalue(), separator))
    expected = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=separator)]
    assert [row.cells for row in found if isinstance(row, Row)] == [row for row in expected if any(row)]
    assert not any(isinstance(row, BadRow) for row in found)


def test_rows_know_their_line_and_their_text() -> None:
    found = list(rows('a,b\n"1\n2",3\n\n4,5\n', ","))
    assert [(row.number, row.text) for row in found] == [(1, "a,b\n"), (2, '"1\n2",3\n'), (5, "4,5\n")]


def test_a_row_in_broken_quoting_costs_itself() -> None:
    found = list(rows('a,b\n"x"y,1\n2,3\n', ","))
    assert [type(row) for row in found] == [Row, BadRow, Row]


@pytest.mark.parametrize(
    ("line", "separator"), [("a,b,c", ","), ("a;b;c", ";"), ("a\tb", "\t"), ("a|b", "|"), ('"x,y,z";b', ";"), ("one", ",")]
)
def test_the_separator_is_the_one_there_is_most_of(line: str, separator: str) -> None:
    assert separator_of(line) == separator


@pytest.mark.parametrize(
    ("data", "charset", "text", "used"),
    [
        ("é".encode(), None, "é", "utf-8"),
        ("é".encode("utf-8-sig"), None, "é", "utf-8-sig"),
        ("é包".encode("utf-16"), "utf-8", "é包", "utf-16"),
        ("é".encode("cp1252"), None, "é", "cp1252"),
        ("包".encode("gb18030"), "gb18030", "包", "gb18030"),
    ],
)
def test_the_character_set_is_found(data: bytes, charset: str | None, text: str, used: str) -> None:
    assert decoded(data, charset) == (text, used)


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (b"\xe9", "utf-8"),
        (b"a", "klingon"),
        (b"a-b" * 2000, "punycode"),
        (b"a", "zlib_codec"),
        (b"a", "undefined"),
        (rb"\ud800", "unicode_escape"),
    ],
)
def test_a_wrong_character_set_is_told(data: bytes, charset: str) -> None:
    with pytest.raises(Unreadable):
        decoded(data, charset)


@given(st.decimals(min_value="-1e9", max_value="1e9", places=2, allow_nan=False, allow_infinity=False))
def test_a_number_reads_the_same_however_it_is_grouped(number: Decimal) -> None:
    english = f"{number:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    swiss = english.replace(",", "’")
    plain = f"{number:.2f}"
    assert Decimal(str(number_text(english, "."))) == Decimal(str(number_text(german, ","))) == number
    assert Decimal(str(number_text(plain, None))) == Decimal(str(number_text(swiss, None))) == number
    if number_text(english, None) is not None:
        assert Decimal(str(number_text(english, None))) == Decimal(str(number_text(german, None))) == number


@pytest.mark.parametrize(
    ("written", "mark", "read"),
    [
        ("1,234", None, None),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("1.234", None, "1.234"),
        ("12,5", None, "12.5"),
        ("1.234,5", None, "1234.5"),
        ("1,234.5", None, "1234.5"),
        ("1 234", None, "1234"),
        ("+5", None, "+5"),
        ("12,5", ".", "12,5"),
        ("1.5", ",", "1.5"),
        ("forty", None, "forty"),
        ("", None, ""),
        ("1,2,3", None, "1,2,3"),
        ("0x10", None, "0x10"),
        ("1e5", None, "1e5"),
    ],
)
def test_a_number_that_could_be_two_is_neither(written: str, mark: tables.DecimalMark | None, read: str | None) -> None:
    assert number_text(written, mark) == read


@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)))
def test_a_day_reads_the_same_in_every_order(day: date) -> None:
    iso = day.isoformat()
    assert day_text(iso, None) == day_text(day.strftime("%Y%m%d"), None) == day_text(day.strftime("%Y/%m/%d"), None) == iso
    assert day_text(f"{day.day}.{day.month}.{day.year}", None) == iso
    assert day_text(f"{day.day:02}/{day.month:02}/{day.year}", "DMY") == day_text(f"{day.month}/{day.day}/{day.year}", "MDY") == iso
    slashed = day_text(f"{day.day}/{day.month}/{day.year}", None)
    assert slashed == (iso if day.day > 12 or day.day == day.month else None)


@pytest.mark.parametrize("written", ["21-Nov-2026", "21 Nov 2026", "21. November 2026", "Nov 21, 2026", "Nov. 21 2026", "21 NOV 2026"])
def test_a_day_may_name_its_month(written: str) -> None:
    assert day_text(written, None) == "2026-11-21"
    assert day_text("3. März 2026", None) == day_text("3-Mrz-2026", None) == day_text("3 March, 2026", "MDY") == "2026-03-03"


@pytest.mark.parametrize("written", ["tomorrow", "2026-W01", "1/2/26", "", "21-Nox-2026"])
def test_what_is_no_day_comes_back_for_the_contract_to_refuse(written: str) -> None:
    assert day_text(written, None) == written


def test_a_composition_in_one_cell() -> None:
    assert composition("Dy2O3 99.5 wt%; Tb4O7: <0.01 wt% ;Nd+Pr=31 wt%; traces; Alloy 718") == [
        {"substance": "Dy2O3", "share": "99.5 wt%"},
        {"substance": "Tb4O7", "share": "<0.01 wt%"},
        {"substance": "Nd+Pr", "share": "31 wt%"},
        {"substance": "traces", "share": "present"},
        {"substance": "Alloy 718", "share": "present"},
    ]
