"""What has happened before, applied to a line, and what a cut in supply does to a price."""

from collections.abc import Sequence
from math import log1p
from typing import Final, NamedTuple

from services.pricing_risk.domain.exposure import Exposed
from services.pricing_risk.domain.money import money
from services.pricing_risk.domain.policy import Move, Scenario, ScenarioName
from services.pricing_risk.domain.unchecked import unchecked
from shared.contracts.canonical import decimal_text
from shared.contracts.price import PriceMarket
from shared.contracts.price_risk import StressOutcome


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


class _Named(NamedTuple):
    scenario: ScenarioName
    name: str


class _Happened(NamedTuple):
    days: int
    change: float
    told: str


_Moves = dict[tuple[str, PriceMarket], list[_Happened]]


class StressTest:
    """The scenarios of a policy, by element and market at hand."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        ordered = sorted(scenarios, key=lambda scenario: scenario.scenario)
        self._scenarios = [(_Named(scenario.scenario, scenario.name), _by_element(scenario)) for scenario in ordered]
        self._found: dict[tuple[tuple[str, ...], PriceMarket, int | None], dict[_Named, _Happened]] = {}

    def outcomes(self, materials: Sequence[Exposed], horizon_days: int | None, currency: str) -> list[StressOutcome]:
        """Scenarios that touch one of the materials. What is priced, or hedged, loses nothing; buying it again would."""
        if len(materials) == 1:
            (each,) = materials
            net, value = each.net, each.value
            return [
                _outcome(scenario, None if net is None else net * change, (value or 0.0) * change, told, currency)
                for scenario, (_, change, told) in self._moves_of(each.content.elements, each.market, horizon_days).items()
            ]
        moved = [(each.net, each.value, self._moves_of(each.content.elements, each.market, horizon_days)) for each in materials]
        found = []
        for scenario, _ in self._scenarios:
            loss = again = 0.0
            known, worst, told = True, -1.0, ""
            for net, value, moves in moved:
                move = moves.get(scenario)
                if move is None:
                    continue
                if net is None or value is None:
                    known, told = False, told or move.told
                    continue
                more = value * move.change
                loss += net * move.change
                again += more
                if abs(more) > worst:
                    worst, told = abs(more), move.told
            if told:
                found.append(_outcome(scenario, loss if known else None, again, told, currency))
        return found

    def _moves_of(self, elements: tuple[str, ...], market: PriceMarket, horizon_days: int | None) -> dict[_Named, _Happened]:
        key = (elements, market, horizon_days)
        if key not in self._found:
            if len(self._found) > _MOST_KEPT:
                self._found.clear()
            moves = [(scenario, _move(moves, elements, market, horizon_days)) for scenario, moves in self._scenarios]
            self._found[key] = {scenario: move for scenario, move in moves if move is not None}
        return self._found[key]


_MOST_KEPT: Final = 4_096


def _by_element(scenario: Scenario) -> _Moves:
    found: _Moves = {}
    for move in sorted(scenario.moves, key=lambda move: move.days):
        for element in move.elements:
            for market in move.markets:
                found.setdefault((element, market), []).append(_Happened(move.days, float(move.percent) / 100, _told(move)))
    return found


def _told(move: Move) -> str:
    sign = "+" if move.percent > 0 else ""
    return f"{sign}{decimal_text(move.percent)} % in {move.days} days, as it happened: {move.observed}."


def _move(moves: _Moves, elements: tuple[str, ...], market: PriceMarket, horizon_days: int | None) -> _Happened | None:
    """The longest that fits into the horizon, else the shortest. Where the goods come from decides the market, not where a series does."""
    for element in elements:
        known = moves.get((element, market))
        if known is not None:
            fitting = [move for move in known if horizon_days is None or move.days <= horizon_days]
            return fitting[-1] if fitting else known[0]
    return None


def _outcome(scenario: _Named, loss: float | None, again: float, told: str, currency: str) -> StressOutcome:
    which, name = scenario
    if loss is None:
        said = "what that would cost is not known"
    elif loss or not again:
        said = f"{currency} {abs(loss):,.0f} {'more' if loss >= 0 else 'less'}"
    else:
        said = f"nothing more, the price is set or hedged; buying again {currency} {abs(again):,.0f} {'more' if again > 0 else 'less'}"
    return _stress_outcome({"scenario": which, "name": name, "loss_money": money(loss), "sentence": f"{name}: {said}. {told}"})


_stress_outcome: Final = unchecked(StressOutcome)
