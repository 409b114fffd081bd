"""What open exposures can cost more together: value at risk and expected shortfall by joint historical scenarios, and who contributes what.

L_s = sum_i E_i (exp(R_i,s) - 1). The expected shortfall is the coherent one of a discrete distribution (Acerbi and Tasche 2002, On the
coherence of expected shortfall): the worst 2.5 % of the scenarios, of which those that lie exactly on the boundary share the last part
equally. It is a weighted mean with the same weights for every exposure, so components add up whatever the ties, and groups are subadditive;
where 2.5 % is a whole number of scenarios without a tie it is the mean of L_s over L_s >= VaR.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import fsum
from typing import Final, NamedTuple, TypeVar

import numpy as np

from services.pricing_risk.domain.exchange import Leg
from services.pricing_risk.domain.joint_history import LONGEST_WINDOW, Floats, History, JointHistory, Window
from services.pricing_risk.domain.matching import Market, Rate
from services.pricing_risk.domain.view import at_horizon
from shared.contracts.price_series import SeriesView

Number = TypeVar("Number", float, Floats)

TAIL: Final = 0.025
_TIE: Final = 1e-12
"""Losses closer than this, relative to the largest, are the same: what is left between them is rounding."""


class RiskFactor(NamedTuple):
    """What moves an exposure until its price is set: a price, the exchange rates to the reporting currency, and over which days."""

    series: str
    legs: tuple[Leg, ...]
    window: Window


class Shortfall(NamedTuple):
    """Money, or a share of the exposure: what comes of the price and what of the exchange rates, half of what both do together each."""

    price: float = 0.0
    exchange: float = 0.0

    @property
    def total(self) -> float:
        return self.price + self.exchange

    def times(self, amount: float) -> "Shortfall":
        return Shortfall(amount * self.price, amount * self.exchange)


@dataclass(slots=True, frozen=True)
class Own:
    """What the model of the lines says of one factor, as shares of the exposure: price and exchange rates at their worst together."""

    shortfall: Shortfall
    rise_95: float
    rise_99: float


@dataclass(slots=True, frozen=True)
class _Moves:
    """Loss per money of exposure by scenario; shape (scenarios,) each."""

    price: Floats
    exchange: Floats


class CostAtRisk:
    """`exposures`: money in the reporting currency by risk factor. `shares` holds each factor's part of the expected shortfall per money
    exposed to it; a factor that nothing measures is in none.

    A factor without enough common history is taken at its own shortfall, which then comes when the rest is at its worst: it adds up with
    the rest and is never too little. Those are in `by_proxy`.
    """

    def __init__(self, exposures: Mapping[RiskFactor, float], views: Mapping[str, SeriesView], read: Mapping[str, History]) -> None:
        exposed = {factor: exposures[factor] for factor in sorted(exposures) if exposures[factor]}
        used = {series for factor in exposed for series in _series_of(factor)}
        self._history = JointHistory({series: history for series, history in read.items() if series in used})
        self._moves: dict[RiskFactor, _Moves] = {}
        self._own: dict[RiskFactor, Own] = {}
        market = Market(views, stale_days=0)
        for factor in exposed:
            own = _own(factor, views, market)
            if own is not None:
                self._own[factor] = own
                if all(series in self._history.levels for series in _series_of(factor)):
                    self._moves[factor] = self._moved(factor, views)
        losses = self._losses(exposed)
        weights = tail_weights(losses)
        self.scenarios = self._history.scenarios if self._moves else 0
        self.by_proxy = frozenset(self._own.keys() - self._moves.keys())
        self.shares = {
            factor: Shortfall(float(weights @ moves.price), float(weights @ moves.exchange)) for factor, moves in self._moves.items()
        }
        self.shares |= {factor: self._own[factor].shortfall for factor in self.by_proxy}
        self.expected_shortfall = self.of(exposed)
        self.cost_at_risk_95 = value_at_risk(losses, 0.05) + fsum(exposed[factor] * self._own[factor].rise_95 for factor in self.by_proxy)
        self.cost_at_risk_99 = value_at_risk(losses, 0.01) + fsum(exposed[factor] * self._own[factor].rise_99 for factor in self.by_proxy)
        self.undiversified = fsum(exposed[factor] * own.shortfall.total for factor, own in self._own.items())
        """What the lines' own model sums up to, as if everything were at its worst at once."""

    def of(self, exposures: Mapping[RiskFactor, float]) -> Shortfall:
        """The part of the whole portfolio's expected shortfall that these exposures are."""
        measured = [(amount, self.shares[factor]) for factor, amount in exposures.items() if factor in self.shares]
        return Shortfall(
            fsum(amount * share.price for amount, share in measured), fsum(amount * share.exchange for amount, share in measured)
        )

    def alone(self, exposures: Mapping[RiskFactor, float]) -> float:
        """Expected shortfall of these exposures by themselves, were there no others; the factors have to be among the portfolio's."""
        losses = self._losses({factor: exposures[factor] for factor in sorted(exposures)})
        by_proxy = fsum(amount * self._own[factor].shortfall.total for factor, amount in exposures.items() if factor in self.by_proxy)
        return float(tail_weights(losses) @ losses) + by_proxy

    def _losses(self, exposures: Mapping[RiskFactor, float]) -> Floats:
        """Shape (scenarios,). Factors come in one order, so that the same exposures give the same bits."""
        losses = np.zeros(self._history.scenarios)
        for factor, amount in exposures.items():
            if factor in self._moves:
                losses += amount * (self._moves[factor].price + self._moves[factor].exchange)
        return losses

    def _moved(self, factor: RiskFactor, views: Mapping[str, SeriesView]) -> _Moves:
        first, last = factor.window
        within = factor.window if last <= LONGEST_WINDOW else Window(max(1, round(first * LONGEST_WINDOW / last)), LONGEST_WINDOW)
        level = self._history.levels[factor.series]
        price = self._history.moves(level, within) ** _growth(views[factor.series], last)
        if not factor.legs:
            return _Moves(price - 1.0, np.zeros_like(price))
        rate = np.ones_like(level)
        for leg in factor.legs:
            rate = rate / self._history.levels[leg.series] if leg.inverse else rate * self._history.levels[leg.series]
        # The mean of a product over a quotation period is no product of means: what the price alone does not explain is the rate's.
        together = self._history.moves(level * rate, within) / self._history.moves(level, within)
        growth = max(_growth(views[leg.series], last) for leg in factor.legs)
        rates = together**growth
        return _Moves(by_price(price, rates), by_rate(price, rates))


