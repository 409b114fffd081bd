"""Where things lie in Redis: keys of the group `stockpile-advisor`, relative to a partition; and what its timers are called.

What is kept of orders until they are answered: `shared.order_joining`.
"""

from typing import Final, NamedTuple
from urllib.parse import quote, unquote

# In the partition of the item.
PLANTS: Final = "plants"
"""Item → the plants that keep it, as a JSON list."""
REPORTS: Final = "reports"
"""Place → StockReport."""
ADVICE: Final = "advice"
"""Place → MaterialAdvice."""
HEADS: Final = "advice-heads"
"""Place → another text with every advice that is made; a copy held in a process is good as long as this is the same."""
ALERTS: Final = "alerts"
"""Place → the alerts that are firing."""

# In the partition of the order.
INBOUND: Final = "inbound"
"""Order key → what its open lines bring, as a JSON list of InboundLine."""

# In the partition of the licence.
OUTCOMES: Final = "outcomes"
"""Licence id → OwnCase."""

# In partition 0.
REGIMES: Final = "regimes"
"""The regime of each price series, as the advice of all items was last held against."""


def inbound_of_key(item_id: str) -> str:
    """In the partition of the orders: keys of those with open lines of the item."""
    return f"inbound-of:{item_id}"


def place(plant: str, item_id: str) -> str:
    return f"{quote(plant, safe='')}/{quote(item_id, safe='')}"


def parts_of(place: str) -> tuple[str, str]:
    """Plant and item."""
    plant, _, item_id = place.partition("/")
    return unquote(plant), unquote(item_id)


# Timers ----------------------------------------------------------------------------------------------------------------------------------

ADVISE: Final = "advise:"
"""In the partition of the item: its advice is held against what it rests on, and made where that has changed."""
MADE: Final = "made:"
"""In the partition of the item: an advice that was asked for is ready in this process."""
DAY: Final = "day:"
"""In the partition of the item: a day has come that the advice of a place depends on."""
ASK: Final = "ask:"
"""In any partition: the partition of an item is to look at its advice."""
ALL: Final = "all:"
"""In every partition: all items are to be looked at."""
EVERYWHERE: Final = "everywhere:"
"""In any partition: all items of all partitions are to be looked at."""
WATCH: Final = "watch:"
"""In partition 0: price regimes are looked at."""


class Asked(NamedTuple):
    """A turn that was asked for. `moment_ms` is what the advice takes for now; `name` an item, a place, or nothing."""

    beginning: str
    reason: str
    moment_ms: int
    name: str = ""

    @property
    def timer(self) -> str:
        return f"{self.beginning}{self.reason}:{self.moment_ms}:{self.name}"

    @classmethod
    def of(cls, timer: str) -> "Asked":
        beginning, reason, moment, name = timer.split(":", 3)
        return cls(f"{beginning}:", reason, int(moment), name)
