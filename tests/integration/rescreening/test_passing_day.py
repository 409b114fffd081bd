"""Screening and ledger together: a day comes on which a limb changes state, and the orders concerned are judged anew as of that day."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import redis
from sqlalchemy import select

from services.ledger import app as ledger
from services.ledger import store
from services.ledger.open_orders import open_orders
from services.ledger.settings import LedgerSettings
from services.screening import app as screening
from services.screening.settings import Settings as ScreeningSettings
from shared.bus import Bus, BusSettings
from shared.contracts.order import OrderEvent, RequestedDelivery
from shared.contracts.screening import ScreeningEvent
from tests.support.orders import MOMENT, order_event
from tests.support.waiting import wait_until_async


class Calendar:
    """The ledger's clock for what is due: the real one, until a test turns to a day to come."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead_ms

    def turn_to(self, day: date) -> None:
        self.ahead_ms = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + 1 - time.time_ns() // 1_000_000


@asynccontextmanager
async def running(redis_url: str, database_url: str, calendar: Calendar) -> AsyncIterator[None]:
    def open_to_all(*_: Any) -> Any:
        return lambda: None

    services = [
        ledger.compose(
            LedgerSettings(database_url, ("screening",), partial_after_seconds=60, final_after_seconds=120),
            Bus(BusSettings(redis_url, "ledger"), clock_ms=calendar),
            open_to_all,
        ),
        screening.compose(
            ScreeningSettings.from_environment({}), Bus(BusSettings(redis_url, "screening")), open_to_all, lambda: datetime.now(UTC)
        ),
    ]
    for service in services:
        await service.start()
    try:
        yield
    finally:
        for service in services:
            await service.stop()


def order(number: int, description: str, wanted_on: date) -> OrderEvent:
    made = order_event(number, lines=1, moment=MOMENT)
    delivery = RequestedDelivery(date=wanted_on, quantity=Decimal(10))
    line = made.data.lines[0].model_copy(
        update={"description": description, "origin_country": "CN", "requested_delivery": [delivery], "expected_departure_on": wanted_on}
    )
    return made.model_copy(update={"data": made.data.model_copy(update={"lines": [line]})})


async def test_an_order_is_judged_anew_as_of_the_day_on_which_its_answer_may_change(redis_url: str, tmp_path: Path) -> None:
    client: redis.Redis[Any] = redis.Redis.from_url(redis_url)
    database_url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    engine = store.open_engine(database_url)
    calendar = Calendar()
    # A suspension ends on 2027-11-10: what may leave around then has a day on which it is looked at again, an office chair has none.
    orders = [order(1, "Holmium oxide 99.9 %, powder", date(2027, 11, 20)), order(2, "Office chair, black", date(2027, 11, 20))]
    async with running(redis_url, database_url, calendar):
        for one in orders:
            client.xadd("{p0}:orders", {"event": one.encode()})
        await wait_until_async(lambda: has(client, "assessments", 2), "both orders are decided")
        with engine.connect() as connection:
            rows = connection.execute(select(open_orders.c.order_key, open_orders.c.recheck_on))
            days = {row.order_key: row.recheck_on for row in rows}
        assert days[orders[1].subject] is None
        day = date.fromisoformat(str(days[orders[0].subject]))
        assert day > MOMENT.date()

        calendar.turn_to(day)
        await wait_until_async(lambda: has(client, "assessments", 3), "the order whose day has come is decided anew")
    engine.dispose()
    requests = [OrderEvent.model_validate_json(event) for event in events(client, "orders")[2:]]
    assert [(request.subject, request.data.round, request.time.date()) for request in requests] == [(orders[0].subject, 2, day)]
    judged = ScreeningEvent.model_validate_json(events(client, "screenings")[-1]).data
    assert (judged.round, judged.known_on) == (2, day)
    assert judged.recheck_on is None or judged.recheck_on > day, "the next day is another one"
    assert [orjson.loads(event)["data"]["kind"] for event in events(client, "assessments")] == ["final"] * 3
    client.close()


def events(client: "redis.Redis[Any]", stream: str) -> list[bytes]:
    return [fields[b"event"] for _, fields in client.xrange(f"{{p0}}:{stream}")]


async def has(client: "redis.Redis[Any]", stream: str, count: int) -> bool:
    return await asyncio.to_thread(client.xlen, f"{{p0}}:{stream}") >= count
