"""Results on an order as the services emit them, for tests and benches that start behind them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from shared.contracts.canonical import derive_id, sha256_hex
from shared.contracts.order import OrderEvent
from shared.contracts.price_risk import LinePriceRisk, MaterialExposure, PriceGrade, PriceRiskEvent, PriceRiskResult
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
from shared.contracts.supply_risk import Decision, LineSupplyRisk, MaterialAdvice, SupplyRiskEvent, SupplyRiskResult

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


def line_price_risk(line_id: str, grade: PriceGrade | None = "low", **changes: Any) -> LinePriceRisk:
    """A dysprosium line with this grade; without one it is not exposed."""
    fields: dict[str, Any] = {"line_id": line_id, "status": "not_exposed", "sentence": "Nothing on the line has a price of its own."}
    if grade == "unknown":
        fields |= {"status": "unknown", "grade": grade, "sentence": "No price series tells what dysprosium costs."}
    elif grade is not None:
        fields |= {
            "status": "priced",
            "grade": grade,
            "currency": "EUR",
            "exposure_money": Decimal("1000.00"),
            "price_at_risk_95_money": Decimal("120.00"),
            "expected_shortfall_975_money": Decimal("170.00"),
            "horizon_days": 90,
            "materials": [MaterialExposure(elements=["Dy"], regime="rally")],
            "sentence": "It can cost 170.00 EUR more before its price is set.",
        }
    return LinePriceRisk(**{**fields, **changes})


def price_risk_event(order: OrderEvent, screening: ScreeningEvent, grade: PriceGrade | None = "low", **changes: Any) -> PriceRiskEvent:
    """The result on an order and its screening: every line has the same grade. Equal arguments give equal bytes."""
    snapshot = order.data
    fields: dict[str, Any] = {
        "order_key": snapshot.order_key,
        "revision": snapshot.revision.received_seq,
        "round": snapshot.round,
        "order_event_id": order.id,
        "screening_event_id": screening.id,
        "outcome": "priced",
        "priced_on": DAY,
        "versions": {"pricing_policy": sha256_hex(b"pricing policy"), "price_model": "1", "code": "0.1.0"},
        "inputs_sha256": sha256_hex(f"{order.id} {screening.id}".encode()),
        "lines": [line_price_risk(line.line_id, grade) for line in snapshot.lines],
    }
    result = PriceRiskResult(**{**fields, **changes})
    return PriceRiskEvent(
        id=derive_id("price-risk", screening.id, str(grade), result.outcome),
        source="orestream/pricing-risk",
        type="orestream.order.priced.v1",
        subject=order.subject,
        time=screening.time,
        data=result,
    )


def material_advice(decision: Decision = "wait", **changes: Any) -> MaterialAdvice:
    """For dysprosium oxide in one plant."""
    fields: dict[str, Any] = {
        "plant": "1000",
        "item_id": "M-1",
        "unit": "KGM",
        "made_at": datetime(2026, 11, 22, 8, tzinfo=UTC),
        "decision": decision,
        "sentence": "Stock lasts for 41 days.",
        "digest": "advice 1",
    }
    return MaterialAdvice(**{**fields, **changes})


def line_supply_risk(line_id: str, decision: Decision | None = "wait", **changes: Any) -> LineSupplyRisk:
    """A dysprosium line whose item is kept in stock, with this decision; without one nobody reports stock of it."""
    fields: dict[str, Any] = {"line_id": line_id, "status": "not_tracked", "sentence": "No stock of the item is reported."}
    if decision == "unknown":
        fields |= {"status": "unknown", "plant": "1000", "item_id": "M-1", "decision": decision, "sentence": "How much is used a day?"}
    elif decision is not None:
        fields |= {
            "status": "advised",
            "plant": "1000",
            "item_id": "M-1",
            "decision": decision,
            "days_of_cover": 41.5,
            "arrival_p50": date(2027, 1, 10),
            "arrival_p95": date(2027, 3, 20),
            "probability_short_before_arrival": 0.31,
            "order_by": date(2026, 11, 30),
            "sentence": "Expected in 1000 on 2027-01-10; until then 1000 runs out with a probability of 31%.",
        }
    return LineSupplyRisk(**{**fields, **changes})


def supply_risk_event(order: OrderEvent, screening: ScreeningEvent, decision: Decision | None = "wait", **changes: Any) -> SupplyRiskEvent:
    """The result on an order and its screening: every line has the same decision. Equal arguments give equal bytes."""
    snapshot = order.data
    fields: dict[str, Any] = {
        "order_key": snapshot.order_key,
        "revision": snapshot.revision.received_seq,
        "round": snapshot.round,
        "order_event_id": order.id,
        "screening_event_id": screening.id,
        "outcome": "advised",
        "advised_on": DAY,
        "versions": {"supply_policy": sha256_hex(b"supply policy"), "supply_model": "1", "code": "0.1.0"},
        "inputs_sha256": sha256_hex(f"{order.id} {screening.id}".encode()),
        "lines": [line_supply_risk(line.line_id, decision) for line in snapshot.lines],
        "advice": [material_advice(decision)] if decision is not None else [],
    }
    result = SupplyRiskResult(**{**fields, **changes})
    return SupplyRiskEvent(
        id=derive_id("supply-risk", screening.id, str(decision), result.outcome),
        source="orestream/stockpile-advisor",
        type="orestream.order.advised.v1",
        subject=order.subject,
        time=screening.time,
        data=result,
    )
