"""A name made ready to be compared: script, words without legal form, their weights and their sound.

Nothing here depends on a list: two names compare alike whatever else is listed, so that a score that somebody has cleared does not move
because a stranger was added. What is common (legal forms, industries, regions, given names) is therefore a table, not a count.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from anyascii import anyascii

from services.screening.domain.names.forms import (
    COMMON_GIVEN_NAMES,
    FAMILIES,
    FORMS_OF_ADDRESS,
    HAN_FORMS,
    HAN_FORMS_IN_FRONT,
    LATIN_FORM_PHRASES,
    LATIN_FORMS,
    LATIN_FORMS_AT_THE_END,
    PARTICLES,
    TITLES,
)
from services.screening.domain.names.simplified import TO_SIMPLIFIED
from services.screening.domain.names.terms import COMMON_WORDS, HAN_REGIONS, LONGEST_TERM, MEANINGS, PHRASES, REDUCED, REGIONS

Kind = Literal["person", "organisation", "vessel", "aircraft"]
Script = Literal["latin", "han", "arabic", "hebrew", "thai", "other"]
"""Cyrillic, Greek, Armenian, Georgian, kana and Hangul are read as Latin script: their romanisation keeps the vowels and is regular."""

WEIGHT_OF_NAME: Final = 1.0
WEIGHT_OF_REGION: Final = 0.45
WEIGHT_OF_HAN_REGION: Final = 0.3
"""A Chinese firm's name starts with its seat, which short forms leave out."""
WEIGHT_OF_COMMON_WORD: Final = 0.35
WEIGHT_OF_NUMBER: Final = 0.3
WEIGHT_OF_COMMON_GIVEN_NAME: Final = 0.7
WEIGHT_OF_INITIAL: Final = 0.3
WEIGHT_OF_TWO_LETTERS: Final = 0.7


@dataclass(slots=True, frozen=True, eq=False)
class Word:
    """A word of a name in Latin script as it is compared. `sound` is equal for spellings of one pronunciation."""

    text: str
    sound: str
    weight: float


@dataclass(slots=True, frozen=True)
class Segment:
    """A stretch of a name in Chinese script: a region or term with its English meanings, or what tells the name apart with its pinyin."""

    text: str
    weight: float
    meanings: frozenset[str]
    pinyin: str


@dataclass(slots=True, frozen=True, eq=False)
class Prepared:
    written: str
    script: Script
    person: bool | None
    """None: nothing tells."""
    key: str
    """Equal for names of the same words, abbreviated or not; empty where nothing of the name can be compared."""
    plain: str
    """Equal for names that are the same but for legal form, case, punctuation, accents and script variants."""
    words: tuple[Word, ...] = ()
    segments: tuple[Segment, ...] = ()
    joined: str = ""
    """All words in one, legal forms included: what a name without spaces is."""
    joined_without_form: str = ""
    initials: str = ""
    family: str | None = None
    """The country whose law alone has the legal form."""
    weight: float = 0.0


_WORD = re.compile(r"[^\W_]+")
_BRACKETED = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]")
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?", re.IGNORECASE)
_APOSTROPHE = re.compile(r"['’‘`´ʼʿʾ\"“”„«»]")
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]")
_HAN_FORM_IN_BRACKETS = re.compile(r"[(（\[【](?:株|有|股|有限|股份|集团|集團)[)）\]】]")
_ABJAD = re.compile(r"[\u0600-\u06ff\u0750-\u077f]")
_HEBREW = re.compile(r"[\u0590-\u05ff]")
_THAI = re.compile(r"[\u0e00-\u0e7f]")
_OTHER = re.compile(r"[\u0900-\u0dff\u0e80-\u109f\u1200-\u139f\u1780-\u17ff]")
_DIGITS_FOR_LETTERS = str.maketrans("01359", "oiesg")


def script_of(text: str) -> Script:
    """The script of a name; one Han character makes it a name in Chinese script, which may hold Latin words."""
    if text.isascii():
        return "latin"
    for script, pattern in _PATTERNS:
        if pattern.search(text):
            return script
    return "latin"


