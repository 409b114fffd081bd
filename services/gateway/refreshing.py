"""After a change of master data: the open orders it concerns are found and enriched again, in the background and over restarts."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count, islice
from typing import TypeVar

from pydantic import Field

from services.gateway.intake import Intake
from services.gateway.master_data import Changed
from services.gateway.store import OrderStore, item_index, supplier_index
from shared.bus import Bus
from shared.bus.types import TryAgain
from shared.contracts.base import Contract, Identifier, Instant
from shared.contracts.canonical import derive_id

log = logging.getLogger(__name__)

NUMBERS_AT_ONCE = 64
ORDERS_AT_ONCE = 128
KEPT_FOR = timedelta(days=1)
"""How long a finished refresh can be asked about."""

Element = TypeVar("Element")


class Refresh(Contract):
    """One change of master data on its way to the open orders: the numbers by which they name what changed."""

    refresh_id: Identifier
    item_numbers: list[str] = Field(default_factory=list)
    supplier_ids: list[str] = Field(default_factory=list)


class Progress(Contract):
    """How far a refresh has come. Kept apart from its numbers, which may be a hundred thousand."""

    refresh_id: Identifier
    created_at: Instant
    finished_at: Instant | None = None
    numbers: int = 0
    numbers_done: int = 0
    orders_examined: int = 0
    orders_re_emitted: int = 0


class Refreshing:
    """One worker per process. A refresh that a process died over is taken up again when one starts; doing it twice changes nothing."""

    def __init__(self, bus: Bus, store: OrderStore, intake: Intake, clock: Callable[[], datetime]) -> None:
        self._bus = bus
        self._store = store
        self._intake = intake
        self._clock = clock
        self._refreshes = bus.table("refreshes")
        self._progress = bus.table("refresh-progress")
        self._due: asyncio.Queue[Refresh] = asyncio.Queue()
        self._announced = count()
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        now = self._clock()
        async for _, stored in self._refreshes.scan():
            self._due.put_nowait(Refresh.model_validate_json(stored))
        async for refresh_id, stored in self._progress.scan():
            finished_at = Progress.model_validate_json(stored).finished_at
            if finished_at is not None and finished_at < now - KEPT_FOR:
                await self._progress.delete_many([refresh_id])
        self._worker = asyncio.create_task(self._work())

    async def stop(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker

    async def announce(self, item_numbers: Iterable[str], supplier_ids: Iterable[str]) -> Refresh:
        """Notes, before rows are written, whose orders may have to be enriched again, so that a crash in between forgets nothing."""
        items, suppliers = sorted(item_numbers), sorted(supplier_ids)
        # Counted, so that two changes of one row in one instant are two refreshes, neither of which ends the other.
        told = (self._clock().isoformat(), str(next(self._announced)))
        refresh = Refresh(refresh_id=derive_id("refresh", *told, *items, *suppliers), item_numbers=items, supplier_ids=suppliers)
        await self._refreshes.put_many({refresh.refresh_id: refresh.model_dump_json().encode()})
        return refresh

    async def begin(self, announced: Refresh, changed: Changed) -> Progress | None:
        """Sets to work on what did change; None where nothing did."""
        if not changed.item_numbers and not changed.supplier_ids:
            await self._refreshes.delete_many([announced.refresh_id])
            return None
        numbers = {"item_numbers": sorted(changed.item_numbers), "supplier_ids": sorted(changed.supplier_ids)}
        refresh = announced.model_copy(update=numbers)
        progress = await self._note(self._begun(refresh))
        await self._refreshes.put_many({refresh.refresh_id: refresh.model_dump_json().encode()})
        self._due.put_nowait(refresh)
        return progress

    async def find(self, refresh_id: str) -> Progress | None:
        stored = (await self._progress.get_many([refresh_id]))[0]
        return Progress.model_validate_json(stored) if stored is not None else None

    def _begun(self, refresh: Refresh) -> Progress:
        numbers = len(refresh.item_numbers) + len(refresh.supplier_ids)
        return Progress(refresh_id=refresh.refresh_id, created_at=self._clock(), numbers=numbers)

    async def _note(self, progress: Progress) -> Progress:
        await self._progress.put_many({progress.refresh_id: progress.model_dump_json().encode()})
        return progress

    async def _work(self) -> None:
        while True:
            refresh = await self._due.get()
            try:
                await self._carry_out(refresh)
            except TryAgain as error:
                log.warning("The refresh %s goes on when Redis answers: %s", refresh.refresh_id, error)
                await asyncio.sleep(1)
                self._due.put_nowait(refresh)
            except Exception:
                log.exception("The refresh %s failed; open orders keep what master data said before.", refresh.refresh_id)

    async def _carry_out(self, refresh: Refresh) -> None:
        progress = await self.find(refresh.refresh_id) or self._begun(refresh)
        indexes = [*map(item_index, refresh.item_numbers), *map(supplier_index, refresh.supplier_ids)]
        for chunk in _chunks(indexes[progress.numbers_done :], NUMBERS_AT_ONCE):
            orders = await self._orders_of(chunk)
            emitted = 0
            for order_keys in _chunks(sorted(orders), ORDERS_AT_ONCE):
                emitted += await self._intake.enrich_again(order_keys, self._clock())
            progress = await self._note(
                progress.model_copy(
                    update={
                        "numbers_done": progress.numbers_done + len(chunk),
                        "orders_examined": progress.orders_examined + len(orders),
                        "orders_re_emitted": progress.orders_re_emitted + emitted,
                    }
                )
            )
        await self._note(progress.model_copy(update={"finished_at": self._clock()}))
        await self._refreshes.delete_many([refresh.refresh_id])

    async def _orders_of(self, indexes: Sequence[str]) -> set[str]:
        found = await asyncio.gather(
            *(self._store.orders_with(partition, index) for index in indexes for partition in range(self._bus.settings.partitions))
        )
        return set().union(*found)


def _chunks(elements: Iterable[Element], size: int) -> Iterator[list[Element]]:
    remaining = iter(elements)
    while chunk := list(islice(remaining, size)):
        yield chunk
