"""Names of places and of turns lead back to what they name."""

from hypothesis import given
from hypothesis import strategies as st

from services.stockpile_advisor.keys import ADVISE, Asked, parts_of, place

NAMES = st.text(min_size=1, max_size=30)


@given(NAMES, NAMES)
def test_a_place_is_a_plant_and_an_item(plant: str, item: str) -> None:
    assert parts_of(place(plant, item)) == (plant, item)


@given(NAMES, st.integers(0, 2**50))
def test_a_turn_reads_as_it_was_asked(name: str, moment: int) -> None:
    asked = Asked(ADVISE, "report", moment, name)
    assert Asked.of(asked.timer) == asked
