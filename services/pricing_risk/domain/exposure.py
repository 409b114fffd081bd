"""What the materials of a line are worth, how much of that is not priced yet, and what that part can lose before it is.

    E = contained kg x price x rate x a x u             a: how much of the index the contract passes on; u: the share not priced yet
    PaR_p = E (1 - hedged) (exp(x_p) - 1)               x_p: the bound of the series over the quotation days up to the pricing day
    ES_p  = E (1 - hedged) shortfall_p                  the larger of the log-normal and the historical one

Several materials of one line, and the exchange rate, are each taken at their worst at once (comonotonic): never too little.
Statistics are floats; money becomes a decimal of cents once, where the result is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from services.pricing_risk.domain.horizon import PricingWindow, quotation_days
from services.pricing_risk.domain.line import Content
from services.pricing_risk.domain.matching import NO_RISK, Choice, Market, Quote
from services.pricing_risk.domain.normalising import quoted_elements
from services.pricing_risk.domain.policy import PricingPolicy
from shared.chemistry.elements import WATCHED
from shared.contracts.price import PriceMarket, PricingTerms
from shared.contracts.screening import MissingFact

TRACE_PERCENT: Final = 5.0
"""An element without a daily price that is neither watched nor hedged, and of which there is no more than this, does not make a line
unknown."""


class Terms(NamedTuple):
    """What the contract does with the price of a material. `floats` None: every material floats, else only those with such an element."""

    passed_on: float
    hedged: float
    floats: frozenset[str] | None


_UNHEDGED: Final = Terms(1.0, 0.0, None)


def terms_of(pricing: PricingTerms | None) -> Terms:
    if pricing is None or pricing.kind == "fixed":
        return _UNHEDGED
    if pricing.factor is None and pricing.hedged_percent is None and pricing.index is None:
        return _UNHEDGED
    factor = float(pricing.factor) if pricing.kind == "formula" and pricing.factor is not None else 1.0
    hedged = float(pricing.hedged_percent) / 100 if pricing.hedged_percent is not None else 0.0
    return Terms(factor, hedged, frozenset(quoted_elements(pricing.index.material)) if pricing.index is not None else None)


@dataclass(slots=True)
class Exposed:
    """One material of a line. Money is in the line's currency; None is unknown."""

    content: Content
    market: PriceMarket
    """Where the goods come from, which may not be where the series is from."""
    open_low_kg: float | None
    open_high_kg: float | None
    open_kg: float | None
    """The middle of both."""
    floats: bool
    quote: Quote | None
    value: float | None
    exposure: float | None
    net: float | None
    """Exposure less what is hedged."""
    at_95: float | None
    at_99: float | None
    shortfall: float | None


@dataclass(slots=True)
class Gaps:
    """What could not be found, and what is less than sure about what was."""

    missing: list[MissingFact]
    reasons: list[str]
    left_out: list[str]
    """Materials whose money or risk is not known: with one of them nothing bounds the line."""


def exposed(
    contents: Sequence[Content],
    market: Market,
    policy: PricingPolicy,
    *,
    pricing: PricingTerms | None,
    terms: Terms,
    window: PricingWindow,
    open_share: float,
    currency: str | None,
    origin: str | None,
    today: date,
    gaps: Gaps,
) -> list[Exposed]:
    """Every priced material of a line. What is not known of one is said in `gaps`."""
    days = quotation_days(window.days) if window.days is not None else None
    floating, unhedged = float(window.unpriced) * terms.passed_on, 1.0 - terms.hedged
    found: list[Exposed] = []
    waiting = list(reversed(contents))
    while waiting:
        content = waiting.pop()
        where: PriceMarket = "CN" if (content.origin_country or origin) == "CN" else "EX_CN"
        floats = terms.floats is None or not terms.floats.isdisjoint(content.elements)
        index = pricing.index if pricing is not None and floats else None
        choice = market.choose(content.elements, content.form, where, today, index)
        if choice is None and content.members:
            waiting.extend(reversed(content.members))
            continue
        if choice is None and len(content.elements) > 1:
            choice = _dearest(content, market, where, today)
        if (choice is None or choice.view.kind != "daily") and _is_trace(content, policy):
            gaps.reasons.append(f"{'+'.join(content.elements)} is left out: it is little, and nothing tells what its price may do.")
            continue
        low = content.low_kg * open_share if content.low_kg is not None else None
        high = content.high_kg * open_share if content.high_kg is not None else None
        middle = (low + high) / 2 if low is not None and high is not None else None
        quote = None
        if choice is not None:
            quote = market.quote(choice.view, currency, days, today)
            gaps.reasons.extend(choice.reasons)
        value = exposure = net = at_95 = at_99 = shortfall = None
        if quote is not None and quote.price is not None and middle is not None:
            value = middle * quote.price
            exposure = value * (floating if floats else 0.0)
            net = exposure * unhedged
            together = quote.together if net else NO_RISK  # of what is priced nothing is at risk, whatever the price may do
            if together is not None:
                at_95, at_99, shortfall = net * together.rise_95, net * together.rise_99, net * together.shortfall_975
        each = Exposed(content, where, low, high, middle, floats, quote, value, exposure, net, at_95, at_99, shortfall)
        if shortfall is None:
            _leave_out(each, currency, days, gaps)
        found.append(each)
    return found


