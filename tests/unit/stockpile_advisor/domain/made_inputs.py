"""An item in a plant, its open order lines and a policy, made up for tests."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.stockpile_advisor.domain.advice_policy import SupplyPolicy
from services.stockpile_advisor.domain.inbound import InboundClock, InboundLine, InboundPart
from services.stockpile_advisor.domain.situation import AdviceInputs
from services.stockpile_advisor.policy_file import load_policy
from shared.contracts.screening import Answer
from shared.contracts.stock import ConsumptionPeriod, ContainedElement, StockReport, SupplySource

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
TODAY = NOW.date()
POLICY = load_policy().policy

HOME = SupplySource(name="Home Oxides", country="AU", licence_needed=False, quantity_last_year=Decimal(1_000))
ABROAD = SupplySource(name="Far Oxides", country="CN", licence_needed=True, quantity_last_year=Decimal(3_000))


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def report(**changes: Any) -> StockReport:
    """10 kg a day, the same every day; 45 days from order to arrival, 20 of them shipping; no licence needed."""
    said: dict[str, Any] = {
        "plant": "P1",
        "item_id": "DY-1",
        "unit": "kg",
        "as_of": NOW,
        "on_hand": Decimal(1_000),
        "consumption_per_day": Decimal(10),
        "lead_time_days": 45,
        "shipping_days": 20,
        "contained": [ContainedElement(element="Dy", percent=Decimal(87))],
        "mass_kg_per_unit": Decimal(1),
        "sources": [HOME],
    }
    return StockReport(**{**said, **changes})


def history(quantities: list[int], days: int = 30) -> list[ConsumptionPeriod]:
    """Periods of equal length, the last of which ended yesterday."""
    found = []
    for number, quantity in enumerate(quantities):
        first = day(-days * (len(quantities) - number))
        found.append(ConsumptionPeriod(first_on=first, last_on=first + timedelta(days=days - 1), quantity=Decimal(quantity)))
    return found


def line(quantity: Decimal | int = 500, **changes: Any) -> InboundLine:
    """Of an open order, leaves in 10 days, needs no licence."""
    said: dict[str, Any] = {
        "order_key": "erp/1000/1",
        "line_id": "10",
        "item_ids": ["DY-1"],
        "unit": "kg",
        "quantity": Decimal(quantity),
        "mass_kg": Decimal(quantity),
        "parts": [InboundPart(name="delivery 1", quantity=Decimal(quantity), leaves_on=day(10))],
        "elements": ["Dy"],
        "licence_needed": "no",
        "supplier": "Home Oxides",
        "country": "AU",
    }
    return InboundLine(**{**said, **changes})


def clock(on: date, before: Answer = Answer.SUSPENDED, after: Answer = Answer.LICENCE_REQUIRED) -> InboundClock:
    return InboundClock(on=on, before=before, after=after, limb="limb-1", sentence=f"The suspension ends on {on}.")


def inputs(*lines: InboundLine, **changes: Any) -> AdviceInputs:
    return AdviceInputs(report(**changes), inbound=lines)


def policy(**changes: Any) -> SupplyPolicy:
    return SupplyPolicy.model_validate({**POLICY.model_dump(mode="json"), **changes})


def quick(**changes: Any) -> SupplyPolicy:
    """Few paths: for what has to hold whatever they are."""
    return policy(simulation={"paths": 200, "horizon_days": 365, "seed": 7}, **changes)


def own_prior(name: str, median_days: float, log_sd: float, rejected: str = "0.000001") -> dict[str, Any]:
    return {
        "name": name,
        "median_days": str(median_days),
        "log_sd": str(log_sd),
        "rejection_probability": rejected,
        "weight_in_cases": "10",
        "evidence": "made up",
    }
