"""Unit codes as orders use them, and how many kilograms or pieces one of them is.

A general units library must not read these codes: to pint `EA` is an exaampere, `T` a tesla and `MT` a megatesla, without complaint. So
every code is looked up in the table of the system that defines it: UNECE Recommendations 20 and 21, ANSI X12 element 355, SAP T006, the
units that ERPNext, Odoo and Dynamics 365 ship with. Factors of pounds and ounces are exact by definition.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shared.contracts.order import Quantity

Dimension = Literal["mass_kg", "pieces", "length_m", "area_m2", "volume_l", "other"]


@dataclass(slots=True, frozen=True)
class Unit:
    """One of this unit is `factor` of the dimension's own unit; None where that depends on the goods (a carton, a set, an hour)."""

    dimension: Dimension
    factor: Decimal | None = None


def _mass(kilograms: str) -> Unit:
    return Unit("mass_kg", Decimal(kilograms))


def _pieces(count: str) -> Unit:
    return Unit("pieces", Decimal(count))


def _length(metres: str) -> Unit:
    return Unit("length_m", Decimal(metres))


def _area(square_metres: str) -> Unit:
    return Unit("area_m2", Decimal(square_metres))


def _volume(litres: str) -> Unit:
    return Unit("volume_l", Decimal(litres))


MICROGRAM, MILLIGRAM, CENTIGRAM, GRAM, HECTOGRAM = _mass("1e-9"), _mass("1e-6"), _mass("1e-5"), _mass("0.001"), _mass("0.1")
KILOGRAM, DECITONNE, TONNE, KILOTONNE = _mass("1"), _mass("100"), _mass("1000"), _mass("1000000")
GRAIN, OUNCE, TROY_OUNCE, POUND = _mass("0.00006479891"), _mass("0.028349523125"), _mass("0.0311034768"), _mass("0.45359237")
TROY_POUND, HUNDREDWEIGHT_US, HUNDREDWEIGHT_UK = _mass("0.3732417216"), _mass("45.359237"), _mass("50.80234544")
SHORT_TON, LONG_TON, CARAT, STONE = _mass("907.18474"), _mass("1016.0469088"), _mass("0.0002"), _mass("6.35029318")
PIECE, PAIR, DOZEN, HUNDRED, GROSS, THOUSAND = _pieces("1"), _pieces("2"), _pieces("12"), _pieces("100"), _pieces("144"), _pieces("1000")
MILLION, GREAT_GROSS = _pieces("1000000"), _pieces("1728")
MILLIMETRE, CENTIMETRE, METRE, KILOMETRE = _length("0.001"), _length("0.01"), _length("1"), _length("1000")
INCH, FOOT, YARD = _length("0.0254"), _length("0.3048"), _length("0.9144")
SQUARE_MILLIMETRE, SQUARE_CENTIMETRE, SQUARE_METRE = _area("0.000001"), _area("0.0001"), _area("1")
SQUARE_INCH, SQUARE_FOOT, SQUARE_YARD = _area("0.00064516"), _area("0.09290304"), _area("0.83612736")
MILLILITRE, CENTILITRE, DECILITRE = _volume("0.001"), _volume("0.01"), _volume("0.1")
LITRE, HECTOLITRE, CUBIC_METRE = _volume("1"), _volume("100"), _volume("1000")
GALLON_US, GALLON_UK = _volume("3.785411784"), _volume("4.54609")
OTHER = Unit("other")

