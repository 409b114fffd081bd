"""What pricing-risk says about an order: per line what it is exposed to, in money, and what it can lose before its price is set."""

from datetime import date
from typing import Literal

from pydantic import Field

from shared.contracts.base import Contract, CurrencyCode, DecimalString, Identifier, Sha256
from shared.contracts.envelope import Event
from shared.contracts.order import OrderKey
from shared.contracts.price import PriceBasis, PriceMarket
from shared.contracts.price_series import Regime, SeriesView
from shared.contracts.screening import Confidence, MissingFact

PriceGrade = Literal["low", "medium", "high", "severe", "unknown"]
PriceDriver = Literal["price", "premium", "exchange_rate", "licence_delay", "staleness", "none"]


class ReferencePrice(Contract):
    series: Identifier
    kind: Literal["daily", "annual_reference"]
    market: PriceMarket
    basis: PriceBasis
    source: str
    as_of: date
    stale_days: int
    price_per_kg: DecimalString
    """Of contained element, in `currency`, without tax."""
    currency: CurrencyCode


class MaterialExposure(Contract):
    """One priced material of a line. Masses are of the contained element in what is still open; money is in the line's currency."""

    elements: list[str]
    contained_kg_min: DecimalString | None = None
    contained_kg_max: DecimalString | None = None
    reference: ReferencePrice | None = None
    market_value_money: DecimalString | None = None
    """Of the open quantity at today's price, the middle of the masses."""
    exposure_money: DecimalString | None = None
    """The part of it whose price is not set yet."""
    price_at_risk_95_money: DecimalString | None = None
    price_at_risk_99_money: DecimalString | None = None
    expected_shortfall_975_money: DecimalString | None = None
    sigma_1d: float | None = None
    variance_ratio: float | None = None
    sigma_h: float | None = None
    premium_percent: float | None = None
    premium_z: float | None = None
    regime: Regime | None = None
    cusum: float | None = None


class StressOutcome(Contract):
    """A dated scenario: what the line would cost more (below zero: less) if that happened again."""

    scenario: Literal["S1", "S2", "S3", "S4", "S5"]
    name: str
    loss_money: DecimalString | None = None
    sentence: str


class LinePriceRisk(Contract):
    """`status`: priced; not_exposed (nothing priced was recognised, or nothing is open); unknown, with what is missing."""

    line_id: Identifier
    status: Literal["priced", "not_exposed", "unknown"]
    grade: PriceGrade | None = None
    """None where the line is not exposed. By expected shortfall over the line's value, thresholds by the pricing policy."""
    currency: CurrencyCode | None = None
    """Of every figure of money on this line: that of the order."""
    line_value: DecimalString | None = None
    """Of what is still open."""
    market_value_money: DecimalString | None = None
    unpriced_fraction: DecimalString | None = None
    pricing_on: date | None = None
    """The day on which the last of the price is set, as far as it is known; licence queue included where it is set at shipment or
    delivery."""
    quotation_from: date | None = None
    quotation_to: date | None = None
    horizon_days: int | None = None
    """Calendar days from today to that day."""
    licence_delay_days: int | None = None
    """Of the horizon, what the licence queue adds: the fixed wait that carries the same 97.5 % loss as the queue with its spread."""
    exposure_money: DecimalString | None = None
    price_at_risk_95_money: DecimalString | None = None
    price_at_risk_99_money: DecimalString | None = None
    expected_shortfall_975_money: DecimalString | None = None
    price_at_risk_percent_of_line: DecimalString | None = None
    replacement_shortfall_975_money: DecimalString | None = None
    """Where the price is fixed: expected shortfall of buying the open quantity again at the market, should the seller not deliver."""
    mark_to_market_money: DecimalString | None = None
    """Market less contract price over the fixed part; above zero the contract is good for the buyer, and the seller may not keep it."""
    budget_variance_money: DecimalString | None = None
    """What the line costs at today's prices more than budgeted."""
    reference_variance_money: DecimalString | None = None
    """Contract price less market over all that is open."""
    purchase_price_variance_money: DecimalString | None = None
    """Contract price less standard price over what was received."""
    exchange_rate_share: DecimalString | None = None
    """Of the expected shortfall, what comes of the exchange rate."""
    hedgeable_share: DecimalString | None = None
    materials: list[MaterialExposure] = Field(default_factory=list)
    stress: list[StressOutcome] = Field(default_factory=list)
    driver: PriceDriver | None = None
    confidence: Confidence | None = None
    confidence_reasons: list[str] = Field(default_factory=list)
    missing: list[MissingFact] = Field(default_factory=list)
    sentence: str
    """What a buyer reads: the money first."""


class PriceRiskResult(Contract):
    """One per screening of an order, for all lines together."""

    order_key: OrderKey
    revision: int = Field(ge=1)
    round: int = Field(ge=1)
    order_event_id: Identifier
    screening_event_id: Identifier
    """"-" where the order was given up before its screening was met."""
    outcome: Literal["priced", "failed"]
    failure: str | None = None
    priced_on: date
    versions: dict[str, str] = Field(default_factory=dict)
    """By name: `pricing_policy` is a content hash, `price_model` and `code` are versions."""
    inputs_sha256: Sha256
    """Of the order event, the screening, the series used and the versions."""
    lines: list[LinePriceRisk] = Field(default_factory=list)
    series: list[SeriesView] = Field(default_factory=list)
    """The state of each series that went in, so that the result can be made again: of its horizons those that lines looked at."""


PriceRiskEvent = Event[PriceRiskResult]
"""On stream `price-risks`, type `orestream.order.priced.v1`, subject the order key."""
