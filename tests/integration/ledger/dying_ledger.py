"""The ledger in a process of its own that dies between the book's commit and the bus's: `python -m … REDIS DATABASE events|timers|steps N`.

It dies behind the Nth batch that emits something: of events, of timers, or of timers where no deadline passes and a walk over open orders
takes small steps.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from services.ledger import rescreening
from services.ledger.app import compose
from services.ledger.settings import LedgerSettings
from shared.bus import Bus, BusSettings
from shared.bus.types import Delivery, DueTimer, Effects, Handler, State, StreamName, TimerHandler

PARTIAL_AFTER_SECONDS, FINAL_AFTER_SECONDS = 0.2, 0.8
STEP = 16


class DyingBus(Bus):
    """Hands out what the service registered, with death behind the handlers that `dies_on` names."""

    def __init__(self, settings: BusSettings, dies_on: str, lives: int) -> None:
        super().__init__(settings)
        self._dies_on = dies_on
        self._lives = lives

    def _die_of(self, effects: Sequence[Effects | Exception]) -> None:
        self._lives -= any(isinstance(each, Effects) and each.outputs for each in effects)
        if self._lives == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def on(self, stream: StreamName, handler: Handler, *, event: type[BaseModel] | None = None) -> None:
        async def dies(deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
            effects = await handler(deliveries, state)
            self._die_of(effects)
            return effects

        super().on(stream, dies if self._dies_on == "events" else handler, event=event)

    def on_timer(self, handler: TimerHandler) -> None:
        async def dies(timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
            effects = await handler(timers, state)
            self._die_of(effects)
            return effects

        super().on_timer(handler if self._dies_on == "events" else dies)


def settings(database_url: str, *, patient: bool = False) -> LedgerSettings:
    partial, final = (300.0, 600.0) if patient else (PARTIAL_AFTER_SECONDS, FINAL_AFTER_SECONDS)
    return LedgerSettings(database_url, ("screening",), partial_after_seconds=partial, final_after_seconds=final)


async def _run(redis_url: str, database_url: str, dies_on: str, behind: str) -> None:
    rescreening.MOST_ASKED = STEP  # type: ignore[misc]

    def require(_scope: str) -> Any:
        return lambda: None

    service = compose(
        settings(database_url, patient=dies_on == "steps"), DyingBus(BusSettings(redis_url, "ledger"), dies_on, int(behind)), require
    )
    await service.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_run(*sys.argv[1:]))
