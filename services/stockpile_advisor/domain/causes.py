"""Why an advice is what it is: reasons ranked by how many days of cover each is worth, and the sentence that a planner reads."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from services.stockpile_advisor.domain.advice_policy import Embargo, SupplyPolicy
from services.stockpile_advisor.domain.alternatives import largest_supplier
from services.stockpile_advisor.domain.cover import most_that_keeps
from services.stockpile_advisor.domain.judgement import Judgement, policy_days, service_level
from services.stockpile_advisor.domain.situation import UNCOUNTED, Situation
from shared.contracts.price_series import SeriesView
from shared.contracts.screening import Answer
from shared.contracts.supply_risk import Alternative, Cause

_LEAST_DAYS: Final = 0.5
_YEAR: Final = 365
"""Days of cover that being without for certain is worth, among the causes."""
_BINDING: Final = {
    "budget": " The budget cuts the quantity.",
    "shelf_life": " The shelf life cuts the quantity.",
    "minimum_order": " It is the minimum order.",
}
_NOTHING: Final = {
    "budget": "the budget does not pay the minimum order.",
    "shelf_life": "what is ordered would be past its shelf life before it is used.",
}


def ranked(
    stood: Situation,
    judgement: Judgement,
    service: float,
    without_licence: float | None,
    last_safe: date | None,
    alarm: tuple[SeriesView, Embargo] | None,
) -> list[Cause]:
    """What weighs most comes first; a date of law has the weight of what it adds to the lead time."""
    mean, levels, unit = judgement.demand.mean, judgement.levels, stood.report.unit
    found: list[tuple[float, Cause]] = []

    def add(name: str, weight: float, sentence: str, value: float | None, of_unit: str = "days") -> None:
        if weight >= _LEAST_DAYS:
            found.append((weight, Cause(name=name, sentence=sentence, value=round(value, 4) if value is not None else None, unit=of_unit)))

    lost = stood.arrival(0).never >= 1
    if lost:
        why = "screening answers that its open orders may not leave" if stood.barred else "from today on nothing leaves any more"
        add("no_order_comes", _YEAR, f"An order of today would never come: {why}.", None)
    gap = (levels.reorder - judgement.position) / mean
    if gap > 0 and not lost:
        said = f"Stock and what is coming last {judgement.position / mean:.0f} days, {levels.reorder / mean:.0f} are needed when ordering."
        add("position_below_reorder_level", gap, said, gap)
    if stood.licensing.needed != "no" and not lost:
        queue = (levels.reorder - without_licence) / mean if without_licence is not None else 0.0
        approval = stood.licensing.estimate.approval
        p50, p95 = approval.quantile_if_it_happens(0.5), approval.quantile_if_it_happens(0.95)
        said = f"A licence takes {p50} days in the median and {p95} in 19 of 20 cases; it adds {queue:.0f} days to the cover needed."
        add("licence_queue", queue, said, queue)
        if approval.never > 0.05:
            said = f"A licence is refused with a probability of {approval.never:.0%}."
            add("licence_refused", approval.never * _YEAR, said, approval.never, "probability")
    waiting = sum((each.quantity for each in stood.coming if each.waits and each.order.departure.never < 1), Decimal(0))
    add(
        "inbound_waits_for_licence",
        float(waiting) / mean,
        f"{_amount(waiting)} {unit} on order wait for a licence, {float(waiting) / mean:.0f} days of consumption.",
        float(waiting) / mean,
    )
    never = sum((each.quantity for each in stood.coming if each.order.departure.never >= 1), Decimal(0))
    add(
        "inbound_may_not_leave",
        float(never) / mean,
        f"{_amount(never)} {unit} on order may not leave and are not reckoned with.",
        float(never) / mean,
    )
    usable = stood.usable
    blocked = float(usable.blocked) / mean
    add("blocked_or_reserved", blocked, f"{_amount(usable.blocked)} {unit} are blocked or reserved.", blocked)
    bound = float(usable.bound) / mean
    add("bound_stock", bound, f"{_amount(usable.bound)} {unit} are bound to their own end use and serve nothing else.", bound)
    wasted = float(usable.wasted) / mean
    add("shelf_life", wasted, f"{_amount(usable.wasted)} {unit} will be past their best-before day before they are used.", wasted)
    for clock in stood.clocks:
        if clock.tightens:
            weight = max(1.0, (levels.fill_up_to - levels.reorder) / mean)
            add("rule_clock", weight, f"{clock.sentence}{_safe(last_safe, stood.today)}", float((clock.on - stood.today).days))
    if alarm is not None and judgement.buffer > 0:
        view, embargo = alarm
        worth = judgement.buffer / mean
        said = f"The price {view.series} is in a {view.regime}: {embargo.name.lower()} would be worth {worth:.0f} days of stock."
        add("price_alarm", worth, said, worth)
    short = judgement.short_before_arrival
    if short > 1 - service:
        said = f"Stock runs out before an order of today is there with a probability of {short:.0%}; {1 - service:.0%} is allowed."
        found.append(
            ((short - 1 + service) * 365, Cause(name="short_before_arrival", sentence=said, value=round(short, 4), unit="probability"))
        )
    supplier = largest_supplier(stood)
    if supplier is not None and supplier[1] > 0.65:
        said = f"{supplier[0]} delivers {supplier[1]:.0%} of it."
        found.append((0.0, Cause(name="concentrated_supply", sentence=said, value=round(supplier[1], 4), unit="share")))
    if not found:
        lasts = judgement.position / mean
        said = f"Stock and what is coming last {lasts:.0f} days, {levels.reorder / mean:.0f} are needed when ordering."
        found.append((0.0, Cause(name="position_above_reorder_level", sentence=said, value=round(lasts, 4), unit="days")))
    return [cause for _, cause in sorted(found, key=lambda each: (-each[0], each[1].name, each[1].sentence))]


def sentence(
    stood: Situation,
    judgement: Judgement,
    policy: SupplyPolicy,
    last_safe: date | None,
    others: Sequence[Alternative],
    contained: Mapping[str, Decimal],
) -> str:
    """First what to do by when, then why."""
    mean, report = judgement.demand.mean, stood.report
    what = f"{_amount(judgement.quantity)} {report.unit} of {report.item_id} for {report.plant}" if judgement.quantity is not None else ""
    if what and contained:
        what += f" ({', '.join(f'{_amount(kg)} kg {element}' for element, kg in contained.items())})"
    have, need = judgement.position / mean, judgement.levels.reorder / mean
    why = f"Stock and what is coming last {have:.0f} days; {need:.0f} are needed when ordering{_because(stood, policy)}."
    if stood.arrival(0).never >= 1:
        why = f"Stock and what is coming last {have:.0f} days, and an order of today would never come."
    elif not judgement.levels.reaches_service:
        why += " Orders fail to come more often than that allows: the days are "
        why += "those of orders that do come." if stood.refused > 1 - service_level(stood.report, policy) else "all that are looked at."
    if judgement.buffer > float(stood.usable.lasting):
        why += f" A price alarm makes {judgement.buffer / mean:.0f} days of stock worth having against an embargo."
    match judgement.decision:
        case "order_now":
            do = f"Order {what} today." if what else f"Order {report.item_id} for {report.plant} today: {_nothing(judgement)}"
        case "cannot_fix":
            out = f" It runs out about {_out_on(stood, judgement)}."
            bridge = " ".join(each.sentence for each in others[:2]) or "No plant, supplier or substitute is known that could bridge it."
            order = f" Order {what} today all the same." if what else ""
            do = f"No order comes in time for {report.item_id} in {report.plant}: {bridge}{out}{order}"
        case "reduce":
            do = _reduce(stood, judgement, what)
        case _:
            do = _wait(stood, judgement, what)
    return f"{do}{_bound(stood, judgement)} {why}{_not_counted(stood)}{_clock(stood, last_safe)}"


def _bound(stood: Situation, judgement: Judgement) -> str:
    if judgement.decision == "cannot_fix" and judgement.quantity is None:
        return f" Another order does not help: {_nothing(judgement)}" if judgement.binding is not None else ""
    said = _BINDING.get(judgement.binding or "", "")
    shelf_life, quantity = stood.report.shelf_life_days, judgement.quantity
    if judgement.binding == "minimum_order" and shelf_life is not None and quantity is not None:
        expiring = float(quantity) - float(most_that_keeps(judgement.demand.mean, shelf_life, 0.0))
        if expiring > 0:
            said += f" At least {expiring:,.6g} {stood.report.unit} of it will be past their shelf life before they are used."
    return said


def _out_on(stood: Situation, judgement: Judgement) -> date:
    """The median of the paths that run out, were nothing ordered."""
    first = np.sort(judgement.nothing_ordered.first_day_short)
    short = first[first <= judgement.nothing_ordered.simulation.days]
    return stood.today + timedelta(days=int(short[(len(short) - 1) // 2]))


def _not_counted(stood: Situation) -> str:
    count = sum(fact.name == UNCOUNTED for fact in stood.missing)
    if count == 0:
        return ""
    what = "An open order line is" if count == 1 else f"{count} deliveries of open order lines are"
    return f" {what} not reckoned with, because nobody says how much of it that is in {stood.report.unit}."


def _wait(stood: Situation, judgement: Judgement, what: str) -> str:
    if judgement.order_by_day is None:
        days = judgement.nothing_ordered.simulation.days
        return f"Nothing of {stood.report.item_id} has to be ordered for {stood.report.plant} within {days} days."
    by = _by(stood, judgement.order_by_day)
    return f"Wait; order {what} by {by}." if what else f"Wait; order {stood.report.item_id} by {by}: {_nothing(judgement)}"


def _reduce(stood: Situation, judgement: Judgement, what: str) -> str:
    due = f" The next order is due by {_by(stood, judgement.order_by_day)}." if judgement.order_by_day is not None else ""
    if stood.usable.wasted > 0 and judgement.quantity == stood.usable.wasted:
        return f"Use or pass on {what} before its best-before day: at today's consumption it will not be used up by then.{due}"
    unit, surplus = stood.report.unit, judgement.quantity or Decimal(0)
    cancellable = min(surplus, sum((each.quantity for each in stood.coming if not each.departed), Decimal(0)))
    do = f"Order nothing: {what} are more than will be needed"
    if cancellable > 0:
        do += f"; {_amount(cancellable)} {unit} have not left yet and can be taken off open orders"
    else:
        do += ", and can be passed on" if surplus <= stood.usable.lasting else " once all is there"
    return f"{do}.{due}"


def _by(stood: Situation, day: int) -> date:
    return stood.today + timedelta(days=day)


def _nothing(judgement: Judgement) -> str:
    return _NOTHING.get(judgement.binding or "", "no quantity is admissible.")


def _because(stood: Situation, policy: SupplyPolicy) -> str:
    days = policy_days(stood.report, policy)
    practice = next((f" ({preset.practice})" for preset in policy.presets if preset.days == days), "")
    aim = f"a service level of {service_level(stood.report, policy):.3g}" if days is None else f"{days} days of cover{practice}"
    if stood.licensing.needed == "no":
        return f" for {aim}"
    prior = stood.licensing.estimate.prior.name
    unknown = ", whether a licence is needed not being known" if stood.licensing.needed == "unknown" else ""
    return f" for {aim} with the licence delay “{prior}”{unknown}"


def _clock(stood: Situation, last_safe: date | None) -> str:
    embargo = next(iter(stood.embargoes_on_orders), None)
    if embargo is not None:
        likely = f" with a probability of {embargo.probability:.0%}" if embargo.probability < 1 else ""
        begins = stood.today + timedelta(days=embargo.from_day)
        return f" From {begins} on, as supposed, nothing leaves{likely}.{_safe(last_safe, stood.today)}"
    first = next((clock for clock in stood.clocks if clock.tightens), None)
    if first is None:
        return ""
    banned = first.after is Answer.PROHIBITED
    said = "nothing may leave any more; what to order lasts for the days looked at" if banned else "the law changes"
    return f" On {first.on} {said}.{_safe(last_safe, stood.today)}"


def _safe(last_safe: date | None, today: date) -> str:
    if last_safe is None:
        return ""
    return (
        f" The last day to order before it was {last_safe}." if last_safe < today else f" The last day to order before it is {last_safe}."
    )


def _amount(value: Decimal | None) -> str:
    return f"{float(value or 0):,.6g}"
