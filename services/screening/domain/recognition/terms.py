"""From marks to terms: what a mark means beside its neighbours, and how it relates to the goods.

"Indium Corporation", "graphite grey" and "Galliumstrasse" lose their elements here; "In", "GAP" and "YAG" have to earn theirs. Each term
says whether the goods are it, have it, are for it, or are without it.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from services.screening.domain.recognition.elements import WATCHED
from services.screening.domain.recognition.lexicon import fold
from services.screening.domain.recognition.lexicon_substances import ACRONYMS, SUBSTANCES
from services.screening.domain.recognition.lexicon_words import CONTEXT
from services.screening.domain.recognition.scan import Mark, Quantity, Scan

Relation = Literal["main", "with", "for", "without"]

CHEMICAL: Final = frozenset({"element", "group", "substance", "formula", "anion"})


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
    surely: bool = True
    from_symbol: bool = False


WORDLIKE: Final = frozenset(
    [
        "In",
        "As",
        "Er",
        "La",
        "Co",
        "Ho",
        "Se",
        "Te",
        "Ce",
        "Am",
        "At",
        "Es",
        "No",
        "Be",
        "He",
        "Al",
        "Y",
        "I",
        "C",
        "W",
        "B",
        "Sm",
        "Pr",
        "Lu",
        "Mo",
        "Ge",
        "Eu",
        "Sc",
        "Bi",
    ]
)
"""Symbols that are words, abbreviations or firms somewhere; they need more beside them than others."""

_WRITTEN_ALONE: Final = WATCHED | {"Fe", "Co", "Ni", "Al", "Cu", "Ag", "B", "Zr", "Mg", "C"}
_NEED_SUPPORT: Final = frozenset(("ランタン", "indio", "tulio", "wolfram", "cer", "zer", "moly", "lead", "tin", "mercury"))
_SUPPRESSIBLE: Final = frozenset({"element", "substance", "symbol", "acronym", "group", "hint"})
_JOINT = re.compile(r"\s?[-/+&,、]\s?|\s")
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


def _without_names(scan: Scan) -> list[Mark]:
    """Drops elements in names of firms, streets, persons and colours, and the words that told so."""
    marks, text = scan.marks, scan.text
    dropped: set[int] = set()
    for position, mark in enumerate(marks):
        if mark.kind == "firm":
            for other in range(position - 1, -1, -1):
                before = marks[other]
                if before.last != mark.first - 1 or before.kind not in _SUPPRESSIBLE:
                    if before.last >= mark.first - 1:
                        continue
                    break
                if _is_firm(text, before, mark):
                    dropped.add(other)
        elif mark.kind == "person":
            for other in range(position + 1, len(marks)):
                after = marks[other]
                if after.kind == "break" and after.value in ":.":
                    continue
                if after.first > mark.last + 2:
                    break
                colon = _COLON.match(text, mark.end)
                named = after.first == mark.last + 1 and text[after.start].isupper()
                if after.kind in _SUPPRESSIBLE and named and (mark.value == "always" or colon):
                    dropped.add(other)
        elif mark.kind == "colour" and position:
            before = marks[position - 1]
            gap = text[before.end : mark.start]
            if (
                before.kind in ("element", "substance")
                and before.value in _COLOURED
                and gap in ("", " ", "-", "/", " / ")
                and not _material_words(marks)
            ):
                dropped.add(position - 1)
    return [mark for position, mark in enumerate(marks) if position not in dropped and mark.kind not in ("firm", "person", "colour")]


def _is_firm(text: str, name: Mark, firm: Mark) -> bool:
    if firm.value == "always":
        return True
    if not text[name.start].isupper() or not text[firm.start].isupper():
        return False
    if firm.value == "capitalised":
        return True
    return firm.end >= len(text) or text[firm.end] in ".,;\n" or text[firm.end : firm.end + 2].strip(" 0123456789") == ""


def _material_words(marks: list[Mark]) -> bool:
    return any(mark.kind in ("form", "anion", "formula") for mark in marks)


def _earned(scan: Scan, marks: list[Mark]) -> list[Mark]:
    """Turns acronyms and symbols that their context bears out into substances and elements, and drops the others."""
    folded: set[str] | None = None
    kept: list[Mark] = []
    for position, mark in enumerate(marks):
        if mark.kind == "acronym":
            if folded is None:
                folded = {fold(word) for word, _, _ in scan.words}
                folded |= {word[:-1] for word in folded if word.endswith("s")}
            substance, context = ACRONYMS[mark.value]
            word = scan.text[mark.start : mark.end]
            borne_out = folded & _CONTEXT_WORDS[context] or _dopant_before(scan, marks, position)
            if (word == substance and not word.isupper()) or (_written_as_acronym(word) and borne_out):
                kept.append(mark._replace(kind="substance" if substance in SUBSTANCES else "formula", value=substance))
        elif mark.kind == "symbol":
            symbol = mark.value.title()
            if symbol in _WRITTEN_ALONE and _is_symbol(scan, marks, position, symbol):
                kept = [other for other in kept if other.first != mark.first]
                kept.append(mark._replace(kind="symbol", value=symbol))
        elif mark.kind == "element" and fold(scan.text[mark.start : mark.end]) in _NEED_SUPPORT:
            if _supported(scan, marks, position):
                kept.append(mark)
        else:
            kept.append(mark)
    return kept


_CONTEXT_WORDS: Final = {kind: frozenset(fold(word) for word in words.split("|") if word) for kind, words in CONTEXT.items()}


def _written_as_acronym(word: str) -> bool:
    return not word.islower() and not (word.istitle() and len(word) > 2)


def _dopant_before(scan: Scan, marks: list[Mark], position: int) -> bool:
    mark = marks[position]
    return mark.start >= 2 and scan.text[mark.start - 1] in ":;" and scan.text[mark.start - 2].isalpha()


def _supported(scan: Scan, marks: list[Mark], position: int) -> bool:
    here = marks[position]
    if any(quantity.unit in ("percent", "nines") for quantity in scan.quantities):
        return True
    return any(
        mark.kind in ("anion", "form", "formula", "substance", "symbol") or (mark.kind == "element" and mark.value != here.value)
        for mark in marks
        if mark is not here and abs(mark.first - here.last) <= 3
    )


def _is_symbol(scan: Scan, marks: list[Mark], position: int, symbol: str) -> bool:
    """Whether a token spelled like a symbol is one: by the percentage, oxide, form, dopant or fellow symbol beside it."""
    mark, text = marks[position], scan.text
    exact = mark.value == symbol
    wordlike = symbol in WORDLIKE
    if symbol == "C" and not any(other.value in ("graphite", "diamond", "graphite_electrode", "diamond_window") for other in marks):
        return False
    company = _has_chemistry(marks, mark)
    if _beside_percentage(scan, mark, exact, wordlike, company):
        return True
    before = _neighbour(marks, position, -1)
    after = _neighbour(marks, position, +1)
    if after is not None and text[mark.end : after.start] == ":" and (after.kind in ("acronym", "substance", "formula")):
        return True
    if after is not None and after.first == mark.last + 1 and _JOINT.fullmatch(text, mark.end, after.start):
        if after.kind in ("form", "anion", "product") and (after.kind != "product" or after.value in ("lens", "optical_blank")):
            return _named_with_form(scan, marks, exact, wordlike, after)
        if after.kind == "relation" and after.value == "free":
            return (exact and symbol not in ("In", "As", "Er", "I", "Es", "No")) or not wordlike
        if after.kind == "relation" and after.value == "and":
            fellow = _neighbour(marks, marks.index(after), +1)
            if fellow is not None and fellow.kind == "symbol" and fellow.value.istitle() and exact:
                return _is_symbol(scan, marks, marks.index(fellow), fellow.value)
        if _joined(text, mark, after, exact, wordlike):
            return True
    if before is not None and before.last == mark.first - 1 and _JOINT.fullmatch(text, before.end, mark.start):
        if before.kind in ("form", "anion") or (before.kind == "relation" and before.value == "without"):
            return not wordlike or (exact and before.kind != "form" and symbol not in ("In", "As"))
        if before.kind in ("relation", "label") and before.value in ("with", "of", "content"):
            return exact and not wordlike
        if before.kind == "element" and before.value == symbol:
            return False
        return _joined(text, before, mark, exact, wordlike)
    return False


def _neighbour(marks: list[Mark], position: int, step: int) -> Mark | None:
    """The nearest mark that is another word."""
    here = marks[position]
    position += step
    while 0 <= position < len(marks):
        other = marks[position]
        if other.kind != "break" and other.first != here.first:
            return other
        if other.kind == "break" and other.value not in "、:,":
            return None
        position += step
    return None


def _has_chemistry(marks: list[Mark], here: Mark) -> bool:
    return any(
        mark.kind in ("element", "substance", "formula", "grade", "group")
        or (mark.kind == "product" and ("magnet" in mark.value or "graphite" in mark.value or "diamond" in mark.value))
        for mark in marks
        if mark is not here
    )


def _beside_percentage(scan: Scan, mark: Mark, exact: bool, wordlike: bool, company: bool) -> bool:
    text = scan.text
    for quantity in scan.quantities:
        if quantity.unit not in ("percent", "nines"):
            continue
        follows = quantity.start >= mark.end and _DIRECT.fullmatch(text, mark.end, quantity.start) is not None
        precedes = quantity.end <= mark.start and text[quantity.end : mark.start] in ("", " ", "  ", " of ")
        if follows and (exact or company or not wordlike) and (exact or not text[mark.end : quantity.start].isalpha()):
            return True
        if precedes and (
            (exact and (not wordlike or company or "wt" in text[quantity.start : quantity.end])) or (company and not wordlike)
        ):
            return True
    return False


def _named_with_form(scan: Scan, marks: list[Mark], exact: bool, wordlike: bool, after: Mark) -> bool:
    if not wordlike:
        return True
    pure = any(
        quantity.unit == "nines" or (quantity.unit == "percent" and (quantity.interval.minimum or 0) >= 90) for quantity in scan.quantities
    )
    if after.kind == "anion":
        return exact or pure or len(marks) <= 4
    return pure and after.value in _PURE_METAL and (exact or scan.text.isupper())


def _joined(text: str, left: Mark, right: Mark, exact: bool, wordlike: bool) -> bool:
    """Whether two neighbours make an alloy or a list of symbols: Dy/Tb, Dy-NdFeB, W-Cu."""
    gap = text[left.end : right.start].strip()
    if gap not in ("-", "/", "+", "&", "、", ","):
        return False
    other = left if right.kind == "symbol" else right
    if other.kind in ("substance", "formula", "element"):
        return exact or not wordlike
    if left.kind == right.kind == "symbol":
        symbols = {left.value.title(), right.value.title()}
        written = left.value in symbols and right.value in symbols
        return symbols <= _WRITTEN_ALONE and (written or not symbols & WORDLIKE) and gap != ","
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
        for term in terms:
            if term.segment == segment:
                term.relation = "for"
        return "main", segment + 1
    if mark.value == "free":
        _exclude_before(scan, mark, terms)
    return relation, segment


_ALSO = re.compile(r"[\s\-/+&,、・]{0,4}(?:and|und|or|oder|et|y|o|ou|と|や|和|及|或)?\s?(?:を|は|が)?", re.IGNORECASE)


def _exclude_before(scan: Scan, mark: Mark, terms: list[Term]) -> None:
    """Marks the elements that "-free" rules over, back through the list they stand in."""
    if fold(scan.text[mark.start : mark.end]) == "less" and scan.text[mark.end : mark.end + 5].strip().startswith("than"):
        return
    edge = mark.start
    for term in reversed(terms):
        if term.kind not in ("element", "group", "substance"):
            break
        gap = scan.text[term.end : edge] if term.end <= edge else ""
        if not _ALSO.fullmatch(gap):
            break
        term.relation = "without"
        edge = term.start


def percentages(scan: Scan) -> list[Quantity]:
    """The quantities that are shares or purities, in order."""
    return sorted((quantity for quantity in scan.quantities if quantity.unit in ("percent", "nines")), key=lambda quantity: quantity.start)
