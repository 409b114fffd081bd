"""The laws of three-valued logic hold for the law's verdicts."""

from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.truth import Unknown, Verdict, all_of, any_of, negate, unknown_fact, unsettled_law

FACT = unknown_fact("composition", "supplier", "What is in it?")
LAW = unsettled_law("yag", "Is it a compound?")
verdicts = st.sampled_from([True, False, FACT, LAW])


def value(verdict: Verdict) -> float:
    """Kleene's values: false 0, unknown ½, true 1."""
    return 0.5 if isinstance(verdict, Unknown) else float(verdict)


@given(st.lists(verdicts, max_size=5))
def test_a_conjunction_is_as_true_as_its_least_true_part(parts: list[Verdict]) -> None:
    assert value(all_of(parts)) == min(map(value, parts), default=1.0)


@given(st.lists(verdicts, max_size=5))
def test_a_disjunction_is_as_true_as_its_most_true_part(parts: list[Verdict]) -> None:
    assert value(any_of(parts)) == max(map(value, parts), default=0.0)


@given(st.lists(verdicts, max_size=4))
def test_de_morgan(parts: list[Verdict]) -> None:
    assert value(negate(all_of(parts))) == value(any_of(negate(part) for part in parts))


@given(verdicts)
def test_twice_negated_is_as_before(verdict: Verdict) -> None:
    assert negate(negate(verdict)) == verdict


def test_an_unknown_carries_everything_that_is_missing_once() -> None:
    together = all_of([FACT, True, LAW, FACT])
    assert isinstance(together, Unknown)
    assert together.missing == (*FACT.missing, *LAW.missing)


def test_a_false_part_settles_a_conjunction_whatever_is_missing() -> None:
    assert all_of([FACT, False, LAW]) is False
    assert any_of([LAW, True, FACT]) is True
