"""Supply risk: the formulas, and that what isn't known is not zero."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stockpile_advisor.domain import concentration, supply_risk
from services.stockpile_advisor.domain.concentration import Alternative, Between, cheapest_shift
from services.stockpile_advisor.domain.expected_loss import Scenario, expected_loss
from services.stockpile_advisor.domain.geopolitical_risk import Purchase, characterisation_factor, geopolitical_risk, instability
from services.stockpile_advisor.domain.supply_risk import Source, StageInputs

SHARE = st.floats(0.01, 1)


def test_the_formula_on_dysprosium_of_2017() -> None:
    inputs = StageInputs(9.2, 1.8, 1.0, 0.0, 0.9)
    assert supply_risk.stage_risk(inputs) == pytest.approx(4.95)
    assert supply_risk.stage_risk(inputs._replace(eu_supply=None)) == pytest.approx(9.2 * 0.9)
    assert supply_risk.stage_risk(inputs._replace(global_supply=None)) == pytest.approx(1.8 * 0.9)


@pytest.mark.parametrize("missing", ["import_reliance", "recycling_input_rate", "substitution"])
def test_what_is_missing_makes_the_risk_unknown(missing: str) -> None:
    inputs = StageInputs(4.0, 2.0, 0.8, 0.1, 0.9)
    lacking = inputs._replace(**{missing: None})
    assert supply_risk.stage_risk(lacking) is None


def test_no_sourcing_is_unknown() -> None:
    nothing = StageInputs(None, None, 1.0, 0.0, 1.0)
    assert supply_risk.stage_risk(nothing) is None
    assert supply_risk.risk([nothing]) is None
    assert supply_risk.risk([nothing, StageInputs(2.0, None, None, 0.0, 1.0)]) == 2.0


def test_a_country_not_rated_makes_the_concentration_unknown() -> None:
    assert supply_risk.weighted_concentration([Source("CN", 0.7, 5.5, 1.0), Source("XX", 0.3, None, 1.0)]) is None
    assert supply_risk.weighted_concentration([]) is None
    assert supply_risk.weighted_concentration([Source("CN", 1.0, 5.49, 1.0)]) == pytest.approx(5.49)


def test_import_reliance() -> None:
    assert supply_risk.import_reliance(10, 90, 0) == 0.9
    assert supply_risk.import_reliance(100, 0, 50) == 0.0
    assert supply_risk.import_reliance(0, 0, 0) is None


@given(SHARE, SHARE, SHARE, SHARE, st.floats(0, 0.05))
def test_the_interval_holds_every_figure_inside_its_inputs(
    world: float, union: float, reliance: float, recycled: float, off: float
) -> None:
    inside = supply_risk.stage_risk(StageInputs(world * 10, union * 10, reliance, recycled, 0.9))
    around = supply_risk.stage_risk_between(
        *(supply_risk.rounded(value, off) for value in (world * 10, union * 10, reliance, recycled)), Between(0.85, 0.95)
    )
    assert around is not None
    assert inside is not None
    assert around.low - 1e-12 <= inside <= around.high + 1e-12


def test_economic_importance() -> None:
    assert supply_risk.economic_importance([(0.5, 100.0), (0.5, 200.0)], 200.0, 0.9) == pytest.approx(6.75)
    assert supply_risk.economic_importance([], 200.0, 0.9) is None


# --- concentration -----------------------------------------------------------------------------------------------------------------------


def test_no_purchases_are_not_a_spread_of_purchases() -> None:
    assert concentration.shares({"CN": 0.0}) is None
    assert concentration.concentration({}) is None


def test_rare_earths_of_the_usgs() -> None:
    """MCS 2026: China 270,000 of 389,310 t in 2025."""
    shares = {"CN": 0.6935, "US": 0.131, "AU": 0.0745, "MM": 0.0565}
    assert concentration.concentration_between(shares, 0.0445) == pytest.approx((0.5069, 0.5089), abs=1e-3)


def test_only_third_countries_above_the_limit() -> None:
    shares = {"CN": 0.7, "DE": 0.3}
    assert concentration.above_crma_limit(shares, {"DE"}) == ["CN"]
    assert concentration.above_crma_limit({"CN": 0.65, "DE": 0.35}, {"DE"}) == []
    assert concentration.above_crma_limit({"DE": 0.9, "CN": 0.1}, {"DE"}) == []


def test_the_cheapest_shift_takes_the_cheapest_first_and_stops_at_the_limit() -> None:
    shift = cheapest_shift(
        {"CN": 0.9, "AU": 0.1}, "CN", [Alternative("AU", 40.0, 0.2), Alternative("EE", 10.0, 0.1), Alternative("US", 90.0, 1.0)]
    )
    assert [(move.to, pytest.approx(move.share)) for move in shift.moves] == [("EE", 0.1), ("AU", 0.15)]
    assert shift.reached
    assert shift.cost == pytest.approx(0.1 * 10 + 0.15 * 40)
    assert shift.concentration_before == pytest.approx(0.82)
    assert shift.concentration_after == pytest.approx(0.65**2 + 0.25**2 + 0.1**2)


def test_a_shift_that_alternatives_cannot_carry_says_so() -> None:
    shift = cheapest_shift({"CN": 0.9, "AU": 0.1}, "CN", [Alternative("AU", 40.0, 0.05)])
    assert not shift.reached
    assert cheapest_shift({"CN": 0.4, "AU": 0.6}, "CN", []).moves == ()


@given(SHARE, SHARE)
def test_no_third_country_is_pushed_above_the_limit(first: float, second: float) -> None:
    shares = concentration.shares({"CN": 10.0, "AU": first, "US": second}) or {}
    shift = cheapest_shift(shares, "CN", [Alternative("AU", 1.0, 1.0), Alternative("US", 2.0, 1.0)])
    after = dict(shares)
    for move in shift.moves:
        after["CN"] -= move.share
        after[move.to] += move.share
    assert concentration.above_crma_limit(after, ()) == []
    assert sum(after.values()) == pytest.approx(1)


# --- GeoPolRisk and expected loss --------------------------------------------------------------------------------------------------------


def test_geopolitical_risk_of_own_purchases() -> None:
    risk = geopolitical_risk({"CN": 80.0, "AU": 20.0}, [Purchase("CN", 30.0, 0.6), Purchase("AU", 10.0, 0.3)], domestic_tonnes=10.0)
    assert risk is not None
    assert risk.concentration == pytest.approx(0.68)
    assert risk.import_risk == pytest.approx((30 * 0.6 + 10 * 0.3) / 50)
    assert risk.score == pytest.approx(0.68 * 21 / 50)
    assert characterisation_factor(risk.score, 250.0) == pytest.approx(risk.score * 250 / 0.409412948)


def test_a_country_not_rated_is_neutral_and_named() -> None:
    risk = geopolitical_risk({"CN": 1.0}, [Purchase("XX", 5.0, None)])
    assert risk is not None
    assert (risk.import_risk, risk.assumed_neutral) == (0.5, ("XX",))


def test_without_production_or_purchases_it_is_unknown_not_zero() -> None:
    assert geopolitical_risk({}, [Purchase("CN", 5.0, 0.6)]) is None
    assert geopolitical_risk({"CN": 1.0}, []) is None
    assert [instability(estimate) for estimate in (2.5, 0.0, -2.5, -3.0)] == [0.0, 0.5, 1.0, 1.0]


def test_expected_loss() -> None:
    loss = expected_loss(
        [Scenario("embargo", 0.2, Decimal(1_000_000), Decimal(50_000)), Scenario("quota", 0.5, Decimal(0), Decimal(80_000))]
    )
    assert loss.total == Decimal("250000.0")
    assert [each.scenario.name for each in loss.by_scenario] == ["embargo", "quota"]


def test_a_scenario_not_known_leaves_the_total_open() -> None:
    loss = expected_loss([Scenario("embargo", 0.2, None, Decimal(50_000)), Scenario("quota", 0.5, Decimal(0), Decimal(80_000))])
    assert (loss.total, loss.known_part, loss.missing) == (None, Decimal("40000.0"), ("embargo: lost margin",))
    assert expected_loss([]).total is None
    with pytest.raises(ValueError, match="probability of embargo"):
        expected_loss([Scenario("embargo", 1.2, Decimal(0), Decimal(0))])
