"""Names of elements with one letter wrong, missing, doubled or swapped: Dysprosum, Gadolinum, Terbiun oxide, Gallium-Arsenid, Tungstan.

Only long names are forgiven, and only where the first letter is right: short ones are too close to other words. Doubled letters and y for i
are no slips at all: Galium, Disprosium.
"""

import re
from functools import lru_cache
from typing import Final

from services.screening.domain.recognition.lexicon_elements import ELEMENTS
from shared.chemistry.elements import WATCHED

_SHORTEST: Final = 7
_WORDS_OF_THEIR_OWN: Final = frozenset(
    (
        *("geranium", "geraniums", "germany", "german", "germani", "germanicum", "germania", "germanic", "germanys"),
        *("tertium", "thallium", "helium", "scania", "wolfram", "wolframs", "antimo", "antinomy", "samaria", "samaritan", "telluric"),
    )
)
"""Words within one letter of a name that mean something else."""


_DOUBLED = re.compile(r"(.)\1+")


def _sound(word: str) -> str:
    return _DOUBLED.sub(r"\1", word.replace("y", "i").replace("ph", "f"))


def _shortened(word: str) -> set[str]:
    return {word[:position] + word[position + 1 :] for position in range(1, len(word))}


def _index() -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for element, names in ELEMENTS.items():
        if element not in WATCHED:
            continue
        for language in ("en", "de", "fr", "es"):
            for name in names.get(language, "").split("|"):
                if len(name) >= _SHORTEST and name.isascii() and name.isalpha() and not name.endswith("ia"):
                    sound = _sound(name)
                    for key in {sound, *_shortened(sound)}:
                        found.setdefault(key, set()).add((sound, element))
    return found


_BY_SHORTENED: Final = _index()


@lru_cache(maxsize=8192)
def misspelt_element(word: str) -> str | None:
    """The watched element that a folded word misspells by one letter; None where it misspells none or more than one."""
    if len(word) < _SHORTEST - 1 or not word.isascii() or word.endswith("ia") or word in _WORDS_OF_THEIR_OWN:
        return None
    sound = _sound(word)
    candidates: set[tuple[str, str]] = set()
    for key in {sound, *_shortened(sound)}:
        candidates |= _BY_SHORTENED.get(key, set())
    elements = {element for name, element in candidates if _is_one_slip(sound, name)}
    return elements.pop() if len(elements) == 1 else None


def _is_one_slip(word: str, name: str) -> bool:
    """Whether a word is a name with one letter left out, put in, changed, or swapped with its neighbour."""
    if word[0] != name[0] or abs(len(word) - len(name)) > 1:
        return False
    start = 0
    while start < min(len(word), len(name)) and word[start] == name[start]:
        start += 1
    if len(word) == len(name):
        swapped = word[start : start + 2] == name[start : start + 2][::-1] and word[start + 2 :] == name[start + 2 :]
        return swapped or word[start + 1 :] == name[start + 1 :]
    longer, shorter = (word, name) if len(word) > len(name) else (name, word)
    return longer[start + 1 :] == shorter[start:]
