"""Orders as CSV: one row per order line, columns mapped to the canonical order by name, by number, or by names that are commonly used."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from services.gateway.domain.received import Limits, Received, Rejection, Unreadable
from services.gateway.formats import pricing_terms, tables
from services.gateway.formats.canonical import DISPENSABLE, Location, Source, read_order
from services.gateway.formats.tables import BadRow, Row
from shared.contracts.order import Issue, OrderKey
from shared.units import find_unit

MEDIA_TYPE = "text/csv"
ADAPTER = "csv/1"
DEFAULT_SYSTEM = "csv"
DEFAULT_COMPANY = "default"
MOST_ROWS = 100_000

ORDER_ID = "order_key.order_id"

_PARTY_FIELDS = ("id", "name", "name_local", "city", "postcode", "region", "country")
_PARTIES = ("buyer", "supplier", "exporter", "ship_to", "ship_from", "end_user", "forwarder")
_LINE = "lines."

HEADER_TARGETS = frozenset(
    {
        *(ORDER_ID, "order_key.system", "order_key.company", "revision.source_value", "revision.source_seq", "revision.source_changed_at"),
        *("status", "doc_type", "issued_on", "currency", "incoterm", "project", "end_use_text", "end_user.user_class"),
        *(f"{party}.{name}" for party in _PARTIES for name in _PARTY_FIELDS),
    }
)
LINE_TARGETS = frozenset(
    f"{_LINE}{name}"
    for name in (
        *("line_id", "line_status", "parent_line_id", "description", "net_amount", "requested_delivery", "expected_departure_on"),
        *("departed_on", "origin_country", "inputs_origin_country", "lot", "project", "end_use_text", "note", "composition"),
        *(f"item.{name}" for name in ("buyer_id", "supplier_id", "manufacturer_id", "gtin", "group")),
        *(f"quantity.{name}" for name in ("value", "unit", "unit_system")),
        *(f"price.{name}" for name in ("amount", "currency", "per_quantity", "per_unit")),
        *(f"net_weight.{name}" for name in ("value", "unit", "unit_system")),
        *pricing_terms.COLUMNS,
        *(f"manufacturer.{name}" for name in ("id", "name", "country")),
        *(f"classifications.{scheme}" for scheme in ("HS", "CN", "HTS", "CN_TARIFF", "UNSPSC", "ECLASS", "CAS", "BUYER")),
    )
)
ATTRIBUTE = f"{_LINE}attributes."
"""`lines.attributes.<name>`: any column as a named property."""

DAYS = frozenset(
    {"issued_on", "lines.requested_delivery", "lines.expected_departure_on", "lines.departed_on"}
    | {f"{_LINE}{name}" for name in pricing_terms.DAYS}
)
NUMBERS = frozenset(
    {"lines.quantity.value", "lines.price.amount", "lines.price.per_quantity", "lines.net_amount", "lines.net_weight.value"}
    | {f"{_LINE}{name}" for name in pricing_terms.NUMBERS}
)

_COMMON_NAMES: dict[str, str] = {
    ORDER_ID: "order_id order_no order_number order po po_no po_number po_id purchase_order purchase_order_number ponumber "
    "purchasing_document ebeln bestellnummer bestellung bestell_nr commande no_commande 订单号",
    "order_key.company": "company company_code bukrs legal_entity buchungskreis",
    "order_key.system": "system source_system",
    "revision.source_seq": "revision version change_number order_version",
    "revision.source_changed_at": "changed_at last_change last_changed_at modified",
    "status": "status order_status",
    "doc_type": "doc_type order_type document_type bsart",
    "issued_on": "order_date po_date issued_on document_date bedat bestelldatum date_commande date",
    "currency": "currency currency_code waers curr währung waehrung devise",
    "incoterm": "incoterm incoterms",
    "buyer.id": "buyer_id customer_number customer_id",
    "buyer.name": "buyer buyer_name customer customer_name",
    "buyer.country": "buyer_country customer_country",
    "supplier.id": "supplier_id supplier_no supplier_number vendor_id vendor_no vendor_number lifnr lieferantennummer",
    "supplier.name": "supplier supplier_name vendor vendor_name seller lieferant fournisseur 供应商",
    "supplier.country": "supplier_country vendor_country seller_country",
    "exporter.name": "exporter exporter_name",
    "exporter.country": "exporter_country",
    "ship_from.country": "ship_from_country despatch_country dispatch_country",
    "ship_to.name": "ship_to ship_to_name consignee",
    "ship_to.city": "ship_to_city",
    "ship_to.country": "ship_to_country destination_country consignee_country country_of_destination",
    "end_user.name": "end_user end_user_name",
    "end_user.country": "end_user_country",
    "end_user.user_class": "end_user_class",
    "end_use_text": "end_use end_use_text",
    "project": "project wbs wbs_element",
    "lines.line_id": "line_id line line_no line_number item_no ebelp pos position po_line po_item posnr",
    "lines.item.buyer_id": "material material_number matnr item item_id item_number item_code sku part_number part_no article "
    "article_number artikel artikelnummer materialnummer",
    "lines.item.supplier_id": "supplier_item supplier_part supplier_part_no vendor_part vendor_part_number supplier_part_number",
    "lines.item.manufacturer_id": "manufacturer_part manufacturer_part_no manufacturer_part_number mpn mfrpn",
    "lines.item.gtin": "gtin ean upc upc_number ean_code",
    "lines.item.group": "material_group item_group matkl category",
    "lines.description": "description item_description item_name text txz01 short_text bezeichnung beschreibung désignation 品名",
    "lines.quantity.value": "quantity qty order_quantity ordered_quantity menge quantité 数量",
    "lines.quantity.unit": "unit uom unit_of_measure order_unit meins einheit mengeneinheit unité",
    "lines.price.amount": "price unit_price net_price netpr preis einzelpreis prix rate",
    "lines.price.per_quantity": "price_per_quantity price_quantity price_unit peinh preiseinheit per",
    "lines.price.per_unit": "price_uom order_price_unit bprme",
    "lines.net_amount": "net_amount line_amount net_value netwr line_total betrag montant",
    "lines.net_weight.value": "net_weight net_weight_kg weight_kg ntgew",
    "lines.requested_delivery": "delivery_date requested_delivery requested_delivery_date due_date eindt lieferdatum need_by "
    "date_livraison",
    "lines.expected_departure_on": "expected_departure expected_departure_on departure_date ship_date etd",
    "lines.manufacturer.name": "manufacturer manufacturer_name hersteller fabricant",
    "lines.manufacturer.country": "manufacturer_country",
    "lines.origin_country": "origin origin_country country_of_origin coo herkl ursprungsland pays_origine 原产国",
    "lines.classifications.HS": "hs hs_code tariff_code commodity_code customs_tariff_number zolltarifnummer",
    "lines.classifications.CN": "cn_code stawn",
    "lines.classifications.HTS": "hts hts_code",
    "lines.classifications.CAS": "cas cas_number cas_no casnr",
    "lines.composition": "composition zusammensetzung",
    "lines.lot": "lot batch charge",
    "lines.note": "note notes comment remark",
    **{f"{_LINE}{target}": names for target, names in pricing_terms.COLUMNS.items()},
}
"""Column names in common use, by what they hold; of several in one file the first listed counts."""

_TARGET_BY_NAME = {name: target for target, names in _COMMON_NAMES.items() for name in names.split()}

_WEIGHT_IN_KILOGRAMS = frozenset({"net_weight_kg", "weight_kg"})


class ColumnMapping(BaseModel):
    """How a CSV's columns become an order. Columns by name, or by number from 1 where the file has no header row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, str | int] = {}
    constants: dict[str, str] = {}
    decimal: Literal[".", ","] | None = None
    dates: Literal["YMD", "DMY", "MDY"] | None = None


