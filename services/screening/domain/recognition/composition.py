"""A stated composition: each constituent's elements with their shares of mass or value, and whether it all adds up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final

from services.screening.domain.goods import UNKNOWN_INTERVAL, Interval, Material, Sighting, SubstanceClass
from services.screening.domain.recognition.chemistry import GROUP_MEMBERS, Stuff, describe, element_fractions, is_watched, read_stuff
from services.screening.domain.recognition.formula import spelled_formula
from services.screening.domain.recognition.lexicon_substances import ACRONYMS, SUBSTANCES
from services.screening.domain.recognition.quantities import ABOVE_THE_WHOLE, NEGATIVE, Share, read_share
from services.screening.domain.recognition.reading import Measured
from services.screening.domain.recognition.scan import normalise, scan
from services.screening.domain.recognition.terms import read_terms
from shared.chemistry.elements import MEDIUM_HEAVY_RARE_EARTHS, MOLAR_MASS, NON_METALS, RARE_EARTHS, USUAL_OXIDE
from shared.chemistry.formula import parse_formula
from shared.contracts.order import Provenance

ROUNDING: Final = Decimal("0.5")
"""How far stated shares may exceed 100 % together."""

WHOLE: Final = Decimal(97)
"""A composition whose shares reach this many percent is taken to name everything but impurities."""

PURE: Final = Decimal(95)
_HUNDRED: Final = Decimal(100)


@dataclass(slots=True, frozen=True)
class Part:
    """One stated constituent as (substance, share, in_part, origin_country), verbatim."""

    substance: str
    share: str
    in_part: str | None = None
    origin_country: str | None = None


@dataclass(slots=True)
class Composition:
    provenance: Provenance = "document"
    materials: list[Material] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    excluded: dict[str, str] = field(default_factory=dict)
    complete: bool | None = None
    remainder_percent: Decimal | None = None
    contradictions: list[str] = field(default_factory=list)
    main_class: SubstanceClass | None = None
    """The class of the constituent that is most of the goods."""


@dataclass(slots=True, frozen=True)
class _Named:
    """What a constituent's name stands for: one substance or several that only their sum is given of."""

    substances: tuple[Stuff, ...]
    label: str | None = None
    in_part: str | None = None
    origin_country: str | None = None
    of_oxides: bool = False


@dataclass(slots=True)
class _Item:
    part: Part
    named: _Named
    share: Share
    percent: Interval


_ORIGIN = re.compile(
    r"\s*\((?:from |ex |origin )?(?:(?P<code>[A-Z]{2})|(?P<china>china|prc|chinesisch|chine|中国|中國))\)\s*", re.IGNORECASE
)
_IN_PART = re.compile(
    r"\s+(?:in(?: the)?|im|in der|dans(?: l['’]| le| la)?|en(?: el| la)?|of the)\s+(?P<part>[^\d%]{3,40})$", re.IGNORECASE
)
_HAN_IN_PART = re.compile(r"^(?P<part>[\u3040-\u30ff\u4e00-\u9fff]{1,12}?)(?:中的|中の|内の|里的|中)(?P<rest>.+)$")
_OF_OXIDES = re.compile(r"\s*(?:/|of|in|von|de)\s*T?RE[OM]\b\s*", re.IGNORECASE)
_CONTENT_WORD = re.compile(r"[\s-]*(?:content|gehalt|teneur(?: en)?|contenido(?: de)?|含有量|含有率|含量|share|anteil)\s*$", re.IGNORECASE)
_AROUND_A_NAME = re.compile(
    r"^\s*(?:element|elem\.?|元素)[\s:.]+|(?:\s*元素|[\s*†]+|\s*[\[(]?(?:wt|mass|gew)?[.\s-]{0,2}%[\])]?)\s*$", re.IGNORECASE
)
"""What a table's column or row heading adds to a constituent's name: "Element Dy", "Tb [%]", "Dy*"."""
_AROUND_A_SUM = re.compile(
    r"^\s*(?:(?:sum|total|summe|gesamt|somme|suma|合計|合计|總和|总和)\b\s*(?:of|von|der|de|:)?\s*)?[(\[]?(?=[^()\[\]]+[)\]]?$)|[)\]]\s*$|\s*[(\[](?:sum|total|summe|somme|suma|合計|合计)[)\]]\s*$",
    re.IGNORECASE,
)
"""Brackets around several constituents, and the word that says they are counted together."""
_SUM = re.compile(r"\s*(?:\+|&|/|,|、| and(?:/or)? | or | und | oder | et | ou | y | o )\s*")


