"""Prices over HTTP: read, checked, and put on their stream once per content; corrections and withdrawals go out, too."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any

import httpx

from services.gateway.prices import PriceIntake
from shared.contracts.price import PriceTick
from tests.integration.gateway.conftest import MOMENT, Gateway
from tests.integration.gateway.orders import NDJSON

TICK: dict[str, Any] = {
    "material": "Dy",
    "form": "oxide",
    "market": "EX_CN",
    "basis": "assessed",
    "price": "850",
    "currency": "USD",
    "unit": "kg",
    "as_of": "2025-05-06",
    "source": "desk",
}


async def post(gateway: Gateway, content: bytes | str, media_type: str, **said: str) -> httpx.Response:
    return await gateway.client.post("/v1/prices", content=content, headers={"content-type": media_type}, params=said)


async def post_rows(gateway: Gateway, *rows: dict[str, Any]) -> dict[str, Any]:
    response = await post(gateway, b"\n".join(json.dumps(row).encode() for row in rows), NDJSON)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def outcomes(answer: dict[str, Any]) -> list[str]:
    return [row["outcome"] for row in answer["rows"]]


async def test_a_price_goes_out_once_and_its_correction_and_withdrawal_too(gateway: Gateway) -> None:
    assert outcomes(await post_rows(gateway, TICK)) == ["stored"]
    assert outcomes(await post_rows(gateway, {**TICK, "price": "850.00", "published_at": "2025-05-06T18:00:00Z"})) == ["unchanged"]
    corrected = await post_rows(gateway, {**TICK, "price": "840"})
    assert (outcomes(corrected), corrected["rows"][0]["messages"]) == (["stored"], ["It corrects the price sent before for this day."])
    withdrawn = {name: value for name, value in TICK.items() if name != "price"} | {"withdrawn": True}
    assert outcomes(await post_rows(gateway, withdrawn)) == ["stored"]
    assert outcomes(await post_rows(gateway, withdrawn)) == ["unchanged"]
    assert outcomes(await post_rows(gateway, {**TICK, "price": "840"})) == ["stored"]
    events = gateway.events("prices")
    assert [event["type"].split(".")[2] for event in events] == ["recorded", "recorded", "withdrawn", "recorded"]
    assert [event["data"]["price"] for event in events] == ["850", "840", "0", "840"]
    assert len({event["id"] for event in events}) == 4
    assert {event["subject"] for event in events} == {"Dy"}


async def test_prices_of_a_file_come_in_the_order_of_their_days(gateway: Gateway) -> None:
    days = [date(2025, 6, 30) - timedelta(days=back) for back in range(60)]
    answer = await post_rows(gateway, *({**TICK, "as_of": str(day), "price": str(100 + at)} for at, day in enumerate(days)))
    assert answer["counts"] == {"stored": 60, "unchanged": 0, "rejected": 0}
    assert answer["rows"][0]["id"] == "Dy/oxide/-/EX_CN/assessed/USD/- 2025-06-30"
    sent = [event["data"]["as_of"] for event in gateway.events("prices")]
    assert sent == [str(day) for day in reversed(days)]


async def test_one_day_twice_in_a_request_is_a_price_and_its_correction(gateway: Gateway) -> None:
    answer = await post_rows(gateway, TICK, {**TICK, "price": "840"}, TICK, TICK)
    assert outcomes(answer) == ["stored", "stored", "stored", "unchanged"]
    events = gateway.events("prices")
    assert [event["data"]["price"] for event in events] == ["850", "840", "850"]
    assert len({event["id"] for event in events}) == 3


async def test_sources_and_series_do_not_correct_each_other(gateway: Gateway) -> None:
    answer = await post_rows(gateway, TICK, {**TICK, "source": "other"}, {**TICK, "basis": "ask"}, {**TICK, "incoterm": "CIF"})
    assert answer["counts"]["stored"] == 4


async def test_what_was_never_sent_cannot_be_withdrawn_and_the_future_is_not_quoted(gateway: Gateway) -> None:
    tomorrow, later = MOMENT.date() + timedelta(days=1), MOMENT.date() + timedelta(days=2)
    answer = await post_rows(
        gateway, {**TICK, "withdrawn": True}, {**TICK, "as_of": str(tomorrow)}, {**TICK, "as_of": str(later)}, {**TICK, "unit": "furlong"}
    )
    assert outcomes(answer) == ["rejected", "stored", "rejected", "rejected"]
    told = [" ".join(row["messages"]) for row in answer["rows"]]
    assert told[0].startswith("There is no price of desk for 2025-05-06 in the series Dy/oxide/")
    assert "lies ahead" in told[2]
    assert answer["rows"][3]["place"] == "line 4"
    assert len(gateway.events("prices")) == 1


async def test_what_a_table_leaves_out_is_said_in_the_query(gateway: Gateway) -> None:
    table = "date,low,high\n2025-05-06,700,1000\n"
    said = {"material": "Dysprosium oxide", "market": "EX_CN", "basis": "assessed", "currency": "USD", "unit": "kg", "source": "desk"}
    assert (await post(gateway, table, "text/csv", **said)).json()["counts"]["stored"] == 1
    data = gateway.events("prices")[0]["data"]
    assert (data["material"], data["form"], data["price"]) == ("Dy", "oxide", "850")
    assert (await post_rows(gateway, TICK))["counts"]["unchanged"] == 1
    refused = await post(gateway, table, "text/csv", market="CHINA")
    assert refused.status_code == 422


async def test_a_body_without_a_usable_row_is_refused_with_reasons(gateway: Gateway) -> None:
    response = await post(gateway, "date,price\n2025-05-06,NaN\n", "text/csv")
    assert response.status_code == 422
    assert "material" in response.json()["detail"]
    assert (await post(gateway, b"{}", "application/xml")).status_code == 415


async def test_two_writers_of_one_month_lose_nothing(gateway: Gateway) -> None:
    ticks = [PriceTick.model_validate({**TICK, "as_of": f"2025-05-{day:02}"}) for day in range(1, 29)]
    both = await asyncio.gather(*(PriceIntake(gateway.bus).put(part, MOMENT, None) for part in (ticks[::2], ticks[1::2], ticks)))
    assert sorted(one.outcome for part in both for one in part) == ["stored"] * 28 + ["unchanged"] * 28
    assert len(gateway.events("prices")) == 28


async def test_a_year_of_prices_takes_a_bounded_part_of_redis(gateway: Gateway) -> None:
    days = [date(2025, 1, 1) + timedelta(days=at) for at in range(365)]
    for price in ("850", "851", "852"):
        ticks = [PriceTick.model_validate({**TICK, "as_of": str(day), "price": price, "source": "x" * 200}) for day in days]
        await PriceIntake(gateway.bus).put(ticks, MOMENT, None)
    records = list(gateway.redis.scan_iter("*price-month*"))
    assert len(records) == 12
    assert sum(gateway.redis.memory_usage(key) or 0 for key in records) < 6_000  # type: ignore[misc]
