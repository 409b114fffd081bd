"""An answer to an open question: one fact with the document behind it, about an item, a supplier or an order."""

from typing import Literal, Self

from pydantic import model_validator

from shared.contracts.base import Contract, Day, Identifier, Name, Text
from shared.contracts.order import OrderKey

Subject = Literal["item", "supplier", "order"]

OF_SUPPLIER = frozenset({"ship_from"})
OF_ORDER = frozenset({"destination", "end_use", "end_user_owner_share"})
"""Facts about a supplier and about an order; every other fact is about the goods."""


def subject_of(fact: str) -> Subject:
    """What a question of this name is about."""
    return "supplier" if fact in OF_SUPPLIER else "order" if fact in OF_ORDER else "item"


class FactAnswer(Contract):
    """`fact` is the question's name, `value` its answer in words or numbers.

    A fact about the goods names `item_id` (and `supplier_id` where it holds for the goods of this supplier only), one about a supplier
    `supplier_id`, one about an order `order_key`. A fact without a document behind it is no answer.
    """

    fact: Identifier
    value: Text
    unit: Identifier | None = None
    item_id: Identifier | None = None
    supplier_id: Identifier | None = None
    order_key: OrderKey | None = None
    document: Name
    issuer: Name | None = None
    issued_on: Day | None = None
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _names_its_subject(self) -> Self:
        subject = subject_of(self.fact)
        if subject == "order" and (self.order_key is None or self.item_id is not None or self.supplier_id is not None):
            raise ValueError(f"{self.fact} is a fact about an order: name order_key and nothing else")
        if subject == "supplier" and (self.supplier_id is None or self.item_id is not None or self.order_key is not None):
            raise ValueError(f"{self.fact} is a fact about a supplier: name supplier_id and nothing else")
        if subject == "item" and (self.item_id is None or self.order_key is not None):
            raise ValueError(f"{self.fact} is a fact about goods: name item_id, and supplier_id where it holds for that supplier only")
        return self
