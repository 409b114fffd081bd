"""A queue with a spread is as risky as a fixed wait between its median and its 95 % quantile."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.domain.licence_queue import equivalent_queue_days


@pytest.mark.parametrize(("p50", "p95"), [(144, 500), (77, 143), (45, 63)])
def test_a_simulated_queue_loses_as_much(p50: int, p95: int) -> None:
    drawn = np.random.Generator(np.random.PCG64(7)).standard_normal((2, 2_000_000))
    log_sd = np.log(p95 / p50) / 1.6448536
    losses = np.sqrt(p50 * np.exp(log_sd * drawn[0])) * drawn[1]
    fixed = (np.quantile(losses, 0.975) / 1.9599640) ** 2
    assert equivalent_queue_days(p50, p95) == pytest.approx(fixed, rel=0.02)


def test_without_a_spread_it_is_the_wait() -> None:
    assert equivalent_queue_days(60, 60) == 60
    assert equivalent_queue_days(0, 100) == 100
    assert equivalent_queue_days(0, 0) == 0


@given(st.integers(1, 400), st.integers(0, 800), st.integers(0, 100))
def test_a_longer_queue_is_never_a_shorter_wait(p50: int, spread: int, longer: int) -> None:
    days = equivalent_queue_days(p50, p50 + spread)
    assert p50 <= days <= p50 + spread
    assert equivalent_queue_days(p50, p50 + spread + longer) >= days
