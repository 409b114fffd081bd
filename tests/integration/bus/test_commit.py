"""The fenced commit: whole or not at all, once, and only by the holder."""

import contextlib

import pytest
import redis

from shared.bus import keys
from shared.bus.commit import Behind, Committed, Fenced, commit
from shared.bus.connection import Client, Line, connect
from shared.bus.restart import RestartGuard
from shared.bus.settings import BusSettings
from shared.bus.types import BusUnavailable, Delivery, Effects, Timer, Write
from tests.integration.bus.conftest import events_of, pending, put

TOKEN = "1 me"


@pytest.fixture
async def bus_client(url: str):
    client = connect(BusSettings(url=url, group="screening"), RestartGuard().on_connect)
    yield client
    await client.aclose()


def read(client: redis.Redis, *events: bytes, count: int = 100) -> list[Delivery]:
    """Puts the events and reads them as the holder of the partition."""
    put(client, *events)
    with contextlib.suppress(redis.ResponseError):
        client.xgroup_create("{p0}:orders", "screening", "0")
    client.set(keys.epoch_key(0, "screening"), TOKEN)
    ((_, entries),) = client.xreadgroup("screening", "me", {"{p0}:orders": ">"}, count=count)
    return [Delivery("orders", 0, entry_id.decode(), fields[b"event"]) for entry_id, fields in entries]


async def do(client: Client | Line, deliveries: list[Delivery], effects: list[Effects], token: str = TOKEN) -> Committed:
    return await commit(client, "screening", token, 0, "orders", deliveries, effects)


async def test_everything_of_a_message_takes_effect_and_it_is_acknowledged(client: redis.Redis, bus_client: Client) -> None:
    deliveries = read(client, b"one", b"two")
    effects = [
        Effects(
            outputs=[("screenings", b"out"), ("alerts", b"alert")],
            writes=[
                Write("SET", "name", (b"\x00\xff",)),
                Write("HSET", "hash", ("field", "value", "number", 1)),
                Write("SADD", "set", ("a", "b")),
                Write("ZADD", "ranking", (1.5, "first")),
                Write("PEXPIRE", "name", (60_000,)),
            ],
            timers=[Timer("deadline", 1_700_000_000_123)],
        ),
        Effects(
            writes=[
                Write("HDEL", "hash", ("field",)),
                Write("SREM", "set", ("a",)),
                Write("ZREM", "ranking", ("first",)),
                Write("DEL", "gone"),
            ],
            timers=[Timer("deadline", None)],
        ),
    ]
    assert await do(bus_client, deliveries[:1], effects[:1]) == Committed(1, 0, None)
    assert client.get("{p0}:screening:name") == b"\x00\xff"
    assert 0 < client.pttl("{p0}:screening:name") <= 60_000
    assert client.hgetall("{p0}:screening:hash") == {b"field": b"value", b"number": b"1"}
    assert client.zscore(keys.timers_key(0, "screening"), "deadline") == 1_700_000_000_123
    assert await do(bus_client, deliveries[1:], effects[1:]) == Committed(1, 0, None)
    assert client.hgetall("{p0}:screening:hash") == {b"number": b"1"}
    assert client.smembers("{p0}:screening:set") == {b"b"}
    assert client.zcard(keys.timers_key(0, "screening")) == 0
    assert events_of(client, "screenings") == [b"out"]
    assert events_of(client, "alerts") == [b"alert"]
    assert pending(client) == 0


async def test_committed_again_it_has_no_effect(client: redis.Redis, bus_client: Client) -> None:
    deliveries = read(client, b"one", b"two", b"three")
    effects = [
        Effects(outputs=[("screenings", delivery.event)], writes=[Write("SET", "last", (delivery.event,))]) for delivery in deliveries
    ]
    await do(bus_client, deliveries[:2], effects[:2])
    assert await do(bus_client, deliveries, effects) == Committed(3, 2, None)
    assert events_of(client, "screenings") == [b"one", b"two", b"three"]
    assert await do(bus_client, deliveries, effects) == Committed(3, 3, None)
    assert events_of(client, "screenings") == [b"one", b"two", b"three"]


async def test_a_stale_holder_writes_nothing(client: redis.Redis, bus_client: Client) -> None:
    deliveries = read(client, b"one")
    client.set(keys.epoch_key(0, "screening"), "2 somebody else")
    with pytest.raises(Fenced):
        await do(bus_client, deliveries, [Effects(outputs=[("screenings", b"late")], writes=[Write("SET", "state", ("late",))])])
    assert events_of(client, "screenings") == []
    assert client.get("{p0}:screening:state") is None
    assert pending(client) == 1


