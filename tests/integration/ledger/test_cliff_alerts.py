"""Alerts ahead of a day on which open lines change their answer: one for each change, resolved when it concerns nobody any more."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from services.ledger.cliff_alerts import LOOK_EVERY, TIMER, CliffAlerts
from shared.bus import Bus, BusSettings
from shared.bus.types import DueTimer, Effects
from shared.contracts.screening import Answer, Cliff
from tests.integration.ledger.desk import Desk
from tests.support.orders import MOMENT, order_event
from tests.support.results import line_screening, screening_event

ON = date(2027, 1, 10)


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    bus = Bus(BusSettings(url=redis_url, group="ledger"))
    yield bus
    await bus.stop()


class Watch:
    """The alerts as their timer decides them, with its writes kept as the bus would keep them."""

    def __init__(self, engine: Engine, bus: Bus) -> None:
        self._alerts = CliffAlerts(engine, bus, 30, lambda: MOMENT)
        self._kept: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        return self._kept.get(key)

    async def look(self, at: datetime) -> tuple[list[dict[str, Any]], Effects]:
        (effects,) = await self._alerts.on_timers([DueTimer(0, TIMER, int(at.timestamp() * 1000))], self)  # type: ignore[arg-type]
        assert isinstance(effects, Effects)
        for write in effects.writes:
            self._kept[write.key] = write.arguments[0]  # type: ignore[assignment]
        return [orjson.loads(event)["data"] for _, event in effects.outputs], effects


async def order_with_cliff(desk: Desk, number: int) -> None:
    order = order_event(number)
    await desk.order(order)
    cliff = Cliff(
        jurisdiction="CN",
        on=ON,
        before=Answer.SUSPENDED,
        after=Answer.LICENCE_REQUIRED,
        instrument="cn-1",
        limb="cn-1#export",
        sentence="It binds.",
    )
    lines = [line_screening("10", Answer.SUSPENDED, cliffs=[cliff]), *(line_screening(line.line_id) for line in order.data.lines[1:])]
    await desk.result(screening_event(order, lines=lines))


async def test_an_alert_goes_out_so_many_days_ahead_once_and_resolves_on_the_day(engine: Engine, bus: Bus) -> None:
    desk, watch = Desk(engine), Watch(engine, bus)
    await order_with_cliff(desk, 1)
    await order_with_cliff(desk, 2)
    early, effects = await watch.look(datetime(2026, 12, 10, tzinfo=UTC))
    assert early == []
    assert [timer.name for timer in effects.timers] == [TIMER]
    (alert,), _ = await watch.look(datetime(2026, 12, 11, tzinfo=UTC))
    assert (alert["kind"], alert["state"]) == ("cliff", "firing")
    assert sorted(alert["orders"]) == sorted([order_event(1).subject, order_event(2).subject])
    assert "2 open lines in 2 orders" in alert["summary"]
    assert (alert["evidence"]["after"], alert["evidence"]["orders"]) == ("licence_required", "2")
    again, effects = await watch.look(datetime(2026, 12, 12, tzinfo=UTC))
    assert again == []
    assert effects.timers[0].due_ms == int((datetime(2026, 12, 12, tzinfo=UTC) + LOOK_EVERY).timestamp() * 1000)
    (resolved,), _ = await watch.look(datetime(2027, 1, 10, tzinfo=UTC) + timedelta(hours=1))
    assert (resolved["state"], resolved["alert_key"], resolved["since"]) == ("resolved", alert["alert_key"], alert["since"])


async def test_it_resolves_when_the_order_is_over(engine: Engine, bus: Bus) -> None:
    desk, watch = Desk(engine), Watch(engine, bus)
    await order_with_cliff(desk, 1)
    (alert,), _ = await watch.look(datetime(2026, 12, 20, tzinfo=UTC))
    order = order_event(1)
    revision = order.data.revision.model_copy(update={"received_seq": 2})
    over = order.data.model_copy(update={"status": "cancelled", "revision": revision})
    await desk.order(order.model_copy(update={"id": "cancelled", "data": over}))
    (resolved,), _ = await watch.look(datetime(2026, 12, 21, tzinfo=UTC))
    assert (resolved["state"], resolved["alert_key"]) == ("resolved", alert["alert_key"])
