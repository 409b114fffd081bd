"""One attempt over a real connection: what is sent, what counts as what, and where nothing is ever sent."""

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpcore
import pytest
from standardwebhooks import Webhook

from services.notification import sending
from services.notification.connection import Resolve, SystemResolver, connection_pool
from services.notification.domain.addresses import Address
from services.notification.domain.delivery import Attempt, Delivery, Outcome
from services.notification.endpoints import Endpoint, load_endpoints
from services.notification.sending import attempt
from tests.integration.notification.receiver import Answer, Received, Receiver
from tests.support.ports import free_port

OLD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW_SECRET = "whsec_" + "bmV3IHNlY3JldCBvZiB0aGUgcmVjZWl2ZXIgMDEyMw=="
LOOPBACK = ip_network("127.0.0.0/8")
BODY = '{"id":"e1","data":{"note":"Dy₂O₃, 99.5 %"}}'.encode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()


def endpoint(directory: Path, url: str) -> Endpoint:
    entry = {"id": "erp", "url": url, "allow_http": True, "secrets": [{"environment": "NEW"}, {"environment": "OLD"}]}
    (directory / "endpoints.yaml").write_text(json.dumps({"endpoints": [entry]}))
    return load_endpoints(directory / "endpoints.yaml", {"NEW": NEW_SECRET, "OLD": OLD_SECRET})["erp"]


def a_delivery() -> Delivery:
    now = datetime.now(UTC)
    return Delivery(
        webhook_id="msg_1",
        endpoint_id="erp",
        event_id="e1",
        event_type="orestream.assessment.completed.v1",
        event_source="orestream/ledger",
        event_time=now,
        subject="sap/1000/45",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        state_since=now,
    )


@asynccontextmanager
async def pool(
    resolve: Resolve | None = None, *allowed: str, trust: ssl.SSLContext | None = None
) -> AsyncIterator[httpcore.AsyncConnectionPool]:
    resolver = SystemResolver()
    async with connection_pool(resolve or resolver, [ip_network(one) for one in allowed], trust) as connections:
        yield connections
    resolver.close()


async def one_attempt(directory: Path, url: str, resolve: Resolve | None = None, allowed: str = "127.0.0.0/8") -> Attempt:
    async with pool(resolve, allowed) as connections:
        return await attempt(connections, endpoint(directory, url), a_delivery(), BODY, lambda: datetime.now(UTC))


async def test_the_body_arrives_byte_for_byte_and_both_secrets_verify_it(tmp_path: Path, receiver: Receiver) -> None:
    result = await one_attempt(tmp_path, receiver.url)
    assert (result.outcome, result.status, result.number) == (Outcome.DELIVERED, 204, 1)
    (received,) = receiver.received
    assert received.body == BODY
    assert Webhook(OLD_SECRET).verify(received.body, received.headers) == Webhook(NEW_SECRET).verify(received.body, received.headers)
    assert len(received.headers["webhook-signature"].split(" ")) == 2
    assert received.headers["webhook-id"] == "msg_1"
    assert received.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert received.headers["traceparent"] == a_delivery().traceparent
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_a_failure_and_is_not_followed(tmp_path: Path, receiver: Receiver, status: int) -> None:
    receiver.answering = lambda _: Answer(status, {"location": f"http://127.0.0.1:{receiver.port}/elsewhere"})
    assert (await one_attempt(tmp_path, receiver.url)).outcome is Outcome.REDIRECTED
    assert [request.path for request in receiver.received] == ["/hook"]


async def test_retry_after_is_read_of_429_and_503_only(tmp_path: Path, receiver: Receiver) -> None:
    for status, seconds in ((429, 77.0), (503, 77.0), (500, None), (404, None)):
        receiver.answering = lambda _, status=status: Answer(status, {"retry-after": "77"})
        assert (await one_attempt(tmp_path, receiver.url)).retry_after_seconds == seconds


