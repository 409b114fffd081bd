"""The advice for one item in one plant: what to do by when, how much, and why."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from services.stockpile_advisor.domain.advice_policy import SupplyPolicy
from services.stockpile_advisor.domain.inbound import InboundLine
from services.stockpile_advisor.domain.licence_delay import Outcome
from services.stockpile_advisor.domain.reference_shares import ReferenceShares
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.price_series import SeriesView
from shared.contracts.screening import MissingFact
from shared.contracts.stock import StockReport
from shared.contracts.supply_risk import MaterialAdvice

MODEL_VERSION: Final = 1


@dataclass(slots=True, frozen=True)
class OwnCase:
    """A licence case of the firm: `decided_on` None while it is pending."""

    licence_id: str
    filed_on: date
    decided_on: date | None
    outcome: Outcome


@dataclass(slots=True, frozen=True)
class AdviceInputs:
    """All that an advice rests on, but for the policy and the day."""

    report: StockReport
    elsewhere: tuple[StockReport, ...] = ()
    """Reports of the same item by other plants."""
    inbound: tuple[InboundLine, ...] = ()
    """Lines of open orders that bring the item to this plant."""
    cases: tuple[OwnCase, ...] = ()
    views: tuple[SeriesView, ...] = ()
    """Price series of the item's elements."""
    reference: ReferenceShares | None = None


def inputs_digest(inputs: AdviceInputs, policy: SupplyPolicy) -> str:
    """Of what the advice depends on; of prices only the regime, so that no quote of a calm market asks for another advice."""
    return sha256_hex(
        canonical_json(
            {
                "model": MODEL_VERSION,
                "report": inputs.report.model_dump(mode="json"),
                "elsewhere": sorted((each.model_dump(mode="json") for each in inputs.elsewhere), key=lambda each: str(each["plant"])),
                "inbound": sorted(
                    (line.model_dump(mode="json") for line in inputs.inbound), key=lambda line: (line["order_key"], line["line_id"])
                ),
                "cases": sorted([case.licence_id, str(case.filed_on), str(case.decided_on), case.outcome] for case in inputs.cases),
                "regimes": sorted([view.series, view.regime, str(view.regime_since)] for view in inputs.views),
                "editions": dict(inputs.reference.editions) if inputs.reference is not None else None,
                "policy": policy.model_dump(mode="json"),
            }
        )
    )


def advise(inputs: AdviceInputs, policy: SupplyPolicy, now: datetime) -> MaterialAdvice:
    """Deterministic: the same inputs, policy and `now` give the same advice."""
    report = inputs.report
    usable = max(Decimal(0), report.on_hand + (report.consigned or 0) - (report.reserved or 0) - (report.quality_blocked or 0))
    question = f"How much of {report.item_id} does {report.plant} use a day, or what did it use in past periods?"
    return MaterialAdvice(
        plant=report.plant,
        item_id=report.item_id,
        description=report.description,
        ship_to_ids=report.ship_to_ids,
        unit=report.unit,
        made_at=now,
        decision="unknown",
        usable=usable,
        shipping_days=report.shipping_days,
        missing=[MissingFact(kind="fact", name="consumption", held_by="buyer", question=question)],
        sentence=f"No advice yet: {question}",
        digest=inputs_digest(inputs, policy),
    )
