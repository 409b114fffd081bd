"""The portfolio: every grouping adds up to the whole, and so does expected shortfall; what is unknown is told, not counted as nothing."""

from datetime import timedelta
from decimal import Decimal
from math import fsum
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pricing_risk.domain.open_order import OpenLine, open_order
from services.pricing_risk.domain.portfolio import Dimension
from services.pricing_risk.domain.positions import LinePosition, OrderPosition
from services.pricing_risk.domain.valuation import pricing_window, unpriced
from tests.unit.pricing_risk.domain.open_books import (
    COPPER,
    DYSPROSIUM,
    GERMANIUM,
    NEODYMIUM,
    TODAY,
    line,
    order,
    portfolio,
)

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
SUMS = ("market_value", "exposure", "hedged", "hedgeable", "without_risk")

TERMS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(dict),
    st.builds(dict, pricing=st.just("fixed"), open_value=st.integers(1, 10**6).map(Decimal)),
    st.builds(dict, pricing_on=st.integers(-30, 500).map(lambda days: TODAY + timedelta(days=days))),
    st.builds(
        dict,
        pricing=st.just("average"),
        quotation_from=st.integers(-40, 10).map(lambda days: TODAY + timedelta(days=days)),
        quotation_to=st.integers(10, 200).map(lambda days: TODAY + timedelta(days=days)),
    ),
    st.builds(dict, hedged_percent=st.integers(0, 100).map(Decimal), factor=st.sampled_from(["0.5", "1", "1.2"])),
)
MATERIALS = st.sampled_from(
    [(DYSPROSIUM, "Dy"), (NEODYMIUM, "Nd"), (COPPER, "Cu"), (GERMANIUM, "Ge"), (None, "Tb"), ("Tb/metal/-/CN/ask/EUR/-", "Tb")]
)


@st.composite
def lines(draw: st.DrawFn, number: int) -> LinePosition:
    series, element = draw(MATERIALS)
    kilograms = draw(st.one_of(st.none(), st.integers(1, 10_000).map(str)))
    terms: dict[str, Any] = dict(draw(TERMS))
    return line(number, series, kilograms, (element,), **terms)


@st.composite
def books(draw: st.DrawFn) -> list[OrderPosition]:
    return [
        order(
            number,
            *(draw(lines(place)) for place in range(draw(st.integers(1, 3)))),
            country=draw(st.sampled_from(["CN", "DE", None])),
            currency=draw(st.sampled_from(["USD", "CNY", "GBP", None])),
            company=draw(st.sampled_from(["1000", "2000"])),
        )
        for number in range(draw(st.integers(0, 6)))
    ]


@given(books())
@settings(max_examples=40, deadline=None)
def test_every_grouping_adds_up_to_the_whole(orders: list[OrderPosition]) -> None:
    found = portfolio(*orders)
    for dimension in DIMENSIONS:
        groups = found.by(dimension).values()
        for name in SUMS:
            assert fsum(getattr(group, name) for group in groups) == pytest.approx(getattr(found.total, name), rel=1e-9, abs=1e-6)
        for part in ("price", "exchange", "total"):
            whole = getattr(found.risk.expected_shortfall, part)
            assert fsum(getattr(group.shortfall, part) for group in groups) == pytest.approx(whole, rel=1e-9, abs=1e-6)
        assert fsum(group.alone for group in groups) >= found.risk.expected_shortfall.total - 1e-6
        if dimension != "element":
            assert sum(group.lines for group in groups) == found.total.lines
            assert sum(group.unknown_lines for group in groups) == found.total.unknown_lines
    parts = fsum(worst.shortfall.total for worst in found.worst(10_000))
    assert parts == pytest.approx(found.risk.expected_shortfall.total, rel=1e-9, abs=1e-6)


@given(books(), st.randoms())
@settings(max_examples=25, deadline=None)
def test_the_order_of_orders_changes_nothing(orders: list[OrderPosition], chance: Any) -> None:
    before = portfolio(*orders)
    shuffled = [one.model_copy(update={"lines": chance.sample(one.lines, len(one.lines))}) for one in orders]
    chance.shuffle(shuffled)
    after = portfolio(*shuffled)
    assert after.total == before.total
    assert [(worst.line.name, worst.shortfall) for worst in after.worst(99)] == [
        (worst.line.name, worst.shortfall) for worst in before.worst(99)
    ]
    for dimension in DIMENSIONS:
        assert list(after.by(dimension).items()) == list(before.by(dimension).items())


@given(books())
@settings(max_examples=25, deadline=None)
def test_a_line_whose_price_is_set_changes_no_exposure_and_no_risk(orders: list[OrderPosition]) -> None:
    before = portfolio(*orders).total
    fixed = line(1, NEODYMIUM, "5000", ("Nd",), pricing="fixed", open_value=Decimal(10**6))
    after = portfolio(*orders, order(99, fixed)).total
    assert (after.exposure, after.hedged, after.shortfall, after.alone) == (before.exposure, before.hedged, before.shortfall, before.alone)
    assert after.market_value > before.market_value


def test_a_floating_line_is_exposed_with_what_the_contract_passes_on_less_what_is_hedged() -> None:
    total = portfolio(order(1, line(1, DYSPROSIUM, "10", factor="0.8", hedged_percent=Decimal(25)))).total
    assert total.market_value == pytest.approx(3000)
    assert total.exposure == pytest.approx(3000 * 0.8 * 0.75)
    assert total.hedged == pytest.approx(3000 * 0.8 * 0.25)


