"""Critical values against table 2 of the paper (Acerbi and Székely 2014): T = 250, 2.5 %."""

import math

import numpy as np
import pytest
from scipy.stats import norm, t

from services.pricing_risk.domain.backtest.acerbi_szekely import z1, z2, z2_quantile


def test_critical_values_under_the_normal_law() -> None:
    assert z2_quantile(0.05, 250, 0.025) == pytest.approx(-0.70, abs=0.02)
    assert -1.95 <= z2_quantile(0.0001, 250, 0.025, simulations=400_000) <= -1.70


def test_critical_value_under_heavy_tails() -> None:
    assert z2_quantile(0.05, 250, 0.025, degrees_of_freedom=3) == pytest.approx(-0.82, abs=0.02)


def test_the_same_seed_gives_the_same_value() -> None:
    assert z2_quantile(0.05, 100, 0.025, seed=7) == z2_quantile(0.05, 100, 0.025, seed=7)


@pytest.mark.parametrize("degrees_of_freedom", [math.inf, 3.0, 5.0])
def test_drawing_the_tail_alone_is_drawing_the_whole_law(degrees_of_freedom: float) -> None:
    law = norm() if math.isinf(degrees_of_freedom) else t(degrees_of_freedom)
    bound = law.ppf(0.975)
    shortfall = law.expect(lambda x: x, lb=bound) / 0.025
    generator = np.random.default_rng(3)
    losses = law.rvs(size=(20_000, 250), random_state=generator)
    whole = [z2(row, np.full(250, bound), np.full(250, shortfall), 0.025) for row in losses]
    assert np.mean(whole) == pytest.approx(0, abs=0.02)
    assert z2_quantile(0.05, 250, 0.025, degrees_of_freedom=degrees_of_freedom) == pytest.approx(np.quantile(whole, 0.05), abs=0.03)


def test_statistics_written_out() -> None:
    losses, bounds, shortfalls = np.array([1.0, 5.0, -2.0, 3.0]), np.full(4, 2.0), np.array([4.0, 4.0, 4.0, 2.0])
    assert z1(losses, bounds, shortfalls) == pytest.approx(1 - (5 / 4 + 3 / 2) / 2)
    assert z2(losses, bounds, shortfalls, 0.5) == pytest.approx(1 - (5 / 4 + 3 / 2) / (4 * 0.5))


def test_no_loss_beyond_the_bound() -> None:
    assert z1(np.zeros(3), np.ones(3), np.ones(3)) is None
    assert z2(np.zeros(3), np.ones(3), np.ones(3), 0.025) == 1
