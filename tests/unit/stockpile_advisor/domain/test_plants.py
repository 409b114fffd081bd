"""Goods find their plant, or it is said that nobody knows."""

import pytest

from services.stockpile_advisor.domain.plants import plant_of


@pytest.mark.parametrize(
    ("ship_to", "keepers", "plant"),
    [
        ("A", [("P1", ["A"]), ("P2", ["B"])], "P1"),
        ("C", [("P1", ["A"]), ("P2", ["B"])], None),
        (None, [("P1", ["A"]), ("P2", ["B"])], None),
        (None, [("P1", ["A"])], "P1"),
        ("C", [("P1", ["A"])], "P1"),
        ("A", [("P1", ["A"]), ("P2", ["A"])], None),
        ("A", [], None),
    ],
)
def test_the_ship_to_number_tells_else_the_only_plant(ship_to: str | None, keepers: list[tuple[str, list[str]]], plant: str | None) -> None:
    assert plant_of(ship_to, keepers) == plant
