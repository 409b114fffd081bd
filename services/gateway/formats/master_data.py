"""Items and suppliers as JSON (one, or an array), newline-delimited JSON, or CSV. A bad row costs itself only."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from services.gateway.domain.components import DEEPEST, MOST
from services.gateway.domain.received import Unreadable
from services.gateway.formats import countries, json_text, tables
from services.gateway.formats.canonical import hidden_characters, pointer, sentence_of, texts
from services.gateway.formats.tables import BadRow, Row
from shared.contracts.base import Contract
from shared.contracts.master_data import Item, Supplier
from shared.contracts.order import Component

MEDIA_TYPES = ("application/json", "application/x-ndjson", "text/csv")
MOST_ROWS = 100_000

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


def read_items(data: bytes, media_type: str, charset: str | None = None) -> Iterator[ReadRow[Item] | RefusedRow]:
    """Raises Unreadable where nothing, or nothing more, can be read."""
    return read_rows(data, media_type, charset, TypeAdapter(Item), "item_id", _ITEM_COLUMNS)


def read_suppliers(data: bytes, media_type: str, charset: str | None = None) -> Iterator[ReadRow[Supplier] | RefusedRow]:
    """Raises Unreadable where nothing, or nothing more, can be read."""
    return read_rows(data, media_type, charset, TypeAdapter(Supplier), "supplier_id", _SUPPLIER_COLUMNS)


Shape = Callable[[dict[str, Any]], dict[str, Any]]
"""From a row as it was written, without what is empty, to the contract's own shape."""


def _as_written(row: dict[str, Any]) -> dict[str, Any]:
    return row


def read_rows(
    data: bytes,
    media_type: str,
    charset: str | None,
    adapter: TypeAdapter[RowType],
    key: str,
    columns: dict[str, str],
    shape: Shape = _as_written,
) -> Iterator[ReadRow[RowType] | RefusedRow]:
    """Rows of any kind; `key` names each of them, `columns` are the names that a CSV's columns may have. Raises Unreadable."""
    for number, (place, value) in enumerate(_values(data, media_type, charset, key, columns), 1):
        if number > MOST_ROWS:
            raise Unreadable("TOO_MANY_ROWS", f"The body has more than {MOST_ROWS} rows; send it in parts.", place)
        yield value if isinstance(value, RefusedRow) else _row(place, value, adapter, key, shape)


def _row(place: str, value: Any, adapter: TypeAdapter[RowType], key: str, shape: Shape) -> ReadRow[RowType] | RefusedRow:
    if not isinstance(value, dict):
        return RefusedRow(place, None, ("A row is an object.",))
    row_id = value.get(key) if isinstance(value.get(key), str) else None
    trouble = _too_many_components(value)
    if trouble is not None:
        return RefusedRow(place, row_id, (trouble,))
    _tidy(value)
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


def _values(data: bytes, media_type: str, charset: str | None, key: str, columns: dict[str, str]) -> Iterator[tuple[str, Any]]:
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
            yield from _csv_values(data, charset, key, columns)
        case _:
            told = f"as {media_type[:100]}" if media_type else "without a media type"
            raise Unreadable("MEDIA_TYPE_UNKNOWN", f"The body came {told}; master data comes as {', '.join(MEDIA_TYPES)}.")


def _json_line(line: bytes, place: str) -> tuple[str, Any]:
    try:
        return place, json_text.parse(json_text.decoded(line, place), place)
    except Unreadable as error:
        return place, RefusedRow(place, None, (error.issue.message,))


# CSV

