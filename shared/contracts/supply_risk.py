"""What the stockpile advisor says: per item and plant what to do by when and why, and per order line what it means for stock."""

from datetime import date
from typing import Literal

from pydantic import Field

from shared.contracts.base import Contract, CountryCode, CurrencyCode, DecimalString, Identifier, Instant, Sha256
from shared.contracts.envelope import Event
from shared.contracts.order import OrderKey
from shared.contracts.screening import Confidence, MissingFact, Need

Decision = Literal["order_now", "wait", "reduce", "cannot_fix", "unknown"]
"""`unknown`: a fact is missing without which any advice would be invented; the missing facts are named."""


class Cause(Contract):
    """One reason, with its number; the first weighs most."""

    name: Identifier
    sentence: str
    value: float | None = None
    unit: str | None = None


class OutcomeCost(Contract):
    """Expected money over the horizon, in the advice's currency."""

    purchase: DecimalString | None = None
    holding: DecimalString | None = None
    shortage: DecimalString | None = None
    price_drift: DecimalString | None = None
    """What the market price is expected to add, or to take, by ordering now rather than on the later day."""


class Alternative(Contract):
    """Another way to have the goods, or to need less of them."""

    kind: Literal["transfer", "expedite", "supplier", "country", "substitution", "recycling", "allocation"]
    sentence: str
    quantity: DecimalString | None = None
    from_plant: Identifier | None = None
    supplier: str | None = None
    country: CountryCode | None = None
    unit_price: DecimalString | None = None
    premium_percent: float | None = None
    lead_time_p50_days: int | None = None
    lead_time_p95_days: int | None = None
    concentration_before: float | None = None
    """Herfindahl–Hirschman index over suppliers, or over countries where `kind` is country; 0 to 1."""
    concentration_after: float | None = None


class RuleClock(Contract):
    """A date on which law changes for open lines of the item, as screening tells it."""

    on: date
    before: str
    after: str
    limb: str
    sentence: str


class Sensitivity(Contract):
    """The advice under another assumption."""

    assumption: str
    decision: Decision
    quantity: DecimalString | None = None
    order_by: date | None = None
    probability_short: float | None = None
    """Of running out before an order of today is there."""


class SupplyRiskIndex(Contract):
    """Criticality of an element's supply, from published tables."""

    element: str
    supply_risk: float | None = None
    """EU methodology 2017, the worse of the stages; None: a figure is missing, never zero."""
    stage: Literal["extraction", "processing"] | None = None
    country_concentration: float | None = None
    top_country: str | None = None
    top_country_share: float | None = None
    above_crma_benchmark: bool | None = None
    """More than 65 % of a stage from one third country (Regulation (EU) 2024/1252)."""
    edition: str


class ScenarioLossMoney(Contract):
    """A scenario of the supply policy, in the advice's currency; None is not known, never zero."""

    scenario: str
    probability: float
    """Within a year."""
    lost_margin: DecimalString | None = None
    price_increase: DecimalString | None = None
    loss: DecimalString | None = None
    """Probability times the sum of both."""


class FanPoint(Contract):
    on: date
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float


