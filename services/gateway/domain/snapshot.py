"""From a document to the snapshot that every service reads: lines with ids, master data added, mass and value worked out."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.gateway.domain import deliveries
from services.gateway.domain.components import of_sub_lines
from services.gateway.domain.enrichment import Catalogue, EnrichedLine, enrich_line, enrich_parties
from services.gateway.domain.lines import LineIdentity, identities, merged_reasons, unit_issues
from services.gateway.domain.order_facts import with_answers
from services.gateway.domain.received import Received
from services.gateway.domain.valuation import mass_of, per_unit, units_of, value_of
from shared.contracts.base import Contract, instant_text
from shared.contracts.canonical import canonical_json, decimal_text, sha256_hex
from shared.contracts.order import Issue, OrderDocument, OrderLine, OrderSnapshot, RawDocument

JsonObject = dict[str, Any]

MOST_ISSUES = 200
"""Issues that one snapshot carries; the last one says how many were left out."""

VOLATILE = frozenset({"revision"})
"""What a source may change from message to message without the order having changed."""

NOT_COMPARED = {
    "revision",
    "round",
    "content_sha256",
    "enrichment_sha256",
    "changed_paths",
    "conflict",
    "provenance",
    "raw",
    "issues",
    "received_at",
}
"""Fields of a snapshot that say how it came about, not what is ordered."""

NOTHING_ADDED = sha256_hex(canonical_json({}))


def document_json(document: OrderDocument) -> JsonObject:
    """The document as JSON without what it does not say, so that a field added to the contract later changes no hash."""
    return document.model_dump(mode="json", exclude_defaults=True)


def content_hash(document: JsonObject) -> str:
    """SHA-256 of what is ordered: neither revision nor the order in which lines with ids come makes a difference."""
    said = {name: value for name, value in document.items() if name not in VOLATILE}
    lines = said.get("lines", [])
    ids = {line.get("line_id") for line in lines}
    if None not in ids and len(ids) == len(lines):
        said["lines"] = sorted(lines, key=lambda line: str(line["line_id"]))
    return sha256_hex(canonical_json(said))


def compared(snapshot: JsonObject) -> JsonObject:
    """The part of a snapshot's JSON that two states are compared by; where a line's fields come from is not part of it."""
    said = {name: value for name, value in snapshot.items() if name not in NOT_COMPARED}
    said["lines"] = [{name: value for name, value in line.items() if name != "provenance"} for line in said.get("lines", [])]
    return said


def snapshot_of(received: Received, catalogue: Catalogue, received_at: datetime) -> OrderSnapshot:
    """The snapshot of an order that nothing is known of before (`orestream screen FILE`)."""
    document = document_json(received.document)
    return OrderSnapshot.model_validate(snapshot_json(received, document, catalogue, received_at, content_sha256=content_hash(document)))


def snapshot_json(
    received: Received,
    document: JsonObject,
    catalogue: Catalogue,
    received_at: datetime,
    *,
    content_sha256: str,
    received_seq: int = 1,
    conflict: bool = False,
    issues: Sequence[Issue] = (),
    shipments: Sequence[JsonObject] = (),
    answers: Sequence[JsonObject] = (),
) -> JsonObject:
    """An `OrderSnapshot` as JSON without what is not known; `document` is the received document's JSON.

    JSON and not the model, because intake writes it three times (event, record, comparison) and building and dumping models was half
    of its work.
    """
    order = received.document
    if answers:
        order = with_answers(order, answers)
        document = document_json(order)
    parties, provenance, party_issues = enrich_parties(order, catalogue)
    added: JsonObject = {role: party.model_dump(mode="json", exclude_defaults=True) for role, party in parties.items()}
    snapshot = {**document, **added}
    if answers:
        added["answers"] = list(answers)
    currency = order.currency
    if currency is None and (agreed := _agreed_currency(order.lines)) is not None:
        currency = snapshot["currency"] = agreed
        provenance["currency"] = "inferred"
    found, line_issues = identities(order.lines)
    reasons = merged_reasons(received.unscreenable, order.lines)
    supplier_id = order.supplier.id if order.supplier is not None else None
    sub_lines = of_sub_lines(order.lines)
    lines: list[JsonObject] = []
    for position, (line, identity, said) in enumerate(zip(order.lines, found, document.get("lines", ()), strict=True)):
        enriched = enrich_line(line, position, supplier_id, catalogue, sub_lines.get(position, ()))
        gained = {name: _json(value) for name, value in enriched.added.items()}
        worth, worth_issues = _worth(line, enriched, currency, f"/lines/{position}")
        if gained or enriched.provenance["mass_kg"] == "item_master":
            added[f"line {identity.line_id}"] = {**gained, **worth}
        line_issues += [*enriched.issues, *worth_issues]
        under_way, shipment_issues = _under_way(line, identity, shipments, enriched, f"/lines/{position}") if shipments else ({}, [])
        if under_way:
            added[f"shipments of line {identity.line_id}"] = under_way
            line_issues += shipment_issues
        lines.append({**said, **gained, **_identified(identity), **_judged(line, order, reasons.get(position)), **worth, **under_way})
        lines[-1]["provenance"] = enriched.provenance
    told = [*received.issues, *issues, *party_issues, *line_issues, *unit_issues(order.lines)]
    return {
        **snapshot,
        "revision": {**document.get("revision", {}), "received_seq": received_seq},
        "status": order.status,
        "round": 1,
        "content_sha256": content_sha256,
        "enrichment_sha256": sha256_hex(canonical_json(added)) if added else NOTHING_ADDED,
        "conflict": conflict,
        "lines": lines,
        **({"provenance": provenance} if provenance else {}),
        "raw": _raw_json(received.raw),
        **({"issues": [issue.model_dump() for issue in _bounded(told)]} if told else {}),
        "received_at": instant_text(received_at),
    }


def _worth(line: OrderLine, enriched: EnrichedLine, currency: str | None, path: str) -> tuple[dict[str, str], tuple[Issue, ...]]:
    mass = mass_of(line, enriched.item, path)
    value = value_of(line, currency, mass.mass_kg, path)
    enriched.provenance["mass_kg"], enriched.provenance["value"] = mass.provenance, value.provenance
    worth = {}
    if mass.mass_kg is not None:
        worth["mass_kg"] = decimal_text(mass.mass_kg)
    if value.value is not None:
        worth["value"] = decimal_text(value.value)
    if enriched.provenance.get("components", "missing") != "missing":
        worth.update(_worth_of_one(line, enriched, mass.mass_kg, value.value))
    return worth, (*mass.issues, *value.issues)


def _worth_of_one(line: OrderLine, enriched: EnrichedLine, mass_kg: Decimal | None, value: Decimal | None) -> dict[str, str]:
    """Mass and value of the one unit that the line's components speak of, as far as they can be compared with theirs."""
    item = enriched.item if enriched.provenance["components"] == "item_master" else None
    units = units_of(line, item)
    # An item's components without a currency are not known to be in the order's.
    comparable = item is None or any(component.currency is not None for component in enriched.added["components"])
    amounts = {"mass_kg_per_unit": per_unit(mass_kg, units), "value_per_unit": per_unit(value, units) if comparable else None}
    if item is not None and item.net_weight_kg_per_unit is not None:
        amounts["mass_kg_per_unit"] = item.net_weight_kg_per_unit
    return {name: decimal_text(amount) for name, amount in amounts.items() if amount is not None}


