"""What each operator of the law's language says of facts, and what it says is missing."""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.screening.domain.conditions import ConditionError, Scope, compile_condition, compile_trade_condition
from services.screening.domain.facts import TradeFacts, line_facts
from services.screening.domain.goods import Goods
from services.screening.domain.instrument import Condition
from services.screening.domain.truth import Unknown, Verdict, unsettled_law
from tests.unit.screening.making import goods, material, neodymium_magnet

CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)
TRACE = unsettled_law("trace", "Is a trace enough?")
ADDING_UP = unsettled_law("adding_up", "Do inputs add up?")


def scope(*listed: str) -> Scope:
    return Scope(
        definitions={"round": CONDITION.validate_python({"defined": "round"})},
        questions={"trace": TRACE, "adding_up": ADDING_UP},
        regions={"EU": frozenset({"DE", "FR"})},
        vocabularies=frozenset({"military"}),
        listed=listed,
    )


def verdict(condition: dict[str, Any], what: Goods, trade: TradeFacts | None = None, *, listed: tuple[str, ...] = ("Dy",)) -> Verdict:
    test = compile_condition(CONDITION.validate_python(condition), scope(*listed), ())
    return test(line_facts(what, trade or TradeFacts()))


def missing(found: Verdict) -> set[str]:
    assert isinstance(found, Unknown)
    return {one.name for one in found.missing}


ABOVE_TRACE = {"above_trace": "listed", "together": ["Dy", "Tb"], "tolerated_percent": "0.1", "unsettled": "trace"}


@pytest.mark.parametrize(
    ("dysprosium", "expected"),
    [
        (material("Dy", share="1.9"), True),
        (material("Dy", share="0.11"), True),
        (material("Dy", share="0.1"), TRACE),
        (material("Dy", share="0.02"), TRACE),
        (material("Dy", share="0"), False),
        (material("Dy", below="0.01"), False),
        (material("Dy", below="0.1"), TRACE),
        (material("Dy"), True),
    ],
)
def test_a_trace_is_unsettled_and_more_is_in(dysprosium: Any, expected: Verdict) -> None:
    assert verdict(ABOVE_TRACE, neodymium_magnet(dysprosium)) == expected


@pytest.mark.parametrize(
    "dysprosium",
    [
        material("Dy", share=("0.05", "0.5")),
        material("Dy", below="0.5"),
        material("Dy", certain=False),
        material("Dy", share=(None, "0.5")),
    ],
)
def test_a_reading_on_both_sides_of_a_trace_asks_for_the_content(dysprosium: Any) -> None:
    assert missing(verdict(ABOVE_TRACE, neodymium_magnet(dysprosium))) == {"composition"}


def test_two_traces_that_are_more_than_a_trace_together_are_in() -> None:
    assert verdict(ABOVE_TRACE, neodymium_magnet(material("Dy", share="0.06"), material("Tb", share="0.06"))) is True


def test_a_composition_that_speaks_of_terbium_speaks_of_dysprosium() -> None:
    assert verdict(ABOVE_TRACE, neodymium_magnet(material("Tb", share="0"))) is False
    assert missing(verdict(ABOVE_TRACE, neodymium_magnet())) == {"composition"}


def test_a_complete_composition_leaves_no_room_for_what_it_does_not_name() -> None:
    complete = neodymium_magnet(composition_complete=True, composition_remainder_percent=Decimal("0.05"))
    incomplete = neodymium_magnet(composition_complete=True, composition_remainder_percent=Decimal("0.5"))
    assert verdict(ABOVE_TRACE, complete) is False
    assert missing(verdict(ABOVE_TRACE, incomplete)) == {"composition"}
    assert verdict(ABOVE_TRACE, neodymium_magnet(absent_elements=frozenset({"Dy"}))) is False


def test_a_named_substance_has_no_elements_that_nobody_names() -> None:
    neodymium_oxide = goods("oxide", materials=[material("Nd", "oxide", "Nd2O3")])
    assert verdict({"present": "listed"}, neodymium_oxide) is False
    assert missing(verdict({"present": "listed"}, goods("compound", tariff_codes=("28469099",)))) == {"composition"}


def test_presence_can_be_narrowed_to_a_class_and_a_substance() -> None:
    oxide = goods("oxide", materials=[material("Dy", "oxide", "Dy2O3")])
    assert verdict({"present": "listed", "as": ["oxide"]}, oxide) is True
    assert verdict({"present": "listed", "as": ["compound"]}, oxide) is False
    assert missing(verdict({"present": "listed", "as": ["oxide"]}, goods(materials=[material("Dy")]))) == {"substance_form"}
    assert verdict({"present": "listed", "substance": ["DyF3"]}, oxide) is False


def test_what_nobody_states_is_false_for_stated_and_unknown_for_present() -> None:
    assert verdict({"stated": "listed"}, neodymium_magnet()) is False
    assert isinstance(verdict({"present": "listed"}, neodymium_magnet()), Unknown)


def test_a_kind_that_is_only_possible_is_asked_for() -> None:
    assert verdict({"product": ["motor"]}, goods("motor")) is True
    assert missing(verdict({"product": ["motor"]}, goods("motor", certain=False))) == {"product"}
    assert verdict({"product": ["motor"]}, goods("lens", certain=False)) is False
    assert missing(verdict({"product": ["motor"]}, goods())) == {"product"}
    assert verdict({"product": ["motor"], "if_absent": "false"}, goods()) is False


numbers = st.decimals(min_value=0, max_value=10, places=1)