class MaterialAdvice(Contract):
    """The advice for one item in one plant, with the figures it rests on. Quantities are in `unit`."""

    plant: Identifier
    item_id: Identifier
    description: str | None = None
    ship_to_ids: list[Identifier] = Field(default_factory=list)
    """Ship-to numbers of orders whose goods come to the plant, as its report has them."""
    unit: str
    made_at: Instant
    stock_as_of: Instant | None = None
    """The moment of which the plant's report is."""
    decision: Decision
    quantity: DecimalString | None = None
    contained_kg: dict[str, DecimalString] = Field(default_factory=dict)
    """Of the quantity advised, by element."""
    order_by: date | None = None
    """The day by which to order: the last one that keeps to the service level."""
    last_safe_order_on: date | None = None
    """Before a dated change of law: the last day on which an order still leaves before it."""
    usable: DecimalString | None = None
    """On hand and consigned, less reserved, blocked and bound."""
    inbound: DecimalString | None = None
    consumption_per_day: DecimalString | None = None
    demand_method: str | None = None
    days_of_cover: float | None = None
    days_of_cover_after: float | None = None
    advised_cover_days: float | None = None
    time_to_survive_days: float | None = None
    time_to_recover_p50_days: int | None = None
    time_to_recover_p95_days: int | None = None
    probability_short: dict[str, float] = Field(default_factory=dict)
    """Of running out within so many days ("30", "60" …), if nothing is ordered."""
    probability_short_after: dict[str, float] = Field(default_factory=dict)
    """The same, with the order advised."""
    currency: CurrencyCode | None = None
    cost: OutcomeCost | None = None
    cost_of_waiting: OutcomeCost | None = None
    """The same where nothing is ordered."""
    causes: list[Cause] = Field(default_factory=list)
    alternatives: list[Alternative] = Field(default_factory=list)
    rule_clocks: list[RuleClock] = Field(default_factory=list)
    licence_needed: Need | None = None
    """What was reckoned with for orders to come; `unknown` is reckoned with as yes, and said."""
    licence_delay_p50_days: int | None = None
    licence_delay_p95_days: int | None = None
    """From filing, by the prior and the firm's own cases; None where a refusal is likelier than the quantile."""
    shipping_days: int | None = None
    delay_prior: str | None = None
    """The licence-delay prior used, with its evidence and how many own cases moved it; None where no licence is needed."""
    binding: Literal["shelf_life", "budget", "minimum_order"] | None = None
    policy_days: int | None = None
    sensitivity: list[Sensitivity] = Field(default_factory=list)
    indices: list[SupplyRiskIndex] = Field(default_factory=list)
    geopolitical_risk: dict[str, float | None] = Field(default_factory=dict)
    """GeoPolRisk by element, 0 to 1, over the firm's own purchases; None: a quantity, a country or a figure of the tables is missing."""
    expected_loss_money: DecimalString | None = None
    """Sum over `expected_losses`; None without scenarios, and while a part of one is not known."""
    expected_losses: list[ScenarioLossMoney] = Field(default_factory=list)
    """Costliest first."""
    supplier_concentration: float | None = None
    fan: list[FanPoint] = Field(default_factory=list)
    confidence: Confidence | None = None
    confidence_reasons: list[str] = Field(default_factory=list)
    missing: list[MissingFact] = Field(default_factory=list)
    sentence: str
    """What a planner reads: what to do by when, then why."""
    digest: str
    """Of what the advice rests on: it is made again when that changes, and only then."""


class LineSupplyRisk(Contract):
    """`status`: advised; not_tracked (no material of concern in it and no stock reported of it); unknown, with what is missing."""

    line_id: Identifier
    status: Literal["advised", "not_tracked", "unknown"]
    plant: Identifier | None = None
    item_id: Identifier | None = None
    decision: Decision | None = None
    days_of_cover: float | None = None
    arrival_p50: date | None = None
    arrival_p95: date | None = None
    """None where a refusal or an embargo is likelier than the quantile."""
    probability_short_before_arrival: float | None = None
    time_to_survive_days: float | None = None
    order_by: date | None = None
    indices: list[SupplyRiskIndex] = Field(default_factory=list)
    advice_digest: str | None = None
    missing: list[MissingFact] = Field(default_factory=list)
    sentence: str


class SupplyRiskResult(Contract):
    """One per screening of an order, for all lines together."""

    order_key: OrderKey
    revision: int = Field(ge=1)
    round: int = Field(ge=1)
    order_event_id: Identifier
    screening_event_id: Identifier
    outcome: Literal["advised", "failed"]
    failure: str | None = None
    advised_on: date
    versions: dict[str, str] = Field(default_factory=dict)
    """By name: `supply_policy` is a content hash, `supply_model` and `code` are versions."""
    inputs_sha256: Sha256
    lines: list[LineSupplyRisk] = Field(default_factory=list)
    advice: list[MaterialAdvice] = Field(default_factory=list)
    """Of the items of the lines, without fan and sensitivity: what the lines were answered with, so that they can be answered again."""


SupplyRiskEvent = Event[SupplyRiskResult]
"""On stream `supply-risks`, type `orestream.order.advised.v1`, subject the order key."""
