"""`orestream prices import` and `withdraw` against a running Redis."""

import json
from pathlib import Path
from typing import Any

import pytest
import redis
from typer.testing import CliRunner, Result

from services.cli import main
from shared.bus.keys import stream_key

SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples/prices"
SAID = [
    "--material",
    "Dysprosium oxide",
    "--market",
    "EX_CN",
    "--basis",
    "assessed",
    "--currency",
    "USD",
    "--unit",
    "kg",
    "--source",
    "desk",
]
SERIES = "Dy/oxide/-/EX_CN/assessed/USD/-"


@pytest.fixture
def orestream(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("ORESTREAM_REDIS_URL", redis_url)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["prices", *arguments])

    return run


def events(redis_url: str) -> list[dict[str, Any]]:
    entries: Any = redis.Redis.from_url(redis_url).xrange(stream_key(0, "prices"))
    return [json.loads(fields[b"event"]) for _, fields in entries]


def written(tmp_path: Path, name: str, text: str) -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_goes_in_once_the_oldest_day_first(orestream: Any, redis_url: str, tmp_path: Path) -> None:
    table = written(tmp_path, "dy.csv", "date,low,high\n2025-05-07,700,1000\n2025-05-06,690,990\n")
    first = orestream("import", table, *SAID)
    assert (first.exit_code, first.stdout.splitlines()[-1]) == (0, "2 stored, 0 unchanged, 0 rejected")
    assert orestream("import", table, *SAID).stdout.splitlines()[-1] == "0 stored, 2 unchanged, 0 rejected"
    assert [(event["data"]["as_of"], event["data"]["price"]) for event in events(redis_url)] == [
        ("2025-05-06", "840"),
        ("2025-05-07", "850"),
    ]


def test_a_withdrawn_price_is_taken_back(orestream: Any, redis_url: str, tmp_path: Path) -> None:
    table = written(tmp_path, "dy.csv", "date,price\n2025-05-06,850\n")
    orestream("import", table, *SAID)
    answer = orestream("withdraw", SERIES, "2025-05-06", "2025-05-07", "--source", "desk", "--json")
    assert answer.exit_code == 1
    told = json.loads(answer.stdout)
    assert [row["outcome"] for row in told["rows"]] == ["stored", "rejected"]
    assert told["rows"][0]["id"] == f"{SERIES} 2025-05-06"
    assert [event["type"] for event in events(redis_url)] == ["orestream.price.recorded.v1", "orestream.price.withdrawn.v1"]


def test_what_is_refused_is_told_once_for_all_alike(orestream: Any, tmp_path: Path) -> None:
    lines = written(tmp_path, "dy.ndjson", '{"as_of": "2025-05-06", "price": "1"}\n{"as_of": "2025-05-07", "price": "2"}\n')
    answer = orestream("import", lines, *SAID[:-2])
    assert answer.exit_code == 1
    assert answer.stdout.count("does not say its source") == 1
    assert "line 1 2025-05-06 and 1 more: rejected." in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("import", "prices.pdf"), "its name ends in none of"),
        (("import", "nowhere.csv"), "No such file"),
        (("import", "nowhere.csv", "--market", "China"), '--market is "China"'),
        (("withdraw", "Dy", "2025-05-06", "--source", "desk"), "is not the name of a series"),
        (("withdraw", SERIES, "6 May", "--source", "desk"), "is not a day"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(orestream: Any, arguments: tuple[str, ...], told: str) -> None:
    answer = orestream(*arguments)
    assert answer.exit_code == 2
    assert told in answer.stderr


@pytest.mark.parametrize(
    ("name", "said", "stored", "refused"),
    [
        ("Nd_oxide_CN_daily_2013_2024.csv", ["--material", "Nd", "--form", "oxide", "--market", "CN", "--tax", "included"], 2876, 0),
        ("event_price_points_2023_2026.csv", ["--form", "oxide", "--market", "EX_CN", "--tax", "included"], 37, 1),
    ],
)
def test_real_price_files_go_in(orestream: Any, redis_url: str, name: str, said: list[str], stored: int, refused: int) -> None:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    answer = orestream("import", str(path), "--basis", "assessed", "--source", "sample", *said, "--json")
    counts = json.loads(answer.stdout)["counts"]
    assert counts == {"stored": stored, "unchanged": 0, "rejected": refused}
    assert len(events(redis_url)) == stored
