"""Alerts on supply: each condition of an advice fires once, again when its severity changes, and resolves when it no longer
holds or can no longer be known."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import orjson

from services.stockpile_advisor import keys, metrics
from services.stockpile_advisor.domain.advice_alerts import Condition
from services.stockpile_advisor.domain.result import SOURCE
from shared.bus.types import Effects, State, Write
from shared.contracts.alert import Alert, alert_event, fitting_key

MOST_ORDERS: Final = 100

Raised = Mapping[str, Mapping[str, str]]
"""Of a place: by key of the condition, what was said of it and since when."""


class SupplyAlerts:
    async def read(self, state: State, places: Sequence[str]) -> dict[str, bytes | None]:
        """What is firing, by place, as it is stored."""
        return dict(zip(places, await state.hash_get_many(keys.ALERTS, places), strict=True))

    def turn(
        self,
        place: str,
        stored: bytes | None,
        holding: Sequence[Condition],
        now: datetime,
        *,
        orders: Sequence[str] = (),
        materials: Sequence[str] = (),
        ended: str,
    ) -> Effects:
        """`holding`: what the advice of `now` says; `ended`: why what is no longer among it resolves."""
        raised: Raised = orjson.loads(stored) if stored is not None else {}
        effects = Effects()
        after: dict[str, Mapping[str, str]] = {}
        for condition in holding:
            before = raised.get(condition.key)
            if before is not None and before["severity"] == condition.severity:
                after[condition.key] = before
                continue
            since = datetime.fromisoformat(before["since"]) if before is not None else now
            after[condition.key] = {
                "since": since.isoformat(),
                "kind": condition.kind,
                "severity": condition.severity,
                "summary": condition.summary,
            }
            alert = Alert(
                alert_key=fitting_key(condition.key),
                kind=condition.kind,
                severity=condition.severity,
                state="firing",
                since=since,
                summary=condition.summary,
                cause=condition.cause,
                evidence={**condition.evidence, "orders": str(len(orders))},
                orders=list(orders)[:MOST_ORDERS],
                materials=list(materials),
            )
            self._say(effects, alert, now, None)
        for key in sorted(raised.keys() - after.keys()):
            self._resolve(effects, key, raised[key], ended, now, None)
        if after != raised:
            written = Write("HSET", keys.ALERTS, (place, orjson.dumps(after))) if after else Write("HDEL", keys.ALERTS, (place,))
            effects.writes.append(written)
        return effects

    def ended(self, place: str, stored: bytes | None, now: datetime, traceparent: str | None) -> Effects:
        """The plant no longer keeps the item."""
        effects = Effects()
        raised: Raised = orjson.loads(stored) if stored is not None else {}
        for key in sorted(raised):
            self._resolve(effects, key, raised[key], "The plant no longer keeps the item.", now, traceparent)
        if raised:
            effects.writes.append(Write("HDEL", keys.ALERTS, (place,)))
        return effects

    def _resolve(self, effects: Effects, key: str, before: Mapping[str, str], cause: str, now: datetime, traceparent: str | None) -> None:
        severity: Literal["info", "warning", "critical"] = before["severity"]  # type: ignore[assignment]
        alert = Alert(
            alert_key=fitting_key(key),
            kind=before["kind"],
            severity=severity,
            state="resolved",
            since=datetime.fromisoformat(before["since"]),
            summary=before["summary"],
            cause=cause,
        )
        self._say(effects, alert, now, traceparent)

    def _say(self, effects: Effects, alert: Alert, now: datetime, traceparent: str | None) -> None:
        metrics.ALERTS.labels(alert.kind, alert.state).inc()
        effects.outputs.append(("alerts", alert_event(alert, SOURCE, now, traceparent).encode()))
