"""Numbers with units as people write them: decimal comma and point, thousands, intervals, limits, nines.

Every reading is an `Interval` of decimals; what the sign or word before it said ("<", "min", "ca.") is already in the bounds.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from services.screening.domain.goods import UNKNOWN_INTERVAL, Interval
from services.screening.domain.recognition import lexicon_words
from services.screening.domain.recognition.lexicon_elements import Names

APPROXIMATION: Final = Decimal("0.05")
"""How far "about 71 %" may be off, relative to the number."""

DETECTION_BOUND: Final = Decimal("0.1")
"""A "<" below this many percent is a test that found nothing; "<0.1" and above is a specification's upper limit."""

_DIGITS: Final = r"\d{1,12}(?:[.,'’]\d{1,12}){0,4}"
NUMBER_PATTERN: Final = rf"(?:{_DIGITS})"

ABOVE_THE_WHOLE: Final = "is more than 100 %"
NEGATIVE: Final = "is negative"

ShareKind = Literal["mass", "value", "atomic", "volume", "oxide_mass", "unknown_unit"]


def read_number(text: str) -> Decimal | None:
    """The number that digits with points, commas and apostrophes spell; None where they spell none.

    Of a point and a comma the last is decimal. A single comma before exactly three digits separates thousands, but for "0,125".
    """
    text = text.replace("'", "").replace("’", "").strip(".,")
    point, comma = text.count("."), text.count(",")
    if point and comma:
        text = text.replace(".", "").replace(",", ".") if text.rfind(",") > text.rfind(".") else text.replace(",", "")
    elif point + comma > 1:
        text = text.replace(".", "").replace(",", "")
    elif comma:
        whole, fraction = text.split(",")
        text = whole + fraction if len(fraction) == 3 and whole != "0" else f"{whole}.{fraction}"
    return Decimal(text) if text and text.count(".") <= 1 and len(text) <= 40 else None


def read_percent_number(text: str) -> Decimal | None:
    """A number that is a percentage: its only comma or point is decimal, as nothing is 99,995 percent."""
    if text.count(",") + text.count(".") == 1:
        text = text.replace(",", ".").strip(".")
        return Decimal(text) if text else None
    return read_number(text)


def nines(count: int, digit: int | None = None) -> Decimal:
    """The purity in percent that "4N" (99.99) or "5N5" (99.9995) stands for."""
    return Decimal(100) - Decimal(10) ** (2 - count) + (Decimal(digit) * Decimal(10) ** (1 - count) if digit else Decimal(0))


@dataclass(slots=True, frozen=True)
class Share:
    """A stated share. `percent` is its interval; `rest` is what the others leave; `fault` says why it cannot be.

    `below_detection`: a test that did not find it, `percent.maximum` being the limit where one is given.
    """

    kind: ShareKind
    percent: Interval = UNKNOWN_INTERVAL
    below_detection: bool = False
    rest: bool = False
    present: bool = True
    fault: str | None = None


def alternation(*names: Names) -> str:
    """A regular expression for any of the words in tables, the longest first."""
    words = {word for table in names for row in table.values() for word in row.split("|")}
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_WORDS_FOR = {meaning: re.compile(rf"(?:{alternation(names)})\.?", re.IGNORECASE) for meaning, names in lexicon_words.SHARES.items()}
OF_VALUE: Final = re.compile(alternation(lexicon_words.VALUE_SHARES), re.IGNORECASE)
_OXIDE_BASIS = re.compile(r"\bT?REO\b|\bTREM?\b|\bSEO\b|氧化物|稀土总量|REO", re.IGNORECASE)
LIMIT_WORDS: Final[dict[str, str]] = {
    word: limit for limit, names in lexicon_words.LIMITS.items() for row in names.values() for word in row.split("|")
}
_SIGN = alternation(*lexicon_words.LIMITS.values())
_SIGNED = rf"[-−]?\s?{NUMBER_PATTERN}(?:[eE][-+]?\d{{1,2}})?"
_SHARE = re.compile(
    rf"^(?P<sign>{_SIGN})?\s*(?P<low>{_SIGNED})\s*(?P<first_unit>%|ppm|ppb|wt\.?\s?%)?\s*"
    rf"(?:(?:-|–|—|−|~|∼|〜|to|bis|à|a|至|から|\.\.\.?|…)\s*(?P<high>{NUMBER_PATTERN}))?\s*"
    rf"(?:(?:±|\+/-|\+-)\s*(?P<spread>{NUMBER_PATTERN}))?\s*(?P<unit>[^\d<>]{{0,60}})$",
    re.IGNORECASE,
)


