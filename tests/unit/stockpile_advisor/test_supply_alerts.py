"""Conditions begin, worsen and end; each is said once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson

from services.stockpile_advisor.domain.advice_alerts import Condition
from services.stockpile_advisor.supply_alerts import SupplyAlerts
from shared.bus.types import Effects
from shared.contracts.alert import AlertEvent

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LOW = Condition("stock_order_by:P1/DYOX", "stock_order_by", "warning", "Order soon.", "The day is near.", {"order_by": "2026-12-01"})

ENDED = "It no longer holds."


def said(effects: Effects) -> list[tuple[str, str, str]]:
    alerts = [AlertEvent.model_validate_json(content).data for _, content in effects.outputs]
    return [(alert.kind, alert.state, alert.severity) for alert in alerts]


def stored(effects: Effects, before: bytes | None) -> bytes | None:
    for write in effects.writes:
        before = write.arguments[1] if write.command == "HSET" else None  # type: ignore[assignment]
    return before


def test_a_condition_is_said_once_again_when_it_worsens_and_when_it_ends() -> None:
    alerts = SupplyAlerts()
    first = alerts.turn("p", None, [LOW], NOW, ended=ENDED)
    kept = stored(first, None)
    assert said(first) == [("stock_order_by", "firing", "warning")]
    same = alerts.turn("p", kept, [replace(LOW, summary="Order very soon.")], NOW + timedelta(days=1), ended=ENDED)
    assert (said(same), same.writes) == ([], [])
    worse = alerts.turn("p", kept, [replace(LOW, severity="critical")], NOW + timedelta(days=2), ended=ENDED)
    assert said(worse) == [("stock_order_by", "firing", "critical")]
    events = [AlertEvent.model_validate_json(content) for effects in (first, worse) for _, content in effects.outputs]
    assert len({event.data.alert_key for event in events}) == 1
    assert len({event.id for event in events}) == 2
    assert {event.data.since for event in events} == {NOW}
    ended = alerts.turn("p", stored(worse, kept), [], NOW + timedelta(days=3), ended=ENDED)
    assert said(ended) == [("stock_order_by", "resolved", "critical")]
    assert AlertEvent.model_validate_json(ended.outputs[0][1]).data.cause == ENDED
    assert stored(ended, kept) is None


def test_a_long_place_has_a_key_that_fits() -> None:
    long = replace(LOW, key=f"stock_order_by:{'P' * 200}/{'X' * 200}")
    effects = SupplyAlerts().turn("p", None, [long], NOW, ended=ENDED)
    (event,) = [AlertEvent.model_validate_json(content) for _, content in effects.outputs]
    assert len(event.data.alert_key) == 200
    assert orjson.loads(stored(effects, None) or b"{}").keys() == {long.key}