_PATTERNS: tuple[tuple[Script, re.Pattern[str]], ...] = (
    ("han", _HAN),
    ("arabic", _ABJAD),
    ("hebrew", _HEBREW),
    ("thai", _THAI),
    ("other", _OTHER),
)


@lru_cache(maxsize=16384)
def prepare(name: str, person: bool | None = None) -> Prepared:
    """A name ready to be compared. `person` says whether it is a person's, where that is known."""
    return prepare_anew(name, person)


def prepare_anew(name: str, person: bool | None = None) -> Prepared:
    """Like `prepare`, without keeping the result: for lists whose names are prepared once."""
    text = name if name.isascii() else unicodedata.normalize("NFKC", name)
    script = script_of(text)
    return _han(name, text) if script == "han" else _latin(name, text, script, person)


def name_key(name: str) -> str:
    """A name as it is compared: no legal form, case, accent or punctuation; traditional characters as simplified ones."""
    return prepare(name).plain


def abbreviation_in(name: str) -> str | None:
    """What a name gives in brackets where that is its abbreviation, as in `Nuclear Power Institute (NPI)`."""
    for inside in _BRACKETED.findall(name):
        short = inside.strip()
        if _is_abbreviation(short, name):
            return str(short)
    return None


def _is_abbreviation(short: str, name: str) -> bool:
    letters = short.replace(".", "")
    if not 2 < len(letters) <= 10 or " " in letters or letters.upper() != letters or not letters.isascii() or not letters.isalnum():
        return False
    outside = _BRACKETED.sub(" ", name)
    if outside.upper() != outside or script_of(outside) != "latin":
        return True
    initials = iter("".join(word[0] for word in _WORD.findall(outside)))
    return all(letter in initials for letter in letters)


def _without_abbreviation(text: str) -> str:
    return _BRACKETED.sub(lambda found: " " if _is_abbreviation(found.group(1).strip(), text) else f" {found.group(1)} ", text)


# --- Latin -------------------------------------------------------------------------------------------------------------------------------


def _latin(name: str, text: str, script: Script, person: bool | None) -> Prepared:
    if "(" in text or "[" in text or "【" in text:
        text = _without_abbreviation(text)
    text = _POSSESSIVE.sub("", text)
    if not text.isascii():
        text = anyascii(_APOSTROPHE.sub("", text))
    text = _APOSTROPHE.sub("", text).lower().replace("&", " and ").replace("+", " and ")
    if "." in text and person is not True:
        text = _DOTTED.sub(lambda found: found.group().replace(".", "") + " ", text)
    before_comma, comma, after = text.partition(",")
    tokens = _WORD.findall(text)
    stripped, family = _without_forms(tokens, person)
    if person is None:
        person = _tells_kind(stripped, had_form=len(stripped) != len(tokens))
    if comma and person is not False and len(stripped) == len(tokens) and "," not in after:
        stripped = [*_WORD.findall(after), *_WORD.findall(before_comma)]
    plain = _words_that_count(stripped, person=person)
    texts = [REDUCED.get(text, text) for text in plain]
    words = tuple([_word_of_person(text) if person is not False else _word_of_firm(text) for text in texts])
    return Prepared(
        written=name,
        script=script,
        person=person,
        key=" ".join(texts),
        plain=" ".join(plain),
        words=words,
        joined="".join(tokens),
        joined_without_form="".join(stripped),
        initials="".join([token[0] for token in stripped if token not in PARTICLES]) if len(stripped) > 2 else "",
        family=family,
        weight=sum([word.weight for word in words]),
    )


def _tells_kind(tokens: list[str], *, had_form: bool) -> bool | None:
    if had_form or any(REDUCED.get(token, token) in COMMON_WORDS or token.isdigit() for token in tokens):
        return False
    return None


