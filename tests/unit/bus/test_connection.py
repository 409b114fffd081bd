"""What an error means, and how long to wait."""

import pytest
from redis.exceptions import ConnectionError, DataError, NoPermissionError, OutOfMemoryError, ResponseError, TimeoutError

from shared.bus.connection import LONGEST_DELAY_SECONDS, SHORTEST_DELAY_SECONDS, Backoff, is_group_lost, is_outside, refuses_writes
from shared.bus.types import BusUnavailable, TryAgain, UndecodableEvent


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError("closed"),
        TimeoutError("no answer"),
        OutOfMemoryError("command not allowed when used memory > 'maxmemory'.", status_code="OOM"),
        NoPermissionError("no permissions", status_code="NOPERM"),
        ResponseError("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk"),
        ResponseError("@user_script: 192: -OOM command not allowed when used memory > 'maxmemory'."),
        TryAgain("the database is away"),
        BusUnavailable("Redis is away"),
        OSError("no route to host"),
    ],
    ids=repr,
)
def test_outside(error: Exception) -> None:
    assert is_outside(error)


@pytest.mark.parametrize(
    "error",
    [
        ResponseError("WRONGTYPE Operation against a key"),
        ResponseError("ERR syntax error"),
        DataError("None"),
        UndecodableEvent(),
        ValueError("OOM"),
    ],
    ids=repr,
)
def test_not_outside(error: Exception) -> None:
    assert not is_outside(error)


def test_a_text_refuses_writes_by_its_code_alone() -> None:
    assert refuses_writes("READONLY You can't write against a read only replica.")
    assert not refuses_writes("ERR the OOM killer")
    assert not refuses_writes("OOMPH")


def test_a_lost_group_is_known_by_its_code() -> None:
    assert is_group_lost(ResponseError("NOGROUP No such key '{p0}:orders' or consumer group 'ledger' in XREADGROUP with GROUP option"))
    assert not is_group_lost(ValueError("NOGROUP"))


def test_pauses_grow_from_50_ms_to_a_second_and_begin_anew() -> None:
    backoff = Backoff()
    delays = [backoff.delay() for _ in range(10)]
    assert 0.8 * SHORTEST_DELAY_SECONDS <= delays[0] <= SHORTEST_DELAY_SECONDS == 0.05
    assert all(0.8 * LONGEST_DELAY_SECONDS <= delay <= LONGEST_DELAY_SECONDS == 1.0 for delay in delays[5:])
    backoff.reset()
    assert backoff.delay() <= SHORTEST_DELAY_SECONDS
