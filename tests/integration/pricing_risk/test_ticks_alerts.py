"""What of prices alerts: once, with cause, numbers and the orders concerned, and until it is over."""

from datetime import timedelta

import pytest

from services.pricing_risk import keys
from services.pricing_risk.ticks import MOST_ORDERS
from shared.contracts.alert import alert_event
from shared.contracts.base import instant_of
from tests.integration.pricing_risk.feed import FIRST, Feed, chinese, noon, outside, yuan

STILL = [432_000, 433_000] * 6


async def still(feed: Feed) -> int:
    """Twelve days on which little happens; the next day's number."""
    await feed.send(*(chinese(day, price) for day, price in enumerate(STILL)))
    assert feed.alerts == []
    return len(STILL)


async def test_a_jump_alerts_with_its_numbers_and_the_orders_concerned_and_is_over_with_the_next_quiet_day(feed: Feed) -> None:
    day = await still(feed)
    orders = [f"erp/1/{number:05}" for number in range(MOST_ORDERS + 7)]
    await feed.write("SADD", keys.concerned_key("Nd"), *orders)
    await feed.send(chinese(day, 483_000))
    (alert,) = [each for each in feed.alerts if each.kind == "price_jump"]
    assert (alert.state, alert.materials, alert.orders) == ("firing", ["Nd"], orders[:MOST_ORDERS])
    assert alert.alert_key == "price_jump/Nd/oxide/-/CN/assessed/CNY/-"
    assert alert.evidence["change"] == "+11.5 %"
    assert alert.evidence["orders"] == str(len(orders))
    assert "11.5 %" in alert.summary
    await feed.send(chinese(day, 483_000))
    assert feed.told().count(("price_jump", "firing")) == 1
    await feed.send(chinese(day + 1, 484_000))
    assert feed.told().count(("price_jump", "resolved")) == 1


async def test_a_move_by_the_chinese_tax_is_named(feed: Feed) -> None:
    day = await still(feed)
    await feed.send(chinese(day, round(STILL[-1] / 1.13)))
    (alert,) = [each for each in feed.alerts if each.kind == "price_jump"]
    assert "value-added tax" in alert.cause


async def test_an_unconfirmed_price_alerts_at_once_and_is_over_when_it_is_decided(feed: Feed) -> None:
    day = await still(feed)
    await feed.send(chinese(day, 900_000))
    assert feed.told() == [("price_unconfirmed", "firing")]
    assert "needs a second source, or the next quote" in feed.alerts[0].cause
    assert feed.alerts[0].evidence["looks_like"] == "jump"
    await feed.send(chinese(day + 1, 905_000))
    assert ("price_unconfirmed", "resolved") in feed.told()
    assert ("price_jump", "firing") in feed.told()


async def test_a_feed_in_another_unit_alerts_once_however_often_it_quotes(feed: Feed) -> None:
    day = await still(feed)
    for later in range(3):
        await feed.send(chinese(day + later, 432 + later))
    assert feed.told().count(("price_unconfirmed", "firing")) == 1
    assert "another unit" in feed.alerts[0].cause
    await feed.send(chinese(day + 3, 433_000))
    assert feed.told() == [("price_unconfirmed", "firing"), ("price_unconfirmed", "resolved")]


async def test_sources_that_differ_by_three_alert_until_they_agree(feed: Feed) -> None:
    day = await still(feed)
    await feed.send(chinese(day, 432_000))
    await feed.send(chinese(day, 1_400_000, source="mysteel"))
    assert feed.told() == [("price_sources_disagree", "firing")]
    assert set(feed.alerts[0].evidence) >= {"smm", "mysteel"}
    await feed.send(chinese(day + 1, 432_000))
    await feed.send(chinese(day + 1, 431_000, source="mysteel"))
    assert feed.told() == [("price_sources_disagree", "firing"), ("price_sources_disagree", "resolved")]


async def test_a_rally_alerts_when_it_begins_and_is_over_with_the_calm(feed: Feed) -> None:
    day = await still(feed)
    price = 432_000.0
    for later in range(12):
        price *= 1.02
        await feed.send(chinese(day + later, round(price)))
    assert feed.told().count(("price_regime", "firing")) == 1
    (alert,) = [each for each in feed.alerts if each.kind == "price_regime"]
    assert alert.evidence["regime"] == "rally"
    for later in range(12, 60):
        await feed.send(chinese(day + later, round(price)))
    assert feed.told().count(("price_regime", "resolved")) == 1
    assert (await feed.view()).regime == "calm"


