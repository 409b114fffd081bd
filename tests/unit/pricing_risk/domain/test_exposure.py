"""The figures of a line: exposure, price at risk, variances, and what is unknown."""

from decimal import Decimal
from math import exp, sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pricing_risk.domain.series import Z_95
from services.pricing_risk.domain.view import lognormal_shortfall
from shared.contracts.price_risk import LinePriceRisk
from tests.unit.pricing_risk.domain.made_inputs import AT_SHIPMENT, exchange, line, material, priced_line, screened, series

MONEY = [name for name in LinePriceRisk.model_fields if name.endswith("_money")]


def test_the_figures_of_an_index_priced_line_follow_the_formulas() -> None:
    risk = priced_line(line(AT_SHIPMENT), screened(material("Dy", "80")), series(price="800", sigma_1d=0.02)).risk
    sigma = 0.02 * sqrt(43)  # 60 calendar days
    assert (risk.status, risk.currency, risk.line_value, risk.unpriced_fraction) == ("priced", "USD", Decimal(900_000), Decimal(1))
    assert risk.exposure_money == risk.market_value_money == 640_000
    assert float(risk.price_at_risk_95_money or 0) == pytest.approx(640_000 * (exp(Z_95 * sigma) - 1), rel=2e-3)
    assert float(risk.expected_shortfall_975_money or 0) == pytest.approx(640_000 * lognormal_shortfall(sigma, 0.975), rel=2e-3)
    assert risk.reference_variance_money == 260_000
    assert risk.sentence.startswith("USD ")


def test_half_of_an_average_is_half_exposed() -> None:
    terms = {"kind": "average", "quotation_from": "2026-11-13", "quotation_to": "2026-12-02"}
    risk = priced_line(line(terms), screened(material("Dy", "80")), series()).risk
    assert (risk.unpriced_fraction, risk.exposure_money, risk.horizon_days) == (Decimal("0.5"), Decimal(320_000), 10)


def test_a_formula_passes_on_its_factor_and_its_premium_does_not_move() -> None:
    terms = {"kind": "formula", "factor": "0.5", "premium": "100", "priced_at": "shipment"}
    budget = {"amount": "410", "per_unit": "KGM"}
    answer = priced_line(line(terms, budget_price=budget), screened(material("Dy", "80")), series())
    assert answer.risk.exposure_money == 320_000
    assert answer.risk.budget_variance_money == 320_000 + 100_000 - 410_000
    assert answer.position is not None
    assert (answer.position.fixed_value, answer.position.materials[0].factor) == (Decimal(100_000), Decimal("0.5"))


def test_a_hedge_takes_risk_away_and_leaves_the_exposure() -> None:
    open_risk = priced_line(line(AT_SHIPMENT), screened(material()), series()).risk
    hedged = priced_line(line({**AT_SHIPMENT, "hedged_percent": "75"}), screened(material()), series()).risk
    assert hedged.exposure_money == open_risk.exposure_money
    assert float(hedged.price_at_risk_95_money or 0) == pytest.approx(float(open_risk.price_at_risk_95_money or 0) / 4, abs=0.01)


def test_only_what_the_index_names_floats() -> None:
    terms = {**AT_SHIPMENT, "index": {"material": "Nd"}}
    magnet = screened(material("Nd", "30", form="alloy"), material("Dy", "3", form="alloy"), product="permanent_magnet")
    answer = priced_line(line(terms), magnet, series("Nd", "Nd", price="100"), series())
    assert [(each.elements, each.exposure_money) for each in answer.risk.materials] == [(["Nd"], Decimal(30_000)), (["Dy"], Decimal(0))]
    assert answer.position is not None
    assert [each.factor for each in answer.position.materials] == [1, 0]


def test_several_materials_add_up() -> None:
    magnet = screened(material("Nd", "30", form="alloy"), material("Dy", "3", form="alloy"), product="permanent_magnet")
    risk = priced_line(line(AT_SHIPMENT), magnet, series("Nd", "Nd", price="100"), series()).risk
    parts = [float(each.expected_shortfall_975_money or 0) for each in risk.materials]
    assert float(risk.expected_shortfall_975_money or 0) == pytest.approx(sum(parts), abs=0.02)
    assert (risk.mark_to_market_money, risk.reference_variance_money) == (None, None)  # a magnet is more than what it holds


def test_a_fixed_price_risks_replacement_only() -> None:
    risk = priced_line(line({"kind": "fixed"}), screened(material("Dy", "80")), series(price="1500")).risk
    assert (risk.exposure_money, risk.price_at_risk_95_money, risk.grade, risk.driver) == (Decimal(0), Decimal(0), "low", "none")
    assert risk.mark_to_market_money == 300_000
    assert (risk.replacement_shortfall_975_money or 0) > 0
    assert "buying again" in risk.stress[0].sentence


