"""A consumer of its own process that kills itself with -9 when it meets a certain message."""

import argparse
import asyncio
import os
import signal

from shared.bus import Bus, BusSettings
from shared.bus.types import Effects


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("dies_at")
    parser.add_argument("--max-interruptions", type=int, default=10)
    arguments = parser.parse_args()

    async def handle(deliveries, state):
        results = []
        for delivery in deliveries:
            if delivery.event.decode() == arguments.dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            results.append(Effects(outputs=[("screenings", delivery.event)]))
        return results

    bus = Bus(BusSettings(url=arguments.url, group="screening", max_interruptions=arguments.max_interruptions))
    bus.on("orders", handle)
    await bus.start()
    await asyncio.Event().wait()


asyncio.run(main())
