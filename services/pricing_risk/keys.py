"""Where things lie in Redis: keys of the group `pricing-risk`, relative to a partition. Those of prices are in the material's partition.

What is kept of orders until they are answered: `shared.order_joining`.
"""

from typing import Final

from shared import series_views

HEADS: Final = series_views.HEADS
VIEWS: Final = series_views.VIEWS
VERSIONS: Final = "versions"
"""Series id → what changed its state last; a copy of the state held in a process is good as long as this is the same."""

POSITIONS: Final = "positions"
"""Order key → OrderPosition."""
POSITIONS_CHANGED: Final = "positions-changed"
"""Another text after every change of the positions."""


def state_key(series: str) -> str:
    """The state of the model and of the gate, in fields of which a tick writes those that it changes."""
    return f"state:{series}"


def ticks_key(series: str) -> str:
    """Day and source → the tick that stands for them."""
    return f"ticks:{series}"


def held_key(series: str) -> str:
    """Day and source → the tick that the gate keeps out, or that waits, and why."""
    return f"held:{series}"


def concerned_key(element: str) -> str:
    """In the partition of the orders: keys of those with open lines that are exposed to the element."""
    return f"concerned:{element}"
