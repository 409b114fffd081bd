"""The word tables compiled for one pass over a text: which words begin which names, and what each name means.

Latin script is compared folded (lower case, without accents) and word by word; Chinese and Japanese by the longest name at a character.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from services.screening.domain.recognition import lexicon_elements, lexicon_goods, lexicon_substances, lexicon_words
from services.screening.domain.recognition.formula import spelled_formula
from services.screening.domain.recognition.lexicon_elements import Names
from services.screening.domain.recognition.misspelling import misspelt_element
from shared.chemistry.elements import MOLAR_MASS, WATCHED

LONGEST_WORD: Final = 60


class Meaning(NamedTuple):
    """What a name stands for: `kind` is the table it is in, `value` its row."""

    kind: str
    value: str


class Phrase(NamedTuple):
    """The rest of a name after its first word, folded, and what the whole name means."""

    rest: tuple[str, ...]
    meanings: tuple[Meaning, ...]


class Beginning(NamedTuple):
    """The names that one word begins: the word alone, and longer ones by their second word, longest first."""

    alone: Phrase | None
    longer: dict[str, tuple[Phrase, ...]]


_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(r"^[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+$")
_ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    "en": ("s", "es"),
    "de": ("s", "es", "e", "en", "n", "er", "em", "ern"),
    "fr": ("s", "x", "e", "es"),
    "es": ("s", "es"),
}


@lru_cache(maxsize=16384)
def fold(word: str) -> str:
    """Lower case without accents; ß becomes ss. Chinese and Japanese are returned as they are."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return unicodedata.normalize("NFC", "".join(character for character in decomposed if not "\u0300" <= character <= "\u036f"))


def _with_umlaut_written_out(text: str) -> str:
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue")):
        text = text.replace(umlaut, letters)
    return text


def _spellings(name: str, language: str) -> set[tuple[str, ...]]:
    """The folded word sequences that `name` may be written as: both umlaut spellings, inflected at either end, plural throughout."""
    spelled: set[tuple[str, ...]] = set()
    for variant in {name, _with_umlaut_written_out(name)} if language == "de" else {name}:
        words = tuple(_WORD.findall(fold(variant)))
        if not words:
            raise ValueError(f'the name "{name}" has no words')
        spelled.add(words)
        for ending in _ENDINGS.get(language, ()):
            for position in {0, len(words) - 1}:
                word = words[position]
                if len(word) >= (3 if ending == "s" else 4) and word.isalpha():
                    spelled.add((*words[:position], word + ending, *words[position + 1 :]))
        if language in ("fr", "es"):
            spelled.add(tuple(_plural(word, language) for word in words))
        elif language == "en" and words[-1].endswith("y"):
            spelled.add((*words[:-1], words[-1][:-1] + "ies"))
    return spelled


def _plural(word: str, language: str) -> str:
    """A French or Spanish noun or adjective in the plural; short words (prepositions, articles) are left alone."""
    if len(word) < 4 or not word.isalpha() or word[-1] in "sx":
        return word
    if language == "es":
        return word + "s" if word[-1] in "aeiou" else word[:-1] + "ces" if word[-1] == "z" else word + "es"
    if word.endswith("al"):
        return word[:-2] + "aux"
    return word + "x" if word.endswith(("eau", "eu")) else word + "s"


def _tables() -> list[tuple[str, dict[str, Names]]]:
    substances = {key: substance.names for key, substance in lexicon_substances.SUBSTANCES.items()}
    return [
        ("element", lexicon_elements.ELEMENTS),
        ("group", lexicon_elements.GROUPS),
        ("anion", lexicon_substances.ANIONS),
        ("substance", substances),
        ("form", lexicon_goods.FORMS),
        ("shape", {"": lexicon_goods.SHAPES}),
        ("product", lexicon_goods.PRODUCTS),
        ("ordinary", {"": lexicon_goods.ORDINARY}),
        ("container", {"": lexicon_goods.CONTAINERS}),
        ("feature", lexicon_goods.FEATURES),
        ("equipment", lexicon_goods.EQUIPMENT),
        ("relation", lexicon_words.RELATIONS),
        ("label", lexicon_words.LABELS),
        ("colour", {"": lexicon_words.COLOURS}),
        ("firm", lexicon_words.FIRMS),
        ("person", lexicon_words.PERSONS),
    ]


