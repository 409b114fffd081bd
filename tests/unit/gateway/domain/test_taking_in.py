"""What one document after the other does to an order."""

import json
from dataclasses import replace
from typing import Any

from services.gateway.domain.enrichment import Catalogue, catalogue_of
from services.gateway.domain.received import Received
from services.gateway.domain.taking_in import Circumstances, OrderState, Taken, enrich_again, references_of, take_in
from shared.contracts.master_data import Item
from shared.contracts.order import OrderEvent
from tests.unit.gateway.orders import MOMENT, line, received

TODAY = Circumstances(Catalogue(), MOMENT)


def run(*documents: Received, circumstances: Circumstances = TODAY) -> list[Taken]:
    state = OrderState()
    taken = []
    for document in documents:
        taken.append(take_in(state, document, circumstances))
        state = taken[-1].state
    return taken


def event(taken: Taken) -> OrderEvent:
    assert taken.event is not None
    return OrderEvent.model_validate_json(taken.event)


def kinds(taken: list[Taken]) -> list[str | None]:
    return [None if one.event is None else json.loads(one.event)["type"].split(".")[2] for one in taken]


def request(number: str = "Cancellation-1") -> Received:
    return replace(received(status="cancelled", lines=[]), kind="cancellation_request", request_id=number)


def codes(taken: Taken) -> list[str]:
    return [issue.code for issue in taken.issues]


def test_created_changed_cancelled_and_closed_follow_from_comparison() -> None:
    taken = run(
        received(revision={"source_seq": 1}),
        received(revision={"source_seq": 1}),
        received(revision={"source_seq": 2}, lines=[line(quantity={"value": "9", "unit": "KGM"})]),
        received(revision={"source_seq": 3}, status="cancelled", lines=[]),
        received(revision={"source_seq": 4}),
        received(revision={"source_seq": 5}, status="closed"),
    )
    assert kinds(taken) == ["created", None, "changed", "cancelled", "changed", "closed"]
    assert [one.received_seq for one in taken] == [1, 1, 2, 3, 4, 5]
    assert event(taken[2]).data.changed_paths == ["/lines/10/mass_kg", "/lines/10/quantity/unit_system", "/lines/10/quantity/value"]


def test_an_event_says_whose_it_is_and_keeps_the_trace() -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    (taken,) = run(received(), circumstances=replace(TODAY, traceparent=trace))
    sent = event(taken)
    assert (sent.source, sent.subject, sent.time) == ("orestream/gateway", "sap/1000/4500000001", MOMENT)
    assert sent.traceparent is not None
    assert sent.traceparent[3:35] == "a" * 32
    assert sent.id == taken.state.event_id == run(received())[0].state.event_id


def test_a_bare_cancellation_cancels_the_order_as_it_stood() -> None:
    taken = run(received(supplier={"id": "V1"}), received(status="cancelled", lines=[]))
    snapshot = event(taken[1]).data
    assert (snapshot.status, [each.line_status for each in snapshot.lines]) == ("cancelled", ["cancelled"])
    assert snapshot.supplier is not None
    assert snapshot.supplier.id == "V1"


def test_a_cancellation_of_an_unknown_order_leaves_a_tombstone() -> None:
    taken = run(received(status="cancelled", lines=[]), received())
    assert kinds(taken) == ["cancelled", None]
    assert taken[1].outcome == "older"
    assert codes(taken[1]) == ["CANCELLED_BEFORE"]


def test_a_conflict_goes_out_provisionally_and_is_noted() -> None:
    taken = run(
        received(revision={"source_seq": 1}),
        received(revision={"source_seq": 1}, status="held"),
        received(revision={"source_seq": 2}, status="held"),
    )
    assert [one.outcome for one in taken] == ["accepted", "conflict", "accepted"]
    assert [event(one).data.conflict for one in taken] == [False, True, False]
    assert [(each.earlier_received_seq, each.later_received_seq) for each in taken[2].state.conflicts] == [(1, 2)]


def test_a_request_to_cancel_marks_the_order_and_screening_goes_on() -> None:
    taken = run(received(), request(), request(), received(status="held"), received(status="cancelled", lines=[]))
    assert kinds(taken) == ["created", "changed", None, "changed", "cancelled"]
    assert [one.outcome for one in taken] == ["accepted", "accepted", "duplicate", "accepted", "accepted"]
    marked = event(taken[1]).data
    assert marked.status == "open"
    assert [(each.kind, each.value) for each in marked.references] == [("cancellation_request", "Cancellation-1")]
    assert "CANCELLATION_REQUESTED" in [issue.code for issue in event(taken[3]).data.issues]
    assert "CANCELLATION_REQUESTED" not in [issue.code for issue in event(taken[4]).data.issues]


def test_a_request_that_comes_before_its_order_waits_for_it() -> None:
    taken = run(request(), received())
    assert kinds(taken) == [None, "created"]
    assert codes(taken[0]) == ["BASE_MISSING"]
    assert taken[0].received_seq is None
    assert codes(taken[1]) == ["CANCELLATION_REQUESTED"]


def test_a_request_after_the_end_changes_nothing() -> None:
    taken = run(received(status="closed"), request())
    assert kinds(taken) == ["closed", None]
    assert codes(taken[1]) == ["ALREADY_ENDED"]


def test_by_policy_a_request_cancels_at_once() -> None:
    taken = run(received(), request(), circumstances=replace(TODAY, cancellation_policy="cancel"))
    assert kinds(taken) == ["created", "cancelled"]
    assert [each.line_status for each in event(taken[1]).data.lines] == ["cancelled"]


def test_a_change_without_base_is_taken_as_the_full_state() -> None:
    (taken,) = run(replace(received(), kind="change"))
    assert (taken.outcome, codes(taken)) == ("accepted", ["BASE_MISSING"])


def master(**fields: Any) -> Circumstances:
    return Circumstances(catalogue_of([Item.model_validate({"item_id": "MAG-1", **fields})], []), MOMENT)


def test_changed_master_data_sends_the_order_again_and_unchanged_does_not() -> None:
    (taken,) = run(received(revision={"source_seq": 3}))
    assert enrich_again(taken.state, TODAY) is None
    again = enrich_again(taken.state, master(origin_country="CN"))
    assert again is not None
    snapshot = event(again).data
    assert (snapshot.revision.received_seq, snapshot.revision.source_seq) == (2, 3)
    assert snapshot.changed_paths == ["/lines/10/origin_country"]
    assert snapshot.content_sha256 == event(taken).data.content_sha256
    assert enrich_again(again.state, master(origin_country="CN")) is None
    assert take_in(again.state, received(revision={"source_seq": 3}), TODAY).outcome == "duplicate"


def test_what_has_ended_is_not_enriched_again() -> None:
    taken = run(received(), received(status="cancelled", lines=[]))
    assert enrich_again(taken[1].state, master(origin_country="CN")) is None


def test_an_open_order_can_be_found_by_its_items_and_suppliers() -> None:
    numbers = {"buyer_id": "B", "supplier_id": "S", "manufacturer_id": "M"}
    taken = run(received(supplier={"id": "V1"}, exporter={"id": "V2"}, lines=[line(item=numbers)]), received(status="closed"))
    assert references_of(taken[0].state) == ({"B", "S", "M"}, {"V1", "V2"})
    assert references_of(taken[1].state) == (set(), set())
