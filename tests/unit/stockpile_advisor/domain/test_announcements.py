"""Buying before a date that is known."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from services.stockpile_advisor.domain.announcements import (
    embargo_buffer,
    embargo_buffer_exponential,
    last_safe_order_date,
    order_before_price_rise,
)
from services.stockpile_advisor.domain.day_distribution import DayDistribution
from services.stockpile_advisor.domain.order_quantity import economic_order_quantity


def test_without_a_rise_it_is_the_economic_order_quantity_less_the_position() -> None:
    usual = float(economic_order_quantity(50, 0.2 * 10, 1_000).quantity)
    assert float(order_before_price_rise(1_000, 50, 10, 0.0, 0.2, 60)) == pytest.approx(usual - 60)


def test_the_one_time_order_costs_least() -> None:
    """Money until the one-time order is used up, against buying as usual at the new price, minimised numerically."""
    demand, fixed, price, rise, rate = 1_000.0, 50.0, 10.0, 2.0, 0.2
    usual = float(economic_order_quantity(fixed, rate * (price + rise), demand).cost)

    def regret(quantity: float) -> float:
        one_time = price * quantity + rate * price * quantity**2 / (2 * demand)
        return one_time - ((price + rise) * quantity + usual * quantity / demand)

    best = optimize.minimize_scalar(regret, bounds=(0, 5_000), method="bounded").x
    assert float(order_before_price_rise(demand, fixed, price, rise, rate, 0)) == pytest.approx(best, rel=1e-4)


@given(st.floats(0, 5), st.floats(0, 5))
def test_a_higher_rise_never_asks_for_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert order_before_price_rise(1_000, 50, 10, low, 0.2, 100) <= order_before_price_rise(1_000, 50, 10, high, 0.2, 100)


def test_the_buffer_against_an_exponential_embargo() -> None:
    exact = float(embargo_buffer_exponential(12, 0.4, 3.0, 90.0, 120.0))
    assert exact == pytest.approx(12 * 120 * math.log(0.4 * 90 / 3))
    assert embargo_buffer(12, 0.4, 3.0, 90.0, lambda quantile: -120 * math.log(1 - quantile)) == pytest.approx(exact)


def test_no_buffer_where_holding_costs_more_than_the_risk() -> None:
    assert embargo_buffer(12, 0.02, 3.0, 90.0, lambda quantile: 1e9) == 0.0
    assert float(embargo_buffer_exponential(12, 0.02, 3.0, 90.0, 120.0)) == 0.0


def test_the_buffer_of_a_log_normal_embargo_is_a_quantile() -> None:
    length = DayDistribution.log_normal(120, 0.5)
    days = embargo_buffer(1.0, 0.5, 10.0, 100.0, lambda quantile: float(length.quantile(quantile) or np.inf))
    assert days == length.quantile(0.8)


def test_last_safe_order_date() -> None:
    assert last_safe_order_date(date(2026, 11, 10), 45) == date(2026, 9, 26)
    assert last_safe_order_date(date(2026, 11, 10), 44.2) == date(2026, 9, 26)