def _origin_of(match: re.Match[str]) -> str:
    code = match["code"]
    return code.upper() if code else "CN"


@lru_cache(maxsize=8192)
def _read_name(raw: str) -> _Named:
    name = " ".join(normalise(raw).split())
    origin = in_part = None
    match = _ORIGIN.search(name)
    if match is not None and (match["china"] or match["code"].isupper()) and match["code"] not in ("II", "IV", "VI", "OH"):
        origin = _origin_of(match)
        name = (name[: match.start()] + " " + name[match.end() :]).strip()
    if (match := _IN_PART.search(name)) is not None and not _OF_OXIDES.search(name):
        in_part, name = match["part"].strip(), name[: match.start()]
    elif (match := _HAN_IN_PART.match(name)) is not None:
        in_part, name = match["part"], match["rest"]
    of_oxides = _OF_OXIDES.search(name) is not None
    if of_oxides:
        name = _OF_OXIDES.sub(" ", name).strip()
    if any(term.kind == "label" and term.value == "medium_heavy_share" for term in read_terms(scan(name))):
        return _Named((), "medium_heavy_share", in_part, origin)
    if _single_substance(name) is None:
        name = _CONTENT_WORD.sub("", _AROUND_A_NAME.sub("", name)).strip()
    substances = _substances(name)
    label = substances[0].group if len(substances) == 1 else None
    return _Named(substances, label, in_part, origin, of_oxides)


def _substances(name: str) -> tuple[Stuff, ...]:
    bare = _AROUND_A_SUM.sub("", name).strip()
    whole = _single_substance(name) or _single_substance(bare)
    if whole is not None:
        return (whole,)
    name = bare or name
    pieces = [piece for piece in _SUM.split(name) if piece]
    if len(pieces) > 1:
        singles = [_single_substance(piece) for piece in pieces]
        if all(single is not None for single in singles):
            return tuple(single for single in singles if single is not None)
    stuffs = read_stuff(name, read_terms(scan(name)))
    return tuple(stuffs) if len(stuffs) > 1 and len(pieces) > 1 else tuple(stuffs[:1])


def _single_substance(name: str) -> Stuff | None:
    if len(name) == 2 and (name.isupper() or name.islower()) and name.title() in MOLAR_MASS:
        return describe(name.title())
    if name in MOLAR_MASS or name in SUBSTANCES:
        return describe(name)
    acronym = ACRONYMS.get(name.lower())
    if acronym is not None and not name.islower():
        return describe(acronym[0])
    if parse_formula(name) is not None:
        return describe(name)
    spelled = spelled_formula(name)
    return describe(spelled) if spelled is not None else None


def reads_as_constituent(name: str, share: str) -> bool:
    """Whether an attribute states a constituent: its name is a substance's and its value a share ("Dy content", "1.9 %")."""
    if len(name) > 60 or len(share) > 60:
        return False
    named = _read_name(name)
    if not named.substances and named.label != "medium_heavy_share":
        return False
    read = read_share(normalise(share))
    if read.fault is not None:
        return read.fault in (ABOVE_THE_WHOLE, NEGATIVE) and bool(named.substances)
    return read.percent != UNKNOWN_INTERVAL or read.rest or read.below_detection


def read_composition(parts: Sequence[Part], provenance: Provenance) -> Composition:
    """Materials per element, parameters, exclusions, completeness and what cannot be. Takes any strings, never raises."""
    result = Composition(provenance)
    items = [
        _Item(part, _read_name(part.substance), share, share.percent) for part in parts for share in (read_share(normalise(part.share)),)
    ]
    for item in items:
        if item.share.fault is not None:
            result.contradictions.append(
                f'The composition gives {item.part.substance} as "{item.part.share[:60]}", which {item.share.fault}; '
                "ask for percent by mass with the test report."
            )
            item.percent = UNKNOWN_INTERVAL
    reo = next((item.percent for item in items if item.named.label == "rare_earths"), UNKNOWN_INTERVAL)
    whole = [item for item in items if _speaks_of_the_whole(item)]
    _fill_rest(whole)
    _check_sum(whole, result)
    for item in items:
        _report(item, items, reo, provenance, result)
    return result


