"""From an event to its deliveries, and from one attempt to the next.

Timers give an endpoint a turn in one partition: `endpoint:<id>` when something is due, `call:<id>/<number>` when an attempt has ended or
a place is free. A turn records the outcomes that have come in and begins what is due, as far as there are places; it never waits for a
receiver. Everything that is remembered is committed under the partition's lease, and a delivery leaves `due:` only together with its
outcome. So killing anything at any moment repeats deliveries (under the same webhook-id) and loses none.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from services.notification import store
from services.notification.domain.delivery import (
    Attempt,
    Delivery,
    after_attempt,
    endpoint_alert,
    exhausted_alert,
    first_delivery,
    given_up_unsent,
    resent,
)
from services.notification.endpoints import Endpoint
from services.notification.metrics import DISABLED, GIVEN_UP
from services.notification.sending import TOTAL_SECONDS, Clock, Lane, Sender
from shared.bus.types import Delivery as Entry
from shared.bus.types import DueTimer, Effects, State, Timer, UndecodableEvent
from shared.contracts.alert import AlertEvent
from shared.contracts.assessment import AssessmentEvent
from shared.contracts.base import instant_of, unix_ms

log = logging.getLogger(__name__)

NEXT_LOOK = timedelta(seconds=TOTAL_SECONDS + 5)
"""When a lane gets a turn although nobody asked: an attempt has ended by then, so its call must have been lost."""
UNKNOWN_ENDPOINT_LOOK = timedelta(minutes=10)
GIVEN_UP_PER_TURN = 200
SWEEP_INTERVAL = timedelta(minutes=10)
SWEPT_PER_TURN = 1000


def endpoint_timer(endpoint_id: str, due: datetime) -> Timer:
    return Timer(f"endpoint:{endpoint_id}", unix_ms(due))


def call_timer(endpoint_id: str, number: int, now: datetime) -> Timer:
    """A name of its own for every call: set from outside the lease, it must not fall together with a turn that is just ending."""
    return Timer(f"call:{endpoint_id}/{number}", unix_ms(now))


def resend_timer(webhook_id: str, now: datetime) -> Timer:
    return Timer(f"resend:{webhook_id}", unix_ms(now))


def enable_timer(endpoint_id: str, now: datetime) -> Timer:
    return Timer(f"enable:{endpoint_id}", unix_ms(now))


def _sweep_timer(now: datetime) -> Timer:
    """On a fixed grid: an event that sets it does not put it off."""
    interval = int(SWEEP_INTERVAL.total_seconds() * 1000)
    return Timer("sweep", (unix_ms(now) // interval + 1) * interval)


class Handlers:
    """`states` gives the state of every partition: an endpoint disabled in one is disabled in all."""

    def __init__(
        self, endpoints: Mapping[str, Endpoint], sender: Sender, states: Mapping[int, State], retention: timedelta, clock: Clock
    ) -> None:
        self._endpoints = endpoints
        self._sender = sender
        self._states = states
        self._retention = retention
        self._clock = clock
        self._disabled: set[str] = set()
        self._disabled_read_at = datetime.fromtimestamp(0, UTC)

    async def on_event(self, entries: Sequence[Entry], state: State) -> Sequence[Effects | Exception]:
        """An assessment or alert: one delivery per endpoint that asks for its type, due at once."""
        wanted = [self._deliveries(entry) for entry in entries]
        webhook_ids = [delivery.webhook_id for one in wanted if not isinstance(one, Exception) for delivery in one]
        known = {record.webhook_id for record in await store.deliveries(state, webhook_ids) if record is not None}
        return [
            one if isinstance(one, Exception) else self._open([delivery for delivery in one if delivery.webhook_id not in known], entry)
            for entry, one in zip(entries, wanted, strict=True)
        ]

    def _deliveries(self, entry: Entry) -> list[Delivery] | Exception:
        try:
            event = (AssessmentEvent if entry.stream == "assessments" else AlertEvent).model_validate_json(entry.event)
        except ValidationError as error:
            return UndecodableEvent(f"entry {entry.entry_id} of {entry.stream} is not an event of that stream: {error}")
        return [first_delivery(event, endpoint.id) for endpoint in self._endpoints.values() if event.type in endpoint.events]

    def _open(self, deliveries: Sequence[Delivery], entry: Entry) -> Effects:
        effects = Effects()
        for delivery in deliveries:
            effects.writes += store.created(delivery, entry.event, self._retention)
            effects.timers += [endpoint_timer(delivery.endpoint_id, delivery.event_time), _sweep_timer(delivery.event_time)]
        return effects

    async def on_timer(self, timers: Sequence[DueTimer], state: State) -> Sequence[Effects | Exception]:
        turned: set[str] = set()
        effects: list[Effects | Exception] = []
        for timer in timers:
            kind, _, name = timer.name.partition(":")
            at = instant_of(timer.due_ms)
            match kind:
                case "endpoint" | "call":
                    endpoint_id = name.partition("/")[0]
                    effects.append(Effects() if endpoint_id in turned else await self._turn((timer.partition, endpoint_id), state))
                    turned.add(endpoint_id)
                case "resend":
                    effects.append(await self._resend(name, state, at))
                case "enable":
                    effects.append(await self._enable(name, state, at))
                case _:
                    effects.append(await self._sweep(state, at))
        return effects

    async def _turn(self, lane: Lane, state: State) -> Effects:
        """`now` is the clock here: it decides when something is sent, never what."""
        now = self._clock()
        effects = Effects()
        endpoint = self._endpoints.get(lane[1])
        if endpoint is None:  # taken out of the file: its deliveries wait, visible, until it comes back
            waiting = await store.next_due(state, lane[1], 0) is not None
            effects.timers += [endpoint_timer(lane[1], now + UNKNOWN_ENDPOINT_LOOK)] if waiting else []
            return effects
        await self._read_disabled(now)
        looks = await self._record(lane, state, effects)
        if endpoint.id in self._disabled:
            looks += await self._give_up(lane, state, effects, now)
        else:
            looks += await self._begin(lane, endpoint, state, effects, now)
        following = await store.next_due(state, endpoint.id, unix_ms(now))
        looks += [following] if following is not None else []
        effects.timers += [endpoint_timer(endpoint.id, min(looks))] if looks else []
        return effects

    async def _record(self, lane: Lane, state: State, effects: Effects) -> list[datetime]:
        """Adds the outcomes that have come in and says when they are to be followed up.

        An outcome that the log already holds was committed by an earlier turn; only now is it forgotten.
        """
        finished = {webhook_id: attempt for webhook_id, attempt in self._sender.attempts(lane).items() if attempt is not None}
        gone: Attempt | None = None
        looks = []
        for delivery, (webhook_id, attempt) in zip(await store.deliveries(state, list(finished)), finished.items(), strict=True):
            if delivery is None or delivery.attempts_made >= attempt.number:
                self._sender.forget(lane, webhook_id)
                continue
            after = after_attempt(delivery, attempt)
            effects.writes += store.replaced(delivery, after, self._retention)
            if after.alert_firing != delivery.alert_firing:
                effects.outputs.append(("alerts", exhausted_alert(after).encode()))
            if after.failure is not None:
                GIVEN_UP.labels(after.endpoint_id, after.failure).inc()
                said = attempt.error or f"HTTP {attempt.status}"
                log.warning(
                    "%s to %s is given up (%s) after %d attempts; the last one: %s",
                    *(webhook_id, after.endpoint_id, after.failure, after.attempts_made, said),
                    extra={"traceparent": after.traceparent},
                )
            if after.failure == "gone":
                gone = attempt
            looks += [after.next_attempt_at] if after.next_attempt_at is not None else []
        if gone is not None:
            await self._disable(lane[1], gone.finished_at, state, effects)
        return looks

    async def _disable(self, endpoint_id: str, since: datetime, state: State, effects: Effects) -> None:
        self._disabled.add(endpoint_id)
        if await store.disabled_since(state, [endpoint_id]):
            return
        cause = "its receiver answered 410 Gone"
        effects.writes.append(store.disabled(endpoint_id, since, cause))
        effects.outputs.append(("alerts", endpoint_alert(endpoint_id, "firing", since, cause).encode()))

    async def _read_disabled(self, now: datetime) -> None:
        """In whichever partition the 410 came; read at most once a second."""
        if not timedelta(0) <= now - self._disabled_read_at < timedelta(seconds=1):
            found = await asyncio.gather(*(store.disabled_since(state, list(self._endpoints)) for state in self._states.values()))
            self._disabled = {disabled for partition in found for disabled in partition}
            self._disabled_read_at = now

    def show_disabled(self) -> None:
        for endpoint_id in self._endpoints:
            DISABLED.labels(endpoint_id).set(endpoint_id in self._disabled)

    async def _give_up(self, lane: Lane, state: State, effects: Effects, now: datetime) -> list[datetime]:
        """What is due for a disabled endpoint is kept as failed; whoever enables the endpoint resends what is still wanted."""
        under_way = self._sender.attempts(lane)  # have an outcome of their own, or will have
        waiting = await store.due(state, lane[1], unix_ms(now), GIVEN_UP_PER_TURN + len(under_way))
        webhook_ids = [webhook_id for webhook_id, _ in waiting if webhook_id not in under_way]
        for webhook_id, delivery in zip(webhook_ids, await store.deliveries(state, webhook_ids), strict=True):
            if delivery is None:
                effects.writes += store.vanished(webhook_id, lane[1])
            else:
                effects.writes += store.replaced(delivery, given_up_unsent(delivery, now), self._retention)
                GIVEN_UP.labels(lane[1], "disabled").inc()
        if len(webhook_ids) >= GIVEN_UP_PER_TURN:
            return [now]
        return [now + NEXT_LOOK] if under_way else []

    async def _begin(self, lane: Lane, endpoint: Endpoint, state: State, effects: Effects, now: datetime) -> list[datetime]:
        """Hands what is due to the sender while there are places; the rest waits for a call."""
        under_way = self._sender.attempts(lane)
        wanted = self._sender.places(lane, endpoint)
        waiting = await store.due(state, endpoint.id, unix_ms(now), len(under_way) + wanted + 1)
        ready = [webhook_id for webhook_id, _ in waiting if webhook_id not in under_way]
        first = ready[:wanted]
        records, contents = await asyncio.gather(store.deliveries(state, first), store.bodies(state, first))
        begun = 0
        for webhook_id, delivery, body in zip(first, records, contents, strict=True):
            if delivery is None or body is None:
                effects.writes += store.vanished(webhook_id, endpoint.id)
                begun += 1
            elif self._sender.places(lane, endpoint):  # lanes of other partitions begin in between
                self._sender.begin(lane, endpoint, delivery, body)
                begun += 1
        await self._sender.end_turn(lane, endpoint, unserved=begun < len(ready))
        return [now + NEXT_LOOK] if under_way or ready else []

    async def _resend(self, webhook_id: str, state: State, now: datetime) -> Effects:
        """An operator asks: due at once, whatever has become of it. Nothing happens where it expired meanwhile."""
        (delivery,), (body,) = await asyncio.gather(store.deliveries(state, [webhook_id]), store.bodies(state, [webhook_id]))
        if delivery is None or body is None:
            return Effects()
        return Effects(writes=store.reopened(delivery, resent(delivery, now), body), timers=[endpoint_timer(delivery.endpoint_id, now)])

    async def _enable(self, endpoint_id: str, state: State, now: datetime) -> Effects:
        if not await store.disabled_since(state, [endpoint_id]):
            return Effects()
        alert = endpoint_alert(endpoint_id, "resolved", now, "an operator enabled it")
        return Effects(outputs=[("alerts", alert.encode())], writes=[store.enabled(endpoint_id)], timers=[endpoint_timer(endpoint_id, now)])

    async def _sweep(self, state: State, now: datetime) -> Effects:
        expired = await store.expired_from_log(state, now, self._retention, SWEPT_PER_TURN)
        full = any(len(write.arguments) == SWEPT_PER_TURN for write in expired)
        return Effects(writes=expired, timers=[Timer("sweep", unix_ms(now)) if full else _sweep_timer(now)])
