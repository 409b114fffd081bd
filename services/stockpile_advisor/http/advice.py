"""`GET /v1/advice`: what is advised for each item of each plant, and a picture of its stock."""

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from services.stockpile_advisor.cover_plot import drawn
from services.stockpile_advisor.http.parts import Parts
from services.stockpile_advisor.questions import UnknownPlace
from shared.access import Require
from shared.contracts.supply_risk import Decision, MaterialAdvice
from shared.http_problem import Problem, ProblemRoute

MEDIA_TYPES: Final = {"svg": "image/svg+xml", "png": "image/png"}

Plant = Annotated[str | None, Query(max_length=200, description="Only this plant.")]
Item = Annotated[str | None, Query(max_length=200, description="Only this item.")]


class AdvicePage(BaseModel):
    advice: list[MaterialAdvice]
    """By item and plant, without fan and sensitivity."""
    total: int


def advice_routes(parts: Parts, require: Require) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["advice"], dependencies=[Depends(require("assessments:read"))])
    drawing = asyncio.Lock()

    @routes.get("/advice", summary="What is advised for every item of every plant")
    async def list_advice(
        plant: Plant = None,
        item: Item = None,
        decision: Annotated[Decision | None, Query(description="Only what says so.")] = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> AdvicePage:
        standing = await parts.book.all() if item is None else list((await parts.book.known([item])).by_item.get(item, []))
        found = [advice for advice in standing if plant in (None, advice.plant) and decision in (None, advice.decision)]
        return AdvicePage(advice=found[offset : offset + limit], total=len(found))

    async def advice_of(plant: str, item: str) -> MaterialAdvice:
        advice = await parts.book.whole(plant, item)
        if advice is None:
            told = f"There is no advice on {item} in {plant}; POST /v1/stock reports what the plant holds; advice follows within seconds."
            raise Problem(404, "Unknown advice", told)
        return advice

    @routes.get(
        "/advice/{plant}/{item:path}/cover.{kind}",
        summary="The stock to come as a picture",
        response_class=Response,
        responses={200: {"content": {media_type: {} for media_type in MEDIA_TYPES.values()}}},
    )
    async def show_cover(plant: str, item: str, kind: Literal["svg", "png"]) -> Response:
        """Stock on hand as a fan over all paths if nothing is ordered, the cover to hold, receipts, and the days that matter."""
        advice = await advice_of(plant, item)
        try:
            inputs = await parts.questions.inputs(plant, item)
        except UnknownPlace as error:
            raise Problem(404, "Unknown stock", str(error)) from None
        async with drawing:
            picture = await asyncio.to_thread(drawn, advice, inputs, kind)
        return Response(picture, media_type=MEDIA_TYPES[kind])

    @routes.get("/advice/{plant}/{item:path}", summary="The advice on one item in one plant, with fan and sensitivity")
    async def show_advice(plant: str, item: str) -> MaterialAdvice:
        return await advice_of(plant, item)

    return routes
