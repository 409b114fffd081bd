"""Orders as CSV, with and without a mapping."""

import csv
import io
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.received import Received, Rejection, Unreadable
from services.gateway.formats import csv_orders
from services.gateway.formats.csv_orders import HEADER_TARGETS, LINE_TARGETS, mapping_of
from tests.unit.gateway.orders import LIMITS


def read(text: str | bytes, mapping: dict[str, Any] | None = None, **more: Any) -> tuple[list[Received], list[Rejection]]:
    data = text.encode() if isinstance(text, str) else text
    found = list(csv_orders.read(data, LIMITS, mapping=mapping_of(json.dumps(mapping)) if mapping else None, **more))
    return [each for each in found if isinstance(each, Received)], [each for each in found if isinstance(each, Rejection)]


def only(text: str | bytes, mapping: dict[str, Any] | None = None, **more: Any) -> Received:
    orders, refused = read(text, mapping, **more)
    assert not refused, refused
    assert len(orders) == 1
    return orders[0]


def refusal(text: str | bytes, mapping: dict[str, Any] | None = None) -> Unreadable:
    with pytest.raises(Unreadable) as error:
        read(text, mapping)
    assert str(error.value).endswith(".")
    return error.value


def test_common_column_names_are_understood() -> None:
    found = only(
        "PO Number,Order Date,Currency,Vendor No,Supplier,Supplier Country,Line No,Material,Description,Qty,UoM,Unit Price,Price Unit,"
        "Delivery Date,Country of Origin,HS Code,Net Weight kg\n"
        "0045001,2026-11-17,EUR,0000100102,Ganzhou Nanling,China,00010,MAG-1,NdFeB block,4000,C62,184.00,100,20270120,cn,850511,12\n"
    )
    order = found.document
    assert found.order_key == "csv/default/0045001"
    assert order.supplier is not None
    assert (str(order.issued_on), order.currency, order.supplier.id, order.supplier.country) == ("2026-11-17", "EUR", "0000100102", "CN")
    line = order.lines[0]
    assert line.quantity is not None
    assert line.price is not None
    assert line.net_weight is not None
    assert (line.line_id, line.item.buyer_id, line.description, line.origin_country) == ("00010", "MAG-1", "NdFeB block", "CN")
    assert (str(line.quantity.value), line.quantity.unit, str(line.price.amount), str(line.price.per_quantity)) == (
        "4000",
        "C62",
        "184.00",
        "100",
    )
    assert (str(line.requested_delivery[0].date), line.classifications[0].code, line.net_weight.unit) == ("2027-01-20", "850511", "KGM")
    assert found.issues == ()


def test_a_german_export_reads_like_an_english_one() -> None:
    german = only(
        "Bestellnummer;Position;Artikelnummer;Bezeichnung;Menge;Einheit;Preis;Lieferdatum\n4711;10;M1;Magnet;1.234,50;KG;3,05;15.01.2027\n"
    )
    english = only("order_id,line_id,item,description,quantity,unit,price,delivery_date\n4711,10,M1,Magnet,1234.50,KG,3.05,2027-01-15\n")
    assert german.document == english.document


def test_item_beside_material_is_the_line() -> None:
    line = only("Purchasing Document,Item,Material,Quantity\n4500,00010,MAG-1,5\n").document.lines[0]
    assert (line.line_id, line.item.buyer_id) == ("00010", "MAG-1")


def test_a_price_unit_may_be_a_unit() -> None:
    price = only("po,material,qty,unit,price,price unit\n1,M,5,TNE,3,KGM\n").document.lines[0].price
    assert price is not None
    assert (price.per_unit, str(price.per_quantity)) == ("KGM", "1")


def test_rows_of_one_order_need_not_lie_together() -> None:
    orders, _ = read("po,line,material,qty\nA,1,M1,1\nB,1,M2,2\nA,2,M3,3\n")
    assert [(each.order_key, [line.line_id for line in each.document.lines]) for each in orders] == [
        ("csv/default/A", ["1", "2"]),
        ("csv/default/B", ["1"]),
    ]
    assert orders[0].original == b"po,line,material,qty\nA,1,M1,1\nA,2,M3,3\n"
    assert orders[0].raw.position == 2


