"""Items, with their components, and suppliers as rows."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from services.gateway.formats import pricing_terms
from services.gateway.formats.rows import MOST_ROWS, ReadRow, RefusedRow, Values, read_rows, written_as_tables_do
from shared.contracts.master_data import Item, Supplier
from shared.contracts.order import Component


def read_items(data: bytes, media_type: str, charset: str | None = None) -> Iterator[ReadRow[Item] | RefusedRow]:
    """Raises Unreadable where nothing, or nothing more, can be read."""
    return read_rows(data, media_type, charset, TypeAdapter(Item), "item_id", _ITEM_COLUMNS, _with_prices, _with_components)


def read_suppliers(data: bytes, media_type: str, charset: str | None = None) -> Iterator[ReadRow[Supplier] | RefusedRow]:
    """Raises Unreadable where nothing, or nothing more, can be read."""
    return read_rows(data, media_type, charset, TypeAdapter(Supplier), "supplier_id", _SUPPLIER_COLUMNS)


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
    "per_quantity": "per_quantity price_per_quantity price_unit peinh",
    "per_unit": "per_unit price_per_unit",
    **pricing_terms.COLUMNS,
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

_OF_COMPONENTS_ONLY = ("quantity", "mass_kg", "value", "currency", "mass_share_percent", "value_share_percent")


def _with_components(values: Values, columns: Sequence[str]) -> Values:
    """A row with a parent is a component of that item, one level below it; the item's own row stands in the same file, before or after.

    What the component itself is made of stands in a row of its own, as an item.
    """
    if "parent_item_id" not in columns:
        yield from values
        return
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
                if not (name == "currency" and _amounts(value)):
                    value.pop(name, None)
        yield place, value


def _amounts(row: dict[str, Any]) -> list[str]:
    return [name for name in pricing_terms.PRICED if f"{name}.amount" in row]


def _with_prices(row: dict[str, Any]) -> dict[str, Any]:
    """Columns of pricing terms and prices become the contract's parts; currency, amount and unit of a row are those of both prices."""
    written_as_tables_do(row, pricing_terms.DAYS, (*pricing_terms.NUMBERS, "per_quantity"))
    if amounts := _amounts(row):
        shared = {part: row.pop(part) for part in ("currency", "per_quantity", "per_unit") if part in row}
        for name in amounts:
            for part, value in shared.items():
                row.setdefault(f"{name}.{part}", value)
    for target in pricing_terms.COLUMNS:
        if target in row:
            *parents, last = target.split(".")
            holder = row
            for name in parents:
                holder = holder.setdefault(name, {})
            holder[last] = row.pop(target)
    pricing_terms.as_written(row)
    return row


def _as_component(row: dict[str, Any]) -> dict[str, Any]:
    """A row's evidence speaks for the component as a whole."""
    evidence: dict[str, str] = next(iter(row.pop("evidence", {}).values()), {})
    return {**{name: value for name, value in row.items() if name in Component.model_fields}, **evidence}
