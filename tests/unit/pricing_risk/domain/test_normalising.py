"""Prices as they are quoted become money per kilogram of contained element, tax out."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.domain.normalising import NormalPrice, NotNormalised, elements_of, normalise
from shared.chemistry.elements import USUAL_OXIDE
from shared.contracts.price import PriceTick, series_id
from shared.contracts.price_unit import PRICE_UNITS, price_unit


def tick(**fields: Any) -> PriceTick:
    said: dict[str, Any] = {
        "material": "Nd",
        "form": "oxide",
        "market": "EX_CN",
        "basis": "assessed",
        "price": "100",
        "currency": "USD",
        "unit": "kg",
        "as_of": "2025-09-25",
        "source": "desk",
    }
    return PriceTick.model_validate({name: value for name, value in {**said, **fields}.items() if value is not None})


def normal(**fields: Any) -> NormalPrice:
    found = normalise(tick(**fields))
    assert isinstance(found, NormalPrice), found
    return found


def refused(**fields: Any) -> str:
    found = normalise(tick(**fields))
    assert isinstance(found, NotNormalised), found
    return found.reason


@pytest.mark.parametrize(
    ("material", "factor"),
    [
        ("Nd", "0.8574"),
        ("Pr", "0.8277"),
        ("Dy", "0.8713"),
        ("Tb", "0.8502"),
        ("Sm", "0.8624"),
        ("Gd", "0.8676"),
        ("Y", "0.7874"),
        ("La", "0.8527"),
        ("Ce", "0.8141"),
        ("Eu", "0.8636"),
        ("Lu", "0.8794"),
        ("Sc", "0.6520"),
        ("Ga", "0.7439"),
        ("Ge", "0.6942"),
        ("Sb", "0.8354"),
        ("W", "0.7930"),
    ],
)
def test_a_kilogram_of_oxide_costs_what_the_element_in_it_costs(material: str, factor: str) -> None:
    found = normal(material=material, price="1")
    assert round(1 / found.price, 4) == Decimal(factor)
    assert found.elements == (material,)
    assert not found.assumed


def test_oxide_of_neodymium_and_praseodymium_is_taken_three_to_one_and_says_so() -> None:
    found = normal(material="NdPr", price="1")
    assert round(1 / found.price, 3) == Decimal("0.850")
    assert found.elements == ("Nd", "Pr")
    assert found.assumed == ("NdPr oxide is taken as 75 % Nd2O3 and 25 % Pr6O11.",)


@pytest.mark.parametrize(
    ("unit", "per_kg"),
    [
        ("kg", "100"),
        ("t", "0.1"),
        ("tonne", "0.1"),
        ("g", "100000"),
        ("lb", "220.462262185"),
        ("oz", "3527.39619496"),
        ("troy oz", "3215.07465686"),
        ("short ton", "0.110231131092"),
    ],
)
def test_a_unit_of_mass_is_brought_to_the_kilogram(unit: str, per_kg: str) -> None:
    assert normal(material="Bi", form="metal", unit=unit).price == Decimal(per_kg)


def test_an_ounce_of_a_precious_metal_is_a_troy_ounce() -> None:
    assert normal(material="Pt", form="metal", unit="oz").price == normal(material="Pt", form="metal", unit="ozt").price


def test_a_metric_ton_unit_is_ten_kilograms_of_contained_trioxide() -> None:
    """USGS: a metric ton unit of tungsten trioxide contains 7.93 kilograms of tungsten."""
    for unit in ("dmtu", "mtu"):
        assert round(normal(material="W", form="concentrate", unit=unit, price="380").price, 2) == round(Decimal(380) / Decimal("7.93"), 2)


def test_a_metric_ton_unit_of_manganese_ore_counts_the_metal() -> None:
    assert normal(material="Mn", form="concentrate", unit="dmtu", price="4.5").price == Decimal("0.45")


def test_tax_is_taken_out_of_a_chinese_price() -> None:
    """Nd oxide of 2022 in CNY with tax over the rate gave 132.8 USD/kg, beside 134 of USGS, of which 13 % are tax."""
    with_tax = normal(market="CN", currency="CNY", unit="t", tax="included", price="893000")
    without = normal(market="CN", currency="CNY", unit="t", tax="excluded", price=Decimal(893000) / Decimal("1.13") // 1)
    assert float(with_tax.price) == pytest.approx(893000 / 1.13 / 1000 / 0.85735, rel=1e-4)
    assert float(with_tax.price) == pytest.approx(float(without.price), rel=1e-5)


def test_the_rate_that_is_said_counts() -> None:
    older = normal(material="Dy", form="metal", market="CN", currency="CNY", unit="kg", tax="included", tax_percent="17", price="117")
    assert older.price == Decimal(100)


def test_a_price_in_yuan_without_a_word_on_tax_is_not_guessed() -> None:
    assert "say whether value-added tax is in it" in refused(market="CN", currency="CNY", unit="t")


def test_tax_of_another_country_needs_its_rate() -> None:
    assert "give tax_percent" in refused(currency="EUR", tax="included")
    assert normal(form="metal", currency="EUR", tax="included", tax_percent="25", price="125").price == Decimal(100)


def test_an_alloy_costs_what_the_bought_element_in_it_costs() -> None:
    said = normal(material="DyFe", form="alloy", contained_percent="75", price="150")
    assert said == NormalPrice(Decimal(200), ("Dy",))
    assumed = normal(material="DyFe", form="alloy", price="160")
    assert assumed.price == Decimal(200)
    assert assumed.assumed == ("How much Dy is in DyFe is not said; the nominal 80 % is taken.",)
    assert normal(material="AlSc", form="alloy", contained_percent="2", price="30") == NormalPrice(Decimal(1500), ("Sc",))


def test_what_is_in_a_magnet_or_a_compound_has_to_be_said() -> None:
    assert "give contained_percent, or the formula" in refused(material="NdPr", form="magnet")
    assert "How much Li is in a compound" in refused(material="Li", form="compound")
    assert round(normal(material="Li", form="compound", substance="Li2CO3", price="9").price, 2) == Decimal("47.91")
    assert "no formula that holds Nd" in refused(substance="Dy2O3")
    assert "no formula that holds Nd" in refused(substance="neodymia")


def test_content_and_tax_that_cannot_be_are_refused() -> None:
    assert "A content of 0 %" in refused(contained_percent="0")
    assert "A content of 101 %" in refused(contained_percent="101")
    assert "A tax of -1 %" in refused(tax="included", tax_percent="-1")


def test_an_exchange_rate_is_passed_through() -> None:
    rate = {"material": "CNY", "form": "currency", "market": "FX", "price": "0.1402"}
    assert normal(**rate, unit=None) == NormalPrice(Decimal("0.1402"), ())
    assert "neither unit nor tax" in refused(**rate)
    assert elements_of(tick(**rate, unit=None)) == ()


def test_what_is_no_element_is_per_its_own_unit() -> None:
    assert normal(material="Brent", form="compound", unit="bbl", price="-37.63") == NormalPrice(Decimal("-37.63"), ())
    assert "is no mass" in refused(unit="bbl")


def test_a_unit_that_is_missing_or_unknown_is_named() -> None:
    assert "give the unit" in refused(unit=None)
    assert "The unit ton is not known" in refused(unit="ton")


@pytest.mark.parametrize(
    ("material", "elements"),
    [
        ("Nd", ("Nd",)),
        ("NdPr", ("Nd", "Pr")),
        ("NdFeB", ("Nd",)),
        ("SmCo", ("Sm", "Co")),
        ("FeMn", ("Mn",)),
        ("WC", ("W",)),
        ("GaAs", ("Ga",)),
        ("C", ("C",)),
        ("Fe", ("Fe",)),
        ("Brent", ()),
        ("Neodym", ()),
    ],
)
def test_the_elements_of_a_material_are_what_it_is_bought_for(material: str, elements: tuple[str, ...]) -> None:
    assert elements_of(tick(material=material)) == elements


def test_a_series_is_named_by_all_that_makes_it_one() -> None:
    assert series_id(tick()) == "Nd/oxide/-/EX_CN/assessed/USD/-"
    assert series_id(tick(purity_percent="99.50", incoterm="FOB", market="CN", basis="ask")) == "Nd/oxide/99.5/CN/ask/USD/FOB"
    assert series_id(tick(material="a/b")) == "a%2Fb/oxide/-/EX_CN/assessed/USD/-"


def test_source_day_place_and_unit_are_not_part_of_a_series() -> None:
    assert series_id(tick(source="other", as_of="2024-01-01", location="Rotterdam", unit="t")) == series_id(tick())


decimals = st.decimals(min_value="-1e12", max_value="1e12", places=6)


@given(
    price=decimals,
    unit=st.sampled_from((*PRICE_UNITS, "ton", None)),
    material=st.sampled_from(("Nd", "NdPr", "DyFe", "W", "Brent", "SEG", "USD")),
    form=st.sampled_from(("oxide", "metal", "alloy", "compound", "concentrate", "magnet", "currency")),
    market=st.sampled_from(("CN", "EX_CN", "FX")),
    currency=st.sampled_from(("CNY", "USD")),
    tax=st.sampled_from(("included", "excluded", None)),
    contained=st.none() | st.decimals(min_value=-10, max_value=110, places=3),
)
def test_every_tick_is_normalised_or_told_why_not(price: Decimal, contained: Decimal | None, **said: Any) -> None:
    found = normalise(tick(price=price, contained_percent=contained, **said))
    if isinstance(found, NotNormalised):
        assert found.reason.endswith(".")
    else:
        assert found.price.is_finite()
        assert (found.price > 0) == (price > 0)
        PriceTick.model_validate({**tick().model_dump(), "price": found.price})


def test_written_units_are_read_and_a_bare_ton_is_not() -> None:
    assert [price_unit(text) for text in ("Tonne", "MT", "troy ounce", "吨", "dry metric ton unit", "MMBtu", "ton")] == [
        "t",
        "t",
        "ozt",
        "t",
        "mtu",
        "MMBtu",
        None,
    ]


def test_oxides_are_known_of_every_rare_earth() -> None:
    for element in USUAL_OXIDE:
        assert normal(material=element, price="1").price > 1
