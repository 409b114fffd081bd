"""The premium of a price outside China over that inside: the log of their quotient, with variance and regime of its own."""

from collections.abc import Mapping
from datetime import date
from math import exp, isnan, log, nan, sqrt
from struct import Struct

from services.pricing_risk.domain.prior import METAL_SD_1D
from services.pricing_risk.domain.regime import RegimeState
from shared.contracts.price_series import PremiumView

FADING = 0.97
MEAN_FADING = 0.995

_VERSION = 2
_SCALARS = Struct("<HIi4d")


class PremiumState:
    """Mutable; `advance` takes both prices of a day: the same money per kg of the same elements, the inside one landed, without VAT."""

    __slots__ = ("_last_on", "_variance", "last_log", "mean_log", "regime_state", "ticks", "z")

    def __init__(self) -> None:
        self.ticks = 0
        self.last_log = 0.0
        """ln(1 + premium) of the last day."""
        self.mean_log = 0.0
        self.z: float | None = None
        self.regime_state = RegimeState()
        self._last_on = 0
        self._variance = METAL_SD_1D * METAL_SD_1D

    @property
    def last_on(self) -> date | None:
        return date.fromordinal(self._last_on) if self.ticks else None

    def advance(self, on: date, outside: float, inside: float) -> None:
        """Both prices of a day, > 0."""
        day = on.toordinal()
        premium = log(outside / inside)
        if self.ticks == 0:
            self.mean_log = premium
            self.regime_state.since = day
        else:
            change = premium - self.last_log
            self.z = change / sqrt(self._variance)
            self._variance = FADING * self._variance + (1.0 - FADING) * change * change
            self.mean_log = MEAN_FADING * self.mean_log + (1.0 - MEAN_FADING) * premium
            self.regime_state.advance(change, day)
        self.ticks += 1
        self.last_log = premium
        self._last_on = day

    def view(self, inside_series: str) -> PremiumView | None:
        """None before the first day on which both prices were known."""
        if self.ticks == 0:
            return None
        return PremiumView(
            inside_series=inside_series,
            percent=100.0 * (exp(self.last_log) - 1.0),
            mean_log=self.mean_log,
            z=self.z,
            regime=self.regime_state.regime,
            since=date.fromordinal(self.regime_state.since),
        )

    def copy(self) -> "PremiumState":
        return PremiumState.from_fields({name.encode(): value for name, value in self.fields().items()})

    def fields(self) -> dict[str, bytes]:
        """The whole state as fields of a hash."""
        z = nan if self.z is None else self.z
        scalars = _SCALARS.pack(_VERSION, self.ticks, self._last_on, self.last_log, self.mean_log, z, self._variance)
        return {"premium": scalars + self.regime_state.pack()}

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> "PremiumState":
        """The state that told these fields. Raises ValueError where that was another version of the model."""
        scalars = fields[b"premium"]
        version = int.from_bytes(scalars[:2], "little")
        if version != _VERSION:
            raise ValueError(f"this state of a premium is of model version {version}, not {_VERSION}; fold its prices again")
        state = cls()
        _, state.ticks, state._last_on, state.last_log, state.mean_log, z, state._variance = _SCALARS.unpack_from(scalars)
        state.z = None if isnan(z) else z
        state.regime_state = RegimeState.unpack(scalars[_SCALARS.size :])
        return state
