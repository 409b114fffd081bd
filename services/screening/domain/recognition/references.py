"""What numbers the goods at the end of a text: "…, drawing 00123-4", "…; Pos. 10". It says nothing of what they are.

Goods that differ in nothing else are read once.
"""

import re
from typing import Final

from services.screening.domain.recognition.lexicon import PHRASES, fold
from services.screening.domain.recognition.lexicon_words import GENERIC

_REFERENCE = re.compile(
    r"\s*[,;|\n]\s*(?P<words>(?:[^\W\d_]{2,20}[.:]?[ -]?){1,3})[:#]?\s?(?P<number>[0-9]{1,12}(?:[-/][0-9]{1,12}){0,3})\s*$"
)
_CAS = re.compile(r"[0-9]{2,7}-[0-9]{2}-[0-9]")
_LONGEST: Final = 48
_WORD = re.compile(r"[^\W\d_]+")
_SAY_NOTHING: Final = frozenset(word for word in GENERIC if word not in PHRASES or PHRASES[word].alone is None)
"""Words that go with numbers and mean nothing to recognition. "No" is a number and a denial, "plan" a technology: both are read."""


def without_reference(text: str) -> tuple[str, bool]:
    """`text` without the reference it ends with, and whether it ended with one."""
    if not text or not text[-1].isdigit():
        return text, False
    start = max(text.rfind(mark, max(0, len(text) - _LONGEST)) for mark in ",;|\n")
    found = _REFERENCE.match(text, start) if start > 0 else None
    if (
        found is None
        or _CAS.fullmatch(found["number"]) is not None
        or not _SAY_NOTHING.issuperset([fold(word) for word in _WORD.findall(found["words"])])
    ):
        return text, False
    return text[:start], True
