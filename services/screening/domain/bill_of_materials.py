"""Goods made of parts: one walk over the components gives the share of each element by mass, and of its inputs by value and origin.

Shares are ranges that hold every completion of what is not known: a component without mass or value widens them, one whose content nobody
states may hold anything, and what a list leaves out may, too. All arithmetic is exact; ranges are rounded outwards where they leave.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from pydantic import TypeAdapter

from services.screening.domain.facts import LineFacts, TradeFacts, line_facts, may_be_magnetic, speaks_of_the_whole
from services.screening.domain.goods import UNKNOWN_INTERVAL, Feature, Goods, Interval, Material, Sighting
from shared.chemistry.elements import MOLAR_MASS
from shared.contracts.order import Component, Provenance, SnapshotLine

Recogniser = Callable[[SnapshotLine], Goods]
Measure = Literal["mass", "value"]

LEFT_OUT: Final = "what the list of components leaves out"
"""The name of the part that an incomplete list does not name."""

US: Final = "US"
NOT_CONTROLLED_ECCN: Final = "EAR99"

_ROUNDING: Final = Fraction(5, 1000)
"""How far parts may exceed their whole by rounding."""
_WHOLE: Final = Fraction(97, 100)
"""Parts that make up this much of the mass are taken to be all parts, as in a composition."""
_MOST: Final = Fraction(1, 2)
_RAW_MATERIALS: Final = frozenset({"metal", "oxide", "ingot", "powder", "scrap", "alloy", "master_alloy"})
"""A component of these kinds is an input itself: all of its value is the input's."""
_PIECES: Final = frozenset({"C62", "EA", "H87", "PCE", "PC", "PCS", "ST", "STK", "NAR", "NMB"})
_FAMILIES: Final[tuple[Literal["SmCo", "NdFeB", "SmFeN", "AlNiCo", "ferrite"], ...]] = ("SmCo", "NdFeB", "SmFeN", "AlNiCo", "ferrite")
"""Of several kinds of magnets in one thing the one that controls reach first stands for all."""
_FLOOR, _CEILING = Context(prec=24, rounding=ROUND_FLOOR), Context(prec=24, rounding=ROUND_CEILING)
_HUNDRED: Final = Fraction(100)


class Range(NamedTuple):
    """A share of a whole, from 0 to 1: no completion of what is unknown lies outside."""

    low: Fraction
    high: Fraction

    @property
    def width(self) -> Fraction:
        return self.high - self.low

    def percent(self) -> Interval:
        return Interval(_rounded(self.low * 100, _FLOOR), _rounded(self.high * 100, _CEILING))


NOTHING: Final = Range(Fraction(0), Fraction(0))
ALL: Final = Range(Fraction(1), Fraction(1))
ANYTHING: Final = Range(Fraction(0), Fraction(1))


def _rounded(value: Fraction, context: Context) -> Decimal:
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def _times(share: Range, content: Range) -> Range:
    return Range(share.low * content.low, share.high * content.high)


def _sum(ranges: Iterable[Range]) -> Range:
    low = high = Fraction(0)
    for each in ranges:
        low += each.low
        high += each.high
    return Range(min(low, Fraction(1)), min(high, Fraction(1)))


class Amount(NamedTuple):
    """What is stated of one part: an amount in the unit of its siblings, or its share of the whole."""

    amount: Fraction | None = None
    share: Fraction | None = None