def read_share(text: str) -> Share:
    """A share as a composition states it: "99.5 wt%", "<0.01 wt%", "0-0.3 %", "~71 wt%", "0.2% of value", "REO 45 wt%", "n.d.", "rest".

    Takes any text and never raises: what cannot be read or cannot be comes back with `fault` set to a clause that says why.
    """
    text = " ".join(text.split())[:200].strip(" .;:") if text.strip() != "." else ""
    value_share = OF_VALUE.search(text)
    oxide_basis = _OXIDE_BASIS.search(text)
    kind: ShareKind = "value" if value_share else "oxide_mass" if oxide_basis else "mass"
    if value_share is not None and value_share.start() == 0:
        text = text[value_share.end() :].lstrip(" :=的")
    if oxide_basis:
        text = _OXIDE_BASIS.sub(" ", text).strip(" :=")
    bare = text.strip()
    if _WORDS_FOR["not_found"].fullmatch(bare):
        return Share("mass", Interval(Decimal(0), None), below_detection=True)
    if _WORDS_FOR["absent"].fullmatch(bare):
        return Share("mass", Interval(Decimal(0), Decimal(0)), below_detection=True, present=False)
    if _WORDS_FOR["rest"].fullmatch(bare):
        return Share("mass", rest=True)
    if _WORDS_FOR["present"].fullmatch(bare):
        return Share(kind)
    read = _SHARE.match(bare.removeprefix("含").strip())
    if read is None:
        return Share(kind, fault="is not a share that can be read")
    unit = f"{read['first_unit'] or ''}{read['unit']}".strip().casefold()
    sign = (read["sign"] or next((word for word in ("以下", "以上", "max", "min") if word in unit), "")).casefold()
    low_text = read["low"].replace("−", "-").replace(" ", "")
    low = _signed(low_text)
    high = _signed(read["high"]) if read["high"] else None
    if low is None:
        return Share(kind, fault="is not a number")
    if low < 0:
        return Share(kind, fault=NEGATIVE)
    scale = _scale(unit)
    if scale is None:
        return Share("unknown_unit", fault="is no share of the whole" if unit else "has no unit")
    if kind == "mass" and unit.startswith(("at", "mol", "% at", "% mol", "%at", "%mol", "原子", "モル", "摩尔")):
        kind = "atomic"
    if kind == "mass" and unit.startswith(("vol", "% v", "%v", "体积", "v/v")):
        kind = "volume"
    low *= scale
    high = high * scale if high is not None else None
    share = _bounded(kind, low, high, sign, read)
    if share.percent.minimum is not None and share.percent.minimum > 100:
        return Share(kind, share.percent, fault=ABOVE_THE_WHOLE)
    return share


def _bounded(kind: ShareKind, low: Decimal, high: Decimal | None, sign: str, read: re.Match[str]) -> Share:
    limit = LIMIT_WORDS.get(sign)
    if high is not None:
        if high < low:
            return Share(kind, Interval(high, low), fault="is an interval that ends before it starts")
        return Share(kind, Interval(low, high))
    if read["spread"]:
        spread = read_percent_number(read["spread"]) or Decimal(0)
        return Share(kind, Interval(max(Decimal(0), low - spread), low + spread))
    if limit == "upper":
        not_found = sign in ("<", "≪") and low < DETECTION_BOUND
        return Share(kind, Interval(Decimal(0), low), below_detection=not_found)
    if limit == "lower":
        return Share(kind, Interval(low, Decimal(100)))
    if limit == "about":
        return Share(kind, Interval(low * (1 - APPROXIMATION), min(Decimal(100), low * (1 + APPROXIMATION))))
    if low == 0:
        return Share(kind, Interval(low, low), below_detection=True, present=False)
    return Share(kind, Interval(low, low))


_ABOVE = re.compile(
    r"\s*(?:>(?!\s?=)|≫|(?:more|greater|higher) than|above|over|über|ueber|mehr als|größer|groesser|plus de|supérieure? à|superior a|"
    r"más de|mayor|大[于於]|超[过過]|高[于於])|.*を?超",
    re.IGNORECASE | re.DOTALL,
)
_BELOW = re.compile(
    r"\s*(?:<(?!\s?=)|≪|(?:less|lower|smaller) than|below|under|unter|weniger|kleiner|moins de|inférieure? à|inferior a|menos de|menor|"
    r"小[于於]|低[于於])|.*未満",
    re.IGNORECASE | re.DOTALL,
)


def is_beyond(interval: Interval, said: str) -> bool:
    """Whether the words `said` exclude the bound of an interval: "> 30 MPa" is more than 30, "min. 30 MPa" may be 30."""
    if interval.minimum is None:
        return _BELOW.match(said) is not None
    return interval.minimum != interval.maximum and _ABOVE.match(said) is not None


def _signed(text: str) -> Decimal | None:
    mantissa, _, exponent = text.lower().partition("e")
    number = read_percent_number(mantissa.lstrip("-"))
    if number is None:
        return None
    if exponent:
        number = number.scaleb(int(exponent))
    return -number if mantissa.startswith("-") else number


_SCALES: Final = (
    ("ppm", Decimal("0.0001")),
    ("mg/kg", Decimal("0.0001")),
    ("ppb", Decimal("0.0000001")),
    ("‰", Decimal("0.1")),
    ("g/kg", Decimal("0.1")),
)


def _scale(unit: str) -> Decimal | None:
    for name, scale in _SCALES:
        if name in unit:
            return scale
    if any(
        mark in unit for mark in ("%", "percent", "prozent", "pct", "wt", "mass", "gew", "pour cent", "por ciento", "百分", "パーセント")
    ):
        return Decimal(1)
    return None
