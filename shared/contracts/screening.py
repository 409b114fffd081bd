"""What screening says about an order: per line and jurisdiction an answer, the findings behind it and the facts that are missing."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from shared.contracts.base import Contract, CountryCode, DecimalString, Identifier
from shared.contracts.envelope import Event
from shared.contracts.order import OrderKey, Provenance

Confidence = Literal["high", "medium", "low"]


class Answer(StrEnum):
    """There is no "clear". An unknown is never a pass."""

    PROHIBITED = "prohibited"
    PRESUMPTION_OF_DENIAL = "presumption_of_denial"
    LICENCE_REQUIRED = "licence_required"
    NEEDS_INFORMATION = "needs_information"
    SUSPENDED = "suspended"
    EXEMPT = "exempt"
    NOT_CONTROLLED = "not_controlled"
    NOT_SCREENABLE = "not_screenable"


Need = Literal["yes", "no", "unknown"]
Jurisdiction = Literal["CN", "US", "EU"]


class UsedFact(Contract):
    """A fact that a finding rests on, as it was read and where it came from."""

    name: str
    value: str
    provenance: Provenance
    confidence: Confidence = "high"


class MissingFact(Contract):
    """What is not known. A missing fact has somebody who can give it; unsettled law has nobody to ask: a person decides."""

    kind: Literal["fact", "law"]
    name: str
    held_by: Literal["supplier", "buyer", "engineer", "authority"]
    question: str


class Citation(Contract):
    instrument: str
    title: str
    source: str
    checked_on: date
    confidence: Confidence


class LicenceDelay(Contract):
    """How long the licence queue is: quantiles in days with the evidence they come from."""

    p50_days: int
    p95_days: int
    evidence: str
    confidence: Confidence


class Finding(Contract):
    """One limb of one instrument applied to one line."""

    jurisdiction: Jurisdiction
    instrument: str
    limb: str
    control_code: str | None = None
    answer: Answer
    valid_from: date | None = None
    valid_to: date | None = None
    """Half-open: the first day on which this no longer holds, as far as the data says."""
    facts_used: list[UsedFact] = Field(default_factory=list)
    facts_missing: list[MissingFact] = Field(default_factory=list)
    citation: Citation
    documents: list[str] = Field(default_factory=list)
    licence_delay: LicenceDelay | None = None
    human_check: str | None = None
    """Why a person has to look although an answer is given (a stated extension whose notice was not seen)."""
    unconfirmed: bool = False
    """The instrument is a draft that nobody has confirmed yet."""
    sentence: str


class Flag(Contract):
    """A duty beside the answer: `ordinary_export_licence`, `state_trading`, `hold_risk`, `watch_list` …"""

    name: Identifier
    sentence: str
    citation: Citation | None = None


class DatedAnswer(Contract):
    """The answer from `valid_from` until before `valid_to`, inside the interval in which the goods may leave."""

    valid_from: date
    valid_to: date | None
    answer: Answer


class Cliff(Contract):
    """A coming day from which goods that have not left yet are answered otherwise."""

    jurisdiction: Jurisdiction
    on: date
    before: Answer
    after: Answer
    instrument: str
    limb: str
    """The limb whose state changes the answer."""
    sentence: str


class JurisdictionAnswer(Contract):
    answer: Answer
    dual_use_licence: Need
    """Whether the transaction needs a licence under this jurisdiction's export control of dual-use goods on the date asked."""
    how: str
    """How the answer was reached: decided on composition, excluded by a rule, no indication found, which fact is missing …"""
    states: list[DatedAnswer] = Field(default_factory=list)
    flags: list[Flag] = Field(default_factory=list)


class PartyHit(Contract):
    """A name on the order that a list names, too; reported even where the goods are free."""

    role: str
    name: str
    list_name: str
    list_entry: str
    notice: str
    score: DecimalString
    matched: str
    """Which value against which, and why it counts as the same party."""


class RecognisedMaterial(Contract):
    """What was recognised in the goods: saw what, where, how sure. A share of None is unknown, not zero."""

    element: str
    form: str | None = None
    substance: str | None = None
    mass_share_percent_min: DecimalString | None = None
    mass_share_percent_max: DecimalString | None = None
    value_share_percent: DecimalString | None = None
    in_part: str | None = None
    origin_country: CountryCode | None = None
    seen_in: Provenance
    evidence: str
    confidence: Confidence


class Recognition(Contract):
    form: str | None = None
    product: str | None = None
    materials: list[RecognisedMaterial] = Field(default_factory=list)
    tariff_codes: list[str] = Field(default_factory=list)


class LineScreening(Contract):
    line_id: Identifier
    answers: dict[Jurisdiction, JurisdictionAnswer]
    recognition: Recognition = Field(default_factory=Recognition)
    findings: list[Finding] = Field(default_factory=list)
    questions: list[MissingFact] = Field(default_factory=list)
    party_hits: list[PartyHit] = Field(default_factory=list)
    cliffs: list[Cliff] = Field(default_factory=list)
    """Within a year, by day."""
    expected_departure_on: date | None = None
    latest_departure_on: date | None = None


class ScreeningResult(Contract):
    """One per order, revision and round, for all lines together."""

    order_key: OrderKey
    revision: int = Field(ge=1)
    round: int = Field(ge=1)
    order_event_id: Identifier
    outcome: Literal["screened", "failed"]
    failure: str | None = None
    valid_on: date
    known_on: date
    versions: dict[str, str]
    """By name: `regulations` and `parties` are content hashes, `code` is the version of Orestream."""
    coverage: str = "see GET /v1/coverage"
    lines: list[LineScreening] = Field(default_factory=list)
    touched: list[str] = Field(default_factory=list)
    """Keys of what the answers depend on: a change of reference data that reaches one of them asks for the order again."""
    recheck_on: date | None = None
    """The first day on which the passing of time alone may change an answer."""


ScreeningEvent = Event[ScreeningResult]
"""On stream `screenings`, type `orestream.order.screened.v1`, subject the order key."""
