"""A batch of happenings, entered into the book in one transaction: load what it touches, let the domain decide, write, say what to emit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from services.ledger import announcements, open_orders, store
from services.ledger.domain.assessment import Occasion, PolicyInForce, ReceivedOrder, ReceivedResult, assess
from services.ledger.domain.receipt import Decision, Head
from services.ledger.domain.resubmission import Newer, newer_data, reaches, resubmitted
from services.ledger.domain.results import ScreeningRead, read_result
from services.ledger.domain.rounds import (
    Arm,
    AskAgain,
    Deadline,
    DeadlinePassed,
    Decide,
    Disarm,
    EmitAgain,
    KeepAsEvidence,
    OrderSeen,
    Outdated,
    ResultSeen,
    Round,
    RoundKey,
    Step,
    came_too_late,
    deadline_passed,
    emitted_by,
    order_seen,
    outdated,
    result_seen,
)
from shared.bus.types import Effects, Timer
from shared.contracts.assessment import AssessmentEvent
from shared.contracts.base import beginning_of, instant_text, unix_ms
from shared.contracts.canonical import canonical_json, sha256_hex

Uses = dict[tuple[str, str], datetime]
"""When the book last noted that decisions rest on a (kind, version) of reference data; once a day is often enough."""

USE_NOTED_EVERY: Final = timedelta(days=1)
Happening = OrderSeen | ResultSeen | DeadlinePassed | Outdated


@dataclass(slots=True, frozen=True)
class Arrived:
    """What happened to a round, when (`time` of the event, or when the deadline was due), and the event with its bytes, if it was one.

    The round's deadlines count from `deadlines_from_ms`.
    """

    happening: Happening
    at: datetime
    order: ReceivedOrder | None = None
    result: ReceivedResult | None = None
    content: bytes = b""
    deadlines_from_ms: int = 0


@dataclass(slots=True, frozen=True)
class Rules:
    """By what the ledger decides. `code` is the version of Orestream."""

    awaited: tuple[str, ...]
    partial_after_ms: int
    final_after_ms: int
    in_force: PolicyInForce
    code: str


@dataclass(slots=True)
class Entered:
    """What became of a batch: per happening its effects or what stopped it; and what is new in the book, for the metrics."""

    effects: list[Effects | Exception] = field(default_factory=list)
    assessments: list[AssessmentEvent] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    """Services whose results decided nothing."""
    resubmitted: int = 0


def enter(engine: Engine, partition: int, arrived: Sequence[Arrived], rules: Rules, noted: Uses) -> Entered:
    """Raises SQLAlchemy's errors; nothing is entered then."""
    entered = Entered()
    with store.writing(engine) as connection:
        page = _page_for(connection, partition, arrived, rules, noted)
        for each in arrived:
            try:
                entered.effects.append(page.turn(each))
            except SQLAlchemyError:
                raise
            except Exception as error:  # one bad message costs that message only: the bus gets to know what stopped it
                entered.effects.append(error)
        page.write()
    if page.latest_at is not None:
        noted |= dict.fromkeys(page.newly_used(page.latest_at), page.latest_at)
    entered.assessments = page.assessments
    entered.evidence = [str(row["service"]) for row in page.entries.evidence]
    entered.resubmitted = len(page.entries.resubmissions)
    return entered


def stored_for(engine: Engine, key: RoundKey, trigger: str) -> Effects:
    """What the book holds for the bus from a trigger that was given up before its commit, if anything."""
    with engine.connect() as connection:
        moved = store.read_rounds_moved_by(connection, {(key.order_key, trigger)})
        actions = [action for each in moved for action in emitted_by(each, trigger).actions]
        again = [(action.key, action.what) for action in actions if isinstance(action, EmitAgain)]
        outputs = store.emitted(connection, again)
        days = open_orders.recheck_days(connection, [round_key for round_key, what in again if what == "final"])
    return Effects(
        outputs=[outputs[round_key.text, what] for round_key, what in again],
        timers=[
            *(timer for action in actions if isinstance(action, Disarm) for timer in _disarmed(action.key)),
            *(_recheck(round_key.order_key, day) for round_key, day in days.items()),
        ],
    )


def timer_name(deadline: Deadline, key: RoundKey) -> str:
    return f"{deadline}:{key.text}"


def _recheck(order_key: str, on: date | None) -> Timer:
    """Due when the first day begins on which time alone may change the answer."""
    return Timer(_RECHECK + order_key, unix_ms(beginning_of(on)) if on else None)


def order_of_recheck(name: str) -> str:
    return name.removeprefix(_RECHECK)


