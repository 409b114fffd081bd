"""JSON read element by element and number by number."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.received import Unreadable
from services.gateway.formats import json_text

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda children: st.one_of(st.lists(children, max_size=3), st.dictionaries(st.text(max_size=3), children, max_size=3)),
    max_leaves=8,
)


@given(st.lists(VALUES), st.sampled_from([None, 1]), st.booleans())
def test_the_elements_of_an_array_are_its_elements(values: list[Any], indent: int | None, ascii_only: bool) -> None:
    text = " " + json.dumps(values, indent=indent, ensure_ascii=ascii_only) + "\n"
    found = list(json_text.elements(text))
    assert [value for value, _ in found] == values
    assert [json.loads(own_text) for _, own_text in found] == values


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10))
def test_a_number_keeps_every_digit(number: Decimal) -> None:
    assert json_text.parse(f"[{number:f}]") == [number]


@pytest.mark.parametrize("text", ["", "{}", "[1", "[1,", "[1 2]", "[1,,2]", "[1]x", "[NaN]", "[{]"])
def test_what_is_no_array_stops_where_it_breaks(text: str) -> None:
    with pytest.raises(Unreadable):
        list(json_text.elements(text))


def test_what_came_before_the_break_has_been_read() -> None:
    elements = json_text.elements('[{"a": 1}, {"b"')
    assert next(elements) == ({"a": 1}, '{"a": 1}')
    with pytest.raises(Unreadable) as error:
        next(elements)
    assert (error.value.issue.code, error.value.issue.path) == ("TRUNCATED", "/1")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '{"a": "NaN \\" NaN",\n "b": NaN}',
            "NaN is not a number in JSON (line 2, column 7); leave a field out where its value is unknown.",
        ),
        ('[["Infinity", -Infinity]]', "/0: -Infinity is not a number in JSON (line 1, column 15); leave a field out"),
    ],
)
def test_a_constant_that_is_no_number_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Unreadable) as refused:
        json_text.parse(text) if text.startswith("{") else list(json_text.elements(text))
    assert str(refused.value).startswith(told)
    assert refused.value.issue.code == "NOT_A_NUMBER"
