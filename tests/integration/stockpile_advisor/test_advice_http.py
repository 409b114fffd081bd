"""The advice over HTTP and by command: lists, one with its picture, and what would be advised."""

import asyncio
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from services.cli import main
from tests.integration.stockpile_advisor.desk import PARTITIONS, Desk, licence_event


@pytest.fixture
async def client(desk: Desk) -> httpx.AsyncClient:
    """Of an advisor that advises on two items, one of them in two plants."""
    desk.report(policy_days=100, description="Dysprosium oxide", holding_cost_per_unit_year="29", shortage_cost_per_unit="2400")
    desk.report("P2", on_hand="10")
    desk.report(item="A/B 1", on_hand="5000")
    desk.order(licence="yes", ship_to="S")
    desk.order(2, item="A/B 1")
    for plant, item in (("P1", "DYOX"), ("P2", "DYOX"), ("P1", "A/B 1")):
        await desk.until_advised(plant, item)
    await desk.settled()
    assert desk.client is not None
    return desk.client


async def test_advice_is_listed_and_filtered(client: httpx.AsyncClient) -> None:
    page = (await client.get("/v1/advice")).json()
    assert [(each["item_id"], each["plant"]) for each in page["advice"]] == [("A/B 1", "P1"), ("DYOX", "P1"), ("DYOX", "P2")]
    assert page["total"] == 3
    assert page["advice"][0]["fan"] == []
    of_item = (await client.get("/v1/advice", params={"item": "DYOX", "plant": "P2"})).json()
    assert [each["plant"] for each in of_item["advice"]] == ["P2"]
    decision = of_item["advice"][0]["decision"]
    found = (await client.get("/v1/advice", params={"decision": decision})).json()
    assert {each["decision"] for each in found["advice"]} == {decision}
    second = (await client.get("/v1/advice", params={"limit": 1, "offset": 1})).json()
    assert ([each["plant"] for each in second["advice"]], second["total"]) == (["P1"], 3)
    assert (await client.get("/v1/advice", params={"decision": "perhaps"})).status_code == 422


async def test_one_advice_is_shown_whole_and_drawn(client: httpx.AsyncClient) -> None:
    advice = (await client.get("/v1/advice/P1/DYOX")).json()
    assert len(advice["fan"]) > 20
    assert advice["sensitivity"]
    picture = await client.get("/v1/advice/P1/DYOX/cover.svg")
    assert (picture.headers["content-type"], picture.content[:5]) == ("image/svg+xml", b"<?xml")
    assert picture.content == (await client.get("/v1/advice/P1/DYOX/cover.svg")).content
    photograph = await client.get("/v1/advice/P1/DYOX/cover.png")
    assert (photograph.headers["content-type"], photograph.content[:4]) == ("image/png", b"\x89PNG")
    assert (await client.get("/v1/advice/P1/A%2FB%201")).json()["item_id"] == "A/B 1"
    assert (await client.get("/v1/advice/P1/A%2FB%201/cover.svg")).status_code == 200
    for path in ("/v1/advice/P9/DYOX", "/v1/advice/P9/DYOX/cover.svg"):
        answer = await client.get(path)
        assert (answer.status_code, "POST /v1/stock" in answer.json()["detail"]) == (404, True)
    assert (await client.get("/v1/advice/P1/DYOX/cover.gif")).status_code in (404, 422)


