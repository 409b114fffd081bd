"""CSV of OpenSanctions: `targets.simple.csv`, whose cells hold several values separated by `;`, and its table of China's lists."""

import csv
import re
from datetime import UTC, date, datetime

from services.screening.list_formats.entries import (
    Entry,
    ListRead,
    PartyKind,
    RowRefused,
    day_of,
    has_han,
    identifiers_of,
    interval_in_order,
    name_text,
    other_names,
)
from services.screening.list_formats.tables import Table, TableRow, read_rows

SCHEMATA: dict[str, PartyKind] = {
    "Person": "person",
    "Company": "organisation",
    "Organization": "organisation",
    "LegalEntity": "organisation",
    "PublicBody": "organisation",
    "Vessel": "vessel",
    "Airplane": "aircraft",
}
"""Kinds of FollowTheMoney that are parties; what else a file holds (addresses, securities, wallets) is nobody that an order names."""

_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_LEI = re.compile(r"[A-Z0-9]{18}\d{2}")


def read_targets(table: Table) -> ListRead:
    """`targets.simple.csv`: columns may be missing beyond id and name (older releases lack some, `caption` stood for `name`)."""
    table.require("id")
    table.require("caption" if "name" not in table.columns and "caption" in table.columns else "name")
    found = ListRead(title="OpenSanctions targets.simple.csv")
    seen: set[datetime] = set()

    def take(row: TableRow) -> None:
        schema = row.cells.get("schema", "LegalEntity")
        if schema in SCHEMATA:
            found.entries.append(_target(row, SCHEMATA[schema]))
        if moment := moment_of(row.cells.get("last_seen")):
            seen.add(moment)

    read_rows(table, found, take)
    found.as_of = max(seen, default=None)
    return found


def _target(row: TableRow, kind: PartyKind) -> Entry:
    cell = row.cells.get
    name = name_text(cell("name") or cell("caption", ""), "name")
    aliases = other_names(_several(cell("aliases", "")), name)
    name_zh = None if has_han(name) else next((alias for alias in aliases if has_han(alias)), None)
    sanctions = cell("sanctions", "")
    days = re.findall(r"\b\d{4}-\d{2}-\d{2}\b", sanctions)
    single = ";" not in sanctions and len(days) == 1
    return Entry(
        place=row.place,
        entry_id=name_text(cell("id", ""), "id"),
        name=name,
        listing=tuple(filter(None, (sanctions, *_several(cell("dataset", ""))))),
        name_zh=name_zh,
        aliases=tuple(alias for alias in aliases if alias != name_zh),
        kind=kind,
        countries=tuple(code.upper() for code in _several(cell("countries", "")) if len(code) == 2),
        identifiers=identifiers_of((_scheme_of(value), value) for value in _several(cell("identifiers", ""))),
        # The cell strings programme, reason, status and dates together; one date alone can only be the beginning.
        listed_on=day_of(days[0], "sanctions") if single else None,
        source=_first(_several(cell("dataset", ""))),
    )


def read_chinese_source(table: Table) -> ListRead:
    """The table that OpenSanctions keeps of China's lists: Type, Name, Alias, Chinese name, Country, Body, List, Date, End date …"""
    table.require("name", "chinese_name", "list", "date")
    found = ListRead(title="OpenSanctions table of China's lists")

    def take(row: TableRow) -> None:
        schema = row.cells.get("type", "LegalEntity")
        if schema in SCHEMATA:
            found.entries.append(_chinese(row, SCHEMATA[schema]))

    return read_rows(table, found, take)


def _chinese(row: TableRow, kind: PartyKind) -> Entry:
    cell = row.cells.get
    name_zh = name_text(cell("chinese_name"), "Chinese name") if cell("chinese_name") else None
    name = name_text(cell("name") or name_zh or "", "Name")
    listed_on = day_of(cell("date"), "Date")
    return interval_in_order(
        Entry(
            place=row.place,
            entry_id=f"{cell('qid') or name}/{cell('list') or cell('body', '')}/{listed_on or ''}",
            name=name,
            listing=tuple(filter(None, (cell("list"), cell("body"), "cn_sanctions"))),
            name_zh=name_zh if name_zh != name else None,
            aliases=other_names(_several(cell("alias", "")), name, name_zh),
            kind=kind,
            countries=tuple(code.upper() for code in _several(cell("country", "")) if len(code) == 2),
            listed_on=listed_on,
            ended_on=_ended(day_of(cell("end_date"), "End date"), listed_on),
            source=cell("source_url") or None,
        )
    )


def _ended(ended_on: date | None, listed_on: date | None) -> date | None:
    if ended_on is not None and listed_on is not None and ended_on <= listed_on:
        raise RowRefused(f"End date {ended_on} is not after Date {listed_on}")
    return ended_on


def _several(cell: str) -> list[str]:
    """Values of one cell: a CSV row of its own with `;` as separator."""
    if not cell:
        return []
    try:
        return [value.strip() for value in next(csv.reader([cell], delimiter=";")) if value.strip()]
    except (csv.Error, StopIteration):
        return [cell]


def _first(values: list[str]) -> str | None:
    return values[0] if values else None


def _scheme_of(value: str) -> str:
    """The cell says no scheme; two have a form of their own."""
    text = "".join(value.split()).upper()
    if _USCC.fullmatch(text):
        return "USCC"
    return "LEI" if _LEI.fullmatch(text) else "ID"


def moment_of(written: object) -> datetime | None:
    """An ISO moment, in UTC where it says no zone; None for anything else."""
    if not isinstance(written, str) or not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
