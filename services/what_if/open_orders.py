"""What-if in the running system: its master data, its open orders, the law and the lists that are in force on its bus."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version

from services.gateway.domain.enrichment import Catalogue, catalogue_of
from services.gateway.domain.received import Received
from services.gateway.master_data import MasterData
from services.gateway.settings import Settings as GatewaySettings
from services.gateway.store import OrderStore
from services.screening.domain.basis import Basis
from services.screening.domain.difference import Difference
from services.screening.installed import Installed
from services.screening.references import References
from services.screening.regulation_files import load_law, load_parties
from services.screening.settings import Settings as ScreeningSettings
from services.what_if.asking import Judging, WhatIf, snapshots_of
from shared.bus import Bus
from shared.contracts.master_data import Item
from shared.contracts.order import OrderSnapshot
from shared.contracts.screening import ScreeningResult

AT_ONCE = 25
"""Orders judged before another question gets its turn."""


class Running:
    """`bus` is one of the gateway's group, which is only read from. Law and lists are loaded when first asked for."""

    def __init__(self, environment: Mapping[str, str], bus: Bus, clock: Callable[[], datetime]) -> None:
        self._environment = environment
        self._bus = bus
        self._clock = clock
        self._master_data = MasterData(bus)
        self._store = OrderStore(bus, GatewaySettings.from_environment(environment).closed_order_retention)
        self._references: References | None = None
        self._loading = asyncio.Lock()
        self._one_at_a_time = asyncio.Lock()

    async def judging(self) -> Judging:
        """By what is in force at this moment."""
        async with self._loading:
            if self._references is None:
                settings = ScreeningSettings.from_environment(self._environment)
                shipped = await asyncio.to_thread(lambda: Basis(load_law(settings.regulations), load_parties(settings.parties)))
                self._references = References(self._bus, Installed(self._bus, shipped), self._clock)
            basis = await self._references.in_force(await self._bus.reference_versions())
        return Judging(basis, self._clock(), version("orestream"))

    async def snapshots(self, received: Sequence[Received], items: Sequence[Item] = ()) -> list[OrderSnapshot]:
        """With what the master data adds today, and `items` before it."""
        known = await self._master_data.catalogue([order.document for order in received], await self._master_data.version())
        own = catalogue_of(items, ())
        catalogue = Catalogue({**known.items, **own.items}, {**known.parts, **own.parts}, known.suppliers)
        return await asyncio.to_thread(snapshots_of, received, catalogue, self._clock())

    async def open_orders(self) -> AsyncIterator[list[OrderSnapshot]]:
        """Every open order as it stands, some at a time."""
        for partition in range(self._bus.settings.partitions):
            keys = sorted(await self._store.open_orders(partition))
            for at in range(0, len(keys), AT_ONCE):
                stored = await self._store.read(keys[at : at + AT_ONCE])
                yield [OrderSnapshot.model_validate(order.state.snapshot) for order in stored if order.state.open and order.state.snapshot]

    async def count_open(self) -> int:
        return sum([len(await self._store.open_orders(partition)) for partition in range(self._bus.settings.partitions)])

    async def ask_documents(
        self, received: Sequence[Received], question: WhatIf, difference: Difference, items: Sequence[Item] = ()
    ) -> list[ScreeningResult]:
        """`items` stand before those of the item master. Raises UnknownInstrument."""
        judging = await self.judging()
        answers: list[ScreeningResult] = []
        for at in range(0, len(received), AT_ONCE):
            answers += await self._compared(judging, await self.snapshots(received[at : at + AT_ONCE], items), question, difference)
        return answers

    async def ask_open_orders(self, question: WhatIf, difference: Difference, progress: Callable[[int], None] = lambda _: None) -> None:
        """Judges every open order twice, as it is today and as supposed. Raises UnknownInstrument."""
        judging = await self.judging()
        async for orders in self.open_orders():
            await self._compared(judging, orders, question, difference)
            progress(len(orders))

    async def _compared(
        self, judging: Judging, orders: Sequence[OrderSnapshot], question: WhatIf, difference: Difference
    ) -> list[ScreeningResult]:
        """In a thread: the services of this process renew their leases meanwhile. One at a time, so that questions leave them processor."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(lambda: list(judging.compared(orders, question, difference)))
