"""The law compiled: items found by what the goods are, limbs by what they do, both as data that judgement walks through.

A law is made from instruments (`compile_law`) or from the canonical content of a whole set (`law_from_content`), and both give the same.
What is remembered here (timelines, verdicts on a trade) are results of pure functions, kept because orders repeat them.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from services.screening.domain import instrument as source
from services.screening.domain.conditions import ConditionError, Scope, Test, TradeTest, compile_condition, compile_trade_condition
from services.screening.domain.end_use import Vocabularies, compile_vocabularies
from services.screening.domain.facts import LineFacts, TradeFacts
from services.screening.domain.goods import Goods
from services.screening.domain.truth import Verdict, all_of, unsettled_law
from services.screening.domain.validity import Override, Suspension, Timeline, timeline
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.screening import Citation, Flag, Jurisdiction, LicenceDelay

Path = tuple[str | int, ...]


@dataclass(slots=True, frozen=True)
class Problem:
    """A mistake in the set: which instrument (or "common"), where in its file, and what is wrong."""

    instrument: str
    path: Path
    reason: str


class LawError(ValueError):
    """The set is refused as a whole."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.instrument} at {'.'.join(map(str, p.path)) or 'the top'}: {p.reason}" for p in problems))
        self.problems = tuple(problems)


class UnknownInstrument(ValueError):
    """A scenario names an instrument that the law does not hold."""


@dataclass(slots=True, frozen=True)
class CarveOut:
    id: str
    test: Test
    sentence: str
    citation: Citation


@dataclass(slots=True, frozen=True)
class Subcode:
    code: str
    title: str
    test: Test


@dataclass(slots=True, frozen=True, eq=False)
class Item:
    """A control item; two items are the same only where they are the same object."""

    key: str
    code: str
    title: str
    group: str
    elements: tuple[str, ...]
    identity: Test
    threshold: Test | None
    subcodes: tuple[Subcode, ...]
    carve_outs: tuple[CarveOut, ...]
    carved_out_products: frozenset[str] | None
    """The kinds that the carve-outs are about, where they are about kinds only: goods of none of them need not be tested."""
    below: str
    """What is said of goods that only a threshold keeps out."""
    mentions: tuple[str, ...]
    citation: Citation
    source: source.Item
    limbs: tuple["Limb", ...]
    """The limbs that control it."""

    def named(self, facts: LineFacts) -> tuple[str, str]:
        """The control code and title that the goods fall under, as precisely as is known."""
        found = facts.codes.get(self.key)
        if found is None:
            subcode = next((subcode for subcode in self.subcodes if subcode.test(facts) is True), None)
            found = facts.codes[self.key] = (subcode.code, subcode.title) if subcode is not None else (self.code, self.title)
        return found


@dataclass(slots=True, frozen=True, eq=False)
class Limb:
    """One rule. `items` are those it controls; a rule upon other things has none and says `upon` what it acts."""

    key: str
    id: str
    instrument: source.Instrument
    effect: source.Effect
    when: TradeTest
    mentions: tuple[str, ...]
    citation: Citation
    source: source.Limb
    documents: tuple[str, ...]
    flag: Flag | None
    """What it says beside the answer, where that is all it does."""
    suspensions: tuple[Suspension, ...]
    exempts: frozenset[str]
    upon_limbs: frozenset[str]
    upon_groups: frozenset[str]

    @property
    def jurisdiction(self) -> Jurisdiction:
        return self.instrument.jurisdiction

    @property
    def acts_on_controlled(self) -> bool:
        return self.source.upon is not None and (self.source.upon.controlled or bool(self.upon_groups))


@dataclass(slots=True, frozen=True)
class Scenario:
    """Instruments taken as in force, or as lifted, on every day, whatever the calendar says."""

    in_force: frozenset[str] = frozenset()
    lifted: frozenset[str] = frozenset()


NO_SCENARIO = Scenario()


