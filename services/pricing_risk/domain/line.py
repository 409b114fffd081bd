"""What of a line is open, and how much of each element is in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from services.pricing_risk.domain.inputs import ComponentRead, MaterialRead, OrderLineRead, RecognitionRead
from services.pricing_risk.domain.matching import price_form
from shared.chemistry.elements import NON_METALS
from shared.chemistry.formula import parse_formula
from shared.contracts.price import PriceForm
from shared.contracts.screening import MissingFact

_PIECES: Final = frozenset({"C62", "PCE", "PCS", "PC", "EA", "H87", "ST"})
_UNADORNED: Final = frozenset({"oxide", "metal", "ingot", "powder", "wafer", "single_crystal", "compound"})
"""Goods that are their substance and nothing else."""

_LEAST_PURE: Final = Decimal("0.95")
_SHARES_OF_MIXED: Final[dict[str, dict[str, Decimal]]] = {
    "NdPr oxide": {"Nd": Decimal("0.6430"), "Pr": Decimal("0.2069")},
    "NdPr": {"Nd": Decimal("0.75"), "Pr": Decimal("0.25")},
}
"""What is traded as one, at the usual 75 to 25: mass of element per mass of the mixed substance."""

_HARDLY_PRICED: Final = NON_METALS | {"Fe", "B", "Si"}
"""Elements whose worth in a purchase nobody quotes by the kilogram contained."""

_QUOTED_AS_SUBSTANCE: Final = frozenset({"graphite", "diamond"})


def _quoted_as(material: MaterialRead) -> str:
    return material.substance if material.substance in _QUOTED_AS_SUBSTANCE else material.element


def is_priced(material: MaterialRead) -> bool:
    """Whether a material is one that goods are bought for."""
    return material.element not in _HARDLY_PRICED or material.substance in _QUOTED_AS_SUBSTANCE


class Quantities(NamedTuple):
    """Shares of what was ordered."""

    open_share: Decimal
    received_share: Decimal


_NOTHING: Final = Decimal(0)
_ALL: Final = Decimal(1)
_ALL_OF_IT: Final = Quantities(_ALL, _NOTHING)


def quantities(line: OrderLineRead, ended: bool = False) -> Quantities:
    """Open = ordered - received; nothing is open of a line that is cancelled or closed. A delivery without quantity is all that is left."""
    ordered = line.quantity.value if line.quantity is not None else None
    if ordered is not None and ordered <= 0:
        return Quantities(_NOTHING, _NOTHING)
    is_open = not ended and line.line_status in ("open", "held")
    if not line.shipments:
        return _ALL_OF_IT if is_open else Quantities(_NOTHING, _NOTHING)
    received_share = _received_share(line, ordered)
    return Quantities(max(_NOTHING, _ALL - received_share) if is_open else _NOTHING, received_share)


def _received_share(line: OrderLineRead, ordered: Decimal | None) -> Decimal:
    received, all_came = _NOTHING, False
    for shipment in line.shipments:
        if shipment.received_on is None and shipment.received_quantity is None:
            continue
        came = shipment.received_quantity if shipment.received_quantity is not None else shipment.quantity
        if came is None:
            all_came = True
        else:
            received += came
    if ordered is None:
        return _ALL if all_came else _NOTHING
    return (max(received, ordered) if all_came else received) / ordered


class Content(NamedTuple):
    """Elements of one priced material in all that was ordered, in kg together; None where that is not known.

    `members` are the elements by themselves, where they are traded as one and each is known.
    """

    elements: tuple[str, ...]
    form: PriceForm
    low_kg: float | None
    high_kg: float | None
    share_percent: float | None = None
    """The most that it is of its goods, or of the part that it is in."""
    origin_country: str | None = None
    members: tuple["Content", ...] = ()
    by_value: bool = False
    """Not weighed: the mass that the line's price buys of it."""


