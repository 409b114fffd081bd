"""What becomes of messages whose handler fails, and of those around them."""

import json
import logging

import pytest
import redis
from prometheus_client import REGISTRY

from shared.bus import Bus, BusSettings, one_by_one
from shared.bus.types import Delivery, Effects, TryAgain, UndecodableEvent, Write
from shared.contracts.dead_letter import DeadLetterEvent
from tests.integration.bus.conftest import Seen, events_of, pending, put, running, until
from tests.support.waiting import wait_until_async


def letters(client: redis.Redis) -> list[DeadLetterEvent]:
    return [DeadLetterEvent.model_validate_json(event) for event in events_of(client, "dead-letters")]


async def test_messages_take_effect_in_order(url: str, client: redis.Redis) -> None:
    events = [b"%d" % number for number in range(1000)]
    put(client, *events[:500])
    seen = Seen()
    async with running(url, seen.handle):
        put(client, *events[500:])
        await until(lambda: len(seen.events) == 1000, "all are handled")
        await until(lambda: pending(client) == 0, "all are committed")
    assert events_of(client, "screenings") == events


async def test_a_poison_message_inside_a_batch_costs_itself_only_and_is_overtaken_by_none(url: str, client: redis.Redis) -> None:
    events = [b"%d" % number for number in range(20)]

    def do(delivery: Delivery) -> Effects:
        if delivery.event == b"7":
            raise RuntimeError("seven is poison")
        return Effects(outputs=[("screenings", delivery.event)])

    seen = Seen(do=do)
    ids = put(client, *events)
    async with running(url, seen.handle):
        await until(lambda: len(events_of(client, "screenings")) == 19, "the others took effect")
        await until(lambda: pending(client) == 0, "nothing is pending")
    assert events_of(client, "screenings") == [event for event in events if event != b"7"]
    assert seen.events.count(b"7") == 3
    (letter,) = letters(client)
    assert (letter.data.error_class, letter.data.error, letter.data.deliveries) == ("RuntimeError", "seven is poison", 3)
    assert (letter.data.original, letter.data.stream, letter.data.group) == (b"7", "orders", "screening")
    assert letter.data.entry_id == ids[7].decode()
    assert letter.data.first_seen <= letter.data.last_seen


async def test_nothing_behind_a_failing_message_is_committed_before_it(url: str, client: redis.Redis) -> None:
    failures = 2

    def do(delivery: Delivery) -> Effects:
        nonlocal failures
        if delivery.event == b"first" and failures:
            failures -= 1
            assert events_of(client, "screenings") == []
            raise RuntimeError("not yet")
        return Effects(outputs=[("screenings", delivery.event)])

    put(client, b"first", b"second")
    async with running(url, Seen(do=do).handle):
        await until(lambda: len(events_of(client, "screenings")) == 2, "both took effect")
    assert events_of(client, "screenings") == [b"first", b"second"]
    assert letters(client) == []


async def test_what_cannot_be_decoded_goes_to_the_dead_letters_at_once(url: str, client: redis.Redis) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"

    def do(delivery: Delivery) -> Effects:
        if b"nonsense" in delivery.event:
            raise UndecodableEvent("no order in it")
        return Effects(outputs=[("screenings", delivery.event)])

    seen = Seen(do=do)
    bad = json.dumps({"nonsense": True, "traceparent": trace}).encode()
    put(client, b"good", bad, b"better")
    async with running(url, seen.handle):
        await until(lambda: len(events_of(client, "screenings")) == 2, "the good ones took effect")
    assert seen.events == [b"good", bad, b"better"]
    (letter,) = letters(client)
    assert (letter.data.error_class, letter.data.deliveries, letter.data.original) == ("UndecodableEvent", 1, bad)
    assert letter.traceparent is not None
    assert letter.traceparent.split("-")[1] == "a" * 32


async def test_an_entry_that_somebody_else_wrote_reaches_the_handler_as_json_of_its_fields(url: str, client: redis.Redis) -> None:
    seen = Seen()
    client.xadd("{p0}:orders", {"data": "foreign", "__data__": b"\xff"})
    async with running(url, seen.handle):
        await until(lambda: seen.events, "it is handled")
    assert json.loads(seen.events[0]) == {"data": "foreign", "__data__": "\xff"}


@pytest.mark.parametrize("outside", [TryAgain("the database is away"), OSError("no route"), redis.ConnectionError("away"), TimeoutError()])
async def test_what_is_not_the_messages_fault_never_leads_to_a_dead_letter(
    redis_url: str, redis_client: redis.Redis, outside: Exception
) -> None:
    attempts = 0

    def do(delivery: Delivery) -> Effects:
        nonlocal attempts
        attempts += 1
        if attempts < 6:
            raise outside
        return Effects(outputs=[("screenings", delivery.event)])

    put(redis_client, b"one", b"two")
    async with running(redis_url, Seen(do=do).handle, max_deliveries=2):
        await until(lambda: len(events_of(redis_client, "screenings")) == 2, "both took effect in the end")
    assert events_of(redis_client, "screenings") == [b"one", b"two"]
    assert letters(redis_client) == []


async def test_a_read_that_redis_calls_wrong_is_the_handlers_failure(url: str, client: redis.Redis) -> None:
    client.set("{p0}:screening:open", "not a set")

    async def handle(deliveries, state):
        await state.set_members("open")
        return [Effects() for _ in deliveries]

    put(client, b"one")
    async with running(url, handle):
        await until(lambda: letters(client), "it is given up")
    assert "WRONGTYPE" in letters(client)[0].data.error


