"""The open orders as their latest final decision left them: what they depend on, what is asked about them, what changes and when.

Derived from the decisions and changed with them; no part of the chain. What a view shows of a line beside its questions and cliffs (its
answers, description, value) stands in `decision_lines` under the order's `decision_id` and the line's `number`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Final

import orjson
from sqlalchemy import BigInteger, Column, Connection, Index, Insert, Integer, Row, Table, Text, bindparam, delete, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from services.ledger.domain.assessment import ReceivedOrder
from services.ledger.domain.order import OrderLineRead
from services.ledger.domain.receipt import Decision
from services.ledger.domain.resubmission import RESCREENED_FOR
from services.ledger.domain.results import LineScreeningRead, ScreeningRead
from services.ledger.domain.rounds import RoundKey
from services.ledger.store import insert_rows, metadata, storable
from shared.contracts.assessment import LineAssessment
from shared.contracts.canonical import canonical_json
from shared.contracts.reference_change import EVERYTHING

open_orders = Table(
    "open_orders",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("decision_id", Text, nullable=False),
    Column("order_sha256", Text, nullable=False),
    Column("supplier_id", Text),
    Column("supplier_name", Text),
    Column("currency", Text),
    Column("touched", Text, nullable=False),
    Column("versions", Text, nullable=False),
    Column("recheck_on", Text),
    Column("decided_at", Text, nullable=False),
    Index("open_orders_by_partition", "partition", "order_key"),
    Index("open_orders_by_supplier", "supplier_id"),
)
"""Orders with a line that is neither cancelled nor closed. `order_sha256` names the order event in `contents`; `touched` is a JSON list of
keys, `*` where nothing is known of them; `versions` is JSON of the kinds of reference data that orders are judged anew for."""

open_lines = Table(
    "open_lines",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("line_id", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("questions", Text),
    Column("cliffs", Text),
    Column("first_cliff_on", Text),
    Column("expected_departure_on", Text),
    Column("latest_departure_on", Text),
    Index(
        "open_lines_by_cliff",
        "first_cliff_on",
        sqlite_where=text("first_cliff_on IS NOT NULL"),
        postgresql_where=text("first_cliff_on IS NOT NULL"),
    ),
)
"""Open lines with a question or a cliff, no others. `item` is JSON of the item's numbers, `questions` of `MissingFact`s, `cliffs` of
`Cliff`s by day; each of the two None where there are none."""


@dataclass(slots=True, frozen=True)
class OpenOrder:
    """Rows of one order; without them the order is no longer open."""

    order_key: str
    row: Mapping[str, object] | None = None
    lines: list[dict[str, object]] = field(default_factory=list)
    recheck_on: date | None = None


def open_order(decision: Decision, order: ReceivedOrder, lines: Iterable[LineAssessment], screening: ScreeningRead | None) -> OpenOrder:
    """What a final decision says of its order. `screening` is None where none came."""
    snapshot = order.event.data
    is_open = [_is_open(line) for line in snapshot.lines]
    if snapshot.status in ("cancelled", "closed") or not any(is_open):
        return OpenOrder(decision.order_key)
    known = screening if screening is not None and screening.outcome == "screened" else None
    recheck_on = known.recheck_on if known else None
    row = {
        "order_key": decision.order_key,
        "partition": decision.partition,
        "revision": decision.revision,
        "round": decision.round,
        "decision_id": decision.decision_id,
        "order_sha256": order.sha256,
        "supplier_id": decision.supplier_id,
        "supplier_name": decision.supplier_name,
        "currency": decision.currency,
        "touched": orjson.dumps(touched_by(screening)).decode(),
        "versions": canonical_json(judged_by(screening)).decode(),
        "recheck_on": _day(recheck_on),
        "decided_at": decision.decided_at,
    }
    screened = {line.line_id: line for line in known.lines} if known else {}
    rows = []
    for number, (line, assessed, stands_open) in enumerate(zip(snapshot.lines, lines, is_open, strict=True)):
        found = screened.get(line.line_id)
        if stands_open and found is not None and (assessed.questions or found.coming):
            rows.append(_line_row(decision.order_key, number, line, assessed, found))
    return OpenOrder(decision.order_key, row, rows, recheck_on)


def touched_by(screening: ScreeningRead | None) -> list[str]:
    """Keys of what the answers depend on; of an order that was not screened nothing is known, and everything reaches it."""
    return screening.touched if screening is not None and screening.outcome == "screened" else [EVERYTHING]


def judged_by(screening: ScreeningRead | None) -> dict[str, str]:
    """By kind, the versions of the reference data that orders are judged anew for."""
    return {kind: screening.versions[kind] for kind in RESCREENED_FOR if kind in screening.versions} if screening else {}


def _is_open(line: OrderLineRead) -> bool:
    return line.line_status not in ("cancelled", "closed")


def _line_row(order_key: str, number: int, line: OrderLineRead, assessed: LineAssessment, screened: LineScreeningRead) -> dict[str, object]:
    questions, cliffs = assessed.questions, screened.coming
    return {
        "order_key": order_key,
        "number": number,
        "line_id": storable(line.line_id),
        "item": orjson.dumps(line.item.model_dump(exclude_none=True)).decode(),
        "questions": orjson.dumps([question.model_dump() for question in questions]).decode() if questions else None,
        "cliffs": orjson.dumps(cliffs).decode() if cliffs else None,
        "first_cliff_on": min(cliff["on"] for cliff in cliffs) if cliffs else None,
        "expected_departure_on": _day(screened.expected_departure_on),
        "latest_departure_on": _day(screened.latest_departure_on),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


_DELETE_LINES: Final = delete(open_lines).where(open_lines.c.order_key.in_(bindparam("order_keys", expanding=True)))
_DELETE_ORDERS: Final = delete(open_orders).where(open_orders.c.order_key.in_(bindparam("order_keys", expanding=True)))
_INSERT_LINES: Final = insert(open_lines)


def put(connection: Connection, decided: Collection[OpenOrder]) -> None:
    """Replaces what stood of these orders."""
    if not decided:
        return
    connection.execute(_DELETE_LINES, {"order_keys": [each.order_key for each in decided]})
    ended = [each.order_key for each in decided if each.row is None]
    if ended:
        connection.execute(_DELETE_ORDERS, {"order_keys": ended})
    rows = [each.row for each in decided if each.row is not None]
    if rows:
        insert_rows(connection, _upsert(connection.dialect.name), rows)
    lines = [line for each in decided for line in each.lines]
    if lines:
        insert_rows(connection, _INSERT_LINES, lines)


def read(connection: Connection, order_keys: Collection[str]) -> list[Row[Any]]:
    """What has to be known to ask for these orders again."""
    return list(connection.execute(_FOR_ASKING.where(open_orders.c.order_key.in_(order_keys))))


def read_after(connection: Connection, partition: int, order_key: str, at_most: int) -> list[Row[Any]]:
    """The same of the partition's next open orders behind this one, by order key."""
    next_ones = _FOR_ASKING.where(open_orders.c.partition == partition, open_orders.c.order_key > order_key)
    return list(connection.execute(next_ones.order_by(open_orders.c.order_key).limit(at_most)))


def recheck_days(connection: Connection, decided: Collection[RoundKey]) -> dict[RoundKey, date | None]:
    """Of those rounds that are still the last word on their order, the day on which time alone may change it, if any."""
    if not decided:
        return {}
    rows = {row.order_key: row for row in read(connection, [key.order_key for key in decided])}
    days: dict[RoundKey, date | None] = {}
    for key in decided:
        row = rows.get(key.order_key)
        if row is None:
            days[key] = None
        elif (row.revision, row.round) == (key.revision, key.round):
            days[key] = date.fromisoformat(row.recheck_on) if row.recheck_on else None
    return days


_FOR_ASKING: Final = select(
    open_orders.c.order_key,
    open_orders.c.revision,
    open_orders.c.round,
    open_orders.c.touched,
    open_orders.c.versions,
    open_orders.c.recheck_on,
    open_orders.c.decided_at,
)


@cache
def _upsert(dialect: str) -> Insert:
    statement = postgresql.insert(open_orders) if dialect == "postgresql" else sqlite.insert(open_orders)
    changing = [column.name for column in open_orders.columns if not column.primary_key]
    return statement.on_conflict_do_update(index_elements=["order_key"], set_={name: statement.excluded[name] for name in changing})
