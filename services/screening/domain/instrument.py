"""A legal instrument as its file says it: the source form of the law, validated, before it is compiled.

A file in `regulations/` is one `Instrument`; `common.yaml` holds what instruments share (`CommonTerms`). Conditions are data: each is a
mapping with one operator (`all`, `any`, `not`, `present`, `product` …) and that operator's settings.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

from services.screening.domain.goods import FeatureName, Product, SubstanceClass
from shared.contracts.base import Contract, CountryCode
from shared.contracts.screening import Confidence, Holder, Jurisdiction


class Source(Contract):
    """Part of an instrument's file. A key nobody knows is a mistake of the writer, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=80)]
ElementSymbol = Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]?$")]
TariffCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{4}|[0-9]{6}|[0-9]{8}|[0-9]{10})$")]
Sentence = Annotated[str, StringConstraints(min_length=8, max_length=1200)]
Coverage = Literal["modelled", "flagged", "absent"]
"""Decided by the data; only pointed at beside the answer; not in the data."""
Elements = list[ElementSymbol] | Literal["listed"]
"""Element symbols, or `listed`: the elements that the item itself lists."""


# Conditions -----------------------------------------------------------------------------------------------------------------------


class AllOf(Source):
    all: list["Condition"] = Field(min_length=1)


class AnyOf(Source):
    any: list["Condition"] = Field(min_length=1)


class Not(Source):
    negated: "Condition" = Field(alias="not")


class Defined(Source):
    """A condition that the instrument, or the common terms, define under a name."""

    defined: Key


class Present(Source):
    """One of the elements is in the goods; `as` narrows the class of the substance it comes in, `substance` its formula or family."""

    present: Elements
    substance_class: list[SubstanceClass] | None = Field(default=None, alias="as")
    substance: list[str] | None = None


class Stated(Source):
    """A reading says that one of the elements is in the goods. What nobody says is false here, not unknown."""

    stated: Elements


class Substance(Source):
    """The goods are, or contain, one of these substances by formula or family name."""

    substance: list[str] = Field(min_length=1)


class AboveTrace(Source):
    """One of the elements is in the goods above a trace.

    The law has no threshold and customs practice tolerates one: below detection is false, above nothing and up to the tolerated share is an
    unsettled question of law, above is true. The shares of `together` count together. A composition that speaks of one of `together` and
    leaves another out is read as excluding it.
    """

    above_trace: Elements
    together: list[ElementSymbol] = []
    tolerated_percent: Decimal
    unsettled: Key


class Bounds(Source):
    at_least: Decimal | None = None
    more_than: Decimal | None = None
    at_most: Decimal | None = None
    less_than: Decimal | None = None

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if self.at_least is self.more_than is self.at_most is self.less_than is None:
            raise ValueError("a comparison needs one of at_least, more_than, at_most, less_than")
        return self


class Measured(Bounds):
    """A parameter of the goods, in the unit its name carries."""

    parameter: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]
    if_absent: Literal["ask", "true", "false"] = "ask"
    held_by: Holder = "supplier"


class MassShare(Bounds):
    """Percent by mass of the elements, each for itself; any one that satisfies the bounds is enough."""

    mass_share: Elements


class ValueShare(Bounds):
    """Percent of the value of the goods that the elements' inputs of the named origin make up.

    Whether several inputs add up is not settled: one input beyond the bound is true, several that reach it only together are a question of
    law.
    """

    value_share: Elements
    inputs_from: CountryCode
    unsettled: Key


class ControlledShare(Bounds):
    """Percent of the value of the goods that is content of this origin which its own law controls, by what is stated of the components.

    False of goods without components: nothing is taken to hold such content that nobody speaks of.
    """

    controlled_share: Literal["US"]


class ProductIs(Source):
    """The goods are one of these kinds. Unknown kinds are asked for unless `if_absent` says otherwise."""

    product: list[Product] = Field(min_length=1)
    if_absent: Literal["ask", "true", "false"] = "ask"


