"""How a file of rows gets into the running system by a command: read, put in pieces under a bar, every row answered."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from services.commands.running import on_bus
from services.commands.terminal import console, print_json, refuse
from shared.contracts.base import Contract

if TYPE_CHECKING:
    from services.gateway.domain.recorded import Recorded
    from services.gateway.formats.rows import ReadRow, RefusedRow
    from shared.bus import Bus

MEDIA_TYPES = {".csv": "text/csv", ".ndjson": "application/x-ndjson", ".jsonl": "application/x-ndjson", ".json": "application/json"}

Row = TypeVar("Row", bound=Contract)


def rows_of(file: Path, read: Callable[[bytes, str], Iterator["ReadRow[Row] | RefusedRow"]]) -> "list[ReadRow[Row] | RefusedRow]":
    """All rows of a file, or a refusal where it cannot be read."""
    from services.gateway.domain.received import Unreadable

    kind = MEDIA_TYPES.get(file.suffix.lower())
    if kind is None:
        refuse(f"{file} cannot be read: its name ends in none of {', '.join(MEDIA_TYPES)}.")
    try:
        return list(read(file.read_bytes(), kind))
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}.")
    except Unreadable as error:
        refuse(f"{file}: {error}")


def put_in_pieces(
    rows: Sequence[Row], put: "Callable[[Bus, Sequence[Row]], Awaitable[Sequence[Recorded]]]", what: str, at_once: int = 1_000
) -> "list[Recorded]":
    """What became of each, in their order; waits where the services behind have to catch up."""

    async def put_all(bus: "Bus") -> "list[Recorded]":
        recorded: list[Recorded] = []
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            bar = progress.add_task(what, total=len(rows))
            for at in range(0, len(rows), at_once):
                while not (pressure := await bus.pressure()).accepting:
                    progress.update(bar, description=f"waiting: {pressure.reason}")
                    await asyncio.sleep(max(1, pressure.retry_after_seconds))
                piece = rows[at : at + at_once]
                recorded += await put(bus, piece)
                progress.update(bar, description=what, advance=len(piece))
        return recorded

    return on_bus(put_all, "gateway") if rows else []


def tell(
    found: "Sequence[ReadRow[Row] | RefusedRow]", recorded: "Sequence[Recorded]", id_of: Callable[[Row], str], *, as_json: bool
) -> NoReturn:
    """Exit code 1 where a row was refused, 2 where there was none. What is said of many rows alike is printed once."""
    rows = list(_answers(found, recorded, id_of))
    counts = {outcome: sum(row["outcome"] == outcome for row in rows) for outcome in ("stored", "unchanged", "rejected")}
    if as_json:
        print_json({"counts": counts, "rows": rows})
    else:
        alike: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in rows:
            for message in row["messages"]:
                alike.setdefault((row["outcome"], message), []).append(row)
        for (outcome, message), each in alike.items():
            more = f" and {len(each) - 1} more" if len(each) > 1 else ""
            console.print(f"{each[0]['place']} {each[0]['id'] or ''}{more}: {outcome}. {message}", highlight=False, markup=False)
        console.print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()), highlight=False)
    raise typer.Exit(2 if not rows else int(counts["rejected"] > 0))


def _answers(
    found: "Sequence[ReadRow[Row] | RefusedRow]", recorded: "Sequence[Recorded]", id_of: Callable[[Row], str]
) -> Iterator[dict[str, Any]]:
    from services.gateway.formats.rows import ReadRow

    outcomes = iter(recorded)
    for entry in found:
        if isinstance(entry, ReadRow):
            one = next(outcomes)
            ignored = [f"{name} means nothing here and was left out." for name in entry.ignored]
            told = [*ignored, *entry.warnings, *one.messages]
            yield {"place": entry.place, "id": id_of(entry.row), "outcome": one.outcome, "messages": told}
        else:
            yield {"place": entry.place, "id": entry.row_id, "outcome": "rejected", "messages": list(entry.reasons)}
