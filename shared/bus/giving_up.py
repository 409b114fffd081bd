"""A message that is given up: its dead letter, with everything needed to understand it and to try again."""

import base64
import logging
from collections.abc import Callable

import orjson

from shared.bus.types import Delivery, Effects
from shared.contracts.base import instant_of
from shared.contracts.canonical import derive_id, sha256_hex
from shared.contracts.dead_letter import DeadLetter, DeadLetterEvent
from shared.contracts.envelope import child_traceparent, dataschema_of

log = logging.getLogger(__name__)

DeadLetterHook = Callable[[Delivery, Exception], Effects]
"""What else a service says when a message of it is given up (its `failed` result), committed together with the dead letter."""

_TYPE = "orestream.event.dead_lettered.v1"
TIMERS = "timers"
"""Stands for the stream in the dead letter of a timer; its original is `{"name": …, "due_ms": …}`."""


class Interrupted(Exception):
    """The process died again and again while it handled this message."""

    def __init__(self, deliveries: int) -> None:
        super().__init__(f"It was found unfinished {deliveries - 1} times: it seems to end the process that handles it.")


def give_up(group: str, delivery: Delivery, error: Exception, now_ms: int, hook: DeadLetterHook | None) -> Effects:
    """The dead letter and what the service adds to it."""
    effects = Effects()
    if hook is not None:
        try:
            effects = hook(delivery, error)
        except Exception:
            log.exception("The service's own say on the dead letter of %s %s failed.", delivery.stream, delivery.entry_id)
            effects = Effects()
    effects.outputs.append(
        (
            "dead-letters",
            dead_letter(group, delivery.stream, delivery.partition, delivery.entry_id, delivery.event, error, delivery.deliveries, now_ms),
        )
    )
    return effects


def dead_letter(
    group: str, stream: str, partition: int, entry_id: str, original: bytes, error: Exception, deliveries: int, now_ms: int
) -> bytes:
    """The encoded event for stream `dead-letters`. `entry_id` begins with the Unix time in ms at which the original was appended."""
    event_id = derive_id("dead_letter", stream, str(partition), entry_id, group)
    last_seen = instant_of(now_ms)
    first_ms = int(entry_id.partition("-")[0])
    traceparent = child_traceparent(_traceparent(original), event_id)
    return DeadLetterEvent(
        id=event_id,
        source=f"orestream/{group}",
        type=_TYPE,
        subject=f"{stream}/{group}",
        time=last_seen,
        dataschema=dataschema_of(_TYPE),
        traceparent=traceparent,
        data=DeadLetter(
            stage="stream",
            stream=stream,
            partition=partition,
            entry_id=entry_id,
            group=group,
            error_class=type(error).__name__,
            error=str(error)[:8000] or type(error).__name__,
            deliveries=deliveries,
            first_seen=min(instant_of(first_ms), last_seen),
            last_seen=last_seen,
            original_sha256=sha256_hex(original),
            original=base64.b64encode(original),
            media_type="application/json" if stream == TIMERS else "application/cloudevents+json",
            traceparent=traceparent,
        ),
    ).encode()


def _traceparent(original: bytes) -> str | None:
    """The original may be anything; then the dead letter begins a trace of its own."""
    try:
        value = orjson.loads(original).get("traceparent")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    return value if isinstance(value, str) and len(value) == 55 and value.startswith("00-") else None
