"""Consumer names tell on their own host whether their process lives."""

import os
import subprocess
import sys

from shared.bus.identity import is_dead_here, new_consumer_name


def test_names_are_unique_and_this_process_lives() -> None:
    names = {new_consumer_name() for _ in range(100)}
    assert len(names) == 100
    assert not any(is_dead_here(name) for name in names)
    assert str(os.getpid()) in next(iter(names)).split(":")


def test_a_process_that_ended_is_dead_and_so_is_one_whose_number_was_given_anew() -> None:
    script = "from shared.bus.identity import new_consumer_name; print(new_consumer_name())"
    name = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    assert is_dead_here(name)
    host, place, process_id, started, random = new_consumer_name().split(":")
    assert is_dead_here(f"{host}:{place}:{process_id}:{int(started) - 1}:{random}")


def test_of_other_hosts_nothing_is_said() -> None:
    _, place, process_id, started, random = new_consumer_name().split(":")
    assert not is_dead_here(f"elsewhere:{place}:{process_id}:{int(started) - 1}:{random}")
    assert not is_dead_here("nonsense")
    assert not is_dead_here("")
