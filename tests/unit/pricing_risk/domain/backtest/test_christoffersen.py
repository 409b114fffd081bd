import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.domain.backtest.christoffersen import conditional_coverage, independence
from services.pricing_risk.domain.backtest.kupiec import unconditional_coverage


def test_the_ratio_is_that_of_the_transitions() -> None:
    """Written out: n00 = 5, n01 = 2, n10 = 1, n11 = 1."""
    exceeded = np.array([0, 0, 0, 1, 1, 0, 0, 0, 0, 1], dtype=bool)
    null = 6 * math.log(6 / 9) + 3 * math.log(3 / 9)
    markov = 5 * math.log(5 / 7) + 2 * math.log(2 / 7) + 1 * math.log(1 / 2) + 1 * math.log(1 / 2)
    assert independence(exceeded).statistic == pytest.approx(-2 * (null - markov))


@pytest.mark.parametrize("exceeded", [[], [True], [False] * 50, [True] * 50, [False] * 49 + [True]])
def test_empty_cells_give_a_finite_ratio_and_no_evidence_against_independence(exceeded: list[bool]) -> None:
    assert independence(np.array(exceeded, dtype=bool)).statistic == pytest.approx(0, abs=1e-9)


def test_one_exceedance_in_the_middle_is_no_run() -> None:
    exceeded = np.zeros(100, dtype=bool)
    exceeded[50] = True
    assert independence(exceeded).p_value > 0.8


def test_runs_are_told_from_the_same_number_scattered() -> None:
    scattered, runs = np.zeros(500, dtype=bool), np.zeros(500, dtype=bool)
    scattered[::20] = True
    runs[100:125] = True
    assert independence(runs).p_value < 1e-10
    assert conditional_coverage(runs, 0.05).p_value < 1e-9
    assert conditional_coverage(scattered, 0.05).p_value > 0.05


@given(st.lists(st.booleans(), min_size=2, max_size=300), st.sampled_from([0.01, 0.05]))
def test_conditional_coverage_is_the_sum_of_both_tests_and_never_negative(exceeded: list[bool], probability: float) -> None:
    hits = np.array(exceeded)
    both = conditional_coverage(hits, probability)
    assert both.statistic == pytest.approx(
        unconditional_coverage(sum(exceeded), len(exceeded), probability).statistic + independence(hits).statistic
    )
    assert independence(hits).statistic >= 0
    assert 0 <= both.p_value <= 1


def test_independent_exceedances_are_rejected_about_as_often_as_said() -> None:
    generator = np.random.Generator(np.random.PCG64(4))
    rejected = [conditional_coverage(generator.random(1000) < 0.05, 0.05).p_value < 0.05 for _ in range(2000)]
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.03)
