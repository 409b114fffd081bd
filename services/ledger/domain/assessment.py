"""The assessment event of one round, computed from nothing but its arguments: the same inputs give the same bytes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from services.ledger.domain.disposition import Results, assess_lines, worst
from services.ledger.domain.order import OrderReadEvent
from services.ledger.domain.policy import Policy
from services.ledger.domain.results import PriceRiskRead, ResultHead, ScreeningRead, SupplyRiskRead
from services.ledger.domain.rounds import Kind
from shared.contracts.assessment import Assessment, AssessmentEvent
from shared.contracts.canonical import derive_id
from shared.contracts.envelope import child_traceparent, dataschema_of

SOURCE: Final = "orestream/ledger"
TYPES: Final[Mapping[Kind, str]] = {
    "partial": "orestream.assessment.partially_completed.v1",
    "final": "orestream.assessment.completed.v1",
    "superseded": "orestream.assessment.superseded.v1",
}
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


@dataclass(slots=True, frozen=True)
class Occasion:
    """What kind of decision is due and why; `at` is the `time` of what triggered it, `code` the version of Orestream that decides."""

    kind: Kind
    at: datetime
    code: str
    awaited: Sequence[str] = ()
    missing: Sequence[str] = ()
    superseded_by_revision: int | None = None


@dataclass(slots=True, frozen=True)
class ReceivedOrder:
    """`content` is the whole event, `event` what is read of it."""

    event: OrderReadEvent
    sha256: str
    content: bytes

    @classmethod
    @lru_cache(maxsize=1024)
    def read(cls, content: bytes, sha256: str) -> "ReceivedOrder":
        """Mostly an order is read twice in short order, when it comes and when its result does. Raises pydantic's ValidationError."""
        return cls(OrderReadEvent.model_validate_json(content), sha256, content)


@dataclass(slots=True, frozen=True)
class ReceivedResult:
    event_id: str
    data: ResultHead
    sha256: str


@dataclass(slots=True, frozen=True)
class PolicyInForce:
    policy: Policy
    version: str


def assess(occasion: Occasion, order: ReceivedOrder, results: Mapping[str, ReceivedResult], in_force: PolicyInForce) -> AssessmentEvent:
    """`results` by service, in the order in which the round awaits them."""
    snapshot = order.event.data
    policy = in_force.policy
    decision_id = derive_id(
        "assessment",
        occasion.kind,
        order.event.id,
        *(f"{service}={received.event_id}" for service, received in results.items()),
        *(f"without {service}" for service in occasion.missing),
        str(occasion.superseded_by_revision),
        in_force.version,
    )
    reasons: list[str] = []
    lines = []
    if occasion.kind == "superseded":
        disposition = policy.circumstances.superseded.disposition
        reasons = [policy.circumstances.superseded.sentence]
    else:
        lines = assess_lines(snapshot, _read(results, occasion.missing), policy)
        if snapshot.status == "cancelled":
            disposition = policy.circumstances.cancelled.disposition
            reasons = [policy.circumstances.cancelled.sentence]
        elif snapshot.status == "closed":
            disposition = policy.circumstances.closed.disposition
            reasons = [policy.circumstances.closed.sentence]
        elif lines:
            disposition = worst(line.disposition for line in lines)
        else:
            disposition = policy.circumstances.order_without_lines.disposition
            reasons = [policy.circumstances.order_without_lines.sentence]
    conditions = dict.fromkeys(name for line in lines for name in line.conditions)
    supplier = snapshot.supplier
    return AssessmentEvent(
        id=decision_id,
        source=SOURCE,
        type=TYPES[occasion.kind],
        subject=order.event.subject,
        time=occasion.at,
        dataschema=dataschema_of(TYPES[occasion.kind]),
        traceparent=child_traceparent(order.event.traceparent, decision_id),
        data=Assessment(
            decision_id=decision_id,
            order_key=snapshot.order_key,
            revision=snapshot.revision.received_seq,
            round=snapshot.round,
            kind=occasion.kind,
            disposition=disposition,
            supplier_id=supplier.id if supplier else None,
            supplier_name=supplier.name if supplier else None,
            currency=snapshot.currency,
            reasons=reasons,
            condition_sentences={name: policy.conditions[name] for name in conditions},
            lines=lines,
            awaited=list(occasion.awaited),
            results={service: received.event_id for service, received in results.items()},
            missing_results=list(occasion.missing),
            superseded_by_revision=occasion.superseded_by_revision,
            versions=_versions(results, in_force, occasion.code),
            inputs=_inputs(order, results, in_force),
            ordered_at=order.event.time,
        ),
    )


def _read(results: Mapping[str, ReceivedResult], missing: Sequence[str]) -> Results:
    data = {service: received.data for service, received in results.items()}
    screening = next((each for each in data.values() if isinstance(each, ScreeningRead)), None)
    price_risk = next((each for each in data.values() if isinstance(each, PriceRiskRead)), None)
    supply_risk = next((each for each in data.values() if isinstance(each, SupplyRiskRead)), None)
    return Results(received=data, screening=screening, price_risk=price_risk, supply_risk=supply_risk, missing=missing)


def _versions(results: Mapping[str, ReceivedResult], in_force: PolicyInForce, code: str) -> dict[str, str]:
    """Versions of data by their kind; versions of code by the service that ran it."""
    versions = {"code": code, "policy": in_force.version}
    for service, received in results.items():
        for name, version in received.data.versions.items():
            versions[f"{service}.code" if name == "code" else name] = version
    return versions


def _inputs(order: ReceivedOrder, results: Mapping[str, ReceivedResult], in_force: PolicyInForce) -> dict[str, str]:
    """Hashes of contents: of the order, of each result, and of the data that the results and this decision rest on."""
    inputs = {"order": order.sha256, "policy": in_force.version}
    for service, received in results.items():
        inputs[service] = received.sha256
        inputs |= {name: version for name, version in received.data.versions.items() if _SHA256.match(version)}
    return inputs
