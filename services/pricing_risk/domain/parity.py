"""The premium of a series outside China, kept day by day over all days on which it or the series inside was quoted.

The last of these days stays open, so that whichever of the two prices of a day comes first, the state is the same.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import orjson

from services.pricing_risk.domain.premium import PremiumState
from shared.contracts.price_series import PremiumView

PARITY_FIELD: Final = "parity"
LONGEST_GAP_DAYS: Final = 30
"""A price that is older than that says nothing of the premium of a day."""

Prices = Iterable[tuple[date, float]]
RateOn = Callable[[date], float | None]
"""What one unit of the inside series' currency is in the outside one's on a day; None where that is not known."""


@dataclass(slots=True)
class Parity:
    """Mutable. `settled` holds the days before `on`; both prices are in the outside currency."""

    inside_series: str
    settled: PremiumState = field(default_factory=PremiumState)
    on: date | None = None
    outside: float = 0.0
    inside: float = 0.0

    def step(self, on: date, outside: float, inside: float) -> bool:
        """Both prices as they stand on a day. False, and nothing done, where a later day has been seen."""
        if self.on is not None and on < self.on:
            return False
        if self.on is not None and on > self.on:
            self.settled.advance(self.on, self.outside, self.inside)
        self.on, self.outside, self.inside = on, outside, inside
        return True

    def view(self) -> PremiumView | None:
        if self.on is None:
            return None
        current = self.settled.copy()
        current.advance(self.on, self.outside, self.inside)
        return current.view(self.inside_series)

    @classmethod
    def over(cls, inside_series: str, outside: Prices, inside: Prices, rate_on: RateOn) -> "Parity":
        """The parity of what entered on both sides."""
        parity = cls(inside_series)
        of_outside, of_inside = dict(outside), dict(inside)
        last: dict[str, tuple[date, float]] = {}
        for on in sorted({*of_outside, *of_inside}):
            if on in of_outside:
                last["outside"] = (on, of_outside[on])
            if on in of_inside:
                last["inside"] = (on, of_inside[on])
            rate = rate_on(on)
            if len(last) == 2 and rate is not None and together(last["outside"][0], last["inside"][0]):
                parity.step(on, last["outside"][1], last["inside"][1] * rate)
        return parity

    def fields(self) -> dict[str, bytes]:
        pending = [self.inside_series, self.on, self.outside, self.inside]
        return {**self.settled.fields(), PARITY_FIELD: orjson.dumps(pending)}

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> "Parity":
        """Raises ValueError where another version of the model wrote them."""
        inside_series, on, outside, inside = orjson.loads(fields[PARITY_FIELD.encode()])
        return cls(inside_series, PremiumState.from_fields(fields), date.fromisoformat(on) if on else None, outside, inside)


def together(one: date, other: date) -> bool:
    """Whether two prices of these days may be set against each other."""
    return abs((one - other).days) <= LONGEST_GAP_DAYS


def inside_of(outside: str, series: Iterable[str]) -> str | None:
    """Of the series of one partition the one inside China that an outside one is compared with: the same material and form; rather the
    same currency, purity and basis. None where there is none, or the series is not an outside one."""
    material, form, purity, market, basis, currency, _ = outside.split("/")
    if market != "EX_CN":
        return None
    found: list[tuple[bool, bool, bool, str]] = []
    for other in series:
        its_material, its_form, its_purity, its_market, its_basis, its_currency, _ = other.split("/")
        if (its_material, its_form, its_market) == (material, form, "CN"):
            found.append((its_currency != currency, its_purity != purity, its_basis != basis, other))
    return min(found)[3] if found else None