_ITEM_COLUMNS = {
    "item_id": "item_id item item_number item_code material material_number matnr sku part_number article artikelnummer",
    "supplier_id": "supplier_id supplier_no supplier_number vendor_id lifnr",
    "description": "description item_name name maktx bezeichnung",
    "description_lang": "description_lang language",
    "manufacturer.name": "manufacturer manufacturer_name hersteller",
    "manufacturer.country": "manufacturer_country",
    "manufacturer_part": "manufacturer_part manufacturer_part_number mpn mfrpn",
    "manufacturer_part_revision": "manufacturer_part_revision part_revision revision",
    "origin_country": "origin_country origin country_of_origin herkl coo ursprungsland",
    "inputs_origin_country": "inputs_origin_country",
    "classifications.HS": "hs hs_code",
    "classifications.CN": "cn_code stawn intrastat_code",
    "classifications.HTS": "hts hts_code",
    "classifications.CN_TARIFF": "cn_tariff_code china_tariff_code",
    "classifications.CAS": "cas cas_number casnr",
    "composition": "composition zusammensetzung",
    "unit": "unit uom base_unit meins einheit",
    "net_weight_kg_per_unit": "net_weight_kg_per_unit net_weight_kg weight_kg",
    "evidence.document": "document evidence_document certificate",
    "evidence.issuer": "issuer evidence_issuer",
    "evidence.issued_on": "issued_on",
    "evidence.valid_until": "valid_until",
    "components_complete": "components_complete",
    "control.us_controlled_content": "us_controlled_content",
    "control.eccn": "eccn",
    "parent_item_id": "parent_item_id parent parent_item bom_parent",
    "quantity": "quantity quantity_per qty menge",
    "mass_kg": "mass_kg",
    "value": "value standard_cost",
    "currency": "currency",
    "mass_share_percent": "mass_share_percent",
    "value_share_percent": "value_share_percent",
}
_SUPPLIER_COLUMNS = {
    "supplier_id": "supplier_id supplier_no supplier_number vendor_id vendor_no lifnr id lieferantennummer",
    "name": "name supplier_name vendor_name",
    "name_local": "name_local local_name",
    "address_lines": "address street",
    "city": "city ort",
    "postcode": "postcode postal_code zip",
    "region": "region state province",
    "country": "country country_code land1 land",
    "identifiers.LEI": "lei",
    "identifiers.USCC": "uscc unified_social_credit_code",
    "identifiers.DUNS": "duns",
    "identifiers.VAT": "vat vat_number",
    "evidence.document": "document evidence_document",
    "evidence.issuer": "issuer evidence_issuer",
    "evidence.issued_on": "issued_on",
    "evidence.valid_until": "valid_until",
}
_EVIDENCED = ("composition", "origin_country", "classifications", "net_weight_kg_per_unit", "name", "country")
"""The facts of a row that the document named in the same row speaks for."""


def _csv_values(data: bytes, charset: str | None, key: str, columns: dict[str, str]) -> Iterator[tuple[str, Any]]:
    text, _ = tables.decoded(data, charset)
    rows = tables.rows(text, tables.separator_of(text.partition("\n")[0]))
    header = next(rows, None)
    if not isinstance(header, Row):
        raise Unreadable("EMPTY", "The CSV has no header row.", "row 1")
    targets = _targets(header.cells, columns)
    if key not in targets:
        raise Unreadable("COLUMNS_UNKNOWN", f"None of the columns ({', '.join(header.cells)[:300]}) is {key}; name one so.", "row 1")
    values = _each_csv_row(rows, targets)
    yield from values if "parent_item_id" not in targets else _with_components(values)


def _each_csv_row(rows: Iterator[Row | BadRow], targets: Sequence[str]) -> Iterator[tuple[str, Any]]:
    for row in rows:
        place = f"row {row.number}"
        if isinstance(row, BadRow):
            yield place, RefusedRow(place, None, (f"The quoting of the row cannot be understood ({row.reason}).",))
        else:
            yield place, _csv_row(row, targets)


_OF_COMPONENTS_ONLY = ("quantity", "mass_kg", "value", "currency", "mass_share_percent", "value_share_percent")


def _with_components(values: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """A row with a parent is a component of that item, one level below it; the item's own row stands in the same file, before or after.

    What the component itself is made of stands in a row of its own, as an item.
    """
    taken = list(values)
    if len(taken) > MOST_ROWS:
        yield from taken
        return
    items = {
        value["item_id"]: value for _, value in taken if isinstance(value, dict) and "parent_item_id" not in value and "item_id" in value
    }
    own: list[tuple[str, Any]] = []
    for place, value in taken:
        if not isinstance(value, dict) or "parent_item_id" not in value:
            own.append((place, value))
            continue
        parent = value.pop("parent_item_id")
        item = items.get(parent)
        if item is None:
            told = f"The row is a component of {parent}, which has no row of its own in this file; add one."
            own.append((place, RefusedRow(place, value.get("item_id"), (told,))))
        else:
            item.setdefault("components", []).append(_as_component(value))
    for place, value in own:
        if isinstance(value, dict):
            for name in _OF_COMPONENTS_ONLY:
                value.pop(name, None)
        yield place, value


def _as_component(row: dict[str, Any]) -> dict[str, Any]:
    """A row's evidence speaks for the component as a whole."""
    evidence: dict[str, str] = next(iter(row.pop("evidence", {}).values()), {})
    return {**{name: value for name, value in row.items() if name in Component.model_fields}, **evidence}


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
