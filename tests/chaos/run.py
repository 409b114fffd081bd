"""Thousands of orders while service processes and Redis are killed with -9; afterwards the books must balance.

Claims that are checked: every accepted snapshot has exactly one closing assessment (final or superseded) per (order, revision, round) on
the stream; the newest revision of every order has a final; no screening has two price risks or two supply risks, and the last one of every
order has one of each; every price that was taken in meanwhile stands in its series once; of every item that a plant reported stock of the
last report stands, and advice on it; nothing is pending; every refused document lies in the dead letters; the hash chains verify; every
final reached the webhook receiver under one stable id.
"""

import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import httpx
import redis

from tests.chaos.workload import Post, histories
from tests.support.ports import free_port
from tests.support.prices import QUOTED, ndjson, price_history
from tests.support.receiver import WebhookReceiver
from tests.support.redis_process import RedisProcess
from tests.support.stock import stock_report
from tests.support.system import SERVICES, ServiceProcess
from tests.support.waiting import wait_until

SECRET = "whsec_" + "b3Jlc3RyZWFtIGNoYW9zIHJ1biBzZWNyZXQgMDEyMzQ1"
GROUPS = {
    "orders": ("screening", "pricing-risk", "stockpile-advisor", "ledger"),
    "screenings": ("pricing-risk", "stockpile-advisor", "ledger"),
    "prices": ("pricing-risk",),
    "stock": ("stockpile-advisor",),
    "price-risks": ("ledger",),
    "supply-risks": ("ledger",),
    "assessments": ("notification", "gateway"),
    "reference-changes": ("ledger",),
}


STOCKED = [f"CH-{number:04}" for number in range(10)]


@dataclass
class Verdict:
    orders: int
    accepted_snapshots: int = 0
    refused: int = 0
    finals: int = 0
    superseded: int = 0
    delivered: int = 0
    price_risks: int = 0
    supply_risks: int = 0
    prices: int = 0
    stock_reports: int = 0
    service_kills: int = 0
    redis_kills: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        figures = (
            f"{self.orders} orders, {self.accepted_snapshots} accepted snapshots, {self.refused} refused; {self.service_kills} service "
            f"kills, {self.redis_kills} Redis kills, {self.seconds:.0f} s\n"
            f"{self.finals} final and {self.superseded} superseded assessments, {self.price_risks} price risks, {self.supply_risks} supply "
            f"risks, {self.prices} prices, {self.stock_reports} stock reports, {self.delivered} distinct webhooks"
        )
        if self.problems:
            return figures + "\n" + "\n".join(f"PROBLEM: {problem}" for problem in self.problems[:20])
        return (
            figures
            + "\nexactly one closing assessment per (order, revision, round), one price risk and one supply risk per screening that "
            + "stands; every price stands in its series, every item's last stock report beside its advice; pending 0; dead letters explain "
            + "every refusal; chains verify"
        )


def run(
    orders: int, directory: Path, *, seed: int = 7, partitions: int = 4, service_kill_seconds: float = 1, redis_kill_seconds: float = 10
) -> Verdict:
    """Raises nothing for a broken claim: the verdict lists it."""
    verdict = Verdict(orders)
    started = time.monotonic()
    server = RedisProcess(directory, free_port())
    server.start()
    receiver = WebhookReceiver(SECRET)
    endpoints = directory / "endpoints.yaml"
    endpoints.write_text(
        json.dumps(
            {"endpoints": [{"id": "chaos", "url": receiver.url, "secrets": [{"environment": "CHAOS_WEBHOOK_SECRET"}], "allow_http": True}]}
        )
    )
    environment = {
        "ORESTREAM_REDIS_URL": server.url,
        "DATABASE_URL": f"sqlite:///{directory / 'ledger.sqlite'}",
        "ORESTREAM_PARTITIONS": str(partitions),
        "ORESTREAM_ENDPOINTS_FILE": str(endpoints),
        "ORESTREAM_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "ORESTREAM_LOG_LEVEL": "WARNING",
        "CHAOS_WEBHOOK_SECRET": SECRET,
    }
    key = json.loads(_orestream(environment, "keys", "create", "chaos", "--scope", "admin", "--json"))["key"]
    processes = [ServiceProcess(name, environment, directory) for name in SERVICES]
    of = {process.name: process for process in processes}
    try:
        for process in processes:
            process.start()
        for process in processes:
            process.wait_ready()
        load = _Load(of["gateway"].url, key, list(histories(orders, seed)))
        feed = _Feed(of["gateway"].url, key, load)
        load.start()
        feed.start()
        _kill_while(load, processes, server, verdict, random.Random(seed), service_kill_seconds, redis_kill_seconds)
        for process in processes:
            process.revive()
        for process in processes:
            process.wait_ready(120)
        verdict.accepted_snapshots, verdict.refused = len(load.accepted), load.refused
        feed.join()
        verdict.problems += load.problems + feed.problems
        verdict.prices, verdict.stock_reports = feed.taken * len(QUOTED), feed.taken
        client = redis.Redis.from_url(server.url)
        _drain(client, partitions, load, receiver, verdict)
        _judge(client, partitions, load, receiver, environment, verdict)
        verdict.price_risks = _judge_results(client, partitions, "price-risks", verdict)
        verdict.supply_risks = _judge_results(client, partitions, "supply-risks", verdict)
        _judge_prices(client, partitions, feed, verdict)
        _judge_stock(client, partitions, feed, verdict)
        client.close()
    finally:
        for process in processes:
            process.stop()
        receiver.close()
        server.stop()
    verdict.seconds = time.monotonic() - started
    return verdict