_UNECE: dict[str, Unit] = {
    **{"MC": MICROGRAM, "MGM": MILLIGRAM, "CGM": CENTIGRAM, "GRM": GRAM, "HGM": HECTOGRAM, "KGM": KILOGRAM, "58": KILOGRAM},
    **{"DTN": DECITONNE, "2U": TONNE, "TNE": TONNE, "KTN": KILOTONNE, "GRN": GRAIN, "ONZ": OUNCE, "APZ": TROY_OUNCE, "LBR": POUND},
    **{"LBT": TROY_POUND, "CWA": HUNDREDWEIGHT_US, "CWI": HUNDREDWEIGHT_UK, "STN": SHORT_TON, "LTN": LONG_TON, "CTM": CARAT, "STI": STONE},
    **{"C62": PIECE, "H87": PIECE, "EA": PIECE, "NAR": PIECE, "NIU": PIECE, "NMB": PIECE, "PR": PAIR, "NPR": PAIR, "DZN": DOZEN},
    **{"DZP": OTHER, "CEN": HUNDRED, "GRO": GROSS, "GGR": GREAT_GROSS, "MIL": THOUSAND, "T3": THOUSAND, "MIO": MILLION},
    **{
        "MMT": MILLIMETRE,
        "CMT": CENTIMETRE,
        "MTR": METRE,
        "KMT": KILOMETRE,
        "INH": INCH,
        "FOT": FOOT,
        "LF": FOOT,
        "YRD": YARD,
        "LM": METRE,
    },
    **{"MMK": SQUARE_MILLIMETRE, "CMK": SQUARE_CENTIMETRE, "MTK": SQUARE_METRE, "INK": SQUARE_INCH, "FTK": SQUARE_FOOT, "YDK": SQUARE_YARD},
    **{"MLT": MILLILITRE, "CLT": CENTILITRE, "DLT": DECILITRE, "LTR": LITRE, "HLT": HECTOLITRE, "MTQ": CUBIC_METRE, "CMQ": MILLILITRE},
    **{"DMQ": LITRE, "GLL": GALLON_US, "GLI": GALLON_UK},
    **dict.fromkeys(
        ("KPO", "KT", "SET", "P1", "04", "10", "11", "AY", "AS", "E48", "SEC", "MIN", "HUR", "DAY", "WEE", "MON", "ANN"), OTHER
    ),
    **dict.fromkeys(
        ("LS", "ACT", "E49", "KWH", "MWH", "JOU", "RO", "ST", "BX", "CS", "CT", "PK", "PF", "DR", "CA", "PA", "NMP", "E4"), OTHER
    ),
}

_X12: dict[str, Unit] = {
    **{"ME": MILLIGRAM, "AF": CENTIGRAM, "GR": GRAM, "HG": HECTOGRAM, "KG": KILOGRAM, "MP": TONNE, "2U": TONNE, "TV": TONNE},
    **{"GX": GRAIN, "OZ": OUNCE, "TO": TROY_OUNCE, "LB": POUND, "PJ": POUND, "01": POUND, "TX": TROY_POUND, "CW": HUNDREDWEIGHT_US},
    **{"HW": HUNDREDWEIGHT_UK, "TN": SHORT_TON, "LG": LONG_TON, "TG": LONG_TON},
    **{"EA": PIECE, "PC": PIECE, "UN": PIECE, "1N": PIECE, "PR": PAIR, "DZ": DOZEN, "HU": HUNDRED, "GS": GROSS, "GG": GREAT_GROSS},
    **{"TH": THOUSAND, "MM": MILLIMETRE, "CM": CENTIMETRE, "MR": METRE, "DK": KILOMETRE, "IN": INCH, "FT": FOOT, "LF": FOOT, "YD": YARD},
    **{"MS": SQUARE_MILLIMETRE, "SC": SQUARE_CENTIMETRE, "SM": SQUARE_METRE, "SI": SQUARE_INCH, "SF": SQUARE_FOOT, "SY": SQUARE_YARD},
    **{"ML": MILLILITRE, "C3": CENTILITRE, "DL": DECILITRE, "LT": LITRE, "H4": HECTOLITRE, "CR": CUBIC_METRE, "CC": MILLILITRE},
    **{"C8": LITRE, "GA": GALLON_US, "GI": GALLON_UK},
    **dict.fromkeys(
        ("ST", "SET", "KT", "PK", "BX", "CA", "CT", "CS", "BG", "BO", "RL", "RE", "DR", "PL", "PA", "PH", "SH", "HR", "DA", "MO"), OTHER
    ),
    **dict.fromkeys(("LO", "JB", "AS", "ZZ", "MT", "MN", "GT", "DP", "CN", "JR", "TB", "BD", "BN"), OTHER),
}
"""MT (metric long ton), MN (metric net ton) and GT (gross kilogram) are in the list, but senders mean different things by them."""

