"""Answers to open questions as JSON (one, or an array), newline-delimited JSON, or CSV: one row per fact."""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from services.gateway.formats import countries
from services.gateway.formats.rows import ReadRow, RefusedRow, read_rows, take_order_key
from shared.contracts.answer import FactAnswer
from shared.contracts.spreadsheet import text_of

_COLUMNS = {
    "fact": "fact question_name",
    "value": "value answer",
    "unit": "unit",
    "item_id": "item_id item item_number",
    "supplier_id": "supplier_id supplier_number",
    "system": "system source_system",
    "company": "company company_code",
    "order_id": "order_id order order_number",
    "document": "document evidence_document",
    "issuer": "issuer evidence_issuer",
    "issued_on": "issued_on",
    "valid_until": "valid_until",
}
_COUNTRIES = frozenset({"origin", "inputs_origin", "destination", "ship_from"})


def read_answers(data: bytes, media_type: str, charset: str | None = None) -> Iterator[ReadRow[FactAnswer] | RefusedRow]:
    """Raises Unreadable where nothing, or nothing more, can be read."""
    return read_rows(data, media_type, charset, TypeAdapter(FactAnswer), "fact", _COLUMNS, _shape)


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    """Cells are as the form has them; the order's key may stand in three fields of its own; a country may be written in full."""
    row = {name: text_of(value) if isinstance(value, str) else value for name, value in row.items()}
    if "order_key" not in row and (key := take_order_key(row)):
        row["order_key"] = key
    fact, value = row.get("fact"), row.get("value")
    if isinstance(fact, str) and fact in _COUNTRIES and isinstance(value, str):
        row["value"] = countries.alpha_2(value) or value
    return row
