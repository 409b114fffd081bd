"""Numbers with units as people write them: decimal comma and point, thousands, intervals, limits, nines.

Every reading is an `Interval` of decimals; what the sign or word before it said ("<", "min", "ca.") is already in the bounds.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from services.screening.domain.goods import UNKNOWN_INTERVAL, Interval

APPROXIMATION: Final = Decimal("0.05")
"""How far "about 71 %" may be off, relative to the number."""

DETECTION_BOUND: Final = Decimal("0.1")
"""A "<" below this many percent is a test that found nothing; "<0.1" and above is a specification's upper limit."""

_DIGITS: Final = r"\d{1,12}(?:[.,'’]\d{1,12}){0,4}"
NUMBER_PATTERN: Final = rf"(?:{_DIGITS})"

ShareKind = Literal["mass", "value", "atomic", "volume", "oxide_mass", "unknown_unit"]


def read_number(text: str, decimal_comma: bool = False) -> Decimal | None:
    """The number that digits with points, commas and apostrophes spell; None where they spell none.

    A single comma or point before exactly three digits is a thousands separator only for the comma of point-writing languages and the
    point of comma-writing ones; "0,125" and "0.125" are always decimals.
    """
    text = text.replace("'", "").replace("’", "").strip(".,")
    point, comma = text.count("."), text.count(",")
    if point and comma:
        if text.rfind(",") > text.rfind("."):
            text = text.replace(".", "").replace(",", ".")
        else:
            text = text.replace(",", "")
    elif point + comma > 1:
        text = text.replace(".", "").replace(",", "")
    elif comma:
        whole, fraction = text.split(",")
        thousands = not decimal_comma and len(fraction) == 3 and whole != "0"
        text = whole + fraction if thousands else f"{whole}.{fraction}"
    elif point and decimal_comma:
        whole, fraction = text.split(".")
        if len(fraction) == 3 and whole != "0":
            text = whole + fraction
    if not text or text.count(".") > 1 or len(text) > 40:
        return None
    return Decimal(text)


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


_NOT_FOUND = re.compile(
    r"^(?:n\.?\s?d\.?|nd|not det(?:ected|ectable)?\.?|none detected|b\.?d\.?l\.?|below det(?:ection)?(?: limit)?|<\s?(?:lod|loq|dl)|nn|n\.n\.|"
    r"nicht nachweisbar|n\.?\s?nachw\.?|unter nachweisgrenze|non d[ée]tect[ée]e?|nicht detektiert|no detectad[oa]|未检出|未檢出|検出せず|検出限界以下|不検出|微检出限以下|低于检出限)$",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"^(?:none|free|absent|no|nil|zero|keine?|ohne|frei|nein|aucune?|sans|ninguno|sin|libre|なし|無し|含まず|不使用|无|無|不含|零|0)$",
    re.IGNORECASE,
)
_REST = re.compile(
    r"^(?:rest|balance|bal\.?|remainder|rem\.?|remaining|reste|solde|compl[ée]ment|resto|restante|balance(?:d)?|残部|残り|残|余量|餘量|余|平衡)$",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    r"^(?:film|layer|coating|trace[s]?|present|yes|contains?|contained|y|spuren|enthalten|vorhanden|ja|schicht|film|pr[ée]sente?|oui|traces?|presente|s[ií]|trazas|"
    r"あり|有り|含有|有|含|微量|薄膜|main|major|minor|unknown|tbd|tba|n/?a|k\.?a\.?|\?|-|--|未知|不明|unbekannt|inconnue?|desconocido|as per (?:coa|spec)|confidential|proprietary|保密)$",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"of (?:the )?(?:\w+ )?(?:value|price|cost)|value share|by value|wertanteil|(?:des|vom) (?:waren)?werte?s?|de la valeur|en valeur|du prix|"
    r"del valor|en valor|価額|価格|金額|价值|價值|货值|貨值|价格",
    re.IGNORECASE,
)
_OXIDE_BASIS = re.compile(r"\bT?REO\b|\bTREM?\b|\bSEO\b|氧化物|稀土总量|REO", re.IGNORECASE)
_UPPER = (
    "<", "<=", "≤", "≦", "≪", "max", "max.", "maximum", "maximal", "maximum of", "up to", "below", "under", "less than", "not more than",
    "bis", "bis zu", "unter", "kleiner", "jusqu'à", "jusqu'a", "moins de", "hasta", "menos de", "máx", "máx.", "以下", "最大", "不超过", "不超過",
)  # fmt: skip
_LOWER = (
    ">", ">=", "≥", "≧", "min", "min.", "minimum", "at least", "more than", "above", "over", "mind", "mind.", "mindestens", "über",
    "au moins", "plus de", "mín", "mín.", "al menos", "más de", "以上", "最小", "不低于", "不低於",
)  # fmt: skip
_ABOUT = ("~", "∼", "≈", "≃", "ca", "ca.", "circa", "approx", "approx.", "about", "around", "etwa", "rund", "env", "env.", "environ",
          "aprox", "aprox.", "unos", "約", "约", "大约")  # fmt: skip
