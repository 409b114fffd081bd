"""What the stockpile advisor answers over HTTP: each module of this package is one group of routes under `/v1`."""

from fastapi import APIRouter

from services.stockpile_advisor.http.advice import advice_routes
from services.stockpile_advisor.http.parts import Parts
from services.stockpile_advisor.http.what_if import what_if_routes
from shared.access import Require
from shared.http_problem import ProblemRoute


def router(parts: Parts, require: Require) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=ProblemRoute)
    routes.include_router(what_if_routes(parts, require))
    routes.include_router(advice_routes(parts, require))
    return routes
