"""Price series over HTTP."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from services.pricing_risk.http.prices import prices_routes
from services.pricing_risk.series_overview import SeriesOverview
from shared.contracts.price import PriceTick, series_id, withdrawal
from tests.integration.pricing_risk.feed import FIRST, Feed, chinese, noon, yuan

SERIES = "Nd/oxide/99.9/CN/assessed/CNY/-"


def neodymium(day: int, price: float) -> dict[str, Any]:
    return chinese(day, price, purity_percent="99.9")


def open_to_all(scope: str) -> Any:
    return lambda: None


@pytest.fixture
def client(feed: Feed) -> AsyncClient:
    app = FastAPI()
    app.include_router(prices_routes(SeriesOverview(feed.bus, feed.book), open_to_all, lambda: noon(9)), prefix="/v1")
    return AsyncClient(transport=ASGITransport(app), base_url="http://pricing-risk")


async def test_every_series_is_shown_as_it_stands_today(feed: Feed, client: AsyncClient) -> None:
    await feed.send(neodymium(0, 432_000), neodymium(1, 433_000), yuan(1, 0.1402))
    shown = (await client.get("/v1/prices")).json()["series"]
    assert [(each["series"], each["ticks"], each["stale_days"]) for each in shown] == [
        ("CNY/currency/-/FX/assessed/USD/-", 1, 8),
        (SERIES, 2, 8),
    ]
    assert len((await client.get("/v1/prices", params={"material": "Nd"})).json()["series"]) == 1


async def test_what_is_held_is_shown_with_its_reason(feed: Feed, client: AsyncClient) -> None:
    await feed.send(neodymium(0, 432_000), neodymium(1, 432), yuan(1, 0))
    shown = (await client.get("/v1/prices/held")).json()
    assert shown["total"] == 2
    assert [(each["series"], each["outcome"], each["reason"]) for each in shown["held"]] == [
        ("CNY/currency/-/FX/assessed/USD/-", "held", "not_positive"),
        (SERIES, "waiting", "unit"),
    ]
    assert shown["held"][1]["quoted"] == "432 CNY/t, tax included"
    assert (await client.get("/v1/prices/held", params={"material": "Nd", "limit": 1})).json()["total"] == 1


async def test_the_ticks_of_a_series_are_shown_from_a_day_on(feed: Feed, client: AsyncClient) -> None:
    await feed.send(*(neodymium(day, 432_000) for day in range(5)))
    shown = (await client.get(f"/v1/prices/{SERIES}/ticks", params={"since": str(FIRST.replace(day=7)), "limit": 2})).json()
    assert (shown["series"], shown["total"]) == (SERIES, 3)
    assert [each["as_of"] for each in shown["ticks"]] == ["2026-01-08", "2026-01-09"]
    unknown = await client.get("/v1/prices/Xx/oxide/-/CN/assessed/CNY/-/ticks")
    assert (unknown.status_code, unknown.json()["title"]) == (404, "Unknown series")


async def test_a_price_taken_back_by_the_name_of_its_series_is_found(feed: Feed, client: AsyncClient) -> None:
    await feed.send(neodymium(0, 432_000), neodymium(1, 480_000))
    taken_back = withdrawal(SERIES, "smm", FIRST.replace(day=6))
    assert series_id(taken_back) == series_id(PriceTick.model_validate(neodymium(1, 1)))
    await feed.send(taken_back.model_dump())
    assert [each["ticks"] for each in (await client.get("/v1/prices")).json()["series"]] == [1]
