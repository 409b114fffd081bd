"""Alerts on limits and budgets: one per breach, which resolves; many lines over budget are told of together."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from services.pricing_risk.domain.policy import PricingPolicy
from services.pricing_risk.domain.portfolio import Portfolio
from services.pricing_risk.domain.positions import OrderPosition
from services.pricing_risk.limit_alerts import LOOK_EVERY, MOST_LINES, MOST_ORDERS, REGULAR, TIMER, LimitAlerts
from services.pricing_risk.policy_file import load_policy
from shared.bus.types import DueTimer, Effects
from tests.unit.pricing_risk.domain.open_books import DYSPROSIUM, line, order, portfolio

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Book:
    """The open orders, and the alerts as their timer decides them, with its writes kept as the bus would keep them."""

    def __init__(self, *limits: dict[str, Any]) -> None:
        said = load_policy().policy.model_dump(mode="json") | {"limits": list(limits)}
        self.orders: list[OrderPosition] = []
        self._alerts = LimitAlerts(None, self, PricingPolicy.model_validate(said), lambda: NOW)  # type: ignore[arg-type]
        self._kept: dict[str, bytes] = {}
        self.looks = 0

    async def portfolio(self, _today: object) -> Portfolio:
        self.looks += 1
        return portfolio(*self.orders)

    async def have_budgets(self) -> bool:
        return any(line.budget_value is not None for order in self.orders for line in order.lines)

    async def get(self, key: str) -> bytes | None:
        return self._kept.get(key)

    async def look(self, minutes: int = 0, name: str = REGULAR) -> tuple[list[dict[str, Any]], Effects]:
        due_ms = int((NOW + timedelta(minutes=minutes)).timestamp() * 1000)
        (effects,) = await self._alerts.on_timers([DueTimer(0, name, due_ms)], self)  # type: ignore[arg-type]
        assert isinstance(effects, Effects)
        for write in effects.writes:
            self._kept[write.key] = write.arguments[0]  # type: ignore[assignment]
        return [orjson.loads(event)["data"] for _, event in effects.outputs], effects


async def test_a_breach_fires_once_and_resolves_with_its_beginning() -> None:
    book = Book({"by": "supplier", "name": "Supplier 1", "exposure": "1000"})
    book.orders = [order(1, line(1))]
    (firing,), _ = await book.look()
    assert (firing["state"], firing["alert_key"]) == ("firing", "price_exposure_limit/supplier/Supplier 1/exposure")
    assert firing["evidence"]["found_money"] == "3000.00 USD"
    book.orders = [order(1, line(1, DYSPROSIUM, "20"))]
    assert (await book.look(1))[0] == []
    book.orders = []
    (resolved,), _ = await book.look(2)
    assert (resolved["state"], resolved["since"], resolved["summary"]) == ("resolved", firing["since"], firing["summary"])
    assert (await book.look(3))[0] == []


async def test_a_hundred_orders_are_listed_and_all_are_counted() -> None:
    book = Book({"by": "total", "exposure": "1"})
    book.orders = [order(number, line(1, kg=str(number + 1))) for number in range(130)]
    (alert,), _ = await book.look()
    assert len(alert["orders"]) == MOST_ORDERS
    assert alert["orders"][0] == "erp/1000/129"
    assert alert["evidence"]["orders"] == "130"


async def test_beyond_so_many_lines_over_budget_the_rest_is_one_alert_and_those_told_of_keep_theirs() -> None:
    book = Book()
    book.orders = [order(number, line(1, kg="10", budget_value=Decimal(1000))) for number in range(MOST_LINES)]
    first, _ = await book.look()
    assert len(first) == MOST_LINES + 1  # and one for the element
    book.orders += [order(1000 + number, line(1, kg="1000", budget_value=Decimal(1000))) for number in range(3)]
    (rest,), _ = await book.look(1)
    assert rest["alert_key"] == "price_budget_breach/lines"
    assert rest["summary"].startswith("3 more open lines are over their budgets, by 897,000.00 USD together.")
    assert rest["orders"] == ["erp/1000/1000", "erp/1000/1001", "erp/1000/1002"]


async def test_without_limits_and_budgets_nothing_is_worked_out() -> None:
    book = Book()
    book.orders = [order(1, line(1))]
    alerts, effects = await book.look()
    assert (alerts, book.looks) == ([], 0)
    assert [(timer.name, timer.due_ms) for timer in effects.timers] == [(REGULAR, int((NOW + LOOK_EVERY).timestamp() * 1000))]


async def test_looks_that_were_asked_for_take_a_small_part_of_the_time() -> None:
    book = Book({"by": "total", "exposure": "1"})
    book.orders = [order(number, line(1)) for number in range(300)]
    await book.look(name=f"{TIMER}1")
    _, effects = await book.look(name=f"{TIMER}2")
    assert book.looks == 1
    (again,) = effects.timers
    assert again.name.startswith(TIMER)
    assert again.due_ms is not None
    assert again.due_ms > int(NOW.timestamp() * 1000)


async def test_a_key_that_is_too_long_for_an_alert_is_cut_and_stays_its_own() -> None:
    book = Book()
    book.orders = [order(1, line(number, budget_value=Decimal(1)), company="c" * 190) for number in (1, 2)]
    book.orders[1] = book.orders[1].model_copy(update={"lines": [line(2, budget_value=Decimal(1))]})
    alerts, _ = await book.look()
    keys = [alert["alert_key"] for alert in alerts if alert["kind"] == "price_budget_breach" and "/line/" in alert["alert_key"]]
    assert len(set(keys)) == 2
    assert max(map(len, keys)) <= 200
