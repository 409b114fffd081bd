"""From figures to a word: the grade of a line, what drives its risk, and how far the figures can be trusted."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from services.pricing_risk.domain.exposure import Exposed
from services.pricing_risk.domain.policy import ConfidenceRules, Grades
from shared.contracts.price_risk import PriceDriver, PriceGrade
from shared.contracts.screening import Confidence

_LEVELS: Final[tuple[Confidence, ...]] = ("high", "medium", "low")
_MOST_OF_IT: Final = 0.5


class Grading:
    """The thresholds of a policy as numbers."""

    def __init__(self, grades: Grades, rules: ConfidenceRules) -> None:
        self._steps: tuple[tuple[float, PriceGrade], ...] = (
            (float(grades.severe_from_percent) / 100, "severe"),
            (float(grades.high_from_percent) / 100, "high"),
            (float(grades.medium_from_percent) / 100, "medium"),
        )
        self._low_below = float(grades.low_below_money)
        self._stale = (rules.medium_stale_days, rules.low_stale_days)
        self._prior = (float(rules.medium_prior_weight), float(rules.low_prior_weight))
        self._spread = (1 + float(rules.medium_mass_spread_percent) / 100, 1 + float(rules.low_mass_spread_percent) / 100)

    def grade(self, shortfall: float | None, line_value: float | None, *, bounded: bool, reported: float | None = None) -> PriceGrade:
        """By expected shortfall over the line's value. Where something is left out, only the worst grade can be said.

        `reported`: the expected shortfall in the reporting currency, where a rate leads there.
        """
        if shortfall is None or line_value is None:
            return "unknown"
        share = shortfall / line_value if line_value > 0 else (1.0 if shortfall > 0 else 0.0)
        reached: PriceGrade = "low"
        if reported is None or reported >= self._low_below:
            for threshold, grade in self._steps:
                if share >= threshold:
                    reached = grade
                    break
        return reached if bounded or reached == "severe" else "unknown"

    def confidence(
        self, materials: Sequence[Exposed], stale_days: int, said: Sequence[str], *, bounded: bool
    ) -> tuple[Confidence, list[str]]:
        """`stale_days`: of the oldest quote. What was `said` by others lowers it by a step each."""
        reasons = list(dict.fromkeys(said))
        level = min(2, len(reasons)) if bounded else 2
        if (step := _step(stale_days, self._stale)) > 0:
            level = max(level, step)
            reasons.append(f"The latest quote is {stale_days} days old.")
        for each in materials:
            view = each.quote.view if each.quote is not None else None
            if view is not None and view.kind == "daily" and (step := _step(view.prior_weight, self._prior)) > 0:
                level = max(level, step)
                reasons.append(_young(view.material, view.prior_weight))
            low, high = each.open_low_kg, each.open_high_kg
            if low != high and low is not None and high is not None and (step := _wider(low, high, self._spread)) > 0:
                level = max(level, step)
                reasons.append(f"The goods hold {low:.3g} to {high:.3g} kg of {'+'.join(each.content.elements)}; the middle is taken.")
        return _LEVELS[level], reasons


@lru_cache(1_024)
def _young(material: str, prior_weight: float) -> str:
    return f"The series of {material} is young: {prior_weight:.0%} of its risk is what such prices usually do."


def _step(value: float, limits: tuple[float, float]) -> int:
    return (value > limits[0]) + (value > limits[1])


def _wider(low: float, high: float, limits: tuple[float, float]) -> int:
    return (high > low * limits[0]) + (high > low * limits[1])


def driver(
    materials: Sequence[Exposed],
    *,
    shortfall: float | None,
    without_licence: float | None,
    exchange_share: float | None,
    stale: bool,
) -> PriceDriver | None:
    """What most of the expected shortfall comes of; None where it is not known."""
    if shortfall is None:
        return None
    if shortfall <= 0:
        return "none"
    if without_licence is not None and shortfall - without_licence > _MOST_OF_IT * shortfall:
        return "licence_delay"
    if exchange_share is not None and exchange_share > _MOST_OF_IT:
        return "exchange_rate"
    leading = max(materials, key=lambda each: each.shortfall or 0.0)
    view = leading.quote.view if leading.quote is not None else None
    if view is not None and view.market == "EX_CN" and view.premium is not None and view.premium.regime != "calm":
        return "premium"
    return "staleness" if stale else "price"
