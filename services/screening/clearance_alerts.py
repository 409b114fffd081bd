"""Alerts on clearances that a change on either side has voided while the party still matches. Each resolves when the hit is settled anew.

A timer in partition 0 decides, so that of several processes the one that holds the partition speaks: when lists or clearances have changed,
when new parties were met, at the start, and when a clearance that was voided ends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import orjson

from services.screening.clearing import Clearing, StandingHit
from services.screening.domain.clearances import acts, is_successor
from services.screening.domain.result import SOURCE
from services.screening.domain.wording import day_text
from services.screening.references import HITS_CHANGED
from shared.bus import Bus
from shared.bus.types import DueTimer, Effects, State, Timer, Write
from shared.contracts.alert import Alert, AlertEvent, alert_event
from shared.contracts.base import beginning_of, instant_of, unix_ms
from shared.contracts.clearance import Clearance

KIND = "clearance_void"
_RAISED = "clearance-alerts"


@dataclass(slots=True, frozen=True)
class _Voided:
    clearance: Clearance
    hit: StandingHit
    """As it stands now."""


class ClearanceAlerts:
    def __init__(self, bus: Bus, clearing: Clearing, clock: Callable[[], datetime]) -> None:
        self._bus = bus
        self._clearing = clearing
        self._clock = clock

    async def watch(self) -> None:
        """Looks once at the start: something may have changed while nobody ran."""
        await self._bus.set_timers(0, [Timer(HITS_CHANGED, unix_ms(self._clock()))])

    async def on_timers(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        now = instant_of(max(timer.due_ms for timer in timers))
        return [*(Effects() for _ in timers[1:]), await self._turn(now, state)]

    async def _turn(self, now: datetime, state: State) -> Effects:
        voided = {each.clearance.clearance_id: each for each in await self._voided()}
        raised: dict[str, str] = orjson.loads(await state.get(_RAISED) or b"{}")
        known = {each.clearance.clearance_id: each.clearance for each in await self._clearing.all()}
        effects = Effects()
        after = {}
        for clearance_id, each in voided.items():
            after[clearance_id] = raised.get(clearance_id, now.isoformat())
            if clearance_id not in raised:
                effects.outputs.append(("alerts", _alert(each.clearance, "firing", now, now, _what_changed(each)).encode()))
        for clearance_id in raised.keys() - voided.keys():
            since = datetime.fromisoformat(raised[clearance_id])
            clearance = known.get(clearance_id)
            if clearance is not None:
                told = "the hit is cleared anew, is gone, or the clearance has ended"
                effects.outputs.append(("alerts", _alert(clearance, "resolved", since, now, told).encode()))
        if after != raised:
            effects.writes.append(Write("SET", _RAISED, (orjson.dumps(after),)))
        ends = [each.clearance.valid_until for each in voided.values()]
        if ends:
            effects.timers.append(Timer(HITS_CHANGED, unix_ms(beginning_of(min(ends)))))
        return effects

    async def _voided(self) -> list[_Voided]:
        open_hits = [hit for hit in await self._clearing.hits() if hit.state != "cleared"]
        # What is noted of parties is never forgotten: a party that has changed stands beside what it was.
        cleared = [each.clearance for each in await self._clearing.all() if each.state in ("void", "active") and acts(each.clearance)]
        return [
            _Voided(clearance, hit)
            for clearance in cleared
            if (hit := next((hit for hit in open_hits if is_successor(hit.party, clearance)), None)) is not None
        ]


def _what_changed(voided: _Voided) -> str:
    clearance, hit = voided.clearance, voided.hit.party
    if hit.hit.party_fingerprint != clearance.party_fingerprint:
        told = f"Orders say otherwise of {clearance.party_name} than when it was cleared: an identifier or its country has changed."
        return f"{told} Now: {hit.hit.matched}"
    if hit.hit.list_entry != clearance.list_entry:
        return f"The entry {clearance.entry_id} is now {hit.hit.list_entry} on the list; it was {clearance.list_entry} when it was cleared."
    return (
        f"The list says otherwise of {clearance.list_entry} than when it was cleared: the name that matches, an identifier or the number "
        f"of its entry has changed. Now: {hit.hit.matched}"
    )


def _alert(clearance: Clearance, state: Literal["firing", "resolved"], since: datetime, now: datetime, cause: str) -> AlertEvent:
    who = f"{clearance.party_name} of being {clearance.list_entry} on {clearance.list_name}"
    summaries = {
        "firing": f"The clearance of {who} does not hold any more: what matched has changed on the list or on orders, and the party still "
        "matches. Its open lines are judged with the hit again.",
        "resolved": f"The clearance of {who} that did not hold any more is settled.",
    }
    alert = Alert(
        alert_key=f"{KIND}/{clearance.clearance_id}",
        kind=KIND,
        severity="warning",
        state=state,
        since=since,
        summary=summaries[state],
        cause=cause,
        evidence={
            "clearance": clearance.clearance_id,
            "cleared_by": f"{clearance.proposed_by} and {clearance.confirmed_by}",
            "reason": clearance.reason,
            "valid_until": day_text(clearance.valid_until),
            "list": clearance.list_name,
            "entry": clearance.entry_id,
        },
    )
    return alert_event(alert, SOURCE, now)
