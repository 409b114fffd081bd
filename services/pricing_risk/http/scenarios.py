"""`POST /v1/price-scenarios`: exposure and worst lines before and after what is supposed; nothing is stored."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query

from services.pricing_risk.domain.portfolio import Dimension
from services.pricing_risk.domain.price_scenarios import PriceScenario
from services.pricing_risk.exposure_view import ScenarioView, scenario_view
from services.pricing_risk.exposures import Exposures
from shared.access import Require
from shared.http_problem import Problem, ProblemRoute

MOST_QUESTIONS: Final = 4
"""Under way at a time; each values every open line once more."""


def scenarios_routes(exposures: Exposures, require: Require, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["prices"], dependencies=[Depends(require("assessments:read"))])
    under_way = asyncio.Semaphore(MOST_QUESTIONS)

    @routes.post("/price-scenarios", summary="What open orders would cost if prices changed")
    async def ask(
        asked: PriceScenario,
        by: Annotated[Dimension, Query(description="What the groups are of.")] = "element",
        worst: Annotated[int, Query(ge=0, le=1_000, description="How many lines are listed, before and after.")] = 10,
    ) -> ScenarioView:
        """Shocks, policy events, scenarios of the past and currencies multiply. Series keep their spread; what has no price keeps none."""
        if under_way.locked():
            told = f"{MOST_QUESTIONS} questions are being answered, which is the most at a time; ask again shortly."
            raise Problem(429, "Too many questions", told, headers={"Retry-After": "5"})
        async with under_way:
            try:
                found = await exposures.what_if(asked, clock().date())
            except ValueError as error:
                raise Problem(422, "Not to be answered", str(error)) from None
            return await asyncio.to_thread(scenario_view, found, by, worst)

    return routes
