"""The price risk of one order line: from what it contains and how it is priced to figures in money and a sentence about them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from services.pricing_risk.domain.contract_price import cost_at, premium_value
from services.pricing_risk.domain.exposure import (
    Exposed,
    Gaps,
    Totals,
    exposed,
    replacement_shortfall,
    shortfall_without,
    terms_of,
    totals,
)
from services.pricing_risk.domain.grading import Grading, driver
from services.pricing_risk.domain.horizon import PricingWindow, days_until_delivery, pricing_window, quotation_days
from services.pricing_risk.domain.inputs import LineScreeningRead, OrderLineRead, OrderRead
from services.pricing_risk.domain.line import Content, Contents, Quantities, contents_of, quantities
from services.pricing_risk.domain.matching import Market, Rate, Shown
from services.pricing_risk.domain.money import cents, fraction, kilograms, money, percent
from services.pricing_risk.domain.normalising import quoted_elements
from services.pricing_risk.domain.policy import PricingPolicy
from services.pricing_risk.domain.positions import LinePosition, MaterialPosition
from services.pricing_risk.domain.stress import StressTest
from services.pricing_risk.domain.unchecked import unchecked
from shared.contracts.order import Price
from shared.contracts.price_risk import LinePriceRisk, MaterialExposure
from shared.contracts.price_series import SeriesView
from shared.contracts.screening import Answer, MissingFact

_NOTHING, _ALL = Decimal(0), Decimal(1)

_MATERIAL_AS_SUCH: Final = frozenset(
    {"oxide", "metal", "ingot", "powder", "compound", "alloy", "master_alloy", "mixture", "concentrate", "ore", "scrap"}
)
"""Goods that are bought for their elements alone: of others the market value of what is in them is no price to compare theirs with."""

_line_price_risk: Final = unchecked(LinePriceRisk)
_material_exposure: Final = unchecked(MaterialExposure)
_line_position: Final = unchecked(LinePosition)
_material_position: Final = unchecked(MaterialPosition)
"""Figures computed here have the types they should have, and checking them takes longer than computing them."""

_NOT_SHOWN: Final = Shown()

_UNREAD: Final = frozenset({Answer.NEEDS_INFORMATION, Answer.NOT_SCREENABLE})


class PricedLine(NamedTuple):
    risk: LinePriceRisk
    position: LinePosition | None
    """None where nothing of it is exposed, now or at another price."""
    used: Sequence[SeriesView] = ()
    """May name a series twice."""
    days: Sequence[int] = ()
    """Quotation days over which it was asked what they may do."""


class LinePricing:
    """Prices lines by one policy."""

    def __init__(self, policy: PricingPolicy) -> None:
        self.policy = policy
        self._grading = Grading(policy.grades, policy.confidence)
        self._stress = StressTest(policy.stress)
        self._hedgeable = lru_cache(1_024)(lambda elements: float(policy.hedgeable_share(*elements)))

    def market(self, views: Mapping[str, SeriesView]) -> Market:
        return Market(views, self.policy.confidence.low_stale_days)

    def price(self, order: OrderRead, line: OrderLineRead, screening: LineScreeningRead | None, market: Market, today: date) -> PricedLine:
        """`screening`: of the same line; None where there is none. `today` is the day of the event that asks."""
        amounts = quantities(line, order.ended)
        bought_for = _purchase_price_variance(order, line, amounts, market)
        if not amounts.open_share:
            return _not_exposed(order, line, "Nothing of this line is open.", bought_for, market)
        if screening is None or line.unscreenable is not None:
            return _not_known(order, line, _unread(line), pricing_window(line, today, order.issued_on, 0), amounts)
        contents = contents_of(line, screening.recognition)
        delay = screening.licence_delay_days
        window = pricing_window(line, today, order.issued_on, delay)
        _take_index(contents, line, window, market, order.currency, today)
        if not contents.known:
            if contents.candidates:
                return _not_known(order, line, _undecided(line, contents.candidates), window, amounts)
            if _is_unread(screening):
                return _not_known(order, line, _unread(line), window, amounts)
            if window.unpriced:
                return _not_known(order, line, _index_asked(line), window, amounts)
            return _not_exposed(order, line, "Nothing in this line follows a price that is watched.", bought_for, market)
        return self._price(order, line, screening, contents, amounts, window, delay, bought_for, market, today)

    def _price(
        self,
        order: OrderRead,
        line: OrderLineRead,
        screening: LineScreeningRead,
        contents: Contents,
        amounts: Quantities,
        window: PricingWindow,
        delay: int,
        bought_for: Decimal | None,
        market: Market,
        today: date,
    ) -> PricedLine:
        gaps = Gaps([*contents.missing, *window.missing], [*window.assumed, *contents.assumed], [])
        if contents.candidates:
            gaps.missing.append(_undecided(line, contents.candidates))
            gaps.reasons.append(f"The goods may hold {', '.join(contents.candidates)}, too; how much nobody says.")
        open_share, currency, pricing = amounts.open_share, order.currency, line.pricing
        origin = line.origin_country or (order.supplier.country if order.supplier is not None else None)
        terms = terms_of(pricing)
        materials = exposed(
            contents.known,
            market,
            self.policy,
            pricing=pricing,
            terms=terms,
            window=window,
            open_share=float(open_share),
            currency=currency,
            origin=origin,
            today=today,
            gaps=gaps,
        )
        if not materials:
            return _not_exposed(order, line, "Nothing in this line follows a price that is watched.", bought_for, market)
        bounded = not gaps.left_out
        open_value = cents(line.value * open_share) if line.value is not None else None
        of_all = totals(materials, self._hedgeable)
        added = premium_value(line)
        if added is None:
            gaps.missing.append(_price_asked(line, "premium"))
        fixed_value = (cents(added * open_share) if added else _NOTHING) if added is not None else None
        budget = _at_price(line, line.budget_price, currency, market, gaps, "budget price")
        budget_value = cents(budget * open_share) if budget is not None else None
        cost = None
        if open_value is None or budget_value is not None:
            cost = _cost(window, materials, terms.passed_on, open_value, fixed_value, bounded=bounded)
        line_value = float(open_value) if open_value is not None else cost if cost is not None else of_all.value
        fixed_share = 1.0 - float(window.unpriced)
        days = [quotation_days(window.days)] if window.days is not None else []
        without_licence = None
        if window.licence_delay_days and of_all.shortfall and window.days is not None:
            days.append(quotation_days(window.days - window.licence_delay_days))
            without_licence = shortfall_without(materials, market, days[-1])
        stress = self._stress.outcomes(materials, window.days, currency or "")
        reported = market.rate(currency, self.policy.reporting_currency) if currency is not None and of_all.shortfall else None
        grade = self._grading.grade(
            of_all.shortfall,
            line_value,
            bounded=bounded,
            reported=(of_all.shortfall or 0.0) * float(reported.rate) if reported is not None else None,
        )
        confidence, reasons = self._grading.confidence(materials, of_all.stale_days, gaps.reasons, bounded=bounded)
        again = None
        if fixed_share and bounded and (until_delivery := days_until_delivery(line, today, delay)) is not None:
            days.append(quotation_days(until_delivery))
            again = replacement_shortfall(materials, market, fixed_share, days[-1])
        gained = None
        if bounded and open_value is not None and of_all.value is not None and _is_bought_as_such(screening, contents):
            gained = of_all.value - float(open_value)
        shown = [_material(each) for each in materials]
        value, exposure, at_95, at_99, shortfall = _sums_of(shown[0]) if len(shown) == 1 else _summed(of_all)
        risk = _line_price_risk(
            {
                "line_id": line.line_id,
                "status": "priced" if bounded else "unknown",
                "grade": grade,
                "currency": currency,
                "line_value": open_value if open_value is not None else money(line_value),
                "market_value_money": value,
                "unpriced_fraction": window.unpriced,
                "pricing_on": window.pricing_on,
                "quotation_from": window.quotation_from,
                "quotation_to": window.quotation_to,
                "horizon_days": window.days,
                "licence_delay_days": window.licence_delay_days,
                "exposure_money": exposure,
                "price_at_risk_95_money": at_95,
                "price_at_risk_99_money": at_99,
                "expected_shortfall_975_money": shortfall,
                "price_at_risk_percent_of_line": percent(of_all.at_95, line_value),
                "replacement_shortfall_975_money": money(again),
                "mark_to_market_money": money(gained * fixed_share if gained is not None else None),
                "budget_variance_money": money(cost - float(budget_value) if cost is not None and budget_value is not None else None),
                "reference_variance_money": money(-gained if gained is not None else None),
                "purchase_price_variance_money": bought_for,
                "exchange_rate_share": fraction(of_all.exchange_share),
                "hedgeable_share": fraction(of_all.hedgeable_share),
                "materials": shown,
                "stress": stress,
                "driver": driver(
                    materials,
                    shortfall=of_all.shortfall,
                    without_licence=without_licence,
                    exchange_share=of_all.exchange_share,
                    stale=of_all.stale_days > self.policy.confidence.low_stale_days,
                ),
                "confidence": confidence,
                "confidence_reasons": reasons,
                "missing": gaps.missing,
                "sentence": _sentence(order, line, window, of_all, again, gained, gaps.missing, bounded=bounded),
            }
        )
        return PricedLine(
            risk,
            _position(line, materials, shown, window, (open_value, budget_value, fixed_value)),
            _used(materials, [*_rates_of(line, currency, market), *([reported] if reported is not None else ())]),
            days,
        )


def _at_price(line: OrderLineRead, price: Price | None, currency: str | None, market: Market, gaps: Gaps, what: str) -> Decimal | None:
    """All that was ordered at another price, in the order's currency."""
    if price is None:
        return None
    amount = _converted(cost_at(line, price), price, currency, market)
    if amount is None:
        gaps.missing.append(_price_asked(line, what))
    return amount


