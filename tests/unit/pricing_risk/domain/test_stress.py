"""Dated scenarios, and the price a cut in supply asks for."""

from decimal import Decimal
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.domain.stress import log_price_response
from tests.unit.pricing_risk.domain.made_inputs import AT_SHIPMENT, POLICY, line, material, priced_line, screened, series


def test_half_of_the_supply_gone_asks_for_four_times_the_price() -> None:
    assert exp(log_price_response(0.5, 0.2, -0.3)) == pytest.approx(4.0)
    assert log_price_response(0.0, 0.2, -0.3) == 0.0


@given(
    cuts=st.lists(st.floats(0, 0.99), min_size=2, max_size=2).map(sorted),
    supply=st.floats(0, 5),
    demand=st.floats(-5, -0.01),
)
def test_more_cut_is_never_cheaper_and_a_stiffer_supply_is_dearer(cuts: list[float], supply: float, demand: float) -> None:
    assert 0 <= log_price_response(cuts[0], supply, demand) <= log_price_response(cuts[1], supply, demand)
    assert log_price_response(cuts[1], 0.0, demand) >= log_price_response(cuts[1], supply, demand)


@pytest.mark.parametrize(("cut", "supply", "demand"), [(1.0, 0.2, -0.3), (-0.1, 0.2, -0.3), (0.5, 0.0, 0.0), (0.5, -0.1, -0.3)])
def test_what_clears_no_market_is_refused(cut: float, supply: float, demand: float) -> None:
    with pytest.raises(ValueError, match="supply"):
        log_price_response(cut, supply, demand)


def test_an_embargo_hits_what_is_bought_outside_china_alone() -> None:
    outside = priced_line(line(AT_SHIPMENT), screened(material("Dy", "80")), series()).risk
    inside = priced_line(line(AT_SHIPMENT, origin_country="CN"), screened(material("Dy", "80")), series(market="CN")).risk
    assert [(each.scenario, each.loss_money) for each in outside.stress] == [
        ("S1", Decimal(192_000)),
        ("S2", Decimal(288_000)),
        ("S3", Decimal(1_280_000)),
        ("S5", Decimal(-76_800)),
    ]
    assert [each.scenario for each in inside.stress] == ["S1", "S2"]
    assert "280 to 850 USD/kg" in outside.stress[2].sentence


@pytest.mark.parametrize(("departure", "times"), [("2026-12-22", 5), ("2027-04-22", 5), ("2027-08-22", 24)])
def test_the_longest_move_that_fits_into_the_horizon_counts(departure: str, times: int) -> None:
    yttrium = screened(material("Y", "100"))
    risk = priced_line(line(AT_SHIPMENT, expected_departure_on=departure), yttrium, series("Y", "Y", price="10")).risk
    assert {each.scenario: each.loss_money for each in risk.stress}["S4"] == 10_000 * times


def test_every_move_says_when_it_was_seen() -> None:
    moves = [move for scenario in POLICY.policy.stress for move in scenario.moves]
    assert len(moves) >= 13
    assert all(any(year in move.observed for year in ("2023", "2024", "2025")) for move in moves)
