"""The one HTTP application of a process: the routes of its services, their health and their metrics."""

import asyncio
import logging
import platform
from collections.abc import Awaitable, Iterator, Sequence
from importlib.metadata import version
from typing import TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import REGISTRY, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from shared import http_problem
from shared.bus.types import Health, TryAgain
from shared.observability.bus_metrics import BusMetrics
from shared.observability.requests import RequestMetrics
from shared.service import Service

log = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0
"""How long a service may take to say how it is."""

Answer = TypeVar("Answer")


def application(services: Sequence[Service]) -> FastAPI:
    """Mounts every router, `/metrics`, `/healthz` (the process is alive) and `/readyz` (each service can work, or says why not)."""
    app = FastAPI(title="Orestream", version=version("orestream"))
    app.add_middleware(RequestMetrics)
    http_problem.install(app)
    app.add_exception_handler(TryAgain, _unavailable)
    for service in services:
        for router in service.routers:
            app.include_router(router)
    exposed = _Exposed()

    @app.get("/healthz", tags=["operation"], summary="Whether the process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", tags=["operation"], summary="Whether it can work, or why not")
    async def readyz() -> JSONResponse:
        health = await _health(services)
        ready = all(state.ready for state in health.values())
        content = {
            "ready": ready,
            "services": {name: {"ready": state.ready, "reasons": list(state.reasons)} for name, state in health.items()},
        }
        return JSONResponse(content, status_code=200 if ready else 503)

    @app.get("/metrics", tags=["operation"], summary="Figures for Prometheus")
    async def metrics(request: Request) -> Response:
        health, statuses, _ = await asyncio.gather(
            _health(services),
            asyncio.gather(*(_answer(service.status(), service.name, "status", ()) for service in services if service.status)),
            asyncio.gather(*(_answer(s.refresh_metrics(), s.name, "metrics", None) for s in services if s.refresh_metrics)),
        )
        exposed.ready = {name: state.ready for name, state in health.items()}
        exposed.bus.show(statuses)
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(exposed), headers={"content-type": content_type})

    return app


async def _unavailable(request: Request, error: Exception) -> Response:
    """Redis or the database is away: the caller is not at fault, and the same request will do later."""
    log.warning("%s %s has to wait: %s", request.method, request.url.path, error)
    problem = http_problem.Problem(
        503, "Not available at the moment", f"Send the same request again. {error}", headers={"Retry-After": "1"}
    )
    return problem.response(request.url.path)


class _Exposed(Collector):
    """What the process counts, and what was asked of its services for this scrape."""

    def __init__(self) -> None:
        self.bus = BusMetrics()
        self.ready: dict[str, bool] = {}

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()
        yield from self.bus.collect()
        ready = GaugeMetricFamily("orestream_service_ready", "1 where a service can work.", labels=["service"])
        for name, is_ready in self.ready.items():
            ready.add_metric([name], is_ready)
        yield ready
        build = GaugeMetricFamily("orestream_build_info", "Always 1; the labels say what is running.", labels=["version", "python"])
        build.add_metric([version("orestream"), platform.python_version()], 1)
        yield build


async def _health(services: Sequence[Service]) -> dict[str, Health]:
    silent = Health(ready=False, reasons=(f"It gave no answer within {ANSWER_SECONDS:g} s; the log of this process says why.",))
    answers = await asyncio.gather(*(_answer(service.health(), service.name, "health", silent) for service in services))
    return {service.name: answer for service, answer in zip(services, answers, strict=True)}


async def _answer(question: Awaitable[Answer], service: str, what: str, otherwise: Answer) -> Answer:
    """A service that cannot answer (its Redis is down, say) must not take the others' health and metrics with it."""
    try:
        return await asyncio.wait_for(question, ANSWER_SECONDS)
    except Exception:
        log.warning("%s did not answer for its %s.", service, what, exc_info=True)
        return otherwise
