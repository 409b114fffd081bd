"""What an order line means for stock: when it arrives, whether stock lasts until then, and what is advised for its item."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import exp, log
from typing import Final

from services.stockpile_advisor.domain.inbound import InboundLine
from services.stockpile_advisor.domain.plants import plant_of
from shared.contracts.screening import Answer, MissingFact
from shared.contracts.supply_risk import LineSupplyRisk, MaterialAdvice, SupplyRiskIndex

Z_95: Final = 1.6448536269514722
_ARRIVALS: Final = (-1.2815515655446004, -0.5244005127080407, 0.0, 0.5244005127080407, 1.2815515655446004)
"""Middles of five equal parts of a normal: 10, 30, 50, 70 and 90 %."""


def advice_for(line: InboundLine, known: Mapping[str, Sequence[MaterialAdvice]]) -> MaterialAdvice | None:
    """Of the plant that the line's goods come to, else of the only plant that keeps the item; None where neither is known.

    `known`: advice of all plants by item number.
    """
    found = [advice for item_id in line.item_ids for advice in known.get(item_id, ())]
    plant = plant_of(line.ship_to_id, ((advice.plant, advice.ship_to_ids) for advice in found))
    return next((advice for advice in found if advice.plant == plant), None)


def advise_line(
    line: InboundLine, known: Mapping[str, Sequence[MaterialAdvice]], indices: Mapping[str, SupplyRiskIndex], now: datetime
) -> LineSupplyRisk:
    """From what stands: stored advice by item, indices by element. `now` is the moment of the screening."""
    today = now.astimezone(UTC).date()
    of_elements = [indices[element] for element in line.elements if element in indices]
    advice = advice_for(line, known)
    if advice is None:
        return _without_advice(line, known, of_elements)
    asked = _missing_of_arrival(line, advice) if line.open and not line.may_not_leave else []
    arrival_p50, arrival_p95, days = _arrival(line, advice, today) if line.open and not asked else (None, None, ())
    short = _short_before(advice, days)
    return LineSupplyRisk(
        line_id=line.line_id,
        status="unknown" if advice.decision == "unknown" else "advised",
        plant=advice.plant,
        item_id=advice.item_id,
        decision=advice.decision,
        days_of_cover=advice.days_of_cover,
        arrival_p50=arrival_p50,
        arrival_p95=arrival_p95,
        probability_short_before_arrival=short,
        time_to_survive_days=advice.time_to_survive_days,
        order_by=advice.order_by,
        indices=of_elements,
        advice_digest=advice.digest,
        missing=[*advice.missing, *asked],
        sentence=_sentence(line, advice, arrival_p50, arrival_p95, short, asked),
    )


def _without_advice(line: InboundLine, known: Mapping[str, Sequence[MaterialAdvice]], of_elements: list[SupplyRiskIndex]) -> LineSupplyRisk:
    plants = sorted({advice.plant for item_id in line.item_ids for advice in known.get(item_id, ())})
    item = line.item_ids[0] if line.item_ids else "the goods"
    if plants:
        question = f"Which plant do the goods of {item} come to: {', '.join(plants)}? Name the order's ship-to number in its stock report."
        missing = MissingFact(kind="fact", name="plant", held_by="buyer", question=question)
    elif line.elements:
        question = f"How much {item} is in stock, in which plant, and how much of it is used a day?"
        missing = MissingFact(kind="fact", name="stock", held_by="buyer", question=question)
    else:
        return LineSupplyRisk(
            line_id=line.line_id,
            status="not_tracked",
            sentence="No material of concern was recognised, and no stock of the item is reported.",
        )
    return LineSupplyRisk(
        line_id=line.line_id,
        status="unknown",
        item_id=line.item_ids[0] if line.item_ids else None,
        indices=of_elements,
        missing=[missing],
        sentence=f"Supply risk is not known: {question}",
    )


def _missing_of_arrival(line: InboundLine, advice: MaterialAdvice) -> list[MissingFact]:
    """Without which no day of arrival can be said; nothing is there on the day it leaves because nobody says how long it takes."""
    coming = [part for part in line.parts if part.received_on is None]
    found = []
    if coming and advice.shipping_days is None:
        question = f"How many days is {advice.item_id} under way to {advice.plant}? Give shipping_days in its stock report."
        found.append(MissingFact(kind="fact", name="shipping time", held_by="buyer", question=question))
    if any(part.departed_on is None and part.leaves_on is None and part.due_on is None for part in coming):
        question = f"When does line {line.line_id} of {line.order_key} leave?"
        found.append(MissingFact(kind="fact", name="departure", held_by="supplier", question=question))
    return found


def _arrival(line: InboundLine, advice: MaterialAdvice, today: date) -> tuple[date | None, date | None, tuple[date, ...]]:
    """Of the last part that is still to come: median, 95 % quantile, and the middles of five equal parts of what arrives."""
    coming = [part for part in line.parts if part.received_on is None]
    if not coming or advice.shipping_days is None:
        return None, None, ()
    shipping = timedelta(days=advice.shipping_days)
    departed = [part.departed_on for part in coming if part.departed_on is not None]
    if len(departed) == len(coming):
        there = max(today, max(departed) + shipping)
        return there, there, (there,)
    expected = [part.leaves_on or (part.due_on - shipping if part.due_on else None) for part in coming if part.departed_on is None]
    leaves = max([today, *(day for day in expected if day is not None)])
    changes = [clock.after for clock in line.clocks if clock.tightens and today < clock.on <= leaves]
    if line.may_not_leave or Answer.PROHIBITED in changes:
        return None, None, ()
    if not line.waits_for_a_licence and not changes:
        there = leaves + shipping
        return there, there, (there,)
    reckoned = advice.delay_prior is not None
    p50 = advice.licence_delay_p50_days if reckoned else line.delay_p50_days
    p95 = advice.licence_delay_p95_days if reckoned else line.delay_p95_days
    if p50 is None:
        return None, None, ()
    filed = line.applied_on or today
    spread = p95 or line.delay_p95_days or p50
    log_sd = max(0.0, log(max(spread, 1) / max(p50, 1)) / Z_95)
    days = tuple(max(leaves, filed + timedelta(days=round(p50 * exp(log_sd * z)))) + shipping for z in _ARRIVALS)
    late = max(leaves, filed + timedelta(days=p95)) + shipping if p95 is not None else None
    return days[2], late, days


def _short_before(advice: MaterialAdvice, days: Sequence[date]) -> float | None:
    """Of running out before the line arrives: the advice's probabilities by day, between which it is taken to rise evenly."""
    if not days or not advice.probability_short:
        return None
    made_on = advice.made_at.astimezone(UTC).date()
    known = sorted((int(day), probability) for day, probability in advice.probability_short.items())
    return round(sum(_by((day - made_on).days, known) for day in days) / len(days), 4)


def _by(day: int, known: Sequence[tuple[int, float]]) -> float:
    before, low = 0, 0.0
    for after, high in known:
        if day <= after:
            return low + (high - low) * max(0, day - before) / (after - before)
        before, low = after, high
    return low


def _sentence(
    line: InboundLine, advice: MaterialAdvice, p50: date | None, p95: date | None, short: float | None, asked: Sequence[MissingFact]
) -> str:
    if not line.open:
        return f"The line brings nothing to {advice.plant} any more. {advice.sentence}"
    if line.may_not_leave:
        return f"These goods may not leave; they are not reckoned with in {advice.plant}. {advice.sentence}"
    if asked:
        return f"When it arrives is not known: {' '.join(fact.question for fact in asked)} {advice.sentence}"
    if p50 is None:
        return advice.sentence
    late = (
        ""
        if p95 == p50
        else f", with 95 % certainty by {p95}"
        if p95 is not None
        else ", and it may never come: a refusal cannot be ruled out"
    )
    risk = f"; until then {advice.plant} runs out with a probability of {short:.0%}" if short is not None else ""
    return f"Expected in {advice.plant} on {p50}{late}{risk}. {advice.sentence}"
