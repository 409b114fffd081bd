"""Licence cases on their way to the stream: the last content of each is remembered, so that the same again is not sent again."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.gateway.domain.recorded import Recorded
from services.gateway.domain.taking_in import SOURCE
from services.gateway.intake import MOST_ATTEMPTS
from shared.bus import Bus
from shared.bus.types import Append, TryAgain
from shared.contracts.canonical import canonical_json, derive_id, sha256_hex
from shared.contracts.envelope import child_traceparent, dataschema_of
from shared.contracts.licence import Licence, LicenceEvent

TYPE = "orestream.licence.recorded.v1"


class LicenceIntake:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def put(self, licences: Sequence[Licence], now: datetime, traceparent: str | None) -> list[Recorded]:
        """What became of each, in their order; what was stored is in the stream when this returns. Raises TryAgain."""
        recorded: list[Recorded] = []
        for licence in licences:
            recorded.append(await self._put(licence, now, traceparent))
        return recorded

    async def _put(self, licence: Licence, now: datetime, traceparent: str | None) -> Recorded:
        ahead = [step for step in licence.history if step.on > (now + timedelta(days=1)).date()]
        if ahead:
            return Recorded("rejected", (f"The licence is said to be {ahead[0].state} on {ahead[0].on}, which lies ahead.",))
        content = canonical_json(licence.model_dump(mode="json", exclude_defaults=True))
        record = f"licence:{licence.licence_id}"
        for attempt in range(MOST_ATTEMPTS):
            (stored,) = await self._bus.records([(licence.licence_id, record)])
            if stored is not None and stored.content == content:
                return Recorded("unchanged")
            version = stored.version if stored is not None else 0
            event = _event(licence, sha256_hex(content), version + 1, now, traceparent)
            (done,) = await self._bus.append(
                [Append(licence.licence_id, record, version, version + 1, content, outputs=(("licences", event),))]
            )
            if done:
                return Recorded("stored", tuple(_remarks(licence)))
            await asyncio.sleep(0.001 * attempt)
        raise TryAgain(f"The licence {licence.licence_id} is written by others all the time.")


def _remarks(licence: Licence) -> list[str]:
    if licence.kind != "individual" or licence.state != "approved":
        return []
    found = []
    if licence.quantity is None or licence.unit is None:
        found.append("An approved licence without quantity and unit covers nothing for certain; report what it grants.")
    if licence.valid_until is None:
        found.append("The end of its validity is not said; it is taken to hold until it is.")
    return found


def _event(licence: Licence, content: str, version: int, now: datetime, traceparent: str | None) -> bytes:
    event_id = derive_id("licence", licence.licence_id, str(version), content)
    return LicenceEvent(
        id=event_id,
        source=SOURCE,
        type=TYPE,
        subject=licence.licence_id,
        time=now,
        dataschema=dataschema_of(TYPE),
        traceparent=child_traceparent(traceparent, event_id),
        data=licence,
    ).encode()
