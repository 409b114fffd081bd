"""Who gets how much of a licence: a pure function of all claims on it, so that whoever works it out comes to the same.

What has left comes first, because it has used the licence up; then orders that the licence was filed for; then who claimed first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

ClaimKey = tuple[str, str, str]
"""Order key, line id, delivery."""


@dataclass(slots=True, frozen=True)
class Claim:
    """`amount` in the unit of the licence; `claimed_at` as `instant_text` writes it, so that texts sort as moments do."""

    order_key: str
    line_id: str
    delivery: str
    amount: Decimal
    claimed_at: str
    departed: bool = False
    named: bool = False
    """The licence was filed for the order."""

    @property
    def key(self) -> ClaimKey:
        return self.order_key, self.line_id, self.delivery

    @property
    def rank(self) -> tuple[bool, bool, str, str, str, str]:
        return not self.departed, not self.named, self.claimed_at, self.order_key, self.line_id, self.delivery


Claims = dict[str, list[tuple[Claim, Decimal]]]
"""By licence id what one order claims, and how much of each claim it gets."""


def allocate(granted: Decimal, claims: Iterable[Claim]) -> dict[ClaimKey, Decimal]:
    """What each claim gets, in the order of their ranks: never more than it asks for, all together never more than is granted."""
    left = granted
    found = {}
    for claim in sorted(claims, key=lambda each: each.rank):
        found[claim.key] = min(claim.amount, left)
        left -= found[claim.key]
    return found


@dataclass(slots=True, frozen=True)
class Ahead:
    """Sums of other orders' claims that go before those of one order: before what has left of it, and before the rest of it."""

    of_departed: Decimal = Decimal(0)
    of_open: Decimal = Decimal(0)


def ahead_of(order_key: str, claimed_at: str, named: bool, claims: Iterable[Claim]) -> Ahead:
    """`claims` may hold the order's own, which do not count."""
    mine = (not named, claimed_at, order_key)
    of_departed = of_open = Decimal(0)
    for claim in claims:
        if claim.order_key == order_key:
            continue
        earlier = (not claim.named, claim.claimed_at, claim.order_key) < mine
        if claim.departed or earlier:
            of_open += claim.amount
        if claim.departed and earlier:
            of_departed += claim.amount
    return Ahead(of_departed, of_open)


def allocate_own(granted: Decimal, ahead: Ahead, own: Iterable[Claim]) -> dict[ClaimKey, Decimal]:
    """What the claims of one order get, others' being before them: the same as `allocate` over all."""
    found = {}
    used = Decimal(0)
    for claim in sorted(own, key=lambda each: each.rank):
        before = ahead.of_departed if claim.departed else ahead.of_open
        found[claim.key] = min(claim.amount, max(Decimal(0), granted - before - used))
        used += claim.amount
    return found