class HasFeature(Source):
    feature: list[FeatureName] = Field(min_length=1)
    if_absent: Literal["ask", "false"] = "false"
    question: Sentence | None = None
    fact: Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")] | None = None
    """What the answer is called, so that "graphite_kind: natural" is not read as "artificial: natural"."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not (self.if_absent == "ask") == (self.question is not None) == (self.fact is not None):
            raise ValueError("`if_absent: ask`, `question` and `fact` belong together")
        return self


class MagnetFamilyIs(Source):
    magnet_family: list[Literal["NdFeB", "SmCo", "ferrite", "AlNiCo", "SmFeN"]] = Field(min_length=1)
    if_absent: Literal["ask", "true", "false"] = "ask"


class TariffLineIs(Source):
    """A tariff line of the goods starts with one of these codes. A code is an indication: unknown until somebody says what they are."""

    tariff: list[TariffCode] = Field(min_length=1)
    question: Sentence
    decides: bool = False
    """For a rule that is made of tariff lines: a line under one of them is meant, and only one without any is asked about."""


class Unsettled(Source):
    """A question of law of this instrument: the value is unknown until the authority answers."""

    unsettled: Key


class Leaves(Source):
    """The goods leave this customs territory for another. An order without a destination counts as leaving."""

    leaves: CountryCode


class TradedOutside(Source):
    """The goods go from one country to another, neither of them this one."""

    traded_outside: CountryCode


class OriginIs(Source):
    origin: list[CountryCode] = Field(min_length=1)


class InputsOriginIs(Source):
    """Where the goods' inputs come from; where only the goods' origin is known that does not answer it."""

    inputs_origin: list[CountryCode] = Field(min_length=1)


class DestinationIs(Source):
    """The goods go to, or are used in, one of these countries or regions (regions are named in the common terms)."""

    destination: list[str] = Field(min_length=1)


class EndUserClassIs(Source):
    end_user_class: list[Literal["civil", "military", "unlisted_subsidiary"]] = Field(min_length=1)


class EndUseNames(Source):
    """The words on the order's end use, project and goods name this vocabulary, and do not deny it."""

    end_use: Key


class TechnologyFrom(Source):
    """The goods were made with technology of this origin, as an attribute `technology_origin` states."""

    technology_from: CountryCode


_OPERATORS: dict[str, type[Source]] = {
    "all": AllOf,
    "any": AnyOf,
    "not": Not,
    "defined": Defined,
    "present": Present,
    "stated": Stated,
    "above_trace": AboveTrace,
    "parameter": Measured,
    "mass_share": MassShare,
    "value_share": ValueShare,
    "controlled_share": ControlledShare,
    "product": ProductIs,
    "feature": HasFeature,
    "magnet_family": MagnetFamilyIs,
    "tariff": TariffLineIs,
    "leaves": Leaves,
    "traded_outside": TradedOutside,
    "origin": OriginIs,
    "inputs_origin": InputsOriginIs,
    "destination": DestinationIs,
    "end_user_class": EndUserClassIs,
    "end_use": EndUseNames,
    "technology_from": TechnologyFrom,
    # Last, because other operators take these as settings.
    "substance": Substance,
    "unsettled": Unsettled,
}
_KEY_OF = {model: key for key, model in _OPERATORS.items()}