def _dearest(content: Content, market: Market, where: PriceMarket, today: date) -> Choice | None:
    """Of elements whose sum alone is known, the one that costs most stands for all."""
    singles = [choice for element in content.elements if (choice := market.choose((element,), content.form, where, today))]
    dearest = max(singles, key=lambda choice: (choice.view.price, choice.view.series), default=None)
    if dearest is None:
        return None
    said = f"Only the sum of {', '.join(content.elements)} is known; all of it is taken at the price of {dearest.view.material}."
    return Choice(dearest.view, (said, *dearest.reasons))


def _is_trace(content: Content, policy: PricingPolicy) -> bool:
    return (
        content.share_percent is not None
        and content.share_percent <= TRACE_PERCENT
        and not any(element in WATCHED or policy.hedgeable_share(element) for element in content.elements)
    )


def _leave_out(each: Exposed, currency: str | None, days: int | None, gaps: Gaps) -> None:
    """Says what is missing of a material whose money or risk is not known."""
    name = "+".join(each.content.elements)
    gaps.left_out.append(name)
    quote = each.quote
    if quote is None:
        where = "inside China" if each.market == "CN" else "outside China"
        asked = (
            f"price series {name}/{each.content.form}/{each.market}",
            f"What is the price of {name} ({each.content.form}, {where})? No price of it has been reported.",
        )
    elif currency is None:
        asked = ("currency", "In which currency is the order? Without it nothing on it can be compared with a market price.")
    elif quote.rate is None:
        quoted = quote.view.currency
        asked = (
            f"exchange rate {quoted}/{currency}",
            f"What is one {quoted} in {currency}? No exchange rate between the two has been reported.",
        )
    elif each.value is not None and days is not None and quote.risk is None:
        asked = (
            f"daily price series {name}/{each.content.form}/{each.market}",
            f"What is {name} quoted at from day to day? An annual reference price tells nothing of what it may do.",
        )
    else:
        return  # what is missing has been said where the content or the terms were read
    gaps.missing.append(MissingFact(kind="fact", name=asked[0], held_by="buyer", question=asked[1]))


class Totals(NamedTuple):
    """Of all materials of a line, money in its currency: the sum of what is known, None where nothing is."""

    value: float | None
    exposure: float | None
    net: float | None
    at_95: float | None
    at_99: float | None
    shortfall: float | None
    exchange_share: float | None
    """Of the expected shortfall, what there would not be if exchange rates stood still; None where nothing is at risk."""
    hedgeable_share: float | None
    """Of the exposure; None where there is none."""
    stale_days: int
    """Of the oldest quote."""


def totals(materials: Sequence[Exposed], hedgeable: Callable[[tuple[str, ...]], float]) -> Totals:
    """`hedgeable`: of what is quoted as one, what share of its exposure a listed contract can take away."""
    valued = at_risk = False
    value = exposure = net = at_95 = at_99 = shortfall = 0.0
    apart = taken_away = 0.0
    stale_days = 0
    for each in materials:
        if each.quote is not None and each.quote.shown.stale_days > stale_days:
            stale_days = each.quote.shown.stale_days
        if each.value is None or each.exposure is None or each.net is None:
            continue
        valued = True
        value += each.value
        exposure += each.exposure
        net += each.net
        taken_away += each.exposure * hedgeable(each.content.elements)
        if each.shortfall is None or each.at_95 is None or each.at_99 is None:
            continue
        at_risk = True
        at_95 += each.at_95
        at_99 += each.at_99
        shortfall += each.shortfall
        if each.shortfall and each.quote is not None and each.quote.risk is not None:
            apart += each.net * each.quote.risk.shortfall_975
    exchange_share = (shortfall - apart) / shortfall if shortfall > 0.0 else None
    hedgeable_share = taken_away / exposure if exposure else None
    if at_risk:
        return Totals(value, exposure, net, at_95, at_99, shortfall, exchange_share, hedgeable_share, stale_days)
    if valued:
        return Totals(value, exposure, net, None, None, None, None, hedgeable_share, stale_days)
    return Totals(None, None, None, None, None, None, None, None, stale_days)


def shortfall_without(materials: Sequence[Exposed], market: Market, days: int) -> float:
    """The expected shortfall were the price set after so many quotation days."""
    found = 0.0
    for each in materials:
        quote = each.quote
        if each.net and quote is not None and quote.rate is not None:
            risk = market.together(quote.view, quote.rate, days)
            if risk is not None:
                found += each.net * risk.shortfall_975
    return found


def replacement_shortfall(materials: Sequence[Exposed], market: Market, fixed_share: float, days: int) -> float | None:
    """Expected shortfall of buying what is priced again at the market, should the seller not deliver within so many quotation days; None
    where it is not known."""
    found = 0.0
    for each in materials:
        quote = each.quote
        if each.value is None or quote is None or quote.rate is None:
            return None
        risk = market.together(quote.view, quote.rate, days)
        if risk is None:
            return None
        found += each.value * fixed_share * risk.shortfall_975
    return found
