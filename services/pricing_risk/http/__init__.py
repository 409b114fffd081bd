"""What pricing-risk answers over HTTP: each module of this package is one group of routes under `/v1`."""

from fastapi import APIRouter

from services.pricing_risk.http.exposure import exposure_routes
from services.pricing_risk.http.parts import Parts
from services.pricing_risk.http.prices import prices_routes
from services.pricing_risk.http.scenarios import scenarios_routes
from shared.access import Require
from shared.http_problem import ProblemRoute


def router(parts: Parts, require: Require) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=ProblemRoute)
    routes.include_router(prices_routes(parts.series, require, parts.clock))
    routes.include_router(exposure_routes(parts.exposures, require, parts.clock))
    routes.include_router(scenarios_routes(parts.exposures, require, parts.clock))
    return routes
