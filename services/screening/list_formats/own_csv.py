"""A list of one's own as CSV, and ownership facts as CSV: documented columns, several values in a cell separated by `|`."""

from services.screening.list_formats.entries import (
    Entry,
    Holder,
    ListRead,
    ListRefused,
    PartyKind,
    RowRefused,
    StakeRead,
    day_of,
    identifiers_of,
    interval_in_order,
    name_text,
    other_names,
    percent_of,
)
from services.screening.list_formats.tables import Table, TableRow, read_rows

LIST_COLUMNS = (
    "list",
    "entry_id",
    "name",
    "name_zh",
    "aliases",
    "kind",
    "country",
    "identifiers",
    "listed_on",
    "ended_on",
    "suspended_from",
    "suspended_to",
    "notice",
    "source",
)
OWNERSHIP_COLUMNS = ("owner", "owner_identifiers", "owned", "owned_identifiers", "share_percent", "as_of", "ended_on", "source")

_KINDS: dict[str, PartyKind] = {"person": "person", "organisation": "organisation", "vessel": "vessel", "aircraft": "aircraft"}


def read_own_list(table: Table) -> ListRead:
    """Raises ListRefused."""
    table.require("name")
    _refuse_unknown(table, LIST_COLUMNS)
    found = ListRead()
    return read_rows(table, found, lambda row: found.entries.append(_entry(row)))


def read_ownership(table: Table) -> ListRead:
    """Raises ListRefused."""
    table.require("owner", "owned", "share_percent")
    _refuse_unknown(table, OWNERSHIP_COLUMNS)
    found = ListRead()
    return read_rows(table, found, lambda row: found.stakes.append(_stake(row)))


def _refuse_unknown(table: Table, known: tuple[str, ...]) -> None:
    unknown = [name for name in table.columns if name and name not in known]
    if unknown:
        raise ListRefused(
            "COLUMN_UNKNOWN", f"The header has the column {unknown[0]!r}, which means nothing here; known are {', '.join(known)}."
        )


def _entry(row: TableRow) -> Entry:
    cell = row.cells.get
    name = name_text(cell("name", "") or cell("name_zh", ""), "name")
    name_zh = name_text(cell("name_zh"), "name_zh") if cell("name_zh") else None
    kind = cell("kind", "")
    if kind and kind not in _KINDS:
        raise RowRefused(f"kind {kind[:40]!r} is none of {', '.join(_KINDS)}")
    return interval_in_order(
        Entry(
            place=row.place,
            entry_id=cell("entry_id") or name,
            name=name,
            listing=(listing,) if (listing := cell("list", "")) else (),
            name_zh=name_zh if name_zh != name else None,
            aliases=other_names(_several(cell("aliases", "")), name, name_zh),
            kind=_KINDS.get(kind),
            countries=tuple(code.upper() for code in _several(cell("country", ""))),
            identifiers=_identifiers(cell("identifiers", "")),
            listed_on=day_of(cell("listed_on"), "listed_on"),
            ended_on=day_of(cell("ended_on"), "ended_on"),
            suspended_from=day_of(cell("suspended_from"), "suspended_from"),
            suspended_to=day_of(cell("suspended_to"), "suspended_to"),
            notice=cell("notice") or None,
            source=cell("source") or None,
        )
    )


def _stake(row: TableRow) -> StakeRead:
    cell = row.cells.get
    return StakeRead(
        place=row.place,
        owner=_holder(cell("owner", ""), cell("owner_identifiers", ""), "owner"),
        owned=_holder(cell("owned", ""), cell("owned_identifiers", ""), "owned"),
        share_percent=percent_of(cell("share_percent"), "share_percent"),
        as_of=day_of(cell("as_of"), "as_of"),
        ended_on=day_of(cell("ended_on"), "ended_on"),
        source=cell("source") or None,
    )


def _holder(names: str, identifiers: str, what: str) -> Holder:
    first, *rest = _several(names) or [""]
    name = name_text(first, what)
    return Holder(name, other_names(rest, name), _identifiers(identifiers))


def _several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def _identifiers(cell: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for part in _several(cell):
        scheme, colon, value = part.partition(":")
        if not colon or not scheme.strip() or not value.strip():
            raise RowRefused(f"identifier {part[:40]!r} is not written as SCHEME:value")
        pairs.append((scheme.strip().upper(), value))
    return identifiers_of(pairs)
