"""What stands on a day for one item in one plant: usable stock, demand, what is coming and when, how long an order takes.

Bound stock serves its own end use only; what is reserved, blocked or past its best-before day serves nobody. What is not known is named.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from services.stockpile_advisor.domain.admissible import FloatArray
from services.stockpile_advisor.domain.advice_policy import SupplyPolicy
from services.stockpile_advisor.domain.day_distribution import LAST_DAY, DayDistribution
from services.stockpile_advisor.domain.demand import DailyDemand, estimated
from services.stockpile_advisor.domain.inbound import InboundClock, InboundLine, InboundPart, UnitOfStock, quantity_in
from services.stockpile_advisor.domain.licence_delay import CUSTOMS_HOLD, DEFENCE_OR_US_END_USE, Case, DelayEstimate, Outcome, updated
from services.stockpile_advisor.domain.reference_shares import ReferenceShares
from services.stockpile_advisor.domain.stock_paths import Embargo, OpenOrder, Position
from shared.contracts.base import beginning_of
from shared.contracts.price_series import SeriesView
from shared.contracts.screening import Answer, Confidence, MissingFact, Need
from shared.contracts.stock import StockReport, SupplySource

NOW: Final = DayDistribution.certain(0)
NEVER: Final = DayDistribution(np.zeros(1), never=1.0)
ADVISED: Final = "order advised"
"""The name of an order that is not placed yet."""
UNCOUNTED: Final = "quantity in the unit of stock"
_WEEK: Final = 7
_BOUND_WEEKS: Final = 104
_ENOUGH_LEAD_TIMES: Final = 5
_LONG_SILENCE_DAYS: Final = 45


class Doubt(NamedTuple):
    """Why figures are trusted less, and how much they are trusted then."""

    sentence: str
    confidence: Confidence


@dataclass(slots=True, frozen=True)
class OwnCase:
    """A licence case of the firm: `decided_on` None while it is pending."""

    licence_id: str
    filed_on: date
    decided_on: date | None
    outcome: Outcome


@dataclass(slots=True, frozen=True)
class AdviceInputs:
    """All that an advice rests on, but for the policy and the day."""

    report: StockReport
    elsewhere: tuple[StockReport, ...] = ()
    """Reports of the same item by other plants."""
    inbound: tuple[InboundLine, ...] = ()
    """Lines of open orders that bring the item to this plant."""
    cases: tuple[OwnCase, ...] = ()
    views: tuple[SeriesView, ...] = ()
    """Price series of the item's elements."""
    reference: ReferenceShares | None = None


@dataclass(slots=True, frozen=True)
class Suppositions:
    """What is taken otherwise than it stands: of a sensitivity, or of a planner's what-if."""

    demand_factor: float = 1.0
    delay_prior: str | None = None
    licence_needed: bool | None = None
    embargo_from: date | None = None
    embargo_days: int | None = None
    """None: until further notice."""
    embargo_probability: float = 1.0
    embargo_countries: frozenset[str] = frozenset()
    """All of them where none is named; what comes from nobody knows where is held, too."""
    supplier_lost: str | None = None


AS_IT_STANDS: Final = Suppositions()


@dataclass(slots=True, frozen=True, eq=False)
class Usable:
    """`free` serves all demand; what was used since the report is taken off it, at the usual consumption. Of it `lasting` is used before
    it is past its best-before day, first expired first out."""

    free: Decimal
    lasting: Decimal
    blocked: Decimal
    bound: Decimal

    @property
    def wasted(self) -> Decimal:
        return self.free - self.lasting


@dataclass(slots=True, frozen=True, eq=False)
class Coming:
    """A part of an order line, or a receipt announced otherwise."""

    order: OpenOrder
    line: InboundLine | None
    quantity: Decimal
    departed: bool
    waits: bool
    """For a licence."""
    leaves_in_days: int


@dataclass(slots=True, frozen=True, eq=False)
class Demand:
    daily: DailyDemand
    method: str
    periods: int


