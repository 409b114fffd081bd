"""What a consumer has in hand of one stream of a partition that it holds."""

from dataclasses import dataclass, field
from typing import Literal

from shared.bus.connection import Backoff
from shared.bus.types import Delivery, Effects


@dataclass(slots=True, eq=False)
class Work:
    """`todo` was read and is not committed; `computed` are the effects of its first ones, ready to commit.

    A new holder begins with what its predecessor left pending (`recovering`) and reads on when that is done.
    """

    recovering: bool = True
    todo: list[Delivery] = field(default_factory=list)
    computed: list[Effects] = field(default_factory=list)
    trouble: Exception | None = None
    """What stopped the first delivery behind `computed`."""
    attempts: int = 0
    """How often the handler has raised on the first delivery."""
    farewell: Literal["", "with what the service says", "bare"] = ""
    """`computed` is the dead letter of the first delivery; bare where what the service adds to it could not be written."""
    singly: bool = False
    """The batch as a whole made the handler raise: its deliveries are handled one by one."""
    not_before: float = 0.0
    """Monotonic time before which this stream of the partition rests."""
    backoff: Backoff = field(default_factory=Backoff)

    def forget(self) -> None:
        """What is in hand is read again: it lies pending, or its group was made anew."""
        self.todo, self.computed, self.trouble = [], [], None
        self.attempts, self.farewell, self.singly, self.recovering = 0, "", False, True