def _price_asked(line: OrderLineRead, what: str) -> MissingFact:
    question = f"What is the {what} of line {line.line_id} in the order's currency and price unit?"
    return MissingFact(kind="fact", name=what.replace(" ", "_"), held_by="buyer", question=question)


def _take_index(contents: Contents, line: OrderLineRead, window: PricingWindow, market: Market, currency: str | None, today: date) -> None:
    """A contract that names a quotation is exposed to it even where nothing says how much of the material the goods hold: what the line
    costs then stands for it. Where that cannot be had either, the line is unknown, never without exposure."""
    index = line.pricing.index if line.pricing is not None else None
    if index is None or window.kind == "fixed":
        return
    elements = quoted_elements(index.material)
    if any(set(elements) & set(each.elements) for each in contents.known):
        return
    choice = market.choose(elements, index.form or "metal", index.market or "EX_CN", today, index)
    rate = market.rate(choice.view.currency, currency) if choice is not None and currency is not None else None
    form = index.form or (choice.view.form if choice is not None else "metal")
    if line.value is None:
        question = f"How much {index.material} do the goods of line {line.line_id} hold, or what does the line cost?"
        contents.missing.append(
            MissingFact(kind="fact", name=f"mass_share_percent of {index.material}", held_by="buyer", question=question)
        )
    if choice is None or rate is None or line.value is None or choice.view.price * rate.rate <= 0:
        contents.known.append(Content(elements, form, None, None, by_value=True))
        return
    kilograms = float(line.value / (choice.view.price * rate.rate))
    contents.known.append(Content(elements, form, kilograms, kilograms, by_value=True))
    contents.assumed.append(f"How much {index.material} the goods hold is not known; all that the line costs is taken to follow its price.")


