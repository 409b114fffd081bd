"""Microseconds a line for recognition, all regulations, lists and explanations together, beside merely decoding the line's event.

Once on the lines of a firm that orders its items again and again, once on goods that were never seen before.
"""

import time
from datetime import date

from services.process import settle_memory
from services.screening.domain.basis import Basis
from services.screening.domain.screening import screen_order
from services.screening.regulation_files import load_law, load_parties
from shared.contracts.order import OrderEvent, OrderSnapshot
from tests.bench.figure import Figure
from tests.support.orders import GOODS, order_event

ORDERS = 3_000
LINES = 3
KNOWN_ON = date(2026, 11, 22)


def run() -> list[Figure]:
    basis = Basis(load_law(), load_parties())
    events = [order_event(number, lines=LINES).encode() for number in range(ORDERS)]
    repeated = [OrderEvent.model_validate_json(event).data for event in events]
    new = [_never_seen(snapshot, number) for number, snapshot in enumerate(repeated)]
    _screen(repeated[:200], basis)
    settle_memory()
    started = time.perf_counter()
    for event in events:
        OrderEvent.model_validate_json(event)
    decoding = _microseconds_per_line(started)
    started = time.perf_counter()
    _screen(repeated, basis)
    usual = _microseconds_per_line(started)
    started = time.perf_counter()
    _screen(new, basis)
    unseen = _microseconds_per_line(started)
    return [
        {"name": "decoding_us_per_line", "value": decoding, "unit": "µs", "compared_with": None, "ratio": None},
        {"name": "screening_us_per_line", "value": usual, "unit": "µs", "compared_with": "decoding_us_per_line", "ratio": usual / decoding},
        {
            "name": "screening_us_per_line_never_seen",
            "value": unseen,
            "unit": "µs",
            "compared_with": "decoding_us_per_line",
            "ratio": unseen / decoding,
        },
    ]


def _screen(snapshots: list[OrderSnapshot], basis: Basis) -> None:
    for snapshot in snapshots:
        screen_order(snapshot, basis, order_event_id="bench", known_on=KNOWN_ON, code="bench")


def _never_seen(snapshot: OrderSnapshot, number: int) -> OrderSnapshot:
    lines = [
        line.model_copy(update={"description": f"{GOODS[(number + position) % len(GOODS)][0]}, drawing {number:05}-{position}"})
        for position, line in enumerate(snapshot.lines)
    ]
    return snapshot.model_copy(update={"lines": lines})


def _microseconds_per_line(started: float) -> float:
    return (time.perf_counter() - started) / (ORDERS * LINES) * 1e6
