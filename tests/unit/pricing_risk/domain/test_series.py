from datetime import date, timedelta
from math import exp, expm1, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from services.pricing_risk.domain.histogram import BIN
from services.pricing_risk.domain.prior import (
    EXCHANGE_RATE_SD_1D,
    EXCHANGE_RATE_VARIANCE_RATIO,
    METAL_SD_1D,
    OBSERVATIONS,
    SPREAD,
    SQUARES,
    TREND_DAYS,
    TREND_DOWN,
    TREND_UP,
    TYPICAL,
    VARIANCE_RATIO,
    VARIANCE_RATIO_FADING,
    WILDEST,
)
from services.pricing_risk.domain.series import HORIZONS, SeriesState

FIRST = date(2020, 1, 1)
STEPS = st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.004, -0.003, 0.02, -0.018, 0.09, -0.11]), max_size=400)


def after(steps: list[float], state: SeriesState | None = None, first: float = 50.0) -> SeriesState:
    """One price and one per log return in `steps`."""
    state = state or SeriesState()
    price, start = (state.last_price, state.ticks) if state.ticks else (first, 0)
    if not start:
        state.advance(FIRST, price)
        start = 1
    for number, step in enumerate(steps, start):
        price *= exp(step)
        state.advance(FIRST + timedelta(number), price)
    return state


def said(state: SeriesState) -> dict[bytes, bytes]:
    return {name.encode(): value for name, value in state.fields().items()}


def sticky(count: int, seed: int = 1, moves: float = 0.4) -> list[float]:
    random = np.random.default_rng(seed)
    return list(np.where(random.random(count) < moves, random.standard_t(4, count) * 0.011, 0.0))


def test_streaming_agrees_with_the_batch_formulas() -> None:
    state = after(steps := sticky(2000))
    returns = np.array(steps)
    level = np.concatenate([[0.0], np.cumsum(returns)])
    variance = lfilter([0.03], [1, -0.97], returns**2, zi=[0.97 * METAL_SD_1D**2])[0][-1]
    assert state.sigma_1d == pytest.approx(sqrt(variance), rel=1e-9)

    def moment(values: np.ndarray) -> float:
        weights = 0.995 ** np.arange(len(values))[::-1]
        return float((weights * values**2).sum() / weights.sum())

    own = (np.sum(returns**2) + SQUARES * (TYPICAL * METAL_SD_1D) ** 2) / (len(returns) + SQUARES)
    own_sd = min(sqrt(own), WILDEST * METAL_SD_1D)
    usual, floor = METAL_SD_1D**2, 0.55 * METAL_SD_1D
    for step in steps:
        most = 3.5 * max(sqrt(usual), floor)
        usual = 0.995 * usual + 0.005 * min(max(step, -most), most) ** 2
    variance_h = shortfall_before = 0.0
    quarter = 1.0
    quantiles_before = np.full(3, -np.inf)
    for view in state.horizons():
        h = view.days
        over = level[h:] - level[:-h]
        ratio = min(max(moment(over) / (h * moment(returns)), 1.0), h)
        assumed_weight = VARIANCE_RATIO_FADING ** len(over)
        ratio = assumed_weight * (quarter if h > 63 else VARIANCE_RATIO[h]) + (1 - assumed_weight) * ratio
        quarter = ratio if h == 63 else quarter
        variance_h = max(variance_h, (variance * min(h, 63) + usual * max(h - 63, 0)) * ratio)
        assert view.sigma == pytest.approx(sqrt(variance_h), rel=1e-9)
        assert view.sigma == pytest.approx(sqrt(variance * h * view.variance_ratio), rel=1e-9)

        bins = np.arange(1000, -1001, -1)
        assumed_sd = SPREAD * own_sd * sqrt(h * (VARIANCE_RATIO[h] + ratio) / 2)
        scale = assumed_sd * sqrt(3) / np.pi
        centre = np.clip(returns[-TREND_DAYS:].sum() * h / TREND_DAYS, -TREND_DOWN * assumed_sd, TREND_UP * assumed_sd)
        assumed = OBSERVATIONS / (1 + np.exp(np.clip(((bins - 0.5) * BIN - centre) / scale, None, 700)))
        seen = np.array([(np.floor(over / BIN + 0.5) >= number).sum() for number in bins])
        total = len(over) + OBSERVATIONS
        found = np.array([bins[np.argmax(seen + assumed > (1 - p) * total)] * BIN for p in (0.95, 0.975, 0.99)])
        quantiles_before = np.maximum(quantiles_before, found)
        if state.regime_state.rising:
            continue
        assert [view.historical_95, view.historical_975, view.historical_99] == pytest.approx(list(quantiles_before), abs=1e-9)

        edge = found[1] - BIN / 2
        weight = OBSERVATIONS / (1 + exp((edge - centre) / scale))
        share = weight / OBSERVATIONS
        excess = scale * -np.log1p(-share) / share
        centres = np.floor(over / BIN + 0.5) * BIN
        worst = centres[centres >= found[1] - 1e-12]
        shortfall = (np.expm1(worst).sum() + weight * (exp(edge) / (1 - excess) - 1)) / (len(worst) + weight)
        shortfall_before = max(shortfall_before, shortfall)
        assert view.historical_shortfall_975 == pytest.approx(shortfall_before, rel=1e-9)
        for probability, bound, historical in (
            (0.95, view.bound_95, view.historical_95),
            (0.975, view.bound_975, view.historical_975),
            (0.99, view.bound_99, view.historical_99),
        ):
            assert historical is not None
            assert bound == max(NormalDist().inv_cdf(probability) * view.sigma, historical)
    assert not state.regime_state.rising, "the seed leaves the series calm, so that all of the above was compared"


