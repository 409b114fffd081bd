"""`POST /v1/advice/what-if`: the advice on an item before and after what is supposed; nothing is stored."""

import asyncio
from typing import Final

from fastapi import APIRouter, Depends

from services.stockpile_advisor.http.parts import Parts
from services.stockpile_advisor.questions import NotAnswerable, Supposed, UnknownPlace, WhatIfAnswer
from shared.access import Require
from shared.http_problem import Problem, ProblemRoute

MOST_QUESTIONS: Final = 2
"""Under way at a time; each simulates the stock of one item twice."""


def what_if_routes(parts: Parts, require: Require) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["advice"], dependencies=[Depends(require("assessments:read"))])
    under_way = asyncio.Semaphore(MOST_QUESTIONS)

    @routes.post("/advice/what-if", summary="What would be advised if delay, law, demand or suppliers were others")
    async def ask(asked: Supposed) -> WhatIfAnswer:
        """Suppositions hold together. Both answers are of now: `before` may differ from what was stored on an earlier day."""
        if under_way.locked():
            told = f"{MOST_QUESTIONS} questions are being answered, which is the most at a time; ask again shortly."
            raise Problem(429, "Too many questions", told, headers={"Retry-After": "2"})
        async with under_way:
            try:
                return await parts.questions.what_if(asked, parts.clock())
            except UnknownPlace as error:
                raise Problem(404, "Unknown stock", str(error)) from None
            except NotAnswerable as error:
                raise Problem(422, "Not to be answered", str(error)) from None

    return routes
