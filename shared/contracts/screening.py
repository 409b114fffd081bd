"""What screening says about an order: per line and jurisdiction an answer, the findings behind it and the facts that are missing."""

from datetime import date
from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from shared.contracts.base import Contract, CountryCode, DecimalString, Identifier
from shared.contracts.envelope import Event
from shared.contracts.licence import LicenceUsed
from shared.contracts.order import OrderKey, Provenance

Confidence = Literal["high", "medium", "low"]

NOT_MET: Final = "-"
"""Stands for the screening in a result on an order that was given up before its screening was met."""


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
Holder = Literal["supplier", "buyer", "engineer", "authority"]
"""Who can answer a question; of law, the authority."""
Jurisdiction = Literal["CN", "US", "EU", "UN", "GB", "JP", "TW", "CH", "CA", "AU", "OWN"]
"""Whose law, or whose list of parties; OWN is a list that the buyer keeps."""


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
    held_by: Holder
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
    p90_days: int | None = None
    log_mean: DecimalString | None = None
    """Mean of the natural logarithm of the days, where the quantiles come from a log-normal fit."""
    log_sd: DecimalString | None = None
    past_limit_share: DecimalString | None = None
    """Of all, how many take longer than the limit of 45 working days (about 63 days)."""
    approved_share: DecimalString | None = None
    """Of the applications counted, how many had been approved by then. Most others were pending, so it is no share of refusals."""
    customs_hold_days_min: int | None = None
    """What customs add where they hold goods to look at them again."""
    customs_hold_days_max: int | None = None


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
    """Which value against which, and why it counts as the same party, or may be it."""
    basis: Literal["identifier", "name", "alias", "abbreviation", "translation"] | None = None
    """What met: a registry number, the main name, another name of the entry, its abbreviation, or a name in another script by meaning."""
    entry_id: str | None = None
    """What the list calls the entry, else its main name."""
    party_fingerprint: str | None = None
    """Of what the order says of the party and was matched by."""
    entry_fingerprint: str | None = None
    """Of what the list says of the entry and was matched by."""
    clearance_id: str | None = None
    """The clearance that sets the hit aside; None where it stands."""
    cleared_by: str | None = None
    """Who cleared it, both of them."""
    cleared_until: date | None = None
    """The first day on which the hit stands again."""
    cleared_because: str | None = None


class PartyNotScreened(Contract):
    """A party whose names are in no script that a list has: that the list does not name it was not found out."""

    role: str
    name: str
    list_name: str
    script: str
    sentence: str


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


CoverState = Literal["none", "applied", "returned_for_supplement", "granted", "refused", "general_licence_asserted", "unknown"]


class PartCover(Contract):
    """How one delivery of a line is covered: a schedule line, what is left of it, or a shipment that has left."""

    schedule_position: int | None = None
    shipment_id: str | None = None
    leaves_on: date
    """The day on which a licence has to be valid: that of departure, else the last one expected."""
    departed: bool = False
    state: CoverState
    required: DecimalString | None = None
    granted: DecimalString | None = None
    unit: str | None = None
    """Of both quantities."""
    licences: list[str] = Field(default_factory=list)


class CoverCliff(Contract):
    """A day from which goods that have not left yet are covered otherwise: a licence begins or has ended."""

    on: date
    licence: str
    sentence: str


class Cover(Contract):
    """What licences do for a line that needs one. The requirement stays; this says how far it is met."""

    jurisdiction: Jurisdiction
    state: CoverState
    whole: bool = False
    """All of the line is covered."""
    since: date | None = None
    required: DecimalString | None = None
    granted: DecimalString | None = None
    unit: str | None = None
    valid_until: date | None = None
    """The last day on which the first licence used that ends is valid."""
    licences: list[str] = Field(default_factory=list)
    sentences: list[str] = Field(default_factory=list)
    parts: list[PartCover] = Field(default_factory=list)
    cliffs: list[CoverCliff] = Field(default_factory=list)


class DepartedPart(Contract):
    """A delivery that has left: its day is fixed, and so are its answers."""

    shipment_id: str
    schedule_position: int | None = None
    quantity: DecimalString | None = None
    departed_on: date
    answers: dict[Jurisdiction, Answer]


class NonControlPack(Contract):
    """What lets goods through that are free but near a controlled parameter, so that customs may hold them."""

    instrument: str
    control_code: str
    remark_en: str
    remark_zh: str
    """For the remarks of the Chinese export declaration, which the exporter writes."""
    written_by: Literal["exporter"] = "exporter"
    values: list[UsedFact]
    carry: list[str]
    """Documents that travel with the goods."""
    citation: Citation


class LineScreening(Contract):
    line_id: Identifier
    answers: dict[Jurisdiction, JurisdictionAnswer]
    recognition: Recognition = Field(default_factory=Recognition)
    findings: list[Finding] = Field(default_factory=list)
    questions: list[MissingFact] = Field(default_factory=list)
    party_hits: list[PartyHit] = Field(default_factory=list)
    parties_not_screened: list[PartyNotScreened] = Field(default_factory=list)
    cliffs: list[Cliff] = Field(default_factory=list)
    """Within a year, by day."""
    expected_departure_on: date | None = None
    latest_departure_on: date | None = None
    departed: list[DepartedPart] = Field(default_factory=list)
    """Deliveries that have left. The line's answers are about what has not, or, where all has, about the last delivery."""
    cover: Cover | None = None
    """None where the line needs no licence."""
    non_control_pack: NonControlPack | None = None


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
    licences: list[LicenceUsed] = Field(default_factory=list)
    """What `cover` was worked out with, so that it can be worked out again."""


ScreeningEvent = Event[ScreeningResult]
"""On stream `screenings`, type `orestream.order.screened.v1`, subject the order key."""
