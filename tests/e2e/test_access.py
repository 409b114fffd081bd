"""Every route of the running system: who may call it, what it is, and that it takes nothing it does not know."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from shared.access import SCOPES, ApiKeys, Scope
from shared.bus import Bus, BusSettings
from tests.e2e.conftest import RunningSystem

LEAST: dict[str, Scope] = {
    "GET /v1/advice": "assessments:read",
    "GET /v1/advice/{plant}/{item}": "assessments:read",
    "GET /v1/advice/{plant}/{item}/cover.{kind}": "assessments:read",
    "GET /v1/assessments": "assessments:read",
    "GET /v1/assessments/{decision_id}": "assessments:read",
    "GET /v1/assessments/{decision_id}/results/{service}": "assessments:read",
    "GET /v1/clearances": "orders:read",
    "GET /v1/cliffs": "assessments:read",
    "GET /v1/coverage": "orders:read",
    "GET /v1/deliveries": "deliveries:read",
    "GET /v1/endpoints": "deliveries:read",
    "GET /v1/exposure": "assessments:read",
    "GET /v1/hits": "orders:read",
    "GET /v1/items/{item_id}": "master-data:read",
    "GET /v1/licences": "orders:read",
    "GET /v1/licences/{licence_id}": "orders:read",
    "GET /v1/lists": "orders:read",
    "GET /v1/lists/check": "orders:read",
    "GET /v1/orders/{key}": "orders:read",
    "GET /v1/prices": "orders:read",
    "GET /v1/prices/held": "orders:read",
    "GET /v1/prices/{series}/ticks": "orders:read",
    "GET /v1/questions": "assessments:read",
    "GET /v1/refreshes/{refresh_id}": "master-data:read",
    "GET /v1/regulations": "orders:read",
    "GET /v1/regulations/drafts": "orders:read",
    "GET /v1/regulations/packs": "orders:read",
    "GET /v1/suppliers/{supplier_id}": "master-data:read",
    "DELETE /v1/lists/{name}": "lists:write",
    "DELETE /v1/regulations/drafts/{draft_id}": "regulations:write",
    "DELETE /v1/regulations/packs/{name}": "regulations:write",
    "POST /v1/advice/what-if": "assessments:read",
    "POST /v1/answers": "master-data:write",
    "POST /v1/clearances": "clearances:write",
    "POST /v1/clearances/confirm": "clearances:write",
    "POST /v1/clearances/{clearance_id}/confirm": "clearances:write",
    "POST /v1/clearances/{clearance_id}/revoke": "clearances:write",
    "POST /v1/deliveries/{webhook_id}/resend": "admin",
    "POST /v1/endpoints/{endpoint_id}/enable": "admin",
    "POST /v1/orders": "orders:write",
    "POST /v1/price-scenarios": "assessments:read",
    "POST /v1/prices": "prices:write",
    "POST /v1/regulations/drafts": "regulations:write",
    "POST /v1/regulations/drafts/{draft_id}/confirmation": "regulations:write",
    "POST /v1/regulations/packs": "regulations:write",
    "POST /v1/regulations/reload": "regulations:write",
    "POST /v1/screen": "orders:read",
    "POST /v1/stock": "stock:write",
    "PUT /v1/items": "master-data:write",
    "PUT /v1/licences": "licences:write",
    "PUT /v1/lists/{name}": "lists:write",
    "PUT /v1/ownership": "lists:write",
    "PUT /v1/shipments": "orders:write",
    "PUT /v1/suppliers": "master-data:write",
}
"""The least scope with which each route can be called: licences, prices, stock, lists, clearances and rules are not the ordering
system's to state."""
OPEN = {"GET /healthz", "GET /readyz", "GET /metrics"}


@pytest.fixture(scope="module")
def operations(running_system: RunningSystem) -> dict[str, dict[str, Any]]:
    paths = running_system.client.get("/openapi.json").json()["paths"]
    return {f"{method.upper()} {path}": told for path, methods in paths.items() for method, told in methods.items()}


