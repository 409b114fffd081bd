"""The same bus on a Redis Cluster of three masters."""

import time
from collections.abc import Iterator

import pytest
import redis
from redis.cluster import RedisCluster

from shared.bus import Bus, BusSettings, dead_letters
from shared.bus.embedded import Server
from shared.bus.types import Append, DueTimer, Effects, Timer
from tests.integration.bus.conftest import until
from tests.support.ports import free_port
from tests.support.redis_process import RedisProcess
from tests.support.servers import name_of, servers
from tests.support.waiting import wait_until

PARTITIONS = 4
SLOTS = 16_384


@pytest.fixture(scope="module", params=servers(), ids=name_of)
def nodes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RedisProcess]]:
    server: Server = request.param
    started: list[RedisProcess] = []
    clients: list[redis.Redis] = []
    for number in range(3):
        directory = tmp_path_factory.mktemp(f"node{number}-")
        options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no")
        node = RedisProcess(directory, port_with_bus(), options=options, server=server)
        node.start()
        started.append(node)
        clients.append(redis.Redis.from_url(node.url))
    ports = [client.connection_pool.connection_kwargs["port"] for client in clients]
    for number, client in enumerate(clients):
        client.execute_command("CLUSTER ADDSLOTS", *range(number * SLOTS // 3, (number + 1) * SLOTS // 3))
        client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
    for port in ports[1:]:
        clients[0].execute_command("CLUSTER MEET", "127.0.0.1", port)
    try:
        wait_until(lambda: all(client.cluster("info")["cluster_state"] == "ok" for client in clients), "the cluster stands", seconds=20)
        wait_until(lambda: all(len(client.cluster("nodes")) == 3 for client in clients), "they know each other", seconds=20)
        yield started
    finally:
        for node in started:
            node.stop()


def port_with_bus() -> int:
    """A cluster node listens 10,000 above its port, too."""
    while (port := free_port()) > 55_000:
        pass
    return port


@pytest.fixture
def cluster(nodes: list[RedisProcess]) -> Iterator[RedisCluster]:
    client = RedisCluster.from_url(nodes[0].url)
    for node in nodes:
        redis.Redis.from_url(node.url).flushall()
    yield client
    client.close()


def bus_on(nodes: list[RedisProcess], group: str) -> Bus:
    return Bus(BusSettings(url=nodes[0].url, group=group, partitions=PARTITIONS, cluster=True, lease_seconds=1))


def events_of(client: RedisCluster, stream: str) -> dict[int, list[bytes]]:
    return {partition: [fields[b"event"] for _, fields in client.xrange(f"{{p{partition}}}:{stream}")] for partition in range(PARTITIONS)}


async def test_orders_flow_with_state_timers_dead_letters_and_references(nodes: list[RedisProcess], cluster: RedisCluster) -> None:
    slots = {cluster.keyslot(f"{{p{partition}}}:orders") * 3 // SLOTS for partition in range(PARTITIONS)}
    assert len(slots) > 1, "the partitions lie on several masters"

    async def handle(deliveries, state):
        results: list[Effects | Exception] = []
        for delivery in deliveries:
            if delivery.event == b"poison":
                results.append(RuntimeError("poison"))
            else:
                timers = [Timer(delivery.event.decode(), int(time.time() * 1000))]
                results.append(
                    Effects(outputs=[("screenings", delivery.event), ("alerts", state.references["regulations"].encode())], timers=timers)
                )
        return results

    fired: list[DueTimer] = []

    async def on_timer(timers, state):
        fired.extend(timers)
        return [Effects() for _ in timers]

    gateway, screening = bus_on(nodes, "gateway"), bus_on(nodes, "screening")
    screening.on("orders", handle)
    screening.on_timer(on_timer)
    await gateway.start()
    await gateway.announce_reference("regulations", "v1", b"v1")
    await screening.start()
    names = [f"SAP/1000/{number}" for number in range(60)]
    appends = [Append(name, name, 0, 1, b"record", outputs=(("orders", name.encode()),)) for name in names]
    assert await gateway.append(appends) == [True] * 60
    assert await gateway.append(appends[:3]) == [False] * 3
    await gateway.append([Append("poison", "poison", 0, 1, b"", outputs=(("orders", b"poison"),))])
    await until(lambda: sum(map(len, events_of(cluster, "screenings").values())) == 60, "all took effect")
    await until(lambda: len(fired) == 60, "all timers fired")
    by_partition = {
        partition: [name.encode() for name in names if gateway.partition_of(name) == partition] for partition in range(PARTITIONS)
    }
    assert events_of(cluster, "screenings") == by_partition
    assert {event for events in events_of(cluster, "alerts").values() for event in events} == {b"v1"}
    assert [record.content for record in await gateway.records([(name, name) for name in names]) if record] == [b"record"] * 60
    await until(lambda: sum(map(len, events_of(cluster, "dead-letters").values())) == 1, "the poison is given up")
    (kept,) = await dead_letters.list(screening)
    assert await dead_letters.drop(screening, kept.id)
    (row,) = [row for row in await gateway.status() if row.stream == "orders"]
    assert (row.lag, row.pending, row.length, row.dead_letters) == (0, 0, 61, 0)
    assert (await gateway.pressure()).accepting
    assert (await screening.health()).ready
    table = gateway.table("items")
    await table.put_many({"a": b"1"})
    assert await table.get_many(["a", "b"]) == [b"1", None]
    await screening.stop()
    await gateway.stop()


async def test_it_goes_on_when_a_master_restarts(nodes: list[RedisProcess], cluster: RedisCluster) -> None:
    async def handle(deliveries, state):
        return [Effects(outputs=[("screenings", delivery.event)]) for delivery in deliveries]

    screening = bus_on(nodes, "screening")
    screening.on("orders", handle)
    await screening.start()
    for partition in range(PARTITIONS):
        cluster.xadd(f"{{p{partition}}}:orders", {"event": b"before"})
    await until(lambda: all(events == [b"before"] for events in events_of(cluster, "screenings").values()), "it is at work")
    nodes[1].kill()
    nodes[1].start()
    client = redis.Redis.from_url(nodes[1].url)
    wait_until(lambda: client.cluster("info")["cluster_state"] == "ok", "the master is back", seconds=20)
    for partition in range(PARTITIONS):
        cluster.xadd(f"{{p{partition}}}:orders", {"event": b"after"})
    await until(
        lambda: all(events == [b"before", b"after"] for events in events_of(cluster, "screenings").values()), "it goes on", seconds=15
    )
    await screening.stop()
