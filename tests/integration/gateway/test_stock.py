"""Stock over HTTP and by command: read, checked against the item master, and put on its stream once per content."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from typer.testing import CliRunner

from services.cli import main
from services.gateway.master_data import MasterData
from services.gateway.stock import StockIntake
from shared.bus.keys import stream_key
from shared.contracts.stock import StockReport
from tests.integration.gateway.conftest import MOMENT, Gateway
from tests.integration.gateway.orders import NDJSON

REPORT: dict[str, Any] = {
    "plant": "1000",
    "item_id": "DYOX",
    "unit": "kg",
    "as_of": "2026-11-20T06:00:00Z",
    "on_hand": "420",
    "consumption_per_day": "4.2",
    "lead_time_days": 45,
}


async def post(gateway: Gateway, content: bytes | str, media_type: str, **said: str) -> httpx.Response:
    return await gateway.client.post("/v1/stock", content=content, headers={"content-type": media_type}, params=said)


async def post_rows(gateway: Gateway, *rows: dict[str, Any]) -> list[tuple[str, str]]:
    response = await post(gateway, b"\n".join(json.dumps(row).encode() for row in rows), NDJSON)
    assert response.status_code == 200, response.text
    return [(row["outcome"], " ".join(row["messages"])) for row in response.json()["rows"]]


def outcomes(answer: list[tuple[str, str]]) -> list[str]:
    return [outcome for outcome, _ in answer]


async def test_a_report_goes_out_once_and_every_later_one_too(gateway: Gateway) -> None:
    assert outcomes(await post_rows(gateway, REPORT)) == ["stored"]
    assert outcomes(await post_rows(gateway, {**REPORT, "on_hand": "420.0", "as_of": "2026-11-20T07:00:00+01:00"})) == ["unchanged"]
    assert await post_rows(gateway, {**REPORT, "on_hand": "400"}) == [("stored", "It corrects the report of the same moment.")]
    assert await post_rows(gateway, {**REPORT, "as_of": "2026-11-21T06:00:00Z"}) == [("stored", "")]
    ((outcome, told),) = await post_rows(gateway, REPORT)
    assert (outcome, "2026-11-21T06:00:00" in told, "report the stock as it is now" in told) == ("rejected", True, True)
    events = gateway.events("stock")
    assert [event["data"]["on_hand"] for event in events] == ["420", "400", "420"]
    assert {event["subject"] for event in events} == {"DYOX"}
    assert len({event["id"] for event in events}) == 3
    assert {event["type"] for event in events} == {"orestream.stock.reported.v1"}


async def test_a_plant_gives_an_item_up_once_and_may_take_it_up_again(gateway: Gateway) -> None:
    gone = {"plant": "1000", "item_id": "DYOX", "as_of": "2026-11-21T06:00:00Z", "withdrawn": True}
    ((outcome, told),) = await post_rows(gateway, gone)
    assert (outcome, told) == ("rejected", "There is no stock of DYOX in plant 1000 that could be withdrawn.")
    assert outcomes(await post_rows(gateway, REPORT, gone)) == ["stored", "stored"]
    assert outcomes(await post_rows(gateway, gone)) == ["unchanged"]
    assert outcomes(await post_rows(gateway, {**REPORT, "as_of": "2026-11-21T07:00:00Z"})) == ["stored"]
    assert [event["type"].split(".")[2] for event in gateway.events("stock")] == ["reported", "withdrawn", "reported"]


async def test_a_unit_that_the_item_master_does_not_lead_to_is_refused_naming_both(gateway: Gateway) -> None:
    items = [
        {"item_id": "DYOX", "unit": "kg"},
        {"item_id": "MAGNET", "unit": "EA", "net_weight_kg_per_unit": "0.25"},
        {"item_id": "BOX", "unit": "BOX"},
    ]
    assert (await gateway.client.put("/v1/items", json=items)).status_code == 200
    answer = await post_rows(
        gateway,
        {**REPORT, "unit": "pcs"},
        {**REPORT, "unit": "t", "plant": "2000"},
        {**REPORT, "item_id": "MAGNET", "unit": "ea"},
        {**REPORT, "item_id": "BOX", "unit": "kg"},
        {**REPORT, "item_id": "nobody knows", "unit": "pcs"},
    )
    assert outcomes(answer) == ["rejected", "stored", "stored", "rejected", "stored"]
    assert answer[0][1].startswith("The stock of DYOX is counted in pcs, the item master counts it in kg")
    masses = {(event["data"]["plant"], event["data"]["item_id"]): event["data"]["mass_kg_per_unit"] for event in gateway.events("stock")}
    assert masses == {("2000", "DYOX"): "1000", ("1000", "MAGNET"): "0.25", ("1000", "nobody knows"): None}


async def test_what_a_table_leaves_out_is_said_in_the_query_and_the_future_is_refused(gateway: Gateway) -> None:
    answer = await post(gateway, "item,stock\nDYOX,420\n", "text/csv", plant="1000", unit="kg", as_of="2026-11-20T06:00:00Z")
    assert answer.json()["counts"] == {"stored": 1, "unchanged": 0, "rejected": 0}
    ahead = (MOMENT + timedelta(days=2)).isoformat()
    assert "lies ahead; correct as_of" in (await post_rows(gateway, {**REPORT, "as_of": ahead}))[0][1]
    refused = await post(gateway, "item,stock\nDYOX,-1\n", "text/csv", plant="1000", unit="kg", as_of="2026-11-20T06:00:00Z")
    assert (refused.status_code, "cannot be negative" in refused.json()["detail"]) == (422, True)
    assert (await post(gateway, "item\n", "application/xml")).status_code == 415


async def test_a_file_with_the_newest_first_is_stored_whole(gateway: Gateway) -> None:
    answer = await post_rows(gateway, {**REPORT, "as_of": "2026-11-21T06:00:00Z", "on_hand": "1"}, REPORT)
    assert outcomes(answer) == ["stored", "stored"]
    assert [event["data"]["on_hand"] for event in gateway.events("stock")] == ["420", "1"]


async def test_writers_of_one_stock_lose_nothing(gateway: Gateway) -> None:
    reports = [StockReport.model_validate({**REPORT, "plant": str(number)}) for number in range(20)]
    intake = StockIntake(gateway.bus, MasterData(gateway.bus))
    both = await asyncio.gather(*(intake.put(part, MOMENT, None) for part in (reports[::2], reports[1::2], reports)))
    assert sorted(one.outcome for part in both for one in part) == ["stored"] * 20 + ["unchanged"] * 20
    assert len(gateway.events("stock")) == 20


def test_the_command_reports_a_file(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORESTREAM_REDIS_URL", redis_url)
    table = tmp_path / "stock.csv"
    table.write_text("item,stock,unit\nDYOX,420,kg\nTBOX,-3,kg\n")
    said = ["--plant", "1000", "--as-of", "2026-11-20T06:00:00Z"]
    first = CliRunner().invoke(main, ["stock", "import", str(table), *said])
    assert first.exit_code == 1
    assert first.stdout.splitlines()[-1] == "1 stored, 0 unchanged, 1 rejected"
    again = CliRunner().invoke(main, ["stock", "import", str(table), *said, "--json"])
    assert json.loads(again.stdout)["counts"] == {"stored": 0, "unchanged": 1, "rejected": 1}
    assert redis.Redis.from_url(redis_url).xlen(stream_key(0, "stock")) == 1
    refused = CliRunner().invoke(main, ["stock", "import", str(table), "--as-of", "yesterday"])
    assert (refused.exit_code, refused.stderr.startswith("--as-of is")) == (2, True)
