"""Formulas: what is one, and what mass of each element is in it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.recognition.formula import is_alloy, is_intermetallic, spelled_formula
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


@pytest.mark.parametrize(
    ("written", "formula"),
    [
        ("Dy2O3", "Dy2O3"),
        ("DY2O3", "Dy2O3"),
        ("TB4O7", "Tb4O7"),
        ("PR6O11", "Pr6O11"),
        ("GEO2", "GeO2"),
        ("SB2O3", "Sb2O3"),
        ("WO3", "WO3"),
        ("ND2FE14B", "Nd2Fe14B"),
        ("SMCO5", "SmCo5"),
        ("LA2(CO3)3", "La2(CO3)3"),
        ("Y3AL5O12", "Y3Al5O12"),
        ("GECL4", "GeCl4"),
        ("ZNGEP2", "ZnGeP2"),
        ("BI4GE3O12", "Bi4Ge3O12"),
        ("DyFe", "DyFe"),
        ("TbDyFe2", "TbDyFe2"),
        ("AlSc2", "AlSc2"),
        ("DyH2", "DyH2"),
        ("W90NiFe", "W90NiFe"),
    ],
)
def test_formulas_are_read_in_upper_case_too(written: str, formula: str) -> None:
    assert spelled_formula(written) == formula


@pytest.mark.parametrize(
    "token",
    [
        "Y2K",
        "YV12",
        "TB2B",
        "PC1",
        "EU3A",
        "W3C",
        "CR2032",
        "M8X20",
        "N42SH",
        "TB2",
        "B2B",
        "HO2",
        "CO2",
        "H2O",
        "IN3O5",
        "Er3",
        "LaTe",
        "SN63PB37",
        "A4",
        "GE",
        "",
        "(",
        "Dy0",
        "Dy2O3)",
        "((((((Dy2O3))))))",
        "Dy" * 40,
    ],
)
def test_part_numbers_and_names_are_no_formulas(token: str) -> None:
    assert spelled_formula(token) is None


def test_numbers_in_an_alloy_count_atoms_only_behind_the_rare_earth() -> None:
    assert is_alloy("SmCo5")
    assert is_intermetallic("SmCo5")
    assert is_alloy("AlSc2")
    assert not is_intermetallic("AlSc2"), "AlSc2 is aluminium with two percent of scandium"
    assert not is_intermetallic("DyFe80")


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
    spelled_formula(text)