def _cost(
    window: PricingWindow, materials: list[Exposed], passed_on: float, open_value: Decimal | None, added: Decimal | None, *, bounded: bool
) -> float | None:
    """What is open costs at today's prices."""
    if window.kind == "fixed":
        return float(open_value) if open_value is not None else None
    if added is None or not bounded:
        return None
    return float(added) + sum((each.value or 0.0) * passed_on for each in materials if each.floats)


def _is_bought_as_such(screening: LineScreeningRead, contents: Contents) -> bool:
    recognition = screening.recognition
    if recognition.product not in _MATERIAL_AS_SUCH:
        return False
    for material in recognition.materials:
        if material.in_part is not None:
            return False
    return not contents.known[-1].by_value


def _converted(amount: Decimal | None, price: Price, currency: str | None, market: Market) -> Decimal | None:
    if amount is None or price.currency in (None, currency):
        return amount
    rate = market.rate(price.currency or "", currency) if currency is not None else None
    return amount * rate.rate if rate is not None else None


def _purchase_price_variance(order: OrderRead, line: OrderLineRead, amounts: Quantities, market: Market) -> Decimal | None:
    """q_received (K - P_std)."""
    if line.standard_price is None or line.value is None or not amounts.received_share:
        return None
    standard = _converted(cost_at(line, line.standard_price), line.standard_price, order.currency, market)
    return cents((line.value - standard) * amounts.received_share) if standard is not None else None


