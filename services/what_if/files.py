"""What-if over one file on this machine: no server, no Redis."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, TypeVar

from services.gateway.documents import read_documents
from services.gateway.domain.enrichment import Catalogue, catalogue_of
from services.gateway.domain.received import Rejection, Unreadable
from services.gateway.formats.master_data import read_items, read_suppliers
from services.gateway.formats.rows import ReadRow, RefusedRow
from services.screening.domain.basis import Basis
from services.screening.domain.difference import Difference
from services.screening.regulation_files import load_law, load_parties
from services.what_if.asking import Judging, WhatIf, orders_of_items, snapshots_of
from shared.contracts.base import Contract
from shared.contracts.master_data import Item
from shared.contracts.screening import ScreeningResult

MASTER_DATA_TYPES = {".csv": "text/csv", ".ndjson": "application/x-ndjson", ".jsonl": "application/x-ndjson", ".json": "application/json"}
LARGEST_FILE = 256 * 1024 * 1024
Kind = Literal["orders", "items"]

Row = TypeVar("Row", bound=Contract)


class FileError(Exception):
    """A file cannot be used; the text says which one, why and what to do."""


@dataclass(slots=True, frozen=True)
class Screened:
    """What was asked of one document, or of all open orders: a result per order, what was refused, and what differs from today's answers.

    `orders` is empty where there were too many to show one by one.
    """

    question: WhatIf
    orders: tuple[ScreeningResult, ...]
    rejected: tuple[Rejection, ...]
    difference: Difference

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "orders": [
                {"order_key": str(order.order_key), **order.model_dump(mode="json", exclude={"order_key"})} for order in self.orders
            ],
            "rejected": [
                {"place": refused.place, "reasons": [issue.model_dump(mode="json") for issue in refused.issues]}
                for refused in self.rejected
            ],
        }
        if self.question.supposes:
            shown["difference"] = self.difference.as_json()
        return shown


def screen_file(
    file: Path,
    question: WhatIf,
    *,
    now: datetime,
    kind: Kind = "orders",
    ship_from: str | None = None,
    ship_to: str | None = None,
    items_file: Path | None = None,
    suppliers_file: Path | None = None,
    mapping_file: Path | None = None,
) -> Screened:
    """Screens every order of one file, or every item of an item master. Raises FileError, UnknownInstrument."""
    judging = Judging(Basis(load_law(), load_parties()), now, version("orestream"))
    items = _rows(items_file, read_items) if items_file else []
    suppliers = _rows(suppliers_file, read_suppliers) if suppliers_file else []
    rejected: list[Rejection] = []
    if kind == "items":
        asked: list[Item] = _rows(file, read_items)
        received = list(orders_of_items(asked, ship_from, ship_to))
        items = [*items, *asked]
    else:
        mapping = content_of(mapping_file).decode("utf-8", "replace") if mapping_file else None
        received, rejected = read_documents(content_of(file), filename=file.name, mapping=mapping)
    catalogue: Catalogue = catalogue_of(items, suppliers)
    difference = Difference()
    results = tuple(judging.compared(snapshots_of(received, catalogue, now), question, difference))
    return Screened(question, results, tuple(rejected), difference)


def content_of(file: Path) -> bytes:
    """Raises FileError."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise FileError(f"{file} has more than {LARGEST_FILE // 2**20} MiB; send it to a running gateway in parts.")
        return file.read_bytes()
    except OSError as error:
        raise FileError(f"{file} cannot be read: {error.strerror}.") from None


def _rows(file: Path, read: Callable[[bytes, str], Iterator[ReadRow[Row] | RefusedRow]]) -> list[Row]:
    kind = MASTER_DATA_TYPES.get(file.suffix.lower())
    if kind is None:
        raise FileError(f"{file} is no master data that can be read: its name ends in {', '.join(MASTER_DATA_TYPES)}.")
    rows: list[Row] = []
    try:
        for row in read(content_of(file), kind):
            if isinstance(row, RefusedRow):
                raise FileError(f"{file}, {row.place}: {' '.join(row.reasons)}")
            rows.append(row.row)
    except Unreadable as error:
        raise FileError(f"{file}: {error}") from None
    return rows
