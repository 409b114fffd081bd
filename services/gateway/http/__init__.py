"""What the gateway answers over HTTP: each module of this package is one group of routes under `/v1`."""

from fastapi import APIRouter

from services.gateway.http.master_data import master_data_routes
from services.gateway.http.orders import orders_routes
from services.gateway.http.parts import Parts
from services.gateway.http.reports import reports_routes
from shared.access import Require
from shared.http_problem import ProblemRoute


def router(parts: Parts, require: Require) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=ProblemRoute)
    routes.include_router(orders_routes(parts, require))
    routes.include_router(master_data_routes(parts, require))
    routes.include_router(reports_routes(parts, require))
    return routes
