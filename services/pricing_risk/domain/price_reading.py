"""From a price event to a tick of the log, or to why it can never be one."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from services.pricing_risk.domain.gate import HIGHEST, LOWEST, Quote
from services.pricing_risk.domain.normalising import NotNormalised, elements_of, normalise
from services.pricing_risk.domain.price_log import Key, Tick
from services.pricing_risk.domain.view import SeriesIdentity
from shared.contracts.base import instant_text
from shared.contracts.canonical import decimal_text
from shared.contracts.price import PriceEvent, PriceTick, series_id

AHEAD: Final = timedelta(days=1)
"""A feed east of the line of dates is a day ahead of the event's time in UTC, no more."""

RefusalReason = Literal["not_positive", "absurd", "future", "not_normalised"]


@dataclass(slots=True, frozen=True)
class Refused:
    """A price that stays out whatever comes: it can be corrected or withdrawn."""

    key: Key
    reason: RefusalReason
    sentence: str
    quoted: str
    event_id: str


def identity_of(tick: PriceTick) -> SeriesIdentity:
    return SeriesIdentity(
        series=series_id(tick),
        material=tick.material,
        form=tick.form,
        market=tick.market,
        basis=tick.basis,
        currency=tick.currency,
        elements=list(elements_of(tick)),
    )


def read(event: PriceEvent, received: tuple[int, int]) -> Tick | Refused:
    """`received`: the number of the event's entry in its stream. Not for a withdrawal, which has no price to read."""
    said = event.data
    key = (said.as_of, said.source)
    quoted = _quoted(said)
    if said.price <= 0:
        return Refused(key, "not_positive", f"A price of {quoted} is not above zero.", quoted, event.id)
    latest = (event.time + AHEAD).date()
    if said.as_of > latest:
        told = f"The price is of {said.as_of}, which had not come when it was sent on {event.time.date()}."
        return Refused(key, "future", told, quoted, event.id)
    normal = normalise(said)
    if isinstance(normal, NotNormalised):
        return Refused(key, "not_normalised", normal.reason, quoted, event.id)
    price = float(normal.price)
    if not LOWEST <= price <= HIGHEST:
        told = f"{quoted} is {price:.3g} {said.currency} per kg: nothing has such a price."
        return Refused(key, "absurd", told, quoted, event.id)
    published_at = instant_text(said.published_at) if said.published_at is not None else None
    return Tick(Quote(*key, price), received, quoted, event.id, published_at)


def _quoted(tick: PriceTick) -> str:
    """The price in the words of its source."""
    tax = f", tax {tick.tax}" if tick.tax is not None else ""
    return f"{decimal_text(tick.price)} {tick.currency}{f'/{tick.unit}' if tick.unit is not None else ''}{tax}"
