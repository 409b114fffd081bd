"""What the words of price lists mean."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.formats import price_words
from services.gateway.formats.price_words import Goods, Money, Place


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Neodymium oxide", Goods("Nd", "oxide")),
        ("Nd oxide", Goods("Nd", "oxide")),
        ("Neodymoxid", Goods("Nd", "oxide")),
        ("NdPr oxide", Goods("NdPr", "oxide")),
        ("Praseodymium-neodymium metal", Goods("NdPr", "metal")),
        ("PrNd", Goods("NdPr")),
        ("氧化钕", Goods("Nd", "oxide")),
        ("氧化镨钕", Goods("NdPr", "oxide")),
        ("金属镝", Goods("Dy", "metal")),
        ("镝铁合金", Goods("DyFe", "alloy")),
        ("碳酸锂", Goods("Li", "compound", "Li2CO3")),
        ("Dysprosium", Goods("Dy")),
        ("Antimony", Goods("Sb", "metal")),
        ("Antimony trioxide", Goods("Sb", "oxide")),
        ("Germanium dioxide", Goods("Ge", "oxide")),
        ("Tungsten concentrate", Goods("W", "concentrate")),
        ("Ferroniobium", Goods("Nb", "alloy")),
        ("DyFe alloy", Goods("DyFe", "alloy")),
        ("DyFe", Goods("DyFe", "alloy")),
        ("NdFeB magnets", Goods("NdFeB", "magnet")),
        ("Lithium carbonate, battery grade", Goods("Li", "compound", "Li2CO3")),
        ("Nd2O3", Goods("Nd", "oxide", "Nd2O3")),
        ("Li2CO3", Goods("Li", "compound", "Li2CO3")),
        ("Nd", Goods("Nd")),
        ("Brent", None),
        ("Henry Hub", None),
        ("", None),
    ],
)
def test_a_product_is_its_element_and_form(written: str, meant: Goods | None) -> None:
    assert price_words.goods(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("China domestic", Place("CN", None, None)),
        ("FOB China", Place("CN", "FOB", None)),
        ("ex-works China", Place("CN", "EXW", None)),
        ("中国", Place("CN", None, None)),
        ("ex-China", Place("EX_CN", None, None)),
        ("ex China", Place("EX_CN", None, None)),
        ("CIF Rotterdam", Place("EX_CN", "CIF", None)),
        ("Europe", Place("EX_CN", None, None)),
        ("Europe CIF", Place("EX_CN", "CIF", None)),
        ("international", Place("EX_CN", None, None)),
        ("Rotterdam ask", Place("EX_CN", None, "ask")),
        ("US import unit value 2025", Place("EX_CN", None, "transacted")),
        ("2025 volume-weighted (96% of volume)", Place(None, None, "volume_backed")),
        ("Atlantis", Place(None, None, None)),
    ],
)
def test_a_market_is_its_world_its_term_and_sometimes_its_basis(written: str, meant: Place) -> None:
    assert price_words.place(written) == meant


@pytest.mark.parametrize(
    ("written", "paid", "unit"),
    [
        ("USD/kg", Money("USD"), "kg"),
        ("CNY/t", Money("CNY"), "t"),
        ("元/吨", Money("CNY"), "吨"),
        ("万元/吨", Money("CNY", Decimal(10_000)), "吨"),
        ("cents per pound", Money("USD", Decimal("0.01")), "pound"),
        ("dollars per metric ton", Money("USD"), "metric ton"),
        ("US$/lb", Money("USD"), "lb"),
        ("RMB/mt", Money("CNY"), "mt"),
        ("kg", None, "kg"),
    ],
)
def test_a_unit_may_say_the_money_too(written: str, paid: Money | None, unit: str) -> None:
    assert price_words.money_and_unit(written) == (paid, unit)


def test_a_bare_ton_is_metric_in_yuan_only() -> None:
    assert price_words.unit("ton", "CNY") == "t"
    assert price_words.unit("ton", "USD") is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("mid_cny_per_t", ("price", "cny", "t")),
        ("price_usd_kg", ("price", "usd", "kg")),
        ("usd_per_lb", ("price", "usd", "lb")),
        ("low_eur_per_kg", ("low", "eur", "kg")),
        ("price_per_t", None),
        ("order_id", None),
    ],
)
def test_a_column_may_say_money_and_unit(name: str, meant: tuple[str, str, str] | None) -> None:
    found = price_words.priced_column(name)
    assert (None if found is None else (found.holds, found.money, found.unit)) == meant


@given(st.text(max_size=60))
def test_no_text_breaks_a_table(text: str) -> None:
    price_words.goods(text)
    price_words.place(text)
    price_words.money_and_unit(text)
    price_words.priced_column(text)
    price_words.currency_pair(text)
    price_words.purity(text)