def _operator(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((key for key in _OPERATORS if key in value), None)
    return _KEY_OF.get(type(value))


Condition = Annotated[
    Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Defined, Tag("defined")]
    | Annotated[Present, Tag("present")]
    | Annotated[Stated, Tag("stated")]
    | Annotated[AboveTrace, Tag("above_trace")]
    | Annotated[Measured, Tag("parameter")]
    | Annotated[MassShare, Tag("mass_share")]
    | Annotated[ValueShare, Tag("value_share")]
    | Annotated[ControlledShare, Tag("controlled_share")]
    | Annotated[ProductIs, Tag("product")]
    | Annotated[HasFeature, Tag("feature")]
    | Annotated[MagnetFamilyIs, Tag("magnet_family")]
    | Annotated[TariffLineIs, Tag("tariff")]
    | Annotated[Leaves, Tag("leaves")]
    | Annotated[TradedOutside, Tag("traded_outside")]
    | Annotated[OriginIs, Tag("origin")]
    | Annotated[InputsOriginIs, Tag("inputs_origin")]
    | Annotated[DestinationIs, Tag("destination")]
    | Annotated[EndUserClassIs, Tag("end_user_class")]
    | Annotated[EndUseNames, Tag("end_use")]
    | Annotated[TechnologyFrom, Tag("technology_from")]
    | Annotated[Substance, Tag("substance")]
    | Annotated[Unsettled, Tag("unsettled")],
    Discriminator(
        _operator,
        custom_error_type="no_operator",
        custom_error_message="a condition is a mapping with one operator: " + ", ".join(_OPERATORS),
    ),
]

for _model in (AllOf, AnyOf, Not):
    _model.model_rebuild()


# Instruments ----------------------------------------------------------------------------------------------------------------------


class CitedSource(Source):
    """Where a statement of this file can be read, when it was last looked at, and how far it is to be trusted."""

    title: str | None = None
    """What is cited where it is not the instrument itself (an answer of the authority, a notice)."""
    source: str
    checked_on: date
    reread_on: date | None = None
    """When it is to be read again, where that is sooner or later than usual."""
    confidence: Confidence


class LawQuestion(Source):
    """What the text leaves open."""

    question: Sentence
    citation: Key | None = None


class TariffLine(Source):
    """A tariff line as evidence: it raises a candidate, the condition decides. Reference codes drift, so its tariff's year is given."""

    code: TariffCode
    year: int = Field(ge=2000, le=2100)
    describes: str | None = None
    confidence: Confidence = "high"


class Subcode(Source):
    """The control code that the goods fall under, more precisely; the first whose condition is true is named."""

    code: str
    title: str
    when: Condition


class Pointers(Source):
    """What makes goods a candidate for an item beside its elements, magnet families and tariff lines."""

    products: list[Product] = []
    features: list[FeatureName] = []


class Item(Source):
    """One control item. Its condition is `when` and all of `thresholds`, less the carve-outs of the instrument.

    The parts differ in what is said when one of them is false: goods that `when` does not describe are another thing; goods that miss a
    threshold are near the item, and customs may hold them.
    """

    code: str
    title: str
    group: Key
    """What kind of material it is about (rare_earths, gallium …): rules of other instruments and licence delays go by it."""
    elements: list[ElementSymbol] = []
    when: Condition
    thresholds: list[Condition] = []
    subcodes: list[Subcode] = []
    tariff: list[TariffLine] = []
    asks_under: list[TariffCode] = []
    """Headings under which goods that nobody describes further may be this item: the line is asked about."""
    pointers: Pointers = Pointers()
    carve_outs: list[Key] | Literal["all"] = "all"
    below: Sentence | None = None
    """What is said of goods that `when` describes and a threshold keeps out."""
    citation: Key
    confidence: Confidence = "high"


class CarveOut(Source):
    """Goods that the authority has said are outside the instrument's items."""

    id: Key
    when: Condition
    sentence: Sentence
    citation: Key


class Upon(Source):
    """What a rule acts upon when it does not control items itself."""

    controlled: bool = False
    """Goods that an item in force controls, in this jurisdiction."""
    groups: list[Key] = []
    """The same, narrowed to items of these groups."""
    limbs: list[Key] = []
    """Goods that one of these limbs of the same instrument makes subject to a licence."""
    uncontrolled: bool = False
    """Goods that nothing else in this jurisdiction prohibits, licenses or leaves open."""
    any_goods: bool = False