@pytest.fixture(scope="module")
def keys(running_system: RunningSystem) -> dict[Scope, str]:
    """Per scope a key that has every other scope, but for `admin`, which includes them all."""
    directory = Path(running_system.environment["ORESTREAM_DATA_DIRECTORY"])

    async def create() -> dict[Scope, str]:
        bus = Bus(BusSettings((directory / "redis.url").read_text().strip(), "test"))
        made = ApiKeys(bus.table(ApiKeys.TABLE))
        try:
            return {
                least: (await made.create(least, [one for one in SCOPES if one not in (least, "admin")], now=datetime.now(UTC)))[0]
                for least in get_args(Scope)
            }
        finally:
            await bus.stop()

    return asyncio.run(create())


def calls(operations: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for operation in sorted(operations.keys() - OPEN):
        method, path = operation.split(" ")
        yield operation, method, path.replace("{", "").replace("}", "")


def test_every_route_stands_in_the_table_with_its_least_scope(operations: dict[str, Any]) -> None:
    assert operations.keys() == LEAST.keys() | OPEN


def test_no_route_answers_without_its_scope(running_system: RunningSystem, operations: dict[str, Any], keys: dict[Scope, str]) -> None:
    for operation, method, path in calls(operations):
        nobody = httpx.request(method, running_system.url + path)
        assert (nobody.status_code, nobody.headers["content-type"]) == (401, "application/problem+json"), operation
        headers = {"authorization": f"Bearer {keys[LEAST[operation]]}"}
        lacking = httpx.request(method, running_system.url + path, headers=headers)
        assert (lacking.status_code, LEAST[operation] in lacking.json()["detail"]) == (403, True), operation


def test_no_route_takes_what_it_does_not_know(running_system: RunningSystem, operations: dict[str, Any]) -> None:
    for operation, method, path in calls(operations):
        answer = running_system.client.request(method, path, params={"suplier": "1"})
        assert (answer.status_code, answer.json()["title"]) == (422, "Unknown query parameter"), operation


def test_every_route_says_what_it_is(operations: dict[str, Any]) -> None:
    for operation, told in operations.items():
        name = told["summary"].lower().replace(" ", "_")
        assert not told["operationId"].startswith(f"{name}_"), f"{operation} has no summary of its own"


HOSTILE = ["\0", "a\0b", "../../etc/passwd", "%00", "'; drop table x;--", "9999-12-31", "0001-01-01", "1e400", "x" * 5000, "\u202e\u0007"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_parameter_breaks_a_route_or_makes_it_tell_of_its_inside(
    running_system: RunningSystem, operations: dict[str, Any], text: str
) -> None:
    for operation, method, path in calls(operations):
        for parameter in operations[operation].get("parameters", []):
            answer = running_system.client.request(method, path, params={parameter["name"]: text} if parameter["in"] == "query" else {})
            assert answer.status_code < 500, (operation, parameter["name"], answer.text)
            assert running_system.environment["ORESTREAM_DATA_DIRECTORY"] not in answer.text
            assert "Traceback" not in answer.text


BODIES = {
    "nested": ("application/json", b"[" * 200_000),
    "nested YAML": ("application/yaml", b"{a: " * 2_000),
    "YAML that grows": ("application/yaml", b"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]"),
    "a number beyond any": ("application/json", b"1e999999999"),
    "half a character": ("application/json", b'{"item_id": "\\ud800", "fact": ["x"]}'),
    "U+0000": ("application/json", b'{"item_id": "\\u0000", "reason": "\\u0000"}'),
    "quotes": ("text/csv", b'"' * 100_000),
    "no alphabet": ("text/csv; charset=punycode", b"a-b" * 20_000),
    "nested XML": ("application/xml", b"<a>" * 50_000),
}


@pytest.mark.parametrize("name", list(BODIES))
def test_no_body_breaks_a_route(running_system: RunningSystem, operations: dict[str, Any], name: str) -> None:
    media_type, body = BODIES[name]
    for operation, method, path in calls(operations):
        if "requestBody" in operations[operation]:
            answer = running_system.client.request(method, path, content=body, headers={"content-type": media_type})
            assert 400 <= answer.status_code < 500, (operation, answer.text)
            assert answer.headers["content-type"] in ("application/problem+json", "application/json"), operation
