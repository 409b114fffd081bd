"""What if: shocks, policy events, scenarios of the past and exchange rates that are supposed, and the prices that would follow."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, log
from typing import Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from services.pricing_risk.domain.policy import Move, Scenario, ScenarioName
from services.pricing_risk.domain.stress import log_price_response
from shared.contracts.base import Contract, CurrencyCode, DecimalString, Identifier
from shared.contracts.canonical import decimal_text
from shared.contracts.price_series import SeriesView

Outside = Literal["CN", "EX_CN"]

SUPPLY_ELASTICITY: Final = 0.2
DEMAND_ELASTICITY: Final = -0.3
"""Assumed where the question does not state them: neither buyers nor mines can do much within months."""
BY_PRODUCTS: Final = frozenset({"Ga", "Ge", "In", "Te", "Bi", "Se", "Re", "Hf", "Cd", "Tl"})
"""Come with aluminium, zinc, copper, lead and others; more of them is not made because they cost more: elasticity of supply 0."""
CONTROLS_ACT_AGAIN: Final[ScenarioName] = "S3"
"""What prices did the last time that controls began to act."""

FARTHEST: Final = 1e6
"""Times today's price, or its inverse: beyond it no figure means anything."""

_DIGITS: Final = 12


class Asked(Contract):
    """A part of a question: a word that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shock(Asked):
    """A change of prices by `percent`, or to `factor` times what they are."""

    elements: list[Identifier] = Field(default_factory=list, max_length=100)
    """Symbols; none: every price."""
    market: Outside | None = None
    """CN inside China, EX_CN outside; None: both."""
    percent: Annotated[DecimalString, Field(gt=-100, le=100_000)] | None = None
    factor: Annotated[DecimalString, Field(gt=0, le=1_000)] | None = None

    @model_validator(mode="after")
    def _says_how_far(self) -> Self:
        if (self.percent is None) == (self.factor is None):
            raise ValueError("a shock takes either `percent`, such as 30 or -12, or `factor`, such as 3; state one of the two")
        return self


class PolicyEvent(Asked):
    """An embargo or a quota cuts supply, and the price follows by ln(P1/P0) = -ln(1 - c) / (es - ed). A suspension of controls that is
    lifted lets prices outside China do what they did when the controls began to act."""

    kind: Literal["embargo", "quota", "suspension_lifted"]
    elements: list[Identifier] = Field(default_factory=list, max_length=100)
    outside_cut_percent: Annotated[DecimalString, Field(ge=0, lt=100)] | None = None
    """How much of the supply of the world outside China falls away."""
    inside_cut_percent: Annotated[DecimalString, Field(ge=0, lt=100)] | None = None
    """How much of the supply inside China falls away."""
    supply_elasticity: Annotated[float, Field(ge=0, le=10)] | None = None
    """Of what supply is left: 0.1 is 1 % more for a price 10 % higher."""
    demand_elasticity: Annotated[float, Field(le=0, ge=-10)] | None = None

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        cuts = (self.outside_cut_percent, self.inside_cut_percent)
        if self.kind == "suspension_lifted":
            if cuts != (None, None) or self.supply_elasticity is not None or self.demand_elasticity is not None:
                raise ValueError(
                    "suspension_lifted repeats what happened and takes no cuts or elasticities; leave them out, or ask for a quota"
                )
            return self
        if cuts == (None, None):
            raise ValueError(
                f"how far the {self.kind} cuts is not said; state `outside_cut_percent` or `inside_cut_percent`, what share of supply "
                "there falls away, below 100"
            )
        if not self.elements:
            raise ValueError(f"state in `elements` what the {self.kind} is on, such as Dy")
        if self.supply_elasticity == 0 and self.demand_elasticity == 0:
            raise ValueError("where neither supply nor demand gives way no price clears the market; one elasticity has to be other than 0")
        return self


class CurrencyShock(Asked):
    """A currency against all others: 5 makes it dearer by 5 %."""

    currency: CurrencyCode
    percent: Annotated[DecimalString, Field(gt=-100, le=10_000)]


class PriceScenario(Asked):
    """Any of them together; they multiply."""

    shocks: list[Shock] = Field(default_factory=list, max_length=100)
    events: list[PolicyEvent] = Field(default_factory=list, max_length=100)
    scenarios: list[ScenarioName] = Field(default_factory=list, max_length=5)
    """Of the pricing policy's stress scenarios, those that happen again."""
    currencies: list[CurrencyShock] = Field(default_factory=list, max_length=50)
    horizon_days: int = Field(default=90, ge=1, le=3650)
    """Of several moves of one element in a scenario the longest that fits into so many days counts, else the shortest."""

    @model_validator(mode="after")
    def _supposes_something(self) -> Self:
        if not (self.shocks or self.events or self.scenarios or self.currencies):
            raise ValueError("nothing is supposed; state `shocks`, `events`, `scenarios` or `currencies`")
        return self


