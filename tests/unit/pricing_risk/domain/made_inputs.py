"""Series, lines and screenings made by hand, so that a test says only what it is about."""

from datetime import UTC, date, datetime
from decimal import Decimal
from math import sqrt
from typing import Any

from services.pricing_risk.domain.inputs import (
    LineScreeningRead,
    OrderLineRead,
    OrderRead,
    OrderReadEvent,
    ScreeningRead,
    ScreeningReadEvent,
)
from services.pricing_risk.domain.matching import Market
from services.pricing_risk.domain.pricing import LinePricing, PricedLine
from services.pricing_risk.domain.series import HORIZONS, Z_95, Z_99, Z_975
from services.pricing_risk.policy_file import load_policy
from shared.contracts.order import OrderKey
from shared.contracts.price_series import HorizonView, SeriesView

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
POLICY = load_policy()
PRICING = LinePricing(POLICY.policy)


def horizons(sigma_1d: float) -> list[HorizonView]:
    """Of a price without memory."""
    made = []
    for days in HORIZONS:
        sigma = sigma_1d * sqrt(days)
        made.append(
            HorizonView(days=days, variance_ratio=1.0, sigma=sigma, bound_95=Z_95 * sigma, bound_975=Z_975 * sigma, bound_99=Z_99 * sigma)
        )
    return made


def series(material: str = "Dy", elements: str = "Dy", *, price: str = "800", sigma_1d: float | None = 0.02, **said: Any) -> SeriesView:
    """`elements` with spaces between; `sigma_1d` None: an annual reference."""
    fields: dict[str, Any] = {
        "form": "oxide",
        "market": "EX_CN",
        "basis": "assessed",
        "currency": "USD",
        "as_of": date(2026, 11, 20),
        "source": "example quotes",
        "first_on": date(2024, 1, 2),
        "ticks": 700,
        "digest": f"{material}-{price}-{sigma_1d}",
        **said,
    }
    name = f"{material}/{fields['form']}/-/{fields['market']}/{fields['basis']}/{fields['currency']}/-"
    return SeriesView(
        series=name,
        kind="annual_reference" if sigma_1d is None else "daily",
        material=material,
        elements=elements.split(),
        price=Decimal(price),
        sigma_1d=sigma_1d,
        horizons=[] if sigma_1d is None else horizons(sigma_1d),
        **fields,
    )


def exchange(bought: str, paid: str, rate: str, sigma_1d: float = 0.004) -> SeriesView:
    return series(bought, "", price=rate, sigma_1d=sigma_1d, form="currency", market="FX", currency=paid)


def market(*views: SeriesView) -> Market:
    return PRICING.market({view.series: view for view in views})


def material(element: str = "Dy", share: str | tuple[str | None, str | None] | None = "86.7", **said: Any) -> dict[str, Any]:
    low, high = share if isinstance(share, tuple) else (share, share)
    return {
        "element": element,
        "form": "oxide",
        "substance": f"{element}2O3",
        "mass_share_percent_min": low,
        "mass_share_percent_max": high,
        "evidence": f"{element} oxide",
        **said,
    }


def screened(*materials: dict[str, Any], product: str | None = "oxide", delay_days: int = 0, **said: Any) -> LineScreeningRead:
    finding = {"answer": "licence_required", "licence_delay": {"p50_days": delay_days, "p95_days": delay_days}}
    return LineScreeningRead.model_validate(
        {
            "line_id": "10",
            "answers": {"CN": {"answer": "licence_required" if delay_days else "not_controlled"}},
            "recognition": {"product": product, "materials": list(materials)},
            "findings": [finding] if delay_days else [],
            **said,
        }
    )


AT_SHIPMENT = {"kind": "index", "priced_at": "shipment"}


def line(pricing: dict[str, Any] | None = None, **said: Any) -> OrderLineRead:
    """1,000 kg for 900,000 that leave in 60 days."""
    return OrderLineRead.model_validate(
        {
            "line_id": "10",
            "item": {"buyer_id": "4711"},
            "description": "Dysprosium oxide 99.5%",
            "quantity": {"value": "1000", "unit": "KGM"},
            "price": {"amount": "900", "per_unit": "KGM"},
            "value": "900000",
            "mass_kg": "1000",
            "pricing": pricing,
            "expected_departure_on": "2027-01-21",
            "requested_delivery": [{"date": "2027-03-01"}],
            "origin_country": "VN",
            **said,
        }
    )


def order(*lines: OrderLineRead, revision: int = 1, round_number: int = 1, **said: Any) -> OrderRead:
    return OrderRead.model_validate(
        {
            "order_key": OrderKey(system="erp", company="1000", order_id="4711"),
            "revision": {"received_seq": revision},
            "round": round_number,
            "currency": "USD",
            "supplier": {"id": "S1", "name": "Example Metals Ltd", "country": "VN"},
            "lines": list(lines),
            **said,
        }
    )


def priced_line(one: OrderLineRead, screening: LineScreeningRead | None, *views: SeriesView, **order_says: Any) -> PricedLine:
    return PRICING.price(order(one, **order_says), one, screening, market(*views), TODAY)


def order_event(data: OrderRead, event_id: str = "order-event") -> OrderReadEvent:
    return OrderReadEvent(
        id=event_id,
        source="orestream/gateway",
        type="orestream.order.created.v1",
        subject=str(data.order_key),
        time=NOW,
        data=data,
    )


def screening_event(of: OrderReadEvent, *lines: LineScreeningRead, event_id: str = "screening-event", **said: Any) -> ScreeningReadEvent:
    revision, round_number = of.data.number
    return ScreeningReadEvent(
        id=event_id,
        source="orestream/screening",
        type="orestream.order.screened.v1",
        subject=of.subject,
        time=of.time,
        data=ScreeningRead.model_validate(
            {
                "order_key": of.data.order_key,
                "revision": revision,
                "round": round_number,
                "order_event_id": of.id,
                "outcome": "screened",
                "lines": list(lines),
                **said,
            }
        ),
    )
