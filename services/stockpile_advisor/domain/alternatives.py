"""Other ways to have the goods, or to need less of them: from another plant, sooner, from others, recycled, another material, or for the
product that earns most.

Concentrations are Herfindahl–Hirschman indices over last year's purchases with the quantity advised added: once to the main supplier (or
country), once to the other one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from services.stockpile_advisor.domain.concentration import concentration, shares
from services.stockpile_advisor.domain.day_distribution import DayDistribution
from services.stockpile_advisor.domain.inbound import UnitOfStock
from services.stockpile_advisor.domain.situation import Situation, demand_of, main_source, price_of, source_name, usable_of
from services.stockpile_advisor.domain.suppliers import Suppliers
from shared.contracts.stock import StockReport, SupplySource, Use
from shared.contracts.supply_risk import Alternative
from shared.units import conversion


def alternatives(
    stood: Situation, elsewhere: Sequence[StockReport], needed: Decimal, cover_days: float, bridge_days: int | None
) -> list[Alternative]:
    """`needed` in the report's unit; another plant keeps `cover_days`, or those of its own policy; `bridge_days`: until an order comes."""
    return [
        *_transfers(stood, elsewhere, needed, cover_days),
        *_expedited(stood),
        *_other_sources(stood, needed),
        *_substitutions(stood, bridge_days),
        *_allocation(stood, bridge_days),
    ]


def supplier_concentration(stood: Situation) -> float | None:
    """Over last year's purchases where the report has them, else over what is coming."""
    return concentration(_shares(stood, by_country=False))


def largest_supplier(stood: Situation) -> tuple[str, float] | None:
    """Of the same, its name and share; None where they are not known."""
    spread = _shares(stood, by_country=False)
    return max(spread.items(), key=lambda each: (each[1], each[0]), default=None)


def _shares(stood: Situation, by_country: bool) -> dict[str, float]:
    return shares(_bought(stood, by_country) or {}) or {}


def _bought(stood: Situation, by_country: bool) -> dict[str, float] | None:
    """By supplier or country; None where nobody says of whom, or from where, a part was bought: it could be one of them or many."""
    suppliers = _suppliers(stood)
    last_year = [
        (each.country if by_country else suppliers.name(each.supplier_id, each.name), each.quantity_last_year)
        for each in stood.report.sources
        if each.quantity_last_year
    ]
    coming = [
        (each.line.country if by_country else suppliers.name(each.line.supplier_id, each.line.supplier), each.quantity)
        for each in stood.coming
        if each.line is not None
    ]
    bought: dict[str, float] = {}
    for name, quantity in last_year or coming:
        if name is None:
            return None
        bought[name] = bought.get(name, 0.0) + float(quantity)
    return bought


def _suppliers(stood: Situation) -> Suppliers:
    return Suppliers(
        [
            *((source.supplier_id, source.name) for source in stood.report.sources),
            *((each.line.supplier_id, each.line.supplier) for each in stood.coming if each.line is not None),
        ]
    )


def _transfers(stood: Situation, elsewhere: Sequence[StockReport], needed: Decimal, cover_days: float) -> Iterator[Alternative]:
    for report in sorted(elsewhere, key=lambda each: each.plant):
        if report.withdrawn or report.plant == stood.report.plant:
            continue
        demand, factor = demand_of(report), _units_in(report, stood.report)
        if demand is None or factor is None:
            continue
        keeps = Decimal(repr(round(demand.mean * (report.policy_days or cover_days), 6)))
        spare = min((usable_of(report, stood.today).lasting - keeps) * factor, needed)
        if spare > 0:
            yield Alternative(
                kind="transfer",
                sentence=f"{report.plant} has more than it needs: {_amount(spare)} {stood.report.unit} can come from there.",
                quantity=_six_digits(spare),
                from_plant=report.plant,
            )


def _units_in(report: StockReport, here: StockReport) -> Decimal | None:
    """How many of this plant's units one of the other's is; None where neither unit nor weight says so."""
    if report.unit.casefold() == here.unit.casefold():
        return Decimal(1)
    theirs, ours = UnitOfStock.of(report.unit, report.mass_kg_per_unit), UnitOfStock.of(here.unit, here.mass_kg_per_unit)
    factor = conversion(theirs.unit, ours.unit)
    if factor is None and theirs.mass_kg is not None and ours.mass_kg is not None:
        return theirs.mass_kg / ours.mass_kg
    return factor


def _expedited(stood: Situation) -> Iterator[Alternative]:
    for each in stood.coming:
        if each.line is not None and not each.departed and not each.waits and each.leaves_in_days > 0 and each.order.departure.never < 1:
            yield Alternative(
                kind="expedite",
                sentence=(
                    f"Line {each.line.line_id} of {each.line.order_key} needs no licence and leaves in {each.leaves_in_days} days: "
                    f"{_amount(each.quantity)} {stood.report.unit} sooner, if the supplier ships at once."
                ),
                quantity=each.quantity,
                supplier=each.line.supplier,
                country=each.line.country,
                lead_time_p50_days=stood.transit_days,
                lead_time_p95_days=stood.transit_days,
            )