@settings(max_examples=40)
@given(STEPS, STEPS)
def test_a_state_made_of_its_fields_goes_on_as_if_it_had_not_been(before: list[float], then: list[float]) -> None:
    state = after(before)
    stored = said(state)
    state.changed_fields()
    again = SeriesState.from_fields(stored)
    assert again.fields() == state.fields()
    assert after(then, again).fields() == after(then, state).fields()
    assert again.horizons() == state.horizons()
    stored |= {name.encode(): value for name, value in again.changed_fields().items()}
    assert stored == said(state), "what has changed, written over what was stored, is the whole"


def test_a_tick_changes_no_more_fields_after_years_than_after_days() -> None:
    state = after(sticky(3000))
    state.changed_fields()
    price = state.last_price
    for number in range(50):
        price *= 1.003
        state.advance(FIRST + timedelta(3001 + number), price)
        assert len(state.changed_fields()) <= len(HORIZONS) + 2
    assert list(state.changed_fields()) == ["scalars"]


@settings(max_examples=25)
@given(STEPS, st.sampled_from([2.0**-7, 2.0**11]))
def test_the_unit_of_the_price_changes_nothing_but_the_price(steps: list[float], factor: float) -> None:
    state, scaled = after(steps), SeriesState()
    replay = SeriesState()
    price = 50.0
    for number, step in enumerate([0.0, *steps]):
        price *= exp(step)
        replay.advance(FIRST + timedelta(number), price)
        scaled.advance(FIRST + timedelta(number), price * factor)
    assert scaled.last_price == replay.last_price * factor
    assert scaled.horizons() == replay.horizons() == state.horizons()
    assert (scaled.regime, scaled.cusum_up, scaled.zero_share) == (replay.regime, replay.cusum_up, replay.zero_share)


@settings(max_examples=40)
@given(STEPS)
def test_a_longer_horizon_never_tells_less_and_a_higher_probability_never_either(steps: list[float]) -> None:
    views = after(steps).horizons()
    assert [view.days for view in views] == list(HORIZONS)
    for name in ("sigma", "bound_95", "bound_975", "bound_99", "historical_shortfall_975"):
        told = [getattr(view, name) for view in views]
        assert told == sorted(told)
        assert told[0] > 0
    for view in views:
        assert view.bound_95 <= view.bound_975 <= view.bound_99
        assert view.historical_975 is not None
        assert view.historical_shortfall_975 is not None
        assert view.historical_shortfall_975 >= expm1(view.historical_975 - BIN / 2)


def test_the_variance_ratio_of_independent_returns_is_one() -> None:
    ratios: dict[int, list[float]] = {days: [] for days in (5, 20, 63)}
    for seed in range(30):
        state = after(list(np.random.default_rng(seed).normal(0, 0.01, 1500)))
        for days, found in ratios.items():
            place = HORIZONS.index(days)
            found.append(state._moments[place] / (days * state._moments[0]))
            assert 1.0 <= state.measured_variance_ratio(place) <= days
    effective = 2 / (1 - 0.995) - 1
    for days, found in ratios.items():
        # Lo and MacKinlay 1988, overlapping returns, of one series; 30 are independent.
        error = sqrt(2 * (2 * days - 1) * (days - 1) / (3 * days * effective))
        assert abs(np.mean(found) - 1) <= 3 * error / sqrt(30)


def test_trending_returns_have_a_variance_ratio_well_above_one() -> None:
    random = np.random.default_rng(5)
    trend, steps = 0.0, []
    for shock in random.normal(0, 0.01, 2000):
        trend = 0.9 * trend + 0.1 * shock
        steps.append(trend)
    assert after(steps).measured_variance_ratio(HORIZONS.index(20)) > 4


