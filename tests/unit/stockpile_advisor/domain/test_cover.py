"""Safety stock, shelf life, survival."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stockpile_advisor.domain import cover, time_to_survive
from services.stockpile_advisor.domain.time_to_survive import Network


def test_safety_stock_of_a_certain_lead_time_is_the_textbook_one() -> None:
    assert float(cover.safety_stock(0.975, 10, 4, 25, 0)) == pytest.approx(1.959964 * 4 * 5, rel=1e-6)


def test_shelf_life_bounds_stock() -> None:
    assert float(cover.most_that_keeps(10, 365, 90)) == 2_750.0
    assert float(cover.most_that_keeps(10, 60, 90)) == 0.0
    with pytest.raises(ValueError, match="shelf_life_days must be above zero"):
        cover.most_that_keeps(10, 0, 0)


def test_survival_of_a_single_item() -> None:
    assert time_to_survive.single_item(400, 10, 2) == 50.0
    assert time_to_survive.single_item(400, 10, 10) == math.inf


@given(st.floats(0, 1_000), st.floats(0.5, 50), st.floats(0, 50))
def test_the_linear_programme_agrees_with_the_single_item(stock: float, demand: float, inflow: float) -> None:
    network = Network(capacity=(inflow, 1_000.0), demand=(demand,), stock=(stock,), loss_per_unit=(1.0,))
    single = time_to_survive.single_item(stock, demand, inflow)
    solved = time_to_survive.time_to_survive(network, [1])
    if single < 1e6:
        assert solved == pytest.approx(single, rel=1e-6, abs=1e-6)


def test_a_source_that_cannot_make_a_product_does_not_help_it() -> None:
    network = Network((50.0, 50.0), (30.0, 30.0), (60.0, 60.0), (100.0, 1.0), makes=((True, False), (True, True)))
    assert time_to_survive.time_to_survive(network, [1]) == pytest.approx(2.0)
    lost = time_to_survive.recovery(network, [1], 5.0)
    assert lost.lost_units == pytest.approx((0.0, 90.0))
    assert lost.cost == pytest.approx(90.0)
