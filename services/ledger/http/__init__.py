"""What the ledger answers over HTTP: each module of this package is one group of routes under `/v1`."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Depends
from sqlalchemy import Engine

from services.ledger.http.assessments import assessments_routes
from services.ledger.http.cliffs import cliffs_routes
from services.ledger.http.questions import questions_routes
from shared.access import Require
from shared.http_problem import ProblemRoute


def router(engine: Engine, require: Require, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=ProblemRoute, dependencies=[Depends(require("assessments:read"))])
    routes.include_router(assessments_routes(engine))
    routes.include_router(questions_routes(engine))
    routes.include_router(cliffs_routes(engine, clock))
    return routes
