"""Asking for an order again: newer data has been announced that reaches it, a day has come on which its answer may change, or a result that
its decision lacks came late."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import orjson

from services.ledger.domain.assessment import SOURCE
from shared.contracts.base import instant_text
from shared.contracts.canonical import derive_id
from shared.contracts.envelope import child_traceparent, dataschema_of
from shared.contracts.reference_change import EVERYTHING

TYPE: Final = "orestream.order.resubmitted.v1"
RESCREENED_FOR: Final = ("regulations", "parties", "clearances", "licences")


@dataclass(slots=True, frozen=True)
class Newer:
    """A version of reference data announced after the one that a decision rests on, and the keys of all that has changed in between."""

    version: str
    announced_at: str
    reach: frozenset[str]


def reaches(reach: Collection[str], touched: Collection[str]) -> bool:
    """Whether a change that reaches these keys may change an answer that depends on those."""
    if not reach:
        return False
    return EVERYTHING in reach or EVERYTHING in touched or not frozenset(reach).isdisjoint(touched)


def newer_data(newer: Mapping[str, Newer]) -> dict[str, str]:
    """Why an order is asked for again: the version by kind. The moment tells apart two announcements of one version."""
    if not newer:
        return {}
    return {**{kind: each.version for kind, each in newer.items()}, "announced_at": max(each.announced_at for each in newer.values())}


def day_has_come(day: date) -> dict[str, str]:
    return {"date": day.isoformat()}


def resubmitted(order: bytes, round_number: int, because: Mapping[str, str], at: datetime) -> bytes:
    """The order event with the same snapshot, to be judged once more in round `round_number`. The rest of the snapshot stays as it is, be
    it more than this version of the contracts knows.
    """
    event = orjson.loads(order)
    event_id = derive_id("resubmitted", event["id"], str(round_number), *(f"{name}={because[name]}" for name in sorted(because)))
    event["data"]["round"] = round_number
    changed = {
        "id": event_id,
        "source": SOURCE,
        "type": TYPE,
        "time": instant_text(at),
        "dataschema": dataschema_of(TYPE),
        "traceparent": child_traceparent(event.get("traceparent"), event_id),
    }
    return orjson.dumps(event | changed)
