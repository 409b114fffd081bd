"""Tariff codes: normalised, looked up, raised as candidates and held against the text."""

import pytest

from services.screening.domain.recognition.tariff import CHINESE_LINES, HEADINGS, US_LINES, normalise_code, tariff_line
from tests.unit.screening.recognition.making import goods, material


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("8505.11.1000", "8505111000"),
        ("8505 11 10 00", "8505111000"),
        ("2846-90", "284690"),
        ("28469015", "28469015"),
        ("8505", "8505"),
        ("85051110AB", None),
        ("12", None),
        ("", None),
        ("1234567890123", None),
        ("８５０５", None),
    ],
)
def test_codes_are_normalised(written: str, digits: str | None) -> None:
    assert normalise_code(written) == digits


def test_every_row_is_a_code_of_its_tariff_and_stands_once() -> None:
    assert all(len(line.code) == 6 and line.code.isdigit() for line in HEADINGS)
    assert all(len(line.code) in (8, 10) and line.code.isdigit() for line in CHINESE_LINES)
    assert all(len(line.code) == 10 for line in US_LINES)
    codes = [line.code for line in (*HEADINGS, *CHINESE_LINES, *US_LINES)]
    assert len(codes) == len(set(codes))
    assert all(line.elements or line.products for line in (*HEADINGS, *CHINESE_LINES, *US_LINES))


@pytest.mark.parametrize(
    ("code", "scheme", "covers"),
    [
        ("2846901500", "CN_TARIFF", "dysprosium oxide"),
        ("28469015", "CN_TARIFF", "dysprosium oxide"),
        ("2846901500", "HS", "dysprosium oxide"),
        ("28469015", "CN", "compounds of rare earths other than cerium, of yttrium and of scandium"),
        ("284690", "HS", "compounds of rare earths other than cerium, of yttrium and of scandium"),
        ("8505110070", "HTS", "sintered neodymium-iron-boron permanent magnets"),
        ("8505110070", "CN_TARIFF", "permanent magnets of metal"),
        ("2805301510", "CN_TARIFF", "cerium and alloys below 500 µm with more than 97 % Ce"),
        ("2805301590", "CN_TARIFF", "cerium"),
    ],
)
def test_the_longest_line_of_the_own_tariff_counts(code: str, scheme: str, covers: str) -> None:
    line = tariff_line(code, scheme)
    assert line is not None
    assert line.covers == covers


def test_ordinary_codes_tell_nothing() -> None:
    assert tariff_line("731815", "HS") is None


def test_a_specific_line_names_its_element_with_medium_confidence() -> None:
    found = goods("X-7740-B", codes={"CN_TARIFF": "2846.90.15.00"})
    dysprosium = material(found, "Dy")
    assert (dysprosium.substance, dysprosium.certain, dysprosium.sighting.confidence) == ("Dy2O3", False, "medium")
    assert found.products == ("oxide",)
    assert not found.product_certain
    assert not found.described
    assert found.tariff_codes == ("2846901500",)


def test_a_heading_raises_candidates() -> None:
    found = goods("X-7740-B", codes={"HS": "8505.11"})
    assert {"Dy", "Tb", "Sm"} <= {m.element for m in found.materials}
    assert not any(m.certain for m in found.materials)


@pytest.mark.parametrize(
    ("description", "code"),
    [
        ("Lanthanum carbonate", "284690"),
        ("AlNiCo magnet", "8505111000"),
        ("Ferrite magnet", "850511"),
        ("8YSZ spray powder", "3824999990"),
        ("Adhesive tape", "382499"),
        ("Glass lens", "900190"),
    ],
)
def test_a_text_that_settles_the_matter_silences_the_heading(description: str, code: str) -> None:
    assert all(m.certain for m in goods(description, codes={"CN_TARIFF": code}).materials)


def test_the_us_line_for_sintered_magnets_says_the_family() -> None:
    found = goods("Magnet 20x10x5", codes={"HTS": "8505.11.0050"})
    assert found.magnet_family == "SmCo"
    assert found.sintered


@pytest.mark.parametrize(
    ("description", "code", "agree"),
    [
        ("Lanthanum carbonate", "2846901500", False),
        ("Dysprosium oxide", "2846901500", True),
        ("Dysprosium oxide", "2846901300", False),
        ("Gallium metal", "8112929090", True),
        ("Gallium metal", "8110101000", False),
        ("Al-Sc master alloy AlSc2", "7601200090", True),
        ("Nd:YAG laser rods", "9001909090", True),
        ("SmCo magnets", "8505111000", True),
        ("Tungsten carbide end mill", "8207700000", True),
    ],
)
def test_a_line_of_other_goods_is_a_conflict(description: str, code: str, agree: bool) -> None:
    found = goods(description, codes={"CN_TARIFF": code})
    assert found.contradictions == (), "composition decides, customs will ask"
    assert (found.code_conflicts == ()) is agree
    assert agree or code in found.code_conflicts[0]


@pytest.mark.parametrize(
    "text", ["Magnet HS 8505.11.10", "Magnet, HTS code: 8505111000", "磁铁 海关编码：8505111000", "Magnet Zolltarifnummer 8505 11 10"]
)
def test_codes_in_the_text_count(text: str) -> None:
    assert goods(text).tariff_codes[0].startswith("850511")


def test_numbers_that_are_no_tariff_codes_do_not_count() -> None:
    assert goods("Cable CN 10025, customs 4711").tariff_codes == ()


def test_other_schemes_are_no_tariff_codes() -> None:
    assert goods("Screws", codes={"UNSPSC": "31161500", "ECLASS": "23110101"}).tariff_codes == ()


def test_a_cas_number_names_the_substance() -> None:
    found = goods(codes={"CAS": "12037-01-3"})
    assert material(found, "Tb").substance == "Tb4O7"
    assert material(found, "Tb").certain
