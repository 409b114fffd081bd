"""Canonical JSON: what is right is taken exactly, what is wrong gets its answer, and nothing makes the reader fall over."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.domain.received import Limits, Received, Rejection, Unreadable
from services.gateway.formats.canonical import read_line, read_one
from shared.contracts.order import OrderDocument
from tests.unit.gateway.orders import LIMITS, line, order


def read(value: Any, limits: Limits = LIMITS) -> Received | Rejection:
    return read_one(value if isinstance(value, bytes) else json.dumps(value).encode(), limits)


def taken(value: Any, limits: Limits = LIMITS) -> Received:
    found = read(value, limits)
    assert isinstance(found, Received), found
    return found


def refused(value: Any, limits: Limits = LIMITS) -> list[tuple[str, str]]:
    found = read(value, limits)
    assert isinstance(found, Rejection), found
    return [(issue.code, issue.path) for issue in found.issues]


def told(found: Received | Rejection) -> list[tuple[str, str]]:
    return [(issue.code, issue.path) for issue in found.issues]


def test_an_order_is_taken_as_it_stands() -> None:
    document = taken(order(supplier={"id": "0000100101"}, revision={"source_seq": 2})).document
    assert document == OrderDocument.model_validate(order(supplier={"id": "0000100101"}, revision={"source_seq": 2}))


def test_numbers_are_exact_whether_written_as_text_or_as_number() -> None:
    body = json.dumps(order(lines=[line(quantity={"value": "@", "unit": "KGM"})]))
    for written in ("0.1", "123456789012345.123456789012345", "1e3", "-0"):
        as_text, as_number = (taken(body.replace('"@"', form).encode()) for form in (f'"{written}"', written))
        assert as_text.document == as_number.document
    first = as_text.document.lines[0].quantity
    assert first is not None
    assert str(first.value) == "-0"


LINE_MISTAKES = [
    ({"quantity": {"value": "a few"}}, "NOT_A_NUMBER", "/quantity/value"),
    ({"quantity": {"value": "NaN"}}, "NOT_A_NUMBER", "/quantity/value"),
    ({"quantity": {"value": True}}, "NOT_A_NUMBER", "/quantity/value"),
    ({"quantity": "5"}, "VALUE_INVALID", "/quantity"),
    ({"price": {"amount": "1" * 16}}, "NUMBER_OUT_OF_RANGE", "/price/amount"),
    ({"price": {"currency": "EUR"}}, "FIELD_MISSING", "/price/amount"),
    ({"item": {"buyer_id": 4711}}, "NOT_A_TEXT", "/item/buyer_id"),
    ({"description": "x" * 8001}, "TEXT_TOO_LONG", "/description"),
    ({"classifications": [{"scheme": "HS6", "code": "1"}]}, "VALUE_INVALID", "/classifications/0/scheme"),
    ({"composition": "Dy"}, "VALUE_INVALID", "/composition"),
]


@pytest.mark.parametrize(("mistake", "code", "path"), LINE_MISTAKES)
def test_one_bad_line_is_held_and_the_order_is_taken(mistake: dict[str, Any], code: str, path: str) -> None:
    found = taken(order(lines=[line("1"), line("2", **mistake)]))
    assert told(found) == [(code, "/lines/1" + path)]
    assert set(found.unscreenable) == {1}
    assert found.document.lines[0] == OrderDocument.model_validate(order(lines=[line("1")])).lines[0]
    assert found.document.lines[1].line_id == "2"


@pytest.mark.parametrize(("mistake", "code", "path"), LINE_MISTAKES)
def test_an_order_without_a_usable_line_is_refused_with_the_reason(mistake: dict[str, Any], code: str, path: str) -> None:
    assert refused(order(lines=[line(**mistake)])) == [(code, "/lines/0" + path)]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"order_key": None}, "/order_key"),
        ({"order_key": {"system": "s", "company": "c"}}, "/order_key/order_id"),
        ({"order_key": {"system": "s", "company": "c", "order_id": 4500}}, "/order_key/order_id"),
        ({"order_key": {"system": "s", "company": "c", "order_id": ""}}, "/order_key/order_id"),
        ({"order_key": {"system": "s", "company": "c", "order_id": "x" * 201}}, "/order_key/order_id"),
        ({"revision": {"source_seq": "abc"}}, "/revision/source_seq"),
        ({"revision": {"source_seq": -1}}, "/revision/source_seq"),
        ({"status": "OPEN"}, "/status"),
        ({"supplier": "ACME"}, "/supplier"),
        ({"end_user": {"user_class": "soldier"}}, "/end_user/user_class"),
        ({"banks": [{"name": 5}]}, "/banks/0/name"),
        ({"end_use_text": ["x"]}, "/end_use_text"),
        ({"lines": "none"}, "/lines"),
    ],
)
def test_what_could_turn_a_doubt_into_a_pass_refuses_the_order(fields: dict[str, Any], path: str) -> None:
    assert [each for _, each in refused({**order(), **fields})] == [path]


@pytest.mark.parametrize("lines", [[], None])
def test_an_order_needs_lines_unless_it_has_ended(lines: list[Any] | None) -> None:
    assert refused({**order(), "lines": lines}) == [("NO_LINES", "/lines")]
    assert taken({**order(status="cancelled"), "lines": lines}).document.lines == []


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"issued_on": "0001-01-01"}, "OUT_OF_RANGE", "/issued_on"),
        ({"issued_on": 20261118}, "VALUE_INVALID", "/issued_on"),
        ({"issued_on": "18.11.2026"}, "VALUE_INVALID", "/issued_on"),
        ({"currency": "XXQ"}, "CURRENCY_UNKNOWN", "/currency"),
        ({"supplier": {"country": "Atlantis"}}, "COUNTRY_UNKNOWN", "/supplier/country"),
        ({"revision": {"source_changed_at": "0001-01-01T00:00:00+02:00"}}, "OUT_OF_RANGE", "/revision/source_changed_at"),
        ({"revision": {"source_changed_at": "2026-11-18T09:30:00"}}, "VALUE_INVALID", "/revision/source_changed_at"),
        ({"texts": [{"kind": "note"}]}, "FIELD_MISSING", "/texts/0/text"),
    ],
)
def test_what_an_order_can_spare_is_left_out_and_told(fields: dict[str, Any], code: str, path: str) -> None:
    found = taken(order(**fields))
    assert told(found) == [(code, path)]
    assert not found.unscreenable
    assert all(issue.severity == "warning" for issue in found.issues)


def test_a_null_date_of_a_line_is_left_out_and_the_others_stay() -> None:
    found = taken(order(lines=[line(requested_delivery=[{"date": "0001-01-01"}, {"date": "2027-01-15"}, {"date": "x"}])]))
    assert [str(each.date) for each in found.document.lines[0].requested_delivery] == ["2027-01-15"]
    assert not found.unscreenable


def test_codes_are_read_as_they_were_meant() -> None:
    document = taken(
        order(
            currency="rmb",
            supplier={"country": "People's Republic of China"},
            ship_to={"country": "deu"},
            lines=[line(origin_country="cn", price={"amount": "1", "currency": "€"}, manufacturer={"country": "Japan"})],
        )
    ).document
    assert document.supplier is not None
    assert document.ship_to is not None
    assert document.lines[0].price is not None
    assert document.lines[0].manufacturer is not None
    assert (document.currency, document.supplier.country, document.ship_to.country) == ("CNY", "CN", "DE")
    assert document.supplier.country_raw == "People's Republic of China"
    assert (document.lines[0].origin_country, document.lines[0].price.currency, document.lines[0].manufacturer.country) == (
        "CN",
        "EUR",
        "JP",
    )


def test_a_region_is_no_country() -> None:
    """N402=CH in a Mexican address is Chihuahua; the region field is left alone."""
    document = taken(order(supplier={"region": "CH", "country": "MEX"})).document
    assert document.supplier is not None
    assert (document.supplier.region, document.supplier.country) == ("CH", "MX")


def test_empty_values_are_unknown_and_not_worth_a_word() -> None:
    found = taken(
        order(
            currency="",
            supplier={"name": "", "country": "", "identifiers": None},
            texts=None,
            lines=[
                line(
                    description="",
                    origin_country=None,
                    price=None,
                    quantity={"value": "", "unit": "KGM"},
                    requested_delivery=[{"date": ""}],
                )
            ],
        )
    )
    assert told(found) == []
    assert found.document.lines[0].quantity is None
    assert found.document.lines[0].requested_delivery == []


@pytest.mark.parametrize("name", ["ACME\u200b Metals", "\u202eselgnA\u202c", "\ufeffBaotou", "Soft\u00adware", "bell\u0007"])
def test_hidden_characters_are_kept_and_told(name: str) -> None:
    found = taken(order(supplier={"name": name}))
    assert found.document.supplier is not None
    assert found.document.supplier.name == name
    assert told(found) == [("HIDDEN_CHARACTERS", "/supplier/name")]
    assert "U+" in found.issues[0].message


def test_names_in_any_script_are_no_issue() -> None:
    assert told(taken(order(supplier={"name": "包头清河稀土材料有限公司 Öçé 関西磁石", "address_lines": ["a\nb"]}))) == []


def test_lost_characters_are_told_and_nul_is_refused() -> None:
    assert told(taken(order(supplier={"name": "M\ufffdller"}))) == [("CHARACTERS_LOST", "/supplier/name")]
    assert refused(order(supplier={"name": "M\x00ller"})) == [("NUL_CHARACTER", "/supplier/name")]
    assert refused(b'{"order_key":{"system":"\\ud800","company":"c","order_id":"o"},"lines":[]}') == [
        ("VALUE_INVALID", "/order_key/system")
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "TRUNCATED"),
        (b'{"order_key": {"system": "s"', "TRUNCATED"),
        (b'{"order_key": "unfinished', "TRUNCATED"),
        (b"nope", "NOT_JSON"),
        (b'{"a": 1} {"b": 2}', "NOT_JSON"),
        (b'{"a": NaN}', "NOT_A_NUMBER"),
        (b'{"a": -Infinity}', "NOT_A_NUMBER"),
        (b'{"a": "\xe9"}', "NOT_UTF_8"),
        (b"[" * 100_000, "TOO_DEEP"),
        (b'{"a":' * 100_000, "TOO_DEEP"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "NUMBER_OUT_OF_RANGE"),
        (b'{"a": 1e99999999999999999999}', "NOT_A_NUMBER"),
    ],
)
def test_what_is_not_json_is_told_apart(body: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(body)
    assert error.value.issue.code == code
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("body", [b"[]", b"5", b'"order"', b"null", b"true"])
def test_json_that_is_no_order_is_refused(body: bytes) -> None:
    assert refused(body) == [("NOT_AN_ORDER", "")]


def test_every_limit_is_named() -> None:
    assert refused(order(lines=[line(str(n)) for n in range(11)]), Limits(lines_per_order=10)) == [("TOO_MANY_LINES", "/lines")]
    with pytest.raises(Unreadable, match="100 are the most"):
        read(order(), Limits(order_bytes=100))
    with pytest.raises(Unreadable, match="1000000 values"):
        read(b"[" + b"0," * 1_000_001 + b"0]")
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    assert refused(order(extra=deep)) == [("TOO_DEEP", "")]
    held = taken(order(lines=[line("1"), line("2", texts=[{"kind": "note", "text": "x" * 4000}] * 30)]), Limits(line_bytes=64 * 1024))
    assert (told(held), set(held.unscreenable)) == ([("LINE_TOO_LARGE", "/lines/1")], {1})
    assert held.document.lines[1].line_id == "2"


def test_a_line_of_newline_delimited_json_names_its_number() -> None:
    bad = read_line(b'{"order_key"', 17, LIMITS)
    assert isinstance(bad, Rejection)
    assert (bad.place, bad.unreadable, bad.message.startswith("line 17: ")) == ("line 17", True, True)
    held = read_line(json.dumps(order(lines=[line("1"), line("2", quantity={"value": "x"})])).encode(), 3, LIMITS)
    assert held.issues[0].message.startswith("line 3: /lines/1/quantity/value is")


JSON_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=5),
        st.sampled_from(["", "1", "CN", "2026-01-01"]),
    ),
    lambda children: st.one_of(st.lists(children, max_size=3), st.dictionaries(st.text(max_size=3), children, max_size=3)),
    max_leaves=6,
)
PATHS = st.sampled_from(
    [
        *(
            ("order_key",),
            ("revision",),
            ("revision", "source_seq"),
            ("revision", "source_changed_at"),
            ("status",),
            ("issued_on",),
            ("currency",),
        ),
        *(
            ("supplier",),
            ("supplier", "name"),
            ("supplier", "identifiers"),
            ("supplier", "address_lines"),
            ("end_user",),
            ("banks",),
            ("texts",),
        ),
        *(
            ("lines",),
            ("lines", 0),
            ("lines", 1, "line_id"),
            ("lines", 1, "item"),
            ("lines", 1, "quantity"),
            ("lines", 1, "quantity", "value"),
        ),
        *(
            ("lines", 1, "price"),
            ("lines", 1, "requested_delivery"),
            ("lines", 1, "composition"),
            ("lines", 1, "manufacturer"),
            ("references",),
        ),
    ]
)


@settings(max_examples=300)
@given(st.lists(st.tuples(PATHS, JSON_VALUES), min_size=1, max_size=4))
def test_whatever_stands_where_gets_an_answer(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    value: Any = order(revision={}, supplier={"name": "x"}, lines=[line("1"), line("2"), line("3")])
    for path, wrong in changes:
        holder = value
        for part in path[:-1]:
            try:
                holder = holder[part]
            except (KeyError, IndexError, TypeError):
                holder = None
        with suppress(TypeError, IndexError):
            holder[path[-1]] = wrong
    found = read(value)
    if isinstance(found, Rejection):
        assert found.issues
        assert all(issue.message.endswith(".") for issue in found.issues)
    else:
        OrderDocument.model_validate_json(found.document.model_dump_json())
        assert len(found.unscreenable) < len(found.document.lines) or not found.document.lines


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fall_over(body: bytes) -> None:
    with suppress(Unreadable):
        found = read(body)
        assert found.issues or isinstance(found, Received)


@given(st.data())
def test_an_order_cut_anywhere_is_told_to_be_cut_off(data: st.DataObject) -> None:
    body = json.dumps(order(supplier={"name": "包头"}), ensure_ascii=False).encode()
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(Unreadable) as error:
        read(body[:cut])
    assert error.value.issue.code in ("TRUNCATED", "NOT_UTF_8")


@pytest.mark.parametrize(("sent", "shown"), [("null", "null"), ("true", "true"), ('"x"', '"x"'), ("7", "7")])
def test_what_is_no_order_is_shown_as_it_was_sent(sent: str, shown: str) -> None:
    found = read(sent.encode())
    assert isinstance(found, Rejection)
    assert found.message == f"An order is an object, this is {shown}; send an object with order_key and lines."


def test_countries_and_currencies_of_components_are_tidied_at_any_depth() -> None:
    inner = {"item_id": "SHAFT", "origin_country": "Atlantis", "currency": "eur"}
    found = taken(order(lines=[line(components=[{"item_id": "ROTOR-7", "origin_country": "chn", "components": [inner]}])]))
    rotor = found.document.lines[0].components[0]
    assert (rotor.origin_country, rotor.components[0].currency, rotor.components[0].origin_country) == ("CN", "EUR", None)
    assert told(found) == [("COUNTRY_UNKNOWN", "/lines/0/components/0/components/0/origin_country")]


def test_a_component_that_cannot_be_read_holds_its_line() -> None:
    found = taken(order(lines=[line(), line("20", components=[{"item_id": "ROTOR-7", "mass_kg": "much"}])]))
    assert list(found.unscreenable) == [1]
    assert told(found)[0][1] == "/lines/1/components/0/mass_kg"
