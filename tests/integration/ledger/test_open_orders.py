"""The open orders as their latest final decision left them: filled by it, changed with it, gone when the order has ended."""

from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, select

from services.ledger.open_orders import open_lines, open_orders
from shared.contracts.order import OrderEvent
from shared.contracts.screening import Answer, Cliff, MissingFact, ScreeningEvent
from tests.integration.ledger.desk import Desk, emitted
from tests.support.orders import MOMENT, order_event
from tests.support.results import VERSIONS, line_screening, screening_event

QUESTION = MissingFact(kind="fact", name="grade", held_by="supplier", question="Which grade is it?")
CLIFF = Cliff(
    jurisdiction="CN",
    on=date(2027, 11, 10),
    before=Answer.SUSPENDED,
    after=Answer.LICENCE_REQUIRED,
    instrument="CN-1",
    limb="CN-1/a",
    sentence="It changes.",
)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)


def answered(order: OrderEvent, **changes: Any) -> ScreeningEvent:
    """The first line has a question, the second a cliff, the third neither."""
    lines = [
        line_screening("10", Answer.NEEDS_INFORMATION, questions=[QUESTION]),
        line_screening("20", Answer.SUSPENDED, cliffs=[CLIFF], latest_departure_on=date(2027, 2, 1)),
        line_screening("30"),
    ]
    return screening_event(order, **{"lines": lines, "touched": ["element:Dy"], "recheck_on": date(2027, 5, 1), **changes})


def with_lines(order: OrderEvent, status: str) -> OrderEvent:
    lines = [line.model_copy(update={"line_status": status}) for line in order.data.lines]
    return order.model_copy(update={"data": order.data.model_copy(update={"lines": lines})})


def rows(engine: Engine, table: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]


async def test_a_final_decision_says_what_its_open_order_depends_on(desk: Desk) -> None:
    order = order_event(1)
    await desk.order(order, partition=0)
    assert rows(desk.engine, open_orders) == [], "nothing is known before the decision"
    (assessment,) = emitted(await desk.result(answered(order)))
    (row,) = rows(desk.engine, open_orders)
    assert (row["order_key"], row["partition"], row["revision"], row["round"]) == (order.subject, 0, 1, 1)
    assert row["decision_id"] == assessment["decision_id"]
    assert orjson.loads(row["touched"]) == ["element:Dy"]
    assert orjson.loads(row["versions"]) == {kind: VERSIONS[kind] for kind in ("parties", "regulations")}
    assert (row["supplier_id"], row["currency"], row["recheck_on"]) == ("0000100101", "EUR", "2027-05-01")


async def test_lines_with_a_question_or_a_cliff_are_found_without_the_others(desk: Desk) -> None:
    order = order_event(1)
    await desk.order(order)
    await desk.result(answered(order))
    asked, changing = rows(desk.engine, open_lines)
    assert (asked["line_id"], asked["number"], asked["cliffs"], asked["first_cliff_on"]) == ("10", 0, None, None)
    assert orjson.loads(asked["item"]) == {"buyer_id": order.data.lines[0].item.buyer_id}
    assert [MissingFact.model_validate(each) for each in orjson.loads(asked["questions"])] == [QUESTION]
    assert (changing["line_id"], changing["questions"], changing["first_cliff_on"]) == ("20", None, "2027-11-10")
    assert [Cliff.model_validate(each) for each in orjson.loads(changing["cliffs"])] == [CLIFF]
    assert changing["latest_departure_on"] == "2027-02-01"


async def test_a_newer_decision_takes_the_place_of_the_older_one(desk: Desk) -> None:
    for revision, touched in ((1, ["element:Dy"]), (2, ["element:Tb"])):
        order = order_event(1, revision=revision)
        await desk.order(order)
        await desk.result(answered(order, touched=touched, lines=[line_screening("10")] if revision == 2 else answered(order).data.lines))
    (row,) = rows(desk.engine, open_orders)
    assert (row["revision"], orjson.loads(row["touched"])) == (2, ["element:Tb"])
    assert rows(desk.engine, open_lines) == []


@pytest.mark.parametrize("status", ["cancelled", "closed"])
async def test_an_order_that_has_ended_is_no_longer_open(desk: Desk, status: str) -> None:
    for number in (1, 2):
        order = order_event(number)
        await desk.order(order)
        await desk.result(answered(order))
    ended = order_event(1, revision=2)
    await desk.order(ended.model_copy(update={"data": ended.data.model_copy(update={"status": status})}))
    lines_ended = with_lines(order_event(2, revision=2), status)
    await desk.order(lines_ended)
    await desk.result(answered(lines_ended))
    assert rows(desk.engine, open_orders) == []
    assert rows(desk.engine, open_lines) == []


async def test_of_an_order_that_was_not_screened_nothing_is_known_and_everything_reaches_it(desk: Desk) -> None:
    order = order_event(1)
    await desk.order(order)
    await desk.result(screening_event(order, outcome="failed", failure="It broke.", lines=[]))
    (row,) = rows(desk.engine, open_orders)
    assert orjson.loads(row["touched"]) == ["*"]


async def test_a_delivery_that_comes_back_changes_nothing(desk: Desk) -> None:
    order = order_event(1)
    await desk.order(order)
    delivery = desk.delivery("screenings", answered(order))
    await desk.take([delivery])
    before = rows(desk.engine, open_orders), rows(desk.engine, open_lines)
    await desk.take([delivery])
    assert (rows(desk.engine, open_orders), rows(desk.engine, open_lines)) == before
    assert MOMENT.isoformat()[:10] == before[0][0]["decided_at"][:10]