@dataclass(slots=True)
class Contents:
    known: list[Content] = field(default_factory=list)
    """What was seen in the goods, the amount known or not."""
    candidates: list[str] = field(default_factory=list)
    """Elements that may be in the goods."""
    assumed: list[str] = field(default_factory=list)
    missing: list[MissingFact] = field(default_factory=list)


class _Part(NamedTuple):
    """`kg`: of all pieces in what the line orders."""

    kg: float | None
    above: frozenset[str]
    """Names of the parts that it is in."""


_Share = tuple[Decimal, Decimal]


def contents_of(line: OrderLineRead, recognition: RecognitionRead) -> Contents:
    """Masses from what screening recognised: shares are of the element, of the whole or of the part that is named."""
    found = _plain_contents(line, recognition)
    if found is not None:
        return found
    found = Contents()
    seen: dict[str, dict[str | None, list[MaterialRead]]] = {}
    for material in recognition.materials:
        if not is_priced(material):
            continue
        if material.is_candidate:
            found.candidates.append(material.element)
            continue
        seen.setdefault(_quoted_as(material), {}).setdefault(material.in_part, []).append(material)
    found.candidates = sorted({element for element in found.candidates if element not in seen})
    parts = _parts(line) if line.components else {}
    usual = _usual_shares(line, recognition, seen, found)
    whole_kg = float(line.mass_kg) if line.mass_kg is not None else None
    for element, places in seen.items():
        for place in _counted(places, parts, element in usual):
            _add(found, line, recognition, element, place, places[place], parts, usual.get(element), whole_kg)
    found.known = _traded_as_one(found, recognition, whole_kg)
    return found


def _plain_contents(line: OrderLineRead, recognition: RecognitionRead) -> Contents | None:
    """Of goods each element of which was seen once, with a share of the whole: most lines of materials. None of any other line."""
    if line.mass_kg is None:
        return None
    mass, product = float(line.mass_kg) / 100, recognition.product
    known: list[Content] = []
    seen: set[str] = set()
    candidates: set[str] = set()
    for material in recognition.materials:
        if not is_priced(material):
            continue
        low, high = material.mass_share_percent_min, material.mass_share_percent_max
        if low is None and material.is_candidate:
            candidates.add(material.element)
            continue
        element = _quoted_as(material)
        if not low or high is None or material.in_part is not None or element in seen or material.substance in _SHARES_OF_MIXED:
            return None
        seen.add(element)
        most = float(high)
        form = price_form(material.form, product)
        known.append(Content((element,), form, mass * float(low), mass * most, most, material.origin_country))
    return Contents(known, sorted(candidates - seen) if candidates else [], [], [])


def _counted(places: Mapping[str | None, list[MaterialRead]], parts: Mapping[str, list[_Part]], usual: bool) -> list[str | None]:
    """The places that count: what is said of a whole and of a part in it is the same element twice, and what says how much goes first."""
    if len(places) == 1:
        return list(places)
    known = {place for place, sightings in places.items() if any(each.share_is_known for each in sightings) or (usual and place is None)}

    def holds(outer: str | None, inner: str | None) -> bool:
        if inner is None or outer == inner:
            return False
        return outer is None or any(outer in part.above for part in parts.get(inner, ()))

    return [
        place
        for place in places
        if (place in known and not any(holds(other, place) for other in known))
        or (place not in known and not any(holds(other, place) or holds(place, other) for other in known))
    ]


