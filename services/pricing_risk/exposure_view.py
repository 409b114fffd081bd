"""How exposure and price scenarios are shown, over HTTP and by the command alike. Money is in the reporting currency, to the cent."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Final, TypeAlias

from pydantic import BaseModel, Field, PlainSerializer

from services.pricing_risk.domain.joint_history import LONGEST_WINDOW
from services.pricing_risk.domain.portfolio import Dimension, Figures, Portfolio, WorstLine
from services.pricing_risk.exposures import WhatIf
from shared.contracts.canonical import decimal_text

_CENT: Final = Decimal("0.01")
Sum: TypeAlias = Annotated[Decimal, Field(allow_inf_nan=False), PlainSerializer(decimal_text, return_type=str, when_used="json")]
"""As a contract's decimals, but of as many digits as the sum of many lines takes."""
MOST_NAMED: Final = 50
"""Missing facts and series that are listed; their counts are of all."""


class FiguresView(BaseModel):
    """What is not known of a line is in no sum, and a sum of which nothing is known is `null`."""

    lines: int
    unknown_lines: int
    """Lines of which something is missing: more exposure, value and risk may come of them."""
    market_value_money: Sum | None
    exposure_money: Sum | None
    """Of open lines, what is not priced yet, less what is hedged."""
    hedged_money: Sum | None
    hedgeable_share: Sum | None
    """Of the exposure, what a listed contract can take away."""
    expected_shortfall_975_money: Sum | None
    """Of the total the whole; of a group its part of it. Parts add up."""
    expected_shortfall_975_alone_money: Sum | None
    """If there were nothing else."""
    exchange_rate_share: Sum | None
    """Of the expected shortfall, what comes of exchange rates."""
    exposure_without_risk_money: Sum | None
    """Of the exposure, what has a price but no past that tells its risk: in no expected shortfall."""


class GroupView(FiguresView):
    name: str | None
    """None: nobody says."""


class WorstLineView(BaseModel):
    order_key: str
    line_id: str
    item_id: str | None
    description: str | None
    elements: list[str]
    supplier: str | None
    pricing: str
    pricing_on: date | None
    market_value_money: Sum
    exposure_money: Sum
    expected_shortfall_975_money: Sum
    """Its part of the whole."""


class MissingView(BaseModel):
    what: str
    lines: int


class MethodView(BaseModel):
    """How the risk was worked out, and where it had to be taken from elsewhere."""

    scenarios: int
    """Days of the common past on which all windows end; the window of each line is as long as its price is open."""
    longest_window_days: int
    """Quotation days; beyond it moves are scaled."""
    series_by_proxy: list[str]
    """Without enough of a common past: taken at their own shortfall when the rest is at its worst."""
    series_without_risk: list[str]
    """They tell a level and no risk."""
    lines_with_assumed_pricing_day: int


class ExposureView(BaseModel):
    as_of: date
    currency: str
    by: Dimension
    total: FiguresView
    cost_money: Sum
    """Of the lines whose cost is known: what is open, at today's prices and exchange rates."""
    cost_at_risk_95_money: Sum
    cost_at_risk_99_money: Sum
    sum_of_line_shortfalls_money: Sum
    """As if every line were at its worst at once, by the lines' own model."""
    groups: list[GroupView]
    worst_lines: list[WorstLineView]
    missing: list[MissingView]
    method: MethodView


class EffectView(BaseModel):
    series: str
    factor: float
    sentence: str


class ChangeView(BaseModel):
    """One figure before and after; None where nothing of it is known."""

    before: Sum | None
    after: Sum | None
    change: Sum | None


class ChangedGroup(BaseModel):
    name: str | None
    market_value_money: ChangeView
    exposure_money: ChangeView
    expected_shortfall_975_money: ChangeView


class ScenarioView(BaseModel):
    as_of: date
    currency: str
    supposed: list[EffectView]
    without_effect: list[str]
    cost_money: ChangeView
    """Of the lines whose cost is known."""
    market_value_money: ChangeView
    exposure_money: ChangeView
    expected_shortfall_975_money: ChangeView
    by: Dimension
    groups: list[ChangedGroup]
    worst_lines_before: list[WorstLineView]
    worst_lines_after: list[WorstLineView]
    unknown_lines: int
    missing: list[MissingView]
    """What could not be valued, before and after alike."""
    method: MethodView


def exposure_view(portfolio: Portfolio, by: Dimension, worst: int) -> ExposureView:
    risk, groups = portfolio.risk, portfolio.by(by)
    return ExposureView(
        as_of=portfolio.today,
        currency=portfolio.market.reporting_currency,
        by=by,
        total=FiguresView(**_figures([portfolio.total])[0]),
        cost_money=cents(portfolio.cost),
        cost_at_risk_95_money=cents(risk.cost_at_risk_95),
        cost_at_risk_99_money=cents(risk.cost_at_risk_99),
        sum_of_line_shortfalls_money=cents(risk.undiversified),
        groups=[GroupView(name=name, **figures) for name, figures in zip(groups, _figures(list(groups.values())), strict=True)],
        worst_lines=[_worst(line) for line in portfolio.worst(worst)],
        missing=_missing(portfolio),
        method=_method(portfolio),
    )


