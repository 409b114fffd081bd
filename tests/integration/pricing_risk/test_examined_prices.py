"""What a desk gets wrong in a week, one after the other, taken back or put right: the series is what it is to whoever never saw it."""

from typing import Any

import pytest

from tests.integration.pricing_risk.feed import Feed, chinese, outside, yuan

STILL = [432_000, 433_000] * 6
LAST = STILL[-1]
NEXT = len(STILL)

MISTAKES: dict[str, dict[str, Any]] = {
    "nothing": chinese(NEXT, 0),
    "below nothing": chinese(NEXT, -37.63),
    "a thousand times": chinese(NEXT, LAST * 1_000),
    "a thousandth": chinese(NEXT, LAST / 1_000),
    "in dollars": chinese(NEXT, LAST * 0.14),
    "beyond anything": chinese(NEXT, 99_999_999_999_999),
    "long ago": chinese(-400, LAST * 3),
    "another source three times as high": chinese(NEXT, LAST * 3, source="argus"),
}


async def standing(feed: Feed) -> None:
    await feed.send(*(yuan(day, 0.14) for day in range(len(STILL))))
    await feed.send(*(chinese(day, price) for day, price in enumerate(STILL)))


async def test_a_week_of_mistakes_taken_back_leaves_no_trace(feed: Feed) -> None:
    await standing(feed)
    untouched, view = await feed.state(), await feed.view()
    for name, mistake in MISTAKES.items():
        await feed.send(mistake)
        met = await feed.view()
        assert (name, met.price) == (name, view.price)
    for mistake in MISTAKES.values():
        await feed.send({**mistake, "withdrawn": True})
    assert (await feed.view()).digest == view.digest
    assert await feed.state() == untouched
    assert {kind for kind, _ in feed.told()} >= {"price_unconfirmed"}
    assert sorted(state for _, state in feed.told()).count("firing") * 2 == len(feed.told()), "what was raised is over"


@pytest.mark.parametrize(("times", "looks_like"), [(1.75, "jump"), (1_000, "unit"), (0.14, "currency")])
async def test_a_correction_that_leaps_waits_and_alerts_as_a_new_price_does(feed: Feed, times: float, looks_like: str) -> None:
    await standing(feed)
    view = await feed.view()
    await feed.send(chinese(NEXT - 1, LAST * times))
    assert feed.told() == [("price_unconfirmed", "firing")]
    assert feed.alerts[0].evidence["looks_like"] == looks_like
    met = await feed.view()
    assert (met.ticks, met.held) == (view.ticks - 1, 1)
    await feed.send(chinese(NEXT - 1, LAST))
    assert feed.told() == [("price_unconfirmed", "firing"), ("price_unconfirmed", "resolved")]
    assert (await feed.view()).digest == view.digest


async def test_two_sources_exactly_three_times_apart_hold_each_other_up(feed: Feed) -> None:
    await standing(feed)
    await feed.send(chinese(NEXT, LAST), chinese(NEXT, 3 * LAST, source="argus"))
    assert feed.told() == [("price_sources_disagree", "firing")]
    met = await feed.view()
    assert (met.ticks, met.held) == (len(STILL), 2)


async def test_a_premium_is_there_with_the_first_price_after_the_exchange_rate(feed: Feed) -> None:
    """Files come in any order; what a series outside China is compared with is looked up when the next price of either comes."""
    await feed.send(*(chinese(day, price) for day, price in enumerate(STILL)))
    await feed.send(*(outside(day, 80) for day in range(len(STILL))))
    await feed.send(*(yuan(day, 0.14) for day in range(len(STILL))))
    assert (await feed.view("Nd/oxide/-/EX_CN")).premium is None
    await feed.send(outside(NEXT, 80))
    premium = (await feed.view("Nd/oxide/-/EX_CN")).premium
    assert premium is not None
    # 433,000 CNY/t are 383.2 CNY/kg without tax, 53.6 USD: 80 USD lie 49 % above
    assert premium.percent == pytest.approx(100 * (80 / (433 / 1.13 * 0.14) - 1), abs=0.5)
