"""The licences as they stand: rows of an unpartitioned table that every process of screening holds, indexed by their exporters.

A licence comes in on its stream and is put into the table; then a new version is announced, together with the keys of the goods that it
names. A process that meets a version it has not seen reads the table again, so that no batch is judged by rows older than that version.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from services.screening.domain.licensing.keys import reached_by
from services.screening.domain.licensing.matching import exporter_of, item_numbers, party_keys
from services.screening.domain.result import SOURCE
from shared.bus import Bus
from shared.bus.types import Delivery, Effects, State, UndecodableEvent
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.licence import Licence, LicenceEvent
from shared.contracts.order import OrderSnapshot
from shared.contracts.reference_change import reference_change_event

log = logging.getLogger(__name__)

KIND: Final = "licences"
TABLE = "licences"
MOST_AT_ONCE = 100
"""Rows read in one go before other work gets its turn."""


@dataclass(slots=True, frozen=True)
class Held:
    """The licences of one announced version; none where none was ever announced."""

    version: str | None = None
    rows: Mapping[str, bytes] = field(default_factory=dict)
    licences: Mapping[str, Licence] = field(default_factory=dict)
    by_exporter: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def plausible(self, order: OrderSnapshot) -> list[Licence]:
        """Those of the order's exporter that may be about its goods, by id."""
        exporter = exporter_of(order)
        if exporter is None or not self.licences:
            return []
        ids = {licence_id for key in party_keys(exporter) for licence_id in self.by_exporter.get(key, ())}
        numbers = {number for line in order.lines for number in item_numbers(line)}
        found = (self.licences[licence_id] for licence_id in sorted(ids))
        return [licence for licence in found if _may_name(licence, numbers)]


def _may_name(licence: Licence, numbers: set[str]) -> bool:
    if licence.control_codes or licence.elements or any(each.control_codes or each.elements for each in licence.undertakings):
        return True
    named = {*licence.item_ids, *(number for each in licence.undertakings for number in each.item_ids)}
    return not named.isdisjoint(numbers)


class LicenceCases:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._table = bus.table(TABLE)
        self._held = Held()
        self._reading = asyncio.Lock()

    async def in_force(self, announced: Mapping[str, str]) -> Held:
        """The licences as of the announced version, or later."""
        version = announced.get(KIND)
        if version != self._held.version and version is not None:
            async with self._reading:
                if version != self._held.version:
                    self._held = await self._read(version)
        return self._held

    async def current(self) -> Held:
        return await self.in_force(await self._bus.reference_versions())

    async def _read(self, version: str) -> Held:
        rows: dict[str, bytes] = {}
        licences: dict[str, Licence] = {}
        by_exporter: dict[str, set[str]] = {}
        before = self._held
        async for licence_id, row in self._table.scan():
            known = before.licences.get(licence_id) if before.rows.get(licence_id) == row else None
            licence = known or Licence.model_validate_json(row)
            rows[licence_id], licences[licence_id] = row, licence
            for key in party_keys(licence.exporter):
                by_exporter.setdefault(key, set()).add(licence_id)
            if len(rows) % MOST_AT_ONCE == 0:
                await asyncio.sleep(0)
        return Held(version, rows, licences, {key: frozenset(ids) for key, ids in by_exporter.items()})

    async def on_licences(self, deliveries: Sequence[Delivery], _state: State) -> Sequence[Effects | Exception]:
        """Puts what came into the table, then announces whom it reaches. Doing it again changes nothing."""
        effects: list[Effects | Exception] = []
        events: list[LicenceEvent] = []
        for delivery in deliveries:
            try:
                events.append(LicenceEvent.model_validate_json(delivery.event))
                effects.append(Effects())
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                effects.append(UndecodableEvent(f"not a licence: {'/'.join(map(str, first['loc']))}: {first['msg']}"))
        if not events:
            return effects
        rows = {event.data.licence_id: event.data.model_dump_json(exclude_defaults=True).encode() for event in events}
        before = await self._table.get_many(list(rows))
        await self._table.put_many(rows)
        concerned = [event.data for event in events] + [Licence.model_validate_json(row) for row in before if row is not None]
        recorded = sorted((event.data.licence_id, event.id) for event in events)
        touched = {key for licence in concerned for key in reached_by(licence)}
        await self.announce({"recorded": recorded}, touched, max(event.time for event in events))
        return effects

    async def announce(self, what: dict[str, Any], touched: Iterable[str], at: datetime) -> None:
        """The same again is announced once."""
        content = canonical_json(what)
        version = sha256_hex(content)
        event = reference_change_event(KIND, version, content, SOURCE, at.astimezone(UTC), touched=touched)
        await self._bus.announce_reference(KIND, version, event.encode())
