"""Every kind of bad input gets its answer while memory stays bounded and nobody else waits."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from services.gateway.settings import Settings
from tests.integration.gateway.conftest import Gateway, running
from tests.integration.gateway.orders import NDJSON, body, key, line, ndjson, order
from tests.unit.gateway.formats.test_ubl import LAUGHS
from tests.unit.gateway.formats.test_ubl import document as ubl_document

MEBIBYTE = 1024 * 1024
BATCH = "application/cloudevents-batch+json"


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@contextmanager
def memory_grows_by_less_than(limit: int) -> Iterator[None]:
    """Server and client are this process; the most that it holds meanwhile is measured."""
    before = most = resident_bytes()
    stop = threading.Event()

    def look() -> None:
        nonlocal most
        while not stop.wait(0.005):
            most = max(most, resident_bytes())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        stop.set()
        looking.join()
    assert most - before < limit, f"{(most - before) / MEBIBYTE:.0f} MiB more"


@asynccontextmanager
async def others_are_served(gateway: Gateway, within_seconds: float) -> AsyncIterator[None]:
    """Somebody else's small orders all the while; each one is answered in time."""
    waited: list[float] = []
    stop = asyncio.Event()

    async def ask() -> None:
        number = 0
        while not stop.is_set():
            started = time.monotonic()
            assert (await gateway.post(body(f"other-{number}"))).status_code == 202
            waited.append(time.monotonic() - started)
            number += 1

    asking = asyncio.create_task(ask())
    try:
        yield
    finally:
        stop.set()
        await asking
    assert max(waited) < within_seconds


