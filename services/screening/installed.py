"""What the law and the lists are made of, as rows in tables of the bus: what the files ship, and what was added over it while running.

All rows together compile or none of them counts. Every process reads them from the bus, so whoever changes one changes it for all.
"""

import asyncio
import zlib
from collections.abc import Mapping

from services.screening.domain.basis import Basis, basis_of
from services.screening.domain.clearances import compile_clearances
from services.screening.domain.instrument import Instrument
from services.screening.domain.law import compile_law
from services.screening.domain.pack import InstalledPack
from services.screening.domain.parties import PartyList, compile_parties
from services.screening.domain.party_content import PartyContent
from shared.bus import Bus
from shared.contracts.canonical import sha256_hex
from shared.contracts.clearance import Clearance

Rows = Mapping[str, Mapping[str, bytes]]
"""By table, by id."""
RowChanges = Mapping[str, Mapping[str, bytes | None]]
"""The same; None takes the row away."""

SHIPPED, PACKS, INSTRUMENTS, LISTS, CLEARANCES = "shipped-references", "packs", "instruments", "party-lists", "clearances"


class Installed:
    """`shipped` is the basis of this process's files; what another process has shipped since lies on the bus and goes first.

    A pack's instrument replaces the shipped one of its id, an added instrument replaces both. Lists are added to one another.
    """

    def __init__(self, bus: Bus, shipped: Basis) -> None:
        self.shipped = shipped
        self.packs = bus.table(PACKS)
        """By name, an `InstalledPack` as compressed JSON."""
        self.instruments = bus.table(INSTRUMENTS)
        """By id, an `Instrument` as JSON."""
        self.lists = bus.table(LISTS)
        """By name, a `PartyContent` as compressed JSON."""
        self.clearances = bus.table(CLEARANCES)
        """By id, a `Clearance` as JSON."""
        self._tables = {
            SHIPPED: bus.table(SHIPPED),
            PACKS: self.packs,
            INSTRUMENTS: self.instruments,
            LISTS: self.lists,
            CLEARANCES: self.clearances,
        }
        self._read = shipped
        self._made: tuple[Rows, Basis] | None = None
        self._parties: tuple[list[bytes], PartyList] | None = None

    async def rows(self) -> dict[str, dict[str, bytes]]:
        return {name: dict(sorted([row async for row in table.scan()])) for name, table in self._tables.items()}

    async def shipped_lists(self) -> tuple[str, PartyContent]:
        """The lists of the files alone, whoever shipped them last, with their version."""
        (row,) = await self._tables[SHIPPED].get_many(["parties"])
        content = self.shipped.parties.content if row is None else zlib.decompress(row)
        return sha256_hex(content), PartyContent.model_validate_json(content)

    async def write(self, changes: RowChanges) -> None:
        for name, rows in changes.items():
            await self._tables[name].put_many({key: row for key, row in rows.items() if row is not None})
            gone = [key for key, row in rows.items() if row is None]
            if gone:
                await self._tables[name].delete_many(gone)

    async def compiled(self, rows: Rows) -> Basis:
        """Raises LawError, or ValueError, where what was added does not fit what is shipped."""
        if self._made is None or self._made[0] != rows:
            self._made = rows, await asyncio.to_thread(self._compiled, rows)
        return self._made[1]

    def _compiled(self, rows: Rows) -> Basis:
        on_bus = {kind: zlib.decompress(row) for kind, row in rows[SHIPPED].items()}
        shipped = self._read = basis_of({**self.shipped.contents(), **on_bus}, self._read)
        packs = [InstalledPack.from_row(row) for row in rows[PACKS].values()]
        instruments = [Instrument.model_validate_json(row) for row in rows[INSTRUMENTS].values()]
        law = shipped.law
        if packs or instruments:
            added = [*(instrument for pack in packs for instrument in pack.instruments), *instruments]
            law = compile_law(law.common, list({**law.instruments, **{instrument.id: instrument for instrument in added}}.values()))
        clearances = compile_clearances(Clearance.model_validate_json(row) for row in rows[CLEARANCES].values())
        return Basis(law, self._with_added_parties(shipped.parties, packs, rows[LISTS]), clearances)

    def _with_added_parties(self, shipped: PartyList, packs: list[InstalledPack], lists: Mapping[str, bytes]) -> PartyList:
        """Tens of thousands of names take a second; they are compiled again only where they changed."""
        overlays = [content for pack in packs for content in pack.parties]
        if not overlays and not lists:
            return shipped
        made_of = [shipped.content, *(content.model_dump_json().encode() for content in overlays), *lists.values()]
        if self._parties is None or self._parties[0] != made_of:
            loaded = [PartyContent.model_validate_json(zlib.decompress(row)) for row in lists.values()]
            self._parties = made_of, compile_parties([shipped.source, *overlays, *loaded])
        return self._parties[1]


def shipped_rows(shipped: Basis) -> RowChanges:
    contents = shipped.contents()
    return {SHIPPED: {kind: zlib.compress(contents[kind]) for kind in ("regulations", "parties")}}
