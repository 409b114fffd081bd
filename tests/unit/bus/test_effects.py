"""Effects as script arguments."""

import pytest

from shared.bus.connection import Argument
from shared.bus.effects import Outputs, encode
from shared.bus.types import Effects, Timer, Write


def encoded(effects: Effects) -> tuple[list[Argument], list[str]]:
    outputs = Outputs(partition=2, first=6)
    arguments: list[Argument] = []
    encode(effects, "ledger", outputs, arguments)
    return arguments, outputs.keys


def test_nothing_is_four_fields() -> None:
    assert encoded(Effects()) == ([0, 0, 0, ""], [])


def test_outputs_name_their_stream_by_its_place_among_the_keys() -> None:
    arguments, keys = encoded(Effects(outputs=[("alerts", b"a"), ("orders", b"b"), ("alerts", b"c")]))
    assert arguments == [3, 6, b"a", 7, b"b", 6, b"c", 0, 0, ""]
    assert keys == ["{p2}:alerts", "{p2}:orders"]


def test_writes_and_timers_follow() -> None:
    effects = Effects(writes=[Write("SET", "name", (b"x",)), Write("DEL", "old")], timers=[Timer("a", 5), Timer("b", None)])
    assert encoded(effects)[0] == [0, 2, "SET", "{p2}:ledger:name", 1, b"x", "DEL", "{p2}:ledger:old", 0, 2, "a", 5, "b", "", ""]


def test_a_dead_letter_is_counted_under_its_subject() -> None:
    arguments, _ = encoded(Effects(outputs=[("dead-letters", b'{"subject":"orders/ledger"}')]))
    assert arguments[-1] == "orders/ledger"


def test_a_write_with_many_arguments_is_cut_between_pairs() -> None:
    pairs = tuple(str(number) for number in range(5_000))
    arguments, _ = encoded(Effects(writes=[Write("HSET", "hash", pairs)]))
    assert arguments[1] == 3
    sizes = [argument for argument in arguments[2:] if isinstance(argument, int)]
    assert sizes[:3] == [2_000, 2_000, 1_000]


@pytest.mark.parametrize(
    "write",
    [
        Write("SET", "k"),
        Write("SET", "k", ("a", "b")),
        Write("DEL", "k", ("a",)),
        Write("HSET", "k", ("a",)),
        Write("HSET", "k"),
        Write("HDEL", "k"),
        Write("SADD", "k"),
        Write("SADD", "k", (True,)),
        Write("ZADD", "k", ("1", "a")),
        Write("ZADD", "k", (float("inf"), "a")),
        Write("PEXPIRE", "k", (-1,)),
        Write("PEXPIRE", "k", ("1",)),
    ],
    ids=lambda write: f"{write.command}{write.arguments}",
)
def test_what_redis_would_refuse_half_way_is_refused_before(write: Write) -> None:
    with pytest.raises(ValueError, match=f"{write.command} on k cannot take the arguments"):
        encoded(Effects(writes=[write]))
