"""Words that spell a chemical formula, in the capitals of chemists or in those of ERP systems: Dy2O3, ND2FE14B, Tb-Fe-Co.

What a formula means is in `shared.chemistry.formula`; here it is told from a part number.
"""

import re
from decimal import Decimal
from functools import lru_cache
from itertools import product
from math import prod
from typing import Final

from shared.chemistry.elements import MOLAR_MASS, NON_METALS, RARE_EARTHS, WATCHED
from shared.chemistry.formula import LONGEST_FORMULA, Formula, parse_formula

# Oxidation states that decide whether an upper-case token can be a compound at all.
_STATES: Final[dict[str, tuple[int, ...]]] = {
    **dict.fromkeys(RARE_EARTHS, (3,)),
    "Ce": (3, 4),
    "Tb": (3, 4),
    "Pr": (3, 4),
    "Eu": (2, 3),
    **dict.fromkeys(("Li", "Na", "K", "Rb", "Cs", "Ag", "H"), (1,)),
    **dict.fromkeys(("Be", "Mg", "Ca", "Sr", "Ba", "Zn", "Cd"), (2,)),
    **dict.fromkeys(("B", "Al", "Ga"), (3,)),
    **dict.fromkeys(("Si", "Ti", "Zr", "Hf"), (4,)),
    "In": (3,),
    "Ge": (2, 4),
    "Sn": (2, 4),
    "Pb": (2, 4),
    "Sb": (-3, 3, 5),
    "Bi": (-3, 3),
    "As": (-3, 3, 5),
    "P": (-3, 3, 5),
    "N": (-3, 5),
    "Te": (-2, 4, 6),
    "Se": (-2, 4, 6),
    "S": (-2, 4, 6),
    "W": (4, 6),
    "Mo": (4, 6),
    "V": (3, 4, 5),
    "Nb": (5,),
    "Ta": (5,),
    "Cr": (3, 6),
    "Mn": (2, 3, 4),
    "Fe": (2, 3),
    "Co": (2, 3),
    "Ni": (2,),
    "Cu": (1, 2),
    "Hg": (1, 2),
    "C": (-4, 4),
    "O": (-2,),
    "F": (-1,),
    "Cl": (-1,),
    "Br": (-1,),
    "I": (-1,),
}
_MOST_IN_A_HYDRIDE = 5
"""TbH2 and YH3 are hydrides; Y30H is a grade of ferrite."""
_WITH_TUNGSTEN = frozenset({"W", "Ni", "Fe", "Cu", "Co", "Ag", "Re"})
_ALLOYING = frozenset({"Fe", "Co", "Ni", "Al", "Mg", "Cu", "Zn", "Mn", "Ag", "Ti", "Zr", "Sn", "Si", "B", "Cr", "V", "Nb", "Ta", "Ge"})

_SMALL_FORMULA = re.compile(
    rf"(?:{'|'.join(sorted(RARE_EARTHS)).lower()})(?:2o3|f3|cl3|2s3|\(no3\)3|2\(co3\)3)|tb4o7|pr6o11|ga2o3|sb2o[35]|sbcl3|bi2o3|in2o3|geo2|gecl4|teo2|wo3"
)
"""What chemists write without capitals, too; other small letters with digits are part numbers."""


@lru_cache(maxsize=8192)
def spelled_formula(text: str) -> str | None:
    """`text` as a formula of a watched element with proper capitals, or None.

    "Dy2O3" and "DY2O3" give "Dy2O3". Part numbers look like formulas (Y2K, PC1, EU3A), so a token counts only where its charges
    balance or where it is an alloy of a rare earth; letters without a digit are left to the lexicon except for alloys like DyFe.
    """
    if len(text) > LONGEST_FORMULA or not any(character.isalpha() for character in text):
        return None
    has_digit = any(character.isdigit() for character in text)
    if text.islower():
        if _SMALL_FORMULA.fullmatch(text) is None:
            return None
        text = text.upper()
    elif any(character.islower() for character in text):
        return text if _plausible(text, has_digit) else None
    if not has_digit:
        return None
    candidates = [
        candidate for candidate in _segmentations(text) if _plausible(candidate, has_digit=True) and _unlike_a_part_number(candidate)
    ]
    compounds = (candidate for candidate in candidates if not is_alloy(candidate))
    return next(compounds, candidates[0] if candidates else None)


def spelled_chain(text: str) -> str | None:
    """Three or more symbols of metals joined by hyphens (Tb-Fe-Co, Sm-Fe-N), one of them watched, as a formula; else None."""
    formula = parse_formula(text.replace("-", ""))
    if formula is None or not formula.elements & WATCHED or formula.elements & (NON_METALS - {"N"}):
        return None
    return text.replace("-", "")


