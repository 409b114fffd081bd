"""Shipments as JSON (one, or an array), newline-delimited JSON, or CSV: one row per delivery of an order line."""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from services.gateway.formats import tables
from services.gateway.formats.master_data import ReadRow, RefusedRow, read_rows
from shared.contracts.shipment import Shipment

_COLUMNS = {
    "shipment_id": "shipment_id shipment shipment_number delivery delivery_note delivery_number sendung sendungsnummer",
    "system": "system source_system",
    "company": "company company_code bukrs buchungskreis",
    "order_id": "order_id order order_number po po_number purchase_order ebeln bestellung bestellnummer",
    "line_id": "line_id line line_number po_line po_item item_line ebelp position",
    "schedule_position": "schedule_position schedule schedule_line etenr",
    "quantity": "quantity qty menge shipped_quantity",
    "declared_on": "declared_on declared declaration_date",
    "held_since": "held_since held customs_hold_since",
    "released_on": "released_on released release_date",
    "departed_on": "departed_on departed departure departure_date etd atd",
    "arrived_on": "arrived_on arrived arrival arrival_date ata",
    "received_on": "received_on received goods_receipt goods_receipt_date",
    "received_quantity": "received_quantity quantity_received",
}
_DAYS = ("declared_on", "held_since", "released_on", "departed_on", "arrived_on", "received_on")
_KEY = ("system", "company", "order_id")


def read_shipments(data: bytes, media_type: str, charset: str | None = None) -> Iterator[ReadRow[Shipment] | RefusedRow]:
    """Raises Unreadable where nothing, or nothing more, can be read."""
    return read_rows(data, media_type, charset, TypeAdapter(Shipment), "shipment_id", _COLUMNS, _shape)


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    """The order's key may stand in three fields of its own; days and numbers may be written as spreadsheets write them."""
    if "order_key" not in row:
        row["order_key"] = {name: row.pop(name) for name in _KEY if name in row}
    written_as_tables_do(row, _DAYS, ("quantity", "received_quantity"))
    return row


def written_as_tables_do(row: dict[str, Any], days: tuple[str, ...], numbers: tuple[str, ...]) -> None:
    """Days and numbers in the contract's form. What could be two days or two numbers stays as it is, and is refused."""
    for name in days:
        if isinstance(row.get(name), str):
            row[name] = tables.day_text(row[name], None) or row[name]
    for name in numbers:
        if isinstance(row.get(name), str):
            row[name] = tables.number_text(row[name], None) or row[name]
