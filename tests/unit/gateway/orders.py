"""Orders for the gateway's tests, made here."""

import json
from datetime import UTC, datetime
from typing import Any

from services.gateway.domain.received import Limits, Received
from services.gateway.formats.canonical import read_one
from shared.contracts.order import OrderLine

MOMENT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LIMITS = Limits()


def line(line_id: str | None = "10", **fields: Any) -> dict[str, Any]:
    said = {"item": {"buyer_id": "MAG-1"}, "quantity": {"value": "20", "unit": "KGM", "unit_system": "UNECE"}, **fields}
    return said if line_id is None else {"line_id": line_id, **said}


def order(order_id: str = "4500000001", *, lines: list[Any] | None = None, **fields: Any) -> dict[str, Any]:
    key = {"system": "sap", "company": "1000", "order_id": order_id}
    return {"order_key": key, "lines": [line()] if lines is None else lines, **fields}


def order_line(**fields: Any) -> OrderLine:
    return OrderLine.model_validate(line(**fields))


def received(**fields: Any) -> Received:
    """An order that has been read; fails the test where it was refused."""
    read = read_one(json.dumps(order(**fields)).encode(), LIMITS)
    assert isinstance(read, Received), read
    return read