_SAP: dict[str, Unit] = {
    **{
        "UG": MICROGRAM,
        "MG": MILLIGRAM,
        "G": GRAM,
        "HG": HECTOGRAM,
        "KG": KILOGRAM,
        "TO": TONNE,
        "KT": KILOTONNE,
        "OZ": OUNCE,
        "LB": POUND,
    },
    **{"TON": SHORT_TON, "CD": CARAT, "ST": PIECE, "PC": PIECE, "PCE": PIECE, "EA": PIECE, "AU": PIECE, "PAA": PAIR, "DZ": DOZEN},
    **{"GRO": GROSS, "TS": THOUSAND, "MM": MILLIMETRE, "CM": CENTIMETRE, "M": METRE, "KM": KILOMETRE, '"': INCH, "FT": FOOT, "YD": YARD},
    **{"MM2": SQUARE_MILLIMETRE, "CM2": SQUARE_CENTIMETRE, "M2": SQUARE_METRE, "FT2": SQUARE_FOOT, "YD2": SQUARE_YARD},
    **{"ML": MILLILITRE, "CL": CENTILITRE, "L": LITRE, "HL": HECTOLITRE, "M3": CUBIC_METRE, "CM3": MILLILITRE, "GAL": GALLON_US},
    **dict.fromkeys(
        ("KAR", "CAR", "CT", "KAN", "KI", "FL", "BT", "PAK", "PAC", "PAL", "ROL", "SET", "LE", "H", "HR", "STD", "TAG", "DAY"), OTHER
    ),
}

_ERPNEXT: dict[str, Unit] = {
    **{"MICROGRAM": MICROGRAM, "MILLIGRAM": MILLIGRAM, "GRAM": GRAM, "KG": KILOGRAM, "KILOGRAM": KILOGRAM, "TONNE": TONNE, "POUND": POUND},
    **{"OUNCE": OUNCE, "CARAT": CARAT, "GRAIN": GRAIN, "STONE": STONE, "TON (SHORT)/CUBIC YARD": OTHER},
    **{
        "NOS": PIECE,
        "UNIT": PIECE,
        "PAIR": PAIR,
        "MILLIMETER": MILLIMETRE,
        "CENTIMETER": CENTIMETRE,
        "METER": METRE,
        "KILOMETER": KILOMETRE,
    },
    **{"INCH": INCH, "FOOT": FOOT, "YARD": YARD, "SQUARE METER": SQUARE_METRE, "SQUARE FOOT": SQUARE_FOOT, "MILLILITRE": MILLILITRE},
    **{"LITRE": LITRE, "CUBIC METER": CUBIC_METRE, "BOX": OTHER, "SET": OTHER, "HOUR": OTHER, "DAY": OTHER},
}

_ODOO: dict[str, Unit] = {
    **{"MG": MILLIGRAM, "G": GRAM, "KG": KILOGRAM, "T": TONNE, "LB": POUND, "OZ": OUNCE, "UNIT": PIECE, "UNITS": PIECE, "DOZEN": DOZEN},
    **{
        "DOZENS": DOZEN,
        "PAIR": PAIR,
        "PAIRS": PAIR,
        "MM": MILLIMETRE,
        "CM": CENTIMETRE,
        "M": METRE,
        "KM": KILOMETRE,
        "IN": INCH,
        "FT": FOOT,
    },
    **{"YD": YARD, "M²": SQUARE_METRE, "FT²": SQUARE_FOOT, "ML": MILLILITRE, "L": LITRE, "M³": CUBIC_METRE, "GAL (US)": GALLON_US},
    **{"HOURS": OTHER, "HOUR": OTHER, "DAYS": OTHER, "DAY": OTHER, "PACK OF 6": OTHER},
}

