"""`GET /v1/exposure`: what open orders are exposed to, and what it can cost more."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.pricing_risk.domain.portfolio import Dimension
from services.pricing_risk.exposure_view import ExposureView, exposure_view
from services.pricing_risk.exposures import Exposures
from shared.access import Require
from shared.http_problem import ProblemRoute


def exposure_routes(exposures: Exposures, require: Require, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["prices"], dependencies=[Depends(require("assessments:read"))])

    @routes.get("/exposure", summary="Exposure to prices and cost-at-risk of all open lines")
    async def show_exposure(
        by: Annotated[Dimension, Query(description="What the groups are of; `currency` is the order's.")] = "element",
        worst: Annotated[int, Query(ge=0, le=1_000, description="How many lines are listed.")] = 10,
    ) -> ExposureView:
        """In the reporting currency of the pricing policy. What is not known is counted and named, never nothing."""
        portfolio = await exposures.portfolio(clock().date())
        return await asyncio.to_thread(exposure_view, portfolio, by, worst)

    return routes
