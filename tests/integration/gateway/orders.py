"""Orders and assessments for the gateway's integration tests."""

import json
from typing import Any

from shared.bus import Bus, BusSettings
from shared.bus.types import Append
from shared.contracts.assessment import Assessment, AssessmentEvent, Disposition
from shared.contracts.canonical import derive_id
from shared.contracts.order import OrderKey
from tests.integration.gateway.conftest import MOMENT
from tests.unit.gateway.orders import line, order

__all__ = ["NDJSON", "append_assessment", "assessment", "body", "key", "line", "ndjson", "order"]

NDJSON = "application/x-ndjson"


def body(order_id: str = "4500000001", **fields: Any) -> bytes:
    return json.dumps(order(order_id, **fields)).encode()


def ndjson(*orders: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(each).encode() for each in orders)


def key(order_id: str = "4500000001") -> str:
    return f"sap/1000/{order_id}"


def assessment(order_id: str = "4500000001", revision: int = 1, kind: str = "final", lines: int = 0, round_: int = 1) -> bytes:
    found = Assessment.model_validate(
        {
            "decision_id": derive_id("decision", order_id, str(revision), kind),
            "order_key": OrderKey(system="sap", company="1000", order_id=order_id),
            "revision": revision,
            "round": round_,
            "kind": kind,
            "disposition": Disposition.REVIEW,
            "ordered_at": MOMENT,
            "lines": [
                {
                    "line_id": str(10 * number),
                    "disposition": "review",
                    "answers": {"CN": "needs_information"},
                    "control_codes": ["1C902.a"],
                    "reasons": [
                        f"The composition of the goods on line {10 * number} is not known, and dysprosium is controlled since 2025."
                    ],
                    "questions": [
                        {
                            "kind": "fact",
                            "name": "dy_share",
                            "held_by": "supplier",
                            "question": f"What share of Dy has part {number * 7919}?",
                        }
                    ],
                }
                for number in range(1, lines + 1)
            ],
        }
    )
    return AssessmentEvent(
        id=derive_id("assessment", order_id, str(revision), kind),
        source="orestream/ledger",
        type="orestream.assessment.completed.v1",
        subject=key(order_id),
        time=MOMENT,
        data=found,
    ).encode()


async def append_assessment(url: str, partitions: int, *events: bytes) -> None:
    """Puts assessments on their stream as the ledger would."""
    bus = Bus(BusSettings(url=url, group="test", partitions=partitions))
    try:
        subjects = [json.loads(event)["subject"] for event in events]
        appends = [
            Append(subject, f"sent:{derive_id(event.decode())}", 0, 1, b"", outputs=(("assessments", event),))
            for subject, event in zip(subjects, events, strict=True)
        ]
        assert all(await bus.append(appends))
    finally:
        await bus.stop()