PartyRole = Literal[
    "buyer",
    "buyer_owner",
    "consignee",
    "consignee_owner",
    "end_user",
    "end_user_owner",
    "seller",
    "seller_owner",
    "exporter",
    "exporter_owner",
    "manufacturer",
    "manufacturer_owner",
    "forwarder",
    "forwarder_owner",
    "bank",
    "bank_owner",
]


class PartyRule(Source):
    """A rule that binds where a party in one of these roles is on the list. For owners the share they hold decides."""

    lists: list[Key]
    roles: list[PartyRole]
    owner_share_at_least_percent: Decimal | None = None
    """What listed owners hold together, directly and through others."""
    owner_chain: Literal["multiplied", "each_step"] = "each_step"
    """Through a chain of owners shares are multiplied, or every step that reaches the bound counts as held in full."""


Effect = Literal["prohibited", "presumption_of_denial", "licence_required", "exempt", "unsettled", "flag", "absent"]


class Limb(Source):
    """One rule of an instrument, with its own validity."""

    id: Key
    effect: Effect
    items: list[str] | Literal["all"] | None = None
    """Codes of this instrument's items that the limb controls; a rule upon other things has none."""
    upon: Upon | None = None
    party: PartyRule | None = None
    when: Condition
    valid_from: date
    valid_to: date | None = None
    makes_controlled: bool = False
    """Its items count as controlled goods for the rules of other instruments, wherever they are shipped from."""
    exempts: list[Key] = []
    """Limbs of the same instrument under which no licence is needed where this one applies."""
    on_unknown: Literal["ask", "ask_of_goods", "ignore", "flag"] = "ask"
    """`ask_of_goods` asks what the goods are only where the trade is certainly one that the limb is about."""
    flag: Key | None = None
    sentence: Sentence
    """`{goods}` is the item's or subcode's title, `{needs}` need or needs, as the title asks."""
    human_check: Sentence | None = None
    documents: Key | None = None
    citation: Key

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError("valid_to must come after valid_from")
        if (self.items is None) == (self.upon is None):
            raise ValueError("a limb either controls `items` or acts `upon` something")
        if self.effect in ("flag", "absent") and self.flag is None:
            raise ValueError(f"a limb with effect {self.effect} names its `flag`")
        if (self.effect == "exempt") != bool(self.exempts):
            raise ValueError("`exempts` belongs to effect `exempt`")
        return self


class StatedEnd(Source):
    """A later end of a suspension that the authority has stated without a notice having been seen."""

    ends_on: date
    stated_on: date
    by: str
    citation: Key


class SuspendedLimbs(Source):
    """An act on limbs of other instruments: from when, until when by its text, until when as stated since."""

    limbs: list[str] = Field(min_length=1)
    """`instrument` (all its limbs) or `instrument#limb`."""
    starts_on: date
    printed_end: date | None
    stated_end: StatedEnd | None = None
    ended_on: date | None = None
    checked_on: date


class Signed(Source):
    """Who stands for something said of the law, and when that person said it."""

    name: str
    key_id: str | None = None
    """The API key that spoke, where one did."""
    at: datetime

    def same_person(self, other: "Signed") -> bool:
        """One key, or one name however it is written: two keys of one person are one person."""
        by_key = self.key_id is not None and self.key_id == other.key_id
        return by_key or " ".join(self.name.casefold().split()) == " ".join(other.name.casefold().split())


class Deliberate(Source):
    """A finding of `orestream regulations check` that is meant to be so, and why."""

    finding: Key
    """The finding's name (`tariff_line`, `gap` …)."""
    subject: str
    """What it is about, as the finding names it."""
    reason: Sentence


