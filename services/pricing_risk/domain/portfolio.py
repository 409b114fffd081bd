"""All open lines together: what is exposed to prices, what it can cost more, and whose part of that is whose."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal

from services.pricing_risk.domain.cost_at_risk import CostAtRisk, RiskFactor, Shortfall
from services.pricing_risk.domain.joint_history import History
from services.pricing_risk.domain.open_order import OpenOrder
from services.pricing_risk.domain.valuation import MarketPrices, ValuedLine, ValuedMaterial, valued

Dimension = Literal["element", "supplier", "country", "buyer_unit", "currency"]

_OF_ORDER: Mapping[str, Callable[[OpenOrder], str | None]] = {
    "supplier": lambda order: order.supplier,
    "country": lambda order: order.country,
    "buyer_unit": lambda order: order.buyer_unit,
    "currency": lambda order: order.currency,
}


@dataclass(slots=True, frozen=True)
class Figures:
    """Money in the reporting currency. What is not known is in no sum: `unknown_lines` counts the lines of which something is missing."""

    lines: int
    unknown_lines: int
    value_known: bool
    """Whether anything of it is known; sums of nothing else than unknowns are unknown."""
    exposure_known: bool
    market_value: float
    exposure: float
    """Not priced yet and not hedged."""
    hedged: float
    hedgeable: float
    """Of the exposure, what a listed contract can take away."""
    without_risk: float
    """Of the exposure, what nothing tells the risk of: it is in no expected shortfall."""
    shortfall: Shortfall
    """Expected shortfall 97.5 % of the whole, or this group's part of it: parts add up."""
    alone: float
    """Expected shortfall if there were nothing else."""


@dataclass(slots=True, frozen=True)
class WorstLine:
    line: ValuedLine
    exposure: float
    shortfall: Shortfall


class Portfolio:
    """`hedgeable`: share of an element's exposure that a listed contract can take away."""

    def __init__(
        self,
        orders: Iterable[OpenOrder],
        market: MarketPrices,
        histories: Mapping[str, History],
        hedgeable: Callable[[str], float],
    ) -> None:
        self.today = market.today
        self.market = market
        self.lines: Sequence[ValuedLine] = [line for order in orders for line in valued(order, market)]
        self._hedgeable = hedgeable
        self.risk = CostAtRisk(_by_factor(self._materials()), market.views, histories)
        self.total = self.figures_of(self.lines, self._materials())

    def by(self, dimension: Dimension) -> dict[str | None, Figures]:
        """By name, those that nobody tells under None; the greatest expected shortfall first, then the greatest exposure."""
        lines: defaultdict[str | None, list[ValuedLine]] = defaultdict(list)
        materials: defaultdict[str | None, list[ValuedMaterial]] = defaultdict(list)
        if dimension == "element":
            for line in self.lines:
                for material in line.materials:
                    materials[material.elements].append(material)
                names: list[str | None] = [*dict.fromkeys(material.elements for material in line.materials)]
                for name in names or [None]:
                    lines[name].append(line)
        else:
            name_of = _OF_ORDER[dimension]
            for line in self.lines:
                name = name_of(line.order)
                lines[name].append(line)
                materials[name] += line.materials
        found = {name: self.figures_of(of_name, materials[name]) for name, of_name in lines.items()}
        return dict(sorted(found.items(), key=lambda item: (-item[1].shortfall.total, -item[1].exposure, item[0] or "")))

    @property
    def cost(self) -> float:
        """Of all lines of which it is known what they cost at today's prices and exchange rates."""
        return fsum(line.cost for line in self.lines if line.cost is not None)

    def missing(self) -> list[tuple[str, int]]:
        """What is not known, and of how many lines; the most wanted first."""
        counts = Counter(what for line in self.lines for what in line.missing)
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    def worst(self, most: int) -> list[WorstLine]:
        """The lines with the greatest part of the expected shortfall, then of the exposure."""
        exposed = [(*self._weight(line), line) for line in self.lines]
        exposed = [each for each in exposed if each[1]]
        if not exposed or not most:
            return []
        least = sorted((weight[:2] for weight in exposed), reverse=True)[:most][-1]
        worst = [
            WorstLine(line, exposure, self.risk.of(_by_factor(line.materials)))
            for shortfall, exposure, line in exposed
            if (shortfall, exposure) >= least
        ]
        return sorted(worst, key=lambda each: (-each.shortfall.total, -each.exposure, each.line.name))[:most]

    def _weight(self, line: ValuedLine) -> tuple[float, float]:
        """Its part of the expected shortfall, and its exposure; cheap, because it is asked of every line."""
        shortfall = exposure = 0.0
        for material in line.materials:
            if material.exposure and material.factor is not None:
                exposure += material.exposure
                share = self.risk.shares.get(material.factor)
                if share is not None:
                    shortfall += material.exposure * (share.price + share.exchange)
        return shortfall, exposure

    def figures_of(self, lines: Sequence[ValuedLine], materials: Iterable[ValuedMaterial]) -> Figures:
        """Of some lines of the portfolio, as far as these materials of them go."""
        counted = list(materials)
        by_factor = _by_factor(counted)
        unknown_lines = sum(bool(line.missing) for line in lines)
        return Figures(
            lines=len(lines),
            unknown_lines=unknown_lines,
            value_known=not unknown_lines or any(material.market_value is not None for material in counted),
            exposure_known=not unknown_lines or any(material.exposure is not None for material in counted),
            market_value=fsum(material.market_value or 0.0 for material in counted),
            exposure=fsum(material.exposure or 0.0 for material in counted),
            hedged=fsum((material.floating or 0.0) - (material.exposure or 0.0) for material in counted),
            hedgeable=fsum((material.exposure or 0.0) * self._hedgeable(material.elements) for material in counted),
            without_risk=fsum(amount for factor, amount in by_factor.items() if factor not in self.risk.shares),
            shortfall=self.risk.of(by_factor),
            alone=self.risk.alone(by_factor),
        )

    def _materials(self) -> Iterable[ValuedMaterial]:
        return (material for line in self.lines for material in line.materials)


def _by_factor(materials: Iterable[ValuedMaterial]) -> dict[RiskFactor, float]:
    amounts: defaultdict[RiskFactor, list[float]] = defaultdict(list)
    for material in materials:
        if material.factor is not None and material.exposure:
            amounts[material.factor].append(material.exposure)
    return {factor: fsum(of_factor) for factor, of_factor in amounts.items()}
