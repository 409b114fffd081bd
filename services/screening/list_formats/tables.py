"""CSV as list publishers write it, read as a stream: rows by column name, with the line on which each begins."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from services.screening.list_formats.entries import ListRead, ListRefused, RefusedRow, RowRefused


@dataclass(slots=True, frozen=True)
class TableRow:
    place: str
    cells: Mapping[str, str]


_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Table:
    """A CSV with a header. Iterating gives usable rows and refused ones; a file cut short raises ListRefused."""

    def __init__(self, stream: BinaryIO, start: bytes, separator: str | None = None) -> None:
        """`start` is what the stream begins with, which stays unread."""
        encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
        self._lines = _Lines(io.TextIOWrapper(stream, encoding=encoding, newline=""), encoding)
        first = start.decode(encoding, "ignore").partition("\n")[0]
        self._reader = csv.reader(self._lines, delimiter=separator or _separator_of(first), strict=True)
        header = next(self._cells(), None)
        if header is None:
            raise ListRefused("EMPTY", "The file is empty; it was probably not downloaded.")
        if isinstance(header, RefusedRow):
            raise ListRefused("NO_HEADER", f"The first line is no CSV header: {header.reason}.")
        self.columns: Sequence[str] = tuple(name.strip().casefold().replace(" ", "_") for name in header[1])
        twice = next((name for name in self.columns if name and self.columns.count(name) > 1), None)
        if twice is not None:
            raise ListRefused("COLUMN_TWICE", f"The header names the column {twice!r} twice.")

    def require(self, *columns: str) -> None:
        """Raises ListRefused where one is not there."""
        missing = [name for name in columns if name not in self.columns]
        if missing:
            raise ListRefused(
                "COLUMN_MISSING", f"The header has no column {', '.join(missing)}; it has {', '.join(filter(None, self.columns))[:300]}."
            )

    def __iter__(self) -> Iterator[TableRow | RefusedRow]:
        width = len(self.columns)
        short: RefusedRow | None = None
        for row in self._cells():
            if short is not None:
                yield short
                short = None
            if isinstance(row, RefusedRow):
                yield row
                continue
            place, cells = row
            if len(cells) < width:
                # Only the last row can have been cut: whether it is, the next one tells.
                short = RefusedRow(place, f"it has {len(cells)} columns, the header {width}")
            elif len(cells) > width and any(cell.strip() for cell in cells[width:]):
                yield RefusedRow(place, f"it has {len(cells)} columns, the header {width}")
            else:
                yield TableRow(place, {name: cell.strip() for name, cell in zip(self.columns, cells, strict=False) if name})
        if short is not None:
            raise ListRefused("CUT_SHORT", f"The file ends in the middle of {short.place} ({short.reason}); download it again.")

    def _cells(self) -> Iterator[tuple[str, list[str]] | RefusedRow]:
        while True:
            number = self._lines.number + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    raise ListRefused(
                        "CUT_SHORT", f"The file ends inside quotes that began on line {number}; it was cut off. Download it again."
                    ) from None
                yield RefusedRow(f"line {number}", f"its quoting is broken ({error})")
                continue
            if any(cell.strip() for cell in cells):
                yield f"line {number}", cells


def read_rows(table: Table, found: ListRead, take: Callable[[TableRow], None]) -> ListRead:
    """`found`, into which `take` puts each row or refuses it (RowRefused). Raises ListRefused."""
    for row in table:
        found.records += 1
        try:
            if isinstance(row, RefusedRow):
                raise RowRefused(row.reason)
            take(row)
        except RowRefused as error:
            found.refused.append(RefusedRow(row.place, str(error)))
    return found.checked()


def _separator_of(header: str) -> str:
    return max((",", ";", "\t"), key=header.count)


class _Lines:
    """Lines of a text, counted; a text that is not in its encoding raises ListRefused."""

    def __init__(self, text: io.TextIOWrapper, encoding: str) -> None:
        self._text = text
        self._encoding = encoding
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        try:
            line = next(self._text)
        except UnicodeDecodeError:
            raise ListRefused(
                "NOT_UTF_8", f"The text after line {self.number} is not {self._encoding.upper().removesuffix('-SIG')}; save it as UTF-8."
            ) from None
        self.number += 1
        if len(line) > _LONGEST_LINE:
            raise ListRefused("LINE_TOO_LONG", f"Line {self.number} has more than {_LONGEST_LINE} characters; this is no list.")
        return line


_LONGEST_LINE = 1_000_000
