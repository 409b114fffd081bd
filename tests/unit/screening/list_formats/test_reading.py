"""List files: each format is read onto its lists, and what cannot be trusted is refused with file, place and reason."""

import contextlib
import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.list_formats import entity_files
from services.screening.list_formats.entries import Entry, ListRead, ListRefused
from services.screening.list_formats.reading import FORMATS, FileRead, Format, read_file

TARGETS = (
    '"id","schema","name","aliases","birth_date","countries","addresses","identifiers","sanctions","phones","emails","dataset",'
    '"first_seen","last_seen","last_change"\n'
    '"NK-1","Company","Northern Rotor Works","北方转子厂;\'Rotor; North\'","","cn;hk","","91110000100000000X;549300ABCDEFGHIJKL12",'
    '"UEL - 2025-03-04","","","China Sanctions Research","2025-03-05T00:00:00","2026-11-20T06:00:00","2026-01-01"\n'
    '"NK-2","Address","Some street","","","","","","","","","x","","",""\n'
)
OWN = (
    "list,entry_id,name,name_zh,aliases,kind,country,identifiers,listed_on,ended_on,suspended_from,suspended_to,notice,source\n"
    "export_control_list,e1,Iron Kite,铁鸢公司,Kite Iron|IK Group,organisation,US,LEI:549300ABCDEFGHIJKL12,2026-01-05,,2026-02-01,"
    "2026-08-01,No.99 of 2026,example.org\n"
    "ours,e2,Slow Payer GmbH,,,,DE,,,,,,,\n"
)


def read(data: str | bytes, form: Format | str = "auto") -> ListRead:
    found = read_raw(data, form)
    assert found.read is not None
    return found.read


def read_raw(data: str | bytes, form: Format | str = "auto") -> FileRead:
    return read_file(io.BytesIO(data.encode() if isinstance(data, str) else data), form)  # type: ignore[arg-type]


def refused(data: str | bytes, form: Format | str = "auto") -> ListRefused:
    with pytest.raises(ListRefused) as caught:
        read_raw(data, form)
    return caught.value


def read_or_refused(data: bytes, form: str) -> FileRead | ListRefused:
    try:
        return read_raw(data, form)
    except ListRefused as error:
        return error


def csl(*results: dict[str, Any], **more: Any) -> str:
    return json.dumps({"total": len(results), "results": list(results), **more})


RESULT: dict[str, Any] = {
    "id": "abc",
    "name": "Far Field Institute, and any successor, sub-unit, or subsidiary thereof",
    "alt_names": ["FFI", "远场研究所"],
    "source": "Entity List (EL) - Bureau of Industry and Security",
    "type": "Entity",
    "addresses": [{"country": "CN", "city": "Xi'an"}],
    "ids": [{"type": "Unified Social Credit Code (USCC)", "number": "91110000100000000X", "country": "CN"}],
    "start_date": "2020-12-05",
    "federal_register_notice": "85 FR 83416",
}


def entity(entity_id: str, schema: str, caption: str | None = None, **properties: list[str]) -> dict[str, Any]:
    more = {"caption": caption, "properties": {**({"name": [caption]} if caption else {}), **properties}}
    return {"id": entity_id, "schema": schema, "datasets": ["cn_sanctions"], "target": False, **more}


def ndjson(*values: Any) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


LISTED = (
    entity(
        "NK-1",
        "Company",
        "Northern Rotor Works",
        alias=["北方转子厂"],
        topics=["export.control"],
        country=["us"],
        uscCode=["91110000100000000X"],
    ),
    entity("NK-1-s", "Sanction", entity=["NK-1"], program=["List of Export Controls"], startDate=["2026-04-24"]),
    entity("NK-2", "Company", "Rotor Sales"),
    entity("own-1", "Ownership", owner=["NK-1"], asset=["NK-2"], percentage=["60.0"], startDate=["2025-01-01"]),
    entity("addr-1", "Address", full=["Some street"]),
)


def test_targets_simple_csv_of_opensanctions() -> None:
    found = read(TARGETS)
    (only,) = found.entries
    assert (only.entry_id, only.name, only.name_zh) == ("NK-1", "Northern Rotor Works", "北方转子厂")
    assert only.countries == ("CN", "HK")
    assert only.identifiers == (("USCC", "91110000100000000X"), ("LEI", "549300ABCDEFGHIJKL12"))
    assert only.listed_on == date(2025, 3, 4)
    assert found.as_of == datetime(2026, 11, 20, 6, tzinfo=UTC)


