import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts.order import OrderDocument, OrderKey


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_two_orders_have_one_text_key_only_if_they_are_one_order(system: str, company: str, order_id: str) -> None:
    key = OrderKey(system=system, company=company, order_id=order_id)
    assert str(key).count("/") == 2
    assert str(key) != str(OrderKey(system=system, company=company, order_id=order_id + "/"))


def document(**line: object) -> dict[str, object]:
    return {"order_key": {"system": "s", "company": "c", "order_id": "0042"}, "lines": [line]}


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"quantity": {"value": "NaN"}}, "value"),
        ({"quantity": {"value": "Infinity"}}, "value"),
        ({"quantity": {"value": "a few"}}, "value"),
        ({"quantity": {"value": "1" * 40}}, "value"),
        ({"requested_delivery": [{"date": "0001-01-01"}]}, "date"),
        ({"origin_country": "china"}, "origin_country"),
        ({"line_id": ""}, "line_id"),
    ],
)
def test_what_cannot_be_meant_is_refused_naming_the_field(line: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        OrderDocument.model_validate(document(**line))
    assert refusal.value.errors()[0]["loc"][-1] == field


def test_leading_zeros_and_decimals_survive_as_written() -> None:
    order = OrderDocument.model_validate(document(line_id="00010", quantity={"value": "0.10", "unit": "KGM"}))
    assert order.order_key.order_id == "0042"
    assert order.lines[0].line_id == "00010"
    assert '"value":"0.1"' in order.model_dump_json()


def test_a_reader_ignores_fields_it_does_not_know() -> None:
    assert OrderDocument.model_validate({**document(line_id="1"), "from_the_future": 1}).lines[0].line_id == "1"
