"""The one event the gateway consumes: an assessment, kept beside its order for whoever asks or waits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from services.gateway import store
from shared.bus import Bus
from shared.bus.types import Delivery, Effects, State, UndecodableEvent, Write

_RANK = {"superseded": 0, "partial": 1, "final": 2}


@dataclass(slots=True, frozen=True)
class _Arriving:
    order_key: str
    assessment: dict[str, Any]

    @property
    def weight(self) -> tuple[int, int, int]:
        return _weight(self.assessment["revision"], self.assessment["round"], self.assessment["kind"])


class AssessmentHandler:
    """Keeps the latest assessment per order; `woken` is told the order key of each one kept, before it is committed."""

    def __init__(self, bus: Bus, woken: Callable[[str], None]) -> None:
        self._bus = bus
        self._woken = woken

    async def __call__(self, deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
        decoded = [_decoded(delivery) for delivery in deliveries]
        order_keys = list(dict.fromkeys(one.order_key for one in decoded if isinstance(one, _Arriving)))
        kept, openness = await store.assessments_and_openness(self._bus, state, order_keys)
        is_open = dict(zip(order_keys, openness, strict=True))
        weights = {key: _weight(*store.assessment_head(stored)) for key, stored in zip(order_keys, kept, strict=True) if stored is not None}
        effects: list[Effects | Exception] = []
        for one in decoded:
            if isinstance(one, Exception):
                effects.append(one)
            elif one.weight < weights.get(one.order_key, one.weight):
                effects.append(Effects())
            else:
                weights[one.order_key] = one.weight
                effects.append(Effects(writes=_writes(one, is_open[one.order_key])))
                self._woken(one.order_key)
        return effects


def _decoded(delivery: Delivery) -> _Arriving | UndecodableEvent:
    try:
        event = orjson.loads(delivery.event)
        arriving = _Arriving(str(event["subject"]), event["data"])
        _ = arriving.weight
    except (ValueError, KeyError, TypeError) as error:
        return UndecodableEvent(f"This is not an assessment: {error!r}")
    return arriving


def _weight(revision: int, round_: int, kind: str) -> tuple[int, int, int]:
    return int(revision), int(round_), _RANK[kind]


def _writes(arriving: _Arriving, is_open: bool) -> list[Write]:
    key = store.assessment_key(arriving.order_key)
    writes = [Write("SET", key, (store.encoded_assessment(arriving.assessment),))]
    if not is_open:
        writes.append(Write("PEXPIRE", key, (int(store.ASSESSMENT_OF_ENDED_ORDER.total_seconds() * 1000),)))
    return writes
