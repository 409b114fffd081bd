"""Alerts on party lists: one that was refused, one that has become too old. Each resolves with the next good load.

A timer for each list in partition 0 decides, so that of several processes the one that holds the partition speaks: when a load succeeded or
was refused, and on the day on which a list is too old.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from services.screening.domain.loads import Load
from services.screening.domain.result import SOURCE
from services.screening.domain.wording import day_text
from services.screening.party_lists import TIMER, PartyLists, Refusal, timer_name
from services.screening.references import References
from shared.bus import Bus
from shared.bus.types import DueTimer, Effects, State, Timer, Write
from shared.contracts.alert import Alert, AlertEvent, alert_event
from shared.contracts.base import beginning_of, instant_of, unix_ms

REFUSED, STALE = "party_list_refused", "party_list_stale"


class ListAlerts:
    def __init__(self, bus: Bus, references: References, lists: PartyLists, clock: Callable[[], datetime]) -> None:
        self._bus = bus
        self._references = references
        self._lists = lists
        self._clock = clock

    async def watch(self) -> None:
        """Sets a timer for every list there is: one may have aged while nobody ran."""
        now_ms = unix_ms(self._clock())
        loads = (await self._references.current()).parties.source.loads
        await self._bus.set_timers(0, [Timer(timer_name(name), now_ms) for name in loads])

    async def on_timers(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        refusals = await self._lists.refusals()
        loads = (await self._references.current()).parties.source.loads
        due = [(timer.name.removeprefix(TIMER), instant_of(timer.due_ms)) for timer in timers]
        stale = {name for name, now in due if name in loads and loads[name].stale_on(now.date())}
        await self._lists.found_stale(sorted(name for name in stale if not loads[name].found_stale))
        return [await _turn(name, loads.get(name), refusals.get(name), now, state, stale=name in stale) for name, now in due]


async def _turn(name: str, load: Load | None, refusal: Refusal | None, now: datetime, state: State, *, stale: bool) -> Effects:
    effects = Effects()
    for kind, firing in ((REFUSED, refusal is not None), (STALE, stale)):
        key = f"list-alert:{kind}:{name}"
        raised = await state.get(key)
        since = refusal.at if kind == REFUSED and refusal is not None else now
        if firing and (raised is None or (kind == REFUSED and raised.decode() != since.isoformat())):
            cause = refusal.reason if kind == REFUSED and refusal is not None else _too_old(load, now)
            effects.outputs.append(("alerts", _alert(kind, name, "firing", since, now, load, cause).encode()))
            effects.writes.append(Write("SET", key, (since.isoformat(),)))
        elif not firing and raised is not None:
            began = datetime.fromisoformat(raised.decode())
            cause = "the list was loaded" if load is not None else "the list was taken away"
            effects.outputs.append(("alerts", _alert(kind, name, "resolved", began, now, load, cause).encode()))
            effects.writes.append(Write("DEL", key))
    if load is not None and load.max_age_days is not None and not stale:
        too_old_on = load.stands_at.date() + timedelta(days=load.max_age_days + 1)
        effects.timers.append(Timer(timer_name(name), unix_ms(beginning_of(too_old_on))))
    return effects


def _too_old(load: Load | None, now: datetime) -> str:
    if load is None:
        return "the list is gone"
    return f"it stands as of {day_text(load.stands_at.date())}, {load.age_days(now.date())} days ago; {load.max_age_days} are the most"


def _alert(
    kind: str, name: str, state: Literal["firing", "resolved"], since: datetime, now: datetime, load: Load | None, cause: str
) -> AlertEvent:
    title = load.title if load is not None else name
    summaries = {
        (REFUSED, "firing"): f"A new version of the party list {title} ({name}) was refused; the last good one stays in force and ages.",
        (REFUSED, "resolved"): f"The party list {title} ({name}) is whole again.",
        (
            STALE,
            "firing",
        ): f"The party list {title} ({name}) is too old: no answer relies on it, and every line says so until it is loaded.",
        (STALE, "resolved"): f"The party list {title} ({name}) is young enough again.",
    }
    alert = Alert(
        alert_key=f"{kind}/{name}",
        kind=kind,
        severity="critical" if kind == STALE else "warning",
        state=state,
        since=since,
        summary=summaries[kind, state],
        cause=cause,
        evidence={"list": name, **({"loaded_at": load.loaded_at.isoformat(), "version": load.sha256} if load is not None else {})},
    )
    return alert_event(alert, SOURCE, now)
