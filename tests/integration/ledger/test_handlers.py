"""The handlers on a real book, on both databases: one final per round, stored before it is emitted, emitted again byte for byte."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from services.ledger import store
from services.ledger.audit import verify
from services.ledger.book import timer_name
from services.ledger.domain.rounds import MOST_ROUNDS_FOR_LATE_RESULTS, RoundKey
from services.ledger.migrations import migrate
from shared.bus.types import Effects, TryAgain, UndecodableEvent
from shared.contracts.order import OrderEvent
from shared.contracts.screening import Answer
from tests.integration.ledger.desk import FINAL_AFTER_MS, NO_STATE, PARTIAL_AFTER_MS, Desk, emitted, reference_change, timers
from tests.support.orders import MOMENT, order_event
from tests.support.results import VERSIONS, price_risk_event, screening_event, supply_risk_event

MOMENT_MS = int(MOMENT.timestamp() * 1000)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)


def key_of(order: OrderEvent) -> RoundKey:
    return RoundKey(str(order.data.order_key), order.data.revision.received_seq, order.data.round)


def changed(order: OrderEvent, **changes: Any) -> OrderEvent:
    return order.model_copy(update={"data": order.data.model_copy(update=changes)})


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


async def test_an_order_and_its_result_become_one_final(desk: Desk) -> None:
    order = order_event(1)
    armed = await desk.order(order)
    appended_ms = MOMENT_MS + 1
    assert timers(armed) == {
        timer_name("partial", key_of(order)): appended_ms + PARTIAL_AFTER_MS,
        timer_name("final", key_of(order)): appended_ms + FINAL_AFTER_MS,
    }
    decided = await desk.result(screening_event(order))
    (assessment,) = emitted(decided)
    assert (assessment["kind"], assessment["disposition"]) == ("final", "release_with_conditions")
    assert set(timers(decided).values()) == {None}, "a closed round leaves nothing in Redis"
    assert verify(desk.engine).verified


async def test_a_result_that_overtakes_its_order_is_joined(desk: Desk) -> None:
    order = order_event(1)
    assert (await desk.result(screening_event(order))).outputs == []
    (assessment,) = emitted(await desk.order(order))
    assert assessment["kind"] == "final"
    assert assessment["missing_results"] == []


async def test_a_delivery_that_comes_back_emits_the_same_bytes_and_adds_nothing(desk: Desk) -> None:
    order = order_event(1)
    await desk.order(order)
    delivery = desk.delivery("screenings", screening_event(order))
    (first,) = await desk.take([delivery])
    (again,) = await desk.take([delivery])
    assert again.outputs == first.outputs
    assert count(desk.engine, "decisions") == 1
    (same_event_elsewhere,) = await desk.take([desk.delivery("screenings", screening_event(order))])
    assert same_event_elsewhere.outputs == []


async def test_an_order_that_comes_back_sets_its_deadlines_again(desk: Desk) -> None:
    delivery = desk.delivery("orders", order_event(1))
    (first,) = await desk.take([delivery])
    (again,) = await desk.take([delivery])
    assert again.timers == first.timers


async def test_the_deadlines_give_a_partial_and_a_final_that_name_what_is_missing(desk: Desk) -> None:
    order = order_event(1)
    await desk.order(order)
    (partial,) = emitted(await desk.fire(timer_name("partial", key_of(order)), MOMENT_MS + 2_000))
    assert (partial["kind"], partial["missing_results"], partial["disposition"]) == ("partial", ["screening"], "hold")
    final = await desk.fire(timer_name("final", key_of(order)), MOMENT_MS + 30_000)
    assert (emitted(final)[0]["kind"], emitted(final)[0]["missing_results"]) == ("final", ["screening"])
    assert (await desk.fire(timer_name("final", key_of(order)), MOMENT_MS + 30_000)).outputs == final.outputs


# --- late results


async def decided_without(desk: Desk, order: OrderEvent) -> Effects:
    await desk.order(order)
    return await desk.fire(timer_name("final", key_of(order)), MOMENT_MS + 30_000)


async def test_a_late_result_asks_for_a_new_round_which_releases_the_order(desk: Desk) -> None:
    order = order_event(1)
    (held,) = emitted(await decided_without(desk, order))
    assert held["disposition"] == "hold"
    late = await desk.result(screening_event(order))
    assert [stream for stream, _ in late.outputs] == ["orders"]
    assert count(desk.engine, "evidence") == 1
    request = OrderEvent.model_validate_json(late.outputs[0][1])
    assert (request.type, request.data.round) == ("orestream.order.resubmitted.v1", 2)
    assert request.data.model_copy(update={"round": 1}) == order.data

    await desk.order(request)
    (released,) = emitted(await desk.result(screening_event(request)))
    assert (released["round"], released["disposition"], released["missing_results"]) == (2, "release_with_conditions", [])
    assert verify(desk.engine).verified


async def test_a_late_result_asks_once_however_often_anything_comes_back(desk: Desk) -> None:
    order = order_event(1)
    final = await decided_without(desk, order)
    delivery = desk.delivery("screenings", screening_event(order))
    (asked,) = await desk.take([delivery])
    (again,) = await desk.take([delivery])
    assert again.outputs == asked.outputs
    assert desk.ledger.on_given_up(delivery, RuntimeError()).outputs == asked.outputs
    for other in (screening_event(order), screening_event(order, Answer.EXEMPT)):
        assert (await desk.result(other)).outputs == []
    deadline_again = await desk.fire(timer_name("final", key_of(order)), MOMENT_MS + 30_000)
    assert deadline_again.outputs == final.outputs, "the request is the late result's, not the deadline's"
    assert count(desk.engine, "resubmissions") == 1


async def test_late_results_of_one_batch_ask_once(engine: Engine) -> None:
    desk = Desk(engine)
    order = order_event(1)
    await decided_without(desk, order)
    batch = [desk.delivery("screenings", screening_event(order, answer)) for answer in (Answer.EXEMPT, Answer.LICENCE_REQUIRED)]
    first, second = await desk.take(batch)
    assert [stream for stream, _ in first.outputs] == ["orders"]
    assert second.outputs == []


async def test_a_late_result_of_a_replaced_order_asks_for_nothing(desk: Desk) -> None:
    order = order_event(1)
    await decided_without(desk, order)
    await desk.order(order_event(1, revision=2))
    assert (await desk.result(screening_event(order))).outputs == []
    assert count(desk.engine, "evidence") == 1


async def test_a_service_that_is_always_late_is_not_asked_for_ever(desk: Desk) -> None:
    order = order_event(1)
    requests = 0
    while True:
        await decided_without(desk, order)
        late = await desk.result(screening_event(order))
        if not late.outputs:
            break
        order = OrderEvent.model_validate_json(late.outputs[0][1])
        requests += 1
        assert order.data.round == requests + 1
    assert requests == MOST_ROUNDS_FOR_LATE_RESULTS


async def test_a_round_that_asked_for_newer_data_is_not_asked_for_by_a_late_result_too(engine: Engine) -> None:
    desk = Desk(engine, awaited=("screening", "pricing-risk"))
    old = await desk.announce("regulations", b'{"law": 1}')
    await desk.announce("regulations", b'{"law": 2}', previous=old, at=MOMENT + timedelta(hours=1))
    order = order_event(1)
    await desk.order(order)
    screening = screening_event(order, versions={**VERSIONS, "regulations": old})
    await desk.result(screening)
    final = await desk.fire(timer_name("final", key_of(order)), MOMENT_MS + 30_000)
    assert [stream for stream, _ in final.outputs] == ["assessments", "orders"]
    assert (await desk.result(price_risk_event(order, screening), "price-risks")).outputs == []
    assert (await desk.fire(timer_name("final", key_of(order)), MOMENT_MS + 30_000)).outputs == final.outputs


# --- deadlines, revisions, batches


async def test_a_deadline_waits_while_results_lie_unread(desk: Desk) -> None:
    order = order_event(1)
    await desk.order(order)
    desk.behind, desk.now = 5.0, MOMENT.timestamp() + 60
    name = timer_name("final", key_of(order))
    postponed = await desk.fire(name, MOMENT_MS + 30_000)
    assert postponed.outputs == []
    assert timers(postponed) == {name: MOMENT_MS + 65_000}
    assert emitted(await desk.result(screening_event(order)))[0]["missing_results"] == []


async def test_a_newer_revision_supersedes_the_older_one(desk: Desk) -> None:
    await desk.order(order_event(1))
    delivery = desk.delivery("orders", order_event(1, revision=2))
    (newer,) = await desk.take([delivery])
    (superseded,) = emitted(newer)
    assert (superseded["revision"], superseded["kind"], superseded["superseded_by_revision"]) == (1, "superseded", 2)
    assert (await desk.take([delivery]))[0].outputs == newer.outputs
    assert emitted(await desk.result(screening_event(order_event(1)))) == []
    (final,) = emitted(await desk.result(screening_event(order_event(1, revision=2))))
    assert (final["revision"], final["kind"]) == (2, "final")


async def test_many_revisions_in_one_batch_leave_one_open(desk: Desk) -> None:
    effects = await desk.take([desk.delivery("orders", order_event(1, revision=revision)) for revision in (1, 2, 3)])
    kinds = [(data["revision"], data["kind"]) for each in effects for data in emitted(each)]
    assert kinds == [(1, "superseded"), (2, "superseded")]
    with desk.engine.connect() as connection:
        assert store.open_rounds(connection) == 1


async def test_a_cancelled_order_is_decided_at_once(desk: Desk) -> None:
    (assessment,) = emitted(await desk.order(changed(order_event(1), status="cancelled")))
    assert (assessment["kind"], assessment["disposition"], assessment["awaited"]) == ("final", "release", [])


async def test_every_awaited_service_is_waited_for(engine: Engine) -> None:
    desk = Desk(engine, awaited=("screening", "pricing-risk"))
    order = order_event(1)
    await desk.order(order)
    screening = screening_event(order)
    assert (await desk.result(screening)).outputs == []
    (assessment,) = emitted(await desk.result(price_risk_event(order, screening, "high"), "price-risks"))
    assert list(assessment["results"]) == ["screening", "pricing-risk"]
    assert [line["price_risk"]["grade"] for line in assessment["lines"]] == ["high"] * len(order.data.lines)


async def test_results_are_taken_in_the_order_in_which_they_are_waited_for_whichever_comes_first(engine: Engine) -> None:
    desk = Desk(engine, awaited=("screening", "pricing-risk"))
    order = order_event(1)
    screening = screening_event(order)
    assert (await desk.result(price_risk_event(order, screening), "price-risks")).outputs == []
    await desk.order(order)
    (assessment,) = emitted(await desk.result(screening))
    assert list(assessment["results"]) == ["screening", "pricing-risk"]


async def test_an_assessment_of_all_results_carries_what_each_says_of_a_line(engine: Engine) -> None:
    desk = Desk(engine, awaited=("screening", "pricing-risk", "stockpile-advisor"))
    order = order_event(1)
    screening = screening_event(order)
    await desk.order(order)
    assert (await desk.result(supply_risk_event(order, screening, "cannot_fix"), "supply-risks")).outputs == []
    assert (await desk.result(screening)).outputs == []
    (assessment,) = emitted(await desk.result(price_risk_event(order, screening, "high"), "price-risks"))
    assert list(assessment["results"]) == ["screening", "pricing-risk", "stockpile-advisor"]
    for line in assessment["lines"]:
        assert (line["price_risk"]["grade"], line["supply_risk"]["decision"]) == ("high", "cannot_fix")
        assert line["flags"] == ["price_risk_high", "supply_risk_cannot_fix"]


async def test_a_price_risk_that_does_not_come_holds_nothing_and_has_the_order_judged_again_when_it_does(engine: Engine) -> None:
    desk = Desk(engine, awaited=("screening", "pricing-risk"))
    order = order_event(1)
    screening = screening_event(order, Answer.NOT_CONTROLLED)
    await desk.order(order)
    await desk.result(screening)
    (partial,) = emitted(await desk.fire(timer_name("partial", key_of(order)), MOMENT_MS + 2_000))
    assert (partial["kind"], partial["missing_results"]) == ("partial", ["pricing-risk"])
    (final,) = emitted(await desk.fire(timer_name("final", key_of(order)), MOMENT_MS + 30_000))
    assert (final["kind"], final["disposition"]) == ("final", "release_with_conditions")
    assert {flag for line in final["lines"] for flag in line["flags"]} == {"missing_price_risk"}
    late = await desk.result(price_risk_event(order, screening), "price-risks")
    again = OrderEvent.model_validate_json(late.outputs[0][1])
    assert ([stream for stream, _ in late.outputs], again.data.round) == (["orders"], 2)
    screened_again = screening_event(again, Answer.NOT_CONTROLLED)
    await desk.order(again)
    await desk.result(screened_again)
    (settled,) = emitted(await desk.result(price_risk_event(again, screened_again), "price-risks"))
    assert (settled["round"], settled["disposition"], settled["missing_results"]) == (2, "release", [])


async def test_a_poisoned_message_costs_that_message_only(desk: Desk) -> None:
    good = order_event(1)
    wrong_subject = order_event(2).model_copy(update={"subject": "somebody/else/s"})
    batch = [desk.delivery("orders", b"\xff not json"), desk.delivery("orders", good), desk.delivery("orders", wrong_subject)]
    first, second, third = await desk.take_whatever(batch)
    assert isinstance(first, UndecodableEvent)
    assert isinstance(second, Effects)
    assert isinstance(third, UndecodableEvent)
    assert count(desk.engine, "rounds") == 1


async def test_another_order_under_the_same_number_is_told_apart(desk: Desk) -> None:
    await desk.order(order_event(1))
    (refused,) = await desk.take_whatever([desk.delivery("orders", order_event(1).model_copy(update={"id": "another"}))])
    assert isinstance(refused, UndecodableEvent)
    assert "start both anew together" in str(refused)


async def test_names_with_any_character_are_kept(desk: Desk) -> None:
    order = order_event(1)
    supplier = order.data.supplier
    assert supplier is not None
    awkward = changed(order, supplier=supplier.model_copy(update={"name": "NUL \0 and \u202e and 磁铁 \U0001f9f2"}))
    await desk.order(awkward)
    (assessment,) = emitted(await desk.result(screening_event(awkward)))
    assert assessment["supplier_name"] == "NUL \0 and \u202e and 磁铁 \U0001f9f2"
    assert verify(desk.engine).verified


async def test_a_book_that_cannot_be_written_stops_the_partition_and_not_the_message(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        connection.execute(text("ALTER TABLE rounds RENAME TO rounds_elsewhere"))
    results = await desk.take_whatever([desk.delivery("orders", order_event(number)) for number in (1, 2)])
    assert [type(result) for result in results] == [TryAgain, TryAgain]
    with desk.engine.begin() as connection:
        connection.execute(text("ALTER TABLE rounds_elsewhere RENAME TO rounds"))
    assert (await desk.order(order_event(1))).timers


async def test_the_database_itself_takes_one_closing_decision_a_round(desk: Desk) -> None:
    order = order_event(1)
    await desk.order(order)
    await desk.result(screening_event(order))
    with desk.engine.connect() as connection:
        row = dict(connection.execute(store.decisions.select()).mappings().one())
    forged = {**row, "position": 2, "decision_id": "f" * 32, "kind": "superseded"}
    with pytest.raises(Exception, match=r"(?i)unique"), desk.engine.begin() as connection:
        connection.execute(store.decisions.insert(), forged)


@pytest.mark.parametrize("statement", ["UPDATE {} SET decision_id = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["decisions", "decision_lines", "decision_marks"])
async def test_the_database_itself_refuses_to_change_a_decision(desk: Desk, table: str, statement: str) -> None:
    order = order_event(1)
    await desk.order(order)
    await desk.result(screening_event(order))
    with pytest.raises(Exception, match=f"{table} is append-only"), desk.engine.begin() as connection:
        connection.execute(text(statement.format(table)))


# --- newer data


async def test_a_result_under_older_data_than_announced_asks_for_the_order_again_once(desk: Desk) -> None:
    old = await desk.announce("regulations", b'{"law": 1}')
    new = await desk.announce("regulations", b'{"law": 2}', previous=old, at=MOMENT + timedelta(hours=1))
    order = order_event(1)
    await desk.order(order)
    delivery = desk.delivery("screenings", screening_event(order, versions={**VERSIONS, "regulations": old}))
    (decided,) = await desk.take([delivery])
    assert [stream for stream, _ in decided.outputs] == ["assessments", "orders"]
    assert (await desk.take([delivery]))[0].outputs == decided.outputs
    request = OrderEvent.model_validate_json(decided.outputs[1][1])
    assert (request.type, request.data.round) == ("orestream.order.resubmitted.v1", 2)
    assert request.data.model_copy(update={"round": 1}) == order.data

    await desk.order(request)
    still_old = await desk.result(screening_event(request, versions={**VERSIONS, "regulations": old}))
    assert [stream for stream, _ in still_old.outputs] == ["assessments"], "one request for one set of versions"
    assert new != old


async def test_a_result_under_newer_data_than_announced_asks_for_nothing(desk: Desk) -> None:
    old = await desk.announce("regulations", b'{"law": 1}')
    newer = await desk.announce("regulations", b'{"law": 2}', previous=old, at=MOMENT + timedelta(hours=1))
    for number, used in ((1, newer), (2, "e" * 64)):
        order = order_event(number)
        await desk.order(order)
        decided = await desk.result(screening_event(order, versions={**VERSIONS, "regulations": used}))
        assert [stream for stream, _ in decided.outputs] == ["assessments"]


async def test_going_back_to_an_earlier_version_counts_as_newer(desk: Desk) -> None:
    first = await desk.announce("parties", b"[1]")
    second = await desk.announce("parties", b"[2]", previous=first, at=MOMENT + timedelta(hours=1))
    await desk.announce("parties", b"[1]", previous=second, at=MOMENT + timedelta(hours=2))
    order = order_event(1)
    await desk.order(order)
    decided = await desk.result(screening_event(order, versions={**VERSIONS, "parties": second}))
    assert [stream for stream, _ in decided.outputs] == ["assessments", "orders"]


async def test_an_announcement_whose_content_is_not_its_version_is_refused(desk: Desk) -> None:
    change = reference_change("regulations", b"law")
    forged = change.model_copy(update={"data": change.data.model_copy(update={"version": "f" * 64})})
    deliveries = [desk.delivery("reference-changes", each) for each in (forged, change)]
    refused, kept = await desk.ledger.on_reference_changes(deliveries, NO_STATE)
    assert isinstance(refused, UndecodableEvent)
    assert isinstance(kept, Effects)


# --- a stale holder of the partition


async def test_two_holders_of_one_partition_write_one_book(engine: Engine) -> None:
    stale, fresh = Desk(engine), Desk(engine)
    orders = [order_event(number) for number in range(40)]
    batches = [
        [stale.delivery("orders", order) for order in orders],
        [stale.delivery("screenings", screening_event(order)) for order in orders],
    ]
    emitted_by: dict[Desk, list[bytes]] = {stale: [], fresh: []}
    for batch in batches:
        for desk, effects in zip((stale, fresh), await asyncio.gather(stale.take(batch), fresh.take(batch)), strict=True):
            emitted_by[desk] += [event for each in effects for _, event in each.outputs]
    assert len(emitted_by[stale]) == len(orders)
    assert emitted_by[stale] == emitted_by[fresh], "whoever holds the partition emits the bytes of the book"
    assert count(engine, "decisions") == len(orders)
    assert verify(engine).verified


# --- given up


async def test_a_given_up_delivery_emits_what_it_had_stored(desk: Desk) -> None:
    order = order_event(1)
    await desk.order(order)
    delivery = desk.delivery("screenings", screening_event(order))
    (stored,) = await desk.take([delivery])
    assert desk.ledger.on_given_up(delivery, RuntimeError()).outputs == stored.outputs
    another = desk.delivery("screenings", screening_event(order_event(2), Answer.EXEMPT))
    assert desk.ledger.on_given_up(another, RuntimeError()) == Effects()
    assert desk.ledger.on_given_up(desk.delivery("screenings", b"{}"), RuntimeError()) == Effects()


async def test_the_tables_are_those_that_the_code_expects(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), store.metadata) == []
