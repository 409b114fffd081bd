"""When an order's round is decided: the join of an order event with the results it waits for, as a pure state machine.

A round is (order, revision, round). Its events come from several streams, in any order and more than once; its deadlines are timers.
Whatever the interleaving, a round gets at most one partial assessment and exactly one closing one, `final` or `superseded`.

Every decision remembers the trigger that made it (an entry of a stream, or a timer). A trigger that comes back, because its commit on the
bus never took place, emits the stored bytes again; nothing else does. So a decision stands once in the book and once on the stream.

A result that comes after its round was closed without it decides nothing there: it asks for the order once more, as a new round.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple

Kind = Literal["partial", "final", "superseded"]
Deadline = Literal["partial", "final"]

MOST_ROUNDS_FOR_LATE_RESULTS: Final = 5
"""Of one revision. A service that is later than that has a trouble that more orders do not mend."""


_TIMER: Final = "timer/"


def timer_trigger(name: str) -> str:
    """The trigger that a timer is; an entry of a stream is told by its place."""
    return _TIMER + name


class RoundKey(NamedTuple):
    """Its text form joins the order key (which holds no `@`), the revision and the round."""

    order_key: str
    revision: int
    round: int

    @property
    def text(self) -> str:
        return f"{self.order_key}@{self.revision}.{self.round}"

    @classmethod
    def parse(cls, text: str) -> "RoundKey":
        order_key, _, numbers = text.rpartition("@")
        revision, _, round_number = numbers.partition(".")
        return cls(order_key, int(revision), int(round_number))


@dataclass(slots=True, frozen=True)
class Input:
    """An event that went in: its id and the hash of its bytes."""

    event_id: str
    sha256: str


@dataclass(slots=True, frozen=True)
class Round:
    """`awaited` is frozen when the round is first seen. A round without `order` was announced by a result that overtook its order.

    `asked_by` is the trigger that asked for the order once more after this round: the one that closed it, a result that came too late, or
    the timer by which it became outdated.
    """

    key: RoundKey
    awaited: tuple[str, ...]
    order: Input | None = None
    results: Mapping[str, Input] = field(default_factory=dict)
    partial_by: str | None = None
    closed_as: Literal["final", "superseded"] | None = None
    closed_by: str | None = None
    asked_by: str | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(service for service in self.awaited if service not in self.results)


@dataclass(slots=True, frozen=True)
class OrderSeen:
    """`ended`: the order is cancelled or closed, so there is nothing to wait for."""

    key: RoundKey
    event: Input
    trigger: str
    ended: bool = False


@dataclass(slots=True, frozen=True)
class ResultSeen:
    key: RoundKey
    service: str
    event: Input
    trigger: str


@dataclass(slots=True, frozen=True)
class DeadlinePassed:
    key: RoundKey
    deadline: Deadline
    trigger: str


@dataclass(slots=True, frozen=True)
class Outdated:
    """What the round was decided by is no longer so: data has changed, or a day has come."""

    key: RoundKey
    because: Mapping[str, str]
    trigger: str


@dataclass(slots=True, frozen=True)
class Decide:
    """Make this decision on the round as it stands here, store it and emit it."""

    round: Round
    kind: Kind
    missing: tuple[str, ...] = ()
    superseded_by_revision: int | None = None


@dataclass(slots=True, frozen=True)
class EmitAgain:
    """Emit the stored bytes of a decision made before on the round, or of the request for the order that followed it."""

    key: RoundKey
    what: Kind | Literal["request"]


@dataclass(slots=True, frozen=True)
class AskAgain:
    """Ask for the order once more: a service has a result now that this round was closed without, or the round is outdated."""

    round: Round
    because: Mapping[str, str]


@dataclass(slots=True, frozen=True)
class Arm:
    """Set the round's deadlines; the first one only where it has not passed yet."""

    key: RoundKey
    partial: bool = True


@dataclass(slots=True, frozen=True)
class Disarm:
    key: RoundKey


@dataclass(slots=True, frozen=True)
class KeepAsEvidence:
    """The result came too late, twice, or from a service that this round does not wait for: kept, but this round is not decided by it."""

    seen: ResultSeen


Action = Decide | EmitAgain | AskAgain | Arm | Disarm | KeepAsEvidence


@dataclass(slots=True, frozen=True)
class Step:
    """The rounds that changed and what is to be done, in order."""

    rounds: tuple[Round, ...] = ()
    actions: tuple[Action, ...] = ()


class ConflictingOrder(Exception):
    """Two different order events claim one revision and round."""

    def __init__(self, key: RoundKey) -> None:
        super().__init__(
            f"The book already holds round {key.round} of revision {key.revision} of order {key.order_key} from another event."
            " Either somebody numbers two snapshots alike, or the stream was emptied while the book was kept: start both anew together."
        )


Rounds = Mapping[RoundKey, Round]
"""The rounds of one order: at least the open ones, the one that something happened to, those that the same trigger closed before, and of a
result that came too late all those of its revision."""


