"""Components on their way into a snapshot: filled in from the item master, named where they cannot be, never doubled."""

from decimal import Decimal
from typing import Any

import pytest

from services.gateway.domain.enrichment import Catalogue, catalogue_of
from services.gateway.domain.snapshot import snapshot_of
from services.gateway.domain.taking_in import Circumstances, OrderState, references_of, take_in
from shared.contracts.master_data import Item
from shared.contracts.order import Component, OrderSnapshot, SnapshotLine
from tests.unit.gateway.orders import MOMENT, line, received

MOTOR = {
    "item_id": "MOTOR-1",
    "description": "Servo motor",
    "net_weight_kg_per_unit": "2",
    "components": [{"item_id": "ROTOR-7", "quantity": "2", "value": "8", "currency": "EUR"}, {"description": "housing", "mass_kg": "1"}],
    "components_complete": True,
}
ROTOR = {
    "item_id": "ROTOR-7",
    "description": "rotor magnet",
    "origin_country": "CN",
    "net_weight_kg_per_unit": "0.25",
    "composition": [{"substance": "Dy", "share": "2 wt%"}],
    "evidence": {"composition": {"document": "report 9"}},
    "control": {"us_controlled_content": False},
}


def master(*items: dict[str, Any]) -> Catalogue:
    return catalogue_of([Item.model_validate(item) for item in items], [])


def motors(**fields: Any) -> dict[str, Any]:
    pieces = {"value": "10", "unit": "C62", "unit_system": "UNECE"}
    return line(**{"item": {"buyer_id": "MOTOR-1"}, "quantity": pieces, "net_amount": "500", **fields})


def snapshot(catalogue: Catalogue, *lines: dict[str, Any]) -> OrderSnapshot:
    return snapshot_of(received(lines=list(lines) or [motors()], currency="EUR"), catalogue, MOMENT)


def only(found: OrderSnapshot) -> SnapshotLine:
    return found.lines[0]


def issues(found: OrderSnapshot, code: str) -> list[tuple[str, str]]:
    return [(issue.path, issue.message) for issue in found.issues if issue.code == code]


def test_a_line_gets_its_items_components_and_they_get_theirs() -> None:
    found = only(snapshot(master(MOTOR, ROTOR)))
    rotor, housing = found.components
    assert (rotor.description, rotor.origin_country, rotor.mass_kg, rotor.read_from) == (
        "rotor magnet",
        "CN",
        Decimal("0.5"),
        "item_master",
    )
    assert rotor.composition[0].document == "report 9"
    assert rotor.control is not None
    assert rotor.control.us_controlled_content is False
    assert housing.read_from is None
    assert (found.components_complete, found.provenance["components"]) == (True, "item_master")
    assert (found.mass_kg_per_unit, found.value_per_unit) == (Decimal(2), Decimal(50))


def test_a_line_without_a_quantity_still_knows_what_one_unit_weighs() -> None:
    found = only(snapshot(master(MOTOR, ROTOR), motors(quantity=None)))
    assert (found.mass_kg_per_unit, found.value_per_unit) == (Decimal(2), None)


def test_what_the_order_says_of_components_stands() -> None:
    stated = [{"item_id": "ROTOR-7", "origin_country": "JP", "mass_kg": "0.3"}]
    found = only(snapshot(master(MOTOR, ROTOR), motors(components=stated)))
    assert [(c.item_id, c.origin_country, c.mass_kg, c.description) for c in found.components] == [
        ("ROTOR-7", "JP", Decimal("0.3"), "rotor magnet")
    ]
    assert found.provenance["components"] == "document"


def test_an_items_values_without_a_currency_are_not_compared_with_the_price() -> None:
    unpriced = {**MOTOR, "components": [{"item_id": "ROTOR-7", "value": "8"}]}
    assert only(snapshot(master(unpriced, ROTOR))).value_per_unit is None


def test_the_components_of_another_manufacturers_part_are_not_used() -> None:
    other = motors(item={"buyer_id": "MOTOR-1", "manufacturer_id": "M-2"})
    assert only(snapshot(master({**MOTOR, "manufacturer_part": "M-1"}), other)).components == []


def test_an_item_that_contains_itself_is_named_with_the_way_round() -> None:
    back = {**ROTOR, "components": [{"item_id": "SHAFT"}]}
    shaft = {"item_id": "SHAFT", "components": [{"item_id": "ROTOR-7"}]}
    found = snapshot(master(MOTOR, back, shaft))
    ((path, message),) = issues(found, "COMPONENT_CYCLE")
    assert path == "/lines/0/components/0/components/0/components/0"
    assert "ROTOR-7 → SHAFT → ROTOR-7" in message
    inner = only(found).components[0].components[0].components[0]
    assert (inner.fault, inner.components) == (message, [])


