"""The walk over components: what is not known widens a share and is never taken for zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.screening.domain.basis import Basis
from services.screening.domain.bill_of_materials import LEFT_OUT, BillOfMaterials, Range, bill_of_materials
from services.screening.domain.goods import Goods
from services.screening.domain.law import Scenario
from services.screening.domain.recognition import recognise
from services.screening.domain.screening import screen_order
from shared.contracts.order import Component, Constituent, ControlFacts
from shared.contracts.screening import Answer, LineScreening
from tests.unit.screening.making import TODAY, built_in_law, built_in_parties, line, order

DY = frozenset({"Dy"})
NO_61 = Scenario(in_force=frozenset({"cn-mofcom-61-2025"}))


def component(name: str, **stated: Any) -> Component:
    return Component(item_id=name, **stated)


def holding(*constituents: tuple[str, str], origin: str | None = None) -> list[Constituent]:
    return [Constituent(substance=substance, share=share, origin_country=origin) for substance, share in constituents]


def bill(*components: Component, mass: Any = None, value: Any = None, complete: bool | None = True, **fields: Any) -> BillOfMaterials:
    whole = line(
        description=None,
        components=list(components),
        components_complete=complete,
        mass_kg_per_unit=mass,
        value_per_unit=value,
        **fields,
    )
    return bill_of_materials(whole, recognise(whole), "EUR", recognise)


def percent(share: Range) -> Any:
    return share.percent()


# What is true, and what is stated of it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leaf:
    """One part as it really is: mass and value, percent of dysprosium in both, and where that comes from; `told` is what is stated."""

    mass: int
    value: int
    content: int
    input: int
    origin: str
    told: frozenset[str]

    def as_component(self, name: str, told: frozenset[str]) -> Component:
        constituents = []
        if "content" in told:
            constituents.append(Constituent(substance="Dy", share=f"{self.content} wt%"))
        if "input" in told and self.content:
            constituents.append(
                Constituent(substance="Dy", share=f"{self.input} % of value", origin_country=self.origin if "origin" in told else None)
            )
        return component(
            name,
            mass_kg=self.mass if "mass" in told else None,
            value=self.value if "value" in told else None,
            inputs_origin_country=self.origin if "origin" in told else None,
            composition=constituents,
        )


FACTS = ("mass", "value", "content", "input", "origin")
leaves = st.lists(
    st.builds(
        Leaf,
        mass=st.integers(1, 60),
        value=st.integers(1, 60),
        content=st.integers(0, 90),
        input=st.integers(1, 90),
        origin=st.sampled_from(["CN", "AU"]),
        told=st.frozensets(st.sampled_from(FACTS)),
    ),
    min_size=1,
    max_size=5,
)


def stated(
    parts: Sequence[Leaf], told: Sequence[frozenset[str]], added: int, whole: frozenset[str], complete: bool | None = True
) -> BillOfMaterials:
    return bill(
        *(part.as_component(f"P{number}", facts) for number, (part, facts) in enumerate(zip(parts, told, strict=True))),
        mass=sum(part.mass for part in parts) if "mass" in whole else None,
        value=sum(part.value for part in parts) + added if "value" in whole else None,
        complete=complete,
    )


def true_mass_share(parts: Sequence[Leaf]) -> Fraction:
    return Fraction(sum(part.mass * part.content for part in parts), 100 * sum(part.mass for part in parts))


def true_value_share(parts: Sequence[Leaf], added: int) -> Fraction:
    chinese = sum(part.value * part.input for part in parts if part.origin == "CN" and part.content)
    return Fraction(chinese, 100 * (sum(part.value for part in parts) + added))


wholes = st.frozensets(st.sampled_from(["mass", "value"]))


@settings(max_examples=150, deadline=None)
@given(leaves, st.integers(0, 50), wholes, st.sampled_from([True, False, None]))
def test_a_share_holds_every_completion_of_what_is_not_stated(
    parts: list[Leaf], added: int, whole: frozenset[str], complete: bool | None
) -> None:
    found = stated(parts, [part.told for part in parts], added, whole, complete)
    mass, value = found.mass_share("Dy").range, found.value_share(DY, "CN")
    assert found.faults == ()
    assert mass.low <= true_mass_share(parts) <= mass.high
    assert value.low <= true_value_share(parts, added) <= value.high


@settings(max_examples=150, deadline=None)
@given(leaves, st.integers(0, 50), wholes, wholes, st.data())
def test_to_state_more_never_widens(
    parts: list[Leaf], added: int, whole: frozenset[str], more: frozenset[str], data: st.DataObject
) -> None:
    further = [data.draw(st.frozensets(st.sampled_from(FACTS))) for _ in parts]
    before = stated(parts, [part.told for part in parts], added, whole)
    after = stated(parts, [part.told | facts for part, facts in zip(parts, further, strict=True)], added, whole | more)
    for wide, narrow in (
        (before.mass_share("Dy").range, after.mass_share("Dy").range),
        (before.value_share(DY, "CN"), after.value_share(DY, "CN")),
    ):
        assert wide.low <= narrow.low <= narrow.high <= wide.high


@settings(max_examples=80, deadline=None)
@given(leaves, st.integers(0, 50), wholes, st.randoms(use_true_random=False))
def test_the_order_of_components_makes_no_difference(parts: list[Leaf], added: int, whole: frozenset[str], chance: Any) -> None:
    shuffled = chance.sample(parts, len(parts))
    first, second = (stated(each, [part.told for part in each], added, whole) for each in (parts, shuffled))
    assert first.mass_share("Dy").range == second.mass_share("Dy").range
    assert first.value_share(DY, "CN") == second.value_share(DY, "CN")


@settings(max_examples=80, deadline=None)
@given(leaves, st.integers(0, 50), wholes)
def test_shares_do_not_add_up_to_more_than_the_whole(parts: list[Leaf], added: int, whole: frozenset[str]) -> None:
    found = stated(parts, [part.told for part in parts], added, whole)
    assert sum(part.mass_share.low for part in found.whole.parts) <= 1
    assert sum(part.value_share.low for part in found.whole.parts) <= 1
    assert sum(found.mass_share(element).range.low for element in ("Dy", "Tb", "Nd", "Sm", "Fe")) <= 1
    assert sum(each.range.low for each in found.value_inputs(frozenset({"Dy", "Tb", "Sm"}))) <= 1


@settings(max_examples=80, deadline=None)
@given(st.lists(leaves, min_size=1, max_size=3), st.sampled_from([1, 2, 4, 5]), st.integers(0, 50))
def test_a_nested_tree_equals_its_flattening(groups: list[list[Leaf]], pieces: int, added: int) -> None:
    everything = frozenset(FACTS)
    parts = [part for group in groups for part in group]
    assemblies = [
        component(
            f"A{number}",
            quantity=pieces,
            mass_kg=sum(part.mass for part in group),
            value=sum(part.value for part in group),
            components=[_of_one_piece(part, f"P{number}.{index}", pieces) for index, part in enumerate(group)],
            components_complete=True,
        )
        for number, group in enumerate(groups)
    ]
    nested = bill(*assemblies, mass=sum(part.mass for part in parts), value=sum(part.value for part in parts) + added)
    flat = stated(parts, [everything] * len(parts), added, frozenset({"mass", "value"}))
    assert nested.mass_share("Dy").range == flat.mass_share("Dy").range == Range(*[true_mass_share(parts)] * 2)
    assert nested.value_share(DY, "CN") == flat.value_share(DY, "CN") == Range(*[true_value_share(parts, added)] * 2)


def _of_one_piece(part: Leaf, name: str, pieces: int) -> Component:
    """An inner list speaks of one piece of the assembly."""
    whole = part.as_component(name, frozenset(FACTS))
    return whole.model_copy(update={"mass_kg": Decimal(part.mass) / pieces, "value": Decimal(part.value) / pieces})


# Examples -----------------------------------------------------------------------------------------------------------------------------


def test_the_parts_of_each_piece_are_counted_as_often_as_there_are_pieces() -> None:
    magnet = component("MAGNET", mass_kg="0.05", composition=holding(("Dy", "2 wt%")))
    rotor = component("ROTOR", quantity=4, mass_kg="0.4", components=[magnet, component("SHAFT", mass_kg="0.05")])
    found = bill(rotor, component("HOUSING", mass_kg="0.6"), mass=1)
    assert found.mass_share("Dy").range.low == Fraction(20, 100) * Fraction(2, 100)


def test_how_many_pieces_a_quantity_in_kilograms_is_stays_unknown() -> None:
    magnet = component("MAGNET", mass_kg="0.05", composition=holding(("Dy", "2 wt%")))
    shaft = component("SHAFT", mass_kg="0.05", composition=holding(("Fe", "100 wt%")))
    rotor = component("ROTOR", quantity="0.4", unit="KGM", mass_kg="0.4", components=[magnet, shaft])
    found = bill(rotor, mass="0.4").mass_share("Dy").range
    assert found.low == 0
    assert found.high >= Fraction(1, 100)


def test_an_oxide_counts_as_the_element_it_holds() -> None:
    powder = component("POWDER", mass_share_percent=10, composition=holding(("Dy2O3", "100 wt%")))
    low, high = percent(
        bill(powder, component("REST", mass_share_percent=90, composition=holding(("Fe", "100 wt%")))).mass_share("Dy").range
    )
    assert low == pytest.approx(Decimal("8.713"), abs=Decimal("0.001"))
    assert high == pytest.approx(low, abs=Decimal("1e-15"))


def test_a_component_of_which_nothing_is_known_may_hold_anything() -> None:
    found = bill(component("KNOWN", mass_kg=9, composition=holding(("Fe", "100 wt%"))), component("UNKNOWN", mass_kg=1))
    assert percent(found.mass_share("Dy").range) == (0, 10)
    widest = found.mass_share("Dy").widest()
    assert widest is not None
    assert widest.part == "UNKNOWN"


def test_a_component_without_mass_takes_what_the_others_leave() -> None:
    found = bill(
        component("IRON", mass_kg=9, composition=holding(("Fe", "100 wt%"))),
        component("DY", composition=holding(("Dy", "50 wt%"))),
        mass=10,
    )
    assert percent(found.mass_share("Dy").range) == (5, 5)


def test_what_an_incomplete_list_leaves_out_may_hold_anything() -> None:
    iron = component("IRON", mass_share_percent=90, composition=holding(("Fe", "100 wt%")))
    found = bill(iron, complete=False).mass_share("Dy")
    assert percent(found.range) == (0, 10)
    assert [each.part for each in found.contributions] == [LEFT_OUT]
    # Shares of mass that add up say the same as somebody who says that the list is complete.
    whole = component("IRON", mass_share_percent=100, composition=holding(("Fe", "100 wt%")))
    assert percent(bill(whole, complete=None).mass_share("Dy").range) == (0, 0)


def test_the_wholes_own_composition_and_its_parts_are_laid_side_by_side() -> None:
    magnet = component("MAGNET", mass_share_percent=10)
    iron = component("IRON", mass_share_percent=90, composition=holding(("Fe", "100 wt%")))
    found = bill(magnet, iron, composition=holding(("Dy", "0.2 wt%")))
    assert percent(found.mass_share("Dy").range) == (Decimal("0.2"), Decimal("0.2"))


def test_a_component_that_is_an_input_counts_with_all_its_value() -> None:
    metal = component("DY", description="Dysprosium metal 99.9 %", value=2, origin_country="CN")
    (found,) = bill(metal, value=100).value_inputs(DY)
    assert (found.part, found.comes_from("CN"), percent(found.range)) == ("DY", True, (2, 2))


def test_what_a_minor_element_of_an_input_makes_of_its_value_is_not_known() -> None:
    oxide = component(
        "OXIDE", description="Neodymium oxide", value=2, origin_country="CN", composition=holding(("Nd2O3", "99 wt%"), ("Dy2O3", "0.5 wt%"))
    )
    found = bill(oxide, value=100)
    assert percent(found.value_share(DY, "CN")) == (0, 2)
    assert percent(found.value_share(frozenset({"Nd"}), "CN")) == (2, 2)


def test_inputs_of_unknown_origin_are_certain_of_no_country() -> None:
    magnet = component("MAGNET", value=10, composition=holding(("Dy", "5% of value")))
    assert percent(bill(magnet, value=100).value_share(DY, "CN")) == (0, Decimal("0.5"))
    chinese = bill(magnet, value=100, inputs_origin_country="CN")
    assert percent(chinese.value_share(DY, "CN")) == (Decimal("0.5"), Decimal("0.5"))


@pytest.mark.parametrize(
    ("components", "named"),
    [
        ([component("A", mass_kg=-1)], "component A"),
        ([component("A", value=-1)], "component A"),
        ([component("A", mass_share_percent=120)], "component A"),
        ([component("A", value_share_percent=-3)], "component A"),
        ([component("A", mass_share_percent=70), component("B", mass_share_percent=60)], "130 %"),
        ([component("A", mass_kg=3), component("B", mass_kg=8)], "11 kg"),
        ([component("A", value=3, currency="USD"), component("B", value=3)], "EUR, USD"),
        ([component("A", composition=holding(("Dy", "120 wt%")))], "Component A"),
        ([component("A", composition=holding(("Dy", "5")))], "Component A"),
        ([component("A", composition=holding(("Dy", "-5 %")))], "Component A"),
        ([component("A", fault="The item A contains itself (A → A).")], "contains itself"),
    ],
)
def test_what_cannot_be_is_named_and_taken_as_unknown(components: list[Component], named: str) -> None:
    found = bill(*components, mass=10, value=10)
    assert named in " ".join(found.faults)
    share = found.mass_share("Dy").range
    assert 0 <= share.low <= share.high <= 1


def test_equal_lines_are_walked_once() -> None:
    parts = component("A", mass_kg=1)
    assert bill(parts) is bill(parts)


# Before the law ---------------------------------------------------------------------------------------------------------------------


def screened(
    *components: Component, ship_from: str = "DE", destination: str = "TR", on: date = date(2027, 2, 1), **fields: Any
) -> LineScreening:
    goods = line(
        **{
            "description": "Servo motor 400 W",
            "origin_country": "DE",
            "components": list(components),
            "components_complete": True,
            "mass_kg_per_unit": 1,
            "value_per_unit": 100,
            "provenance": {"components": "item_master"},
            **fields,
        }
    )
    snapshot = order(goods, ship_from=ship_from, destination=destination, currency="EUR")
    basis = Basis(built_in_law(), built_in_parties())
    return screen_order(snapshot, basis, order_event_id="event", known_on=TODAY, valid_on=on, scenario=NO_61, code="1").lines[0]


def rotor(*constituents: tuple[str, str], **stated: Any) -> Component:
    return Component(
        **{
            "item_id": "ROTOR-7",
            "description": "sintered NdFeB magnet",
            "mass_kg": "0.1",
            "value": 8,
            "inputs_origin_country": "CN",
            "composition": holding(("Dy", "2 wt%"), ("Nd", "29 wt%"), ("Fe", "68 wt%"), ("B", "1 wt%"), *constituents),
            **stated,
        },
    )


HOUSING = component("HOUSING", description="housing", mass_kg="0.9", value=40, composition=holding(("Al", "100 wt%")))


def used(found: LineScreening, name: str) -> list[str]:
    return [fact.value for finding in found.findings for fact in finding.facts_used if fact.name == name]


def test_a_missing_value_share_is_asked_for_by_component_and_element() -> None:
    found = screened(rotor(), HOUSING)
    assert found.answers["CN"].answer is Answer.NEEDS_INFORMATION
    assert found.questions[0].question == (
        "What is the value share of Chinese dysprosium inputs in component ROTOR-7, in percent of its value?"
    )
    assert (found.questions[0].name, found.questions[0].held_by) == ("value_share/ROTOR-7", "supplier")
    assert used(found, "value_share") == ["0–8 % of value from CN: component ROTOR-7 decides"]


def test_a_finding_says_which_component_decided() -> None:
    found = screened(rotor(("Dy", "1-1.5% of value")), HOUSING)
    assert used(found, "value_share") == ["0.08–0.12 % of value from CN: component ROTOR-7 decides"]
    above = screened(rotor(("Dy", "1.5% of value")), HOUSING)
    assert above.answers["CN"].answer is Answer.LICENCE_REQUIRED
    assert used(above, "value_share") == ["0.12 % of value from CN: component ROTOR-7 decides"]


def test_what_a_component_holds_is_recognised_as_in_that_part() -> None:
    found = screened(rotor(), HOUSING)
    assert {(m.element, m.in_part, m.seen_in) for m in found.recognition.materials if m.element == "Dy"} == {
        ("Dy", "ROTOR-7", "item_master")
    }
    assert found.recognition.product == "motor"


def test_a_magnet_found_free_of_an_element_does_not_answer_for_another_magnet() -> None:
    free = rotor(item_id="CLEAN", composition=holding(("Dy", "<0.01 wt%"), ("Tb", "<0.01 wt%")))
    other = component("OTHER", description="sintered NdFeB magnet 42SH", mass_kg="0.1", value=8)
    found = screened(free, other)
    assert found.answers["CN"].answer is Answer.NEEDS_INFORMATION
    assert any("component OTHER" in question.question for question in found.questions)
    assert screened(free, HOUSING).answers["CN"].answer is Answer.NOT_CONTROLLED


def test_a_fault_of_a_component_is_asked_about_first() -> None:
    found = screened(rotor(mass_share_percent=120), HOUSING, ship_from="CN", destination="DE", on=date(2026, 5, 1))
    assert found.answers["CN"].answer is Answer.NEEDS_INFORMATION
    assert found.answers["CN"].dual_use_licence == "unknown"
    assert found.questions[0].question.startswith("The share by mass of component ROTOR-7 is 120 %")


def test_lines_without_stated_us_content_have_no_answer_under_us_law() -> None:
    board = component("BOARD", description="controller board", value=90, origin_country="US")
    assert "US" not in screened(board).answers
    assert "US" in screened(board.model_copy(update={"control": ControlFacts(us_controlled_content=True)})).answers


def test_five_hundred_components_eight_deep_are_walked() -> None:
    inner = component("LEAF", mass_kg=1, value=1, composition=holding(("Dy", "1 wt%")))
    for depth in range(7):
        inner = component(f"D{depth}", quantity=1, mass_kg=1, value=1, components=[inner], components_complete=True)
    many = [component(f"N{number}", mass_kg=1, value=1) for number in range(490)]
    found = bill(inner, *many, mass=491, value=491)
    low, high = percent(found.mass_share("Dy").range)
    assert low == pytest.approx(Decimal(1) / 491)
    assert high is not None
    assert high < 100
    assert isinstance(found.goods, Goods)