def order_seen(rounds: Rounds, latest_revision: int, awaited: tuple[str, ...], seen: OrderSeen) -> Step:
    """`latest_revision` is the highest one of this order whose order event was seen; 0 where there is none.

    Raises ConflictingOrder.
    """
    known = rounds.get(seen.key)
    if known is not None and known.order is not None:
        if known.order.event_id != seen.event.event_id:
            raise ConflictingOrder(seen.key)
        return _seen_again(rounds, known, seen.trigger)
    current = replace(known or Round(seen.key, awaited), order=seen.event)
    if latest_revision > seen.key.revision:
        return _close(current, "superseded", seen.trigger, superseded_by_revision=latest_revision)
    replaced = [
        _close(older, "superseded", seen.trigger, superseded_by_revision=seen.key.revision)
        for older in rounds.values()
        if older.key.revision < seen.key.revision and older.order is not None and older.closed_as is None
    ]
    if seen.ended:
        own = _close(replace(current, awaited=()), "final", seen.trigger)
    elif not current.missing:
        own = _close(current, "final", seen.trigger)
    else:
        own = Step((current,), (Arm(seen.key),))
    return _join([*replaced, own])


def result_seen(rounds: Rounds, latest_revision: int, awaited: tuple[str, ...], seen: ResultSeen) -> Step:
    """`latest_revision` as of `order_seen`; it matters where the result comes too late."""
    known = rounds.get(seen.key)
    current = known or Round(seen.key, awaited)
    taken = current.results.get(seen.service)
    if taken is not None and taken.event_id == seen.event.event_id:
        return emitted_by(current, seen.trigger)
    if current.asked_by == seen.trigger:
        return emitted_by(current, seen.trigger)
    if came_too_late(current, seen.service) and _may_be_asked_again(current, rounds, latest_revision):
        asked = replace(current, asked_by=seen.trigger)
        because = {"late": seen.service, "round": str(current.key.round)}
        return Step((asked,), (KeepAsEvidence(seen), AskAgain(asked, because)))
    if taken is not None or current.closed_as is not None or seen.service not in current.awaited:
        return Step(() if known else (current,), (KeepAsEvidence(seen),))
    current = replace(current, results={**current.results, seen.service: seen.event})
    if current.order is None or current.missing:
        return Step((current,))
    return _close(current, "final", seen.trigger)


def deadline_passed(rounds: Rounds, passed: DeadlinePassed) -> Step:
    current = rounds.get(passed.key)
    if current is None or current.order is None:
        return Step()
    if passed.deadline == "partial":
        if current.partial_by == passed.trigger:
            return Step(actions=(EmitAgain(passed.key, "partial"),))
        if current.partial_by is not None or current.closed_as is not None:
            return Step()
        current = replace(current, partial_by=passed.trigger)
        return Step((current,), (Decide(current, "partial", current.missing),))
    if current.closed_as is None:
        return _close(current, "final", passed.trigger)
    return emitted_by(current, passed.trigger)


def outdated(rounds: Rounds, seen: Outdated) -> Step:
    """Asks for the order once more, unless a round is open or asked for: that one is judged by what is so now, or asks itself."""
    current = rounds.get(seen.key)
    if current is None or current.closed_as != "final":
        return Step()
    if current.asked_by is not None:
        return Step(actions=(EmitAgain(seen.key, "request"),)) if current.asked_by == seen.trigger else Step()
    if any(each.closed_as is None for each in rounds.values()):
        return Step()
    asked = replace(current, asked_by=seen.trigger)
    return Step((asked,), (AskAgain(asked, seen.because),))


def came_too_late(current: Round, service: str) -> bool:
    """Whether the round was decided without the result of this service that it had waited for."""
    return current.closed_as == "final" and service in current.missing


def emitted_by(current: Round, trigger: str) -> Step:
    """What this trigger did to a round before, to be emitted again."""
    actions: list[Action] = []
    if current.closed_as is not None and current.closed_by == trigger:
        actions += [EmitAgain(current.key, current.closed_as), Disarm(current.key)]
    if current.asked_by == trigger:
        actions.append(EmitAgain(current.key, "request"))
    return Step(actions=tuple(actions))


def _may_be_asked_again(current: Round, rounds: Rounds, latest_revision: int) -> bool:
    """Only the last round of the last revision, once, and not for ever."""
    of_revision = [each for each in rounds.values() if each.key.revision == current.key.revision and each.order is not None]
    triggers = [each.asked_by for each in of_revision if each.asked_by is not None and each.asked_by != each.closed_by]
    for_late_results = sum(not trigger.startswith(_TIMER) for trigger in triggers)
    return (
        current.asked_by is None
        and latest_revision == current.key.revision
        and all(each.key.round <= current.key.round for each in of_revision)
        and for_late_results < MOST_ROUNDS_FOR_LATE_RESULTS
    )


def _close(current: Round, kind: Literal["final", "superseded"], trigger: str, superseded_by_revision: int | None = None) -> Step:
    closed = replace(current, closed_as=kind, closed_by=trigger)
    missing = current.missing if kind == "final" else ()
    return Step((closed,), (Decide(closed, kind, missing, superseded_by_revision), Disarm(current.key)))


def _seen_again(rounds: Rounds, known: Round, trigger: str) -> Step:
    again = [emitted_by(each, trigger) for each in sorted(rounds.values(), key=lambda each: each.key)]
    if known.closed_as is None:
        again.append(Step(actions=(Arm(known.key, partial=known.partial_by is None),)))
    return _join(again)


def _join(steps: list[Step]) -> Step:
    return Step(
        tuple(each for step in steps for each in step.rounds),
        tuple(action for step in steps for action in step.actions),
    )
