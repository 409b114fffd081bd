"""What the book answers over HTTP: the decisions that were asked for, page by page, and the receipt of one."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from services.ledger.audit import prune
from services.ledger.http import router
from shared.contracts.order import OrderEvent
from shared.contracts.screening import Answer
from shared.http_problem import Problem
from tests.integration.ledger.desk import Desk, timers
from tests.support.orders import MOMENT, order_event
from tests.support.results import screening_event

ANSWERS = (Answer.LICENCE_REQUIRED, Answer.NOT_CONTROLLED, Answer.PROHIBITED)


@pytest.fixture
def client(engine: Engine) -> TestClient:
    asked: list[str] = []

    def require(scope: str) -> Any:
        asked.append(scope)
        return lambda: None

    application = FastAPI()
    application.include_router(router(engine, require, lambda: MOMENT))
    assert asked == ["assessments:read"]
    return TestClient(application)


def order_on_day(number: int) -> OrderEvent:
    return order_event(number).model_copy(update={"time": MOMENT + timedelta(days=number)})


@pytest.fixture
async def desk(engine: Engine) -> Desk:
    """Nine orders on nine days from 2026-11-22, every third one with the same answer; the last one has a partial, too."""
    desk = Desk(engine)
    for number in range(9):
        order = order_on_day(number)
        if number == 3:
            supplier = order.data.supplier
            assert supplier is not None
            other = supplier.model_copy(update={"id": "0000200202", "name": "Another Supplier"})
            order = order.model_copy(update={"data": order.data.model_copy(update={"supplier": other})})
        armed = await desk.order(order)
        if number == 8:
            name, due_ms = next(iter(timers(armed).items()))
            await desk.fire(name, due_ms or 0)
        await desk.result(screening_event(order, ANSWERS[number % 3]))
    return desk


def numbers(response: Any) -> list[int]:
    """The orders listed, by their number."""
    assert response.status_code == 200, response.text
    return [int(each["order_key"][-1]) for each in response.json()["assessments"]]


async def test_the_newest_come_first_with_their_lines(desk: Desk, client: TestClient) -> None:
    response = client.get("/v1/assessments", params={"kind": "final"})
    assert numbers(response) == [8, 7, 6, 5, 4, 3, 2, 1, 0]
    first = response.json()["assessments"][0]
    assert first["disposition"] == "hold"
    assert first["supplier_name"] == "Example Metals Co., Ltd."
    assert [line["line_id"] for line in first["lines"]] == ["10", "20", "30"]
    assert first["lines"][0]["answers"] == {"CN": "prohibited", "US": "not_controlled"}


FOUND: list[tuple[dict[str, str], list[int]]] = [
    ({"disposition": "hold"}, [8, 5, 2]),
    ({"disposition": "release"}, [7, 4, 1]),
    ({"control_code": "1C902"}, [8, 6, 5, 3, 2, 0]),
    ({"material": "Dy", "disposition": "release"}, [7, 4, 1]),
    ({"material": "Nd"}, []),
    ({"supplier": "0000200202"}, [3]),
    ({"supplier": "Another Supplier", "material": "Dy", "control_code": "1C902"}, [3]),
    ({"order_key": "bench/1000/4500000004"}, [4]),
    ({"decided_from": "2026-11-24", "decided_to": "2026-11-26"}, [4, 3, 2]),
    ({"decided_from": "2026-11-24", "decided_to": "2026-11-26", "control_code": "1C902"}, [3, 2]),
    ({"decided_to": "9999-12-31", "limit": "2"}, [8, 7]),
    ({"order_key": "bench/1000/nobody' OR 1=1"}, []),
]


async def test_decisions_are_found_by_what_they_are(desk: Desk, client: TestClient) -> None:
    for wanted, listed in FOUND:
        assert numbers(client.get("/v1/assessments", params={"kind": "final", **wanted})) == listed, wanted


async def test_pages_follow_each_other_without_gap_or_repetition(desk: Desk, client: TestClient) -> None:
    for wanted in ({}, {"material": "Dy"}, {"disposition": "release"}):
        at_once = numbers(client.get("/v1/assessments", params={**wanted, "limit": "100"}))
        paged: list[int] = []
        cursor: dict[str, str] = {}
        while True:
            response = client.get("/v1/assessments", params={**wanted, "limit": "2", **cursor})
            paged += numbers(response)
            if response.json()["next"] is None or len(paged) > len(at_once):
                break
            cursor = {"cursor": response.json()["next"]}
        assert paged == at_once, wanted


async def test_a_decision_comes_with_its_receipt(desk: Desk, client: TestClient, engine: Engine) -> None:
    (listed,) = client.get("/v1/assessments", params={"order_key": "bench/1000/4500000004"}).json()["assessments"]
    found = client.get(f"/v1/assessments/{listed['decision_id']}").json()
    assert found["assessment"]["disposition"] == "release"
    receipt = found["receipt"]
    assert receipt["position"] == 5
    assert receipt["inputs"].keys() == {"order", "screening", "policy", "regulations", "parties"}
    assert len(receipt["hash"]) == 64
    prune(engine, MOMENT + timedelta(days=365 * 11), 10)
    past = client.get(f"/v1/assessments/{listed['decision_id']}").json()
    assert past["assessment"] is None
    assert past["receipt"] == {**receipt, "content_kept": False}


async def test_a_result_that_a_decision_rests_on_is_read_whole(desk: Desk, client: TestClient, engine: Engine) -> None:
    (listed,) = client.get("/v1/assessments", params={"order_key": "bench/1000/4500000004"}).json()["assessments"]
    results = f"/v1/assessments/{listed['decision_id']}/results"
    told = client.get(f"{results}/screening").json()["result"]
    assert told["outcome"] == "screened"
    assert [line["line_id"] for line in told["lines"]] == ["10", "20", "30"]
    for other in ("pricing-risk", "order", "policy"):
        missing = client.get(f"{results}/{other}")
        assert (missing.status_code, other in missing.json()["detail"]) == (404, True)
    assert client.get(f"{results}/No..service").status_code == 422
    prune(engine, MOMENT + timedelta(days=365 * 11), 10)
    assert client.get(f"{results}/screening").status_code == 404


MEANINGLESS = [
    "?cursor=nonsense",
    "?cursor=WyJhIl0=",
    "?cursor=" + quote("磁"),
    "?limit=0",
    "?limit=501",
    "?disposition=maybe",
    "?kind=last",
    "?decided_from=yesterday",
    "?supplier=%00",
    "/not-an-id",
]


async def test_a_question_that_cannot_be_meant_is_refused_with_a_problem(client: TestClient) -> None:
    for path in MEANINGLESS:
        response = client.get(f"/v1/assessments{path}")
        assert response.status_code == 422, (path, response.text)
        assert response.headers["content-type"] == "application/problem+json"


async def test_an_unknown_decision_is_not_found(client: TestClient) -> None:
    response = client.get(f"/v1/assessments/{'0' * 32}")
    assert response.status_code == 404
    assert "holds no decision" in response.json()["detail"]


async def test_who_may_not_read_gets_nothing(engine: Engine) -> None:
    def require(_scope: str) -> Any:
        def refuse() -> None:
            raise Problem(403, "Scope missing", "This key lacks the scope.")

        return refuse

    application = FastAPI()
    application.include_router(router(engine, require, lambda: MOMENT))
    assert TestClient(application).get("/v1/assessments").status_code == 403
