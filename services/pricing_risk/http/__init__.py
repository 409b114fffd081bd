"""What pricing-risk answers over HTTP: each module of this package is one group of routes under `/v1`."""

from fastapi import APIRouter

from services.pricing_risk.http.parts import Parts
from shared.access import Require
from shared.http_problem import ProblemRoute


def router(parts: Parts, require: Require) -> APIRouter:
    return APIRouter(prefix="/v1", route_class=ProblemRoute)