@dataclass(slots=True, frozen=True, eq=False)
class Licensing:
    """Whether orders to come need a licence, and how long it then takes."""

    needed: Need
    source: str
    """What says so."""
    estimate: DelayEstimate


@dataclass(slots=True, eq=False)
class Situation:
    """Days are counted from `today`. `demand` or `base` None: a fact is missing without which nothing can be advised."""

    today: date
    report: StockReport
    usable: Usable
    demand: Demand | None
    base: DayDistribution | None
    """From order to arrival without a licence queue."""
    licensing: Licensing
    clocks: tuple[InboundClock, ...]
    coming: tuple[Coming, ...]
    bound_receipts: tuple[OpenOrder, ...]
    embargoes: tuple[Embargo, ...]
    barred: bool
    """Screening answers of every open order of it that it may not leave: neither would another one."""
    customs_hold_probability: float
    missing: list[MissingFact] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.report.plant}/{self.report.item_id}"

    @property
    def transit_days(self) -> int:
        return self.report.shipping_days or 0

    @property
    def inbound(self) -> Decimal:
        return sum((each.quantity for each in self.coming if each.order.departure.never < 1), Decimal(0))

    def position(self, demand: DailyDemand) -> Position:
        orders = tuple(each.order for each in self.coming)
        return Position(self.name, float(self.usable.lasting), demand, orders + self.bound_receipts, self.embargoes)

    @property
    def refused(self) -> float:
        """The probability that the licence of an order to come is refused."""
        return 0.0 if self.licensing.needed == "no" else self.licensing.estimate.approval.never

    def ready(self, licensed: bool) -> DayDistribution:
        """Days from placing an order to its departure where no law changes and no embargo holds it."""
        if self.base is None:
            raise ValueError("the lead time is not known")
        base = _earlier(self.base, self.transit_days)
        return base.then(self.licensing.estimate.approval) if licensed else base

    def departure(self, placed_on_day: int) -> DayDistribution:
        """Days from placing an order on that day to its departure, by the law of each day."""
        if self.barred:
            return NEVER
        base = self.ready(licensed=False)
        approval = self.licensing.estimate.approval
        if self.licensing.needed != "no":
            departure = self.ready(licensed=True)
        elif self.customs_hold_probability > 0:
            departure = base.or_else(base.then(CUSTOMS_HOLD), self.customs_hold_probability)
        else:
            departure = base
        for clock in self.clocks:
            left = (clock.on - self.today).days - placed_on_day
            if clock.tightens:
                if clock.after is Answer.PROHIBITED:
                    departure = _from_day(departure, max(0, left), NEVER, departure)
                else:
                    departure = _from_day(departure, max(0, left), base.then(approval), base)
            elif clock.loosens:
                departure = _at_latest(departure, max(0, left), base)
        return departure

    def candidate(self, placed_on_day: int) -> OpenOrder:
        return OpenOrder(ADVISED, 0.0, self.departure(placed_on_day), self.transit_days, placed_on_day)

    def arrival(self, placed_on_day: int) -> DayDistribution:
        """Days from placing an order on that day to its arrival, embargoes included."""
        departure = self.departure(placed_on_day)
        for embargo in self.embargoes_on_orders:
            held = _held_back(departure, embargo.from_day - placed_on_day, embargo.length)
            departure = departure.or_else(held, embargo.probability)
        return departure.then(DayDistribution.certain(self.transit_days))

    @property
    def embargoes_on_orders(self) -> tuple[Embargo, ...]:
        return tuple(each for each in self.embargoes if ADVISED in each.holds)


