"""Stock reports as JSON (one, or an array), newline-delimited JSON, or CSV: one row per item of a plant.

A table holds what fits in a cell: "120@2027-03-31; 60@2027-06-30" are lots, "Dy 86.7; Fe 10" contained elements. A row that says nothing
of the stock goes on with the row of its plant and item above it: a further supplier, lot, receipt or period of consumption.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, Literal

from pydantic import AwareDatetime, TypeAdapter

from services.gateway.domain.received import Unreadable
from services.gateway.formats import countries, currencies, tables
from services.gateway.formats.rows import ReadRow, RefusedRow, Values, read_rows
from shared.contracts.base import Contract, Identifier
from shared.contracts.stock import StockReport
from shared.units import stock_unit


class AssumedOfStock(Contract):
    """What is said for all rows that do not say it themselves, and how numbers and days are written."""

    plant: Identifier | None = None
    unit: Identifier | None = None
    currency: Identifier | None = None
    as_of: AwareDatetime | None = None
    decimal: Literal[".", ","] | None = None
    dates: Literal["YMD", "DMY", "MDY"] | None = None


ReadStock = ReadRow[StockReport] | RefusedRow

NO_UNIT: Final = "-"
"""Stands for the unit of an item that a plant no longer keeps."""

_COLUMNS: Final = {
    "plant": "plant werks werk site location plant_id facility storage_location standort",
    "item_id": "item_id item item_number item_code material material_number matnr sku part_number article artikelnummer",
    "description": "description item_name maktx bezeichnung",
    "unit": "unit uom base_unit meins einheit",
    "mass_kg_per_unit": "mass_kg_per_unit net_weight_kg_per_unit net_weight_kg weight_kg kg_per_unit",
    "contained": "contained contained_elements elements content",
    "as_of": "as_of date day stock_date snapshot_date reported_at stichtag datum",
    "on_hand": "on_hand stock unrestricted unrestricted_stock labst quantity_on_hand qty_on_hand available bestand",
    "in_transit": "in_transit transit stock_in_transit trame intransit",
    "reserved": "reserved reservations allocated reserviert",
    "quality_blocked": "quality_blocked blocked quality_inspection insme speme qi_stock blocked_stock gesperrt",
    "consigned": "consigned consignment consignment_stock klabs konsignation",
    "bound": "bound bound_to_end_use",
    "lots": "lots batches chargen",
    "consumption_per_day": "consumption_per_day usage_per_day daily_usage daily_consumption demand_per_day per_day verbrauch_pro_tag",
    "consumption_per_week": "consumption_per_week usage_per_week weekly_usage weekly_consumption per_week",
    "consumption_per_month": "consumption_per_month usage_per_month monthly_usage monthly_consumption per_month verbrauch_pro_monat",
    "consumption_per_year": "consumption_per_year usage_per_year annual_usage annual_consumption per_year jahresverbrauch",
    "consumption": "consumption history consumption_history",
    "receipts": "receipts expected_receipts",
    "ship_to_ids": "ship_to_ids ship_to ship_to_id ship_tos kunwe warenempfänger warenempfaenger",
    "currency": "currency waers currency_code währung waehrung",
    "unit_price": "unit_price price standard_price preis",
    "order_cost": "order_cost ordering_cost cost_per_order setup_cost",
    "holding_cost_per_unit_year": "holding_cost_per_unit_year holding_cost carrying_cost",
    "shortage_cost_per_unit": "shortage_cost_per_unit shortage_cost stockout_cost",
    "minimum_order": "minimum_order moq minimum_order_quantity min_order_qty bstmi",
    "order_multiple": "order_multiple rounding_value bstrf lot_multiple pack_size",
    "budget": "budget order_budget",
    "shelf_life_days": "shelf_life_days shelf_life mhdhb haltbarkeit",
    "lead_time_days": "lead_time_days lead_time planned_delivery_time plifz lieferzeit",
    "shipping_days": "shipping_days transit_days transport_days shipping_time",
    "lead_times_seen_days": "lead_times_seen_days lead_times_seen lead_times",
    "policy_days": "policy_days policy target_days days_of_cover_policy safety_days",
    "service_level": "service_level lgrad servicegrad",
    "sources": "sources suppliers",
    "uses": "uses products",
    "substitutes": "substitutes",
    "withdrawn": "withdrawn",
    "source.supplier_id": "supplier_id supplier_no supplier_number vendor_id lifnr",
    "source.name": "supplier supplier_name vendor vendor_name",
    "source.country": "supplier_country country source_country",
    "source.unit_price": "supplier_price supplier_unit_price source_unit_price",
    "source.lead_time_days": "supplier_lead_time_days supplier_lead_time source_lead_time_days",
    "source.licence_needed": "licence_needed license_needed",
    "source.qualified": "qualified supplier_qualified",
    "source.quantity_last_year": "quantity_last_year supplier_quantity_last_year bought_last_year",
    "source.kind": "source_kind primary_or_recycled",
}
_TARGETS: Final = {name: target for target, names in _COLUMNS.items() for name in names.split()}
_NAME_OF_ITEM: Final = {"item_id": _COLUMNS["item_id"]}
"""The only column that a table cannot do without; the others are found row by row, as in JSON."""

_MONTH: Final = re.compile(r"(?:(?:consumption|usage|used|verbrauch)_)?(20\d\d)[_-]?(0[1-9]|1[0-2])")
_RATES: Final = {
    "consumption_per_week": Decimal(7),
    "consumption_per_month": Decimal(365) / 12,
    "consumption_per_year": Decimal(365),
}
"""Days that a rate is of."""

_DAY_COUNTS: Final = ("shelf_life_days", "lead_time_days", "shipping_days", "policy_days")
_AMOUNTS: Final = ("on_hand", "in_transit", "reserved", "quality_blocked", "consigned", "minimum_order", "order_multiple")
_MONEY: Final = ("unit_price", "order_cost", "holding_cost_per_unit_year", "shortage_cost_per_unit", "budget")
_NUMBERS: Final = frozenset((*_DAY_COUNTS, *_AMOUNTS, *_MONEY, *_RATES, "mass_kg_per_unit", "consumption_per_day", "service_level"))
_LISTS: Final = ("contained", "bound", "lots", "consumption", "receipts", "ship_to_ids", "sources", "uses", "substitutes")
_YES: Final = ("yes", "y", "true", "1", "x", "ja", "j")
_NO: Final = ("no", "n", "false", "0", "nein")
_POSITIVE: Final = {
    "shelf_life_days": "A shelf life of {} days means that nothing can be kept; give the days that it keeps, or leave it out if it keeps.",
    "lead_time_days": "A lead time of {} days means that goods are there before they are ordered; give the days, or leave it out.",
    "policy_days": "A policy of {} days of cover asks for no stock; give 1 day or more, or leave it out for the service level to decide.",
}
_ADAPTER: Final = TypeAdapter(StockReport)


def read_stock(data: bytes, media_type: str, charset: str | None = None, assumed: AssumedOfStock | None = None) -> Iterator[ReadStock]:
    """Raises Unreadable where nothing, or nothing more, can be read. Of rows that contradict each other none is used."""
    rows = _Rows(assumed or AssumedOfStock())
    found: list[ReadStock] = []
    unreadable: Unreadable | None = None
    try:
        for entry in read_rows(data, media_type, charset, _ADAPTER, "item_id", _NAME_OF_ITEM, rows.shape, _gathered):
            found.append(rows.judged(entry))
    except Unreadable as error:
        unreadable = error
    yield from _without_twins(found)
    if unreadable is not None:
        raise unreadable


def stock_name(report: StockReport) -> str:
    """How an answer names a report."""
    return f"{report.plant}/{report.item_id}"


class _Rows:
    """Rows one after the other, each from its own words to those of the contract."""

    def __init__(self, assumed: AssumedOfStock) -> None:
        self._decimal = assumed.decimal
        self._dates = assumed.dates
        self._assumed = assumed.model_dump(exclude_none=True, exclude={"decimal", "dates"})
        self._trouble: list[str] = []
        self._remarks: list[str] = []
        self._told: set[str] = set()

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        self._trouble, self._remarks = [], []
        row = _renamed(row)
        for name, value in self._assumed.items():
            row.setdefault(name, value)
        for name in _NUMBERS & row.keys():
            row[name] = self._number(row[name], name)
        self._take_moment(row)
        self._take_rate(row)
        self._take_lists(row)
        self._take_months(row)
        if isinstance(row.get("currency"), str):
            row["currency"] = currencies.alphabetic(row["currency"]) or row["currency"]
        _take_yes_and_no(row, "withdrawn")
        if row.get("withdrawn") is True:
            row.setdefault("on_hand", 0)
            row.setdefault("unit", NO_UNIT)
        self._take_unit(row)
        for name, sentence in _POSITIVE.items():
            if (days := _whole(row.get(name))) is not None and days <= 0:
                self._trouble.append(sentence.format(days))
        return row

    def judged(self, entry: ReadStock) -> ReadStock:
        """What can be used after all checks; only the first row tells of names that mean nothing here."""
        trouble, self._trouble = self._trouble, []
        remarks, self._remarks = self._remarks, []
        if isinstance(entry, RefusedRow):
            return RefusedRow(entry.place, entry.row_id, tuple(trouble)) if trouble else entry
        if trouble:
            return RefusedRow(entry.place, stock_name(entry.row), tuple(trouble))
        ignored = tuple(name for name in entry.ignored if name not in self._told)
        self._told.update(ignored)
        return ReadRow(entry.place, entry.row, ignored, (*entry.warnings, *remarks, *_missing_of_advice(entry.row)))

    def _number(self, value: Any, name: str) -> Any:
        """A cell as a number text; what could be two numbers is refused, and what is none is left for the contract to refuse."""
        if not isinstance(value, str):
            return value
        number = tables.number_text(value, self._decimal)
        if number is None:
            self._trouble.append(f'The {name} {value[:60]} can be two numbers; say decimal as "." or "," for all rows.')
        return value if number is None else number

    def _day(self, value: Any, name: str) -> Any:
        if not isinstance(value, str):
            return value
        day = tables.day_text(value, self._dates)
        if day is None:
            self._trouble.append(f"The {name} {value[:60]} can be two days; write YYYY-MM-DD, or say dates as DMY or MDY for all rows.")
        return value if day is None else day

    def _take_moment(self, row: dict[str, Any]) -> None:
        """A day alone is its beginning, in UTC: what was used or came on it is not in the stock yet."""
        written = row.get("as_of")
        if written is None:
            self._trouble.append("The row does not say as of when the stock is; give as_of in the row, or once for all rows.")
        elif isinstance(written, str) and not ("T" in written or ":" in written):
            day = self._day(written.strip(), "as_of")
            row["as_of"] = f"{day}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else day

    def _take_rate(self, row: dict[str, Any]) -> None:
        for name in _RATES.keys() & row.keys():
            written = row.pop(name)
            number = _decimal(written)
            if number is None:
                self._trouble.append(f'The {name} {str(written)[:60]} is not a number; write one such as "12.5", or leave it out.')
            else:
                row.setdefault("consumption_per_day", round(number / _RATES[name], 9))

    def _take_months(self, row: dict[str, Any]) -> None:
        """Columns that are named by a month hold what was used in it; of the running month, until the day of the report."""
        until = _utc_day(row.get("as_of"))
        for name in [name for name in row if isinstance(name, str) and _month(name) is not None]:
            year, month = _month(name) or (0, 0)
            quantity = self._number(row.pop(name), name)
            first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
            reported = until or last
            if first <= reported <= last:
                self._remarks.append(f"The consumption of {year}-{month:02} is taken as that until {reported}, the day of the report.")
                last = reported
            periods = row.setdefault("consumption", [])
            if isinstance(periods, list):
                periods.append({"first_on": str(first), "last_on": str(last), "quantity": quantity})

    def _take_unit(self, row: dict[str, Any]) -> None:
        """A unit of mass says itself how many kilograms it is; one that is not known here could be anything."""
        written = row.get("unit")
        if not isinstance(written, str) or written == NO_UNIT:
            return
        unit = stock_unit(written)
        if unit is None:
            self._trouble.append(f'The unit is "{written[:60]}", which is not known here; give one such as kg, t, g, lb, pcs or m.')
        elif unit.dimension == "mass_kg" and unit.factor is not None:
            said = _decimal(row.get("mass_kg_per_unit"))
            if said is None:
                row["mass_kg_per_unit"] = unit.factor
            elif said != unit.factor:
                self._trouble.append(
                    f"One {written} is {unit.factor.normalize():f} kg, and mass_kg_per_unit says {said:f}; correct one of them, or leave "
                    "mass_kg_per_unit out."
                )

    def _take_lists(self, row: dict[str, Any]) -> None:
        readers: dict[str, Callable[[str], Any]] = {
            "contained": self._contained,
            "lots": lambda part: self._dated(part, "quantity", "best_before", "lots"),
            "receipts": lambda part: self._dated(part, "quantity", "expected_on", "receipts"),
            "bound": self._bound,
            "consumption": self._period,
            "ship_to_ids": str,
        }
        for name, read in readers.items():
            if isinstance(row.get(name), str):
                row[name] = [read(part.strip()) for part in re.split(r"[;|\n]", row[name]) if part.strip()]
        if isinstance(row.get("lead_times_seen_days"), str):
            row["lead_times_seen_days"] = [part for part in re.split(r"[;,|\s]+", row["lead_times_seen_days"]) if part]
        sources = row.get("sources")
        for source in sources if isinstance(sources, list) else ():
            if isinstance(source, dict):
                self._take_source(source)

    def _take_source(self, source: dict[str, Any]) -> None:
        for name in ("unit_price", "quantity_last_year", "lead_time_days"):
            if name in source:
                source[name] = self._number(source[name], name)
        if isinstance(source.get("country"), str):
            source["country"] = countries.alpha_2(source["country"]) or source["country"]
        _take_yes_and_no(source, "licence_needed", "qualified")
        if isinstance(source.get("kind"), str):
            source["kind"] = source["kind"].strip().casefold()

    def _contained(self, part: str) -> Any:
        matched = re.fullmatch(r"([A-Za-z]{1,2})\s*[:=]?\s*([\d.,]+)\s*%?", part)
        return {"element": matched[1].capitalize(), "percent": self._number(matched[2], "contained")} if matched else part

    def _dated(self, part: str, quantity: str, day: str, name: str) -> Any:
        amount, at, on = part.partition("@")
        return {quantity: self._number(amount.strip(), name), day: self._day(on.strip(), name)} if at else part

    def _bound(self, part: str) -> Any:
        amount, colon, end_use = part.partition(":")
        return {"quantity": self._number(amount.strip(), "bound"), "end_use": end_use.strip()} if colon else part

    def _period(self, part: str) -> Any:
        """`2026-09-01..2026-09-30:126`, or a month."""
        days, colon, amount = part.rpartition(":")
        quantity = self._number(amount.strip(), "consumption")
        if colon and (month := _MONTH.fullmatch(days.strip())):
            year, number = int(month[1]), int(month[2])
            return {
                "first_on": f"{year}-{number:02}-01",
                "last_on": str(date(year, number, monthrange(year, number)[1])),
                "quantity": quantity,
            }
        first, dots, last = days.partition("..")
        if not (colon and dots):
            return part
        return {
            "first_on": self._day(first.strip(), "consumption"),
            "last_on": self._day(last.strip(), "consumption"),
            "quantity": quantity,
        }


def _take_yes_and_no(row: dict[str, Any], *names: str) -> None:
    for name in names:
        if isinstance(row.get(name), str):
            word = row[name].strip().casefold()
            row[name] = True if word in _YES else False if word in _NO else row[name]


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    """Names of the contract; of two that mean the same the first counts, and the other stays under its own name. A supplier in columns
    of the row is a source."""
    renamed: dict[str, Any] = {}
    source: dict[str, Any] = {}
    for name, value in row.items():
        target = _target(name)
        if target is None:
            renamed.setdefault(name, value)
        elif target.startswith("source."):
            source.setdefault(target.removeprefix("source."), value)
        elif target in renamed:
            renamed.setdefault(name, value)
        else:
            renamed[target] = value
    if source:
        sources = renamed.setdefault("sources", [])
        if isinstance(sources, list):
            sources.append(source)
    return renamed


@lru_cache(maxsize=4096)
def _target(name: str) -> str | None:
    return _TARGETS.get(tables.normalised(name))


@lru_cache(maxsize=4096)
def _month(name: str) -> tuple[int, int] | None:
    matched = _MONTH.fullmatch(tables.normalised(name))
    return (int(matched[1]), int(matched[2])) if matched else None


def _gathered(values: Values, _columns: Sequence[str]) -> Values:
    """Rows of a table that say nothing of the stock go on with that of their plant and item."""
    first: dict[tuple[Any, Any], dict[str, Any]] = {}
    further: dict[int, dict[str, list[Any]]] = {}
    own: list[tuple[str, Any]] = []
    for place, value in values:
        if not isinstance(value, dict):
            own.append((place, value))
            continue
        row = _renamed({name: cell for name, cell in value.items() if cell not in (None, "")})
        key = (row.get("plant"), row.get("item_id"))
        above = first.get(key)
        if above is None or "on_hand" in row or "withdrawn" in row:
            first[key] = row
            own.append((place, row))
            continue
        for name in _LISTS:
            if name in row:
                further.setdefault(id(above), {}).setdefault(name, []).append(row[name])
    for _, row in own:
        for name, cells in further.get(id(row), {}).items():
            row[name] = _joined([row[name], *cells] if name in row else cells)
    yield from own


def _joined(cells: list[Any]) -> Any:
    """Cells are one longer cell, lists a longer list; once for all rows, so that many take no longer each than few."""
    if all(isinstance(each, list) for each in cells):
        return [part for each in cells for part in each]
    return "; ".join(map(str, cells))


def _without_twins(found: Sequence[ReadStock]) -> Iterator[ReadStock]:
    """Two different reports of one moment, plant and item: two plants with one name, or one stock counted twice. None of them is used."""
    first: dict[tuple[str, str, datetime], ReadRow[StockReport]] = {}
    otherwise: dict[tuple[str, str, datetime], ReadRow[StockReport]] = {}
    for entry in found:
        if isinstance(entry, ReadRow):
            key = (entry.row.plant, entry.row.item_id, entry.row.as_of)
            if key not in otherwise and first.setdefault(key, entry).row != entry.row:
                otherwise[key] = entry
    for entry in found:
        if not isinstance(entry, ReadRow):
            yield entry
            continue
        key = (entry.row.plant, entry.row.item_id, entry.row.as_of)
        if key not in otherwise:
            yield entry
            continue
        other = first[key] if entry.row != first[key].row else otherwise[key]
        told = (
            f"The plant {entry.row.plant} reports {entry.row.item_id} as of {entry.row.as_of:%Y-%m-%d %H:%M} otherwise in {other.place}; "
            "if they are two plants, give each a name of its own, else send one row with the whole stock."
        )
        yield RefusedRow(entry.place, stock_name(entry.row), (told,))


def _missing_of_advice(report: StockReport) -> Iterator[str]:
    """What the row can do without, and advice cannot."""
    if report.withdrawn:
        return
    if report.consumption_per_day is None and not report.consumption:
        yield "Neither a rate nor a history of consumption is said, so nothing can be advised; give consumption_per_day, or consumption."
    if report.lead_time_days is None and not report.lead_times_seen_days and not any(each.lead_time_days for each in report.sources):
        yield "No lead time is said; give lead_time_days."


def _utc_day(as_of: Any) -> date | None:
    """The day on which the contract takes a moment to be; None of what is none, which it refuses."""
    try:
        moment = datetime.fromisoformat(str(as_of))
    except ValueError:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo is not None else moment).date()


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 30 else None


def _whole(value: Any) -> int | None:
    number = _decimal(value)
    return int(number) if number is not None else None
