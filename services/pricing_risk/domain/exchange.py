"""From one currency to another by the exchange-rate series there are. No rates are shipped: what no series tells is unknown."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from shared.contracts.price_series import SeriesView


class Leg(NamedTuple):
    """One exchange: multiply by the series' price, or divide where `inverse`."""

    series: str
    inverse: bool


class Rates:
    """Of several series of one pair the latest counts. A pair without one is made over one third currency."""

    def __init__(self, views: Iterable[SeriesView]) -> None:
        self._legs: dict[tuple[str, str], Leg] = {}
        self._prices: dict[str, Decimal] = {}
        self._found: dict[tuple[str, str], tuple[Leg, ...] | None] = {}
        for view in sorted(views, key=lambda view: (view.as_of, view.ticks, view.series)):
            if view.market == "FX" and view.price > 0:
                self._prices[view.series] = view.price
                self._legs[view.material, view.currency] = Leg(view.series, inverse=False)
                self._legs[view.currency, view.material] = Leg(view.series, inverse=True)

    def route(self, bought: str, paid: str) -> tuple[Leg, ...] | None:
        """The exchanges that turn money in `bought` into money in `paid`: none for the same currency; None where no series tells."""
        pair = (bought, paid)
        if pair not in self._found:
            self._found[pair] = self._search(bought, paid)
        return self._found[pair]

    def rate(self, legs: Iterable[Leg]) -> Decimal:
        """What one unit of the first currency is in the last."""
        rate = Decimal(1)
        for series, inverse in legs:
            rate = rate / self._prices[series] if inverse else rate * self._prices[series]
        return rate

    def _search(self, bought: str, paid: str) -> tuple[Leg, ...] | None:
        if bought == paid:
            return ()
        direct = self._legs.get((bought, paid))
        if direct is not None:
            return (direct,)
        thirds = sorted(third for currency, third in self._legs if currency == bought and (third, paid) in self._legs)
        return (self._legs[bought, thirds[0]], self._legs[thirds[0], paid]) if thirds else None
