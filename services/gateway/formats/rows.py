"""Rows of any kind as JSON (one, or an array), newline-delimited JSON, or CSV. A bad row costs itself only."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from services.gateway.domain.components import DEEPEST, MOST
from services.gateway.domain.received import Unreadable
from services.gateway.formats import countries, json_text, tables
from services.gateway.formats.canonical import hidden_characters, pointer, sentence_of, texts
from services.gateway.formats.tables import BadRow, Row
from shared.contracts.base import Contract

MEDIA_TYPES = ("application/json", "application/x-ndjson", "text/csv")
MOST_ROWS = 100_000
_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")

RowType = TypeVar("RowType", bound=Contract)


@dataclass(slots=True, frozen=True)
class ReadRow(Generic[RowType]):
    """One row that can be used.

    `ignored` are names in it that mean nothing here (a misspelt field, say), `warnings` sentences on what should be looked at.
    """

    place: str
    row: RowType
    ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class RefusedRow:
    place: str
    row_id: str | None
    reasons: tuple[str, ...]


Shape = Callable[[dict[str, Any]], dict[str, Any]]
"""From a row as it was written, without what is empty, to the contract's own shape."""


def _as_written(row: dict[str, Any]) -> dict[str, Any]:
    return row


Values = Iterator[tuple[str, Any]]
Together = Callable[[Values, Sequence[str]], Values]
"""From the rows of a table, each with its place, and the names of its columns to what the rows say together."""


def _each_by_itself(values: Values, _columns: Sequence[str]) -> Values:
    return values


def read_rows(
    data: bytes,
    media_type: str,
    charset: str | None,
    adapter: TypeAdapter[RowType],
    key: str,
    columns: dict[str, str],
    shape: Shape = _as_written,
    together: Together = _each_by_itself,
) -> Iterator[ReadRow[RowType] | RefusedRow]:
    """Rows of any kind; `key` names each of them, `columns` are the names that a CSV's columns may have. Raises Unreadable."""
    for number, (place, value) in enumerate(_values(data, media_type, charset, key, columns, together), 1):
        if number > MOST_ROWS:
            raise Unreadable("TOO_MANY_ROWS", f"The body has more than {MOST_ROWS} rows; send it in parts.", place)
        yield value if isinstance(value, RefusedRow) else _row(place, value, adapter, key, shape)


def _row(place: str, value: Any, adapter: TypeAdapter[RowType], key: str, shape: Shape) -> ReadRow[RowType] | RefusedRow:
    if not isinstance(value, dict):
        return RefusedRow(place, None, ("A row is an object.",))
    named = value.get(key)
    row_id = named.encode("utf-8", "replace").decode() if isinstance(named, str) else None  # half a character cannot be answered
    trouble = _too_many_components(value)
    if trouble is not None:
        return RefusedRow(place, row_id, (trouble,))
    _tidy(value)
    halves = list(_half_characters(value))
    if halves:
        return RefusedRow(
            place, row_id, tuple(f"{name} contains half a character (a lone surrogate); send the text in UTF-8." for name in halves)
        )
    value = shape(value)
    written = list(texts(value, ()))
    nul = [pointer(location) for location, text in written if "\x00" in text]
    if nul:
        told = tuple(f"{name} contains the character U+0000, which no text may carry; remove it." for name in nul)
        return RefusedRow(place, row_id, told)
    try:
        row = adapter.validate_python(value)
    except ValidationError as error:
        return RefusedRow(place, row_id, tuple(sentence_of(mistake) for mistake in error.errors(include_url=False)))
    warnings = tuple(
        f"{pointer(location)} contains characters that cannot be seen ({', '.join(hidden[:8])}); it was kept as sent. Check that it reads "
        "as it should."
        for location, text in written
        if (hidden := hidden_characters(text))
    )
    return ReadRow(place, row, tuple(sorted(set(value) - set(type(row).model_fields))), warnings)


def _half_characters(row: dict[str, Any]) -> Iterator[str]:
    """Where they stand, told before anything is said in the row's own words: no answer can carry them."""
    named = (name for name in row if _HALF_CHARACTER.search(name))
    held = (pointer(location) for location, text in texts(row, ()) if _HALF_CHARACTER.search(text))
    for name in (*named, *held):
        yield _HALF_CHARACTER.sub("?", name)


def _too_many_components(row: dict[str, Any]) -> str | None:
    """Why the parts of an item are more than a bill of materials may have, told before anything walks down them."""
    level = [row]
    count = 0
    for depth in range(DEEPEST + 1):
        parts = [part for whole in level if isinstance(whole.get("components"), list) for part in whole["components"]]
        count += len(parts)
        if count > MOST:
            return f"/components holds more than {MOST} components in all; send a shorter bill of materials."
        level = [part for part in parts if isinstance(part, dict)]
        if not level:
            return None
        if depth == DEEPEST:
            return f"/components is nested deeper than {DEEPEST} levels; give the inner parts items of their own and name them by item_id."
    return None