def scenario_view(found: WhatIf, by: Dimension, worst: int) -> ScenarioView:
    before, after = found.before, found.after
    groups_before, groups_after = before.by(by), after.by(by)
    return ScenarioView(
        as_of=before.today,
        currency=before.market.reporting_currency,
        supposed=[EffectView(series=each.series, factor=each.factor, sentence=each.sentence) for each in found.supposed.effects],
        without_effect=list(found.supposed.without_effect),
        cost_money=_change(cents(before.cost), cents(after.cost)),
        **_changes(before.total, after.total),
        by=by,
        groups=[ChangedGroup(name=name, **_changes(groups_before[name], figures)) for name, figures in groups_after.items()],
        worst_lines_before=[_worst(line) for line in before.worst(worst)],
        worst_lines_after=[_worst(line) for line in after.worst(worst)],
        unknown_lines=after.total.unknown_lines,
        missing=_missing(after),
        method=_method(after),
    )


def cents(amount: float) -> Decimal:
    return Decimal(amount).quantize(_CENT, ROUND_HALF_EVEN) + 0


def adding_up(amounts: Iterable[float]) -> list[Decimal]:
    """Each to the cent, so that their sum is the rounded sum: what is rounded away of one is given to the next."""
    found: list[Decimal] = []
    exact = rounded = Decimal(0)
    for amount in amounts:
        exact += Decimal(amount)
        found.append(exact.quantize(_CENT, ROUND_HALF_EVEN) - rounded + 0)
        rounded += found[-1]
    return found


def _figures(several: Sequence[Figures]) -> list[dict[str, Decimal | int | None]]:
    columns = {
        "market_value_money": adding_up(each.market_value for each in several),
        "exposure_money": adding_up(each.exposure for each in several),
        "hedged_money": adding_up(each.hedged for each in several),
        "expected_shortfall_975_money": adding_up(each.shortfall.total for each in several),
        "exposure_without_risk_money": adding_up(each.without_risk for each in several),
    }
    return [
        {
            "lines": each.lines,
            "unknown_lines": each.unknown_lines,
            "hedgeable_share": _share(each.hedgeable, each.exposure),
            "expected_shortfall_975_alone_money": cents(each.alone) if each.exposure_known else None,
            "exchange_rate_share": _share(each.shortfall.exchange, each.shortfall.total),
            **{name: column[place] if _is_known(each, name) else None for name, column in columns.items()},
        }
        for place, each in enumerate(several)
    ]


def _is_known(figures: Figures, name: str) -> bool:
    return figures.value_known if name == "market_value_money" else figures.exposure_known


def _share(part: float, whole: float) -> Decimal | None:
    return Decimal(part / whole).quantize(Decimal("0.0001")) + 0 if whole > 0 else None


def _changes(before: Figures, after: Figures) -> dict[str, ChangeView]:
    earlier, later = _figures([before])[0], _figures([after])[0]
    return {name: _change(earlier[name], later[name]) for name in ("market_value_money", "exposure_money", "expected_shortfall_975_money")}


def _change(before: Decimal | int | None, after: Decimal | int | None) -> ChangeView:
    change = after - before if before is not None and after is not None else None
    return ChangeView(before=before, after=after, change=change)


def _worst(worst: WorstLine) -> WorstLineView:
    order, line = worst.line.order, worst.line.line
    return WorstLineView(
        order_key=order.order_key,
        line_id=line.line_id,
        item_id=line.item_id,
        description=line.description,
        elements=[material.elements for material in worst.line.materials],
        supplier=order.supplier,
        pricing=line.pricing,
        pricing_on=line.pricing_on or line.quotation_to,
        market_value_money=cents(sum(material.market_value or 0.0 for material in worst.line.materials)),
        exposure_money=cents(worst.exposure),
        expected_shortfall_975_money=cents(worst.shortfall.total),
    )


def _missing(portfolio: Portfolio) -> list[MissingView]:
    return [MissingView(what=what, lines=lines) for what, lines in portfolio.missing()[:MOST_NAMED]]


def _method(portfolio: Portfolio) -> MethodView:
    risk = portfolio.risk
    without = {
        material.factor.series
        for line in portfolio.lines
        for material in line.materials
        if material.factor is not None and material.exposure and material.factor not in risk.shares
    }
    return MethodView(
        scenarios=risk.scenarios,
        longest_window_days=LONGEST_WINDOW,
        series_by_proxy=sorted({factor.series for factor in risk.by_proxy})[:MOST_NAMED],
        series_without_risk=sorted(without)[:MOST_NAMED],
        lines_with_assumed_pricing_day=sum(line.assumed_pricing_day for line in portfolio.lines),
    )
