"""Alerts on limits and budgets of the pricing policy. Each resolves when open lines are within them again, or are gone.

A timer in partition 0 decides, so that of several processes the one that holds the partition speaks: after orders or prices have changed,
and from time to time, because a day that passes sets prices.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, Literal

import orjson

from services.pricing_risk.domain.limits import Breach, breaches
from services.pricing_risk.domain.policy import PricingPolicy
from services.pricing_risk.exposures import Exposures
from shared.bus import Bus
from shared.bus.types import Delivery, DueTimer, Effects, Handler, State, Timer, Write
from shared.contracts.alert import Alert, AlertEvent, alert_event, fitting_key
from shared.contracts.base import instant_of, unix_ms

TIMER: Final = "limits:"
REGULAR: Final = f"{TIMER}regular"
LOOK_EVERY: Final = timedelta(minutes=10)
SETTLING_MS: Final = 2_000
"""How long changes are let come in before limits are looked at."""
LARGEST_PART: Final = 0.05
"""Of the time of one processor, what looking at limits may take while orders and prices stream in."""
MOST_ORDERS: Final = 100
MOST_LINES: Final = 200
"""Lines over budget that have an alert of their own; one alert tells of the rest."""
_RAISED: Final = "limit-alerts"
_SOURCE: Final = "orestream/pricing-risk"
_LINE: Final = "price_budget_breach/line/"
_REST: Final = "price_budget_breach/lines"


class LimitAlerts:
    """`clock` only says when to look; what is found depends on the timer's time."""

    def __init__(self, bus: Bus, exposures: Exposures, policy: PricingPolicy, clock: Callable[[], datetime]) -> None:
        self._bus = bus
        self._exposures = exposures
        self._policy = policy
        self._clock = clock
        self._asked_slot = -1
        self._took_seconds = 0.0
        self._looked_at = float("-inf")

    async def watch(self) -> None:
        await self._bus.set_timers(0, [Timer(REGULAR, unix_ms(self._clock()))])

    def after(self, handler: Handler) -> Handler:
        """A handler that changes positions or prices, after which limits are looked at."""

        async def handle(deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
            effects = await handler(deliveries, state)
            if any(isinstance(each, Effects) and each.writes for each in effects):
                await self.ask()
            return effects

        return handle

    async def ask(self) -> None:
        """Limits are looked at within a few seconds, however often this is called."""
        slot = unix_ms(self._clock()) // SETTLING_MS + 2
        if slot > self._asked_slot:
            # A name for each slot: asking again must not put off what was asked for before.
            await self._bus.set_timers(0, [Timer(f"{TIMER}{slot}", slot * SETTLING_MS)])
            self._asked_slot = slot

    async def on_timers(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        """All that are due are one look."""
        now = instant_of(max(timer.due_ms for timer in timers))
        regular = [Timer(REGULAR, unix_ms(now + LOOK_EVERY))] if any(timer.name == REGULAR for timer in timers) else []
        rest_seconds = self._took_seconds * (1 / LARGEST_PART - 1) - (monotonic() - self._looked_at)
        if rest_seconds > 0 and not regular:
            later_ms = unix_ms(now) + max(SETTLING_MS, int(rest_seconds * 1000))
            slot = later_ms // SETTLING_MS + 1
            return [*(Effects() for _ in timers[1:]), Effects(timers=[Timer(f"{TIMER}{slot}", slot * SETTLING_MS)])]
        began = monotonic()
        found: Sequence[Breach] = []
        if self._policy.limits or await self._exposures.have_budgets():
            found = await asyncio.to_thread(breaches, await self._exposures.portfolio(now.date()), self._policy)
        raised: dict[str, dict[str, str]] = orjson.loads(await state.get(_RAISED) or b"{}")
        effects = _turn({each.key: each for each in _told(found, raised, self._policy.reporting_currency)}, raised, now)
        self._looked_at = monotonic()
        self._took_seconds = self._looked_at - began
        effects.timers += regular
        return [*(Effects() for _ in timers[1:]), effects]


def _told(found: Sequence[Breach], raised: Mapping[str, object], currency: str) -> list[Breach]:
    """Of many lines over budget those that have an alert keep it, then the greatest get one; the rest is told of together."""
    lines = sorted((each for each in found if each.key.startswith(_LINE)), key=lambda each: (each.key not in raised, -each.over, each.key))
    others = [each for each in found if not each.key.startswith(_LINE)]
    rest = lines[MOST_LINES:]
    if not rest:
        return [*others, *lines]
    over = sum(each.over for each in rest)
    together = Breach(
        key=_REST,
        kind="price_budget_breach",
        summary=f"{len(rest)} more open lines are over their budgets, by {over:,.2f} {currency} together.",
        cause=f"{MOST_LINES} lines over budget have an alert of their own.",
        evidence={"lines": str(len(rest)), "over_money": f"{over:.2f} {currency}"},
        orders=list(dict.fromkeys(order for each in rest for order in each.orders)),
        materials=sorted({material for each in rest for material in each.materials}),
        over=over,
    )
    return [*others, *lines[:MOST_LINES], together]


def _turn(breached: Mapping[str, Breach], raised: Mapping[str, Mapping[str, str]], now: datetime) -> Effects:
    effects = Effects()
    after = {}
    for key, breach in breached.items():
        after[key] = raised.get(key) or {"since": now.isoformat(), "summary": breach.summary, "kind": breach.kind}
        if key not in raised:
            effects.outputs.append(("alerts", _alert(breach, "firing", now, now).encode()))
    for key in sorted(raised.keys() - breached.keys()):
        effects.outputs.append(("alerts", _resolved(key, raised[key], now).encode()))
    if after != raised:
        effects.writes.append(Write("SET", _RAISED, (orjson.dumps(after),)))
    return effects


def _alert(breach: Breach, state: Literal["firing", "resolved"], since: datetime, now: datetime) -> AlertEvent:
    orders = list(breach.orders)
    alert = Alert(
        alert_key=fitting_key(breach.key),
        kind=breach.kind,
        severity="warning",
        state=state,
        since=since,
        summary=breach.summary,
        cause=breach.cause,
        evidence={**breach.evidence, "orders": str(len(orders))},
        orders=orders[:MOST_ORDERS],
        materials=list(breach.materials),
    )
    return alert_event(alert, _SOURCE, now)


def _resolved(key: str, raised: Mapping[str, str], now: datetime) -> AlertEvent:
    alert = Alert(
        alert_key=fitting_key(key),
        kind=raised["kind"],
        severity="warning",
        state="resolved",
        since=datetime.fromisoformat(raised["since"]),
        summary=raised["summary"],
        cause="What is known of the open lines is within it again, or they are not open any more.",
    )
    return alert_event(alert, _SOURCE, now)
