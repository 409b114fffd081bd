"""What was refused is kept: as a dead letter with the exact bytes, the reasons and where it stood, once however often it is sent again."""

import base64
from collections.abc import Sequence
from datetime import datetime

from services.gateway.domain.received import Rejection
from services.gateway.domain.taking_in import SOURCE
from services.gateway.store import REFUSAL_REMEMBERED
from shared.bus import Bus
from shared.bus.types import Append, Write
from shared.contracts.canonical import derive_id, sha256_hex
from shared.contracts.dead_letter import DeadLetter, DeadLetterEvent
from shared.contracts.envelope import child_traceparent, dataschema_of

KEPT_WHOLE_BYTES = 256 * 1024
KEPT_BEGINNING_BYTES = 64 * 1024
TYPE = "orestream.event.dead_lettered.v1"


async def keep(bus: Bus, rejections: Sequence[Rejection], received_at: datetime, traceparent: str | None) -> None:
    """Raises TryAgain where Redis is down."""
    if rejections:
        await bus.append([_append(bus, rejection, received_at, traceparent) for rejection in rejections])


def _append(bus: Bus, rejection: Rejection, received_at: datetime, traceparent: str | None) -> Append:
    digest = sha256_hex(rejection.original)
    event_id = derive_id("refused", digest, rejection.place, *(issue.code for issue in rejection.issues))
    record = f"refused:{event_id}"
    event = DeadLetterEvent(
        id=event_id,
        source=SOURCE,
        type=TYPE,
        subject=f"orders/{bus.settings.group}",
        time=received_at,
        dataschema=dataschema_of(TYPE),
        traceparent=child_traceparent(traceparent, event_id),
        data=DeadLetter(
            stage="intake",
            stream="orders",
            partition=bus.partition_of(event_id),
            group=bus.settings.group,
            error_class=rejection.code,
            error=_told(rejection, digest),
            issues=list(rejection.issues[:100]),
            deliveries=0,
            first_seen=received_at,
            last_seen=received_at,
            original_sha256=digest,
            original=base64.b64encode(_kept(rejection.original)),
            media_type=rejection.media_type,
            traceparent=traceparent,
        ),
    )
    return Append(
        partition_key=event_id,
        record_key=record,
        expected_version=0,
        new_version=1,
        record=b"",
        outputs=(("dead-letters", event.encode()),),
        writes=(Write("PEXPIRE", record, (int(REFUSAL_REMEMBERED.total_seconds() * 1000),)),),
    )


def _kept(original: bytes) -> bytes:
    return original if len(original) <= KEPT_WHOLE_BYTES else original[:KEPT_BEGINNING_BYTES]


def _told(rejection: Rejection, digest: str) -> str:
    told = rejection.message[:4000]
    size = rejection.size or len(rejection.original)
    if size <= KEPT_WHOLE_BYTES:
        return told
    return f"{told} The document measures {size} bytes (SHA-256 {digest}); its first {KEPT_BEGINNING_BYTES} bytes are kept here."