def _orestream(environment: dict[str, str], *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments], env={**os.environ, **environment}, capture_output=True, text=True, timeout=120
    )
    if result.returncode:
        raise AssertionError(
            f"orestream {' '.join(arguments)} ended with {result.returncode}: {result.stderr[-2000:]}{result.stdout[-2000:]}"
        )
    return result.stdout


class _Load:
    """Sends the orders' documents, a batch of orders at a time, one revision after the other, until the gateway has answered for each."""

    BATCH = 20

    def __init__(self, url: str, key: str, todo: list[list[Post]], workers: int = 4) -> None:
        self.accepted: set[tuple[str, int]] = set()
        self.refused = 0
        self.problems: list[str] = []
        self.total = len(todo)
        self.answered = 0
        self._url, self._headers = f"{url}/v1/orders", {"authorization": f"Bearer {key}", "content-type": "application/x-ndjson"}
        self._queue: queue.SimpleQueue[list[list[Post]]] = queue.SimpleQueue()
        for at in range(0, len(todo), self.BATCH):
            self._queue.put(todo[at : at + self.BATCH])
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        with httpx.Client(timeout=20) as client:
            while True:
                try:
                    batch = self._queue.get_nowait()
                except queue.Empty:
                    return
                for posts in zip_longest(*batch):
                    self._send(client, [post for post in posts if post is not None])
                with self._lock:
                    self.answered += len(batch)

    def _send(self, client: httpx.Client, posts: list[Post]) -> None:
        body = b"\n".join(post.body for post in posts)
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            try:
                response = client.post(self._url, content=body, headers=self._headers)
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            if response.status_code == 429 or response.status_code >= 500:
                time.sleep(0.1)
                continue
            with self._lock:
                self._note(posts, response)
            return
        with self._lock:
            self.problems.append(f"no answer for {[post.order_id for post in posts]} in 300 s")

    def _note(self, posts: list[Post], response: httpx.Response) -> None:
        receipts = response.json().get("orders", [])
        if len(receipts) != len(posts):
            self.problems.append(f"{len(posts)} documents were answered with {response.status_code} {response.text[:300]}")
            return
        for post, receipt in zip(posts, receipts, strict=True):
            if post.order_id is None:
                self.refused += receipt["outcome"] == "rejected"
            if (receipt["outcome"] == "rejected") != (post.order_id is None) or receipt["outcome"] in ("older", "conflict"):
                self.problems.append(f"{post.order_id}: {receipt}")
            elif post.order_id is not None:
                self.accepted.add((post.order_id, receipt["received_seq"]))