_RECHECK: Final = "recheck:"


def _disarmed(key: RoundKey) -> list[Timer]:
    return [Timer(timer_name("partial", key), None), Timer(timer_name("final", key), None)]


@dataclass(slots=True, frozen=True)
class _Draft:
    """A decision before it has its place in the chain, with the order to be asked for again, if any."""

    action: Decide
    assessment: AssessmentEvent
    order: ReceivedOrder
    screening: ScreeningRead | None
    again: "_Resubmission | None"


@dataclass(slots=True, frozen=True)
class _Resubmission:
    """A request for the order once more after `round`, as the event `content` in round `next_round`."""

    round: Round
    next_round: int
    content: bytes
    because: str
    at: datetime


@dataclass(slots=True)
class Page:
    """The book as far as one batch needs it, and what the batch adds. A turn changes it as a whole or not at all."""

    connection: Connection
    partition: int
    rules: Rules
    noted: Uses
    head: Head
    latest_revision: dict[str, int] = field(default_factory=dict)
    rounds: dict[str, dict[RoundKey, Round]] = field(default_factory=dict)
    orders: dict[str, ReceivedOrder] = field(default_factory=dict)
    results: dict[str, ReceivedResult] = field(default_factory=dict)
    """By the hash of their bytes, as `orders` are."""
    entries: store.Entries = field(default_factory=store.Entries)
    assessments: list[AssessmentEvent] = field(default_factory=list)
    used: set[tuple[str, str]] = field(default_factory=set)
    latest_at: datetime | None = None
    emitted_before: list[tuple[Effects, EmitAgain]] = field(default_factory=list)
    newer: dict[tuple[str, str | None], Newer | None] = field(default_factory=dict)
    asked: dict[tuple[str, int], store.Asked] = field(default_factory=dict)
    open: dict[str, open_orders.OpenOrder] = field(default_factory=dict)
    """What the batch makes of open orders, by order key."""

    def turn(self, arrived: Arrived) -> Effects:
        step = self._step(arrived.happening)
        drafts = iter([self._draft(action, arrived.at) for action in step.actions if isinstance(action, Decide)])
        requests = iter(
            [self._request(action.round, action.because, arrived.at) for action in step.actions if isinstance(action, AskAgain)]
        )
        # What could fail has been done: from here on the page changes.
        self._accept(step, arrived)
        effects = Effects()
        for action in step.actions:
            match action:
                case Decide():
                    self._enter(next(drafts), effects)
                case EmitAgain():
                    self.emitted_before.append((effects, action))
                case AskAgain():
                    self._ask(next(requests), effects)
                case Arm(key, partial):
                    if partial:
                        effects.timers.append(Timer(timer_name("partial", key), arrived.deadlines_from_ms + self.rules.partial_after_ms))
                    effects.timers.append(Timer(timer_name("final", key), arrived.deadlines_from_ms + self.rules.final_after_ms))
                case Disarm(key):
                    effects.timers += _disarmed(key)
                case KeepAsEvidence(seen):
                    self.entries.evidence.append(
                        {
                            "round_key": seen.key.text,
                            "event_id": seen.event.event_id,
                            "service": seen.service,
                            "sha256": seen.event.sha256,
                            "arrived_at": instant_text(arrived.at),
                        }
                    )
        return effects

    def write(self) -> None:
        store.write(self.connection, self.partition, self.entries, self.head)
        open_orders.put(self.connection, self.open.values())
        if self.latest_at is not None:
            store.note_use(self.connection, self.newly_used(self.latest_at), instant_text(self.latest_at))
        outputs = store.emitted(self.connection, {(action.key, action.what) for _, action in self.emitted_before})
        days = open_orders.recheck_days(self.connection, [action.key for _, action in self.emitted_before if action.what == "final"])
        for effects, action in self.emitted_before:
            effects.outputs.append(outputs[action.key.text, action.what])
            if action.what == "final" and action.key in days:
                effects.timers.append(_recheck(action.key.order_key, days[action.key]))

    def load(self, rounds: Sequence[Round]) -> None:
        """What went into these rounds, as far as the batch did not bring it."""
        services = {result.sha256: service for each in rounds for service, result in each.results.items()}
        hashes = {each.order.sha256 for each in rounds if each.order} | services.keys()
        for sha256, content in store.read_contents(self.connection, hashes - self.orders.keys() - self.results.keys()).items():
            if sha256 in services:
                result = read_result(services[sha256], content)
                self.results[sha256] = ReceivedResult(result.id, result.data, sha256)
            else:
                self.orders[sha256] = ReceivedOrder.read(content, sha256)

    def know(self, rounds: Iterable[Round]) -> None:
        for each in rounds:
            self.rounds.setdefault(each.key.order_key, {})[each.key] = each

    def newly_used(self, at: datetime) -> list[tuple[str, str]]:
        return [used for used in self.used if used not in self.noted or at - self.noted[used] >= USE_NOTED_EVERY]

    def _step(self, happening: Happening) -> Step:
        of_order = self.rounds.get(happening.key.order_key, {})
        latest_revision = self.latest_revision.get(happening.key.order_key, 0)
        match happening:
            case OrderSeen():
                return order_seen(of_order, latest_revision, self.rules.awaited, happening)
            case ResultSeen():
                return result_seen(of_order, latest_revision, self.rules.awaited, happening)
            case DeadlinePassed():
                return deadline_passed(of_order, happening)
            case Outdated():
                return outdated(of_order, happening)

    def _accept(self, step: Step, arrived: Arrived) -> None:
        happening = arrived.happening
        for each in step.rounds:
            self._put(each)
        if isinstance(happening, OrderSeen):
            order_key, revision, _ = happening.key
            self.latest_revision[order_key] = max(revision, self.latest_revision.get(order_key, 0))
        if isinstance(happening, OrderSeen | ResultSeen) and (
            step.rounds or any(isinstance(each, KeepAsEvidence) for each in step.actions)
        ):
            kind = "order" if isinstance(happening, OrderSeen) else "result"
            self._keep(kind, happening.event.sha256, arrived.content, arrived.at)

    def _put(self, round_: Round) -> None:
        self.rounds.setdefault(round_.key.order_key, {})[round_.key] = round_
        self.entries.rounds[round_.key] = round_

    def _draft(self, action: Decide, at: datetime) -> _Draft:
        round_ = action.round
        assert round_.order is not None, "only a round whose order was seen is decided"
        order = self.orders[round_.order.sha256]
        # A superseded round rests on no result; neither does an order that has ended, which awaits none.
        services = [] if action.kind == "superseded" else [service for service in round_.awaited if service in round_.results]
        results = {service: self.results[round_.results[service].sha256] for service in services}
        occasion = Occasion(action.kind, at, self.rules.code, round_.awaited, action.missing, action.superseded_by_revision)
        assessment = assess(occasion, order, results, self.rules.in_force)
        screening = next((received.data for received in results.values() if isinstance(received.data, ScreeningRead)), None)
        again = None
        if action.kind == "final" and screening is not None:
            again = self._request_for_newer(round_, screening, at)
        return _Draft(action, assessment, order, screening, again)

    def _request_for_newer(self, round_: Round, screening: ScreeningRead, at: datetime) -> _Resubmission | None:
        """Where newer data than the result's was announced that reaches it, and that it was not asked for yet."""
        used = open_orders.judged_by(screening)
        because = newer_data({kind: newer for kind, version in used.items() if (newer := self._reaching(kind, version, screening))})
        asked_in_batch = any((row["order_key"], row["revision"]) == round_.key[:2] for row in self.entries.resubmissions)
        if not because or asked_in_batch or self.asked_before(round_.key, because):
            return None
        return self._request(replace(round_, asked_by=round_.closed_by), because, at)

    def _reaching(self, kind: str, used: str, screening: ScreeningRead) -> Newer | None:
        newer = self.newer_than(kind, used)
        return newer if newer and reaches(newer.reach, open_orders.touched_by(screening)) else None

    def newer_than(self, kind: str, used: str | None) -> Newer | None:
        if (kind, used) not in self.newer:
            self.newer[kind, used] = announcements.newer_than(self.connection, kind, used)
        return self.newer[kind, used]

    def asked_before(self, key: RoundKey, because: Mapping[str, str]) -> bool:
        return canonical_json(because).decode() in self._asked_of(key).reasons

    def read_what_is_asked(self, order_keys: Collection[str]) -> None:
        """Of many orders at once."""
        self.asked |= store.read_asked(self.connection, order_keys)

    def _asked_of(self, key: RoundKey) -> store.Asked:
        if key[:2] not in self.asked:
            self.read_what_is_asked([key.order_key])
        return self.asked.setdefault(key[:2], store.Asked(highest_round=key.round))

    def _request(self, round_: Round, because: Mapping[str, str], at: datetime) -> _Resubmission:
        assert round_.order is not None, "only a round whose order was seen is closed"
        order = self.orders.get(round_.order.sha256)
        content = order.content if order else store.read_contents(self.connection, {round_.order.sha256})[round_.order.sha256]
        next_round = max(self._asked_of(round_.key).highest_round, round_.key.round) + 1
        return _Resubmission(round_, next_round, resubmitted(content, next_round, because, at), canonical_json(because).decode(), at)

    def _enter(self, draft: _Draft, effects: Effects) -> None:
        """Gives the decision its place in the chain and its outputs."""
        event, assessment = draft.assessment, draft.assessment.data
        content = event.encode()
        key = draft.action.round.key
        decision = Decision(
            partition=self.partition,
            position=self.head.position + 1,
            decision_id=assessment.decision_id,
            round_key=key.text,
            order_key=key.order_key,
            revision=key.revision,
            round=key.round,
            kind=assessment.kind,
            disposition=assessment.disposition.value,
            supplier_id=store.storable(assessment.supplier_id),
            supplier_name=store.storable(assessment.supplier_name),
            currency=assessment.currency,
            ordered_at=instant_text(assessment.ordered_at),
            decided_at=instant_text(event.time),
            superseded_by_revision=assessment.superseded_by_revision,
            inputs=canonical_json(assessment.inputs).decode(),
            versions=canonical_json(assessment.versions).decode(),
            event_sha256=sha256_hex(content),
            previous_hash=self.head.hash,
        )
        hash_ = decision.hash()
        self.head = Head(decision.position, hash_)
        self.assessments.append(event)
        self.entries.decisions.append((decision, hash_))
        self.entries.lines += [store.line_row(decision.decision_id, number, line) for number, line in enumerate(assessment.lines)]
        self.entries.marks += store.mark_rows(decision, assessment.lines)
        self._keep("assessment", decision.event_sha256, content, event.time)
        self.used |= {(name, sha256) for name, sha256 in assessment.inputs.items() if name in store.REFERENCE_KINDS}
        self.latest_at = max(self.latest_at or event.time, event.time)
        effects.outputs.append(("assessments", content))
        if assessment.kind == "final":
            standing = self.open[key.order_key] = open_orders.open_order(decision, draft.order, assessment.lines, draft.screening)
            effects.timers.append(_recheck(key.order_key, standing.recheck_on))
        if draft.again is not None:
            self._ask(draft.again, effects)

    def _ask(self, again: _Resubmission, effects: Effects) -> None:
        key = again.round.key
        sha256 = sha256_hex(again.content)
        self._put(again.round)
        asked = self._asked_of(key)
        asked.reasons.add(again.because)
        asked.highest_round = again.next_round
        self.entries.resubmissions.append(
            {
                "order_key": key.order_key,
                "revision": key.revision,
                "because": again.because,
                "round_key": key.text,
                "next_round": again.next_round,
                "event_sha256": sha256,
            }
        )
        self._keep("order", sha256, again.content, again.at)
        effects.outputs.append(("orders", again.content))

    def _keep(self, kind: str, sha256: str, content: bytes, at: datetime) -> None:
        self.entries.contents.append(store.Content(sha256, kind, content, instant_text(at)))


