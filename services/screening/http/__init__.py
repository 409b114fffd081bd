"""What screening answers over HTTP: each module of this package is one group of routes under `/v1`."""

from fastapi import APIRouter

from services.screening.http.changes import changes_routes
from services.screening.http.clearances import clearances_routes
from services.screening.http.coverage import coverage_routes
from services.screening.http.licences import licences_routes
from services.screening.http.lists import lists_routes
from services.screening.http.parts import Parts
from services.screening.http.regulations import regulations_routes
from shared.access import Require
from shared.http_problem import ProblemRoute


def router(parts: Parts, require: Require) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=ProblemRoute)
    # What is in force is asked for at each request: another process may have changed it since the last order here.
    basis = parts.references.current
    routes.include_router(regulations_routes(basis, require, parts.clock))
    routes.include_router(coverage_routes(basis, require, parts.clock))
    routes.include_router(changes_routes(parts.drafts, parts.packs, parts.shipped, require))
    routes.include_router(lists_routes(parts.lists, parts.references, require, parts.clock))
    routes.include_router(clearances_routes(parts.clearing, require))
    routes.include_router(licences_routes(parts.bus, parts.licences, require, parts.clock))
    return routes
