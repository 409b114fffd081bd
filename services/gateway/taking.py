"""A body of orders on its way into the stream: read in groups, taken in group by group, answered as a whole."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar

from fastapi import Response

from services.gateway import metrics, refusals
from services.gateway.bodies import Body, BodyRefused
from services.gateway.documents import NDJSON, ReadOptions, orders_in, unreadable
from services.gateway.domain.received import Received, Rejection, Unreadable
from services.gateway.formats import canonical, cloudevents
from services.gateway.formats.csv_orders import mapping_of
from services.gateway.intake import Intake
from services.gateway.receipts import Receipt
from shared.bus import Bus
from shared.bus.types import TryAgain
from shared.http_problem import Problem

GROUP_ORDERS = 128
GROUP_LINES = 2_000
GROUP_BYTES = 256 * 1024
INLINE_BYTES = 16 * 1024
"""A body up to so large is read on the event loop; a larger one in a thread, so that nobody else waits for it."""

Group = list[Received | Rejection]
Element = TypeVar("Element")


@dataclass(slots=True, frozen=True)
class Sent:
    """What the sender says beside the body. `event_attributes` are those of a CloudEvent in binary mode."""

    options: ReadOptions
    charset: str | None = None
    mapping: str | None = None
    event_attributes: Mapping[str, str] | None = None
    traceparent: str | None = None


class Taking:
    """One body. `receipt` fills as its orders are taken in."""

    def __init__(self, bus: Bus, intake: Intake, executor: Executor, most_orders: int, body: Body, sent: Sent, receipt: Receipt) -> None:
        self._bus = bus
        self._intake = intake
        self._executor = executor
        self._most_orders = most_orders
        self._body = body
        self._sent = sent
        self._receipt = receipt
        self._format = metrics.format_of(body.media_type)

    async def answer(self) -> Response:
        """Raises Problem, which lists what had been taken in by then."""
        status = 500
        try:
            response = await self._answer()
            status = response.status_code
            return response
        except Problem as problem:
            status = problem.status
            raise
        finally:
            metrics.BODY_BYTES.labels(self._format).observe(self._body.size)
            metrics.BODIES.labels(self._format, str(status)).inc()

    async def _answer(self) -> Response:
        try:
            await not_under_pressure(self._bus)
            async with aclosing(_ahead(self._groups())) as groups:
                async for group in groups:
                    await self._take(group)
            return self._receipt.answer()
        except BodyRefused as refused:
            if refused.rejection is not None:
                await self._keep([refused.rejection])
            raise self._with_receipt(refused.problem) from None
        except TryAgain as error:
            raise self._with_receipt(try_again(error)) from None
        except Problem as problem:
            raise self._with_receipt(problem) from None

    async def _take(self, group: Group) -> None:
        if len(self._receipt.entries) >= self._most_orders:
            told = f"The body has more than {self._most_orders} orders; those listed were taken in, send the others in a body of their own."
            raise Problem(413, "Too many orders", told)
        if self._receipt.entries:
            await not_under_pressure(self._bus)
        received = [entry for entry in group if isinstance(entry, Received)]
        taken = iter(await self._intake.take(received, self._receipt.received_at, self._sent.traceparent) if received else ())
        await self._keep([entry for entry in group if isinstance(entry, Rejection)])
        for entry in group:
            if isinstance(entry, Rejection):
                self._receipt.refuse(entry)
                metrics.ORDERS.labels("rejected", self._format).inc()
            else:
                one = next(taken)
                self._receipt.add(entry, one)
                metrics.ORDERS.labels(one.outcome, self._format).inc()

    async def _keep(self, rejections: list[Rejection]) -> None:
        try:
            await refusals.keep(self._bus, rejections, self._receipt.received_at, self._sent.traceparent)
        except TryAgain as error:
            raise try_again(error) from None

    def _with_receipt(self, problem: Problem) -> Problem:
        if self._receipt.entries and "orders" not in problem.extensions:
            problem.extensions.update(self._receipt.members())
        return problem

    def _groups(self) -> AsyncGenerator[Group]:
        return self._line_groups() if self._body.media_type == NDJSON else self._groups_of_whole()

    async def _groups_of_whole(self) -> AsyncGenerator[Group]:
        """Groups of a body that has to be there as a whole before it can be read."""
        data = await self._body.whole()
        entries = self._entries(data)
        inline = len(data) <= INLINE_BYTES
        while group := _group(entries) if inline else await in_thread(self._executor, _group, entries):
            yield group

    def _entries(self, data: bytes) -> Iterator[Received | Rejection]:
        """Where reading fails part of the way, what came before stands, and the rest is one refusal."""
        sent, media_type = self._sent, self._body.media_type
        try:
            options = sent.options if sent.mapping is None else replace(sent.options, mapping=mapping_of(sent.mapping))
            transport_id = cloudevents.transport_id(sent.event_attributes) if sent.event_attributes is not None else None
            yield from orders_in(data, media_type, options, charset=sent.charset, transport_id=transport_id)
        except Unreadable as error:
            yield unreadable(error, data, media_type)

    async def _line_groups(self) -> AsyncGenerator[Group]:
        """Groups of newline-delimited JSON, read as it arrives."""
        lines: list[tuple[int, bytes | Rejection]] = []
        size = 0
        async with aclosing(self._body.lines()) as arriving:
            async for number, line in arriving:
                lines.append((number, line))
                size += len(line) if isinstance(line, bytes) else 0
                if len(lines) >= GROUP_ORDERS or size >= GROUP_BYTES:
                    for group in await self._read(lines, size):
                        yield group
                    lines, size = [], 0
        for group in await self._read(lines, size):
            yield group

    async def _read(self, lines: list[tuple[int, bytes | Rejection]], size: int) -> list[Group]:
        limits = self._sent.options.limits

        def read() -> list[Group]:
            entries = (line if isinstance(line, Rejection) else canonical.read_line(line, number, limits) for number, line in lines)
            return list(iter(lambda: _group(entries), []))

        return read() if size <= INLINE_BYTES else await in_thread(self._executor, read)


def _group(entries: Iterator[Received | Rejection]) -> Group:
    group: Group = []
    lines = 0
    for entry in islice(entries, GROUP_ORDERS):
        group.append(entry)
        lines += len(entry.document.lines) if isinstance(entry, Received) else 1
        if lines >= GROUP_LINES:
            break
    return group


async def _ahead(groups: AsyncGenerator[Element]) -> AsyncGenerator[Element]:
    """The same, with the next one under way while the last is worked on."""
    async with aclosing(groups):
        coming = asyncio.ensure_future(anext(groups, None))
        try:
            while (group := await coming) is not None:
                coming = asyncio.ensure_future(anext(groups, None))
                yield group
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def in_thread(executor: Executor, work: Callable[..., Element], *arguments: Any) -> Element:
    return await asyncio.get_running_loop().run_in_executor(executor, work, *arguments)


async def not_under_pressure(bus: Bus) -> None:
    """Raises Problem where what was accepted already has to be worked off first."""
    pressure = await bus.pressure()
    if not pressure.accepting:
        raise Problem(
            429,
            "Intake is paused",
            f"{pressure.reason or 'The services behind the intake have to catch up.'} Send the body again later.",
            headers={"Retry-After": str(max(1, pressure.retry_after_seconds))},
        )


def try_again(error: TryAgain) -> Problem:
    told = f"{error} What is listed under orders was taken in; send the body again, that is safe."
    return Problem(503, "Try again", told, headers={"Retry-After": "1"})
