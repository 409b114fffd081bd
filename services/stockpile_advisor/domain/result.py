"""The event that answers a screened order: pure, so that it can be made again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Final

from services.stockpile_advisor.domain.advice import MODEL_VERSION
from services.stockpile_advisor.domain.inbound import inbound_of
from services.stockpile_advisor.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.stockpile_advisor.domain.line_advice import advise_line
from shared.contracts.canonical import canonical_json, derive_id, sha256_hex
from shared.contracts.envelope import child_traceparent, dataschema_of
from shared.contracts.supply_risk import MaterialAdvice, SupplyRiskEvent, SupplyRiskIndex, SupplyRiskResult

SOURCE: Final = "orestream/stockpile-advisor"
TYPE: Final = "orestream.order.advised.v1"


def by_item(advice: Iterable[MaterialAdvice]) -> dict[str, list[MaterialAdvice]]:
    found: dict[str, list[MaterialAdvice]] = {}
    for each in sorted(advice, key=lambda each: (each.item_id, each.plant)):
        found.setdefault(each.item_id, []).append(each)
    return found


def supply_risk(
    order: OrderReadEvent,
    screening: ScreeningReadEvent,
    known: Mapping[str, Sequence[MaterialAdvice]],
    indices: Mapping[str, SupplyRiskIndex],
    versions: Mapping[str, str],
) -> SupplyRiskEvent:
    """The answer at the moment of the screening, by the advice of all plants that keep an item of the order (`known`, by item number).

    A failed screening gives a failed result.
    """
    if screening.data.outcome == "failed":
        said = screening.data.failure or "The screening failed."
        return failed(screening, screening.id, order.id, f"The supply risk rests on what screening says, and that failed: {said}", versions)
    lines = inbound_of(order.data, screening.data)
    risks = [advise_line(line, known, indices, screening.time) for line in lines]
    items = dict.fromkeys(item_id for line in lines for item_id in line.item_ids)
    used = [without_detail(advice) for item_id in items for advice in known.get(item_id, ())]
    result = SupplyRiskResult(
        order_key=order.data.order_key,
        revision=screening.data.revision,
        round=screening.data.round,
        order_event_id=order.id,
        screening_event_id=screening.id,
        outcome="advised",
        advised_on=screening.time.astimezone(UTC).date(),
        versions=dict(versions),
        inputs_sha256=_inputs(order.id, screening.id, "advised", versions, used),
        lines=risks,
        advice=used,
    )
    return _event(screening, result)


def failed(
    cause: OrderReadEvent | ScreeningReadEvent, screening_id: str, order_id: str, reason: str, versions: Mapping[str, str]
) -> SupplyRiskEvent:
    """The answer where none could be made, so that nobody waits for it. `cause` is the event that it answers."""
    data = cause.data
    revision, round_number = data.number
    result = SupplyRiskResult(
        order_key=data.order_key,
        revision=revision,
        round=round_number,
        order_event_id=order_id,
        screening_event_id=screening_id,
        outcome="failed",
        failure=reason,
        advised_on=cause.time.astimezone(UTC).date(),
        versions=dict(versions),
        inputs_sha256=_inputs(order_id, screening_id, "failed", versions, []),
    )
    return _event(cause, result)


def without_detail(advice: MaterialAdvice) -> MaterialAdvice:
    """As results embed it: a fan and sensitivities say nothing of a line."""
    return advice.model_copy(update={"fan": [], "sensitivity": []}) if advice.fan or advice.sensitivity else advice


def versions_of(policy: str, code: str) -> dict[str, str]:
    """`policy`: the content hash of the supply policy."""
    return {"code": code, "supply_model": str(MODEL_VERSION), "supply_policy": policy}


def _inputs(order_id: str, screening_id: str, outcome: str, versions: Mapping[str, str], used: Sequence[MaterialAdvice]) -> str:
    # The same inputs advised on another day are another advice.
    advice = [[each.item_id, each.plant, each.digest, each.made_at.isoformat()] for each in used]
    return sha256_hex(
        canonical_json({"order": order_id, "screening": screening_id, "outcome": outcome, "advice": advice, "versions": dict(versions)})
    )


def _event(cause: OrderReadEvent | ScreeningReadEvent, result: SupplyRiskResult) -> SupplyRiskEvent:
    event_id = derive_id("supply-risk", result.order_event_id, result.screening_event_id, result.inputs_sha256)
    return SupplyRiskEvent(
        id=event_id,
        source=SOURCE,
        type=TYPE,
        subject=cause.subject,
        time=cause.time,
        dataschema=dataschema_of(TYPE),
        traceparent=child_traceparent(cause.traceparent, event_id),
        data=result,
    )
