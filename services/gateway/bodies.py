"""Request bodies, read as far as they may go: bytes and the sender's slowness are bounded, and so is what all bodies together hold."""

import asyncio
import time
from collections.abc import AsyncGenerator

from fastapi import Request
from starlette.requests import ClientDisconnect

from services.gateway.domain.received import Rejection
from services.gateway.refusals import KEPT_BEGINNING_BYTES
from services.gateway.settings import Settings
from shared.contracts.order import Issue
from shared.http_problem import Problem


class BodyRefused(Exception):
    """A body that is not read any further: what to answer, and what is kept of it."""

    def __init__(self, problem: Problem, rejection: Rejection | None) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.rejection = rejection


class Budget:
    """Bytes that all bodies under way hold together. Taken by one event loop only."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.used = 0


class Body:
    """The body of one request. `beginning` is what is kept where it is refused; `size` counts what was read."""

    def __init__(self, request: Request, media_type: str, settings: Settings, budget: Budget) -> None:
        self.media_type = media_type
        self.beginning = b""
        self.size = 0
        self._request = request
        self._settings = settings
        self._budget = budget
        self._held = 0
        declared = request.headers.get("content-length", "")
        self._declared = int(declared) if declared.isdecimal() else None

    async def __aenter__(self) -> "Body":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._release()

    async def whole(self) -> bytes:
        """Raises BodyRefused."""
        declared = self._declared if self._declared is not None and self._declared <= self._settings.body_bytes else None
        if declared is not None:
            self._hold(declared)  # at once, so that of two large bodies one gets through
        chunks = []
        async for chunk in self._chunks():
            if declared is None:
                self._hold(len(chunk))
            chunks.append(chunk)
        return b"".join(chunks)

    async def lines(self) -> AsyncGenerator[tuple[int, bytes | Rejection]]:
        """Lines that say something, with their numbers from 1. One longer than an order may be is refused and passed over unread.

        Raises BodyRefused.
        """
        longest = self._settings.limits.order_bytes
        number, kept, passed = 1, bytearray(), 0
        async for chunk in self._chunks():
            *ends, rest = chunk.split(b"\n")
            for end in ends:
                kept += end[: longest + 1 - len(kept)]
                passed += len(end)
                if line := self._line(number, bytes(kept), passed, longest):
                    yield number, line
                number, passed = number + 1, 0
                kept.clear()
            kept += rest[: longest + 1 - len(kept)]
            passed += len(rest)
        if line := self._line(number, bytes(kept), passed, longest):
            yield number, line

    def _line(self, number: int, kept: bytes, size: int, longest: int) -> bytes | Rejection | None:
        if size <= longest:
            return kept if kept.strip() else None
        place = f"line {number}"
        told = f"{place}: The order measures {size} bytes, {longest} are the most; split it."
        issue = Issue(code="ORDER_TOO_LARGE", path=place, severity="error", message=told)
        return Rejection(place, (issue,), kept[:KEPT_BEGINNING_BYTES], self.media_type, number, size=size)

    async def _chunks(self) -> AsyncGenerator[bytes]:
        limit = self._settings.body_bytes
        too_large = self._declared is not None and self._declared > limit
        stream = self._request.stream()
        left = self._settings.body_seconds
        while True:
            asked = time.monotonic()
            try:
                async with asyncio.timeout(left):
                    chunk = await anext(stream, None)
            except TimeoutError:
                raise self._too_slow() from None
            except ClientDisconnect:
                raise self._cut_off() from None
            left -= time.monotonic() - asked
            if not chunk:
                return
            self.size += len(chunk)
            if len(self.beginning) < KEPT_BEGINNING_BYTES:
                self.beginning += chunk[: KEPT_BEGINNING_BYTES - len(self.beginning)]
            if self.size > limit or (too_large and self.size >= KEPT_BEGINNING_BYTES):
                raise self._too_large(limit)
            yield chunk

    def _hold(self, size: int) -> None:
        """Counts bytes that stay in memory until the request is answered."""
        if self._budget.used + size > self._budget.total:
            raise BodyRefused(
                Problem(
                    429,
                    "Too many large bodies",
                    f"Bodies under way hold {self._budget.used} bytes, {self._budget.total} are the most; send this one again shortly.",
                    headers={"Retry-After": "1"},
                ),
                None,
            )
        self._budget.used += size
        self._held += size

    def _release(self) -> None:
        self._budget.used -= self._held
        self._held = 0

    def _too_large(self, limit: int) -> BodyRefused:
        measured = f"{self._declared} bytes" if self._declared is not None else f"more than {limit} bytes"
        told = f"The body measures {measured}, {limit} are the most for one request; send it in parts."
        return BodyRefused(Problem(413, "Body too large", told), self._rejection("BODY_TOO_LARGE", told))

    def _too_slow(self) -> BodyRefused:
        told = f"The body did not arrive within {self._settings.body_seconds:g} s; {self.size} bytes of it did. Send it again, or in parts."
        return BodyRefused(Problem(408, "Body too slow", told), self._rejection("BODY_TOO_SLOW", told))

    def _cut_off(self) -> BodyRefused:
        told = f"The connection ended after {self.size} bytes of the body."
        return BodyRefused(Problem(400, "Body cut off", told), self._rejection("BODY_CUT_OFF", told))

    def _rejection(self, code: str, told: str) -> Rejection:
        issue = Issue(code=code, path="", severity="error", message=told)
        size = max(self.size, self._declared or 0)
        return Rejection("", (issue,), self.beginning, self.media_type, unreadable=True, size=size)
