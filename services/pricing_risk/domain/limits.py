"""Where open lines go beyond what the pricing policy allows: limits of exposure and expected shortfall, and budgets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal

from services.pricing_risk.domain.open_order import symbols_of
from services.pricing_risk.domain.policy import Limit, PricingPolicy
from services.pricing_risk.domain.portfolio import Figures, Portfolio
from services.pricing_risk.domain.valuation import ValuedLine

Kind = Literal["price_exposure_limit", "price_budget_breach"]

_FIGURES: Mapping[str, str] = {"exposure": "exposure", "expected_shortfall_975": "expected shortfall"}


@dataclass(slots=True, frozen=True)
class Breach:
    """`key` is the same for the same breach whatever its numbers; `orders` are those concerned, the greatest part first."""

    key: str
    kind: Kind
    summary: str
    cause: str
    evidence: Mapping[str, str]
    orders: Sequence[str]
    materials: Sequence[str]
    over: float
    """By how much, in the reporting currency."""


def breaches(portfolio: Portfolio, policy: PricingPolicy) -> list[Breach]:
    currency = policy.reporting_currency
    return [
        *(breach for limit in policy.limits for breach in _beyond(limit, portfolio, currency)),
        *_over_budget(portfolio, float(policy.budget_breach_percent), currency),
    ]


def _beyond(limit: Limit, portfolio: Portfolio, currency: str) -> Iterator[Breach]:
    lines = [line for line in portfolio.lines if _concerns(limit, line)]
    counted = [
        material for line in lines for material in line.materials if limit.by != "element" or limit.name in symbols_of(material.elements)
    ]
    figures = portfolio.figures_of(lines, counted)
    for figure, most in (("exposure", limit.exposure), ("expected_shortfall_975", limit.expected_shortfall_975)):
        found = figures.exposure if figure == "exposure" else figures.alone
        if most is None or found <= float(most):
            continue
        who = "all open lines" if limit.by == "total" else f"{limit.by} {limit.name}"
        yield Breach(
            key=f"price_exposure_limit/{limit.by}/{limit.name}/{figure}",
            kind="price_exposure_limit",
            summary=f"The {_FIGURES[figure]} of {who} is {found:,.2f} {currency}; the limit is {most:,.2f} {currency}.",
            cause=f"Open lines whose price is not set yet add up to {figures.exposure:,.2f} {currency}, hedges taken off; "
            f"by themselves they can cost {figures.alone:,.2f} {currency} more (expected shortfall 97.5 %) until it is.",
            evidence={
                "by": limit.by,
                "name": limit.name,
                "limit_on": figure,
                "limit_money": f"{most:.2f} {currency}",
                "found_money": f"{found:.2f} {currency}",
                "over_percent": f"{100 * (found / float(most) - 1):.1f}",
                **_told(figures),
            },
            orders=_orders((line, fsum(each.exposure or 0.0 for each in line.materials)) for line in lines),
            materials=sorted({material.elements for material in counted if material.exposure}),
            over=found - float(most),
        )


def _told(figures: Figures) -> dict[str, str]:
    """Whatever is not known would come on top."""
    return {"lines": str(figures.lines), "lines_not_fully_known": str(figures.unknown_lines)}


def _concerns(limit: Limit, line: ValuedLine) -> bool:
    match limit.by:
        case "element":
            return any(limit.name in symbols_of(material.elements) for material in line.materials)
        case "supplier":
            return line.order.supplier == limit.name
        case "country":
            return line.order.country == limit.name
        case "total":
            return True


def _over_budget(portfolio: Portfolio, most_percent: float, currency: str) -> Iterator[Breach]:
    of_element: dict[str, list[tuple[ValuedLine, float, float]]] = {}
    for line in portfolio.lines:
        if line.cost is None or line.budget is None or line.budget <= 0:
            continue
        if _is_over(line.cost, line.budget, most_percent):
            yield _line_over_budget(line, line.cost, line.budget, most_percent, currency)
        worth = fsum(material.market_value or 0.0 for material in line.materials)
        for material in line.materials:
            if worth > 0 and material.market_value:
                share = material.market_value / worth
                of_element.setdefault(material.elements, []).append((line, line.cost * share, line.budget * share))
    for elements, parts in sorted(of_element.items()):
        cost, budget = fsum(part[1] for part in parts), fsum(part[2] for part in parts)
        if len(parts) > 1 and _is_over(cost, budget, most_percent):
            yield Breach(
                key=f"price_budget_breach/element/{elements}",
                kind="price_budget_breach",
                summary=f"The {len(parts)} open lines with {elements} cost {cost:,.2f} {currency} at today's prices, "
                f"{_over(cost, budget)} above their budget of {budget:,.2f} {currency}.",
                cause=f"Their cost is over the budget by more than {most_percent:g} %; a line of several materials counts by their value.",
                evidence=_numbers(cost, budget, most_percent, currency) | {"element": elements, "lines": str(len(parts))},
                orders=_orders((line, of_line - budgeted) for line, of_line, budgeted in parts),
                materials=[elements],
                over=cost - budget,
            )


def _line_over_budget(line: ValuedLine, cost: float, budget: float, most_percent: float, currency: str) -> Breach:
    order_key, line_id = line.name
    what = line.line.description or line.line.item_id or "+".join(material.elements for material in line.materials)
    floating = any(material.floating for material in line.materials)
    return Breach(
        key=f"price_budget_breach/line/{order_key}/{line_id}",
        kind="price_budget_breach",
        summary=f"Line {line_id} of order {order_key} ({what[:120]}) costs {cost:,.2f} {currency} at today's prices, "
        f"{_over(cost, budget)} above its budget of {budget:,.2f} {currency}.",
        cause="Its price is not set yet and the market has moved." if floating else "Its price is set above the budget.",
        evidence=_numbers(cost, budget, most_percent, currency) | {"order": order_key, "line": line_id},
        orders=[order_key],
        materials=sorted({material.elements for material in line.materials}),
        over=cost - budget,
    )


def _is_over(cost: float, budget: float, most_percent: float) -> bool:
    return cost > budget * (1.0 + most_percent / 100.0) * (1.0 + 1e-12)


def _over(cost: float, budget: float) -> str:
    return f"{100 * (cost / budget - 1):.1f} %"


def _numbers(cost: float, budget: float, most_percent: float, currency: str) -> dict[str, str]:
    return {
        "cost_money": f"{cost:.2f} {currency}",
        "budget_money": f"{budget:.2f} {currency}",
        "over_percent": f"{100 * (cost / budget - 1):.1f}",
        "allowed_percent": f"{most_percent:g}",
    }


def _orders(parts: Iterable[tuple[ValuedLine, float]]) -> list[str]:
    amounts: dict[str, float] = {}
    for line, amount in parts:
        if amount > 0:
            amounts[line.name[0]] = amounts.get(line.name[0], 0.0) + amount
    return sorted(amounts, key=lambda order: (-amounts[order], order))
