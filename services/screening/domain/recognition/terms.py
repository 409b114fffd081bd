"""From marks to terms: what a mark means beside its neighbours, and how it relates to the goods.

"Indium Corporation", "graphite grey" and "Galliumstrasse" lose their elements here; "In", "GAP" and "YAG" have to earn theirs. Each term
says whether the goods are it, have it, are for it, or are without it.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final, Literal

from services.screening.domain.recognition.lexicon import fold
from services.screening.domain.recognition.lexicon_substances import ACRONYMS, SUBSTANCES
from services.screening.domain.recognition.lexicon_words import CONTEXT
from services.screening.domain.recognition.scan import Mark, Quantity, Scan
from shared.chemistry.elements import RARE_EARTHS, WATCHED
from shared.chemistry.formula import parse_formula

Relation = Literal["main", "with", "for", "without"]


@dataclass(slots=True)
class Term:
    """A mark in its place: `segment` counts the parts of the text, `relation` says how that part relates to the goods."""

    kind: str
    value: str
    start: int
    end: int
    first: int
    last: int
    segment: int
    relation: Relation
    chain: int = 0
    """Counts what punctuation separates; a chain has the segments that "of" and "with" join."""
    from_symbol: bool = False


WORDLIKE: Final = frozenset(
    {"In", "As", "Er", "La", "Co", "Ho", "Se", "Te", "Ce", "Am", "At", "Es", "No", "Be", "He", "Al", "Y", "I", "C", "W", "B"}
    | {"Sm", "Pr", "Lu", "Mo", "Ge", "Eu", "Sc", "Bi", "Ti", "Cr", "Ta", "Nb", "Si", "Sn"}
)
"""Symbols that are words, abbreviations or firms somewhere; they need more beside them than others."""

_STRICT: Final = WORDLIKE - {"Ce", "Al", "Y", "W", "Pr", "Lu", "Ge", "Eu", "Sc", "Bi"}
"""Word-like symbols that a form after them does not bear out."""

_WORDS_BEFORE_SHAPES: Final = frozenset({"In", "As", "No", "He", "At", "Be", "Am", "Es", "I", "C", "La", "Er"})
_DOPANTS_OF_FIBRES: Final = frozenset({"Er", "Yb", "Tm", "Ho", "Nd"})
_NEVER_A_WORD: Final = frozenset({"Ga", "Ge", "Gd", "Tb", "Dy", "Sc", "Lu", "Bi", "Sb", "Nd", "Yb", "Tm", "Eu", "Pr", "Mo"})
"""Symbols whose spelling with one capital is nothing else before a rod or a pellet."""

_WRITTEN_ALONE: Final = WATCHED | {"Fe", "Co", "Ni", "Al", "Cu", "Ag", "B", "Zr", "Mg", "C", "Ti", "Cr", "Ta", "Nb", "Zn", "Hf", "Si", "Sn"}
_NEED_SUPPORT: Final = frozenset(("ランタン", "indio", "tulio", "wolfram", "cer", "zer", "moly", "lead", "tin", "mercury"))
_SUPPRESSIBLE: Final = frozenset({"element", "substance", "symbol", "acronym", "group", "hint"})
_JOINT = re.compile(r"\s?[-/+&,、・·]\s?|\s?|['’]")
_DIRECT = re.compile(r"[\s:=\-(<>≤≥~]{0,4}")
_PURE_METAL: Final = frozenset(
    {"metal", "ingot", "powder", "sputtering_target", "wafer", "single_crystal", "scrap", "alloy", "lens", "optical_blank"}
)
_COLOURED: Final = frozenset({"graphite", "diamond", "W", "Ti", "Ge", "Ag", "Co", "Sb2O3"})
_COLON = re.compile(r"\s?[:.]")


def read_terms(scan: Scan) -> list[Term]:
    """The terms of a text in order; relations, breaks and whatever its neighbours made meaningless are gone."""
    marks = _without_names(scan)
    marks = _earned(scan, marks)
    return _related(scan, marks)


_NAMING: Final = frozenset({"firm", "person", "colour"})


def _without_names(scan: Scan) -> list[Mark]:
    """Drops elements in names of firms, streets, persons and colours, and the words that told so."""
    marks, text = scan.marks, scan.text
    if not any(mark.kind in _NAMING or mark.value == "coated" for mark in marks):
        return marks
    dropped: set[int] = set()
    material = any(mark.kind in ("form", "anion", "formula") for mark in marks)
    for position, mark in enumerate(marks):
        if mark.kind == "firm":
            dropped.update(_named_before(text, marks, position))
        elif mark.kind == "person":
            dropped.update(_named_after(text, marks, position))
        elif mark.kind == "colour" and not material:
            beside = [other for other in (position - 1, position + 1) if 0 <= other < len(marks)]
            dropped.update(other for other in beside if _is_coloured(text, marks[other], mark))
        elif mark.value == "coated" and mark.kind == "feature":
            dropped.update(_plated_on(text, marks, position))
    return [mark for position, mark in enumerate(marks) if position not in dropped and mark.kind not in ("firm", "person", "colour")]


_MARKS_BESIDE: Final = 6


def _plated_on(text: str, marks: list[Mark], position: int) -> list[int]:
    """The metals of a plating, in its words or beside them (nickelé, Zn plated, ニッケルメッキ): no part of the compound before."""
    plating = marks[position]
    found = []
    for other in range(max(0, position - _MARKS_BESIDE), min(len(marks), position + _MARKS_BESIDE + 1)):
        mark = marks[other]
        if mark.kind in ("element", "symbol") and mark.value.title() not in WATCHED:
            overlaps = mark.start < plating.end and plating.start < mark.end
            gap = text[mark.end : plating.start] if mark.start < plating.start else text[plating.end : mark.start]
            if overlaps or (abs(mark.first - plating.first) <= 2 and not gap.strip(" -/")):
                found.append(other)
    return found


def _named_before(text: str, marks: list[Mark], position: int) -> list[int]:
    """The marks of the word before a firm's or street's word, where together they are a name."""
    firm = marks[position]
    found = []
    for other in range(position - 1, -1, -1):
        name = marks[other]
        if name.last < firm.first - 1:
            break
        if name.last == firm.first - 1 and name.kind in _SUPPRESSIBLE and _is_firm(text, name, firm):
            found.append(other)
    return found


def _named_after(text: str, marks: list[Mark], position: int) -> list[int]:
    """The marks of the capitalised word after a title or address word."""
    person = marks[position]
    if person.value != "always" and not _COLON.match(text, person.end):
        return []
    found = []
    for other in range(position + 1, len(marks)):
        name = marks[other]
        if name.first > person.last + 1:
            break
        if name.first == person.last + 1 and name.kind in _SUPPRESSIBLE and text[name.start].isupper():
            found.append(other)
    return found


def _is_coloured(text: str, name: Mark, colour: Mark) -> bool:
    gap = text[name.end : colour.start] if name.start < colour.start else text[colour.end : name.start]
    return name.kind in ("element", "substance") and name.value in _COLOURED and gap in ("", " ", "-", "/", " / ")


def _is_firm(text: str, name: Mark, firm: Mark) -> bool:
    if text[name.end : firm.start].strip() not in ("", "," if firm.value == "place" else ""):
        return False
    if firm.value in ("always", "place"):
        return True
    if not text[name.start].isupper() or not text[firm.start].isupper():
        return False
    if firm.value == "capitalised":
        return True
    return firm.end >= len(text) or text[firm.end] in ".,;\n" or text[firm.end : firm.end + 2].strip(" 0123456789") == ""


_DOUBTFUL: Final = frozenset({"acronym", "symbol", "element"})


def _earned(scan: Scan, marks: list[Mark]) -> list[Mark]:
    """Turns acronyms and symbols that their context bears out into substances and elements, and drops the others."""
    if not any(mark.kind in _DOUBTFUL for mark in marks):
        return marks
    folded: set[str] | None = None
    context = _context(scan, marks)
    kept: list[Mark] = []
    for position, mark in enumerate(marks):
        if mark.kind == "acronym":
            if folded is None:
                folded = {fold(word) for word, _, _ in scan.words}
                folded |= {word[:-1] for word in folded if word.endswith("s")}
            substance, company = ACRONYMS[mark.value]
            word = scan.text[mark.start : mark.end]
            borne_out = folded & _CONTEXT_WORDS[company] or _dopant_before(scan.text, mark)
            if (word == substance and not word.isupper()) or (_written_as_acronym(word) and borne_out):
                kept.append(mark._replace(kind="substance" if substance in SUBSTANCES else "formula", value=substance))
        elif mark.kind == "symbol":
            symbol = mark.value.title()
            if symbol in _WRITTEN_ALONE and _is_symbol(context, position, symbol):
                while kept and kept[-1].first == mark.first and kept[-1].kind != "break":
                    kept.pop()
                kept.append(mark._replace(kind="symbol", value=symbol))
        elif mark.kind == "element" and fold(scan.text[mark.start : mark.end]).removesuffix("s") in _NEED_SUPPORT:
            if _supported(context, position):
                kept.append(mark)
        else:
            kept.append(mark)
    return kept


_CONTEXT_WORDS: Final = {kind: frozenset(fold(word) for word in words.split("|") if word) for kind, words in CONTEXT.items()}


def _written_as_acronym(word: str) -> bool:
    return not word.islower() and not (word.istitle() and len(word) > 2)


def _dopant_before(text: str, mark: Mark) -> bool:
    return mark.start >= 2 and text[mark.start - 1] == ":" and text[mark.start - 2].isalpha()


def _supported(context: "_Context", position: int) -> bool:
    """Whether a name that is also an ordinary word stands near a purity, a form or another chemical name."""
    here = context.marks[position]
    near = context.marks[max(0, position - 4) : position + 5]
    return bool(context.percentages) or any(
        mark.kind in ("anion", "form", "formula", "substance") or (mark.kind == "element" and mark.value != here.value)
        for mark in near
        if mark is not here and abs(mark.first - here.last) <= 3
    )


def _is_symbol(context: "_Context", position: int, symbol: str, from_fellow: bool = False) -> bool:
    """Whether a token spelled like a symbol is one: by the percentage, oxide, form, dopant or fellow symbol beside it.

    `from_fellow` says that the symbol on the other side of an "and" asks; it is not asked back.
    """
    mark = context.marks[position]
    if symbol == "C" and not context.carbon:
        return False
    if _beside_percentage(context, mark, mark.value == symbol, symbol in WORDLIKE) or _dopes_formula(context.scan.text, mark):
        return True
    before, after = _neighbour(context.marks, position, -1), _neighbour(context.marks, position, +1)
    return (after is not None and _borne_out_after(context, mark, context.marks[after], after, symbol, from_fellow)) or (
        before is not None and _borne_out_before(context, mark, context.marks[before], before, symbol, from_fellow)
    )


_HOST_FORMULA = re.compile(r"([A-Z][A-Za-z0-9()]{3,30}):$")


def _dopes_formula(text: str, mark: Mark) -> bool:
    """Whether a symbol stands behind the formula of its host, of whatever elements: "BaMgAl10O17:Eu"."""
    host = _HOST_FORMULA.search(text, max(0, mark.start - 32), mark.start) if text[mark.start - 1 : mark.start] == ":" else None
    formula = parse_formula(host[1]) if host is not None and any(character.isdigit() for character in host[1]) else None
    return formula is not None and len(formula.elements) > 1 and "O" in formula.elements


def _borne_out_after(context: "_Context", mark: Mark, after: Mark, place: int, symbol: str, from_fellow: bool) -> bool:
    text, exact = context.scan.text, mark.value == symbol
    if text[mark.end : after.start] == ":" and after.kind in _HOSTS:
        return True
    if after.first != mark.last + 1 or not _JOINT.fullmatch(text, mark.end, after.start):
        return False
    if exact and after.kind == "label" and after.value == "doped":
        return True
    if exact and after.value == "fibre" and symbol in _DOPANTS_OF_FIBRES:
        return True
    if exact and symbol not in _STRICT and after.kind == "label" and after.value == "content":
        return True
    capitals = context.pure and text.isupper()
    if (exact or capitals) and after.kind == "shape" and (symbol in _NEVER_A_WORD or (context.pure and symbol not in _WORDS_BEFORE_SHAPES)):
        return True
    form = after
    if after.kind == "feature" and (beyond := _neighbour(context.marks, place, +1)) is not None:
        form = context.marks[beyond]
    if form.kind in ("form", "anion", "product") and _named_with_form(context, symbol, exact, form):
        return True
    if after.kind == "relation" and after.value == "free":
        return symbol not in _STRICT if exact else symbol not in WORDLIKE
    if after.kind == "relation" and after.value == "and":
        return exact and not from_fellow and _fellow_is_symbol(context, place, +1)
    return _joined(text, mark, after, exact, symbol in WORDLIKE)


def _borne_out_before(context: "_Context", mark: Mark, before: Mark, place: int, symbol: str, from_fellow: bool) -> bool:
    text, exact, wordlike = context.scan.text, mark.value == symbol, symbol in WORDLIKE
    if text[before.end : mark.start] == ":" and before.kind in _HOSTS:
        return True
    if before.last != mark.first - 1 or not _JOINT.fullmatch(text, before.end, mark.start):
        return False
    if before.kind == "form" and before.value == "sputtering_target" and context.pure and symbol not in ("In", "As", "At", "No"):
        return True
    if before.kind in ("form", "anion") or (before.kind == "relation" and before.value == "without"):
        return not wordlike or (exact and before.kind != "form" and symbol not in ("In", "As"))
    if before.kind == "product" and before.value in ("lens", "window", "optical_blank"):
        return symbol == "Ge" and exact
    if before.kind in ("relation", "label") and before.value in ("with", "of", "content"):
        return exact and (not wordlike or _of_compound(context, place, from_fellow))
    if before.kind == "relation" and before.value == "and":
        return exact and not from_fellow and _fellow_is_symbol(context, place, -1)
    if before.kind == "element" and before.value == symbol:
        return False
    return _joined(text, before, mark, exact, wordlike)


def _of_compound(context: "_Context", place: int, from_fellow: bool) -> bool:
    """Whether the "of" before a symbol follows an oxide or salt, or the fellow symbol of one: "oxydes d'Y et de La"."""
    prior = _neighbour(context.marks, place, -1)
    if prior is None:
        return False
    mark = context.marks[prior]
    if mark.kind == "relation" and mark.value == "and":
        return not from_fellow and _fellow_is_symbol(context, prior, -1)
    return mark.kind == "anion"


_HOSTS: Final = frozenset({"acronym", "substance", "formula"})


def _fellow_is_symbol(context: "_Context", place: int, step: int) -> bool:
    """Whether the mark beyond an "and" is a symbol that something else bears out: "Y and La oxides"."""
    fellow = _neighbour(context.marks, place, step)
    if fellow is None:
        return False
    mark = context.marks[fellow]
    return mark.kind == "symbol" and mark.value.istitle() and _is_symbol(context, fellow, mark.value, from_fellow=True)


def _neighbour(marks: list[Mark], position: int, step: int) -> int | None:
    """The place of the nearest mark that is another word; None past punctuation stronger than a comma or colon."""
    here = marks[position]
    position += step
    while 0 <= position < len(marks):
        other = marks[position]
        if other.kind == "break":
            if other.value not in "、:,":
                return None
        elif other.first != here.first:
            return position
        position += step
    return None


@dataclass(slots=True)
class _Context:
    """What a whole text offers to its doubtful words."""

    scan: Scan
    marks: list[Mark]
    percentages: list[Quantity]
    starts: list[int]
    chemistry: bool
    carbon: bool
    pure: bool


def _context(scan: Scan, marks: list[Mark]) -> _Context:
    shares = percentages(scan)
    materials = {mark.value for mark in marks}
    carbon = not materials.isdisjoint(("graphite", "diamond", "graphite_electrode", "diamond_window", "diamond_powder"))
    return _Context(
        scan,
        marks,
        shares,
        [quantity.start for quantity in shares],
        carbon
        or any(
            mark.kind in ("element", "substance", "formula", "grade", "group") or (mark.kind == "product" and "magnet" in mark.value)
            for mark in marks
        ),
        carbon,
        any(quantity.unit == "nines" or (quantity.interval.minimum or 0) >= 90 for quantity in shares),
    )


def _beside_percentage(context: _Context, mark: Mark, exact: bool, wordlike: bool) -> bool:
    text, company = context.scan.text, context.chemistry
    place = bisect_left(context.starts, mark.start)
    if place < len(context.percentages):
        after = context.percentages[place]
        if after.start >= mark.end and _DIRECT.fullmatch(text, mark.end, after.start) and (exact or company or not wordlike):
            return True
    if place == 0:
        return False
    before = context.percentages[place - 1]
    if before.end > mark.start or text[before.end : mark.start] not in ("", " ", "  ", " of "):
        return False
    if exact:
        return not wordlike or company or "wt" in text[before.start : before.end]
    return company and not wordlike


_GERMANIUM_GOODS: Final = frozenset({"lens", "optical_blank", "window", "wafer", "single_crystal", "ingot"})


def _named_with_form(context: _Context, symbol: str, exact: bool, after: Mark) -> bool:
    if (symbol == "Ge" and after.value in _GERMANIUM_GOODS) or (symbol == "Si" and after.value == "wafer"):
        return True
    if after.kind == "product":
        return False
    if symbol not in WATCHED and after.value in ("alloy", "metal"):
        return True
    if symbol not in WORDLIKE or (exact and symbol not in _STRICT):
        return True
    if after.kind == "anion":
        return exact or context.pure or len(context.marks) <= 4
    if after.value == "powder" and any(quantity.unit in ("mesh", "micrometre") for quantity in context.scan.quantities):
        return exact or context.scan.text.isupper()
    return context.pure and after.value in _PURE_METAL and (exact or context.scan.text.isupper())


def _joined(text: str, left: Mark, right: Mark, exact: bool, wordlike: bool) -> bool:
    """Whether two neighbours make an alloy or a list of symbols: Dy/Tb, Dy-NdFeB, W-Cu."""
    gap = text[left.end : right.start].strip()
    if gap not in ("-", "/", "+", "&", "、", "・", "·", ","):
        return False
    if gap == "," and not (left.value in RARE_EARTHS and right.value in RARE_EARTHS):
        return False
    other = left if right.kind == "symbol" else right
    if other.kind in ("substance", "formula", "element"):
        return exact or not wordlike
    if left.kind == right.kind == "symbol":
        symbols = {left.value.title(), right.value.title()}
        written = left.value in symbols and right.value in symbols
        return symbols <= _WRITTEN_ALONE and (written or not symbols & WORDLIKE)
    return False


def _related(scan: Scan, marks: list[Mark]) -> list[Term]:
    terms: list[Term] = []
    segment = chain = 0
    relation: Relation = "main"
    for position, mark in enumerate(marks):
        if mark.kind == "break":
            if relation == "without" and mark.value in ",、" and _list_goes_on(scan, marks, position):
                continue
            segment += 1
            if mark.value not in "、":
                chain += 1
                relation = "main"
        elif mark.kind == "relation":
            if mark.first == 0 and mark.value == "with":
                continue
            if scan.text[mark.start - 1 : mark.start] == "-" and scan.text[mark.end : mark.end + 1] == "-":
                continue
            if (
                mark.value == "with"
                and scan.text[max(0, mark.start - 2) : mark.start].strip("-").isalnum()
                and scan.text[mark.start - 1] == "-"
            ):
                # "Holmium-containing magnets": a trait before the goods.
                continue
            relation, segment = _after_relation(scan, mark, terms, relation, segment)
        else:
            if relation == "without" and mark.kind not in ("element", "symbol", "group", "label") and _excluded(terms, segment):
                relation, segment = "main", segment + 1
            symbol = mark.kind == "symbol"
            kind = "element" if symbol else mark.kind
            terms.append(Term(kind, mark.value, mark.start, mark.end, mark.first, mark.last, segment, relation, chain, from_symbol=symbol))
    return terms


def _excluded(terms: list[Term], segment: int) -> bool:
    return any(term.segment == segment and term.relation == "without" for term in terms)


def _list_goes_on(scan: Scan, marks: list[Mark], position: int) -> bool:
    """Whether a comma after "without Dy" continues the list: an element follows that no quantity speaks of."""
    after = marks[position + 1] if position + 1 < len(marks) else None
    if after is None or after.kind not in ("element", "symbol", "group") or scan.text[marks[position].end : after.start].strip():
        return False
    return not any(0 <= quantity.start - after.end <= 3 for quantity in scan.quantities)


def _after_relation(scan: Scan, mark: Mark, terms: list[Term], relation: Relation, segment: int) -> tuple[Relation, int]:
    if mark.value in ("for", "with", "without"):
        if relation == "without" and mark.value == "with":
            return relation, segment
        return mark.value, segment + 1  # type: ignore[return-value]
    if mark.value == "of":
        return relation, segment + 1
    if mark.value == "for_before":
        # Only the word that 用 ends is what the goods are for: "Dy2O3 モーター用" is no motor and still the oxide.
        before = scan.text[: mark.start].rstrip()
        word_start = max(before.rfind(" "), before.rfind("\u3000")) + 1
        for term in terms:
            if term.segment == segment and term.end > word_start:
                term.relation = "for"
        return "main", segment + 1
    if mark.value == "free":
        _exclude_before(scan, mark, terms)
    return relation, segment


_ALSO = re.compile(r"[\s\-/+&,、・·]{0,4}(?:and|und|or|oder|et|y|o|ou|と|や|和|及|或)?\s?(?:を|は|が)?", re.IGNORECASE)


def _exclude_before(scan: Scan, mark: Mark, terms: list[Term]) -> None:
    """Marks the elements that "-free" rules over, back through the list they stand in."""
    if fold(scan.text[mark.start : mark.end]) == "less" and scan.text[mark.end : mark.end + 5].strip().startswith("than"):
        return
    edge = mark.start
    allowed = frozenset({"element", "group", "substance"})
    for term in reversed(terms):
        if term.kind not in allowed:
            break
        gap = scan.text[term.end : edge] if term.end <= edge else ""
        if not _ALSO.fullmatch(gap):
            break
        term.relation = "without"
        edge, allowed = term.start, allowed - {"substance"}


def percentages(scan: Scan) -> list[Quantity]:
    """The quantities that are shares or purities, in order."""
    found = [quantity for quantity in scan.quantities if quantity.unit in ("percent", "nines")]
    if len(found) > 1:
        found.sort(key=lambda quantity: quantity.start)
    return found
