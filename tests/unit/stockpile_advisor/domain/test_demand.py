"""Demand from history."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stockpile_advisor.domain.demand import DailyDemand, Method, Pattern, estimated, forecast, pattern_of

LUMPY = [0, 0, 5, 0, 0, 0, 40, 0, 0, 8, 0, 0, 0, 0, 3, 0, 0, 60, 0, 0]


def test_single_exponential_smoothing_by_hand() -> None:
    assert forecast([10, 20, 10], Method.SINGLE_EXPONENTIAL_SMOOTHING, 0.5) == 12.5


def test_croston_by_hand_and_its_correction() -> None:
    """Sizes 5, then 5 + 0.1·(15 - 5) = 6; intervals 2, then 2 + 0.1·(3 - 2) = 2.1."""
    history = [0, 5, 0, 0, 15, 0]
    assert forecast(history, Method.CROSTON) == pytest.approx(6 / 2.1)
    assert forecast(history, Method.SYNTETOS_BOYLAN) == pytest.approx(0.95 * 6 / 2.1)


def test_the_one_that_forgets_falls_with_every_idle_period() -> None:
    used = [4, 0, 6, 0, 5, 0, 4, 0, 5]
    idle = [forecast(used + [0] * periods, Method.TEUNTER_SYNTETOS_BABAI) for periods in (0, 6, 24)]
    assert idle[0] > idle[1] > idle[2] > 0
    assert forecast([*used, *[0] * 24], Method.CROSTON) == pytest.approx(forecast(used, Method.CROSTON))


@pytest.mark.parametrize(
    ("history", "pattern"),
    [
        ([10, 11, 9, 10], Pattern.SMOOTH),
        ([1, 30, 2, 45, 1], Pattern.ERRATIC),
        ([0, 5, 0, 5, 0, 0, 6], Pattern.INTERMITTENT),
        (LUMPY, Pattern.LUMPY),
        ([0, 0, 0], None),
    ],
)
def test_patterns(history: list[float], pattern: Pattern | None) -> None:
    assert pattern_of(history) is pattern


def test_the_pattern_chooses_the_method() -> None:
    methods = [
        estimate.method if estimate else None
        for estimate in (estimated(history, 30) for history in ([10, 11, 9, 10], LUMPY, [*LUMPY, *[0] * 20], [0, 0]))
    ]
    assert methods == [Method.SINGLE_EXPONENTIAL_SMOOTHING, Method.SYNTETOS_BOYLAN, Method.TEUNTER_SYNTETOS_BABAI, None]


def test_a_rate_is_not_invented() -> None:
    assert estimated([0, 0, 0, 0], 7) is None
    assert estimated([], 7) is None
    with pytest.raises(ValueError, match="must not be negative"):
        estimated([5, -1], 7)


def test_a_steady_month_is_spread_over_its_days() -> None:
    estimate = estimated([300, 310, 290, 305, 295] * 4, 30)
    assert estimate is not None
    assert estimate.daily.mean == pytest.approx(estimate.mean_per_period / 30)
    assert estimate.daily.mean == pytest.approx(10, rel=0.02)
    assert estimate.daily.sd * np.sqrt(30) == pytest.approx(np.std([300, 310, 290, 305, 295] * 4, ddof=1), rel=0.02)


def test_lumpy_use_stays_lumpy() -> None:
    estimate = estimated(LUMPY, 7)
    assert estimate is not None
    assert estimate.daily.mean == pytest.approx(estimate.mean_per_period / 7)
    assert estimate.daily.use_probability < 0.1
    assert estimate.daily.size_mean == pytest.approx(np.mean([5, 40, 8, 3, 60]))


@given(st.floats(0.01, 1), st.floats(0.1, 1e4), st.floats(0.01, 3))
def test_the_table_of_quantiles_is_the_distribution(use: float, size: float, variation: float) -> None:
    demand = DailyDemand(use, size, variation * size)
    table = demand.quantiles()
    assert np.all(np.diff(table) >= 0)
    assert table.mean() == pytest.approx(demand.mean, rel=1e-9)
    assert table.std() == pytest.approx(demand.sd, rel=0.05)


def test_an_amount_without_spread_is_the_same_every_time() -> None:
    assert set(DailyDemand(0.25, 8.0, 0.0).quantiles().tolist()) == {0.0, 8.0}


@given(st.floats(0.05, 1), st.floats(0.1, 2))
def test_more_demand_is_more_at_every_step(use: float, variation: float) -> None:
    demand = DailyDemand(use, 10, 10 * variation)
    assert np.all(demand.scaled(1.2).quantiles() >= demand.quantiles())


def test_nothing_used_is_nothing() -> None:
    assert not DailyDemand(0.0, 10, 5).quantiles().any()
    with pytest.raises(ValueError, match="probability of use"):
        DailyDemand(1.4, 10, 5)
