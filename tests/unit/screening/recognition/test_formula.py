"""Words that spell a formula, in the capitals of chemists and of ERP systems, and those that only look so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.recognition.formula import is_alloy, is_intermetallic, spelled_formula
from shared.chemistry.formula import parse_formula


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


@given(st.text(max_size=80))
def test_any_text_spells_a_formula_or_none(text: str) -> None:
    spelled = spelled_formula(text)
    assert spelled is None or parse_formula(spelled) is not None
