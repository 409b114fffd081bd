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
from tests.integration.pricing_risk.feed import chinese, event, noon
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
