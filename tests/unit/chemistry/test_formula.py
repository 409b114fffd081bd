"""Formulas: what mass of each element is in a substance."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.chemistry.elements import MOLAR_MASS, USUAL_OXIDE
from shared.chemistry.formula import LONGEST_FORMULA, parse_formula


@pytest.mark.parametrize(
    ("formula", "element", "percent"),
    [
        ("Dy2O3", "Dy", "87.13"),
        ("Tb4O7", "Tb", "85.02"),
        ("Nd2Fe14B", "Nd", "26.68"),
        ("SmCo5", "Sm", "33.79"),
        ("Sm2Co17", "Sm", "23.09"),
        ("Y3Al5O12", "Y", "44.93"),
        ("Lu2SiO5", "Lu", "76.40"),
        ("La2(CO3)3", "La", "60.68"),
        ("La2(CO3)3·8H2O", "La", "46.15"),
        ("LaCl3·7H2O", "La", "37.40"),
        ("GaAs", "Ga", "48.20"),
        ("ZnGeP2", "Ge", "36.32"),
        ("(CH3)3In", "In", "71.80"),
        ("Lu1.8Y0.2SiO5", "Lu", "71.45"),
        ("(NH4)10(H2W12O42)·4H2O", "W", "70.43"),
        ("Cd0.9Zn0.1Te", "Te", "54.23"),
    ],
)
def test_the_mass_fraction_follows_from_molar_masses(formula: str, element: str, percent: str) -> None:
    parsed = parse_formula(formula)
    assert parsed is not None
    assert round(parsed.mass_fraction(element) * 100, 2) == Decimal(percent)


@pytest.mark.parametrize(
    ("element", "factor"),
    [
        ("Sc", "1.5338"),
        ("Y", "1.2699"),
        ("La", "1.1728"),
        ("Ce", "1.2284"),
        ("Pr", "1.2082"),
        ("Nd", "1.1664"),
        ("Sm", "1.1596"),
        ("Eu", "1.1579"),
        ("Gd", "1.1526"),
        ("Tb", "1.1762"),
        ("Dy", "1.1477"),
        ("Ho", "1.1455"),
        ("Er", "1.1435"),
        ("Tm", "1.1421"),
        ("Yb", "1.1387"),
        ("Lu", "1.1372"),
        ("Ga", "1.3442"),
        ("Ge", "1.4406"),
        ("Sb", "1.1971"),
        ("W", "1.2611"),
        ("Te", "1.2508"),
        ("Bi", "1.1148"),
        ("Mo", "1.5002"),
        ("In", "1.2090"),
    ],
)
def test_oxide_factors_are_those_of_the_fact_sheet(element: str, factor: str) -> None:
    """Regulation.md, section 3: kilograms of oxide per kilogram of element."""
    oxide = parse_formula(USUAL_OXIDE[element])
    assert oxide is not None
    assert round(1 / oxide.mass_fraction(element), 4) == Decimal(factor)


def test_water_of_unknown_amount_leaves_the_formula_open() -> None:
    parsed = parse_formula("Ce2(CO3)3·xH2O")
    assert parsed is not None
    assert parsed.open_ended


atoms = st.dictionaries(st.sampled_from(sorted(MOLAR_MASS)), st.integers(1, 99), min_size=1, max_size=6)


@given(atoms)
def test_a_written_formula_is_read_back(counts: dict[str, int]) -> None:
    text = "".join(f"{symbol}{count if count > 1 else ''}" for symbol, count in counts.items())
    parsed = parse_formula(text)
    assert parsed is not None
    assert dict(parsed.atoms) == {symbol: Decimal(count) for symbol, count in counts.items()}
    assert sum(parsed.mass_fraction(symbol) for symbol in counts) == pytest.approx(Decimal(1))


@given(atoms, st.integers(2, 9))
def test_a_group_counts_as_often_as_it_says(counts: dict[str, int], times: int) -> None:
    text = "".join(f"{symbol}{count}" for symbol, count in counts.items())
    grouped = parse_formula(f"({text}){times}")
    if len(text) <= LONGEST_FORMULA - 4 and all(count * times <= 1000 for count in counts.values()):
        assert grouped is not None
        assert dict(grouped.atoms) == {symbol: Decimal(count * times) for symbol, count in counts.items()}


@given(st.text(max_size=80))
def test_any_text_is_a_formula_or_not(text: str) -> None:
    parsed = parse_formula(text)
    assert parsed is None or all(count > 0 for _, count in parsed.atoms)
