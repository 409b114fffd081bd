"""Fair shares."""

from hypothesis import given
from hypothesis import strategies as st

from shared.bus.leases import fair_share


@given(st.integers(1, 64), st.sets(st.text(min_size=1), min_size=1, max_size=12))
def test_shares_add_up_and_differ_by_one_at_most(partitions: int, consumers: set[str]) -> None:
    living = sorted(consumers)
    shares = [fair_share(partitions, living, consumer) for consumer in living]
    assert sum(shares) == partitions
    assert max(shares) - min(shares) <= 1
