"""One timer handler for a service with several: what a timer's name begins with tells whose turn it is."""

from collections.abc import Mapping, Sequence

from shared.bus.types import DueTimer, Effects, State, TimerHandler


def by_beginning(handlers: Mapping[str, TimerHandler]) -> TimerHandler:
    """A timer that none of the handlers knows, left by another release, is let go."""

    async def handle(timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        found: dict[str, Effects | Exception] = {timer.name: Effects() for timer in timers}
        for beginning, handler in handlers.items():
            mine = [timer for timer in timers if timer.name.startswith(beginning)]
            if mine:
                found.update(zip((timer.name for timer in mine), await handler(mine, state), strict=True))
        return [found[timer.name] for timer in timers]

    return handle
