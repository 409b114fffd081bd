"""GeoPolRisk of an item over what the firm itself buys."""

import csv
from dataclasses import replace
from decimal import Decimal

import pytest

from services.stockpile_advisor.domain.advice import advise
from services.stockpile_advisor.domain.situation import AdviceInputs
from services.stockpile_advisor.reference_files import FOLDER, reference_shares
from shared.contracts.supply_risk import MaterialAdvice
from tests.unit.stockpile_advisor.domain.made_inputs import ABROAD, HOME, NOW, POLICY, inputs, line

TABLES = reference_shares()


def risk(stands: AdviceInputs) -> dict[str, float | None]:
    return advise(replace(stands, reference=TABLES), POLICY, NOW).geopolitical_risk


def unstable(country: str) -> float:
    with (FOLDER / "wgi_2022.csv").open(encoding="utf-8") as file:
        return next((2.5 - float(row["mean_estimate"])) / 5 for row in csv.DictReader(file) if row["country"] == country)


def test_last_year_and_open_orders_are_the_mix() -> None:
    # All dysprosium is separated in China, by the table: its production has a concentration of 1.
    bought = risk(inputs(sources=[HOME, ABROAD]))["Dy"]
    assert bought == pytest.approx((1_000 * unstable("AU") + 3_000 * unstable("CN")) / 4_000, abs=1e-6)
    with_order = risk(inputs(line(4_000), sources=[HOME, ABROAD]))["Dy"]
    assert with_order == pytest.approx((5_000 * unstable("AU") + 3_000 * unstable("CN")) / 8_000, abs=1e-6)


def test_where_nobody_tells_of_last_year_what_is_on_order_is_the_mix() -> None:
    quiet = HOME.model_copy(update={"quantity_last_year": None})
    assert risk(inputs(line(10), sources=[quiet]))["Dy"] == pytest.approx(unstable("AU"), abs=1e-6)
    assert risk(inputs(sources=[quiet])) == {"Dy": None}


@pytest.mark.parametrize("gap", [{"country": None}, {"country": "AQ"}, {"quantity_last_year": None}])
def test_what_is_missing_makes_it_unknown_and_never_zero(gap: dict[str, object]) -> None:
    assert risk(inputs(sources=[HOME, ABROAD.model_copy(update=gap)])) == {"Dy": None}


def test_an_order_in_a_unit_that_does_not_convert_or_of_nobody_knows_where_makes_it_unknown() -> None:
    assert risk(inputs(line(10, unit="drum", mass_kg=None), sources=[HOME])) == {"Dy": None}
    assert risk(inputs(line(10, country=None), sources=[HOME])) == {"Dy": None}


def test_an_element_that_the_tables_do_not_know_is_unknown_beside_one_that_they_do() -> None:
    both = risk(inputs(line(10, elements=["Dy", "Tc"]), sources=[HOME]))
    assert both["Tc"] is None
    assert both["Dy"] is not None


def test_without_tables_it_is_unknown_and_it_is_kept_as_such() -> None:
    advice = advise(inputs(sources=[HOME]), POLICY, NOW)
    assert advice.geopolitical_risk == {"Dy": None}
    assert MaterialAdvice.model_validate_json(advice.model_dump_json(exclude_defaults=True)).geopolitical_risk == {"Dy": None}


def test_another_supplier_of_a_steadier_country_lowers_it() -> None:
    before = risk(inputs(sources=[ABROAD]))["Dy"]
    after = risk(inputs(sources=[ABROAD, HOME.model_copy(update={"quantity_last_year": Decimal(3_000)})]))["Dy"]
    assert before is not None
    assert after is not None
    assert after < before
