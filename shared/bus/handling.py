"""From a batch to its commit, and what happens to the message that stands in the way.

Messages of a partition take effect in order. Where one fails, what stands before it is committed, and what comes behind it waits: the one
message is tried again, then goes to the dead letters, and the rest is handled anew.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence

from redis.asyncio.cluster import RedisCluster

from shared.bus import metrics, recovery
from shared.bus.commit import DONE, GONE, Behind, CommitFailed, Fenced, commit
from shared.bus.connection import Client, Line, is_group_lost, is_outside, refuses_writes
from shared.bus.giving_up import DeadLetterHook, Interrupted, give_up
from shared.bus.leases import Held, Leases
from shared.bus.settings import BusSettings
from shared.bus.state import PartitionState
from shared.bus.types import BusUnavailable, Delivery, Effects, Handler, StreamName, UndecodableEvent
from shared.bus.work import Work

log = logging.getLogger(__name__)


class Handling:
    """Handles one stream of the group.

    `stopped` is a sentence once everything fails, else None. `references` are the versions of reference data that came with the last read.
    """

    def __init__(
        self,
        stream: StreamName,
        handler: Handler,
        *,
        client: Client,
        settings: BusSettings,
        consumer: str,
        leases: Leases,
        clock_ms: Callable[[], int],
        timers_set: Callable[[], None],
        dead_letter_hook: DeadLetterHook | None,
    ) -> None:
        self.stopped: str | None = None
        self.references: Mapping[str, str] = {}
        self._stream = stream
        self._handler = handler
        self._client = client
        self._line = client if isinstance(client, RedisCluster) else Line(client)
        self._settings = settings
        self._consumer = consumer
        self._leases = leases
        self._clock_ms = clock_ms
        self._timers_set = timers_set
        self._hook = dead_letter_hook
        self._streak = 0
        labels = (settings.group, stream, settings.group)
        self._labels = labels
        self._handled = {
            status: metrics.HANDLED.labels(*labels, status) for status in (DONE, GONE, "retried", "dead_lettered", "undecodable")
        }

    async def close(self) -> None:
        if isinstance(self._line, Line):
            await self._line.close()

    async def process(self, deliveries: Sequence[Delivery]) -> None:
        """Deliveries of one partition, in order. Returns when they are committed, or when the partition has to rest or is lost."""
        held = self._leases.held.get(deliveries[0].partition)
        if held is None:
            return
        work = held.streams[self._stream]
        async with held.lock:
            if held.lost or self.stopped:
                return
            if not work.todo and not work.recovering:
                work.todo = list(deliveries)
            elif not work.todo or work.todo[0] is not deliveries[0]:
                # Read under an earlier lease, or behind what still waits: it lies pending and is found in its order.
                work.recovering = True
            try:
                await self._work_off(held, work)
            except Fenced:
                self._leases.lose(held)
            except Behind:
                log.warning("%s has older entries pending in partition %d; they go first.", self._stream, held.partition)
                work.forget()
            except Exception as error:
                if is_group_lost(error):
                    # The group goes on behind what was finished: what is in hand is read again.
                    work.forget()
                elif not is_outside(error):
                    log.exception("The bus itself failed on %s.", self._stream)
                self._rest(work, error)

    async def _work_off(self, held: Held, work: Work) -> None:
        while work.todo:
            if not work.computed and work.trouble is None:
                await self._compute(held, work)
            if work.computed:
                await self._commit(held, work)
            if work.trouble is not None and not await self._face(work):
                return
        work.singly = False
        work.backoff.reset()

    async def _compute(self, held: Held, work: Work) -> None:
        """Fills `computed` for a prefix of `todo`, and `trouble` with what stopped the delivery behind it."""
        work.farewell = ""
        batch = self._next_batch(work)
        if not batch:
            work.trouble = Interrupted(work.todo[0].deliveries)
            return
        state = PartitionState(self._client, held.partition, self._settings.group, self.references)
        try:
            results: Sequence[object] = await self._handler(batch, state)
            if len(results) != len(batch):
                raise RuntimeError(f"The handler of {self._stream} returned {len(results)} results for {len(batch)} deliveries.")
        except Exception as error:
            if len(batch) > 1 and not is_outside(error):
                work.singly = True
            else:
                work.trouble = error
            return
        for delivery, result in zip(batch, results, strict=True):
            if isinstance(result, UndecodableEvent):
                self._handled["undecodable"].inc()
                work.computed.append(give_up(self._settings.group, delivery, result, self._clock_ms(), self._hook))
            elif isinstance(result, Exception):
                work.trouble = result
                return
            elif isinstance(result, Effects):
                work.computed.append(result)
            else:
                work.trouble = TypeError(f"The handler of {self._stream} returned a {type(result).__name__} instead of Effects.")
                return

    def _next_batch(self, work: Work) -> list[Delivery]:
        """What the handler gets next; empty where the first delivery has been interrupted too often."""
        batch = work.todo[:1] if work.attempts or work.singly else work.todo
        for index, delivery in enumerate(batch):
            if delivery.deliveries > self._settings.max_interruptions:
                return batch[:index]
        return batch

    async def _commit(self, held: Held, work: Work) -> None:
        result = await commit(
            self._line, self._settings.group, held.token, held.partition, self._stream, work.todo[: len(work.computed)], work.computed
        )
        if result.problem is not None:
            beyond_handling = refuses_writes(result.problem) or work.farewell == "bare"
            work.trouble = BusUnavailable(result.problem) if beyond_handling else CommitFailed(result.problem)
        elif result.finished < len(work.computed):
            # The rest is handled anew, and what stopped the delivery behind it is met again.
            work.trouble = None
        self._handled[DONE].inc(result.finished - result.gone)
        self._handled[GONE].inc(result.gone)
        if any(effects.timers for effects in work.computed):
            self._timers_set()
        work.computed = []
        if result.finished:
            del work.todo[: result.finished]
            work.attempts = 0
            if not work.farewell:
                self._streak = 0
            work.farewell = ""

    async def _face(self, work: Work) -> bool:
        """Deals with what stopped the first delivery; whether to go on at once."""
        trouble, work.trouble = work.trouble, None
        assert trouble is not None
        if is_outside(trouble):
            if any(delivery.deliveries > 1 for delivery in work.todo):
                await recovery.acquit(self._client, self._settings.group, self._consumer, self._stream, work.todo)
                work.todo = [Delivery(d.stream, d.partition, d.entry_id, d.event) for d in work.todo]
            self._rest(work, trouble)
            return False
        delivery = work.todo[0]
        work.attempts += 1
        if work.attempts < self._settings.max_deliveries and not isinstance(trouble, Interrupted):
            log.warning("%s %s: %s: %s; it is tried again.", self._stream, delivery.entry_id, type(trouble).__name__, trouble)
            self._handled["retried"].inc()
            self._rest(work, trouble)
            return False
        if not work.farewell:
            self._streak += 1
            if self._streak >= self._settings.failing_streak:
                self.stopped = (
                    f"The last {self._streak} messages of {self._stream} all failed in {self._settings.group} (the last one: "
                    f"{type(trouble).__name__}: {trouble}); nothing more is taken from it. Mend the service and start it again."
                )
                log.error(self.stopped)
                return False
            self._handled["dead_lettered"].inc()
        log.error("%s %s goes to the dead letters: %s: %s", self._stream, delivery.entry_id, type(trouble).__name__, trouble)
        hook = None if work.farewell else self._hook
        work.farewell = "bare" if hook is None else "with what the service says"
        tried = Delivery(delivery.stream, delivery.partition, delivery.entry_id, delivery.event, delivery.deliveries + work.attempts - 1)
        work.computed = [give_up(self._settings.group, tried, trouble, self._clock_ms(), hook)]
        return True

    def _rest(self, work: Work, cause: BaseException) -> None:
        work.not_before = time.monotonic() + work.backoff.delay()
        metrics.BACKING_OFF.labels(*self._labels, type(cause).__name__).inc()
        if is_outside(cause):
            log.warning("%s rests: %s: %s", self._stream, type(cause).__name__, cause)


def one_by_one(function: Callable[[Delivery], Effects]) -> Handler:
    """A handler from a pure function of one delivery. What it raises becomes that delivery's result, TryAgain stops the batch there.

    It lets other work of the loop run every few milliseconds.
    """

    async def handle(deliveries: Sequence[Delivery], state: object) -> list[Effects | Exception]:
        results: list[Effects | Exception] = []
        breathe_at = time.perf_counter() + _BREATH_SECONDS
        for delivery in deliveries:
            results.append(_result_of(function, delivery))
            if time.perf_counter() > breathe_at:
                await asyncio.sleep(0)
                breathe_at = time.perf_counter() + _BREATH_SECONDS
        return results

    return handle


def in_a_thread(function: Callable[[Delivery], Effects]) -> Handler:
    """The same in a thread, for batches that would keep leases from being renewed however often they gave way."""

    async def handle(deliveries: Sequence[Delivery], state: object) -> list[Effects | Exception]:
        return await asyncio.to_thread(lambda: [_result_of(function, delivery) for delivery in deliveries])

    return handle


def _result_of(function: Callable[[Delivery], Effects], delivery: Delivery) -> Effects | Exception:
    try:
        return function(delivery)
    except Exception as error:
        return error


_BREATH_SECONDS = 0.005
