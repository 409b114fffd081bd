"""The portfolio of the running service: over HTTP, as gauges, by command, and alerts that fire and resolve."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from prometheus_client import REGISTRY
from typer.testing import CliRunner

from services.cli import main
from services.pricing_risk import limit_alerts
from services.pricing_risk.app import compose
from services.pricing_risk.exposures import Exposures
from services.pricing_risk.policy_file import BUILT_IN, load_policy
from services.pricing_risk.price_histories import PriceHistories
from services.pricing_risk.series_book import SeriesBook
from services.pricing_risk.settings import Settings
from shared.bus import Bus, BusSettings
from shared.bus.keys import timers_key
from shared.contracts.base import unix_ms
from shared.service import Service
from tests.integration.pricing_risk.portfolios import DYSPROSIUM, NOW, TODAY, TUNGSTEN, Store, clock, feed, position
from tests.support.prices import price_tick
from tests.support.waiting import wait_until_async

PARTITIONS = 3


def nobody_asks(_scope: str) -> Callable[[], Awaitable[None]]:
    async def allowed() -> None:
        return None

    return allowed


@pytest.fixture
async def bus(redis_url: str) -> Bus:
    return Bus(BusSettings(url=redis_url, group="pricing-risk", partitions=PARTITIONS), clock_ms=lambda: unix_ms(clock()))


@pytest.fixture
async def store(bus: Bus) -> AsyncIterator[Store]:
    store = Store(bus)
    yield store
    await store.close()


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    """The built-in policy with a limit."""
    said = yaml.safe_load(BUILT_IN.read_text())
    path = tmp_path / "pricing.yaml"
    path.write_text(yaml.safe_dump(said | {"limits": [{"by": "element", "name": "Dy", "exposure": 4000}]}))
    return path


@pytest.fixture
async def service(bus: Bus, store: Store, policy_file: Path) -> AsyncIterator[Service]:
    service = compose(Settings(policy_file=policy_file), bus, nobody_asks, clock)  # type: ignore[arg-type]
    await service.start()
    ticks = feed()
    await store.send(*ticks)

    async def taken() -> bool:
        return await store.prices_taken(len(ticks))

    await wait_until_async(taken, "all prices are in the series")
    yield service
    await service.stop()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[AsyncClient]:
    application = FastAPI()
    for router in service.routers:
        application.include_router(router)
    async with AsyncClient(transport=ASGITransport(application), base_url="http://test") as client:
        yield client


async def answer(client: AsyncClient, path: str, **asked: Any) -> dict[str, Any]:
    response = await (client.post(path, **asked) if "json" in asked else client.get(path, **asked))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_exposure_is_read_over_all_partitions_and_adds_up(client: AsyncClient, store: Store) -> None:
    await store.put(*(position(number) for number in range(1, 13)), position(13, TUNGSTEN, "500", ["W"]), position(14, None, "1", ["Tb"]))
    by_element = await answer(client, "/v1/exposure", params={"worst": 2})
    assert by_element["currency"] == "USD"
    assert {group["name"]: group["lines"] for group in by_element["groups"]} == {"Dy": 12, "W": 1, "Tb": 1}
    assert by_element["missing"] == [{"what": "a price of Tb", "lines": 1}]
    assert by_element["total"]["unknown_lines"] == 1
    assert by_element["method"]["scenarios"] == 420 - 126
    assert float(by_element["total"]["exchange_rate_share"]) != 0.0
    assert len(by_element["worst_lines"]) == 2
    for by in ("element", "supplier", "country", "buyer_unit", "currency"):
        groups = (await answer(client, "/v1/exposure", params={"by": by}))["groups"]
        for money in ("exposure_money", "expected_shortfall_975_money", "market_value_money"):
            assert sum(round(100 * float(group[money] or 0)) for group in groups) == round(100 * float(by_element["total"][money]))


async def test_what_changes_is_seen_and_what_does_not_is_not_worked_out_again(bus: Bus, store: Store, service: Service) -> None:
    exposures = Exposures(bus, SeriesBook(bus), PriceHistories(bus), load_policy().policy)
    await store.put(position(1), position(2))
    first = await exposures.portfolio(TODAY)
    assert await exposures.portfolio(TODAY) is first
    assert (await exposures.portfolio(TODAY + timedelta(days=1))) is not first
    await store.remove(position(2))
    assert (await exposures.portfolio(TODAY)).total.exposure == pytest.approx(first.total.exposure / 2)
    before = await exposures.portfolio(TODAY)
    await store.send(price_tick("Dy", TODAY, 1.1, source="a second source"), price_tick("Dy", TODAY, 1.1))

    async def dearer() -> bool:
        return (await exposures.portfolio(TODAY)).total.exposure > before.total.exposure

    await wait_until_async(dearer, "the new price counts")


async def test_what_if_tells_before_and_after_and_stores_nothing(client: AsyncClient, store: Store) -> None:
    fixed = position(2, TUNGSTEN, "100", ["W"], pricing="fixed", open_value="5000")
    await store.put(position(1), fixed)
    asked = {"shocks": [{"elements": ["Dy"], "market": "CN", "percent": 50}], "currencies": [{"currency": "EUR", "percent": -10}]}
    found = await answer(client, "/v1/price-scenarios", json=asked)
    exposure = found["exposure_money"]
    assert float(exposure["after"]) == pytest.approx(1.5 * float(exposure["before"]), abs=0.02)
    assert float(exposure["change"]) == pytest.approx(0.5 * float(exposure["before"]), abs=0.02)
    assert float(found["expected_shortfall_975_money"]["change"]) > 0
    assert {effect["series"] for effect in found["supposed"]} >= {DYSPROSIUM}
    assert found["worst_lines_after"][0]["order_key"] == "erp/1000/1"
    again = await answer(client, "/v1/exposure")
    assert again["total"]["exposure_money"] == exposure["before"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "nothing is supposed"),
        ({"shocks": [{"elements": ["Dy"], "percentage": 5}]}, "body/shocks/0/percentage: Extra inputs are not permitted"),
        ({"events": [{"kind": "embargo", "elements": ["Dy"]}]}, "state `outside_cut_percent` or `inside_cut_percent`"),
    ],
)
async def test_a_question_that_cannot_be_answered_says_what_to_do(client: AsyncClient, asked: dict[str, Any], told: str) -> None:
    response = await client.post("/v1/price-scenarios", json=asked)
    assert response.status_code == 422
    assert told in response.json()["detail"]


async def test_gauges_show_each_element_and_what_is_unknown(service: Service, store: Store) -> None:
    await store.put(position(1), position(2, None, "1", ["Tb"]))
    assert service.refresh_metrics is not None
    await service.refresh_metrics()
    labels = {"element": "Dy", "currency": "USD"}
    exposure = REGISTRY.get_sample_value("orestream_price_exposure", labels)
    assert exposure is not None
    assert exposure > 0
    part = REGISTRY.get_sample_value("orestream_price_cost_at_risk", labels)
    assert part == pytest.approx(REGISTRY.get_sample_value("orestream_price_expected_shortfall", {"currency": "USD"}))
    assert REGISTRY.get_sample_value("orestream_price_unknown_lines") == 1


async def of_kind(store: Store, kind: str) -> list[dict[str, Any]]:
    return [alert for alert in await store.alerts() if alert["kind"] == kind]


async def test_a_limit_fires_once_after_a_price_and_resolves_when_the_orders_are_gone(bus: Bus, service: Service, store: Store) -> None:
    orders = [position(number) for number in range(1, 4)]
    await store.put(*orders)
    # A price makes the limits be looked at, by itself.
    await store.send(price_tick("Dy", TODAY, 1.02))

    async def fired(state: str) -> bool:
        return any(alert["state"] == state for alert in await of_kind(store, "price_exposure_limit"))

    await wait_until_async(lambda: fired("firing"), "the limit alert")
    (alert,) = await of_kind(store, "price_exposure_limit")
    assert alert["alert_key"] == "price_exposure_limit/element/Dy/exposure"
    assert sorted(alert["orders"]) == ["erp/1000/1", "erp/1000/2", "erp/1000/3"]
    assert (alert["materials"], alert["evidence"]["limit_money"]) == (["Dy"], "4000.00 USD")
    await store.remove(*orders)
    await store.send(price_tick("Dy", TODAY, 1.03))
    await wait_until_async(lambda: fired("resolved"), "its end")
    firing, resolved = await of_kind(store, "price_exposure_limit")
    assert (resolved["alert_key"], resolved["since"]) == (firing["alert_key"], firing["since"])


async def test_a_budget_that_a_price_breaks_is_told_with_its_numbers(service: Service, store: Store) -> None:
    await store.put(position(1, budget_value="1000", kg="10"))
    await store.send(price_tick("Dy", TODAY, 1.02))

    async def told() -> bool:
        return bool(await of_kind(store, "price_budget_breach"))

    await wait_until_async(told, "the budget alert")
    (alert,) = await of_kind(store, "price_budget_breach")
    assert alert["alert_key"] == "price_budget_breach/line/erp/1000/1/10"
    assert alert["evidence"]["budget_money"].endswith(" USD")
    assert alert["orders"] == ["erp/1000/1"]


async def test_asking_again_and_again_sets_one_timer_for_each_two_seconds(bus: Bus, store: Store) -> None:
    moment = NOW

    policy = load_policy().policy
    asked = limit_alerts.LimitAlerts(bus, Exposures(bus, SeriesBook(bus), PriceHistories(bus), policy), policy, lambda: moment)
    for milliseconds in range(0, 4_000, 50):
        moment = NOW + timedelta(milliseconds=milliseconds)
        await asked.ask()
    timers = await store.client.zrange(timers_key(0, "pricing-risk"), 0, -1, withscores=True)
    due = sorted(int(score) - int(NOW.timestamp() * 1000) for _, score in timers)
    assert due == [4_000, 6_000]
    await bus.stop()


async def test_the_command_tells_the_same_and_asks_what_if(
    client: AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch, policy_file: Path
) -> None:
    import asyncio

    await store.put(position(1), position(2))
    over_http = await answer(client, "/v1/price-scenarios", json={"shocks": [{"elements": ["Dy"], "factor": 2}]})
    monkeypatch.setenv("ORESTREAM_REDIS_URL", store.bus.settings.url)
    monkeypatch.setenv("ORESTREAM_PARTITIONS", str(PARTITIONS))
    monkeypatch.setenv("ORESTREAM_PRICING_POLICY_FILE", str(policy_file))

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["exposure", *arguments])
        return result.exit_code, result.output

    code, output = await asyncio.to_thread(run, "what-if", "--shock", "Dy=x2", "--json")
    assert code == 0, output
    assert json.loads(output)["supposed"] == over_http["supposed"]
    code, output = await asyncio.to_thread(run, "--by", "supplier")
    assert code == 0, output
    assert "Supplier 0" in output
    code, output = await asyncio.to_thread(run, "--by", "colour")
    assert (code, "--by takes element" in output) == (2, True)
    code, output = await asyncio.to_thread(run, "what-if", "--shock", "Dy+30")
    assert (code, "write it as in Dy@EX_CN=+30" in output) == (2, True)