def _speaks_of_the_whole(item: _Item) -> bool:
    return (
        (item.part.in_part or item.named.in_part) is None
        and item.share.kind in ("mass", "oxide_mass")
        and item.share.fault is None
        and not item.named.of_oxides
        and item.named.label != "medium_heavy_share"
        and not (item.share.kind == "oxide_mass" and item.named.label != "rare_earths")
    )


def _within(item: _Item, others: Sequence[_Item]) -> bool:
    """Whether an item's elements are counted in another item already: Y beside Y3Al5O12, Nd beside Nd+Pr, the REO beside Dy2O3."""
    if item.named.label == "rare_earths":
        return any(RARE_EARTHS.intersection(stuff.elements) for other in others if other is not item for stuff in other.named.substances)
    if len(item.named.substances) > 1:
        singles = {other.named.substances[0].substance for other in others if len(other.named.substances) == 1}
        return all(stuff.substance in singles for stuff in item.named.substances)
    if len(item.named.substances) != 1:
        return False
    own = item.named.substances[0]
    if own.substance_class != "element" or own.substance not in MOLAR_MASS:
        return False
    return any(
        own.substance in stuff.elements and stuff.substance != own.substance
        for other in others
        if other is not item and len(other.named.substances) == 1 and (other.percent.minimum or 0) >= (item.percent.minimum or 0)
        for stuff in other.named.substances
    )


def _fill_rest(whole: list[_Item]) -> None:
    rests = [item for item in whole if item.share.rest]
    if not rests:
        return
    counted = [item for item in whole if not item.share.rest and not _within(item, whole)]
    least = sum((item.percent.minimum or Decimal(0) for item in counted), Decimal(0))
    known = all(item.percent.maximum is not None for item in counted)
    most = sum((item.percent.maximum or Decimal(0) for item in counted), Decimal(0))
    low = max(Decimal(0), _HUNDRED - most) if known and len(rests) == 1 else Decimal(0)
    for item in rests:
        item.percent = Interval(low, max(Decimal(0), _HUNDRED - least))


def _check_sum(whole: list[_Item], result: Composition) -> None:
    stated = [item for item in whole if item.percent != UNKNOWN_INTERVAL and not _within(item, whole)]
    if not stated:
        return
    least = sum((item.percent.minimum or Decimal(0) for item in stated if not item.share.rest), Decimal(0))
    most = sum((item.percent.maximum if item.percent.maximum is not None else _HUNDRED for item in stated), Decimal(0))
    if least > _HUNDRED + ROUNDING:
        written = ", ".join(f"{item.part.substance} {item.part.share[:60]}" for item in stated if not item.share.rest)
        result.contradictions.append(
            f"The stated shares add up to {least.normalize():f} % ({written[:200]}); ask for the composition in percent by mass."
        )
    if any(item.share.rest for item in whole):
        result.complete, result.remainder_percent = True, Decimal(0)
        return
    result.remainder_percent = max(Decimal(0), _HUNDRED - least)
    result.complete = most >= WHOLE and least >= Decimal(80)


