"""What stands of each licence: drawn, promised, left, and which orders claim it."""

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from services.screening.claims import ClaimRow, rows_of, shares_of
from services.screening.licence_cases import LicenceCases
from shared.bus import Bus
from shared.contracts.base import DecimalString
from shared.contracts.licence import Licence, LicenceKind, LicenceState
from shared.contracts.order import Party

LICENCES_AT_ONCE = 32


class OrderClaim(BaseModel):
    order_key: str
    claimed: DecimalString
    granted: DecimalString
    departed: DecimalString
    """Of `granted`, what has left."""


class LicenceStanding(BaseModel):
    """Quantities in `unit`. A licence without quantity, and one that is not granted, draws nothing."""

    licence_id: str
    reference_number: str | None
    jurisdiction: str
    kind: LicenceKind
    exporter: Party
    end_user: Party | None
    item_ids: list[str]
    control_codes: list[str]
    elements: list[str]
    state: LicenceState
    since: date | None
    valid_from: date | None
    valid_until: date | None
    valid: bool
    """Granted, and today within its validity."""
    quantity: DecimalString | None
    unit: str | None
    drawn: DecimalString | None
    """By goods that have left."""
    promised: DecimalString | None
    """To goods that have not left yet."""
    left: DecimalString | None
    waiting: DecimalString | None
    """Claimed, and not there."""
    orders: list[OrderClaim]


async def standings(bus: Bus, cases: LicenceCases, today: date, *, after: str | None = None, limit: int = 1_000) -> list[LicenceStanding]:
    """By licence id, from the first one behind `after`."""
    held = await cases.current()
    ids = [licence_id for licence_id in sorted(held.licences) if after is None or licence_id > after][:limit]
    found: list[LicenceStanding] = []
    for at in range(0, len(ids), LICENCES_AT_ONCE):
        chunk = ids[at : at + LICENCES_AT_ONCE]
        rows = await asyncio.gather(*(rows_of(bus, licence_id) for licence_id in chunk))
        found += [standing(held.licences[licence_id], claims, today) for licence_id, claims in zip(chunk, rows, strict=True)]
    return found


def standing(licence: Licence, rows: dict[str, ClaimRow], today: date) -> LicenceStanding:
    shares = shares_of(licence, rows)
    claims = [claim for row in rows.values() for claim, _ in row.claims]
    drawn = sum((shares[claim.key] for claim in claims if claim.departed), Decimal(0))
    promised = sum((shares[claim.key] for claim in claims if not claim.departed), Decimal(0))
    counted = licence.kind == "individual" and licence.state == "approved" and licence.quantity is not None
    return LicenceStanding(
        **{name: getattr(licence, name) for name in _SAID},
        valid=licence.state == "approved"
        and (licence.valid_from is None or licence.valid_from <= today)
        and (licence.valid_until is None or today <= licence.valid_until),
        drawn=drawn if counted else None,
        promised=promised if counted else None,
        left=licence.quantity - drawn - promised if counted and licence.quantity is not None else None,
        waiting=sum((claim.amount - shares[claim.key] for claim in claims), Decimal(0)) if counted else None,
        orders=[_order_claim(order, row, shares) for order, row in sorted(rows.items())],
    )


_SAID = (
    *("licence_id", "reference_number", "jurisdiction", "kind", "exporter", "end_user", "item_ids", "control_codes", "elements"),
    *("state", "since", "valid_from", "valid_until", "quantity", "unit"),
)


def _order_claim(order: str, row: ClaimRow, shares: dict[tuple[str, str, str], Decimal]) -> OrderClaim:
    claims = [claim for claim, _ in row.claims]
    return OrderClaim(
        order_key=order,
        claimed=_sum([claim.amount for claim in claims]),
        granted=_sum([shares[claim.key] for claim in claims]),
        departed=_sum([shares[claim.key] for claim in claims if claim.departed]),
    )


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
