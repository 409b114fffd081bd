"""Concentration of supply by country and by supplier, what a shift of purchases does to it, and the CRMA's 65 % test.

Sources: Hirschman (1945), Herfindahl (1950); Regulation (EU) 2024/1252, article 5(1)(b): by 2030 not more than 65 % of the Union's annual
consumption of each strategic raw material, at each stage, from a single third country.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

CRMA_LIMIT = 0.65
_ROUNDING = 1e-9


class Between(NamedTuple):
    """What is known of a figure: it lies between `low` and `high`."""

    low: float
    high: float


class Move(NamedTuple):
    """A share of all purchases taken to another country."""

    to: str
    share: float
    cost: float


class Alternative(NamedTuple):
    """A country that could deliver more: at what premium per unit, and up to which further share of all purchases."""

    country: str
    premium: float
    most_further_share: float


@dataclass(frozen=True, slots=True)
class Shift:
    """The cheapest moves that bring a country to the limit; `reached` is false where the alternatives don't suffice."""

    country: str
    moves: tuple[Move, ...]
    cost: float
    concentration_before: float
    concentration_after: float
    reached: bool


def shares(quantities: Mapping[str, float]) -> dict[str, float] | None:
    """Of each name in the total; None where nothing was supplied (no purchases are not a spread of purchases)."""
    wrong = [name for name, quantity in quantities.items() if not quantity >= 0]
    if wrong:
        raise ValueError(f"the quantity of {wrong[0]} must not be negative")
    total = math.fsum(quantities.values())
    return {name: quantity / total for name, quantity in quantities.items()} if total > 0 else None


def concentration(share_of: Mapping[str, float]) -> float | None:
    """HHI = Σ s², 0 to 1; None where no shares are known."""
    return math.fsum(share * share for share in share_of.values()) if share_of else None


def concentration_between(share_of: Mapping[str, float], not_attributed: float) -> Between | None:
    """Where a part is only "other countries": at least that spread over very many, at most all of it one more country."""
    known = concentration(share_of)
    return None if known is None else Between(known, known + not_attributed**2)


def above_crma_limit(share_by_country: Mapping[str, float], union: Collection[str], limit: float = CRMA_LIMIT) -> list[str]:
    """Third countries that supply more than the limit at a stage, largest first."""
    over = [(share, country) for country, share in share_by_country.items() if country not in union and share > limit + _ROUNDING]
    return [country for _, country in sorted(over, reverse=True)]


def cheapest_shift(
    share_by_country: Mapping[str, float],
    country: str,
    alternatives: Collection[Alternative],
    union: Collection[str] = (),
    limit: float = CRMA_LIMIT,
) -> Shift:
    """The moves of least cost that bring `country` down to the limit, no third country rising above it: cheapest alternatives first."""
    before = dict(share_by_country)
    excess = max(0.0, before.get(country, 0.0) - limit)
    after, moves = dict(before), []
    for alternative in sorted(alternatives, key=lambda choice: (choice.premium, choice.country)):
        if excess <= _ROUNDING:
            break
        if alternative.country == country:
            continue
        room = math.inf if alternative.country in union else limit - after.get(alternative.country, 0.0)
        taken = min(excess, alternative.most_further_share, room)
        if taken <= 0:
            continue
        after[country] -= taken
        after[alternative.country] = after.get(alternative.country, 0.0) + taken
        excess -= taken
        moves.append(Move(alternative.country, taken, taken * alternative.premium))
    return Shift(
        country,
        tuple(moves),
        math.fsum(move.cost for move in moves),
        concentration(before) or 0.0,
        concentration(after) or 0.0,
        excess <= _ROUNDING,
    )
