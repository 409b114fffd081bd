"""Partitions and key names outlive releases: they may not change."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from shared.bus import keys


def test_the_partition_of_a_key_never_changes() -> None:
    assert [keys.partition_of(key, 8) for key in ("SAP/1000/4500001", "SAP/1000/4500002", "Ä/ö/%20", "")] == [5, 7, 6, 0]


@given(st.text(), st.integers(1, 64))
def test_a_partition_is_one_of_them(key: str, partitions: int) -> None:
    assert 0 <= keys.partition_of(key, partitions) < partitions
    assert keys.partition_of(key, 1) == 0


def test_keys_spread_evenly() -> None:
    counts = Counter(keys.partition_of(f"SAP/1000/{number}", 8) for number in range(8_000))
    assert max(counts.values()) < 1.2 * min(counts.values())


def test_everything_of_a_partition_carries_its_hash_tag() -> None:
    names = [
        keys.stream_key(3, "orders"),
        keys.state_key(3, "ledger", "open"),
        keys.timers_key(3, "ledger"),
        keys.lease_key(3, "ledger"),
        keys.epoch_key(3, "ledger"),
        keys.positions_key(3, "ledger"),
        keys.announced_key(3),
        keys.dead_letter_counts_key(3),
    ]
    assert all(name.startswith("{p3}:") for name in names)
    assert len(set(names)) == len(names)
    assert names[:2] == ["{p3}:orders", "{p3}:ledger:open"]
