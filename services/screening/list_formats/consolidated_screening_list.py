"""The US Consolidated Screening List: the JSON and the CSV that trade.gov publishes, and the packed form with tables of repeated texts."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from services.screening.list_formats.entries import (
    Entry,
    ListRead,
    ListRefused,
    PartyKind,
    RefusedRow,
    RowRefused,
    day_of,
    has_han,
    identifiers_of,
    name_text,
    other_names,
)
from services.screening.list_formats.json_lines import json_document
from services.screening.list_formats.opensanctions_csv import moment_of
from services.screening.list_formats.tables import Table

_KINDS: dict[str, PartyKind] = {"individual": "person", "entity": "organisation", "vessel": "vessel", "aircraft": "aircraft"}
_BOILERPLATE = re.compile(r",?\s*and any successor, sub-?unit,? or subsidiary thereof\.?", re.IGNORECASE)
_SCHEMES: tuple[tuple[str, str], ...] = (
    ("unified social credit", "USCC"),
    ("legal entity number", "LEI"),
    ("legal entity identifier", "LEI"),
    ("d-u-n-s", "DUNS"),
    ("duns", "DUNS"),
    ("swift", "BIC"),
    ("tax id", "TAX"),
    ("registration", "REG"),
    ("vessel registration", "IMO"),
)


def read_json(stream: BinaryIO) -> ListRead:
    """Raises ListRefused."""
    document = json_document(stream)
    if not isinstance(document, dict):
        raise ListRefused("NOT_A_LIST", "The document is no object; the list has `results`, its packed form `entries` and `tables`.")
    if "results" in document:
        return _published(document)
    if "entries" in document and "tables" in document:
        return _packed(document)
    raise ListRefused("NOT_A_LIST", "The document has neither `results` nor `entries` with `tables`; it is no Consolidated Screening List.")


def _published(document: Mapping[str, Any]) -> ListRead:
    results = document["results"]
    if not isinstance(results, list):
        raise ListRefused("NOT_A_LIST", "`results` is no array.")
    total = document.get("total")
    if isinstance(total, int) and total != len(results):
        raise ListRefused(
            "CUT_SHORT",
            f"`total` says {total} parties and `results` has {len(results)}: this is a page, or the file was cut. Load the whole list.",
        )
    found = ListRead(title="US Consolidated Screening List")
    moments = [moment_of(document.get("search_performed_at"))]
    moments += [moment_of(used.get("last_imported")) for used in document.get("sources_used", ()) if isinstance(used, dict)]
    found.as_of = min((moment for moment in moments if moment is not None), default=None)
    for number, result in enumerate(results):
        _take(found, f"results/{number}", result)
    return found.checked()


def _packed(document: Mapping[str, Any]) -> ListRead:
    entries, tables = document["entries"], document["tables"]
    if not isinstance(entries, list) or not isinstance(tables, dict):
        raise ListRefused("NOT_A_LIST", "`entries` is no array, or `tables` no object.")
    count = document.get("entryCount")
    if isinstance(count, int) and count != len(entries):
        raise ListRefused(
            "CUT_SHORT", f"`entryCount` says {count} parties and `entries` has {len(entries)}: the file was cut. Download it again."
        )
    found = ListRead(title=str(document.get("citation") or "US Consolidated Screening List")[:300])
    found.as_of = moment_of(document.get("sourceGeneratedAt")) or moment_of(document.get("retrievedAt"))

    def named(table: str, index: object) -> object:
        texts = tables.get(table)
        return texts[index] if isinstance(texts, list) and isinstance(index, int) and 0 <= index < len(texts) else None

    for number, entry in enumerate(entries):
        place = f"entries/{number}"
        if not isinstance(entry, dict):
            _take(found, place, entry)
            continue
        source = named("sources", entry.get("s"))
        if source is None:
            found.records += 1
            found.refused.append(RefusedRow(place, f"its source {entry.get('s')!r} stands in no table"))
            continue
        _take(
            found,
            place,
            {
                "name": entry.get("n"),
                "alt_names": entry.get("a"),
                "source": source,
                "type": entry.get("t"),
                "addresses": [{"country": code} for code in _strings(entry.get("c"))],
                "entity_number": entry.get("e"),
                "federal_register_notice": entry.get("fr"),
                "source_list_url": named("urls", entry.get("u")),
            },
        )
    return found.checked()


def read_csv(table: Table) -> ListRead:
    """`consolidated.csv`: the same fields, several values in a cell separated by `; `. Raises ListRefused."""
    table.require("source", "name")
    found = ListRead(title="US Consolidated Screening List")
    for row in table:
        if isinstance(row, RefusedRow):
            found.records += 1
            found.refused.append(row)
            continue
        cells: dict[str, Any] = dict(row.cells)
        cells["alt_names"] = [part for part in cells.get("alt_names", "").split("; ") if part]
        # Each address ends in its country's code: "No. 5, Xi'an, CN; Room 7, Hong Kong, HK".
        cells["addresses"] = [{"country": part.rsplit(",", 1)[-1].strip()} for part in cells.get("addresses", "").split("; ") if part]
        cells["ids"] = [_written_id(part) for part in cells.get("ids", "").split("; ") if part]
        _take(found, row.place, cells)
    return found.checked()


def _written_id(text: str) -> dict[str, str]:
    """`CN, 91310000607202129B, Unified Social Credit Code (USCC)`, in any order of its parts."""
    parts = [part.strip() for part in text.split(",")]
    number = max((part for part in parts if any(c.isdigit() for c in part)), key=len, default="")
    return {"type": " ".join(part for part in parts if part != number), "number": number}


def _take(found: ListRead, place: str, result: Any) -> None:
    found.records += 1
    try:
        if not isinstance(result, dict):
            raise RowRefused("it is no object")
        found.entries.append(_entry(place, result))
    except RowRefused as error:
        found.refused.append(RefusedRow(place, str(error)))


def _entry(place: str, result: Mapping[str, Any]) -> Entry:
    source = name_text(result.get("source"), "source")
    name = name_text(_BOILERPLATE.sub("", result["name"]) if isinstance(result.get("name"), str) else result.get("name"), "name")
    alt_names = result.get("alt_names")
    aliases = other_names(
        (part for alias in ([alt_names] if isinstance(alt_names, str) else _strings(alt_names)) for part in alias.split("; ")), name
    )
    name_zh = None if has_han(name) else next((alias for alias in aliases if has_han(alias)), None)
    listed_on, ended_on = (day_of(result.get(field), field, month_first=True) for field in ("start_date", "end_date"))
    if listed_on and ended_on and ended_on <= listed_on:
        ended_on = None  # Denial orders renewed under an earlier end: the party stays listed.
    number = result.get("entity_number")
    own_id = result.get("id") or result.get("_id") or (f"{number}" if isinstance(number, str | int) and number else None)
    return Entry(
        place=place,
        entry_id=f"{source}/{own_id or name}",
        name=name,
        listing=(source, "us_trade_csl"),
        name_zh=name_zh,
        aliases=tuple(alias for alias in aliases if alias != name_zh),
        kind=_KINDS.get(str(result.get("type") or "").casefold()),
        countries=_countries(result),
        identifiers=identifiers_of(_ids(result.get("ids"))),
        listed_on=listed_on,
        ended_on=ended_on,
        notice=_text(result.get("federal_register_notice")),
        source=_text(result.get("source_information_url")) or _text(result.get("source_list_url")),
    )


def _ids(ids: Any) -> Iterable[tuple[str, object]]:
    for one in ids if isinstance(ids, list) else ():
        if isinstance(one, dict):
            kind = str(one.get("type") or "").casefold()
            yield next((scheme for text, scheme in _SCHEMES if text in kind), "ID"), one.get("number")


def _countries(result: Mapping[str, Any]) -> tuple[str, ...]:
    codes = [result.get("country"), *(a.get("country") for a in result.get("addresses") or () if isinstance(a, dict))]
    return tuple(dict.fromkeys(code.upper() for code in codes if isinstance(code, str) and len(code) == 2 and code.isalpha()))


def _strings(values: Any) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _text(value: Any) -> str | None:
    return " ".join(value.split())[:300] or None if isinstance(value, str) else None
