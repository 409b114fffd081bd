"""Other ways to have the goods, or to need less of them."""

from decimal import Decimal

import pytest

from services.stockpile_advisor.domain.alternatives import alternatives, largest_supplier, supplier_concentration
from services.stockpile_advisor.domain.situation import situation
from shared.contracts.stock import StockReport, SupplySource
from shared.contracts.supply_risk import Alternative
from tests.unit.stockpile_advisor.domain.made_inputs import ABROAD, HOME, POLICY, TODAY, inputs, line, report


def found(kind: str, *lines: object, elsewhere: tuple[StockReport, ...] = (), **changes: object) -> list[Alternative]:
    stood = situation(inputs(*lines, **changes), POLICY, TODAY)  # type: ignore[arg-type]
    return [each for each in alternatives(stood, elsewhere, Decimal(1_000), 45, 45) if each.kind == kind]


def test_another_plant_gives_what_it_does_not_need_itself() -> None:
    other = report(plant="P2", on_hand=Decimal(1_000), reserved=Decimal(100))
    transfer = found("transfer", elsewhere=(other,))[0]
    assert (transfer.from_plant, transfer.quantity) == ("P2", Decimal(450))  # 45 days of its own 10 kg are kept
    assert found("transfer", elsewhere=(report(plant="P2", on_hand=Decimal(450)),)) == []
    assert found("transfer", elsewhere=(report(plant="P2", on_hand=Decimal(1_000), policy_days=180),)) == []
    assert found("transfer", elsewhere=(report(plant="P2", on_hand=Decimal(1_000), consumption_per_day=None),)) == []
    pounds = found("transfer", elsewhere=(report(plant="P2", on_hand=Decimal(1_450), unit="lb", mass_kg_per_unit=None),))[0]
    assert pounds.quantity == Decimal("453.592")  # 1,450 lb less 45 days of its own 10 lb are 1,000 lb
    assert "453.592 kg" in pounds.sentence
    assert found("transfer", elsewhere=(report(plant="P2", on_hand=Decimal(9_000), unit="pcs", mass_kg_per_unit=None),)) == []
    assert found("transfer", elsewhere=(report(plant="P2", on_hand=Decimal(9_000)),))[0].quantity == 1_000


def test_only_what_waits_for_no_licence_can_be_expedited() -> None:
    assert found("expedite", line(500))[0].quantity == 500
    assert found("expedite", line(500, licence_needed="yes")) == []


def test_other_suppliers_and_countries_with_concentration_before_and_after() -> None:
    near = SupplySource(name="Near Oxides", country="CN", licence_needed=True, lead_time_days=30, unit_price=Decimal(110))
    other = HOME.model_copy(update={"lead_time_days": 60, "unit_price": Decimal(150)})
    sources = [ABROAD.model_copy(update={"unit_price": Decimal(100)}), near, other]
    supplier, country = found("supplier", sources=sources)[0], found("country", sources=sources)[0]
    # 3,000 of 4,000 from Far Oxides and 1,000 from Home Oxides; 1,000 more from him, or from another.
    assert supplier.concentration_before == pytest.approx(0.8**2 + 0.2**2)
    assert supplier.concentration_after == pytest.approx(0.6**2 + 0.2**2 + 0.2**2)
    assert country.concentration_after == pytest.approx(0.6**2 + 0.4**2)
    assert (supplier.premium_percent, country.premium_percent) == (10, 50)
    assert (country.lead_time_p50_days, country.lead_time_p95_days) == (60, 60)
    assert (supplier.lead_time_p50_days or 0) > 150


def test_recycled_sources_and_sources_of_which_little_is_known() -> None:
    recycled = SupplySource(name="Loop", country="DE", kind="recycled", qualified=False)
    alternative = found("recycling", sources=[ABROAD, recycled])[0]
    assert (alternative.lead_time_p50_days, alternative.premium_percent) == (None, None)
    assert alternative.sentence.startswith("Loop (DE) delivers recycled material")
    assert "not qualified" in alternative.sentence


def test_concentration_is_that_of_last_years_purchases_else_of_what_is_coming() -> None:
    bought = situation(inputs(sources=[ABROAD, HOME]), POLICY, TODAY)
    assert supplier_concentration(bought) == pytest.approx(0.75**2 + 0.25**2)
    assert largest_supplier(bought) == ("Far Oxides", 0.75)
    coming = situation(inputs(line(500), sources=[]), POLICY, TODAY)
    assert supplier_concentration(coming) == 1
    assert supplier_concentration(situation(inputs(sources=[]), POLICY, TODAY)) is None


def test_two_spellings_of_one_number_are_one_supplier_and_two_numbers_of_one_name_are_two() -> None:
    spelled = [line(500, supplier="Far Oxides", supplier_id="100"), line(500, supplier="FAR OXIDES LTD", supplier_id="100", line_id="20")]
    assert largest_supplier(situation(inputs(*spelled, sources=[]), POLICY, TODAY)) == ("Far Oxides", 1)
    numberless = [*spelled, line(500, supplier="FAR OXIDES LTD", line_id="30")]
    assert largest_supplier(situation(inputs(*numberless, sources=[]), POLICY, TODAY)) == ("Far Oxides", 1)
    namesakes = [line(700, supplier="Oxides", supplier_id="1"), line(300, supplier="Oxides", supplier_id="2", line_id="20")]
    assert largest_supplier(situation(inputs(*namesakes, sources=[]), POLICY, TODAY)) == ("Oxides", 0.7)


def test_who_sold_a_part_of_it_not_being_known_there_is_no_concentration() -> None:
    stood = situation(inputs(line(500), line(500, supplier=None, line_id="20"), sources=[]), POLICY, TODAY)
    assert (supplier_concentration(stood), largest_supplier(stood)) == (None, None)
