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


class _Happened(NamedTuple):
    days: int
    change: float
    told: str


class _Effect(NamedTuple):
    """Of a scenario on a material, with the words around its money, which most lines share."""

    scenario: ScenarioName
    name: str
    change: float
    told: str
    before: str
    more: str
    less: str


_Moves = dict[tuple[str, PriceMarket], list[_Happened]]


class StressTest:
    """The scenarios of a policy, by element and market at hand."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        ordered = sorted(scenarios, key=lambda scenario: scenario.scenario)
        self._scenarios = [(scenario.scenario, scenario.name, _by_element(scenario)) for scenario in ordered]
        self._found: dict[tuple[tuple[str, ...], PriceMarket, int | None, str], dict[ScenarioName, _Effect]] = {}
        self._worded: dict[tuple[ScenarioName, str, str], _Effect] = {}

    def outcomes(self, materials: Sequence[Exposed], horizon_days: int | None, currency: str) -> list[StressOutcome]:
        """Scenarios that touch one of the materials. What is priced, or hedged, loses nothing; buying it again would."""
        effects = [self._effects(each.content.elements, each.market, horizon_days, currency) for each in materials]
        if len(materials) == 1:
            net, value = materials[0].net, materials[0].value
            if net is not None and value is not None:
                return [_outcome(effect, net * effect.change, value * effect.change, currency) for effect in effects[0].values()]
        moved = [(each.net, each.value, of_each) for each, of_each in zip(materials, effects, strict=True)]
        found = []
        for scenario, _, _ in self._scenarios:
            loss = again = 0.0
            known, worst, leading = True, -1.0, None
            for net, value, of_each in moved:
                effect = of_each.get(scenario)
                if effect is None:
                    continue
                if net is None or value is None:
                    known, leading = False, leading or effect
                    continue
                more = value * effect.change
                loss += net * effect.change
                again += more
                if abs(more) > worst:
                    worst, leading = abs(more), effect
            if leading is not None:
                found.append(_outcome(leading, loss if known else None, again, currency))
        return found

    def _effects(
        self, elements: tuple[str, ...], market: PriceMarket, horizon_days: int | None, currency: str
    ) -> dict[ScenarioName, _Effect]:
        key = (elements, market, horizon_days, currency)
        found = self._found.get(key)
        if found is None:
            if len(self._found) > _MOST_KEPT:
                self._found.clear()
                self._worded.clear()
            found = self._found[key] = {}
            for scenario, name, moves in self._scenarios:
                move = _move(moves, elements, market, horizon_days)
                if move is not None:
                    words = (scenario, move.told, currency)
                    if words not in self._worded:
                        more, less = f" more. {move.told}", f" less. {move.told}"
                        self._worded[words] = _Effect(scenario, name, move.change, move.told, f"{name}: {currency} ", more, less)
                    found[scenario] = self._worded[words]
        return found


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


def _outcome(effect: _Effect, loss: float | None, again: float, currency: str) -> StressOutcome:
    scenario, name, _, told, before, more, less = effect
    if loss is None:
        sentence = f"{name}: what that would cost is not known. {told}"
    elif loss or not again:
        sentence = f"{before}{abs(loss):,.0f}{more if loss >= 0 else less}"
    else:
        said = f"buying again {currency} {abs(again):,.0f} {'more' if again > 0 else 'less'}"
        sentence = f"{name}: nothing more, the price is set or hedged; {said}. {told}"
    return _stress_outcome({"scenario": scenario, "name": name, "loss_money": money(loss), "sentence": sentence})


_stress_outcome: Final = unchecked(StressOutcome)