def _compile() -> tuple[dict[str, Beginning], dict[str, tuple[tuple[str, tuple[Meaning, ...]], ...]], dict[str, tuple[Meaning, ...]]]:
    latin: dict[tuple[str, ...], dict[Meaning, None]] = {}
    han: dict[str, dict[Meaning, None]] = {}
    german: dict[str, dict[Meaning, None]] = {}
    for kind, rows in _tables():
        for value, names in rows.items():
            meaning = Meaning(kind, value)
            for language, alternatives in names.items():
                for name in alternatives.split("|"):
                    if _HAN.match(name):
                        han.setdefault(name, {})[meaning] = None
                        continue
                    for words in _spellings(name, language):
                        latin.setdefault(words, {})[meaning] = None
                        if (
                            len(words) == 1
                            and (language == "de" or kind in ("element", "form"))
                            and len(words[0]) >= 3
                            and kind not in _NOT_IN_COMPOUNDS
                        ):
                            german.setdefault(words[0], {})[meaning] = None
    for key in lexicon_substances.ACRONYMS:
        latin.setdefault((key,), {})[Meaning("acronym", key)] = None
    for filler in lexicon_words.COMPOUND_FILLERS.split("|"):
        for words in _spellings(filler, "de"):
            german.setdefault(words[0], {})
    for ending in ("frei", "freie", "freier", "freies", "freien", "los"):
        german[ending] = {Meaning("relation", "free"): None}
    phrases: dict[str, list[Phrase]] = {}
    for words, meanings in latin.items():
        phrases.setdefault(words[0], []).append(Phrase(words[1:], tuple(meanings)))
    runs: dict[str, list[tuple[str, tuple[Meaning, ...]]]] = {}
    for name, meanings in han.items():
        runs.setdefault(name[0], []).append((name, tuple(meanings)))
    return (
        {first: _beginning(found) for first, found in phrases.items()},
        {first: tuple(sorted(found, key=lambda run: -len(run[0]))) for first, found in runs.items()},
        {part: tuple(meanings) for part, meanings in german.items()},
    )


def _beginning(phrases: list[Phrase]) -> Beginning:
    longer: dict[str, list[Phrase]] = {}
    for phrase in sorted((phrase for phrase in phrases if phrase.rest), key=lambda phrase: -len(phrase.rest)):
        longer.setdefault(phrase.rest[0], []).append(phrase)
    alone = next((phrase for phrase in phrases if not phrase.rest), None)
    return Beginning(alone, {second: tuple(found) for second, found in longer.items()})


_NOT_IN_COMPOUNDS: Final = frozenset({"relation", "label", "colour", "firm", "person", "container"})

PHRASES, RUNS, COMPOUND_PARTS = _compile()
"""Latin names by their first word and Chinese and Japanese names by their first character, longest first; parts of compounds."""

_LONGEST_PART = max(map(len, COMPOUND_PARTS))
_GRADE = re.compile(r"^(?:N?(?:2[89]|[345]\d)(?:M|H|SH|UH|EH|AH|TH|VH)(?:Z|T|TZ)?|N(?:2[89]|[345]\d))$")
_SAMARIUM_GRADE = re.compile(r"^(?:YXG?-?\d{2}[A-Z]{0,2}|SMCO-?(?:1[68]|2\d|3[0-5])[A-Z]{0,2}|XG(?:S)?\d{2,3}.*)$")


