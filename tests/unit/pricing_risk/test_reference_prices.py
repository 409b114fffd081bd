"""The annual prices that ship: complete, normalised, marked."""

from datetime import date
from pathlib import Path

import pytest

from services.pricing_risk.reference_prices import BUILT_IN, reference_prices
from shared.chemistry.elements import RARE_EARTHS, WATCHED
from shared.contracts.price_series import SeriesView


def view(material: str, form: str) -> SeriesView:
    (found,) = (each for each in reference_prices().values() if (each.material, each.form) == (material, form))
    return found


@pytest.mark.parametrize(
    ("material", "form", "per_kg", "market"),
    [
        ("Nd", "oxide", 73 / 0.8574, "CN"),
        ("Dy", "oxide", 239 / 0.8713, "CN"),
        ("Tb", "oxide", 1010 / 0.8502, "CN"),
        ("NdPr", "oxide", 69 / 0.8500, "CN"),
        ("Ga", "metal", 580, "EX_CN"),
        ("Ge", "metal", 4100, "EX_CN"),
        ("Sb", "metal", 25 / 0.45359237, "EX_CN"),
        ("W", "concentrate", 380 / 7.93, "EX_CN"),
        ("Ta", "concentrate", 180 / 0.8190, "EX_CN"),
        ("Li", "compound", 9.0 / 0.18787, "EX_CN"),
        ("AlSc", "alloy", 30 / 0.02, "CN"),
        ("Pt", "metal", 1200 / 0.0311034768, "EX_CN"),
        ("Sn", "metal", 15.0 / 0.45359237, "EX_CN"),
    ],
)
def test_a_reference_is_money_per_kilogram_of_element(material: str, form: str, per_kg: float, market: str) -> None:
    found = view(material, form)
    assert float(found.price) == pytest.approx(per_kg, rel=2e-4)
    assert (found.market, found.currency) == (market, "USD")


def test_a_reference_says_that_it_is_one_of_which_year_and_that_it_is_estimated() -> None:
    found = view("Y", "oxide")
    assert (found.kind, found.as_of, found.first_on, found.ticks) == ("annual_reference", date(2025, 12, 31), date(2021, 12, 31), 5)
    assert found.source == "USGS Mineral Commodity Summaries 2026, average of 2025, estimated"
    assert (found.sigma_1d, found.horizons, found.premium) == (None, [], None)
    assert found.digest


def test_the_materials_that_matter_have_a_reference() -> None:
    elements = {element for found in reference_prices().values() for element in found.elements}
    assert (RARE_EARTHS | WATCHED | {"C", "Mg", "Co", "Ni", "Sn", "Li", "V", "Nb", "Ta"}) - elements == {"Tm"}


def test_every_series_has_five_years_and_one_row_for_each() -> None:
    assert all(found.ticks == 5 for found in reference_prices().values())
    rows = [line for line in BUILT_IN.read_text(encoding="utf-8").splitlines() if not line.startswith("#")][1:]
    assert len(rows) == 5 * len(reference_prices())


def test_a_row_that_cannot_be_normalised_is_named(tmp_path: Path) -> None:
    header = next(line for line in BUILT_IN.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    broken = tmp_path / "prices.csv"
    broken.write_text(f"{header}\nNd,magnet,,,,CN,,assessed,,USD,kg,2025,50,,,\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"reference price of Nd/magnet/-/CN/assessed/USD/- for 2025 .* give contained_percent"):
        reference_prices(broken)
