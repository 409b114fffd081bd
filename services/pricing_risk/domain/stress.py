"""What has happened before, applied to a line, and what a cut in supply does to a price."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p
from typing import Final

from services.pricing_risk.domain.exposure import Exposed
from services.pricing_risk.domain.policy import Move, Scenario, ScenarioName
from shared.contracts.canonical import decimal_text
from shared.contracts.price import PriceMarket

ZERO: Final = 0.0


def log_price_response(supply_cut: float, supply_elasticity: float, demand_elasticity: float) -> float:
    """ln(P1 / P0) = -ln(1 - c) / (e_s - e_d): partial equilibrium, log-linear, when the share c of supply falls away.

    `supply_elasticity` is that of the remaining supply, not below 0 (0 for by-products); `demand_elasticity` is below 0. Raises ValueError
    where the cut is not within [0, 1) or neither supply nor demand gives way.
    """
    if not 0.0 <= supply_cut < 1.0:
        raise ValueError(f"a supply cut is a share from 0 to below 1, not {supply_cut}")
    if supply_elasticity < 0.0 or demand_elasticity > 0.0 or supply_elasticity == demand_elasticity:
        raise ValueError(
            f"no price clears the market with elasticities of supply {supply_elasticity} and demand {demand_elasticity}: "
            "supply may not fall and demand may not grow as the price rises, and one of them has to give way"
        )
    return -log1p(-supply_cut) / (supply_elasticity - demand_elasticity)


@dataclass(slots=True, frozen=True)
class Stressed:
    """`loss` is money in the line's currency; None where what is exposed is not known."""

    scenario: ScenarioName
    name: str
    loss: float | None
    happened: str
    """What was seen, for the material that loses most."""


class StressTest:
    """The scenarios of a policy, by element and market at hand."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        self._scenarios = sorted(scenarios, key=lambda scenario: scenario.scenario)
        self._moves: list[dict[tuple[str, PriceMarket], list[tuple[int, float, str]]]] = [_by_element(each) for each in self._scenarios]

    def outcomes(self, materials: Sequence[Exposed], horizon_days: int | None) -> list[Stressed]:
        """Scenarios that touch one of the materials. What a hedge covers loses nothing."""
        found = []
        for scenario, moves in zip(self._scenarios, self._moves, strict=True):
            touched, loss, worst, said = False, ZERO, -1.0, ""
            for each in materials:
                move = _move(moves, each, horizon_days)
                if move is None:
                    continue
                touched = True
                change = each.net * move[1] if each.net is not None else None
                if change is None:
                    said = said or move[2]
                    loss = float("nan")
                    continue
                loss += change
                if abs(change) > worst:
                    worst, said = abs(change), move[2]
            if touched:
                found.append(Stressed(scenario.scenario, scenario.name, None if loss != loss else loss, said))
        return found


def _by_element(scenario: Scenario) -> dict[tuple[str, PriceMarket], list[tuple[int, float, str]]]:
    found: dict[tuple[str, PriceMarket], list[tuple[int, float, str]]] = {}
    for move in sorted(scenario.moves, key=lambda move: move.days):
        for element in move.elements:
            for market in move.markets:
                found.setdefault((element, market), []).append((move.days, float(move.percent) / 100, _told(move)))
    return found


def _told(move: Move) -> str:
    return f"{'+' if move.percent > 0 else ''}{decimal_text(move.percent)} % in {move.days} days: {move.observed}"


def _move(
    moves: dict[tuple[str, PriceMarket], list[tuple[int, float, str]]], each: Exposed, horizon_days: int | None
) -> tuple[int, float, str] | None:
    """The longest that fits into the horizon, else the shortest. Where the goods come from decides the market, not where a series does."""
    for element in each.content.elements:
        known = moves.get((element, each.market))
        if known is not None:
            fitting = [move for move in known if horizon_days is None or move[0] <= horizon_days]
            return fitting[-1] if fitting else known[0]
    return None
