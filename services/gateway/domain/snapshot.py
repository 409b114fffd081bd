"""From a document to the snapshot that every service reads: lines with ids, master data added, mass and value worked out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.gateway.domain.enrichment import Catalogue, enrich_line, enrich_parties
from services.gateway.domain.lines import identities, merged_reasons, unit_issues
from services.gateway.domain.received import Received
from services.gateway.domain.valuation import mass_of, value_of
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.order import Issue, OrderDocument, OrderLine, OrderSnapshot, Revision, SnapshotLine

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


def document_json(document: OrderDocument) -> dict[str, Any]:
    """The document as JSON without what it does not say, so that a field added to the contract later changes no hash."""
    return document.model_dump(mode="json", exclude_defaults=True)


def content_hash(document: dict[str, Any]) -> str:
    """SHA-256 of what is ordered: neither revision nor the order in which lines with ids come makes a difference."""
    said = {name: value for name, value in document.items() if name not in VOLATILE}
    lines = said.get("lines", [])
    ids = {line.get("line_id") for line in lines}
    if None not in ids and len(ids) == len(lines):
        said["lines"] = sorted(lines, key=lambda line: str(line["line_id"]))
    return sha256_hex(canonical_json(said))


def compared(snapshot: dict[str, Any]) -> dict[str, Any]:
    """The part of a snapshot's JSON that two states are compared by; where a line's fields come from is not part of it."""
    said = {name: value for name, value in snapshot.items() if name not in NOT_COMPARED}
    said["lines"] = [{name: value for name, value in line.items() if name != "provenance"} for line in said.get("lines", [])]
    return said


def snapshot_of(
    received: Received,
    catalogue: Catalogue,
    received_at: datetime,
    *,
    received_seq: int = 1,
    content_sha256: str | None = None,
    conflict: bool = False,
    issues: Sequence[Issue] = (),
) -> OrderSnapshot:
    """`changed_paths` stays empty: who has the state before fills it in. `content_sha256` may be passed where it is known already."""
    document = received.document
    parties, provenance, party_issues = enrich_parties(document, catalogue)
    currency = document.currency
    if currency is None and (agreed := _agreed_currency(document.lines)) is not None:
        currency, provenance["currency"] = agreed, "inferred"
    found, line_issues = identities(document.lines)
    reasons = merged_reasons(received.unscreenable, document.lines)
    supplier_id = document.supplier.id if document.supplier is not None else None
    lines: list[SnapshotLine] = []
    added: dict[str, Any] = {role: party.model_dump(mode="json", exclude_defaults=True) for role, party in parties.items()}
    for position, (line, identity) in enumerate(zip(document.lines, found, strict=True)):
        path = f"/lines/{position}"
        enriched = enrich_line(line, position, supplier_id, catalogue)
        mass = mass_of(line, enriched.item, path)
        value = value_of(line, currency, mass.mass_kg, path)
        enriched.provenance["mass_kg"], enriched.provenance["value"] = mass.provenance, value.provenance
        line_issues += [*enriched.issues, *mass.issues, *value.issues]
        lines.append(
            SnapshotLine.model_construct(
                **{
                    **line.__dict__,
                    **enriched.added,
                    "line_id": identity.line_id,
                    "line_id_synthetic": identity.synthetic,
                    "line_status": _line_status(line, document),
                    "unscreenable": reasons.get(position),
                    "mass_kg": mass.mass_kg,
                    "value": value.value,
                    "provenance": enriched.provenance,
                }
            )
        )
        if enriched.added or mass.provenance == "item_master":
            added[f"line {identity.line_id}"] = _added_json(lines[-1], [*enriched.added, "mass_kg", "value"])
    stated = {**document.__dict__, **parties, "currency": currency}
    return OrderSnapshot.model_construct(
        **{
            **stated,
            "revision": Revision.model_construct(**document.revision.__dict__, received_seq=received_seq),
            "round": 1,
            "content_sha256": content_sha256 or content_hash(document_json(document)),
            "enrichment_sha256": sha256_hex(canonical_json(added)) if added else NOTHING_ADDED,
            "changed_paths": [],
            "conflict": conflict,
            "lines": lines,
            "provenance": provenance,
            "raw": received.raw,
            "issues": _bounded([*received.issues, *issues, *party_issues, *line_issues, *unit_issues(document.lines)]),
            "received_at": received_at,
        }
    )


def _line_status(line: OrderLine, document: OrderDocument) -> str:
    """An order that is cancelled or closed has no open lines."""
    if document.status in ("cancelled", "closed") and line.line_status in ("open", "held"):
        return document.status
    return line.line_status


def _agreed_currency(lines: Sequence[OrderLine]) -> str | None:
    currencies = {line.price.currency for line in lines if line.price is not None and line.price.currency is not None}
    return currencies.pop() if len(currencies) == 1 else None


def _added_json(line: SnapshotLine, names: Sequence[str]) -> dict[str, Any]:
    return line.model_dump(mode="json", include=set(names), exclude_defaults=True)


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
