"""Alerts on cliffs: some days before open lines change their answer by themselves, once per change. Each resolves when nobody is concerned
any more, or when the day has come and the lines are judged anew.

A timer in partition 0 decides, so that of several processes the one that holds the partition speaks.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import orjson
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from services.ledger import open_views
from services.ledger.domain.assessment import SOURCE
from services.ledger.domain.cliffs import Concerned, calendar
from shared.bus import Bus
from shared.bus.types import DueTimer, Effects, State, Timer, TryAgain, Write
from shared.contracts.alert import Alert, AlertEvent, alert_event
from shared.contracts.base import instant_of, unix_ms
from shared.contracts.canonical import derive_id

TIMER: Final = "cliffs"
KIND: Final = "cliff"
LOOK_EVERY: Final = timedelta(minutes=10)
MOST_ORDERS: Final = 200
"""Order keys that one alert lists; its evidence says how many there are."""
_RAISED: Final = "cliff-alerts"


class CliffAlerts:
    """`days_ahead`: how long before the day."""

    def __init__(self, engine: Engine, bus: Bus, days_ahead: int, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._bus = bus
        self._days_ahead = days_ahead
        self._clock = clock

    async def watch(self) -> None:
        await self._bus.set_timers(0, [Timer(TIMER, unix_ms(self._clock()))])

    async def on_timers(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        now = instant_of(max(timer.due_ms for timer in timers))
        try:
            concerned = await asyncio.to_thread(self._ahead, now)
        except SQLAlchemyError as error:
            return [TryAgain(f"The book cannot be read: {error}")] * len(timers)
        raised: dict[str, dict[str, str]] = orjson.loads(await state.get(_RAISED) or b"{}")
        return [*(Effects() for _ in timers[1:]), _turn({_key(each): each for each in concerned}, raised, now)]

    def _ahead(self, now: datetime) -> list[Concerned]:
        last = now.date() + timedelta(days=self._days_ahead)
        with self._engine.connect() as connection:
            return calendar(open_views.lines_ahead(connection, last), now.date(), last)


def _turn(ahead: Mapping[str, Concerned], raised: Mapping[str, Mapping[str, str]], now: datetime) -> Effects:
    effects = Effects(timers=[Timer(TIMER, unix_ms(now + LOOK_EVERY))])
    after = {}
    for key, concerned in ahead.items():
        summary = _summary(concerned)
        after[key] = raised.get(key) or {"since": now.isoformat(), "summary": summary}
        if key not in raised:
            evidence = {name: str(value) for name, value in concerned.as_json(now.date()).items() if isinstance(value, (str, int))}
            alert = _alert(
                key, "firing", now, now, summary, concerned.sentence, {**evidence, "orders": str(len(concerned.orders))}, concerned.orders
            )
            effects.outputs.append(("alerts", alert.encode()))
    for key in raised.keys() - ahead.keys():
        since = datetime.fromisoformat(raised[key]["since"])
        told = "no open line is concerned any more, or the day has come"
        effects.outputs.append(("alerts", _alert(key, "resolved", since, now, raised[key]["summary"], told, {}, []).encode()))
    if after != raised:
        effects.writes.append(Write("SET", _RAISED, (orjson.dumps(after),)))
    return effects


def _key(concerned: Concerned) -> str:
    edge = concerned.edge
    return f"{KIND}/{edge.on}/{derive_id('cliff', edge.jurisdiction, edge.limb, edge.before, edge.after)}"


def _summary(concerned: Concerned) -> str:
    edge, orders = concerned.edge, len(concerned.orders)
    lines = (
        f"{len(concerned.lines)} open {'line' if len(concerned.lines) == 1 else 'lines'} in {orders} {'order' if orders == 1 else 'orders'}"
    )
    return f"From {edge.on} on {lines} will be answered {edge.after} instead of {edge.before} ({edge.instrument})."


def _alert(
    key: str,
    state: Literal["firing", "resolved"],
    since: datetime,
    now: datetime,
    summary: str,
    cause: str,
    evidence: dict[str, str],
    orders: Sequence[str],
) -> AlertEvent:
    alert = Alert(
        alert_key=key,
        kind=KIND,
        severity="warning",
        state=state,
        since=since,
        summary=summary,
        cause=cause,
        evidence=evidence,
        orders=list(orders[:MOST_ORDERS]),
    )
    return alert_event(alert, SOURCE, now)
