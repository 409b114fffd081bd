"""Open orders asked for again because what they were judged by has changed: the walk over them for a change, and their days.

A walk goes in steps, each a timer that the step before has set: a bounded number of orders in one commit, other work in between. What a
step asks for stands in the book first; a step whose commit never took place is taken again and emits what stands there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, Row

from services.ledger import announcements, open_orders, store
from services.ledger.announcements import Walk
from services.ledger.book import Arrived, Page, Rules, Uses, open_page, order_of_recheck
from services.ledger.domain.resubmission import Newer, day_has_come, newer_data, reaches
from services.ledger.domain.rounds import Outdated, RoundKey, timer_trigger
from shared.bus.types import DueTimer, Effects, Timer
from shared.contracts.base import beginning_of, instant_of, unix_ms

MOST_ASKED: Final = 128
"""Orders that one step asks for again, at most: as many as the ledger takes from a stream at once, so that it keeps pace with itself."""
MOST_BYTES: Final = 4 * 1024 * 1024
"""A step ends with the order event with which its requests pass this."""
ROWS_AT_ONCE: Final = 1_000
MOST_COMPARED: Final = 20_000
"""Open orders that one step compares with the change, at most."""


@dataclass(slots=True, frozen=True)
class StepTimer:
    """`rescreen:<number of the change>:<step>`."""

    change: int
    step: int

    @property
    def name(self) -> str:
        return f"rescreen:{self.change}:{self.step}"

    @classmethod
    def parse(cls, name: str) -> "StepTimer":
        _, change, step = name.split(":")
        return cls(int(change), int(step))


def take_step(engine: Engine, partition: int, timer: StepTimer, due_ms: int, rules: Rules, noted: Uses) -> tuple[Effects, int]:
    """The requests of one step with the timer of the next, and how many are new in the book. Raises SQLAlchemy's errors."""
    with store.writing(engine) as connection:
        store.lock_chain(connection, partition)
        walk = announcements.read_walk(connection, partition, timer.change)
        if walk is None or timer.step < walk.step - 1:
            return Effects(), 0
        if timer.step == walk.step - 1:
            asked = [RoundKey.parse(round_key) for round_key in walk.asked]
            stored = store.emitted(connection, [(key, "request") for key in asked])
            return Effects([stored[key.text, "request"] for key in asked], timers=_next(timer, walk.after, due_ms)), 0
        effects, asked_now, after = _ask(connection, partition, walk, timer, due_ms, rules, noted)
        announcements.walked(connection, partition, timer.change, walk.step + 1, after, asked_now)
    effects.timers = _next(timer, after, due_ms)
    return effects, len(asked_now)


def _next(timer: StepTimer, after: str | None, due_ms: int) -> list[Timer]:
    return [] if after is None else [Timer(StepTimer(timer.change, timer.step + 1).name, due_ms)]


def _ask(
    connection: Connection, partition: int, walk: Walk, timer: StepTimer, due_ms: int, rules: Rules, noted: Uses
) -> tuple[Effects, list[str], str | None]:
    """The requests, the rounds they follow, and the order key up to which open orders have been compared (None: to the last)."""
    reached, after = _reached(connection, partition, walk)
    keys = [RoundKey(row.order_key, row.revision, row.round) for row in reached]
    page = _page(connection, partition, keys, rules, noted)
    effects, asked, size = Effects(), [], 0
    for row, key in zip(reached, keys, strict=True):
        because = newer_data(_newer(page, walk, row))
        if not because or page.asked_before(key, because):
            continue
        requests = page.turn(Arrived(Outdated(key, because, timer_trigger(timer.name)), _not_before(row, due_ms))).outputs
        if requests:
            effects.outputs += requests
            asked.append(key.text)
            size += sum(len(event) for _, event in requests)
            if size > MOST_BYTES:
                after = row.order_key
                break
    page.write()
    return effects, asked, after


def _reached(connection: Connection, partition: int, walk: Walk) -> tuple[list[Row[Any]], str | None]:
    found: list[Row[Any]] = []
    after = walk.after
    assert after is not None, "a walk that has ended takes no step"
    for _ in range(0, MOST_COMPARED, ROWS_AT_ONCE):
        rows = open_orders.read_after(connection, partition, after, ROWS_AT_ONCE)
        for row in rows:
            after = row.order_key
            if reaches(walk.touched, orjson.loads(row.touched)):
                found.append(row)
                if len(found) == MOST_ASKED:
                    return found, after
        if len(rows) < ROWS_AT_ONCE:
            return found, None
    return found, after


def _newer(page: Page, walk: Walk, row: Row[Any]) -> dict[str, Newer]:
    """By kind what the order was not judged by yet. Of the walk's own kind an unknown version is an older one."""
    used: dict[str, str] = orjson.loads(row.versions)
    touched: list[str] = orjson.loads(row.touched)
    found: dict[str, Newer] = {}
    for kind in {*used, walk.kind}:
        newer = page.newer_than(kind, used.get(kind))
        if newer is not None and reaches(newer.reach, touched):
            found[kind] = newer
    return found


def look_again(engine: Engine, partition: int, timers: Sequence[DueTimer], rules: Rules, noted: Uses) -> tuple[list[Effects], int]:
    """Asks for the orders again whose day has come, and says how many requests are new in the book. Raises SQLAlchemy's errors."""
    effects: list[Effects] = []
    size = 0
    with store.writing(engine) as connection:
        store.lock_chain(connection, partition)
        rows = {row.order_key: row for row in open_orders.read(connection, [order_of_recheck(timer.name) for timer in timers])}
        keys = [RoundKey(row.order_key, row.revision, row.round) for row in rows.values()]
        page = _page(connection, partition, keys, rules, noted)
        for timer in timers:
            row = rows.get(order_of_recheck(timer.name))
            if row is None or row.recheck_on is None or timer.due_ms < unix_ms(beginning_of(date.fromisoformat(row.recheck_on))):
                effects.append(Effects())
            elif size > MOST_BYTES:
                effects.append(Effects(timers=[Timer(timer.name, timer.due_ms)]))
            else:
                effects.append(_for_its_day(page, row, timer))
                size += sum(len(event) for _, event in effects[-1].outputs)
        page.write()
    return effects, len(page.entries.resubmissions)


def _for_its_day(page: Page, row: Row[Any], timer: DueTimer) -> Effects:
    key = RoundKey(row.order_key, row.revision, row.round)
    because = day_has_come(date.fromisoformat(row.recheck_on))
    trigger = timer_trigger(timer.name)
    if page.rounds[key.order_key][key].asked_by != trigger and page.asked_before(key, because):
        return Effects()
    return page.turn(Arrived(Outdated(key, because, trigger), _not_before(row, timer.due_ms)))


def _page(connection: Connection, partition: int, keys: Sequence[RoundKey], rules: Rules, noted: Uses) -> Page:
    page = open_page(connection, partition, rules, noted)
    page.know(store.read_rounds(connection, keys))
    page.read_what_is_asked([key.order_key for key in keys])
    return page


def _not_before(row: Row[Any], due_ms: int) -> datetime:
    """Nothing is judged by the knowledge of a day before the one that it was judged by already."""
    return max(instant_of(due_ms), datetime.fromisoformat(row.decided_at))
