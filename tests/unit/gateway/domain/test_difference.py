"""What changed between two states of an order."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.difference import MOST_PATHS, changed_paths

VALUES = st.one_of(st.none(), st.text(max_size=3), st.integers(0, 3), st.lists(st.integers(0, 3), max_size=2))
LINES = st.dictionaries(st.text("ab/~", min_size=1, max_size=3), st.dictionaries(st.sampled_from("xyz"), VALUES), max_size=4)


def state(header: dict[str, Any], lines: dict[str, dict[str, Any]], order: list[int] | None = None) -> dict[str, Any]:
    listed = [{"line_id": line_id, **fields} for line_id, fields in lines.items()]
    return {**header, "lines": listed if order is None else [listed[position] for position in order]}


HEADERS = st.dictionaries(st.sampled_from(("currency", "supplier", "texts")), VALUES)


@given(HEADERS, LINES)
def test_nothing_differs_from_itself(header: dict[str, Any], lines: dict[str, dict[str, Any]]) -> None:
    assert changed_paths(state(header, lines), state(header, lines)) == []


@given(HEADERS, LINES, st.data())
def test_the_order_of_lines_is_no_difference(header: dict[str, Any], lines: dict[str, dict[str, Any]], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(lines))))
    assert changed_paths(state(header, lines), state(header, lines, list(order))) == []


@given(HEADERS, LINES, HEADERS, LINES)
def test_a_difference_shows_from_both_sides(
    header: dict[str, Any], lines: dict[str, dict[str, Any]], other: dict[str, Any], others: dict[str, dict[str, Any]]
) -> None:
    before, after = state(header, lines), state(other, others)
    assert changed_paths(before, after) == changed_paths(after, before)


def test_lines_go_by_their_id_and_lists_as_a_whole() -> None:
    before = {"supplier": {"id": "1", "country": "CN"}, "lines": [{"line_id": "10", "quantity": {"value": "1"}}, {"line_id": "2/0"}]}
    after = {
        "supplier": {"id": "1", "country": "JP"},
        "lines": [{"line_id": "30"}, {"line_id": "10", "quantity": {"value": "2"}, "composition": [{"substance": "Dy"}]}],
    }
    assert changed_paths(before, after) == [
        "/lines/10/composition",
        "/lines/10/quantity/value",
        "/lines/2~10",
        "/lines/30",
        "/supplier/country",
    ]


def test_a_change_everywhere_names_parts_only() -> None:
    def with_value(value: str) -> dict[str, Any]:
        return state({}, {str(number): {"description": value, "lot": value} for number in range(MOST_PATHS // 2 + 1)})

    assert changed_paths(with_value("a"), with_value("b"))[0] == "/lines/0"
    huge = {str(number): {"lot": "a"} for number in range(MOST_PATHS + 1)}
    assert changed_paths(state({}, {}), state({}, huge)) == ["/lines"]
