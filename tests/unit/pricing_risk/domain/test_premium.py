from datetime import date, timedelta
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.domain.premium import PremiumState

FIRST = date(2025, 1, 6)
PRICES = st.lists(st.tuples(st.floats(0.1, 5000.0), st.floats(0.1, 5000.0)), max_size=60)


def after(prices: list[tuple[float, float]]) -> PremiumState:
    state = PremiumState()
    for day, (outside, inside) in enumerate(prices):
        state.advance(FIRST + timedelta(day), outside, inside)
    return state


def test_there_is_no_premium_before_both_prices_were_known() -> None:
    assert PremiumState().view("inside") is None


def test_the_premium_is_that_of_the_last_day() -> None:
    view = after([(54.0, 51.0), (850.0, 224.0)]).view("inside")
    assert view is not None
    assert view.percent == pytest.approx(279.46, abs=0.01)
    assert view.inside_series == "inside"


def test_a_premium_that_opens_is_seen_in_its_z_and_its_regime() -> None:
    steady = [(54.0 + 0.1 * (-1) ** day, 51.0) for day in range(120)]
    calm, opened = after(steady).view("inside"), after([*steady, (70.0, 51.0), (90.0, 51.0)]).view("inside")
    assert calm is not None
    assert opened is not None
    assert (calm.regime, opened.regime) == ("calm", "spike")
    assert calm.z is not None
    assert opened.z is not None
    assert opened.z > 4 > abs(calm.z)
    assert opened.since == FIRST + timedelta(120)
    assert calm.mean_log == pytest.approx(log(54 / 51), abs=0.002)


def test_both_prices_rising_alike_open_no_premium() -> None:
    state = after([(50.0 * 1.02**day, 40.0 * 1.02**day) for day in range(100)])
    assert state.regime_state.regime == "calm"


@given(PRICES, PRICES)
def test_a_state_made_of_its_fields_goes_on_as_if_it_had_not_been(
    before: list[tuple[float, float]], then: list[tuple[float, float]]
) -> None:
    state = after(before)
    again = PremiumState.from_fields({name.encode(): value for name, value in state.fields().items()})
    assert again.fields() == state.fields() == state.copy().fields()
    for day, (outside, inside) in enumerate(then, len(before)):
        state.advance(FIRST + timedelta(day), outside, inside)
        again.advance(FIRST + timedelta(day), outside, inside)
    assert again.fields() == state.fields()
    assert again.view("inside") == state.view("inside")


def test_a_state_of_another_model_is_refused() -> None:
    fields = {name.encode(): b"\xff\xff" + value[2:] for name, value in PremiumState().fields().items()}
    with pytest.raises(ValueError, match="fold its prices again"):
        PremiumState.from_fields(fields)
