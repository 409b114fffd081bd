"""Words of price lists: what is quoted, where, on which basis, in which unit. What these small tables do not know stays as written."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from services.gateway.formats import currencies
from shared.chemistry.elements import MOLAR_MASS, NON_METALS, RARE_EARTHS
from shared.chemistry.formula import parse_formula
from shared.contracts.price import PriceBasis, PriceForm, PriceMarket
from shared.contracts.price_unit import price_unit

# What is quoted ---------------------------------------------------------------------------------------------------------------------

_ELEMENTS: Final[dict[str, str]] = {
    name: symbol
    for symbol, names in {
        "Nd": "neodymium neodym 钕",
        "Pr": "praseodymium praseodym 镨",
        "Dy": "dysprosium 镝",
        "Tb": "terbium 铽",
        "Y": "yttrium 钇",
        "La": "lanthanum lanthan 镧",
        "Ce": "cerium cer 铈",
        "Sm": "samarium 钐",
        "Eu": "europium 铕",
        "Gd": "gadolinium 钆",
        "Ho": "holmium 钬",
        "Er": "erbium 铒",
        "Tm": "thulium 铥",
        "Yb": "ytterbium 镱",
        "Lu": "lutetium 镥",
        "Sc": "scandium 钪",
        "Ga": "gallium 镓",
        "Ge": "germanium 锗",
        "Sb": "antimony antimon 锑",
        "W": "tungsten wolfram 钨",
        "Bi": "bismuth bismut wismut 铋",
        "In": "indium 铟",
        "Te": "tellurium tellur 碲",
        "Se": "selenium selen 硒",
        "Mo": "molybdenum molybdän 钼",
        "Mg": "magnesium 镁",
        "Co": "cobalt kobalt 钴",
        "Ni": "nickel 镍",
        "Cu": "copper kupfer 铜",
        "Sn": "tin zinn 锡",
        "Zn": "zinc zink 锌",
        "Pb": "lead blei 铅",
        "Al": "aluminium aluminum 铝",
        "Li": "lithium 锂",
        "V": "vanadium vanadin 钒",
        "Nb": "niobium niob 铌",
        "Ta": "tantalum tantal 钽",
        "Ti": "titanium titan 钛",
        "Zr": "zirconium zirkonium 锆",
        "Hf": "hafnium 铪",
        "Be": "beryllium 铍",
        "Re": "rhenium 铼",
        "Mn": "manganese mangan 锰",
        "Cr": "chromium chrom 铬",
        "Si": "silicon silizium 硅",
        "Fe": "iron eisen ferro 铁",
        "C": "graphite graphit 石墨",
        "As": "arsenic arsen 砷",
        "Cd": "cadmium 镉",
        "Ag": "silver silber 银",
        "Au": "gold 黄金",
        "Pt": "platinum platin 铂",
        "Pd": "palladium 钯",
        "Rh": "rhodium 铑",
        "Ir": "iridium 铱",
        "Ru": "ruthenium 钌",
    }.items()
    for name in names.split()
}
_FORMS: Final[tuple[tuple[PriceForm, str], ...]] = (
    ("magnet", r"magnets?|永磁|磁体|磁材|钕铁硼"),
    ("concentrate", r"concentrates?|ores?|tantalite|columbite|wolframite|scheelite|spodumene|精矿|矿"),
    (
        "compound",
        r"carbonates?|chlorides?|hydroxides?|fluorides?|nitrates?|sulphates?|sulfates?|paratungstate|apt|碳酸|氯化|氢氧化|氟化|硫酸",
    ),
    ("alloy", r"alloys?|ferro\w*|合金"),
    ("oxide", r"(?:di|tri|pent|sesqui)?oxide?s?|\w*oxid|氧化"),
    ("metal", r"metals?|metall|metallic|ingots?|regulus|cathodes?|金属|锭"),
)
_FORM_WORDS: Final = tuple((form, re.compile(rf"(?<![a-z])(?:{words})(?![a-z])")) for form, words in _FORMS)
_SUBSTANCES: Final = {
    ("Li", "carbonate"): "Li2CO3",
    ("Li", "hydroxide"): "LiOH·H2O",
    ("Li", "碳酸"): "Li2CO3",
    ("Li", "氢氧化"): "LiOH·H2O",
}
_MIXTURES: Final = {
    frozenset({"Nd", "Pr"}): "NdPr",
    frozenset({"Dy", "Fe"}): "DyFe",
    frozenset({"La", "Ce"}): "LaCe",
    frozenset({"Gd", "Fe"}): "GdFe",
    frozenset({"Ho", "Fe"}): "HoFe",
    frozenset({"Sm", "Co"}): "SmCo",
    frozenset({"Nd", "Fe", "B"}): "NdFeB",
    frozenset({"Al", "Sc"}): "AlSc",
}
"""Under one name each, whichever symbol a list puts first."""

_LATIN_WORD = re.compile(r"[a-zäöü]+")
_SYMBOLS = re.compile(r"(?:[A-Z][a-z]?){1,3}")
_PAIR = re.compile(r"\s*([A-Za-z]{3})\s*/\s*([A-Za-z]{3})\s*")


@dataclass(slots=True, frozen=True)
class Goods:
    """What a product's name says; None for what it leaves open."""

    material: str
    form: PriceForm | None = None
    substance: str | None = None


