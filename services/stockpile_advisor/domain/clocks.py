"""Dates on which law changes for an item: what screening says of its open lines, and by when an order still leaves before them."""

from collections.abc import Sequence
from datetime import date

from services.stockpile_advisor.domain.announcements import last_safe_order_date
from services.stockpile_advisor.domain.inbound import InboundClock
from services.stockpile_advisor.domain.situation import Situation
from shared.contracts.supply_risk import RuleClock


def rule_clocks(clocks: Sequence[InboundClock]) -> list[RuleClock]:
    """A printed and a stated end are two clocks: neither is chosen here."""
    return [clock.rule_clock for clock in clocks]


def last_safe_order_on(stood: Situation, service: float) -> date | None:
    """The last day on which an order leaves before the first date that tightens the law, with the probability of the service level.

    It may lie in the past. None where orders need a licence today already, or no such date is known.
    """
    first = next((clock for clock in stood.clocks if clock.tightens), None)
    if first is None or stood.base is None or stood.licensing.needed == "yes":
        return None
    ready = stood.base.quantile(service)
    if ready is None:
        return None
    # What leaves on the day itself is under the new law.
    return last_safe_order_date(first.on, max(0, ready - stood.transit_days) + 1)
