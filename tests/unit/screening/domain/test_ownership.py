"""Shares that listed owners hold together: directly, in sum, through chains, with what nobody states as an interval."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.ownership import Chain, Holder, Ownership, Stake, ownership_of
from services.screening.domain.parties import name_key

DAY = date(2026, 11, 22)


def stake(owner: str, owned: str, percent: str | None, **more: Any) -> Stake:
    return Stake(owner=Holder(name=owner), owned=Holder(name=owned), share_percent=None if percent is None else Decimal(percent), **more)


def facts(*stakes: Stake) -> Ownership:
    return ownership_of(stakes, name_key)


def held(ownership: Ownership, owned: str, *listed: str, chain: Chain = "each_step", bound: str = "50") -> tuple[Decimal, Decimal]:
    above = {owner.names[0]: holding for owner, holding in ownership.above([name_key(owned)], owned, DAY)}
    numbers = frozenset(above[name].owner for name in listed)
    return next(iter(above.values())).held_by(numbers, chain, Decimal(bound))


def exactly(percent: str) -> tuple[Decimal, Decimal]:
    return Decimal(percent), Decimal(percent)


def test_a_share_held_directly() -> None:
    assert held(facts(stake("A", "C", "60")), "C", "A") == exactly("60")


def test_listed_owners_are_taken_together() -> None:
    assert held(facts(stake("A", "C", "30"), stake("B", "C", "25"), stake("X", "C", "45")), "C", "A", "B") == exactly("55")


@pytest.mark.parametrize(("chain", "share"), [("each_step", "60"), ("multiplied", "30")])
def test_a_chain_is_multiplied_or_counts_step_by_step(chain: Chain, share: str) -> None:
    assert held(facts(stake("A", "B", "50"), stake("B", "C", "60")), "C", "A", chain=chain) == exactly(share)


def test_a_step_below_the_bound_breaks_a_chain_of_steps() -> None:
    chain = facts(stake("A", "B", "40"), stake("B", "C", "100"))
    assert held(chain, "C", "A") == exactly("0")
    assert held(chain, "C", "A", chain="multiplied") == exactly("40")


def test_an_unknown_share_is_anything_that_nobody_else_is_known_to_hold() -> None:
    assert held(facts(stake("A", "C", None), stake("X", "C", "30")), "C", "A") == (Decimal(0), Decimal(70))
    assert held(facts(stake("A", "C", None), stake("X", "C", "60")), "C", "A") == (Decimal(0), Decimal(40))


def test_firms_that_own_each_other_end_the_walk() -> None:
    circle = facts(stake("A", "B", "60"), stake("B", "A", "60"), stake("L", "A", "20"), stake("B", "C", "80"))
    least, most = held(circle, "C", "L", chain="multiplied")
    assert 0 < least <= most <= 100


def test_the_latest_fact_of_a_share_counts_and_an_ended_one_does_not() -> None:
    newer = stake("A", "C", "10", as_of=date(2026, 1, 1))
    assert held(facts(newer, stake("A", "C", "60", as_of=date(2024, 1, 1))), "C", "A") == exactly("10")
    ended = facts(stake("A", "C", "60", ended_on=DAY))
    assert list(ended.above([name_key("C")], "C", DAY)) == []
    assert len(list(ended.above([name_key("C")], "C", date(2026, 11, 21)))) == 1


def test_one_firm_under_several_names_and_numbers_is_one() -> None:
    first = Stake(owner=Holder(name="A"), owned=Holder(name="Rotor Sales", identifiers={"LEI": ["X1"]}), share_percent=Decimal(60))
    second = Stake(owner=Holder(name="B"), owned=Holder(name="Rotor Vertrieb", identifiers={"LEI": ["X1"]}), share_percent=Decimal(20))
    together = ownership_of([first, second], name_key)
    owners = {owner.names[0] for owner, _ in together.above([name_key("Rotor Vertrieb GmbH")], "Rotor Vertrieb GmbH", DAY)}
    assert owners == {"A", "B"}


names = st.sampled_from("ABCDEFG")
shares = st.none() | st.integers(0, 100).map(Decimal)


@given(st.lists(st.tuples(names, names, shares), max_size=25), st.sampled_from(["each_step", "multiplied"]), st.sets(names))
def test_what_is_held_lies_between_nothing_and_all_and_more_owners_hold_no_less(
    stakes: list[tuple[str, str, Decimal | None]], chain: Chain, listed: set[str]
) -> None:
    ownership = facts(*(Stake(owner=Holder(name=a), owned=Holder(name=b), share_percent=share) for a, b, share in stakes))
    above = {owner.names[0]: holding for owner, holding in ownership.above([name_key("A")], "A", DAY)}
    if not above:
        return
    holding = next(iter(above.values()))
    numbers = frozenset(above[name].owner for name in listed if name in above)
    least, most = holding.held_by(numbers, chain, Decimal(50))
    assert 0 <= least <= most <= 100
    all_least, all_most = holding.held_by(frozenset(one.owner for one in above.values()), chain, Decimal(50))
    assert least <= all_least
    assert most <= all_most