def test_a_line_whose_item_contains_the_item_itself_is_a_cycle() -> None:
    found = snapshot(master({**MOTOR, "components": [{"item_id": "MOTOR-1"}]}))
    assert "MOTOR-1 → MOTOR-1" in issues(found, "COMPONENT_CYCLE")[0][1]


def test_components_deeper_than_eight_levels_are_cut_and_told() -> None:
    items = [{"item_id": f"L{depth}", "components": [{"item_id": f"L{depth + 1}"}]} for depth in range(12)]
    found = snapshot(master({**MOTOR, "components": [{"item_id": "L0"}]}, *items))
    ((path, _),) = issues(found, "COMPONENTS_TOO_DEEP")
    assert path.count("/components/") == 8


def test_more_than_five_hundred_components_are_cut_and_told() -> None:
    wide = {"item_id": "WIDE", "components": [{"description": f"part {number}"} for number in range(60)]}
    found = snapshot(master({**MOTOR, "components": [{"item_id": "WIDE"}] * 20}, wide))
    assert issues(found, "TOO_MANY_COMPONENTS")

    def count(components: list[Component]) -> int:
        return sum(1 + count(component.components) for component in components)

    assert count(only(found).components) < 520
    assert any(component.fault for component in only(found).components)


@pytest.mark.parametrize(
    ("component", "mass"),
    [
        ({"item_id": "ROTOR-7", "quantity": "4"}, Decimal(1)),
        ({"item_id": "ROTOR-7", "quantity": "300", "unit": "GRM"}, Decimal("0.3")),
        ({"item_id": "ROTOR-7"}, None),
        ({"item_id": "ROTOR-7", "quantity": "2", "unit": "MTR"}, None),
        ({"item_id": "ROTOR-7", "quantity": "2", "mass_share_percent": "10"}, None),
    ],
)
def test_a_components_mass_is_its_quantity_times_the_items_weight(component: dict[str, Any], mass: Decimal | None) -> None:
    found = only(snapshot(master(ROTOR), motors(components=[component])))
    assert found.components[0].mass_kg == mass


# Sub-lines


def part(line_id: str, parent: str = "10", price: str | None = "0", **fields: Any) -> dict[str, Any]:
    pieces = {"value": "20", "unit": "C62", "unit_system": "UNECE"}
    amount = {} if price is None else {"net_amount": price}
    return line(line_id, **{"parent_line_id": parent, "item": {"buyer_id": "ROTOR-7"}, "quantity": pieces, **amount, **fields})


def test_free_sub_lines_are_components_of_the_line_above_them() -> None:
    inner = part("12", parent="11", item={"buyer_id": "SHAFT"})
    found = snapshot(master(ROTOR), motors(), part("11"), inner)
    (rotor,) = only(found).components
    assert (rotor.item_id, rotor.quantity, rotor.mass_kg, rotor.value) == ("ROTOR-7", Decimal(2), Decimal("0.5"), None)
    assert [each.item_id for each in rotor.components] == ["SHAFT"]
    assert only(found).provenance["components"] == "inferred"
    assert len(found.lines) == 3


@pytest.mark.parametrize(
    "other",
    [
        part("12", price="5"),
        part("12", price=None),
        part("12", item={"buyer_id": "MOTOR-1"}),
        part("12", quantity=None),
        part("12", line_status="cancelled"),
    ],
    ids=["has a price", "says no price", "more of the same item", "says no amount", "is cancelled"],
)
def test_sub_lines_that_may_be_something_else_are_not(other: dict[str, Any]) -> None:
    assert only(snapshot(master(ROTOR), motors(), part("11"), other)).components == []


def test_lines_that_are_each_others_parts_end() -> None:
    found = snapshot(master(), motors(parent_line_id="11", net_amount="0"), part("11"))
    assert found.lines[0].components[0].item_id == "ROTOR-7"


def test_an_order_is_found_by_the_items_that_its_components_name() -> None:
    taken = take_in(OrderState(), received(lines=[motors()]), Circumstances(master(MOTOR, ROTOR), MOMENT))
    assert references_of(taken.state)[0] == {"MOTOR-1", "ROTOR-7"}


def test_lines_without_components_carry_nothing_of_them() -> None:
    found = only(snapshot(master(ROTOR), motors()))
    assert (found.components, found.mass_kg_per_unit, found.value_per_unit) == ([], None, None)
    assert "components" not in found.provenance
