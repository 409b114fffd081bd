"""Looking after the book: verify it, make a decision again, let go of what is past its retention."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

import orjson
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, select

from services.ledger import store
from services.ledger.domain.receipt import Break, Decision, Head, breaks
from services.ledger.domain.replay import Recompute, ReplayReport, replay_decision
from services.ledger.open_orders import open_orders
from shared.contracts.assessment import AssessmentEvent
from shared.contracts.base import instant_text
from shared.contracts.canonical import sha256_hex

AT_ONCE: Final = 500
LATE_DECISIONS: Final = timedelta(days=31)
"""Contents are stored when they arrive, the decision that rests on them may come later: they stay that much longer."""


@dataclass(slots=True, frozen=True)
class VerifyReport:
    """`pruned` counts emitted events whose content is past its retention: their hashes are verified, their bytes no longer can be."""

    decisions: int
    partitions: int
    pruned: int
    problems: tuple[Break, ...]

    @property
    def verified(self) -> bool:
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        return {"verified": self.verified, **asdict(self)}

    def render(self) -> str:
        scope = f"{self.decisions} decisions in {self.partitions} chains"
        if self.pruned:
            scope += f", {self.pruned} of them past the retention of their content"
        if self.verified:
            return f"{scope}: nothing altered, removed or moved"
        lines = [f"{scope}: {len(self.problems)} problems"]
        for problem in self.problems:
            decision = f", decision {problem.decision_id}" if problem.decision_id else ""
            lines.append(f"  partition {problem.partition}, position {problem.position}{decision}: {problem.what}")
        return "\n".join(lines)


def verify(engine: Engine) -> VerifyReport:
    """Walks every chain and compares each decision with its hash, its emitted event and its lines. Memory does not grow with the book."""
    problems: list[Break] = []
    decisions = pruned = 0
    with store.snapshot(engine) as connection:
        heads = store.heads(connection)
        partitions = sorted(heads.keys() | store.partitions_decided_in(connection))
        for partition in partitions:
            walked = _Counted(store.walk_decisions(connection, partition))
            problems += breaks(partition, walked, heads.get(partition, Head()))
            decisions += walked.count
            walk = store.walk_decisions(connection, partition)
            while batch := [decision for decision, _ in islice(walk, AT_ONCE)]:
                found, without_content = _compare_contents(connection, batch)
                problems += found
                pruned += without_content
        problems += [
            Break(-1, 0, None, f"removed: round {round_key} is closed, and the book holds no decision that closed it")
            for round_key in store.closed_rounds_without_decision(connection)
        ]
    return VerifyReport(decisions, len(partitions), pruned, tuple(problems))


@dataclass(slots=True)
class _Counted:
    rows: Iterator[tuple[Decision, str]]
    count: int = 0

    def __iter__(self) -> Iterator[tuple[Decision, str]]:
        for row in self.rows:
            self.count += 1
            yield row


def _compare_contents(connection: Connection, decisions: Sequence[Decision]) -> tuple[list[Break], int]:
    """Whether the events and inputs are what their hashes say, and the lines what the events say; and how many events are gone."""
    problems: list[Break] = []
    pruned = 0
    hashes = {decision.event_sha256 for decision in decisions}
    for decision in decisions:
        hashes |= set(orjson.loads(decision.inputs).values())
    altered = set()
    contents: dict[str, bytes] = {}
    for sha256, stored in store.stored_contents(connection, hashes).items():
        content = _decompressed(stored)
        if content is None or sha256_hex(content) != sha256:
            altered.add(sha256)
        else:
            contents[sha256] = content
    lines = store.lines_of(connection, [decision.decision_id for decision in decisions])
    for decision in decisions:
        where = (decision.partition, decision.position, decision.decision_id)
        if decision.event_sha256 in altered:
            problems.append(Break(*where, "altered: the emitted event does not give its hash"))
            continue
        inputs = orjson.loads(decision.inputs)
        problems += [
            Break(*where, f"altered: the content kept as its {name} does not give its hash") for name in inputs if inputs[name] in altered
        ]
        if decision.event_sha256 not in contents:
            pruned += 1
            continue
        try:
            assessment = AssessmentEvent.model_validate_json(contents[decision.event_sha256]).data
        except ValidationError:
            problems.append(Break(*where, "altered: the emitted event is no assessment"))
            continue
        expected = [store.line_row(decision.decision_id, number, line) for number, line in enumerate(assessment.lines)]
        if lines.get(decision.decision_id, []) != expected:
            problems.append(Break(*where, "altered: its lines are not those of the emitted event"))
    return problems, pruned


def _decompressed(stored: bytes) -> bytes | None:
    try:
        return zlib.decompress(stored)
    except zlib.error:
        return None


class UnknownDecision(Exception):
    """The book does not hold it, or no longer holds what it emitted."""


def replay(engine: Engine, decision_id: str, code_running: str, recompute: Mapping[str, Recompute]) -> ReplayReport:
    """Makes a decision again from its contents, and through `recompute`, by service, the results it rests on. Raises UnknownDecision."""
    with engine.connect() as connection:
        found = store.find_decision(connection, decision_id)
        if found is None:
            raise UnknownDecision(f"The book holds no decision {decision_id}.")
        decision, _ = found
        contents = store.read_contents(connection, {decision.event_sha256, *orjson.loads(decision.inputs).values()})
    recorded = contents.get(decision.event_sha256)
    if recorded is None:
        raise UnknownDecision(
            f"The event of decision {decision_id} of {decision.decided_at} is past its retention; its hash is {decision.event_sha256}."
        )
    return replay_decision(recorded, contents, code_running, recompute)


def prune(engine: Engine, now: datetime, retention_years: int) -> int:
    """Lets go of contents past their retention and says of how many. Decisions, their hashes and with them the chains stay, and so do the
    events of orders that are still open: they may be asked for again.
    """
    before = now - LATE_DECISIONS
    before = before.replace(year=before.year - retention_years, day=min(before.day, 28))
    pruned = 0
    while True:
        with store.writing(engine) as connection:
            removed = store.prune_contents(connection, instant_text(before), AT_ONCE, kept=select(open_orders.c.order_sha256))
        pruned += removed
        if removed < AT_ONCE:
            break
    with store.writing(engine) as connection:
        return pruned + store.prune_references(connection, instant_text(before))
