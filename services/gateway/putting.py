"""Master data on its way into the tables: every row answered, and the open orders it concerns set to be enriched again."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.gateway.bodies import Body, BodyRefused
from services.gateway.domain.received import Unreadable
from services.gateway.domain.recorded import Recorded
from services.gateway.formats.rows import MEDIA_TYPES, ReadRow, RefusedRow
from services.gateway.master_data import Changed
from services.gateway.refreshing import Progress, Refreshing
from services.gateway.taking import in_thread
from shared.contracts.base import Contract
from shared.contracts.master_data import Item, Supplier
from shared.http_problem import Problem

ROWS_AT_ONCE = 1_000

RowType = TypeVar("RowType", Item, Supplier)
AnyRow = TypeVar("AnyRow", bound=Contract)


@dataclass(slots=True, frozen=True)
class Kind(Generic[RowType]):
    """One of the two tables: how its rows are read, by which numbers orders find them, and how they are written."""

    read: Callable[[bytes, str, str | None], Iterator[ReadRow[RowType] | RefusedRow]]
    numbers_of: Callable[[Sequence[RowType]], tuple[set[str], set[str]]]
    put: Callable[[Sequence[RowType]], Awaitable[Changed]]
    id_of: Callable[[RowType], str]


async def put_rows(kind: Kind[RowType], body: Body, charset: str | None, refreshing: Refreshing, executor: Executor) -> dict[str, Any]:
    """The answer: one entry per row and the refresh that follows. Raises Problem where no row can be used, TryAgain where Redis is down."""
    found, usable = await _read(kind.read, kind.id_of, body, charset, executor)
    announced = await refreshing.announce(*kind.numbers_of(usable))
    changes = [await kind.put(usable[at : at + ROWS_AT_ONCE]) for at in range(0, len(usable), ROWS_AT_ONCE)]
    items = frozenset(number for changed in changes for number in changed.item_numbers)
    suppliers = frozenset(number for changed in changes for number in changed.supplier_ids)
    progress = await refreshing.begin(announced, Changed((), items, suppliers))
    outcomes = [(outcome, ()) for changed in changes for outcome in changed.outcomes]
    return {**_answered(kind.id_of, found, outcomes), "refresh": shown(progress) if progress is not None else None}


@dataclass(slots=True, frozen=True)
class Reports(Generic[AnyRow]):
    """Rows that are put on a stream: how they are read, what they are named by, and how they are taken in."""

    read: Callable[[bytes, str, str | None], Iterator[ReadRow[AnyRow] | RefusedRow]]
    id_of: Callable[[AnyRow], str]
    put: Callable[[Sequence[AnyRow]], Awaitable[Sequence[Recorded]]]


async def put_reports(reports: Reports[AnyRow], body: Body, charset: str | None, executor: Executor) -> dict[str, Any]:
    """The answer: one entry per row. Raises Problem where no row can be used, TryAgain where Redis is down."""
    found, usable = await _read(reports.read, reports.id_of, body, charset, executor)
    outcomes: list[tuple[str, tuple[str, ...]]] = []
    for at in range(0, len(usable), ROWS_AT_ONCE):
        outcomes += [(one.outcome, one.messages) for one in await reports.put(usable[at : at + ROWS_AT_ONCE])]
    return _answered(reports.id_of, found, outcomes)


async def _read(
    read: Callable[[bytes, str, str | None], Iterator[ReadRow[AnyRow] | RefusedRow]],
    id_of: Callable[[AnyRow], str],
    body: Body,
    charset: str | None,
    executor: Executor,
) -> tuple[list[ReadRow[AnyRow] | RefusedRow], list[AnyRow]]:
    """All rows, and those that can be used. Raises Problem where there are none."""
    try:
        data = await body.whole()
    except BodyRefused as refused:
        raise refused.problem from None
    found: list[ReadRow[AnyRow] | RefusedRow] = await in_thread(executor, list, _until_unreadable(read(data, body.media_type, charset)))
    usable = [entry.row for entry in found if isinstance(entry, ReadRow)]
    if not usable:
        told = " ".join(reason for entry in found[:3] if isinstance(entry, RefusedRow) for reason in entry.reasons)
        raise Problem(
            _status(body.media_type, found), "No usable row", told or "The body holds no row; send one.", **_answered(id_of, found, [])
        )
    return found, usable


def _status(media_type: str, found: Sequence[object]) -> int:
    if media_type not in MEDIA_TYPES:
        return 415
    return 422 if found else 400


def _until_unreadable(found: Iterator[ReadRow[AnyRow] | RefusedRow]) -> Iterator[ReadRow[AnyRow] | RefusedRow]:
    try:
        yield from found
    except Unreadable as error:
        yield RefusedRow(error.issue.path, None, (error.issue.message,))


def _answered(
    id_of: Callable[[AnyRow], str], found: Sequence[ReadRow[AnyRow] | RefusedRow], outcomes: Sequence[tuple[str, tuple[str, ...]]]
) -> dict[str, Any]:
    written = iter(outcomes)
    rows: list[dict[str, Any]] = []
    for entry in found:
        if isinstance(entry, RefusedRow):
            rows.append({"place": entry.place, "id": entry.row_id, "outcome": "rejected", "messages": list(entry.reasons)})
        else:
            told = [f"{name} means nothing here and was left out." for name in entry.ignored]
            told += entry.warnings
            outcome, messages = next(written)
            rows.append({"place": entry.place, "id": id_of(entry.row), "outcome": outcome, "messages": [*told, *messages]})
    counts = {outcome: sum(row["outcome"] == outcome for row in rows) for outcome in ("stored", "unchanged", "rejected")}
    return {"counts": counts, "rows": rows}


def item_numbers(items: Sequence[Item]) -> tuple[set[str], set[str]]:
    numbers = {item.item_id for item in items} | {item.manufacturer_part for item in items if item.manufacturer_part is not None}
    return numbers, set()


def supplier_numbers(suppliers: Sequence[Supplier]) -> tuple[set[str], set[str]]:
    return set(), {supplier.supplier_id for supplier in suppliers}


def shown(progress: Progress) -> dict[str, Any]:
    return {**progress.model_dump(mode="json"), "finished": progress.finished_at is not None}
