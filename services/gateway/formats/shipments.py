"""Shipments as JSON (one, or an array), newline-delimited JSON, or CSV: one row per delivery of an order line."""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from services.gateway.formats.rows import ReadRow, RefusedRow, read_rows, take_order_key, written_as_tables_do
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


def read_shipments(data: bytes, media_type: str, charset: str | None = None) -> Iterator[ReadRow[Shipment] | RefusedRow]:
    """Raises Unreadable where nothing, or nothing more, can be read."""
    return read_rows(data, media_type, charset, TypeAdapter(Shipment), "shipment_id", _COLUMNS, _shape)


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    """The order's key may stand in three fields of its own; days and numbers may be written as spreadsheets write them."""
    if "order_key" not in row:
        row["order_key"] = take_order_key(row)
    written_as_tables_do(row, _DAYS, ("quantity", "received_quantity"))
    return row