def _add(
    found: Contents,
    line: OrderLineRead,
    recognition: RecognitionRead,
    element: str,
    place: str | None,
    sightings: list[MaterialRead],
    parts: Mapping[str, list[_Part]],
    usual: _Share | None,
    whole_kg: float | None,
) -> None:
    first = sightings[0]
    form = price_form(next((each.form for each in sightings if each.form is not None), None), recognition.product)
    origin = next((each.origin_country for each in sightings if each.origin_country is not None), None)
    known = [each for each in sightings if each.share_is_known]
    masses = [whole_kg] if place is None else _masses(place, parts)
    amounts = _amounts(known, masses) if known else [(usual, masses[0])] if usual is not None and place is None else None
    if amounts is None:
        where = f"part {place} of line {line.line_id}" if place is not None else f"line {line.line_id}"
        question = f"What is the content of {element} in {where}, in percent by mass, by test report?"
        found.missing.append(MissingFact(kind="fact", name=f"mass_share_percent of {element}", held_by="supplier", question=question))
        found.known.append(Content((element,), form, None, None, None, origin))
        return
    share = low = high = 0.0
    weighed = True
    for (least, most), mass in amounts:
        share = max(share, float(most))
        if mass is None:
            weighed = False
        else:
            low += float(least) / 100 * mass
            high += float(most) / 100 * mass
    if not weighed:
        where = f"part {place} of line {line.line_id}, in one unit" if place is not None else f"line {line.line_id}"
        fact = MissingFact(kind="fact", name="mass_kg", held_by="supplier", question=f"What is the net mass of {where}, in kilograms?")
        if fact not in found.missing:
            found.missing.append(fact)
        found.known.append(Content((element,), form, None, None, share, origin))
        return
    together = _counted_together(first, recognition.materials) if len(known) == 1 and place is None else ()
    if together:
        # Of elements that are counted together only the sum is known: the first stands for all, at the most that is stated.
        if together[0] == element:
            found.known.append(Content(together, form, high, high, share, origin))
        return
    found.known.append(Content((element,), form, low, high, share, origin))


def _counted_together(material: MaterialRead, materials: Sequence[MaterialRead]) -> tuple[str, ...]:
    if material.mass_share_percent_max is None or material.mass_share_percent_min not in (None, 0):
        return ()
    same = [
        each.element
        for each in materials
        if each.evidence == material.evidence
        and each.in_part == material.in_part
        and (each.mass_share_percent_min, each.mass_share_percent_max) == (material.mass_share_percent_min, material.mass_share_percent_max)
    ]
    return tuple(dict.fromkeys(same)) if len(set(same)) > 1 else ()


def _share(material: MaterialRead) -> _Share:
    low, high = material.mass_share_percent_min, material.mass_share_percent_max
    return low if low is not None else Decimal(0), high if high is not None else Decimal(100)


def _amounts(known: Sequence[MaterialRead], masses: Sequence[float | None]) -> list[tuple[_Share, float | None]] | None:
    """Shares with the mass that each is of; None where it is not clear which is of which."""
    shares = [_share(each) for each in known]
    if len(masses) == 1:
        substances = {each.substance for each in known}
        if len(known) == 1 or (None not in substances and len(substances) == len(known)):
            return [(share, masses[0]) for share in shares]
        return [((min(low for low, _ in shares), max(high for _, high in shares)), masses[0])]
    if len(masses) == len(shares):
        return list(zip(shares, masses, strict=True))
    return [(shares[0], mass) for mass in masses] if len(set(shares)) == 1 else None


def _masses(place: str, parts: Mapping[str, list[_Part]]) -> list[float | None]:
    """Of the components that have this name. Of a part inside of one nobody says the mass."""
    return [part.kg for part in parts[place]] if place in parts else [None]


def _parts(line: OrderLineRead) -> dict[str, list[_Part]]:
    """Every component by the name that screening gives it: its number, else how its description begins, else its place."""
    found: dict[str, list[_Part]] = {}
    per_unit = float(line.mass_kg_per_unit) if line.mass_kg_per_unit is not None else None
    if line.mass_kg is not None and per_unit:
        units: float | None = float(line.mass_kg) / per_unit
    else:
        units = float(line.quantity.value) if line.quantity is not None else None
    for name, part in _walk(line.components, units, per_unit, frozenset(), ""):
        found.setdefault(name, []).append(part)
    return found