def situation(inputs: AdviceInputs, policy: SupplyPolicy, today: date, supposed: Suppositions = AS_IT_STANDS) -> Situation:
    report = inputs.report
    missing: list[MissingFact] = []
    doubts: list[Doubt] = []
    lost = _names_of(supposed.supplier_lost, inputs)
    lines = tuple(line if lost.isdisjoint({line.supplier, line.supplier_id}) else _departed(line) for line in inputs.inbound)
    sources = [each for each in report.sources if lost.isdisjoint({each.name, each.supplier_id})]
    demand = _demand(report, supposed.demand_factor, missing, doubts)
    base = _base(report, sources, missing, doubts) if not lost else _without(report, sources, missing, doubts)
    licensing = _licensing(inputs, lines, sources, policy, today, supposed, doubts)
    if licensing.needed == "unknown":
        missing += _licence_questions(report, lines)
    clocks = _clocks(lines, today) if supposed.licence_needed is None else ()
    if report.budget is not None and price_of(report) is None:
        question = f"What does one {report.unit} of {report.item_id} cost? Its budget is not kept to without a price."
        missing.append(MissingFact(kind="fact", name="price", held_by="buyer", question=question))
    coming = _coming(report, lines, licensing, clocks, base, today, missing, doubts)
    stood = Situation(
        today=today,
        report=report,
        usable=_usable(report, demand, today),
        demand=demand,
        base=base,
        licensing=licensing,
        clocks=clocks,
        coming=coming,
        bound_receipts=_bound_receipts(report),
        embargoes=(),
        barred=supposed.licence_needed is None and _barred(lines, doubts),
        customs_hold_probability=float(policy.customs_hold_probability),
        missing=missing,
        doubts=doubts,
    )
    if supposed.embargo_from is not None:
        length = NEVER if supposed.embargo_days is None else DayDistribution.certain(min(supposed.embargo_days, LAST_DAY))
        held = _held(supposed.embargo_countries, coming, main_source(sources))
        stood.embargoes = (Embargo("supposed", max(0, (supposed.embargo_from - today).days), supposed.embargo_probability, length, held),)
    served = {use.bound_end_use for use in report.uses if use.quantity_per_day > 0}
    for end_use in sorted({each.end_use for each in report.bound if each.quantity > 0} - served):
        said = f"How much of the stock bound to {end_use} that end use takes a day is not known: it is taken to meet none of the demand."
        doubts.append(Doubt(said, "medium"))
    lots, there = sum((lot.quantity for lot in report.lots), Decimal(0)), report.on_hand + (report.consigned or Decimal(0))
    if lots > there:
        doubts.append(Doubt(f"Lots add up to {lots:f} {report.unit} and only {there:f} are on hand: correct the one or the other.", "low"))
    if report.currency is None and any(_money_said(report)):
        doubts.append(Doubt("The report says prices or costs and not in which currency: they are taken to be in one.", "medium"))
    age = (today - report.as_of.date()).days
    if age > policy.alerts.stale_after_days:
        doubts.append(Doubt(f"The stock report is {age} days old; what was used since is reckoned with its usual consumption.", "low"))
    return stood


def _barred(lines: Sequence[InboundLine], doubts: list[Doubt]) -> bool:
    waiting = [line for line in lines if line.open and any(part.departed_on is None for part in line.parts)]
    barred = bool(waiting) and all(line.prohibited for line in waiting)
    if barred:
        doubts.append(
            Doubt("Screening answers that no open order of it may leave: another one like it is not reckoned with either.", "medium")
        )
    return barred


def _held(countries: frozenset[str], coming: Sequence[Coming], main: SupplySource | None) -> frozenset[str]:
    """Names of orders that an embargo of these countries concerns."""

    def concerned(country: str | None) -> bool:
        return not countries or country is None or country in countries

    names = {each.order.name for each in coming if not each.departed and concerned(each.line.country if each.line is not None else None)}
    return frozenset(names | ({ADVISED} if concerned(main.country if main is not None else None) else set()))


def _departed(line: InboundLine) -> InboundLine:
    """Of a supplier who is lost: what has left him arrives all the same."""
    return line.model_copy(update={"parts": [part for part in line.parts if part.departed_on is not None]})