@lru_cache(maxsize=4096)
def goods(written: str) -> Goods | None:
    """What a price list means by a product's name: "Neodymium oxide", "NdPr metal", "氧化镝", "Dy2O3", "Antimony"; None: no element in it.

    A bare name is the metal but for a rare earth, which trade quotes as oxide and as metal under the same word.
    """
    text = written.strip()
    if text in MOLAR_MASS:
        return Goods(text)
    formula = parse_formula(text)
    if formula is not None and "O" in formula.elements:
        return _oxide_of_formula(text)
    lower = text.casefold()
    symbols = _symbols_in(text, lower)
    if not symbols:
        return None
    material = symbols[0] if len(symbols) == 1 else _MIXTURES.get(frozenset(symbols))
    if material is None:
        return None
    form = form_of(lower)
    substance = next((formula for (of, word), formula in _SUBSTANCES.items() if of == material and word in lower), None)
    if form is None and len(symbols) > 1 and "Fe" in symbols:
        form = "magnet" if "B" in symbols else "alloy"
    if form is None and len(symbols) == 1 and material not in RARE_EARTHS and lower in _ELEMENTS:
        form = "metal"
    return Goods(material, form, substance)


@lru_cache(maxsize=1024)
def form_of(written: str) -> PriceForm | None:
    """The form that a word names; None where it names none."""
    lower = written.casefold()
    return next((form for form, words in _FORM_WORDS if words.search(lower)), None)


def _oxide_of_formula(text: str) -> Goods | None:
    formula = parse_formula(text)
    assert formula is not None
    metals = [symbol for symbol, _ in formula.atoms if symbol not in NON_METALS]
    if len(metals) != 1:
        return None
    return Goods(metals[0], "oxide" if formula.elements == {metals[0], "O"} else "compound", text)


def _symbols_in(text: str, lower: str) -> list[str]:
    found: dict[str, None] = {}
    for name in re.findall(r"[A-Za-zÀ-ÿ]+", text):
        known = _element_of_word(name.casefold())
        formula = parse_formula(name) if known is None and _SYMBOLS.fullmatch(name) else None
        if known is not None:
            found[known] = None
        elif formula is not None and (formula.elements in _MIXTURES or (name in MOLAR_MASS and name not in NON_METALS)):
            found.update(dict.fromkeys(symbol for symbol, _ in formula.atoms))
    for name, symbol in _ELEMENTS.items():
        if not name.isascii() and not _LATIN_WORD.fullmatch(name) and name in lower:
            found[symbol] = None
    if "钕铁硼" in lower:
        found["B"] = None
    return list(found)


def _element_of_word(word: str) -> str | None:
    """Of an English or German word, compounds such as Neodymoxid and ferrotungsten included."""
    word = word.removeprefix("ferro") or word
    return _ELEMENTS.get(word) or _ELEMENTS.get(word.removesuffix("oxide").removesuffix("oxid"))


def currency_pair(written: str) -> tuple[str, str] | None:
    """What is bought and what pays, of USD/CNY (one dollar in yuan)."""
    matched = _PAIR.fullmatch(written)
    if matched is None:
        return None
    bought, pays = (currencies.alphabetic(part) for part in matched.groups())
    return (bought, pays) if bought and pays and bought != pays else None


# Where ------------------------------------------------------------------------------------------------------------------------------

_EX_CHINA = re.compile(r"\bex[\s_-]*(?:china|cn|prc)\b|\boutside china\b|\brest of (?:the )?world\b|\brow\b")
_CHINA = re.compile(r"china|chinese|\bcn\b|\bprc\b|shanghai|baotou|ganzhou|\bshfe\b|\bsmm\b|domestic|中国|国内|上海|包头|赣州")
_OUTSIDE = re.compile(
    r"rotterdam|europ|\beu\b|\bnwe\b|\bu\.?s\.?(?:a\.?)?\b|united states|america|new york|london|\blme\b|\bcme\b|\bcomex\b|japan|tokyo|"
    r"korea|\bindia\b|germany|hamburg|international|world|global|欧洲|鹿特丹|国际|日本|美国"
)
_EXCHANGE_RATE = re.compile(r"\bfx\b|exchange rate|汇率")
_INCOTERM = re.compile(r"\b(EXW|FCA|FAS|FOB|CFR|CIF|CPT|CIP|DAP|DPU|DDP|DDU|DAT)\b", re.IGNORECASE)
_EX_WORKS = re.compile(r"\bex[\s-]?works\b|出厂", re.IGNORECASE)


@dataclass(slots=True, frozen=True)
class Place:
    market: PriceMarket | None
    incoterm: str | None
    basis: PriceBasis | None