@dataclass(slots=True, frozen=True)
class Effect:
    """One supposition on one series."""

    series: str
    factor: float
    sentence: str


@dataclass(slots=True, frozen=True)
class Supposed:
    """`views`: all series, with the prices that would follow. `without_effect`: what was supposed and met no series."""

    views: Mapping[str, SeriesView]
    effects: Sequence[Effect]
    without_effect: Sequence[str]


def suppose(asked: PriceScenario, views: Mapping[str, SeriesView], stress: Sequence[Scenario]) -> Supposed:
    """`stress`: the scenarios of the pricing policy. Raises ValueError where it lacks one that is asked for, or no price would follow."""
    known = {scenario.scenario: scenario for scenario in stress}
    wanted = [*asked.scenarios, *(CONTROLS_ACT_AGAIN for event in asked.events if event.kind == "suspension_lifted")]
    for name in wanted:
        if name not in known:
            raise ValueError(f"The pricing policy has no scenario {name}; it has {', '.join(sorted(known)) or 'none'}.")
    effects: list[Effect] = []
    without: list[str] = []

    def note(found: Iterable[Effect], what: str) -> None:
        before = len(effects)
        effects.extend(found)
        if len(effects) == before:
            without.append(f"{what}: no price series is of it.")

    for shock in asked.shocks:
        note(_of_shock(shock, views), _named(shock.elements, shock.market))
    for event in asked.events:
        if event.kind == "suspension_lifted":
            told = f"The suspension is lifted; as in {CONTROLS_ACT_AGAIN}"
            note(
                _of_scenario(known[CONTROLS_ACT_AGAIN], views, asked.horizon_days, told, event.elements),
                f"{event.kind} {_named(event.elements, None)}",
            )
        else:
            note(_of_cut(event, views), f"{event.kind} {_named(event.elements, None)}")
    for name in asked.scenarios:
        note(_of_scenario(known[name], views, asked.horizon_days, name), name)
    for currency in asked.currencies:
        note(_of_currency(currency, views), currency.currency)
    factors: dict[str, float] = {}
    for effect in effects:
        factors[effect.series] = factors.get(effect.series, 1.0) * effect.factor
        _check(factors[effect.series], effect.series)
    changed = {series: _moved(views[series], factor) for series, factor in factors.items()}
    return Supposed({**views, **changed}, effects, without)


def _check(factor: float, series: str) -> None:
    """Raises ValueError."""
    if not 1.0 / FARTHEST <= factor <= FARTHEST:
        raise ValueError(
            f"The price of {series} would be more than {FARTHEST:,.0f} times what it is, or less than that part of it; suppose smaller "
            "shocks and cuts, or elasticities farther from 0."
        )


def _named(elements: Sequence[str], market: str | None) -> str:
    return " ".join(filter(None, (", ".join(elements) or "every price", market)))


