"""Made-up daily quotes that behave like those of rare earths and bismuth: sticky, trending, with jumps. For demonstration and tests.

A latent log price drifts (AR(1)), diffuses and jumps, more in lively spells than in calm ones; the quote follows it only when the two are
a tick apart, or now and then by itself, and closes part of the gap at once. No price of any series is in it. The numbers of a profile were
found by differential evolution, so that the median over made-up paths as long as the series observed meets its fingerprint: share of
unchanged days, standard deviation, autocorrelation, kurtosis, variance ratios over 20 and 60 days, largest and smallest return.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

SIGNIFICANT_DIGITS = 5


@dataclass(slots=True, frozen=True)
class Profile:
    """How a kind of quote moves; log prices, per quotation day."""

    stays_lively: float
    stays_calm: float
    """Probabilities that the next day is of the same spell."""
    calm: float
    """How strongly drift and noise act in a calm spell, beside 1 in a lively one."""
    persistence: float
    """AR(1) coefficient of the drift."""
    drift_sd: float
    noise_sd: float
    jump_probability: float
    jump_mean: float
    """Mean size of a jump, exponentially distributed."""
    jump_up: float
    """Share of jumps that go up."""
    tick: float
    """Distance between latent price and quote at which the quote always moves."""
    quote_probability: float
    """That it moves though they are nearer."""
    follows: float
    """Share of the distance that a quote closes when it moves."""


# In the order of the fields above: spells (3), drift (2), noise, jumps (3), quoting (3).
PROFILES = {
    "Nd oxide": Profile(0.871, 0.911, 0.697, 0.847, 0.0073, 0.00218, 0.0294, 0.0565, 0.894, 0.0488, 0.238, 0.363),
    "Pr oxide": Profile(0.96, 0.934, 0.344, 0.898, 0.0051, 0.00514, 0.0242, 0.0493, 0.807, 0.0448, 0.0206, 0.35),
    "La oxide": Profile(0.81, 0.987, 0.0378, 0.964, 0.0138, 0.00838, 0.0367, 0.035, 0.462, 0.0525, 0.043, 0.731),
    "NdPr metal": Profile(0.863, 0.804, 0.193, 0.868, 0.00833, 0.0121, 0.0215, 0.0383, 0.469, 0.0415, 0.579, 0.958),
    "DyFe": Profile(0.914, 0.825, 0.725, 0.857, 0.00562, 0.00728, 0.0333, 0.0354, 0.814, 0.0474, 0.415, 0.794),
    "Nd oxide FOB": Profile(0.936, 0.918, 0.0622, 0.923, 0.00726, 0.0134, 0.0148, 0.021, 0.822, 0.0335, 0.998, 0.989),
    "Bi FOB": Profile(0.96, 0.946, 0.361, 0.865, 0.0135, 0.00634, 0.023, 0.0489, 0.98, 0.041, 0.998, 0.978),
}


@dataclass(slots=True, frozen=True)
class Move:
    """What the latent price does besides, evenly over so many quotation days: a rally, an embargo, a premium that opens."""

    first: date
    days: int
    log_return: float


def generate(
    profile: Profile, days: int, seed: int, start: date, start_price: float, moves: Sequence[Move] = ()
) -> list[tuple[date, float]]:
    """Quotes of `days` quotation days (Monday to Friday) from `start` on; the same arguments give the same quotes."""
    calendar = _quotation_days(start, days)
    log_prices = _log_quotes(profile, len(calendar), seed, [_pushed(day, moves) for day in calendar])
    return [(day, _rounded(start_price * math.exp(log_price))) for day, log_price in zip(calendar, log_prices, strict=True)]


def _log_quotes(profile: Profile, days: int, seed: int, pushes: Sequence[float]) -> list[float]:
    """Log quotes, the first one 0."""
    generator = np.random.Generator(np.random.PCG64(seed))
    drifts = generator.standard_normal(days) * profile.drift_sd * math.sqrt(1 - profile.persistence**2)
    noises = generator.standard_normal(days) * profile.noise_sd
    jumps = _jumps(profile, days, generator)
    chances = generator.random((days, 2)).tolist()
    latent = quote = drift = 0.0
    lively = False
    quotes = [0.0] * min(days, 1)
    for innovation, noise, jump, push, (turn, moved) in zip(
        drifts.tolist()[1:], noises.tolist()[1:], jumps.tolist()[1:], pushes[1:], chances[1:], strict=True
    ):
        if turn >= (profile.stays_lively if lively else profile.stays_calm):
            lively = not lively
        drift = profile.persistence * drift + innovation
        latent += (drift + noise) * (1.0 if lively else profile.calm) + jump + push
        gap = latent - quote
        if abs(gap) >= profile.tick or moved < profile.quote_probability:
            quote += profile.follows * gap
        quotes.append(quote)
    return quotes


def _jumps(profile: Profile, days: int, generator: np.random.Generator) -> np.typing.NDArray[np.float64]:
    happens = generator.random(days) < profile.jump_probability
    sign = np.where(generator.random(days) < profile.jump_up, 1.0, -1.0)
    return happens * sign * generator.standard_exponential(days) * profile.jump_mean


def _pushed(day: date, moves: Sequence[Move]) -> float:
    return sum(move.log_return / move.days for move in moves if move.first <= day < _days_after(move.first, move.days))


def _days_after(first: date, quotation_days: int) -> date:
    """The quotation day so many after that on or behind `first`."""
    opening = first + timedelta(days=max(0, 7 - first.weekday()) if first.weekday() >= 5 else 0)
    weeks, rest = divmod(quotation_days + opening.weekday(), 5)
    return opening + timedelta(days=7 * weeks + rest - opening.weekday())


def _quotation_days(start: date, count: int) -> list[date]:
    return [_days_after(start, number) for number in range(count)]


def _rounded(price: float) -> float:
    return float(f"{price:.{SIGNIFICANT_DIGITS}g}")