@lru_cache(maxsize=4096)
def place(written: str) -> Place:
    """What the name of a market says: "China domestic", "FOB China", "ex-China", "CIF Rotterdam"."""
    lower = written.casefold()
    market: PriceMarket | None = None
    if _EXCHANGE_RATE.search(lower):
        market = "FX"
    elif _EX_CHINA.search(lower):
        market = "EX_CN"
    elif _CHINA.search(lower):
        market = "CN"
    elif _OUTSIDE.search(lower):
        market = "EX_CN"
    incoterm = _INCOTERM.search(written)
    term = incoterm[1].upper() if incoterm else "EXW" if _EX_WORKS.search(written) else None
    return Place(market, term, basis(written))


_BASES: Final[tuple[tuple[PriceBasis, re.Pattern[str]], ...]] = (
    ("volume_backed", re.compile(r"volume[\s_-]*(?:backed|weighted)")),
    ("ask", re.compile(r"\bask(?:ed|ing)?\b|\boffer(?:ed|s)?\b|报价")),
    ("transacted", re.compile(r"transact|\bdeals?\b|\btraded\b|unit value|customs value|invoiced?|成交")),
    ("assessed", re.compile(r"assess|\bspot\b|\bindex\b|\bpublished\b|\bsettle(?:ment|d)?\b|\bquoted?\b|\bclos(?:e|ing)\b|均价")),
)


@lru_cache(maxsize=4096)
def basis(written: str) -> PriceBasis | None:
    """What a text says about the basis of a price; None where it says nothing of it."""
    lower = written.casefold()
    return next((name for name, words in _BASES if words.search(lower)), None)


# In which money and unit ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class Money:
    currency: str
    times: Decimal = Decimal(1)
    """What a number in this money is multiplied by to be in the currency: 10,000 for 万元, a hundredth for cents."""


_MONEY: Final[dict[str, Money]] = {
    **dict.fromkeys(("$", "us$", "usd$", "dollar", "dollars", "usdollar", "usdollars"), Money("USD")),
    **dict.fromkeys(("元", "人民币", "yuan", "¥rmb", "rmb¥", "renminbi"), Money("CNY")),
    **dict.fromkeys(("万元", "10kcny", "cny10k", "wanyuan"), Money("CNY", Decimal(10_000))),
    **dict.fromkeys(("千元", "1kcny", "cny1k"), Money("CNY", Decimal(1_000))),
    **dict.fromkeys(("¢", "cent", "cents", "usc", "usc¢", "uscents", "uscent"), Money("USD", Decimal("0.01"))),
    **dict.fromkeys(("euro", "euros"), Money("EUR")),
}


@lru_cache(maxsize=1024)
def money(written: str) -> Money | None:
    text = "".join(written.split())
    known = _MONEY.get(text.casefold().rstrip("."))
    if known is not None:
        return known
    code = currencies.alphabetic(text)
    return Money(code) if code is not None else None


_PER = re.compile(r"\s*(?:/|／|\bper\b|\bje\b|_per_)\s*", re.IGNORECASE)


@lru_cache(maxsize=1024)
def money_and_unit(written: str) -> tuple[Money | None, str]:
    """The two halves of "CNY/t", "元/吨", "cents per pound"; no money where the text is a unit alone."""
    parts = [part for part in _PER.split(written.strip(), maxsplit=1) if part]
    if len(parts) == 2 and (paid := money(parts[0])) is not None:
        return paid, parts[1]
    return None, written.strip()


def unit(written: str, currency: str | None) -> str | None:
    """The unit of a price in `currency`: in yuan a bare ton is the metric one, elsewhere it could be any of three."""
    known = price_unit(written)
    if known is None and currency == "CNY" and written.strip().casefold().rstrip("s") == "ton":
        return "t"
    return known


_STEMS: Final = {
    **dict.fromkeys(("price", "mid", "midpoint", "avg", "average", "mean", "close", "last", "settlement", "value", ""), "price"),
    **dict.fromkeys(("low", "min", "bid"), "low"),
    **dict.fromkeys(("high", "max", "ask", "offer"), "high"),
}
_STEM: Final = re.compile(rf"(?:({'|'.join(name for name in _STEMS if name)})_)?(.+?)_(?:per_)?([^_]+)")


@dataclass(slots=True, frozen=True)
class PricedColumn:
    """A column whose name says what its numbers are in: `holds` is price, low or high."""

    holds: str
    money: str
    unit: str


@lru_cache(maxsize=1024)
def priced_column(name: str) -> PricedColumn | None:
    """Of `price_cny_per_t`, `usd_kg` or `low_eur_per_kg`."""
    matched = _STEM.fullmatch(name)
    if matched is None:
        return None
    stem, currency, per = matched.groups()
    paid = money(currency)
    known = unit(per, paid.currency) if paid is not None else None
    return PricedColumn(_STEMS[stem or ""], currency, known) if known is not None else None


_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(?:[-–~]\s*\d{1,3}(?:\.\d+)?)?\s*%")


def purity(written: str) -> str | None:
    """The percentage in "99.5%", "min 99.5 %" or "99.5-99.9%", of a span the lower."""
    matched = _PERCENT.search(written)
    return matched[1] if matched else None
