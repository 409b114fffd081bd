"""Bodies that are read whole end where they are too large, too slow or cut off, and a model is read within the same bounds."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException, Request
from pydantic import BaseModel
from starlette.types import Message

from shared import http_body
from shared.http_problem import LARGEST_JSON_BYTES, ProblemRoute

routes = APIRouter(route_class=ProblemRoute)


class Named(BaseModel):
    name: str


@routes.post("/named")
async def named(asked: Named) -> str:
    return asked.name


def client() -> httpx.AsyncClient:
    application = FastAPI()
    application.include_router(routes)
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://orestream")


def request_of(*messages: Message) -> Request:
    """A request whose sender sends these messages and then nothing more."""
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def piece(data: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": data, "more_body": more}


async def test_a_body_within_its_bounds_comes_whole() -> None:
    assert await http_body.whole(request_of(piece(b"ab"), piece(b"c", more=False)), 3) == b"abc"


@pytest.mark.parametrize(
    ("messages", "status", "told"),
    [
        ((piece(b"ab"), piece(b"cd")), 413, "The body has more than 3 bytes; that is the most here."),
        ((piece(b"ab"),), 408, "The body did not arrive within 0.01 s; 2 bytes of it did."),
        ((piece(b"ab"), {"type": "http.disconnect"}), 400, "The connection ended after 2 bytes of the body."),
    ],
)
async def test_a_body_beyond_its_bounds_is_refused(messages: tuple[Message, ...], status: int, told: str) -> None:
    with pytest.raises(HTTPException) as refused:
        await http_body.whole(request_of(*messages), 3, 0.01)
    assert (refused.value.status_code, refused.value.detail) == (status, told)


async def test_a_model_is_read_as_far_as_it_may_go() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += http_body.MEBIBYTE
            yield b" " * http_body.MEBIBYTE

    async with client() as http:
        assert (await http.post("/named", json={"name": "Dy"})).json() == "Dy"
        refused = await http.post("/named", content=endless(), headers={"content-type": "application/json"})
    assert (refused.status_code, refused.json()["detail"]) == (413, "The body has more than 4 MiB; that is the most here.")
    assert sent <= LARGEST_JSON_BYTES + 2 * http_body.MEBIBYTE


async def test_json_nested_without_end_is_refused() -> None:
    async with client() as http:
        answer = await http.post("/named", content=b"[" * 1_000_000, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
