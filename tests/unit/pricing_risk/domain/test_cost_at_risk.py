"""Expected shortfall that is a weighted mean of scenarios: exact parts, whatever the ties, and windows that end on one day."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from services.pricing_risk.domain.cost_at_risk import CostAtRisk, RiskFactor, by_price, by_rate, tail_weights, value_at_risk
from services.pricing_risk.domain.exchange import Leg
from services.pricing_risk.domain.joint_history import FEWEST_SCENARIOS, LONGEST_WINDOW, MOST_DAYS, History, JointHistory, Window
from tests.unit.pricing_risk.domain.open_books import COPPER, DYSPROSIUM, GERMANIUM, HISTORIES, NEODYMIUM, TODAY, VIEWS, YUAN, history

LOSSES = arrays(np.float64, st.integers(1, 400), elements=st.sampled_from([0.0, 0.0, -1.0, 1.0, 2.5, 1e9, -3.25]))


def test_where_the_tail_is_a_whole_number_without_ties_it_is_the_mean_of_the_losses_at_and_beyond_value_at_risk() -> None:
    losses = np.random.default_rng(1).permutation(np.arange(1000.0))
    bound = np.sort(losses)[-25]
    assert tail_weights(losses) @ losses == pytest.approx(losses[losses >= bound].mean(), rel=1e-12)


def test_losses_that_are_equal_weigh_the_same() -> None:
    losses = np.array([5.0] + [1.0] * 79)
    weights = tail_weights(losses)
    assert weights[0] == pytest.approx(0.5)
    assert np.ptp(weights[1:]) == 0.0
    assert weights @ losses == pytest.approx(3.0)


@given(LOSSES)
def test_weights_are_a_distribution_on_the_tail_alone(losses: np.ndarray) -> None:
    weights = tail_weights(losses)
    assert weights.sum() == pytest.approx(1.0)
    assert np.all(weights >= 0)
    assert losses[weights > 0].min() >= value_at_risk(losses, 0.025)


@given(st.integers(1, 300).flatmap(lambda size: st.tuples(*[arrays(np.float64, size, elements=st.integers(-5, 5))] * 2)))
def test_two_together_are_never_worse_than_one_and_the_other(pair: tuple[np.ndarray, np.ndarray]) -> None:
    one, other = pair
    both = one + other
    apart = tail_weights(one) @ one + tail_weights(other) @ other
    assert tail_weights(both) @ both <= apart + 1e-9


@given(st.floats(0.1, 30), st.floats(0.1, 30))
def test_price_and_exchange_rate_make_up_the_whole_change(price: float, rate: float) -> None:
    assert by_price(price, rate) + by_rate(price, rate) == pytest.approx(price * rate - 1.0, rel=1e-9, abs=1e-12)
    assert by_rate(price, 1.0) == 0.0


def test_windows_of_any_length_end_on_the_same_day_and_the_last_day_is_in_all() -> None:
    past = history(3)
    joint = JointHistory({"a": past})
    level = joint.levels["a"]
    assert joint.days == MOST_DAYS
    assert level[-1] == past.prices[-1]
    for days in (1, 20, LONGEST_WINDOW):
        moves = joint.moves(level, Window(days, days))
        assert moves.shape == (joint.scenarios,)
        assert moves[-1] == pytest.approx(level[-1] / level[-1 - days])


@given(st.integers(1, LONGEST_WINDOW), st.integers(1, LONGEST_WINDOW))
@settings(max_examples=20, deadline=None)
def test_a_quotation_period_counts_with_the_mean_of_its_days(one: int, other: int) -> None:
    first, last = sorted((one, other))
    joint = JointHistory({"a": history(4)})
    level = joint.levels["a"]
    moves = joint.moves(level, Window(first, last))
    end = joint.days - 1
    expected = np.mean(level[end - last + first : end + 1]) / level[end - last]
    assert moves[-1] == pytest.approx(expected, rel=1e-9)


def test_days_without_a_quote_carry_the_last_price_and_a_long_gap_does_not() -> None:
    whole = history(5)
    holed = History(np.delete(whole.days, range(850, 858)), np.delete(whole.prices, range(850, 858)))
    filled = JointHistory({"a": whole, "b": holed})
    assert filled.days == MOST_DAYS
    at = MOST_DAYS - 900 + 850
    assert set(filled.levels["b"][at - 1 : at + 8]) == {whole.prices[849]}
    torn = History(np.delete(whole.days, range(300, 340)), np.delete(whole.prices, range(300, 340)))
    assert JointHistory({"a": torn}).days == 900 - 340


def test_the_shortest_past_that_is_long_enough_sets_the_beginning_and_what_is_shorter_is_left_out() -> None:
    enough = FEWEST_SCENARIOS + LONGEST_WINDOW
    joint = JointHistory({"long": history(1), "enough": history(2, days=enough), "short": history(3, days=enough - 1)})
    assert joint.levels.keys() == {"long", "enough"}
    assert joint.scenarios == FEWEST_SCENARIOS


def test_a_feed_that_stopped_is_left_out_and_one_with_a_price_of_zero_too() -> None:
    stopped = history(1, until=TODAY - timedelta(days=40))
    zero = history(2)
    zero.prices[-5] = 0.0
    assert JointHistory({"going": history(3), "stopped": stopped, "zero": zero}).levels.keys() == {"going"}


def test_weekend_quotes_count_as_those_of_friday() -> None:
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(600)]
    every_day = History(np.array([day.toordinal() for day in days]), np.arange(1.0, 601.0))
    joint = JointHistory({"a": every_day})
    assert joint.days == sum(day.weekday() < 5 for day in days)


def factors() -> dict[RiskFactor, float]:
    return {
        RiskFactor(DYSPROSIUM, (), Window(43, 43)): 1_000_000.0,
        RiskFactor(COPPER, (), Window(1, 20)): 400_000.0,
        RiskFactor(NEODYMIUM, (Leg(YUAN, inverse=False),), Window(63, 63)): 700_000.0,
    }


def test_it_is_the_sum_over_joint_scenarios_worked_out_by_hand() -> None:
    risk = CostAtRisk(factors(), VIEWS, HISTORIES)
    dysprosium, copper, neodymium, yuan = (HISTORIES[series].prices[-MOST_DAYS:] for series in (DYSPROSIUM, COPPER, NEODYMIUM, YUAN))
    losses = []
    for end in range(LONGEST_WINDOW, MOST_DAYS):
        yuan_neodymium = neodymium * yuan
        losses.append(
            1_000_000 * (dysprosium[end] / dysprosium[end - 43] - 1)
            + 400_000 * (np.mean(copper[end - 19 : end + 1]) / copper[end - 20] - 1)
            + 700_000 * (yuan_neodymium[end] / yuan_neodymium[end - 63] - 1)
        )
    worst = sorted(losses)[::-1]
    counted = 0.025 * len(losses)
    assert risk.scenarios == 750
    assert risk.expected_shortfall.total == pytest.approx((sum(worst[:18]) + (counted - 18) * worst[18]) / counted, rel=1e-9)
    assert risk.cost_at_risk_95 == pytest.approx(worst[37], rel=1e-9)
    assert risk.cost_at_risk_99 == pytest.approx(worst[7], rel=1e-9)


def test_what_has_no_past_in_common_is_taken_at_its_own_worst_when_the_rest_is_at_its() -> None:
    known = factors()
    young = RiskFactor(DYSPROSIUM, (), Window(10, 10))
    without = {series: past for series, past in HISTORIES.items() if series != DYSPROSIUM}
    rest = CostAtRisk({factor: amount for factor, amount in known.items() if factor.series != DYSPROSIUM}, VIEWS, without)
    risk = CostAtRisk({**known, young: 50_000.0}, VIEWS, without)
    assert {factor.series for factor in risk.by_proxy} == {DYSPROSIUM}
    own = sum(risk.shares[factor].total * amount for factor, amount in {**known, young: 50_000.0}.items() if factor.series == DYSPROSIUM)
    assert risk.expected_shortfall.total == pytest.approx(rest.expected_shortfall.total + own, rel=1e-12)
    assert own > 0


def test_what_nothing_measures_is_in_no_share() -> None:
    reference = RiskFactor(GERMANIUM, (), Window(20, 20))
    risk = CostAtRisk({**factors(), reference: 1e6}, VIEWS, HISTORIES)
    assert reference not in risk.shares
    assert risk.expected_shortfall == CostAtRisk(factors(), VIEWS, HISTORIES).expected_shortfall


def test_beyond_the_longest_window_a_move_grows_as_the_bound_of_its_series_does() -> None:
    half_a_year = CostAtRisk({RiskFactor(DYSPROSIUM, (), Window(126, 126)): 1.0}, VIEWS, HISTORIES)
    a_year = CostAtRisk({RiskFactor(DYSPROSIUM, (), Window(252, 252)): 1.0}, VIEWS, HISTORIES)
    half, whole = (np.log1p(risk.cost_at_risk_95) for risk in (half_a_year, a_year))
    assert whole == pytest.approx(half * 2**0.5, rel=1e-9)


def test_nothing_exposed_is_no_risk() -> None:
    risk = CostAtRisk({}, VIEWS, HISTORIES)
    assert (risk.expected_shortfall.total, risk.cost_at_risk_99, risk.scenarios) == (0.0, 0.0, 0)
