"""The short run of `make chaos`: the claims are the same."""

from pathlib import Path

import pytest

from tests.chaos.run import run


@pytest.mark.timeout(400)
def test_the_books_balance_after_kill_9(tmp_path: Path) -> None:
    verdict = run(300, tmp_path, partitions=2, service_kill_seconds=3, redis_kill_seconds=8)
    assert verdict.problems == []
    assert verdict.finals >= 250
