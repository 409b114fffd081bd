"""Request bodies that a route takes whole: no more bytes than it says, and no sender that keeps it waiting."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect
from starlette.types import Message

LONGEST_SECONDS = 30.0
MEBIBYTE = 1024 * 1024


async def chunks(request: Request, largest_bytes: int, longest_seconds: float = LONGEST_SECONDS) -> AsyncIterator[bytes]:
    """The body in pieces. Raises HTTPException: 413 where it is larger, 408 where it comes too slowly, 400 where it breaks off."""
    size = 0
    stream = request.stream()
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + longest_seconds
    while True:
        try:
            async with asyncio.timeout_at(ends_at):
                chunk = await anext(stream, None)
        except TimeoutError:
            told = f"The body did not arrive within {longest_seconds:g} s; {size} bytes of it did."
            raise HTTPException(408, told) from None
        except ClientDisconnect:
            raise HTTPException(400, f"The connection ended after {size} bytes of the body.") from None
        if chunk is None:
            return
        size += len(chunk)
        if size > largest_bytes:
            raise HTTPException(413, f"The body has more than {_measured(largest_bytes)}; that is the most here.")
        yield chunk


async def whole(request: Request, largest_bytes: int, longest_seconds: float = LONGEST_SECONDS) -> bytes:
    """Raises HTTPException as `chunks` does."""
    return b"".join([chunk async for chunk in chunks(request, largest_bytes, longest_seconds)])


async def read_beforehand(request: Request, largest_bytes: int) -> Request:
    """The same request with its body read within bounds, for a framework that would read it without any."""
    body = await whole(request, largest_bytes)
    receive = request.receive
    handed_out = False

    async def replay() -> Message:
        nonlocal handed_out
        if handed_out:
            return await receive()
        handed_out = True
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, replay)


def _measured(size: int) -> str:
    return f"{size // MEBIBYTE} MiB" if size % MEBIBYTE == 0 else f"{size} bytes"
