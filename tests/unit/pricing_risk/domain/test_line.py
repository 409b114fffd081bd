"""What of a line is open, and what is in it."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.domain.inputs import RecognitionRead
from services.pricing_risk.domain.line import Contents, contents_of, quantities
from tests.unit.pricing_risk.domain.made_inputs import line, material


def recognition(*materials: dict[str, Any], product: str | None = "oxide") -> RecognitionRead:
    return RecognitionRead.model_validate({"product": product, "materials": list(materials)})


def held(contents: Contents) -> dict[str, tuple[float | None, float | None]]:
    return {"+".join(each.elements): (each.low_kg, each.high_kg) for each in contents.known}


def unknown(element: str, **said: Any) -> dict[str, Any]:
    return material(element, None, **said)


@pytest.mark.parametrize(
    ("shipments", "open_share"),
    [
        ([], "1"),
        ([{"shipment_id": "A", "quantity": "400", "departed_on": "2026-11-01"}], "1"),
        ([{"shipment_id": "A", "quantity": "400", "received_on": "2026-11-01"}], "0.6"),
        ([{"shipment_id": "A", "quantity": "400", "received_on": "2026-11-01", "received_quantity": "250"}], "0.75"),
        ([{"shipment_id": "A", "received_on": "2026-11-01"}], "0"),
        ([{"shipment_id": "A", "quantity": "1200", "received_on": "2026-11-01"}], "0"),
    ],
)
def test_what_was_received_is_not_open(shipments: list[dict[str, str]], open_share: str) -> None:
    assert quantities(line(shipments=shipments)).open_share == Decimal(open_share)


def test_nothing_is_open_of_what_ended() -> None:
    assert quantities(line(line_status="cancelled")).open_share == 0
    assert quantities(line(), ended=True).open_share == 0
    assert quantities(line(quantity={"value": "-5", "unit": "KGM"})).open_share == 0


@given(low=st.decimals(0, 100, places=3), more=st.decimals(0, 100, places=3), mass=st.integers(1, 10**6))
def test_masses_are_shares_of_the_mass(low: Decimal, more: Decimal, mass: int) -> None:
    high = min(Decimal(100), low + more)
    contents = contents_of(line(mass_kg=str(mass)), recognition(material("Dy", (str(low), str(high)))))
    ((least, most),) = held(contents).values()
    assert least == pytest.approx(float(low) / 100 * mass)
    assert most == pytest.approx(float(high) / 100 * mass)


def test_an_open_interval_ends_at_nothing_and_at_all() -> None:
    assert held(contents_of(line(), recognition(material("Dy", (None, "2")))))["Dy"] == pytest.approx((0, 20))
    assert held(contents_of(line(), recognition(material("Dy", ("90", None)))))["Dy"] == pytest.approx((900, 1000))


def test_an_unknown_share_asks_the_supplier_and_is_not_zero() -> None:
    contents = contents_of(line(), recognition(unknown("Nd", form="alloy", substance="NdFeB"), product="permanent_magnet"))
    assert held(contents) == {"Nd": (None, None)}
    assert [(fact.name, fact.held_by) for fact in contents.missing] == [("mass_share_percent of Nd", "supplier")]


def test_an_unknown_mass_is_asked_for() -> None:
    contents = contents_of(line(mass_kg=None), recognition(material()))
    assert held(contents) == {"Dy": (None, None)}
    assert contents.missing[0].name == "mass_kg"


def test_a_pure_oxide_without_purity_is_taken_from_its_formula_and_that_is_said() -> None:
    contents = contents_of(line(), recognition(unknown("Dy")))
    assert held(contents)["Dy"] == pytest.approx((827.75, 871.32), abs=0.01)
    assert contents.assumed == ["The purity is not stated; the goods are taken as 95 to 100 % Dy2O3."]


def test_a_salt_may_hold_water_so_its_content_stays_unknown() -> None:
    carbonate = unknown("La", form="compound", substance="La2(CO3)3")
    assert held(contents_of(line(), recognition(carbonate, product="compound"))) == {"La": (None, None)}


def test_neodymium_and_praseodymium_sold_as_one_are_one_material() -> None:
    said = {"substance": "NdPr oxide", "evidence": "NdPr oxide"}
    contents = contents_of(line(), recognition(unknown("Nd", **said), unknown("Pr", **said)))
    assert held(contents)["Nd+Pr"] == pytest.approx((807.4, 849.9), abs=0.1)
    assert [each.elements for each in contents.known[0].members] == [("Nd",), ("Pr",)]


def test_more_metal_than_the_oxide_can_hold_is_read_as_oxide() -> None:
    said = {"substance": "NdPr oxide", "evidence": "NdPr oxide"}
    contents = contents_of(line(), recognition(material("Nd", "75", **said), material("Pr", "24", **said)))
    assert held(contents) == {"Nd+Pr": pytest.approx((849.9, 849.9))}


def test_elements_counted_together_are_one_amount_at_the_most_stated() -> None:
    said = {"form": "alloy", "substance": None, "evidence": "Nd+Pr: 31 wt%"}
    contents = contents_of(line(), recognition(material("Nd", ("0", "31"), **said), material("Pr", ("0", "31"), **said), product="alloy"))
    assert held(contents) == {"Nd+Pr": pytest.approx((310, 310))}


def test_what_a_grade_may_hold_is_a_candidate_and_no_content() -> None:
    magnet = {"form": "alloy", "substance": "NdFeB"}
    contents = contents_of(line(), recognition(material("Nd", "30", **magnet), unknown("Tb", confidence="low", **magnet), product="magnet"))
    assert held(contents) == {"Nd": pytest.approx((300, 300))}
    assert contents.candidates == ["Tb"]


def test_iron_and_oxygen_are_not_what_goods_are_bought_for() -> None:
    contents = contents_of(line(), recognition(material("Fe", "67"), material("Dy", "3")))
    assert held(contents) == {"Dy": pytest.approx((30, 30))}


def test_an_assembly_is_worth_what_its_parts_hold() -> None:
    motor = line(
        quantity={"value": "500", "unit": "C62"},
        mass_kg="2000",
        mass_kg_per_unit="4",
        components=[
            {
                "description": "rotor",
                "quantity": "1",
                "mass_kg": "1.5",
                "components": [{"item_id": "M1", "quantity": "8", "mass_kg": "0.4"}],
            },
            {"description": "winding", "mass_share_percent": "25"},
        ],
    )
    magnet = {"form": "alloy", "substance": "NdFeB", "in_part": "M1"}
    contents = contents_of(
        motor,
        recognition(
            material("Nd", ("28", "30"), **magnet), material("Dy", "3", **magnet), material("Cu", "99", in_part="winding"), product="motor"
        ),
    )
    assert held(contents) == {
        "Nd": pytest.approx((500 * 0.4 * 0.28, 500 * 0.4 * 0.30)),
        "Dy": pytest.approx((6, 6)),
        "Cu": pytest.approx((495, 495)),
    }


def test_what_is_said_of_a_whole_and_of_a_part_in_it_counts_once() -> None:
    assembly = line(mass_kg="100", mass_kg_per_unit="1", components=[{"item_id": "M1", "mass_kg": "0.5"}])
    both = recognition(material("Nd", "15", form="alloy"), material("Nd", "30", form="alloy", in_part="M1"), product="motor")
    assert held(contents_of(assembly, both)) == {"Nd": pytest.approx((15, 15))}
    named = recognition(unknown("Nd", form="alloy"), material("Nd", "30", form="alloy", in_part="M1"), product="motor")
    assert held(contents_of(assembly, named)) == {"Nd": pytest.approx((15, 15))}


def test_two_parts_of_one_name_count_with_a_mass_each() -> None:
    parts = [{"item_id": "M1", "mass_kg": "0.5"}, {"item_id": "M1", "mass_kg": "0.1"}]
    assembly = line(mass_kg="100", mass_kg_per_unit="1", components=parts)
    said = material("Nd", "30", form="alloy", in_part="M1")
    assert held(contents_of(assembly, recognition(said, said, product="motor"))) == {"Nd": pytest.approx((18, 18))}


def test_the_mass_of_a_part_that_nobody_weighed_is_asked_for() -> None:
    contents = contents_of(line(), recognition(material("Nd", "30", form="alloy", in_part="magnet"), product="motor"))
    assert held(contents) == {"Nd": (None, None)}
    assert "part magnet of line 10" in contents.missing[0].question