def test_what_was_received_is_measured_against_the_standard_price() -> None:
    received = [{"shipment_id": "A", "quantity": "400", "received_on": "2026-11-01"}]
    standard = {"amount": "0.85", "per_unit": "GRM", "per_quantity": "1"}
    same_unit = {"amount": "850", "per_unit": "KGM"}
    assert (
        priced_line(
            line(AT_SHIPMENT, shipments=received, standard_price=same_unit), screened(material()), series()
        ).risk.purchase_price_variance_money
        == 20_000
    )
    assert (
        priced_line(
            line(AT_SHIPMENT, shipments=received, standard_price={**standard, "per_unit": "g"}), screened(material()), series()
        ).risk.purchase_price_variance_money
        == 20_000
    )


def test_a_budget_in_another_unit_is_asked_for() -> None:
    risk = priced_line(line(AT_SHIPMENT, budget_price={"amount": "9", "per_unit": "DRUM"}), screened(material()), series()).risk
    assert risk.budget_variance_money is None
    assert [fact.name for fact in risk.missing] == ["budget_price"]


def test_another_currency_is_converted_and_its_risk_told_apart() -> None:
    quiet = priced_line(line(AT_SHIPMENT), screened(material()), series(), exchange("USD", "EUR", "0.9", 0.0001), currency="EUR").risk
    wild = priced_line(
        line(AT_SHIPMENT), screened(material()), series(sigma_1d=0.0005), exchange("USD", "EUR", "0.9", 0.02), currency="EUR"
    ).risk
    assert quiet.exposure_money == wild.exposure_money == Decimal("624240")
    assert (quiet.exchange_rate_share or 1) < Decimal("0.05")
    assert (wild.exchange_rate_share or 0) > Decimal("0.9")
    assert (quiet.driver, wild.driver) == ("price", "exchange_rate")


@pytest.mark.parametrize(
    ("line_says", "screening", "views", "currency", "missing", "held_by"),
    [
        ({}, screened(material()), [], "USD", "price series Dy/oxide/EX_CN", "buyer"),
        ({}, screened(material()), [series()], "EUR", "exchange rate USD/EUR", "buyer"),
        ({}, screened(material()), [series()], None, "currency", "buyer"),
        ({}, screened(material("Dy", None, form="alloy"), product="alloy"), [series()], "USD", "mass_share_percent of Dy", "supplier"),
        ({"mass_kg": None}, screened(material()), [series()], "USD", "mass_kg", "supplier"),
        ({}, screened(material()), [series(sigma_1d=None)], "USD", "daily price series Dy/oxide/EX_CN", "buyer"),
        ({"expected_departure_on": None, "requested_delivery": []}, screened(material()), [series()], "USD", "pricing_day", "buyer"),
        ({}, screened(product=None, answers={"CN": {"answer": "needs_information"}}), [series()], "USD", "description", "buyer"),
        ({}, screened(material("Tb", None, confidence="low"), product="alloy"), [series()], "USD", "mass_share_percent of Tb", "supplier"),
        ({"unscreenable": "A comment line."}, screened(), [series()], "USD", "description", "buyer"),
        ({}, None, [series()], "USD", "description", "buyer"),
    ],
)  # fmt: skip
def test_unknown_names_what_is_missing_and_never_becomes_zero(
    line_says: dict[str, Any], screening: Any, views: list[Any], currency: str | None, missing: str, held_by: str
) -> None:
    risk = priced_line(line(AT_SHIPMENT, **line_says), screening, *views, currency=currency).risk
    assert (risk.status, risk.grade) == ("unknown", "unknown")
    assert (missing, held_by) in [(fact.name, fact.held_by) for fact in risk.missing]
    assert risk.expected_shortfall_975_money is None
    assert risk.price_at_risk_95_money is None
    assert all(getattr(risk, name) != 0 for name in MONEY)
    assert "not known" in risk.sentence


def test_a_fixed_price_without_a_series_is_unknown_too() -> None:
    risk = priced_line(line(), screened(material())).risk
    assert (risk.status, risk.grade, risk.exposure_money, risk.expected_shortfall_975_money) == ("unknown", "unknown", None, None)


def test_what_is_left_out_leaves_a_lower_bound_that_can_only_be_severe() -> None:
    mixed = screened(material("Dy", "50"), material("Tb", "20"), product="alloy")
    low = priced_line(line(AT_SHIPMENT), mixed, series(price="1")).risk
    assert (low.status, low.grade) == ("unknown", "unknown")
    assert low.exposure_money == 500
    assert low.sentence.startswith("From what is known alone, USD ")
    assert priced_line(line(AT_SHIPMENT), mixed, series(price="3000", sigma_1d=0.05)).risk.grade == "severe"


def test_a_little_of_what_nobody_quotes_is_left_out_and_said() -> None:
    alloy = screened(material("Dy", "50"), material("Mg", "2"), product="alloy")
    risk = priced_line(line(AT_SHIPMENT), alloy, series()).risk
    assert risk.status == "priced"
    assert "Mg is left out: it is little, and nothing tells what its price may do." in risk.confidence_reasons


