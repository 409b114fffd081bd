"""The book in SQL (SQLite or PostgreSQL): its tables and the questions to them (of open orders see `open_orders`, of changed
reference data `announcements`).

Decisions and what is derived from them (lines, marks) are only ever inserted; triggers in the database refuse everything else. Rounds
change while they are open. Contents are kept by hash and leave when their retention is over; the hashes that name them stay.
"""

import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Dialect,
    Engine,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    RowMapping,
    Select,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    create_engine,
    delete,
    event,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from services.ledger.domain.receipt import Decision, Head
from services.ledger.domain.rounds import Input, Kind, Round, RoundKey
from shared.contracts.assessment import LineAssessment

metadata = MetaData()

contents = Table(
    "contents",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("stored_at", Text, nullable=False),
    Index("contents_by_age", "kind", "stored_at"),
)
"""Bytes by the hash of what they decompress to. `kind`: order, result, assessment, or the kind of reference data."""

references = Table(
    "reference_versions",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("previous_version", Text),
    Column("announced_at", Text, nullable=False),
    Column("last_used_at", Text, nullable=False),
)
"""Versions of reference data. `announced_at`: the latest announcement; `last_used_at`: the latest decision that rests on it."""

rounds = Table(
    "rounds",
    metadata,
    Column("round_key", Text, primary_key=True),
    Column("order_key", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("awaited", Text, nullable=False),
    Column("order_event_id", Text),
    Column("order_sha256", Text),
    Column("results", Text, nullable=False),
    Column("partial_by", Text),
    Column("closed_as", Text),
    Column("closed_by", Text),
    Column("asked_by", Text),
    Index("rounds_by_order", "order_key", "revision"),
    Index("rounds_open", "order_key", sqlite_where=text("closed_as IS NULL"), postgresql_where=text("closed_as IS NULL")),
)

evidence = Table(
    "evidence",
    metadata,
    Column("round_key", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("arrived_at", Text, nullable=False),
)
"""Results that decided nothing: too late, twice, or from a service that the round did not wait for."""

chains = Table(
    "chains",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("decision_id", Text, nullable=False, unique=True),
    Column("round_key", Text, nullable=False),
    Column("order_key", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("disposition", Text, nullable=False),
    Column("supplier_id", Text),
    Column("supplier_name", Text),
    Column("currency", Text),
    Column("ordered_at", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
    Column("superseded_by_revision", BigInteger),
    Column("inputs", Text, nullable=False),
    Column("versions", Text, nullable=False),
    Column("event_sha256", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("round_key", "kind", name="decisions_one_of_a_kind"),
    Index("decisions_by_time", "decided_at", "decision_id"),
    Index("decisions_by_order", "order_key", "decided_at", "decision_id"),
    Index("decisions_by_disposition", "disposition", "decided_at", "decision_id"),
    Index(
        "decisions_one_closing",
        "round_key",
        unique=True,
        sqlite_where=text("kind <> 'partial'"),
        postgresql_where=text("kind <> 'partial'"),
    ),
)

decision_lines = Table(
    "decision_lines",
    metadata,
    Column("decision_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("line_id", Text, nullable=False),
    Column("item_id", Text),
    Column("description", Text),
    Column("value", Text),
    Column("disposition", Text, nullable=False),
    Column("answers", Text, nullable=False),
    Column("control_codes", Text, nullable=False),
    Column("materials", Text, nullable=False),
    Column("flags", Text, nullable=False),
    Column("reason", Text),
)
"""What a list of decisions shows of each line; `answers`, `control_codes`, `materials` and `flags` are JSON."""

MarkKind = Literal["supplier", "material", "control_code"]

decision_marks = Table(
    "decision_marks",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("mark", Text, primary_key=True),
    Column("decided_at", Text, primary_key=True),
    Column("decision_id", Text, primary_key=True),
)
"""By what decisions are looked for: supplier (id and name), material, control code."""

resubmissions = Table(
    "resubmissions",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("because", Text, primary_key=True),
    Column("round_key", Text, nullable=False, unique=True),
    Column("next_round", BigInteger, nullable=False),
    Column("event_sha256", Text, nullable=False),
)
"""Orders asked for again, once per (order, revision, reason) and at most once after each round, `round_key`. `because` is canonical JSON:
the newer versions of reference data, or the service whose result came too late with the round that it missed."""

PER_ORDER: Final = ("order", "result", "assessment")
REFERENCE_KINDS: Final = ("regulations", "parties", "clearances", "policy", "pricing_policy", "supply_policy")
APPEND_ONLY: Final = (decisions, decision_lines, decision_marks)
MARK_LENGTH: Final = 200
WINDOW_BITS: Final = 14
"""16 KB hold most events whole: as small as with zlib's 32 KB, in four fifths of the time."""


def open_engine(url: str) -> Engine:
    """A SQLite file opens in WAL mode with synchronous=FULL; `postgres://` and `postgresql://` open with psycopg 3."""
    address = make_url(url.replace("postgres://", "postgresql://", 1))
    if address.get_backend_name() == "postgresql":
        return create_engine(address.set(drivername="postgresql+psycopg"), connect_args={"connect_timeout": 5}, pool_size=5)
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": 30}, paramstyle="named")
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions itself, so that a writing one can take its lock at once
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-16384", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that will write; on SQLite it takes the write lock when it begins."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A reading transaction that sees one state of the book from beginning to end, as every one on SQLite does."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


# Statements of every batch are built once: building one costs more than running it.

_CONTENTS: Final = select(contents.c.sha256, contents.c.content).where(contents.c.sha256.in_(bindparam("hashes", expanding=True)))
_CHAIN: Final = select(chains.c.position, chains.c.hash).where(chains.c.partition == bindparam("of_partition")).with_for_update()
_MOVE_CHAIN: Final = update(chains).where(chains.c.partition == bindparam("of_partition"))
_NOTE_USE: Final = (
    update(references)
    .where(
        references.c.kind == bindparam("of_kind"),
        references.c.version == bindparam("of_version"),
        references.c.last_used_at < bindparam("at"),
    )
    .values(last_used_at=bindparam("at"))
)
_ROUNDS: Final = select(rounds).where(
    or_(
        and_(rounds.c.order_key.in_(bindparam("order_keys", expanding=True)), rounds.c.closed_as.is_(None)),
        rounds.c.round_key.in_(bindparam("round_keys", expanding=True)),
    )
)
_LATEST_REVISIONS: Final = (
    select(rounds.c.order_key, func.max(rounds.c.revision).label("revision"))
    .where(rounds.c.order_key.in_(bindparam("order_keys", expanding=True)), rounds.c.order_event_id.is_not(None))
    .group_by(rounds.c.order_key)
)
_INSERT_DECISIONS: Final = insert(decisions)
_INSERT_LINES: Final = insert(decision_lines)
_INSERT_RESUBMISSIONS: Final = insert(resubmissions)


def insert_rows(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, object]]) -> None:
    """Hands the rows to the driver as they are: no column of the book needs a conversion, and a batch has hundreds of rows."""
    connection.exec_driver_sql(_sql(statement, connection.dialect), rows)


@cache
def _sql(statement: Insert, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect))


# --- contents


@dataclass(slots=True, frozen=True)
class Content:
    """Bytes to be kept, not compressed yet."""

    sha256: str
    kind: str
    content: bytes
    stored_at: str


def keep_contents(connection: Connection, kept: Sequence[Content]) -> None:
    """What is there already stays."""
    rows = [
        {"sha256": each.sha256, "kind": each.kind, "content": zlib.compress(each.content, 1, WINDOW_BITS), "stored_at": each.stored_at}
        for each in kept
    ]
    if rows:
        insert_rows(connection, insert_if_new(connection.dialect.name, contents), rows)


def read_contents(connection: Connection, hashes: Collection[str]) -> dict[str, bytes]:
    """By hash; what the book does not hold is left out."""
    if not hashes:
        return {}
    rows = connection.execute(_CONTENTS, {"hashes": list(hashes)})
    return {sha256: zlib.decompress(content) for sha256, content in rows}


# --- reference data


def announce_reference(connection: Connection, kind: str, version: str, previous_version: str | None, content_zlib: bytes, at: str) -> None:
    """Keeps a version of reference data. One that is announced again (somebody went back to it) is from then on the newest."""
    content = {"sha256": version, "kind": kind, "content": content_zlib, "stored_at": at}
    connection.execute(insert_if_new(connection.dialect.name, contents), content)
    row = {"kind": kind, "version": version, "previous_version": previous_version, "announced_at": at, "last_used_at": at}
    connection.execute(insert_if_new(connection.dialect.name, references), row)
    this = (references.c.kind == kind, references.c.version == version, references.c.announced_at < at)
    connection.execute(update(references).where(*this).values(announced_at=at))


def note_use(connection: Connection, versions: Collection[tuple[str, str]], at: str) -> None:
    """Notes that decisions rest on these (kind, version) then."""
    if versions:
        connection.execute(_NOTE_USE, [{"of_kind": kind, "of_version": version, "at": at} for kind, version in sorted(versions)])


# --- rounds


def lock_chain(connection: Connection, partition: int) -> Head:
    """The end of the partition's chain, locked until the transaction ends: one writer per partition, in SQL too."""
    row = connection.execute(_CHAIN, {"of_partition": partition}).one_or_none()
    if row is None:
        head = Head()
        connection.execute(
            insert_if_new(connection.dialect.name, chains), {"partition": partition, "position": head.position, "hash": head.hash}
        )
        row = connection.execute(_CHAIN, {"of_partition": partition}).one()
    return Head(row.position, row.hash)


def read_rounds(connection: Connection, keys: Collection[RoundKey]) -> list[Round]:
    """These rounds and every open round of the same orders."""
    if not keys:
        return []
    wanted = {"order_keys": list({key.order_key for key in keys}), "round_keys": [key.text for key in keys]}
    return [_round(row) for row in connection.execute(_ROUNDS, wanted).mappings()]


def read_rounds_moved_by(connection: Connection, triggers: Collection[tuple[str, str]]) -> list[Round]:
    """Rounds that these triggers closed or asked for again. `triggers`: pairs of order key and trigger."""
    if not triggers:
        return []
    order_keys, moved_by = {order_key for order_key, _ in triggers}, {trigger for _, trigger in triggers}
    query = select(rounds).where(rounds.c.order_key.in_(order_keys), or_(rounds.c.closed_by.in_(moved_by), rounds.c.asked_by.in_(moved_by)))
    found = [_round(row) for row in connection.execute(query).mappings()]
    return [each for each in found if any((each.key.order_key, by) in triggers for by in (each.closed_by, each.asked_by))]


def read_rounds_of_revisions(connection: Connection, revisions: Collection[tuple[str, int]]) -> list[Round]:
    """Every round of these (order key, revision)."""
    if not revisions:
        return []
    query = select(rounds).where(tuple_(rounds.c.order_key, rounds.c.revision).in_(revisions))
    return [_round(row) for row in connection.execute(query).mappings()]


def latest_revisions(connection: Connection, order_keys: Collection[str]) -> dict[str, int]:
    """The highest revision of each order whose order event was seen."""
    if not order_keys:
        return {}
    rows = connection.execute(_LATEST_REVISIONS, {"order_keys": list(order_keys)})
    return {row.order_key: row.revision for row in rows}


def open_rounds(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).where(rounds.c.closed_as.is_(None))).scalar_one())


def _round(row: RowMapping) -> Round:
    return Round(
        key=RoundKey(row["order_key"], row["revision"], row["round"]),
        awaited=tuple(orjson.loads(row["awaited"])),
        order=Input(row["order_event_id"], row["order_sha256"]) if row["order_event_id"] is not None else None,
        results={service: Input(*pair) for service, pair in orjson.loads(row["results"]).items()},
        partial_by=row["partial_by"],
        closed_as=row["closed_as"],
        closed_by=row["closed_by"],
        asked_by=row["asked_by"],
    )


def _round_row(each: Round) -> dict[str, object]:
    return {
        "round_key": each.key.text,
        "order_key": each.key.order_key,
        "revision": each.key.revision,
        "round": each.key.round,
        "awaited": orjson.dumps(each.awaited).decode(),
        "order_event_id": each.order.event_id if each.order else None,
        "order_sha256": each.order.sha256 if each.order else None,
        "results": orjson.dumps({service: (result.event_id, result.sha256) for service, result in each.results.items()}).decode(),
        "partial_by": each.partial_by,
        "closed_as": each.closed_as,
        "closed_by": each.closed_by,
        "asked_by": each.asked_by,
    }


# --- decisions


@dataclass(slots=True)
class Entries:
    """What one batch adds to the book, gathered before it is written in one go."""

    contents: list[Content] = field(default_factory=list)
    rounds: dict[RoundKey, Round] = field(default_factory=dict)
    decisions: list[tuple[Decision, str]] = field(default_factory=list)
    lines: list[dict[str, object]] = field(default_factory=list)
    marks: list[dict[str, object]] = field(default_factory=list)
    evidence: list[dict[str, object]] = field(default_factory=list)
    resubmissions: list[dict[str, object]] = field(default_factory=list)


def write(connection: Connection, partition: int, entries: Entries, head: Head) -> None:
    dialect = connection.dialect.name
    keep_contents(connection, entries.contents)
    if entries.rounds:
        insert_rows(connection, _upsert_round(dialect), [_round_row(each) for each in entries.rounds.values()])
    if entries.evidence:
        insert_rows(connection, insert_if_new(dialect, evidence), entries.evidence)
    if entries.decisions:
        rows = [{**{name: getattr(decision, name) for name in _DECISION_COLUMNS}, "hash": hash_} for decision, hash_ in entries.decisions]
        insert_rows(connection, _INSERT_DECISIONS, rows)
        connection.execute(_MOVE_CHAIN, {"of_partition": partition, "position": head.position, "hash": head.hash})
    if entries.lines:
        insert_rows(connection, _INSERT_LINES, entries.lines)
    if entries.marks:
        insert_rows(connection, insert_if_new(dialect, decision_marks), entries.marks)
    if entries.resubmissions:
        insert_rows(connection, _INSERT_RESUBMISSIONS, entries.resubmissions)


def line_row(decision_id: str, number: int, line: LineAssessment) -> dict[str, object]:
    return {
        "decision_id": decision_id,
        "number": number,
        "line_id": storable(line.line_id),
        "item_id": storable(line.item_id),
        "description": storable(line.description),
        "value": str(line.value) if line.value is not None else None,
        "disposition": line.disposition.value,
        "answers": orjson.dumps(line.answers).decode(),
        "control_codes": orjson.dumps(line.control_codes).decode(),
        "materials": orjson.dumps(line.materials).decode(),
        "flags": orjson.dumps(line.flags).decode(),
        "reason": storable(line.reasons[0]) if line.reasons else None,
    }


def mark_rows(decision: Decision, lines: Iterable[LineAssessment]) -> list[dict[str, object]]:
    """By what the decision will be looked for, once each."""
    marks: set[tuple[MarkKind, str]] = {("supplier", name) for name in (decision.supplier_id, decision.supplier_name) if name}
    for line in lines:
        marks |= {("material", element) for element in line.materials}
        marks |= {("control_code", code) for code in line.control_codes}
    return [
        {"kind": kind, "mark": str(storable(mark))[:MARK_LENGTH], "decided_at": decision.decided_at, "decision_id": decision.decision_id}
        for kind, mark in sorted(marks)
    ]


def storable(value: str | None) -> str | None:
    """PostgreSQL takes every character but NUL."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if value is not None and "\0" in value else value


Emitted = Kind | Literal["request"]
Output = tuple[Literal["assessments", "orders"], bytes]


def emitted(connection: Connection, made: Collection[tuple[RoundKey, Emitted]]) -> dict[tuple[str, str], Output]:
    """By (round key text, what): the exact bytes that were stored for the bus."""
    if not made:
        return {}
    round_keys = {key.text for key, _ in made}
    decided = (
        select(decisions.c.round_key, decisions.c.kind, contents.c.content)
        .join(contents, contents.c.sha256 == decisions.c.event_sha256)
        .where(decisions.c.round_key.in_(round_keys))
    )
    found: dict[tuple[str, str], Output] = {
        (round_key, kind): ("assessments", zlib.decompress(content)) for round_key, kind, content in connection.execute(decided)
    }
    asked = (
        select(resubmissions.c.round_key, contents.c.content)
        .join(contents, contents.c.sha256 == resubmissions.c.event_sha256)
        .where(resubmissions.c.round_key.in_(round_keys))
    )
    found |= {(round_key, "request"): ("orders", zlib.decompress(content)) for round_key, content in connection.execute(asked)}
    return found


@dataclass(slots=True)
class Asked:
    """What was asked for of one revision of an order: the reasons, as canonical JSON, and the highest round that is asked for or seen."""

    reasons: set[str] = field(default_factory=set)
    highest_round: int = 0


def read_asked(connection: Connection, order_keys: Collection[str]) -> dict[tuple[str, int], Asked]:
    """By (order key, revision)."""
    found: defaultdict[tuple[str, int], Asked] = defaultdict(Asked)
    for row in connection.execute(_ASKED, {"order_keys": list(order_keys)}):
        asked = found[row.order_key, row.revision]
        asked.reasons.add(row.because)
        asked.highest_round = max(asked.highest_round, row.next_round)
    for opened in connection.execute(_HIGHEST_ROUNDS, {"order_keys": list(order_keys)}):
        asked = found[opened.order_key, opened.revision]
        asked.highest_round = max(asked.highest_round, opened.round)
    return found


_ASKED: Final = select(resubmissions.c.order_key, resubmissions.c.revision, resubmissions.c.because, resubmissions.c.next_round).where(
    resubmissions.c.order_key.in_(bindparam("order_keys", expanding=True))
)
_HIGHEST_ROUNDS: Final = (
    select(rounds.c.order_key, rounds.c.revision, func.max(rounds.c.round).label("round"))
    .where(rounds.c.order_key.in_(bindparam("order_keys", expanding=True)))
    .group_by(rounds.c.order_key, rounds.c.revision)
)
_DECISION_COLUMNS: Final = tuple(each.name for each in fields(Decision))


def _decision(row: RowMapping) -> Decision:
    return Decision(**{name: row[name] for name in _DECISION_COLUMNS})


@cache
def insert_if_new(dialect: str, table: Table) -> Insert:
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


@cache
def _upsert_round(dialect: str) -> Insert:
    statement = postgresql.insert(rounds) if dialect == "postgresql" else sqlite.insert(rounds)
    changing = ("awaited", "order_event_id", "order_sha256", "results", "partial_by", "closed_as", "closed_by", "asked_by")
    return statement.on_conflict_do_update(index_elements=["round_key"], set_={name: statement.excluded[name] for name in changing})


# --- questions to the book


@dataclass(slots=True, frozen=True)
class Search:
    """What decisions to list, newest first. `decided_from` is inclusive, `decided_before` exclusive; `after` is the last one seen."""

    order_key: str | None = None
    supplier: str | None = None
    material: str | None = None
    control_code: str | None = None
    disposition: str | None = None
    kind: str | None = None
    decided_from: str | None = None
    decided_before: str | None = None
    after: tuple[str, str] | None = None
    limit: int = 50


@dataclass(slots=True, frozen=True)
class Listed:
    decision: Decision
    lines: tuple[RowMapping, ...]


def search(connection: Connection, wanted: Search) -> list[Listed]:
    marks: list[tuple[MarkKind, str]] = []
    if wanted.supplier is not None:
        marks.append(("supplier", wanted.supplier))
    if wanted.material is not None:
        marks.append(("material", wanted.material))
    if wanted.control_code is not None:
        marks.append(("control_code", wanted.control_code))
    query = select(decisions)
    decided_at, decision_id = decisions.c.decided_at, decisions.c.decision_id
    if marks:
        # The first mark leads: its index gives the decisions in the order of time, so that a page costs what it shows.
        kind, mark = marks.pop(0)
        query = query.join(decision_marks, decision_marks.c.decision_id == decisions.c.decision_id)
        query = query.where(decision_marks.c.kind == kind, decision_marks.c.mark == mark)
        decided_at, decision_id = decision_marks.c.decided_at, decision_marks.c.decision_id
    for kind, mark in marks:
        other = decision_marks.alias()
        query = query.where(
            exists().where(
                other.c.kind == kind,
                other.c.mark == mark,
                other.c.decided_at == decisions.c.decided_at,
                other.c.decision_id == decisions.c.decision_id,
            )
        )
    for column, value in (
        (decisions.c.order_key, wanted.order_key),
        (decisions.c.disposition, wanted.disposition),
        (decisions.c.kind, wanted.kind),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.decided_from is not None:
        query = query.where(decided_at >= wanted.decided_from)
    if wanted.decided_before is not None:
        query = query.where(decided_at < wanted.decided_before)
    if wanted.after is not None:
        query = query.where(tuple_(decided_at, decision_id) < tuple_(*wanted.after))
    query = query.order_by(decided_at.desc(), decision_id.desc()).limit(wanted.limit)
    found = [_decision(row) for row in connection.execute(query).mappings()]
    lines: dict[str, list[RowMapping]] = {decision.decision_id: [] for decision in found}
    of_found = select(decision_lines).where(decision_lines.c.decision_id.in_(lines)).order_by(decision_lines.c.number)
    for row in connection.execute(of_found).mappings():
        lines[row["decision_id"]].append(row)
    return [Listed(decision, tuple(lines[decision.decision_id])) for decision in found]


def find_decision(connection: Connection, decision_id: str) -> tuple[Decision, str] | None:
    """The decision and its stored hash."""
    row = connection.execute(select(decisions).where(decisions.c.decision_id == decision_id)).mappings().one_or_none()
    return (_decision(row), row["hash"]) if row else None


# --- looking after the book


def heads(connection: Connection) -> dict[int, Head]:
    rows = connection.execute(select(chains).order_by(chains.c.partition)).mappings()
    return {row["partition"]: Head(row["position"], row["hash"]) for row in rows}


def partitions_decided_in(connection: Connection) -> set[int]:
    return set(connection.execute(select(decisions.c.partition).distinct()).scalars())


def walk_decisions(connection: Connection, partition: int, at_once: int = 1000) -> Iterator[tuple[Decision, str]]:
    """Every decision of a partition with its stored hash, by position."""
    after = -1
    while True:
        query = select(decisions).where(decisions.c.partition == partition, decisions.c.position > after)
        rows = connection.execute(query.order_by(decisions.c.position).limit(at_once)).mappings().all()
        for row in rows:
            yield _decision(row), row["hash"]
        if len(rows) < at_once:
            return
        after = rows[-1]["position"]


def stored_contents(connection: Connection, hashes: Collection[str]) -> dict[str, bytes]:
    """The compressed bytes as they lie in the book, by hash."""
    rows = connection.execute(select(contents.c.sha256, contents.c.content).where(contents.c.sha256.in_(hashes)))
    return {row.sha256: row.content for row in rows}


def lines_of(connection: Connection, decision_ids: Collection[str]) -> dict[str, list[dict[str, object]]]:
    query = select(decision_lines).where(decision_lines.c.decision_id.in_(decision_ids)).order_by(decision_lines.c.number)
    found: dict[str, list[dict[str, object]]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["decision_id"], []).append(dict(row))
    return found


def closed_rounds_without_decision(connection: Connection) -> list[str]:
    """Rounds that say they are closed where the book holds no such decision."""
    decided = exists().where(decisions.c.round_key == rounds.c.round_key, decisions.c.kind == rounds.c.closed_as)
    return list(connection.execute(select(rounds.c.round_key).where(rounds.c.closed_as.is_not(None), ~decided)).scalars())


def prune_contents(connection: Connection, before: str, at_once: int, kept: Select[tuple[str]]) -> int:
    """Removes up to `at_once` contents of single orders stored before, but none of the hashes in `kept`; says how many."""
    old = select(contents.c.sha256).where(contents.c.kind.in_(PER_ORDER), contents.c.stored_at < before, contents.c.sha256.not_in(kept))
    old = old.limit(at_once)
    return connection.execute(delete(contents).where(contents.c.sha256.in_(old))).rowcount


def prune_references(connection: Connection, before: str) -> int:
    """Removes the content of reference data that no decision has rested on since, except the newest of its kind."""
    newest = select(references.c.kind, func.max(references.c.announced_at)).group_by(references.c.kind)
    unused = select(references.c.version).where(
        references.c.last_used_at < before, tuple_(references.c.kind, references.c.announced_at).not_in(newest)
    )
    return connection.execute(delete(contents).where(contents.c.kind.not_in(PER_ORDER), contents.c.sha256.in_(unused))).rowcount
