"""From terms to substances: which elements the goods are of, in which compound, and how much of each.

An element and an anion beside each other make a compound whose formula is written here (gallium + nitride = GaN), in either order, because
English and German put the element first and French, Spanish, Japanese and Chinese last.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from services.screening.domain.goods import UNKNOWN_INTERVAL, Interval, SubstanceClass
from services.screening.domain.recognition.formula import is_alloy, is_intermetallic
from services.screening.domain.recognition.lexicon_substances import ANION_ELEMENT, ANION_FORMULA, COMPOUNDS, SUBSTANCES
from services.screening.domain.recognition.terms import Relation, Term
from shared.chemistry.elements import (
    HEAVY_RARE_EARTHS,
    LIGHT_RARE_EARTHS,
    MEDIUM_HEAVY_RARE_EARTHS,
    MOLAR_MASS,
    NON_METALS,
    RARE_EARTHS,
    USUAL_CHARGE,
    USUAL_OXIDE,
    WATCHED,
)
from shared.chemistry.formula import Formula, parse_formula

GROUP_MEMBERS: Final[dict[str, tuple[frozenset[str], bool]]] = {
    "rare_earths": (RARE_EARTHS, False),
    "heavy_rare_earths": (HEAVY_RARE_EARTHS | {"Gd"}, False),
    "medium_heavy": (MEDIUM_HEAVY_RARE_EARTHS, False),
    "light_rare_earths": (LIGHT_RARE_EARTHS, False),
    "NdPr": (frozenset({"Nd", "Pr"}), True),
    "SEG": (frozenset({"Sm", "Eu", "Gd"}), False),
    "mischmetal": (frozenset({"Ce", "La"}), True),
    "LaCe": (frozenset({"La", "Ce"}), True),
    "DyTb": (frozenset({"Dy", "Tb"}), True),
}
"""Members of each named group, and whether naming the group says that every member is there."""


_SURE_AS_COMPOUND: Final = frozenset({"SEG"})
"""Groups whose members are all there where an oxide or a salt is named with them; "SEG" alone may be a segment."""


class Place(NamedTuple):
    """Where in a text something is named, and how that part relates to the goods."""

    start: int
    end: int
    relation: Relation
    segment: int
    chain: int


NOWHERE: Final = Place(0, 0, "main", 0, 0)


@dataclass(slots=True)
class Stuff:
    """A substance that a text names. `elements` are those it is reported for; `share` is the substance's own mass share in percent."""

    substance: str | None
    substance_class: SubstanceClass | None
    elements: tuple[str, ...]
    start: int
    end: int
    relation: Relation
    segment: int
    chain: int
    certain: bool = True
    formula: Formula | None = None
    share: Interval = UNKNOWN_INTERVAL
    value_share: Interval = UNKNOWN_INTERVAL
    below_detection: bool = False
    from_symbol: bool = False
    group: str | None = None
    anion: str | None = None
    in_part: str | None = None
    origin_country: str | None = None
    sum_of: frozenset[str] = frozenset()
    """Where `share` is of several elements together ("Dy+Tb 2 %"): all of them."""
    terms: list[Term] = field(default_factory=list)


@lru_cache(maxsize=4096)
def formula_of(substance: str | None) -> Formula | None:
    """The formula that gives a substance's mass fractions; None for a family, a range or a trade name (AlSc2 is 2 % scandium)."""
    if substance is None:
        return None
    formula = parse_formula(_FORMULAS.get(substance, substance))
    if formula is None or (is_alloy(substance) and len(formula.elements) > 1 and not is_intermetallic(substance)):
        return None
    return formula


_FORMULAS: Final[dict[str, str]] = {"APT": "(NH4)10(H2W12O42)·4H2O", "graphite": "C", "diamond": "C"}
_INDEFINITE: Final = frozenset({"GAGG", "GDC", "InGaAs", "AlGaAs", "InGaN", "InGaP", "CdZnTe", "HgCdTe", "SiGe"})


@lru_cache(maxsize=4096)
def element_fractions(substance: str | None, elements: tuple[str, ...]) -> Mapping[str, Interval]:
    """Mass of each element per mass of substance, from 0 to 1; an element on its own is all of it, an unknown mixture unknown."""
    if substance in MOLAR_MASS:
        return {element: Interval(Decimal(1), Decimal(1)) for element in elements}
    formula = None if substance in _INDEFINITE else formula_of(substance)
    if formula is None:
        return {}
    fractions = {}
    for element in elements:
        fraction = formula.mass_fraction(element)
        fractions[element] = Interval(_wettest(formula, fraction) if formula.open_ended else fraction, fraction)
    return fractions


def _wettest(formula: Formula, fraction: Decimal) -> Decimal:
    """The mass fraction with eighteen molecules of water to the formula; no traded salt holds more."""
    dry = sum((count * MOLAR_MASS[symbol] for symbol, count in formula.atoms), Decimal(0))
    return fraction * dry / (dry + 18 * (2 * MOLAR_MASS["H"] + MOLAR_MASS["O"]))