@pytest.mark.parametrize(
    ("line_says", "screening"),
    [
        ({}, screened(product="other_finished_good")),
        ({"line_status": "closed"}, screened(material())),
        ({}, screened(material("Fe", "99"))),
    ],
)
def test_what_holds_nothing_priced_or_is_not_open_is_not_exposed(line_says: dict[str, Any], screening: Any) -> None:
    answer = priced_line(line(**line_says), screening, series())
    assert (answer.risk.status, answer.risk.grade, answer.position) == ("not_exposed", None, None)


@pytest.mark.parametrize("index", [None, {"material": "Zn"}])
def test_a_price_that_is_not_set_is_never_without_exposure(index: dict[str, str] | None) -> None:
    terms = {**AT_SHIPMENT, **({"index": index} if index else {})}
    answer = priced_line(line(terms), screened(product="other_finished_good"), series())
    (asked,) = answer.risk.missing
    assert (answer.risk.status, asked.held_by) == ("unknown", "buyer")
    assert asked.name == ("price series Zn/metal/EX_CN" if index else "pricing.index")
    assert asked.question in answer.risk.sentence
    assert answer.position is not None


@pytest.mark.parametrize("screening", [None, screened(material("Dy", None, confidence="low"), product="permanent_magnet")])
def test_goods_at_an_agreed_price_that_nobody_could_tell_apart_say_that_the_price_is_agreed(screening: Any) -> None:
    fixed, floating = (priced_line(line(terms), screening, series()).risk for terms in (None, AT_SHIPMENT))
    assert (fixed.status, fixed.unpriced_fraction) == ("unknown", Decimal(0))
    assert fixed.sentence.startswith("The price is taken as fixed; what buying the goods again could cost is not known. ")
    assert (floating.status, floating.unpriced_fraction) == ("unknown", Decimal(1))


def test_an_index_by_which_nothing_can_be_weighed_asks_what_the_line_costs() -> None:
    terms = {**AT_SHIPMENT, "index": {"material": "Cu"}}
    risk = priced_line(line(terms, value=None), screened(product=None), series("Cu", "Cu", price="9", form="metal")).risk
    assert (risk.status, [each.name for each in risk.missing]) == ("unknown", ["mass_share_percent of Cu"])


def test_an_annual_reference_tells_a_value_and_no_risk() -> None:
    reference = series("La", "La", price="1.2", sigma_1d=None, market="CN")
    floating = priced_line(line(AT_SHIPMENT), screened(material("La", "85")), reference).risk
    assert (floating.status, floating.exposure_money) == ("unknown", Decimal("1020"))
    assert floating.expected_shortfall_975_money is None
    assert "from day to day" in floating.missing[0].question
    fixed = priced_line(line(), screened(material("La", "85")), reference).risk
    assert (fixed.status, fixed.grade, fixed.mark_to_market_money) == ("priced", "low", Decimal("-898980.00"))


def test_a_little_of_what_has_an_annual_reference_alone_is_left_out() -> None:
    alloy = screened(material("Dy", "50"), material("Zr", "2"), product="alloy")
    risk = priced_line(line(AT_SHIPMENT), alloy, series(), series("Zr", "Zr", price="22", sigma_1d=None)).risk
    assert (risk.status, len(risk.materials)) == ("priced", 1)


def test_a_contract_on_an_index_is_exposed_even_where_nobody_says_what_is_in_the_goods() -> None:
    terms = {**AT_SHIPMENT, "index": {"material": "Cu"}}
    risk = priced_line(line(terms), screened(product=None), series("Cu", "Cu", price="9", form="metal")).risk
    assert (risk.status, risk.exposure_money, risk.hedgeable_share) == ("priced", Decimal(900_000), Decimal(1))
    assert risk.materials[0].contained_kg_max is None
    assert risk.confidence == "medium"


def test_an_index_on_an_alloy_that_nobody_quotes_is_followed_by_the_element_that_it_is_bought_for() -> None:
    terms = {**AT_SHIPMENT, "index": {"material": "DyFe"}}
    risk = priced_line(line(terms), screened(product=None), series()).risk
    assert (risk.status, risk.materials[0].elements, risk.exposure_money) == ("priced", ["Dy"], Decimal(900_000))


@settings(max_examples=60)
@given(
    factor=st.integers(1, 1000),
    share=st.decimals("0.01", "100", places=2),
    delays=st.lists(st.integers(0, 500), min_size=2, max_size=2).map(sorted),
)
def test_exposure_scales_with_quantity_and_delay_never_lowers_the_risk(factor: int, share: Decimal, delays: list[int]) -> None:
    once = priced_line(line(AT_SHIPMENT), screened(material("Dy", str(share)), delay_days=delays[0]), series()).risk
    more = priced_line(
        line(AT_SHIPMENT, mass_kg=str(1000 * factor)), screened(material("Dy", str(share)), delay_days=delays[1]), series()
    ).risk
    assert more.exposure_money == (once.exposure_money or 0) * factor
    assert (more.price_at_risk_95_money or 0) >= (once.price_at_risk_95_money or 0)
    assert (once.price_at_risk_95_money or 0) <= (once.price_at_risk_99_money or 0)
