"""What becomes of a report about an order or a licence: of the report itself, and of the order it is about."""

from dataclasses import dataclass
from typing import Literal

from services.gateway.domain.taking_in import OrderState, Taken

Outcome = Literal["stored", "unchanged", "rejected"]


@dataclass(slots=True, frozen=True)
class Recorded:
    """What became of one report."""

    outcome: Outcome
    messages: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Reported:
    """What reports do to one order: the state afterwards, what goes out on `shipments`, and the order's new snapshot where it has one."""

    state: OrderState
    recorded: tuple[Recorded, ...]
    shipments: tuple[bytes, ...]
    taken: Taken | None
