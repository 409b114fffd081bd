"""Until when the price of a line is open, and how much of it still is.

Where a line is priced in parts the last part decides: of several deliveries the latest day, of a period of averaging its end, and a line of
which some has left is open as a whole until all has. That is never too little of a risk.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from services.pricing_risk.domain.inputs import OrderLineRead
from shared.contracts.price import PricingTerms
from shared.contracts.screening import MissingFact

NOTHING: Final = Decimal(0)
ALL: Final = Decimal(1)
_STEP: Final = Decimal("0.000001")


def quotation_days(calendar_days: int) -> int:
    """Days on which prices are quoted, five in seven; a day begun counts."""
    return max(0, -(-calendar_days * 5 // 7))


def unpriced_fraction(first: date, last: date, today: date) -> Decimal:
    """u_t: of an average over [first, last] the share of days that come after today, falling linearly to 0. `last` >= `first`."""
    days = (last - first).days + 1
    after = min(days, max(0, (last - today).days))
    return (Decimal(after) / days).quantize(_STEP)


class PricingWindow(NamedTuple):
    """`days` are calendar days from today to `pricing_on`; None where the day is not known and the price not set."""

    kind: Literal["fixed", "index", "average", "formula"]
    unpriced: Decimal
    """u_t, from 0 to 1."""
    days: int | None
    pricing_on: date | None = None
    quotation_from: date | None = None
    quotation_to: date | None = None
    licence_delay_days: int = 0
    """Of `days`, what the licence queue adds."""
    waits: bool = False
    """The price is set when the goods leave or come, and nobody has said that they have: it stays open whatever the day."""
    assumed: tuple[str, ...] = ()
    missing: tuple[MissingFact, ...] = ()


def pricing_window(line: OrderLineRead, today: date, issued_on: date | None, licence_delay_days: int) -> PricingWindow:
    """`licence_delay_days` is how long the queue is for goods that have not left (`licence_queue`)."""
    terms = line.pricing
    if terms is None:
        return PricingWindow("fixed", NOTHING, 0, assumed=("The order does not say how the price is set; it is taken as fixed.",))
    if terms.kind == "fixed":
        return PricingWindow("fixed", NOTHING, 0)
    first, last = terms.quotation_from or terms.quotation_to, terms.quotation_to
    if first is not None and last is not None and (terms.kind == "average" or terms.priced_at is None):
        first, last = min(first, last), max(first, last)
        unpriced, days = unpriced_fraction(first, last, today), max(0, (last - today).days)
        return PricingWindow(terms.kind, unpriced, days, last, quotation_from=first, quotation_to=last)
    return _on_a_day(line, terms, today, issued_on, licence_delay_days)


def _on_a_day(line: OrderLineRead, terms: PricingTerms, today: date, issued_on: date | None, licence_delay_days: int) -> PricingWindow:
    assumed: list[str] = []
    if terms.kind == "average":
        assumed.append("The quotation period is not known; all of the average is taken as open.")
    if terms.priced_at == "order":
        return PricingWindow(terms.kind, NOTHING, 0, issued_on, assumed=tuple(assumed))
    departed = line.departed_on
    if terms.priced_at == "shipment" and departed is not None and departed <= today:
        return PricingWindow(terms.kind, NOTHING, 0, departed, assumed=tuple(assumed))
    day = _named_day(line, terms)
    if day is None:
        day = max((each.date for each in line.requested_delivery), default=None)
        if day is None:
            return PricingWindow(terms.kind, ALL, None, assumed=tuple(assumed), missing=(_asked(line, terms),))
        assumed.append(f"The pricing day is not known; the requested delivery on {day} is taken.")
    waits = terms.priced_at in ("shipment", "delivery") and departed is None
    if waits and day <= today:
        assumed.append(f"{day} has passed and the goods have not {_NOT_YET[terms.priced_at or '']}; the price is taken as still open.")
        day = today + timedelta(days=1)
    elif day <= today:
        return PricingWindow(terms.kind, NOTHING, 0, day, assumed=tuple(assumed))
    delay = licence_delay_days if waits else 0
    on = day + timedelta(days=delay) if delay else day
    return PricingWindow(terms.kind, ALL, (on - today).days, on, licence_delay_days=delay, waits=waits, assumed=tuple(assumed))


_NOT_YET: Final = {"shipment": "left", "delivery": "come"}


def _named_day(line: OrderLineRead, terms: PricingTerms) -> date | None:
    if terms.priced_at == "shipment":
        return line.expected_departure_on or line.departed_on
    if terms.priced_at == "delivery":
        return max((each.date for each in line.requested_delivery), default=None)
    return terms.pricing_on


def _asked(line: OrderLineRead, terms: PricingTerms) -> MissingFact:
    what = "quotation period" if terms.kind == "average" else "pricing day"
    return MissingFact(
        kind="fact",
        name=what.replace(" ", "_"),
        held_by="buyer",
        question=f"When is the price of line {line.line_id} set? State the {what}, the expected departure or the requested delivery.",
    )


def days_until_delivery(line: OrderLineRead, today: date, licence_delay_days: int) -> int | None:
    """Calendar days in which the seller has to deliver, licence queue included; None where nobody says when."""
    if line.departed_on is not None:
        licence_delay_days = 0
    days = [each.date for each in line.requested_delivery]
    if line.expected_departure_on is not None:
        days.append(line.expected_departure_on)
    return max(0, (max(days) - today).days) + licence_delay_days if days else None