def reported_elements(formula: Formula) -> tuple[str, ...]:
    """The elements of a formula that are materials: watched ones and other metals, and carbon where it is all there is."""
    elements = tuple(symbol for symbol, _ in formula.atoms if symbol not in NON_METALS)
    return elements or (("C",) if formula.elements == {"C"} else ())


def write_compound(elements: frozenset[str], anion: str) -> str | None:
    """The usual formula of the compound of `elements` with `anion`; None where more than one is possible."""
    known = COMPOUNDS.get((elements, anion))
    if known is not None:
        return known
    if len(elements) != 1:
        return None
    (element,) = elements
    if anion == "oxide":
        return USUAL_OXIDE.get(element)
    ion = ANION_FORMULA.get(anion)
    charge = 4 if anion == "tetrachloride" else USUAL_CHARGE.get(element)
    if ion is None or charge is None:
        return None
    name, negative = ion
    divisor = _gcd(charge, negative)
    positive_count, negative_count = negative // divisor, charge // divisor
    grouped = f"({name})" if negative_count > 1 and (len(name) > 2 or any(c.isdigit() for c in name) or name == "OH") else name
    return f"{element}{positive_count if positive_count > 1 else ''}{grouped}{negative_count if negative_count > 1 else ''}"


def _gcd(left: int, right: int) -> int:
    while right:
        left, right = right, left % right
    return left


def read_stuff(text: str, terms: list[Term]) -> list[Stuff]:
    """Every substance that the terms name, in order, whatever its relation to the goods."""
    chemical = [
        term
        for term in terms
        if term.kind in ("element", "substance", "formula", "anion", "hint")
        or (term.kind == "group" and not (term.start and text[term.start - 1] == "/"))
    ]
    if not chemical:
        return []
    forms = sum([term.kind == "form" for term in terms])
    used: set[int] = set()
    dopants = _dopants(text, terms)
    found: list[Stuff] = []
    for position, term in enumerate(chemical):
        if term.kind == "anion":
            partners = _partners(text, chemical, position)
            compound = _compound(chemical, partners, term, forms)
            if compound is not None:
                used.update(partners)
                found.append(compound)
    found.extend(_single(term, dopants) for position, term in enumerate(chemical) if position not in used and term.kind != "anion")
    found.sort(key=lambda stuff: stuff.start)
    says_chinese = _SAYS_CHINESE.search(text) is not None
    for stuff in found:
        if stuff.substance_class == "alloy" and {"Nd", "Fe", "B"} <= set(stuff.elements):
            stuff.substance = "NdFeB"
        if says_chinese and _CHINESE.search(text, max(0, stuff.start - 16), stuff.start):
            stuff.origin_country = "CN"
    return found


_SAYS_CHINESE = re.compile(r"[Cc][Hh][Ii][Nn]|[Pp][Rr][Cc]|国|國")
_CHINESE = re.compile(r"(?:\bchinese|chinesische[rsn]?|\bchinois|\bchino|\bPRC|中国产?|中國產?|中国製|国产)\s?$", re.IGNORECASE)


_BETWEEN = re.compile(
    r"(?:\s(?:mixt[eo]s?|mixed|anhydre|anhidro|hydrat[ée]|hidratado|pure?|puro))?[\s\-/・·()IVX,]{0,6}"
    r"(?:(?:de|d|of|du|la|el|l)\s?['’]?\s?|(?:et|y|e|and|und|と|和)\s(?:de\s|d['’]\s?)?){0,2}",
    re.IGNORECASE,
)


def _partners(text: str, chemical: list[Term], position: int) -> list[int]:
    """Positions of the elements that an anion belongs to: those right before it, else those right after it."""
    anion = chemical[position]
    before: list[int] = []
    edge = anion.start
    for index in range(position - 1, -1, -1):
        term = chemical[index]
        if term.kind not in ("element", "group") or not _side_by_side(text, term.end, edge) or term.relation != anion.relation:
            break
        before.insert(0, index)
        edge = term.start
    han = text[anion.start] > "\u3000"
    if before and not han:
        return before
    after: list[int] = []
    edge = anion.end
    for index in range(position + 1, len(chemical)):
        term = chemical[index]
        if term.kind not in ("element", "group") or not _BETWEEN.fullmatch(text, edge, term.start) or term.relation != anion.relation:
            break
        if after and term.kind != chemical[after[0]].kind:
            break
        after.append(index)
        edge = term.end
    return after or before


def _side_by_side(text: str, end: int, start: int) -> bool:
    gap = text[end:start]
    return len(gap) <= 6 and (not gap.strip(" -/+&()IVXivx") or gap.strip(" -").lower() in ("and", "und"))