async def test_what_is_older_and_pending_goes_first(client: redis.Redis, bus_client: Client) -> None:
    older = read(client, b"older")
    newer = read(client, b"newer")
    with pytest.raises(Behind):
        await do(bus_client, newer, [Effects(outputs=[("screenings", b"newer")])])
    assert events_of(client, "screenings") == []
    await do(bus_client, older, [Effects()])
    assert await do(bus_client, newer, [Effects()]) == Committed(1, 0, None)


async def test_refused_at_maxmemory_the_input_stays_pending_and_nothing_is_done(client: redis.Redis, bus_client: Client) -> None:
    deliveries = read(client, b"no output", b"one", b"two")
    client.config_set("maxmemory", client.info("memory")["used_memory"] // 2)
    effects = [
        Effects(),
        *(Effects(outputs=[("screenings", delivery.event)], writes=[Write("SET", "s", ("1",))]) for delivery in deliveries[1:]),
    ]
    with pytest.raises(BusUnavailable, match="OOM"):
        await do(bus_client, deliveries, effects)
    assert (pending(client), events_of(client, "screenings"), client.exists("{p0}:screening:s")) == (3, [], 0)
    client.config_set("maxmemory", 0)
    assert await do(bus_client, deliveries, effects) == Committed(3, 0, None)
    assert (pending(client), events_of(client, "screenings")) == (0, [b"one", b"two"])


@pytest.mark.parametrize(
    "hindrance",
    [
        ("SET", "{p0}:alerts", "a string, not a stream"),
        ("SET", "{p0}:screening:set", "a string, not a set"),
        ("SET", keys.timers_key(0, "screening"), "a string, not a sorted set"),
    ],
    ids=lambda hindrance: hindrance[1],
)
async def test_a_wrong_type_half_way_leaves_nothing_half_done(
    client: redis.Redis, bus_client: Client, hindrance: tuple[str, str, str]
) -> None:
    deliveries = read(client, b"one", b"two", b"three")
    client.execute_command(*hindrance)
    awkward = Effects(
        outputs=[("screenings", b"two"), ("alerts", b"two")],
        writes=[Write("SET", "first", ("1",)), Write("SADD", "set", ("member",))],
        timers=[Timer("deadline", 1)],
    )
    committed = await do(
        bus_client, deliveries, [Effects(outputs=[("screenings", b"one")]), awkward, Effects(outputs=[("screenings", b"three")])]
    )
    assert committed.finished == 1
    assert committed.problem is not None
    assert committed.problem.startswith("WRONGTYPE")
    assert events_of(client, "screenings") == [b"one"]
    assert client.get("{p0}:screening:first") is None
    assert pending(client) == 2


async def test_within_one_message_a_key_may_change_its_type(client: redis.Redis, bus_client: Client) -> None:
    deliveries = read(client, b"one")
    client.set("{p0}:screening:key", "a string")
    writes = [Write("DEL", "key"), Write("HSET", "key", ("field", "value"))]
    assert await do(bus_client, deliveries, [Effects(writes=writes)]) == Committed(1, 0, None)
    deliveries = read(client, b"two")
    committed = await do(bus_client, deliveries, [Effects(writes=[Write("SADD", "key", ("x",)), Write("DEL", "key")])])
    assert (committed.finished, client.type("{p0}:screening:key")) == (0, b"hash")


async def test_an_access_rule_half_way_takes_back_what_was_appended(client: redis.Redis, url: str) -> None:
    deliveries = read(client, b"one")
    rules = ["on", ">secret", "+@all", "~{p0}:orders", "~{p0}:screenings", "~{p0}:alerts", "~{p0}:bus:*", "~{p0}:screening:allowed"]
    client.acl_setuser("half", enabled=True, reset=True)
    client.execute_command("ACL", "SETUSER", "half", *rules)
    limited = connect(
        BusSettings(url=url.replace("://", "://half:secret@"), group="screening"),
        RestartGuard().on_connect,
    )
    try:
        committed = await do(limited, deliveries, [Effects(outputs=[("screenings", b"one")], writes=[Write("SET", "forbidden", ("x",))])])
    finally:
        await limited.aclose()
        client.acl_deluser("half")
    assert committed.finished == 0
    assert committed.problem is not None
    assert events_of(client, "screenings") == []
    assert pending(client) == 1


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        (Effects(writes=[Write("HSET", "h", ("field without value",))]), "HSET on h"),
        (Effects(writes=[Write("ZADD", "z", ("high", "member"))]), "ZADD on z"),
        (Effects(writes=[Write("ZADD", "z", (float("nan"), "member"))]), "ZADD on z"),
        (Effects(writes=[Write("SET", "s", (None,))]), "SET on s"),  # type: ignore[arg-type]
        (Effects(writes=[Write("PEXPIRE", "s", (0,))]), "PEXPIRE on s"),
        (Effects(writes=[Write("FLUSHALL", "s")]), "FLUSHALL on s"),  # type: ignore[arg-type]
        (Effects(outputs=[("screenings", "text")]), "must be the event's bytes"),  # type: ignore[list-item]
    ],
)
async def test_what_cannot_be_written_is_named_and_stops_the_batch_there(
    client: redis.Redis, bus_client: Client, effects: Effects, said: str
) -> None:
    deliveries = read(client, b"one", b"two", b"three")
    committed = await do(bus_client, deliveries, [Effects(outputs=[("screenings", b"one")]), effects, Effects()])
    assert committed.finished == 1
    assert said in str(committed.problem)
    assert pending(client) == 2


