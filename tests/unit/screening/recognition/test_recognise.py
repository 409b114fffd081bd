"""A whole line: where everything was seen, and what sources say against each other."""

from decimal import Decimal

import pytest

from services.screening.domain.goods import Interval
from tests.unit.screening.recognition.making import goods, material, materials, parameter


def test_each_sighting_carries_the_provenance_of_its_field() -> None:
    found = goods(
        "Dysprosium oxide",
        composition={"Dy2O3": "99.5 wt%"},
        codes={"CN_TARIFF": "2846901500"},
        provenance={"composition": "item_master", "classifications": "item_master", "description": "document"},
    )
    assert found.product_sighting is not None
    assert found.product_sighting.provenance == "document"
    assert material(found, "Dy").sighting.provenance == "item_master"


def test_a_sighting_that_says_no_more_is_left_out() -> None:
    found = goods("Dysprosium oxide 99.5%, Dy2O3", composition={"Dy2O3": "99.5 wt%"})
    assert len(materials(found, "Dy")) == 1


def test_two_sightings_that_differ_are_both_kept() -> None:
    found = goods("NdFeB magnets, Dy 1.9%", composition={"Dy": "0.4 wt%"})
    assert sorted(m.mass_share_percent.minimum or 0 for m in materials(found, "Dy")) == [Decimal("0.4"), Decimal("1.9")]


@pytest.mark.parametrize(
    ("name", "value", "percent"),
    [
        ("Dy content", "1.9 wt%", "1.9"),
        ("Dysprosium", "1,9 %", "1.9"),
        ("镝含量", "1.9%", "1.9"),
        ("Dy-Gehalt", "1,9 Gew.-%", "1.9"),
        ("teneur en Dy", "1,9 %", "1.9"),
        ("ジスプロシウム含有量", "1.9%", "1.9"),
    ],
)
def test_attributes_state_constituents(name: str, value: str, percent: str) -> None:
    found = goods("NdFeB magnets", attributes={name: value}, provenance={"attributes": "item_master"})
    dysprosium = material(found, "Dy")
    assert dysprosium.mass_share_percent == Interval(Decimal(percent), Decimal(percent))
    assert dysprosium.sighting.provenance == "item_master"
    assert found.composition_complete is None


@pytest.mark.parametrize(
    ("name", "value", "parameter_name", "number"),
    [
        ("Purity", "99.995 %", "purity_percent", "99.995"),
        ("Reinheit", "99,995 %", "purity_percent", "99.995"),
        ("純度", "99.995%", "purity_percent", "99.995"),
        ("Particle size D50", "3.5 µm", "particle_size_um", "3.5"),
        ("Korngröße", "3,5 µm", "particle_size_um", "3.5"),
        ("粒度", "3.5微米", "particle_size_um", "3.5"),
    ],
)
def test_attributes_state_parameters(name: str, value: str, parameter_name: str, number: str) -> None:
    found = goods("Gallium oxide powder", attributes={name: value})
    assert parameter(found, parameter_name).value == Interval(Decimal(number), Decimal(number))


def test_attributes_say_what_a_part_number_is() -> None:
    found = goods("X-7740-B", attributes={"Material": "NdFeB sintered, N42SH", "Shape": "ring"})
    assert found.magnet_family == "NdFeB"
    assert found.magnet_grade == "N42SH"
    assert found.products[0] == "permanent_magnet"
    assert {"Dy", "Tb"} == {m.element for m in found.materials if not m.certain}


def test_a_note_of_the_line_is_read_with_less_confidence() -> None:
    found = goods("Magnet 20x10x5", notes=("Composition: Nd 29 %, Dy 1.9 %, balance Fe",))
    dysprosium = material(found, "Dy")
    assert dysprosium.mass_share_percent.minimum == Decimal("1.9")
    assert dysprosium.sighting.confidence == "medium"


def test_a_grade_raises_candidates_and_no_content() -> None:
    found = goods("Sintered NdFeB N42SH")
    for element in ("Dy", "Tb"):
        candidate = material(found, element)
        assert not candidate.certain
        assert candidate.mass_share_percent == Interval()
        assert candidate.sighting.confidence == "low"
        assert candidate.sighting.evidence == "N42SH"


