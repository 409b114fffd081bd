"""Stock as plants report it, for tests and benches."""

from datetime import date, datetime, timedelta
from typing import Any

from shared.contracts.canonical import derive_id
from shared.contracts.stock import StockEvent, StockReport


def stock_report(plant: str, item_id: str, now: datetime, on_hand: str, used_a_month: float, **fields: Any) -> dict[str, Any]:
    """A year of even consumption, in kilograms, of an item that is 58 days on the way without a licence queue."""
    return {
        "plant": plant,
        "item_id": item_id,
        "unit": "KGM",
        "as_of": now.isoformat(timespec="seconds"),
        "on_hand": on_hand,
        "consumption": _months(now.date(), used_a_month),
        "currency": "EUR",
        "unit_price": "310",
        "order_cost": "800",
        "holding_cost_per_unit_year": "30",
        "shortage_cost_per_unit": "2400",
        "lead_time_days": 58,
        "shipping_days": 35,
        **fields,
    }


def stock_event(document: dict[str, Any]) -> StockEvent:
    """As the gateway emits a report; equal documents give equal bytes."""
    report = StockReport.model_validate(document)
    return StockEvent(
        id=derive_id("stock", report.plant, report.item_id, report.as_of.isoformat(), str(report.on_hand)),
        source="orestream/gateway",
        type="orestream.stock.reported.v1",
        subject=report.item_id,
        time=report.as_of,
        data=report,
    )


def _months(today: date, used: float) -> list[dict[str, str]]:
    """Twelve whole months, the last one before today's; a little more in every third one."""
    found = []
    last = today.replace(day=1) - timedelta(days=1)
    for number in range(12):
        first = last.replace(day=1)
        quantity = used * (1.1 if number % 3 == 0 else 0.95)
        found.append({"first_on": first.isoformat(), "last_on": last.isoformat(), "quantity": f"{quantity:.6g}"})
        last = first - timedelta(days=1)
    return found[::-1]