async def stream(gateway: Gateway, size: int, *, declared: bool, media_type: str = "application/json") -> tuple[int, dict[str, Any]]:
    """Sends a body of so many bytes over a bare connection; reads the answer whenever it comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    framing = f"content-length: {size}" if declared else "transfer-encoding: chunked"
    head = f"POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: {media_type}\r\nauthorization: Bearer {gateway.key}\r\n{framing}\r\n\r\n"
    writer.write(head.encode())
    chunk = b'{"order_key": "' + b"x" * (MEBIBYTE - 15)

    async def send() -> None:
        for _ in range(size // len(chunk)):
            writer.write(chunk if declared else b"%x\r\n%b\r\n" % (len(chunk), chunk))
            await writer.drain()
        if not declared:
            writer.write(b"0\r\n\r\n")

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(60):
            answer = await reader.readuntil(b"\r\n\r\n")
            length = next(int(each.split(b":")[1]) for each in answer.split(b"\r\n") if each.lower().startswith(b"content-length"))
            content = await reader.readexactly(length)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()
    return int(answer.split(b" ")[1]), json.loads(content)


@pytest.mark.parametrize(
    ("declared", "media_type"), [(True, "application/json"), (False, "application/json"), (False, NDJSON), (True, "text/csv")]
)
async def test_a_body_of_one_gigabyte(gateway: Gateway, declared: bool, media_type: str) -> None:
    with memory_grows_by_less_than(120 * MEBIBYTE):
        async with others_are_served(gateway, within_seconds=1):
            status, problem = await stream(gateway, 1024 * MEBIBYTE, declared=declared, media_type=media_type)
    assert (status, problem["title"]) == (413, "Body too large")
    assert problem["detail"].endswith("send it in parts.")
    (letter,) = [each["data"] for each in gateway.events("dead-letters") if each["data"]["error_class"] == "BODY_TOO_LARGE"]
    assert letter["error_class"] == "BODY_TOO_LARGE"
    assert len(letter["original"]) < 100_000
    assert "SHA-256" in letter["error"]


async def test_a_slow_body_is_given_up(redis_url: str) -> None:
    async with running(redis_url, Settings(body_seconds=0.2)) as gateway:

        async def slowly() -> AsyncIterator[bytes]:
            yield b'{"order_key"'
            await asyncio.sleep(0.7)
            yield b":1}"

        response = await gateway.client.post("/v1/orders", content=slowly(), headers={"content-type": "application/json"})
        assert response.status_code == 408
        assert [each["data"]["error_class"] for each in gateway.events("dead-letters")] == ["BODY_TOO_SLOW"]


async def test_bodies_together_are_bounded(redis_url: str) -> None:
    async with running(redis_url, Settings(bodies_bytes=3 * MEBIBYTE, body_seconds=5)) as gateway:
        release = asyncio.Event()

        async def held(content: bytes) -> AsyncIterator[bytes]:
            yield content[:MEBIBYTE]
            await release.wait()
            yield content[MEBIBYTE:]

        async def post(order_id: str) -> httpx.Response:
            content = b" " * (2 * MEBIBYTE) + body(order_id)
            headers = {"content-type": "application/json", "content-length": str(len(content))}
            return await gateway.client.post("/v1/orders", content=held(content), headers=headers)

        def refused() -> float:
            return REGISTRY.get_sample_value("orestream_gateway_bodies_total", {"format": "json", "answer": "429"}) or 0.0

        before = refused()
        both = asyncio.gather(post("A"), post("B"))
        await gateway.until(lambda: refused() > before, "one of the two is refused")
        release.set()
        accepted, turned_away = sorted(await both, key=lambda response: response.status_code)
        assert (accepted.status_code, turned_away.status_code, turned_away.headers["retry-after"]) == (202, 429, "1")
        assert (await gateway.post(b" " * (2 * MEBIBYTE) + body("C"))).status_code == 202


async def test_a_client_that_hangs_up_leaves_its_beginning(gateway: Gateway) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    head = f"POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer {gateway.key}\r\n"
    writer.write(head.encode() + b'content-length: 500\r\n\r\n{"order_key"')
    await writer.drain()
    writer.close()
    await gateway.until(lambda: gateway.events("dead-letters"), "the beginning is kept")
    assert gateway.events("dead-letters")[0]["data"]["error_class"] == "BODY_CUT_OFF"


async def test_billion_laughs(gateway: Gateway) -> None:
    laughs = ubl_document(head="<cbc:ID>&lol9;</cbc:ID>", lead=f'<!DOCTYPE Order [<!ENTITY lol0 "lol">{LAUGHS}]>')
    with memory_grows_by_less_than(20 * MEBIBYTE):
        response = await gateway.post(laughs, "application/xml")
    assert response.status_code == 400
    assert response.json()["issues"][0]["code"] == "XML_ENTITIES"


LINES = b'{"order_key":{"system":"s","company":"c","order_id":"o"},"lines":[{}%b]}'


def a_million(row: bytes) -> bytes:
    return row * 1_000_000


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (LINES % (b",{}" * 900_000), "application/json", 413, "TOO_MANY_LINES"),
        (LINES % a_million(b",{}"), "application/json", 413, "TOO_MANY_VALUES"),
        (LINES % (b",{}" * 10_000_000), "application/json", 413, "ORDER_TOO_LARGE"),
        (b"po,material\n" + a_million(b"A,M\n"), "text/csv", 413, "TOO_MANY_ROWS"),
        (a_million(b"{}\n"), NDJSON, 413, None),
        (b"<Order>" + a_million(b"<L/>") + b"</Order>", "application/xml", 413, "TOO_MANY_ELEMENTS"),
        (b"<Order>" + b"<L/>" * 999_990 + b"</Order>", "application/xml", 422, "FIELD_MISSING"),
        (b"[" + a_million(b"{},") + b"{}]", BATCH, 413, None),
        (b"[" + b"{}," * 10_000_000 + b"{}]", BATCH, 413, "TOO_MANY_VALUES"),
        (b'{"order_key":' + b"[" * 1_000_000, "application/json", 400, "TOO_DEEP"),
        (b'{"a":"' + a_million(b"x" * 6) + b'"}', "application/json", 422, "FIELD_MISSING"),
    ],
    ids=["lines", "values", "bytes", "csv", "ndjson", "tags", "elements", "events", "values of events", "deep", "long"],
)
async def test_a_million_of_anything(redis_url: str, content: bytes, media_type: str, status: int, code: str | None) -> None:
    async with running(redis_url, Settings(orders_per_body=2_000)) as gateway:
        with memory_grows_by_less_than(300 * MEBIBYTE):
            async with others_are_served(gateway, within_seconds=1):
                response = await gateway.post(content, media_type)
        assert response.status_code == status, response.text[:500]
        if code is not None:
            assert response.json()["issues"][0]["code"] == code
        else:
            assert response.json()["title"] == "Too many orders"
        assert gateway.events()[-1]["subject"].startswith("sap/1000/other-")


async def test_a_large_good_body_delays_nobody(gateway: Gateway) -> None:
    content = ndjson(*(order(str(number), lines=[line(str(position)) for position in range(40)]) for number in range(200)))
    async with others_are_served(gateway, within_seconds=1):
        response = await gateway.post(content, NDJSON)
    assert response.json()["counts"]["accepted"] == 200


async def test_an_order_of_ten_thousand_lines_is_taken(gateway: Gateway) -> None:
    async with others_are_served(gateway, within_seconds=2):
        response = await gateway.post(body(lines=[line(str(number)) for number in range(10_000)]))
    assert response.json()["counts"]["accepted"] == 1
    shown = (await gateway.client.get(f"/v1/orders/{key()}")).json()
    assert len(shown["snapshot"]["lines"]) == 10_000


async def test_what_can_be_used_is_used_and_the_rest_is_told(gateway: Gateway) -> None:
    name = "\u202eselgnA dlrow\u202c \u200bLtd."
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"lines": [line("1"), line("2", quantity={"value": "a few"})]}, ["NOT_A_NUMBER"]),
        ({"lines": [line("1"), line("2", quantity={"value": "NaN", "unit": "KGM"})]}, ["NOT_A_NUMBER"]),
        ({"lines": [line("1", quantity={"value": 5, "unit": "KGM"})]}, []),
        ({"lines": [line("1"), line("2", item={"buyer_id": 4711})]}, ["NOT_A_TEXT"]),
        ({"currency": "XXQ"}, ["CURRENCY_UNKNOWN"]),
        ({"lines": [line("1", quantity={"value": "5", "unit": "FURLONG"})]}, ["UNIT_UNKNOWN"]),
        ({"issued_on": "0001-01-01"}, ["OUT_OF_RANGE"]),
        ({"supplier": {"name": name}}, ["HIDDEN_CHARACTERS"]),
    ]
    for number, (fields, codes) in enumerate(cases):
        entry = await gateway.post_order(**order(str(number), **fields))
        assert (entry["outcome"], [issue["code"] for issue in entry["issues"]]) == ("accepted", codes)
        snapshot = gateway.events()[-1]["data"]
        assert [issue["code"] for issue in snapshot.get("issues", [])] == codes
        held = [each["line_id"] for each in snapshot["lines"] if "unscreenable" in each]
        assert held == (["2"] if len(snapshot["lines"]) == 2 else [])
    assert snapshot["supplier"]["name"] == name


async def test_nan_is_not_json(gateway: Gateway) -> None:
    for content in (b'{"order_key": NaN}', b'{"order_key": Infinity}', body().replace(b'"20"', b"NaN")):
        response = await gateway.post(content)
        assert (response.status_code, response.json()["issues"][0]["code"]) == (400, "NOT_A_NUMBER")


async def test_a_compressed_body_is_refused_unread(gateway: Gateway) -> None:
    response = await gateway.post(b"\x1f\x8b", headers={"content-encoding": "gzip"})
    assert response.status_code == 415