async def test_two_kibibytes_of_the_answer_are_kept_however_much_comes(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answering = lambda _: Answer(500, body=b"x" * 5_000_000)
    assert (await one_attempt(tmp_path, receiver.url)).response == "x" * 2048
    receiver.answering = lambda _: Answer(500, body="ungültig".encode("latin-1"))
    assert (await one_attempt(tmp_path, receiver.url)).response == "ung�ltig"


async def test_silence_times_out_and_says_so(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.2)
    release = threading.Event()

    def wait_for_release(_: Received) -> Answer:
        release.wait(10)
        return Answer()

    receiver.answering = wait_for_release
    result = await one_attempt(tmp_path, receiver.url)
    release.set()
    assert result.outcome is Outcome.TIMED_OUT
    assert result.error == "no complete answer within 0.2 s"


async def test_an_answer_counts_even_if_its_body_never_comes(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.3)
    receiver.answering = lambda _: Answer(200, {"content-length": "100"}, b"half")
    result = await one_attempt(tmp_path, receiver.url)
    assert (result.outcome, result.response) == (Outcome.DELIVERED, "half")


async def test_nobody_listening_and_no_such_name_are_unreachable_with_a_sentence(tmp_path: Path) -> None:
    refused = await one_attempt(tmp_path, f"http://127.0.0.1:{free_port()}/")
    assert refused.outcome is Outcome.UNREACHABLE
    assert refused.error
    unknown = await one_attempt(tmp_path, "http://receiver.invalid/")
    assert unknown.outcome is Outcome.UNREACHABLE
    assert unknown.error is not None
    assert "receiver.invalid cannot be resolved" in unknown.error


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "0", "[::ffff:127.0.0.1]", "169.254.169.254", "10.1.2.3"]
)
async def test_no_spelling_of_an_inner_address_is_connected_to(tmp_path: Path, receiver: Receiver, host: str) -> None:
    result = await one_attempt(tmp_path, f"http://{host}:{receiver.port}/hook", allowed="203.0.113.0/24")
    assert result.outcome in (Outcome.ADDRESS_REFUSED, Outcome.UNREACHABLE)
    assert result.error is not None
    assert result.outcome is Outcome.ADDRESS_REFUSED or "cannot be resolved" in result.error
    assert receiver.received == []


async def test_a_name_server_that_changes_its_answer_gains_nothing(tmp_path: Path, receiver: Receiver) -> None:
    """The answer that was checked is the one that is connected to; every further connection is checked anew."""
    answers = iter([["127.0.0.2"], ["127.0.0.1"]])
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[Address]:
        asked.append(host)
        return [ip_address(one) for one in next(answers)]

    async with pool(rebinding, "127.0.0.2/32") as connections:
        receiver.answering = lambda _: Answer(200, {"connection": "close"})
        target = endpoint(tmp_path, f"http://receiver.example:{receiver.port}/hook")
        first = await attempt(connections, target, a_delivery(), BODY, lambda: datetime.now(UTC))
        second = await attempt(connections, target, a_delivery(), BODY, lambda: datetime.now(UTC))
    assert first.outcome is Outcome.UNREACHABLE, "127.0.0.2 is allowed, and nobody listens there"
    assert second.outcome is Outcome.ADDRESS_REFUSED, "the second answer was not allowed, whatever the first was"
    assert asked == ["receiver.example", "receiver.example"]
    assert receiver.received == []


async def test_one_bad_address_among_good_ones_is_enough(tmp_path: Path, receiver: Receiver) -> None:
    async def mixed(host: str, port: int) -> Sequence[Address]:
        return [ip_address("127.0.0.1"), ip_address("169.254.169.254")]

    result = await one_attempt(tmp_path, f"http://receiver.example:{receiver.port}/hook", mixed)
    assert result.outcome is Outcome.ADDRESS_REFUSED
    assert result.error is not None
    assert "169.254.169.254, which is link-local" in result.error
    assert receiver.received == []


async def test_proxies_of_the_environment_are_not_used(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert (await one_attempt(tmp_path, receiver.url)).outcome is Outcome.DELIVERED


async def test_tls_checks_the_name_although_an_address_is_connected_to(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl program here to make a certificate with")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subject = ("-subj", "/CN=receiver.example", "-addext", "subjectAltName=DNS:receiver.example")
    kind = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    subprocess.run(["openssl", "req", *kind, *subject, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    seen: list[str | None] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    server.sni_callback = lambda _socket, name, _context: seen.append(name)
    receiver = Receiver(tls=server)

    async def resolve(host: str, port: int) -> Sequence[Address]:
        return [ip_address("127.0.0.1")]

    trust = ssl.create_default_context(cafile=str(certificate))
    async with pool(resolve, "127.0.0.0/8", trust=trust) as connections:
        right = endpoint(tmp_path, f"https://receiver.example:{receiver.port}/hook")
        wrong = endpoint(tmp_path, f"https://other.example:{receiver.port}/hook")
        assert (await attempt(connections, right, a_delivery(), BODY, lambda: datetime.now(UTC))).outcome is Outcome.DELIVERED
        refused = await attempt(connections, wrong, a_delivery(), BODY, lambda: datetime.now(UTC))
    receiver.close()
    assert seen == ["receiver.example", "other.example"]
    assert refused.outcome is Outcome.UNREACHABLE
    assert refused.error is not None
    assert "certificate" in refused.error.lower()
    assert len(receiver.received) == 1