def _names_of(supplier: str | None, inputs: AdviceInputs) -> frozenset[str | None]:
    """Names and number under which the report and order lines know him: what shares his number is he, however he is called."""
    if supplier is None:
        return frozenset()
    known = [(each.name, each.supplier_id) for each in inputs.report.sources] + [
        (each.supplier, each.supplier_id) for each in inputs.inbound
    ]
    numbers = {number for names in known for number in names[1:] if number is not None and supplier in names}
    return frozenset({supplier, *numbers, *(name for name, number in known if number in numbers and name is not None)})


def source_name(source: SupplySource) -> str | None:
    return source.name or source.supplier_id


def main_source(sources: Sequence[SupplySource]) -> SupplySource | None:
    """The qualified one that most was bought from last year, else the first."""
    qualified = [each for each in sources if each.qualified]
    return max(qualified, key=lambda each: each.quantity_last_year or 0, default=None)


def _money_said(report: StockReport) -> Iterator[bool]:
    yield price_of(report) is not None
    for cost in (report.order_cost, report.holding_cost_per_unit_year, report.shortage_cost_per_unit, report.budget):
        yield cost is not None


def price_of(report: StockReport) -> Decimal | None:
    source = main_source(report.sources)
    return report.unit_price if report.unit_price is not None else source.unit_price if source is not None else None


def usable_of(report: StockReport, today: date) -> Usable:
    """Of a report, with its demand as far as that is known."""
    return _usable(report, _demand(report, 1.0, [], []), today)


def demand_of(report: StockReport) -> DailyDemand | None:
    found = _demand(report, 1.0, [], [])
    return found.daily if found is not None else None


# --- demand and lead time ---------------------------------------------------------------------------------------------------------------


def _demand(report: StockReport, factor: float, missing: list[MissingFact], doubts: list[Doubt]) -> Demand | None:
    rate = float(report.consumption_per_day) if report.consumption_per_day is not None else None
    history = sorted(report.consumption, key=lambda each: each.first_on)
    lengths = [(each.last_on - each.first_on).days + 1 for each in history]
    if any(one.last_on >= other.first_on for one, other in pairwise(history)):
        doubts.append(Doubt("Periods of consumption overlap; what was used is counted twice there.", "low"))
    if history:
        days = sum(lengths) / len(lengths)
        amounts = [float(each.quantity) / length * days for each, length in zip(history, lengths, strict=True)]
        found = estimated(amounts, days)
        if found is not None:
            daily, method = found.daily, found.method.value
            if rate is not None:
                daily, method = daily.scaled(rate / daily.mean), f"reported rate, spread of {found.method.value}"
            if len(amounts) == 1:
                said = "Consumption is known of one period only: how much it varies is not known, and is taken to be as much as it is."
                doubts.append(Doubt(said, "low"))
            elif len(amounts) < 6:
                doubts.append(Doubt(f"Consumption is known of {len(amounts)} periods only.", "medium"))
            silent = (report.as_of.date() - history[-1].last_on).days
            if silent > max(_LONG_SILENCE_DAYS, days):
                doubts.append(Doubt(f"Consumption is not reported of the {silent} days before the stock report.", "low"))
            return Demand(daily.scaled(factor), method, len(amounts))
        if rate is None:
            rate = 0.0
    if rate is None:
        question = f"How much of {report.item_id} does {report.plant} use a day, or what did it use in past periods?"
        missing.append(MissingFact(kind="fact", name="consumption", held_by="buyer", question=question))
        return None
    if rate > 0:
        doubts.append(Doubt("Consumption is one rate without a history: it is taken to be the same every day.", "medium"))
    return Demand(DailyDemand(1.0, rate * factor, 0.0), "reported rate", 0)


