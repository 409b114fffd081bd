"""Which law and lists are in force: one basis for every process, changed while orders flow.

The content of each kind lies in a table of the bus, its version beside all others that every batch reads. A process that meets a version it
does not hold reads the content anew before it judges, so no order is judged by what has been replaced. A change is put in the table first,
then announced to the ledger together with the keys of what it reaches.
"""

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Literal

import orjson

from services.screening import metrics
from services.screening.domain.basis import Basis, basis_of
from services.screening.domain.clearances import reached_by_clearances
from services.screening.domain.list_changes import ListChanges
from services.screening.domain.loads import reached_by_loads
from services.screening.domain.parties import PartyList, PartyOnOrder
from services.screening.domain.result import SOURCE
from services.screening.domain.touching import party_key, reached_by_change
from services.screening.installed import Installed, RowChanges, Rows
from shared.bus import Bus
from shared.bus.types import Timer
from shared.contracts.base import unix_ms
from shared.contracts.reference_change import EVERYTHING, reference_change_event

log = logging.getLogger(__name__)

Kind = Literal["regulations", "parties", "clearances"]
KINDS: tuple[Kind, ...] = ("regulations", "parties", "clearances")
MOST_REACHED = 20_000
"""Keys beyond which a change is announced as reaching every order."""
HITS_CHANGED = "hits:changed"
"""The timer in partition 0 that is set when lists or clearances have changed, or new parties were met while there are clearances."""
_LOOKED_AT_EVERY_SECONDS = 10
_NAMES_REMEMBERED = 100_000
_COMPARED_AT_ONCE = 500