def open_page(connection: Connection, partition: int, rules: Rules, noted: Uses) -> Page:
    """Locks the partition's chain until the transaction ends: what is read from then on stays so."""
    return Page(connection=connection, partition=partition, rules=rules, noted=noted, head=store.lock_chain(connection, partition))


def _page_for(connection: Connection, partition: int, arrived: Sequence[Arrived], rules: Rules, noted: Uses) -> Page:
    page = open_page(connection, partition, rules, noted)
    known = {each.key: each for each in store.read_rounds(connection, {each.happening.key for each in arrived})}
    orders = [each.happening for each in arrived if isinstance(each.happening, OrderSeen)]
    results = [each.happening for each in arrived if isinstance(each.happening, ResultSeen)]
    again = {(seen.key.order_key, seen.trigger) for seen in orders if seen.key in known and known[seen.key].order is not None}
    known |= {each.key: each for each in store.read_rounds_moved_by(connection, again)}
    late = [known[seen.key] for seen in results if seen.key in known and came_too_late(known[seen.key], seen.service)]
    known |= {each.key: each for each in store.read_rounds_of_revisions(connection, {each.key[:2] for each in late})}
    page.latest_revision = store.latest_revisions(
        connection, {seen.key.order_key for seen in orders} | {each.key.order_key for each in late}
    )
    page.know(known.values())
    for one in arrived:
        if one.order is not None:
            page.orders[one.order.sha256] = one.order
        if one.result is not None:
            page.results[one.result.sha256] = one.result
    page.load([*(each for each in known.values() if each.closed_as is None), *late])
    return page
