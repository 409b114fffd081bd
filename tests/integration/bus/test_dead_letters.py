"""Dead letters are looked at, put back and dropped, as often as one likes."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import redis

from shared.bus import Bus, dead_letters, keys
from shared.bus.types import Append, Delivery, Effects
from shared.contracts.dead_letter import DeadLetter, DeadLetterEvent
from tests.integration.bus.conftest import Seen, events_of, put, running, until

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


class Moody(Seen):
    """Fails on what begins with bad, until it is in a better mood."""

    def __init__(self) -> None:
        super().__init__(do=self.decide)
        self.better = False

    def decide(self, delivery: Delivery) -> Effects:
        if delivery.event.startswith(b"bad") and not self.better:
            raise RuntimeError("bad mood")
        return Effects(outputs=[("screenings", delivery.event)])


@pytest.fixture
def moody() -> Moody:
    return Moody()


@pytest.fixture
async def bus(url: str, client: redis.Redis, moody: Moody) -> AsyncIterator[Bus]:
    """A service that gave up five messages in two partitions."""
    async with running(url, moody.handle, partitions=2, max_deliveries=1) as bus:
        put(client, b"bad 0", b"good", b"bad 1", b"bad 2", partition=0)
        put(client, b"bad 3", b"bad 4", partition=1)
        await until(lambda: len(events_of(client, "dead-letters")) + len(events_of(client, "dead-letters", 1)) == 5, "given up")
        yield bus


async def test_they_are_listed_in_pages(bus: Bus) -> None:
    first = await dead_letters.list(bus, limit=2)
    rest = await dead_letters.list(bus, after=first[-1].id)
    assert [kept.letter.original for kept in [*first, *rest]] == [b"bad 0", b"bad 1", b"bad 2", b"bad 3", b"bad 4"]
    assert await dead_letters.list(bus, after=rest[-1].id) == []
    assert await dead_letters.list(bus, stream="prices") == []
    assert await dead_letters.list(bus, group="ledger") == []
    assert len(await dead_letters.list(bus, stream="orders", group="screening")) == 5


async def test_one_is_shown(bus: Bus) -> None:
    (kept,) = await dead_letters.list(bus, limit=1)
    assert await dead_letters.show(bus, kept.id) == kept
    assert await dead_letters.show(bus, "0/1-1") is None
    with pytest.raises(ValueError, match="looks like 0/1700000000000-0"):
        await dead_letters.show(bus, "nonsense")


async def test_replayed_it_is_handled_again_and_the_letter_is_gone(bus: Bus, client: redis.Redis, moody: Moody) -> None:
    moody.better = True
    kept = (await dead_letters.list(bus))[3]
    assert await dead_letters.replay(bus, kept.id)
    assert not await dead_letters.replay(bus, kept.id), "replayed twice it goes back once"
    await until(lambda: events_of(client, "screenings", 1) == [b"bad 3"], "it takes effect in its partition")
    assert events_of(client, "orders", 1).count(b"bad 3") == 2
    assert await dead_letters.show(bus, kept.id) is None
    (row,) = await bus.status()
    assert row.dead_letters == 4


async def test_dropped_it_is_gone(bus: Bus, client: redis.Redis) -> None:
    for kept in await dead_letters.list(bus):
        assert await dead_letters.drop(bus, kept.id)
        assert not await dead_letters.drop(bus, kept.id)
    (row,) = await bus.status()
    assert row.dead_letters == 0
    assert client.hgetall(keys.dead_letter_counts_key(0)) == {}
    assert events_of(client, "screenings") == [b"good"]


async def test_a_refused_document_is_sent_in_again_by_who_can(bus: Bus) -> None:
    letter = DeadLetterEvent(
        id="a", source="orestream/gateway", type="orestream.event.dead_lettered.v1", subject="orders/gateway", time=NOW,
        data=DeadLetter(
            stage="intake", stream="orders", partition=bus.partition_of("sha"), group="gateway", error_class="Refused", error="no quantity",
            deliveries=0, first_seen=NOW, last_seen=NOW, original_sha256="0" * 64, original=base64.b64encode(b"<Order/>"),
        ),
    )  # fmt: skip
    await bus.append([Append("sha", "rejected:sha", 0, 1, b"", outputs=(("dead-letters", letter.encode()),))])
    (kept,) = await dead_letters.list(bus, group="gateway")
    with pytest.raises(dead_letters.NotReplayable, match="refused at intake"):
        await dead_letters.replay(bus, kept.id)
    sent: list[bytes] = []

    async def resubmit(refused: DeadLetter) -> None:
        sent.append(refused.original)

    assert await dead_letters.replay(bus, kept.id, resubmit)
    assert sent == [b"<Order/>"]
    assert await dead_letters.list(bus, group="gateway") == []


async def test_a_timer_is_armed_again(bus: Bus, client: redis.Redis) -> None:
    letter = DeadLetterEvent(
        id="a", source="orestream/ledger", type="orestream.event.dead_lettered.v1", subject="timers/ledger", time=NOW,
        data=DeadLetter(
            stage="stream", stream="timers", partition=1, entry_id="1700000000000-0", group="ledger", error_class="RuntimeError",
            error="no", deliveries=3, first_seen=NOW, last_seen=NOW, original_sha256="0" * 64,
            original=base64.b64encode(b'{"name":"deadline","due_ms":1700000000000}'),
        ),
    )  # fmt: skip
    client.xadd("{p1}:dead-letters", {"event": letter.encode()})
    (kept,) = await dead_letters.list(bus, stream="timers")
    assert await dead_letters.replay(bus, kept.id)
    assert client.zrange(keys.timers_key(1, "ledger"), 0, -1, withscores=True) == [(b"deadline", 1_700_000_000_000.0)]