class References:
    def __init__(self, bus: Bus, installed: Installed, clock: Callable[[], datetime]) -> None:
        self._bus = bus
        self._clock = clock
        self.installed = installed
        self._contents = bus.table("references")
        self._names = bus.table("screened-names")
        self._noted: set[str] = set()
        self._basis = installed.shipped
        self._refused: dict[str, str] = {}
        """Announced versions that could not be had."""
        self._files_refused = False
        self._changing = asyncio.Lock()

    @property
    def basis(self) -> Basis:
        """As it was when last asked for."""
        return self._basis

    async def in_force(self, announced: Mapping[str, str]) -> Basis:
        """The basis of the announced versions. What cannot be read is refused as a whole: the last good one stays, and a metric says so."""
        held = self._basis.versions("")
        wanted: dict[str, str] = {kind: announced[kind] for kind in KINDS if kind in announced and announced[kind] != held[kind]}
        if wanted and wanted != self._refused:
            async with self._changing:
                await self._load(wanted)
        return self._basis

    async def _load(self, wanted: Mapping[str, str]) -> None:
        stored = await self._contents.get_many(KINDS)
        contents = self._basis.contents()
        for kind, content in zip(KINDS, stored, strict=True):
            if content is not None:
                contents[kind] = zlib.decompress(content)
        try:
            self._basis = await asyncio.to_thread(basis_of, contents, self._basis)
        except (ValueError, KeyError) as error:
            log.error("%s announced on the bus cannot be used, the last good version stays in force: %s", " and ".join(wanted), error)
        held = self._basis.versions("")
        self._refused = {kind: version for kind, version in wanted.items() if held[kind] != version}
        self._tell_behind()

    def files_refused(self, *, refused: bool) -> None:
        """Whether this process stands on what lay on the bus because its own files were refused."""
        self._files_refused = refused
        self._tell_behind()

    def _tell_behind(self) -> None:
        metrics.REFERENCES_BEHIND.set(len(self._refused) + self._files_refused)

    async def current(self) -> Basis:
        """What is in force on the bus now."""
        return await self.in_force(await self._bus.reference_versions())

    async def change(self, changes: RowChanges) -> tuple[Basis, dict[Kind, frozenset[str]]]:
        """Writes rows and puts them in force, all of them or none; the basis made so, and by kind what the change reaches where it does.

        Raises LawError or ValueError, and changes nothing, where the whole does not compile with them.
        """
        standing = await self.installed.rows()
        made = await self._would_reach(standing, changes)
        await self.installed.write(changes)
        try:
            await self.put_in_force()
        except Exception:
            # Somebody else's rows came in between, or Redis went away: what was there before is there again.
            await self.installed.write({table: {key: standing[table].get(key) for key in rows} for table, rows in changes.items()})
            await self.put_in_force()
            raise
        return made

    async def would_reach(self, changes: RowChanges) -> tuple[Basis, dict[Kind, frozenset[str]]]:
        """What `change` would put in force and reach; nothing is changed. Raises as it does."""
        return await self._would_reach(await self.installed.rows(), changes)

    async def _would_reach(self, standing: Rows, changes: RowChanges) -> tuple[Basis, dict[Kind, frozenset[str]]]:
        after = await self.installed.compiled(with_changes(standing, changes))
        announced = await self._bus.reference_versions()
        before = await self._standing(announced)
        versions = after.versions("")
        return after, {kind: await self._reach(kind, before, after) for kind in KINDS if announced.get(kind) != versions[kind]}

    async def put_in_force(self) -> dict[Kind, frozenset[str]]:
        """Makes what is shipped and installed the basis everywhere, and says by kind what the change reaches, for kinds that changed.

        May be repeated: it completes what was cut off. Raises LawError or ValueError, and changes nothing, where something does not fit.
        Several processes may do so at once: whoever announces last has announced all rows there are.
        """
        async with self._changing:
            reached: dict[Kind, frozenset[str]] = {}
            while True:
                rows = await self.installed.rows()
                for kind, keys in (await self._announce(await self.installed.compiled(rows))).items():
                    reached[kind] = reached.get(kind, frozenset()) | keys
                if await self.installed.rows() == rows:
                    return reached

    async def _announce(self, basis: Basis) -> dict[Kind, frozenset[str]]:
        versions, contents = basis.versions(""), basis.contents()
        before = await self._bus.reference_versions()
        standing = await self._standing(before)
        reached: dict[Kind, frozenset[str]] = {}
        changed = [kind for kind in KINDS if before.get(kind) != versions[kind]]
        await self._contents.put_many({kind: zlib.compress(contents[kind]) for kind in KINDS})
        self._basis = basis
        # From here on orders are judged by it: whoever is met on one after the parties met so far have been looked at needs no other look.
        for kind in changed:
            await self._bus.set_reference_version(kind, versions[kind])
        for kind in changed:
            reached[kind] = await self._reach(kind, standing, basis)
        for kind in KINDS:
            # A version announced before goes to partitions that were cut off from it only, and what it changed is not known any more.
            event = self._announced(kind, versions[kind], before.get(kind), contents[kind], reached.get(kind, frozenset({EVERYTHING})))
            await self._bus.announce_reference(kind, versions[kind], event)
        if {"parties", "clearances"} & reached.keys():
            await self._bus.set_timers(0, [Timer(HITS_CHANGED, unix_ms(self._clock()))])
        return reached

    async def _standing(self, announced: Mapping[str, str]) -> Basis | None:
        """What was in force on the bus before, where it can still be told."""
        held = self._basis.versions("")
        if all(announced.get(kind) == held[kind] for kind in KINDS):
            return self._basis
        stored = await self._contents.get_many(KINDS)
        if any(content is None for content in stored):
            return None
        contents: dict[str, bytes] = {
            kind: zlib.decompress(content) for kind, content in zip(KINDS, stored, strict=True) if content is not None
        }
        try:
            stood = await asyncio.to_thread(basis_of, contents, self._basis)
        except (ValueError, KeyError):
            return None
        # A change that was cut off has left its content without its announcement.
        return stood if all(announced.get(kind) == stood.versions("")[kind] for kind in KINDS) else None

    async def _reach(self, kind: Kind, before: Basis | None, after: Basis) -> frozenset[str]:
        if before is None:
            return frozenset({EVERYTHING})
        if kind == "regulations":
            reached = reached_by_change(before.law, after.law)
        elif kind == "clearances":
            reached = reached_by_clearances(before.clearances, after.clearances)
        else:
            reached = reached_by_loads(before.parties.source.loads, after.parties.source.loads)
            if EVERYTHING not in reached:
                reached |= await self._names_judged_otherwise(before.parties, after.parties)
        return reached if len(reached) <= MOST_REACHED else frozenset({EVERYTHING})

    async def _names_judged_otherwise(self, before: PartyList, after: PartyList) -> frozenset[str]:
        """Keys of the parties met on orders so far whose hits differ between two lists. Comparing takes a while: another thread does it."""
        today = self._clock().date()
        changes = await asyncio.to_thread(ListChanges, before, after)
        found: set[str] = set()
        met: list[tuple[str, bytes]] = []
        async for row in self._names.scan():
            met.append(row)
            if len(met) == _COMPARED_AT_ONCE:
                found |= await asyncio.to_thread(_judged_otherwise, met, changes, today)
                met = []
        return frozenset(found | await asyncio.to_thread(_judged_otherwise, met, changes, today))

    async def met(self) -> AsyncIterator[tuple[str, PartyOnOrder]]:
        """Everybody met on orders so far, by key; one may come twice."""
        async for key, stored in self._names.scan():
            yield key, noted_party(stored)

    async def note(self, parties: Iterable[PartyOnOrder]) -> bool:
        """Remembers who stands on orders, so that a change of a list finds out whom it concerns; says whether somebody is new here.

        Their orders are judged by versions read after this: a change either finds who was noted, or is in those versions.
        """
        new = {key: orjson.dumps(party.asked) for party in parties if (key := party_key(party)) not in self._noted}
        if not new:
            return False
        await self._names.put_many(new)
        if self._basis.clearances.by_pair:
            # At full steps, so that many new parties are one turn and none of them puts it off.
            due_ms = (int(self._clock().timestamp()) // _LOOKED_AT_EVERY_SECONDS + 1) * _LOOKED_AT_EVERY_SECONDS * 1000
            await self._bus.set_timers(0, [Timer(HITS_CHANGED, due_ms)])
        if len(self._noted) > _NAMES_REMEMBERED:
            self._noted.clear()
        self._noted.update(new)
        return True

    def _announced(self, kind: Kind, version: str, previous: str | None, content: bytes, reached: frozenset[str]) -> bytes:
        # A version comes back when what replaced it is withdrawn, and then it is another change.
        now = self._clock()
        event = reference_change_event(
            kind,
            version,
            content,
            SOURCE,
            now,
            previous_version=previous if previous != version else None,
            touched=reached,
            occasion=(previous or "", now.isoformat()),
        )
        return event.encode()


def with_changes(rows: Rows, changes: RowChanges) -> Rows:
    changed = {table: {**standing, **changes.get(table, {})} for table, standing in rows.items()}
    return {table: {key: row for key, row in sorted(standing.items()) if row is not None} for table, standing in changed.items()}


class NothingInForce(LookupError):
    """No law lies on this Redis yet, so there is nothing to change."""


async def references_on(bus: Bus, clock: Callable[[], datetime]) -> References:
    """What is in force on a bus, for a command, which has no files of its own. Raises NothingInForce, or ValueError."""
    stored = await bus.table("references").get_many(KINDS)
    contents: dict[str, bytes] = {kind: zlib.decompress(content) for kind, content in zip(KINDS, stored, strict=True) if content}
    if len(contents) < len(KINDS):
        raise NothingInForce("No law lies on this Redis yet: start `orestream up`, or the screening service, first.")
    return References(bus, Installed(bus, await asyncio.to_thread(basis_of, contents)), clock)


def _judged_otherwise(met: Iterable[tuple[str, bytes]], changes: ListChanges, day: date) -> set[str]:
    return {key for key, stored in met if changes.reach(noted_party(stored), day)}


def noted_party(stored: bytes) -> PartyOnOrder:
    """A party as `References.note` keeps it; in which role it stood on orders is not kept."""
    names, identifiers, country = orjson.loads(stored)
    return PartyOnOrder("seller", tuple(names), None, tuple((scheme, value) for scheme, value in identifiers), country)