def _under_way(
    line: OrderLine, identity: LineIdentity, shipments: Sequence[JsonObject], enriched: EnrichedLine, path: str
) -> tuple[JsonObject, list[Issue]]:
    """The line's deliveries, and its day of departure once all of it has left."""
    found = deliveries.of_line(identity.line_id, shipments)
    if not found:
        return {}, []
    said: JsonObject = {"shipments": _json(found)}
    departed_on = deliveries.departed_on(line, found)
    if departed_on is not None and line.departed_on is None:
        said["departed_on"] = departed_on.isoformat()
        enriched.provenance["departed_on"] = "inferred"
    return said, deliveries.issues(found, path)


def _identified(identity: LineIdentity) -> JsonObject:
    return {"line_id": identity.line_id, "line_id_synthetic": True} if identity.synthetic else {"line_id": identity.line_id}


def _judged(line: OrderLine, order: OrderDocument, reason: str | None) -> JsonObject:
    """An order that is cancelled or closed has no open lines; a line that cannot be judged says why."""
    ended = order.status in ("cancelled", "closed") and line.line_status in ("open", "held")
    said = {"line_status": order.status if ended else line.line_status}
    return {**said, "unscreenable": reason} if reason is not None else said


def _raw_json(raw: RawDocument) -> JsonObject:
    return {name: value for name, value in raw.__dict__.items() if value is not None}


def _json(value: Any) -> Any:
    if isinstance(value, list):
        return [_json(each) for each in value]
    return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, Contract) else value


def _agreed_currency(lines: Sequence[OrderLine]) -> str | None:
    currencies = {line.price.currency for line in lines if line.price is not None and line.price.currency is not None}
    return currencies.pop() if len(currencies) == 1 else None


def _bounded(issues: list[Issue]) -> list[Issue]:
    if len(issues) <= MOST_ISSUES:
        return issues
    left_out = Issue(
        code="FURTHER_ISSUES",
        path="",
        severity="warning",
        message=f"{len(issues) - MOST_ISSUES + 1} further issues are not listed.",
    )
    return [*issues[: MOST_ISSUES - 1], left_out]


def stated_again(document: OrderDocument, before: OrderDocument | None) -> OrderDocument:
    """A bare cancellation or closing (no lines) says it of the order as it stood."""
    if document.lines or before is None or document.status not in ("cancelled", "closed"):
        return document
    return before.model_copy(update={"status": document.status, "revision": document.revision})


def event_type(status: str, first: bool) -> str:
    """Type of the order event, by comparison with what stood before: never the source's word."""
    if status in ("cancelled", "closed"):
        return f"orestream.order.{status}.v1"
    return "orestream.order.created.v1" if first else "orestream.order.changed.v1"
