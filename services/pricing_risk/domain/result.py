"""The event that answers a screened order, and what the order adds to the firm's exposure: pure, so that it can be made again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from services.pricing_risk.domain.inputs import OrderRead, OrderReadEvent, ScreeningReadEvent
from services.pricing_risk.domain.matching import Market
from services.pricing_risk.domain.positions import OrderPosition
from services.pricing_risk.domain.pricing import LinePricing, PricedLine
from services.pricing_risk.domain.series import MODEL_VERSION
from services.pricing_risk.domain.view import looked_at
from shared.contracts.canonical import canonical_json, derive_id, sha256_hex
from shared.contracts.envelope import child_traceparent, dataschema_of
from shared.contracts.price_risk import PriceRiskEvent, PriceRiskResult
from shared.contracts.price_series import SeriesView

SOURCE: Final = "orestream/pricing-risk"
TYPE: Final = "orestream.order.priced.v1"


@dataclass(slots=True, frozen=True)
class PricedOrder:
    event: PriceRiskEvent
    position: OrderPosition | None
    """None where no open line is exposed, or may be."""


def priced(
    order: OrderReadEvent, screening: ScreeningReadEvent, market: Market, pricing: LinePricing, versions: Mapping[str, str]
) -> PricedOrder:
    """The answer on the day of the screening, by the prices of `market`. A failed screening gives a failed result."""
    if screening.data.outcome == "failed":
        said = screening.data.failure or "The screening failed."
        failure = f"The price risk rests on what screening recognises, and that failed: {said}"
        return PricedOrder(failed(screening, screening.id, order.id, failure, versions), None)
    today = screening.time.astimezone(UTC).date()
    by_line = {line.line_id: line for line in screening.data.lines}
    lines = [pricing.price(order.data, line, by_line.get(line.line_id), market, today) for line in order.data.lines]
    series = _used(lines)
    inputs = _inputs(order.id, screening.id, "priced", versions, series)
    result = PriceRiskResult(
        order_key=order.data.order_key,
        revision=screening.data.revision,
        round=screening.data.round,
        order_event_id=order.id,
        screening_event_id=screening.id,
        outcome="priced",
        priced_on=today,
        versions=dict(versions),
        inputs_sha256=inputs,
        lines=[line.risk for line in lines],
        series=series,
    )
    return PricedOrder(_event(screening, result), _position(order.data, lines))


def _used(lines: Sequence[PricedLine]) -> list[SeriesView]:
    """Each series that a line used, as far as lines looked at it: all that is needed to make the result again."""
    views: dict[str, SeriesView] = {}
    days: dict[str, set[int]] = {}
    for line in lines:
        for view in line.used:
            views[view.series] = view
            days.setdefault(view.series, set()).update(line.days)
    return [looked_at(views[name], days[name]) for name in sorted(views)]


def failed(
    cause: OrderReadEvent | ScreeningReadEvent, screening_id: str, order_id: str, reason: str, versions: Mapping[str, str]
) -> PriceRiskEvent:
    """The answer where none could be made, so that nobody waits for it. `cause` is the event that it answers."""
    data = cause.data
    revision, round_number = data.number
    result = PriceRiskResult(
        order_key=data.order_key,
        revision=revision,
        round=round_number,
        order_event_id=order_id,
        screening_event_id=screening_id,
        outcome="failed",
        failure=reason,
        priced_on=cause.time.astimezone(UTC).date(),
        versions=dict(versions),
        inputs_sha256=_inputs(order_id, screening_id, "failed", versions, []),
    )
    return _event(cause, result)


def versions_of(policy: str, code: str) -> dict[str, str]:
    """`policy`: the content hash of the pricing policy."""
    return {"code": code, "price_model": str(MODEL_VERSION), "pricing_policy": policy}


def _inputs(order_id: str, screening_id: str, outcome: str, versions: Mapping[str, str], series: list[SeriesView]) -> str:
    return sha256_hex(
        canonical_json(
            {
                "order": order_id,
                "screening": screening_id,
                "outcome": outcome,
                "series": {view.series: view.digest for view in series},
                "versions": dict(versions),
            }
        )
    )


def _event(cause: OrderReadEvent | ScreeningReadEvent, result: PriceRiskResult) -> PriceRiskEvent:
    event_id = derive_id("price-risk", result.order_event_id, result.screening_event_id, result.inputs_sha256)
    return PriceRiskEvent(
        id=event_id,
        source=SOURCE,
        type=TYPE,
        subject=cause.subject,
        time=cause.time,
        dataschema=dataschema_of(TYPE),
        traceparent=child_traceparent(cause.traceparent, event_id),
        data=result,
    )


def _position(order: OrderRead, lines: list[PricedLine]) -> OrderPosition | None:
    positions = [line.position for line in lines if line.position is not None]
    if not positions:
        return None
    supplier = order.supplier
    return OrderPosition(
        order_key=order.order_key,
        revision=order.revision.received_seq,
        round=order.round,
        supplier=(supplier.name or supplier.id) if supplier is not None else None,
        country=supplier.country if supplier is not None else None,
        currency=order.currency,
        lines=positions,
    )


def elements_of(position: OrderPosition | None) -> set[str]:
    """Elements that an order's open lines hold and that have a price."""
    if position is None:
        return set()
    return {element for line in position.lines for material in line.materials for element in material.elements}
