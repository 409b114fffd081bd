import numpy as np
import pytest

from services.pricing_risk.domain.backtest.pinball import pinball_loss


def test_a_rise_beyond_the_bound_costs_p_and_a_bound_too_wide_costs_its_complement() -> None:
    assert pinball_loss(np.array([3.0]), np.array([1.0]), 0.95) == pytest.approx(0.95 * 2)
    assert pinball_loss(np.array([1.0]), np.array([3.0]), 0.95) == pytest.approx(0.05 * 2)


def test_the_true_quantile_costs_least() -> None:
    outcomes = np.random.default_rng(1).normal(size=100_000)
    costs = {bound: pinball_loss(outcomes, np.full_like(outcomes, bound), 0.95) for bound in (1.4, 1.645, 1.9)}
    assert min(costs, key=costs.__getitem__) == 1.645
