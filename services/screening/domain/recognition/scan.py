"""One pass over a text: its words looked up in the tables, its numbers read with their units. No judgement is made here."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from services.screening.domain.goods import Interval
from services.screening.domain.recognition.formula import spelled_chain, spelled_formula
from services.screening.domain.recognition.lexicon import PHRASES, RUNS, Beginning, Meaning, Phrase, fold, read_word
from services.screening.domain.recognition.lexicon_words import GENERIC
from services.screening.domain.recognition.quantities import (
    APPROXIMATION,
    LIMIT_WORDS,
    NUMBER_PATTERN,
    OF_VALUE,
    nines,
    read_number,
    read_percent_number,
)
from shared.chemistry.elements import MOLAR_MASS

LONGEST_TEXT: Final = 8000
"""What the contract allows a text to be; longer ones are cut."""

_INVISIBLE = dict.fromkeys(
    (
        0xAD,
        0x34F,
        0x61C,
        0xFEFF,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0x00, 0x09),
    )
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|&nbsp;|&#\d{1,5};")
_WITHOUT = re.compile(r"\bw/o\b", re.IGNORECASE)
_WITH = re.compile(r"\bw/(?=[\sa-z])|\bW/(?=\s|[A-Z]{4,})")


_SPACED_OUT = re.compile(r"(?<![^\s])[^\W_](?: [^\W_]){4,}(?![^\s])")
"""Letters and digits set apart by single spaces, as typewriters stressed a word."""


_ATTACHED = re.compile(r"\b(laut|lt\.?|gemäß|gem\.|siehe) Anlage\b", re.IGNORECASE)
"""An attachment, no plant."""
_METAL_IN_CAPITALS = re.compile(r"(?<=[A-Z] )MET(?= (?:[2-9]N|9[0-9](?:[.,][0-9]+)?)\b)")
_BETWEEN_SYMBOLS = re.compile("(?<=[A-Za-z0-9)])・(?=[A-Za-z0-9])")
_GROUP_IN_NAME = re.compile(r"(?<=[a-z])\(([a-z0-9][a-z0-9,-]{4,30})\)(?=[a-z]{3})")
"""A group in the name of an organic compound: tris(4-ethoxyphenyl)bismuth."""


_ACCORDING_TO = re.compile(r"\bgem\.(?=\s)")
"""Short for "gemäß", no jewel."""
_ETCH_PITS = re.compile(r"\bEPD\s?[:=]?\s?[<≤]?=?\s?[0-9]{1,6}\b(?!\s?(?:[/.,0-9]|per|cm|pcs|个|個))")
"""An etch pit density whose unit goes without saying."""
_BIMETAL = re.compile(r"\bbi-(?=m[eé]tal)(?![^,;]{0,24}(?:99|\b[3-7]N\b))", re.IGNORECASE)
"""Two metals, no bismuth; unless a purity follows."""
_LIGAND = re.compile(r"(?<=[A-Za-z]\()(?:acac|OAc|CH3CO2|tmhd|thd|dpm|OTf|OiPr|i-?PrO|OEt|Cp|EtCp|MeCp|iPrCp)(?=\)[1-5])")
_LIGANDS: Final = {
    "acac": "C5H7O2",
    "OAc": "C2H3O2",
    "CH3CO2": "C2H3O2",
    "tmhd": "C11H19O2",
    "thd": "C11H19O2",
    "dpm": "C11H19O2",
    "OTf": "CF3SO3",
    "OEt": "C2H5O",
    "Cp": "C5H5",
    "EtCp": "C7H9",
    "MeCp": "C6H7",
    "iPrCp": "C8H11",
}
"""Groups of organic salts and precursors by their abbreviations; those not named here are isopropoxide."""


def _spelled_out(match: re.Match[str]) -> str:
    return _LIGANDS.get(match[0], "C3H7O")


def _closed_up(match: re.Match[str]) -> str:
    return match[0].replace(" ", "")


def normalise(text: str) -> str:
    """`text` in compatibility form (full-width digits and half-width kana become ordinary), without invisible characters or HTML tags."""
    text = text[:LONGEST_TEXT]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))[:LONGEST_TEXT]
    if "<" in text or "&" in text:
        text = _TAG.sub(" ", text)
    if _SPACED_OUT.search(text) is not None:
        text = _SPACED_OUT.sub(_closed_up, text)
    if "Anlage" in text:
        text = _ATTACHED.sub(r"\1 Anhang", text)
    if "MET" in text:
        text = _METAL_IN_CAPITALS.sub("METAL", text)
    if "・" in text:
        text = _BETWEEN_SYMBOLS.sub("·", text)
    if "gem." in text:
        text = _ACCORDING_TO.sub("gemäß", text)
    if "EPD" in text:
        text = _ETCH_PITS.sub(r"\g<0> /cm2", text)
    if "-" in text:
        text = _BIMETAL.sub("bi", text)
    if "(" in text:
        text = _LIGAND.sub(_spelled_out, text)
        text = _GROUP_IN_NAME.sub(r" \1 ", text)
    if "/" in text:
        text = _WITH.sub("with ", _WITHOUT.sub("without", text))
    return text


class Mark(NamedTuple):
    """Something that was recognised at `text[start:end]`, which is the words `first` to `last`."""

    kind: str
    value: str
    start: int
    end: int
    first: int
    last: int


class Quantity(NamedTuple):
    """A number with a unit at `text[start:end]`; `unit` is a key of UNITS, `qualifier` says what a percentage is of."""

    interval: Interval
    unit: str
    start: int
    end: int
    qualifier: str
    sign: str


@dataclass(slots=True)
class Scan:
    text: str
    marks: list[Mark]
    quantities: list[Quantity]
    words: list[tuple[str, int, int]]
    """Every word, number and run of Chinese or Japanese with its place."""


_LATIN = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ff\u0400-\u04ff"
_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"


def _unnamed(pattern: re.Pattern[str]) -> str:
    return re.sub(r"\?P<[a-z]+>", "?:", pattern.pattern)


_ATOM = r"[A-Z][a-z]?[0-9]{0,3}"
_PLAIN = (
    rf"(?P<word>[{_LATIN}][{_LATIN}0-9]*)"
    rf"|(?P<grade>(?<![{_LATIN}0-9])(?:2[89]|[345][0-9])(?:SH|UH|EH|AH|TH|VH)(?![{_LATIN}0-9]))"
    rf"|(?P<number>[0-9]+(?:[.,'][0-9]+)*)"
    rf"|(?P<han>[{_HAN}]+)"
    rf"|(?P<breaks>(?<=[{_HAN}])\s+(?=[{_HAN}])|[,;:()\[\]{{}}|\n\r\t,。;:、【】「」–—]|(?<=\s)-(?=\s)|(?<=\s)/(?=\s[^\s]+)|\.(?=\s))"
)
_PLAIN_TOKEN = re.compile(_PLAIN)
_SEVERAL = re.compile(r"\((?P<metals>(?:[A-Z][a-z]?,\s?){1,4}[A-Z][a-z]?)\)(?P<rest>[0-9]{0,2}[A-Z][A-Za-z0-9]{1,12})(?![A-Za-z0-9])")
_TOKEN = re.compile(
    rf"(?P<several>{_unnamed(_SEVERAL)})"
    rf"|(?P<formula>(?<![{_LATIN}0-9])(?:"
    rf"(?:{_ATOM}){{0,6}}[(\[](?:{_ATOM}){{1,8}}[)\]][0-9]{{0,2}}(?:[A-Z(\[][A-Za-z0-9()\[\]]{{0,24}})?(?:[·•∙⋅*.]\s?(?:[0-9]{{1,2}}|[xn])?H2O)?"
    rf"|(?:{_ATOM}){{1,8}}[·•∙⋅*.]\s?(?:[0-9]{{1,2}}|[xn])?H2O"
    rf"|(?:[A-Z][a-z]?(?:[0-9]{{1,2}})?){{0,4}}[A-Z][a-z]?[0-9]{{0,2}}\.[0-9]{{1,3}}(?:[A-Z][a-z]?(?:[0-9]{{1,2}}(?:\.[0-9]{{1,3}})?)?){{1,6}}"
    rf")(?![{_LATIN}0-9]))"
    rf"|(?P<chain>(?<![{_LATIN}0-9-])(?:[A-Z][a-z]?[0-9]{{0,2}}-){{2,5}}[A-Z][a-z]?[0-9]{{0,2}}(?![{_LATIN}0-9-]))"
    rf"|{_PLAIN}"
)
_FRACTION = re.compile(r"[A-Za-z][0-9]{0,2}\.[0-9]{1,3}[A-Z]")
_SIMPLE_TOKEN = re.compile(
    rf"(?P<word>[{_LATIN}][{_LATIN}0-9]*)|(?P<number>[0-9]+(?:[.,'][0-9]+)*)|(?P<han>[{_HAN}]+)|(?P<breaks>[()\[\]])"
)
_SOFT = re.compile(r"[\s\-/.'’·・&+]{0,4}")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]")
_WHOLLY_KATAKANA = re.compile(r"^[\u30a1-\u30ff]+$")


_Token = tuple[str, str, int, int, str, Beginning | None]
"""Kind, text, start, end, folded text, and the names that it may begin; a plain tuple because a text has many."""


def scan(text: str) -> Scan:
    """The marks, quantities and words of a normalised text, in order. Linear in its length."""
    marks: list[Mark] = []
    words: list[tuple[str, int, int]] = []
    tokens = _tokens(text)
    position = 0
    count = len(tokens)
    while position < count:
        kind, token, start, end, _, names = tokens[position]
        index = len(words)
        position += 1
        if kind == "breaks":
            marks.append(Mark("break", token, start, end, index, index))
            continue
        if kind == "han":
            _scan_han(token, start, marks, words)
            continue
        words.append((token, start, end))
        if kind in ("several", "formula", "chain"):
            marks.extend([Mark("formula", formula, start, end, index, index) for formula in _spelled(kind, token)])
            continue
        if kind == "grade":
            marks.append(Mark("grade", token.upper(), start, end, index, index))
            continue
        phrase = names.alone if names is not None else None
        if position < count and ((names is not None and tokens[position][4] in names.longer) or text[end : tokens[position][2]] == "-"):
            phrase = _phrase_at(text, tokens, position - 1)
        if phrase is not None:
            for _ in phrase.rest:
                _, following, begin, end, _, _ = tokens[position]
                words.append((following, begin, end))
                position += 1
            last = len(words) - 1
            joined = not phrase.rest and _is_joined_symbol(text, token, start, end)
            marks.extend(
                [
                    Mark(meaning.kind, meaning.value, start, end, index, last)
                    for meaning in phrase.meanings
                    if not (joined and meaning.kind == "relation")
                ]
            )
            if phrase.rest or kind != "word":
                continue
        elif kind != "word":
            continue
        if phrase is None or _may_be_symbol(token):
            marks.extend([Mark(meaning.kind, meaning.value, start, end, index, index) for meaning in read_word(token)])
    return Scan(text, marks, _quantities(text), words)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _pattern_for(text).finditer(text):
        kind, token = match.lastgroup or "", match[0]
        start, end = match.span()
        if kind == "word":
            folded = fold(token)
            tokens.append((kind, token, start, end, folded, PHRASES.get(folded)))
        elif kind == "number":
            tokens.append((kind, token, start, end, token, PHRASES.get(token)))
        elif kind in ("several", "formula", "chain") and not _spelled(kind, token):
            for inner in _SIMPLE_TOKEN.finditer(text, start, end):
                folded = fold(inner[0]) if inner.lastgroup == "word" else inner[0]
                tokens.append((inner.lastgroup or "", inner[0], *inner.span(), folded, PHRASES.get(folded)))
        else:
            tokens.append((kind, token, start, end, token, None))
    return tokens


def _pattern_for(text: str) -> re.Pattern[str]:
    """Formulas with brackets, water or fractions and chains of symbols are looked for only where their signs stand; few texts have them."""
    if "(" in text or "[" in text or "H2O" in text or text.count("-") >= 2 or ("." in text and _FRACTION.search(text)):
        return _TOKEN
    return _PLAIN_TOKEN


def _spelled(kind: str, token: str) -> tuple[str, ...]:
    """The formulas that a token spells: one for each metal of "(Y,Gd)2O3"."""
    if kind == "several":
        several = _SEVERAL.match(token)
        formulas = (
            [spelled_formula(metal.strip() + several["rest"]) for metal in several["metals"].split(",")] if several is not None else []
        )
        return tuple(formula for formula in formulas if formula is not None) if all(formulas) else ()
    formula = spelled_chain(token) if kind == "chain" else spelled_formula(token.replace(" ", ""))
    return () if formula is None else (formula,)


def _is_joined_symbol(text: str, token: str, start: int, end: int) -> bool:
    """Whether a word is a symbol that a hyphen, stroke or plus joins to another: the Ni of Sm-Ni is no Spanish "ni"."""
    return len(token) == 2 and token in MOLAR_MASS and (text[end : end + 1] in ("-", "/", "+") or (start > 0 and text[start - 1] in "-/+"))


def _may_be_symbol(token: str) -> bool:
    return len(token) <= 2 and token[0].isupper()


def _phrase_at(text: str, tokens: list[_Token], position: int) -> Phrase | None:
    """The longest name that begins at a token which another one follows."""
    names = tokens[position][5]
    if names is None:
        return _hyphenated(text, tokens, position)
    for phrase in names.longer.get(tokens[position + 1][4], ()):
        if _goes_on(text, tokens, position, phrase.rest):
            return phrase
    return _hyphenated(text, tokens, position) or names.alone


def _goes_on(text: str, tokens: list[_Token], position: int, rest: tuple[str, ...]) -> bool:
    """Whether the tokens after one are the `rest` of a name, with nothing but spaces and hyphens between."""
    if position + len(rest) >= len(tokens):
        return False
    edge = tokens[position][3]
    for word, (kind, _, start, end, folded, _) in zip(rest, islice(tokens, position + 1, None), strict=False):
        if folded != word or kind not in ("word", "number") or not _SOFT.fullmatch(text, edge, start):
            return False
        edge = end
    return True


def _hyphenated(text: str, tokens: list[_Token], position: int) -> Phrase | None:
    """A compound that is written with a hyphen here and without in the tables: Graphit-Elektrode."""
    _, _, _, end, here, _ = tokens[position]
    kind, _, start, _, following, _ = tokens[position + 1]
    if kind != "word" or text[end:start] != "-":
        return None
    whole = PHRASES.get(here + following)
    return Phrase((following,), whole.alone.meanings) if whole is not None and whole.alone is not None else None


def _scan_han(run: str, offset: int, marks: list[Mark], words: list[tuple[str, int, int]]) -> None:
    position = 0
    unread = 0
    while position < len(run):
        found: tuple[str, tuple[Meaning, ...]] | None = None
        for name, meanings in RUNS.get(run[position], ()):
            if run.startswith(name, position) and _stands_alone(run, position, name, unread < position):
                found = name, meanings
                break
        if found is None:
            position += 1
            continue
        if unread < position:
            words.append((run[unread:position], offset + unread, offset + position))
        end = position + len(found[0])
        index = len(words)
        words.append((found[0], offset + position, offset + end))
        marks.extend(Mark(meaning.kind, meaning.value, offset + position, offset + end, index, index) for meaning in found[1])
        position = unread = end
    if unread < len(run):
        words.append((run[unread:], offset + unread, offset + len(run)))


def _stands_alone(run: str, position: int, name: str, after_unread: bool) -> bool:
    """Whether a short katakana name is a word of its own: テルル is in ホテルルーム, too."""
    if len(name) > 3 or not _WHOLLY_KATAKANA.match(name):
        return True
    if after_unread and _KATAKANA.match(run[position - 1]):
        return False
    end = position + len(name)
    return end >= len(run) or not _KATAKANA.match(run[end]) or any(run.startswith(other, end) for other, _ in RUNS.get(run[end], ()))


def unknown_words(scanned: Scan) -> list[str]:
    """The words that could say what goods are and stand in no table; numbers, codes, units and words like "item" are none."""
    known: set[int] = set()
    for mark in scanned.marks:
        if mark.kind != "break":
            known.update(range(mark.first, mark.last + 1))
    return [word for index, (word, _, _) in enumerate(scanned.words) if index not in known and is_telling(word)]


_UNITS_OF_TRADE: Final = frozenset(("公斤", "千克", "公吨", "毫克", "キログラム", "グラム", "キロ", "トン", "个装"))


def is_telling(word: str) -> bool:
    """Whether a word that stands in no table could say what goods are."""
    if any(character.isdigit() for character in word):
        return False
    if word[0] > "\u3000":
        return len(word) >= 2 and word not in _UNITS_OF_TRADE and word not in GENERIC
    return len(word) >= 4 and fold(word) not in GENERIC and _pronounceable(word)


def _pronounceable(word: str) -> bool:
    return any(character in "aeiouyäöüàâéèêëîïôûùáíóúåøæ" for character in word.lower())


_UNIT_SPELLINGS: Final[tuple[tuple[str, str], ...]] = (
    (
        "percent",
        r"(?:wt|mass|mas|gew|ma|at|mol|vol|w|m)\.?\s?-?\s?%|[質质重原体]量?子?\s?[%]|%|‰|percent\b|prozent\b|pct\b|wt\b|pour\s?cent|por\s?ciento|パーセント|ppm\b",
    ),
    ("wh_per_kg", r"wh\s?/\s?kg|w\.?h\.?\s?kg-1"),
    ("mah_per_g", r"mah\s?/\s?g|ah\s?/\s?kg"),
    ("g_per_cm3", r"g\s?/\s?cm\^?3|g\s?/\s?cc\b|g\s?/\s?ml\b|g\s?cm-3|g\s?/\s?ccm|克/立方厘米"),
    ("kg_per_m3", r"kg\s?/\s?m\^?3"),
    ("per_cm2", r"(?:pcs|ea|个|個|#)?\s?(?:/|per\s|pro\s|par\s|por\s)\s?cm\^?2|cm\^?-2|/平方厘米"),
    ("m3_per_day", r"m\^?3\s?/\s?(?:d\b|day|tag|jour|día|天|日)"),
    ("mpa", r"mpa\b|n\s?/\s?mm\^?2|兆帕"),
    ("gpa", r"gpa\b"),
    ("micrometre", r"[µμ]m|um\b|micron(?:s|es)?\b|mikron\b|mikrometer\b|micromètres?\b|micrómetros?\b|微米|ミクロン|マイクロメートル"),
    ("nanometre", r"nm\b|纳米|奈米|ナノメートル"),
    ("mesh", r"mesh\b|目|メッシュ|mallas?\b"),
    ("inch", r"inch(?:es)?\b|in\b(?=\.?\s?(?:dia|x|wafer|semi|GaAs))|\"|″|''|英寸|インチ|吋|寸|zoll\b|pouces?\b|pulgadas?\b"),
    ("millimetre", r"mm\b|毫米|ミリ|公釐"),
    ("centimetre", r"cm\b|厘米|センチ|公分"),
    ("metre", r"m\b(?![²³^/])|米(?!粉)|メートル"),
    ("kilowatt", r"kw\b|千瓦"),
    ("megahertz", r"mhz\b"),
    ("gigahertz", r"ghz\b"),
    ("tesla", r"(?-i:T)\b|teslas?\b|特斯拉|テスラ"),
    ("cubic_metre", r"m\^?3\b|立方米|cbm\b"),
)
_UNIT = "|".join(f"(?P<{name}>{spelling})" for name, spelling in _UNIT_SPELLINGS)
_NUMERAL = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_QUANTITY = re.compile(
    rf"(?<![A-Za-z0-9])(?<![0-9][.,])(?P<low>(?>{NUMBER_PATTERN}))\s?(?P<first_unit>%|wt%|µm|μm|um|nm|mm)?"
    rf"(?:\s?(?:-|–|~|∼|〜|至|から|\.\.\.?|…|(?:to|bis|à|a|and|und|et|y)\s)\s?(?P<high>(?>{NUMBER_PATTERN})))?\s?-?"
    rf"(?=[^0-9.,;:()\[\]])(?:{_UNIT})",
    re.IGNORECASE,
)
_NINES = re.compile(r"(?<![A-Za-z0-9])(?<![0-9][.,])(?P<count>[2-9])N(?P<digit>[0-9])?(?![A-Za-z0-9])")
_SIDE = r"[0-9]{1,5}(?:[.,][0-9]{1,4})?"
_SIDE_UNIT = r"mm|cm|m|in|\""
_BOX = re.compile(
    rf"(?<![A-Za-z0-9])(?<![0-9][.,])(?P<round>(?:[ØøΦφ⌀⌽D]|dia(?:m|meter)?\b\.?|durchmesser|直[径徑])\s?)?(?P<first>{_SIDE})\s?(?P<unit1>{_SIDE_UNIT})?"
    rf"\s?[x×*]\s?(?P<second_round>[ØøΦφ⌀]\s?)?(?P<second>{_SIDE})\s?(?P<unit2>{_SIDE_UNIT})?"
    rf"(?:\s?[x×*]\s?(?P<third>{_SIDE}))?\s?(?P<unit>mm|cm|m|inch|in|\"|kg|g|l|ml|pcs|stk|ea)?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_ROUND = re.compile(rf"(?:[ØøΦφ⌀]|\bOD|\bDIA\.?|\bID)\s?(?P<low>{NUMBER_PATTERN})\s?(?P<unit>mm|cm|m|inch|in|\")?(?![A-Za-z0-9])")


_SPACE_OF_VALUE = re.compile(rf"\s{{0,2}}(?:{OF_VALUE.pattern})", re.IGNORECASE)


_LIMIT_ENDS: Final = frozenset(word[-1] for word in LIMIT_WORDS) | frozenset(word[-1].upper() for word in LIMIT_WORDS) | {"="}


def _limit_before(text: str, start: int) -> tuple[str, str]:
    """The kind of limit that the sign or words right before a number make it ("upper", "lower", "about" or ""), and those words."""
    before = text[max(0, start - 18) : start].rstrip(" :\u3000")
    if not before or before[-1] not in _LIMIT_ENDS:
        return "", ""
    if before.endswith("=") and not before.endswith(("<=", ">=")):
        before = before[:-1].rstrip(" :")
        if not before:
            return "", ""
    for length in (2, 1) if not before[-1].isalpha() else ((3, 2, 1) if before[-1] > "\u3000" else ()):
        limit = LIMIT_WORDS.get(before[-length:])
        if limit is not None:
            return limit, before[-length:]
    words = before.lower().split()
    for count in (3, 2, 1):
        limit = LIMIT_WORDS.get(" ".join(words[-count:]))
        if limit is not None:
            return limit, " ".join(words[-count:])
    return "", ""


_LIMITS_AFTER: Final[dict[str, str]] = {
    "以下": "upper",
    "未満": "upper",
    "以上": "lower",
    "max": "upper",
    "min": "lower",
    "mín": "lower",
    "máx": "upper",
}


def _limit_after(text: str, end: int) -> str:
    following = text[end : end + 4].strip().lower()
    return _LIMITS_AFTER.get(following[:2]) or _LIMITS_AFTER.get(following[:3], "")


_MOST_QUANTITIES: Final = 256
_MOST_NUMERALS: Final = 1024


_DIGIT = re.compile("[0-9]")
_MULTIPLIED = re.compile(r"[x×*]\s?[0-9ØøΦφ⌀]", re.IGNORECASE)
_SAYS_ROUND = re.compile(r"[ØøΦφ⌀]|OD|DIA|ID")


def _quantities(text: str) -> list[Quantity]:
    """At most 256 quantities of each kind; a longer table of figures is no purchase-order line."""
    found: list[Quantity] = []
    if _DIGIT.search(text) is None:
        return found
    inside: list[tuple[int, int]] = []
    if _MULTIPLIED.search(text) is not None:
        for match in islice(_BOX.finditer(text), _MOST_QUANTITIES):
            sides = _sides(match)
            if sides:
                found.extend(sides)
                inside.append(match.span())
    taken = past = 0
    for numeral in islice(_NUMERAL.finditer(text), _MOST_NUMERALS):
        start = numeral.start()
        while taken < len(inside) and inside[taken][1] <= start:
            taken += 1
        if start < past or (taken < len(inside) and inside[taken][0] <= start):
            continue
        measured = _QUANTITY.match(text, start)
        if measured is None:
            continue
        past = measured.end()
        quantity = _quantity(text, measured)
        if quantity is not None:
            found.append(quantity)
    if "9" in text and _LIKE_A_PURITY.search(text) is not None:
        found.extend(_bare_purities(text, found))
    found.extend(_under_one_unit(text, found))
    if "N" in text:
        for match in islice(_NINES.finditer(text), _MOST_QUANTITIES):
            interval = _of_nines(int(match["count"]), int(match["digit"] or 0))
            found.append(Quantity(interval, "nines", match.start(), match.end(), "", "lower"))
    if _SAYS_ROUND.search(text) is not None:
        for match in islice(_ROUND.finditer(text), _MOST_QUANTITIES):
            number = read_number(match["low"])
            if number is not None and not any(start <= match.start() < end for start, end in inside):
                exact = number * _MILLIMETRES[(match["unit"] or "mm").lower()]
                name = "inner_diameter" if text.startswith("ID", match.start()) else "diameter"
                found.append(Quantity(Interval(exact, exact), name, match.start(), match.end(), "", ""))
    return found


_IN_ONE_UNIT = re.compile(
    rf"(?<![A-Za-z0-9])(?P<shares>(?:[A-Z][a-z]?[\s:=]{{1,2}}{NUMBER_PATTERN}\s?[/,;]\s?){{2,14}})"
    rf"[A-Z][a-z]?[\s:=]{{1,2}}{NUMBER_PATTERN}\s?(?:wt\.?\s?-?%|mass\s?-?%|gew\.?\s?-?%|%)",
    re.IGNORECASE,
)
_ONE_SHARE = re.compile(rf"(?P<symbol>[A-Z][a-z]?)[\s:=]{{1,2}}(?P<low>{NUMBER_PATTERN})\s?[/,;]")


def _under_one_unit(text: str, found: list[Quantity]) -> list[Quantity]:
    """The shares of a list whose unit stands at its end only: "Dy 3 / Nd 28 / Fe 67 / B 1 wt%"."""
    if "%" not in text:
        return []
    taken = {quantity.start for quantity in found}
    shares = []
    for listed in islice(_IN_ONE_UNIT.finditer(text), _MOST_QUANTITIES):
        for share in _ONE_SHARE.finditer(text, *listed.span("shares")):
            interval = _interval(share["low"], None, "percent", "%", "") if share["symbol"].title() in MOLAR_MASS else None
            if interval is not None and share.start("low") not in taken:
                shares.append(Quantity(interval, "percent", *share.span("low"), "", ""))
    return shares


_LIKE_A_PURITY = re.compile("9[5-9][.,][0-9]")
_BARE_PURITY = re.compile(
    r"(?<![A-Za-z0-9.,/$€£¥-])(?<!EUR )(?<!USD )(?<!CNY )(?P<low>9[5-9][.,][0-9]{1,6})"
    r"(?![0-9.,/:x×*%°'\"″-]|\s?(?:[%‰$€£¥°x×*/]|(?:EUR|USD|CNY|RMB|JPY|GBP)\b|(?:[kmcnµu]?[gmlWVA]|in|ft|l|t|pcs|ea|st|stk|bar|hz|kn|nm|rpm|years?)\b))",
    re.IGNORECASE,
)


def _bare_purities(text: str, found: list[Quantity]) -> list[Quantity]:
    """Numbers from 95 to 100 with a fraction and no unit, as in "SB2O3 99.99": what price lists and ERP texts write for a purity."""
    taken = [(quantity.start, quantity.end) for quantity in found]
    return [
        Quantity(_interval(match["low"], None, "percent", "%", "") or Interval(), "percent", *match.span(), "", "")
        for match in islice(_BARE_PURITY.finditer(text), _MOST_QUANTITIES)
        if not any(start <= match.start() < end for start, end in taken)
    ]


@lru_cache(maxsize=128)
def _of_nines(count: int, digit: int) -> Interval:
    return Interval(nines(count, digit), Decimal(100))


_MILLIMETRES: Final[dict[str, Decimal]] = {
    "mm": Decimal(1), "cm": Decimal(10), "m": Decimal(1000), "in": Decimal("25.4"), "inch": Decimal("25.4"), '"': Decimal("25.4"),
}  # fmt: skip


def _sides(match: re.Match[str]) -> list[Quantity]:
    unit = (match["unit"] or match["unit2"] or match["unit1"] or "mm").lower()
    if unit not in _MILLIMETRES:
        return []
    numbers = [read_number(match[name]) for name in ("first", "second", "third") if match[name]]
    names = ("diameter", "length", "width") if match["round"] and not match["second_round"] else ("length", "width", "thickness")
    return [
        Quantity(Interval(side, side), name, match.start(), match.end(), "", "")
        for name, number in zip(names, numbers, strict=False)
        if number is not None and (side := number * _MILLIMETRES[unit])
    ]


def _quantity(text: str, match: re.Match[str]) -> Quantity | None:
    unit = match.lastgroup or ""
    spelling = match[unit].lower()
    limit, said = _limit_before(text, match.start())
    start = text.rfind(said, 0, match.start()) if limit and text.rfind(said, 0, match.start()) >= 0 else match.start()
    limit = limit or _limit_after(text, match.end())
    if unit == "mesh" and text[: match.start()].rstrip()[-1:] in ("-", "–"):
        limit = "upper"
    interval = _interval(match["low"], match["high"], unit, spelling, limit)
    if interval is None:
        return None
    qualifier = ""
    if unit == "percent":
        qualifier = "value" if _SPACE_OF_VALUE.match(text, match.end()) else _share_of(spelling)
    return Quantity(interval, unit, start, match.end(), qualifier, said if limit == "upper" else limit)


@lru_cache(maxsize=4096)
def _interval(low_text: str, high_text: str | None, unit: str, spelling: str, limit: str) -> Interval | None:
    """What one or two numbers with a unit and a limit before or behind them bound; None where they are no numbers."""
    percent = unit == "percent"
    low = read_percent_number(low_text) if percent else _plausible_number(low_text, unit)
    high = None
    if high_text:
        high = read_percent_number(high_text) if percent else _plausible_number(high_text, unit)
    if low is None:
        return None
    scale = _SCALE.get(unit, Decimal(1))
    if percent:
        scale = Decimal("0.0001") if "ppm" in spelling else Decimal("0.1") if "‰" in spelling else Decimal(1)
    low *= scale
    if high is not None and high * scale >= low:
        return Interval(low, high * scale)
    if unit == "mesh":
        return Interval(None, low) if limit == "upper" else Interval(low, low)
    if limit == "upper":
        return Interval(None, low)
    if limit == "lower":
        return Interval(low, Decimal(100) if percent else None)
    if limit == "about":
        return Interval(low * (1 - APPROXIMATION), low * (1 + APPROXIMATION))
    return Interval(low, low)


def _share_of(spelling: str) -> str:
    if spelling.startswith("at") or spelling.startswith("原"):
        return "atomic"
    if spelling.startswith("mol"):
        return "atomic"
    if spelling.startswith(("vol", "体")):
        return "volume"
    return ""


_SCALE: Final[dict[str, Decimal]] = {
    "kg_per_m3": Decimal("0.001"),
    "gpa": Decimal(1000),
    "nanometre": Decimal("0.001"),
    "inch": Decimal("25.4"),
    "centimetre": Decimal(10),
    "metre": Decimal(1000),
    "gigahertz": Decimal(1000),
}
_GREATEST: Final[dict[str, Decimal]] = {"g_per_cm3": Decimal(25), "inch": Decimal(100), "tesla": Decimal(30)}


def _plausible_number(text: str, unit: str) -> Decimal | None:
    """A number read so that it can be a value of `unit`: "1,730 g/cm³" is 1.730, "1.500 mm" stays 1.5."""
    number = read_number(text)
    greatest = _GREATEST.get(unit)
    if number is not None and greatest is not None and number > greatest:
        number = read_number(text.replace(",", "."))
    return number