@pytest.mark.parametrize("inside_first", [True, False])
async def test_a_premium_that_opens_alerts_and_is_over_when_it_closes(feed: Feed, inside_first: bool) -> None:
    """432,000 CNY a tonne of oxide with tax are 62.5 USD per kg of neodymium at 0.1402."""
    await feed.send(*(yuan(day, 0.1402) for day in range(30)))
    quotes = [[chinese(day, 432_000) for day in range(10)], [outside(day, 56.0) for day in range(10)]]
    for series in quotes if inside_first else quotes[::-1]:
        await feed.send(*series)
    premium = (await feed.view("Nd/oxide/-/EX_CN")).premium
    assert premium is not None
    assert premium.inside_series == "Nd/oxide/-/CN/assessed/CNY/-"
    assert premium.percent == pytest.approx(100 * (56.0 / 0.8574 / (432 / 1.13 / 0.8574 * 0.1402) - 1), abs=0.05)
    await feed.send(chinese(10, 432_000), outside(10, 75.0))
    (alert,) = [each for each in feed.alerts if each.kind == "price_premium"]
    assert alert.alert_key == "price_premium/Nd/oxide/-/EX_CN/assessed/USD/-"
    assert alert.evidence["premium"].startswith("39.")
    for day in range(11, 40):
        await feed.send(yuan(day, 0.1402), chinese(day, 432_000), outside(day, max(55.0, 75.0 - 2 * (day - 10))))
    assert [state for kind, state in feed.told() if kind == "price_premium"] == ["firing", "resolved"]


async def test_without_an_exchange_rate_there_is_no_premium(feed: Feed) -> None:
    await feed.send(chinese(0, 432_000), outside(0, 56.0))
    assert (await feed.view("Nd/oxide/-/EX_CN")).premium is None


async def test_a_feed_that_falls_silent_alerts_by_its_own_rhythm_and_is_over_with_the_next_price(feed: Feed) -> None:
    day = await still(feed)
    await feed.fire(noon(day + 3))
    assert feed.told() == []
    await feed.fire(noon(day + 4))
    assert feed.told() == [("price_feed_stale", "firing")]
    assert feed.alerts[0].evidence == {
        "series": "Nd/oxide/-/CN/assessed/CNY/-",
        "last_price_on": "2026-01-16",
        "days": "5",
        "overdue_after_days": "4",
        "source": "smm",
        "orders": "0",
    }
    await feed.fire(noon(day + 40))
    await feed.send(chinese(day + 41, 432_000))
    assert feed.told() == [("price_feed_stale", "firing"), ("price_feed_stale", "resolved")]


async def test_a_weekly_feed_is_not_overdue_after_a_week(feed: Feed) -> None:
    await feed.send(*(chinese(7 * week, 432_000) for week in range(8)))
    await feed.fire(noon(7 * 7 + 20))
    assert feed.told() == []
    await feed.fire(noon(7 * 7 + 22))
    assert feed.told() == [("price_feed_stale", "firing")]


async def test_years_of_history_alert_once_that_they_end_and_of_nothing_else(feed: Feed) -> None:
    prices = [432_000 * (1 + 0.2 * (day % 7)) for day in range(200)]
    now = noon(900)
    for at in range(0, 200, 50):
        await feed.send(*(chinese(day, round(prices[day])) for day in range(at, at + 50)), at=now)
    assert feed.alerts == []
    await feed.fire(now + timedelta(hours=1))
    assert feed.told() == [("price_feed_stale", "firing")]
    assert "700 days ago" in feed.alerts[0].summary or "701 days ago" in feed.alerts[0].summary


async def test_history_up_to_today_alerts_of_how_things_stand_at_its_end_only(feed: Feed) -> None:
    days = range(60)
    now = noon(59)
    await feed.send(*(chinese(day, 432_000 * 1.06 if day == 30 else 432_000) for day in days), at=now)
    assert feed.alerts == []
    await feed.send(chinese(60, 490_000), at=noon(60))
    assert ("price_jump", "firing") in feed.told()


async def test_what_comes_in_one_go_is_told_apart_by_those_who_listen(feed: Feed) -> None:
    """A file of days has one time: an alert that fires, ends and fires again is three events, and the last of them says how it stands."""
    day = await still(feed)
    jumps = [chinese(day + later, price) for later, price in enumerate([483_000, 484_000, 545_000])]
    await feed.send(*jumps, at=noon(day + 2))
    told = [alert for alert in feed.alerts if alert.kind == "price_jump"]
    assert [alert.state for alert in told] == ["firing", "resolved", "firing"]
    assert len({alert_event(alert, "orestream/pricing-risk", noon(day + 2)).id for alert in told}) == 3


async def test_an_alert_ends_when_its_price_is_withdrawn(feed: Feed) -> None:
    day = await still(feed)
    await feed.send(chinese(day, 483_000))
    firing = [kind for kind, state in feed.told() if state == "firing"]
    await feed.send({**chinese(day, 483_000), "withdrawn": True}, at=noon(day))
    assert sorted(kind for kind, state in feed.told() if state == "resolved") == sorted(firing)
    assert {alert.since for alert in feed.alerts} == {noon(day)}
    assert instant_of(feed.timers["price-series:overdue:Nd/oxide/-/CN/assessed/CNY/-"]).date() == FIRST + timedelta(days=day + 4)


async def test_an_alert_ends_when_its_price_is_withdrawn_weeks_later_and_nothing_new_is_said_of_history(feed: Feed) -> None:
    day = await still(feed)
    await feed.send(chinese(day, 900_000))
    assert feed.told() == [("price_unconfirmed", "firing")]
    await feed.send({**chinese(day, 900_000), "withdrawn": True}, at=noon(day + 30))
    assert feed.told() == [("price_unconfirmed", "firing"), ("price_unconfirmed", "resolved")]