class _Feed(threading.Thread):
    """Sends a day's prices after the other and a stock report with each, until the gateway has answered, as long as orders are sent."""

    def __init__(self, url: str, key: str, load: _Load) -> None:
        super().__init__(daemon=True)
        self.url, self.headers = url, {"authorization": f"Bearer {key}"}
        self.problems: list[str] = []
        self.taken = 0
        """Days of which every price was taken in, and the stock report that goes with them."""
        self.on_hand: dict[str, str] = {}
        """By item: what was reported last."""
        self._load = load
        self._began = datetime.now(UTC) - timedelta(hours=1)
        histories = [price_history(material, datetime.now(UTC).date(), 1_000) for material in QUOTED]
        self._days = list(zip(*histories, strict=True))

    def run(self) -> None:
        with httpx.Client(base_url=self.url, headers={**self.headers, "content-type": "application/x-ndjson"}, timeout=20) as client:
            for ticks in self._days:
                if self._load.done:
                    return
                item, on_hand = STOCKED[self.taken % len(STOCKED)], str(100 + self.taken)
                report = stock_report("1000", item, self._began + timedelta(seconds=self.taken), on_hand, 60.0)
                for path, body in (("/v1/prices", ndjson(ticks)), ("/v1/stock", json.dumps(report).encode())):
                    while not self._taken(client, path, body):
                        time.sleep(0.1)
                self.on_hand[item] = on_hand
                self.taken += 1

    def _taken(self, client: httpx.Client, path: str, body: bytes) -> bool:
        try:
            response = client.post(path, content=body)
        except httpx.HTTPError:
            return False
        if response.status_code == 200:
            return True
        if response.status_code != 429 and response.status_code < 500:
            self.problems.append(f"{path} was answered with {response.status_code} {response.text[:300]}")
            return True
        return False


def _kill_while(
    load: _Load,
    processes: list[ServiceProcess],
    server: RedisProcess,
    verdict: Verdict,
    draw: random.Random,
    service_seconds: float,
    redis_seconds: float,
) -> None:
    next_service = time.monotonic() + service_seconds
    next_redis = time.monotonic() + redis_seconds
    next_word = time.monotonic() + 5
    while not load.done:
        time.sleep(0.02)
        now = time.monotonic()
        for process in processes:
            process.revive()
        if now >= next_service:
            draw.choice(processes).kill()
            verdict.service_kills += 1
            next_service = now + service_seconds
        if now >= next_redis:
            server.kill()
            server.start()
            verdict.redis_kills += 1
            next_redis = now + redis_seconds
        if now >= next_word:
            print(
                f"  {load.answered}/{load.total} orders sent, {verdict.service_kills}+{verdict.redis_kills} kills",
                file=sys.stderr,
                flush=True,
            )
            next_word = now + 5


def _drain(client: redis.Redis, partitions: int, load: _Load, receiver: WebhookReceiver, verdict: Verdict) -> None:
    def drained() -> bool:
        if any(
            _unfinished(client, partition, stream, group)
            for partition in range(partitions)
            for stream in GROUPS
            for group in GROUPS[stream]
        ):
            return False
        kinds = Counter(assessment["kind"] for assessment in _assessments(client, partitions))
        return kinds["final"] + kinds["superseded"] >= len(load.accepted) and len(receiver.received) >= kinds["final"]

    try:
        wait_until(drained, "all streams are worked off and every final is delivered", seconds=180)
    except AssertionError as error:
        verdict.problems.append(str(error))


def _unfinished(client: redis.Redis, partition: int, stream: str, group: str) -> bool:
    key = f"{{p{partition}}}:{stream}"
    try:
        groups = {entry["name"].decode(): entry for entry in client.xinfo_groups(key)}
    except redis.ResponseError:
        return False
    if group not in groups:
        return bool(client.xlen(key))
    last = client.xinfo_stream(key)["last-generated-id"]
    return bool(groups[group]["pending"]) or groups[group]["last-delivered-id"] != last


def _assessments(client: redis.Redis, partitions: int) -> list[dict[str, object]]:
    return [event["data"] for event in _events(client, partitions, "assessments")]


def _events(client: redis.Redis, partitions: int, stream: str) -> list[dict[str, Any]]:
    entries = (entry for partition in range(partitions) for entry in client.xrange(f"{{p{partition}}}:{stream}"))
    return [json.loads(fields[b"event"]) for _, fields in entries]


