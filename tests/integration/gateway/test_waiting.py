"""The answer to an order beside it, and callers that wait for it."""

import asyncio
import json
import time

from tests.integration.gateway.conftest import Gateway, running
from tests.integration.gateway.orders import append_assessment, assessment, body, key, order


async def shown(gateway: Gateway, wait: float | None = None) -> dict[str, object]:
    response = await gateway.client.get(f"/v1/orders/{key()}", params={} if wait is None else {"wait": wait})
    assert response.status_code == 200
    found: dict[str, object] = response.json()
    return found


async def send(gateway: Gateway, *events: bytes) -> None:
    await append_assessment(str(gateway.bus.settings.url), gateway.partitions, *events)


async def test_who_waits_gets_the_final_answer_when_it_is_there(gateway: Gateway) -> None:
    await gateway.post(body())
    waiting = asyncio.create_task(shown(gateway, 30))
    await send(gateway, assessment(kind="partial"))
    await gateway.until(lambda: gateway.redis.keys("*:assessment:*"), "the partial is kept")
    assert not waiting.done()
    started = time.monotonic()
    await send(gateway, assessment())
    found = await waiting
    assert found["final"] is True
    assert found["assessment"] == json.loads(assessment())["data"]
    assert time.monotonic() - started < 1


async def test_who_waits_at_another_process_gets_it_too(redis_url: str) -> None:
    async with running(redis_url) as one, running(redis_url) as other:
        await one.post(body())
        waiting = [asyncio.create_task(shown(gateway, 30)) for gateway in (one, other, one, other)]
        await send(one, assessment())
        assert [found["final"] for found in await asyncio.gather(*waiting)] == [True] * 4


async def test_the_answer_to_an_older_revision_is_not_final(gateway: Gateway) -> None:
    await gateway.post(body(revision={"source_seq": 1}))
    await send(gateway, assessment())
    assert (await shown(gateway, 10))["final"] is True
    await gateway.post(body(revision={"source_seq": 2}, currency="EUR"))
    found = await shown(gateway, 0.2)
    assert (found["final"], found["received_seq"]) == (False, 2)
    assert found["assessment"] is not None


async def test_an_older_assessment_does_not_replace_a_newer_one(gateway: Gateway) -> None:
    await gateway.post_order(**order(revision={"source_seq": 1}))
    await gateway.post_order(**order(revision={"source_seq": 2}, currency="EUR"))
    await send(gateway, assessment(revision=2), assessment(revision=2, kind="partial"), assessment(revision=1, kind="superseded"))
    await send(gateway, assessment(revision=2, round_=2, kind="partial"))

    async def latest() -> tuple[object, object]:
        found = (await shown(gateway))["assessment"]
        return (found["round"], found["kind"]) if isinstance(found, dict) else (None, None)

    async with asyncio.timeout(10):
        while await latest() != (2, "partial"):
            await asyncio.sleep(0.01)


async def test_the_answer_to_an_ended_order_is_kept_for_a_while_only(gateway: Gateway) -> None:
    await gateway.post(body())
    await send(gateway, assessment())
    await gateway.until(lambda: gateway.redis.keys("*:assessment:*"), "the assessment is kept")
    (name,) = gateway.redis.keys("*:assessment:*")
    assert gateway.redis.pttl(name) == -1
    await gateway.post(body(status="closed", lines=[]))
    assert gateway.redis.pttl(name) > 0
    await send(gateway, assessment(revision=2))
    assert (await shown(gateway, 10))["final"] is True
    assert gateway.redis.pttl(name) > 0


async def test_what_is_no_assessment_is_given_up_and_the_rest_is_kept(gateway: Gateway) -> None:
    await gateway.post(body())
    broken = json.loads(assessment(revision=9))
    broken["data"]["kind"] = "unheard of"
    await send(gateway, json.dumps(broken).encode(), assessment())
    assert (await shown(gateway, 10))["final"] is True
    await gateway.until(lambda: gateway.events("dead-letters"), "the broken one is a dead letter")


async def test_waiting_for_an_unknown_order_is_refused_at_once(gateway: Gateway) -> None:
    started = time.monotonic()
    assert (await gateway.client.get("/v1/orders/a/b/c", params={"wait": 30})).status_code == 404
    assert (await gateway.client.get("/v1/orders/a/b/c", params={"wait": 61})).status_code == 422
    assert time.monotonic() - started < 5
