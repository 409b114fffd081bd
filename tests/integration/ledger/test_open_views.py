"""What is asked of whom and what lies ahead, over HTTP: from the open orders as their decisions left them."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from services.ledger.http import router
from shared.contracts.answer import FactAnswer
from shared.contracts.screening import Answer, Cliff, MissingFact
from tests.integration.ledger.desk import Desk
from tests.support.orders import MOMENT, order_event
from tests.support.results import line_screening, screening_event

COMPOSITION = MissingFact(kind="fact", name="composition", held_by="supplier", question="What is the content of dysprosium?")
END_USE = MissingFact(kind="fact", name="end_use", held_by="buyer", question="Who will use the goods?")
LAW = MissingFact(kind="law", name="cn-1.binding", held_by="authority", question="Has the suspension been extended?")


def cliff(on: date, after: Answer) -> Cliff:
    return Cliff(
        jurisdiction="CN", on=on, before=Answer.SUSPENDED, after=after, instrument="cn-1", limb="cn-1#export", sentence="It binds again."
    )


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    application = FastAPI()
    application.include_router(router(engine, lambda scope: lambda: None, lambda: MOMENT))  # type: ignore[arg-type, return-value]
    with TestClient(application) as client:
        yield client


@pytest.fixture
async def desk(engine: Engine) -> Desk:
    """Three open orders: each first line asks for the composition, the second order's also for the end use, the third holds a cliff."""
    desk = Desk(engine)
    near, far = date(2026, 12, 10), date(2027, 1, 10)
    for number, (questions, cliffs) in enumerate(
        [
            ([COMPOSITION], []),
            ([COMPOSITION, END_USE, LAW], []),
            ([], [cliff(near, Answer.NEEDS_INFORMATION), cliff(far, Answer.LICENCE_REQUIRED)]),
        ]
    ):
        order = order_event(number)
        await desk.order(order)
        answer = Answer.NEEDS_INFORMATION if questions else Answer.SUSPENDED
        lines = [
            line_screening("10", answer, questions=questions, cliffs=cliffs, latest_departure_on=date(2026, 12, 20)),
            *(line_screening(line.line_id) for line in order.data.lines[1:]),
        ]
        await desk.result(screening_event(order, lines=lines))
    return desk


async def test_the_question_that_settles_most_comes_first_and_each_holder_has_a_questionnaire(desk: Desk, client: TestClient) -> None:
    found = client.get("/v1/questions").json()["questionnaires"]
    assert [(each["held_by"], [asked["fact"] for asked in each["questions"]]) for each in found] == [
        ("supplier", ["composition"] * len(found[0]["questions"])),
        ("authority", ["cn-1.binding"]),
        ("buyer", ["end_use"]),
    ]
    asked = [question for each in found for question in each["questions"]]
    assert sum(question["settles_lines"] for question in asked) == 2
    (end_use,) = [question for question in asked if question["fact"] == "end_use"]
    assert (end_use["about"], end_use["settles_lines"], len(end_use["lines"])) == ("order", 0, 1)
    assert end_use["order_key"] == order_event(1).subject
    only_buyer = client.get("/v1/questions", params={"held_by": "buyer", "supplier": "0000100101"}).json()["questionnaires"]
    assert [each["held_by"] for each in only_buyer] == ["buyer"]
    short = client.get("/v1/questions", params={"limit": 1, "lines": 0}).json()
    assert (short["questionnaires"][0]["held_by"], len(short["questionnaires"]), short["total"]) == ("supplier", 1, 3)
    assert [(each["lines"], each["asked_for_lines"] > 0) for each in short["questionnaires"][0]["questions"]] == [
        ([], True) for _ in found[0]["questions"]
    ]
    assert client.get("/v1/questions", params={"supplier": "nobody"}).json() == {"questionnaires": [], "total": 0}
    assert client.get("/v1/questions", params={"supplier": "V-1\0"}).status_code == 422


async def test_the_form_filled_in_is_an_answer(desk: Desk, client: TestClient) -> None:
    answer = client.get("/v1/questions", params={"form": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    for row in rows:
        if row["fact"] == "cn-1.binding":
            continue
        filled: dict[str, Any] = {name: text for name, text in row.items() if text and name not in ("question", "description")}
        filled |= {"value": "Dy 0.3 wt%", "document": "test report 1"}
        if "order_id" in filled:
            filled["order_key"] = {name: filled.pop(name) for name in ("system", "company", "order_id")}
        assert FactAnswer.model_validate(filled).fact == row["fact"]


async def test_the_calendar_tells_by_day_what_changes_and_for_whom(desk: Desk, client: TestClient) -> None:
    assert [each["lines"] for each in client.get("/v1/cliffs", params={"lines": 0}).json()["cliffs"]] == [[], []]
    shown = client.get("/v1/cliffs").json()
    assert shown["today"] == "2026-11-22"
    assert [(each["on"], each["after"], each["lines_expected_then"], each["lines_if_late"]) for each in shown["cliffs"]] == [
        ("2026-12-10", "needs_information", 1, 0),
        ("2027-01-10", "licence_required", 0, 1),
    ]
    assert shown["cliffs"][0]["lines"][0]["order_key"] == order_event(2).subject
    assert sum(map(float, shown["cliffs"][0]["value"].values())) > 0
    soon = client.get("/v1/cliffs", params={"days": 30}).json()["cliffs"]
    assert [each["on"] for each in soon] == ["2026-12-10"]
