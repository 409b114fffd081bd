"""What the ledger reads of a service's result: of screening what decides a line, of any other service what every result says."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from shared.contracts.base import Contract, Identifier
from shared.contracts.envelope import Event
from shared.contracts.order import OrderKey
from shared.contracts.reference_change import EVERYTHING
from shared.contracts.screening import Answer, CoverState, DatedAnswer, Jurisdiction, MissingFact, PartyHit


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


def read_result(service: str, content: bytes) -> ResultEvent | ScreeningReadEvent:
    """Raises pydantic's ValidationError."""
    if service == "screening":
        return ScreeningReadEvent.model_validate_json(content)
    return ResultEvent.model_validate_json(content)
