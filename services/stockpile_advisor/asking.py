"""How advice is asked for: a timer in the partition of the item, a moment later, so that many changes are one look.

`clock` only says when to look; what is advised depends on the moment that the timer names.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from services.stockpile_advisor.keys import ADVISE, ALL, ASK, DAY, EVERYWHERE, MADE, Asked
from shared.bus import Bus
from shared.bus.types import DueTimer, Effects, State, Timer
from shared.contracts.base import unix_ms

Reason = Literal["report", "inbound", "licences", "prices", "policy", "day"]


class Asking:
    def __init__(self, bus: Bus, clock: Callable[[], datetime], settling_ms: int) -> None:
        self._bus = bus
        self._clock = clock
        self._settling_ms = settling_ms

    def timer(self, reason: Reason, item_id: str) -> Timer:
        """In the partition of the item. Asking again within the same moment changes nothing; asking later puts nothing off."""
        moment = self._moment_ms()
        return Timer(Asked(ADVISE, reason, moment, item_id).timer, moment)

    def from_partition(self, partition: int, reason: Reason, item_id: str) -> Timer:
        """In another partition, committed with what has changed there; its turn asks the partition of the item."""
        if self._bus.partition_of(item_id) == partition:
            return self.timer(reason, item_id)
        moment = self._moment_ms()
        return Timer(Asked(ASK, reason, moment, item_id).timer, 0)

    def everywhere(self, reason: Reason) -> Timer:
        """In any partition: every item of all partitions is looked at."""
        return Timer(Asked(EVERYWHERE, reason, self._moment_ms()).timer, 0)

    def ready(self, asked: Asked) -> Timer:
        """An advice of an item, or of a place, lies ready in this process."""
        return Timer(asked._replace(beginning=MADE).timer, 0)

    def look_again(self, asked: Asked, after_ms: int) -> Timer:
        """Should the process that makes the advice be gone by then."""
        return Timer(asked.timer, unix_ms(self._clock()) + after_ms)

    def on_day(self, place: str, moment: datetime | None) -> Timer:
        """One a place: a nearer or farther day takes its place."""
        return Timer(f"{DAY}day:0:{place}", unix_ms(moment) if moment is not None else None)

    def cancelled_day(self, place: str) -> Timer:
        return self.on_day(place, None)

    async def of_all(self, reason: Reason) -> None:
        moment = self._moment_ms()
        for partition in range(self._bus.settings.partitions):
            await self._bus.set_timers(partition, [Timer(Asked(ALL, reason, moment).timer, moment)])

    async def on_asked(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        for timer in timers:
            asked = Asked.of(timer.name)
            wanted = Timer(asked._replace(beginning=ADVISE).timer, asked.moment_ms)
            await self._bus.set_timers(self._bus.partition_of(asked.name), [wanted])
        return [Effects() for _ in timers]

    async def on_everywhere(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        for timer in timers:
            asked = Asked.of(timer.name)
            for partition in range(self._bus.settings.partitions):
                await self._bus.set_timers(partition, [Timer(asked._replace(beginning=ALL).timer, asked.moment_ms)])
        return [Effects() for _ in timers]

    def _moment_ms(self) -> int:
        return (unix_ms(self._clock()) // self._settling_ms + 1) * self._settling_ms
