"""What the ledger reads of an order event: a fraction of the snapshot, decoded in a fraction of the time. The rest stays in the bytes."""

from typing import Literal

from pydantic import Field

from shared.contracts.base import Contract, CurrencyCode, DecimalString, Identifier, Name, Text
from shared.contracts.envelope import Event
from shared.contracts.order import ItemReference, OrderKey


class RevisionRead(Contract):
    received_seq: int = Field(ge=1)


class SupplierRead(Contract):
    id: Identifier | None = None
    name: Name | None = None


class OrderLineRead(Contract):
    line_id: Identifier
    line_status: Literal["open", "held", "cancelled", "closed"] = "open"
    item: ItemReference = Field(default_factory=ItemReference)
    description: Text | None = None
    unscreenable: str | None = None
    value: DecimalString | None = None


class OrderRead(Contract):
    order_key: OrderKey
    revision: RevisionRead
    round: int = Field(default=1, ge=1)
    status: Literal["draft", "open", "held", "cancelled", "closed"] = "open"
    currency: CurrencyCode | None = None
    supplier: SupplierRead | None = None
    conflict: bool = False
    lines: list[OrderLineRead] = []


OrderReadEvent = Event[OrderRead]
"""Of an event that is an `OrderEvent`."""
