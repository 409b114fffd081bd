"""What is reported of an order's deliveries: kept with the order, whichever of the two comes first, and read per line."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from services.gateway.domain.recorded import Recorded, Reported
from services.gateway.domain.snapshot import JsonObject
from services.gateway.domain.taking_in import SOURCE, Circumstances, OrderState, enrich_again
from shared.contracts.canonical import canonical_json, derive_id, sha256_hex
from shared.contracts.envelope import child_traceparent, dataschema_of
from shared.contracts.shipment import Shipment, ShipmentEvent

MOST_PER_ORDER = 5_000
TYPE = "orestream.shipment.recorded.v1"


def report(state: OrderState, shipments: Sequence[Shipment], circumstances: Circumstances, record_version: int) -> Reported:
    """`record_version` is that of the record to be written: the same report may be made again after another one."""
    kept = list(state.shipments)
    recorded: list[Recorded] = []
    events: list[bytes] = []
    for shipment in shipments:
        last = shipment.last_day()
        # A day may have begun at the sender already.
        if last is not None and last > circumstances.received_at.date() + timedelta(days=1):
            recorded.append(Recorded("rejected", (f"{last} lies ahead; a shipment's days are those of what has happened.",)))
            continue
        said = _kept_form(shipment)
        if said in kept:
            recorded.append(Recorded("unchanged"))
            continue
        others = [each for each in kept if not _replaces(said, each)]
        if len(others) >= MOST_PER_ORDER:
            recorded.append(Recorded("rejected", (f"The order has {MOST_PER_ORDER} shipments, which are the most for one order.",)))
            continue
        kept = sorted([*others, said], key=_place)
        recorded.append(Recorded("stored", tuple(_remarks(state, shipment))))
        events.append(_event(shipment, circumstances, record_version))
    if not events:
        return Reported(state, tuple(recorded), (), None)
    after = replace(state, shipments=tuple(kept))
    taken = enrich_again(after, circumstances)
    return Reported(taken.state if taken is not None else after, tuple(recorded), tuple(events), taken)


def _kept_form(shipment: Shipment) -> JsonObject:
    return shipment.model_dump(mode="json", exclude_defaults=True, exclude={"order_key"})


def _replaces(new: JsonObject, old: JsonObject) -> bool:
    """The same delivery of the same line; one that names no schedule line stands for all of them."""
    if (new["line_id"], new["shipment_id"]) != (old["line_id"], old["shipment_id"]):
        return False
    positions = new.get("schedule_position"), old.get("schedule_position")
    return None in positions or positions[0] == positions[1]


def _place(said: JsonObject) -> tuple[str, str, int]:
    return said["line_id"], said["shipment_id"], said.get("schedule_position", 0)


def _remarks(state: OrderState, shipment: Shipment) -> Iterator[str]:
    if state.standing is None:
        yield "The order is not known here yet; the shipment is kept and applied when it comes."
    elif not state.open:
        yield "The order is cancelled or closed; the shipment is kept and changes no answer."
    elif state.snapshot is not None:
        lines = {line["line_id"]: line for line in state.snapshot.get("lines", ())}
        if shipment.line_id not in lines:
            yield f"The order has no line {shipment.line_id} so far; the shipment is kept and applied when it comes."
        elif (position := shipment.schedule_position) is not None:
            schedule = lines[shipment.line_id].get("requested_delivery", ())
            if position > len(schedule):
                yield f"Line {shipment.line_id} has {len(schedule)} schedule lines, not {position}; the shipment counts for the whole line."
    if shipment.departed_on is None and shipment.left_on is not None:
        yield f"The day of departure is not said; {shipment.left_on}, on which the goods had left for certain, is used."


def _event(shipment: Shipment, circumstances: Circumstances, record_version: int) -> bytes:
    key = str(shipment.order_key)
    content = sha256_hex(canonical_json(shipment.model_dump(mode="json")))
    event_id = derive_id("shipment", key, str(record_version), content)
    return ShipmentEvent(
        id=event_id,
        source=SOURCE,
        type=TYPE,
        subject=key,
        time=circumstances.received_at,
        dataschema=dataschema_of(TYPE),
        traceparent=child_traceparent(circumstances.traceparent, event_id),
        data=shipment,
    ).encode()