def shares_of(parts: Sequence[Amount], whole: Fraction | None, *, add_up: bool) -> list[Range]:
    """The share of each part in its whole, whose own amount may be unknown. `add_up`: together the parts are the whole.

    The parts' amounts and shares are not negative and do not exceed the whole (`_Reader` sees to that).
    """
    fixed: list[Fraction | None] = [
        part.share
        if part.share is not None
        else part.amount / whole
        if part.amount is not None and whole
        else Fraction(0)
        if part.amount == 0
        else None
        for part in parts
    ]
    rest = max(Fraction(0), 1 - sum((share for share in fixed if share is not None), Fraction(0)))
    weighed = sum((part.amount for part, share in zip(parts, fixed, strict=True) if share is None and part.amount is not None), Fraction(0))
    all_weighed = all(share is not None or part.amount is not None for part, share in zip(parts, fixed, strict=True))
    ranges = []
    for part, share in zip(parts, fixed, strict=True):
        if share is not None:
            ranges.append(Range(share, share))
        elif part.amount is not None:
            # Of a whole of unknown amount the parts that are weighed are at most all that others leave, in proportion.
            most = rest * part.amount / weighed
            ranges.append(Range(most if add_up and all_weighed else Fraction(0), most))
        else:
            ranges.append(Range(Fraction(0), rest))
    low, high = sum((each.low for each in ranges), Fraction(0)), sum((each.high for each in ranges), Fraction(0))
    found = []
    for each, share in zip(ranges, fixed, strict=True):
        most = each.high if share is not None else max(each.low, min(each.high, 1 - (low - each.low)))
        least = max(each.low, 1 - (high - each.high)) if add_up and share is None else each.low
        found.append(Range(min(least, most), most))
    return found


# Parts ----------------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True, frozen=True, eq=False)
class Part:
    """A node of the tree: the goods it is, its shares in the whole that lists it, and its own parts."""

    name: str
    facts: LineFacts
    """Its goods as a line of their own, in no trade."""
    mass_share: Range
    value_share: Range
    origin: str | None
    inputs_origin: str | None
    """Its own, or that of the whole it is part of."""
    us_controlled: bool | None
    eccn: str | None
    parts: tuple["Part", ...]
    complete: bool
    left_out_by_mass: Range
    """What of it the list of its parts leaves out; by value that may be work as well as parts."""
    left_out_by_value: Range

    @property
    def goods(self) -> Goods:
        return self.facts.goods

    def everything(self) -> Iterator["Part"]:
        """All parts inside, at any depth."""
        for part in self.parts:
            yield part
            yield from part.everything()


class Contribution(NamedTuple):
    """What one part adds to a share of the whole. `share` is the part's own share of the whole, `content` what of it counts."""

    part: str
    share: Range
    content: Range

    @property
    def range(self) -> Range:
        return _times(self.share, self.content)


class ValueInput(NamedTuple):
    """An input of some elements: the part it is in, that part's share of the whole's value, and what of it the input may be."""

    part: str
    share: Range
    content: Range
    origin: str | None
    made_in: str | None

    @property
    def range(self) -> Range:
        return _times(self.share, self.content)

    def comes_from(self, country: str) -> bool | None:
        """None where it is unknown. What was made in a country is taken to be made of its inputs, as on lines; what was made elsewhere says
        nothing about them."""
        if self.origin is not None:
            return self.origin == country
        return True if self.made_in == country else None


class Answered(NamedTuple):
    """A share of the whole with what makes it up."""

    range: Range
    contributions: tuple[Contribution, ...]

    def widest(self) -> Contribution | None:
        """The part whose unknown share is the widest: to know it would settle most."""
        return max(self.contributions, key=lambda each: each.range.width, default=None)

    def largest(self) -> Contribution | None:
        return max(self.contributions, key=lambda each: (each.range.high, each.range.low), default=None)


@dataclass(slots=True, frozen=True, eq=False)
class BillOfMaterials:
    """The walk's answers for one unit of goods. `goods` are the goods with what their parts hold (`in_part` names them)."""

    goods: Goods
    whole: Part
    faults: tuple[str, ...]
    """Sentences on components that cannot be: questions, never a pass."""
    provenance: Provenance
    _masses: dict[str, Answered] = field(default_factory=dict)

    def mass_share(self, element: str) -> Answered:
        """The element's share of the mass of the whole."""
        found = self._masses.get(element)
        if found is None:
            contributions = tuple(_by_mass(self.whole, element, ALL))
            found = self._masses[element] = Answered(_mass_content(self.whole, element), contributions)
        return found

    def elements_of(self, part: str) -> frozenset[str]:
        """The elements that something points to in the part of this name, and that may be in it."""
        return frozenset(e for each in self.whole.everything() if each.name == part for e in each.facts.by_element if _may_hold(each, e))

    def suspected(self, elements: frozenset[str]) -> frozenset[str]:
        """Names of the parts in which something points to one of the elements, or of which nobody says what they are."""
        return frozenset(
            part.name
            for part in (self.whole, *self.whole.everything())
            if not part.goods.described or may_be_magnetic(part.goods) or not elements.isdisjoint(part.facts.by_element)
        )

    def excludes(self, element: str) -> bool:
        return self.mass_share(element).range.high == 0

    def value_inputs(self, elements: frozenset[str]) -> tuple[ValueInput, ...]:
        """Every input of one of the elements that may be in the goods, each with its share of the value of the whole."""
        return tuple(each for each in _inputs(self.whole, elements, ALL) if each.range.high > 0)

    def value_share(self, elements: frozenset[str], country: str) -> Range:
        """What inputs of the elements from the country make up of the value; of inputs whose origin is unknown nothing is certain."""
        there = [(each.range, certain) for each in self.value_inputs(elements) if (certain := each.comes_from(country)) is not False]
        return _sum(share if certain else Range(Fraction(0), share.high) for share, certain in there)

    def us_controlled_share(self) -> Answered:
        """What controlled content of US origin makes up of the value (15 CFR 734.4)."""
        contributions = tuple(each for each in _us_content(self.whole, ALL) if each.range.high > 0)
        return Answered(_sum(each.range for each in contributions), contributions)


