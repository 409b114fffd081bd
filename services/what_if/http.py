"""`POST /v1/screen`: one document, an item master or all open orders, judged as supposed; nothing is stored."""

import asyncio
from datetime import date
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from services.gateway.bodies import Body, BodyRefused, Budget
from services.gateway.documents import MEDIA_TYPES, ReadOptions, orders_in, split_media_type, unreadable
from services.gateway.domain.received import Received, Rejection, Unreadable
from services.gateway.formats.master_data import read_items
from services.gateway.formats.rows import RefusedRow
from services.gateway.settings import Settings
from services.screening.domain.difference import Difference
from services.screening.domain.law import Scenario, UnknownInstrument
from services.what_if.asking import WhatIf, orders_of_items
from services.what_if.files import Screened
from services.what_if.open_orders import Running
from shared.access import Require
from shared.contracts.base import CountryCode
from shared.contracts.master_data import Item
from shared.contracts.screening import ScreeningResult
from shared.http_problem import Problem, ProblemRoute

MOST_ORDERS = 2_000
"""Orders of one body, each of which is judged while the caller waits."""
MOST_QUESTIONS = 4
"""Questions under way, each of which holds its orders and their answers in memory."""
Names = Annotated[list[str], Query(max_length=50, description="Id, name, or number and year of an instrument; may be repeated.")]


def router(running: Running, settings: Settings, require: Require) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["what-if"], route_class=ProblemRoute, dependencies=[Depends(require("orders:read"))])
    budget = Budget(settings.bodies_bytes)
    under_way = asyncio.Semaphore(MOST_QUESTIONS)

    @routes.post(
        "/screen",
        summary="Judge without storing",
        openapi_extra={"requestBody": {"required": False, "content": {kind: {} for kind in MEDIA_TYPES}}},
    )
    async def screen(
        request: Request,
        valid_on: Annotated[date | None, Query(description="The day of departure; default: what each line says, else today.")] = None,
        known_on: Annotated[date | None, Query(description="The day whose state of knowledge is used; default: today.")] = None,
        in_force: Names = [],  # noqa: B006
        lifted: Names = [],  # noqa: B006
        kind: Annotated[Literal["orders", "items"], Query(description="What the body holds.")] = "orders",
        ship_from: Annotated[CountryCode | None, Query(description="Of items: where they are shipped from; default: their origin.")] = None,
        ship_to: Annotated[CountryCode | None, Query(description="Of items: where they go.")] = None,
        open_orders: Annotated[bool, Query(description="All open orders instead of a body.")] = False,
    ) -> Response:
        """The answers to the question asked and, where it supposes anything, how they differ from today's: by reason, and in three sums
        (certain, unknown, certainly not) before and after."""
        question = WhatIf(valid_on, known_on, Scenario(frozenset(in_force), frozenset(lifted)))
        if open_orders and not question.supposes:
            told = "Say what to suppose: valid_on, known_on, in_force or lifted. Today's answers are under /v1/assessments."
            raise Problem(422, "Nothing supposed", told)
        if under_way.locked():
            told = f"{MOST_QUESTIONS} questions are being answered, which is the most at a time; ask again shortly."
            raise Problem(429, "Too many questions", told, headers={"Retry-After": "5"})
        difference = Difference()
        answers: list[ScreeningResult] = []
        rejected: list[Rejection] = []
        async with under_way:
            try:
                if open_orders:
                    await running.ask_open_orders(question, difference)
                else:
                    items, received, rejected = await _received(request, kind, ship_from, ship_to)
                    answers = await running.ask_documents(received, question, difference, items)
            except UnknownInstrument as error:
                raise Problem(422, "Unknown instrument", str(error)) from None
            screened = Screened(question, tuple(answers), tuple(rejected), difference)
            shown = await asyncio.to_thread(lambda: orjson.dumps(screened.as_json()))
        return Response(shown, media_type="application/json", status_code=422 if rejected and not answers else 200)

    async def _received(
        request: Request, kind: Literal["orders", "items"], ship_from: str | None, ship_to: str | None
    ) -> tuple[list[Item], list[Received], list[Rejection]]:
        media_type, charset = split_media_type(request.headers.get("content-type", ""))
        async with Body(request, media_type, settings, budget) as body:
            try:
                data = await body.whole()
            except BodyRefused as refused:
                raise refused.problem from None
            return await asyncio.to_thread(_read, data, media_type, charset, kind, ship_from, ship_to)

    def _read(
        data: bytes, media_type: str, charset: str | None, kind: Literal["orders", "items"], ship_from: str | None, ship_to: str | None
    ) -> tuple[list[Item], list[Received], list[Rejection]]:
        items: list[Item] = []
        received: list[Received] = []
        rejected: list[Rejection] = []
        try:
            if kind == "items":
                for row in read_items(data, media_type, charset):
                    if isinstance(row, RefusedRow):
                        raise Problem(422, "A row cannot be read", f"{row.place}: {' '.join(row.reasons)}")
                    items.append(row.row)
                received += orders_of_items(items, ship_from, ship_to)
            else:
                options = ReadOptions(settings.limits, settings.csv_mapping)
                for entry in orders_in(data, media_type, options, charset=charset):
                    (rejected if isinstance(entry, Rejection) else received).append(entry)  # type: ignore[arg-type]
        except Unreadable as error:
            rejected.append(unreadable(error, data, media_type))
        if len(received) > MOST_ORDERS:
            raise Problem(413, "Too many orders", f"The body has {len(received)} orders, {MOST_ORDERS} are the most; send it in parts.")
        return items, received, rejected

    return routes
