"""`GET /v1/prices`: every price series as it stands, what was held back and why, and what was said of each day."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.pricing_risk.series_overview import HeldPrice, LoggedTick, SeriesOverview, SeriesToday
from shared.access import Require
from shared.http_problem import Problem, ProblemRoute

Material = Annotated[
    str | None, Query(max_length=200, description="Only series of this material, such as Nd, NdPr or, of exchange rates, CNY.")
]


class SeriesPage(BaseModel):
    series: list[SeriesToday]


class HeldPage(BaseModel):
    held: list[HeldPrice]
    total: int


class TickPage(BaseModel):
    series: str
    ticks: list[LoggedTick]
    total: int


def prices_routes(overview: SeriesOverview, require: Require, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["prices"], dependencies=[Depends(require("orders:read"))])

    @routes.get("/prices", summary="The price series as they stand")
    async def show_series(material: Material = None) -> SeriesPage:
        return SeriesPage(series=await overview.today(clock().date(), material))

    @routes.get("/prices/held", summary="Prices that wait or were kept out, and why")
    async def show_held(material: Material = None, limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000) -> HeldPage:
        held = await overview.held(material)
        return HeldPage(held=held[:limit], total=len(held))

    @routes.get("/prices/{series:path}/ticks", summary="What was said of a series, day by day")
    async def show_ticks(
        series: str,
        since: Annotated[date | None, Query(description="The first day.")] = None,
        limit: Annotated[int, Query(ge=1, le=10_000, description="The latest so many.")] = 1_000,
    ) -> TickPage:
        ticks = await overview.ticks(series)
        if not ticks:
            raise Problem(404, "Unknown series", f"There is no price series {series}; GET /v1/prices lists those that there are.")
        wanted = [tick for tick in ticks if since is None or tick.as_of >= since]
        return TickPage(series=series, ticks=wanted[-limit:], total=len(wanted))

    return routes
