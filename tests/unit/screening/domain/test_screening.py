"""What the built-in law answers for goods made by hand: date traps, carve-outs, layers, scenarios, unknowns."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.basis import Basis
from services.screening.domain.goods import Goods
from services.screening.domain.judgement import Rank
from services.screening.domain.law import Scenario, UnknownInstrument, law_from_content
from services.screening.domain.parties import PartyList, compile_parties
from services.screening.domain.party_content import ListedName, Notice, PartyContent
from services.screening.domain.screening import screen_order
from shared.contracts.order import EndUser, OrderSnapshot, Party, RequestedDelivery
from shared.contracts.screening import Answer
from tests.unit.screening.making import (
    DYSPROSIUM_OXIDE,
    GERMANIUM_DIOXIDE,
    HOLMIUM_OXIDE,
    OFFICE_CHAIR,
    TODAY,
    built_in_law,
    built_in_parties,
    china,
    goods,
    line,
    material,
    neodymium_magnet,
    order,
    screen,
)

MILITARY = EndUser(user_class="military")
SAMARIUM_COBALT = goods("permanent_magnet", materials=[material("Sm", "alloy", "SmCo", share="25")], magnet_family="SmCo")
IN_2026 = date(2026, 3, 20)


def abroad(**fields: Any) -> OrderSnapshot:
    """Goods of Chinese origin that lie in Korea and go to India."""
    return order(line(origin_country=fields.pop("origin", "CN")), **{"ship_from": "KR", "destination": "IN", **fields})


# The day counts -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "on", "answer", "licence"),
    [
        (DYSPROSIUM_OXIDE, date(2025, 4, 3), Answer.NOT_CONTROLLED, "no"),
        (DYSPROSIUM_OXIDE, date(2025, 4, 4), Answer.LICENCE_REQUIRED, "yes"),
        (goods("ingot", "metal", materials=[material("Sb", "element", "Sb")]), date(2024, 9, 14), Answer.NOT_CONTROLLED, "no"),
        (goods("ingot", "metal", materials=[material("Sb", "element", "Sb")]), date(2024, 9, 15), Answer.LICENCE_REQUIRED, "yes"),
        (goods("metal", materials=[material("Ga", "element", "Ga")]), date(2023, 7, 31), Answer.NOT_CONTROLLED, "no"),
        (goods("metal", materials=[material("Ga", "element", "Ga")]), date(2023, 8, 1), Answer.LICENCE_REQUIRED, "yes"),
        (goods("graphite", features=["flake", "natural"]), date(2023, 11, 30), Answer.NOT_CONTROLLED, "no"),
        (goods("graphite", features=["flake", "natural"]), date(2023, 12, 1), Answer.LICENCE_REQUIRED, "yes"),
        (goods("metal", materials=[material("Te", "element", "Te")]), date(2025, 2, 3), Answer.NOT_CONTROLLED, "no"),
        (goods("metal", materials=[material("Te", "element", "Te")]), date(2025, 2, 4), Answer.LICENCE_REQUIRED, "yes"),
        (HOLMIUM_OXIDE, date(2025, 10, 8), Answer.NOT_CONTROLLED, "no"),
        (HOLMIUM_OXIDE, date(2025, 11, 8), Answer.SUSPENDED, "no"),
        (HOLMIUM_OXIDE, date(2026, 11, 9), Answer.SUSPENDED, "no"),
        (HOLMIUM_OXIDE, date(2026, 11, 20), Answer.SUSPENDED, "unknown"),
        (HOLMIUM_OXIDE, date(2027, 1, 10), Answer.NEEDS_INFORMATION, "unknown"),
    ],
)
def test_a_limb_binds_from_its_day(what: Goods, on: date, answer: Answer, licence: str) -> None:
    got = china(what, on=on)
    assert (got.answer, got.dual_use_licence) == (answer, licence)


def test_past_the_printed_end_a_stated_extension_wants_a_person() -> None:
    (finding,) = [f for f in screen(HOLMIUM_OXIDE, on=date(2026, 11, 20)).findings if f.instrument == "cn-mofcom-gacc-57-2025"]
    assert finding.human_check is not None
    assert "10 January 2027" in finding.human_check


def test_what_was_not_known_yet_is_not_used() -> None:
    on = date(2025, 10, 20)
    assert china(HOLMIUM_OXIDE, on=date(2025, 11, 8), known_on=on).answer is Answer.LICENCE_REQUIRED
    assert china(DYSPROSIUM_OXIDE, on=date(2025, 4, 4), known_on=date(2025, 4, 3)).answer is Answer.NOT_CONTROLLED


@pytest.mark.parametrize(
    ("on", "answer"),
    [
        (date(2024, 12, 2), Answer.LICENCE_REQUIRED),
        (date(2024, 12, 3), Answer.PRESUMPTION_OF_DENIAL),
        (date(2025, 11, 8), Answer.PRESUMPTION_OF_DENIAL),
        (date(2025, 11, 9), Answer.LICENCE_REQUIRED),
        (date(2026, 11, 26), Answer.LICENCE_REQUIRED),
        (date(2026, 11, 27), Answer.NEEDS_INFORMATION),
    ],
)
def test_the_denial_rule_for_the_united_states_has_its_own_clock(on: date, answer: Answer) -> None:
    got = china(GERMANIUM_DIOXIDE, order(destination="US"), on=on)
    assert (got.answer, got.dual_use_licence) == (answer, "yes")


# No.18: what it reaches and what the authority's answers take out -------------------------------------------------------------------


@pytest.mark.parametrize("element", ["Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y"])
@pytest.mark.parametrize(
    ("product", "substance_class"),
    [("oxide", "oxide"), ("metal", "element"), ("alloy", "alloy"), ("compound", "compound"), ("sputtering_target", "element")],
)
def test_all_seven_need_a_licence_in_every_form(element: str, product: Any, substance_class: Any) -> None:
    got = china(goods(product, materials=[material(element, substance_class)]), on=IN_2026)
    assert (got.answer, got.dual_use_licence) == (Answer.LICENCE_REQUIRED, "yes")


@pytest.mark.parametrize("element", ["La", "Ce", "Pr", "Nd"])
def test_light_rare_earths_need_an_ordinary_licence_only(element: str) -> None:
    got = china(goods("oxide", materials=[material(element, "oxide")]), on=IN_2026)
    assert got.answer is Answer.NOT_CONTROLLED
    assert [flag.name for flag in got.flags] == ["ordinary_export_licence"]


@pytest.mark.parametrize(
    "product",
    [
        "calcined_catalyst", "phosphor", "rotor_or_stator_assembly", "sensor", "magnetic_consumer_article", "motor", "loudspeaker",
        "headphone", "electronic_device", "other_finished_good",
    ],
)  # fmt: skip
def test_what_the_answers_name_is_excluded_and_says_so(product: Any) -> None:
    result = screen(goods(product, materials=[material("Dy", share="3"), material("Nd", share="28")]), on=IN_2026)
    assert result.answers["CN"].answer is Answer.NOT_CONTROLLED
    assert result.answers["CN"].how.startswith("Excluded by a rule")
    assert "hold_risk" in [flag.name for flag in result.answers["CN"].flags]


def test_a_carve_out_that_is_only_possible_is_asked_about() -> None:
    unsure = goods(
        "rotor_or_stator_assembly", "permanent_magnet", materials=[material("Dy", share="3")], magnet_family="NdFeB", certain=False
    )
    result = screen(unsure, on=IN_2026)
    assert result.answers["CN"].answer is Answer.NEEDS_INFORMATION
    assert result.questions[0].name == "product"


def test_phosphors_with_europium_are_outside_no_18_and_within_suspended_no_57() -> None:
    phosphor = goods("phosphor", materials=[material("Y", "oxide", share="70"), material("Eu", "oxide", share="4")])
    assert china(phosphor, on=IN_2026).answer is Answer.SUSPENDED
    assert china(goods("phosphor", materials=[material("Y", "oxide")]), on=IN_2026).answer is Answer.NOT_CONTROLLED


@pytest.mark.parametrize(
    "what",
    [
        goods("single_crystal", materials=[material("Y", "compound", "Y3Al5O12", share="44.9")]),
        goods("single_crystal", materials=[material("Lu", "compound", "LYSO", share="71")]),
        goods("thermal_spray_powder", "powder", materials=[material("Y", "oxide", "YSZ", share="6"), material("Zr", "oxide")]),
        goods("ceramic", materials=[material("Y", "oxide", "YSZ", share="4"), material("Zr", "oxide")]),
        goods("contrast_agent", materials=[material("Gd", "compound")]),
        goods("optical_glass", materials=[material("Gd", "oxide", share="8"), material("La", "oxide")]),
        goods("permanent_magnet", materials=[material("Sm", "alloy", "SmFeN", share="20")], magnet_family="SmFeN"),
    ],
)
def test_what_no_answer_names_is_a_question_of_law_that_nobody_is_asked(what: Goods) -> None:
    result = screen(what, on=IN_2026)
    assert (result.answers["CN"].answer, result.answers["CN"].dual_use_licence) == (Answer.NEEDS_INFORMATION, "unknown")
    assert {question.kind for question in result.questions} == {"law"}
    assert {question.held_by for question in result.questions} == {"authority"}


def test_optical_glass_with_lanthanum_only_is_free() -> None:
    assert china(goods("optical_glass", materials=[material("La", "oxide", share="30")]), on=IN_2026).answer is Answer.NOT_CONTROLLED


@pytest.mark.parametrize(
    ("magnet", "answer"),
    [
        (neodymium_magnet(material("Dy", share="1.9")), Answer.LICENCE_REQUIRED),
        (neodymium_magnet(material("Tb", share="0.11")), Answer.LICENCE_REQUIRED),
        (neodymium_magnet(material("Dy", share="0.05"), material("Tb", below="0.01")), Answer.NEEDS_INFORMATION),
        (neodymium_magnet(material("Dy", below="0.01"), material("Tb", below="0.01")), Answer.NOT_CONTROLLED),
        (neodymium_magnet(), Answer.NEEDS_INFORMATION),
        (neodymium_magnet(material("Dy", certain=False)), Answer.NEEDS_INFORMATION),
        (SAMARIUM_COBALT, Answer.LICENCE_REQUIRED),
        (goods("permanent_magnet", magnet_family="SmCo"), Answer.LICENCE_REQUIRED),
        (goods("permanent_magnet", magnet_family="ferrite"), Answer.NOT_CONTROLLED),
        (goods("permanent_magnet", magnet_family="AlNiCo"), Answer.NOT_CONTROLLED),
        (goods("permanent_magnet"), Answer.NEEDS_INFORMATION),
        (goods("magnet_assembly", materials=[material("Dy", share="2")], magnet_family="NdFeB"), Answer.NEEDS_INFORMATION),
    ],
)
def test_magnets_are_decided_by_their_composition(magnet: Goods, answer: Answer) -> None:
    assert china(magnet, on=IN_2026).answer is answer


def test_a_magnet_without_composition_asks_the_supplier_for_dysprosium_and_terbium_first() -> None:
    result = screen(neodymium_magnet(tariff_codes=("8505111000",)), on=IN_2026)
    first = result.questions[0]
    assert (first.kind, first.name, first.held_by) == ("fact", "composition", "supplier")
    assert "terbium and dysprosium" in first.question
    assert "samarium" not in first.question


def test_a_magnet_free_of_both_is_near_the_item_and_may_be_held() -> None:
    got = china(neodymium_magnet(material("Dy", below="0.01"), material("Tb", below="0.01")), on=IN_2026)
    assert got.how.startswith("Decided on composition")
    assert "hold_risk" in [flag.name for flag in got.flags]


def test_a_trace_is_law_not_a_question_to_the_supplier() -> None:
    result = screen(neodymium_magnet(material("Dy", share="0.05"), material("Tb", below="0.01")), on=IN_2026)
    assert [question.kind for question in result.questions] == ["law"]


@pytest.mark.parametrize("code", ["850511", "8505111000", "284690", "28469099", "2805309000", "7202999191", "3824999922", "8486909110"])
def test_a_heading_without_a_composition_is_a_question(code: str) -> None:
    result = screen(goods(tariff_codes=(code,), described=False), on=IN_2026)
    assert result.answers["CN"].answer is Answer.NEEDS_INFORMATION
    assert result.questions[0].name == "composition"


@pytest.mark.parametrize(
    "code",
    ["811292", "8110900000", "282580", "380110", "250410", "681519", "849090", "284990", "810199", "810600", "280450", "381800", "900190"],
)
def test_headings_of_the_other_controlled_materials_ask_as_well(code: str) -> None:
    expected = Answer.NOT_CONTROLLED if code == "849090" else Answer.NEEDS_INFORMATION
    assert china(goods(tariff_codes=(code,), described=False), on=IN_2026).answer is expected


def test_what_the_text_settles_is_not_asked_under_a_heading() -> None:
    alnico = goods("permanent_magnet", materials=[material("Al", "alloy", "AlNiCo")], magnet_family="AlNiCo", tariff_codes=("8505111000",))
    indium = goods("ingot", "metal", materials=[material("In", "element", "In")], tariff_codes=("8112923010",))
    assert china(alnico, on=IN_2026).answer is Answer.NOT_CONTROLLED
    assert china(indium, on=IN_2026).answer is Answer.NOT_CONTROLLED


@pytest.mark.parametrize(
    ("parameters", "features", "answer"),
    [
        ({"medium_heavy_share_of_reo_percent": "35"}, (), Answer.LICENCE_REQUIRED),
        ({"medium_heavy_share_of_reo_percent": "30"}, (), Answer.LICENCE_REQUIRED),
        ({"medium_heavy_share_of_reo_percent": "5"}, (), Answer.NEEDS_INFORMATION),
        ({}, ("medium_heavy_rich",), Answer.LICENCE_REQUIRED),
    ],
)
def test_mixed_rare_earths_go_by_their_medium_and_heavy_share(parameters: dict[str, Any], features: Any, answer: Answer) -> None:
    mixed = goods("compound", "mixture", parameters=parameters, features=features, tariff_codes=("2846904820",))
    assert china(mixed, on=IN_2026).answer is answer


# The other instruments ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        (goods("oxide", materials=[material("Sb", "oxide", "Sb2O3")], parameters={"purity_percent": "99.8"}), Answer.NOT_CONTROLLED),
        (goods("oxide", materials=[material("Sb", "oxide", "Sb2O3")], parameters={"purity_percent": "99.99"}), Answer.LICENCE_REQUIRED),
        (goods("oxide", materials=[material("Sb", "oxide", "Sb2O3")]), Answer.NEEDS_INFORMATION),
        (
            goods("compound", materials=[material("Sb", "compound", "SbH3")], parameters={"purity_percent": "99.9999"}),
            Answer.LICENCE_REQUIRED,
        ),
        (goods("concentrate", materials=[material("Sb", "compound", "Sb2S3")]), Answer.LICENCE_REQUIRED),
        (
            goods(
                "single_crystal",
                materials=[material("In", "compound", "InSb"), material("Sb", "compound", "InSb")],
                parameters={"dislocation_density_per_cm2": "40"},
            ),
            Answer.LICENCE_REQUIRED,
        ),
        (goods("wafer", materials=[material("Ga", "compound", "GaAs")], features=["semi_insulating"]), Answer.LICENCE_REQUIRED),
        (goods("electronic_device", materials=[material("Ga", "compound", "GaN")]), Answer.NOT_CONTROLLED),
        (goods("compound", materials=[material("Ge", "compound", "GeCl4")]), Answer.LICENCE_REQUIRED),
        (goods("optical_blank", materials=[material("Ge", "element", "Ge")]), Answer.LICENCE_REQUIRED),
        (goods("lens", materials=[material("Ge", "element", "Ge")]), Answer.NEEDS_INFORMATION),
        (goods("graphite_electrode", "graphite", features=["artificial"], parameters={"purity_percent": "99.95"}), Answer.NOT_CONTROLLED),
        (
            goods(
                "graphite",
                features=["artificial"],
                parameters={"purity_percent": "99.95", "flexural_strength_mpa": "45", "density_g_cm3": "1.85"},
            ),
            Answer.LICENCE_REQUIRED,
        ),
        (
            goods(
                "graphite",
                features=["artificial"],
                parameters={"purity_percent": "99.95", "flexural_strength_mpa": "25", "density_g_cm3": "1.85"},
            ),
            Answer.NOT_CONTROLLED,
        ),
        (goods("graphite", features=["artificial"], parameters={"purity_percent": "99.95"}), Answer.NEEDS_INFORMATION),
        (goods("graphite"), Answer.NEEDS_INFORMATION),
        (goods("anode_material", "graphite", "powder", features=["natural", "spheroidised"]), Answer.LICENCE_REQUIRED),
        (goods("anode_material", "graphite", "powder", features=["artificial"], parameters={"purity_percent": "99.95"}), Answer.SUSPENDED),
        (
            goods("diamond_window", features=["flat"], parameters={"diameter_mm": "81", "transmission_percent": "70"}),
            Answer.LICENCE_REQUIRED,
        ),
        (goods("diamond_window", features=["flat"], parameters={"diameter_mm": "50", "transmission_percent": "70"}), Answer.NOT_CONTROLLED),
        (goods("diamond_window", features=["curved"]), Answer.LICENCE_REQUIRED),
        (goods("production_equipment", features=["mpcvd"], parameters={"power_kw": "75"}), Answer.LICENCE_REQUIRED),
        (goods("production_equipment", features=["cubic_press"], parameters={"diameter_mm": "800"}), Answer.LICENCE_REQUIRED),
        (goods("powder", materials=[material("W", "compound", "WC")]), Answer.LICENCE_REQUIRED),
        (goods("cemented_carbide_article", materials=[material("W", "compound", "WC", share="84"), material("Co")]), Answer.NOT_CONTROLLED),
        (goods("compound", materials=[material("W", "compound", "APT")]), Answer.LICENCE_REQUIRED),
        (goods("oxide", materials=[material("W", "oxide", "WO3")]), Answer.LICENCE_REQUIRED),
        (
            goods("metal", materials=[material("W", "element", "W", share="99.95")], parameters={"diameter_mm": "150", "length_mm": "300"}),
            Answer.LICENCE_REQUIRED,
        ),
        (
            goods("metal", materials=[material("W", "element", "W", share="99.95")], parameters={"diameter_mm": "2.4", "length_mm": "175"}),
            Answer.NOT_CONTROLLED,
        ),
        (goods("metal", materials=[material("Bi", "element", "Bi")]), Answer.LICENCE_REQUIRED),
        (goods("oxide", materials=[material("Bi", "oxide", "Bi2O3")]), Answer.NOT_CONTROLLED),
        (
            goods("single_crystal", materials=[material("Bi", "compound", "Bi4Ge3O12"), material("Ge", "compound", "Bi4Ge3O12")]),
            Answer.LICENCE_REQUIRED,
        ),
        (goods("single_crystal", materials=[material("Te", "compound", "CdTe")]), Answer.LICENCE_REQUIRED),
        (goods("solar_module", materials=[material("Te", "compound", "CdTe")]), Answer.NOT_CONTROLLED),
        (goods("ingot", "metal", materials=[material("In", "element", "In")]), Answer.NOT_CONTROLLED),
        (goods("wafer", materials=[material("In", "compound", "InP")]), Answer.LICENCE_REQUIRED),
        (
            goods("powder", "metal", materials=[material("Mo", "element", "Mo", share="99.95")], parameters={"particle_size_um": "3"}),
            Answer.NEEDS_INFORMATION,
        ),
        (
            goods("powder", "metal", materials=[material("Mo", "element", "Mo", share="99.95")], parameters={"particle_size_um": "120"}),
            Answer.NOT_CONTROLLED,
        ),
        (goods("metal", materials=[material("Mo", "element", "Mo", share="99.95")]), Answer.NOT_CONTROLLED),
        (
            goods("powder", "metal", materials=[material("Ce", "element", "Ce", share="98")], parameters={"particle_size_um": "300"}),
            Answer.LICENCE_REQUIRED,
        ),
        (goods("oxide", "polishing_powder", materials=[material("Ce", "oxide", "CeO2", share="80")]), Answer.NOT_CONTROLLED),
        (
            goods(
                "cathode_material",
                "powder",
                features=["lfp"],
                parameters={"compaction_density_g_cm3": "2.6", "specific_capacity_mah_g": "158"},
            ),
            Answer.SUSPENDED,
        ),
        (
            goods(
                "cathode_material",
                "powder",
                features=["lfp"],
                parameters={"compaction_density_g_cm3": "2.4", "specific_capacity_mah_g": "158"},
            ),
            Answer.NOT_CONTROLLED,
        ),
        (goods("battery_cell", parameters={"energy_density_wh_kg": "310"}), Answer.SUSPENDED),
        (goods("battery_cell", parameters={"energy_density_wh_kg": "250"}), Answer.NOT_CONTROLLED),
        (goods("diamond_powder", parameters={"particle_size_um": "10"}), Answer.SUSPENDED),
        (goods("reagent", features=["p507"]), Answer.SUSPENDED),
        (goods("production_equipment", features=["jet_mill"]), Answer.SUSPENDED),
        (goods("software_or_technology", features=["rare_earth_technology"]), Answer.PROHIBITED),
    ],
)
def test_items_and_their_thresholds(what: Goods, answer: Answer) -> None:
    assert china(what, on=IN_2026).answer is answer


def test_molybdenum_powder_for_missiles_is_within_the_definition() -> None:
    powder = goods("powder", "metal", materials=[material("Mo", "element", share="99.95")], parameters={"particle_size_um": "3"})
    civil = china(powder, order(line(end_use_text="furnace parts")), on=IN_2026)
    missiles = china(powder, order(line(end_use_text="missile nozzle inserts")), on=IN_2026)
    assert (civil.answer, missiles.answer) == (Answer.NEEDS_INFORMATION, Answer.LICENCE_REQUIRED)


@pytest.mark.parametrize(
    "what",
    [
        goods("oxide", materials=[material("Bi", "oxide", "Bi2O3")]),
        goods("metal", materials=[material("W", "element", share="99.9")], parameters={"diameter_mm": "2", "length_mm": "150"}),
        goods("powder", "metal", materials=[material("Mg", "element")]),
    ],
)
def test_tungsten_bismuth_and_metal_powders_are_never_barely_free(what: Goods) -> None:
    got = china(what, on=IN_2026)
    assert got.answer is Answer.NOT_CONTROLLED
    assert "coverage_absent" in [flag.name for flag in got.flags]
    assert "No.51 of 2024" in got.how


def test_ordinary_licence_and_state_trading_are_flags_beside_the_answer() -> None:
    trioxide = goods("oxide", materials=[material("Sb", "oxide", "Sb2O3")], parameters={"purity_percent": "99.8"})
    got = china(trioxide, on=IN_2026)
    assert got.answer is Answer.NOT_CONTROLLED
    assert {"ordinary_export_licence", "state_trading"} <= {flag.name for flag in got.flags}


# The trade ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("snapshot", "answer"),
    [
        (order(line(origin_country="JP"), ship_from="CN", destination="DE"), Answer.LICENCE_REQUIRED),
        (order(line(origin_country="CN"), ship_from="CN", destination="HK"), Answer.LICENCE_REQUIRED),
        (order(line(origin_country="CN"), ship_from="CN", destination="CN"), Answer.NOT_CONTROLLED),
        (order(line(origin_country="CN"), ship_from="DE", destination="DE"), Answer.NOT_CONTROLLED),
        (order(line(origin_country="CN"), ship_from="DE", destination="CH"), Answer.SUSPENDED),
        (order(line(origin_country="CN"), ship_from="HK", destination="DE"), Answer.SUSPENDED),
        (order(line(origin_country="AU"), ship_from="AU", destination="JP"), Answer.NOT_CONTROLLED),
        (order(line(origin_country="CN"), ship_from=None), Answer.NEEDS_INFORMATION),
        (order(line(origin_country="CN"), ship_from=None, supplier=Party(name="Baotou", country="CN")), Answer.LICENCE_REQUIRED),
    ],
)
def test_export_is_leaving_china_whatever_the_origin(snapshot: OrderSnapshot, answer: Answer) -> None:
    metal = goods("metal", materials=[material("Dy", "element", "Dy", share="99.9")])
    assert china(metal, snapshot, on=IN_2026).answer is answer


def test_where_goods_leave_from_is_asked_of_the_supplier() -> None:
    result = screen(DYSPROSIUM_OXIDE, order(line(origin_country="CN"), ship_from=None), on=IN_2026)
    assert [(question.name, question.held_by) for question in result.questions] == [("ship_from", "supplier")]
    assert result.answers["CN"].dual_use_licence == "unknown"


def test_without_a_destination_the_licence_is_certain_and_the_destination_asked() -> None:
    result = screen(DYSPROSIUM_OXIDE, order(destination=None), on=IN_2026)
    assert result.answers["CN"].dual_use_licence == "yes"
    assert "destination" in [question.name for question in result.questions]


def test_without_a_destination_germanium_waits_for_it() -> None:
    result = screen(GERMANIUM_DIOXIDE, order(destination=None), on=date(2025, 6, 1))
    assert (result.answers["CN"].answer, result.answers["CN"].dual_use_licence) == (Answer.NEEDS_INFORMATION, "yes")
    assert result.questions[0].name == "destination"


@pytest.mark.parametrize(
    ("destination", "answer"), [("US", Answer.NEEDS_INFORMATION), ("JP", Answer.NEEDS_INFORMATION), ("DE", Answer.LICENCE_REQUIRED)]
)
def test_an_unstated_end_use_matters_where_a_rule_bars_military_users(destination: str, answer: Answer) -> None:
    result = screen(DYSPROSIUM_OXIDE, order(destination=destination, civil=False), on=IN_2026)
    assert (result.answers["CN"].answer, result.answers["CN"].dual_use_licence) == (answer, "yes")
    if answer is Answer.NEEDS_INFORMATION:
        assert (result.questions[0].name, result.questions[0].held_by) == ("end_use", "buyer")


@pytest.mark.parametrize(
    ("destination", "on", "answer"),
    [
        ("US", date(2024, 12, 2), Answer.LICENCE_REQUIRED),
        ("US", date(2024, 12, 3), Answer.PROHIBITED),
        ("US", date(2026, 11, 20), Answer.PROHIBITED),
        ("JP", date(2026, 1, 5), Answer.LICENCE_REQUIRED),
        ("JP", date(2026, 1, 6), Answer.PROHIBITED),
        ("DE", date(2026, 3, 1), Answer.LICENCE_REQUIRED),
    ],
)
def test_military_users_in_the_united_states_and_japan(destination: str, on: date, answer: Answer) -> None:
    gallium = goods("metal", materials=[material("Ga", "element", "Ga")])
    got = china(gallium, order(destination=destination, end_user=MILITARY), on=on)
    assert (got.answer, got.dual_use_licence) == (answer, "yes")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("seeker for air-to-air missiles", Answer.PROHIBITED),
        ("Motor für Panzer der Bundeswehr", Answer.PROHIBITED),
        ("导弹导引头", Answer.PROHIBITED),
        ("迎撃ミサイル用", Answer.PROHIBITED),
        ("wind turbines, not for military use", Answer.LICENCE_REQUIRED),
        ("zivil, keine militärische Nutzung", Answer.LICENCE_REQUIRED),
        ("民用，非军事用途", Answer.LICENCE_REQUIRED),
        ("loudspeakers", Answer.LICENCE_REQUIRED),
    ],
)
def test_the_words_of_an_end_use_speak_for_themselves(words: str, answer: Answer) -> None:
    assert china(DYSPROSIUM_OXIDE, order(line(end_use_text=words), destination="US"), on=IN_2026).answer is answer


def test_goods_on_no_list_with_a_military_use_are_not_closed() -> None:
    result = screen(OFFICE_CHAIR, order(end_user=MILITARY), on=IN_2026)
    assert result.answers["CN"].answer is Answer.NEEDS_INFORMATION
    assert china(OFFICE_CHAIR, order(), on=IN_2026).answer is Answer.NOT_CONTROLLED


def test_retransfer_of_chinese_goods_to_a_military_user_is_barred_from_anywhere() -> None:
    got = china(DYSPROSIUM_OXIDE, abroad(destination="US", end_user=MILITARY), on=IN_2026)
    assert (got.answer, got.dual_use_licence) == (Answer.PROHIBITED, "no")
    assert china(DYSPROSIUM_OXIDE, abroad(destination="US", origin="AU", end_user=MILITARY), on=IN_2026).answer is Answer.NOT_CONTROLLED


# No.61 ----------------------------------------------------------------------------------------------------------------------------

JAPANESE = order(line(origin_country="JP"), ship_from="JP", destination="DE")
NO_61 = Scenario(in_force=frozenset({"MOFCOM No.61 of 2025"}))


@pytest.mark.parametrize(
    ("on", "answer"),
    [
        (date(2025, 10, 8), Answer.NOT_CONTROLLED),
        (date(2025, 10, 9), Answer.LICENCE_REQUIRED),
        (date(2025, 11, 6), Answer.LICENCE_REQUIRED),
        (date(2025, 11, 7), Answer.SUSPENDED),
    ],
)
def test_only_article_1_3_was_ever_in_force(on: date, answer: Answer) -> None:
    metal = goods("metal", materials=[material("Dy", "element", "Dy")])
    assert china(metal, abroad(), on=on).answer is answer
    foreign = neodymium_magnet(material("Dy", value_share="0.2", origin="CN"))
    assert china(foreign, JAPANESE, on=on).answer is not Answer.LICENCE_REQUIRED


@pytest.mark.parametrize(
    ("value_share", "answer"), [("0.2", Answer.LICENCE_REQUIRED), ("0.1", Answer.LICENCE_REQUIRED), ("0.09", Answer.NOT_CONTROLLED)]
)
def test_a_tenth_of_a_percent_of_value_brings_foreign_magnets_in(value_share: str, answer: Answer) -> None:
    magnet = neodymium_magnet(material("Dy", value_share=value_share, origin="CN"))
    assert china(magnet, JAPANESE, on=IN_2026, scenario=NO_61).answer is answer


def test_parts_that_hold_listed_magnets_are_reached_and_raw_yttrium_oxide_is_not() -> None:
    motor = goods("motor", materials=[material("Dy", value_share="0.3", origin="CN"), material("Nd")], magnet_family="NdFeB")
    assert china(motor, JAPANESE, on=IN_2026, scenario=NO_61).answer is Answer.LICENCE_REQUIRED
    yttria = goods("oxide", materials=[material("Y", "oxide", "Y2O3")])
    assert china(yttria, abroad(), on=date(2025, 10, 20)).answer is Answer.NOT_CONTROLLED


def test_chinese_technology_counts_where_somebody_says_so() -> None:
    magnet = neodymium_magnet(material("Dy", value_share="0.5", origin="AU"))
    assert china(magnet, JAPANESE, on=IN_2026, scenario=NO_61).answer is Answer.NOT_CONTROLLED
    said = order(line(origin_country="VN", project="magnet plant on Chinese technology"), ship_from="VN", destination="DE")
    assert china(magnet, said, on=IN_2026, scenario=NO_61).answer is Answer.LICENCE_REQUIRED


def test_relief_is_exempt_with_a_report() -> None:
    motor = goods("motor", materials=[material("Dy", value_share="0.3", origin="CN")], magnet_family="NdFeB")
    relief = order(line(origin_country="DE", end_use_text="disaster relief after an earthquake"), ship_from="DE", destination="TR")
    result = screen(motor, relief, on=IN_2026, scenario=NO_61)
    assert (result.answers["CN"].answer, result.answers["CN"].dual_use_licence) == (Answer.EXEMPT, "no")
    assert any("10 working days" in document for document in result.findings[0].documents)


def test_article_2_refuses_military_users_listed_parties_and_their_subsidiaries() -> None:
    on = date(2025, 10, 15)
    assert china(SAMARIUM_COBALT, abroad(destination="FR", end_user=MILITARY), on=on).answer is Answer.PRESUMPTION_OF_DENIAL
    for share, answer in ((50, Answer.PRESUMPTION_OF_DENIAL), (49, Answer.LICENCE_REQUIRED), (None, Answer.NEEDS_INFORMATION)):
        subsidiary = EndUser(
            name="Subsidiary Ltd.",
            user_class="unlisted_subsidiary",
            owner_name="GEOSAT Aerospace & Technology Inc.",
            owner_share_percent=share,
        )
        assert china(SAMARIUM_COBALT, abroad(destination="FR", end_user=subsidiary), on=on).answer is answer


def test_scenarios_name_instruments_by_id_name_or_number_and_an_unknown_one_is_an_error() -> None:
    for name in ("cn-mofcom-61-2025", "MOFCOM No.61 of 2025", "No.61/2025", "no. 61 of 2025"):
        assert built_in_law().instrument_named(name) == "cn-mofcom-61-2025"
    with pytest.raises(UnknownInstrument, match=r"No\.15 of 2026"):
        china(DYSPROSIUM_OXIDE, scenario=Scenario(in_force=frozenset({"MOFCOM No.15 of 2026"})))


def test_lifting_an_instrument_or_its_suspension_changes_the_answer() -> None:
    assert china(DYSPROSIUM_OXIDE, on=IN_2026, scenario=Scenario(lifted=frozenset({"No.18 of 2025"}))).answer is Answer.NOT_CONTROLLED
    assert china(HOLMIUM_OXIDE, on=IN_2026, scenario=Scenario(lifted=frozenset({"No.70 of 2025"}))).answer is Answer.LICENCE_REQUIRED


# Listed parties -------------------------------------------------------------------------------------------------------------------


def listed(list_name: str, **dates: date) -> PartyList:
    notice = Notice(list_name=list_name, notice="a notice", parties=[ListedName(name="Listed GmbH", name_zh="上市公司甲")], **dates)
    return compile_parties([built_in_parties().source, PartyContent(lists={}, notices=[notice])])


TO_LISTED = order(end_user=EndUser(name="LISTED G.m.b.H.", user_class="civil"))


@pytest.mark.parametrize(
    ("on", "what", "answer"),
    [
        (date(2026, 5, 31), DYSPROSIUM_OXIDE, Answer.LICENCE_REQUIRED),
        (date(2026, 6, 1), DYSPROSIUM_OXIDE, Answer.PROHIBITED),
        (date(2026, 6, 1), OFFICE_CHAIR, Answer.NOT_CONTROLLED),
        (date(2026, 6, 1), HOLMIUM_OXIDE, Answer.SUSPENDED),
    ],
)
def test_the_control_list_bars_controlled_goods_from_its_day(on: date, what: Goods, answer: Answer) -> None:
    assert china(what, TO_LISTED, on=on, parties=listed("export_control_list", listed_on=date(2026, 6, 1))).answer is answer


def test_a_hit_is_reported_where_the_goods_are_free() -> None:
    result = screen(OFFICE_CHAIR, TO_LISTED, on=IN_2026, parties=listed("export_control_list", listed_on=date(2026, 1, 1)))
    assert [(hit.role, hit.list_entry) for hit in result.party_hits] == [("end_user", "Listed GmbH")]
    assert "export_control_list" in [flag.name for flag in result.answers["CN"].flags]


def test_the_watch_list_means_a_licence_with_a_flag_and_more_papers() -> None:
    result = screen(DYSPROSIUM_OXIDE, TO_LISTED, on=IN_2026, parties=listed("watch_list", listed_on=date(2026, 1, 1)))
    assert result.answers["CN"].answer is Answer.LICENCE_REQUIRED
    assert "watch_list" in [flag.name for flag in result.answers["CN"].flags]
    assert any("pledge" in document for finding in result.findings for document in finding.documents)


def test_a_suspended_listing_is_reported_and_past_its_end_it_is_unsettled() -> None:
    lists = listed("export_control_list", listed_on=date(2025, 4, 4), suspended_from=date(2025, 5, 14), suspended_to=date(2026, 11, 10))
    assert china(DYSPROSIUM_OXIDE, TO_LISTED, on=date(2025, 5, 13), parties=lists).answer is Answer.PROHIBITED
    assert china(DYSPROSIUM_OXIDE, TO_LISTED, on=date(2026, 3, 1), parties=lists).answer is Answer.LICENCE_REQUIRED
    past = screen(DYSPROSIUM_OXIDE, TO_LISTED, on=date(2026, 11, 20), parties=lists)
    assert (past.answers["CN"].answer, past.answers["CN"].dual_use_licence) == (Answer.NEEDS_INFORMATION, "yes")
    assert [question.kind for question in past.questions] == ["law"]


def test_a_listing_that_has_ended_is_silent() -> None:
    lists = listed("export_control_list", listed_on=date(2025, 4, 10), ended_on=date(2025, 8, 12))
    result = screen(DYSPROSIUM_OXIDE, TO_LISTED, on=date(2025, 8, 12), parties=lists)
    assert result.answers["CN"].answer is Answer.LICENCE_REQUIRED
    assert result.party_hits == []


def test_the_control_list_follows_chinese_goods_abroad_without_a_licence_being_needed() -> None:
    lists = listed("export_control_list", listed_on=date(2026, 1, 1))
    to_listed = EndUser(name="Listed GmbH", user_class="civil")
    got = china(DYSPROSIUM_OXIDE, abroad(end_user=to_listed), on=IN_2026, parties=lists)
    assert (got.answer, got.dual_use_licence) == (Answer.PROHIBITED, "no")
    unknown = screen(DYSPROSIUM_OXIDE, abroad(origin=None, end_user=to_listed), on=IN_2026, parties=lists)
    assert unknown.answers["CN"].answer is Answer.NEEDS_INFORMATION
    assert unknown.questions[0].name == "origin"


def test_the_owner_of_an_end_user_is_flagged_while_no_rule_binds_subsidiaries() -> None:
    subsidiary = EndUser(name="Unknown Works", user_class="unlisted_subsidiary", owner_name="TDK Corporation", owner_share_percent=60)
    got = china(DYSPROSIUM_OXIDE, order(destination="JP", end_user=subsidiary), on=IN_2026)
    assert got.answer is Answer.LICENCE_REQUIRED
    assert "listed_owner" in [flag.name for flag in got.flags]


def test_the_unreliable_entity_list_is_read_by_a_person_whatever_the_goods() -> None:
    lists = listed("unreliable_entity_list", listed_on=date(2026, 1, 1))
    assert china(OFFICE_CHAIR, TO_LISTED, on=IN_2026, parties=lists).answer is Answer.NEEDS_INFORMATION


def test_a_listed_seller_is_reported_and_does_not_bar_what_it_sells() -> None:
    from_listed = order(supplier=Party(name="Listed GmbH", country="DE"))
    result = screen(DYSPROSIUM_OXIDE, from_listed, on=IN_2026, parties=listed("export_control_list", listed_on=date(2026, 1, 1)))
    assert result.answers["CN"].answer is Answer.LICENCE_REQUIRED
    assert [hit.role for hit in result.party_hits] == ["seller"]


# What cannot be read --------------------------------------------------------------------------------------------------------------


def test_nothing_to_point_at_is_free_and_says_so() -> None:
    got = china(OFFICE_CHAIR, on=IN_2026)
    assert (got.answer, got.dual_use_licence) == (Answer.NOT_CONTROLLED, "no")
    assert got.how.startswith("No indication found")


def test_a_bare_part_number_is_never_free() -> None:
    result = screen(goods(described=False), on=IN_2026)
    assert (result.answers["CN"].answer, result.answers["CN"].dual_use_licence) == (Answer.NEEDS_INFORMATION, "unknown")
    assert (result.questions[0].name, result.questions[0].held_by) == ("description", "buyer")
    at_home = order(line(origin_country="DE"), ship_from="DE", destination="DE")
    assert china(goods(described=False), at_home, on=IN_2026).answer is Answer.NOT_CONTROLLED


def test_a_line_that_no_service_can_judge_is_not_screenable() -> None:
    result = screen(OFFICE_CHAIR, order(line(unscreenable="The line is a comment.")), on=IN_2026)
    assert (result.answers["CN"].answer, result.answers["CN"].dual_use_licence) == (Answer.NOT_SCREENABLE, "unknown")


def test_a_contradiction_becomes_a_question() -> None:
    contradictory = goods("oxide", materials=[material("Nd", "oxide")], contradictions=("The shares add up to 130 %.",))
    result = screen(contradictory, on=IN_2026)
    assert result.answers["CN"].answer is Answer.NEEDS_INFORMATION
    assert "130 %" in result.questions[0].question


def test_cancelled_lines_are_left_out() -> None:
    snapshot = order(line(line_id="10", line_status="cancelled"), line(line_id="20"))
    result = screen_order(
        snapshot, Basis(built_in_law(), built_in_parties()), order_event_id="e", known_on=TODAY, code="1", recogniser=lambda _: OFFICE_CHAIR
    )
    assert [screened.line_id for screened in result.lines] == ["20"]


# Over the days on which goods may leave -------------------------------------------------------------------------------------------


def test_a_line_is_judged_over_its_interval_and_the_worst_state_leads() -> None:
    result = screen(GERMANIUM_DIOXIDE, order(line(expected_departure_on=date(2026, 11, 24)), destination="US"))
    answer = result.answers["CN"]
    assert result.expected_departure_on == date(2026, 11, 24)
    assert result.latest_departure_on is not None
    assert result.latest_departure_on > date(2027, 1, 1)
    assert [(state.valid_from, state.valid_to, state.answer) for state in answer.states] == [
        (date(2026, 11, 24), date(2026, 11, 27), Answer.LICENCE_REQUIRED),
        (date(2026, 11, 27), None, Answer.NEEDS_INFORMATION),
    ]
    assert answer.answer is Answer.NEEDS_INFORMATION


def test_an_actual_departure_fixes_the_day() -> None:
    result = screen(GERMANIUM_DIOXIDE, order(line(departed_on=date(2026, 11, 20)), destination="US"))
    assert (result.expected_departure_on, result.latest_departure_on) == (date(2026, 11, 20), date(2026, 11, 20))
    assert result.answers["CN"].answer is Answer.LICENCE_REQUIRED


def test_schedule_lines_stretch_the_interval_and_free_goods_have_no_queue() -> None:
    deliveries = [RequestedDelivery(date=date(2026, 12, 1)), RequestedDelivery(date=date(2027, 2, 1))]
    result = screen(HOLMIUM_OXIDE, order(line(requested_delivery=deliveries)))
    assert (result.expected_departure_on, result.latest_departure_on) == (TODAY, date(2027, 2, 1))
    assert [state.answer for state in result.answers["CN"].states] == [Answer.SUSPENDED, Answer.NEEDS_INFORMATION]


# Findings and other jurisdictions -------------------------------------------------------------------------------------------------


def test_a_finding_says_what_why_since_when_and_what_to_ask_for() -> None:
    (finding,) = screen(DYSPROSIUM_OXIDE, on=IN_2026).findings
    assert finding.sentence == (
        "Dysprosium oxide leaving China needs a MOFCOM dual-use export licence (1C905.b, No.18 of 2025, in force since 4 April 2025)."
    )
    assert (finding.control_code, finding.limb, finding.valid_from) == ("1C905.b", "export", date(2025, 4, 4))
    assert {fact.name for fact in finding.facts_used} >= {"Dy content", "product", "ship_from", "destination"}
    assert finding.citation.checked_on == date(2026, 11, 22)
    assert finding.documents
    assert finding.licence_delay is not None
    assert finding.licence_delay.p95_days > finding.licence_delay.p50_days


def test_all_layers_are_reported_and_the_worst_leads() -> None:
    result = screen(GERMANIUM_DIOXIDE, order(destination="US"), on=date(2025, 6, 1))
    assert [finding.answer for finding in result.findings] == [Answer.PRESUMPTION_OF_DENIAL, Answer.LICENCE_REQUIRED]


@pytest.mark.parametrize(
    ("on", "origin", "inputs", "answer"),
    [
        (date(2026, 12, 31), "JP", "CN", Answer.NOT_CONTROLLED),
        (date(2027, 1, 1), "JP", "CN", Answer.PROHIBITED),
        (date(2027, 1, 1), "JP", "AU", Answer.NOT_CONTROLLED),
        (date(2026, 12, 31), "CN", None, Answer.PROHIBITED),
    ],
)
def test_the_united_states_answer_for_their_defence_contracts(on: date, origin: str, inputs: str | None, answer: Answer) -> None:
    magnet = neodymium_magnet(material("Dy", below="0.01"), material("Tb", below="0.01"))
    contract = order(line(origin_country=origin, inputs_origin_country=inputs), ship_from="JP", destination="US", end_user=MILITARY)
    answers = screen(magnet, contract, on=on).answers
    assert answers["US"].answer is answer
    assert answers["US"].dual_use_licence == "unknown"


def test_the_union_only_raises_flags() -> None:
    answers = screen(DYSPROSIUM_OXIDE, on=IN_2026).answers
    assert answers["EU"].answer is Answer.NOT_CONTROLLED
    assert [flag.name for flag in answers["EU"].flags] == ["crma_strategic_raw_material"]
    assert "EU" not in screen(DYSPROSIUM_OXIDE, order(destination="US"), on=IN_2026).answers


# Properties -----------------------------------------------------------------------------------------------------------------------

_RANKS = {
    Answer.PROHIBITED: {Rank.PROHIBITED},
    Answer.PRESUMPTION_OF_DENIAL: {Rank.PRESUMPTION_OF_DENIAL},
    Answer.LICENCE_REQUIRED: {Rank.LICENCE_REQUIRED},
    Answer.NEEDS_INFORMATION: {Rank.UNKNOWN_TRADE, Rank.UNKNOWN_ITEM},
    Answer.SUSPENDED: {Rank.SUSPENDED, Rank.SUSPENDED_PAST_PRINTED_END},
    Answer.EXEMPT: {Rank.EXEMPT},
    Answer.NOT_CONTROLLED: {Rank.NOT_CONTROLLED},
}
everything = st.sampled_from(
    [DYSPROSIUM_OXIDE, HOLMIUM_OXIDE, GERMANIUM_DIOXIDE, OFFICE_CHAIR, SAMARIUM_COBALT, neodymium_magnet(), goods(tariff_codes=("284690",))]
)
places = st.sampled_from(["CN", "DE", "US", "JP", None])


@given(everything, places, places, places, st.sampled_from(["civil", "military", None]), st.dates(date(2023, 1, 1), date(2027, 6, 1)))
def test_no_answer_is_milder_than_its_worst_finding(
    what: Goods, origin: str | None, ship_from: str | None, destination: str | None, user: Any, on: date
) -> None:
    snapshot = order(line(origin_country=origin), ship_from=ship_from, destination=destination, end_user=EndUser(user_class=user))
    result = screen(what, snapshot, on=on)
    answer = result.answers["CN"].answer
    worst = max((max(_RANKS[f.answer]) for f in result.findings if f.jurisdiction == "CN"), default=Rank.NOT_CONTROLLED)
    assert max(_RANKS[answer]) >= min(worst, Rank.PROHIBITED) or answer is Answer.NEEDS_INFORMATION
    if answer is Answer.NEEDS_INFORMATION:
        assert result.questions
    if answer is Answer.LICENCE_REQUIRED:
        assert result.answers["CN"].dual_use_licence == "yes"


@given(everything, places, places, st.dates(date(2025, 1, 1), date(2027, 6, 1)), st.dates(date(2025, 1, 1), date(2026, 11, 22)))
def test_the_law_made_again_from_its_content_answers_the_same(
    what: Goods, ship_from: str | None, destination: str | None, on: date, known_on: date
) -> None:
    snapshot = order(line(origin_country="CN"), ship_from=ship_from, destination=destination)
    again = AGAIN
    assert again.version == built_in_law().version
    assert screen(what, snapshot, on=on, known_on=known_on, law=again) == screen(what, snapshot, on=on, known_on=known_on)


AGAIN = law_from_content(built_in_law().content)