def test_older_columns_of_opensanctions_with_a_byte_order_mark() -> None:
    found = read(b"\xef\xbb\xbfid,schema,caption,countries\nQ1,Person,Ann Example,us\n", "opensanctions-csv")
    assert [(entry.name, entry.kind, entry.countries) for entry in found.entries] == [("Ann Example", "person", ("US",))]


def test_the_table_of_chinas_lists() -> None:
    header = "Type,QID,Name,Alias,Chinese name,Country,Topics,Summary,Chinese summary,Body,List,Date,End date,Source URL,Address\n"
    row = "Company,,Teal Wing Inc,Teal;TW,青翼公司,US,export.control,,,Ministry of Commerce,List of Export Controls,04.03.2025,,https://example.org,\n"
    (only,) = read(header + row).entries
    assert (only.name, only.name_zh, only.aliases, only.listed_on) == ("Teal Wing Inc", "青翼公司", ("Teal", "TW"), date(2025, 3, 4))


def test_the_consolidated_screening_list_as_published() -> None:
    (only,) = read(csl(RESULT, sources_used=[{"last_imported": "2026-11-19T05:00:00+00:00"}])).entries
    assert (only.name, only.name_zh, only.aliases, only.notice) == ("Far Field Institute", "远场研究所", ("FFI",), "85 FR 83416")
    assert (only.countries, only.identifiers) == (("CN",), (("USCC", "91110000100000000X"),))
    assert only.listed_on == date(2020, 12, 5)


def test_the_consolidated_screening_list_as_csv() -> None:
    rows = (
        "_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,alt_names,ids\n"
        '1,Denied Persons List (DPL) - Bureau of Industry and Security,,Individual,,Ann Example,,"1 Road, Xi\'an, CN; 2 Road, HK",'
        "70 FR 1,01/31/2021,2031-01-31,A. Example; Example Ann,\n"
    )
    (only,) = read(rows).entries
    assert (only.kind, only.countries, only.aliases) == ("person", ("CN", "HK"), ("A. Example", "Example Ann"))
    assert (only.listed_on, only.ended_on) == (date(2021, 1, 31), date(2031, 1, 31))


def test_a_list_of_ones_own() -> None:
    first, second = read(OWN).entries
    assert (first.listing, first.aliases, first.suspended_to) == (("export_control_list",), ("Kite Iron", "IK Group"), date(2026, 8, 1))
    assert (second.name, second.listing, second.listed_on) == ("Slow Payer GmbH", ("ours",), None)


def test_entities_of_followthemoney_with_their_listing_and_their_owner() -> None:
    changes = read_raw(ndjson(*LISTED)).changes
    assert changes is not None
    found = entity_files.assembled(entity_files.applied(changes, {}))
    (only,) = found.entries
    assert (only.name, only.name_zh, only.identifiers) == ("Northern Rotor Works", "北方转子厂", (("USCC", "91110000100000000X"),))
    assert (only.listed_on, only.listing[0]) == (date(2026, 4, 24), "List of Export Controls")
    (stake,) = found.stakes
    assert (stake.owner.name, stake.owned.name, str(stake.share_percent)) == ("Northern Rotor Works", "Rotor Sales", "60.0")


def test_weak_names_that_half_the_world_bears_are_left_out() -> None:
    properties = {"weakAlias": ["Tiger", "Tiger of the North", "Schwarzbeere"], "abbreviation": ["NRW"], "topics": ["sanction"]}
    changes = read_raw(ndjson(entity("NK-9", "Company", "Northern Rotor Works", **properties))).changes
    assert changes is not None
    (only,) = entity_files.assembled(entity_files.applied(changes, {})).entries
    assert only.aliases == ("Tiger of the North", "Schwarzbeere")


def test_a_delta_adds_modifies_and_deletes_single_entities() -> None:
    whole = read_raw(ndjson(*LISTED)).changes
    assert whole is not None
    standing = entity_files.applied(whole, {})
    delta = read_raw(
        ndjson(
            {"op": "ADD", "entity": entity("NK-3", "Company", "Copper Loom", topics=["export.control"])},
            {"op": "MOD", "entity": entity("NK-1-s", "Sanction", entity=["NK-1"], program=["UEL"], endDate=["2026-11-10"])},
            {"op": "DEL", "entity": {"id": "own-1"}},
        )
    )
    assert (delta.format, delta.changes is not None) == ("opensanctions-delta", True)
    assert delta.changes is not None
    found = entity_files.assembled(entity_files.applied(delta.changes, standing))
    assert sorted((entry.name, entry.ended_on) for entry in found.entries) == [
        ("Copper Loom", None),
        ("Northern Rotor Works", date(2026, 11, 10)),
    ]
    assert found.stakes == []