@lru_cache(maxsize=16384)
def read_word(word: str) -> tuple[Meaning, ...]:
    """What one Latin word that begins no name in the tables means: a formula, a magnet grade, a symbol, a German compound, or nothing."""
    if len(word) > LONGEST_WORD:
        return ()
    folded = fold(word)
    if word in MOLAR_MASS or (len(word) == 2 and word.isupper() and word.title() in MOLAR_MASS):
        return (Meaning("symbol", word),)
    upper = word.upper()
    if any(character.isdigit() for character in word):
        if _GRADE.match(upper):
            return (Meaning("grade", upper),)
        if _SAMARIUM_GRADE.match(upper):
            named = (Meaning("substance", "SmCo"),) if upper.startswith("SMCO") else ()
            return (*named, Meaning("samarium_grade", upper))
    formula = spelled_formula(word)
    if formula is not None:
        return (Meaning("formula", formula),)
    if len(folded) >= 6 and folded.isalpha():
        return _read_compound(folded) or _read_cut_short(folded) or _read_misspelt(folded) or _hint(folded)
    return ()


_TAILS: Final = ("oxid", "oxide", "metall", "metal", "pulver", "chlorid", "fluorid", "nitrat", "carbonat", "arsenid", "target", "magnet")


_CUT_SHORT: Final = {
    "oxid": ("ox", "oxi", "oxd"),
    "carbonat": ("carb", "carbo", "carbon", "karb"),
    "chlorid": ("chl", "chlor", "chlo"),
    "fluorid": ("fl", "fluo", "fluor"),
    "nitrat": ("nit", "nitr"),
    "sulfat": ("sulf",),
    "acetat": ("acet",),
    "oxalat": ("oxal",),
    "metall": ("met", "meta"),
    "pulver": ("pul", "pulv", "plv"),
    "legierung": ("leg", "legier"),
    "target": ("tgt", "targ"),
}
_WHOLE_PART: Final = {short: whole for whole, shorts in _CUT_SHORT.items() for short in shorts}


def _read_cut_short(word: str) -> tuple[Meaning, ...]:
    """A watched element with the beginning of a second part, as fields of forty characters cut it: gadoliniumox, samariumcarb."""
    for end in range(len(word) - 2, 3, -1):
        whole = _WHOLE_PART.get(word[end:])
        if whole is None:
            continue
        for meaning in COMPOUND_PARTS.get(word[:end], ()):
            if meaning.kind == "element" and meaning.value in WATCHED:
                return (meaning, *COMPOUND_PARTS[whole])
    return ()


def _read_misspelt(word: str) -> tuple[Meaning, ...]:
    """The element that a word misspells, alone or before the tail of a German compound."""
    element = misspelt_element(word)
    if element is not None:
        return (Meaning("element", element),)
    for tail in _TAILS:
        if word.endswith(tail) and tail in COMPOUND_PARTS and (element := misspelt_element(word.removesuffix(tail))) is not None:
            return (Meaning("element", element), *COMPOUND_PARTS[tail])
    return ()


def _read_compound(word: str) -> tuple[Meaning, ...]:
    """The meanings of the parts of a German compound in their order, all of it accounted for."""
    failed: set[int] = set()

    def split(position: int) -> list[str] | None:
        if position == len(word):
            return []
        if position in failed:
            return None
        for end in range(min(len(word), position + _LONGEST_PART), position + 2, -1):
            part = word[position:end]
            if part in COMPOUND_PARTS:
                rest = split(end)
                if rest is not None:
                    return [part, *rest]
        failed.add(position)
        return None

    return tuple([meaning for part in split(0) or () for meaning in COMPOUND_PARTS[part]])


def _hint(word: str) -> tuple[Meaning, ...]:
    """The element that an unknown long word begins with."""
    hints: list[Meaning] = []
    for end in range(6, len(word) - 1):
        for meaning in COMPOUND_PARTS.get(word[:end], ()):
            if meaning.kind == "element" and meaning.value in WATCHED:
                if any(word.startswith(tail, end) for tail in lexicon_words.NOT_GOODS_TAILS):
                    return ()
                hints = [Meaning("hint", meaning.value)]
    return tuple(hints)
