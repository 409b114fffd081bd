"""Orders into the stream: read what is known, decide, write and append in one piece, and decide again where another writer was faster."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from services.gateway import metrics
from services.gateway.domain.order_answers import answer_order
from services.gateway.domain.received import Received
from services.gateway.domain.recorded import Recorded, Reported
from services.gateway.domain.shipping import report
from services.gateway.domain.taking_in import CancellationPolicy, Circumstances, OrderState, Taken, enrich_again, take_in
from services.gateway.master_data import MasterData
from services.gateway.store import OrderStore, StoredOrder
from shared.bus import Bus
from shared.bus.types import Append, TryAgain
from shared.contracts.answer import FactAnswer
from shared.contracts.order import OrderDocument
from shared.contracts.shipment import Shipment

MOST_ATTEMPTS = 50
INLINE_LINES = 20
"""Orders up to so many lines together are decided on the event loop; more go to a thread, so that nobody else waits for them."""

Result = TypeVar("Result")
Decide = Callable[[StoredOrder, Sequence[int], Circumstances], Reported]


@dataclass(slots=True)
class _Chain:
    """The documents of one order in a group, in their order, and where each stood in the group."""

    stored: StoredOrder
    positions: list[int]
    state: OrderState
    events: list[bytes]


class Intake:
    def __init__(self, bus: Bus, store: OrderStore, master_data: MasterData, policy: CancellationPolicy, executor: Executor) -> None:
        self._bus = bus
        self._store = store
        self._master_data = master_data
        self._policy = policy
        self._executor = executor

    async def take(self, group: Sequence[Received], received_at: datetime, traceparent: str | None) -> list[Taken]:
        """What became of each order, in the order of the group; all of it is in the stream when this returns.

        Raises TryAgain (BusUnavailable) where Redis is down: some orders may be in, and sending them again finds out which.
        """
        started = time.perf_counter()
        results: dict[int, Taken] = {}
        pending = list(range(len(group)))
        keys = [received.order_key for received in group]
        for attempt in range(MOST_ATTEMPTS):
            order_keys = list(dict.fromkeys(keys[position] for position in pending))
            version, stored = await self._master_data.recent_version(), await self._store.read(order_keys)
            chains = {key: _Chain(order, [], order.state, []) for key, order in zip(order_keys, stored, strict=True)}
            for position in pending:
                chains[keys[position]].positions.append(position)
            documents = [group[position].document for position in pending]
            documents += _documents(chains[keys[position]].stored for position in pending if _speaks_of_what_stands(group[position]))
            circumstances = Circumstances(await self._master_data.catalogue(documents, version), received_at, traceparent, self._policy)
            lines = sum(len(document.lines) for document in documents)
            taken, appends = await self._computed(lines, partial(self._decide, group, chains, circumstances))
            lost = await self._append(appends, version, received_at)
            results.update((position, one) for position, one in taken.items() if keys[position] not in lost)
            pending = [position for position in pending if keys[position] in lost]
            if not pending:
                metrics.INTAKE_SECONDS.observe(time.perf_counter() - started)
                return [results[position] for position in range(len(group))]
            metrics.RETRIES.inc(len(pending))
            await asyncio.sleep(0.001 * attempt)
        raise TryAgain(f"The order {keys[pending[0]]} is written by others all the time.")

    def _decide(
        self, group: Sequence[Received], chains: dict[str, _Chain], circumstances: Circumstances
    ) -> tuple[dict[int, Taken], dict[str, Append]]:
        taken: dict[int, Taken] = {}
        appends: dict[str, Append] = {}
        for key, chain in chains.items():
            for position in chain.positions:
                taken[position] = take_in(chain.state, group[position], circumstances)
                chain.state = taken[position].state
                if (event := taken[position].event) is not None:
                    chain.events.append(event)
            if chain.state is not chain.stored.state:
                appends[key] = self._store.append(key, chain.stored, chain.state, chain.events)
        return taken, appends

    async def _append(self, appends: dict[str, Append], version: str, now: datetime) -> set[str]:
        """The orders that somebody else wrote meanwhile. Orders enriched with master data that has changed meanwhile are enriched again."""
        if not appends:
            return set()
        done = await self._bus.append(list(appends.values()))
        written = [key for key, success in zip(appends, done, strict=True) if success]
        if written and await self._master_data.version() != version:
            await self.enrich_again(written, now)
        return set(appends).difference(written)

    async def enrich_again(self, order_keys: Sequence[str], now: datetime) -> int:
        """Sends those open orders again to which master data adds something else than before. Returns how many."""
        emitted = 0
        pending = list(order_keys)
        for attempt in range(MOST_ATTEMPTS):
            version, stored = await asyncio.gather(self._master_data.version(), self._store.read(pending))
            documents = _documents(stored)
            circumstances = Circumstances(await self._master_data.catalogue(documents, version), now, None, self._policy)
            orders = dict(zip(pending, stored, strict=True))
            lines = sum(len(document.lines) for document in documents)
            appends = await self._computed(lines, partial(self._enrich, orders, circumstances))
            done = await self._bus.append(list(appends.values())) if appends else []
            emitted += sum(done)
            pending = [key for key, success in zip(appends, done, strict=True) if not success]
            if await self._master_data.version() != version:
                pending = list(order_keys)
            if not pending:
                metrics.RE_EMITTED.inc(emitted)
                return emitted
            await asyncio.sleep(0.001 * attempt)
        raise TryAgain(f"The order {pending[0]} is written by others all the time.")

    def _enrich(self, orders: dict[str, StoredOrder], circumstances: Circumstances) -> dict[str, Append]:
        appends: dict[str, Append] = {}
        for key, stored in orders.items():
            taken = enrich_again(stored.state, circumstances)
            if taken is not None and taken.event is not None:
                appends[key] = self._store.append(key, stored, taken.state, [taken.event])
        return appends

    async def report(self, shipments: Sequence[Shipment], now: datetime, traceparent: str | None) -> list[Recorded]:
        """What became of each report, in their order; what was stored is in the streams when this returns. Raises TryAgain."""

        def report_of(order: StoredOrder, positions: Sequence[int], circumstances: Circumstances) -> Reported:
            return report(order.state, [shipments[position] for position in positions], circumstances, order.version + 1)

        return await self._add([str(shipment.order_key) for shipment in shipments], report_of, now, traceparent)

    async def answer(self, answers: Sequence[FactAnswer], now: datetime, traceparent: str | None) -> list[Recorded]:
        """The same for answers about orders."""

        def answer_to(order: StoredOrder, positions: Sequence[int], circumstances: Circumstances) -> Reported:
            return answer_order(order.state, [answers[position] for position in positions], circumstances)

        return await self._add([str(answer.order_key) for answer in answers], answer_to, now, traceparent)

    async def _add(self, keys: Sequence[str], decide: Decide, now: datetime, traceparent: str | None) -> list[Recorded]:
        """Adds to what is known of orders, `keys` naming the order of each addition; `decide` says what those of one order do to it."""
        by_order: dict[str, list[int]] = {}
        for position, key in enumerate(keys):
            by_order.setdefault(key, []).append(position)
        recorded: dict[int, Recorded] = {}
        pending = list(by_order)
        for attempt in range(MOST_ATTEMPTS):
            version, stored = await asyncio.gather(self._master_data.version(), self._store.read(pending))
            documents = _documents(stored)
            circumstances = Circumstances(await self._master_data.catalogue(documents, version), now, traceparent, self._policy)
            orders = dict(zip(pending, stored, strict=True))

            def decided(orders: dict[str, StoredOrder] = orders, circumstances: Circumstances = circumstances) -> dict[str, Reported]:
                return {key: decide(order, by_order[key], circumstances) for key, order in orders.items()}

            done = await self._computed(sum(len(document.lines) for document in documents), decided)
            appends = {
                key: self._store.append(
                    key, orders[key], one.state, [one.taken.event] if one.taken and one.taken.event else [], one.shipments
                )
                for key, one in done.items()
                if one.state is not orders[key].state
            }
            lost = await self._append(appends, version, now)
            for key in pending:
                if key not in lost:
                    recorded.update(zip(by_order[key], done[key].recorded, strict=True))
            pending = [key for key in pending if key in lost]
            if not pending:
                return [recorded[position] for position in range(len(keys))]
            await asyncio.sleep(0.001 * attempt)
        raise TryAgain(f"The order {pending[0]} is written by others all the time.")

    async def _computed(self, lines: int, work: Callable[[], Result]) -> Result:
        if lines <= INLINE_LINES:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


def _speaks_of_what_stands(received: Received) -> bool:
    """It says something of the order without saying the order: a bare cancellation, a request to cancel."""
    return not received.document.lines


def _documents(stored: Iterable[StoredOrder]) -> list[OrderDocument]:
    return [OrderDocument.model_validate(order.state.document) for order in stored if order.state.document is not None]