def test_a_delta_of_another_list_is_refused() -> None:
    delta = read_raw(ndjson({"op": "MOD", "entity": entity("Q9", "Company", "Stranger")})).changes
    assert delta is not None
    with pytest.raises(ListRefused, match="belongs to another list"):
        entity_files.applied(delta, {})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EMPTY"),
        (b"\n\n", "EMPTY"),
        ("name,country\n", "EMPTY"),
        (TARGETS[:-40], "CUT_SHORT"),
        ("name,country,source\nA Firm,US,x\nB Fi", "CUT_SHORT"),
        (ndjson(*LISTED)[:-30], "CUT_SHORT"),
        (csl(RESULT)[:-30], "CUT_SHORT"),
        (csl(RESULT, total=2), "CUT_SHORT"),
        (csl(), "EMPTY"),
        ('{"results": [NaN]}', "NOT_JSON"),
        ('{"results": ' + "[" * 5000 + "]" * 5000 + "}", "NOT_JSON"),
        ('{"result": []}', "NOT_A_LIST"),
        ("name,colour\nA Firm,red\n", "COLUMN_UNKNOWN"),
        ("name,name\nA,B\n", "COLUMN_TWICE"),
        ("product,price\nA,1\n", "FORMAT_UNKNOWN"),
        (b"name,country\nJos\xe9,US\n", "NOT_UTF_8"),
        ("name,listed_on\n" + "A,2026-01-01\n" * 50 + "B,soon\n", "TOO_MANY_BAD_ROWS"),
    ],
)
def test_what_cannot_be_trusted_is_refused(data: str | bytes, code: str) -> None:
    assert refused(data).code == code


def test_a_bad_row_costs_itself_and_says_where_and_why() -> None:
    found = read("name,listed_on\n" + "A,2026-01-01\n" * 150 + "B,soon\n")
    assert len(found.entries) == 150
    assert [str(row) for row in found.refused] == ["line 152: listed_on 'soon' is no day; write YYYY-MM-DD"]


def test_too_many_bad_rows_say_which() -> None:
    error = refused("name,listed_on\nA,2026-01-01\nB,31/31/2026\n")
    assert "line 3: listed_on '31/31/2026' is no day" in str(error)
    assert [row.place for row in error.refused] == ["line 3"]


def test_ownership_facts() -> None:
    found = read(
        "owner,owner_identifiers,owned,owned_identifiers,share_percent,as_of,source\nA,LEI:549300ABCDEFGHIJKL12,B|乙公司,,50.5,2026-01-01,x\nA,,C,,,,\n"
    )
    assert [(stake.owned.name, stake.owned.aliases, stake.share_percent) for stake in found.stakes] == [
        ("B", ("乙公司",), pytest.approx(found.stakes[0].share_percent)),
        ("C", (), None),
    ]
    assert refused("owner,owned,share_percent\nA,B,120\n").code == "TOO_MANY_BAD_ROWS"


VALID = {"opensanctions-csv": TARGETS, "csv": OWN, "csl-json": csl(RESULT), "opensanctions-entities": ndjson(*LISTED)}


@given(st.sampled_from(sorted(VALID)), st.integers(0, 4000))
def test_a_file_cut_anywhere_is_refused_or_loses_whole_records_only(form: str, at: int) -> None:
    data = VALID[form].encode()
    found = read_or_refused(data[: min(at, len(data))], form)
    if isinstance(found, FileRead) and found.read is not None:
        known = {entry.entry_id: _as_known(entry) for entry in read(data, form).entries}
        assert all(known[entry.entry_id] == _as_known(entry) for entry in found.read.entries)


def _as_known(entry: Entry) -> tuple[object, ...]:
    return entry.name, entry.name_zh, entry.aliases, entry.identifiers, entry.countries


@given(st.sampled_from((*FORMATS, "auto")), st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_anything_at_all_is_read_or_refused(form: str, data: bytes) -> None:
    assert str(read_or_refused(data, form))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["results", "entries", "tables", "id", "schema", "properties", "op", "entity", "name", "source", "n", "s", "ids"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_json_of_any_shape_is_read_or_refused(value: Any) -> None:
    for form in ("csl-json", "opensanctions-entities", "opensanctions-delta"):
        found = read_or_refused(json.dumps(value).encode(), form)
        if isinstance(found, FileRead) and found.changes is not None:
            with contextlib.suppress(ListRefused):
                entity_files.assembled(entity_files.applied(found.changes, {}))
