"""Shares of a licence: never more than granted, the same for whoever works them out, in whatever order claims came to be known."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.licensing.allocation import Claim, ahead_of, allocate, allocate_own

AMOUNTS = st.decimals(min_value=0, max_value=1000, places=3)
MOMENTS = st.sampled_from([f"2026-11-{day:02}T08:00:00.000000Z" for day in range(1, 8)])


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    orders = draw(st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=6, unique=True))
    found = []
    for order in orders:
        claimed_at, named = draw(MOMENTS), draw(st.booleans())
        places = draw(st.lists(st.tuples(st.sampled_from(["10", "20"]), st.sampled_from(["line", "rest"])), max_size=4, unique=True))
        for line_id, delivery in places:
            found.append(Claim(order, line_id, delivery, draw(AMOUNTS), claimed_at, departed=draw(st.booleans()), named=named))
    return found


@given(AMOUNTS, claims(), st.randoms())
def test_shares_never_exceed_what_is_granted_or_claimed_and_do_not_depend_on_the_order(
    granted: Decimal, found: list[Claim], random: object
) -> None:
    shares = allocate(granted, found)
    assert sum(shares.values(), Decimal(0)) == min(granted, sum((claim.amount for claim in found), Decimal(0)))
    assert all(0 <= shares[claim.key] <= claim.amount for claim in found)
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert allocate(granted, shuffled) == shares


@given(AMOUNTS, claims())
def test_an_order_works_out_its_own_shares_from_two_sums_as_they_are_among_all(granted: Decimal, found: list[Claim]) -> None:
    shares = allocate(granted, found)
    for order in {claim.order_key for claim in found}:
        own = [claim for claim in found if claim.order_key == order]
        ahead = ahead_of(order, own[0].claimed_at, own[0].named, found)
        assert allocate_own(granted, ahead, own) == {claim.key: shares[claim.key] for claim in own}


@given(AMOUNTS, claims(), st.data())
def test_what_an_order_gives_back_goes_to_the_others_and_takes_from_none(granted: Decimal, found: list[Claim], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(sorted({claim.order_key for claim in found}) or ["none"]))
    before = allocate(granted, found)
    after = allocate(granted, [claim for claim in found if claim.order_key != gone])
    assert all(after[key] >= before[key] for key in after)


def test_what_has_left_comes_first_then_orders_that_the_licence_was_filed_for_then_who_came_first() -> None:
    first = Claim("A", "10", "line", Decimal(100), "2026-11-01T08:00:00.000000Z")
    named = Claim("B", "10", "line", Decimal(100), "2026-11-02T08:00:00.000000Z", named=True)
    left = Claim("C", "10", "line", Decimal(100), "2026-11-03T08:00:00.000000Z", departed=True)
    shares = allocate(Decimal(250), [first, named, left])
    assert [shares[claim.key] for claim in (left, named, first)] == [100, 100, 50]
