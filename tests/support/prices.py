"""Prices as feeds give them, for tests and benches: quotes that stand still for days, drift, and stay within what a market does."""

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.contracts.canonical import derive_id
from shared.contracts.price import PriceEvent, PriceTick

_CHINESE: dict[str, Any] = {"market": "CN", "basis": "assessed", "currency": "CNY", "tax": "included", "source": "example quotes"}
QUOTED: dict[str, tuple[float, dict[str, Any]]] = {
    "Dy": (1_620_000, {**_CHINESE, "form": "oxide", "unit": "t", "purity_percent": "99.5"}),
    "Nd": (432_000, {**_CHINESE, "form": "oxide", "unit": "t", "purity_percent": "99.9"}),
    "Ge": (9_100, {**_CHINESE, "form": "oxide", "unit": "kg", "substance": "GeO2"}),
    "W": (385, {**_CHINESE, "form": "metal", "unit": "kg"}),
    "CNY": (0.128, {"market": "FX", "form": "currency", "basis": "assessed", "currency": "EUR", "source": "example rates"}),
}
"""By material: its price, and what a tick of it says beside price and day."""


def price_tick(quoted: str, day: date, level: float = 1.0, **changes: Any) -> PriceTick:
    """`level` times what the material is quoted at."""
    price, said = QUOTED[quoted]
    return PriceTick.model_validate({"material": quoted, "price": f"{price * level:.8g}", "as_of": day, **said, **changes})


def price_history(quoted: str, until: date, days: int = 300, **changes: Any) -> list[PriceTick]:
    """One a working day, the oldest first; about every third one changes. Exchange rates move a tenth as much as the rest."""
    swing = 0.1 if QUOTED[quoted][1]["market"] == "FX" else 1.0
    return [
        price_tick(quoted, day, _level(number - number % 3) ** swing, **changes) for number, day in enumerate(_working_days(until, days))
    ]


def _level(number: int) -> float:
    return math.exp(0.08 * math.sin(number / 23) + 0.02 * math.sin(number / 5))


def _working_days(until: date, count: int) -> Iterator[date]:
    last = [until - timedelta(days=back) for back in range(2 * count)]
    yield from reversed([day for day in last if day.weekday() < 5][:count])


def price_event(tick: PriceTick) -> PriceEvent:
    """As the gateway emits it; equal ticks give equal bytes."""
    return PriceEvent(
        id=derive_id("price", tick.material, tick.as_of.isoformat(), str(tick.price), tick.source),
        source="orestream/gateway",
        type="orestream.price.withdrawn.v1" if tick.withdrawn else "orestream.price.recorded.v1",
        subject=tick.material,
        time=datetime(tick.as_of.year, tick.as_of.month, tick.as_of.day, 12, tzinfo=UTC),
        data=tick,
    )


def ndjson(ticks: Iterable[PriceTick]) -> bytes:
    return b"\n".join(tick.model_dump_json(exclude_defaults=True).encode() for tick in ticks)


def exposed_order(order_id: str, description: str, **line: Any) -> dict[str, Any]:
    """25 kg whose price is set when the goods leave, as an ordering system sends it."""
    return {
        "order_key": {"system": "prices", "company": "1", "order_id": order_id},
        "currency": "EUR",
        "supplier": {"id": "PR-1", "name": "Example Rare Metals Co., Ltd.", "country": "CN"},
        "ship_from": {"country": "CN"},
        "ship_to": {"country": "DE"},
        "end_user": {"name": "Example AG", "country": "DE", "user_class": "civil"},
        "lines": [
            {
                "line_id": "10",
                "description": description,
                "origin_country": "CN",
                "quantity": {"value": "25", "unit": "KGM"},
                "price": {"amount": "220"},
                "pricing": {"kind": "index", "priced_at": "shipment"},
                "expected_departure_on": (datetime.now(UTC).date() + timedelta(days=60)).isoformat(),
                **line,
            }
        ],
    }
