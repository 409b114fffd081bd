"""The state of one price series: everything its risk is computed from, O(1) per tick in time and in fields written.

With x the log price and h in quotation days:

    r_t  = x_t - x_{t-1}                      v_t = 0.97 v_{t-1} + 0.03 r_t^2
    M1_t = 0.995 M1_{t-1} + 0.005 r_t^2       Mh_t = 0.995 Mh_{t-1} + 0.005 (x_t - x_{t-h})^2
    VR_h = clip(Mh / (h M1), 1, h)            sigma_h = sqrt(v_t h VR_h), beyond 63 days sqrt((63 v_t + (h - 63) u_t) VR_h)
    Q_h(p) = quantile p of all h-day returns so far             bound x_p = max(z_p sigma_h, Q_h(p))

RiskMetrics Technical Document 1996 (EWMA); Lo and MacKinlay 1988 (variance ratio, here without mean); expanding historical simulation.
v_t is what prices do now and does not last for a year: behind a quarter the variance of a day is u_t, the slow one without outliers by
which regimes are told (`regime.py`).

What is assumed of a price without a past (`prior.py`) stands in all of it, and fades: v starts at the assumed variance; Mh and M1 are
free of their start (divided by 1 - 0.995^n), and VR_h is the assumed ratio with weight 0.985^n and the measured one with the rest; the
assumed returns are counted with the seen ones in Q_h. While a rally or a spike runs, Q_h is at least what dated rallies rose by.
"""

from collections.abc import Mapping
from datetime import date
from math import expm1, log, sqrt
from statistics import NormalDist
from struct import Struct

from services.pricing_risk.domain.histogram import Assumed, bin_of, shortfall, upper_quantiles
from services.pricing_risk.domain.prior import (
    METAL_SD_1D,
    MOST_TREND,
    OBSERVATIONS,
    RALLY_99,
    RALLY_975,
    RALLY_SHORTFALL_975,
    SPREAD,
    SQUARES,
    TREND_DAYS,
    TREND_DOWN,
    TREND_UP,
    TYPICAL,
    VARIANCE_RATIO_FADING,
    WILDEST,
    assumed_variance_ratio,
    rally_95,
)
from services.pricing_risk.domain.regime import RegimeState
from shared.contracts.price_series import HorizonView, Regime

MODEL_VERSION = 3
"""Rises with every change of what the state means; a state of another version is folded again from its ticks."""
HORIZONS = (1, 5, 10, 20, 42, 63, 126, 189, 252)
"""Quotation days."""
FADING = 0.97
SLOW_FADING = 0.995
PROBABILITIES = (0.95, 0.975, 0.99)
Z_95, Z_975, Z_99 = (NormalDist().inv_cdf(probability) for probability in PROBABILITIES)
LASTING_DAYS = 63
"""So many quotation days ahead the present variance counts."""
RECENT = 60
"""Quotation days over which the share of unchanged prices is taken."""

_LASTING = HORIZONS.index(LASTING_DAYS)
_RING = HORIZONS[-1] + 1
_RECENT_MASK = (1 << RECENT) - 1
_SCALARS = Struct(f"<HIIiiiQ5d{len(HORIZONS)}d")
_SLOT = Struct("<d")
_RALLY_95 = tuple(rally_95(days) for days in HORIZONS)


