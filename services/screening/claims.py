"""What orders claim of licences: kept with each order in its own partition, set and never incremented, read over all partitions.

Two partitions may promise the same amount at once. So whoever changes a claim sets a timer for its licence, whose turn works the shares out
again over all claims and asks for those orders again that were told otherwise.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial

import orjson

from services.screening.domain.licensing.allocation import Claim, Claims, ahead_of, allocate
from services.screening.domain.licensing.cover import Candidate, Licences
from services.screening.domain.licensing.keys import licence_key, order_key
from services.screening.licence_cases import Held, LicenceCases
from shared.bus import Bus
from shared.bus.types import DueTimer, Effects, State, Timer, Write
from shared.contracts.base import instant_of, instant_text, unix_ms
from shared.contracts.canonical import canonical_json, decimal_text, sha256_hex
from shared.contracts.licence import Licence, LicenceUsed
from shared.contracts.order import OrderEvent, OrderSnapshot, SnapshotLine

TIMER = "licence:"
SETTLING_MS = 500
"""How long claims on a licence are let come in before its shares are worked out again."""
MOST_ASKED_BY_NAME = 1_000
"""Orders beyond which all that use the licence are asked for again."""


@dataclass(slots=True, frozen=True)
class ClaimRow:
    """One order's claims on one licence, and what it was told it gets of each."""

    claims: tuple[tuple[Claim, Decimal], ...]

    @property
    def claimed_at(self) -> str:
        return self.claims[0][0].claimed_at

    def encoded(self) -> bytes:
        first = self.claims[0][0]
        parts = [
            [claim.line_id, claim.delivery, decimal_text(claim.amount), claim.departed, decimal_text(granted)]
            for claim, granted in self.claims
        ]
        return orjson.dumps({"at": first.claimed_at, "named": first.named, "parts": parts})

    @classmethod
    def decoded(cls, order: str, stored: bytes) -> "ClaimRow":
        said = orjson.loads(stored)
        return cls(
            tuple(
                (Claim(order, line_id, delivery, Decimal(amount), said["at"], departed=departed, named=said["named"]), Decimal(granted))
                for line_id, delivery, amount, departed, granted in said["parts"]
            )
        )


def claims_key(licence_id: str) -> str:
    return f"claims:{licence_id}"


def holdings_key(order: str) -> str:
    """Which licences an order has claims on."""
    return f"licences-of:{order}"


async def rows_of(bus: Bus, licence_id: str) -> dict[str, ClaimRow]:
    """By order key the claims on a licence, over all partitions."""
    found = await asyncio.gather(
        *(bus.state(partition).hash_get_all(claims_key(licence_id)) for partition in range(bus.settings.partitions))
    )
    return {order.decode(): ClaimRow.decoded(order.decode(), row) for rows in found for order, row in rows.items()}


class ClaimBook:
    """The claims that concern one batch, kept up to date while the batch is worked off."""

    def __init__(self, held: Held, rows: dict[str, dict[str, ClaimRow]], holdings: dict[str, list[str]]) -> None:
        self._held = held
        self._rows = rows
        self._holdings = holdings

    @classmethod
    async def read(cls, bus: Bus, held: Held, state: State, orders: Sequence[OrderSnapshot]) -> "ClaimBook":
        if not held.licences:
            return cls(held, {}, {})
        keys = list(dict.fromkeys(str(order.order_key) for order in orders))
        stored = await state.get_many([holdings_key(key) for key in keys])
        holdings = {key: orjson.loads(value) for key, value in zip(keys, stored, strict=True) if value is not None}
        wanted = {licence.licence_id for order in orders for licence in held.plausible(order) if _is_drawn(licence)}
        wanted.update(licence_id for ids in holdings.values() for licence_id in ids)
        ordered = sorted(wanted)
        rows = await asyncio.gather(*(rows_of(bus, licence_id) for licence_id in ordered))
        return cls(held, dict(zip(ordered, rows, strict=True)), holdings)

    def at_hand(self, order: OrderEvent) -> Licences:
        """What may cover the order, with what others have claimed before it."""
        candidates = (Candidate(licence, partial(self._used, licence, order)) for licence in self._held.plausible(order.data))
        return Licences(self._held.version, tuple(candidates))

    def _used(self, licence: Licence, order: OrderEvent) -> LicenceUsed:
        if not _is_drawn(licence):
            return LicenceUsed(licence=licence)
        key, rows = str(order.data.order_key), self._rows[licence.licence_id]
        own = rows.get(key)
        claimed_at = own.claimed_at if own is not None else instant_text(order.time)
        ahead = ahead_of(key, claimed_at, order.data.order_key in licence.orders, _all_claims(rows))
        return LicenceUsed(
            licence=licence,
            claimed_at=datetime.fromisoformat(claimed_at),
            ahead_of_departed=ahead.of_departed,
            ahead_of_open=ahead.of_open,
        )

    def settle(self, order: OrderEvent, claims: Claims) -> tuple[list[Write], list[Timer]]:
        """The writes that make `claims` those of the order, and a turn for each licence of which it claims otherwise than before."""
        key = str(order.data.order_key)
        before = self._holdings.get(key, [])
        if not before and not claims:
            return [], []
        due_ms = unix_ms(order.time) + SETTLING_MS
        writes: list[Write] = []
        timers: list[Timer] = []
        now: list[str] = []
        for licence_id in sorted({*before, *claims}):
            rows = self._rows.setdefault(licence_id, {})
            old = rows.get(key)
            row = ClaimRow((*claims.get(licence_id, ()), *_kept(old, order.data)))
            if row.claims:
                now.append(licence_id)
                rows[key] = row
                if old is None or row.encoded() != old.encoded():
                    writes.append(Write("HSET", claims_key(licence_id), (key, row.encoded())))
            else:
                rows.pop(key, None)
                writes.append(Write("HDEL", claims_key(licence_id), (key,)))
            if _asked(old) != _asked(row):
                timers.append(Timer(f"{TIMER}{licence_id}", due_ms))
        if now != before:
            self._holdings[key] = now
            writes.append(Write("SET", holdings_key(key), (orjson.dumps(now),)) if now else Write("DEL", holdings_key(key)))
        return writes, timers