# By mass


def _mass_content(part: Part, element: str) -> Range:
    """The element's share of the mass of one part: its own reading and what its parts add up to, as far as they meet."""
    own = _own_mass_content(part, element)
    if not part.parts:
        return own if own is not None else ANYTHING
    inside = [(each.mass_share, _mass_content(each, element)) for each in part.parts]
    if not part.complete:
        inside.append((part.left_out_by_mass, ANYTHING))
    total = _sum(_times(share, content) for share, content in inside)
    # A mixture holds no larger share of anything than the richest of its parts.
    richest = max((content.high for share, content in inside if share.high > 0), default=Fraction(0))
    total = Range(total.low, max(total.low, min(total.high, richest)))
    return total if own is None else _agreed(own, total)


def _agreed(own: Range, inside: Range) -> Range:
    low, high = max(own.low, inside.low), min(own.high, inside.high)
    return Range(low, high) if low <= high else Range(min(own.low, inside.low), max(own.high, inside.high))


def _own_mass_content(part: Part, element: str) -> Range | None:
    """What the part's own description says of the element; None where it says nothing."""
    facts = part.facts
    readings = [m for m in facts.by_element.get(element, ()) if m.in_part is None]
    certain = [m for m in readings if m.certain]
    stated = [m for m in certain if m.mass_share_percent != UNKNOWN_INTERVAL or m.below_detection]
    if not part.parts:
        if not facts.by_element.get(element) and facts.absence(element) is False:
            return NOTHING
        if stated:
            return _narrowed(_hull(stated), _at_most(facts, element))
        suspected = [m for m in readings if not facts.outdone(m)]
        if certain or not readings:
            return _at_most(facts, element)
        return Range(Fraction(0), min(_hull(suspected).high, _at_most(facts, element).high)) if suspected else NOTHING
    if stated:
        return _hull(stated)
    return NOTHING if element in facts.goods.absent_elements or (not readings and speaks_of_the_whole(facts.goods)) else None


def _hull(materials: Sequence[Material]) -> Range:
    """From the least to the most that any of the readings gives."""
    ranges = [_range(material.mass_share_percent, material.below_detection) for material in materials]
    return Range(min(each.low for each in ranges), max(each.high for each in ranges))


def _range(interval: Interval, below_detection: bool) -> Range:
    low = Fraction(interval.minimum) / _HUNDRED if interval.minimum is not None and not below_detection else Fraction(0)
    # A test that found nothing and names no limit is taken at its word.
    unlimited = Fraction(0) if below_detection else Fraction(1)
    high = Fraction(interval.maximum) / _HUNDRED if interval.maximum is not None else unlimited
    low = min(max(low, Fraction(0)), Fraction(1))
    return Range(low, max(low, min(high, Fraction(1))))


def _at_most(facts: LineFacts, element: str) -> Range:
    """What the other elements, as far as their shares are known, leave."""
    others = sum(
        (
            max((_range(m.mass_share_percent, m.below_detection).low for m in materials if m.in_part is None), default=Fraction(0))
            for other, materials in facts.certain.items()
            if other != element
        ),
        Fraction(0),
    )
    return Range(Fraction(0), max(Fraction(0), 1 - others))


