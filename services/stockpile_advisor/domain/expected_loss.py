"""Expected loss over a table of scenarios: probability times lost margin and price increase.

Source: the shape of USGS Open-File Report 2025-1047 (risk = Σ p·ΔGDP over scenarios of disrupted trade), for a firm's own money.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What would happen with which probability in the horizon; None is not known."""

    name: str
    probability: float | None
    lost_margin: Decimal | None
    price_increase: Decimal | None


@dataclass(frozen=True, slots=True)
class ScenarioLoss:
    scenario: Scenario
    loss: Decimal | None


@dataclass(frozen=True, slots=True)
class ExpectedLoss:
    """`total` is None while a scenario is not known; `known_part` is what stands at least, `missing` names what to supply."""

    total: Decimal | None
    known_part: Decimal
    by_scenario: tuple[ScenarioLoss, ...]
    missing: tuple[str, ...]


def expected_loss(scenarios: Sequence[Scenario]) -> ExpectedLoss:
    """Σ p·(lost margin + price increase), costliest scenario first; scenarios may happen together: probabilities need not add up to 1."""
    missing, losses = [], []
    for scenario in scenarios:
        if scenario.probability is not None and not 0 <= scenario.probability <= 1:
            raise ValueError(f"the probability of {scenario.name} must lie between 0 and 1, it is {scenario.probability}")
        lacking = [name for name in ("probability", "lost_margin", "price_increase") if getattr(scenario, name) is None]
        missing += [f"{scenario.name}: {name.replace('_', ' ')}" for name in lacking]
        losses.append(ScenarioLoss(scenario, None if lacking else _loss(scenario)))
    known = sum((loss.loss for loss in losses if loss.loss is not None), Decimal())
    ordered = sorted(losses, key=lambda loss: (loss.loss is None, -(loss.loss or 0), loss.scenario.name))
    return ExpectedLoss(None if missing or not losses else known, known, tuple(ordered), tuple(missing))


def _loss(scenario: Scenario) -> Decimal:
    probability = Decimal(str(scenario.probability))
    return (probability * ((scenario.lost_margin or Decimal()) + (scenario.price_increase or Decimal()))).quantize(_CENT)
