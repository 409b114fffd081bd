"""The one HTTP application: routes, health and metrics of services that are well, ill or silent."""

from collections.abc import Sequence

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from shared.bus.types import GroupStatus, Health, TryAgain
from shared.http_problem import Problem
from shared.observability import application
from shared.observability.application import ANSWER_SECONDS
from shared.service import Service


async def nothing() -> None:
    pass


async def well() -> Health:
    return Health(ready=True)


async def ill() -> Health:
    return Health(ready=False, reasons=("Redis does not answer at redis:6379.",))


async def broken() -> Health:
    raise ConnectionError("lost")


async def status() -> Sequence[GroupStatus]:
    known = GroupStatus("orders", "screening", 7, 3, 1.5, 2.5, 2, 1, 100)
    unknown = GroupStatus("orders", "ledger", None, 0, 0.0, 0.0, 0, 0, 100)
    return [known, unknown]


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/v1/things/{thing}")
    async def thing(thing: int) -> dict[str, int]:
        if thing == 13:
            raise Problem(409, "Unlucky", "Thing 13 is not shown; ask for another.")
        if thing == 503:
            raise TryAgain("Redis does not answer.")
        if thing == 500:
            raise RuntimeError("a defect")
        return {"thing": thing}

    return router


def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://orestream")


async def scraped(app: FastAPI, accept: str = "") -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    async with client(app) as http:
        answer = await http.get("/metrics", headers={"accept": accept})
    assert answer.status_code == 200
    parse = parse_openmetrics if "openmetrics" in accept else parse_text
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in parse(answer.text) for sample in family.samples}


async def test_ready_when_every_service_is_and_otherwise_why_not() -> None:
    async with client(application([Service("a", nothing, nothing, well), Service("b", nothing, nothing, well)])) as http:
        assert (await http.get("/readyz")).json() == {
            "ready": True,
            "services": {"a": {"ready": True, "reasons": []}, "b": {"ready": True, "reasons": []}},
        }
    services = [Service("a", nothing, nothing, well), Service("b", nothing, nothing, ill), Service("c", nothing, nothing, broken)]
    async with client(application(services)) as http:
        assert (await http.get("/healthz")).status_code == 200
        answer = await http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["services"]["b"] == {"ready": False, "reasons": ["Redis does not answer at redis:6379."]}
        assert f"within {ANSWER_SECONDS:g} s" in answer.json()["services"]["c"]["reasons"][0]


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
async def test_streams_by_group_and_an_unknown_lag_is_absent(accept: str) -> None:
    samples = await scraped(application([Service("a", nothing, nothing, well, status=status), Service("b", nothing, nothing, ill)]), accept)
    screening, ledger = (("group", "screening"), ("stream", "orders")), (("group", "ledger"), ("stream", "orders"))
    assert samples["orestream_stream_lag", screening] == 7
    assert ("orestream_stream_lag", ledger) not in samples
    assert samples["orestream_stream_lag_known", screening] == 1
    assert samples["orestream_stream_lag_known", ledger] == 0
    assert samples["orestream_stream_pending", screening] == 3
    assert samples["orestream_stream_oldest_pending_age_seconds", screening] == 1.5
    assert samples["orestream_dead_letters", screening] == 1
    assert samples["orestream_stream_length", (("stream", "orders"),)] == 100
    assert samples["orestream_service_ready", (("service", "a"),)] == 1
    assert samples["orestream_service_ready", (("service", "b"),)] == 0
    assert [value for (name, _), value in samples.items() if name == "orestream_build_info"] == [1]


async def test_a_service_that_cannot_answer_takes_nothing_with_it() -> None:
    refreshed = []

    async def refresh() -> None:
        refreshed.append(True)

    async def lost() -> Sequence[GroupStatus]:
        raise ConnectionError("lost")

    mute = Service("a", nothing, nothing, broken, status=lost)
    samples = await scraped(application([mute, Service("b", nothing, nothing, well, status=status, refresh_metrics=refresh)]))
    assert samples["orestream_service_ready", (("service", "a"),)] == 0
    assert samples["orestream_stream_pending", (("group", "screening"), ("stream", "orders"))] == 3
    assert refreshed == [True]


async def test_what_is_only_away_for_a_while_is_a_503_that_says_so() -> None:
    async with client(application([Service("a", nothing, nothing, well, routers=[routes()])])) as http:
        answer = await http.get("/v1/things/503")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["detail"] == "Send the same request again. Redis does not answer."


async def test_requests_are_counted_by_route_template_and_problems_are_problem_documents() -> None:
    app = application([Service("a", nothing, nothing, well, routers=[routes()])])
    before = await scraped(app)
    async with client(app) as http:
        assert (await http.get("/v1/things/1")).json() == {"thing": 1}
        assert (await http.get("/v1/things/2")).status_code == 200
        conflict = await http.get("/v1/things/13")
        defect = await http.get("/v1/things/500")
        unknown = await http.request("BREW", "/v1/whatever/%2e%2e/x")
    assert (conflict.status_code, conflict.headers["content-type"]) == (409, "application/problem+json")
    assert (defect.status_code, defect.headers["content-type"]) == (500, "application/problem+json")
    assert unknown.status_code == 404
    after = await scraped(app)

    def counted(method: str, route: str, status: str) -> float:
        key = ("orestream_http_requests_total", (("method", method), ("route", route), ("status", status)))
        return after.get(key, 0) - before.get(key, 0)

    assert counted("GET", "/v1/things/{thing}", "200") == 2
    assert counted("GET", "/v1/things/{thing}", "409") == 1
    assert counted("GET", "/v1/things/{thing}", "500") == 1
    assert counted("other", "unmatched", "404") == 1
    timed = ("orestream_http_request_duration_seconds_count", (("method", "GET"), ("route", "/v1/things/{thing}")))
    assert after[timed] - before.get(timed, 0) == 4
