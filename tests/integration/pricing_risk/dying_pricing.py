"""Pricing-risk in a process of its own that dies with an alert worked out and nothing of it committed: `python -m … REDIS`."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from services.pricing_risk.app import compose
from services.pricing_risk.settings import Settings
from shared.bus import Bus, BusSettings
from shared.bus.types import Delivery, Effects, Handler, State, StreamName
from tests.integration.pricing_risk.feed import noon


class DyingBus(Bus):
    def on(self, stream: StreamName, handler: Handler, *, event: type[BaseModel] | None = None) -> None:
        async def dies(deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
            effects = await handler(deliveries, state)
            if any(isinstance(each, Effects) and each.outputs for each in effects):
                os.kill(os.getpid(), signal.SIGKILL)
            return effects

        super().on(stream, dies if stream == "prices" else handler, event=event)


def open_to_all(scope: str) -> Any:
    return lambda: None


async def main() -> None:
    bus = DyingBus(BusSettings(url=sys.argv[1], group="pricing-risk"))
    await compose(Settings(), bus, open_to_all, lambda: noon(0)).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