def _base(report: StockReport, sources: Sequence[SupplySource], missing: list[MissingFact], doubts: list[Doubt]) -> DayDistribution | None:
    seen = report.lead_times_seen_days
    if seen:
        _not_before_shipping(min(seen), report, doubts)
        if len(seen) < _ENOUGH_LEAD_TIMES:
            doubts.append(Doubt(f"The lead time was seen {len(seen)} times only.", "medium"))
        return DayDistribution.seen(np.asarray(seen, dtype=np.int64))
    main = main_source(sources)
    days = report.lead_time_days if report.lead_time_days is not None else main.lead_time_days if main is not None else None
    if days is None:
        question = f"How many days does {report.item_id} take from order to arrival in {report.plant}, without a licence queue?"
        missing.append(MissingFact(kind="fact", name="lead time", held_by="buyer", question=question))
        return None
    _not_before_shipping(days, report, doubts)
    doubts.append(Doubt("The lead time without a licence is one figure: its spread is not known.", "medium"))
    return DayDistribution.certain(days)


def _not_before_shipping(days: int, report: StockReport, doubts: list[Doubt]) -> None:
    shipping = report.shipping_days
    if shipping is not None and days < shipping:
        said = f"A lead time of {days} days is shorter than the {shipping} of shipping alone: it is taken as that; correct one of them."
        doubts.append(Doubt(said, "low"))


def _without(
    report: StockReport, sources: Sequence[SupplySource], missing: list[MissingFact], doubts: list[Doubt]
) -> DayDistribution | None:
    """Where a supplier is lost, what the others take; what was seen so far was mostly his. Never, where nobody else is known."""
    main = main_source(sources)
    if main is None:
        return NEVER
    return _base(report.model_copy(update={"lead_times_seen_days": [], "lead_time_days": main.lead_time_days}), sources, missing, doubts)


def _earlier(distribution: DayDistribution, days: int) -> DayDistribution:
    """So many days less, at least none."""
    if days == 0:
        return distribution
    mass = distribution.mass[days:].copy() if len(distribution.mass) > days else np.zeros(1)
    mass[0] += distribution.mass[:days].sum()
    return DayDistribution(mass, later=distribution.later, never=distribution.never)


def _from_day(departure: DayDistribution, day: int, queued: DayDistribution, base: DayDistribution) -> DayDistribution:
    """What has not departed before the day departs as `queued` does: such orders whose `base` reaches the day."""
    early = base.within(day - 1)
    if early <= 0:
        return queued
    if early >= 1:
        return departure
    kept = departure.mass[:day]
    length = max(len(queued.mass), day)
    mass = np.zeros(length)
    mass[: len(kept)] += kept
    rest = 1 - float(kept.sum())
    # The queue of those that come too late, which are the longer ones.
    late = queued.mass.copy()
    late[:day] = 0.0
    share = float(late.sum()) + queued.later + queued.never
    if share <= 0:
        return departure
    mass[: len(late)] += late * rest / share
    return DayDistribution(mass, later=queued.later * rest / share, never=queued.never * rest / share)


def _held_back(departure: DayDistribution, from_day: int, length: DayDistribution) -> DayDistribution:
    """What has not departed before the day departs when the embargo that begins on it has ended; `from_day` below zero: it has begun."""
    first = max(0, from_day)
    size = max(len(departure.mass), from_day + len(length.mass), first + 1)
    reached, ended = np.zeros(size), np.zeros(size)
    given = departure.reached()
    reached[:] = given[-1]
    reached[: len(given)] = given
    over = length.reached()
    days = np.arange(first, size) - from_day
    ended[first:] = over[np.minimum(days, len(over) - 1)]
    before = float(reached[first - 1]) if first > 0 else 0.0
    reached[first:] = before + (reached[first:] - before) * ended[first:]
    mass = np.diff(reached, prepend=0.0)
    never = departure.never + (1 - before - departure.never) * length.never
    return DayDistribution(mass, later=max(0.0, 1 - never - float(mass.sum())), never=never)


