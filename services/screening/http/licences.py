"""`GET /v1/licences`: every licence case with what is drawn, promised and left of it, and which orders claim it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.screening.licence_cases import LicenceCases
from services.screening.licence_overview import LicenceStanding, standings
from shared.access import Require
from shared.bus import Bus
from shared.http_problem import Problem, ProblemRoute


class LicencePage(BaseModel):
    licences: list[LicenceStanding]
    next: str | None
    """Ask with `after` set to it for what follows; null at the end."""


def licences_routes(bus: Bus, cases: LicenceCases, require: Require, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["licences"], dependencies=[Depends(require("orders:read"))])

    @routes.get("/licences", summary="The licence cases and what is left of them")
    async def show_licences(
        after: Annotated[str | None, Query(max_length=200, description="Continue after this licence.")] = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    ) -> LicencePage:
        found = await standings(bus, cases, clock().date(), after=after, limit=limit + 1)
        more = len(found) > limit
        return LicencePage(licences=found[:limit], next=found[limit - 1].licence_id if more else None)

    @routes.get("/licences/{licence_id:path}", summary="One licence case")
    async def show_licence(licence_id: str) -> LicenceStanding:
        held = await cases.current()
        if licence_id not in held.licences:
            raise Problem(404, "Unknown licence", f"There is no licence {licence_id}; PUT /v1/licences reports it.")
        before = max((each for each in held.licences if each < licence_id), default=None)
        (found,) = await standings(bus, cases, clock().date(), after=before, limit=1)
        return found

    return routes
