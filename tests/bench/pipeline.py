"""The process under measurement: what answers an order and the ledger on one loop, on our bus or on hand-written ones, or hops alone.

`python -m tests.bench.pipeline KIND REDIS_URL DATABASE_URL` prints `ready` and runs until its standard input closes.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import uvloop

from services.ledger import app as ledger
from services.ledger.settings import LedgerSettings
from services.pricing_risk import app as pricing_risk
from services.pricing_risk.settings import Settings as PricingSettings
from services.process import settle_memory
from services.screening import app as screening
from services.screening.settings import Settings as ScreeningSettings
from services.stockpile_advisor import app as stockpile_advisor
from services.stockpile_advisor.settings import Settings as SupplySettings
from shared.bus import Bus, BusSettings
from shared.bus.types import Delivery, Effects, State
from tests.bench.hand_written import HandWrittenBus

Kind = Literal["ours", "floor", "floor_without_domain"]


async def run(kind: Kind, url: str, database_url: str) -> None:
    parts = _without_domain(url) if kind == "floor_without_domain" else _services(kind, url, database_url)
    for part in parts:
        await part.start()
    settle_memory()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for part in parts:
        await part.stop()


def _services(kind: Kind, url: str, database_url: str) -> list[Any]:
    def bus(group: str) -> Any:
        return Bus(BusSettings(url=url, group=group)) if kind == "ours" else HandWrittenBus(url, group)

    environment = {"DATABASE_URL": database_url}

    def open_to_all(*_: Any) -> Any:
        return lambda: None

    def now() -> datetime:
        return datetime.now(UTC)

    return [
        ledger.compose(LedgerSettings.from_environment(environment), bus("ledger"), open_to_all),
        stockpile_advisor.compose(SupplySettings.from_environment(environment), bus("stockpile-advisor"), open_to_all, now),
        pricing_risk.compose(PricingSettings.from_environment(environment), bus("pricing-risk"), open_to_all, now),
        screening.compose(ScreeningSettings.from_environment(environment), bus("screening"), open_to_all, now),
    ]


def _without_domain(url: str) -> list[Any]:
    """The same hops and payloads of a like size, and nothing in between."""

    def forward(output: Any) -> Any:
        async def handle(deliveries: Sequence[Delivery], state: State) -> list[Effects | Exception]:
            return [Effects(outputs=[(output, delivery.event)] if output else []) for delivery in deliveries]

        return handle

    screening, pricing, advisor, book = (
        HandWrittenBus(url, group) for group in ("screening", "pricing-risk", "stockpile-advisor", "ledger")
    )
    screening.on("orders", forward("screenings"))
    for service, result in ((pricing, "price-risks"), (advisor, "supply-risks")):
        service.on("orders", forward(None))
        service.on("screenings", forward(result))
    for stream in ("orders", "screenings", "price-risks"):
        book.on(stream, forward(None))
    book.on("supply-risks", forward("assessments"))
    return [screening, pricing, advisor, book]


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], sys.argv[2], sys.argv[3]))  # type: ignore[arg-type]
