"""The directories of law and lists that the service was started with, put on the bus for every process, and read again when asked.

A directory with a mistake in it is refused whole. The last good set, which lies on the bus, stays in force, and everybody is told: the
log, the metric `orestream_references_behind`, the health of the service and an alert, which resolves with the next good reading.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Literal

from services.screening.domain.basis import Basis
from services.screening.domain.result import SOURCE
from services.screening.installed import SHIPPED, shipped_rows
from services.screening.references import References
from services.screening.regulation_files import FilesRefused, load_law, load_parties
from services.screening.settings import Settings
from shared.bus import Bus
from shared.bus.types import DueTimer, Effects, State, Timer, Write
from shared.contracts.alert import Alert, alert_event
from shared.contracts.base import Contract, Instant, instant_of, unix_ms

log = logging.getLogger(__name__)

TIMER: Final = "files:"
KIND: Final = "regulation_files_refused"
_NOTED: Final = "refused-files"
_MOST_CHARACTERS: Final = 2000


class Refusal(Contract):
    """The last reading that was refused, until one succeeds."""

    reason: str
    at: Instant


def read_files(settings: Settings) -> Basis:
    """Raises FilesRefused, naming file and line."""
    return Basis(load_law(settings.regulations), load_parties(settings.parties))


class ShippedFiles:
    def __init__(self, settings: Settings, bus: Bus, references: References, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._bus = bus
        self._references = references
        self._clock = clock
        self._noted = bus.table(_NOTED)
        self.refusal: str | None = None
        """Why this process stands on what it found on the bus instead of on its files."""

    async def put_in_force(self, files: Basis | FilesRefused) -> None:
        """At start. Raises what refuses the files where the bus holds no last good set, because then nothing may be judged at all."""
        try:
            if isinstance(files, FilesRefused):
                raise files
            await self._references.change(shipped_rows(files))
        except ValueError as error:
            if not await self._last_good_stands():
                raise
            await self._refused(error)
        else:
            await self._taken()

    async def reload(self) -> frozenset[str]:
        """Reads the directories again; the keys that this reaches. Raises FilesRefused, or LawError, and the last good set stays."""
        try:
            _, reached = await self._references.change(shipped_rows(await asyncio.to_thread(read_files, self._settings)))
        except ValueError as error:
            await self._refused(error)
            raise
        await self._taken()
        return frozenset().union(*reached.values())

    async def _last_good_stands(self) -> bool:
        announced = await self._bus.reference_versions()
        shipped = (await self._references.installed.rows())[SHIPPED]
        if not shipped or not announced:
            return False
        held = (await self._references.in_force(announced)).versions("")
        return all(held[kind] == version for kind, version in announced.items() if kind in held)

    async def _refused(self, error: ValueError) -> None:
        self.refusal = f"The files of law and lists are refused, the last good set stays in force: {error}"
        log.error("%s", self.refusal)
        self._references.files_refused(refused=True)
        refusal = Refusal(reason=str(error)[:_MOST_CHARACTERS], at=self._clock())
        await self._noted.put_many({TIMER: refusal.model_dump_json().encode()})
        await self._look()

    async def _taken(self) -> None:
        self.refusal = None
        self._references.files_refused(refused=False)
        if (await self._noted.get_many([TIMER]))[0] is not None:
            await self._noted.delete_many([TIMER])
            await self._look()

    async def _look(self) -> None:
        await self._bus.set_timers(0, [Timer(TIMER, unix_ms(self._clock()))])

    async def on_timers(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        """Raises the alert, or resolves it: of several processes the one that holds the partition speaks."""
        return [await self._turn(instant_of(timer.due_ms), state) for timer in timers]

    async def _turn(self, now: datetime, state: State) -> Effects:
        (noted,) = await self._noted.get_many([TIMER])
        raised = await state.get(KIND)
        if noted is not None and raised != noted:
            refusal = Refusal.model_validate_json(noted)
            return Effects(outputs=[("alerts", _alert("firing", refusal, now))], writes=[Write("SET", KIND, (noted,))])
        if noted is None and raised is not None:
            return Effects(outputs=[("alerts", _alert("resolved", Refusal.model_validate_json(raised), now))], writes=[Write("DEL", KIND)])
        return Effects()


def _alert(state: Literal["firing", "resolved"], refusal: Refusal, now: datetime) -> bytes:
    summaries = {
        "firing": "The files of law and lists are refused; the last good set stays in force until they are mended and read again.",
        "resolved": "The files of law and lists are read and in force again.",
    }
    alert = Alert(
        alert_key=KIND, kind=KIND, severity="critical", state=state, since=refusal.at, summary=summaries[state], cause=refusal.reason
    )
    return alert_event(alert, SOURCE, now).encode()