def _at_latest(departure: DayDistribution, day: int, base: DayDistribution) -> DayDistribution:
    """What waits for a licence departs on the day on which it needs none any more, or when it is ready."""
    length = max(len(base.mass), day + 1)
    reached = np.ones(length)
    given = departure.reached()
    reached[: len(given)] = given[:length]
    ready = np.ones(length)
    ready[: len(base.mass)] = base.reached()
    by: FloatArray = np.where(np.arange(length) >= day, np.maximum(ready, 0.0), np.minimum(reached, 1.0))
    by = np.maximum.accumulate(np.minimum(by, 1.0))
    mass = np.maximum(np.diff(by, prepend=0.0), 0.0)
    return DayDistribution(mass, later=max(0.0, 1 - float(mass.sum()) - base.never), never=base.never)


def _licensing(
    inputs: AdviceInputs,
    lines: Sequence[InboundLine],
    sources: Sequence[SupplySource],
    policy: SupplyPolicy,
    today: date,
    supposed: Suppositions,
    doubts: list[Doubt],
) -> Licensing:
    report = inputs.report
    ends = [each.end_use for each in report.bound] + [end for use in report.uses for end in (use.product, use.bound_end_use) if end]
    prior = policy.prior_for(ends)
    open_lines = [line for line in lines if line.open and any(part.departed_on is None for part in line.parts)]
    if any(line.denial_presumed for line in open_lines):
        prior = DEFENCE_OR_US_END_USE
    if supposed.delay_prior is not None:
        prior = policy.priors[supposed.delay_prior]
    cases = [
        Case(min(max(0, ((case.decided_on or today) - case.filed_on).days), LAST_DAY), case.outcome)
        for case in inputs.cases
        if case.filed_on <= today
    ]
    estimate = updated(prior, cases)
    needs = {line.licence_needed for line in open_lines}
    main = main_source(sources)
    stated = {each.licence_needed for each in sources if each.qualified}
    if main is not None and main.licence_needed is not None:
        stated = {main.licence_needed}
    if supposed.licence_needed is not None:
        return Licensing("yes" if supposed.licence_needed else "no", "supposed", estimate)
    if needs:
        needed: Need = "yes" if "yes" in needs else "unknown" if "unknown" in needs else "no"
        source = "screening of its open order lines"
    elif stated - {None}:
        needed = "yes" if True in stated else "unknown" if None in stated else "no"
        source = "the sources in the stock report"
    else:
        needed, source = "unknown", "nothing"
    if needed == "unknown":
        doubts.append(Doubt("Whether orders of it need an export licence is not known; it is reckoned with as if they did.", "low"))
    if needed != "no" and not cases:
        doubts.append(Doubt(f"How long a licence takes rests on {prior.evidence}; no case of the firm's own has moved it.", "medium"))
    return Licensing(needed, source, estimate)


def _licence_questions(report: StockReport, lines: Sequence[InboundLine]) -> list[MissingFact]:
    """What screening asks for of open lines; where no line is open, whether orders of the item need a licence."""
    asked = {(fact.name, fact.question): fact for line in lines if line.open for fact in line.questions}
    if asked:
        return list(asked.values())
    question = f"Do orders of {report.item_id} for {report.plant} need an export licence? Say so of its sources."
    return [MissingFact(kind="fact", name="licence need", held_by="buyer", question=question)]


def _clocks(lines: Sequence[InboundLine], today: date) -> tuple[InboundClock, ...]:
    """Once each, by day; those that have passed are in the answers already."""
    found = {
        (clock.on, clock.limb, clock.before, clock.after): clock
        for line in lines
        for clock in line.clocks
        if line.open and clock.on > today
    }
    return tuple(found[key] for key in sorted(found))


# --- stock ------------------------------------------------------------------------------------------------------------------------------