class Instrument(Source):
    """One legal instrument. The id carries number and year, because numbers repeat."""

    id: Key
    name: str
    """The short name that sentences use: "MOFCOM/GACC No.18 of 2025"."""
    number: int | None = None
    year: int | None = None
    title: str
    jurisdiction: Jurisdiction
    authority: str
    issued: date
    status: Literal["confirmed", "draft"] = "confirmed"
    lapses_on: date | None = None
    """When a draft stops acting unless somebody confirms it."""
    entered: Signed | None = None
    """Who entered it while the law was running."""
    confirmed: Signed | None = None
    """Who confirmed it since: another person."""
    withdrawal: Signed | None = None
    """Who wants it withdrawn although it is confirmed; a second person does it."""
    coverage: Coverage = "modelled"
    note: str | None = None
    citations: dict[Key, CitedSource]
    definitions: dict[Key, Condition] = {}
    unsettled: dict[Key, LawQuestion] = {}
    items: list[Item] = []
    carve_outs: list[CarveOut] = []
    limbs: list[Limb] = []
    suspends: list[SuspendedLimbs] = []
    deliberate: list[Deliberate] = []

    @property
    def acts_until(self) -> date | None:
        """The day from which a draft that nobody confirms does nothing any more."""
        return self.lapses_on if self.status == "draft" else None

    @property
    def unconfirmed_sentence(self) -> str:
        """What stands behind whatever a draft says; nothing behind confirmed law."""
        if self.status == "confirmed":
            return ""
        by = f", entered by {self.entered.name}" if self.entered else ""
        lapses = f"; it lapses on {self.lapses_on.day} {self.lapses_on:%B %Y}" if self.lapses_on else ""
        return f"Unconfirmed: no second person has confirmed this rule yet{by}{lapses}."


class Vocabulary(Source):
    """Words that name an end use, in the languages orders come in. In alphabets they match as whole words, `*` standing for the rest of
    one; in other scripts anywhere."""

    words: list[str] = Field(min_length=1)


class DelayPrior(Source):
    """How long licences take, in calendar days from filing, for goods of some groups going to some places; the first that fits is used."""

    jurisdiction: Jurisdiction
    groups: list[Key] = []
    """Empty: any."""
    destinations: list[str] = []
    """Countries or regions; empty: any."""
    p50_days: int = Field(ge=0)
    p90_days: int | None = Field(default=None, ge=0)
    p95_days: int = Field(ge=0)
    log_mean: Decimal | None = None
    """With `log_sd`: the log-normal distribution that the quantiles are of."""
    log_sd: Decimal | None = Field(default=None, gt=0)
    past_limit_share: Decimal | None = Field(default=None, ge=0, le=1)
    approved_share: Decimal | None = Field(default=None, ge=0, le=1)
    customs_hold_days_min: int | None = Field(default=None, ge=0)
    customs_hold_days_max: int | None = Field(default=None, ge=0)
    evidence: str
    source: str
    confidence: Confidence


class Regime(Source):
    """A body of law as a buyer would name it, and how far the data holds it. What the data does not hold stands here, too, as absent."""

    id: Key
    title: str
    jurisdiction: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}|OWN)$")]
    """CN, US, EU, another territory's two letters (GB, JP, UN), or OWN: the buyer's own."""
    coverage: Coverage
    sentence: Sentence
    """What that means for an answer, and what the reader does about the rest."""
    instruments: list[Key] = []
    lists: list[Key] = []
    """Lists of parties; where the regime is absent, those that a user may load."""


class CommonTerms(Source):
    """What the instruments share."""

    licences_modelled: list[Jurisdiction]
    """Jurisdictions whose export licensing the instruments model; elsewhere the need for a licence stays unknown."""
    regions: dict[str, list[CountryCode]]
    definitions: dict[Key, Condition] = {}
    vocabularies: dict[Key, Vocabulary] = {}
    negations: Vocabulary
    harmless: Vocabulary | None = None
    """What holds a word of a vocabulary and means another thing (army green)."""
    documents: dict[Key, list[str]] = {}
    delays: list[DelayPrior] = []
    regimes: list[Regime] = []
    deliberate: list[Deliberate] = []


class LawContent(Source):
    """A whole set: what the version hashes and what the law can be rebuilt from."""

    common: CommonTerms
    instruments: list[Instrument]