def _moved(view: SeriesView, factor: float) -> SeriesView:
    price = Decimal(format(float(view.price) * factor, f".{_DIGITS}g"))
    return view.model_copy(update={"price": Decimal(format(price, "f"))})


def _of(views: Mapping[str, SeriesView], elements: Sequence[str], market: str | None) -> Iterator[SeriesView]:
    """Series of goods that hold one of the elements: what is quoted as one moves as one."""
    for series in sorted(views):
        view = views[series]
        if view.market != "FX" and market in (None, view.market) and (not elements or not set(elements).isdisjoint(_elements(view))):
            yield view


def _elements(view: SeriesView) -> list[str]:
    """What a substance that is no element, such as graphite, is called by."""
    return view.elements or [view.material]


def _of_shock(shock: Shock, views: Mapping[str, SeriesView]) -> Iterator[Effect]:
    if shock.factor is not None:
        factor, told = float(shock.factor), f"{decimal_text(shock.factor)} times the price"
    else:
        assert shock.percent is not None
        factor, told = 1.0 + float(shock.percent) / 100.0, f"{_signed(shock.percent)} %"
    for view in _of(views, shock.elements, shock.market):
        yield Effect(view.series, factor, f"{_named(shock.elements, shock.market)}: {told}.")


def _of_cut(event: PolicyEvent, views: Mapping[str, SeriesView]) -> Iterator[Effect]:
    for market, where, cut in (("EX_CN", "outside", event.outside_cut_percent), ("CN", "inside", event.inside_cut_percent)):
        if cut is None:
            continue
        for view in _of(views, event.elements, market):
            by_product = not BY_PRODUCTS.isdisjoint(view.elements)
            supply = event.supply_elasticity if event.supply_elasticity is not None else 0.0 if by_product else SUPPLY_ELASTICITY
            demand = event.demand_elasticity if event.demand_elasticity is not None else DEMAND_ELASTICITY
            factor = exp(min(log_price_response(float(cut) / 100.0, supply, demand), log(2 * FARTHEST)))
            _check(factor, view.series)
            stated = (("supply", event.supply_elasticity), ("demand", event.demand_elasticity))
            assumed = " and ".join(name for name, elasticity in stated if elasticity is None)
            told = f" ({assumed} assumed)" if assumed else ""
            yield Effect(
                view.series,
                factor,
                f"{event.kind}: {decimal_text(cut)} % of the supply of {view.material} {where} China falls away; "
                f"with elasticities of supply {supply:g} and demand {demand:g}{told} the price is {factor:.3g} times what it was.",
            )


def _of_scenario(
    scenario: Scenario, views: Mapping[str, SeriesView], horizon_days: int, told: str, elements: Sequence[str] = ()
) -> Iterator[Effect]:
    for view in _of(views, elements, None):
        moves = [move for move in scenario.moves if view.market in move.markets and not set(move.elements).isdisjoint(_elements(view))]
        if moves:
            move = _fitting(moves, horizon_days)
            factor = 1.0 + float(move.percent) / 100.0
            yield Effect(view.series, factor, f"{told}: {_signed(move.percent)} % in {move.days} days; {move.observed}.")


def _fitting(moves: Sequence[Move], horizon_days: int) -> Move:
    fitting = [move for move in moves if move.days <= horizon_days]
    return max(fitting, key=lambda move: move.days) if fitting else min(moves, key=lambda move: move.days)


def _of_currency(shock: CurrencyShock, views: Mapping[str, SeriesView]) -> Iterator[Effect]:
    factor = 1.0 + float(shock.percent) / 100.0
    told = f"{shock.currency}: {_signed(shock.percent)} % against all other currencies."
    for series in sorted(views):
        view = views[series]
        if view.market == "FX" and shock.currency in (view.material, view.currency):
            yield Effect(series, factor if view.material == shock.currency else 1.0 / factor, told)


def _signed(percent: Decimal) -> str:
    return f"{'+' if percent > 0 else ''}{decimal_text(percent)}"