async def test_a_write_of_many_members_goes_through(client: redis.Redis, bus_client: Client) -> None:
    deliveries = read(client, b"one")
    members = tuple(str(number) for number in range(30_000))
    await do(bus_client, deliveries, [Effects(writes=[Write("SADD", "many", members)])])
    assert client.scard("{p0}:screening:many") == 30_000


async def test_of_a_batch_in_several_pieces_nothing_is_done_behind_the_one_that_fails(client: redis.Redis, bus_client: Client) -> None:
    line = Line(bus_client)
    client.set("{p0}:screening:text", "no set")
    events = [b"%d" % number for number in range(100)]
    deliveries = read(client, *events)
    effects = [Effects(outputs=[("screenings", event)]) for event in events]
    effects[40] = Effects(outputs=[("screenings", b"40")], writes=[Write("SADD", "text", ("x",))])
    committed = await do(line, deliveries, effects)
    assert (committed.finished, committed.gone) == (40, 0)
    assert str(committed.problem).startswith("WRONGTYPE")
    assert events_of(client, "screenings") == events[:40]
    effects[40] = Effects(writes=[Write("SADD", "text", ())])
    assert "SADD on text" in str((await do(line, deliveries[32:], effects[32:])).problem)
    effects[40] = Effects(outputs=[("screenings", b"40")])
    assert await do(line, deliveries[35:], effects[35:]) == Committed(65, 5, None)
    assert events_of(client, "screenings") == events
    assert pending(client) == 0
    await line.close()


async def test_of_a_batch_in_several_pieces_what_is_older_stops_only_what_is_behind_it(client: redis.Redis, bus_client: Client) -> None:
    line = Line(bus_client)
    deliveries = read(client, *(b"%d" % number for number in range(100)))
    without = deliveries[:50] + deliveries[51:]
    effects = [Effects(outputs=[("screenings", delivery.event)]) for delivery in without]
    committed = await do(line, without, effects)
    # The piece that steps over number 50 commits it all; the ones behind find themselves behind number 50.
    assert committed == Committed(64, 0, None)
    with pytest.raises(Behind):
        await do(line, without[64:], effects[64:])
    await line.close()


async def test_a_line_survives_a_server_that_forgets_its_scripts(client: redis.Redis, bus_client: Client) -> None:
    line = Line(bus_client)
    deliveries = read(client, *(b"%d" % number for number in range(80)))
    client.script_flush()
    assert await do(line, deliveries[:70], [Effects()] * 70) == Committed(70, 0, None)
    assert await do(line, deliveries[70:], [Effects()] * 10) == Committed(10, 0, None)
    await line.close()


async def test_the_server_may_forget_its_scripts(client: redis.Redis, bus_client: Client) -> None:
    deliveries = read(client, b"one", b"two")
    await do(bus_client, deliveries[:1], [Effects()])
    client.script_flush()
    assert await do(bus_client, deliveries[1:], [Effects()]) == Committed(1, 0, None)
