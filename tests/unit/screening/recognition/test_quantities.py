"""Numbers, shares and parameters as people write them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.goods import Interval
from services.screening.domain.recognition.quantities import DETECTION_BOUND, nines, read_number, read_percent_number, read_share
from tests.unit.screening.recognition.making import goods, parameter


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("99.5", "99.5"),
        ("99,5", "99.5"),
        ("1,000", "1000"),
        ("1.000", "1.000"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("0,125", "0.125"),
        ("1'500", "1500"),
        ("1,000,000", "1000000"),
        ("007", "7"),
    ],
)
def test_decimal_commas_and_thousands(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


def test_no_percentage_is_a_thousand() -> None:
    assert read_percent_number("99,995") == Decimal("99.995")


@pytest.mark.parametrize(
    ("count", "digit", "percent"), [(2, None, "99"), (4, None, "99.99"), (5, 5, "99.9995"), (3, 5, "99.95"), (6, 0, "99.9999")]
)
def test_nines(count: int, digit: int | None, percent: str) -> None:
    assert nines(count, digit) == Decimal(percent)


def bounds(low: Any, high: Any) -> Interval:
    return Interval(None if low is None else Decimal(str(low)), None if high is None else Decimal(str(high)))


@pytest.mark.parametrize(
    ("text", "kind", "interval", "not_found"),
    [
        ("99.5 wt%", "mass", bounds(99.5, 99.5), False),
        ("<0.01 wt%", "mass", bounds(0, 0.01), True),
        ("< 0,05 Gew.-%", "mass", bounds(0, 0.05), True),
        ("<0.1 %", "mass", bounds(0, 0.1), False),
        ("≤0.05%", "mass", bounds(0, 0.05), False),
        ("max. 0.5 %", "mass", bounds(0, 0.5), False),
        ("0.5 % max", "mass", bounds(0, 0.5), False),
        ("0.01%以下", "mass", bounds(0, 0.01), False),
        ("≥99.99%", "mass", bounds(99.99, 100), False),
        ("min 99,5 %", "mass", bounds(99.5, 100), False),
        ("0-0.3 %", "mass", bounds(0, 0.3), False),
        ("29 – 32 wt%", "mass", bounds(29, 32), False),
        ("29%-32%", "mass", bounds(29, 32), False),
        ("28 bis 31 %", "mass", bounds(28, 31), False),
        ("28 à 31 %", "mass", bounds(28, 31), False),
        ("31 ± 0.5 wt%", "mass", bounds(30.5, 31.5), False),
        ("~70 wt%", "mass", bounds(66.5, 73.5), False),
        ("约70%", "mass", bounds(66.5, 73.5), False),
        ("50 ppm", "mass", bounds(0.005, 0.005), False),
        ("<100 ppm", "mass", bounds(0, 0.01), True),
        ("1e-3 %", "mass", bounds(0.001, 0.001), False),
        ("0.2% of value", "value", bounds(0.2, 0.2), False),
        ("0,2 % du prix", "value", bounds(0.2, 0.2), False),
        ("0,2 % des Warenwertes", "value", bounds(0.2, 0.2), False),
        ("价值的0.2%", "value", bounds(0.2, 0.2), False),
        ("REO 45 wt%", "oxide_mass", bounds(45, 45), False),
        ("TREO ≥ 99 %", "oxide_mass", bounds(99, 100), False),
        ("2 at%", "atomic", bounds(2, 2), False),
        ("8 mol%", "atomic", bounds(8, 8), False),
        ("n.d.", "mass", bounds(0, None), True),
        ("nicht nachweisbar", "mass", bounds(0, None), True),
        ("未检出", "mass", bounds(0, None), True),
        ("検出せず", "mass", bounds(0, None), True),
        ("film", "mass", bounds(None, None), False),
        ("35%", "mass", bounds(35, 35), False),
    ],
)
def test_shares(text: str, kind: str, interval: Interval, not_found: bool) -> None:
    share = read_share(text)
    assert share.fault is None
    assert (share.kind, share.percent, share.below_detection) == (kind, interval, not_found)


@pytest.mark.parametrize("text", ["0 wt%", "0%", "none", "kein", "sans", "无"])
def test_a_stated_zero_says_that_it_is_not_there(text: str) -> None:
    share = read_share(text)
    assert not share.present
    assert share.percent == bounds(0, 0)


@pytest.mark.parametrize("text", ["rest", "Bal.", "balance", "Reste", "resto", "余量", "残部"])
def test_the_rest(text: str) -> None:
    assert read_share(text).rest


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-3 wt%", "is negative"),
        ("120 %", "is more than 100 %"),
        ("1e3 %", "is more than 100 %"),
        ("1.9", "has no unit"),
        ("NaN", "cannot"),
        ("inf %", "cannot"),
        ("2-1 %", "ends before it starts"),
        ("wt%", "cannot"),
        ("", "cannot"),
        ("1.2.3.4.5.6.7.8 %", "cannot"),
        ("%" * 300, "cannot"),
    ],
)
def test_an_absurd_share_says_why(text: str, fault: str) -> None:
    found = read_share(text).fault or ""
    assert fault in found or (fault == "cannot" and "can be read" in found) or (fault == "cannot" and "number" in found)


percentages = st.decimals(0, 100, places=3)


@given(percentages, percentages)
def test_an_interval_keeps_its_ends(first: Decimal, second: Decimal) -> None:
    low, high = sorted((first, second))
    share = read_share(f"{low} - {high} wt%")
    assert share.fault is None
    assert share.percent == Interval(low, high)


@given(percentages)
def test_a_comma_is_as_good_as_a_point(value: Decimal) -> None:
    assert read_share(f"{value} %").percent == read_share(f"{value} %".replace(".", ",")).percent


@given(st.decimals("0.0001", "50", places=4))
def test_below_is_below_detection_only_under_the_bound(limit: Decimal) -> None:
    share = read_share(f"<{limit} wt%")
    assert share.percent == Interval(Decimal(0), limit)
    assert share.below_detection is (limit < DETECTION_BOUND)


@given(st.text(max_size=120))
def test_any_share_is_read_or_explained(text: str) -> None:
    share = read_share(text)
    low, high = share.percent.minimum, share.percent.maximum
    assert share.fault is not None or low is None or high is None or low <= high


@given(st.text(alphabet="0123456789.,' ", min_size=1, max_size=30))
def test_digits_and_separators_never_raise(text: str) -> None:
    number = read_number(text) if any(character.isdigit() for character in text) and " " not in text else None
    assert number is None or number >= 0


@pytest.mark.parametrize(
    ("description", "name", "low", "high"),
    [
        ("Gallium min. 99,99 %", "purity_percent", "99.99", "100"),
        ("Gallium, purity: 99.9999%", "purity_percent", "99.9999", "99.9999"),
        ("Gallium 5N5", "purity_percent", "99.9995", "100"),
        ("tungsten powder 800 nm", "particle_size_um", "0.800", "0.800"),
        ("tungsten powder D50 1.0-1.5 µm", "particle_size_um", "1.0", "1.5"),
        ("tungsten powder <50 um", "particle_size_um", None, "50"),
        ("Graphite block 1,82 g/cm³", "density_g_cm3", "1.82", "1.82"),
        ("Graphite block 1820 kg/m3", "density_g_cm3", "1.820", "1.820"),
        ("Graphite block density ≥ 1.75 g/cm3", "density_g_cm3", "1.75", None),
        ("Graphite block 45 N/mm2 flexural strength", "flexural_strength_mpa", "45", "45"),
        ("GaAs wafer 6 inch", "diameter_mm", "152.4", "152.4"),
        ("GaAs wafer 150 mm diameter", "diameter_mm", "150", "150"),
        ("InSb single crystal EPD 30/cm2", "dislocation_density_per_cm2", "30", "30"),
        ("Tungsten bar 130 x 60 x 60 mm", "length_mm", "130", "130"),
        ("Tungsten bar 13 x 6 x 6 cm", "length_mm", "130", "130"),
        ("Tungsten tube ID 65 mm wall thickness 25 mm", "wall_thickness_mm", "25", "25"),
        ("Tungsten tube ID 65 mm wall thickness 25 mm", "inner_diameter_mm", "65", "65"),
        ("Press 2 tesla", "flux_density_t", "2", "2"),
    ],
)
def test_parameters_with_their_units(description: str, name: str, low: str | None, high: str | None) -> None:
    assert parameter(goods(description), name).value == bounds(low, high)


def test_wavelengths_are_not_particle_sizes() -> None:
    assert not goods("Yttrium oxide coated laser mirror 1064 nm").parameters


def test_an_expanded_sieve_size_becomes_micrometres() -> None:
    value = parameter(goods("cerium metal powder -325 mesh"), "particle_size_um").value
    assert value.minimum is None
    assert value.maximum is not None
    assert 44 < value.maximum < 46