def _report(item: _Item, items: Sequence[_Item], reo: Interval, provenance: Provenance, result: Composition) -> None:
    share, named = item.share, item.named
    evidence = f"{item.part.substance}: {item.part.share}"[:200]
    sighting = Sighting(provenance, evidence, "high" if share.fault is None else "low")
    if named.label == "medium_heavy_share" or (named.of_oxides and named.label in ("heavy_rare_earths", "medium_heavy")):
        result.measured.append(Measured("medium_heavy_share_of_reo_percent", item.percent, evidence))
        _report_medium_heavy(item, reo, sighting, result)
        return
    if named.label == "rare_earths":
        result.measured.append(Measured("rare_earth_oxide_percent", item.percent, evidence))
        if not any(
            RARE_EARTHS.intersection(stuff.elements)
            for other in items
            if other is not item and other.named.label is None
            for stuff in other.named.substances
        ):
            others = MEDIUM_HEAVY_RARE_EARTHS if any(other.named.label == "medium_heavy_share" for other in items) else frozenset()
            result.materials.extend(
                Material(element, sighting, False, "REO", "mixture", Interval(None, item.percent.maximum), sum_of=RARE_EARTHS)
                for element in sorted(RARE_EARTHS - others)
            )
        return
    together = frozenset(element for stuff in named.substances for element in stuff.elements) if len(named.substances) > 1 else frozenset()
    group = GROUP_MEMBERS.get(named.label or "")
    if group is not None:
        together = group[0]
    for stuff in named.substances:
        percent = _of_oxides(item.percent, reo) if named.of_oxides else item.percent
        for element, interval in _element_shares(stuff, share, percent).items():
            if together:
                interval = Interval(None if interval.maximum is None else Decimal(0), interval.maximum)
            if not share.present:
                result.excluded[element] = evidence
            result.materials.append(
                Material(
                    element,
                    sighting,
                    (group is None or group[1]) and share.fault is None,
                    stuff.substance,
                    stuff.substance_class,
                    interval if share.kind != "value" else UNKNOWN_INTERVAL,
                    item.percent if share.kind == "value" else UNKNOWN_INTERVAL,
                    share.below_detection,
                    item.part.in_part or named.in_part,
                    item.part.origin_country or named.origin_country,
                    together,
                    percent if together and share.kind == "mass" else UNKNOWN_INTERVAL,
                )
            )
        if share.kind == "mass" and not together and (item.part.in_part or named.in_part) is None:
            _note_main(stuff, item.percent, evidence, result)


_SAYS_MORE = re.compile(r">(?!\s?=)")


def _note_main(stuff: Stuff, percent: Interval, evidence: str, result: Composition) -> None:
    if percent.minimum is None:
        return
    if percent.minimum >= 50:
        result.main_class = stuff.substance_class
    if (
        percent.minimum >= PURE
        and (is_watched(stuff) or stuff.substance == "C")
        and stuff.substance_class in ("element", "oxide", "compound")
    ):
        result.measured.append(Measured("purity_percent", percent, evidence, _SAYS_MORE.search(evidence) is not None))


def _report_medium_heavy(item: _Item, reo: Interval, sighting: Sighting, result: Composition) -> None:
    """A share of medium and heavy rare earths says that some are there, not which."""
    most = item.percent.maximum
    limit = most * (reo.maximum if reo.maximum is not None else _HUNDRED) / _HUNDRED if most is not None else None
    result.materials.extend(
        Material(element, sighting, False, "REO", "mixture", Interval(None, limit), sum_of=MEDIUM_HEAVY_RARE_EARTHS)
        for element in sorted(MEDIUM_HEAVY_RARE_EARTHS)
    )


def _of_oxides(percent: Interval, reo: Interval) -> Interval:
    low = percent.minimum * reo.minimum / _HUNDRED if percent.minimum is not None and reo.minimum is not None else None
    high = percent.maximum * (reo.maximum if reo.maximum is not None else _HUNDRED) / _HUNDRED if percent.maximum is not None else None
    return Interval(low, high)


def _element_shares(stuff: Stuff, share: Share, percent: Interval) -> dict[str, Interval]:
    """The mass share of each reported element, converted by molar mass from that of the substance it comes in."""
    elements = stuff.elements or tuple(symbol for symbol in (stuff.substance,) if symbol in MOLAR_MASS and symbol not in NON_METALS)
    if share.kind in ("atomic", "volume", "unknown_unit") or percent == UNKNOWN_INTERVAL:
        return dict.fromkeys(elements, UNKNOWN_INTERVAL)
    if share.kind == "oxide_mass":
        shares = {}
        for element in elements:
            oxide = parse_formula(USUAL_OXIDE.get(element, ""))
            factor = oxide.mass_fraction(element) if oxide is not None else None
            shares[element] = scale(percent, Interval(factor, factor)) if factor is not None and len(elements) == 1 else UNKNOWN_INTERVAL
        return shares
    fractions = element_fractions(stuff.substance, elements)
    return {element: scale(percent, fractions[element]) if element in fractions else UNKNOWN_INTERVAL for element in elements}


def scale(percent: Interval, fraction: Interval) -> Interval:
    """The interval of an element's share, given that of its substance and the element's mass fraction in it."""
    low = percent.minimum * fraction.minimum if percent.minimum is not None and fraction.minimum is not None else None
    high = percent.maximum * fraction.maximum if percent.maximum is not None and fraction.maximum is not None else None
    return Interval(low, high)