def _narrowed(reading: Range, limit: Range) -> Range:
    return Range(reading.low, max(reading.low, min(reading.high, limit.high)))


def _by_mass(part: Part, element: str, share: Range) -> Iterator[Contribution]:
    """What each innermost part adds, and what lists leave out; a part whose own reading settles it is not looked into."""
    own = _own_mass_content(part, element) if part.parts else None
    if not part.parts or (own is not None and own.width == 0):
        content = own if own is not None else _mass_content(part, element)
        if content.high > 0:
            yield Contribution(part.name, share, content)
        return
    for each in part.parts:
        yield from _by_mass(each, element, _times(share, each.mass_share))
    if not part.complete and part.left_out_by_mass.high > 0:
        yield Contribution(LEFT_OUT, _times(share, part.left_out_by_mass), ANYTHING)


# By value


class _OwnInput(NamedTuple):
    elements: frozenset[str]
    content: Range
    origin: str | None


def _inputs(part: Part, elements: frozenset[str], share: Range) -> list[ValueInput]:
    own = [one for one in _own_inputs(part) if one.elements & elements]
    stated = [_input(part, share, one.content, one.origin) for one in own]
    spoken_of = frozenset[str]().union(*(one.elements for one in own)) & elements
    if not part.parts:
        left = [element for element in elements - spoken_of if _may_hold(part, element)]
        if left:
            spoken = Fraction(0) if _is_input(part.goods) else sum((one.content.low for one in _own_inputs(part)), Fraction(0))
            rest = Range(Fraction(0), max(Fraction(0), 1 - spoken))
            stated.append(_input(part, share, rest, _stated_origin(part, left)))
        return stated
    inside = [each for inner in part.parts for each in _inputs(inner, elements - spoken_of, _times(share, inner.value_share))]
    if not part.complete and elements - spoken_of:
        inside.append(ValueInput(LEFT_OUT, _times(share, part.left_out_by_value), ANYTHING, part.inputs_origin, None))
    if not spoken_of:
        return inside
    detailed = [each for inner in part.parts for each in _inputs(inner, spoken_of, _times(share, inner.value_share))]
    total, parts = _sum(each.range for each in stated), _sum(each.range for each in detailed)
    exact = part.complete and total.low <= parts.low and parts.high <= total.high
    return inside + (detailed if exact else stated)


def _own_inputs(part: Part) -> list[_OwnInput]:
    """The inputs of which the part's own description gives the share of its value."""
    found: dict[frozenset[str], _OwnInput] = {}
    for materials in part.facts.certain.values():
        for material in materials:
            if material.value_share_percent != UNKNOWN_INTERVAL and material.in_part is None and not material.below_detection:
                key = material.sum_of or frozenset({material.element})
                found[key] = _OwnInput(key, _range(material.value_share_percent, False), material.origin_country)
    if not found and _is_input(part.goods):
        there = [e for e, ms in part.facts.certain.items() if e in MOLAR_MASS and any(not m.below_detection for m in ms)]
        # Of a material of several elements the one that is most of it makes its value; what the others make is not known.
        main = there if len(there) == 1 else [e for e in there if _mass_content(part, e).low >= _MOST]
        if main:
            return [_OwnInput(frozenset(main), ALL, _stated_origin(part, main))]
    return list(found.values())


def _may_hold(part: Part, element: str) -> bool:
    return _mass_content(part, element).high > 0


def _stated_origin(part: Part, elements: Iterable[str]) -> str | None:
    """Where the elements' inputs come from, where all that say so agree."""
    origins = {m.origin_country for element in elements for m in part.facts.by_element.get(element, ())}
    return origins.pop() if len(origins) == 1 else None


def _input(part: Part, share: Range, content: Range, stated: str | None) -> ValueInput:
    """An input with its own origin, else that of the part's inputs, else of the part where the part is the input."""
    origin = stated or part.inputs_origin or (part.origin if _is_input(part.goods) else None)
    return ValueInput(part.name, share, content, origin, part.origin)


def _is_input(goods: Goods) -> bool:
    return goods.product_certain and goods.products[0] in _RAW_MATERIALS


