"""A list file of any supported format in, what it says out; the format is told, or found out by how the file begins."""

import io
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import orjson

from services.screening.list_formats import consolidated_screening_list, entity_files, opensanctions_csv, own_csv
from services.screening.list_formats.entity_files import Changes
from services.screening.list_formats.entries import ListRead, ListRefused
from services.screening.list_formats.tables import Table

Format = Literal[
    "opensanctions-csv", "opensanctions-cn", "opensanctions-entities", "opensanctions-delta", "csl-json", "csl-csv", "csv", "ownership-csv"
]
FORMATS: tuple[Format, ...] = get_args(Format)
_BEGINNING = 64 * 1024


class Readable(Protocol):
    """A file, a request's body, or what watches one of them being read."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(slots=True, frozen=True)
class FileRead:
    """`read` is a whole list; `changes` are entities, whole or a delta, that are put together with what is kept of the list."""

    format: Format
    read: ListRead | None
    changes: Changes | None = None


def read_file(stream: Readable, form: Format | Literal["auto"] = "auto") -> FileRead:
    """Raises ListRefused."""
    buffered = io.BufferedReader(_Raw(stream), _BEGINNING)
    start = buffered.peek(_BEGINNING)
    if not start.strip():
        raise ListRefused("EMPTY", "The file is empty; it was probably not downloaded.")
    found = found_format(start) if form == "auto" else form
    match found:
        case "opensanctions-entities":
            return FileRead(found, None, entity_files.read_entities(buffered))
        case "opensanctions-delta":
            return FileRead(found, None, entity_files.read_delta(buffered))
        case "csl-json":
            return FileRead(found, consolidated_screening_list.read_json(buffered))
    table = Table(buffered, start)
    match found:
        case "opensanctions-csv":
            return FileRead(found, opensanctions_csv.read_targets(table))
        case "opensanctions-cn":
            return FileRead(found, opensanctions_csv.read_chinese_source(table))
        case "csl-csv":
            return FileRead(found, consolidated_screening_list.read_csv(table))
        case "ownership-csv":
            return FileRead(found, own_csv.read_ownership(table))
        case _:
            return FileRead("csv", own_csv.read_own_list(table))


def found_format(start: bytes) -> Format:
    """By the first line. Raises ListRefused where it is like none."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return _of_json(text)
    encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    header = start.removeprefix(b"\xef\xbb\xbf").decode(encoding, "ignore").partition("\n")[0]
    columns = {
        name.strip().strip('"').casefold().replace(" ", "_") for part in header.split(",") for name in part.replace("\t", ";").split(";")
    }
    if {"owner", "owned"} <= columns:
        return "ownership-csv"
    if {"source", "name"} <= columns and {"entity_number", "federal_register_notice", "alt_names"} & columns:
        return "csl-csv"
    if {"name", "chinese_name", "list", "date"} <= columns:
        return "opensanctions-cn"
    if "id" in columns and {"caption", "schema"} & columns:
        return "opensanctions-csv"
    if "name" in columns:
        return "csv"
    raise ListRefused(
        "FORMAT_UNKNOWN", f"The file begins like no list that can be read ({header[:80]!r}); the formats are {', '.join(FORMATS)}."
    )


def _of_json(text: bytes) -> Format:
    line = text.partition(b"\n")[0]
    try:
        first = orjson.loads(line)
    except orjson.JSONDecodeError:
        first = None
    if isinstance(first, dict) and "op" in first and "entity" in first:
        return "opensanctions-delta"
    if isinstance(first, dict) and "schema" in first and "properties" in first:
        return "opensanctions-entities"
    if first is None and line[:200].replace(b" ", b"").startswith((b'{"op":', b'{"entity":')):
        return "opensanctions-delta"
    if first is None and b'"schema"' in line and b'"properties"' in line:
        return "opensanctions-entities"
    return "csl-json"


class _Raw(io.RawIOBase):
    """What only reads as a raw stream, so that its beginning can be looked at without being taken."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
