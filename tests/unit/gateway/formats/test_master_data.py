"""Items and suppliers in every form, row by row."""

import json

import pytest

from services.gateway.domain.received import Unreadable
from services.gateway.formats.master_data import read_items, read_suppliers
from services.gateway.formats.rows import MOST_ROWS, ReadRow, RefusedRow
from shared.contracts.master_data import Item

ITEM = {"item_id": "MAG-1", "origin_country": "CN", "composition": [{"substance": "Dy", "share": "0.8 wt%"}]}


def items(data: bytes, media_type: str = "application/json") -> list[Item | RefusedRow]:
    return [each.row if isinstance(each, ReadRow) else each for each in read_items(data, media_type)]


def test_one_an_array_and_lines_give_the_same() -> None:
    expected = Item.model_validate(ITEM)
    one = json.dumps(ITEM).encode()
    assert items(one) == [expected]
    assert items(b"[" + one + b"," + one + b"]") == [expected, expected]
    assert items(one + b"\n\n" + one + b"\n", "application/x-ndjson") == [expected, expected]


def test_a_table_of_items_gives_the_same_as_json() -> None:
    table = (
        "item_id,supplier_id,description,manufacturer,manufacturer_part,country of origin,hs_code,cn_code,composition,unit,"
        "net_weight_kg_per_unit,document,issuer,attributes.grade\n"
        'MAG-1,V1,Magnet,Donghai,N42-20,China,850511,85051110,"Nd 30 wt%; Dy <0.01 wt%",C62,"0,05",report 7,lab,N42SH\n'
    )
    (item,) = items(table.encode(), "text/csv")
    evidence = {"document": "report 7", "issuer": "lab"}
    assert item == Item.model_validate(
        {
            "item_id": "MAG-1",
            "supplier_id": "V1",
            "description": "Magnet",
            "manufacturer": {"name": "Donghai"},
            "manufacturer_part": "N42-20",
            "origin_country": "CN",
            "classifications": [{"scheme": "HS", "code": "850511"}, {"scheme": "CN", "code": "85051110"}],
            "composition": [{"substance": "Nd", "share": "30 wt%"}, {"substance": "Dy", "share": "<0.01 wt%"}],
            "unit": "C62",
            "net_weight_kg_per_unit": "0.05",
            "attributes": [{"name": "grade", "value": "N42SH"}],
            "evidence": dict.fromkeys(("composition", "origin_country", "classifications", "net_weight_kg_per_unit"), evidence),
        }
    )


def test_a_table_of_suppliers() -> None:
    table = "Vendor_No;Name;Name_local;Country;City;USCC;document\n0000100101;Baotou Qinghe;包头;CN;Baotou;91150000;register 2026\n"
    ((row),) = list(read_suppliers(table.encode(), "text/csv"))
    assert isinstance(row, ReadRow)
    assert (row.row.supplier_id, row.row.name_local, row.row.identifiers) == ("0000100101", "包头", {"USCC": "91150000"})
    assert row.row.evidence["country"].document == "register 2026"


def test_a_bad_row_costs_itself() -> None:
    body = json.dumps([ITEM, {"item_id": 5}, {**ITEM, "origin_country": "Chna"}, 7, {**ITEM, "orgin": "CN", "unit": ""}]).encode()
    found = list(read_items(body, "application/json"))
    assert [type(each) for each in found] == [ReadRow, RefusedRow, RefusedRow, RefusedRow, ReadRow]
    assert isinstance(found[2], RefusedRow)
    assert (found[2].place, found[2].row_id) == ("/2", "MAG-1")
    assert "/origin_country" in found[2].reasons[0]
    assert isinstance(found[4], ReadRow)
    assert found[4].ignored == ("orgin",)
    lines = list(read_items(b'{"item_id"\n' + json.dumps(ITEM).encode(), "application/x-ndjson"))
    assert [type(each) for each in lines] == [RefusedRow, ReadRow]


@pytest.mark.parametrize(
    ("data", "media_type"),
    [(b"", "application/json"), (b"", "text/csv"), (b"colour\nred\n", "text/csv"), (b"x", "application/xml"), (b"[{", "application/json")],
)
def test_what_cannot_be_read_is_told(data: bytes, media_type: str) -> None:
    with pytest.raises(Unreadable):
        items(data, media_type)


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(Unreadable):
        items(b"{}\n" * (MOST_ROWS + 1), "application/x-ndjson")


