"""The notification service as a process of its own, to be killed: python -m tests.integration.notification.process URL PARTITIONS."""

import asyncio
import os
import sys

from services.notification.app import build
from shared.bus import BusSettings


async def run() -> None:
    service = build(os.environ, BusSettings(url=sys.argv[1], group="notification", partitions=int(sys.argv[2])))
    await service.start()
    print("started", flush=True)
    await asyncio.Event().wait()


asyncio.run(run())