def _judge_results(client: redis.Redis, partitions: int, stream: str, verdict: Verdict) -> int:
    """What a newer state of the order has overtaken need not be answered; the last screening of every order is. Returns how many are."""
    last: dict[str, tuple[int, int, str]] = {}
    for event in _events(client, partitions, "screenings"):
        screening = (event["data"]["revision"], event["data"]["round"], event["id"])
        last[event["subject"]] = max(screening, last.get(event["subject"], screening))
    answered = Counter(event["data"]["screening_event_id"] for event in _events(client, partitions, stream))
    verdict.problems += [f"screening {one} has {count} {stream}" for one, count in answered.items() if count != 1]
    verdict.problems += [f"{key} has no {stream} on its last screening {one}" for key, (*_, one) in last.items() if not answered[one]]
    return answered.total()


def _judge_stock(client: redis.Redis, partitions: int, feed: _Feed, verdict: Verdict) -> None:
    kept = [
        {place.decode(): json.loads(value) for p in range(partitions) for place, value in client.hgetall(_state(p, table)).items()}
        for table in ("reports", "advice")
    ]
    for item, on_hand in feed.on_hand.items():
        said = [each.get(f"1000/{item}", {}) for each in kept]
        if said[0].get("on_hand") != on_hand or "decision" not in said[1]:
            verdict.problems.append(f"{on_hand} of {item} was reported last; what stands is {said[0]} and the advice {said[1]}")


def _state(partition: int, table: str) -> str:
    return f"{{p{partition}}}:stockpile-advisor:{table}"


def _judge_prices(client: redis.Redis, partitions: int, feed: _Feed, verdict: Verdict) -> None:
    for material in QUOTED:
        views = [
            json.loads(view)
            for partition in range(partitions)
            for view in client.hvals(f"{{p{partition}}}:pricing-risk:views")
            if json.loads(view)["material"] == material
        ]
        ticks = [view["ticks"] for view in views]
        if ticks != [feed.taken]:
            verdict.problems.append(f"{feed.taken} prices of {material} were taken in, its series say {ticks}")


def _judge(
    client: redis.Redis, partitions: int, load: _Load, receiver: WebhookReceiver, environment: dict[str, str], verdict: Verdict
) -> None:
    closing: Counter[tuple[str, int, int]] = Counter()
    finals: set[tuple[str, int]] = set()
    for assessment in _assessments(client, partitions):
        order_id, revision = assessment["order_key"]["order_id"], assessment["revision"]  # type: ignore[index]
        if assessment["kind"] == "partial":
            continue
        closing[order_id, revision, assessment["round"]] += 1  # type: ignore[index]
        if assessment["kind"] == "final":
            verdict.finals += 1
            finals.add((order_id, revision))  # type: ignore[arg-type]
        else:
            verdict.superseded += 1
    verdict.problems += [f"{key} was closed {count} times" for key, count in closing.items() if count != 1]
    closed = {(order_id, revision) for order_id, revision, _ in closing}
    verdict.problems += [f"{key} was accepted and never closed" for key in sorted(load.accepted - closed)]
    verdict.problems += [f"{key} was closed and never accepted" for key in sorted(closed - load.accepted)]
    newest: dict[str, int] = {}
    for order_id, revision in load.accepted:
        newest[order_id] = max(revision, newest.get(order_id, 0))
    verdict.problems += [f"the newest revision of {key} has no final" for key in sorted(newest.items() - finals)]
    dead = [json.loads(fields[b"event"])["data"] for p in range(partitions) for _, fields in client.xrange(f"{{p{p}}}:dead-letters")]
    intake = {letter["original_sha256"] for letter in dead if letter["stage"] == "intake"}
    if len(intake) != load.refused:
        verdict.problems.append(f"{load.refused} documents were refused, {len(intake)} lie in the dead letters")
    verdict.problems += [f"dead letter on {letter['stream']}: {letter['error']}" for letter in dead if letter["stage"] == "stream"]
    verdict.delivered = len(receiver.received)
    if verdict.delivered != verdict.finals or receiver.refused:
        verdict.problems.append(f"{verdict.finals} finals, {verdict.delivered} distinct webhooks, {len(receiver.refused)} bad signatures")
    try:
        report = json.loads(_orestream(environment, "ledger", "verify", "--json"))
        if not report["verified"]:
            verdict.problems.append(f"the chain does not verify: {report}")
    except AssertionError as error:
        verdict.problems.append(str(error))