class SeriesState:
    """Mutable; `advance` and `anchor` take prices that the tick gate accepted, in the order of their days."""

    __slots__ = (
        "_assumed_sd",
        "_bins",
        "_changed_bins",
        "_changed_on",
        "_changed_slots",
        "_first_on",
        "_histograms",
        "_last_on",
        "_level",
        "_moments",
        "_recent_zeros",
        "_ring",
        "_squares",
        "_v",
        "last_price",
        "regime_state",
        "returns",
        "ticks",
    )

    def __init__(self, assumed_sd_1d: float = METAL_SD_1D) -> None:
        """Before the first price; assumed is the daily standard deviation of such prices (`prior.py`: a metal's, an exchange rate's)."""
        self.ticks = 0
        """Prices that entered."""
        self.returns = 0
        """Of them, those that made a return with the price before."""
        self.last_price = 0.0
        self.regime_state = RegimeState(assumed_sd_1d)
        self._assumed_sd = assumed_sd_1d
        self._first_on = self._last_on = self._changed_on = 0
        self._recent_zeros = 0
        """The last 60 returns as bits, 1 where the price did not change."""
        self._level = 0.0
        """Sum of the log returns: the log price, but that an anchored price does not move it."""
        self._squares = 0.0
        """Sum of the squared log returns."""
        self._v = assumed_sd_1d * assumed_sd_1d
        self._moments = [0.0] * len(HORIZONS)
        self._ring = [0.0] * _RING
        """The last levels, by the number of returns behind them."""
        self._histograms: tuple[dict[int, int], ...] = tuple({} for _ in HORIZONS)
        self._bins: list[list[int]] = [[] for _ in HORIZONS]
        self._changed_slots: set[int] = set()
        self._changed_bins: set[tuple[int, int]] = set()

    def anchor(self, on: date, price: float) -> None:
        """A price that makes no return with the one before: the first, one after too long a silence, the first of another source.

        Returns over several days then are those of the quoted days before and after, without the step between them.
        """
        day = on.toordinal()
        if self.ticks == 0:
            self._first_on = self.regime_state.since = day
            self._changed_slots.add(0)
        if price != self.last_price:
            self._changed_on = day
        self.ticks += 1
        self.last_price = price
        self._last_on = day

    def advance(self, on: date, price: float) -> None:
        """The price, > 0, of the next quotation day."""
        if self.ticks == 0:
            self.anchor(on, price)
            return
        day = on.toordinal()
        if price == self.last_price:
            change = square = 0.0
            zeros = self._recent_zeros << 1 | 1
        else:
            change = log(price / self.last_price)
            square = change * change
            zeros = self._recent_zeros << 1
            self._changed_on = day
        self._recent_zeros = zeros & _RECENT_MASK
        self._level = level = self._level + change
        self._squares += square
        self._v = FADING * self._v + (1.0 - FADING) * square
        self.returns = returns = self.returns + 1
        ring, moments, changed = self._ring, self._moments, self._changed_bins
        for place, days in enumerate(HORIZONS):
            if days > returns:
                break
            over = level - ring[(returns - days) % _RING]
            moments[place] = SLOW_FADING * moments[place] + (1.0 - SLOW_FADING) * over * over
            number = bin_of(over)
            counts = self._histograms[place]
            counts[number] = counts.get(number, 0) + 1
            changed.add((place, number))
        slot = returns % _RING
        ring[slot] = level
        self._changed_slots.add(slot)
        self.regime_state.advance(change, day)
        self.ticks += 1
        self.last_price = price
        self._last_on = day

    @property
    def first_on(self) -> date | None:
        return date.fromordinal(self._first_on) if self.ticks else None

    @property
    def last_on(self) -> date | None:
        return date.fromordinal(self._last_on) if self.ticks else None

    @property
    def changed_on(self) -> date | None:
        """The day of the last change of price; the first day where it never changed."""
        return date.fromordinal(self._changed_on) if self.ticks else None

    @property
    def zero_share(self) -> float | None:
        """Share of the last 60 returns (fewer where there are fewer) that were exactly 0."""
        return self._recent_zeros.bit_count() / min(self.returns, RECENT) if self.returns else None

    @property
    def sigma_1d(self) -> float:
        """sqrt(v)."""
        return sqrt(self._v)

    @property
    def return_20d(self) -> float | None:
        """Log return over the last 20 quotation days."""
        return self._level - self._ring[(self.returns - 20) % _RING] if self.returns >= 20 else None

    @property
    def cusum_up(self) -> float:
        return self.regime_state.up

    @property
    def cusum_down(self) -> float:
        return self.regime_state.down

    @property
    def regime(self) -> Regime:
        return self.regime_state.regime

    @property
    def regime_since(self) -> date | None:
        return date.fromordinal(self.regime_state.since) if self.ticks else None

    @property
    def regime_news_on(self) -> date | None:
        """The day of the last news of the regime (`regime.py`); None where there was none."""
        return date.fromordinal(self.regime_state.news_on) if self.regime_state.news_on else None

    @property
    def prior_weight(self) -> float:
        """The share of the assumed returns among all that the quantiles are of, from 1 to 0."""
        return OBSERVATIONS / (OBSERVATIONS + self.returns)

    def measured_variance_ratio(self, place: int) -> float:
        """VR of the horizon HORIZONS[place] from the series' own returns alone; 1 before there are any over so many days."""
        days = HORIZONS[place]
        returns = self.returns - days + 1
        if returns < 1 or self._moments[0] == 0.0:
            return 1.0
        over_h = self._moments[place] / (1.0 - SLOW_FADING**returns)
        over_1 = self._moments[0] / (1.0 - SLOW_FADING**self.returns)
        return min(max(over_h / (days * over_1), 1.0), float(days))

    def variance_ratio(self, place: int) -> float:
        """VR of the horizon HORIZONS[place], from what is assumed (beyond a quarter: that of the quarter) and what was measured."""
        days = HORIZONS[place]
        ratio = self.variance_ratio(_LASTING) if place > _LASTING else assumed_variance_ratio(days, self._assumed_sd)
        assumed = VARIANCE_RATIO_FADING ** max(self.returns - days + 1, 0)
        return assumed * ratio + (1.0 - assumed) * self.measured_variance_ratio(place)

    @property
    def own_sd_1d(self) -> float:
        """The daily standard deviation over all returns and a few of a typical quote; at most a little above what is assumed."""
        variance = (self._squares + SQUARES * (TYPICAL * self._assumed_sd) ** 2) / (self.returns + SQUARES)
        return min(sqrt(variance), WILDEST * self._assumed_sd)

    def _assumed(self, days: int, ratio: float, trend: float) -> Assumed:
        """Returns over so many days; `ratio`: the series' own variance ratio, `trend`: its daily log return of late."""
        usual = assumed_variance_ratio(days, self._assumed_sd)
        sd = SPREAD * self.own_sd_1d * sqrt(days * (usual + min(ratio, MOST_TREND * usual)) / 2.0)
        return Assumed.with_sd(OBSERVATIONS, sd, min(max(trend * days, -TREND_DOWN * sd), TREND_UP * sd))

    def horizons(self) -> list[HorizonView]:
        """Of each of HORIZONS. A longer one never tells less than a shorter one: variance and quantiles are carried along."""
        rally = self.own_sd_1d / (TYPICAL * METAL_SD_1D) if self.regime_state.rising else 0.0
        usual = self.regime_state.usual_variance
        trend = (self._level - self._ring[max(self.returns - TREND_DAYS, 0) % _RING]) / TREND_DAYS
        variance = 0.0
        q_95 = q_975 = q_99 = worst = float("-inf")
        views: list[HorizonView] = []
        for place, days in enumerate(HORIZONS):
            ratio = self.variance_ratio(place)
            lasting = min(days, LASTING_DAYS)
            variance = max(variance, (self._v * lasting + usual * (days - lasting)) * ratio)
            sigma = sqrt(variance)
            assumed = self._assumed(days, ratio, trend)
            counts, bins = self._histograms[place], self._highest_first(place)
            quantiles = upper_quantiles(counts, bins, max(self.returns - days + 1, 0), assumed, PROBABILITIES)
            worst = max(worst, shortfall(counts, bins, assumed, quantiles[1]))
            q_95, q_975, q_99 = (max(pair) for pair in zip((q_95, q_975, q_99), quantiles, strict=True))
            if rally:
                rise = rally * _RALLY_95[place]
                q_95, q_975, q_99 = max(q_95, rise), max(q_975, RALLY_975 * rise), max(q_99, RALLY_99 * rise)
                worst = max(worst, expm1(RALLY_SHORTFALL_975 * rise))
            views.append(
                HorizonView(
                    days=days,
                    variance_ratio=variance / (self._v * days) if self._v > 0.0 else 1.0,
                    sigma=sigma,
                    historical_95=q_95,
                    historical_975=q_975,
                    historical_99=q_99,
                    historical_shortfall_975=worst,
                    bound_95=max(Z_95 * sigma, q_95),
                    bound_975=max(Z_975 * sigma, q_975),
                    bound_99=max(Z_99 * sigma, q_99),
                )
            )
        return views

    def _highest_first(self, place: int) -> list[int]:
        """The bins of a horizon in order; they are never emptied, so that as many as before are the same."""
        counts, bins = self._histograms[place], self._bins[place]
        if len(bins) != len(counts):
            bins = self._bins[place] = sorted(counts, reverse=True)
        return bins

    def fields(self) -> dict[str, bytes]:
        """The whole state as fields of a hash."""
        slots = set(range(min(self.returns + 1, _RING))) if self.ticks else set()
        return self._packed(slots, {(place, number) for place, counts in enumerate(self._histograms) for number in counts})

    def changed_fields(self) -> dict[str, bytes]:
        """What has changed since the last call, or since the state was made from fields: at most 11 fields per tick."""
        packed = self._packed(self._changed_slots, self._changed_bins)
        self._changed_slots.clear()
        self._changed_bins.clear()
        return packed

    def _packed(self, slots: set[int], bins: set[tuple[int, int]]) -> dict[str, bytes]:
        scalars = _SCALARS.pack(
            MODEL_VERSION,
            self.ticks,
            self.returns,
            self._first_on,
            self._last_on,
            self._changed_on,
            self._recent_zeros,
            self._assumed_sd,
            self.last_price,
            self._level,
            self._squares,
            self._v,
            *self._moments,
        )
        packed = {"scalars": scalars + self.regime_state.pack()}
        for slot in slots:
            packed[f"r{slot}"] = _SLOT.pack(self._ring[slot])
        for place, number in bins:
            packed[f"h{place}:{number}"] = b"%d" % self._histograms[place][number]
        return packed

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> "SeriesState":
        """The state that told these fields. Raises ValueError where that was another version of the model."""
        scalars = fields[b"scalars"]
        version = int.from_bytes(scalars[:2], "little")
        if version != MODEL_VERSION:
            raise ValueError(f"this state of a price series is of model version {version}, not {MODEL_VERSION}; fold its ticks again")
        state = cls()
        (
            _,
            state.ticks,
            state.returns,
            state._first_on,
            state._last_on,
            state._changed_on,
            state._recent_zeros,
            state._assumed_sd,
            state.last_price,
            state._level,
            state._squares,
            state._v,
            *state._moments,
        ) = _SCALARS.unpack_from(scalars)
        state.regime_state = RegimeState.unpack(scalars[_SCALARS.size :])
        for name, value in fields.items():
            if name.startswith(b"r"):
                state._ring[int(name[1:])] = _SLOT.unpack(value)[0]
            elif name.startswith(b"h"):
                place, _, number = name[1:].partition(b":")
                state._histograms[int(place)][int(number)] = int(value)
        return state
