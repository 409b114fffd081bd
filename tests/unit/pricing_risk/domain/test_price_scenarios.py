"""What-if: each supposition moves the series it is of, in its market, and says by what; what meets no series is told."""

from math import log
from typing import Any

import pytest
from pydantic import ValidationError

from services.pricing_risk.domain.price_scenarios import PriceScenario, suppose
from services.pricing_risk.policy_file import load_policy
from shared.contracts.price_series import SeriesView
from tests.unit.pricing_risk.domain.open_books import COPPER, DYSPROSIUM, EURO, NEODYMIUM, VIEWS, YUAN, line, order, portfolio, view

STRESS = load_policy().policy.stress
GALLIUM = "Ga/metal/-/EX_CN/assessed/USD/-"
NDPR = "NdPr/oxide/-/EX_CN/assessed/USD/-"
ALL = {
    **VIEWS,
    GALLIUM: view(GALLIUM, "Ga", "500"),
    NDPR: view(NDPR, "NdPr", "80").model_copy(update={"elements": ["Nd", "Pr"]}),
}


def moved(**asked: Any) -> dict[str, Any]:
    """By series, how many times its price it is then."""
    supposed = suppose(PriceScenario.model_validate(asked), ALL, STRESS)
    changes = {series: float(after.price / ALL[series].price) for series, after in supposed.views.items()}
    return {series: pytest.approx(change) for series, change in changes.items() if change != 1.0}


def test_a_shock_moves_an_element_in_the_market_that_is_named() -> None:
    assert moved(shocks=[{"elements": ["Nd"], "market": "CN", "percent": 30}]) == {NEODYMIUM: 1.3}
    assert moved(shocks=[{"elements": ["Nd"], "market": "EX_CN", "factor": "3"}]) == {NDPR: 3.0}
    assert moved(shocks=[{"elements": ["Dy", "Cu"], "percent": -12}]) == {DYSPROSIUM: 0.88, COPPER: 0.88}
    assert moved(shocks=[{"percent": 10}]).keys() == {series for series, each in ALL.items() if each.market != "FX"}


def test_what_is_quoted_as_one_moves_with_each_of_its_elements() -> None:
    assert moved(shocks=[{"elements": ["Pr"], "factor": 2}]) == {NDPR: 2.0}


def test_a_cut_of_half_the_supply_at_the_usual_elasticities_quadruples_the_price_outside() -> None:
    asked = {"kind": "quota", "elements": ["Dy"], "outside_cut_percent": 50, "supply_elasticity": 0.2, "demand_elasticity": -0.3}
    assert moved(events=[asked]) == {DYSPROSIUM: 4.0}
    assert moved(events=[{"kind": "quota", "elements": ["Dy"], "outside_cut_percent": 50}]) == {DYSPROSIUM: 4.0}


def test_inside_and_outside_are_cut_apart() -> None:
    found = moved(events=[{"kind": "embargo", "elements": ["Nd"], "outside_cut_percent": 90, "inside_cut_percent": 0}])
    assert found == {NDPR: 100.0}


def test_more_of_a_by_product_is_not_made_for_its_price() -> None:
    (effect,) = suppose(
        PriceScenario.model_validate({"events": [{"kind": "embargo", "elements": ["Ga"], "outside_cut_percent": 50}]}), ALL, STRESS
    ).effects
    assert log(effect.factor) == pytest.approx(log(2) / 0.3)
    assert "supply and demand assumed" in effect.sentence


def test_a_scenario_of_the_past_takes_the_longest_move_that_fits_into_the_horizon() -> None:
    yttrium = "Y/oxide/-/EX_CN/assessed/USD/-"
    views: dict[str, SeriesView] = {yttrium: view(yttrium, "Y", "7")}

    def after(days: int) -> float:
        asked = PriceScenario.model_validate({"scenarios": ["S4"], "horizon_days": days})
        return float(suppose(asked, views, STRESS).views[yttrium].price)

    assert (after(30), after(90), after(200)) == (42.0, 42.0, 175.0)


def test_a_suspension_that_is_lifted_repeats_what_controls_did_to_prices_outside() -> None:
    assert moved(events=[{"kind": "suspension_lifted", "elements": ["Dy"]}]) == {DYSPROSIUM: 3.0}
    assert moved(events=[{"kind": "suspension_lifted"}]) == {DYSPROSIUM: 3.0, GALLIUM: 2.5} | {
        series: 1.26 for series, each in ALL.items() if each.elements == ["Ge"]
    }


