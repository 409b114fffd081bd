"""Figures as contracts carry them: statistics are floats, and become decimals here, once."""

from decimal import Decimal
from typing import Final

_CENT: Final = Decimal("0.01")
_LARGEST: Final = 1e15
"""Contracts carry 15 digits before the point; what is beyond is no money."""

_SMALLEST: Final = -_LARGEST
_LARGEST_DECIMAL: Final = Decimal(_LARGEST)
_NO_SHARE: Final = Decimal(0)


def money(amount: float | None) -> Decimal | None:
    """To the cent."""
    return Decimal(f"{amount:.2f}") if amount is not None and _SMALLEST < amount < _LARGEST else None


def cents(amount: Decimal) -> Decimal | None:
    """The same of what is a decimal already."""
    return amount.quantize(_CENT) if abs(amount) < _LARGEST_DECIMAL else None


def kilograms(amount: float | None) -> Decimal | None:
    """To the milligram."""
    return Decimal(f"{amount:.6f}") if amount is not None and amount < _LARGEST else None


def fraction(share: float | None) -> Decimal | None:
    if not share:
        return _NO_SHARE if share is not None else None
    return Decimal(f"{share:.4f}")


def percent(part: float | None, whole: float | None) -> Decimal | None:
    return money(part / whole * 100) if part is not None and whole is not None and whole > 0 else None
