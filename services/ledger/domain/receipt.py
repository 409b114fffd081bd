"""The receipt of a decision: its place in the hash chain of its partition.

A decision's hash covers the hash before it and every column of its own row, the hash of the emitted event among them: nothing can be
altered, taken out or moved without breaking the chain from there on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from shared.contracts.canonical import canonical_json, sha256_hex

GENESIS: Final = "0" * 64
"""Stands before the first decision of a chain."""


@dataclass(slots=True, frozen=True)
class Decision:
    """One row of the book. `inputs` and `versions` are canonical JSON, instants are RFC 3339 texts in UTC."""

    partition: int
    position: int
    decision_id: str
    round_key: str
    order_key: str
    revision: int
    round: int
    kind: str
    disposition: str
    supplier_id: str | None
    supplier_name: str | None
    currency: str | None
    ordered_at: str
    decided_at: str
    superseded_by_revision: int | None
    inputs: str
    versions: str
    event_sha256: str
    previous_hash: str

    def hash(self) -> str:
        return sha256_hex(canonical_json(self))


@dataclass(slots=True, frozen=True)
class Head:
    """The end of a chain: position and hash of its last decision."""

    position: int = 0
    hash: str = GENESIS


@dataclass(slots=True, frozen=True)
class Break:
    """What is wrong with a chain, and where."""

    partition: int
    position: int
    decision_id: str | None
    what: str


def breaks(partition: int, rows: Iterable[tuple[Decision, str]], head: Head) -> Iterator[Break]:
    """Walks `rows`, (decision, stored hash) by position, from the first decision to `head`."""
    previous = Head()
    for decision, stored in rows:
        expected = previous.position + 1
        if decision.position != expected:
            gone = f"{expected}" if decision.position == expected + 1 else f"{expected} to {decision.position - 1}"
            yield Break(partition, expected, None, f"removed: position {gone} is missing")
        elif decision.previous_hash != previous.hash:
            yield Break(
                partition,
                decision.position,
                decision.decision_id,
                "does not follow the decision before it: one of the two was replaced or moved",
            )
        if decision.hash() != stored:
            yield Break(partition, decision.position, decision.decision_id, "altered: its columns do not give its hash")
        previous = Head(decision.position, stored)
    if previous.position < head.position:
        yield Break(
            partition, previous.position + 1, None, f"removed: the chain ends at {previous.position}, its head says {head.position}"
        )
    elif previous != head:
        yield Break(partition, previous.position, None, "the head of the chain does not name its last decision")