# US content


def _us_content(part: Part, share: Range) -> Iterator[Contribution]:
    """Parts that are, or may hold, controlled US content. Of a part from elsewhere of which nobody says that it holds some, nothing counts;
    where its origin is unknown, anything does."""
    if part.us_controlled is False:
        return
    if part.us_controlled and part.origin == US:
        yield Contribution(part.name, share, ALL)
    elif part.parts:
        for each in part.parts:
            yield from _us_content(each, _times(share, each.value_share))
        if not part.complete:
            yield Contribution(LEFT_OUT, _times(share, part.left_out_by_value), ANYTHING)
    elif part.us_controlled or part.origin in (None, US) or _is_controlled_eccn(part.eccn):
        yield Contribution(part.name, share, ANYTHING)


def _is_controlled_eccn(eccn: str | None) -> bool:
    return eccn is not None and eccn.strip().upper() != NOT_CONTROLLED_ECCN


def with_parts(bill: BillOfMaterials, trade: TradeFacts) -> LineFacts:
    """The goods' facts, with those of each part that may hold something."""
    parts = []
    for part in (bill.whole, *bill.whole.everything()):
        name = part.name if part is not bill.whole else None
        if part.parts and part.complete:
            # What is not stated of a thing is told by its parts.
            stated = part.goods._replace(materials=tuple(m for m in part.goods.materials if m.certain))
            if stated.materials:
                parts.append(replace(line_facts(stated, trade, part=name), speaks_of_all=True))
        elif part.goods.materials or may_be_magnetic(part.goods) or not part.goods.described:
            parts.append(line_facts(part.goods, trade, part=name))
    # Those in which something is seen are asked about before those of which nobody says anything.
    parts.sort(key=lambda facts: not facts.goods.materials)
    facts = line_facts(bill.goods, trade)
    return replace(
        facts,
        bill=bill,
        parts=tuple(parts),
        identified=any(material.certain and not material.below_detection for material in bill.whole.goods.materials),
        speaks_of_all=False,
        known=facts.known | {"mass_share", "value_share", "us_controlled_share"},
    )


# Reading ----------------------------------------------------------------------------------------------------------------------------

_COMPONENTS: Final = TypeAdapter(list[Component])
_NO_TRADE: Final = TradeFacts()
_KEPT: Final = 512
_LARGE_KEPT: Final = 16
_LARGE: Final = 16_000
"""Bytes of components from which on only few bills of materials are kept, so that their memory stays bounded."""


def bill_of_materials(line: SnapshotLine, own: Goods, currency: str | None, recogniser: Recogniser) -> BillOfMaterials:
    """The walk over a line's components; `own` are the goods as the line itself describes them. Equal lines give the same object."""
    components = _COMPONENTS.dump_json(line.components, exclude_defaults=True)
    bill = _bill if len(components) <= _LARGE else _large_bill
    return bill(
        components,
        line.components_complete,
        own,
        line.mass_kg_per_unit,
        line.value_per_unit,
        currency,
        (line.origin_country, line.inputs_origin_country),
        line.item.buyer_id or line.item.supplier_id or "the goods",
        line.provenance.get("components", "document"),
        recogniser,
    )


def _read(
    components: bytes,
    complete: bool | None,
    own: Goods,
    mass_kg: Decimal | None,
    value: Decimal | None,
    currency: str | None,
    origins: tuple[str | None, str | None],
    name: str,
    provenance: Provenance,
    recogniser: Recogniser,
) -> BillOfMaterials:
    reader = _Reader(provenance, recogniser)
    whole = reader.part(
        name,
        own,
        _COMPONENTS.validate_json(components),
        complete,
        (_positive(mass_kg), _positive(value)),
        (ALL, ALL),
        origins,
        (None, None),
        currency,
        "",
    )
    return BillOfMaterials(_with_parts(own, whole, provenance), whole, tuple(dict.fromkeys(reader.faults)), provenance)


_bill = lru_cache(maxsize=_KEPT)(_read)
_large_bill = lru_cache(maxsize=_LARGE_KEPT)(_read)


def _positive(amount: Decimal | None) -> Fraction | None:
    return Fraction(amount) if amount is not None and amount > 0 else None


