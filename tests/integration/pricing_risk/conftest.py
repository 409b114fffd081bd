"""A feed into an empty Redis."""

from collections.abc import AsyncIterator

import pytest

from shared.bus import Bus, BusSettings
from tests.integration.pricing_risk.feed import Feed


@pytest.fixture
async def feed(redis_url: str) -> AsyncIterator[Feed]:
    bus = Bus(BusSettings(url=redis_url, group="pricing-risk"))
    feed = Feed(bus)
    yield feed
    await feed.close()
    await bus.stop()
