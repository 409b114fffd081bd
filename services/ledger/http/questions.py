"""`GET /v1/questions`: what is asked of whom, per supplier, as JSON or as a form to fill in."""

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Response
from sqlalchemy import Engine

from services.ledger import open_views
from services.ledger.domain.questionnaire import as_csv, questionnaires
from services.ledger.http.assessments import Wanted
from shared.contracts.screening import Holder
from shared.http_problem import ProblemRoute


def questions_routes(engine: Engine) -> APIRouter:
    routes = APIRouter(tags=["questions"], route_class=ProblemRoute)

    @routes.get("/questions", summary="Open questions, per supplier", responses={200: {"content": {"text/csv": {}}}})
    def questions(
        supplier: Annotated[Wanted, Query(description="Id or name of the supplier.")] = None,
        held_by: Annotated[Holder | None, Query(description="Who has the fact; `authority`: law that a person decides.")] = None,
        limit: Annotated[int, Query(ge=1, le=10_000, description="Questionnaires in the answer; `total` counts all.")] = 1_000,
        lines: Annotated[int, Query(ge=0, le=10_000, description="Lines told of each question; it is counted over all.")] = 1_000,
        form: Annotated[Literal["json", "csv"], Query(description="csv: a form for `POST /v1/answers`.")] = "json",
    ) -> Response:
        """The question that settles most lines comes first. Answers go to `POST /v1/answers` and are judged by at once."""
        with engine.connect() as connection:
            found = questionnaires(open_views.asked_lines(connection, supplier), held_by)
        if form == "csv":
            return Response("\ufeff" + as_csv(found[:limit]), media_type="text/csv; charset=utf-8")
        shown = {"questionnaires": [each.as_json(lines) for each in found[:limit]], "total": len(found)}
        return Response(orjson.dumps(shown), media_type="application/json")

    return routes
