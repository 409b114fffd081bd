"""What the other parts see of a series, and what of it holds over a given number of days."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import exp, expm1, log1p, sqrt
from statistics import NormalDist

from services.pricing_risk.domain.prior import METAL_SD_1D, TYPICAL, VARIANCE_RATIO
from services.pricing_risk.domain.series import HORIZONS, Z_95, Z_99, Z_975, SeriesState
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.price import PriceBasis, PriceForm, PriceMarket
from shared.contracts.price_series import HorizonView, PremiumView, SeriesView

_NORMAL = NormalDist()
VARIANCE_A_DAY = (TYPICAL * METAL_SD_1D) ** 2 * VARIANCE_RATIO[HORIZONS[-1]]
"""Of a typical metal, trends included."""


@dataclass(slots=True, frozen=True)
class SeriesIdentity:
    """What a series is, as far as its prices do not tell it."""

    series: str
    material: str
    form: PriceForm
    market: PriceMarket
    basis: PriceBasis
    currency: str
    elements: list[str] = field(default_factory=list)


def series_view(
    identity: SeriesIdentity, state: SeriesState, *, source: str, held: int = 0, premium: PremiumView | None = None
) -> SeriesView | None:
    """The view of a daily series whose last price is of `source`; None before the first price."""
    if state.first_on is None or state.last_on is None:
        return None
    view = SeriesView(
        series=identity.series,
        material=identity.material,
        elements=identity.elements,
        form=identity.form,
        market=identity.market,
        basis=identity.basis,
        currency=identity.currency,
        price=Decimal(format(Decimal(format(state.last_price, ".12g")), "f")),
        as_of=state.last_on,
        source=source,
        first_on=state.first_on,
        ticks=state.ticks,
        held=held,
        sigma_1d=state.sigma_1d,
        horizons=state.horizons(),
        zero_share=state.zero_share,
        changed_on=state.changed_on,
        regime=state.regime,
        regime_since=state.regime_since,
        cusum_up=state.cusum_up,
        cusum_down=state.cusum_down,
        return_20d=state.return_20d,
        prior_weight=state.prior_weight,
        premium=premium,
        digest="",
    )
    return with_digest(view)


def with_digest(view: SeriesView) -> SeriesView:
    rest = view.model_dump(mode="json", exclude={"digest"})
    return view.model_copy(update={"digest": sha256_hex(canonical_json(rest))[:16]})


def at_horizon(view: SeriesView, quotation_days: int) -> HorizonView:
    """What holds over so many quotation days.

    Between two horizons of the view the variance is interpolated in days, the quantiles in the square root of days: both rise where the
    horizons do. Beyond the longest, what comes is taken as independent of what came before and as that of a typical metal: its variance
    adds to the square of a rise. A price that has once risen to its threefold in a year is not taken to do so each year, and nothing grows
    faster than with the square root of days. Over 0 days nothing moves. Raises ValueError where the view tells nothing of risk (an annual
    reference).
    """
    grid = view.horizons
    if not grid:
        raise ValueError(f"{view.series} has no horizons: an annual reference tells a level and nothing of risk")
    if quotation_days <= 0:
        return _at(0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    below, above = _either_side(grid, quotation_days)
    if above is None:
        return _beyond(grid[-1], quotation_days)
    return above if above.days == quotation_days else _between(below, above, quotation_days)


def looked_at(view: SeriesView, quotation_days: Iterable[int]) -> SeriesView:
    """The view as far as `at_horizon` looks at it for these days; the digest stays that of the whole view."""
    needed = {each.days for days in quotation_days if days > 0 for each in _either_side(view.horizons, days) if each is not None}
    return view.model_copy(update={"horizons": [each for each in view.horizons if each.days in needed]})


def _either_side(grid: Sequence[HorizonView], days: int) -> tuple[HorizonView | None, HorizonView | None]:
    """The last horizon before that day and the first from it on."""
    place = bisect_left(grid, days, key=lambda horizon: horizon.days)
    return grid[place - 1] if place else None, grid[place] if place < len(grid) else None


def _between(below: HorizonView | None, above: HorizonView, days: int) -> HorizonView:
    start, variance_below = (below.days, below.sigma * below.sigma) if below else (0, 0.0)
    share = (days - start) / (above.days - start)
    variance = variance_below + share * (above.sigma * above.sigma - variance_below)
    share = (sqrt(days) - sqrt(start)) / (sqrt(above.days) - sqrt(start))

    def quantile(low: float | None, high: float | None) -> float | None:
        return None if low is None or high is None else low + share * (high - low)

    ratio_below = below.variance_ratio if below else 1.0
    return _at(
        days,
        ratio_below + share * (above.variance_ratio - ratio_below),
        sqrt(variance),
        quantile(below.historical_95 if below else 0.0, above.historical_95),
        quantile(below.historical_975 if below else 0.0, above.historical_975),
        quantile(below.historical_99 if below else 0.0, above.historical_99),
        quantile(below.historical_shortfall_975 if below else 0.0, above.historical_shortfall_975),
    )


def _beyond(longest: HorizonView, days: int) -> HorizonView:
    added, growth = VARIANCE_A_DAY * (days - longest.days), sqrt(days / longest.days)

    def grown(log_return: float, z: float) -> float:
        return min(sqrt(log_return * log_return + z * z * added), log_return * growth) if log_return > 0.0 else log_return

    def quantile(log_return: float | None, z: float) -> float | None:
        return None if log_return is None else grown(log_return, z)

    shortfall = longest.historical_shortfall_975
    return _at(
        days,
        longest.variance_ratio,
        grown(longest.sigma, 1.0),
        quantile(longest.historical_95, Z_95),
        quantile(longest.historical_975, Z_975),
        quantile(longest.historical_99, Z_99),
        None if shortfall is None else expm1(grown(log1p(shortfall), Z_975)),
    )


def _at(
    days: int, ratio: float, sigma: float, q_95: float | None, q_975: float | None, q_99: float | None, shortfall: float | None
) -> HorizonView:
    return HorizonView(
        days=days,
        variance_ratio=ratio,
        sigma=sigma,
        historical_95=q_95,
        historical_975=q_975,
        historical_99=q_99,
        historical_shortfall_975=shortfall,
        bound_95=Z_95 * sigma if q_95 is None else max(Z_95 * sigma, q_95),
        bound_975=Z_975 * sigma if q_975 is None else max(Z_975 * sigma, q_975),
        bound_99=Z_99 * sigma if q_99 is None else max(Z_99 * sigma, q_99),
    )


def lognormal_shortfall(sigma: float, probability: float) -> float:
    """Expected loss of a buyer, as a share of the price, in the worst 1 - probability of cases of a log-normal price without drift:
    exp(sigma^2 / 2) Phi(sigma - z_p) / (1 - p) - 1; 0 where sigma is."""
    if sigma <= 0.0:
        return 0.0
    return exp(sigma * sigma / 2.0) * _NORMAL.cdf(sigma - _NORMAL.inv_cdf(probability)) / (1.0 - probability) - 1.0


def shortfall_975(horizon: HorizonView) -> float:
    """Expected shortfall beyond the 97.5 % quantile, as a share of the price: the larger of the log-normal one and the historical one."""
    lognormal = lognormal_shortfall(horizon.sigma, 0.975)
    historical = horizon.historical_shortfall_975
    return lognormal if historical is None else max(lognormal, historical)
