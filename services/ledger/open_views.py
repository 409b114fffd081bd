"""What is asked of open lines and what lies ahead of them, read from the book."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, select

from services.ledger.domain.cliffs import LineAhead
from services.ledger.domain.questionnaire import AskedLine
from services.ledger.open_orders import open_lines, open_orders
from services.ledger.store import decision_lines
from shared.contracts.screening import Cliff, MissingFact

AT_ONCE = 1_000
_QUESTIONS = TypeAdapter(tuple[MissingFact, ...])
_CLIFFS = TypeAdapter(tuple[Cliff, ...])


def asked_lines(connection: Connection, supplier: str | None = None) -> Iterator[AskedLine]:
    """Open lines with a question, of one supplier (id or name) or of all."""
    query = _lines().where(open_lines.c.questions.is_not(None))
    if supplier is not None:
        query = query.where((open_orders.c.supplier_id == supplier) | (open_orders.c.supplier_name == supplier))
    for row in _rows(connection, query):
        yield AskedLine(
            order_key=row["order_key"],
            line_id=row["line_id"],
            supplier_id=row["supplier_id"],
            supplier_name=row["supplier_name"],
            item=orjson.loads(row["item"]),
            description=row["description"],
            value=Decimal(row["value"]) if row["value"] is not None else None,
            currency=row["currency"],
            questions=_QUESTIONS.validate_json(row["questions"]),
        )


def lines_ahead(connection: Connection, last: date) -> Iterator[LineAhead]:
    """Open lines whose answer changes up to a day."""
    query = _lines().where(open_lines.c.first_cliff_on <= last.isoformat())
    for row in _rows(connection, query):
        yield LineAhead(
            order_key=row["order_key"],
            line_id=row["line_id"],
            description=row["description"],
            supplier_name=row["supplier_name"],
            value=Decimal(row["value"]) if row["value"] is not None else None,
            currency=row["currency"],
            latest_departure_on=date.fromisoformat(row["latest_departure_on"]) if row["latest_departure_on"] else None,
            cliffs=_CLIFFS.validate_json(row["cliffs"]),
        )


def _lines() -> Select[Any]:
    return (
        select(
            open_lines,
            open_orders.c.supplier_id,
            open_orders.c.supplier_name,
            open_orders.c.currency,
            decision_lines.c.description,
            decision_lines.c.value,
        )
        .join(open_orders, open_orders.c.order_key == open_lines.c.order_key)
        .join(
            decision_lines,
            (decision_lines.c.decision_id == open_orders.c.decision_id) & (decision_lines.c.number == open_lines.c.number),
        )
        .order_by(open_lines.c.order_key, open_lines.c.number)
    )


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    yield from connection.execution_options(yield_per=AT_ONCE).execute(query).mappings()
