"""Which headings and subheadings of the Harmonised System exist: nomenclature of 2022, chapters 25 to 90.

Source: World Customs Organization, HS 2022. Headings of four digits are all there; subheadings of six digits are given for the headings
that controls on critical minerals, magnets, batteries and their machines are about, so that a code under another heading is told apart
from one that does not exist.
"""

from typing import Final, Literal

Standing = Literal["exists", "does_not_exist", "not_verifiable"]

_LAST_HEADING: Final = {
    25: 30, 26: 21, 27: 16, 28: 53, 29: 42, 30: 6, 31: 5, 32: 15, 33: 7, 34: 7, 35: 7, 36: 6, 37: 7, 38: 27, 39: 26, 40: 17, 41: 15, 42: 6,
    43: 4, 44: 21, 45: 4, 46: 2, 47: 7, 48: 23, 49: 11, 50: 7, 51: 13, 52: 12, 53: 11, 54: 8, 55: 16, 56: 9, 57: 5, 58: 11, 59: 11, 60: 6,
    61: 17, 62: 17, 63: 10, 64: 6, 65: 7, 66: 3, 67: 4, 68: 15, 69: 14, 70: 20, 71: 18, 72: 29, 73: 26, 74: 19, 75: 8, 76: 16, 78: 6, 79: 7,
    80: 7, 81: 13, 82: 15, 83: 11, 84: 87, 85: 49, 86: 9, 87: 16, 88: 7, 89: 8, 90: 33,
}  # fmt: skip
"""By chapter, its last heading; chapter 77 is reserved."""

_EARLIER = """
2527 2838 2848 2851 4108 4109 4110 4111 4204 4815 5304 6503 6908 7012 7414 7416 7417 7803 7805 7906 8004 8005 8006 8107 8469 8520 8803 9009
"""
_DELETED: Final = frozenset(_EARLIER.split())
"""Headings that earlier editions had within these ranges."""

_SUBHEADINGS: Final = {
    "2504": "10 90",
    "2530": "10 20 90",
    "2611": "00",
    "2613": "10 90",
    "2617": "10 90",
    "2804": "10 21 29 30 40 50 61 69 70 80 90",
    "2805": "11 12 19 30 40",
    "2825": "10 20 30 40 50 60 70 80 90",
    "2830": "10 90",
    "2841": "30 50 61 69 70 80 90",
    "2842": "10 90",
    "2846": "10 90",
    "2849": "10 20 90",
    "2850": "00",
    "2852": "10 90",
    "2853": "10 90",
    "2919": "10 90",
    "2931": "10 20 41 42 43 44 45 46 47 48 49 51 52 53 54 59 90",
    "3206": "11 19 20 41 42 49 50",
    "3606": "10 90",
    "3801": "10 20 30 90",
    "3815": "11 12 19 90",
    "3818": "00",
    "3824": "10 30 40 50 60 81 82 83 84 85 86 87 88 89 91 92 99",
    "3825": "10 20 30 41 49 50 61 69 90",
    "6804": "10 21 22 23 30",
    "6815": "11 12 13 19 20 91 99",
    "7104": "10 21 29 91 99",
    "7105": "10 90",
    "7106": "10 91 92",
    "7202": "11 19 21 29 30 41 49 50 60 70 80 91 92 93 99",
    "8101": "10 94 96 97 99",
    "8102": "10 94 95 96 97 99",
    "8103": "20 30 91 99",
    "8106": "10 90",
    "8110": "10 20 90",
    "8112": "12 13 19 21 22 29 31 39 41 49 51 52 59 61 69 92 99",
    "8209": "00",
    "8479": "10 20 30 40 50 60 71 79 81 82 83 89 90",
    "8486": "10 20 30 40 90",
    "8501": "10 20 31 32 33 34 40 51 52 53 61 62 63 64 71 72 80",
    "8503": "00",
    "8505": "11 19 20 90",
    "8507": "10 20 30 50 60 80 90",
    "8514": "11 19 20 31 32 39 40 90",
    "8518": "10 21 22 29 30 40 50 90",
    "8541": "10 21 29 30 41 42 43 49 51 59 60 90",
    "8543": "10 20 30 40 70 90",
    "8545": "11 19 20 90",
    "9001": "10 20 30 40 50 90",
    "9002": "11 19 20 90",
    "9032": "10 20 81 89 90",
}


def standing(code: str) -> tuple[Standing, str]:
    """Whether a code of 4 to 10 digits has a heading and subheading of the nomenclature, with the part that decides.

    Lines beyond six digits are national: they stand as their subheading does.
    """
    heading, subheading = code[:4], code[:6]
    chapter = int(heading[:2])
    if chapter not in _LAST_HEADING:
        exists = 1 <= chapter <= 97 and chapter != 77
        return ("not_verifiable" if exists else "does_not_exist"), heading[:2]
    if not 1 <= int(heading[2:]) <= _LAST_HEADING[chapter] or heading in _DELETED:
        return "does_not_exist", heading
    if len(code) == 4:
        return "exists", heading
    known = _SUBHEADINGS.get(heading)
    if known is None:
        return "not_verifiable", subheading
    return ("exists" if subheading[4:] in known.split() else "does_not_exist"), subheading
