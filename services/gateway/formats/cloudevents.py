"""CloudEvents 1.0 that carry orders: structured, batched, and the attributes of binary mode (CloudEvents HTTP binding 1.0.2, section 3).

The event's id and source are kept as the transport's word; whether an order is new is decided on its content, because senders reuse both.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.gateway.domain.received import Limits, Received, Rejection, Unreadable
from services.gateway.formats import canonical, json_text
from services.gateway.formats.canonical import Location, read_order
from shared.contracts.order import Issue

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
ADAPTER = "cloudevents/1"
ATTRIBUTES = ("specversion", "id", "source", "type")

ReadBody = Callable[[bytes, str, str], Iterator[Received | Rejection]]
"""(bytes, media type, transport id) → what the data of an event holds where it is not canonical JSON. Raises Unreadable."""


def read_structured(data: bytes, limits: Limits, read_body: ReadBody) -> Iterator[Received | Rejection]:
    """One event. Raises Unreadable."""
    text = json_text.decoded(data)
    yield from _event(json_text.parse(text), data, text, 0, "", limits, read_body)


def read_batch(data: bytes, limits: Limits, read_body: ReadBody) -> Iterator[Received | Rejection]:
    """The events of a batch, one at a time. Raises Unreadable where the array cannot be read, or not any further."""
    for number, (event, text) in enumerate(json_text.elements(json_text.decoded(data))):
        yield from _event(event, text.encode("utf-8", "replace"), text, number, f"/{number}", limits, read_body)


def transport_id(attributes: Mapping[str, Any]) -> str:
    """The attributes' source and id in one text. Raises Unreadable where the event is not one."""
    missing = [name for name in ATTRIBUTES if not isinstance(attributes.get(name), str) or not attributes[name]]
    if missing:
        raise Unreadable("NOT_A_CLOUDEVENT", f"The event lacks {', '.join(missing)}; a CloudEvent has {', '.join(ATTRIBUTES)}.")
    if attributes["specversion"] != "1.0":
        raise Unreadable("NOT_A_CLOUDEVENT", f"The event is of CloudEvents {attributes['specversion'][:20]}; 1.0 can be read.")
    return f"{attributes['source']} {attributes['id']}"[:500]


def _event(
    event: Any, original: bytes, text: str, number: int, place: str, limits: Limits, read_body: ReadBody
) -> Iterator[Received | Rejection]:
    def refused(code: str, message: str) -> Rejection:
        told = f"{place}: {message}" if place else message
        return Rejection(place, (Issue(code=code, path=place, severity="error", message=told),), original, STRUCTURED, number)

    if not isinstance(event, dict):
        yield refused("NOT_A_CLOUDEVENT", "A CloudEvent is a JSON object.")
        return
    try:
        transport = transport_id(event)
        body = _bytes_of(event)
        if body is not None:
            yield from read_body(body, str(event.get("datacontenttype") or "application/json"), transport)
            return
    except Unreadable as error:
        yield refused(error.issue.code, error.issue.message)
        return
    data = event.get("data")
    if isinstance(data, dict) and "order_key" not in data and "lines" not in data:
        yield refused(
            "NOTIFICATION_ONLY",
            f"The event ({str(event['type'])[:80]}) says that an order changed and does not carry it; put the whole order into data as "
            "canonical JSON.",
        )
        return

    def locate(location: Location) -> str:
        return f"{place}/data{canonical.pointer(location)}"

    source = canonical.json_source(original, text, position=number, place=place, transport_id=transport)
    yield read_order(data, source.carried_by(ADAPTER, locate), limits)


def _bytes_of(event: dict[str, Any]) -> bytes | None:
    """The data where it is not JSON in place: base64, or a text of another media type. Raises Unreadable."""
    encoded = event.get("data_base64")
    if encoded is not None:
        try:
            return base64.b64decode(encoded, validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise Unreadable("NOT_BASE64", "data_base64 is not base64.") from None
    data = event.get("data")
    return data.encode("utf-8", "replace") if isinstance(data, str) else None
