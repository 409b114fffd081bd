"""Licence cases as JSON (one, or an array), newline-delimited JSON, or CSV: one row per licence."""

import re
from collections.abc import Iterator
from typing import Any, get_args
from urllib.parse import unquote

from pydantic import TypeAdapter

from services.gateway.formats.rows import ReadRow, RefusedRow, read_rows, written_as_tables_do
from shared.contracts.licence import Licence, LicenceState

_STATES: tuple[str, ...] = get_args(LicenceState)
_STATE_DAYS = tuple(f"{state}_on" for state in _STATES)
_LISTS = ("item_ids", "control_codes", "elements")
_PARTY_COLUMNS = {"id": "id", "name": "name", "name_local": "name_local", "country": "country", "uscc": "identifiers"}

_COLUMNS = {
    "licence_id": "licence_id license_id licence license licence_number license_number genehmigung",
    "jurisdiction": "jurisdiction",
    "kind": "kind type licence_kind",
    "exporter_name": "exporter exporter_name",
    "exporter_id": "exporter_id exporter_number",
    "exporter_name_local": "exporter_name_local",
    "exporter_country": "exporter_country",
    "exporter_uscc": "exporter_uscc uscc",
    "end_user_name": "end_user end_user_name",
    "end_user_id": "end_user_id",
    "end_user_name_local": "end_user_name_local",
    "end_user_country": "end_user_country",
    "item_ids": "item_ids items item item_id item_numbers",
    "control_codes": "control_codes control_code codes code",
    "elements": "elements element",
    "quantity": "quantity qty granted_quantity menge",
    "unit": "unit uom einheit",
    "state": "state status",
    **{name: f"{name} {name.removesuffix('_on')}" for name in _STATE_DAYS},
    "valid_from": "valid_from",
    "valid_until": "valid_until valid_to expires expires_on expiry",
    "reference_number": "reference_number reference",
    "orders": "orders order order_key",
    "undertaking_end_use": "undertaking_end_use promised_end_use",
    "undertaking_end_user": "undertaking_end_user promised_end_user",
    "undertaking_destination": "undertaking_destination promised_destination",
    "undertaking_given_on": "undertaking_given_on undertaking_on",
    "undertaking_document": "undertaking_document end_user_certificate",
}
_UNDERTAKING = ("end_use", "end_user", "destination", "given_on", "document")


def read_licences(data: bytes, media_type: str, charset: str | None = None) -> Iterator[ReadRow[Licence] | RefusedRow]:
    """Raises Unreadable where nothing, or nothing more, can be read."""
    return read_rows(data, media_type, charset, TypeAdapter(Licence), "licence_id", _COLUMNS, _shape)


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    """Columns of a table become the contract's parts; lists may be one text, a party its name, an order its key as text."""
    written_as_tables_do(row, (*_STATE_DAYS, "valid_from", "valid_until", "undertaking_given_on"), ("quantity",))
    for role in ("exporter", "end_user"):
        _gather_party(row, role)
    for name in _LISTS:
        if isinstance(row.get(name), str):
            row[name] = [part.strip() for part in re.split(r"[;,|]", row[name]) if part.strip()]
    _gather_history(row)
    _gather_undertaking(row)
    if isinstance(row.get("orders"), str):
        row["orders"] = [part.strip() for part in re.split(r"[;|\s]", row["orders"]) if part.strip()]
    if isinstance(row.get("orders"), list):
        row["orders"] = [_order_key(each) for each in row["orders"]]
    return row


def _gather_party(row: dict[str, Any], role: str) -> None:
    if isinstance(row.get(role), str):
        row[role] = {"name": row[role]}
    for column, name in _PARTY_COLUMNS.items():
        written = row.pop(f"{role}_{column}", None)
        if written is not None:
            party = row.setdefault(role, {})
            party[name] = {"USCC": written} if name == "identifiers" else written


def _gather_history(row: dict[str, Any]) -> None:
    """A day per state is a history; the last of them is the present state where nothing else is said."""
    steps = [{"state": state, "on": row.pop(f"{state}_on")} for state in _STATES if f"{state}_on" in row]
    if steps and "history" not in row:
        row["history"] = steps
    history = row.get("history")
    if "state" not in row and isinstance(history, list) and all(isinstance(step, dict) for step in history):
        dated = [step for step in history if isinstance(step.get("on"), str) and step.get("state") in _STATES]
        if dated:
            row["state"] = max(dated, key=lambda step: (step["on"], _STATES.index(step["state"])))["state"]
    elif isinstance(row.get("state"), str):
        row["state"] = row["state"].strip().lower().replace(" ", "_")


def _gather_undertaking(row: dict[str, Any]) -> None:
    said = {name: row.pop(f"undertaking_{name}") for name in _UNDERTAKING if f"undertaking_{name}" in row}
    if isinstance(said.get("end_user"), str):
        said["end_user"] = {"name": said["end_user"]}
    if said and "undertakings" not in row:
        row["undertakings"] = [said]


def _order_key(written: Any) -> Any:
    parts = written.split("/") if isinstance(written, str) else ()
    if len(parts) != 3:
        return written
    return dict(zip(("system", "company", "order_id"), map(unquote, parts), strict=True))