def _tidy(row: dict[str, Any]) -> None:
    """Empty is unknown; a country may be written in full, and one that is not known here is refused below."""
    for name in [name for name, value in row.items() if value in (None, "")]:
        del row[name]
    for component in row["components"] if isinstance(row.get("components"), list) else ():
        if isinstance(component, dict):
            _tidy(component)
    holders = [row, row.get("manufacturer"), *(row["composition"] if isinstance(row.get("composition"), list) else ())]
    for holder in holders:
        for name in ("country", "origin_country", "inputs_origin_country"):
            if isinstance(holder, dict) and isinstance(holder.get(name), str):
                holder[name] = countries.alpha_2(holder[name]) or holder[name]


def _values(data: bytes, media_type: str, charset: str | None, key: str, columns: dict[str, str], together: Together) -> Values:
    match media_type:
        case "application/json":
            text = json_text.decoded(data)
            if text.lstrip().startswith("["):
                for number, (value, _) in enumerate(json_text.elements(text)):
                    yield f"/{number}", value
            else:
                yield "/", json_text.parse(text)
        case "application/x-ndjson":
            for number, line in enumerate(data.split(b"\n"), 1):
                if line.strip():
                    yield _json_line(line, f"line {number}")
        case "text/csv":
            yield from _csv_values(data, charset, key, columns, together)
        case _:
            told = f"as {media_type[:100]}" if media_type else "without a media type"
            raise Unreadable("MEDIA_TYPE_UNKNOWN", f"The body came {told}; rows come as {', '.join(MEDIA_TYPES)}.")


def _json_line(line: bytes, place: str) -> tuple[str, Any]:
    try:
        return place, json_text.parse(json_text.decoded(line, place), place)
    except Unreadable as error:
        return place, RefusedRow(place, None, (error.issue.message,))


# What tables write otherwise than contracts -----------------------------------------------------------------------------------------


def take_order_key(row: dict[str, Any]) -> dict[str, Any]:
    """The parts of an order's key out of the three fields of a row in which they may stand."""
    return {name: row.pop(name) for name in ("system", "company", "order_id") if name in row}


def written_as_tables_do(row: dict[str, Any], days: tuple[str, ...], numbers: tuple[str, ...]) -> None:
    """Days and numbers in the contract's form. What could be two days or two numbers stays as it is, and is refused."""
    for name in days:
        if isinstance(row.get(name), str):
            row[name] = tables.day_text(row[name], None) or row[name]
    for name in numbers:
        if isinstance(row.get(name), str):
            row[name] = tables.number_text(row[name], None) or row[name]


# CSV --------------------------------------------------------------------------------------------------------------------------------

_EVIDENCED = ("composition", "origin_country", "classifications", "net_weight_kg_per_unit", "name", "country")
"""The facts of a row that the document named in the same row speaks for."""


def _csv_values(data: bytes, charset: str | None, key: str, columns: dict[str, str], together: Together) -> Values:
    text, _ = tables.decoded(data, charset)
    rows = tables.rows(text, tables.separator_of(text.partition("\n")[0]))
    header = next(rows, None)
    if not isinstance(header, Row):
        raise Unreadable("EMPTY", "The CSV has no header row.", "row 1")
    targets = _targets(header.cells, columns)
    if key not in targets:
        raise Unreadable("COLUMNS_UNKNOWN", f"None of the columns ({', '.join(header.cells)[:300]}) is {key}; name one so.", "row 1")
    yield from together(_each_csv_row(rows, targets), targets)


def _each_csv_row(rows: Iterator[Row | BadRow], targets: Sequence[str]) -> Values:
    for row in rows:
        place = f"row {row.number}"
        if isinstance(row, BadRow):
            yield place, RefusedRow(place, None, (f"The quoting of the row cannot be understood ({row.reason}).",))
        else:
            yield place, _csv_row(row, targets)


def _targets(header: Sequence[str], columns: dict[str, str]) -> list[str]:
    """What each column holds; a column without a known name keeps its own, so that it is told as ignored."""
    known = {name: target for target, names in columns.items() for name in names.split()}
    return [name if name.startswith("attributes.") else known.get(tables.normalised(name), name) for name in header]


def _csv_row(row: Row, targets: Sequence[str]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    evidence: dict[str, str] = {}
    for target, cell in zip(targets, row.cells, strict=False):
        if not cell:
            continue
        name, _, rest = target.partition(".")
        match name:
            case "classifications":
                value.setdefault(name, []).append({"scheme": rest, "code": cell})
            case "attributes":
                value.setdefault(name, []).append({"name": rest, "value": cell})
            case "composition":
                value[name] = tables.composition(cell)
            case "address_lines":
                value[name] = [cell]
            case "net_weight_kg_per_unit" | "quantity" | "mass_kg" | "value" | "mass_share_percent" | "value_share_percent":
                value[name] = tables.number_text(cell, None) or cell
            case "evidence":
                evidence[rest] = cell
            case "manufacturer" | "identifiers" | "control":
                value.setdefault(name, {})[rest] = cell
            case _:
                value[target] = cell
    if "document" in evidence:
        value["evidence"] = {fact: evidence for fact in _EVIDENCED if fact in value}
    return value
