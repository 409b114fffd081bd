"""Screening results as the service emits them, for tests and benches that start behind it."""

from datetime import date
from typing import Any

from shared.contracts.canonical import derive_id, sha256_hex
from shared.contracts.order import OrderEvent
from shared.contracts.screening import (
    Answer,
    Citation,
    Finding,
    JurisdictionAnswer,
    LicenceDelay,
    LineScreening,
    RecognisedMaterial,
    Recognition,
    ScreeningEvent,
    ScreeningResult,
    UsedFact,
)

DAY = date(2026, 11, 22)
VERSIONS = {"regulations": sha256_hex(b"{}"), "parties": sha256_hex(b"[]"), "code": "0.1.0"}
CITATION = Citation(
    instrument="CN-MOFCOM-2025-18", title="Announcement No. 18 of 2025", source="example", checked_on=DAY, confidence="high"
)


def line_screening(line_id: str, answer: Answer = Answer.LICENCE_REQUIRED, **changes: Any) -> LineScreening:
    """A dysprosium line with this answer under the law of China, free elsewhere."""
    controlled = answer not in (Answer.NOT_CONTROLLED, Answer.NOT_SCREENABLE)
    findings = [
        Finding(
            jurisdiction="CN",
            instrument=CITATION.instrument,
            limb="dysprosium",
            control_code="1C902" if controlled else None,
            answer=answer,
            facts_used=[UsedFact(name="material", value="Dy", provenance="document")],
            citation=CITATION,
            documents=["end_user_certificate"],
            licence_delay=LicenceDelay(p50_days=45, p95_days=120, evidence="example", confidence="low"),
            sentence="Dysprosium oxide of this purity is listed.",
        )
    ]
    fields: dict[str, Any] = {
        "line_id": line_id,
        "answers": {
            "CN": JurisdictionAnswer(answer=answer, dual_use_licence="yes" if controlled else "no", how="decided on composition"),
            "US": JurisdictionAnswer(answer=Answer.NOT_CONTROLLED, dual_use_licence="no", how="no indication found"),
        },
        "recognition": Recognition(
            materials=[RecognisedMaterial(element="Dy", seen_in="document", evidence="Dysprosium oxide", confidence="high")]
        ),
        "findings": findings,
    }
    return LineScreening(**{**fields, **changes})


def screening_event(order: OrderEvent, answer: Answer = Answer.LICENCE_REQUIRED, **changes: Any) -> ScreeningEvent:
    """The result on an order: every line has the same answer. Equal arguments give equal bytes."""
    snapshot = order.data
    fields: dict[str, Any] = {
        "order_key": snapshot.order_key,
        "revision": snapshot.revision.received_seq,
        "round": snapshot.round,
        "order_event_id": order.id,
        "outcome": "screened",
        "valid_on": DAY,
        "known_on": DAY,
        "versions": VERSIONS,
        "lines": [line_screening(line.line_id, answer) for line in snapshot.lines],
    }
    result = ScreeningResult(**{**fields, **changes})
    return ScreeningEvent(
        id=derive_id("screening", order.id, answer, *(f"{name}={version}" for name, version in sorted(result.versions.items()))),
        source="orestream/screening",
        type="orestream.order.screened.v1",
        subject=order.subject,
        time=order.time,
        data=result,
    )