EXAMPLE = '{"columns": {"order_key.order_id": "PO", "lines.item.buyer_id": "Material", "lines.quantity.value": "Qty"}}'
EXAMPLE_BY_NUMBER = '{"columns": {"order_key.order_id": 1, "lines.line_id": 2, "lines.item.buyer_id": 3, "lines.quantity.value": 4}}'


def mapping_of(text: str) -> ColumnMapping:
    """A mapping as JSON. Raises Unreadable with what is wrong about it."""
    try:
        mapping = ColumnMapping.model_validate_json(text)
    except ValidationError as error:
        told = "; ".join(f"{'/'.join(map(str, each['loc'])) or 'it'}: {each['msg']}" for each in error.errors())
        raise Unreadable("MAPPING_INVALID", f"The column mapping cannot be used ({told}). One looks like {EXAMPLE}.", "mapping") from None
    strange = sorted(
        name
        for name in (*mapping.columns, *mapping.constants)
        if name not in HEADER_TARGETS and name not in LINE_TARGETS and not name.startswith(ATTRIBUTE)
    )
    if strange:
        raise Unreadable(
            "MAPPING_INVALID",
            f"The column mapping names {', '.join(strange)}, which no order has; names are paths of the canonical order such as "
            f"order_key.order_id, supplier.country, lines.quantity.value, lines.classifications.HS or {ATTRIBUTE}<name>.",
            "mapping",
        )
    return mapping


