"""Settings that cannot work are refused when they are made."""

import pytest

from shared.bus import BusSettings


@pytest.mark.parametrize(("name", "value"), [("partitions", 0), ("batch_size", 0), ("max_deliveries", 0), ("max_interruptions", 2)])
def test_too_little_is_refused_with_a_sentence(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=rf"{name} is {value}; it must be \d at least\."):
        BusSettings(url="redis://127.0.0.1", group="ledger", **{name: value})
