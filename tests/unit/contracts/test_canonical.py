import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.canonical import canonical_json, decimal_text, derive_id

decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=6)


@given(decimals)
def test_a_decimal_text_means_the_same_number_and_has_one_form(value: Decimal) -> None:
    text = decimal_text(value)
    assert Decimal(text) == value
    assert "E" not in text.upper()
    assert text == decimal_text(value * Decimal("1.000"))


@pytest.mark.parametrize(("value", "text"), [("1E+3", "1000"), ("0.50", "0.5"), ("-0.0", "0"), ("100", "100"), ("1E-7", "0.0000001")])
def test_decimal_texts(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.integers(-(2**53), 2**53), st.text(max_size=8), st.none()), max_size=6))
def test_the_order_of_keys_does_not_change_the_bytes(value: dict[str, object]) -> None:
    turned = dict(reversed(list(value.items())))
    assert canonical_json(value) == canonical_json(turned)
    assert json.loads(canonical_json(value)) == value


@given(st.lists(st.text(max_size=6), min_size=1, max_size=4), st.lists(st.text(max_size=6), min_size=1, max_size=4))
def test_different_parts_give_different_ids(one: list[str], other: list[str]) -> None:
    assert (derive_id(*one) == derive_id(*other)) == (one == other)


def test_an_id_depends_on_where_each_part_ends() -> None:
    assert derive_id("ab", "c") != derive_id("a", "bc")
