"""The proportion of failures against the table of non-rejection in P. Jorion, Value at Risk, and against another implementation."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vartests import kupiec_test

from services.pricing_risk.domain.backtest.kupiec import unconditional_coverage


@pytest.mark.parametrize(
    ("probability", "forecasts", "fewest", "most"),
    [
        (0.01, 252, 1, 6),
        (0.01, 510, 2, 10),
        (0.01, 1000, 5, 16),
        (0.05, 252, 7, 19),
        (0.05, 255, 7, 20),
        (0.05, 510, 17, 35),
        (0.05, 1000, 38, 64),
        (0.10, 1000, 82, 119),
    ],
)
def test_numbers_of_exceedances_that_are_not_rejected_at_5_percent(probability: float, forecasts: int, fewest: int, most: int) -> None:
    accepted = [x for x in range(forecasts + 1) if unconditional_coverage(x, forecasts, probability).p_value > 0.05]
    assert accepted == list(range(fewest, most + 1))


def test_no_exceedance_and_nothing_but_exceedances_have_a_finite_ratio() -> None:
    assert unconditional_coverage(0, 252, 0.01).statistic == pytest.approx(-2 * 252 * math.log(0.99))
    assert unconditional_coverage(252, 252, 0.01).statistic == pytest.approx(-2 * 252 * math.log(0.01))


def test_the_rate_that_was_forecast_gives_nothing_against_it() -> None:
    assert unconditional_coverage(5, 100, 0.05).statistic == 0
    assert unconditional_coverage(5, 100, 0.05).p_value == 1


@given(st.integers(1, 3000), st.data(), st.sampled_from([0.01, 0.025, 0.05, 0.1]))
def test_vartests_says_the_same(forecasts: int, data: st.DataObject, probability: float) -> None:
    exceedances = data.draw(st.integers(0, forecasts))
    ours, theirs = (
        unconditional_coverage(exceedances, forecasts, probability),
        kupiec_test(x=exceedances, n=forecasts, risk_conf_level=1 - probability),
    )
    assert ours.statistic == pytest.approx(theirs["statistic"], rel=1e-9, abs=1e-7)
    assert ours.p_value == pytest.approx(theirs["p-value"], rel=1e-6, abs=1e-4)


@pytest.mark.parametrize(("exceedances", "forecasts", "probability"), [(3, 2, 0.05), (-1, 2, 0.05), (0, 0, 0.05), (1, 2, 0.0), (1, 2, 1.0)])
def test_what_cannot_be_is_refused(exceedances: int, forecasts: int, probability: float) -> None:
    with pytest.raises(ValueError, match=r"cannot be|does not"):
        unconditional_coverage(exceedances, forecasts, probability)