class _Reader:
    """Components as they are stated → parts. What cannot be becomes unknown, and a sentence in `faults`."""

    def __init__(self, provenance: Provenance, recogniser: Recogniser) -> None:
        self.provenance = provenance
        self.recogniser = recogniser
        self.faults: list[str] = []

    def part(
        self,
        name: str,
        goods: Goods,
        components: Sequence[Component],
        complete: bool | None,
        amounts: tuple[Fraction | None, Fraction | None],
        shares: tuple[Range, Range],
        origins: tuple[str | None, str | None],
        control: tuple[bool | None, str | None],
        currency: str | None,
        place: str,
    ) -> Part:
        """`amounts` are mass and value of one unit of the part, None where unknown; `currency` is that of its value."""
        names = [_name(component, f"{place}{number}") for number, component in enumerate(components, 1)]
        by_mass, is_all = self._mass_shares(name, components, names, amounts[0], complete)
        by_value = self._value_shares(name, components, names, amounts[1], currency)
        parts = []
        for number, (component, called) in enumerate(zip(components, names, strict=True), 1):
            each_share = (by_mass[number - 1], by_value[number - 1])
            parts.append(self._component(component, called, each_share, origins[1], currency, f"{place}{number}."))
        return Part(
            name=name,
            facts=line_facts(goods, _NO_TRADE),
            mass_share=shares[0],
            value_share=shares[1],
            origin=origins[0],
            inputs_origin=origins[1],
            us_controlled=control[0],
            eccn=control[1],
            parts=tuple(parts),
            complete=is_all,
            left_out_by_mass=_left_out(by_mass),
            left_out_by_value=_left_out(by_value),
        )

    def _component(
        self, component: Component, name: str, shares: tuple[Range, Range], inputs_origin: str | None, currency: str | None, place: str
    ) -> Part:
        if component.fault is not None:
            self.faults.append(component.fault)
        goods = self.recogniser(_as_line(component, component.read_from or self.provenance))
        self.faults += [f"Component {name}: {text}" for text in goods.contradictions]
        # What a component's own list speaks of is one piece of it; of a quantity in kilograms or metres nobody knows how many those are.
        pieces = _positive(component.quantity) if component.unit is None or component.unit.upper() in _PIECES else None
        mass, value = _positive(component.mass_kg), _positive(component.value)
        return self.part(
            name,
            goods,
            component.components,
            component.components_complete,
            (
                mass / pieces if mass is not None and pieces is not None else None,
                value / pieces if value is not None and pieces is not None else None,
            ),
            shares,
            (component.origin_country, component.inputs_origin_country or inputs_origin),
            (component.control.us_controlled_content, component.control.eccn) if component.control is not None else (None, None),
            component.currency or currency,
            place,
        )

    def _mass_shares(
        self, whole: str, components: Sequence[Component], names: Sequence[str], mass: Fraction | None, complete: bool | None
    ) -> tuple[list[Range], bool]:
        stated = [
            Amount(
                self._amount(c.mass_kg, f"The mass of component {n}", "kilograms"),
                self._share(c.mass_share_percent, f"The share by mass of component {n}"),
            )
            for c, n in zip(components, names, strict=True)
        ]
        stated, mass = self._fitting(whole, stated, mass, "mass", "kg")
        known = shares_of(stated, mass, add_up=False)
        is_all = complete if complete is not None else sum((each.low for each in known), Fraction(0)) >= _WHOLE
        return (shares_of(stated, mass, add_up=True) if complete else known), is_all

    def _value_shares(
        self, whole: str, components: Sequence[Component], names: Sequence[str], value: Fraction | None, currency: str | None
    ) -> list[Range]:
        currencies = {c.currency or currency for c in components if c.value is not None}
        mixed = len(currencies - {None}) > 1 or (currency is not None and not currencies <= {None, currency})
        if mixed:
            named = sorted(
                {n for c, n in zip(components, names, strict=True) if c.value is not None and c.currency not in (None, currency)}
            )
            units = ", ".join(sorted(filter(None, currencies | {currency})))
            self.faults.append(
                f"The values of the components of {whole} are in different currencies ({units}), which cannot be compared; state that of "
                f"{', '.join(named[:5])} in the order's currency or as a share in percent."
            )
        stated = [
            Amount(
                None if mixed else self._amount(c.value, f"The value of component {n}", "money"),
                self._share(c.value_share_percent, f"The share by value of component {n}"),
            )
            for c, n in zip(components, names, strict=True)
        ]
        stated, value = self._fitting(whole, stated, None if mixed else value, "value", currency or "")
        return shares_of(stated, value, add_up=False)

    def _amount(self, amount: Decimal | None, what: str, unit: str) -> Fraction | None:
        if amount is not None and amount < 0:
            self.faults.append(f"{what} is {amount:f}, a negative amount of {unit}; ask for the right one.")
            return None
        return Fraction(amount) if amount is not None else None

    def _share(self, percent: Decimal | None, what: str) -> Fraction | None:
        if percent is None:
            return None
        if not 0 <= percent <= 100:
            said = "negative" if percent < 0 else "more than 100 %"
            self.faults.append(f"{what} is {percent:f} %, which is {said}; ask for the right one.")
            return None
        return Fraction(percent) / _HUNDRED

    def _fitting(
        self, whole: str, stated: list[Amount], amount: Fraction | None, measure: Measure, unit: str
    ) -> tuple[list[Amount], Fraction | None]:
        """The statements less those that make more than the whole."""
        shares = sum((each.share for each in stated if each.share is not None), Fraction(0))
        if shares > 1 + _ROUNDING:
            self.faults.append(
                f"The components of {whole} add up to {float(shares * 100):.6g} % of its {measure}; ask for the bill of materials."
            )
            stated, shares = [Amount(each.amount) for each in stated], Fraction(0)
        elif shares > 1:
            stated = [Amount(each.amount, each.share / shares if each.share is not None else None) for each in stated]
            shares = Fraction(1)
        if amount is not None:
            weighed = sum((each.amount for each in stated if each.share is None and each.amount is not None), Fraction(0))
            room = amount * (1 - shares)
            if weighed > room + amount * _ROUNDING:
                self.faults.append(
                    f"The components of {whole} come to {float(weighed):.6g} {unit} of {measure}, more than the {float(room):.6g} {unit} "
                    "that one unit has left for them; ask which is right."
                )
                return stated, None
            if weighed > room:
                return stated, weighed / (1 - shares) if shares < 1 else None
        return stated, amount


