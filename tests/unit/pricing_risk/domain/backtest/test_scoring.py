import numpy as np
import pytest

from services.pricing_risk.domain.backtest.forecasts import Forecasts, outcomes
from services.pricing_risk.domain.backtest.kupiec import unconditional_coverage
from services.pricing_risk.domain.backtest.scoring import Score, pinball_ratios, scored, verdict


def said(horizon: int, days: int, bound: float, shortfall: float = 0.2) -> Forecasts:
    return Forecasts(horizon, *(np.full(days, each) for each in (bound, bound, bound, shortfall)))


def test_the_outcome_of_a_day_is_the_return_over_the_days_behind_it() -> None:
    came = outcomes(np.array([0.0, 0.1, 0.3, 0.6]), 2)
    assert came[:2] == pytest.approx([0.3, 0.5])
    assert np.isnan(came[2:]).all()


def test_shares_are_of_every_day_and_p_values_of_days_apart() -> None:
    """A run of 20 days above the bound is one event: of every 20th day one is above it, wherever counting begins."""
    came = np.full(400, -0.01)
    came[100:120] = 0.5
    score = scored(said(20, 400, 0.1), came, np.ones(400, dtype=bool))
    assert score.exceeded_95_percent == 5
    assert score.kupiec_95 == 1.0
    assert score.kupiec_99 == pytest.approx(min(1.0, 2 * unconditional_coverage(1, 20, 0.01).p_value))
    assert scored(said(1, 400, 0.1), came, np.ones(400, dtype=bool)).christoffersen_95 < 1e-9


def test_one_day_ahead_the_p_value_is_that_of_the_test_itself() -> None:
    came = np.full(250, -0.01)
    came[::25] = 0.5
    assert scored(said(1, 250, 0.1), came, np.ones(250, dtype=bool)).kupiec_95 == unconditional_coverage(10, 250, 0.05).p_value


def test_only_the_days_asked_for_count() -> None:
    came = np.full(100, -0.01)
    came[:50] = 0.5
    assert scored(said(1, 100, 0.1), came, np.arange(100) >= 50).exceeded_95_percent == 0


def test_beyond_a_shortfall_of_nothing_nothing_can_be_measured() -> None:
    came = np.full(100, 0.5)
    score = scored(said(1, 100, 0.0, shortfall=0.0), came, np.ones(100, dtype=bool))
    assert (score.z1, score.z2) == (None, None)


def score(at_95: float, at_99: float, pinball: float) -> Score:
    return Score(at_95, at_99, 1, 1, 1, 1, None, None, pinball, pinball)


@pytest.mark.parametrize(
    ("own", "met"),
    [
        (score(9.0, 3.0, 1.5), True),
        (score(9.1, 3.0, 1.0), False),
        (score(9.0, 3.1, 1.0), False),
        (score(9.0, 3.0, 1.51), False),
    ],
)
def test_bars(own: Score, met: bool) -> None:
    assert verdict(own, score(5, 1, 1.0)).met is met


def test_a_model_that_loses_nothing_beside_one_that_does_not_either_is_as_good() -> None:
    assert pinball_ratios(score(0, 0, 0.0), score(0, 0, 0.0)) == (1.0, 1.0)
    assert pinball_ratios(score(0, 0, 0.1), score(0, 0, 0.0)) == (float("inf"), float("inf"))
