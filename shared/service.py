"""What one service is to the process that runs it: a name, HTTP routes, something to start and something to stop."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter

from shared.bus.asyncapi import Described
from shared.bus.types import GroupStatus, Health


@dataclass(slots=True)
class Service:
    """`start` returns when the service consumes; `stop` when everything it had begun is finished or handed back.

    `status` is its bus's (`bus.status`): the process shows it as metrics. `refresh_metrics` brings gauges up to date that are read from
    state; it runs before each scrape.
    """

    name: str
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]
    health: Callable[[], Awaitable[Health]]
    routers: Sequence[APIRouter] = field(default=())
    status: Callable[[], Awaitable[Sequence[GroupStatus]]] | None = None
    refresh_metrics: Callable[[], Awaitable[None]] | None = None
    described: Described | None = None
    """What it takes from the bus and puts on it (`bus.described`)."""
