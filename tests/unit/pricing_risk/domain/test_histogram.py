from math import expm1, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.domain import histogram
from services.pricing_risk.domain.histogram import BIN, OUTERMOST, Assumed, bin_of

NOTHING_ASSUMED = Assumed(1e-9, 0.1)
RETURNS = st.lists(st.floats(-3.0, 3.0), min_size=1, max_size=300)


def counted(returns: list[float]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for log_return in returns:
        counts[bin_of(log_return)] = counts.get(bin_of(log_return), 0) + 1
    return counts


def upper_quantiles(counts: dict[int, int], assumed: Assumed, probabilities: list[float]) -> list[float]:
    bins = sorted(counts, reverse=True)
    return histogram.upper_quantiles(counts, bins, sum(counts.values()), assumed, probabilities)


def shortfall(counts: dict[int, int], assumed: Assumed, quantile: float) -> float:
    return histogram.shortfall(counts, sorted(counts, reverse=True), assumed, quantile)


@given(RETURNS, st.sampled_from([0.5, 0.9, 0.95, 0.975, 0.99]))
def test_a_quantile_is_within_half_a_bin_of_the_exact_one(returns: list[float], probability: float) -> None:
    exact = {float(np.quantile(returns, probability, method=method)) for method in ("inverted_cdf", "higher")}
    [found] = upper_quantiles(counted(returns), NOTHING_ASSUMED, [probability])
    assert min(exact) - BIN / 2 - 1e-12 <= found <= max(exact) + BIN / 2 + 1e-12


@given(RETURNS, st.floats(0.0, 500.0), st.floats(0.005, 0.4))
def test_quantiles_rise_with_the_probability_whatever_is_assumed(returns: list[float], observations: float, sd: float) -> None:
    assumed = Assumed.with_sd(observations + 1e-9, sd)
    found = upper_quantiles(counted(returns), assumed, [0.5, 0.8, 0.95, 0.975, 0.99])
    assert found == sorted(found)


@given(RETURNS, st.floats(1.0, 500.0), st.floats(0.005, 0.4), st.sampled_from([0.95, 0.975, 0.99]))
def test_above_the_quantile_lies_no_more_than_the_rest(returns: list[float], observations: float, sd: float, probability: float) -> None:
    counts, assumed = counted(returns), Assumed.with_sd(observations, sd)
    [found] = upper_quantiles(counts, assumed, [probability])

    def at_or_above(number: int) -> float:
        seen = sum(count for bin_number, count in counts.items() if bin_number >= number)
        return seen + observations * assumed.share_above((number - 0.5) * BIN)

    rest = (1 - probability) * (len(returns) + observations)
    assert at_or_above(bin_of(found) + 1) <= rest * (1 + 1e-9) < at_or_above(bin_of(found)) * (1 + 2e-9)


def test_returns_of_exactly_zero_lie_in_the_middle_of_a_bin() -> None:
    assert bin_of(0.0) == bin_of(1e-17) == bin_of(-1e-17) == 0


def test_absurd_returns_are_counted_in_the_outermost_bins() -> None:
    assert (bin_of(1e6), bin_of(-1e6)) == (OUTERMOST, -OUTERMOST)


def test_without_a_seen_return_the_quantile_is_that_of_what_is_assumed() -> None:
    assumed = Assumed.with_sd(250.0, 0.2)
    found = upper_quantiles({}, assumed, [0.95, 0.99])
    assert found == pytest.approx([assumed.exceeded_by(0.05), assumed.exceeded_by(0.01)], abs=BIN)
    assert assumed.share_above(assumed.exceeded_by(0.05)) == pytest.approx(0.05)
    assert assumed.exceeded_by(0.05) == pytest.approx(0.2 * 1.6233, rel=1e-4), "q(95 %) of a logistic distribution"
    moved = Assumed.with_sd(250.0, 0.2, 0.05)
    assert moved.exceeded_by(0.05) == pytest.approx(assumed.exceeded_by(0.05) + 0.05)
    assert moved.share_above(0.35) == pytest.approx(assumed.share_above(0.3))


def test_the_shortfall_is_the_mean_rise_of_the_worst_returns() -> None:
    returns = [0.0] * 97 + [0.1, 0.2, 0.3]
    assert shortfall(counted(returns), NOTHING_ASSUMED, 0.1) == pytest.approx((expm1(0.1) + expm1(0.2) + expm1(0.3)) / 3)


def test_the_assumed_shortfall_is_near_that_of_the_logistic_distribution() -> None:
    assumed = Assumed.with_sd(250.0, 0.15)
    shares = (np.arange(1_000_000) + 0.5) / 1_000_000 * 0.025
    exact = np.mean(np.exp(assumed.scale * (np.log1p(-shares) - np.log(shares)))) - 1
    assert shortfall({}, assumed, assumed.exceeded_by(0.025)) == pytest.approx(exact, rel=0.03)


def test_no_return_is_too_far_out_for_what_is_assumed() -> None:
    assumed = Assumed.with_sd(250.0, 0.001)
    assert assumed.share_above(10.0) < 1e-300
    assert shortfall({bin_of(log(9)): 30}, assumed, log(9)) == pytest.approx(8.0, rel=0.02)