@dataclass(slots=True, frozen=True)
class _Columns:
    """Which cell holds what; `header` is the header row's text, empty where the file has none."""

    by_target: Mapping[str, int]
    names: Sequence[str]
    constants: Mapping[str, str]
    mapping: ColumnMapping
    header: str = ""
    unused: tuple[str, ...] = ()

    def targets(self, wanted: frozenset[str]) -> list[str]:
        return [target for target in (*self.by_target, *self.constants) if target in wanted]

    @property
    def line_targets(self) -> list[str]:
        return [target for target in (*self.by_target, *self.constants) if target.startswith(_LINE)]

    def cell(self, row: Row, target: str) -> str:
        index = self.by_target.get(target)
        written = row.cells[index] if index is not None and index < len(row.cells) else ""
        return written or self.constants.get(target, "")

    def place(self, row: Row, target: str) -> str:
        index = self.by_target.get(target)
        return f"row {row.number}" if index is None else f"row {row.number}, column {self.names[index]}"


def read(
    data: bytes,
    limits: Limits,
    *,
    mapping: ColumnMapping | None = None,
    charset: str | None = None,
    system: str | None = None,
    company: str | None = None,
    transport_id: str | None = None,
) -> Iterator[Received | Rejection]:
    """The orders of a CSV in the order in which they begin; rows of one order need not lie together. Raises Unreadable."""
    text, used_charset = tables.decoded(data, charset)
    reading = tables.rows(text, tables.separator_of(text.partition("\n")[0]))
    first = next(reading, None)
    if first is None:
        raise Unreadable("EMPTY", "The CSV is empty.", "row 1")
    if isinstance(first, BadRow):
        raise Unreadable("NOT_CSV", f"The first row cannot be read as CSV: {first.reason}.", f"row {first.number}")
    columns = _columns(first, mapping or ColumnMapping())
    orders: dict[tuple[str, str, str], list[Row]] = {}
    for number, row in enumerate(reading if columns.header else itertools.chain((first,), reading), 1):
        if number > MOST_ROWS:
            raise Unreadable("TOO_MANY_ROWS", f"The CSV has more than {MOST_ROWS} rows; send it in parts.", f"row {row.number}")
        if isinstance(row, BadRow):
            yield _refused_row(row, "NOT_CSV", f"its quoting cannot be understood ({row.reason})", row.text, used_charset)
            continue
        order_id = columns.cell(row, ORDER_ID)
        if not order_id:
            yield _refused_row(row, "ORDER_ID_MISSING", "it names no order", columns.header + row.text, used_charset)
            continue
        key = (
            columns.cell(row, "order_key.system") or system or DEFAULT_SYSTEM,
            columns.cell(row, "order_key.company") or company or DEFAULT_COMPANY,
            order_id,
        )
        orders.setdefault(key, []).append(row)
    while orders:
        key = next(iter(orders))
        yield _order(key, orders.pop(key), columns, used_charset, limits, transport_id)


def _refused_row(row: Row | BadRow, code: str, told: str, text: str, charset: str) -> Rejection:
    place = f"row {row.number}"
    issue = Issue(code=code, path=place, severity="error", message=f"{place}: The row was left out, because {told}.")
    return Rejection(place, (issue,), _encoded(text, charset), MEDIA_TYPE, row.number)


def _encoded(text: str, charset: str) -> bytes:
    return text.encode(charset, "replace")


# Columns


def _columns(first: Row, mapping: ColumnMapping) -> _Columns:
    if mapping.columns and all(isinstance(column, int) for column in mapping.columns.values()):
        columns = _by_number(first, mapping)
    else:
        columns = _by_name(first, mapping)
    if ORDER_ID not in columns.by_target and ORDER_ID not in columns.constants:
        raise _no_order_column(first)
    if not any(target.startswith(_LINE) for target in columns.by_target):
        raise Unreadable(
            "NO_LINE_COLUMNS",
            "No column says what is ordered (an item number, a description, a quantity); name the columns with ?mapping=, such as "
            f"{EXAMPLE}.",
            f"row {first.number}",
        )
    return columns


def _by_number(first: Row, mapping: ColumnMapping) -> _Columns:
    """The columns of a file without header row."""
    beyond = sorted(f"{target} ({column})" for target, column in mapping.columns.items() if not 1 <= int(column) <= len(first.cells))
    if beyond:
        raise Unreadable(
            "COLUMN_MISSING",
            f"The first row has {len(first.cells)} columns, the mapping asks for {', '.join(beyond)}.",
            f"row {first.number}",
        )
    names = [str(number) for number in range(1, len(first.cells) + 1)]
    return _Columns({target: int(column) - 1 for target, column in mapping.columns.items()}, names, mapping.constants, mapping)


