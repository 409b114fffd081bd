"""Which state of an order stands: the decision on a document that arrives, as a pure function (orders.md, section 5.2, rules 1 to 4 and 7).

What the source says about its revisions decides, and only where it says nothing the order of arrival does. So the same documents end in
the same state whatever order they arrive in, as far as their source numbers or dates them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from shared.contracts.order import Issue, SourceRevision

LONGEST_HISTORY = 32
"""States kept per order to recognise what is sent again; an older one is still known to be older by its number or date."""

Outcome = Literal["accepted", "duplicate", "older", "conflict"]
Order = Literal["newer", "older", "same", "unknown"]
Status = Literal["draft", "open", "held", "cancelled", "closed"]


@dataclass(slots=True, frozen=True)
class Seen:
    """One state of the order that came in. `received_seq` is None where it never became the current one."""

    revision: SourceRevision
    content: str
    received_seq: int | None


@dataclass(slots=True, frozen=True)
class Standing:
    """What is known of an order. `tombstone`: all that ever came is a cancellation, so there is nothing yet to cancel."""

    revision: SourceRevision
    content: str
    status: Status
    received_seq: int
    conflict: bool = False
    tombstone: bool = False
    history: tuple[Seen, ...] = ()


@dataclass(slots=True, frozen=True)
class Decision:
    """`standing` is what is known afterwards; `emits` says whether the document becomes the current snapshot.

    `received_seq` is the number of the snapshot that the document is, now or since it came before; None where it never became one.
    """

    outcome: Outcome
    standing: Standing
    emits: bool
    received_seq: int | None = None
    issues: tuple[Issue, ...] = ()


def compare(current: SourceRevision, arriving: SourceRevision) -> Order:
    """Where `arriving` stands beside `current`: by the source's number, else by its date, else by a name that is the same."""
    if current.source_seq is not None and arriving.source_seq is not None:
        return _order(current.source_seq, arriving.source_seq)
    if current.source_changed_at is not None and arriving.source_changed_at is not None:
        return _order(current.source_changed_at, arriving.source_changed_at)
    if current.source_value is not None and current.source_value == arriving.source_value:
        return "same"
    return "unknown"


def _order(current: Any, arriving: Any) -> Order:
    if current == arriving:
        return "same"
    return "newer" if arriving > current else "older"


def decide(standing: Standing | None, revision: SourceRevision, content: str, status: Status) -> Decision:
    """`content` is the hash of the normalised document. Never raises: every document gets one of the four outcomes."""
    if standing is None:
        return _accept(None, revision, content, status)
    order = compare(standing.revision, revision)
    if content == standing.content and not (standing.conflict and order == "newer"):
        return _repeat(standing, revision, order)
    if standing.tombstone and order != "newer":
        return _stay_cancelled(standing, revision, content)
    known = [seen for seen in standing.history if compare(seen.revision, revision) == "same"]
    for seen in known:
        if seen.content == content:
            return Decision("duplicate" if seen.received_seq else "older", standing, emits=False, received_seq=seen.received_seq)
    if order == "older":
        return _file_away(standing, revision, content, _contradicted(known))
    if order == "same" or (order == "unknown" and known):
        return _accept(standing, revision, content, status, conflict=True)
    return _accept(standing, revision, content, status, issues=(ORDER_UNCERTAIN,) if order == "unknown" else ())


def _repeat(standing: Standing, revision: SourceRevision, order: Order) -> Decision:
    """The content that stands came again; where its source gives it a newer number, that number stands from now on."""
    after = replace(standing, revision=revision) if order == "newer" else standing
    return Decision("duplicate", after, emits=False, received_seq=standing.received_seq)


def _stay_cancelled(standing: Standing, revision: SourceRevision, content: str) -> Decision:
    if any(seen.content == content for seen in standing.history):
        return Decision("older", standing, emits=False, issues=(CANCELLED_BEFORE,))
    return _file_away(standing, revision, content, (CANCELLED_BEFORE,))


def _file_away(standing: Standing, revision: SourceRevision, content: str, issues: tuple[Issue, ...]) -> Decision:
    history = _with(standing.history, Seen(revision, content, None))
    return Decision("older", replace(standing, history=history), emits=False, issues=issues)


def _accept(
    standing: Standing | None,
    revision: SourceRevision,
    content: str,
    status: Status,
    *,
    conflict: bool = False,
    issues: tuple[Issue, ...] = (),
) -> Decision:
    received_seq = standing.received_seq + 1 if standing else 1
    history = _with(standing.history if standing else (), Seen(revision, content, received_seq))
    after = Standing(
        revision=revision,
        content=content,
        status=status,
        received_seq=received_seq,
        conflict=conflict,
        tombstone=status == "cancelled" and (standing is None or standing.tombstone),
        history=history,
    )
    if conflict:
        return Decision("conflict", after, emits=True, received_seq=received_seq, issues=(*issues, REVISION_CONFLICT))
    return Decision("accepted", after, emits=True, received_seq=received_seq, issues=issues)


def _with(history: tuple[Seen, ...], seen: Seen) -> tuple[Seen, ...]:
    return (*history, seen)[-LONGEST_HISTORY:]


def _contradicted(known: Iterable[Seen]) -> tuple[Issue, ...]:
    return (OLDER_CONFLICT,) if any(True for _ in known) else ()


ORDER_UNCERTAIN = Issue(
    code="ORDER_UNCERTAIN",
    path="/revision",
    severity="warning",
    message="The source numbers or dates this state in no way that compares with the one before, so the one that arrived last stands; send "
    "revision.source_seq or revision.source_changed_at with every state.",
)
REVISION_CONFLICT = Issue(
    code="REVISION_CONFLICT",
    path="/revision",
    severity="error",
    message="Different content came under a revision that is known already; both are screened until a newer revision settles it.",
)
OLDER_CONFLICT = Issue(
    code="OLDER_REVISION_CONFLICT",
    path="/revision",
    severity="warning",
    message="Different content came under a revision that is known already and no longer current; it is kept as history only.",
)
CANCELLED_BEFORE = Issue(
    code="CANCELLED_BEFORE",
    path="/revision",
    severity="warning",
    message="A cancellation of this order came before it, and nothing says that this state is newer, so the order stays cancelled; send it "
    "with a newer revision to reopen it.",
)
