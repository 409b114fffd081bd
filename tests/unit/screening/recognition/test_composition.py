"""Stated compositions: shares per element, sums of several, exclusions, completeness and what cannot be."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.goods import Interval
from tests.unit.screening.recognition.making import goods, material, materials, parameter


def exactly(value: str) -> Interval:
    return Interval(Decimal(value), Decimal(value))


@pytest.mark.parametrize(
    ("substance", "share", "element", "percent"),
    [
        ("Dy2O3", "99.9 wt%", "Dy", "87.04"),
        ("DY2O3", "99.9 wt%", "Dy", "87.04"),
        ("Dysprosium oxide", "99.9 wt%", "Dy", "87.04"),
        ("Dysprosiumoxid", "99,9 Gew.-%", "Dy", "87.04"),
        ("oxyde de dysprosium", "99,9 %", "Dy", "87.04"),
        ("óxido de disprosio", "99,9 %", "Dy", "87.04"),
        ("酸化ジスプロシウム", "99.9%", "Dy", "87.04"),
        ("氧化镝", "99.9%", "Dy", "87.04"),
        ("氧化鏑", "99.9%", "Dy", "87.04"),
        ("Dy", "2.5 %", "Dy", "2.50"),
        ("DY", "2.5 %", "Dy", "2.50"),
        ("镝", "2.5 %", "Dy", "2.50"),
        ("Dy content", "2.5 %", "Dy", "2.50"),
        ("Dy-Gehalt", "2.5 %", "Dy", "2.50"),
        ("镝含量", "2.5 %", "Dy", "2.50"),
        ("Tb4O7", "1000 ppm", "Tb", "0.09"),
        ("La2(CO3)3", "REO 50 wt%", "La", "42.63"),
        ("GaAs", "100 wt%", "Ga", "48.20"),
        ("WC", "88 wt%", "W", "82.60"),
        ("IN", "99.99 %", "In", "99.99"),
        ("SmCo5", "100 %", "Sm", "33.79"),
    ],
)
def test_the_share_is_that_of_the_element(substance: str, share: str, element: str, percent: str) -> None:
    found = material(goods(composition={substance: share}), element)
    assert found.certain
    assert found.mass_share_percent.minimum is not None
    assert round(found.mass_share_percent.minimum, 2) == Decimal(percent)
    assert found.sighting.evidence == f"{substance}: {share}"


def test_a_hydrate_of_unknown_water_gives_an_interval() -> None:
    share = material(goods(composition={"CeCl3·xH2O": "99 %"}), "Ce").mass_share_percent
    assert share.minimum is not None
    assert share.maximum is not None
    assert share.minimum < Decimal(40) < share.maximum < Decimal(57)


def test_a_family_name_gives_presence_without_a_share() -> None:
    found = material(goods(composition={"LYSO": "100 %"}), "Lu")
    assert found.certain
    assert found.mass_share_percent == Interval()


def test_a_sum_leaves_each_element_open() -> None:
    found = goods("Sintered NdFeB magnet", composition={"Nd+Pr": "30.5 wt%", "Dy+Tb": "1.2 wt%"})
    for element, partners, limit in (("Nd", {"Nd", "Pr"}, "30.5"), ("Dy", {"Dy", "Tb"}, "1.2")):
        seen = material(found, element)
        assert seen.sum_of == partners
        assert seen.mass_share_percent == Interval(Decimal(0), Decimal(limit))
    assert not [m for m in found.materials if not m.certain], "what is summed is spoken of, not a candidate"


def test_not_found_is_not_zero_and_not_absent() -> None:
    found = goods("NdFeB magnet", composition={"Nd": "30 wt%", "Dy": "<0.01 wt%", "Tb": "n.d."})
    dysprosium, terbium = material(found, "Dy"), material(found, "Tb")
    assert dysprosium.below_detection
    assert dysprosium.mass_share_percent == Interval(Decimal(0), Decimal("0.01"))
    assert terbium.below_detection
    assert terbium.mass_share_percent == Interval(Decimal(0), None)
    assert found.absent_elements == frozenset()


def test_a_stated_zero_is_an_exclusion() -> None:
    found = goods("NdFeB magnet", composition={"Nd": "30 wt%", "Dy": "0 wt%"})
    assert found.absent_elements == {"Dy"}
    assert material(found, "Dy").mass_share_percent == exactly("0")
    assert not material(found, "Tb").certain


def test_value_and_mass_are_different_shares() -> None:
    found = material(goods("NdFeB magnet", composition={"Dy (CN)": "0.15 % of value"}), "Dy")
    assert found.value_share_percent == exactly("0.15")
    assert found.mass_share_percent == Interval()
    assert found.origin_country == "CN"


@pytest.mark.parametrize(
    "substance", ["Dy in magnet", "Dy im Magnet", "Dy dans l'aimant", "Dy en el imán", "磁体中的镝", "磁石中のジスプロシウム"]
)
def test_the_share_may_speak_of_a_part(substance: str) -> None:
    found = material(goods("Rotor assembly with NdFeB magnets", composition={substance: "3 wt%"}), "Dy")
    assert found.in_part is not None
    assert found.substance_class == "alloy"
    assert found.mass_share_percent == exactly("3")


def test_mixed_rare_earths_raise_candidates_and_the_share_of_the_heavy_ones() -> None:
    found = goods("Mixed rare earth carbonate", composition={"REO": "46 wt%", "HREE share": "32%"})
    assert parameter(found, "medium_heavy_share_of_reo_percent").value == exactly("32")
    assert parameter(found, "rare_earth_oxide_percent").value == exactly("46")
    assert {"Dy", "Tb", "Y", "Sm", "Gd"} <= {m.element for m in found.materials}
    assert not any(m.certain for m in found.materials)
    assert material(found, "Dy").mass_share_percent.maximum == Decimal("14.72")


@pytest.mark.parametrize(
    "name", ["HREO/TREO", "medium heavy share", "中重稀土占比", "Anteil schwerer Seltener Erden", "part de terres rares lourdes"]
)
def test_the_share_of_medium_and_heavy_ones_has_many_names(name: str) -> None:
    found = goods("Rare earth chloride", composition={"REO": "45 %", name: "12 %"})
    assert parameter(found, "medium_heavy_share_of_reo_percent").value == exactly("12")


def test_a_share_of_the_oxides_is_multiplied_out() -> None:
    found = goods("SEG concentrate", composition={"TREO": "50 %", "Dy2O3/TREO": "4 %"})
    share = material(found, "Dy").mass_share_percent
    assert share.minimum is not None
    assert round(share.minimum, 3) == Decimal("1.743")


@pytest.mark.parametrize(
    ("composition", "complete", "remainder"),
    [
        ({"Dy2O3": "99.5 wt%"}, True, "0.5"),
        ({"Nd": "29 wt%", "Dy": "1.9 wt%"}, False, "69.1"),
        ({"Sc": "2 wt%", "Al": "98 wt%"}, True, "0"),
        ({"Y2O3": "8 wt%", "ZrO2": "rest"}, True, "0"),
        ({"Nd": "28-32 %", "Fe": "64-68 %", "B": "1.0-1.2 %"}, True, "7.0"),
        ({"Dy in magnet": "3 wt%"}, None, None),
        ({"Dy": "0.2% of value"}, None, None),
        ({"CdTe": "film"}, None, None),
    ],
)
def test_a_composition_is_complete_when_it_adds_up(composition: dict[str, str], complete: bool | None, remainder: str | None) -> None:
    found = goods(composition=composition)
    assert found.composition_complete is complete
    assert found.composition_remainder_percent == (None if remainder is None else Decimal(remainder))


def test_what_is_counted_in_a_compound_is_not_counted_again() -> None:
    found = goods("YAG rods", composition={"Y3Al5O12": "99 wt%", "Y": "44.5 wt%"})
    assert found.contradictions == ()
    assert found.composition_remainder_percent == Decimal(1)


def test_the_rest_belongs_to_those_who_share_it() -> None:
    found = goods("Catalyst", composition={"Y2O3": "3 wt%", "ZrO2/CeO2": "rest"})
    share = material(found, "Ce").mass_share_percent
    assert share.minimum == 0
    assert share.maximum is not None
    assert round(share.maximum, 1) == Decimal("79.0"), "97 % CeO2 at most"


@pytest.mark.parametrize(
    ("composition", "said"),
    [
        ({"Nd": "60 wt%", "Fe": "60 wt%"}, "add up to 120 %"),
        ({"Dy": "-2 wt%"}, "is negative"),
        ({"Dy": "1.9"}, "has no unit"),
        ({"Dy": "NaN"}, "can be read"),
        ({"Dy": "150 %"}, "more than 100 %"),
        ({"Dy": "5-2 %"}, "ends before it starts"),
    ],
)
def test_absurd_compositions_become_sentences(composition: dict[str, str], said: str) -> None:
    found = goods("NdFeB magnet", composition=composition)
    assert len(found.contradictions) == 1
    assert said in found.contradictions[0]
    assert found.contradictions[0].endswith(".")
    assert not any(m.certain and m.element == "Dy" and m.mass_share_percent != Interval() for m in found.materials)


def test_a_composition_beside_a_denying_text_is_a_contradiction_and_leads() -> None:
    found = goods("NdFeB magnets, Dy-free", composition={"Nd": "29 %", "Dy": "1.5 %"})
    assert found.absent_elements == frozenset()
    assert material(found, "Dy").mass_share_percent == exactly("1.5")
    assert "Dy" in found.contradictions[0]


def test_a_bare_part_number_is_read_by_its_composition() -> None:
    found = goods("HX-99812-B", composition={"Tb4O7": "99.99 wt%"})
    assert found.products == ("oxide",)
    assert not found.product_certain
    assert found.described
    assert parameter(found, "purity_percent").value == exactly("99.99")


def test_magnets_are_known_by_their_composition() -> None:
    assert goods("Magnets", composition={"Sm": "25 wt%", "Co": "50 wt%"}).magnet_family == "SmCo"
    assert goods("Magnets", composition={"Nd+Pr": "30 wt%"}).magnet_family == "NdFeB"
    assert goods("Magnets", composition={"Dy": "0.8 wt%"}).magnet_family is None


def test_what_a_complete_composition_leaves_unnamed_is_bounded_by_the_remainder() -> None:
    found = goods("NdFeB magnet", composition={"Nd": "31 %", "Fe": "66.9 %", "B": "1.1 %", "Dy": "0.5 %"})
    assert found.composition_complete
    terbium = material(found, "Tb")
    assert not terbium.certain
    assert terbium.mass_share_percent.maximum == Decimal("0.5")


shares = st.decimals("0.01", "99", places=2)


@given(st.sampled_from(["Dy2O3", "Tb4O7", "GaAs", "Y3Al5O12", "WC", "Sm2Co17"]), shares)
def test_an_element_is_never_more_than_its_substance(substance: str, share: Decimal) -> None:
    found = goods(composition={substance: f"{share} wt%"})
    for seen in found.materials:
        high = seen.mass_share_percent.maximum
        assert high is not None
        assert 0 < high <= share


@given(st.dictionaries(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40), max_size=6))
def test_any_composition_is_read_or_explained(composition: dict[str, str]) -> None:
    found = goods(composition=composition)
    for seen in materials(found, "Dy"):
        low, high = seen.mass_share_percent.minimum, seen.mass_share_percent.maximum
        assert low is None or high is None or low <= high


@pytest.mark.parametrize("name", ["Dy*", "Element Dy", "DY", "dy", "Dy [%]", "Dy (wt.%)", "Dy元素", "Dy (total)", "(Dy)", "Dysprosum"])
def test_a_heading_around_a_name_does_not_hide_it(name: str) -> None:
    dysprosium = material(goods("Sintered NdFeB magnet", composition={name: "2 wt%"}), "Dy")
    assert dysprosium.certain
    assert dysprosium.mass_share_percent == Interval(Decimal(2), Decimal(2))


@pytest.mark.parametrize("name", ["(Dy+Tb)", "[Dy, Tb]", "Sum of Dy, Tb", "Total Dy+Tb", "Dy+Tb (total)", "Dy and/or Tb", "Dy / Tb"])
def test_a_sum_in_brackets_is_of_both(name: str) -> None:
    found = goods("Sintered NdFeB magnet", composition={name: "2 wt%"})
    for element in ("Dy", "Tb"):
        seen = material(found, element)
        assert seen.sum_of == {"Dy", "Tb"}
        assert seen.sum_percent == Interval(Decimal(2), Decimal(2))


def test_several_metals_of_one_compound_are_each_in_it() -> None:
    found = goods("(Y,Gd)2O3 99.9 %")
    assert {(seen.element, seen.substance) for seen in found.materials} == {("Y", "Y2O3"), ("Gd", "Gd2O3")}
    assert found.products == ("oxide",)
