"""What screening answers over HTTP: each module of this package is one group of routes under `/v1`."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import APIRouter, Depends

from services.screening.domain.basis import Basis
from services.screening.http.coverage import coverage_routes
from services.screening.http.regulations import regulations_routes
from shared.access import Require
from shared.http_problem import ProblemRoute


def router(basis: Callable[[], Basis | Awaitable[Basis]], require: Require, clock: Callable[[], datetime]) -> APIRouter:
    """`basis` gives what is in force now: another process may have changed it since the last order here."""
    routes = APIRouter(prefix="/v1", route_class=ProblemRoute, dependencies=[Depends(require("orders:read"))])
    routes.include_router(regulations_routes(basis, clock))
    routes.include_router(coverage_routes(basis, clock))
    return routes
