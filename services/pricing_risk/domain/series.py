"""The state of one price series: everything its risk is computed from, O(1) per tick in time and in fields written.

Formulas (v with lambda 0.97, second moments with lambda 0.995, x the log price):

    r_t  = x_t - x_{t-1}                      v_t = 0.97 v_{t-1} + 0.03 r_t^2
    M1_t = 0.995 M1_{t-1} + 0.005 r_t^2       Mh_t = 0.995 Mh_{t-1} + 0.005 (x_t - x_{t-h})^2
    VR_h = clip(Mh / (h M1), 1, h)            sigma_h = sqrt(v_t h VR_h)
    Q_h(p) = quantile p of all past h-day returns            bound x_p = max(z_p sigma_h, Q_h(p))

RiskMetrics Technical Document 1996 (EWMA); Lo and MacKinlay 1988 (variance ratio, here without mean); expanding historical simulation.
Every estimate starts from the prior of `prior.py`, which fades as the series gets a past of its own.
"""

from collections.abc import Mapping
from datetime import date
from math import log, sqrt
from statistics import NormalDist
from struct import Struct

from services.pricing_risk.domain.histogram import bin_of, pooled, shortfall, upper_quantiles
from services.pricing_risk.domain.prior import PSEUDO_OBSERVATIONS, SD_1D, VARIANCE_RATIO, pseudo_returns
from services.pricing_risk.domain.regime import RegimeState
from shared.contracts.price_series import HorizonView, Regime

MODEL_VERSION = 1
"""Rises with every change of what the state means; states of another version are folded again from their ticks."""
HORIZONS = (1, 5, 10, 20, 42, 63, 126, 189, 252)
"""Quotation days."""
FADING = 0.97
SLOW_FADING = 0.995
PROBABILITIES = (0.95, 0.975, 0.99)
Z_95, Z_975, Z_99 = (NormalDist().inv_cdf(probability) for probability in PROBABILITIES)
RECENT = 60
"""Quotation days over which the share of unchanged prices is taken."""

_RING = HORIZONS[-1] + 1
_RECENT_MASK = (1 << RECENT) - 1
_SCALARS = Struct("<HIIiiiQddddd" + f"{len(HORIZONS)}d")
_REGIME = Struct("<dddBiII")
_SLOT = Struct("<d")
_PRIOR = tuple(pseudo_returns(days) for days in HORIZONS)


