"""A delivery of an order line on its way, as the buyer's logistics report it: departed, declared, held, released, arrived, received."""

from collections.abc import Iterator
from datetime import date
from typing import Self

from pydantic import model_validator

from shared.contracts.base import Identifier
from shared.contracts.envelope import Event
from shared.contracts.order import LineShipment, OrderKey


class Shipment(LineShipment):
    """All that is known of one delivery of one line; the same shipment, line and schedule position again replaces what was known."""

    order_key: OrderKey
    line_id: Identifier

    @model_validator(mode="after")
    def _days_agree(self) -> Self:
        contradictions = list(self._contradictions())
        if contradictions:
            raise ValueError(" ".join(contradictions))
        return self

    def _contradictions(self) -> Iterator[str]:
        for (earlier, first), (later, second) in (
            (("declared for export", self.declared_on), ("departed", self.departed_on)),
            (("declared for export", self.declared_on), ("released", self.released_on)),
            (("held", self.held_since), ("released", self.released_on)),
            (("departed", self.departed_on), ("arrived", self.arrived_on)),
            (("departed", self.departed_on), ("received", self.received_on)),
            (("arrived", self.arrived_on), ("received", self.received_on)),
        ):
            if first is not None and second is not None and second < first:
                yield f"The goods cannot be {later} on {second} and {earlier} only on {first}; correct one of the two days."
        if self.released_on is not None and self.held_since is None:
            yield f"The goods are released on {self.released_on} without having been held; say since when (held_since)."
        if self.held_since is not None and self.departed_on is not None and self.held_since <= self.departed_on:
            if self.released_on is None:
                yield (
                    f"The goods are held since {self.held_since} and departed on {self.departed_on}; say when they were released "
                    "(released_on)."
                )
            elif self.released_on > self.departed_on:
                yield f"The goods cannot have departed on {self.departed_on} and been released only on {self.released_on}; correct one."
        if self.received_quantity is not None and self.received_on is None:
            yield "A received quantity needs the day on which it was received (received_on)."

    def last_day(self) -> date | None:
        """The latest day that is reported, which must not lie ahead."""
        days = (self.declared_on, self.held_since, self.released_on, self.departed_on, self.arrived_on, self.received_on)
        return max((day for day in days if day is not None), default=None)


ShipmentEvent = Event[Shipment]
"""On stream `shipments`, type `orestream.shipment.recorded.v1`, subject the order key."""
