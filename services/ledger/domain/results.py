"""What the ledger reads of a service's result: what decides a line, of a service that it does not know what every result says."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from shared.contracts.base import Contract, CurrencyCode, DecimalString, Identifier
from shared.contracts.envelope import Event
from shared.contracts.order import OrderKey
from shared.contracts.price_risk import PriceGrade
from shared.contracts.price_series import Regime
from shared.contracts.reference_change import EVERYTHING
from shared.contracts.screening import Answer, CoverState, DatedAnswer, Jurisdiction, MissingFact, PartyHit
from shared.contracts.supply_risk import Decision


class ResultHead(Contract):
    order_key: OrderKey
    revision: int = Field(ge=1)
    round: int = Field(ge=1)
    outcome: str | None = None
    failure: str | None = None
    versions: dict[str, str] = {}


ResultEvent = Event[ResultHead]


class CitationRead(Contract):
    title: str


class FindingRead(Contract):
    jurisdiction: Jurisdiction
    control_code: str | None = None
    answer: Answer
    citation: CitationRead
    human_check: str | None = None
    unconfirmed: bool = False
    sentence: str


class FlagRead(Contract):
    name: Identifier
    sentence: str


class AnswerRead(Contract):
    answer: Answer
    how: str
    states: list[DatedAnswer] = []
    flags: list[FlagRead] = []


class MaterialRead(Contract):
    element: str


class RecognitionRead(Contract):
    materials: list[MaterialRead] = []


class PartCoverRead(Contract):
    state: CoverState


class CoverCliffRead(Contract):
    on: date
    licence: str
    sentence: str


class CoverRead(Contract):
    jurisdiction: Jurisdiction
    state: CoverState
    whole: bool = False
    sentences: list[str] = []
    parts: list[PartCoverRead] = []
    cliffs: list[CoverCliffRead] = []


class LineScreeningRead(Contract):
    line_id: Identifier
    answers: dict[Jurisdiction, AnswerRead]
    recognition: RecognitionRead = Field(default_factory=RecognitionRead)
    findings: list[FindingRead] = []
    questions: list[MissingFact] = []
    party_hits: list[PartyHit] = []
    cover: CoverRead | None = None
    cliffs: list[dict[str, Any]] = []
    """`Cliff`s as they came: the ledger only hands them on."""
    expected_departure_on: date | None = None
    latest_departure_on: date | None = None

    @property
    def coming(self) -> list[dict[str, Any]]:
        """Every `Cliff` by day. Where a licence begins or ends the answer stays: the sentence says what changes."""
        found = list(self.cliffs)
        cover = self.cover
        answer = self.answers.get(cover.jurisdiction) if cover is not None else None
        if cover is not None and answer is not None:
            found += [
                {
                    "jurisdiction": cover.jurisdiction,
                    "on": cliff.on.isoformat(),
                    "before": answer.answer.value,
                    "after": answer.answer.value,
                    "instrument": "licence",
                    "limb": f"licence:{cliff.licence}",
                    "sentence": cliff.sentence,
                }
                for cliff in cover.cliffs
            ]
        return sorted(found, key=lambda cliff: str(cliff["on"]))


class ScreeningRead(ResultHead):
    """`touched` reaches everything where an older screening did not say it."""

    outcome: Literal["screened", "failed"]
    versions: dict[str, str]
    lines: list[LineScreeningRead] = []
    touched: list[str] = [EVERYTHING]
    recheck_on: date | None = None


ScreeningReadEvent = Event[ScreeningRead]
"""Of an event that is a `ScreeningEvent`."""


class PricedMaterialRead(Contract):
    regime: Regime | None = None


class LinePriceRiskRead(Contract):
    line_id: Identifier
    status: Literal["priced", "not_exposed", "unknown"]
    grade: PriceGrade | None = None
    currency: CurrencyCode | None = None
    unpriced_fraction: DecimalString | None = None
    exposure_money: DecimalString | None = None
    price_at_risk_95_money: DecimalString | None = None
    expected_shortfall_975_money: DecimalString | None = None
    horizon_days: int | None = None
    materials: list[PricedMaterialRead] = []
    sentence: str


class PriceRiskRead(ResultHead):
    outcome: Literal["priced", "failed"]
    screening_event_id: Identifier
    versions: dict[str, str] = {}
    lines: list[LinePriceRiskRead] = []


PriceRiskReadEvent = Event[PriceRiskRead]
"""Of an event that is a `PriceRiskEvent`."""


class AdviceRead(Contract):
    item_id: Identifier


class LineSupplyRiskRead(Contract):
    line_id: Identifier
    status: Literal["advised", "not_tracked", "unknown"]
    plant: Identifier | None = None
    item_id: Identifier | None = None
    decision: Decision | None = None
    days_of_cover: float | None = None
    arrival_p50: date | None = None
    arrival_p95: date | None = None
    probability_short_before_arrival: float | None = None
    order_by: date | None = None
    sentence: str


class SupplyRiskRead(ResultHead):
    """`advice`: of each item of the lines that a plant reports stock of."""

    outcome: Literal["advised", "failed"]
    screening_event_id: Identifier
    versions: dict[str, str] = {}
    lines: list[LineSupplyRiskRead] = []
    advice: list[AdviceRead] = []

    def is_stocked(self, line: LineSupplyRiskRead) -> bool:
        return line.plant is not None or any(advice.item_id == line.item_id for advice in self.advice)


SupplyRiskReadEvent = Event[SupplyRiskRead]
"""Of an event that is a `SupplyRiskEvent`."""

ReadEvent = ResultEvent | ScreeningReadEvent | PriceRiskReadEvent | SupplyRiskReadEvent


def read_result(service: str, content: bytes) -> ReadEvent:
    """Raises pydantic's ValidationError."""
    if service == "screening":
        return ScreeningReadEvent.model_validate_json(content)
    if service == "pricing-risk":
        return PriceRiskReadEvent.model_validate_json(content)
    if service == "stockpile-advisor":
        return SupplyRiskReadEvent.model_validate_json(content)
    return ResultEvent.model_validate_json(content)