def test_what_is_excluded_is_no_candidate() -> None:
    found = goods("Sintered NdFeB N42SH, Dy-free")
    assert found.absent_elements == {"Dy"}
    assert not materials(found, "Dy")
    assert materials(found, "Tb")


def test_families_against_each_other() -> None:
    found = goods("SmCo magnet", attributes={"Material": "NdFeB"})
    assert any("SmCo" in sentence and "NdFeB" in sentence for sentence in found.contradictions)


def test_a_family_against_its_composition() -> None:
    assert "Nd: 30 wt%" in goods("SmCo magnets", composition={"Nd": "30 wt%"}).contradictions[0]


def test_of_two_purities_the_sooner_controlled_leads_and_both_are_named() -> None:
    found = goods("Antimony trioxide 99.8%", attributes={"Purity": "99.995 %"})
    assert parameter(found, "purity_percent").value.minimum == Decimal("99.995")
    assert "99.8%" in found.contradictions[0]
    assert "99.995" in found.contradictions[0]


def test_of_two_purities_that_agree_the_narrower_counts() -> None:
    found = goods("Gallium min 99.99 %", attributes={"Purity": "99.995 %"})
    assert parameter(found, "purity_percent").value == Interval(Decimal("99.995"), Decimal("99.995"))
    assert found.contradictions == ()


def test_a_material_for_something_is_only_a_candidate() -> None:
    found = goods("Powder for NdFeB magnets")
    assert found.products == ("powder",)
    assert not any(m.certain for m in found.materials)
    assert "Nd" in {m.element for m in found.materials}


def test_goods_for_a_material_do_not_hold_it() -> None:
    assert goods("Etching solution bottle for GaAs wafers, glass").materials == ()
    assert goods("Screwdriver for NdFeB magnet assembly").materials == ()


def test_equipment_and_technology_do_not_hold_what_they_are_about() -> None:
    assert goods("Jet mill for NdFeB powder").materials == ()
    assert goods("Know-how NdFeB sintering").materials == ()


def test_an_article_made_of_a_watched_compound_is_not_surely_ordinary() -> None:
    found = goods("Yttrium oxide crucible lid")
    assert found.products[0] == "other_finished_good"
    assert not found.product_certain
    assert "oxide" in found.products


def test_ordinary_goods_are_described_and_nothing_else() -> None:
    found = goods("Office chair, black, with armrests")
    assert found.described
    assert found.products == ("other_finished_good",)
    assert found.product_certain
    assert found.materials == ()


def test_nothing_is_made_of_nothing() -> None:
    found = goods()
    assert (found.products, found.materials, found.parameters, found.described) == ((), (), (), False)


def test_the_same_content_gives_the_same_goods() -> None:
    assert goods("Dysprosium oxide 99.5%") is goods("Dysprosium oxide 99.5%")
    assert goods("Dysprosium oxide 99.5%") is not goods("Dysprosium oxide 99.5%", provenance={"description": "item_master"})


@pytest.mark.parametrize("description", ["Powder, 25 kg", "Ingot 25 kg", "Target 4N", "Oxide", "Metallpulver 10 kg", "粉末 25kg"])
def test_a_form_without_a_material_says_as_little_as_a_part_number(description: str) -> None:
    found = goods(description)
    assert not found.described
    assert found.products == ()


def test_a_form_is_known_once_the_composition_names_the_material() -> None:
    found = goods("Sputtering target 3 inch", composition={"Gd": "99.9 wt%"})
    assert found.products[0] == "sputtering_target"
    assert found.product_certain


@pytest.mark.parametrize("text", ["NdFeB magnets, Dy+Tb 3,5 %", "NdFeB magnets with 3.5 wt% Dy + Tb", "钕铁硼磁体 镝铽3.5%"])
def test_a_sum_in_a_text_is_of_both(text: str) -> None:
    found = goods(text)
    for element in ("Dy", "Tb"):
        seen = material(found, element)
        assert seen.sum_of == {"Dy", "Tb"}
        assert seen.mass_share_percent == Interval(Decimal(0), Decimal("3.5"))
        assert seen.sum_percent.minimum == Decimal("3.5")