@dataclass(slots=True)
class TradeVerdicts:
    """What the limbs' conditions on the trade come to, for one trade; each is evaluated once."""

    trade: TradeFacts
    rules: tuple[tuple[Limb, Verdict], ...]
    """Rules upon other things whose condition on the trade is not false; those on parties are kept apart."""
    party_rules: tuple[tuple[Limb, Verdict], ...]
    upon_controlled: bool
    """One of `rules` acts upon controlled goods, wherever they are shipped from."""
    _limbs: dict[Item, tuple[tuple[Limb, Verdict], ...]] = field(default_factory=dict)

    def limbs_of(self, item: Item) -> tuple[tuple[Limb, Verdict], ...]:
        """The limbs that control an item, with their verdicts on the trade, but for those that are false."""
        found = self._limbs.get(item)
        if found is None:
            verdicts = [(limb, limb.when(self.trade)) for limb in item.limbs]
            found = self._limbs[item] = tuple(one for one in verdicts if one[1] is not False)
        return found


@dataclass(slots=True)
class Law:
    """A compiled set. `version` is the SHA-256 of `content`, from which the same law can be made again."""

    version: str
    content: bytes
    common: source.CommonTerms
    instruments: Mapping[str, source.Instrument]
    holds_drafts: bool
    items: tuple[Item, ...]
    limbs: Mapping[str, Limb]
    rules: tuple[Limb, ...]
    vocabularies: Vocabularies
    regions: Mapping[str, frozenset[str]]
    licences_modelled: frozenset[Jurisdiction]
    lists_ruled_on: frozenset[str]
    """Lists of parties on which a rule of the data says what follows."""
    by_element: Mapping[str, Mapping[Item, None]]
    by_family: Mapping[str, Mapping[Item, None]]
    by_product: Mapping[str, Mapping[Item, None]]
    by_feature: Mapping[str, Mapping[Item, None]]
    by_tariff: Mapping[str, Mapping[Item, None]]
    """By the code of an item's evidence, which a line's code may start with, and by the shorter codes that may be given for it."""
    by_tariff_alone: Mapping[str, Mapping[Item, None]]
    """The same for items that list no elements: nothing else points to them."""
    _delays: Sequence[source.DelayPrior]
    _mentioned: "Remembered[frozenset[str]]" = field(default_factory=lambda: Remembered())
    _delay_of: dict[tuple[Jurisdiction, str, str | None], LicenceDelay | None] = field(default_factory=dict)
    _views: dict[tuple[date, Scenario], "LawView"] = field(default_factory=dict)
    _trades: dict[TradeFacts, TradeVerdicts] = field(default_factory=dict)

    def mentioned_of(self, goods: Goods) -> frozenset[str]:
        """What the items that goods may be ask about, by name."""
        pointers = (
            tuple([material.element for material in goods.materials]),
            goods.magnet_family,
            goods.products,
            tuple([feature.name for feature in goods.features]),
            goods.tariff_codes,
        )
        found = self._mentioned.get(pointers)
        if found is None:
            items = self.pointed_to(goods, pointers[0], identified=False)
            found = self._mentioned.keep(pointers, frozenset(name for item in items for name in item.mentions))
        return found

    def candidates(self, facts: LineFacts) -> Iterable[Item]:
        """Items that something in the goods points to, each once: their elements, magnet family, kind, features or tariff line."""
        return self.pointed_to(facts.goods, facts.by_element, identified=facts.identified)

    def pointed_to(self, goods: Goods, elements: Iterable[str], *, identified: bool) -> dict[Item, None]:
        """The same from the elements; `identified` goods are what they are said to be, whatever their heading."""
        found: dict[Item, None] = {}
        for element in elements:
            if element in self.by_element:
                found.update(self.by_element[element])
        if goods.magnet_family is not None and goods.magnet_family in self.by_family:
            found.update(self.by_family[goods.magnet_family])
        for product in goods.products:
            if product in self.by_product:
                found.update(self.by_product[product])
        for feature in goods.features:
            if feature.name in self.by_feature:
                found.update(self.by_feature[feature.name])
        # A heading raises what might be in goods that nobody names, not what certainly is something else.
        table = self.by_tariff_alone if identified else self.by_tariff
        for code in goods.tariff_codes:
            for key in (code[:4], code[:6], code[:8], code[:10], _given_as(code)):
                if key in table:
                    found.update(table[key])
        return found

    def verdicts_on(self, trade: TradeFacts) -> TradeVerdicts:
        verdicts = self._trades.get(trade)
        if verdicts is None:
            rules = [(limb, verdict) for limb in self.rules if (verdict := limb.when(trade)) is not False]
            verdicts = TradeVerdicts(
                trade,
                tuple(rule for rule in rules if rule[0].source.party is None),
                tuple(rule for rule in rules if rule[0].source.party is not None),
                any(limb.source.party is None and limb.acts_on_controlled for limb, _ in rules),
            )
            if len(self._trades) >= _KEPT:
                self._trades.clear()
            self._trades[trade] = verdicts
        return verdicts

    def as_known_on(self, known_on: date, scenario: Scenario = NO_SCENARIO) -> "LawView":
        """The law in the state of knowledge of a day, under a scenario. Raises UnknownInstrument."""
        view = self._views.get((known_on, scenario))
        if view is None:
            overrides: dict[str, Override] = {}
            for name in scenario.in_force:
                overrides[self.instrument_named(name)] = "in_force"
            for name in scenario.lifted:
                overrides[self.instrument_named(name)] = "lifted"
            view = LawView(self, known_on, overrides)
            if len(self._views) >= _VIEWS_KEPT:
                self._views.clear()
            self._views[(known_on, scenario)] = view
        return view

    def instrument_named(self, name: str) -> str:
        """The id of an instrument given by its id, its name, or its number and year. Raises UnknownInstrument."""
        if name in self.instruments:
            return name
        for instrument in self.instruments.values():
            if instrument.name.casefold() == name.casefold():
                return instrument.id
        numbered = re.search(r"No\.?\s*(\d+)\s*(?:of|/)\s*(\d{4})", name, re.IGNORECASE)
        if numbered is not None:
            wanted = (int(numbered[1]), int(numbered[2]))
            fitting = [i.id for i in self.instruments.values() if (i.number, i.year) == wanted]
            if len(fitting) == 1:
                return fitting[0]
        raise UnknownInstrument(
            f"The law holds no instrument {name!r}. It holds: {', '.join(sorted(i.name for i in self.instruments.values()))}."
        )

    def delay(self, jurisdiction: Jurisdiction, group: str, destination: str | None) -> LicenceDelay | None:
        """How long licences take for goods of this group going there, by the first prior that fits."""
        key = (jurisdiction, group, destination)
        if key not in self._delay_of:
            self._delay_of[key] = self._first_fitting_delay(*key)
        return self._delay_of[key]

    def _first_fitting_delay(self, jurisdiction: Jurisdiction, group: str, destination: str | None) -> LicenceDelay | None:
        for prior in self._delays:
            if prior.jurisdiction != jurisdiction or (prior.groups and group not in prior.groups):
                continue
            if prior.destinations and not any(destination in self.regions.get(name, (name,)) for name in prior.destinations):
                continue
            figures = {name: value for name, value in prior if name in _DELAY_FIGURES}
            return LicenceDelay(**figures, evidence=f"{prior.evidence} ({prior.source})", confidence=prior.confidence)
        return None