def _by_name(first: Row, mapping: ColumnMapping) -> _Columns:
    positions = {tables.normalised(name): index for index, name in reversed(list(enumerate(first.cells)))}
    by_target: dict[str, int] = {}
    for target, column in mapping.columns.items():
        index = int(column) - 1 if isinstance(column, int) else positions.get(tables.normalised(column))
        if index is None or not 0 <= index < len(first.cells):
            raise Unreadable(
                "COLUMN_MISSING",
                f"The mapping takes {target} from the column {column}, which the header lacks; it has {', '.join(first.cells)[:500]}.",
                f"row {first.number}",
            )
        by_target[target] = index
    taken = set(by_target.values())
    constants = dict(mapping.constants)
    for target, names in _COMMON_NAMES.items():
        found = next((positions[name] for name in names.split() if name in positions and positions[name] not in taken), None)
        if target in by_target or target in constants or found is None:
            continue
        by_target[target] = found
        taken.add(found)
        if tables.normalised(first.cells[found]) in _WEIGHT_IN_KILOGRAMS:
            constants.setdefault("lines.net_weight.unit", "KGM")
    if "lines.line_id" not in by_target and "item" in positions and positions["item"] not in taken:
        by_target["lines.line_id"] = positions["item"]  # SAP calls the line "Item" and the item "Material"
        taken.add(positions["item"])
    unused = tuple(name for index, name in enumerate(first.cells) if name and index not in taken)
    return _Columns(by_target, first.cells, constants, mapping, header=first.text, unused=unused)


def _no_order_column(first: Row) -> Unreadable:
    place = f"row {first.number}"
    known = [name for name in first.cells if tables.normalised(name) in _TARGET_BY_NAME]
    shown = ", ".join(first.cells)[:120]
    if known or not any(re.search(r"\d", cell) or not cell for cell in first.cells):
        return Unreadable(
            "COLUMNS_UNKNOWN",
            f"None of the columns ({shown}) is known to hold the order number; name the columns with ?mapping=, such as {EXAMPLE}.",
            place,
        )
    return Unreadable(
        "NO_HEADER",
        f"The first row ({shown}) looks like data, not like column names. Add a header row, or number the columns with ?mapping=, such as "
        f"{EXAMPLE_BY_NUMBER}.",
        place,
    )


# One order


def _order(
    key: tuple[str, str, str], rows: list[Row], columns: _Columns, charset: str, limits: Limits, transport_id: str | None
) -> Received | Rejection:
    findings = _Findings(columns, rows)
    value: dict[str, Any] = {"order_key": dict(zip(("system", "company", "order_id"), key, strict=True))}
    for target in columns.targets(HEADER_TARGETS):
        if not target.startswith("order_key."):
            _set(value, target.split("."), findings.header_value(target))
    value["lines"] = [_line(row, position, columns, findings) for position, row in enumerate(rows)]
    original = _encoded(columns.header + "".join(row.text for row in rows), charset)
    place = f"row {rows[0].number}"
    if findings.refusals:
        return Rejection(place, tuple(findings.refusals), original, MEDIA_TYPE, rows[0].number, _key(key))
    return read_order(
        value,
        Source(
            original=original,
            media_type=MEDIA_TYPE,
            adapter=ADAPTER,
            position=rows[0].number,
            place=place,
            charset=charset,
            transport_id=transport_id,
            locate=findings.locate,
            issues=(*_general_issues(columns, charset), *findings.issues),
            held=tuple(findings.held),
        ),
        limits,
    )


def _key(key: tuple[str, str, str]) -> OrderKey | None:
    try:
        return OrderKey(system=key[0], company=key[1], order_id=key[2])
    except ValidationError:
        return None


