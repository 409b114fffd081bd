"""Whether a price is calm, rallying, spiking or unwinding, from two cumulative sums (Page 1954) over its daily log returns.

z = clip(r / sd, -6, 6); up = max(0, up + z - 0.5); down = max(0, down - z - 0.5). Above 6 a sum raises an alarm and starts again from 0.
"""

from shared.contracts.price_series import Regime

ALARM = 6.0
DRIFT = 0.5
CLIP = 6.0
"""No single return says more than this many standard deviations."""
FADING = 0.99
PRIOR_SD = 0.01
SPIKE = 0.10
QUIET_TICKS = 20

REGIMES: tuple[Regime, ...] = ("calm", "rally", "spike", "unwind")
CALM, RALLY, SPIKING, UNWIND = range(4)


class RegimeState:
    """Mutable and plain: `advance` is on the path of every tick."""

    __slots__ = ("alarms_up", "down", "number", "quiet", "since", "up", "variance")

    def __init__(self) -> None:
        self.variance = PRIOR_SD * PRIOR_SD
        self.up = 0.0
        self.down = 0.0
        self.number = CALM
        self.since = 0
        """Ordinal day on which the regime began; 0 before the first price."""
        self.quiet = 0
        self.alarms_up = 0

    @property
    def regime(self) -> Regime:
        return REGIMES[self.number]

    def advance(self, log_return: float, on: int) -> None:
        """One daily return, of the day with that ordinal."""
        z = log_return / self.variance**0.5
        z = CLIP if z > CLIP else -CLIP if z < -CLIP else z
        up, down = self.up + z - DRIFT, self.down - z - DRIFT
        self.up = up = up if up > 0.0 else 0.0
        self.down = down = down if down > 0.0 else 0.0
        self.variance = FADING * self.variance + (1.0 - FADING) * log_return * log_return
        self.quiet += 1
        begins = self.number
        if up > ALARM:
            self.up = 0.0
            self.alarms_up += 1
            self.quiet = 0
            if begins != SPIKING:
                begins = RALLY
        if log_return > SPIKE:
            begins, self.quiet = SPIKING, 0
        if down > ALARM:
            self.down = 0.0
            self.quiet = 0
            begins = UNWIND
        if self.quiet >= QUIET_TICKS:
            begins = CALM
        if begins != self.number:
            self.number, self.since = begins, on
