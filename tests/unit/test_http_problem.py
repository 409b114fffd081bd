"""Problem documents from routes on their own and from the application around them."""

from decimal import Decimal
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from shared.bus.types import BusUnavailable
from shared.http_problem import Problem, ProblemRoute, install

routes = APIRouter(route_class=ProblemRoute)


@routes.get("/refused")
async def refused() -> None:
    raise Problem(409, "Not now", "Come back later.", headers={"Retry-After": "3"}, price=Decimal("1.50"))


@routes.get("/unavailable")
async def unavailable() -> None:
    raise BusUnavailable("Redis does not answer.")


@routes.get("/numbers/{number}")
async def number(number: int) -> int:
    return number


def day_asked(day: str | None = None) -> str | None:
    return day


@routes.get("/found")
async def found(day: Annotated[str | None, Depends(day_asked)], supplier: str | None = None) -> str:
    return f"{supplier} {day}"


@routes.get("/broken")
async def broken() -> None:
    raise RuntimeError("a secret")


def client(*, installed: bool) -> httpx.AsyncClient:
    application = FastAPI()
    application.include_router(routes)
    if installed:
        install(application)
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://orestream")


@pytest.mark.parametrize("installed", [True, False])
async def test_routes_answer_with_problems_wherever_they_are_mounted(installed: bool) -> None:
    async with client(installed=installed) as http:
        answer = await http.get("/refused")
        assert (answer.status_code, answer.headers["content-type"], answer.headers["retry-after"]) == (409, "application/problem+json", "3")
        assert answer.json() == {
            "type": "about:blank",
            "title": "Not now",
            "status": 409,
            "detail": "Come back later.",
            "instance": "/refused",
            "price": "1.5",
        }
        unavailable = await http.get("/unavailable")
        assert (unavailable.status_code, unavailable.headers["retry-after"]) == (503, "1")
        wrong = await http.get("/numbers/x")
        assert (wrong.status_code, wrong.json()["errors"][0]["location"]) == (422, "path/number")
        assert (await http.get("/numbers/7")).json() == 7


async def test_the_application_answers_for_the_rest() -> None:
    async with client(installed=True) as http:
        for answer, status in ((await http.get("/nothing"), 404), (await http.post("/refused"), 405), (await http.get("/broken"), 500)):
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
            assert answer.json()["status"] == status
            assert "secret" not in answer.text
        assert (await http.get("/nothing")).json()["detail"] == "There is nothing at /nothing; /openapi.json lists what there is."
        assert (await http.post("/refused")).json()["detail"] == "/refused does not take POST; it takes GET."


async def test_a_query_parameter_that_a_route_does_not_take_is_refused() -> None:
    async with client(installed=False) as http:
        assert (await http.get("/found", params={"supplier": "S", "day": "2026-11-22"})).json() == "S 2026-11-22"
        misspelt = await http.get("/found", params={"suplier": "S"})
        assert misspelt.status_code == 422
        assert misspelt.json()["detail"] == "/found has no query parameter suplier; it takes day, supplier."
        assert (await http.get("/numbers/7", params={"after": "6"})).json()["detail"].endswith("it takes none.")
