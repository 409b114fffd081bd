"""One text read: substances with their shares, the kind of goods, parameters, features, what is excluded."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from services.screening.domain.goods import FeatureName, Interval
from services.screening.domain.recognition.chemistry import Place, Stuff, describe, is_watched, read_stuff
from services.screening.domain.recognition.heads import DIAMOND_IN_WORDS, PURE, Kind, feature_names, read_kind
from services.screening.domain.recognition.lexicon_substances import CAS_NUMBERS, SUBSTANCES
from services.screening.domain.recognition.parameters import label_of, parameter_of
from services.screening.domain.recognition.quantities import DETECTION_BOUND, is_beyond
from services.screening.domain.recognition.scan import Quantity, Scan, normalise, scan, unknown_words
from services.screening.domain.recognition.terms import Term, percentages, read_terms
from shared.chemistry.elements import WATCHED
from shared.chemistry.formula import parse_formula

MAGNET_ALLOYS: Final = ("NdFeB", "SmCo", "SmFeN", "AlNiCo", "ferrite")


class Measured(NamedTuple):
    """A parameter as a text gives it."""

    name: str
    value: Interval
    evidence: str
    beyond: bool = False
    """The bound itself is excluded."""


@dataclass(slots=True)
class Reading:
    """What one text says. `excluded` and `features` map to the words that say so."""

    text: str
    stuffs: list[Stuff] = field(default_factory=list)
    kind: Kind | None = None
    measured: list[Measured] = field(default_factory=list)
    features: dict[str, str] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    family: str | None = None
    grade: str | None = None
    sintered: bool | None = None
    tariff_codes: list[str] = field(default_factory=list)
    subjects: frozenset[str] = frozenset()
    """Every product that the text names in whatever relation."""
    described: bool = False
    contradictions: list[str] = field(default_factory=list)


_TARIFF = re.compile(
    r"(?:\bHS|\bHTS(?:US)?|\bCN|\bTARIC|\bHSN|\bNC|zolltarif\w{0,10}|warennummer|tariff|commodity|customs|arancel\w{0,6}|海关编码|海關編碼|HSコード|税号|稅號|税则号)"
    r"[\s-]?(?:code|codes|nr|no|number|nummer|heading|item|tariff)?[.:#\s]{0,3}([0-9]{4}[0-9. ]{0,10}[0-9])",
    re.IGNORECASE,
)
_SIX_DIGITS = re.compile(r"[0-9]{4}[. ]{0,2}[0-9]{2}|[0-9]{4}[. ]{0,2}[0-9][. ][0-9]")
_CAS = re.compile(r"(?<![0-9-])([1-9][0-9]{1,6}-[0-9]{2}-[0-9])(?![0-9-])")
_LIGHT = re.compile(r"laser|wavelength|wellenl|longueur d.onde|longitud de onda|波长|波長|@|led\b|emission|peak|nm band", re.IGNORECASE)


def read_text(raw: str, numbered: bool = False) -> Reading:
    """Everything a text says about goods. Takes any text, never raises; linear in its length, which is cut at 8,000 characters.

    `numbered` says that a number of a drawing, an item or the like stood beside the text.
    """
    text = normalise(raw)
    scanned = scan(text)
    terms = read_terms(scanned)
    stuffs = read_stuff(text, terms)
    for stuff in stuffs:
        if stuff.relation in ("main", "with") and len(stuff.elements) == 1 and _NOT_FOUND.match(text, stuff.end) is not None:
            stuff.relation = "without"
    registered = _by_cas_number(text)
    stuffs.extend(registered)
    reading = Reading(text, stuffs)
    named = feature_names(terms)
    reading.features = {str(name): text[term.start : term.end] for name, term in named.items()}
    for stuff in registered:
        for feature in SUBSTANCES[stuff.substance].features if stuff.substance in SUBSTANCES else ():
            reading.features.setdefault(feature, text[stuff.start : stuff.end])
    reading.excluded = {
        element: text[stuff.start : stuff.end]
        for stuff in stuffs
        if stuff.relation == "without"
        for element in stuff.elements
        if element in WATCHED
    }
    unowned = _read_shares(reading, scanned, terms)
    reading.kind = read_kind(scanned, terms, stuffs, frozenset(reading.features))
    _imply_stuff(reading)
    _read_magnet(reading, terms)
    for quantity, labelled in unowned:
        _take_purity(reading, quantity, labelled)
    _read_parameters(reading, scanned, terms)
    _settle_classes(reading, terms)
    if _SIX_DIGITS.search(text) is not None:
        reading.tariff_codes = [code for match in _TARIFF.finditer(text) if len(code := re.sub(r"[. ]", "", match[1])) in (6, 8, 10)]
    reading.subjects = frozenset([term.value for term in terms if term.kind == "product"])
    reading.described = _describes(scanned, terms, numbered)
    return reading


_NOT_FOUND = re.compile(
    r"\s?(?:content|gehalt|:|=)?\s?(?:(?:was |were )?not (?:detected|detectable|found)|none detected|n\.\s?d\.|below (?:the )?detection|"
    r"nicht (?:nachweisbar|nachgewiesen|detektiert)|n\.\s?n\.|non détectée?|no detectad[oa]|未检出|未檢出|不検出|検出せず)",
    re.IGNORECASE,
)
"""After an element: a test did not find it."""


def _by_cas_number(text: str) -> list[Stuff]:
    found = []
    for match in _CAS.finditer(text) if text.count("-") >= 2 else ():
        substance = CAS_NUMBERS.get(match[1])
        if substance is not None:
            found.append(describe(substance, Place(match.start(), match.end(), "main", 0, 0)))
    return found


_IMPLIED: Final[dict[str, str]] = {
    "diamond_window": "diamond",
    "graphite_electrode": "graphite",
    "graphite": "graphite",
    "diamond_powder": "diamond",
}


def _imply_stuff(reading: Reading) -> None:
    """Names of goods that hold the name of their material: graphite electrode, diamond wire."""
    kind = reading.kind
    if kind is None:
        return
    substance = _IMPLIED.get(kind.products[0])
    if kind.products[0] in ("wire_saw", "grinding_wheel") and DIAMOND_IN_WORDS.search(reading.text):
        substance = "diamond"
    if substance is not None and not any(stuff.substance == substance for stuff in reading.stuffs):
        start = reading.text.find(kind.evidence)
        reading.stuffs.append(describe(substance, Place(start, start + len(kind.evidence), "main", 0, 0)))


def _read_magnet(reading: Reading, terms: list[Term]) -> None:
    """Family and grade of magnets. A grade raises NdFeB and nothing about its content."""
    alloys = [stuff.substance for stuff in reading.stuffs if stuff.relation in ("main", "with") and stuff.substance is not None]
    reading.family = next((family for family in MAGNET_ALLOYS if family in alloys), None)
    magnet = any(
        term.kind == "product" and term.value in ("permanent_magnet", "magnet_assembly") and term.relation != "without" for term in terms
    )
    for stuff in reading.stuffs:
        if stuff.relation not in ("main", "with") or reading.family is not None:
            continue
        if stuff.substance == "Nd2Fe14B" or (magnet and "Nd" in stuff.elements and stuff.substance in ("Nd", "NdPr")):
            reading.family = "NdFeB"
        elif (stuff.substance_class == "alloy" and {"Sm", "Co"} <= set(stuff.elements)) or (magnet and stuff.substance == "Sm"):
            reading.family = "SmCo"
    for term in terms:
        if term.kind == "grade" and reading.grade is None and (reading.family == "NdFeB" or magnet or len(term.value) > 3):
            reading.grade = term.value
        elif term.kind == "samarium_grade" and (reading.family == "SmCo" or magnet):
            reading.grade = term.value
            reading.family = reading.family or "SmCo"
    if reading.grade is not None and reading.family is None:
        reading.family = "NdFeB"
    if reading.kind is None and reading.family is not None:
        evidence = next(
            (reading.text[term.start : term.end] for term in terms if term.kind in ("grade", "samarium_grade")), reading.text[:80]
        )
        reading.kind = Kind(("permanent_magnet",), evidence, False)
    if "sintered" in reading.features or "unsintered" in reading.features or "bonded" in reading.features:
        reading.sintered = "unsintered" not in reading.features and "bonded" not in reading.features


_WHOLE: Final = Decimal(100)
_REACH: Final = 200
"""Characters between a share and its substance at most, so that a text of nothing but shares and substances takes no longer than others."""
_LEFT_GAP = re.compile(r"[\s:=(\-~|]{0,4}")
_RIGHT_GAP = re.compile(
    r"\s?(?:\(w/w\)|w/w|by weight|wt|mass|pure|purity|of|min|max|de pureté de|de pureza de|de|d['’]|的|の|an|von|reine?s?|purer?|"
    r"以上の?)?\s?[\-(]?",
    re.IGNORECASE,
)


def _owner(text: str, quantity: Quantity, stuffs: list[Stuff], between: list[Term], left_first: bool | None) -> tuple[Stuff | None, bool]:
    """The substance that a percentage speaks of, and whether it stands left of it."""
    left = right = None
    words = [word for word in between if quantity.start - _REACH <= word.start < quantity.start]
    for stuff in stuffs:
        if stuff.relation == "without" or stuff.end < quantity.start - _REACH or stuff.start > quantity.end + _REACH:
            continue
        if stuff.end <= quantity.start:
            edge = stuff.end
            for word in words:
                if edge <= word.start < quantity.start and not text[edge : word.start].strip(" -:"):
                    edge = min(word.end, quantity.start)
            if _LEFT_GAP.fullmatch(text, edge, quantity.start):
                left = stuff
        elif stuff.start >= quantity.end and right is None and _RIGHT_GAP.fullmatch(text, quantity.end, stuff.start):
            right = stuff
    if left is not None and right is not None:
        if left.substance in MAGNET_ALLOYS:
            return right, False
        return (right, False) if left_first is False else (left, True)
    return (left, True) if left is not None else (right, False)


def _read_shares(reading: Reading, scanned: Scan, terms: list[Term]) -> list[tuple[Quantity, bool]]:
    """Gives each percentage to the substance or label beside it; returns the purities that no substance stands beside.

    The flag says whether the word purity does.
    """
    unowned: list[tuple[Quantity, bool]] = []
    shares = percentages(scanned)
    if not shares:
        return unowned
    text = reading.text
    labels = [term for term in terms if term.kind == "label"]
    between = [
        term
        for term in terms
        if (term.kind == "label" and term.value in ("content", "purity", "magnet_grade")) or (term.kind == "form" and term.value == "metal")
    ]
    left_first: bool | None = None
    for quantity in shares:
        evidence = text[quantity.start : quantity.end]
        label = label_of(text, quantity, labels)
        if label in ("transmission", "elongation"):
            reading.measured.append(Measured(f"{label}_percent", quantity.interval, evidence, is_beyond(quantity.interval, evidence)))
            continue
        if label == "medium_heavy_share":
            reading.measured.append(Measured("medium_heavy_share_of_reo_percent", quantity.interval, evidence))
            continue
        if (quantity.interval.minimum or 0) < PURE and _OXIDE_BASIS.match(text, quantity.end) is not None:
            reading.measured.append(Measured("rare_earth_oxide_percent", quantity.interval, evidence))
            continue
        owner, left = _owner(text, quantity, reading.stuffs, between, left_first)
        if owner is not None and left_first is None:
            left_first = left
        if (quantity.interval.minimum or 0) > _WHOLE:
            if owner is not None:
                owner.certain = False
                said = text[min(owner.start, quantity.start) : max(owner.end, quantity.end)]
                reading.contradictions.append(
                    f'The text says "{said[:80]}", which is more than 100 %; ask for percent by mass with the test report.'
                )
        elif owner is not None and owner.relation != "for":
            _take_share(reading, owner, quantity, evidence)
        elif (quantity.interval.minimum or 0) >= PURE or label == "purity":
            unowned.append((quantity, label == "purity"))
    return unowned


_OXIDE_BASIS = re.compile(r"\s?\(?(?:min\.?\s)?T?REO\b", re.IGNORECASE)
"""After a percentage: what of the goods is rare-earth oxide, not how much of them is the substance named."""


def _take_share(reading: Reading, owner: Stuff, quantity: Quantity, evidence: str) -> None:
    interval = quantity.interval
    if quantity.qualifier == "value":
        owner.value_share = _from_zero(interval)
        return
    if owner.group is not None and owner.group in ("heavy_rare_earths", "medium_heavy"):
        reading.measured.append(Measured("medium_heavy_share_of_reo_percent", interval, evidence))
        return
    if owner.group == "rare_earths":
        reading.measured.append(Measured("rare_earth_oxide_percent", interval, evidence))
        return
    if quantity.qualifier in ("atomic", "volume") or owner.substance in MAGNET_ALLOYS:
        return
    if interval.maximum is not None and interval.maximum == 0:
        reading.excluded.update(dict.fromkeys(owner.elements, evidence))
        owner.relation = "without"
        return
    owner.share = _from_zero(interval)
    _share_with_summands(reading, owner)
    owner.end = max(owner.end, quantity.end)
    owner.start = min(owner.start, quantity.start)
    owner.below_detection = quantity.sign.startswith("<") and "=" not in quantity.sign and (interval.maximum or 0) < DETECTION_BOUND
    if (interval.minimum or (interval.maximum if owner.substance_class in ("oxide", "compound") else None) or 0) >= PURE:
        reading.measured.append(Measured("purity_percent", interval, evidence, is_beyond(interval, evidence)))


_PLUS = re.compile(r"\s?\+\s?")


def _share_with_summands(reading: Reading, owner: Stuff) -> None:
    """ "Dy+Tb 2 %": the share is that of everything the plus signs join."""
    summands = [owner]
    for stuff in reversed([stuff for stuff in reading.stuffs if stuff.start < owner.start]):
        if not _PLUS.fullmatch(reading.text, stuff.end, summands[-1].start):
            break
        summands.append(stuff)
    edge = owner.end
    for stuff in [stuff for stuff in reading.stuffs if stuff.start > owner.start]:
        if not _PLUS.fullmatch(reading.text, edge, stuff.start):
            break
        summands.append(stuff)
        edge = stuff.end
    if len(summands) > 1:
        together = frozenset(element for stuff in summands for element in stuff.elements)
        for stuff in summands:
            stuff.share, stuff.sum_of = owner.share, together


def _from_zero(interval: Interval) -> Interval:
    return Interval(interval.minimum if interval.minimum is not None else Decimal(0), interval.maximum)


def _take_purity(reading: Reading, quantity: Quantity, labelled: bool) -> None:
    """A purity with no substance beside it belongs to the material that the text is about.

    `labelled` says that the word purity stands beside it.
    """
    evidence = reading.text[quantity.start : quantity.end]
    materials = [
        stuff
        for stuff in reading.stuffs
        if stuff.relation == "main" and is_watched(stuff) and stuff.certain and stuff.substance not in MAGNET_ALLOYS
    ]
    if reading.kind is not None and reading.kind.finished and not materials:
        return
    if not reading.stuffs and not labelled:
        return
    reading.measured.append(Measured("purity_percent", quantity.interval, evidence, is_beyond(quantity.interval, evidence)))
    if materials and materials[0].share == Interval() and not (reading.kind is not None and reading.kind.finished):
        materials[0].share = quantity.interval


_CUBE = re.compile(r"\bcubes?\b|würfel|\bcubos?\b|立方体|立方體|方块", re.IGNORECASE)


def _read_parameters(reading: Reading, scanned: Scan, terms: list[Term]) -> None:
    measures = [quantity for quantity in scanned.quantities if quantity.unit not in ("percent", "nines")]
    if not measures:
        return
    text = reading.text
    labels = [term for term in terms if term.kind == "label"]
    products = reading.kind.products if reading.kind is not None else ()
    kinds = frozenset((*products, *reading.features, *(stuff.substance or "" for stuff in reading.stuffs)))
    wavelength = any(quantity.unit == "nanometre" for quantity in measures) and _LIGHT.search(text) is not None
    cube = _CUBE.search(text) is not None
    for quantity in measures:
        said = text[quantity.start : quantity.end]
        beyond = is_beyond(quantity.interval, said)
        parameter = parameter_of(quantity, label_of(text, quantity, labels), kinds, wavelength)
        if parameter is not None and cube and parameter[0] == "size_mm":
            sides = ("length_mm", "width_mm", "thickness_mm")
            reading.measured.extend([Measured(side, parameter[1], said, beyond) for side in sides])
        elif parameter is not None:
            reading.measured.append(Measured(*parameter, said, beyond))


_ALLOYED: Final = frozenset({"alloy", "master_alloy", "hydrogen_storage_material", "magnetostrictive_material", "magnetocaloric_material"})
_PLAIN: Final = frozenset(
    {"metal", "ingot", "powder", "scrap", "sputtering_target", "wafer", "single_crystal", "optical_blank", "ore", "concentrate"}
)


def _settle_classes(reading: Reading, terms: list[Term]) -> None:
    """Says what a bare element is here: the metal itself, a part of an alloy, or something inside finished goods."""
    kind = reading.kind
    magnet = reading.family is not None or (kind is not None and "permanent_magnet" in kind.products)
    if not any(stuff.substance_class == "element" for stuff in reading.stuffs):
        return
    compounds = [
        stuff
        for stuff in reading.stuffs
        if stuff.relation in ("main", "with") and stuff.substance_class in ("oxide", "compound", "mixture") and is_watched(stuff)
    ]
    for stuff in reading.stuffs:
        if stuff.substance_class != "element" or stuff.substance in ("graphite", "diamond"):
            continue
        pure = (stuff.share.minimum or 0) >= PURE
        if magnet and not pure:
            stuff.substance, stuff.substance_class = reading.family, "alloy"
            if kind is not None and kind.finished:
                stuff.in_part = "magnet"
        elif kind is not None and kind.finished:
            if not ("lens" in kind.products and stuff.elements == ("Ge",)):
                # Optics of germanium are cut from the metal; what holds another finished article's element is not said.
                stuff.substance, stuff.substance_class = None, None
        elif kind is not None and _ALLOYED & set(kind.products):
            alloy = next(
                (
                    other.substance
                    for other in reading.stuffs
                    if other.substance_class == "alloy" and set(stuff.elements) <= set(other.elements)
                ),
                None,
            )
            stuff.substance, stuff.substance_class = alloy, "alloy"
        elif (compounds and not pure) or (kind is not None and not _PLAIN & set(kind.products)):
            stuff.substance, stuff.substance_class = None, None


_SAYS_WHAT: Final = frozenset({"element", "substance", "product", "ordinary", "equipment", "group", "formula"})


_MEASURE = re.compile(
    r"[0-9.,x×/]*(?:[cdkµunm]?m[23]?|in|inch|zoll|[kmµu]?g|[mc]?l|k?va|lm|gsm|k?pa|m?bar|psi|rpm|[mk]?wh|[km]?[vw]|vdc|vac|m?ah?|[kmg]?hz|bar)",
    re.IGNORECASE,
)


def _is_plain_formula(word: str) -> bool:
    """Al2O3, SiC: a formula in its own spelling, unlike the capitals of a part number."""
    formula = parse_formula(word) if any(character.islower() for character in word) else None
    return formula is not None and len(formula.elements) > 1


def _describes(scanned: Scan, terms: list[Term], numbered: bool) -> bool:
    """Whether words say what the goods are.

    One unknown name beside a number is a brand with a part number, unless it is written small as English nouns are. A form without a
    material ("powder, 25 kg") says nothing either.
    """
    for term in terms:
        if term.kind in _SAYS_WHAT:
            return True
    unknown = unknown_words(scanned)
    if len(unknown) != 1:
        return bool(unknown) or any(_is_plain_formula(word) for word, _, _ in scanned.words)
    coded = numbered or _is_coded(scanned)
    word = unknown[0]
    return not coded or (word.islower() and len(word) >= 5) or len(word) >= (4 if word[0] > "\u3000" else 12)


def _is_coded(scanned: Scan) -> bool:
    """Whether a number that measures nothing stands in the text. A percentage measures: an unknown name with its purity is a chemical."""
    shares = [(quantity.start, quantity.end) for quantity in scanned.quantities if quantity.unit in ("percent", "nines")]
    following = [word for word, _, _ in scanned.words[1:]] + [""]
    return any(
        any(character.isdigit() for character in word)
        and not _MEASURE.fullmatch(f"{word}{after}")
        and not any(begin <= start < end for begin, end in shares)
        for (word, start, _), after in zip(scanned.words, following, strict=True)
    )


def clean_features(reading: Reading) -> dict[FeatureName, str]:
    """The features that goods.Goods names; those that only steer other fields are left out."""
    return {name: words for name, words in reading.features.items() if name not in ("sintered", "calcined", "shaped")}  # type: ignore[misc]