def _is_drawn(licence: Licence) -> bool:
    return licence.kind == "individual" and licence.state == "approved" and licence.quantity is not None


def _all_claims(rows: Mapping[str, ClaimRow]) -> Iterator[Claim]:
    return (claim for row in rows.values() for claim, _ in row.claims)


def _asked(row: ClaimRow | None) -> list[tuple[str, str, Decimal, bool]]:
    if row is None:
        return []
    return sorted((claim.line_id, claim.delivery, claim.amount, claim.departed) for claim, _ in row.claims)


def _kept(old: ClaimRow | None, order: OrderSnapshot) -> Iterable[tuple[Claim, Decimal]]:
    """Claims for which the licence has been used: of what had left before its line was cancelled, and of a line that was closed without
    its deliveries having been reported, because orders are closed when the goods have come."""
    if old is None:
        return ()
    cancelled = {line.line_id for line in order.lines if line.line_status == "cancelled"}
    closed = {line.line_id for line in order.lines if line.line_status == "closed" and not _reported(line)}
    return [
        *((claim, granted) for claim, granted in old.claims if claim.departed and claim.line_id in cancelled),
        *((replace(claim, departed=True, amount=granted), granted) for claim, granted in old.claims if granted and claim.line_id in closed),
    ]


def _reported(line: SnapshotLine) -> bool:
    return line.departed_on is not None or any(shipment.left_on is not None for shipment in line.shipments)


class Reallocating:
    """The turn of a licence whose claims have changed."""

    def __init__(self, bus: Bus, cases: LicenceCases) -> None:
        self._bus = bus
        self._cases = cases

    async def on_timers(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        return [await self._on_timer(timer, state) for timer in timers]

    async def _on_timer(self, timer: DueTimer, state: State) -> Effects:
        licence_id = timer.name.removeprefix(TIMER)
        licence = (await self._cases.in_force(state.references)).licences.get(licence_id)
        if licence is None or not _is_drawn(licence):
            return Effects()  # its own announcement has reached all that used it
        orders = told_otherwise(licence, await rows_of(self._bus, licence_id))
        if orders:
            what = {"licence": licence_id, "asked_again": sha256_hex(canonical_json(orders)), "due_ms": timer.due_ms}
            touched = map(order_key, orders) if len(orders) <= MOST_ASKED_BY_NAME else [licence_key(licence_id)]
            await self._cases.announce(what, touched, instant_of(timer.due_ms))
        return Effects()


def shares_of(licence: Licence, rows: Mapping[str, ClaimRow]) -> dict[tuple[str, str, str], Decimal]:
    return allocate(licence.quantity or Decimal(0), _all_claims(rows))


def told_otherwise(licence: Licence, rows: Mapping[str, ClaimRow]) -> list[str]:
    """The orders that were told another share than they have."""
    shares = shares_of(licence, rows)
    return sorted(order for order, row in rows.items() if any(shares[claim.key] != granted for claim, granted in row.claims))