def _walk(
    components: Sequence[ComponentRead], wholes: float | None, whole_kg: float | None, above: frozenset[str], place: str
) -> Iterator[tuple[str, _Part]]:
    """`wholes`: how many of the whole that lists them the line orders; `whole_kg`: mass of one."""
    for number, component in enumerate(components, 1):
        called = component.item_id or (component.description[:80] if component.description else None) or f"number {place}{number}"
        if component.mass_kg is not None:
            each = float(component.mass_kg)
        elif component.mass_share_percent is not None and whole_kg is not None:
            each = float(component.mass_share_percent) / 100 * whole_kg
        else:
            each = None
        kg = each * wholes if each is not None and wholes is not None else None
        yield called, _Part(kg, above)
        if component.components:
            counted = component.unit is None or component.unit.upper() in _PIECES
            pieces = float(component.quantity) if component.quantity is not None and counted and component.quantity > 0 else None
            inner = wholes * pieces if wholes is not None and pieces is not None else None
            inner_kg = each / pieces if each is not None and pieces is not None else None
            yield from _walk(component.components, inner, inner_kg, above | {called}, f"{place}{number}.")


def _usual_shares(
    line: OrderLineRead, recognition: RecognitionRead, seen: Mapping[str, Mapping[str | None, list[MaterialRead]]], found: Contents
) -> dict[str, _Share]:
    """Shares in percent that follow from what the substance is, where the goods are that substance and nobody states its purity."""
    if line.components or recognition.product not in _UNADORNED:
        return {}
    whole = [each for places in seen.values() for each in places.get(None, ())]
    substances = {each.substance for each in whole}
    if len(substances) != 1 or any(each.share_is_known for each in whole):
        return {}
    (substance,) = substances
    fractions = _fractions(substance, whole)
    if fractions:
        found.assumed.append(f"The purity is not stated; the goods are taken as 95 to 100 % {substance}.")
    return {element: (fraction * _LEAST_PURE * 100, fraction * 100) for element, fraction in fractions.items()}


def _fractions(substance: str | None, materials: Sequence[MaterialRead]) -> Mapping[str, Decimal]:
    if substance is None:
        return {}
    if substance in _SHARES_OF_MIXED:
        return _SHARES_OF_MIXED[substance]
    formula = parse_formula(substance)
    forms = {each.form for each in materials}
    # A salt comes with water that nobody counts; a compound of two elements does not.
    if formula is None or not (forms <= {"oxide", "element"} or (forms == {"compound"} and len(formula.elements) == 2)):
        return {}
    return {each.element: formula.mass_fraction(each.element) for each in materials}


def _traded_as_one(found: Contents, recognition: RecognitionRead, whole_kg: float | None) -> list[Content]:
    """Neodymium and praseodymium in what is sold as NdPr are one material; its elements by themselves stay at hand."""
    contents = found.known
    mixed = next((each.substance for each in recognition.materials if each.substance in _SHARES_OF_MIXED), None)
    pair = [each for each in contents if each.elements in (("Nd",), ("Pr",)) and each.low_kg is not None and each.high_kg is not None]
    if mixed is None or len(pair) != 2 or pair[0].elements == pair[1].elements:
        return contents
    pair.sort(key=lambda each: each.elements)
    low, high = (sum(amounts) for amounts in zip(*((each.low_kg or 0.0, each.high_kg or 0.0) for each in pair), strict=True))
    most = float(sum(_SHARES_OF_MIXED[mixed].values())) * whole_kg if whole_kg is not None else high
    members = tuple(pair)
    if low > most > 0:
        # More metal than the oxide can hold: what is stated are the shares of the oxides.
        found.assumed.append(f"The shares are more than {mixed} can hold as elements; they are read as those of the oxides.")
        low, high, members = most, most, ()
    together = Content(("Nd", "Pr"), pair[0].form, low, high, None, pair[0].origin_country, members)
    return [together, *(each for each in contents if each not in pair)]