_DELAY_FIGURES = LicenceDelay.model_fields.keys() - {"evidence", "confidence"}


def _given_as(code: str) -> str:
    """The key under which evidence is found for a line whose whole code this is, because it is given with fewer digits."""
    return f"={code}"


_KEPT = 2048
_VIEWS_KEPT = 4
"""Today's view, yesterday's for what is still under way, and a scenario or two; each remembers up to 2,048 judgements."""

Value = TypeVar("Value")


class Remembered(dict[tuple[object, ...], Value]):
    """Results of pure functions by what they were made of, forgotten all at once when there are too many."""

    def keep(self, key: tuple[object, ...], value: Value) -> Value:
        if len(self) >= _KEPT:
            self.clear()
        self[key] = value
        return value


@dataclass(slots=True)
class LawView:
    """The law as known on one day, under one scenario: the timelines of its limbs, each made when it is first asked for."""

    law: Law
    known_on: date
    overrides: Mapping[str, Override]
    sentences: "Remembered[str]" = field(default_factory=lambda: Remembered())
    """Sentences already made, by everything they depend on."""
    lines: "Remembered[Any]" = field(default_factory=lambda: Remembered())
    """Judgements already made, by everything they depend on; what they are is the business of who makes them."""
    alike: "Remembered[Any]" = field(default_factory=lambda: Remembered())
    """The same by what the law reads of goods, whatever the words."""
    _timelines: dict[str, Timeline] = field(default_factory=dict)
    _later: "dict[date, LawView]" = field(default_factory=dict)

    def later(self, known_on: date) -> "LawView":
        """The same law on a later day, when more is known: what nobody has confirmed has lapsed."""
        if known_on not in self._later:
            self._later[known_on] = LawView(self.law, known_on, self.overrides)
        return self._later[known_on]

    def timeline(self, limb: Limb) -> Timeline:
        found = self._timelines.get(limb.key)
        if found is None:
            instrument = limb.instrument
            ends_on = limb.source.valid_to
            # Whether a draft lapses is not known before the day: until then it binds goods that leave later as well.
            if instrument.acts_until is not None and instrument.acts_until <= self.known_on:
                ends_on = min(ends_on, instrument.acts_until) if ends_on else instrument.acts_until
            found = self._timelines[limb.key] = timeline(
                instrument.issued,
                limb.source.valid_from,
                ends_on,
                limb.suspensions,
                self.known_on,
                self.overrides.get(instrument.id),
                dict(self.overrides),
            )
        return found


