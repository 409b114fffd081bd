"""Changes of reference data in the order in which they were announced, and how far the open orders have been compared with each."""

from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, Text, UniqueConstraint, bindparam, func, select, update

from services.ledger.domain.resubmission import Newer
from services.ledger.open_orders import open_orders
from services.ledger.store import insert_if_new, metadata

changes = Table(
    "reference_changes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("previous_version", Text),
    Column("touched", Text, nullable=False),
    Column("announced_at", Text, nullable=False),
    UniqueConstraint("kind", "version", "announced_at", name="reference_changes_once"),
    Index("reference_changes_by_kind", "kind", "number"),
)
"""A version that is gone back to is a change of its own. `touched` is a JSON list of what the change reaches."""

rescreenings = Table(
    "rescreenings",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("change", Integer, primary_key=True, autoincrement=False),
    Column("step", BigInteger, nullable=False),
    Column("after", Text),
    Column("asked", Text, nullable=False),
)
"""The walk over one partition's open orders for one change. `step` is the next one to take, `after` the order key that the last one ended
with (None: there are no more), `asked` a JSON list of the rounds that it asked for again."""


@dataclass(slots=True, frozen=True)
class Walk:
    touched: frozenset[str]
    kind: str
    step: int
    after: str | None
    asked: tuple[str, ...]


def announce(
    connection: Connection, partition: int, kind: str, version: str, previous_version: str | None, touched: list[str], at: str
) -> int | None:
    """The number of the change, where open orders of the partition have to be compared with it. The same again gives the same number."""
    row = {"kind": kind, "version": version, "previous_version": previous_version, "announced_at": at}
    connection.execute(insert_if_new(connection.dialect.name, changes), {**row, "touched": orjson.dumps(touched).decode()})
    this = (changes.c.kind == kind, changes.c.version == version, changes.c.announced_at == at)
    number = int(connection.execute(select(changes.c.number).where(*this)).scalar_one())
    if not touched:
        return None
    begun = {"partition": partition, "change": number, "step": 0, "after": "", "asked": "[]"}
    connection.execute(insert_if_new(connection.dialect.name, rescreenings), begun)
    return number


def newer_than(connection: Connection, kind: str, used: str | None) -> Newer | None:
    """What was announced after `used`: the newest version and what all the changes since reach together.

    Without `used` everything is newer. None where it is the newest, or where the book has not met it: its announcement is yet to come.
    """
    of_kind = changes.c.kind == kind
    newest = connection.execute(_NEWEST, {"of_kind": kind}).one_or_none()
    if newest is None or newest.version == used:
        return None
    since = 0
    if used is not None:
        met = connection.execute(select(func.max(changes.c.number)).where(of_kind, changes.c.version == used)).scalar_one()
        if met is None:
            left = connection.execute(select(func.max(changes.c.number)).where(of_kind, changes.c.previous_version == used)).scalar_one()
            met = left - 1 if left is not None else None
        if met is None:
            return None
        since = met
    rows = connection.execute(select(changes.c.touched).where(of_kind, changes.c.number > since)).scalars()
    return Newer(newest.version, newest.announced_at, frozenset(key for touched in rows for key in orjson.loads(touched)))


def read_walk(connection: Connection, partition: int, change: int) -> Walk | None:
    row = connection.execute(
        select(rescreenings.c.step, rescreenings.c.after, rescreenings.c.asked, changes.c.kind, changes.c.touched)
        .join(changes, changes.c.number == rescreenings.c.change)
        .where(rescreenings.c.partition == partition, rescreenings.c.change == change)
    ).one_or_none()
    if row is None:
        return None
    return Walk(frozenset(orjson.loads(row.touched)), row.kind, row.step, row.after, tuple(orjson.loads(row.asked)))


def walked(connection: Connection, partition: int, change: int, step: int, after: str | None, asked: list[str]) -> None:
    this = (rescreenings.c.partition == partition, rescreenings.c.change == change)
    connection.execute(update(rescreenings).where(*this).values(step=step, after=after, asked=orjson.dumps(asked).decode()))


def orders_to_compare(connection: Connection) -> int:
    """Open orders that walks have before them."""
    ahead = (open_orders.c.partition == rescreenings.c.partition) & (open_orders.c.order_key > rescreenings.c.after)
    return int(connection.execute(select(func.count()).select_from(rescreenings.join(open_orders, ahead))).scalar_one())


_NEWEST: Final = (
    select(changes.c.version, changes.c.announced_at)
    .where(changes.c.kind == bindparam("of_kind"))
    .order_by(changes.c.number.desc())
    .limit(1)
)