def _without_forms(tokens: list[str], person: bool | None) -> tuple[list[str], str | None]:
    """The words between the legal forms, and whose law has the form; a name that is nothing else keeps what it has."""
    if len(tokens) < 2:
        return tokens, None
    joined = tokens if person is True else _joined_letters(tokens)
    family = None
    words = joined
    if words[0] == "the":
        words = words[1:]
    changed = True
    while changed and len(words) > 1:
        changed = False
        for phrase in _PHRASES_BY_LAST.get(words[-1], ()):
            if len(words) > len(phrase) and tuple(words[-len(phrase) :]) == phrase:
                words, changed = words[: -len(phrase)], True
                break
        for phrase in _PHRASES_BY_FIRST.get(words[0], ()):
            if len(words) > len(phrase) and tuple(words[: len(phrase)]) == phrase:
                words, changed = words[len(phrase) :], True
                break
        if len(words) > 1 and words[-1] in LATIN_FORMS_AT_THE_END and (person is not True or len(words[-1]) > 2):
            family = FAMILIES.get(words[-1], family)
            words, changed = words[:-1], True
        if len(words) > 1 and words[0] in LATIN_FORMS and (person is not True or len(words[0]) > 2):
            family = FAMILIES.get(words[0], family)
            words, changed = words[1:], True
        if len(words) > 2 and words[-1] == "and":
            words, changed = words[:-1], True
    return words, family


_PHRASES_BY_FIRST: dict[str, list[tuple[str, ...]]] = {}
_PHRASES_BY_LAST: dict[str, list[tuple[str, ...]]] = {}
for _phrase in LATIN_FORM_PHRASES:
    _PHRASES_BY_FIRST.setdefault(_phrase[0], []).append(_phrase)
    _PHRASES_BY_LAST.setdefault(_phrase[-1], []).append(_phrase)


def _joined_letters(tokens: list[str]) -> list[str]:
    """`s r o` as `sro`: letters that stand alone belong together."""
    if not any(len(token) == 1 for token in tokens):
        return tokens
    joined: list[str] = []
    letters = ""
    for token in tokens:
        if len(token) == 1 and token.isalpha():
            letters += token
            continue
        if letters:
            joined.append(letters)
            letters = ""
        joined.append(token)
    return [*joined, letters] if letters else joined


def _words_that_count(tokens: list[str], *, person: bool | None) -> list[str]:
    """The words without articles and titles; two that are one term are one. A name that has nothing else keeps them."""
    if person is True:
        tokens = [token.translate(_DIGITS_FOR_LETTERS) if not token.isalpha() and not token.isdigit() else token for token in tokens]
    texts: list[str] = []
    for token in tokens:
        if texts and (phrase := PHRASES.get((texts[-1], token))) is not None:
            texts[-1] = phrase
        else:
            texts.append(token)
    for dropped in (TITLES if person is True else FORMS_OF_ADDRESS, PARTICLES):
        texts = [text for text in texts if text not in dropped] or texts
    return texts


@lru_cache(maxsize=65_536)
def _word_of_firm(text: str) -> Word:
    return Word(text, sound_of(text), _weight_in_firm(text))


@lru_cache(maxsize=65_536)
def _word_of_person(text: str) -> Word:
    return Word(text, sound_of(text), _weight_in_person(text))


def _weight_in_firm(text: str) -> float:
    if text.isdigit():
        return WEIGHT_OF_NUMBER
    if text in REGIONS:
        return WEIGHT_OF_REGION
    if text in COMMON_WORDS:
        return WEIGHT_OF_COMMON_WORD
    return _weight_by_length(text)


def _weight_in_person(text: str) -> float:
    return WEIGHT_OF_COMMON_GIVEN_NAME if text in COMMON_GIVEN_NAMES else _weight_by_length(text)


def _weight_by_length(text: str) -> float:
    if len(text) > 2:
        return WEIGHT_OF_NUMBER if any(map(str.isdigit, text)) and len(text) > 3 and text[:4].isdigit() else WEIGHT_OF_NAME
    return WEIGHT_OF_INITIAL if len(text) == 1 else WEIGHT_OF_TWO_LETTERS


