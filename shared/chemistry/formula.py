"""Chemical formulas: from text to the mass fraction of each element.

Understands groups, decimals, and hydrates: Dy2O3, La2(CO3)3·8H2O, Lu1.8Y0.2SiO5, (CH3)3In.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from shared.chemistry.elements import MOLAR_MASS

LONGEST_FORMULA: Final = 48
_DEEPEST_GROUP = 4
_LARGEST_COUNT = Decimal(1000)
_PIECE = re.compile(r"([A-Z][a-z]?)|([(\[])|([)\]])|(\d{1,4}(?:\.\d{1,4})?)")
_WATER = re.compile(r"[·•∙⋅・*.](\d{0,2}(?:\.\d)?|[xn])H2O$", re.IGNORECASE)


@dataclass(slots=True, frozen=True)
class Formula:
    """Atoms by symbol. `open_ended` where the amount of water is not said (·xH2O): fractions are then upper bounds."""

    atoms: tuple[tuple[str, Decimal], ...]
    open_ended: bool = False

    @property
    def elements(self) -> frozenset[str]:
        return frozenset(symbol for symbol, _ in self.atoms)

    def mass_fraction(self, element: str) -> Decimal:
        """Mass of `element` per mass of substance, from 0 to 1; 0 where it is not in the formula."""
        part = sum((count * MOLAR_MASS[symbol] for symbol, count in self.atoms if symbol == element), Decimal(0))
        return part / sum((count * MOLAR_MASS[symbol] for symbol, count in self.atoms), Decimal(0))


@lru_cache(maxsize=4096)
def parse_formula(text: str) -> Formula | None:
    """The formula that `text` spells with proper capitals; None where it is none (an unknown symbol, an open bracket, a zero)."""
    if not text or len(text) > LONGEST_FORMULA:
        return None
    open_ended = False
    atoms: dict[str, Decimal] = {}
    water = _WATER.search(text)
    if water is not None:
        text = text[: water.start()]
        if water[1] in ("x", "X", "n", "N"):
            open_ended = True
        else:
            count = Decimal(water[1] or 1)
            atoms = {"H": 2 * count, "O": count}
    for symbol, amount in (_atoms(text) or {}).items():
        atoms[symbol] = atoms.get(symbol, Decimal(0)) + amount
    if not atoms or (water is not None and set(atoms) <= {"H", "O"}) or any(not 0 < count <= _LARGEST_COUNT for count in atoms.values()):
        return None
    return Formula(tuple(atoms.items()), open_ended)


def _atoms(text: str) -> dict[str, Decimal] | None:
    stack: list[dict[str, Decimal]] = [{}]
    last: dict[str, Decimal] | None = None
    position = 0
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None:
            return None
        position = piece.end()
        symbol, opening, closing, count = piece.groups()
        if count is not None:
            if last is None:
                return None
            factor = Decimal(count)
            last = {key: amount * factor for key, amount in last.items()}
            _add(stack[-1], last)
            last = None
            continue
        if last is not None:
            _add(stack[-1], last)
            last = None
        if symbol is not None:
            if symbol not in MOLAR_MASS:
                return None
            last = {symbol: Decimal(1)}
        elif opening is not None:
            if len(stack) > _DEEPEST_GROUP:
                return None
            stack.append({})
        elif closing is not None:
            if len(stack) == 1:
                return None
            last = stack.pop()
            if not last:
                return None
    if last is not None:
        _add(stack[-1], last)
    return stack[0] if len(stack) == 1 else None


def _add(total: dict[str, Decimal], part: dict[str, Decimal]) -> None:
    for symbol, count in part.items():
        total[symbol] = total.get(symbol, Decimal(0)) + count
