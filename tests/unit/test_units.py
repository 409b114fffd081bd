"""Unit codes mean what the system that defines them says, or nothing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import units
from shared.units import KILOGRAM, PIECE, conversion, find_unit

KNOWN = [(system, code) for system, table in units._SYSTEMS.items() for code in table]


@pytest.mark.parametrize(
    ("code", "system", "dimension", "factor"),
    [
        ("KGM", "UNECE", "mass_kg", "1"),
        ("TNE", "UNECE", "mass_kg", "1000"),
        ("LBR", "UNECE", "mass_kg", "0.45359237"),
        ("APZ", "UNECE", "mass_kg", "0.0311034768"),
        ("CTM", "UNECE", "mass_kg", "0.0002"),
        ("C62", "UNECE", "pieces", "1"),
        ("MIL", "UNECE", "pieces", "1000"),
        ("EA", "X12", "pieces", "1"),
        ("TN", "X12", "mass_kg", "907.18474"),
        ("MP", "X12", "mass_kg", "1000"),
        ("LG", "X12", "mass_kg", "1016.0469088"),
        ("TO", "X12", "mass_kg", "0.0311034768"),
        ("TO", "SAP", "mass_kg", "1000"),
        ("ST", "SAP", "pieces", "1"),
        ("G", "SAP", "mass_kg", "0.001"),
        ("t", "ODOO", "mass_kg", "1000"),
        ("Dozens", "ODOO", "pieces", "12"),
        ("Nos", "ERPNEXT", "pieces", "1"),
        ("KG", "UNECE", "mass_kg", "1"),
        ("PCS", "UNKNOWN", "pieces", "1"),
    ],
)
def test_a_code_is_read_in_its_own_system(code: str, system: str, dimension: str, factor: str) -> None:
    unit = find_unit(code, system)
    assert unit is not None
    assert (unit.dimension, unit.factor) == (dimension, Decimal(factor))


@pytest.mark.parametrize("code", ["T", "TO", "TN", "MT", "ST", "GR", "PA", "INVALID", "GBND", "", "  "])
def test_a_code_that_could_mean_several_things_means_nothing_without_its_system(code: str) -> None:
    assert find_unit(code, "UNKNOWN") is None


@pytest.mark.parametrize("code", ["MT", "MN", "GT"])
def test_x12_codes_that_senders_use_differently_are_known_but_not_converted(code: str) -> None:
    unit = find_unit(code, "X12")
    assert unit is not None
    assert conversion(unit, KILOGRAM) is None


def test_a_package_is_known_and_holds_nobody_knows_how_many() -> None:
    assert conversion(find_unit("XBX", "UNECE"), PIECE) is None
    assert find_unit("XBX", "X12") is None


@given(st.sampled_from(KNOWN))
def test_case_and_surrounding_space_make_no_difference(known: tuple[str, str]) -> None:
    system, code = known
    assert find_unit(f" {code.lower()} ", system) == find_unit(code, system)


@given(st.sampled_from(KNOWN), st.sampled_from(KNOWN))
def test_converting_there_and_back_gives_the_same(first: tuple[str, str], second: tuple[str, str]) -> None:
    one, other = find_unit(first[1], first[0]), find_unit(second[1], second[0])
    there, back = conversion(one, other), conversion(other, one)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert abs(there * back - 1) < Decimal("1e-25")