_SOUNDS: Final = {
    "sch": "s", "tsch": "c", "tch": "c", "ch": "c", "dzh": "j", "dj": "j", "zh": "j", "kh": "h", "gh": "g", "ph": "f", "th": "t",
    "dh": "d", "sh": "s", "ck": "k", "ks": "s", "tz": "s", "ts": "s", "cz": "c", "x": "s", "q": "k", "c": "k", "w": "v", "ae": "a",
    "oe": "o", "ue": "u", "ou": "u", "oo": "u", "ee": "i", "ie": "i", "ei": "i", "iy": "i", "yi": "i", "ij": "i", "yj": "i", "ii": "i",
    "y": "i", "ia": "ia", "ya": "ia", "ja": "ia", "yu": "iu", "ju": "iu",
}  # fmt: skip
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_DOUBLED = re.compile(r"([a-z])\1+")


def sound_of(text: str) -> str:
    """The spelling that transliterations of one name share: `Nooristani` and `Nuristani`, `Mahmood` and `Mahmoud`."""
    if len(text) < 3 or not text.isalpha():
        return text
    return _DOUBLED.sub(r"\1", _SOUND.sub(lambda found: _SOUNDS[found.group()], _DOUBLED.sub(r"\1", text) if text[:2] != "oo" else text))


# --- Chinese -----------------------------------------------------------------------------------------------------------------------------


def _han(name: str, text: str) -> Prepared:
    text = _HAN_FORM_IN_BRACKETS.sub(" ", text)
    if "(" in text or "[" in text or "【" in text:
        text = _without_abbreviation(text)
    whole = "".join(_WORD.findall(text.casefold())).translate(TO_SIMPLIFIED)
    core = _without_han_forms(whole)
    if core.isascii():
        # `KGM株式会社` is a name in Latin script with a legal form in the other.
        return _latin(name, _HAN.sub(" ", text), "latin", False)
    segments = tuple(_segments(core))
    return Prepared(
        written=name,
        script="han",
        person=None if core == whole else False,
        key=core,
        plain=core,
        segments=segments,
        joined=whole,
        weight=sum([segment.weight for segment in segments]),
    )


def _without_han_forms(whole: str) -> str:
    if whole in HAN_FORMS:
        return whole
    core = whole
    changed = True
    while changed:
        changed = False
        for form in HAN_FORMS_IN_FRONT:
            if core.startswith(form) and _stands_alone(core[len(form) :]):
                core, changed = core[len(form) :], True
                break
        for form in HAN_FORMS:
            if core.endswith(form) and _stands_alone(core[: -len(form)]):
                core, changed = core[: -len(form)], True
                break
    return core


def _stands_alone(rest: str) -> bool:
    """Whether what is left without a form still names somebody."""
    return len(rest) > 1 and rest not in HAN_REGIONS and rest not in HAN_FORMS


def _segments(core: str) -> list[Segment]:
    """The longest terms of the dictionary from the left; what lies between them tells the name apart."""
    found: list[Segment] = []
    apart = ""
    position = 0
    while position < len(core):
        term = next(
            (
                core[position : position + size]
                for size in range(min(LONGEST_TERM, len(core) - position), 1, -1)
                if core[position : position + size] in MEANINGS
            ),
            None,
        )
        if term is None:
            character = core[position]
            if apart and character.isascii() != apart[-1].isascii():
                found.append(_apart(apart))
                apart = ""
            apart += character
            position += 1
            continue
        if apart:
            found.append(_apart(apart))
            apart = ""
        found.append(Segment(term, WEIGHT_OF_HAN_REGION if term in HAN_REGIONS else WEIGHT_OF_COMMON_WORD, MEANINGS[term], ""))
        position += len(term)
        if term in HAN_REGIONS and core[position : position + 1] in _UNITS:
            position += 1
    if apart:
        found.append(_apart(apart))
    return found


_UNITS: Final = frozenset("市省县区州")
"""What may follow the name of a region and belongs to it."""


def _apart(text: str) -> Segment:
    meanings = MEANINGS.get(text, frozenset())
    if meanings or len(text) > 1:
        return Segment(text, WEIGHT_OF_NAME, meanings, pinyin_of(text))
    return Segment(text, WEIGHT_OF_COMMON_WORD, meanings, pinyin_of(text))


def pinyin_of(text: str) -> str:
    """Pinyin without tones and spaces, of the commonest readings. A key to candidates, never a verdict: 华为 and 华微 have the same."""
    return anyascii(text).lower()
