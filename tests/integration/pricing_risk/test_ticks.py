"""Prices through the handler on a real Redis: what enters, what is held and counted, and that what is taken back leaves no trace."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.pricing_risk import ticks
from services.pricing_risk.series_overview import SeriesOverview
from services.pricing_risk.ticks import TO_DO, Ticks
from shared.bus.types import Delivery, Effects, UndecodableEvent
from shared.contracts.base import unix_ms
from shared.contracts.price import PriceTick
from tests.integration.pricing_risk.feed import FIRST, Feed, chinese, event, noon, outside, yuan

CALM = [432_000, 432_000, 433_000, 433_000, 431_500, 431_500, 432_500, 432_000]


def counted(name: str = "orestream_price_ticks_total", **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_quote_becomes_money_per_kilogram_of_the_element(feed: Feed) -> None:
    await feed.send(*(chinese(day, price) for day, price in enumerate(CALM)))
    view = await feed.view()
    assert float(view.price) == pytest.approx(432 / 1.13 / 0.8574, rel=1e-4)
    assert (view.as_of, view.ticks, view.held, view.source) == (FIRST + timedelta(days=7), 8, 0, "smm")
    assert view.elements == ["Nd"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (chinese(8, 0), "not_positive"),
        (chinese(8, -37.63), "not_positive"),
        (chinese(8, 123456789012, unit="kg"), "absurd"),
        (chinese(8, 9_999_999_999), "leap"),
        (chinese(8, 432_000 * 1000), "unit"),
        (chinese(8, 432), "unit"),
        (chinese(8, 432_000, unit="kg"), "unit"),
        (chinese(8, 432_000, unit="lb"), "unit"),
        (chinese(8, 60_500), "currency"),
        (chinese(8, 900_000), "jump"),
        (chinese(8, 432_000, tax=None), "not_normalised"),
        (chinese(30, 432_000), "future"),
        (chinese(7, 1_400_000, source="argus"), "sources_disagree"),
    ],
)
async def test_a_bad_price_is_held_counted_and_told_and_taking_it_back_leaves_no_trace(
    feed: Feed, bad: dict[str, Any], reason: str
) -> None:
    await feed.send(yuan(0, 0.1402))
    await feed.send(*(chinese(day, price) for day, price in enumerate(CALM)))
    before, sound = await feed.state(), await feed.view()
    held = counted(outcome="held", reason=reason) + counted(outcome="late", reason="")
    at = datetime(2026, 1, 13, 12, tzinfo=UTC)
    await feed.send(bad, at=at)
    await feed.send(bad, at=at)  # sent again
    assert counted(outcome="held", reason=reason) + counted(outcome="late", reason="") == held + 1
    view = await feed.view()
    assert view.held == (2 if reason == "sources_disagree" else 1)
    if reason != "sources_disagree":
        assert (view.price, view.sigma_1d, view.horizons) == (sound.price, sound.sigma_1d, sound.horizons)
    found = [each for each in await SeriesOverview(feed.bus, feed.book).held() if each.source == bad["source"]]
    assert [each.reason for each in found] == [reason]
    assert found[0].sentence
    assert found[0].quoted.startswith(f"{PriceTick.model_validate(bad).price:f}".rstrip("0").rstrip("."))
    await feed.send({**bad, "withdrawn": True}, at=at)
    after = await feed.state()
    assert after == before
    firing = [alert.alert_key for alert in feed.alerts if alert.state == "firing"]
    assert sorted(firing) == sorted(alert.alert_key for alert in feed.alerts if alert.state == "resolved")


async def test_what_is_no_price_at_all_is_undecodable_and_costs_nobody_else(feed: Feed) -> None:
    nan = event(chinese(1, 432_000)).replace(b'"432000.0"', b'"NaN"').replace(b'"432000"', b'"NaN"')
    assert b"NaN" in nan
    before = counted(outcome="undecodable", reason="")
    deliveries = [
        Delivery("prices", 0, f"{number}-0", content)
        for number, content in enumerate([event(chinese(0, 432_000)), nan, b"{}", event(chinese(2, 432_000))], 1)
    ]
    results = await feed.deliver(deliveries)
    assert [type(result) for result in results] == [Effects, UndecodableEvent, UndecodableEvent, Effects]
    assert counted(outcome="undecodable", reason="") == before + 2
    assert (await feed.view()).ticks == 2


async def test_a_feed_that_repeats_yesterday_is_counted_and_its_repeats_are_seen(feed: Feed) -> None:
    before = counted(outcome="unchanged", reason="")
    await feed.send(*(chinese(day, 432_000) for day in range(20)))
    view = await feed.view()
    assert counted(outcome="unchanged", reason="") == before + 19
    assert (view.zero_share, view.changed_on) == (1.0, FIRST)


async def test_the_same_price_sent_again_changes_nothing(feed: Feed) -> None:
    quotes = [chinese(day, price) for day, price in enumerate(CALM)]
    await feed.send(*quotes)
    before, duplicates = await feed.state(), counted(outcome="duplicate", reason="")
    results = await feed.send(*quotes)
    assert all(result == Effects() for result in results)
    assert await feed.state() == before
    assert counted(outcome="duplicate", reason="") == duplicates + 8


async def test_a_corrected_price_counts_as_if_it_had_been_right_at_once(feed: Feed) -> None:
    wrong = [chinese(day, 470_000 if day == 3 else price) for day, price in enumerate(CALM)]
    await feed.send(*wrong)
    corrected = counted(outcome="corrected", reason="")
    await feed.send(chinese(3, CALM[3]))
    assert counted(outcome="corrected", reason="") == corrected + 1
    found = await feed.state()
    await feed.empty()
    await feed.send(*(chinese(day, price) for day, price in enumerate(CALM)))
    assert found == await feed.state()


async def test_an_older_publication_does_not_overwrite_a_newer_one(feed: Feed) -> None:
    await feed.send(chinese(0, 432_000, published_at="2026-01-05T09:00:00Z"))
    await feed.send(chinese(0, 433_000, published_at="2026-01-05T08:00:00Z"))
    assert [tick.quoted for tick in await SeriesOverview(feed.bus, feed.book).ticks((await feed.view()).series)] == [
        "432000 CNY/t, tax included"
    ]


async def test_a_refused_correction_leaves_the_price_that_stood(feed: Feed) -> None:
    await feed.send(*(chinese(day, price) for day, price in enumerate(CALM)))
    await feed.send(chinese(7, -1))
    view = await feed.view()
    assert (view.ticks, view.held) == (8, 1)
    await feed.send(chinese(7, 432_100))
    assert (await feed.view()).held == 0


async def test_a_series_of_which_all_was_withdrawn_never_was(feed: Feed) -> None:
    quotes = [chinese(day, price) for day, price in enumerate(CALM)]
    await feed.send(*quotes)
    await feed.send(*({**quote, "withdrawn": True} for quote in quotes))
    assert await feed.state() == {}
    assert await feed.book.current() == {}
    assert feed.timers == {}
    unknown = counted(outcome="unknown_withdrawal", reason="")
    await feed.send({**quotes[0], "withdrawn": True})
    assert counted(outcome="unknown_withdrawal", reason="") == unknown + 1


async def test_in_its_order_a_price_writes_and_reads_a_bounded_amount(feed: Feed) -> None:
    await feed.send(*(chinese(day, 432_000 + 500 * (day % 9)) for day in range(300)))
    (effects,) = await feed.send(chinese(300, 432_000))
    assert isinstance(effects, Effects)
    written = sum(len(write.arguments) // 2 for write in effects.writes)
    assert written < 25
    assert not [write for write in effects.writes if write.command == "DEL"]


@pytest.mark.parametrize("seed", range(6))
async def test_in_whatever_order_and_batches_prices_come_the_state_is_that_of_those_that_remain(feed: Feed, seed: int) -> None:
    """Two series of one material with their premium, another process now and then, batches cut where a commit failed."""
    rng = random.Random(seed)
    days = range(40)
    levels = [1.0, 1.0, 1.01, 0.99, 1.05, 1.9, 3.5, 1000.0]
    final: dict[tuple[str, int, str], dict[str, Any]] = {}
    sent: list[dict[str, Any]] = []
    for day in days:
        for make, price, sources in ((chinese, 432_000, ["smm", "mysteel"]), (outside, 71.0, ["argus"])):
            for source in sources:
                if rng.random() < 0.8:
                    weights = [20, 20, 10, 10, 5, 1, 1, 1]
                    sent.append(make(day, price * rng.choices(levels, weights)[0], currency="USD", tax="excluded", source=source))
    first = [said for said in sent if said["source"] == "smm"][:1]
    changes = [{**said, "price": f"{float(said['price']) * 1.01}"} for said in rng.sample(sent, 15)]
    withdrawals = [{**said, "withdrawn": True} for said in rng.sample(sent, 10)]
    messy = sorted(sent, key=lambda said: (said["as_of"], rng.random()))
    for _ in range(12):
        messy.insert(rng.randrange(len(messy)), messy.pop(rng.randrange(len(messy))))
    messy = [*first, *messy, *changes, *withdrawals, *rng.sample(sent, 5)]
    order: dict[tuple[str, Any, str], int] = {}
    for number, said in enumerate(messy):
        key = (said["market"], said["as_of"], said["source"])
        if said.get("withdrawn"):
            final.pop(key, None)
            order.pop(key, None)
        else:
            order.setdefault(key, number)
            final[key] = said
    at = datetime(2026, 2, 20, 12, tzinfo=UTC)
    while messy:
        size = rng.choice([1, 3, 17, 40])
        deliveries = [feed.delivery(event(said, at)) for said in messy[:size]]
        messy = messy[size:]
        if rng.random() < 0.3:
            await feed.deliver(deliveries, committed=rng.randrange(len(deliveries)))
            deliveries = [each for each in deliveries if each.entry_id not in feed.done]
        if rng.random() < 0.2:
            feed.ticks = Ticks(feed.bus, feed.book, feed.histories)
        await feed.deliver(deliveries)
    await feed.fire(at)
    found = await feed.state()
    await feed.empty()
    remaining = sorted(final, key=lambda key: (key[1], order[key]))
    await feed.deliver([feed.delivery(event(final[key], at)) for key in remaining])
    assert found == await feed.state()


async def test_a_batch_that_was_cut_is_brought_up_to_date_by_the_timer(feed: Feed) -> None:
    quotes = [chinese(day, price) for day, price in enumerate(CALM)]
    await feed.deliver([feed.delivery(event(said)) for said in quotes], committed=5)
    assert await feed.book.current() == {}
    await feed.fire(datetime(2026, 1, 12, tzinfo=UTC))
    assert (await feed.view()).ticks == 5


async def test_a_state_of_another_version_of_the_model_is_made_again_from_its_ticks(feed: Feed) -> None:
    await feed.send(*(chinese(day, price) for day, price in enumerate(CALM)))
    found = await feed.state()
    key = next(name for name in found if name.startswith("state:"))
    await feed.write("HSET", key, "scalars", b"\xff\xff" + found[key][b"scalars"][2:])
    feed.ticks = Ticks(feed.bus, feed.book, feed.histories)
    await feed.ticks.catch_up(noon(8))
    feed.timers[f"{TO_DO}{key.removeprefix('state:')}"] = unix_ms(noon(8))
    await feed.fire(noon(8))
    after = await feed.state()
    assert after[key] == found[key]
    await feed.send(chinese(8, 432_000))
    assert (await feed.view()).ticks == 9


async def test_an_exchange_rate_begins_as_one_in_order_and_folded_again(feed: Feed) -> None:
    await feed.send(yuan(0, 0.14), yuan(2, 0.1402), chinese(0, 432_000), chinese(2, 432_500))
    rate, metal = await feed.view("CNY/currency/-/FX/assessed/USD/-"), await feed.view()
    assert 0 < rate.horizons[-1].bound_95 < 0.3 * metal.horizons[-1].bound_95
    await feed.send(yuan(1, 0.1401))
    again = await feed.view("CNY/currency/-/FX/assessed/USD/-")
    assert again.ticks == 3
    assert again.sigma_1d is not None
    assert metal.sigma_1d is not None
    assert again.sigma_1d < 0.5 * metal.sigma_1d


async def test_what_was_said_of_a_series_can_be_read(feed: Feed) -> None:
    await feed.send(chinese(0, 432_000), chinese(1, 900_000), yuan(0, 0.14))
    overview = SeriesOverview(feed.bus, feed.book)
    ticks = await overview.ticks("Nd/oxide/-/CN/assessed/CNY/-")
    assert [tick.held is None for tick in ticks] == [True, False]
    assert [view.series for view in await overview.today(FIRST + timedelta(days=3), "CNY")] == ["CNY/currency/-/FX/assessed/USD/-"]
    assert [view.stale_days for view in await overview.today(FIRST + timedelta(days=3))] == [3, 3]
    assert await overview.ticks("Xx/oxide/-/CN/assessed/CNY/-") == []


async def test_no_more_series_are_kept_than_can_be_read_with_every_order(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "MOST_SERIES", 3)
    before = counted(outcome="too_many_series", reason="")
    results = await feed.send(*(chinese(0, 100, material=f"M{number}") for number in range(5)), chinese(1, 101, material="M0"))
    assert [type(result) for result in results] == [Effects, Effects, Effects, UndecodableEvent, UndecodableEvent, Effects]
    assert "M3/oxide" in str(results[3])
    assert counted(outcome="too_many_series", reason="") == before + 2
    assert len(await feed.book.current()) == 3
    await feed.send(chinese(0, 100, material="M2", withdrawn=True))
    await feed.send(chinese(1, 100, material="M4"))
    assert [series[:2] for series in await feed.book.current()] == ["M0", "M1", "M4"]


async def test_a_series_whose_name_no_alert_can_say_is_undecodable(feed: Feed) -> None:
    results = await feed.send(chinese(0, 100, material="x" * 150), chinese(0, 432_000))
    assert [type(result) for result in results] == [UndecodableEvent, Effects]


async def test_a_series_of_which_all_was_refused_is_read_by_the_next_process(feed: Feed) -> None:
    await feed.send(chinese(0, 0))
    feed.ticks = Ticks(feed.bus, feed.book, feed.histories)
    await feed.ticks.catch_up(noon(0))
    await feed.send(chinese(1, 432_000), outside(1, 60))
    view = await feed.view()
    assert (view.ticks, view.held) == (1, 1)
