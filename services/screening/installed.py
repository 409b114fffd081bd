"""Law and lists that were added while running: instruments and party lists in tables of the bus, over what the product ships with."""

import asyncio
import zlib

from services.screening.domain.basis import Basis
from services.screening.domain.instrument import Instrument
from services.screening.domain.law import compile_law
from services.screening.domain.parties import PartyContent, compile_parties
from shared.bus import Bus


class Installed:
    """`shipped` is the basis of the files. An added instrument replaces the shipped one of its id; a list is added to the others."""

    def __init__(self, bus: Bus, shipped: Basis) -> None:
        self.shipped = shipped
        self.instruments = bus.table("instruments")
        """By id, an `Instrument` as JSON."""
        self.lists = bus.table("party-lists")
        """By name, a `PartyContent` as compressed JSON."""

    async def basis(self) -> Basis:
        """Raises LawError, or ValueError, where what was added does not fit what is shipped."""
        instruments = [Instrument.model_validate_json(row) async for _, row in self.instruments.scan()]
        lists = dict(sorted([(name, row) async for name, row in self.lists.scan()]))
        return await asyncio.to_thread(self._compiled, instruments, [zlib.decompress(row) for row in lists.values()])

    def _compiled(self, instruments: list[Instrument], lists: list[bytes]) -> Basis:
        law, parties = self.shipped.law, self.shipped.parties
        if instruments:
            by_id = {**law.instruments, **{instrument.id: instrument for instrument in instruments}}
            law = compile_law(law.common, list(by_id.values()))
        if lists:
            parties = compile_parties([parties.source, *map(PartyContent.model_validate_json, lists)])
        return Basis(law, parties)