class SeriesState:
    """Mutable; `advance` and `anchor` take prices that the tick gate accepted, in the order of their days."""

    __slots__ = (
        "_changed_bins",
        "_changed_slots",
        "_first_on",
        "_histograms",
        "_last_change",
        "_last_on",
        "_level",
        "_moments",
        "_recent_zeros",
        "_ring",
        "_v",
        "last_price",
        "regime_state",
        "returns",
        "ticks",
    )

    def __init__(self) -> None:
        self.ticks = 0
        """Prices that entered."""
        self.returns = 0
        """Of them, those that made a return with the price before."""
        self.last_price = 0.0
        self.regime_state = RegimeState()
        self._first_on = 0
        self._last_on = 0
        self._last_change = 0
        self._recent_zeros = 0
        """The last 60 returns as bits, 1 where the price did not change."""
        self._level = 0.0
        """Sum of the log returns: the log price, but that an anchored price does not move it."""
        self._v = SD_1D * SD_1D
        self._moments = [SD_1D * SD_1D * days * VARIANCE_RATIO[days] for days in HORIZONS]
        self._ring = [0.0] * _RING
        self._histograms: tuple[dict[int, int], ...] = tuple({} for _ in HORIZONS)
        self._changed_slots: set[int] = set()
        self._changed_bins: set[tuple[int, int]] = set()

    @classmethod
    def empty(cls) -> "SeriesState":
        return cls()

    def copy(self) -> "SeriesState":
        """An independent state that is equal to this one."""
        other = SeriesState.from_fields({name.encode(): value for name, value in self.fields().items()})
        other._changed_slots = set(self._changed_slots)
        other._changed_bins = set(self._changed_bins)
        return other

    def anchor(self, on: date, price: float) -> None:
        """A price that makes no return with the one before: the first, one after too long a silence, the first of another source.

        Returns over several days are then those of the quoted days before and after, without the step between them.
        """
        if self.ticks == 0:
            self._first_on = self._last_change = self.regime_state.since = on.toordinal()
            self._changed_slots.add(0)
        self.ticks += 1
        self.last_price = price
        self._last_on = on.toordinal()

    def advance(self, on: date, price: float) -> None:
        """The price of the next quotation day."""
        if self.ticks == 0:
            self.anchor(on, price)
            return
        day = on.toordinal()
        change = log(price / self.last_price) if price != self.last_price else 0.0
        square = change * change
        self._level = level = self._level + change
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
        self._recent_zeros = (self._recent_zeros << 1 | (change == 0.0)) & _RECENT_MASK
        if change != 0.0:
            self._last_change = day
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
        return date.fromordinal(self._last_change) if self.ticks else None

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
    def prior_weight(self) -> float:
        """The prior's share of the observations behind the quantiles, from 1 to 0."""
        return PSEUDO_OBSERVATIONS / (PSEUDO_OBSERVATIONS + self.returns)

    def variance_ratio(self, place: int) -> float:
        """VR of the horizon HORIZONS[place]."""
        days = HORIZONS[place]
        one = self._moments[0]
        ratio = self._moments[place] / (days * one) if one > 0.0 else 1.0
        return min(max(ratio, 1.0), float(days))

    def horizons(self) -> list[HorizonView]:
        """Of each horizon in HORIZONS. A longer one never tells less risk than a shorter: variance and quantiles are carried along."""
        views: list[HorizonView] = []
        variance = 0.0
        highest = [-1e9, -1e9, -1e9, -1e9]
        for place, days in enumerate(HORIZONS):
            variance = max(variance, self._v * days * self.variance_ratio(place))
            sigma = sqrt(variance)
            counts = pooled(self._histograms[place], _PRIOR[place])
            quantiles = upper_quantiles(counts, PROBABILITIES)
            highest = [max(pair) for pair in zip(highest, [*quantiles, shortfall(counts, quantiles[1])], strict=True)]
            q_95, q_975, q_99, historical_shortfall = highest
            views.append(
                HorizonView(
                    days=days,
                    variance_ratio=variance / (self._v * days) if self._v > 0.0 else 1.0,
                    sigma=sigma,
                    historical_95=q_95,
                    historical_975=q_975,
                    historical_99=q_99,
                    historical_shortfall_975=historical_shortfall,
                    bound_95=max(Z_95 * sigma, q_95),
                    bound_975=max(Z_975 * sigma, q_975),
                    bound_99=max(Z_99 * sigma, q_99),
                )
            )
        return views

    def fields(self) -> dict[str, bytes]:
        """The whole state as fields of a hash."""
        slots = range(min(self.returns + 1, _RING)) if self.ticks else ()
        bins = [(place, number) for place, counts in enumerate(self._histograms) for number in counts]
        return self._packed(slots, bins)

    def changed_fields(self) -> dict[str, bytes]:
        """What differs from the last call, or from the fields this was made from; a bounded number of fields per tick."""
        packed = self._packed(self._changed_slots, self._changed_bins)
        self._changed_slots.clear()
        self._changed_bins.clear()
        return packed

    def _packed(self, slots: "range | tuple[()] | set[int]", bins: "list[tuple[int, int]] | set[tuple[int, int]]") -> dict[str, bytes]:
        regime = self.regime_state
        packed = {
            "scalars": _SCALARS.pack(
                MODEL_VERSION,
                self.ticks,
                self.returns,
                self._first_on,
                self._last_on,
                self._last_change,
                self._recent_zeros,
                self.last_price,
                self._level,
                self._v,
                0.0,
                0.0,
                *self._moments,
            )
            + _REGIME.pack(regime.variance, regime.up, regime.down, regime.number, regime.since, regime.quiet, regime.alarms_up)
        }
        for slot in slots:
            packed[f"r{slot}"] = _SLOT.pack(self._ring[slot])
        for place, number in bins:
            packed[f"h{place}:{number}"] = b"%d" % self._histograms[place][number]
        return packed

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> "SeriesState":
        """The state that `fields` told. Raises ValueError where they are of another version of the model."""
        state = cls()
        scalars = fields[b"scalars"]
        version, *values = _SCALARS.unpack_from(scalars)
        if version != MODEL_VERSION:
            raise ValueError(f"this series state is of model version {version}, not {MODEL_VERSION}; fold it again from its ticks")
        (
            state.ticks,
            state.returns,
            state._first_on,
            state._last_on,
            state._last_change,
            state._recent_zeros,
            state.last_price,
            state._level,
            state._v,
            _,
            _,
        ) = values[:11]
        state._moments = list(values[11:])
        regime = state.regime_state
        (regime.variance, regime.up, regime.down, regime.number, regime.since, regime.quiet, regime.alarms_up) = _REGIME.unpack_from(
            scalars, _SCALARS.size
        )
        for name, value in fields.items():
            if name[:1] == b"r":
                state._ring[int(name[1:])] = _SLOT.unpack(value)[0]
            elif name[:1] == b"h":
                place, _, number = name[1:].partition(b":")
                state._histograms[int(place)][int(number)] = int(value)
        return state