def test_a_mapping_names_columns_constants_and_how_things_are_written() -> None:
    found = only(
        "No;Art;Anzahl;wann;Reinheit\n7;M1;1,5;03/04/2027;99,5 %\n",
        {
            "columns": {
                "order_key.order_id": "no",
                "lines.item.supplier_id": "ART",
                "lines.quantity.value": "Anzahl",
                "lines.requested_delivery": "wann",
                "lines.attributes.purity": "Reinheit",
            },
            "constants": {
                "order_key.system": "navision",
                "supplier.id": "V1",
                "lines.quantity.unit": "KGM",
                "lines.quantity.unit_system": "UNECE",
            },
            "decimal": ",",
            "dates": "DMY",
        },
    )
    line = found.document.lines[0]
    assert found.order_key == "navision/default/7"
    assert line.quantity is not None
    assert (str(line.quantity.value), line.quantity.unit, line.quantity.unit_system) == ("1.5", "KGM", "UNECE")
    assert (str(line.requested_delivery[0].date), line.item.supplier_id) == ("2027-04-03", "M1")
    assert [(each.name, each.value) for each in line.attributes] == [("purity", "99,5 %")]


def test_a_file_without_header_is_read_by_column_numbers() -> None:
    mapping = {"columns": {"order_key.order_id": 1, "lines.line_id": 2, "lines.item.gtin": 3, "lines.quantity.value": 4}}
    found = only('"4711","1","4006381333931","1.000"\n"4711","2","4006381333932","9.000"\n', mapping)
    assert [(line.line_id, line.item.gtin) for line in found.document.lines] == [("1", "4006381333931"), ("2", "4006381333932")]


def test_a_file_without_header_and_mapping_says_what_to_give() -> None:
    error = refusal('"ORDERS","PARTNER1","4711","20050819","","1"\n')
    assert error.issue.code == "NO_HEADER"
    assert '"order_key.order_id": 1' in str(error)


@pytest.mark.parametrize(
    ("text", "mapping", "code"),
    [
        ("", None, "EMPTY"),
        ("\n\n", None, "EMPTY"),
        ("a,b\n1,2\n", None, "COLUMNS_UNKNOWN"),
        ("po,currency\n1,EUR\n", None, "NO_LINE_COLUMNS"),
        ("po,material\n1,M\n", {"columns": {"lines.lot": "charge"}}, "COLUMN_MISSING"),
        ("1,2\n", {"columns": {"order_key.order_id": 1, "lines.lot": 9}}, "COLUMN_MISSING"),
        ('"po"x,material\n', None, "NOT_CSV"),
    ],
)
def test_what_cannot_be_read_at_all_is_told(text: str, mapping: dict[str, Any] | None, code: str) -> None:
    assert refusal(text, mapping).issue.code == code


@pytest.mark.parametrize(
    "mapping", ["{", "[]", '{"columns": {"colour": "x"}}', '{"colums": {}}', '{"decimal": "x"}', '{"columns": {"order_key.order_id": []}}']
)
def test_a_mapping_that_cannot_be_used_is_told(mapping: str) -> None:
    with pytest.raises(Unreadable) as error:
        mapping_of(mapping)
    assert error.value.issue.code == "MAPPING_INVALID"


def test_a_header_alone_holds_no_order() -> None:
    assert read("po,material\n") == ([], [])


def test_one_bad_order_does_not_refuse_the_others() -> None:
    orders, refused = read('po,line,material,qty\nA,1,M,5\nB,1,M,forty\n,1,M,5\nC,1,M,1,2,3\nD,1,"M"x,1\nE,1,M,5\n')
    assert [each.order_key for each in orders] == ["csv/default/A", "csv/default/E"]
    assert {each.place: each.code for each in refused} == {
        "row 3": "NOT_A_NUMBER",
        "row 4": "ORDER_ID_MISSING",
        "row 5": "ROW_TOO_LONG",
        "row 6": "NOT_CSV",
    }
    by_place = {each.place: each for each in refused}
    assert by_place["row 3"].message.startswith('row 3, column qty is "forty"')
    assert by_place["row 3"].original == b"po,line,material,qty\nB,1,M,forty\n"


def test_a_number_that_could_be_two_holds_its_line() -> None:
    found = only('po,line,material,qty\nA,1,M,"1,234"\nA,2,M,5\n')
    assert set(found.unscreenable) == {0}
    assert [(issue.code, issue.path) for issue in found.issues] == [("NUMBER_AMBIGUOUS", "row 2, column qty")]