def _left_out(shares: Sequence[Range]) -> Range:
    low, high = sum((each.low for each in shares), Fraction(0)), sum((each.high for each in shares), Fraction(0))
    return Range(max(Fraction(0), 1 - high), max(Fraction(0), 1 - low))


def _name(component: Component, place: str) -> str:
    return component.item_id or (component.description[:80] if component.description else None) or f"number {place}"


_READ: Final = ("description", "attributes", "composition", "classifications")


def _as_line(component: Component, provenance: Provenance) -> SnapshotLine:
    return SnapshotLine(
        line_id="component",
        description=component.description,
        attributes=component.attributes,
        composition=component.composition,
        classifications=component.classifications,
        provenance=dict.fromkeys(_READ, provenance),
    )


def _with_parts(own: Goods, whole: Part, provenance: Provenance) -> Goods:
    """The goods with what their parts hold. The whole's kind stays its own: a motor is no magnet because it holds one."""
    parts = list(whole.everything())
    materials = list(own.materials)
    for part in parts:
        held = (m for m in part.goods.materials if (m.certain or not part.parts) and not part.facts.outdone(m))
        materials += [material._replace(in_part=f"{part.name}: {material.in_part}" if material.in_part else part.name) for material in held]
    families = {part.goods.magnet_family for part in parts} | {own.magnet_family}
    features = own.features
    us_content = next(
        (part for part in parts if part.us_controlled or (part.us_controlled is None and _is_controlled_eccn(part.eccn))), None
    )
    if us_content is not None:
        features = (*features, Feature("us_controlled_content", Sighting(provenance, f"component {us_content.name}")))
    return own._replace(
        materials=tuple(materials),
        magnet_family=next((family for family in _FAMILIES if family in families), None),
        features=features,
        described=own.described or (bool(parts) and all(part.goods.described for part in parts)),
    )