def test_characters_that_cannot_be_seen_are_told_and_those_no_text_may_carry_refused() -> None:
    hidden, refused = read_suppliers(
        b'{"supplier_id": "S1", "name": "Li\\u200bMing \\u202eCo"}\n{"supplier_id": "S2", "name": "A\\u0000B"}', "application/x-ndjson"
    )
    assert isinstance(hidden, ReadRow)
    assert isinstance(refused, RefusedRow)
    assert hidden.row.name == "Li\u200bMing \u202eCo"
    assert [warning.partition(";")[0] for warning in hidden.warnings] == ["/name contains characters that cannot be seen (U+200B, U+202E)"]
    assert (refused.row_id, refused.reasons) == ("S2", ("/name contains the character U+0000, which no text may carry; remove it.",))


def test_rows_with_a_parent_are_components_of_the_item_they_name() -> None:
    table = (
        "item_id;parent_item_id;description;quantity;value;currency;origin;components_complete;eccn;document\n"
        "ROTOR-7;MOTOR-1;rotor;2;8,5;EUR;China;;EAR99;drawing 3\n"
        "MOTOR-1;;Servo motor;;;;DE;true;;\n"
        "SHAFT;NOBODY;;1;;;;;;\n"
    )
    motor, refused = items(table.encode(), "text/csv")
    rotor = {"item_id": "ROTOR-7", "description": "rotor", "quantity": "2", "value": "8.5", "currency": "EUR", "origin_country": "CN"}
    assert motor == Item.model_validate(
        {
            "item_id": "MOTOR-1",
            "description": "Servo motor",
            "origin_country": "DE",
            "components_complete": True,
            "components": [{**rotor, "control": {"eccn": "EAR99"}, "document": "drawing 3"}],
        }
    )
    assert isinstance(refused, RefusedRow)
    assert (refused.row_id, "NOBODY" in refused.reasons[0]) == ("SHAFT", True)


def test_countries_of_components_may_be_written_in_full() -> None:
    nested = {"item_id": "A", "components": [{"item_id": "B", "components": [{"item_id": "C", "origin_country": "China"}]}]}
    (item,) = items(json.dumps(nested).encode())
    assert isinstance(item, Item)
    assert item.components[0].components[0].origin_country == "CN"


@pytest.mark.parametrize("depth", [9, 60])
def test_a_bill_of_materials_that_is_too_deep_or_too_long_is_refused(depth: int) -> None:
    nested: dict[str, object] = {"item_id": "A"}
    for _ in range(depth):
        nested = {"item_id": "A", "components": [nested]}
    for item in (nested, {"item_id": "A", "components": [{"item_id": "B"}] * 501}):
        (refused,) = items(json.dumps(item).encode())
        assert isinstance(refused, RefusedRow)
        assert refused.reasons[0].startswith("/components ")


def test_a_table_of_items_may_carry_prices_and_how_they_are_set() -> None:
    table = (
        "item_id,pricing,index_material,index_market,factor,index_factor,premium,priced_at,quotation_from,quotation_to,hedged_percent,"
        "budget_price,standard_price,standard_currency,currency,per_quantity,per_unit\n"
        'DY-OX,Formula,Dysprosium oxide,ex-China,,"1,02",3.5,Shipment,01.11.2026,2026-11-30,50,240,"1.900,50",RMB,USD,1,kg\n'
    )
    (item,) = items(table.encode(), "text/csv")
    assert item == Item.model_validate(
        {
            "item_id": "DY-OX",
            "pricing": {
                "kind": "formula",
                "index": {"material": "Dy", "form": "oxide", "market": "EX_CN"},
                "factor": "1.02",
                "premium": "3.5",
                "priced_at": "shipment",
                "quotation_from": "2026-11-01",
                "quotation_to": "2026-11-30",
                "hedged_percent": "50",
            },
            "budget_price": {"amount": "240", "currency": "USD", "per_quantity": "1", "per_unit": "kg"},
            "standard_price": {"amount": "1900.50", "currency": "CNY", "per_quantity": "1", "per_unit": "kg"},
        }
    )


def test_the_currency_of_a_price_stands_beside_components() -> None:
    table = "item_id,parent_item_id,quantity,value,currency,budget_price\nMOTOR,,,,EUR,40\nROTOR,MOTOR,2,8,USD,\n"
    (item,) = items(table.encode(), "text/csv")
    assert isinstance(item, Item)
    assert item.budget_price is not None
    assert (item.budget_price.currency, item.components[0].currency) == ("EUR", "USD")


def test_terms_that_name_no_kind_refuse_the_row() -> None:
    (refused,) = items(b"item_id,index_material\nDY-OX,Dy\n", "text/csv")
    assert isinstance(refused, RefusedRow)
    assert refused.reasons == ("/pricing/kind is missing.",)