async def test_what_if_answers_before_and_after_and_stores_nothing(client: httpx.AsyncClient, desk: Desk) -> None:
    stored = desk.advice()
    asked = {"plant": "P1", "item_id": "DYOX"}

    async def after(**supposed: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        answer = await client.post("/v1/advice/what-if", json={**asked, **supposed})
        assert answer.status_code == 200, answer.text
        assert answer.json()["supposed"]
        return answer.json()["before"], answer.json()["after"]

    before, more = await after(demand_factor=2)
    assert more["days_of_cover"] == pytest.approx(before["days_of_cover"] / 2)
    _, slower = await after(licence_needed=True, delay_days=400)
    _, faster = await after(licence_needed=True, delay_days=20)
    assert slower["advised_cover_days"] > faster["advised_cover_days"]
    assert faster["licence_delay_p50_days"] == 20
    _, prior = await after(licence_needed=True, delay_prior="prioritised EU automotive")
    assert "prioritised EU automotive" in prior["delay_prior"]
    _, embargo = await after(embargo_from="2026-12-01", embargo_days=200)
    _, unlikely = await after(embargo_from="2026-12-01", embargo_days=200, embargo_probability=0.01)
    assert embargo["probability_short_after"]["365"] >= unlikely["probability_short_after"]["365"]
    _, lost = await after(supplier_lost="Home Oxides")
    assert lost["digest"] == before["digest"]
    desk.put("licences", licence_event("L1", desk.now, "approved", date(2026, 9, 1), date(2026, 9, 21)))
    await desk.settled()
    assert "1 own cases" in (await after(licence_needed=True))[1]["delay_prior"]
    assert desk.advice() == stored


@pytest.mark.parametrize(
    ("supposed", "status", "told"),
    [
        ({}, 422, "nothing is supposed"),
        ({"demand": 2}, 422, "demand"),
        ({"delay_prior": "x"}, 422, "There is no delay prior 'x'; known are prioritised EU automotive"),
        ({"delay_prior": "general EU", "delay_days": 3}, 422, "two answers to one question"),
        ({"embargo_days": 3}, 422, "give embargo_from"),
        ({"supplier_lost": "Nobody"}, 422, "those who do: 'Home Oxides'"),
        ({"demand_factor": -1}, 422, "demand_factor"),
        ({"plant": "P9", "demand_factor": 1}, 404, "POST /v1/stock reports it"),
    ],
)
async def test_a_question_that_cannot_be_answered_says_why(
    client: httpx.AsyncClient, supposed: dict[str, Any], status: int, told: str
) -> None:
    answer = await client.post("/v1/advice/what-if", json={"plant": "P1", "item_id": "DYOX", **supposed})
    assert (answer.status_code, told in answer.text) == (status, True), answer.text


async def test_gauges_show_what_stands(client: httpx.AsyncClient) -> None:
    shown = (await client.get("/metrics")).text
    assert 'orestream_supply_days_of_cover{item="DYOX",plant="P1"} 200.0' in shown
    assert 'orestream_supply_probability_short{days="90",item="DYOX",plant="P2"}' in shown
    assert 'orestream_supply_time_to_recover_days{item="DYOX",plant="P1",quantile="p50"}' in shown
    assert sum(float(line.rpartition(" ")[2]) for line in shown.splitlines() if line.startswith("orestream_supply_decisions{")) == 3
    assert "orestream_stock_reports_stale 0.0" in shown


async def test_stock_that_nobody_reports_any_more_is_counted(client: httpx.AsyncClient, desk: Desk) -> None:
    assert (await client.get("/v1/advice/P1/DYOX")).json()["stock_as_of"] == "2026-11-22T12:00:00.000000Z"
    desk.now += timedelta(days=31)
    assert "orestream_stock_reports_stale 3.0" in (await client.get("/metrics")).text


@pytest.fixture
def orestream(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("ORESTREAM_REDIS_URL", desk.url)
    monkeypatch.setenv("ORESTREAM_PARTITIONS", str(PARTITIONS))

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, main, ["advise", *arguments])

    return run


async def test_the_command_lists_shows_draws_and_asks(client: httpx.AsyncClient, orestream: Any, tmp_path: Path) -> None:
    listed = json.loads((await orestream("--json")).stdout)
    assert len(listed["advice"]) == 3
    assert "P1 DYOX: " in (await orestream()).stdout
    drawn = tmp_path / "cover.png"
    shown = await orestream("--plant", "P1", "--item", "DYOX", "--plot", str(drawn))
    assert (shown.exit_code, drawn.read_bytes()[:4]) == (0, b"\x89PNG")
    assert "days of cover" in shown.stdout
    assert "GeoPolRisk of Dy: " in shown.stdout
    assert "expected loss by embargoes" in shown.stdout
    asked = await orestream("what-if", "--plant", "P1", "--item", "DYOX", "--demand", "2", "--json")
    assert json.loads(asked.stdout)["after"]["days_of_cover"] == pytest.approx(100, abs=1)
    assert "Supposed: 2 times as much is used." in (await orestream("what-if", "--plant", "P1", "--item", "DYOX", "--demand", "2")).stdout
    for arguments in (("--plot", str(drawn)), ("--plant", "P9", "--item", "x"), ("what-if", "--plant", "P1", "--item", "DYOX")):
        refused = await orestream(*arguments)
        assert (refused.exit_code, bool(refused.stderr.strip())) == (2, True)


async def test_the_exam_is_sat_without_any_redis(tmp_path: Path) -> None:
    (tmp_path / "stockpyl_textbook_exam.csv").write_text('id,expected\nEOQ-3.1,"(304.0778, 68.4)"\n')
    failed = await asyncio.to_thread(CliRunner().invoke, main, ["advise", "exam", str(tmp_path / "stockpyl_textbook_exam.csv"), "--json"])
    rows = json.loads(failed.stdout)["rows"]
    assert (failed.exit_code, [row["passed"] for row in rows if row["exam"] == "textbook"]) == (1, [False])
    passed = await asyncio.to_thread(CliRunner().invoke, main, ["advise", "exam"])
    assert (passed.exit_code, "EU 2023: 2 of 2" in passed.stdout) == (0, True)
