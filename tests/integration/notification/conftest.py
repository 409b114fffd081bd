"""The whole service on a real Redis, with endpoints that real receivers answer and a clock that the test moves."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from services.notification.app import compose
from services.notification.endpoints import load_endpoints
from services.notification.settings import Settings
from shared.access import ApiKeys
from shared.bus import Bus, BusSettings
from shared.bus.keys import state_key, stream_key
from shared.contracts.alert import Alert, AlertEvent
from shared.contracts.assessment import Assessment, AssessmentEvent, Disposition
from shared.contracts.canonical import derive_id
from shared.contracts.order import OrderKey
from shared.observability import application
from shared.service import Service
from tests.integration.notification.receiver import Receiver
from tests.support.waiting import wait_until_async

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class PassedClock:
    """Begins now, so that signatures verify; moves on its own as well, and further when a test says so."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def milliseconds(self) -> int:
        return int(self().timestamp() * 1000)


@dataclass
class Running:
    """`partitions` and one receiver per endpoint id; `write` puts an event on its stream as the ledger would."""

    url: str
    directory: Path
    partitions: int = 1
    clock: PassedClock = field(default_factory=PassedClock)
    retention: timedelta = timedelta(days=7)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = redis.Redis.from_url(self.url)
        self.stack = AsyncExitStack()

    def endpoint(self, endpoint_id: str, receiver: Receiver, **settings: Any) -> None:
        entry = {"id": endpoint_id, "url": receiver.url, "allow_http": True, "secrets": [{"environment": "SECRET"}], **settings}
        self.entries.append(entry)

    async def start(self, concurrency: int = 100) -> Service:
        path = self.directory / "endpoints.yaml"
        path.write_text(json.dumps({"endpoints": self.entries}))
        settings = Settings(
            allowed_networks=Settings.from_environment({"ORESTREAM_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"}).allowed_networks,
            concurrency=concurrency,
            retention=self.retention,
        )
        bus = Bus(BusSettings(url=self.url, group="notification", partitions=self.partitions), clock_ms=self.clock.milliseconds)
        service = compose(load_endpoints(path, {"SECRET": SECRET}), settings, bus, self.clock)
        await service.start()
        self.stack.push_async_callback(service.stop)
        secret, _ = await ApiKeys(bus.table(ApiKeys.TABLE)).create("test", ["admin"], now=self.clock())
        transport = httpx.ASGITransport(application([service]))
        self.http = await self.stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://orestream", headers={"authorization": f"Bearer {secret}"})
        )
        return service

    def write(self, event: AssessmentEvent | AlertEvent) -> bytes:
        body = event.encode()
        stream = "assessments" if event.type.startswith("orestream.assessment.") else "alerts"
        partition = Bus(BusSettings(url=self.url, group="notification", partitions=self.partitions)).partition_of(event.subject)
        self.client.xadd(stream_key(partition, stream), {"event": body})
        return body

    async def deliveries(self, **filters: Any) -> list[dict[str, Any]]:
        """Every page of the log."""
        found: list[dict[str, Any]] = []
        after = None
        while True:
            answer = await self.http.get("/v1/deliveries", params={**filters, **({"after": after} if after else {})})
            assert answer.status_code == 200, answer.text
            found += answer.json()["deliveries"]
            after = answer.json()["next"]
            if after is None:
                return found

    async def wait_for(self, count: int, what: str = "deliveries", *, seconds: float = 10, **filters: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        async def enough() -> bool:
            found[:] = await self.deliveries(**filters)
            return len(found) >= count

        await wait_until_async(enough, f"{count} {what}: {filters}", seconds=seconds)
        return found

    def alerts(self) -> list[dict[str, Any]]:
        """The alerts on the stream, over all partitions."""
        return [
            json.loads(fields[b"event"])
            for partition in range(self.partitions)
            for _, fields in self.client.xrange(stream_key(partition, "alerts"))
        ]

    def key(self, name: str, partition: int = 0) -> str:
        return state_key(partition, "notification", name)


@pytest.fixture
async def running(redis_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    one = Running(redis_url, tmp_path)
    yield one
    await one.stack.aclose()
    one.client.close()


@pytest.fixture
def receiver() -> Iterator[Callable[..., Receiver]]:
    receivers: list[Receiver] = []

    def make(*arguments: Any) -> Receiver:
        receivers.append(Receiver(*arguments))
        return receivers[-1]

    yield make
    for one in receivers:
        one.close()


def assessment(number: int, now: datetime, verb: str = "completed") -> AssessmentEvent:
    key = OrderKey(system="sap", company="1000", order_id=f"45{number:06}")
    event_id = derive_id("assessment", str(key), verb)
    return AssessmentEvent(
        id=event_id,
        source="orestream/ledger",
        type=f"orestream.assessment.{verb}.v1",
        subject=str(key),
        time=now,
        traceparent=f"00-{derive_id('t', event_id)}-{derive_id('s', event_id)[:16]}-01",
        data=Assessment(
            decision_id=event_id,
            order_key=key,
            revision=1,
            round=1,
            kind={"completed": "final", "partially_completed": "partial", "superseded": "superseded"}[verb],
            disposition=Disposition.HOLD,
            ordered_at=now,
        ),
    )


def alert(now: datetime) -> AlertEvent:
    content = Alert(alert_key="k", kind="stale_feed", severity="warning", state="firing", since=now, summary="s", cause="c")
    return AlertEvent(id="a1", source="orestream/screening", type="orestream.alert.raised.v1", subject="k", time=now, data=content)
