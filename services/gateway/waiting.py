"""Callers that wait for the answer to an order, and what wakes them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

LOOK_AGAIN_SECONDS = 0.25
"""How long an answer that another process took in stays unseen, at most."""
COMMIT_SECONDS = 0.005
"""A wake-up comes just before the answer is committed: the first look after it comes so soon, each further one later."""

Found = TypeVar("Found")


class Waiting:
    """Wakes waiting callers of one process; across processes they look again and again."""

    def __init__(self) -> None:
        self._events: dict[str, tuple[asyncio.Event, int]] = {}

    def wake(self, order_key: str) -> None:
        if order_key in self._events:
            self._events[order_key][0].set()

    async def until(self, order_key: str, look: Callable[[], Awaitable[Found | None]], seconds: float) -> Found | None:
        """What `look` finds, or None when the time is up."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        pause = LOOK_AGAIN_SECONDS
        with self._listening(order_key) as event:
            while True:
                found = await look()
                left = deadline - loop.time()
                if found is not None or left <= 0:
                    return found
                try:
                    async with asyncio.timeout(min(left, pause)):
                        await event.wait()
                    event.clear()
                    pause = COMMIT_SECONDS
                    await asyncio.sleep(pause)
                except TimeoutError:
                    pause = min(2 * pause, LOOK_AGAIN_SECONDS)

    @contextmanager
    def _listening(self, order_key: str) -> Iterator[asyncio.Event]:
        event, listeners = self._events.get(order_key, (asyncio.Event(), 0))
        self._events[order_key] = (event, listeners + 1)
        try:
            yield event
        finally:
            event, listeners = self._events.pop(order_key)
            if listeners > 1:
                self._events[order_key] = (event, listeners - 1)
