"""What one document does to an order: the state afterwards, the event that goes out, and the receipt for the sender."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import orjson

from services.gateway.domain.difference import changed_paths
from services.gateway.domain.enrichment import ITEM_NUMBERS, SUPPLIER_ROLES, Catalogue
from services.gateway.domain.received import Received
from services.gateway.domain.revision import Decision, Outcome, Standing, decide
from services.gateway.domain.snapshot import JsonObject, compared, content_hash, document_json, event_type, snapshot_json, stated_again
from shared.contracts.base import instant_text
from shared.contracts.canonical import canonical_json, derive_id, sha256_hex
from shared.contracts.envelope import child_traceparent, dataschema_of
from shared.contracts.order import Issue, OrderDocument, RawDocument, Reference

SOURCE = "orestream/gateway"
LONGEST_REQUESTS = 8
"""Cancellation requests and conflicts noted per order."""

CancellationPolicy = Literal["mark", "cancel"]
"""What a cancellation that the seller may still refuse does: the order is screened on and marked, or it is cancelled at once."""


@dataclass(slots=True, frozen=True)
class Conflict:
    """Two contents under one revision, by the numbers of their snapshots."""

    earlier_received_seq: int
    later_received_seq: int
    received_at: str


@dataclass(slots=True, frozen=True)
class OrderState:
    """Everything kept of one order. `document` is the last state as it was sent, `snapshot` the last as it went out, both as JSON.

    Both are None where only a request to cancel has come, and once the order is cancelled or closed.
    """

    standing: Standing | None = None
    document: JsonObject | None = None
    snapshot: JsonObject | None = None
    event_id: str | None = None
    reading_issues: tuple[Issue, ...] = ()
    unscreenable: Mapping[int, str] = field(default_factory=dict)
    cancellation_requests: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    shipments: tuple[JsonObject, ...] = ()
    """Reports of deliveries by line, shipment and schedule line; they may come before the order."""
    answers: tuple[JsonObject, ...] = ()
    """What was answered about the order, a fact each; it counts where the order does not say it itself."""

    @property
    def open(self) -> bool:
        return self.standing is not None and self.standing.status not in ("cancelled", "closed")


@dataclass(slots=True, frozen=True)
class Taken:
    """What came of one document. `state` equal to the one before: nothing has to be written.

    `received_seq` is the number of the snapshot that the document is; None where it never became one.
    """

    outcome: Outcome
    state: OrderState
    event: bytes | None
    issues: tuple[Issue, ...]
    received_seq: int | None

    @property
    def event_id(self) -> str | None:
        """That of the snapshot that the document is, where it is still the current one."""
        standing = self.state.standing
        return self.state.event_id if standing is not None and standing.received_seq == self.received_seq else None


@dataclass(slots=True, frozen=True)
class Circumstances:
    """What a document is taken in with."""

    catalogue: Catalogue
    received_at: datetime
    traceparent: str | None = None
    cancellation_policy: CancellationPolicy = "mark"


def take_in(state: OrderState, received: Received, circumstances: Circumstances) -> Taken:
    if received.kind == "cancellation_request" and circumstances.cancellation_policy == "mark":
        return _note_request(state, received, circumstances)
    sent = document_json(received.document)
    content = content_hash(sent)
    decision = decide(state.standing, received.document.revision, content[:32], received.document.status)
    if not decision.emits:
        after = state if decision.standing == state.standing else replace(state, standing=decision.standing)
        return Taken(decision.outcome, after, None, (*received.issues, *decision.issues), decision.received_seq)
    standing_document = OrderDocument.model_validate(state.document) if state.document is not None and not received.document.lines else None
    document = stated_again(received.document, standing_document)
    if document is not received.document:
        received, sent = replace(received, document=document, unscreenable=state.unscreenable), document_json(document)
    issues = (*decision.issues, *(_without_base(state, received)), *_requested(state, received))
    after = replace(
        state,
        standing=decision.standing,
        document=sent,
        reading_issues=received.issues,
        unscreenable=received.unscreenable,
        conflicts=_with_conflict(state, decision, circumstances),
    )
    return _emit(decision.outcome, after, state.snapshot, received, content, circumstances, issues)


def enrich_again(state: OrderState, circumstances: Circumstances) -> Taken | None:
    """The order's last document under today's master data; None where that adds the same as before, or the order is no longer open."""
    if not state.open or state.document is None or state.snapshot is None or state.standing is None:
        return None
    received = _as_received(state)
    after = replace(state, standing=replace(state.standing, received_seq=state.standing.received_seq + 1))
    issues = _requested(state, received)
    taken = _emit("accepted", after, state.snapshot, received, state.snapshot["content_sha256"], circumstances, issues)
    assert taken.state.snapshot is not None
    return taken if taken.state.snapshot["enrichment_sha256"] != state.snapshot["enrichment_sha256"] else None


def _emit(
    outcome: Outcome,
    state: OrderState,
    before: JsonObject | None,
    received: Received,
    content_sha256: str,
    circumstances: Circumstances,
    issues: tuple[Issue, ...],
) -> Taken:
    standing = state.standing
    assert standing is not None
    assert state.document is not None
    marked, document = _marked(received, state.document, state.cancellation_requests)
    snapshot = snapshot_json(
        marked,
        document,
        circumstances.catalogue,
        circumstances.received_at,
        content_sha256=content_sha256,
        received_seq=standing.received_seq,
        conflict=standing.conflict,
        issues=issues,
        shipments=state.shipments,
        answers=state.answers,
    )
    first = standing.received_seq == 1
    if not first:
        snapshot["changed_paths"] = changed_paths(compared(before or {}), compared(snapshot))
    event_id = derive_id("order", received.order_key, str(standing.received_seq), content_sha256, snapshot["enrichment_sha256"])
    event = _event(snapshot, received.order_key, event_id, first, circumstances)
    told = tuple(Issue.model_construct(**issue) for issue in snapshot.get("issues", ()))
    return Taken(outcome, replace(state, snapshot=snapshot, event_id=event_id), event, told, standing.received_seq)


def _event(snapshot: JsonObject, order_key: str, event_id: str, first: bool, circumstances: Circumstances) -> bytes:
    """An `OrderEvent` in JSON, absent what is not known."""
    kind = event_type(snapshot["status"], first)
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": SOURCE,
            "type": kind,
            "subject": order_key,
            "time": instant_text(circumstances.received_at),
            "dataschema": dataschema_of(kind),
            "datacontenttype": "application/json",
            "traceparent": child_traceparent(circumstances.traceparent, event_id),
            "data": snapshot,
        }
    )


def _as_received(state: OrderState) -> Received:
    """The document that stands, as if it had just been read again."""
    assert state.document is not None
    assert state.snapshot is not None
    document = OrderDocument.model_validate(state.document)
    return Received(
        order_key=str(document.order_key),
        document=document,
        raw=RawDocument.model_validate(state.snapshot["raw"]),
        original=b"",
        place="",
        unscreenable=state.unscreenable,
        issues=state.reading_issues,
    )


# Requests to cancel, which the seller may still refuse


def _note_request(state: OrderState, received: Received, circumstances: Circumstances) -> Taken:
    request = received.request_id or sha256_hex(canonical_json(document_json(received.document)))[:12]
    if request in state.cancellation_requests:
        return Taken("duplicate", state, None, received.issues, None)
    after = replace(state, cancellation_requests=(*state.cancellation_requests, request)[-LONGEST_REQUESTS:])
    if state.standing is None:
        return Taken("accepted", after, None, (*received.issues, REQUEST_WITHOUT_BASE), None)
    if state.document is None or state.snapshot is None or not state.open:
        return Taken("accepted", after, None, (*received.issues, REQUEST_TOO_LATE), None)
    standing = replace(state.standing, received_seq=state.standing.received_seq + 1)
    stands = _as_received(state)
    content = sha256_hex(canonical_json([state.standing.content, list(after.cancellation_requests)]))
    taken = _emit("accepted", replace(after, standing=standing), state.snapshot, stands, content, circumstances, (CANCELLATION_REQUESTED,))
    return replace(taken, issues=(*received.issues, CANCELLATION_REQUESTED))


def _marked(received: Received, document: JsonObject, requests: tuple[str, ...]) -> tuple[Received, JsonObject]:
    """The order with the requests to cancel it among its references."""
    if not requests or received.document.status in ("cancelled", "closed"):
        return received, document
    marks = [Reference(kind="cancellation_request", value=request[:200]) for request in requests]
    marked = received.document.model_copy(update={"references": [*received.document.references, *marks]})
    return replace(received, document=marked), document_json(marked)


def _requested(state: OrderState, received: Received) -> tuple[Issue, ...]:
    return (CANCELLATION_REQUESTED,) if state.cancellation_requests and received.document.status not in ("cancelled", "closed") else ()


def _without_base(state: OrderState, received: Received) -> tuple[Issue, ...]:
    return (CHANGE_WITHOUT_BASE,) if received.kind == "change" and state.standing is None else ()


def _with_conflict(state: OrderState, decision: Decision, circumstances: Circumstances) -> tuple[Conflict, ...]:
    if decision.outcome != "conflict" or state.standing is None:
        return state.conflicts
    conflict = Conflict(state.standing.received_seq, decision.standing.received_seq, circumstances.received_at.isoformat())
    return (*state.conflicts, conflict)[-LONGEST_REQUESTS:]


def references_of(state: OrderState) -> tuple[set[str], set[str]]:
    """The item numbers and supplier ids whose master data concerns the order; none once it is no longer open."""
    if not state.open or state.document is None:
        return set(), set()
    items = (line.get("item", {}) for line in state.document.get("lines", ()))
    numbers = {item[name] for item in items for name in ITEM_NUMBERS if name in item}
    # What the order's components are is known after enrichment: a part of an item is an item of the master, too.
    numbers.update(number for line in (state.snapshot or {}).get("lines", ()) for number in _component_numbers(line))
    parties = (state.document.get(role, {}) for role in SUPPLIER_ROLES)
    return numbers, {party["id"] for party in parties if "id" in party}


def _component_numbers(whole: JsonObject) -> Iterator[str]:
    for component in whole.get("components", ()):
        if "item_id" in component:
            yield component["item_id"]
        yield from _component_numbers(component)


CANCELLATION_REQUESTED = Issue(
    code="CANCELLATION_REQUESTED",
    path="/status",
    severity="warning",
    message="The buyer has asked to cancel this order; it is screened on until the order itself comes as cancelled.",
)
REQUEST_WITHOUT_BASE = Issue(
    code="BASE_MISSING",
    path="/order_key",
    severity="warning",
    message="The order that this request would cancel is not known here; the request is kept and marks the order when it comes.",
)
REQUEST_TOO_LATE = Issue(
    code="ALREADY_ENDED",
    path="/status",
    severity="warning",
    message="The order that this request would cancel is cancelled or closed already.",
)
CHANGE_WITHOUT_BASE = Issue(
    code="BASE_MISSING",
    path="/order_key",
    severity="warning",
    message="This is a change of an order that is not known here; it was taken as the order's full state.",
)