@dataclass(slots=True)
class _Findings:
    """What reading the cells of one order turned up, beside what the contract will say."""

    columns: _Columns
    rows: list[Row]
    issues: list[Issue] = field(default_factory=list)
    refusals: list[Issue] = field(default_factory=list)
    held: list[tuple[int, Issue]] = field(default_factory=list)

    def locate(self, location: Location) -> str:
        """The cell that a part of the canonical order was read from."""
        if location[:1] == ("lines",) and len(location) > 1 and isinstance(location[1], int):
            row, names = self.rows[location[1]], [str(part) for part in location[2:] if not isinstance(part, int)]
            prefix = _LINE
        else:
            row, names, prefix = self.rows[0], [str(part) for part in location], ""
        for length in range(len(names), 0, -1):
            target = prefix + ".".join(names[:length])
            if target in self.columns.by_target:
                return self.columns.place(row, target)
        return f"row {row.number}"

    def header_value(self, target: str) -> str | None:
        """What the rows say about the order as a whole; where they disagree, the first counts or the order is refused."""
        said = {text: row for row in reversed(self.rows) if (text := self.columns.cell(row, target))}
        if len(said) > 1:
            first, other = sorted(said.values(), key=lambda row: row.number)[:2]
            issue = Issue(
                code="ROWS_DISAGREE",
                path=self.columns.place(other, target),
                severity="warning" if target in DISPENSABLE else "error",
                message=f"The rows {first.number} and {other.number} of one order disagree on {target}; an order has one.",
            )
            (self.issues if target in DISPENSABLE else self.refusals).append(issue)
        written = next((text for row in self.rows if (text := self.columns.cell(row, target))), "")
        return self.day(self.rows[0], target, written) if target in DAYS else written or None

    def day(self, row: Row, target: str, written: str) -> str | None:
        day = tables.day_text(written, self.columns.mapping.dates)
        if day is None:
            self.issues.append(
                Issue(
                    code="DATE_AMBIGUOUS",
                    path=self.columns.place(row, target),
                    severity="warning",
                    message=f'{written} can be two days and was left out; write YYYY-MM-DD, or say "dates": "DMY" or "MDY" in the mapping.',
                )
            )
        return day or None

    def number(self, row: Row, position: int, target: str, written: str) -> str | None:
        number = tables.number_text(written, self.columns.mapping.decimal)
        if number is None:
            place = self.columns.place(row, target)
            told = f'{place}: {written} can be two numbers; say "decimal": "." or "decimal": "," in the mapping.'
            self.held.append((position, Issue(code="NUMBER_AMBIGUOUS", path=place, severity="error", message=told)))
        return number or None


_ESSENTIAL = (("quantity", "value"), ("net_weight", "value"), *((name, "amount") for name in ("price", *pricing_terms.PRICED)))


def _line(row: Row, position: int, columns: _Columns, findings: _Findings) -> dict[str, Any]:
    line: dict[str, Any] = {}
    for target in columns.line_targets:
        written = columns.cell(row, target)
        if not written:
            continue
        said: str | None = written
        if target in DAYS:
            said = findings.day(row, target, written)
        elif target == "lines.price.per_quantity" and find_unit(written, "UNKNOWN") is not None:
            target = "lines.price.per_unit"  # "Price unit" holds a number in one system and a unit in another
        elif target in NUMBERS:
            said = findings.number(row, position, target, written)
        if said is not None:
            _set_in_line(line, target.removeprefix(_LINE), said)
    for name, essential in _ESSENTIAL:
        if name in line and essential not in line[name]:
            del line[name]
    pricing_terms.as_written(line)
    surplus = [cell for cell in row.cells[len(columns.names) :] if cell]
    if surplus:
        told = f"row {row.number}: The row has more cells than there are columns, so values may have slipped; quote cells with separators."
        findings.held.append((position, Issue(code="ROW_TOO_LONG", path=f"row {row.number}", severity="error", message=told)))
    return line


def _set_in_line(line: dict[str, Any], target: str, said: str) -> None:
    name, _, rest = target.partition(".")
    match name:
        case "requested_delivery":
            line[name] = [{"date": said}]
        case "classifications":
            line.setdefault(name, []).append({"scheme": rest, "code": said})
        case "attributes":
            line.setdefault(name, []).append({"name": rest, "value": said})
        case "note":
            line["texts"] = [{"kind": "note", "text": said}]
        case "composition":
            line[name] = tables.composition(said)
        case _:
            _set(line, target.split("."), said)


def _set(holder: dict[str, Any], path: Sequence[str], said: str | None) -> None:
    if said is None:
        return
    for name in path[:-1]:
        holder = holder.setdefault(name, {})
    holder[path[-1]] = said


def _general_issues(columns: _Columns, charset: str) -> Iterator[Issue]:
    if charset == "cp1252":
        yield Issue(
            code="CHARSET_GUESSED",
            path="row 1",
            severity="warning",
            message="The text is not UTF-8 and was read as Windows-1252; names in other alphabets may be wrong. Send UTF-8.",
        )
    if columns.unused:
        yield Issue(
            code="COLUMNS_UNUSED",
            path="row 1",
            severity="warning",
            message=f"Nothing was read from the columns {', '.join(columns.unused)[:500]}; ?mapping= can say what they are.",
        )
