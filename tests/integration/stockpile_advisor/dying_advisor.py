"""The stockpile advisor in a process of its own that dies with an advice and its alerts made and nothing of them committed.

`python -m … REDIS MOMENT`
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from services.stockpile_advisor.app import compose
from services.stockpile_advisor.settings import Settings
from shared.bus import Bus, BusSettings
from shared.bus.types import DueTimer, Effects, State, TimerHandler
from shared.contracts.base import unix_ms
from tests.integration.stockpile_advisor.desk import GROUP, PARTITIONS


class DyingBus(Bus):
    def on_timer(self, handler: TimerHandler) -> None:
        async def dies(timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
            effects = await handler(timers, state)
            if any(isinstance(each, Effects) and each.outputs for each in effects):
                os.kill(os.getpid(), signal.SIGKILL)
            return effects

        super().on_timer(dies)


def open_to_all(scope: str) -> Any:
    return lambda: None


async def main() -> None:
    began, moment = monotonic(), datetime.fromisoformat(sys.argv[2])

    def clock() -> datetime:
        return moment + timedelta(seconds=monotonic() - began)

    bus = DyingBus(BusSettings(url=sys.argv[1], group=GROUP, partitions=PARTITIONS), clock_ms=lambda: unix_ms(clock()))
    await compose(Settings(settling_ms=50), bus, open_to_all, clock).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
