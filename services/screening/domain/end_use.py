"""What an order's words say about the use of the goods: vocabularies found in text, unless the text denies them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from services.screening.domain.instrument import Vocabulary

_TOKEN = re.compile(r"[^\W_]+")
_NEGATION_REACH = 40
"""How many characters before a word a denial of it may stand ("not for any kind of military use")."""
_DENIED_AFTER = re.compile(
    r"[用途目的利使転]{0,4}(?:では?(?:な[いく]|ありません|無い)|には?(?:使用|利用|用い|使わ)[^。、]{0,4}(?:ない|ません|ず))"
)
"""Japanese denies after the word: 軍事用途ではない."""


@dataclass(slots=True, frozen=True)
class _Words:
    single: frozenset[str]
    phrases: tuple[tuple[str, str], ...]
    """The first token of a phrase in Latin script, and the phrase."""
    elsewhere: tuple[str, ...]
    """Words in scripts without spaces."""


@dataclass(slots=True, frozen=True)
class Vocabularies:
    words: Mapping[str, _Words]
    beginnings: frozenset[str]
    """The first tokens of all words in Latin script."""
    negation: re.Pattern[str]
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
        ascii_only = text.isascii()
        if ascii_only and tokens.isdisjoint(self.beginnings):
            return frozenset()
        named = set()
        for name, words in self.words.items():
            found = list(tokens & words.single)
            found += [phrase for first, phrase in words.phrases if first in tokens and phrase in text]
            if not ascii_only:
                found += [word for word in words.elsewhere if word in text]
            if any(self._affirmed(word, text) for word in found):
                named.add(name)
        return frozenset(named)

    def _affirmed(self, word: str, text: str) -> bool:
        """Whether the word stands in the text at least once without a denial of it."""
        position = text.find(word)
        while position >= 0:
            before = text[max(0, position - _NEGATION_REACH) : position]
            if self.negation.search(before) is None and _DENIED_AFTER.match(text, position + len(word)) is None:
                return True
            position = text.find(word, position + 1)
        return False


_KEPT_TEXTS = 8192
_LONGEST_KEPT = 400


def compile_vocabularies(vocabularies: Mapping[str, Vocabulary], negations: Vocabulary) -> Vocabularies:
    words = {name: _words(vocabulary.words) for name, vocabulary in vocabularies.items()}
    beginnings = frozenset(first for each in words.values() for first in (*each.single, *(first for first, _ in each.phrases)))
    return Vocabularies(words, beginnings, _negation(tuple(negations.words)))


def _words(words: list[str]) -> _Words:
    lower = [word.lower() for word in words]
    latin = [word for word in lower if _is_latin(word)]
    return _Words(
        single=frozenset(word for word in latin if _TOKEN.fullmatch(word)),
        phrases=tuple((_TOKEN.findall(word)[0], word) for word in latin if not _TOKEN.fullmatch(word)),
        elsewhere=tuple(word for word in lower if not _is_latin(word)),
    )


def _is_latin(word: str) -> bool:
    return all(ord(character) < 0x0250 for character in word)


@lru_cache(maxsize=8)
def _negation(words: tuple[str, ...]) -> re.Pattern[str]:
    """A denial ends where it stands, or up to four words before the end of what precedes the word in question."""
    latin = "|".join(re.escape(word) for word in words if _is_latin(word))
    elsewhere = "|".join(re.escape(word) for word in words if not _is_latin(word))
    return re.compile(rf"\b(?:{latin})\b[\s\-]*(?:[^\W_]+[\s\-,/]+){{0,4}}$|(?:{elsewhere})[^。；;,，]{{0,6}}$")