def _other_sources(stood: Situation, needed: Decimal) -> Iterator[Alternative]:
    report, main = stood.report, main_source(stood.report.sources)
    if main is None:
        return
    for source in report.sources:
        if source is main:
            continue
        elsewhere = source.country is not None and main.country is not None and source.country != main.country
        lead = _lead(stood, source)
        before, after = _shifted(stood, main, source, float(needed), by_country=elsewhere)
        name = source_name(source) or "another supplier"
        price, usual = source.unit_price, price_of(report)
        premium = float(price / usual - 1) * 100 if price is not None and usual else None
        p50 = lead.quantile_if_it_happens(0.5) if lead is not None else None
        yield Alternative(
            kind="recycling" if source.kind == "recycled" else "country" if elsewhere else "supplier",
            sentence=_source_sentence(name, source, premium, p50),
            quantity=_six_digits(needed) if needed > 0 else None,
            supplier=source_name(source),
            country=source.country,
            unit_price=price,
            premium_percent=round(premium, 2) if premium is not None else None,
            lead_time_p50_days=p50,
            lead_time_p95_days=lead.quantile(0.95) if lead is not None else None,
            concentration_before=before,
            concentration_after=after,
        )


def _lead(stood: Situation, source: SupplySource) -> DayDistribution | None:
    """Without a word of its licence it is reckoned with as needing one."""
    if source.lead_time_days is None:
        return None
    base = DayDistribution.certain(source.lead_time_days)
    return base if source.licence_needed is False else base.then(stood.licensing.estimate.approval)


def _source_sentence(name: str, source: SupplySource, premium: float | None, p50: int | None) -> str:
    said = [f"{name} ({source.country})" if source.country else name]
    said.append("delivers recycled material" if source.kind == "recycled" else "can deliver")
    if p50 is not None:
        said.append(f"in {p50} days in the median")
    if premium is not None:
        said.append(f"at {abs(premium):.0f} % {'more' if premium >= 0 else 'less'}")
    if source.licence_needed is None:
        said.append("(whether a licence is needed is not known, the queue is included)")
    return " ".join(said) + ("." if source.qualified else "; he is not qualified yet.")


def _shifted(
    stood: Situation, main: SupplySource, other: SupplySource, quantity: float, by_country: bool
) -> tuple[float | None, float | None]:
    bought, suppliers = _bought(stood, by_country), _suppliers(stood)
    to_main, to_other = (each.country if by_country else suppliers.name(each.supplier_id, each.name) for each in (main, other))
    if bought is None or to_main is None or to_other is None or (not bought and quantity <= 0):
        return None, None
    return _with(bought, to_main, quantity), _with(bought, to_other, quantity)


def _with(bought: Mapping[str, float], name: str, quantity: float) -> float | None:
    value = concentration(shares({**bought, name: bought.get(name, 0.0) + quantity}) or {})
    return None if value is None else round(value, 4)


def _substitutions(stood: Situation, bridge_days: int | None) -> Iterator[Alternative]:
    rate = _rate(stood)
    for substitute in stood.report.substitutes:
        saved = rate * substitute.saved_percent / 100
        over = f", {_amount(saved * bridge_days)} {stood.report.unit} until an order is there" if bridge_days is not None else ""
        yield Alternative(
            kind="substitution",
            sentence=f"{substitute.description} saves {_amount(substitute.saved_percent)} % of what is used{over}.",
            quantity=_six_digits(saved * bridge_days) if bridge_days is not None else None,
        )


def _allocation(stood: Situation, bridge_days: int | None) -> Iterator[Alternative]:
    """What is there until an order comes, given to the uses that earn most for a unit; bound stock stays with its own."""
    uses = sorted((use for use in stood.report.uses if use.quantity_per_day > 0), key=lambda use: (-use.margin_per_unit, use.product))
    if bridge_days is None or len(uses) < 2:
        return
    left = stood.usable.lasting
    wanted = _wanted_of_free_stock(stood, uses, bridge_days)
    if sum(wanted.values()) <= left:
        return
    served: list[str] = []
    short: list[str] = []
    for use in uses:
        if wanted[use.product] == 0:
            continue
        given = min(left, wanted[use.product])
        left -= given
        (served if given == wanted[use.product] else short).append(use.product)
    first = f"to {_and(served)} in full" if served else f"to {short[0]} first"
    yield Alternative(
        kind="allocation",
        sentence=f"Until an order is there, give what is usable {first}: a unit earns most there. What goes short: {_and(short)}.",
        quantity=_six_digits(stood.usable.lasting),
    )


def _wanted_of_free_stock(stood: Situation, uses: Sequence[Use], days: int) -> dict[str, Decimal]:
    """What each product takes in so many days beyond the stock that is bound to it."""
    bound: dict[str | None, Decimal] = {}
    for each in stood.report.bound:
        bound[each.end_use] = bound.get(each.end_use, Decimal(0)) + each.quantity
    wanted = {}
    for use in uses:
        needs = use.quantity_per_day * days
        own = min(needs, bound.get(use.bound_end_use, Decimal(0)))
        if own > 0:
            bound[use.bound_end_use] -= own
        wanted[use.product] = needs - own
    return wanted


def _rate(stood: Situation) -> Decimal:
    return Decimal(repr(stood.demand.daily.mean)) if stood.demand is not None else Decimal(0)


def _six_digits(value: Decimal) -> Decimal:
    return Decimal(f"{value:.6g}")


def _amount(value: Decimal) -> str:
    return f"{float(value):,.6g}"


def _and(names: Iterable[str]) -> str:
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last