def _usable(report: StockReport, demand: Demand | None, today: date) -> Usable:
    bound = sum((each.quantity for each in report.bound), Decimal(0))
    blocked = (report.reserved or Decimal(0)) + (report.quality_blocked or Decimal(0))
    age = max(0, (today - report.as_of.date()).days)
    used = Decimal(repr(round(demand.daily.mean * age, 9))) if demand is not None else Decimal(0)
    expired = sum((lot.quantity for lot in report.lots if lot.best_before < today), Decimal(0))
    free = max(Decimal(0), report.on_hand + (report.consigned or Decimal(0)) - blocked - bound - expired - used)
    return Usable(free, _lasting(report, free, demand, today), blocked, bound)


def _lasting(report: StockReport, free: Decimal, demand: Demand | None, today: date) -> Decimal:
    lots = sorted((lot for lot in report.lots if lot.best_before >= today), key=lambda lot: lot.best_before)
    if not lots or demand is None:
        return free
    rate = Decimal(repr(demand.daily.mean))
    used = Decimal(0)
    for lot in lots:
        can_be_used = rate * ((lot.best_before - today).days + 1)
        used = min(used + lot.quantity, max(used, can_be_used))
    dated = sum((lot.quantity for lot in lots), Decimal(0))
    return min(free, used + max(Decimal(0), free - dated))


def _bound_receipts(report: StockReport) -> tuple[OpenOrder, ...]:
    """What bound stock takes off the demand of its own end use, at the end of each week that it has served."""
    found = []
    for end_use in sorted({each.end_use for each in report.bound}):
        left = float(sum(each.quantity for each in report.bound if each.end_use == end_use))
        weekly = _WEEK * float(sum(use.quantity_per_day for use in report.uses if use.bound_end_use == end_use))
        for week in range(1, _BOUND_WEEKS + 1):
            served = min(left, weekly)
            if served <= 0:
                break
            left -= served
            found.append(OpenOrder(f"bound to {end_use}, week {week}", served, DayDistribution.certain(_WEEK * week)))
    return tuple(found)


def _coming(
    report: StockReport,
    lines: Sequence[InboundLine],
    licensing: Licensing,
    clocks: Sequence[InboundClock],
    base: DayDistribution | None,
    today: date,
    missing: list[MissingFact],
    doubts: list[Doubt],
) -> tuple[Coming, ...]:
    unit = UnitOfStock.of(report.unit, report.mass_kg_per_unit)
    transit = report.shipping_days or 0
    usual = (base.quantile(0.5) if base is not None else None) or 0
    under_way = report.shipping_days if report.shipping_days is not None else usual
    found = []
    overdue: list[str] = []
    for line in lines:
        if not line.open:
            continue
        for part in line.parts:
            if part.received_on is not None and beginning_of(part.received_on) < report.as_of:
                continue
            if part.received_on is None and part.departed_on is not None and part.departed_on + timedelta(days=under_way) < today:
                overdue.append(f"line {line.line_id} of {line.order_key}")
            quantity = quantity_in(line, part.quantity, unit)
            if quantity is None:
                missing.append(_no_quantity(report, line))
                continue
            found.append(_part(line, part, quantity, licensing, today, transit, usual, under_way))
    if report.shipping_days is None and any(each.departed and each.line is not None for each in found):
        doubts.append(Doubt("How long shipping takes is not known: what has left is reckoned with a whole lead time later.", "medium"))
    for number, receipt in enumerate(report.receipts, 1):
        days = max(0, (receipt.expected_on - today).days)
        name = f"receipt {receipt.reference or number}"
        if receipt.expected_on < today:
            overdue.append(name)
        arrives = DayDistribution.certain(min(days, LAST_DAY))
        found.append(Coming(OpenOrder(name, float(receipt.quantity), arrives), None, receipt.quantity, True, False, 0))
    if report.in_transit:
        order = OpenOrder("in transit", float(report.in_transit), NOW, under_way)
        found.append(Coming(order, None, report.in_transit, True, False, 0))
    if overdue:
        said = f"Should have arrived, and nobody reports that it has: {', '.join(dict.fromkeys(overdue))}. It is reckoned with as of today."
        doubts.append(Doubt(said, "low"))
    return tuple(found)


