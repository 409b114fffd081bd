"""The advice for one item in one plant: what to do by when, how much, and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import exp, inf
from typing import Final

from services.stockpile_advisor.domain import causes
from services.stockpile_advisor.domain.advice_policy import Embargo, SupplyPolicy
from services.stockpile_advisor.domain.alternatives import alternatives, supplier_concentration
from services.stockpile_advisor.domain.announcements import embargo_buffer_exponential
from services.stockpile_advisor.domain.best_order import Costs
from services.stockpile_advisor.domain.clocks import last_safe_order_on, rule_clocks
from services.stockpile_advisor.domain.day_distribution import DayDistribution
from services.stockpile_advisor.domain.expected_loss import ExpectedLoss, Scenario, expected_loss
from services.stockpile_advisor.domain.inbound import UnitOfStock
from services.stockpile_advisor.domain.indices import indices_of
from services.stockpile_advisor.domain.judgement import Judgement, Money, judged, policy_days, service_level
from services.stockpile_advisor.domain.licence_delay import GENERAL_EU, PRIORITISED_EU_AUTOMOTIVE
from services.stockpile_advisor.domain.purchase_risk import purchase_risk
from services.stockpile_advisor.domain.scenario_money import lost_margin, price_increase, short_until_ordered
from services.stockpile_advisor.domain.situation import (
    AS_IT_STANDS,
    AdviceInputs,
    Situation,
    Suppositions,
    situation,
)
from services.stockpile_advisor.domain.stock_paths import Simulation, StockPaths, simulated
from services.stockpile_advisor.domain.time_to_survive import single_item
from shared.contracts.base import beginning_of
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.price_series import SeriesView
from shared.contracts.screening import Confidence
from shared.contracts.stock import StockReport
from shared.contracts.supply_risk import FanPoint, MaterialAdvice, OutcomeCost, ScenarioLossMoney, Sensitivity, SupplyRiskIndex

MODEL_VERSION: Final = 1
_SHORT_WITHIN: Final = (7, 14, 30, 60, 90, 120, 180, 270, 365, 545, 730)
_CENT: Final = Decimal("0.01")
_ALARMS: Final = ("rally", "spike")
_DRIFT_DAYS: Final = 20
"""Quotation days over which a trend is taken to go on at most: it was measured over as many."""
_FARTHEST_DAYS: Final = 3650
"""Nothing is put off for longer."""
_FEWER: Final = 0.4
"""Of the paths, for sensitivities."""


def inputs_digest(inputs: AdviceInputs, policy: SupplyPolicy) -> str:
    """Of what the advice depends on; of prices only the regime, so that no quote of a calm market asks for another advice."""
    return sha256_hex(
        canonical_json(
            {
                "model": MODEL_VERSION,
                "report": inputs.report.model_dump(mode="json"),
                "elsewhere": sorted((each.model_dump(mode="json") for each in inputs.elsewhere), key=lambda each: str(each["plant"])),
                "inbound": [line.model_dump(mode="json") for line in _in_order(inputs).inbound],
                "cases": [[case.licence_id, str(case.filed_on), str(case.decided_on), case.outcome] for case in _in_order(inputs).cases],
                "regimes": sorted([view.series, view.regime, str(view.regime_since)] for view in inputs.views),
                "editions": dict(inputs.reference.editions) if inputs.reference is not None else None,
                "policy": policy.model_dump(mode="json"),
            }
        )
    )


def advise(inputs: AdviceInputs, policy: SupplyPolicy, now: datetime, supposed: Suppositions = AS_IT_STANDS) -> MaterialAdvice:
    """Deterministic: the same inputs, policy, day and suppositions give the same advice."""
    inputs = _in_order(inputs)
    today = now.astimezone(UTC).date()
    stood = situation(inputs, policy, today, supposed)
    report, indices = inputs.report, _indices(inputs)
    blank = MaterialAdvice(
        plant=report.plant,
        item_id=report.item_id,
        description=report.description,
        ship_to_ids=report.ship_to_ids,
        unit=report.unit,
        made_at=now,
        stock_as_of=report.as_of,
        decision="unknown",
        usable=stood.usable.free,
        inbound=stood.inbound,
        currency=report.currency,
        rule_clocks=rule_clocks(stood.clocks),
        licence_needed=stood.licensing.needed,
        shipping_days=report.shipping_days,
        policy_days=policy_days(report, policy),
        indices=indices,
        geopolitical_risk=purchase_risk(stood, inputs.reference, _elements(inputs), indices),
        supplier_concentration=_rounded(supplier_concentration(stood)),
        confidence_reasons=[doubt.sentence for doubt in stood.doubts],
        missing=stood.missing,
        sentence="",
        digest=inputs_digest(inputs, policy),
    )
    if stood.demand is None or stood.base is None:
        asked = " ".join(fact.question for fact in stood.missing if fact.name in ("consumption", "lead time"))
        return blank.model_copy(update={"sentence": f"No advice for {report.item_id} in {report.plant} without invented numbers: {asked}"})
    demand = stood.demand.daily
    if demand.mean == 0:
        return _unused(blank, stood)
    if stood.base.never >= 1:
        return _without_supplier(blank, stood, demand.mean)
    simulation = Simulation(policy.simulation.paths, policy.simulation.horizon_days, policy.simulation.seed)
    alarm = _alarm(inputs, policy)
    judgement = judged(stood, demand, policy, simulation, _buffer(alarm, stood, policy))
    service = service_level(report, policy)
    arrival, mean = stood.arrival(0), demand.mean
    ordered = judgement.quantity if judgement.decision != "reduce" else None
    after = _with_order(stood, judgement, ordered, simulation) if ordered else judgement.nothing_ordered
    money = Money.of(report)
    cover = float(stood.usable.lasting) / mean
    survives = single_item(float(stood.usable.lasting) + _on_the_way(stood), mean, 0.0)
    approval = stood.licensing.estimate.approval
    queued = stood.licensing.needed != "no" or any(each.waits for each in stood.coming) or any(clock.tightens for clock in stood.clocks)
    recovery = arrival.quantile_if_it_happens(0.5)
    last_safe = last_safe_order_on(stood, service)
    sensitivity, without_licence = _sensitivity(inputs, policy, today, supposed, simulation, stood, judgement)
    needed = ordered or _to_bridge(stood, judgement, recovery)
    others = alternatives(stood, inputs.elsewhere, needed, judgement.levels.reorder / mean, recovery)
    losses = _expected_loss(inputs, policy, today, supposed, simulation, stood, judgement, needed)
    reasons = causes.ranked(stood, judgement, service, without_licence, last_safe, alarm)
    costs = money.costs
    doubts = [doubt.sentence for doubt in stood.doubts]
    if costs is None:
        doubts.append("Holding and shortage costs are not both known: the service level decides how much, and costs are not split.")
    if money.per_order is None:
        doubts.append("What placing an order costs is not known: nothing is reckoned for it.")
    if losses is not None and losses.missing:
        doubts.append(f"The expected loss is not known as a whole, what is missing: {'; '.join(losses.missing)}.")
    return blank.model_copy(
        update={
            "decision": judgement.decision,
            "quantity": judgement.quantity,
            "contained_kg": _contained(report, judgement.quantity),
            "order_by": today + timedelta(days=judgement.order_by_day) if judgement.order_by_day is not None else None,
            "last_safe_order_on": last_safe,
            "consumption_per_day": Decimal(f"{mean:.6g}"),
            "demand_method": stood.demand.method,
            "days_of_cover": round(cover, 1),
            "days_of_cover_after": round(cover + float(ordered or 0) / mean, 1),
            "advised_cover_days": round(judgement.levels.reorder / mean, 1),
            "time_to_survive_days": round(survives, 1) if survives < inf else None,
            "time_to_recover_p50_days": recovery,
            "time_to_recover_p95_days": arrival.quantile_if_it_happens(0.95),
            "probability_short": _short(judgement.nothing_ordered),
            "probability_short_after": _short(after),
            "cost": _cost(after, costs, money.price, ordered, _drift(inputs, ordered, judgement.order_by_day or 0)) if costs else None,
            "cost_of_waiting": _cost(judgement.nothing_ordered, costs, None, None, None) if costs else None,
            "expected_loss_money": losses.total if losses is not None else None,
            "expected_losses": _losses(losses) if losses is not None else [],
            "causes": reasons,
            "alternatives": others,
            "licence_delay_p50_days": approval.quantile(0.5) if queued else None,
            "licence_delay_p95_days": approval.quantile(0.95) if queued else None,
            "delay_prior": _prior(stood, approval) if queued else None,
            "binding": judgement.binding,
            "sensitivity": sensitivity,
            "fan": _fan(judgement.nothing_ordered, today),
            "confidence": _confidence(stood),
            "confidence_reasons": doubts,
            "sentence": causes.sentence(stood, judgement, policy, last_safe, others, _contained(report, judgement.quantity)),
        }
    )


def look_again_on(inputs: AdviceInputs, advice: MaterialAdvice, policy: SupplyPolicy) -> datetime | None:
    """The beginning of the next day on which the passing of time alone may change the advice or one of its alerts; None where none does."""
    today = advice.made_at.astimezone(UTC).date()
    ahead = timedelta(days=policy.alerts.order_by_days_ahead)
    days = [inputs.report.as_of.date() + timedelta(days=policy.alerts.stale_after_days + 1)]
    for day in (advice.order_by, advice.last_safe_order_on):
        if day is not None:
            days += [day - ahead, day, day + timedelta(days=1)]
    days += [clock.on for clock in advice.rule_clocks]
    days += [lot.best_before + timedelta(days=1) for lot in inputs.report.lots]
    days += [part.leaves_on + timedelta(days=1) for line in inputs.inbound for part in line.parts if part.leaves_on is not None]
    if advice.days_of_cover is not None and advice.policy_days is not None and advice.days_of_cover > advice.policy_days:
        days.append(today + timedelta(days=int(min(advice.days_of_cover - advice.policy_days, _FARTHEST_DAYS)) + 1))
    if advice.decision != "unknown":
        # Stock is used up while nobody reports, and cases that are pending grow older.
        days.append(today + timedelta(days=policy.review_days))
    later = [day for day in days if day > today]
    return beginning_of(min(later)) if later else None


def _in_order(inputs: AdviceInputs) -> AdviceInputs:
    """What comes in any order is put into one, so that floats add up to the same bytes."""
    return replace(
        inputs,
        inbound=tuple(sorted(inputs.inbound, key=lambda line: (line.order_key, line.line_id))),
        cases=tuple(sorted(inputs.cases, key=lambda case: (case.licence_id, case.filed_on))),
        views=tuple(sorted(inputs.views, key=lambda view: view.series)),
        elsewhere=tuple(sorted(inputs.elsewhere, key=lambda report: report.plant)),
    )


def _unused(blank: MaterialAdvice, stood: Situation) -> MaterialAdvice:
    cancellable = sum((each.quantity for each in stood.coming if not each.departed), Decimal(0))
    said = f"No {stood.report.item_id} is used in {stood.report.plant}: nothing has to be ordered"
    more = f", and {cancellable} {stood.report.unit} on order could be taken off." if cancellable > 0 else "."
    return blank.model_copy(
        update={
            "decision": "reduce" if cancellable > 0 else "wait",
            "quantity": cancellable if cancellable > 0 else None,
            "contained_kg": _contained(stood.report, cancellable if cancellable > 0 else None),
            "consumption_per_day": Decimal(0),
            "demand_method": stood.demand.method if stood.demand is not None else None,
            "confidence": _confidence(stood),
            "sentence": said + more,
        }
    )


def _without_supplier(blank: MaterialAdvice, stood: Situation, per_day: float) -> MaterialAdvice:
    """No order can be placed; what is there and under way is all there is."""
    cover = float(stood.usable.lasting) / per_day
    survives = single_item(float(stood.usable.lasting) + _on_the_way(stood), per_day, 0.0)
    said = (
        f"Nobody else is known who delivers {stood.report.item_id} to {stood.report.plant}: find another source within {survives:.0f} days."
    )
    return blank.model_copy(
        update={
            "decision": "cannot_fix",
            "consumption_per_day": Decimal(f"{per_day:.6g}"),
            "demand_method": stood.demand.method if stood.demand is not None else None,
            "days_of_cover": round(cover, 1),
            "time_to_survive_days": round(survives, 1) if survives < inf else None,
            "confidence": _confidence(stood),
            "sentence": said,
        }
    )


def _to_bridge(stood: Situation, judgement: Judgement, recovery: int | None) -> Decimal:
    """Units that are missing until an order would be there, where none is advised although stock runs out; through all of the days
    looked at where none ever would."""
    if judgement.decision not in ("order_now", "cannot_fix"):
        return Decimal(0)
    days = recovery if recovery is not None else judgement.nothing_ordered.simulation.days
    return Decimal(f"{max(0.0, judgement.demand.mean * days - float(stood.usable.lasting)):.6g}")


def _on_the_way(stood: Situation) -> float:
    return float(sum((each.quantity for each in stood.coming if each.departed), Decimal(0)))


def _with_order(stood: Situation, judgement: Judgement, quantity: Decimal, simulation: Simulation) -> StockPaths:
    position = stood.position(judgement.demand)
    order = replace(stood.candidate(judgement.order_by_day or 0), quantity=float(quantity))
    return simulated(replace(position, orders=(*position.orders, order)), simulation)


def _short(paths: StockPaths) -> dict[str, float]:
    return {str(day): round(paths.probability_short_by(day), 4) for day in _SHORT_WITHIN if day <= paths.simulation.days}


def _fan(paths: StockPaths, today: date) -> list[FanPoint]:
    return [
        FanPoint(
            on=today + timedelta(days=int(day)),
            **{name: float(f"{value:.6g}") for name, value in zip(("p05", "p25", "p50", "p75", "p95"), paths.fan[:, column], strict=True)},
        )
        for column, day in enumerate(paths.fan_days)
    ]


def _cost(paths: StockPaths, costs: Costs, price: float | None, quantity: Decimal | None, drift: Decimal | None) -> OutcomeCost:
    purchase = None
    if quantity is None:
        purchase = Decimal(0)
    elif price is not None:
        purchase = _cents(float(quantity) * price + costs.fixed_per_order)
    return OutcomeCost(
        purchase=purchase,
        holding=_cents(float(paths.held.mean()) * costs.holding_per_unit_day),
        shortage=_cents(paths.expected_shortage_by(paths.simulation.days) * costs.shortage_per_unit),
        price_drift=drift,
    )


def _losses(losses: ExpectedLoss) -> list[ScenarioLossMoney]:
    return [
        ScenarioLossMoney(
            scenario=each.scenario.name,
            probability=each.scenario.probability or 0.0,
            lost_margin=each.scenario.lost_margin,
            price_increase=each.scenario.price_increase,
            loss=each.loss,
        )
        for each in losses.by_scenario
    ]


def _cents(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(_CENT)


def _drift(inputs: AdviceInputs, quantity: Decimal | None, order_by_day: int) -> Decimal | None:
    """What the contained elements' price would add by waiting to the later day, below zero where ordering now saves it.

    The trend of the last 20 quotation days is taken to go on, for as many at most, and only of a series that has left its calm; in the
    report's currency. None where no such series is known.
    """
    report = inputs.report
    weight = UnitOfStock.of(report.unit, report.mass_kg_per_unit).mass_kg
    if quantity is None or weight is None or report.currency is None:
        return None
    later = min(_DRIFT_DAYS, max(order_by_day, 1) * 5 / 7)
    change, found = 0.0, False
    for content in report.contained:
        view = _moving(inputs.views, content.element, report.currency)
        if view is not None and view.return_20d is not None:
            found = True
            kg = float(weight * content.percent / 100)
            change += kg * float(view.price) * (exp(view.return_20d * later / _DRIFT_DAYS) - 1)
    return _cents(-change * float(quantity)) if found else None


def _moving(views: Sequence[SeriesView], element: str, currency: str) -> SeriesView | None:
    return next(
        (
            view
            for view in views
            if view.elements == [element] and view.currency == currency and view.regime != "calm" and view.return_20d is not None
        ),
        None,
    )


def _alarm(inputs: AdviceInputs, policy: SupplyPolicy) -> tuple[SeriesView, Embargo] | None:
    """A series that its alarm says has left its calm upwards, and the embargo that would concern the item."""
    elements = {each.element for each in inputs.report.contained}
    countries = {each.country for each in inputs.report.sources if each.country} | {line.country for line in inputs.inbound if line.country}
    for view in inputs.views:
        if view.regime in _ALARMS and elements & set(view.elements):
            for embargo in policy.embargoes:
                if set(view.elements) & elements & set(embargo.elements) and (not embargo.countries or countries & set(embargo.countries)):
                    return view, embargo
    return None


def _buffer(alarm: tuple[SeriesView, Embargo] | None, stood: Situation, policy: SupplyPolicy) -> float:
    """Units to have against the embargo; 0 without an alarm, without costs, and where holding them costs more than they are worth."""
    money = Money.of(stood.report)
    if alarm is None or stood.demand is None or not money.holding_per_day or not money.shortage:
        return 0.0
    embargo = alarm[1]
    length, probability = float(embargo.mean_length_days), float(embargo.probability)
    return float(embargo_buffer_exponential(stood.demand.daily.mean, probability, money.holding_per_day * length, money.shortage, length))


def _sensitivity(
    inputs: AdviceInputs,
    policy: SupplyPolicy,
    today: date,
    supposed: Suppositions,
    simulation: Simulation,
    stood: Situation,
    judgement: Judgement,
) -> tuple[list[Sensitivity], float | None]:
    """The advice under other assumptions, and the reorder level without a licence queue where there is one."""
    fewer = _fewer(simulation)
    factor = supposed.demand_factor
    cases: list[tuple[str, Suppositions]] = [
        ("demand 20 % lower", replace(supposed, demand_factor=0.8 * factor)),
        ("demand 20 % higher", replace(supposed, demand_factor=1.2 * factor)),
    ]
    licensed = stood.licensing.needed != "no"
    if licensed:
        used = stood.licensing.estimate.prior.name
        other = GENERAL_EU if used != GENERAL_EU.name else PRIORITISED_EU_AUTOMOTIVE
        cases.append((f"licence delay as {other.name}", replace(supposed, delay_prior=other.name)))
        cases.append(("no licence needed", replace(supposed, licence_needed=False)))
    else:
        cases.append(("a licence needed", replace(supposed, licence_needed=True)))
    embargo = next(iter(_embargoes(inputs, policy)), None)
    if embargo is not None and supposed.embargo_from is None:
        said = f"{embargo.name} from today for {embargo.mean_length_days} days"
        cases.append((said, _under(embargo, supposed, today)))
    found, without = [], None
    for assumption, other_case in cases:
        other_stood = situation(inputs, policy, today, other_case)
        if other_stood.demand is None:
            continue
        answer = judged(other_stood, other_stood.demand.daily, policy, fewer, judgement.buffer)
        if assumption == "no licence needed":
            without = answer.levels.reorder
        found.append(
            Sensitivity(
                assumption=assumption,
                decision=answer.decision,
                quantity=answer.quantity,
                order_by=today + timedelta(days=answer.order_by_day) if answer.order_by_day is not None else None,
                probability_short=round(answer.short_before_arrival, 4),
            )
        )
    return found, without


def _under(embargo: Embargo, supposed: Suppositions, today: date) -> Suppositions:
    length, countries = embargo.mean_length_days, frozenset(embargo.countries)
    return replace(supposed, embargo_from=today, embargo_days=length, embargo_countries=countries)


def _expected_loss(
    inputs: AdviceInputs,
    policy: SupplyPolicy,
    today: date,
    supposed: Suppositions,
    simulation: Simulation,
    stood: Situation,
    judgement: Judgement,
    needed: Decimal,
) -> ExpectedLoss | None:
    """Over the embargoes that concern the item, each from today; None where none does, or where one is supposed already.

    Only the arrival of orders differs between scenarios: each costs one pass over few paths, beside one without embargo.
    """
    embargoes = _embargoes(inputs, policy) if supposed.embargo_from is None else []
    if not embargoes:
        return None
    fewer = _fewer(simulation)
    day, elements = judgement.order_by_day, _elements(inputs)
    before = short_until_ordered(stood, judgement.demand, day, fewer)
    scenarios = []
    for embargo in embargoes:
        held = situation(inputs, policy, today, _under(embargo, supposed, today))
        extra = max(0.0, short_until_ordered(held, judgement.demand, day, fewer) - before)
        bought = needed if day is not None and day < embargo.mean_length_days else Decimal(0)
        scenarios.append(
            Scenario(
                embargo.name,
                float(embargo.probability),
                lost_margin(stood.report, extra),
                price_increase(stood.report, bought, embargo.price_rise(elements)),
            )
        )
    return expected_loss(scenarios)


def _fewer(simulation: Simulation) -> Simulation:
    return replace(simulation, paths=max(100, round(_FEWER * simulation.paths)))


def _embargoes(inputs: AdviceInputs, policy: SupplyPolicy) -> list[Embargo]:
    """That concern an element of the item and a country that it comes from, or may."""
    elements = _elements(inputs)
    countries = {each.country for each in inputs.report.sources if each.country} | {line.country for line in inputs.inbound if line.country}
    return [
        each
        for each in policy.embargoes
        if elements & set(each.elements) and (not each.countries or not countries or countries & set(each.countries))
    ]


def _prior(stood: Situation, approval: DayDistribution) -> str:
    estimate = stood.licensing.estimate
    prior = estimate.prior
    own = estimate.approved + estimate.rejected + estimate.pending
    moved = f"moved by {own} own cases ({estimate.approved} approved, {estimate.rejected} refused, {estimate.pending} pending)"
    median = approval.quantile_if_it_happens(0.5)
    return f"{prior.name}: {prior.evidence}; {moved if own else 'no own cases yet'}; median {median} days from filing"


def _contained(report: StockReport, quantity: Decimal | None) -> dict[str, Decimal]:
    weight = UnitOfStock.of(report.unit, report.mass_kg_per_unit).mass_kg
    if quantity is None or weight is None:
        return {}
    percent: dict[str, Decimal] = {}
    for each in report.contained:
        percent[each.element] = percent.get(each.element, Decimal(0)) + each.percent
    return {element: Decimal(f"{quantity * weight * share / 100:.6g}") for element, share in sorted(percent.items())}


def _indices(inputs: AdviceInputs) -> list[SupplyRiskIndex]:
    if inputs.reference is None:
        return []
    known = indices_of(inputs.reference)
    return [known[element] for element in sorted(_elements(inputs)) if element in known]


def _elements(inputs: AdviceInputs) -> set[str]:
    return {each.element for each in inputs.report.contained} | {element for line in inputs.inbound for element in line.elements}


def _confidence(stood: Situation) -> Confidence:
    levels = {doubt.confidence for doubt in stood.doubts}
    if stood.missing or "low" in levels:
        return "low"
    return "medium" if "medium" in levels else "high"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