def test_a_currency_moves_against_all_others() -> None:
    assert moved(currencies=[{"currency": "USD", "percent": 25}]) == {YUAN: 0.8, EURO: 1.25}


def test_suppositions_multiply() -> None:
    assert moved(shocks=[{"elements": ["Dy"], "factor": 2}], scenarios=["S3"])[DYSPROSIUM] == 6.0


def test_what_meets_no_series_is_told() -> None:
    supposed = suppose(PriceScenario.model_validate({"shocks": [{"elements": ["Tb"], "factor": 2}], "scenarios": ["S5"]}), VIEWS, STRESS)
    assert supposed.without_effect == ["Tb: no price series is of it."]
    assert {effect.series for effect in supposed.effects} == {DYSPROSIUM}


def test_a_scenario_that_the_policy_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"has no scenario S1; it has none\."):
        suppose(PriceScenario.model_validate({"scenarios": ["S1"]}), VIEWS, [])


@pytest.mark.parametrize(
    ("asked", "place", "told"),
    [
        ({}, (), "nothing is supposed"),
        ({"shocks": [{"elements": ["Dy"]}]}, ("shocks", 0), "either `percent`"),
        ({"shocks": [{"elements": ["Dy"], "percent": 1, "factor": 2}]}, ("shocks", 0), "either `percent`"),
        ({"shocks": [{"element": "Dy", "percent": 1}]}, ("shocks", 0, "element"), "Extra inputs"),
        ({"shocks": [{"percent": -100}]}, ("shocks", 0, "percent"), "greater than -100"),
        ({"events": [{"kind": "embargo", "elements": ["Dy"]}]}, ("events", 0), "how far the embargo cuts is not said"),
        ({"events": [{"kind": "quota", "outside_cut_percent": 20}]}, ("events", 0), "state in `elements`"),
        (
            {"events": [{"kind": "embargo", "elements": ["Dy"], "outside_cut_percent": 100}]},
            ("events", 0, "outside_cut_percent"),
            "less than",
        ),
        ({"events": [{"kind": "suspension_lifted", "outside_cut_percent": 10}]}, ("events", 0), "takes no cuts"),
        ({"currencies": [{"currency": "yuan", "percent": 5}]}, ("currencies", 0, "currency"), "match pattern"),
        ({"scenarios": ["S9"]}, ("scenarios", 0), "S1"),
    ],
)
def test_a_question_that_cannot_be_answered_names_the_field_and_what_to_do(
    asked: dict[str, Any], place: tuple[Any, ...], told: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        PriceScenario.model_validate(asked)
    (error,) = refused.value.errors()
    assert error["loc"] == place
    assert told in error["msg"]


@pytest.mark.parametrize(
    "asked",
    [
        {"shocks": [{"factor": 1000}] * 100},
        {"shocks": [{"percent": "-99.9"}] * 100},
        {
            "events": [
                {"kind": "embargo", "elements": ["Dy"], "outside_cut_percent": "99.99", "demand_elasticity": -0.001, "supply_elasticity": 0}
            ]
        },
        {"currencies": [{"currency": "CNY", "percent": "-99.99"}] * 2},
    ],
)
def test_prices_beyond_any_meaning_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="suppose smaller shocks"):
        suppose(PriceScenario.model_validate(asked), ALL, STRESS)


def test_supply_and_demand_that_both_stand_still_are_refused() -> None:
    asked = {"events": [{"kind": "quota", "elements": ["Ga"], "outside_cut_percent": 5, "demand_elasticity": 0}]}
    with pytest.raises(ValueError, match="no price clears the market"):
        suppose(PriceScenario.model_validate(asked), ALL, STRESS)


def test_exposure_and_shortfall_follow_the_price_and_a_line_whose_price_is_set_follows_the_currency() -> None:
    fixed = order(1, line(1, NEODYMIUM, "10", ("Nd",), pricing="fixed", open_value=1000), currency="CNY")
    floating = order(2, line(1))
    asked = {"shocks": [{"elements": ["Dy"], "factor": 2}], "currencies": [{"currency": "CNY", "percent": 10}]}
    supposed = suppose(PriceScenario.model_validate(asked), VIEWS, STRESS)
    before, after = (portfolio(fixed, floating, views=views) for views in (VIEWS, supposed.views))
    assert after.total.exposure == pytest.approx(2 * before.total.exposure)
    assert after.total.shortfall.total == pytest.approx(2 * before.total.shortfall.total)
    assert after.cost - before.cost == pytest.approx(3000 + 0.1 * 1000 * 0.14)
