"""Dates on which law changes for an item: what screening says of its open lines, and by when an order still leaves before them."""

from collections.abc import Sequence
from datetime import date, timedelta

from services.stockpile_advisor.domain.announcements import last_safe_order_date
from services.stockpile_advisor.domain.inbound import InboundClock
from services.stockpile_advisor.domain.situation import Situation
from shared.contracts.screening import Answer
from shared.contracts.supply_risk import RuleClock


def rule_clocks(clocks: Sequence[InboundClock]) -> list[RuleClock]:
    """A printed and a stated end are two clocks: neither is chosen here."""
    return [clock.rule_clock for clock in clocks]


def last_safe_order_on(stood: Situation, service: float) -> date | None:
    """The last day on which an order leaves before the first date that tightens the law, or before an embargo, with the probability of
    the service level.

    It may lie in the past. None where no such date is known, or too many orders never leave; a licence that will be needed is no such
    date where one is needed today already.
    """
    if stood.base is None:
        return None
    licensed = stood.licensing.needed == "yes"
    laws = [clock.on for clock in stood.clocks if clock.tightens and (not licensed or clock.after is Answer.PROHIBITED)]
    embargoes = [stood.today + timedelta(days=each.from_day) for each in stood.embargoes_on_orders]
    if not laws and not embargoes:
        return None
    ready = stood.ready(licensed or (not laws and stood.licensing.needed != "no")).quantile(service)
    # What leaves on the day itself is under the new law.
    return last_safe_order_date(min(laws + embargoes), ready + 1) if ready is not None else None
