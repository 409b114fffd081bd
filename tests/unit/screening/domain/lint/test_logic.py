"""The linter never calls a condition impossible that some goods meet, and never a branch idle that is needed."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.screening.domain.conditions import Scope, compile_condition
from services.screening.domain.facts import TradeFacts, line_facts
from services.screening.domain.harmonised_system import standing
from services.screening.domain.instrument import Condition
from services.screening.domain.lint.logic import Ways, covers
from services.screening.domain.lint.witness import witnesses
from services.screening.domain.recognition.tariff import HEADINGS
from tests.unit.screening.making import goods, material

PRODUCTS = ("metal", "powder", "motor", "lens")
FAMILIES = ("NdFeB", "SmCo", "ferrite")
CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
SCOPE = Scope(definitions={}, questions={}, regions={}, vocabularies=frozenset())

percent = st.integers(-5, 110)
atoms = st.one_of(
    st.builds(lambda kinds: {"product": kinds}, st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=2, unique=True)),
    st.builds(lambda names: {"feature": names}, st.lists(st.sampled_from(("flake", "curved")), min_size=1, max_size=2, unique=True)),
    st.builds(lambda names: {"magnet_family": names}, st.lists(st.sampled_from(FAMILIES), min_size=1, max_size=2, unique=True)),
    st.builds(lambda low: {"parameter": "purity_percent", "at_least": low}, percent),
    st.builds(lambda high: {"parameter": "purity_percent", "less_than": high}, percent),
    st.builds(lambda names: {"present": names}, st.lists(st.sampled_from(("Dy", "Tb", "Sm")), min_size=1, max_size=2, unique=True)),
    st.builds(lambda form: {"present": ["Dy"], "as": [form]}, st.sampled_from(("element", "oxide"))),
    st.builds(lambda names: {"origin": names}, st.lists(st.sampled_from(("CN", "DE", "JP")), min_size=1, max_size=2, unique=True)),
    st.builds(lambda country: {"leaves": country}, st.sampled_from(("CN", "JP"))),
)
conditions = st.recursive(
    atoms,
    lambda parts: st.one_of(
        st.builds(lambda inner: {"all": inner}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda inner: {"any": inner}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda inner: {"not": inner}, parts),
    ),
    max_leaves=6,
).map(CONDITION.validate_python)


@st.composite
def facts(draw: st.DrawFn):  # type: ignore[no-untyped-def]
    kinds = draw(st.sampled_from([(), ("metal",), ("metal", "powder"), ("motor",), ("lens",)]))
    materials = draw(
        st.lists(
            st.builds(material, st.sampled_from(("Dy", "Tb", "Sm")), st.sampled_from(("element", "oxide")), share=st.just("5")), max_size=2
        )
    )
    purity = draw(st.one_of(st.none(), st.integers(0, 100)))
    return line_facts(
        goods(
            *kinds,
            materials=materials,
            parameters={} if purity is None else {"purity_percent": str(purity)},
            features=draw(st.sampled_from([(), ("flake",), ("flake", "curved")])),
            magnet_family=draw(st.sampled_from((None, *FAMILIES))),
            composition_complete=True,
            composition_remainder_percent=Decimal(0),
        ),
        TradeFacts(ship_from=draw(st.sampled_from(("CN", "JP"))), destination="DE", origin=draw(st.sampled_from(("CN", "DE", "JP")))),
    )


@settings(max_examples=400, deadline=None)
@given(conditions, facts())  # type: ignore[no-untyped-call]
def test_what_some_goods_meet_is_never_called_impossible(condition, line) -> None:  # type: ignore[no-untyped-def]
    if compile_condition(condition, SCOPE, ())(line) is True:
        assert next(Ways({}, ()).of(condition), None) is not None


@settings(max_examples=300, deadline=None)
@given(conditions, conditions, facts())  # type: ignore[no-untyped-call]
def test_a_branch_that_is_called_idle_is_true_only_where_the_other_is(one, other, line) -> None:  # type: ignore[no-untyped-def]
    narrower, wider = list(Ways({}, ()).of(one)), list(Ways({}, ()).of(other))
    if narrower and wider and covers(wider, narrower) and compile_condition(one, SCOPE, ())(line) is True:
        assert compile_condition(other, SCOPE, ())(line) is True


@settings(max_examples=200, deadline=None)
@given(conditions)
def test_a_way_has_goods_that_do_not_make_the_condition_false(condition) -> None:  # type: ignore[no-untyped-def]
    test = compile_condition(condition, SCOPE, ())
    ways = list(Ways({}, ()).of(condition))
    if len(ways) == 1 and all(atom.holds for atom in ways[0]):
        assert any(test(line) is not False for line in witnesses(ways[0], {}))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("8505", "exists"),
        ("850511", "exists"),
        ("8505111000", "exists"),
        ("850512", "does_not_exist"),
        ("8469", "does_not_exist"),
        ("8485", "exists"),
        ("8107", "does_not_exist"),
        ("8550", "does_not_exist"),
        ("2900", "does_not_exist"),
        ("7701", "does_not_exist"),
        ("9901", "does_not_exist"),
        ("293399", "not_verifiable"),
        ("010121", "not_verifiable"),
    ],
)
def test_a_code_stands_as_its_heading_and_subheading_do(code: str, expected: str) -> None:
    assert standing(code)[0] == expected


def test_the_headings_that_recognition_knows_all_exist() -> None:
    assert {line.code: standing(line.code)[0] for line in HEADINGS if standing(line.code)[0] != "exists"} == {}
