"""A running advisor on an empty Redis."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.stockpile_advisor.desk import Desk


@pytest.fixture
async def desk(redis_url: str) -> AsyncIterator[Desk]:
    desk = Desk(redis_url)
    await desk.start()
    yield desk
    await desk.stop()