def test_before_the_first_price_there_is_nothing_but_what_is_assumed() -> None:
    state = SeriesState()
    assert (state.ticks, state.first_on, state.last_on, state.changed_on, state.regime_since) == (0, None, None, None, None)
    assert (state.zero_share, state.return_20d, state.prior_weight) == (None, None, 1.0)


def test_a_series_of_one_price_has_the_bounds_of_a_generic_metal() -> None:
    quarter = after([]).horizons()[HORIZONS.index(63)]
    assert 0.2 < quarter.bound_95 < 0.4
    assert quarter.bound_95 < quarter.bound_99 < 0.7


def test_a_price_that_never_moves_keeps_bounds_above_nothing_and_they_shrink() -> None:
    bounds = [after([0.0] * days).horizons()[5].bound_95 for days in (5, 60, 250, 1000)]
    assert bounds == sorted(bounds, reverse=True)
    assert 0 < bounds[-1] < 0.3 * bounds[0]


def test_what_is_assumed_fades_with_the_ticks() -> None:
    assert [round(after([0.01, -0.01] * days).prior_weight, 2) for days in (0, 125, 1000)] == [1.0, 0.5, 0.11]


def test_an_exchange_rate_is_assumed_to_move_less_than_a_metal_and_to_trend_less() -> None:
    rate, metal = after([], SeriesState(EXCHANGE_RATE_SD_1D)).horizons(), after([]).horizons()
    assert rate[0].bound_95 == pytest.approx(metal[0].bound_95 * EXCHANGE_RATE_SD_1D / METAL_SD_1D, abs=BIN)
    quarter = HORIZONS.index(63)
    less = EXCHANGE_RATE_SD_1D / METAL_SD_1D * sqrt(EXCHANGE_RATE_VARIANCE_RATIO / VARIANCE_RATIO[63])
    assert rate[quarter].bound_95 == pytest.approx(metal[quarter].bound_95 * less, abs=BIN)
    stored = SeriesState.from_fields(said(after([0.001], SeriesState(EXCHANGE_RATE_SD_1D))))
    assert stored.horizons() == after([0.001], SeriesState(EXCHANGE_RATE_SD_1D)).horizons()


def test_while_a_rally_runs_the_bounds_are_at_least_what_dated_rallies_rose_by() -> None:
    state = after([0.009, -0.009] * 400)
    calm = state.horizons()[HORIZONS.index(63)]
    after([0.01] * 12, state)
    assert state.regime == "rally"
    running = state.horizons()[HORIZONS.index(63)]
    assert calm.bound_95 < 0.3 < running.bound_95
    assert running.bound_95 >= np.log(1.45)


def test_a_jump_of_today_counts_for_a_quarter_and_does_not_go_on_for_a_year() -> None:
    state = after([0.005, -0.005] * 200)
    after([0.4], state)
    month, quarter, year = (state.horizons()[HORIZONS.index(days)].sigma for days in (20, 63, 252))
    assert quarter == pytest.approx(month * sqrt(63 / 20), rel=0.05)
    assert year < 1.2 * quarter


def test_an_anchored_price_makes_no_return() -> None:
    state = after(sticky(100))
    before = state.horizons(), state.sigma_1d, state.return_20d
    state.anchor(FIRST + timedelta(200), 1000.0)
    assert (state.horizons(), state.sigma_1d, state.return_20d) == before
    assert (state.ticks, state.returns, state.last_price) == (102, 100, 1000.0)
    assert state.last_on == state.changed_on == FIRST + timedelta(200)
    after([0.01], state)
    assert state.return_20d is not None
    assert abs(state.return_20d) < 0.5, "the step to the anchored price is in no return"


def test_the_share_of_unchanged_prices_is_of_the_last_sixty() -> None:
    assert after([0.0] * 3 + [0.01]).zero_share == 0.75
    state = after([0.01] * 100 + [0.0] * 45)
    assert state.zero_share == 0.75
    assert state.changed_on == FIRST + timedelta(100)
    assert after([0.0] * 5).changed_on == FIRST


def test_the_return_over_twenty_days_is_that_of_the_prices() -> None:
    steps = sticky(300)
    assert after(steps).return_20d == pytest.approx(sum(steps[-20:]), abs=1e-12)
    assert after(steps[:19]).return_20d is None


def test_a_state_of_another_model_is_refused() -> None:
    fields = said(after([0.01]))
    fields[b"scalars"] = b"\xff\xff" + fields[b"scalars"][2:]
    with pytest.raises(ValueError, match="fold its ticks again"):
        SeriesState.from_fields(fields)