def test_a_day_that_could_be_two_is_left_out() -> None:
    found = only("po,material,qty,delivery date\nA,M,1,03/04/2027\n")
    assert found.document.lines[0].requested_delivery == []
    assert [issue.code for issue in found.issues] == ["DATE_AMBIGUOUS"]


def test_rows_that_disagree_about_a_party_refuse_their_order() -> None:
    _, refused = read("po,material,supplier,currency\nA,M,Baotou,EUR\nA,N,Ganzhou,EUR\n")
    assert [(each.code, each.issues[0].path) for each in refused] == [("ROWS_DISAGREE", "row 3, column supplier")]
    found = only("po,material,supplier,currency\nA,M,Baotou,EUR\nA,N,,USD\n")
    assert (found.document.currency, [issue.code for issue in found.issues]) == ("EUR", ["ROWS_DISAGREE"])


def test_columns_that_nothing_is_read_from_are_told() -> None:
    found = only("po,material,colour,qty\nA,M,red,1\n")
    assert [(issue.code, "colour" in issue.message) for issue in found.issues] == [("COLUMNS_UNUSED", True)]


def test_a_guessed_character_set_is_told() -> None:
    found = only("po,description,qty\nA,Stück Öl,1\n".encode("cp1252"))
    assert found.document.lines[0].description == "Stück Öl"
    assert [issue.code for issue in found.issues] == ["CHARSET_GUESSED"]
    assert found.raw.charset == "cp1252"


def test_too_many_rows_are_refused() -> None:
    assert refusal("po,material\n" + "A,M\n" * (csv_orders.MOST_ROWS + 1)).issue.code == "TOO_MANY_ROWS"


TARGETS = sorted(HEADER_TARGETS | LINE_TARGETS)
CELLS = st.one_of(st.text(max_size=6), st.sampled_from(["1", "1,5", "EUR", "CN", "2026-01-01", "01/02/2026", "open", "KGM", "Dy 1 wt%"]))


@given(
    st.lists(st.sampled_from(TARGETS), unique=True, min_size=1, max_size=6).flatmap(
        lambda targets: st.tuples(
            st.just(targets), st.lists(st.lists(CELLS, min_size=len(targets), max_size=len(targets)), min_size=1, max_size=4)
        )
    )
)
def test_whatever_stands_in_mapped_columns_gets_an_answer(table: tuple[Sequence[str], Sequence[Sequence[str]]]) -> None:
    targets, rows = table
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["order", *(f"c{n}" for n in range(len(targets)))], *(["A", *row] for row in rows)])
    mapping = {"columns": {**{target: f"c{n}" for n, target in enumerate(targets)}, "order_key.order_id": "order", "lines.lot": "order"}}
    with suppress(Unreadable):
        orders, refused = read(out.getvalue(), mapping)
        assert orders or refused
        assert all(issue.message for each in refused for issue in each.issues)


@given(st.binary(max_size=120))
def test_no_bytes_make_the_reader_fall_over(data: bytes) -> None:
    with suppress(Unreadable):
        read(data, {"columns": {"order_key.order_id": 1, "lines.description": 1}})


def test_a_row_may_say_how_its_price_is_set_and_what_was_budgeted() -> None:
    found = only(
        "PO,Line,Material,Qty,Pricing,Index material,Priced at,Pricing date,Budget price,Budget currency\n"
        "1,10,DY-OX,100,index,Dysprosium oxide,date,2026-12-01,240,US$\n"
    )
    (line,) = found.document.lines
    assert line.pricing is not None
    assert line.pricing.index is not None
    assert line.budget_price is not None
    assert (line.pricing.kind, line.pricing.index.material, str(line.pricing.pricing_on)) == ("index", "Dy", "2026-12-01")
    assert (str(line.budget_price.amount), line.budget_price.currency) == ("240", "USD")


def test_terms_that_cannot_be_read_are_left_out_with_a_word_and_hold_nothing() -> None:
    found = only("PO,Line,Material,Qty,Pricing,Index factor\n1,10,DY-OX,100,barter,1.1\n")
    assert found.document.lines[0].pricing is None
    assert not found.unscreenable
    (issue,) = [issue for issue in found.issues if "Pricing" in issue.path]
    assert issue.severity == "warning"