def law_from_content(content: bytes) -> Law:
    """The law from its canonical content. Raises LawError, or ValueError for content that is no law."""
    parsed = source.LawContent.model_validate(json.loads(content))
    return compile_law(parsed.common, parsed.instruments)


def compile_law(common: source.CommonTerms, instruments: Sequence[source.Instrument]) -> Law:
    """Compiles a set. Raises LawError naming every mistake: one is enough to refuse the set."""
    ordered = sorted(instruments, key=lambda instrument: instrument.id)
    content = canonical_json(
        source.LawContent(common=common, instruments=ordered).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    )
    compiler = _Compiler(common)
    for instrument in ordered:
        compiler.take(instrument)
    for instrument in ordered:
        compiler.suspend(instrument)
    for instrument in ordered:
        compiler.compile(instrument)
    if compiler.problems:
        raise LawError(list(dict.fromkeys(compiler.problems)))
    return compiler.law(content)


class _Compiler:
    """One pass over a set: collects what is wrong instead of stopping at it."""

    def __init__(self, common: source.CommonTerms) -> None:
        self.common = common
        self.problems: list[Problem] = []
        self.instruments: dict[str, source.Instrument] = {}
        self.items: list[Item] = []
        self.limbs: dict[str, Limb] = {}
        self.pointers: dict[str, dict[str, dict[Item, None]]] = {
            kind: {} for kind in ("element", "family", "product", "feature", "tariff", "tariff_alone")
        }
        self.regions = {name: frozenset(countries) for name, countries in common.regions.items()}
        self.suspensions: dict[str, list[Suspension]] = {}
        self.vocabularies = compile_vocabularies(common.vocabularies, common.negations, common.harmless)

    def wrong(self, instrument: str, path: Path, reason: str) -> None:
        self.problems.append(Problem(instrument, path, reason))

    def take(self, instrument: source.Instrument) -> None:
        if instrument.id in self.instruments:
            self.wrong(instrument.id, ("id",), f"two instruments have the id {instrument.id!r}")
        self.instruments[instrument.id] = instrument

    def suspend(self, instrument: source.Instrument) -> None:
        for position, act in enumerate(instrument.suspends):
            self._suspension(instrument, act, ("suspends", position))

    def compile(self, instrument: source.Instrument) -> None:
        self._check_keys(instrument)
        controlled_by: dict[str, list[Limb]] = {item.code: [] for item in instrument.items}
        for position, limb in enumerate(instrument.limbs):
            self._limb(instrument, limb, ("limbs", position), controlled_by)
        carve_outs = {carve_out.id: (carve_out, position) for position, carve_out in enumerate(instrument.carve_outs)}
        for position, item in enumerate(instrument.items):
            self._item(instrument, item, ("items", position), carve_outs, tuple(controlled_by[item.code]))

    def _check_keys(self, instrument: source.Instrument) -> None:
        for kind, keys in (
            ("items", [item.code for item in instrument.items]),
            ("limbs", [limb.id for limb in instrument.limbs]),
            ("carve_outs", [carve_out.id for carve_out in instrument.carve_outs]),
        ):
            for position, key in enumerate(keys):
                if key in keys[:position]:
                    self.wrong(instrument.id, (kind, position), f"{key!r} is there twice")
        for name, definition in instrument.definitions.items():
            try:
                # Definitions are compiled where they are used; here only what nobody uses is held to be sound.
                compile_condition(definition, self._scope(instrument, ("X",)), ("definitions", name))
            except ConditionError as error:
                self.wrong(instrument.id, error.path, error.reason)
        if not instrument.limbs and not instrument.suspends:
            self.wrong(instrument.id, ("limbs",), "an instrument without limbs and without suspensions does nothing")

    def _suspension(self, instrument: source.Instrument, act: source.SuspendedLimbs, path: Path) -> None:
        if act.printed_end is not None and act.printed_end <= act.starts_on:
            self.wrong(instrument.id, (*path, "printed_end"), "the suspension ends before it starts")
        if act.stated_end is not None:
            self._citation(instrument, act.stated_end.citation, (*path, "stated_end", "citation"))
            if act.printed_end is None or act.stated_end.ends_on <= act.printed_end:
                self.wrong(instrument.id, (*path, "stated_end", "ends_on"), "a stated end comes after the printed end")
        suspension = Suspension(
            instrument=instrument.id,
            issued=instrument.issued,
            starts_on=act.starts_on,
            printed_end=act.printed_end,
            stated_end=act.stated_end.ends_on if act.stated_end else None,
            stated_on=act.stated_end.stated_on if act.stated_end else None,
            ended_on=act.ended_on,
            lapses_on=instrument.acts_until,
        )
        for position, reference in enumerate(act.limbs):
            target, _, limb = reference.partition("#")
            suspended = self.instruments.get(target)
            if suspended is None:
                self.wrong(instrument.id, (*path, "limbs", position), f"there is no instrument {target!r} to suspend")
                continue
            known = [one.id for one in suspended.limbs]
            if limb and limb not in known:
                self.wrong(instrument.id, (*path, "limbs", position), f"{target!r} has no limb {limb!r}; it has {', '.join(known)}")
            for name in [limb] if limb else known:
                self.suspensions.setdefault(f"{target}#{name}", []).append(suspension)

    def _scope(self, instrument: source.Instrument, listed: Sequence[str] = ()) -> Scope:
        questions = {key: unsettled_law(f"{instrument.id}.{key}", law.question) for key, law in instrument.unsettled.items()}
        return Scope(
            definitions={**self.common.definitions, **instrument.definitions},
            questions=questions,
            regions=self.regions,
            vocabularies=frozenset(self.common.vocabularies),
            listed=tuple(listed),
        )

    def _test(self, instrument: source.Instrument, condition: source.Condition, scope: Scope, path: Path) -> Test:
        try:
            return compile_condition(condition, scope, path)
        except ConditionError as error:
            self.wrong(instrument.id, error.path, error.reason)
            return lambda facts: False

    def _citation(self, instrument: source.Instrument, key: str, path: Path) -> Citation:
        cited = instrument.citations.get(key)
        if cited is None:
            self.wrong(instrument.id, path, f"{key!r} is not among the citations")
            cited = source.CitedSource(source="", checked_on=instrument.issued, confidence="low")
        return Citation(
            instrument=instrument.id,
            title=cited.title or f"{instrument.name}: {instrument.title}",
            source=cited.source,
            checked_on=cited.checked_on,
            confidence=cited.confidence,
        )

    def _item(
        self,
        instrument: source.Instrument,
        item: source.Item,
        path: Path,
        carve_outs: Mapping[str, tuple[source.CarveOut, int]],
        limbs: tuple[Limb, ...],
    ) -> None:
        scope = self._scope(instrument, item.elements)
        identity = self._test(instrument, item.when, scope, (*path, "when"))
        thresholds = [self._test(instrument, part, scope, (*path, "thresholds", i)) for i, part in enumerate(item.thresholds)]
        subcodes = tuple(
            Subcode(one.code, one.title, self._test(instrument, one.when, scope, (*path, "subcodes", i, "when")))
            for i, one in enumerate(item.subcodes)
        )
        excluded = []
        for key in carve_outs if item.carve_outs == "all" else item.carve_outs:
            if key not in carve_outs:
                self.wrong(instrument.id, (*path, "carve_outs"), f"there is no carve-out {key!r}")
                continue
            carve_out, position = carve_outs[key]
            where: Path = ("carve_outs", position)
            excluded.append(
                CarveOut(
                    carve_out.id,
                    self._test(instrument, carve_out.when, scope, (*where, "when")),
                    carve_out.sentence,
                    self._citation(instrument, carve_out.citation, (*where, "citation")),
                )
            )
        compiled = Item(
            key=f"{instrument.id}#{item.code}",
            code=item.code,
            title=item.title,
            group=item.group,
            elements=tuple(item.elements),
            identity=identity,
            threshold=_both(thresholds),
            subcodes=subcodes,
            carve_outs=tuple(excluded),
            carved_out_products=_carved_out_products([carve_outs[carve_out.id][0] for carve_out in excluded]),
            below=item.below or f"{item.title}: a threshold of the item is not reached.",
            mentions=tuple(sorted(scope.mentions)),
            citation=self._citation(instrument, item.citation, (*path, "citation")),
            source=item,
            limbs=limbs,
        )
        if not limbs and not any(problem.instrument == instrument.id and problem.path[:1] == ("limbs",) for problem in self.problems):
            self.wrong(instrument.id, path, "no limb controls this item")
        self._point(compiled, item, scope)
        if not any(compiled in pointed for kind in self.pointers.values() for pointed in kind.values()):
            self.wrong(instrument.id, path, "nothing points to this item: it needs elements, a magnet family, tariff lines or pointers")
        self.items.append(compiled)

    def _point(self, compiled: Item, item: source.Item, scope: Scope) -> None:
        def point(kind: str, key: str) -> None:
            self.pointers[kind].setdefault(key, {})[compiled] = None

        for element in item.elements:
            point("element", element)
        for family in scope.families:
            point("family", family)
        for product in item.pointers.products:
            point("product", product)
        for feature in item.pointers.features:
            point("feature", feature)
        for code in [line.code for line in item.tariff] + item.asks_under:
            shorter = [_given_as(code[:digits]) for digits in (4, 6, 8) if digits < len(code)]
            for key in (code, *shorter):
                point("tariff", key)
                if not item.elements:
                    point("tariff_alone", key)

    def _limb(self, instrument: source.Instrument, limb: source.Limb, path: Path, controlled_by: Mapping[str, list[Limb]]) -> None:
        scope = self._scope(instrument)
        try:
            when = compile_trade_condition(limb.when, scope, (*path, "when"))
        except ConditionError as error:
            self.wrong(instrument.id, error.path, error.reason)
            return
        try:
            limb.sentence.format(goods="", needs="")
        except (KeyError, IndexError, ValueError) as error:
            self.wrong(instrument.id, (*path, "sentence"), f"only {{goods}} and {{needs}} stand in braces: {error!r}")
        if limb.valid_from < instrument.issued:
            self.wrong(instrument.id, (*path, "valid_from"), "a limb cannot start before its instrument was issued")
        if limb.documents is not None and limb.documents not in self.common.documents:
            self.wrong(instrument.id, (*path, "documents"), f"the common terms have no documents {limb.documents!r}")
        citation = self._citation(instrument, limb.citation, (*path, "citation"))
        own = {one.id for one in instrument.limbs}
        for name in [*limb.exempts, *(limb.upon.limbs if limb.upon else [])]:
            if name not in own:
                self.wrong(instrument.id, path, f"the instrument has no limb {name!r}")
        compiled = Limb(
            key=f"{instrument.id}#{limb.id}",
            id=limb.id,
            instrument=instrument,
            effect=limb.effect,
            when=when,
            mentions=tuple(sorted(scope.mentions)),
            citation=citation,
            source=limb,
            documents=tuple(self.common.documents.get(limb.documents or "", ())),
            flag=Flag(name=limb.flag, sentence=f"{limb.sentence} {instrument.unconfirmed_sentence}".rstrip(), citation=citation)
            if limb.flag is not None
            else None,
            suspensions=tuple(self.suspensions.get(f"{instrument.id}#{limb.id}", ())),
            exempts=frozenset(f"{instrument.id}#{name}" for name in limb.exempts),
            upon_limbs=frozenset(f"{instrument.id}#{name}" for name in limb.upon.limbs) if limb.upon else frozenset(),
            upon_groups=frozenset(limb.upon.groups) if limb.upon else frozenset(),
        )
        self.limbs[compiled.key] = compiled
        for code in [] if limb.items is None else controlled_by if limb.items == "all" else limb.items:
            if code in controlled_by:
                controlled_by[code].append(compiled)
            else:
                self.wrong(instrument.id, (*path, "items"), f"the instrument has no item {code!r}")

    def law(self, content: bytes) -> Law:
        return Law(
            version=sha256_hex(content),
            content=content,
            common=self.common,
            instruments=self.instruments,
            holds_drafts=any(instrument.status == "draft" for instrument in self.instruments.values()),
            items=tuple(self.items),
            limbs=self.limbs,
            rules=tuple(limb for limb in self.limbs.values() if limb.source.upon is not None),
            vocabularies=self.vocabularies,
            regions=self.regions,
            licences_modelled=frozenset(self.common.licences_modelled),
            lists_ruled_on=frozenset(
                name for limb in self.limbs.values() if limb.source.party is not None for name in limb.source.party.lists
            ),
            by_element=self.pointers["element"],
            by_family=self.pointers["family"],
            by_product=self.pointers["product"],
            by_feature=self.pointers["feature"],
            by_tariff=self.pointers["tariff"],
            by_tariff_alone=self.pointers["tariff_alone"],
            _delays=self.common.delays,
        )


def _carved_out_products(carve_outs: Sequence[source.CarveOut]) -> frozenset[str] | None:
    products: set[str] = set()
    for carve_out in carve_outs:
        if not isinstance(carve_out.when, source.ProductIs) or carve_out.when.if_absent != "false":
            return None
        products.update(carve_out.when.product)
    return frozenset(products)


def _both(tests: list[Test]) -> Test | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda facts: all_of(test(facts) for test in tests)
