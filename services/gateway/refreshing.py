"""After a change of master data: the open orders it concerns are found and enriched again, in the background and over restarts."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
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
    """One change of master data on its way to the open orders."""

    refresh_id: Identifier
    created_at: Instant
    finished_at: Instant | None = None
    item_numbers: list[str] = Field(default_factory=list)
    supplier_ids: list[str] = Field(default_factory=list)
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
        self._table = bus.table("refreshes")
        self._due: asyncio.Queue[Refresh] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        now = self._clock()
        async for refresh_id, stored in self._table.scan():
            refresh = Refresh.model_validate_json(stored)
            if refresh.finished_at is None:
                self._due.put_nowait(refresh)
            elif refresh.finished_at < now - KEPT_FOR:
                await self._table.delete_many([refresh_id])
        self._worker = asyncio.create_task(self._work())

    async def stop(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker

    async def announce(self, item_numbers: Iterable[str], supplier_ids: Iterable[str]) -> Refresh:
        """Notes, before rows are written, whose orders may have to be enriched again, so that a crash in between forgets nothing."""
        now = self._clock()
        items, suppliers = sorted(item_numbers), sorted(supplier_ids)
        refresh = Refresh(
            refresh_id=derive_id("refresh", now.isoformat(), *items, *suppliers), created_at=now, item_numbers=items, supplier_ids=suppliers
        )
        await self._keep(refresh)
        return refresh

    async def begin(self, announced: Refresh, changed: Changed) -> Refresh | None:
        """Sets to work on what did change; None where nothing did."""
        if not changed.item_numbers and not changed.supplier_ids:
            await self._table.delete_many([announced.refresh_id])
            return None
        numbers = {"item_numbers": sorted(changed.item_numbers), "supplier_ids": sorted(changed.supplier_ids)}
        refresh = announced.model_copy(update=numbers)
        await self._keep(refresh)
        self._due.put_nowait(refresh)
        return refresh

    async def find(self, refresh_id: str) -> Refresh | None:
        stored = (await self._table.get_many([refresh_id]))[0]
        return Refresh.model_validate_json(stored) if stored is not None else None

    async def _keep(self, refresh: Refresh) -> None:
        await self._table.put_many({refresh.refresh_id: refresh.model_dump_json(exclude_defaults=True).encode()})

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
        indexes = [*map(item_index, refresh.item_numbers), *map(supplier_index, refresh.supplier_ids)]
        done = refresh.numbers_done
        for chunk in _chunks(indexes[done:], NUMBERS_AT_ONCE):
            done += len(chunk)
            orders = await self._orders_of(chunk)
            emitted = 0
            for order_keys in _chunks(sorted(orders), ORDERS_AT_ONCE):
                emitted += await self._intake.enrich_again(order_keys, self._clock())
            refresh = refresh.model_copy(
                update={
                    "numbers_done": done,
                    "orders_examined": refresh.orders_examined + len(orders),
                    "orders_re_emitted": refresh.orders_re_emitted + emitted,
                }
            )
            await self._keep(refresh)
        await self._keep(refresh.model_copy(update={"finished_at": self._clock()}))

    async def _orders_of(self, indexes: Sequence[str]) -> set[str]:
        found = await asyncio.gather(
            *(self._store.orders_with(partition, index) for index in indexes for partition in range(self._bus.settings.partitions))
        )
        return set().union(*found)


def _chunks(elements: Iterable[Element], size: int) -> Iterator[list[Element]]:
    remaining = iter(elements)
    while chunk := list(islice(remaining, size)):
        yield chunk
