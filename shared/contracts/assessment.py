"""The ledger's word on an order: what to do with each line, why, and what is still open."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from shared.contracts.base import Contract, CurrencyCode, DecimalString, Identifier, Instant, Sha256
from shared.contracts.envelope import Event
from shared.contracts.order import OrderKey
from shared.contracts.price_risk import PriceGrade
from shared.contracts.price_series import Regime
from shared.contracts.screening import Answer, Jurisdiction, MissingFact
from shared.contracts.supply_risk import Decision


class Disposition(StrEnum):
    RELEASE = "release"
    RELEASE_WITH_CONDITIONS = "release_with_conditions"
    REVIEW = "review"
    HOLD = "hold"


Step = Literal["order_output", "payment", "goods_receipt"]


class PriceRiskSummary(Contract):
    """What price risk says about the line in short; money in `currency`."""

    status: Literal["priced", "not_exposed", "unknown"]
    grade: PriceGrade | None = None
    currency: CurrencyCode | None = None
    exposure_money: DecimalString | None = None
    price_at_risk_95_money: DecimalString | None = None
    expected_shortfall_975_money: DecimalString | None = None
    horizon_days: int | None = None
    regime: Regime | None = None
    sentence: str


class SupplyRiskSummary(Contract):
    """What the stockpile advisor says about the line in short."""

    status: Literal["advised", "not_tracked", "unknown"]
    decision: Decision | None = None
    days_of_cover: float | None = None
    probability_short_before_arrival: float | None = None
    arrival_p50: date | None = None
    arrival_p95: date | None = None
    order_by: date | None = None
    sentence: str


class LineAssessment(Contract):
    line_id: Identifier
    item_id: Identifier | None = None
    description: str | None = None
    value: DecimalString | None = None
    disposition: Disposition
    answers: dict[Jurisdiction, Answer] = Field(default_factory=dict)
    control_codes: list[str] = Field(default_factory=list)
    materials: list[str] = Field(default_factory=list)
    """Element symbols."""
    reasons: list[str] = Field(default_factory=list)
    """Sentences, the leading one first."""
    conditions: list[Identifier] = Field(default_factory=list)
    """Names; the assessment's `condition_sentences` spells them out."""
    blocks: list[Step] = Field(default_factory=list)
    questions: list[MissingFact] = Field(default_factory=list)
    price_risk: PriceRiskSummary | None = None
    """None where no price risk was waited for, or none came."""
    supply_risk: SupplyRiskSummary | None = None
    """None where no supply risk was waited for, or none came."""
    flags: list[str] = Field(default_factory=list)
    missing_results: list[str] = Field(default_factory=list)
    """Services whose result did not come in time."""


class Assessment(Contract):
    """At most one final per (order, revision, round). A partial precedes it when the first deadline passed."""

    decision_id: Identifier
    order_key: OrderKey
    revision: int = Field(ge=1)
    round: int = Field(ge=1)
    kind: Literal["partial", "final", "superseded"]
    disposition: Disposition
    supplier_id: Identifier | None = None
    supplier_name: str | None = None
    currency: CurrencyCode | None = None
    reasons: list[str] = Field(default_factory=list)
    """Sentences about the order as a whole: cancelled, replaced by a newer revision, without lines."""
    condition_sentences: dict[Identifier, str] = Field(default_factory=dict)
    """What each condition named on a line asks for."""
    lines: list[LineAssessment] = Field(default_factory=list)
    awaited: list[str] = Field(default_factory=list)
    results: dict[str, Identifier] = Field(default_factory=dict)
    """Event id of each result that went in, by service."""
    missing_results: list[str] = Field(default_factory=list)
    superseded_by_revision: int | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    """Versions of regulations, lists, policy and code that the decision rests on."""
    inputs: dict[str, Sha256] = Field(default_factory=dict)
    """Content hashes of everything needed to make this decision again; `orestream replay` does."""
    ordered_at: Instant
    """`time` of the order event."""


AssessmentEvent = Event[Assessment]
"""On stream `assessments`, type `orestream.assessment.{completed,partially_completed,superseded}.v1`, subject the order key."""