def is_alloy(text: str) -> bool:
    """Whether a formula is of metals only, one of them a rare earth."""
    formula = parse_formula(text)
    return formula is not None and bool(formula.elements & RARE_EARTHS) and formula.elements <= RARE_EARTHS | _ALLOYING


def is_intermetallic(text: str) -> bool:
    """Whether the numbers in an alloy's name count atoms (SmCo5, Sm2Co17, TbFe2) and not percent (AlSc2, DyFe80)."""
    formula = parse_formula(text)
    return (
        formula is not None
        and formula.atoms[0][0] in RARE_EARTHS
        and any(character.isdigit() for character in text)
        and all(count <= 17 for _, count in formula.atoms)
    )


def _segmentations(text: str) -> list[str]:
    """Every way to set capitals in an upper-case token so that it is made of symbols, two-letter symbols first; at most 64."""
    found: list[str] = []
    open_ways: list[tuple[int, str]] = [(0, "")]
    steps = 0
    while open_ways and len(found) < 64 and steps < 512:
        steps += 1
        position, spelled = open_ways.pop()
        if position == len(text):
            found.append(spelled)
        elif not text[position].isalpha():
            open_ways.append((position + 1, spelled + text[position]))
        else:
            if text[position] in MOLAR_MASS:
                open_ways.append((position + 1, spelled + text[position]))
            pair = text[position] + text[position + 1 : position + 2].lower()
            if len(pair) == 2 and pair in MOLAR_MASS:
                open_ways.append((position + 2, spelled + pair))
    return found


_ORGANIC_SALT = re.compile(
    rf"(?:{'|'.join(sorted(WATCHED))})[1-4]?\((?=[A-Z0-9]*C)(?=[A-Z0-9]*[HO])(?:[CHONSF][0-9]{{0,2}}){{2,14}}\)[2-6]?(?:[·•∙⋅・*.][0-9xn]{{0,2}}H2O)?"
)
"""Y(CH3COO)3, Dy(C5H7O2)3: a watched metal with the group of an organic acid, whose charges no table balances."""


def _plausible(text: str, has_digit: bool) -> bool:
    formula = parse_formula(text)
    if formula is None or len(formula.elements) < 2 or not formula.elements & WATCHED:
        return False
    if formula.elements <= RARE_EARTHS | {"H"}:
        return all(count <= _MOST_IN_A_HYDRIDE for _, count in formula.atoms)
    if is_alloy(text):
        return True
    if _ORGANIC_SALT.fullmatch(text) is not None:
        return True
    heavy_alloy = formula.elements <= _WITH_TUNGSTEN and "W" in formula.elements and not text.isupper()
    return heavy_alloy or (has_digit and _balanced(formula))


def _unlike_a_part_number(text: str) -> bool:
    """Whether what upper case may spell is a compound, or an intermetallic of two-letter symbols: SMCO5, but not YV12 or TB2B."""
    formula = parse_formula(text)
    if formula is None or not is_alloy(text):
        return formula is not None
    letters = {symbol for symbol in formula.elements if len(symbol) == 1}
    return (not letters or (letters == {"B"} and "Fe" in formula.elements)) and all(count <= 17 for _, count in formula.atoms)


def _balanced(formula: Formula) -> bool:
    states = [(_OXALATE_CARBON,) if symbol == "C" and _is_oxalate(formula) else _STATES.get(symbol) for symbol, _ in formula.atoms]
    if any(state is None for state in states) or not formula.elements & NON_METALS:
        return False
    choices = [state for state in states if state is not None]
    if prod(map(len, choices)) > 64:
        return False
    counts = [count for _, count in formula.atoms]
    if any(sum(charge * count for charge, count in zip(charges, counts, strict=True)) == 0 for charges in product(*choices)):
        return True
    return tuple(sorted(formula.atoms)) in _MIXED_STATES


_OXALATE_CARBON: Final = 3


def _is_oxalate(formula: Formula) -> bool:
    """Whether carbon and oxygen, but for the water, stand as in C2O4."""
    atoms = dict(formula.atoms)
    oxygen = atoms.get("O", Decimal(0)) - atoms.get("H", Decimal(0)) / 2
    return "C" in atoms and oxygen == 2 * atoms["C"]


_MIXED_STATES = frozenset(
    tuple(sorted(((metal, Decimal(count)), ("O", Decimal(oxygen)))))
    for metal, count, oxygen in (("Tb", 4, 7), ("Pr", 6, 11), ("W", 18, 49), ("W", 20, 58), ("W", 1, "2.9"), ("W", 1, "2.72"))
)
