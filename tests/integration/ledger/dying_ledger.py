"""The ledger in a process of its own that dies between the book's commit and the bus's: `python -m … REDIS DATABASE events|timers`."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from services.ledger.app import compose
from services.ledger.settings import LedgerSettings
from shared.bus import Bus, BusSettings
from shared.bus.types import Delivery, DueTimer, Effects, Handler, State, StreamName, TimerHandler

PARTIAL_AFTER_SECONDS, FINAL_AFTER_SECONDS = 0.2, 0.8


class DyingBus(Bus):
    """Hands out what the service registered, with death behind the handlers of `dies_on`: `events` or `timers`."""

    def __init__(self, settings: BusSettings, dies_on: str) -> None:
        super().__init__(settings)
        self._dies_on = dies_on

    def on(self, stream: StreamName, handler: Handler, *, event: type[BaseModel] | None = None) -> None:
        async def dies(deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
            effects = await handler(deliveries, state)
            _die_of(effects)
            return effects

        super().on(stream, dies if self._dies_on == "events" else handler, event=event)

    def on_timer(self, handler: TimerHandler) -> None:
        async def dies(timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
            effects = await handler(timers, state)
            _die_of(effects)
            return effects

        super().on_timer(dies if self._dies_on == "timers" else handler)


def _die_of(effects: Sequence[Effects | Exception]) -> None:
    if any(isinstance(each, Effects) and each.outputs for each in effects):
        os.kill(os.getpid(), signal.SIGKILL)


def settings(database_url: str) -> LedgerSettings:
    return LedgerSettings(database_url, partial_after_seconds=PARTIAL_AFTER_SECONDS, final_after_seconds=FINAL_AFTER_SECONDS)


async def _run(redis_url: str, database_url: str, dies_on: str) -> None:
    def require(_scope: str) -> Any:
        return lambda: None

    service = compose(settings(database_url), DyingBus(BusSettings(redis_url, "ledger"), dies_on), require)
    await service.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_run(*sys.argv[1:]))