def _part(
    line: InboundLine, part: InboundPart, quantity: Decimal, licensing: Licensing, today: date, transit: int, usual: int, under_way: int
) -> Coming:
    """`transit` days lie behind the departure, 0 where nobody says how many: then `usual`, the whole lead time, is `under_way`."""
    name = f"{line.order_key}/{line.line_id}/{part.name}"
    if part.received_on is not None:
        return Coming(OpenOrder(name, float(quantity), NOW), line, quantity, True, False, 0)
    if part.departed_on is not None:
        there = part.departed_on + timedelta(days=under_way)
        return Coming(OpenOrder(name, float(quantity), NOW, max(0, (there - today).days)), line, quantity, True, False, 0)
    if part.leaves_on is not None:
        leaves = (part.leaves_on - today).days
    elif part.due_on is not None:
        leaves = (part.due_on - today).days - transit
    else:
        leaves = usual - transit
    leaves = min(max(0, leaves), LAST_DAY)
    clocks = line.clocks if licensing.source != "supposed" else []
    tightened = next((clock for clock in clocks if clock.tightens and today < clock.on <= today + timedelta(days=leaves)), None)
    loosened = next((clock for clock in clocks if clock.loosens and clock.on > today), None)
    waits = line.waits_for_a_licence or tightened is not None
    if licensing.source == "supposed":
        waits = licensing.needed == "yes"
    if line.may_not_leave:
        departure = NEVER
    elif waits:
        elapsed = max(0, (today - line.applied_on).days) if line.applied_on is not None else 0
        departure = _not_before(_given_open(licensing.estimate.approval, elapsed), leaves)
        if loosened is not None and line.waits_for_a_licence:
            departure = _at_latest(departure, max(leaves, (loosened.on - today).days), DayDistribution.certain(leaves))
    else:
        departure = DayDistribution.certain(leaves)
    banned = next((clock for clock in clocks if clock.tightens and clock.after is Answer.PROHIBITED and clock.on > today), None)
    if banned is not None:
        departure = _from_day(departure, (banned.on - today).days, NEVER, departure)
    return Coming(OpenOrder(name, float(quantity), departure, transit), line, quantity, False, waits, leaves)


def _given_open(approval: DayDistribution, elapsed: int) -> DayDistribution:
    """Days from now, of a case that has been open for so long; what is refused is refused, as far as one knows, at the same times."""
    if elapsed == 0:
        return approval
    happens = 1 - approval.never
    passed = approval.within(elapsed) / happens if happens > 0 else 0.0
    if passed >= 1:
        return approval
    # Refusals pass as approvals do, so that the odds between the two stay.
    left = 1 - passed
    mass = approval.mass[elapsed + 1 :] / left if len(approval.mass) > elapsed + 1 else np.zeros(1)
    mass = np.concatenate(([0.0], mass))
    return DayDistribution(mass, later=approval.later / left, never=approval.never)


def _not_before(departure: DayDistribution, day: int) -> DayDistribution:
    if day == 0:
        return departure
    mass = departure.mass.copy() if len(departure.mass) > day else np.concatenate((departure.mass, np.zeros(day + 1 - len(departure.mass))))
    mass[day] += mass[:day].sum()
    mass[:day] = 0.0
    return DayDistribution(mass, later=departure.later, never=departure.never)


def _no_quantity(report: StockReport, line: InboundLine) -> MissingFact:
    if line.quantity is None:
        question = f"How much does line {line.line_id} of {line.order_key} order?"
    else:
        question = (
            f"Line {line.line_id} of {line.order_key} orders in {line.unit or 'an unnamed unit'}, the stock of {report.item_id} is kept in "
            f"{report.unit}: what does one {report.unit} weigh?"
        )
    return MissingFact(kind="fact", name=UNCOUNTED, held_by="buyer", question=question)
