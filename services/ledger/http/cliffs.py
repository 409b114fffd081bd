"""`GET /v1/cliffs`: on which coming day which open lines are answered otherwise."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from sqlalchemy import Engine

from services.ledger import open_views
from services.ledger.domain.cliffs import calendar
from shared.http_problem import ProblemRoute


def cliffs_routes(engine: Engine, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(tags=["cliffs"], route_class=ProblemRoute)

    @routes.get("/cliffs", summary="Cliff calendar")
    def cliffs(
        days: Annotated[int, Query(ge=1, le=366, description="How far ahead.")] = 366,
        lines: Annotated[int, Query(ge=0, le=10_000, description="Lines told of each change; it is counted over all.")] = 1_000,
    ) -> Response:
        """By day: the rule, from which answer to which, the open lines that leave then by what is known now, and those that do if late."""
        today = clock().date()
        with engine.connect() as connection:
            found = calendar(open_views.lines_ahead(connection, today + timedelta(days=days)), today, today + timedelta(days=days))
        shown = {"today": today.isoformat(), "cliffs": [each.as_json(today, lines) for each in found]}
        return Response(orjson.dumps(shown), media_type="application/json")

    return routes