_D365: dict[str, Unit] = {
    **{
        "MG": MILLIGRAM,
        "G": GRAM,
        "GR": GRAM,
        "KG": KILOGRAM,
        "LB": POUND,
        "OZ": OUNCE,
        "EA": PIECE,
        "PCS": PIECE,
        "PR": PAIR,
        "DZ": DOZEN,
    },
    **{"MM": MILLIMETRE, "CM": CENTIMETRE, "M": METRE, "IN": INCH, "FT": FOOT, "YD": YARD, "ML": MILLILITRE, "L": LITRE, "GAL": GALLON_US},
    **{"BOX": OTHER, "SET": OTHER, "PL": OTHER, "HR": OTHER},
}

_SYSTEMS = {"UNECE": _UNECE, "X12": _X12, "SAP": _SAP, "ERPNEXT": _ERPNEXT, "ODOO": _ODOO, "D365": _D365}

_PLAIN: dict[str, Unit] = {
    **{
        "MG": MILLIGRAM,
        "GRAM": GRAM,
        "GRAMS": GRAM,
        "G": GRAM,
        "KG": KILOGRAM,
        "KGS": KILOGRAM,
        "KILOGRAM": KILOGRAM,
        "KILOGRAMS": KILOGRAM,
    },
    **{"TONNE": TONNE, "TONNES": TONNE, "LB": POUND, "LBS": POUND, "POUND": POUND, "OZ": OUNCE, "TROY OUNCE": TROY_OUNCE},
    **{"EA": PIECE, "EACH": PIECE, "PC": PIECE, "PCS": PIECE, "PCE": PIECE, "PIECE": PIECE, "PIECES": PIECE, "UNIT": PIECE, "UNITS": PIECE},
    **{"STK": PIECE, "STÜCK": PIECE, "NOS": PIECE, "PAIR": PAIR, "DOZEN": DOZEN, "MM": MILLIMETRE, "CM": CENTIMETRE, "M": METRE},
    **{
        "M2": SQUARE_METRE,
        "M²": SQUARE_METRE,
        "M3": CUBIC_METRE,
        "M³": CUBIC_METRE,
        "L": LITRE,
        "LITRE": LITRE,
        "LITER": LITRE,
        "ML": MILLILITRE,
    },
    **dict.fromkeys(("BOX", "SET", "KIT", "PACK", "PALLET", "ROLL", "REEL", "CARTON", "DRUM", "BAG", "HOUR", "DAY"), OTHER),
}
"""Codes that mean the same whoever writes them. T, TO, TN, MT, ST and GR are not among them."""

_UNECE_WITHOUT_DOUBLE_MEANING = {code: unit for code, unit in _UNECE.items() if len(code) == 3}


def unit_of(quantity: Quantity) -> Unit | None:
    """What the unit code means in its system, else what it means everywhere; None where nobody can tell."""
    if quantity.unit is None:
        return None
    return find_unit(quantity.unit, quantity.unit_system)


def find_unit(code: str, system: str) -> Unit | None:
    """Upper and lower case are the same; Recommendation 21 package codes (X and two characters) are known and depend on the goods."""
    wanted = code.strip().upper()
    found = _SYSTEMS.get(system, {}).get(wanted) or _PLAIN.get(wanted) or _UNECE_WITHOUT_DOUBLE_MEANING.get(wanted)
    if found is None and system == "UNECE" and len(wanted) == 3 and wanted.startswith("X"):
        return OTHER
    return found


def stock_unit(written: str) -> Unit | None:
    """A unit in which stock is counted: there `t` is a tonne, and `ST` a piece as in SAP and in Germany."""
    return find_unit(written, "UNKNOWN") or {"T": TONNE, "TO": TONNE, "ST": PIECE}.get(written.strip().upper())


def conversion(source: Unit | None, target: Unit | None) -> Decimal | None:
    """How many `target` one `source` is; None between dimensions and where a factor is unknown."""
    if source is None or target is None or source.dimension != target.dimension or source.factor is None or target.factor is None:
        return None
    return source.factor / target.factor
