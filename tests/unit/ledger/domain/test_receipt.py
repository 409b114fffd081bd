"""Whatever is done to a chain of decisions, the walk finds it and names the place."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.receipt import GENESIS, Decision, Head, breaks

Chain = list[tuple[Decision, str]]


def chain(length: int) -> Chain:
    rows: Chain = []
    previous = GENESIS
    for position in range(1, length + 1):
        decision = Decision(
            partition=0,
            position=position,
            decision_id=f"{position:032x}",
            round_key=f"o@{position}.1",
            order_key="o",
            revision=position,
            round=1,
            kind="final",
            disposition="release",
            supplier_id="0000100101",
            supplier_name=None,
            currency="EUR",
            ordered_at="2026-11-22T08:00:00.000000Z",
            decided_at="2026-11-22T08:00:00.000000Z",
            superseded_by_revision=None,
            inputs="{}",
            versions="{}",
            event_sha256="0" * 64,
            previous_hash=previous,
        )
        previous = decision.hash()
        rows.append((decision, previous))
    return rows


def head(rows: Chain) -> Head:
    return Head(rows[-1][0].position, rows[-1][1]) if rows else Head()


def found(rows: Chain, end: Head) -> list[tuple[int, str]]:
    return [(each.position, each.what.partition(":")[0]) for each in breaks(0, rows, end)]


@given(st.integers(0, 12))
def test_an_untouched_chain_verifies(length: int) -> None:
    rows = chain(length)
    assert found(rows, head(rows)) == []


@pytest.mark.parametrize("column", [field.name for field in fields(Decision)])
def test_no_column_can_be_altered(column: str) -> None:
    rows = chain(3)
    end = head(rows)
    value: Any = getattr(rows[1][0], column)
    other = value + 1 if isinstance(value, int) else f"{value or ''}x"
    rows[1] = (replace(rows[1][0], **{column: other}), rows[1][1])
    assert found(rows, end), f"{column} was altered unnoticed"


def test_an_altered_row_with_a_new_hash_no_longer_carries_the_next_one() -> None:
    rows = chain(3)
    end = head(rows)
    forged = replace(rows[1][0], disposition="hold")
    rows[1] = (forged, forged.hash())
    assert [position for position, _ in found(rows, end)] == [3]


@given(st.data())
def test_a_removed_row_is_missed_wherever_it_stood(data: st.DataObject) -> None:
    rows = chain(data.draw(st.integers(1, 8)))
    end = head(rows)
    position = data.draw(st.integers(1, len(rows)))
    del rows[position - 1]
    assert (position, "removed") in found(rows, end)


def test_rows_that_changed_places_are_found() -> None:
    rows = chain(4)
    end = head(rows)
    second, third = rows[1], rows[2]
    rows[1] = (replace(third[0], position=2), third[1])
    rows[2] = (replace(second[0], position=3), second[1])
    assert {position for position, _ in found(rows, end)} >= {2, 3}


def test_a_shortened_chain_is_told_by_its_head() -> None:
    rows = chain(4)
    assert found(rows[:2], head(rows)) == [(3, "removed")]


def test_rows_behind_the_head_are_told() -> None:
    rows = chain(4)
    assert found(rows, head(rows[:3])) == [(4, "the head of the chain does not name its last decision")]
