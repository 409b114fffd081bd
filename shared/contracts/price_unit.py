"""Units in which metals and minerals are quoted, and what one of them weighs.

Order documents have their own tables of codes (a `TO` is a tonne to SAP and a troy ounce to ANSI X12); here is how price lists write.
Factors of pounds, ounces and tons are exact by definition.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Final

MASS_KG: Final[dict[str, Decimal]] = {
    "g": Decimal("0.001"),
    "kg": Decimal(1),
    "t": Decimal(1000),
    "lb": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
    "ozt": Decimal("0.0311034768"),
    "short_ton": Decimal("907.18474"),
    "long_ton": Decimal("1016.0469088"),
    "ct": Decimal("0.0002"),
}
"""Kilograms of product in one unit."""

CONTAINED_KG: Final[dict[str, Decimal]] = {"mtu": Decimal(10), "stu": Decimal("9.0718474"), "ltu": Decimal("10.160469088")}
"""Kilograms of contained oxide in one unit, a hundredth of a ton whatever the ore holds; of iron and manganese it counts the metal."""

NOT_A_MASS: Final = frozenset({"bbl", "MMBtu"})
"""Units of what is quoted by volume or heat. Such prices are watched; no line is valued with them."""

PRICE_UNITS: Final = (*MASS_KG, *CONTAINED_KG, *sorted(NOT_A_MASS))

_WRITTEN: Final[dict[str, str]] = {
    name: unit
    for unit, names in {
        "g": "g gram grams gramme gr 克",
        "kg": "kg kgs kilo kilos kilogram kilograms kilogramme kgm 公斤 千克",
        "t": "t mt to tonne tonnes tne ton-metric metricton metrictons metrictonne metrictonnes dmt 吨 公吨",
        "lb": "lb lbs pound pounds lbr",
        "oz": "oz ounce ounces",
        "ozt": "ozt troyoz troyounce troyounces toz oz.tr oztr oz-t",
        "short_ton": "short_ton shortton shorttons st stn uston ston netton",
        "long_ton": "long_ton longton longtons lt ltn ukton",
        "ct": "ct carat carats ctm 克拉",
        "mtu": "mtu dmtu drymetrictonunit drymetrictonunits metrictonunit metrictonunits",
        "stu": "stu shorttonunit shorttonunits",
        "ltu": "ltu longtonunit longtonunits",
        "bbl": "bbl barrel barrels",
        "MMBtu": "mmbtu millionbtu",
    }.items()
    for name in names.split()
}


@lru_cache(maxsize=1024)
def price_unit(written: str) -> str | None:
    """The unit that `written` names, one of PRICE_UNITS; None where it names none, or one that means several (a bare "ton")."""
    return written if written in PRICE_UNITS else _WRITTEN.get("".join(written.split()).casefold().replace("_", ""))
