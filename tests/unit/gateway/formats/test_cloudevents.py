"""CloudEvents around orders."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.gateway.documents import ReadOptions, orders_in
from services.gateway.domain.received import Received, Rejection, Unreadable
from services.gateway.formats import cloudevents
from tests.unit.gateway.formats.test_ubl import document as ubl_document
from tests.unit.gateway.orders import line, order

ATTRIBUTES = {"specversion": "1.0", "id": "e-1", "source": "urn:erp:sap:1000", "type": "purchaseorder.snapshot.v1"}


def event(data: Any = None, **more: Any) -> dict[str, Any]:
    return {**ATTRIBUTES, **({} if data is None else {"data": data}), **more}


def read(value: Any, media_type: str = cloudevents.STRUCTURED) -> list[Received | Rejection]:
    return list(orders_in(json.dumps(value).encode(), media_type, ReadOptions()))


def codes(found: list[Received | Rejection]) -> list[str]:
    return [each.code if isinstance(each, Rejection) else "taken" for each in found]


def test_a_structured_event_carries_an_order() -> None:
    (found,) = read(event(order()))
    assert isinstance(found, Received)
    assert (found.order_key, found.raw.transport_id, found.raw.adapter) == ("sap/1000/4500000001", "urn:erp:sap:1000 e-1", "cloudevents/1")


def test_data_may_be_base64_or_text_of_another_kind() -> None:
    xml = ubl_document()
    found = [
        *read(event(data_base64=base64.b64encode(xml).decode(), datacontenttype="application/xml")),
        *read(event(xml.decode(), datacontenttype="text/xml")),
        *read(event("po,material,qty\nA,M,1\nB,M,2\n", datacontenttype="text/csv; charset=utf-8")),
    ]
    assert [each.order_key for each in found if isinstance(each, Received)] == [
        "ubl/7300010000001/PO-1",
        "ubl/7300010000001/PO-1",
        "csv/default/A",
        "csv/default/B",
    ]


def test_a_batch_is_read_event_by_event() -> None:
    found = read(
        [
            event(order("A"), id="1"),
            event({"PurchaseOrder": "4500"}),
            5,
            event(order("B", lines=[line(), line("2", quantity={"value": "x"})])),
        ],
        cloudevents.BATCHED,
    )
    assert codes(found) == ["taken", "NOTIFICATION_ONLY", "NOT_A_CLOUDEVENT", "taken"]
    assert [(issue.path, issue.severity) for issue in found[3].issues] == [("/3/data/lines/1/quantity/value", "error")]
    assert found[1].place == "/1"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (event(order(), specversion="0.3"), "NOT_A_CLOUDEVENT"),
        ({**event(order()), "id": ""}, "NOT_A_CLOUDEVENT"),
        ({name: value for name, value in event(order()).items() if name != "source"}, "NOT_A_CLOUDEVENT"),
        (event(data_base64="%%%"), "NOT_BASE64"),
        (event(data_base64=7), "NOT_BASE64"),
        (event("text", datacontenttype="text/plain"), "MEDIA_TYPE_UNKNOWN"),
        (event("{}", datacontenttype=cloudevents.STRUCTURED), "NOT_AN_ORDER"),
        (event(), "NOT_AN_ORDER"),
        (event([order()]), "NOT_AN_ORDER"),
        ([], "NOT_A_CLOUDEVENT"),
    ],
)
def test_what_carries_no_order_is_refused(value: Any, code: str) -> None:
    assert codes(read(value)) == [code]


def test_a_batch_cut_off_keeps_what_came_before() -> None:
    whole = json.dumps([event(order("A")), event(order("B"))]).encode()
    entries: Iterator[Received | Rejection] = orders_in(whole[:-20], cloudevents.BATCHED, ReadOptions())
    assert isinstance(next(entries), Received)
    with pytest.raises(Unreadable) as error:
        next(entries)
    assert error.value.issue.code == "TRUNCATED"


def test_attributes_of_binary_mode_are_held_to_the_same() -> None:
    assert cloudevents.transport_id(ATTRIBUTES) == "urn:erp:sap:1000 e-1"
    with pytest.raises(Unreadable):
        cloudevents.transport_id({"specversion": "1.0"})