def _is_unread(screening: LineScreeningRead) -> bool:
    """Whether it was not found out what the goods are, or what they hold."""
    if not any(answer.answer in _UNREAD for answer in screening.answers.values()):
        return False
    return screening.recognition.product is None or any("composition" in question.name for question in screening.questions)


def _unread(line: OrderLineRead) -> MissingFact:
    question = f"What are the goods of line {line.line_id}: which material, in which form, with which content?"
    return MissingFact(kind="fact", name="description", held_by="buyer", question=question)


def _index_asked(line: OrderLineRead) -> MissingFact:
    """Of a price that is not set, though nothing that is quoted was recognised in the goods."""
    question = (
        f"Which quotation does the price of line {line.line_id} follow? It is not set yet, and no material with a price was recognised."
    )
    return MissingFact(kind="fact", name="pricing.index", held_by="buyer", question=question)


def _undecided(line: OrderLineRead, elements: list[str]) -> MissingFact:
    question = f"Do the goods of line {line.line_id} hold {' or '.join(elements)}, and how much, in percent by mass?"
    return MissingFact(kind="fact", name=f"mass_share_percent of {', '.join(elements)}", held_by="supplier", question=question)


def _not_exposed(order: OrderRead, line: OrderLineRead, sentence: str, bought_for: Decimal | None, market: Market) -> PricedLine:
    risk = LinePriceRisk(
        line_id=line.line_id,
        status="not_exposed",
        currency=order.currency,
        purchase_price_variance_money=bought_for,
        sentence=sentence,
    )
    return PricedLine(risk, None, _used((), _rates_of(line, order.currency, market)))


def _not_known(order: OrderRead, line: OrderLineRead, missing: MissingFact, window: PricingWindow, amounts: Quantities) -> PricedLine:
    """Its position has no materials: the portfolio counts it as a line that nobody knows the exposure of."""
    if window.unpriced:
        said = "What this line can lose is not known."
    else:
        said = f"The price {_agreed(line)}; what buying the goods again could cost is not known."
    risk = LinePriceRisk(
        line_id=line.line_id,
        status="unknown",
        grade="unknown",
        currency=order.currency,
        unpriced_fraction=window.unpriced,
        missing=[missing],
        sentence=f"{said} {missing.question}",
    )
    open_value = cents(line.value * amounts.open_share) if line.value is not None else None
    return PricedLine(risk, _position(line, [], [], window, (open_value, None, None)))


def _sentence(
    order: OrderRead,
    line: OrderLineRead,
    window: PricingWindow,
    of_all: Totals,
    again: float | None,
    gained: float | None,
    missing: list[MissingFact],
    *,
    bounded: bool,
) -> str:
    """What a buyer reads about a line."""
    asked = f" {missing[0].question}" if missing and not bounded else ""
    currency = f"{order.currency} " if order.currency else ""
    exposure, net, at_95, shortfall = of_all.exposure, of_all.net, of_all.at_95, of_all.shortfall
    if window.kind == "fixed" or not window.unpriced:
        return _of_fixed_price(currency, line, again, gained, bounded=bounded) + asked
    if exposure is None or shortfall is None or at_95 is None:
        amount = f"{currency}{exposure:,.0f} of this line is not priced yet; what that" if exposure is not None else "What this line"
        return f"{amount} can lose is not known.{asked}"
    known = "" if bounded else "From what is known alone, "
    hedged = f" ({currency}{net:,.0f} after hedges)" if net is not None and net < exposure else ""
    until = f" before {window.pricing_on.isoformat()}" if window.pricing_on is not None else ""
    queue = f", {window.licence_delay_days} of them for the licence queue" if window.licence_delay_days else ""
    days = f", in {window.days} days{queue}" if window.days is not None else ""
    return (
        f"{known}{currency}{at_95:,.0f} more at most in 19 of 20 cases, and {currency}{shortfall:,.0f} more on average in the worst 2.5 %: "
        f"{currency}{exposure:,.0f}{hedged} of this line is not priced{until}{days}.{asked}"
    )


def _agreed(line: OrderLineRead) -> str:
    return "is taken as fixed" if line.pricing is None else "is set"


