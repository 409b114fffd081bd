"""Stock lists of all kinds become reports; every row is answered with what to do."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.domain.received import Unreadable
from services.gateway.formats.rows import ReadRow, RefusedRow
from services.gateway.formats.stock import AssumedOfStock, ReadStock, read_stock
from shared.contracts.stock import StockReport

REPORT: dict[str, Any] = {
    "plant": "1000",
    "item_id": "DYOX",
    "unit": "kg",
    "as_of": "2026-11-20T06:00:00Z",
    "on_hand": "420",
    "consumption_per_day": "4.2",
    "lead_time_days": 45,
}


def read_json(*rows: dict[str, Any], **assumed: Any) -> list[ReadStock]:
    data = json.dumps([{name: value for name, value in row.items() if value is not ...} for row in rows]).encode()
    return list(read_stock(data, "application/json", None, AssumedOfStock(**assumed)))


def read_csv(text: str, **assumed: Any) -> list[ReadStock]:
    return list(read_stock(text.encode(), "text/csv", None, AssumedOfStock(**assumed)))


def only(found: list[ReadStock]) -> StockReport:
    (entry,) = found
    assert isinstance(entry, ReadRow), entry
    return entry.row


def refusal(**changed: Any) -> str:
    (entry,) = read_json({**REPORT, **changed})
    assert isinstance(entry, RefusedRow), entry
    return " ".join(entry.reasons)


def test_a_report_as_the_contract_writes_it_stays_as_it_is_but_for_what_a_kilogram_weighs() -> None:
    assert only(read_json(REPORT)) == StockReport.model_validate({**REPORT, "mass_kg_per_unit": 1})


def test_a_table_of_an_erp_is_read_by_its_columns() -> None:
    table = (
        "Werks;Matnr;Meins;LABST;TRAME;INSME;Bestand am;Monthly usage;PLIFZ;Waers;Supplier;Supplier country;License needed\n"
        "1000;DYOX;KG;1.234,5;20;3;x;126;45;EUR;Example Oxides;China;ja\n"
    )
    report = only(read_csv(table, as_of=datetime(2026, 11, 20, 6, tzinfo=UTC), decimal=","))
    assert (report.plant, report.item_id, report.on_hand, report.in_transit, report.quality_blocked) == (
        "1000",
        "DYOX",
        Decimal("1234.5"),
        20,
        3,
    )
    assert report.consumption_per_day == Decimal("4.142465753")
    (source,) = report.sources
    assert (source.name, source.country, source.licence_needed) == ("Example Oxides", "CN", True)


def test_lists_stand_in_cells() -> None:
    table = (
        "plant,item,unit,date,stock,lots,contained,receipts,bound,ship to,lead times,consumption\n"
        "1000,DYOX,kg,20.11.2026,420,120@2027-03-31; 60@30.06.2027,Dy 86.7; Tb 0.4%,100@2026-12-20,30: medical,A; B,40;52 61,"
        "2026-09:130; 2026-10-01..2026-10-31:126\n"
    )
    report = only(read_csv(table))
    assert report.as_of == datetime(2026, 11, 20, tzinfo=UTC)
    assert [(lot.quantity, lot.best_before) for lot in report.lots] == [(120, date(2027, 3, 31)), (60, date(2027, 6, 30))]
    assert [(each.element, each.percent) for each in report.contained] == [("Dy", Decimal("86.7")), ("Tb", Decimal("0.4"))]
    assert (report.receipts[0].quantity, report.bound[0].end_use, report.ship_to_ids) == (100, "medical", ["A", "B"])
    assert report.lead_times_seen_days == [40, 52, 61]
    assert [(each.first_on, each.last_on, each.quantity) for each in report.consumption] == [
        (date(2026, 9, 1), date(2026, 9, 30), 130),
        (date(2026, 10, 1), date(2026, 10, 31), 126),
    ]


def test_months_may_be_columns_and_the_running_one_ends_with_the_report() -> None:
    (entry,) = read_csv("plant,item,unit,date,stock,2026-09,2026-10,usage 2026-11\n1000,DYOX,kg,2026-11-20,420,120,130,80\n")
    assert isinstance(entry, ReadRow)
    assert [each.last_on for each in entry.row.consumption] == [date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 20)]
    assert any("taken as that until 2026-11-20" in warning for warning in entry.warnings)


def test_a_report_of_an_early_morning_in_the_east_is_read_as_it_was_taken() -> None:
    (entry,) = read_csv("plant,item,unit,date,stock,2026-11\n1000,DYOX,kg,2026-11-20T06:00+09:00,420,80\n")
    assert isinstance(entry, ReadRow)
    assert [each.last_on for each in entry.row.consumption] == [date(2026, 11, 19)]  # in UTC it is still the day before
    assert StockReport.model_validate_json(entry.row.model_dump_json()) == entry.row
    assert "lies ahead of the report of 2026-11-19" in refusal(
        as_of="2026-11-20T06:00+09:00", consumption=[{"first_on": "2026-11-01", "last_on": "2026-11-20", "quantity": "9"}]
    )


def test_a_row_without_stock_goes_on_with_the_row_above_it() -> None:
    table = (
        "plant,item,unit,date,stock,supplier,country,price,supplier price,lots\n"
        "1000,DYOX,kg,2026-11-20,420,One,CN,290,280,120@2027-03-31\n"
        "1000,DYOX,,,,Two,EE,,350,60@2027-06-30\n"
        "2000,DYOX,kg,2026-11-20,1,,,,,\n"
    )
    first, second = (entry.row for entry in read_csv(table) if isinstance(entry, ReadRow))
    assert [(each.name, each.unit_price) for each in first.sources] == [("One", 280), ("Two", 350)]
    assert [lot.quantity for lot in first.lots] == [120, 60]
    assert (second.plant, second.sources) == ("2000", [])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"on_hand": "-3"}, "stock cannot be negative: book what is missing as a shortage, and report 0"),
        ({"consumption": [{"first_on": "2026-11-01", "last_on": "2026-12-31", "quantity": "9"}]}, "lies ahead of the report of 2026-11-20"),
        ({"lead_time_days": 20, "shipping_days": 30}, "The lead time is 20 days and shipping alone takes 30; correct one of them."),
        ({"shelf_life_days": 0}, "A shelf life of 0 days means that nothing can be kept; give the days that it keeps"),
        ({"unit": "furlong"}, 'The unit is "furlong", which is not known here; give one such as kg'),
        ({"unit": "t", "mass_kg_per_unit": "1"}, "One t is 1000 kg, and mass_kg_per_unit says 1; correct one of them"),
        ({"as_of": ...}, "does not say as of when the stock is; give as_of"),
        ({"as_of": "03/04/2026"}, "can be two days"),
        ({"on_hand": "1,234"}, 'can be two numbers; say decimal as "." or ","'),
        ({"usage_per_month": "much", "consumption_per_day": ...}, "consumption_per_month much is not a number"),
        ({"reserved": "-1"}, "/reserved is"),
        ({"contained": [{"element": "Dy", "percent": "90"}, {"element": "Tb", "percent": "20"}]}, "add up to more than 100 percent"),
        ({"on_hand": "NaN"}, "/on_hand is"),
        ({"withdrawn": "perhaps"}, "/withdrawn is"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(changed: dict[str, Any], told: str) -> None:
    assert told in refusal(**changed)


def test_two_plants_with_one_name_are_refused_each_naming_the_other() -> None:
    found = read_json(REPORT, {**REPORT, "on_hand": "77"}, {**REPORT, "item_id": "other"}, REPORT)
    assert [isinstance(entry, ReadRow) for entry in found] == [False, False, True, False]
    told = [entry.reasons[0] for entry in found if isinstance(entry, RefusedRow)]
    assert "otherwise in /1" in told[0]
    assert "otherwise in /0" in told[1]
    assert "give each a name of its own" in told[0]
    assert all(isinstance(entry, ReadRow) for entry in read_json(REPORT, REPORT))


def test_what_advice_cannot_do_without_is_asked_for() -> None:
    (entry,) = read_json({**REPORT, "consumption_per_day": ..., "lead_time_days": ...})
    assert isinstance(entry, ReadRow)
    assert "nothing can be advised; give consumption_per_day, or consumption." in entry.warnings[0]
    assert entry.warnings[1] == "No lead time is said; give lead_time_days."


def test_a_plant_that_no_longer_keeps_an_item_says_no_more() -> None:
    report = only(read_json({"plant": "1000", "item": "DYOX", "as_of": "2026-11-21T06:00:00Z", "withdrawn": "yes"}))
    assert (report.withdrawn, report.on_hand) == (True, 0)


def test_what_is_said_for_all_rows_counts_where_a_row_does_not_say_it() -> None:
    found = read_csv(
        "item,stock,plant\nDYOX,1,\nDYOX,2,2000\n", plant="1000", unit="t", as_of=datetime(2026, 11, 20, tzinfo=UTC), currency="EUR"
    )
    rows = [entry.row for entry in found if isinstance(entry, ReadRow)]
    assert [(row.plant, row.unit, row.mass_kg_per_unit, row.currency) for row in rows] == [
        ("1000", "t", 1000, "EUR"),
        ("2000", "t", 1000, "EUR"),
    ]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["kg", "2026-11-20", "1,5", "120@2027-03-31", "Dy 86.7", "yes", "-1", "0", "1e999"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([*StockReport.model_fields, "supplier", "country", "usage_per_month", "2026-10", "licence_needed"]) | st.text(
    max_size=8
)
ROWS = st.lists(st.one_of(st.dictionaries(NAMES, VALUES, max_size=8).map(lambda row: {**REPORT, **row}), VALUES), min_size=1, max_size=5)


@given(ROWS)
@settings(max_examples=150, deadline=None)
def test_every_row_of_json_is_answered(rows: list[Any]) -> None:
    found = list(read_stock(json.dumps(rows).encode(), "application/json"))
    assert [entry.place for entry in found] == [f"/{number}" for number in range(len(rows))]
    assert all(entry.reasons for entry in found if isinstance(entry, RefusedRow))


CELLS = st.text(st.characters(exclude_characters='\r\n",;\t|\x00', exclude_categories=("Cs", "Zl", "Zp", "Cc")), max_size=10)


@given(st.lists(st.tuples(st.sampled_from(["1", "2"]), CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_every_row_of_a_table_is_answered(cells: list[tuple[str, ...]]) -> None:
    table = "plant,item,unit,as_of,on_hand,lots,2026-10,country,licence needed\n" + "".join(
        f"{plant},X{number},kg,2026-11-20,{amount or 0},{lots},{used},{country},\n"
        for number, (plant, amount, lots, used, country) in enumerate(cells)
    )
    found = list(read_stock(table.encode(), "text/csv"))
    assert [entry.place for entry in found] == [f"row {number + 2}" for number in range(len(cells))]
    assert all(entry.reasons for entry in found if isinstance(entry, RefusedRow))


@given(st.binary(max_size=200), st.sampled_from(["application/json", "application/x-ndjson", "text/csv", "text/plain"]))
@settings(max_examples=100, deadline=None)
def test_no_bytes_crash_the_reader(data: bytes, media_type: str) -> None:
    found: list[ReadStock] = []
    with suppress(Unreadable):
        found = list(read_stock(data, media_type))
    assert all(isinstance(entry, ReadRow) or entry.reasons for entry in found)