@given(numbers, numbers, numbers, st.sampled_from(["at_least", "more_than", "at_most", "less_than"]))
def test_a_comparison_holds_for_all_of_a_range_for_none_or_is_unknown(low: Decimal, high: Decimal, limit: Decimal, bound: str) -> None:
    low, high = min(low, high), max(low, high)
    found = verdict({"parameter": "purity_percent", bound: str(limit)}, goods(parameters={"purity_percent": (str(low), str(high))}))
    compare: Callable[[Decimal, Decimal], bool] = {
        "at_least": operator.ge, "more_than": operator.gt, "at_most": operator.le, "less_than": operator.lt,
    }[bound]  # fmt: skip
    step = Decimal("0.05")
    inside = [low + step * i for i in range(int((high - low) / step) + 1)]
    held = {compare(value, limit) for value in inside}
    expected = "unknown" if len(held) == 2 else held.pop()
    assert ("unknown" if isinstance(found, Unknown) else found) == expected


def test_an_open_range_is_unknown_unless_its_known_end_decides() -> None:
    at_least = {"parameter": "purity_percent", "at_least": "99.99"}
    assert verdict(at_least, goods(parameters={"purity_percent": ("99.99", None)})) is True
    assert missing(verdict(at_least, goods(parameters={"purity_percent": ("99.9", None)}))) == {"purity_percent"}
    assert verdict(at_least, goods(parameters={"purity_percent": (None, "99.98")})) is False
    assert missing(verdict(at_least, goods())) == {"purity_percent"}


VALUE_SHARE = {"value_share": ["Dy", "Tb"], "inputs_from": "CN", "at_least": "0.1", "unsettled": "adding_up"}


def test_value_and_mass_are_different_shares() -> None:
    by_value = neodymium_magnet(material("Dy", value_share="0.2", origin="CN"))
    assert verdict(VALUE_SHARE, by_value) is True
    assert missing(verdict({"mass_share": ["Dy"], "at_least": "0.1"}, by_value)) == {"composition"}
    assert missing(verdict(VALUE_SHARE, neodymium_magnet(material("Dy", share="3", origin="CN")))) == {"value_share"}


def test_inputs_below_the_bound_that_reach_it_together_are_a_question_of_law() -> None:
    both = neodymium_magnet(material("Dy", value_share="0.06", origin="CN"), material("Tb", value_share="0.06", origin="CN"))
    assert verdict(VALUE_SHARE, both) == ADDING_UP
    assert verdict(VALUE_SHARE, neodymium_magnet(material("Dy", value_share="0.06", origin="CN"))) is False


def test_where_the_input_comes_from_counts() -> None:
    share = neodymium_magnet(material("Dy", value_share="0.2"))
    assert verdict(VALUE_SHARE, neodymium_magnet(material("Dy", value_share="0.2", origin="AU"))) is False
    assert verdict(VALUE_SHARE, share, TradeFacts(origin="JP", inputs_origin="CN")) is True
    assert missing(verdict(VALUE_SHARE, share, TradeFacts(origin="JP"))) == {"inputs_origin"}


@pytest.mark.parametrize(
    ("trade", "leaves", "outside"),
    [
        (TradeFacts(ship_from="CN", destination="DE"), True, False),
        (TradeFacts(ship_from="CN", destination="HK"), True, False),
        (TradeFacts(ship_from="HK", destination="DE"), False, True),
        (TradeFacts(ship_from="MO", destination="CN"), False, False),
        (TradeFacts(ship_from="CN", destination="CN"), False, False),
        (TradeFacts(ship_from="DE", destination="DE"), False, False),
        (TradeFacts(ship_from="DE", destination="CH"), False, True),
        (TradeFacts(ship_from="CN"), True, False),
        (TradeFacts(ship_from="CN", destination="CN", end_user_country="US"), True, False),
        (TradeFacts(ship_from="CN", destination="CN", end_user_country="CN"), False, False),
    ],
)
def test_export_is_leaving_china_and_hong_kong_is_abroad(trade: TradeFacts, leaves: bool, outside: bool) -> None:
    assert trade.leaves("CN") is leaves
    assert trade.traded_outside("CN") is outside


def test_unknown_places_are_asked_for() -> None:
    assert missing(TradeFacts(destination="DE").leaves("CN")) == {"ship_from"}
    assert missing(TradeFacts(ship_from="DE").traded_outside("CN")) == {"destination"}


def test_a_destination_is_also_where_the_end_user_sits_and_regions_are_known() -> None:
    in_the_union = {"destination": ["EU"]}
    assert verdict(in_the_union, goods(), TradeFacts(destination="FR")) is True
    assert verdict(in_the_union, goods(), TradeFacts(destination="CH", end_user_country="DE")) is True
    assert verdict(in_the_union, goods(), TradeFacts(destination="CH")) is False


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"defined": "nowhere"}, "nothing is defined"),
        ({"defined": "round"}, "contains itself"),
        ({"unsettled": "nobody"}, "no `unsettled` question"),
        ({"end_use": "nothing"}, "no vocabulary"),
        ({"destination": ["Atlantis"]}, "neither a country code nor a region"),
    ],
)
def test_names_that_stand_for_nothing_are_refused(condition: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConditionError, match=reason):
        compile_condition(CONDITION.validate_python({"all": [condition]}), scope("Dy"), ())


def test_a_limbs_condition_reads_the_trade_only() -> None:
    with pytest.raises(ConditionError, match="reads the goods"):
        compile_trade_condition(CONDITION.validate_python({"product": ["motor"]}), scope("Dy"), ())
