"""Whether a price is calm, rallying, spiking or unwinding, from two cumulative sums (Page 1954) over its daily log returns r.

    z    = clip(r / sd, -6, 6)
    up   = max(0, up + z - 0.4)        above 7: an alarm, and up starts again from 0
    down = max(0, down - z - 0.4)      likewise
    sd^2 = 0.995 sd^2 + 0.005 clip(r, -3.5 sd, 3.5 sd)^2; sd is taken as no less than 0.55 of what is assumed of such a price

Clipping what enters the variance keeps a first jump from deafening the sums to the rally that follows it; the floor keeps a quote that has
not moved for months from raising an alarm at its first step. (The plain sums, drift 0.5, alarm 6, variance of 0.99 without either, catch
fewer rallies with more false alarms; `tests/bench/price_model_choice.py` shows both.)

* spike begins when the price has risen within 5 quotation days by more than 10 % and 6 sd. Five days after that was last so it is a rally.
* rally begins with an alarm upwards. It ends, as a spike does, when 20 quotation days have brought no new high (calm), or with an alarm
  downwards (unwind).
* unwind begins with an alarm downwards, whether or not a rally came before it. It ends when 20 quotation days have brought no new low
  (calm), or with an alarm upwards (rally) or a spike.

20 days: sticky quotes pause for two or three weeks inside a rally. Each alarm inside a rally renews it.

News of it is that a rise or a fall begins, that a rally becomes a spike, and an alarm inside a rise of which there was no news for 20
quotation days, since rallies follow each other without a pause. That a spike becomes a rally is none.
"""

from struct import Struct

from services.pricing_risk.domain.prior import METAL_SD_1D
from shared.contracts.price_series import Regime

DRIFT = 0.4
ALARM = 7.0
CLIP = 6.0
"""No single return says more than this many standard deviations."""
FADING = 0.995
WINSOR = 3.5
FLOOR = 0.55
SPIKE_DAYS = 5
SPIKE_RISE = 0.10 / METAL_SD_1D
"""In assumed daily standard deviations: 10 % of a metal."""
SPIKE_SD = 6.0
QUIET_DAYS = 20
NEWS_AGAIN_DAYS = 20

REGIMES: tuple[Regime, ...] = ("calm", "rally", "spike", "unwind")
CALM, RALLY, SPIKE, UNWIND = range(4)

_PACKED = Struct(f"<5d{SPIKE_DAYS}dBii5I")


class RegimeState:
    """Mutable and plain: `advance` is on the path of every tick."""

    __slots__ = (
        "_assumed_sd",
        "_back",
        "_calming",
        "_days",
        "_quiet",
        "_recent",
        "_untold",
        "_variance",
        "alarms_up",
        "down",
        "news_on",
        "number",
        "since",
        "up",
    )

    def __init__(self, assumed_sd_1d: float = METAL_SD_1D) -> None:
        self._assumed_sd = assumed_sd_1d
        self._variance = assumed_sd_1d * assumed_sd_1d
        self._recent = [0.0] * SPIKE_DAYS
        self._days = 0
        self._back = 0.0
        """How far the price is below the high of a rally, or above the low of an unwind."""
        self._quiet = 0
        """Quotation days since the last new high or low, alarm or spike."""
        self._calming = 0
        """Quotation days since the rise that made a spike."""
        self.up = 0.0
        self.down = 0.0
        self.alarms_up = 0
        """How many times the sum upwards has raised an alarm."""
        self.number = CALM
        self.since = 0
        """Ordinal day on which the regime began; 0 before the first price."""
        self.news_on = 0
        """Ordinal day of the last news; 0 before the first."""
        self._untold = 0
        """Quotation days since the last news."""

    @property
    def regime(self) -> Regime:
        return REGIMES[self.number]

    @property
    def usual_variance(self) -> float:
        """Of a daily return: sd^2 above, without the floor."""
        return self._variance

    @property
    def rising(self) -> bool:
        """A rally or a spike runs."""
        return self.number == RALLY or self.number == SPIKE

    def advance(self, log_return: float, on: int) -> None:
        """One daily return, of the day with that ordinal."""
        sd = self._variance**0.5
        floor = FLOOR * self._assumed_sd
        if sd < floor:
            sd = floor
        z = log_return / sd
        z = CLIP if z > CLIP else -CLIP if z < -CLIP else z
        up, down = self.up + z - DRIFT, self.down - z - DRIFT
        self.up = up = up if up > 0.0 else 0.0
        self.down = down = down if down > 0.0 else 0.0
        most = WINSOR * sd
        entering = most if log_return > most else -most if log_return < -most else log_return
        self._variance = FADING * self._variance + (1.0 - FADING) * entering * entering
        recent = self._recent
        recent[self._days % SPIKE_DAYS] = log_return
        self._days += 1

        number = self.number
        self._quiet += 1
        if number != CALM:
            self._back += log_return if number == UNWIND else -log_return
            if self._back < 0.0:
                self._back = 0.0
                self._quiet = 0
        rise = sum(recent)
        if rise > SPIKE_SD * sd and rise > SPIKE_RISE * self._assumed_sd:
            number = SPIKE
            self._calming = self._quiet = 0
        elif number == SPIKE:
            self._calming += 1
            if self._calming == SPIKE_DAYS:
                number = RALLY
        self._untold += 1
        alarmed = up > ALARM
        if alarmed:
            self.up = 0.0
            self.alarms_up += 1
            self._quiet = 0
            if number != SPIKE:
                number = RALLY
        if down > ALARM:
            self.down = 0.0
            self._quiet = 0
            number = UNWIND
        elif self._quiet >= QUIET_DAYS:
            number = CALM
        if (number != self.number and number != CALM and not (number == RALLY and self.number == SPIKE)) or (
            alarmed and self._untold >= NEWS_AGAIN_DAYS
        ):
            self.news_on = on
            self._untold = 0
        if number != self.number:
            if number == UNWIND or not self.rising:
                self._back = 0.0
                self._quiet = 0
            self.number, self.since = number, on

    def pack(self) -> bytes:
        """The whole state; always of the same length."""
        return _PACKED.pack(
            self._assumed_sd,
            self._variance,
            self._back,
            self.up,
            self.down,
            *self._recent,
            self.number,
            self.since,
            self.news_on,
            self._days,
            self._quiet,
            self._calming,
            self._untold,
            self.alarms_up,
        )

    @classmethod
    def unpack(cls, packed: bytes) -> "RegimeState":
        state = cls()
        (
            state._assumed_sd,
            state._variance,
            state._back,
            state.up,
            state.down,
            *state._recent,
            state.number,
            state.since,
            state.news_on,
            state._days,
            state._quiet,
            state._calming,
            state._untold,
            state.alarms_up,
        ) = _PACKED.unpack(packed)
        return state