def _compound(chemical: list[Term], partners: list[int], anion: Term, forms: int) -> Stuff | None:
    members = [chemical[index] for index in partners]
    inherent = ANION_ELEMENT.get(anion.value)
    if not members and (inherent is None or len(chemical) + forms < 2):
        return None
    every = [anion, *members]
    place = Place(
        min(term.start for term in every), max(term.end for term in every), anion.relation, min(term.segment for term in every), anion.chain
    )
    substance_class: SubstanceClass = "oxide" if anion.value == "oxide" else "compound"
    group = next((member.value for member in members if member.kind == "group"), None)
    if group is not None:
        of_group, surely = GROUP_MEMBERS[group]
        surely = surely or group in _SURE_AS_COMPOUND
        mixed: SubstanceClass = substance_class if surely else "mixture"
        return Stuff(f"{group} {anion.value}", mixed, tuple(sorted(of_group)), *place, certain=surely, group=group, anion=anion.value)
    elements = frozenset(member.value for member in members)
    substance = write_compound(elements, anion.value)
    formula = formula_of(substance)
    known = SUBSTANCES.get(substance or "")
    if known is not None and known.elements:
        reported, substance_class = known.elements, known.substance_class
    elif formula is not None:
        reported = reported_elements(formula)
    else:
        reported = tuple(dict.fromkeys((*(member.value for member in members), *((inherent,) if inherent else ()))))
    from_symbol = any(term.from_symbol for term in members)
    return Stuff(substance, substance_class, reported, *place, formula=formula, from_symbol=from_symbol, anion=anion.value)


def _dopants(text: str, terms: list[Term]) -> set[int]:
    """Where the elements start that are only in a host: Nd:YAG, YAG:Ce, erbium-doped fibre, 掺铒光纤."""
    doped = [term for term in terms if term.kind == "label" and term.value == "doped"]
    if not doped and ":" not in text:
        return set()
    hosts = [term for term in terms if term.kind in ("substance", "formula")]
    before_host = {host.start - 1 for host in hosts if text[host.start - 1 : host.start] == ":"}
    after_host = {host.end + 1 for host in hosts if text[host.end : host.end + 1] == ":"}
    before_doped = {label.start for label in doped} | {label.start - 1 for label in doped}
    after_doped = {label.end for label in doped}
    return {
        term.start
        for term in terms
        if term.kind == "element"
        and (term.end in before_host or term.start in after_host or term.end in before_doped or term.start in after_doped)
    }


def _single(term: Term, dopants: set[int]) -> Stuff:
    place = Place(term.start, term.end, term.relation, term.segment, term.chain)
    if term.start in dopants:
        return Stuff(None, None, (term.value,), *place, from_symbol=term.from_symbol)
    if term.kind in ("element", "hint"):
        return Stuff(term.value, "element", (term.value,), *place, certain=term.kind == "element", from_symbol=term.from_symbol)
    if term.kind == "group":
        members, surely = GROUP_MEMBERS[term.value]
        return Stuff(term.value, "mixture", tuple(sorted(members)), *place, certain=surely, group=term.value)
    return describe(term.value, place)


def describe(substance: str, place: Place = NOWHERE) -> Stuff:
    """The stuff that a substance of the tables or a formula is, at a place in a text."""
    known = SUBSTANCES.get(substance)
    formula = formula_of(substance)
    if known is not None:
        elements = known.elements or (reported_elements(formula) if formula is not None else ())
        return Stuff(substance, known.substance_class, elements, *place, formula=formula)
    parsed = parse_formula(substance)
    if parsed is not None and parsed.elements == {"N", "H", "W", "O"} and ("N", Decimal(10)) in parsed.atoms:
        return describe("APT", place)
    elements = reported_elements(parsed) if parsed is not None else ()
    return Stuff(substance, classify(substance), elements, *place, formula=formula)


def classify(substance: str) -> SubstanceClass:
    """The class that a formula shows: an oxide of metals, an element, an alloy, or another compound."""
    formula = parse_formula(substance)
    if formula is None:
        return "mixture"
    if len(formula.elements) == 1:
        return "element"
    if not formula.elements & (NON_METALS | _COMPOUND_FORMING):
        return "alloy"
    metals = formula.elements - {"O"}
    if "O" in formula.elements and len(metals) == 1 and not metals & NON_METALS:
        return "oxide"
    return "compound"


_COMPOUND_FORMING: Final = frozenset({"Te", "Sb", "Bi", "Ga", "In", "Ge"})
"""Half-metals that make compounds with metals, as in CdTe and InSb."""


def is_watched(stuff: Stuff) -> bool:
    """Whether a control item could name this: a watched element, or graphite or diamond."""
    return bool(WATCHED.intersection(stuff.elements)) or stuff.substance in ("graphite", "diamond", "LiFePO4", "NCM", "NCA", "LRM")
