"""Which state of an order stands, whatever order its states arrive in."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.revision import LONGEST_HISTORY, Decision, Standing, Status, compare, decide
from shared.contracts.order import SourceRevision

NONE = SourceRevision()
START = datetime(2026, 11, 1, tzinfo=UTC)


def numbered(number: int) -> SourceRevision:
    return SourceRevision(source_seq=number)


def dated(day: int) -> SourceRevision:
    return SourceRevision(source_changed_at=START + timedelta(days=day))


def named(name: str) -> SourceRevision:
    return SourceRevision(source_value=name)


def run(*arrivals: tuple[SourceRevision, str] | tuple[SourceRevision, str, Status]) -> list[Decision]:
    standing: Standing | None = None
    decisions = []
    for revision, content, *rest in arrivals:
        decision = decide(standing, revision, content, rest[0] if rest else "open")  # type: ignore[arg-type]
        standing = decision.standing
        decisions.append(decision)
    return decisions


def outcomes(*arrivals: tuple[SourceRevision, str] | tuple[SourceRevision, str, Status]) -> list[str]:
    return [decision.outcome for decision in run(*arrivals)]


def codes(decision: Decision) -> list[str]:
    return [issue.code for issue in decision.issues]


def test_the_first_state_is_accepted_and_its_repetition_is_a_duplicate() -> None:
    assert outcomes((NONE, "a"), (NONE, "a"), (NONE, "a")) == ["accepted", "duplicate", "duplicate"]


def test_a_thousand_repetitions_leave_no_trace() -> None:
    decisions = run(*[(numbered(3), "a")] * 1000)
    assert decisions[-1].standing == decisions[0].standing
    assert not any(decision.emits for decision in decisions[1:])


def test_content_decides_about_duplicates_whatever_the_date_says() -> None:
    """The same change sent twice with times that differ by milliseconds."""
    assert outcomes((dated(1), "a"), (dated(2), "a"), (dated(1), "a")) == ["accepted", "duplicate", "duplicate"]


def test_an_older_state_is_kept_as_history_only() -> None:
    decisions = run((numbered(2), "b"), (numbered(1), "a"), (numbered(1), "a"))
    assert [decision.outcome for decision in decisions] == ["accepted", "older", "older"]
    assert decisions[-1].standing.content == "b"
    assert [(seen.content, seen.received_seq) for seen in decisions[-1].standing.history] == [("b", 1), ("a", None)]


def test_a_state_that_stood_before_is_a_duplicate_of_its_own_snapshot() -> None:
    decisions = run((numbered(1), "a"), (numbered(2), "b"), (numbered(1), "a"), (numbered(2), "b"))
    assert [(decision.outcome, decision.received_seq) for decision in decisions[2:]] == [("duplicate", 1), ("duplicate", 2)]
    assert decisions[-1].standing == decisions[1].standing


def test_the_same_revision_with_other_content_is_a_conflict_that_the_next_revision_settles() -> None:
    decisions = run((numbered(1), "a"), (numbered(1), "b"), (numbered(1), "a"), (numbered(1), "b"), (numbered(2), "b"))
    assert [decision.outcome for decision in decisions] == ["accepted", "conflict", "duplicate", "duplicate", "accepted"]
    assert [decision.standing.conflict for decision in decisions] == [False, True, True, True, False]
    assert [decision.standing.received_seq for decision in decisions] == [1, 2, 2, 2, 3]
    assert codes(decisions[1]) == ["REVISION_CONFLICT"]


def test_a_named_revision_with_other_content_is_a_conflict_even_when_it_no_longer_stands() -> None:
    assert outcomes((named("A"), "a"), (named("B"), "b"), (named("A"), "a"), (named("A"), "c")) == [
        "accepted",
        "accepted",
        "duplicate",
        "conflict",
    ]


def test_an_older_revision_with_two_contents_says_so() -> None:
    decisions = run((numbered(2), "b"), (numbered(1), "a"), (numbered(1), "other"))
    assert decisions[-1].outcome == "older"
    assert codes(decisions[-1]) == ["OLDER_REVISION_CONFLICT"]


def test_without_numbers_the_last_to_arrive_stands_and_is_marked_uncertain() -> None:
    decisions = run((NONE, "a"), (NONE, "b"), (NONE, "a"))
    assert [decision.outcome for decision in decisions] == ["accepted", "accepted", "accepted"]
    assert codes(decisions[0]) == []
    assert codes(decisions[2]) == ["ORDER_UNCERTAIN"]


def test_a_number_beats_a_date() -> None:
    early = SourceRevision(source_seq=1, source_changed_at=START + timedelta(days=9))
    late = SourceRevision(source_seq=2, source_changed_at=START)
    assert compare(early, late) == "newer"
    assert compare(numbered(1), dated(1)) == "unknown"
    assert compare(named("A"), named("A")) == "same"
    assert compare(named("A"), named("B")) == "unknown"


@pytest.mark.parametrize("create", [numbered(1), numbered(2), NONE, dated(1)])
def test_what_was_cancelled_before_it_came_stays_cancelled(create: SourceRevision) -> None:
    decisions = run((numbered(2), "cancelled", "cancelled"), (create, "a"), (create, "a"))
    assert [decision.outcome for decision in decisions] == ["accepted", "older", "older"]
    assert decisions[-1].standing.status == "cancelled"
    assert codes(decisions[1]) == ["CANCELLED_BEFORE"]
    assert decisions[1].standing == decisions[2].standing


def test_a_newer_state_reopens_what_was_cancelled() -> None:
    decisions = run((numbered(2), "cancelled", "cancelled"), (numbered(3), "a"))
    assert decisions[-1].outcome == "accepted"
    assert decisions[-1].standing.status == "open"


def test_history_is_bounded() -> None:
    decisions = run(*((numbered(number), str(number)) for number in range(200)))
    assert len(decisions[-1].standing.history) == LONGEST_HISTORY
    assert decide(decisions[-1].standing, numbered(5), "5", "open").outcome == "older"


ARRIVALS = st.dictionaries(st.integers(0, 8), st.sampled_from("abc"), min_size=1).flatmap(
    lambda states: st.lists(st.sampled_from(sorted(states.items())), min_size=len(states), max_size=20).map(
        lambda drawn: (states, [*drawn, *states.items()])
    )
)


@given(ARRIVALS, st.randoms(use_true_random=False), st.sampled_from([numbered, dated]))
def test_numbered_or_dated_states_converge_in_every_order_of_arrival(arrivals, random, revision) -> None:  # type: ignore[no-untyped-def]
    states, sequence = arrivals
    random.shuffle(sequence)
    decisions = run(*((revision(number), content) for number, content in sequence))
    newest = max(states)
    assert decisions[-1].standing.content == states[newest]
    assert decisions[-1].standing.revision == revision(newest)
    assert not decisions[-1].standing.conflict
    assert {decision.outcome for decision in decisions} <= {"accepted", "duplicate", "older"}


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.sampled_from(["open", "cancelled", "closed"])), min_size=1))
def test_received_numbers_grow_by_one_with_every_snapshot(arrivals) -> None:  # type: ignore[no-untyped-def]
    numbers = [1]
    decisions = run(*((numbered(number) if number else NONE, content + status, status) for number, content, status in arrivals))
    for before, after in pairwise(decisions):
        step = after.standing.received_seq - before.standing.received_seq
        assert step == int(after.emits)
        numbers.append(after.standing.received_seq)
    assert numbers[-1] == sum(decision.emits for decision in decisions)


@given(st.permutations([(numbered(1), "created", "open"), (numbered(2), "changed", "open"), (numbered(3), "gone", "cancelled")]))
def test_a_cancellation_holds_wherever_it_arrives(arrivals) -> None:  # type: ignore[no-untyped-def]
    assert run(*arrivals)[-1].standing.status == "cancelled"