def tail_weights(losses: Floats, tail: float = TAIL) -> Floats:
    """Weights that sum to 1, with which the mean of the losses is their expected shortfall; equal losses weigh the same. Shape as given."""
    if not losses.size:
        return np.empty(0)
    boundary = value_at_risk(losses, tail)
    near = _TIE * float(np.max(np.abs(losses)))
    beyond, on = losses > boundary + near, np.abs(losses - boundary) <= near
    counted = tail * losses.size
    return np.asarray(np.where(beyond, 1.0, np.where(on, (counted - beyond.sum()) / on.sum(), 0.0)) / counted)


def value_at_risk(losses: Floats, tail: float = TAIL) -> float:
    """The least loss that at most a share `tail` of the losses is beyond; 0 where there are none."""
    if not losses.size:
        return 0.0
    beyond = int(np.floor(tail * losses.size + 1e-9))
    return float(np.sort(losses)[losses.size - 1 - min(beyond, losses.size - 1)])


def _series_of(factor: RiskFactor) -> Iterable[str]:
    return (factor.series, *(leg.series for leg in factor.legs))


def _own(factor: RiskFactor, views: Mapping[str, SeriesView], market: Market) -> Own | None:
    """None where one of the series tells no risk."""
    days = factor.window.last
    quoted = views[factor.series]
    price = market.risk(quoted, days)
    legs = tuple((views[leg.series], leg.inverse) for leg in factor.legs)
    wanted = [view.material if inverse else view.currency for view, inverse in legs]
    rates = market.rate_risk(Rate(Decimal(1), (quoted.currency, [quoted.currency, *wanted][-1]), legs), days)
    if price is None or rates is None:
        return None
    dear, rate = 1.0 + price.shortfall_975, 1.0 + rates.shortfall_975
    return Own(
        Shortfall(by_price(dear, rate), by_rate(dear, rate)),
        (1.0 + price.rise_95) * (1.0 + rates.rise_95) - 1.0,
        (1.0 + price.rise_99) * (1.0 + rates.rise_99) - 1.0,
    )


def _growth(view: SeriesView, days: int) -> float:
    """How much further the price may go in `days` than in the longest window, on the scale of log returns."""
    if days <= LONGEST_WINDOW:
        return 1.0
    longest = at_horizon(view, LONGEST_WINDOW).bound_975
    return at_horizon(view, days).bound_975 / longest if longest > 0 else 1.0


def by_price(price: Number, rate: Number) -> Number:
    """Of a change to `price` times `rate`, each over what it was: what comes of the price, with half of what both do together."""
    return (price - 1.0) * (1.0 + rate) / 2.0


def by_rate(price: Number, rate: Number) -> Number:
    """The rest of price times rate - 1."""
    return (rate - 1.0) * (1.0 + price) / 2.0