_EXACT = ("=", "±", "nominal", "nom", "nom.", "typ", "typ.", "typical", "typically")
_SIGN = "|".join(re.escape(sign) for sign in sorted((*_UPPER, *_LOWER, *_ABOUT, *_EXACT), key=len, reverse=True))
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
    value_share = _VALUE.search(text)
    oxide_basis = _OXIDE_BASIS.search(text)
    kind: ShareKind = "value" if value_share else "oxide_mass" if oxide_basis else "mass"
    if oxide_basis:
        text = _OXIDE_BASIS.sub(" ", text).strip(" :=")
    bare = text.strip()
    if _NOT_FOUND.match(bare):
        return Share("mass", Interval(Decimal(0), None), below_detection=True)
    if bare != "0" and _ABSENT.match(bare):
        return Share("mass", Interval(Decimal(0), Decimal(0)), below_detection=True, present=False)
    if _REST.match(bare):
        return Share("mass", rest=True)
    if _PRESENT.match(bare):
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
        return Share(kind, fault="is negative")
    scale = _scale(unit)
    if scale is None:
        return Share("unknown_unit", fault="has no unit")
    if kind == "mass" and unit.startswith(("at", "mol", "% at", "% mol", "%at", "%mol", "原子", "モル", "摩尔")):
        kind = "atomic"
    if kind == "mass" and unit.startswith(("vol", "% v", "%v", "体积", "v/v")):
        kind = "volume"
    low *= scale
    high = high * scale if high is not None else None
    share = _bounded(kind, low, high, sign, read)
    if share.percent.minimum is not None and share.percent.minimum > 100:
        return Share(kind, share.percent, fault="is more than 100 %")
    return share


def _bounded(kind: ShareKind, low: Decimal, high: Decimal | None, sign: str, read: re.Match[str]) -> Share:
    if high is not None:
        if high < low:
            return Share(kind, Interval(high, low), fault="is an interval that ends before it starts")
        return Share(kind, Interval(low, high))
    if read["spread"]:
        spread = read_percent_number(read["spread"]) or Decimal(0)
        return Share(kind, Interval(max(Decimal(0), low - spread), low + spread))
    if sign in _UPPER:
        not_found = sign in ("<", "≪") and low < DETECTION_BOUND
        return Share(kind, Interval(Decimal(0), low), below_detection=not_found)
    if sign in _LOWER:
        return Share(kind, Interval(low, Decimal(100)))
    if sign in _ABOUT:
        return Share(kind, Interval(low * (1 - APPROXIMATION), min(Decimal(100), low * (1 + APPROXIMATION))))
    if low == 0:
        return Share(kind, Interval(low, low), below_detection=True, present=False)
    return Share(kind, Interval(low, low))


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