def _of_fixed_price(currency: str, line: OrderLineRead, again: float | None, gained: float | None, *, bounded: bool) -> str:
    how = _agreed(line)
    if not bounded:
        return f"The price {how}; what buying the goods again could cost is not known."
    parts = [f"{currency}0 can be lost by waiting: the price {how}."]
    if again is not None:
        parts.append(f"Should the seller not deliver, buying again costs {currency}{again:,.0f} more on average in the worst 2.5 %.")
    if gained is not None:
        side = "above" if gained >= 0 else "below"
        parts.append(f"The market is {currency}{abs(gained):,.0f} {side} the contract.")
    return " ".join(parts)


def _material(each: Exposed) -> MaterialExposure:
    content, quote = each.content, each.quote
    low = None if content.by_value else kilograms(each.open_low_kg)
    high = low if each.open_high_kg == each.open_low_kg or content.by_value else kilograms(each.open_high_kg)
    value = money(each.value)
    risk, shown = (quote.risk, quote.shown) if quote is not None else (None, _NOT_SHOWN)
    return _material_exposure(
        {
            "elements": list(content.elements),
            "contained_kg_min": low,
            "contained_kg_max": high,
            "reference": shown.reference,
            "market_value_money": value,
            "exposure_money": value if each.exposure == each.value else money(each.exposure),
            "price_at_risk_95_money": money(each.at_95),
            "price_at_risk_99_money": money(each.at_99),
            "expected_shortfall_975_money": money(each.shortfall),
            "sigma_1d": shown.sigma_1d,
            "variance_ratio": risk.variance_ratio if risk is not None else None,
            "sigma_h": risk.sigma if risk is not None else None,
            "premium_percent": shown.premium_percent,
            "premium_z": shown.premium_z,
            "regime": shown.regime,
            "cusum": shown.cusum,
        }
    )


_Money = Decimal | None
_Sums = tuple[_Money, _Money, _Money, _Money, _Money]
"""Value, exposure, price at risk (95, 99) and expected shortfall of a line."""


def _sums_of(only: MaterialExposure) -> _Sums:
    return (
        only.market_value_money,
        only.exposure_money,
        only.price_at_risk_95_money,
        only.price_at_risk_99_money,
        only.expected_shortfall_975_money,
    )


def _summed(of_all: Totals) -> _Sums:
    value = money(of_all.value)
    exposure = value if of_all.exposure == of_all.value else money(of_all.exposure)
    return value, exposure, money(of_all.at_95), money(of_all.at_99), money(of_all.shortfall)


def _position(
    line: OrderLineRead,
    materials: list[Exposed],
    shown: list[MaterialExposure],
    window: PricingWindow,
    values: tuple[Decimal | None, Decimal | None, Decimal | None],
) -> LinePosition:
    open_value, budget_value, fixed_value = values
    terms = line.pricing
    factor = terms.factor if terms is not None and terms.kind == "formula" and terms.factor is not None else _ALL
    hedged = terms.hedged_percent if terms is not None else None
    return _line_position(
        {
            "line_id": line.line_id,
            "item_id": line.item.buyer_id or line.item.supplier_id,
            "description": line.description,
            "materials": [_placed(each, of, factor) for each, of in zip(materials, shown, strict=True)],
            "pricing": window.kind,
            "pricing_on": window.pricing_on,
            "waits": window.waits,
            "quotation_from": window.quotation_from,
            "quotation_to": window.quotation_to,
            "hedged_percent": hedged if hedged is not None else _NOTHING,
            "open_value": open_value,
            "budget_value": budget_value,
            "fixed_value": fixed_value,
        }
    )


def _placed(each: Exposed, shown: MaterialExposure, factor: Decimal) -> MaterialPosition:
    least = shown.contained_kg_min
    return _material_position(
        {
            "elements": shown.elements,
            "form": each.content.form,
            "market": each.market,
            "series": each.quote.view.series if each.quote is not None else None,
            "contained_kg": least if each.open_kg == each.open_low_kg and least is not None else kilograms(each.open_kg),
            "factor": factor if each.floats else _NOTHING,
        }
    )


def _rates_of(line: OrderLineRead, currency: str | None, market: Market) -> list[Rate]:
    """Those with which its budget and its standard price were compared with what it costs."""
    prices = [price for price in (line.budget_price, line.standard_price) if price is not None]
    if not prices or currency is None:
        return []
    return [rate for price in prices if (rate := market.rate(price.currency or currency, currency)) is not None]


def _used(materials: Sequence[Exposed], rates: Sequence[Rate]) -> list[SeriesView]:
    found = [view for rate in rates for view, _ in rate.legs]
    for each in materials:
        if each.quote is not None:
            found += each.quote.used
    return found
