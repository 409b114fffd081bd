"""From a price event on the bus to an alert on the bus: one, whoever dies and however often the price is sent."""

import subprocess
import sys

import redis

from services.pricing_risk.app import compose
from services.pricing_risk.series_book import SeriesBook
from services.pricing_risk.settings import Settings
from shared.bus import Bus, BusSettings
from shared.contracts.alert import Alert, AlertEvent
from tests.integration.pricing_risk import dying_pricing
from tests.integration.pricing_risk.feed import chinese, event, noon, outside, yuan
from tests.support.waiting import wait_until, wait_until_async

QUIET = [432_000, 433_000] * 6
JUMP = event(chinese(len(QUIET), 483_000))


def alerts(client: redis.Redis) -> list[Alert]:
    entries: list[tuple[bytes, dict[bytes, bytes]]] = client.xrange("{p0}:alerts")  # type: ignore[assignment]
    return [AlertEvent.model_validate_json(fields[b"event"]).data for _, fields in entries]


async def test_a_price_that_jumps_raises_one_alert_though_the_process_that_met_it_died(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    process = subprocess.Popen([sys.executable, "-m", dying_pricing.__name__, redis_url])
    try:
        for day, price in enumerate(QUIET):
            client.xadd("{p0}:prices", {"event": event(chinese(day, price))})
        client.xadd("{p0}:prices", {"event": JUMP})
        wait_until(lambda: process.poll() is not None, "the process has met the jump and died")
    finally:
        process.kill()
        process.wait()
    assert alerts(client) == []

    bus = Bus(BusSettings(url=redis_url, group="pricing-risk"))
    service = compose(Settings(), bus, dying_pricing.open_to_all, lambda: noon(len(QUIET)))
    await service.start()

    async def known() -> bool:
        views = (await SeriesBook(bus).current()).values()
        return [view.ticks for view in views] == [len(QUIET) + 1]

    async def worked_off() -> bool:
        groups: list[dict[str, object]] = client.xinfo_groups("{p0}:prices")
        return all(not group["pending"] and group["last-delivered-id"] == last for group in groups)

    try:
        await wait_until_async(known, "another process has taken the price in")
        last = client.xadd("{p0}:prices", {"event": JUMP})
        await wait_until_async(worked_off, "the same price, sent again, has been read")
    finally:
        await service.stop()
    found = alerts(client)
    assert [(alert.kind, alert.state) for alert in found if alert.kind == "price_jump"] == [("price_jump", "firing")]
    assert len({alert.alert_key for alert in found}) == len(found)
    client.close()


async def test_a_premium_is_told_with_the_exchange_rate_of_another_partition(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    bus = Bus(BusSettings(url=redis_url, group="pricing-risk", partitions=4))
    service = compose(Settings(), bus, dying_pricing.open_to_all, lambda: noon(9))
    assert bus.partition_of("Nd") != bus.partition_of("CNY")
    await service.start()
    book = SeriesBook(bus)

    async def known() -> bool:
        return sum(view.ticks for view in (await book.current()).values()) == sent

    try:
        sent = 0
        for quotes in ([yuan(day, 0.1402) for day in range(9)], [chinese(8, 432_000), outside(8, 75.0)]):
            for said in quotes:
                client.xadd(f"{{p{bus.partition_of(said['material'])}}}:prices", {"event": event(said)})
            sent += len(quotes)
            await wait_until_async(known, "the prices are taken in")
        views = await book.current()
        assert list(views) == sorted(views)
        premium = views["Nd/oxide/-/EX_CN/assessed/USD/-"].premium
        assert premium is not None
        assert 35 < premium.percent < 45
    finally:
        await service.stop()
        client.close()