def test_money_in_another_currency_is_exposed_to_its_rate_and_the_part_is_told() -> None:
    total = portfolio(order(1, line(1, NEODYMIUM, "10", ("Nd",)))).total
    assert total.exposure == pytest.approx(10 * 500 * 0.14)
    assert total.shortfall.exchange != 0.0
    assert portfolio(order(1, line(1))).total.shortfall.exchange == 0.0


def test_only_what_a_listed_contract_exists_for_is_hedgeable() -> None:
    total = portfolio(order(1, line(1), line(2, COPPER, "600", ("Cu",)))).total
    assert total.exposure == pytest.approx(9000)
    assert total.hedgeable == pytest.approx(6000)


def test_what_is_unknown_is_counted_and_named_and_its_known_part_stays() -> None:
    no_series = line(1, None, "1", ("Tb",))
    no_content = line(2, DYSPROSIUM, None)
    no_goods = LinePosition(line_id="3", pricing="index")
    pounds = line(4, DYSPROSIUM, "10", pricing="fixed", open_value=Decimal(100))
    found = portfolio(order(1, no_series, no_content, no_goods), order(2, pounds, currency="GBP"))
    assert (found.total.lines, found.total.unknown_lines) == (4, 4)
    assert dict(found.missing()) == {
        "a price of Tb": 1,
        "an exchange rate from GBP to USD": 1,
        "how much Dy the goods contain": 1,
        "what the contract adds to the index": 1,
        "what the goods contain": 1,
    }
    assert found.total.market_value == pytest.approx(3000)
    assert found.by("element")[None].unknown_lines == 1


def test_what_a_contract_does_not_pass_on_is_neither_exposed_nor_missed() -> None:
    copper, terbium = line(1, COPPER, "100", ("Cu",)).materials[0], line(1, None, "1", ("Tb",), factor=0).materials[0]
    (found,) = portfolio(order(1, line(1).model_copy(update={"materials": [copper, terbium]}))).lines
    assert [material.exposure for material in found.materials] == [1000.0, 0.0]
    assert found.cost == 1000.0


def test_an_annual_price_tells_an_exposure_and_no_risk() -> None:
    found = portfolio(order(1, line(1, GERMANIUM, "1", ("Ge",))))
    assert (found.total.exposure, found.total.without_risk, found.total.shortfall.total) == (2000.0, 2000.0, 0.0)


def test_the_cost_of_a_line_is_its_price_where_that_is_set_else_todays_and_what_a_formula_adds() -> None:
    fixed = line(1, NEODYMIUM, "10", ("Nd",), pricing="fixed", open_value=Decimal(9000), budget_value=Decimal(8000))
    formula = line(2, DYSPROSIUM, "10", factor="0.5", pricing="formula", fixed_value=Decimal(100), budget_value=Decimal(900))
    unpriced = line(3, None, "10", ("Tb",))
    one, other, unknown = portfolio(order(1, fixed, currency="EUR"), order(2, formula, unpriced)).lines
    assert one.cost == pytest.approx(9000 / 0.9)
    assert one.budget == pytest.approx(8000 / 0.9)
    assert other.cost == pytest.approx(1600)
    assert other.budget == 900
    assert unknown.cost is None


def terms_of(one: LinePosition) -> OpenLine:
    return open_order(order(1, one)).lines[0]


@pytest.mark.parametrize(
    ("terms", "fraction"),
    [
        ({"pricing": "fixed"}, 0.0),
        ({"pricing": "index", "pricing_on": None}, 1.0),
        ({"pricing": "index", "pricing_on": TODAY}, 0.0),
        ({"pricing": "formula", "pricing_on": TODAY + timedelta(days=1)}, 1.0),
        ({"quotation_from": TODAY + timedelta(days=1), "quotation_to": TODAY + timedelta(days=10)}, 1.0),
        ({"quotation_from": TODAY - timedelta(days=9), "quotation_to": TODAY + timedelta(days=10)}, 0.5),
        ({"quotation_from": TODAY - timedelta(days=9), "quotation_to": TODAY}, 0.0),
    ],
)
def test_how_much_of_a_price_is_not_set_follows_from_the_terms_and_the_day(terms: dict[str, Any], fraction: float) -> None:
    assert unpriced(terms_of(line(1, **terms)), TODAY) == fraction


def test_a_pricing_day_that_nobody_tells_is_assumed_a_quarter_away_and_marked() -> None:
    assert pricing_window(terms_of(line(1, pricing_on=None)), TODAY) == ((65, 65), True)
    assert pricing_window(terms_of(line(1, pricing_on=TODAY + timedelta(days=7))), TODAY) == ((5, 5), False)
    begun = line(1, quotation_from=TODAY - timedelta(days=7), quotation_to=TODAY + timedelta(days=14))
    assert pricing_window(terms_of(begun), TODAY) == ((1, 10), False)


def test_lines_are_worst_by_their_part_of_the_expected_shortfall() -> None:
    found = portfolio(*(order(number, line(1, kg=str(number))) for number in range(1, 6)))
    assert [worst.line.name[0] for worst in found.worst(2)] == ["erp/1000/5", "erp/1000/4"]
