"""What an order's words say about the use of the goods: vocabularies found in text, unless the text denies them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from services.screening.domain.instrument import Vocabulary

_TOKEN = re.compile(r"[^\W_]+")
_NEGATION_REACH = 60
"""How many characters before a word a denial of it may stand ("not for any kind of military use")."""
_DENIED_AFTER = re.compile(
    r"[用途目的利使転]{0,4}(?:では?(?:な[いく]|ありません|無い)|には?(?:使用|利用|用い|使わ)[^。、]{0,4}(?:ない|ません|ず))"
)
"""Japanese denies after the word: 軍事用途ではない."""
_RULED_OUT_AFTER = re.compile(
    r"[^\W\d_]*(?:[\s\-/]+[^\W\d_]+){0,3}\s*"
    r"(?:\b(?:excluded|prohibited|forbidden|ruled out|ausgeschlossen|untersagt|verboten|exclue?s?|interdite?s?"
    r"|exclu[ií]d[oa]s?|prohibid[oa]s?)\b"
    r"|[:=]\s*(?:no|none|nein|keine|non|aucune?|ninguno|ninguna|n/a)\b(?!\s*[.:]?\s*\d))"
    r"|[一-鿿ぁ-ヿ가-힣\s]{0,6}?(?:[:：]\s*(?:否|无|無|なし|無し)|除外|なし|아님|아닌|않|금지|없)"
)
"""What is ruled out after the word: "military use excluded", "Militärische Nutzung: nein", 军事用途:否."""


@dataclass(slots=True, frozen=True)
class _Parts:
    """Words of which a part is given, `*` standing for the rest: militär* also finds Militärfahrzeug."""

    beginnings: tuple[str, ...]
    inside: tuple[str, ...]
    shortest: int
    shortened: frozenset[str]
    """The beginnings, cut to the length of the shortest: tells at once that a token begins with none."""

    def found_in(self, tokens: Iterable[str], text: str) -> list[str]:
        """The tokens that are such words."""
        found = [token for token in tokens if token[: self.shortest] in self.shortened and token.startswith(self.beginnings)]
        if any(part in text for part in self.inside):
            found += [token for token in tokens if any(part in token for part in self.inside)]
        return found


@dataclass(slots=True, frozen=True)
class _Words:
    single: frozenset[str]
    phrases: tuple[tuple[str, str], ...]
    """The first token of a phrase in Latin script, and the phrase."""
    elsewhere: tuple[str, ...]
    """Words in scripts without spaces."""
    parts: "_Parts"


@dataclass(slots=True, frozen=True)
class Vocabularies:
    words: Mapping[str, _Words]
    beginnings: frozenset[str]
    """The first tokens of all words in Latin script."""
    parts: _Parts
    negation: re.Pattern[str]
    harmless: re.Pattern[str] | None
    """What holds a word and means another thing (army green)."""
    _seen: dict[str, frozenset[str]] = field(default_factory=dict)

    def named_in(self, text: str) -> frozenset[str]:
        """Names of the vocabularies that the text names and does not deny."""
        named = self._seen.get(text)
        if named is None:
            named = self._look(text.lower())
            if len(self._seen) >= _KEPT_TEXTS:
                self._seen.clear()
            if len(text) <= _LONGEST_KEPT:
                self._seen[text] = named
        return named

    def _look(self, text: str) -> frozenset[str]:
        tokens = set(_TOKEN.findall(text))
        alphabetic = text.isascii() or _is_alphabetic(text)
        with_parts = bool(self.parts.found_in(tokens, text))
        if alphabetic and not with_parts and tokens.isdisjoint(self.beginnings):
            return frozenset()
        if self.harmless is not None:
            text = self.harmless.sub(" ", text)
            tokens = set(_TOKEN.findall(text))
        named = set()
        for name, words in self.words.items():
            found = list(tokens & words.single)
            found += [phrase for first, phrase in words.phrases if first in tokens and phrase in text]
            if with_parts:
                found += words.parts.found_in(tokens, text)
            if not alphabetic:
                found += [word for word in words.elsewhere if word in text]
            if any(self._affirmed(word, text) for word in found):
                named.add(name)
        return frozenset(named)

    def _affirmed(self, word: str, text: str) -> bool:
        """Whether the word stands in the text at least once without a denial of it."""
        alphabetic = _is_alphabetic(word)
        position = text.find(word)
        while position >= 0:
            end = position + len(word)
            before = text[max(0, position - _NEGATION_REACH) : position]
            if not (alphabetic and _is_inside(text, position, end)) and not self._denied(before, text, end):
                return True
            position = text.find(word, position + 1)
        return False

    def _denied(self, before: str, text: str, end: int) -> bool:
        return (
            self.negation.search(before) is not None
            or _DENIED_AFTER.match(text, end) is not None
            or _RULED_OUT_AFTER.match(text, end) is not None
        )


def _is_inside(text: str, start: int, end: int) -> bool:
    """Whether what stands there begins within a word, or ends within a number (F-35 in F-350)."""
    return (start > 0 and text[start - 1].isalnum() and text[start - 1] < _END_OF_ALPHABETS) or (
        text[end - 1].isdigit() and end < len(text) and text[end].isdigit()
    )


_ABBREVIATION = 4
"""Single words with more letters are found in the plural with s too."""
_END_OF_ALPHABETS = "\u0530"
_KEPT_TEXTS = 8192
_LONGEST_KEPT = 400


def compile_vocabularies(vocabularies: Mapping[str, Vocabulary], negations: Vocabulary, harmless: Vocabulary | None) -> Vocabularies:
    words = {name: _words(vocabulary.words) for name, vocabulary in vocabularies.items()}
    beginnings = frozenset(first for each in words.values() for first in (*each.single, *(first for first, _ in each.phrases)))
    parts = _parts([word.lower() for vocabulary in vocabularies.values() for word in vocabulary.words])
    return Vocabularies(
        words, beginnings, parts, _negation(tuple(negations.words)), _any_of(harmless.words) if harmless is not None else None
    )


def _words(words: list[str]) -> _Words:
    lower = [word.lower() for word in words]
    whole = [word for word in lower if "*" not in word]
    latin = [word for word in whole if _is_alphabetic(word)]
    single = [word for word in latin if _TOKEN.fullmatch(word)]
    return _Words(
        single=frozenset((*single, *(f"{word}s" for word in single if len(word) > _ABBREVIATION))),
        phrases=tuple((_TOKEN.findall(word)[0], word) for word in latin if not _TOKEN.fullmatch(word)),
        elsewhere=tuple(word for word in whole if not _is_alphabetic(word)),
        parts=_parts(lower),
    )


def _parts(words: list[str]) -> _Parts:
    given = [word for word in words if "*" in word]
    beginnings = tuple(word.rstrip("*") for word in given if not word.startswith("*"))
    shortest = min((len(beginning) for beginning in beginnings), default=0)
    inside = tuple(word.strip("*") for word in given if word.startswith("*"))
    return _Parts(beginnings, inside, shortest, frozenset(beginning[:shortest] for beginning in beginnings))


def _any_of(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word.lower()) for word in words))


def _is_alphabetic(word: str) -> bool:
    """Latin, Greek or Cyrillic: words stand apart."""
    return max(word, default="") < _END_OF_ALPHABETS


@lru_cache(maxsize=8)
def _negation(words: tuple[str, ...]) -> re.Pattern[str]:
    """A denial ends where it stands, or up to six words before the end of what precedes the word in question; "not only" denies nothing."""
    latin = "|".join(re.escape(word) for word in words if _is_alphabetic(word))
    elsewhere = "|".join(re.escape(word) for word in words if not _is_alphabetic(word))
    return re.compile(
        rf"\b(?:{latin})\b(?!\s+(?:only|just|nur|seulement|uniquement|s[oó]lo|solamente|\d))[\s\-]*(?:[^\W_]+[\s\-,/'’]+){{0,6}}$"
        rf"|(?:{elsewhere})(?![仅僅只但单單限])[^。；;,，]{{0,6}}$"
    )