async def test_a_handler_that_raises_as_a_whole_is_asked_one_by_one(url: str, client: redis.Redis) -> None:
    async def handle(deliveries, state):
        if any(delivery.event == b"poison" for delivery in deliveries):
            raise KeyError("what")
        return [Effects(outputs=[("screenings", delivery.event)]) for delivery in deliveries]

    put(client, b"one", b"poison", b"two")
    async with running(url, handle):
        await until(lambda: len(events_of(client, "screenings")) == 2, "the others took effect")
    assert [letter.data.original for letter in letters(client)] == [b"poison"]


async def test_effects_that_cannot_be_committed_are_the_messages_failure(url: str, client: redis.Redis) -> None:
    client.set("{p0}:screening:open", "not a set")

    def do(delivery: Delivery) -> Effects:
        writes = [Write("SADD", "open", ("x",))] if delivery.event == b"bad" else []
        return Effects(outputs=[("screenings", delivery.event)], writes=writes)

    put(client, b"one", b"bad", b"two")
    async with running(url, Seen(do=do).handle):
        await until(lambda: len(events_of(client, "screenings")) == 2, "the others took effect")
    (letter,) = letters(client)
    assert letter.data.error_class == "CommitFailed"
    assert "is a string, not a set" in letter.data.error


async def test_the_service_says_what_it_gave_up_in_the_same_commit(url: str, client: redis.Redis) -> None:
    def do(delivery: Delivery) -> Effects:
        raise RuntimeError("always")

    bus = Bus(BusSettings(url=url, group="screening"))
    bus.on("orders", Seen(do=do).handle)
    bus.on_dead_letter("orders", lambda delivery, error: Effects(outputs=[("screenings", b"failed: " + str(error).encode())]))
    put(client, b"one")
    await bus.start()
    await until(lambda: events_of(client, "dead-letters"), "it was given up")
    await bus.stop()
    assert events_of(client, "screenings") == [b"failed: always"]
    assert pending(client) == 0


async def test_a_service_whose_own_say_cannot_be_written_still_gives_up(url: str, client: redis.Redis) -> None:
    client.set("{p0}:screenings", "not a stream")

    def do(delivery: Delivery) -> Effects:
        raise RuntimeError("always")

    bus = Bus(BusSettings(url=url, group="screening"))
    bus.on("orders", Seen(do=do).handle)
    bus.on_dead_letter("orders", lambda delivery, error: Effects(outputs=[("screenings", b"failed")]))
    put(client, b"one")
    await bus.start()
    await until(lambda: events_of(client, "dead-letters"), "it was given up")
    await bus.stop()
    assert pending(client) == 0


async def test_where_everything_fails_the_consumer_stops_and_says_so(url: str, client: redis.Redis) -> None:
    def do(delivery: Delivery) -> Effects:
        if delivery.event == b"undecodable":
            raise UndecodableEvent("junk")
        raise RuntimeError("the code is broken")

    put(client, *([b"undecodable"] * 10), *(b"%d" % number for number in range(10)))
    async with running(url, Seen(do=do).handle, failing_streak=4, max_deliveries=1) as bus:

        async def stopped() -> bool:
            return not (await bus.health()).ready

        await wait_until_async(stopped, "it stopped")
        health = await bus.health()
        assert "The last 4 messages of orders all failed in screening" in health.reasons[0]
        assert "the code is broken" in health.reasons[0]
        put(client, b"later")
        assert (len(letters(client)), pending(client)) == (13, 7)
    # A new release begins where the old one stopped.
    async with running(url, Seen().handle, failing_streak=4):
        await until(lambda: len(events_of(client, "screenings")) == 8, "the rest took effect")
    assert len(letters(client)) == 13


async def test_one_by_one_lets_other_work_run_and_keeps_exceptions_as_results(url: str, client: redis.Redis) -> None:
    def function(delivery: Delivery) -> Effects:
        if delivery.event == b"bad":
            raise ValueError("bad")
        return Effects(outputs=[("screenings", delivery.event)])

    put(client, b"one", b"bad", b"two")
    async with running(url, one_by_one(function), max_deliveries=1):
        await until(lambda: len(events_of(client, "screenings")) == 2, "the good ones took effect")
    assert [letter.data.original for letter in letters(client)] == [b"bad"]


async def test_a_handler_that_returns_too_little_or_nonsense_is_told_so(
    url: str, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    async def handle(deliveries, state):
        if deliveries[0].event == b"short":
            return []
        return ["nonsense"] * len(deliveries)

    caplog.set_level(logging.WARNING)
    put(client, b"short")
    async with running(url, handle):
        await until(lambda: len(letters(client)) == 1, "short results are a failure")
        put(client, b"nonsense")
        await until(lambda: len(letters(client)) == 2, "nonsense is a failure")
    short, nonsense = letters(client)
    assert "returned 0 results for 1 deliveries" in short.data.error
    assert "returned a str instead of Effects" in nonsense.data.error


async def test_what_is_handled_is_counted_and_timed(url: str, client: redis.Redis) -> None:
    def do(delivery: Delivery) -> Effects:
        if delivery.event == b"bad":
            raise RuntimeError("bad")
        return Effects()

    def sample(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, {"service": "metered", "stream": "orders", "group": "metered", **labels}) or 0.0

    statuses = ("done", "retried", "dead_lettered")
    before = {status: sample("orestream_bus_messages_total", status=status) for status in statuses}
    batches = sample("orestream_bus_batch_seconds_count")
    put(client, b"1", b"bad", b"2")
    async with running(url, Seen(do=do).handle, group="metered", max_deliveries=2):
        await until(lambda: letters(client) and pending(client, group="metered") == 0, "all are done with")
    after = {status: sample("orestream_bus_messages_total", status=status) for status in statuses}
    assert [after[status] - before[status] for status in statuses] == [3, 1, 1]
    assert sample("orestream_bus_batch_seconds_count") > batches
