"""Screening without a server: one order file, or a file of cases, with the same code that the services run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from services.gateway.documents import read_documents
from services.gateway.domain.enrichment import Catalogue, catalogue_of
from services.gateway.domain.received import Rejection, Unreadable
from services.gateway.domain.snapshot import snapshot_of
from services.gateway.formats.master_data import ReadRow, RefusedRow, read_items, read_suppliers
from services.screening.domain.basis import Basis, basis_of
from services.screening.domain.result import screened
from services.screening.domain.screening import screen_order
from services.screening.regulation_files import load_law, load_parties
from shared.contracts.order import OrderEvent
from shared.contracts.screening import ScreeningResult

MASTER_DATA_TYPES = {".csv": "text/csv", ".ndjson": "application/x-ndjson", ".jsonl": "application/x-ndjson", ".json": "application/json"}
LARGEST_FILE = 256 * 1024 * 1024

Row = TypeVar("Row")


class FileError(Exception):
    """A file cannot be used; the text says which one, why and what to do."""


@dataclass(slots=True, frozen=True)
class Screened:
    """What one file gave: a result per order, and what was refused of it."""

    orders: tuple[ScreeningResult, ...]
    rejected: tuple[Rejection, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "orders": [
                {"order_key": str(order.order_key), **order.model_dump(mode="json", exclude={"order_key"})} for order in self.orders
            ],
            "rejected": [
                {"place": refused.place, "reasons": [issue.model_dump(mode="json") for issue in refused.issues]}
                for refused in self.rejected
            ],
        }

    def render(self, console: Console) -> None:
        grid = Table("order", "line", "answer", "instrument", "why, and what to ask", expand=True)
        for order in self.orders:
            for line in order.lines:
                for jurisdiction, answer in line.answers.items():
                    questions = [
                        f"Ask the {question.held_by}: {question.question}" for question in line.questions if question.kind == "fact"
                    ]
                    leading = next((finding for finding in line.findings if finding.jurisdiction == jurisdiction), None)
                    grid.add_row(
                        order.order_key.order_id,
                        line.line_id,
                        f"{jurisdiction} {answer.answer}",
                        " ".join(filter(None, (leading.instrument, leading.control_code))) if leading else "",
                        " ".join([leading.sentence if leading else answer.how, *questions[:1]]),
                    )
        console.print(grid)
        for refused in self.rejected:
            console.print(f"refused {refused.place}: {refused.message}", highlight=False, markup=False)


def screen_file(
    file: Path,
    *,
    now: datetime,
    valid_on: date | None,
    items_file: Path | None = None,
    suppliers_file: Path | None = None,
    mapping_file: Path | None = None,
) -> Screened:
    """Screens every order of one file on what is known today; nothing is stored. Raises FileError."""
    catalogue = _catalogue(items_file, suppliers_file)
    basis = Basis(load_law(), load_parties())
    mapping = _content(mapping_file).decode("utf-8", "replace") if mapping_file else None
    received, rejected = read_documents(_content(file), filename=file.name, mapping=mapping)
    results = []
    for order in received:
        snapshot = snapshot_of(order, catalogue, now)
        results.append(
            screen_order(
                snapshot,
                basis,
                order_event_id=snapshot.content_sha256[:32],
                known_on=now.date(),
                valid_on=valid_on,
                code=version("orestream"),
            )
        )
    return Screened(tuple(results), tuple(rejected))


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise FileError(f"{file} has more than {LARGEST_FILE // 2**20} MiB; send it to a running gateway in parts.")
        return file.read_bytes()
    except OSError as error:
        raise FileError(f"{file} cannot be read: {error.strerror}.") from None


def _catalogue(items_file: Path | None, suppliers_file: Path | None) -> Catalogue:
    items = _rows(items_file, read_items) if items_file else []
    suppliers = _rows(suppliers_file, read_suppliers) if suppliers_file else []
    return catalogue_of(items, suppliers)


def _rows(file: Path, read: Callable[[bytes, str], Iterator[ReadRow[Any] | RefusedRow]]) -> list[Any]:
    kind = MASTER_DATA_TYPES.get(file.suffix.lower())
    if kind is None:
        raise FileError(f"{file} is no master data that can be read: its name ends in {', '.join(MASTER_DATA_TYPES)}.")
    rows = []
    try:
        for row in read(_content(file), kind):
            if isinstance(row, RefusedRow):
                raise FileError(f"{file}, {row.place}: {' '.join(row.reasons)}")
            rows.append(row.row)
    except Unreadable as error:
        raise FileError(f"{file}: {error}") from None
    return rows


def recompute_screening(order: bytes, references: Mapping[str, bytes]) -> bytes:
    """The screening event that the running code makes of recorded inputs: the order event, and by kind the reference data as announced."""
    event = OrderEvent.model_validate_json(order)
    return screened(event, basis_of(references), version("orestream")).encode()
