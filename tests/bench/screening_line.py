"""Microseconds a line for recognition, all regulations, lists and explanations together, beside merely decoding the line's event.

Three kinds of lines: those of a firm that orders its items again and again; known goods under new drawing numbers; and goods in words and
sizes that no line had before. Each once with the law as it is, once with every instrument copied tenfold.
"""

import time
from collections.abc import Sequence
from datetime import date

from services.process import settle_memory
from services.screening.domain.basis import Basis
from services.screening.domain.instrument import Instrument
from services.screening.domain.law import Law, compile_law
from services.screening.domain.screening import screen_order
from services.screening.regulation_files import load_law, load_parties
from shared.contracts.order import OrderEvent, OrderSnapshot
from tests.bench.figure import Figure
from tests.support.orders import GOODS, order_event

ORDERS = 2_000
LINES = 3
COPIES = 10
KNOWN_ON = date(2026, 11, 22)
FINISHES = (
    "plain",
    "polished",
    "packed in drums",
    "on pallets",
    "vacuum packed",
    "to drawing",
    "second supply",
    "for stock",
    "spare",
    "sample",
)


def run() -> list[Figure]:
    once = Basis(load_law(), load_parties())
    tenfold = Basis(copied(once.law, COPIES), once.parties)
    events = [order_event(number, lines=LINES).encode() for number in range(ORDERS)]
    repeated = [OrderEvent.model_validate_json(event).data for event in events]
    kinds = {
        "": repeated,
        "_new_numbers": [_told_anew(snapshot, number, ", drawing {number:05}-{position}") for number, snapshot in enumerate(repeated)],
        "_never_seen": [
            _told_anew(snapshot, number, ", {width} x {length} mm, {finish}, {other}") for number, snapshot in enumerate(repeated)
        ],
    }
    for basis in (once, tenfold):
        _screen(repeated[:200], basis)
    settle_memory()
    started = time.perf_counter()
    for event in events:
        OrderEvent.model_validate_json(event)
    decoding = _microseconds_per_line(started)
    figures: list[Figure] = [{"name": "decoding_us_per_line", "value": decoding, "unit": "µs", "compared_with": None, "ratio": None}]
    for kind, snapshots in kinds.items():
        name = f"screening_us_per_line{kind}"
        measured = _timed(snapshots, once)
        figures.append(
            {"name": name, "value": measured, "unit": "µs", "compared_with": "decoding_us_per_line", "ratio": measured / decoding}
        )
        # The goods are recognised by now: what is left is what the instruments cost, so both take them as recognised before.
        _forget(once)
        by_law, by_ten = _timed(snapshots, once), _timed(snapshots, tenfold)
        figures.append(
            {"name": f"{name}_tenfold", "value": by_ten, "unit": "µs", "compared_with": f"{name}, recognised", "ratio": by_ten / by_law}
        )
    return figures


def copied(law: Law, copies: int) -> Law:
    """The law with every instrument so many times, each copy under ids of its own."""
    instruments: list[Instrument] = []
    for number in range(copies):
        ending = f"-copy{number}" if number else ""
        for instrument in law.instruments.values():
            suspends = [
                act.model_copy(update={"limbs": [_renamed(reference, ending) for reference in act.limbs]}) for act in instrument.suspends
            ]
            instruments.append(instrument.model_copy(update={"id": instrument.id + ending, "suspends": suspends}))
    return compile_law(law.common, instruments)


def _renamed(reference: str, ending: str) -> str:
    instrument, hash_, limb = reference.partition("#")
    return f"{instrument}{ending}{hash_}{limb}"


def _forget(basis: Basis) -> None:
    """What was made of lines before; what was recognised in them stays known."""
    view = basis.law.as_known_on(KNOWN_ON)
    view.lines.clear()
    view.alike.clear()


def _timed(snapshots: Sequence[OrderSnapshot], basis: Basis) -> float:
    started = time.perf_counter()
    _screen(snapshots, basis)
    return _microseconds_per_line(started)


def _screen(snapshots: Sequence[OrderSnapshot], basis: Basis) -> None:
    for snapshot in snapshots:
        screen_order(snapshot, basis, order_event_id="bench", known_on=KNOWN_ON, code="bench")


def _told_anew(snapshot: OrderSnapshot, number: int, ending: str) -> OrderSnapshot:
    lines = []
    for position, line in enumerate(snapshot.lines):
        place = number * LINES + position
        words = ending.format(
            number=number,
            position=position,
            width=3 + place % 211,
            length=5 + place // 211 % 199,
            finish=FINISHES[place % 10],
            other=FINISHES[place // 10 % 10],
        )
        lines.append(line.model_copy(update={"description": GOODS[(number + position) % len(GOODS)][0] + words}))
    return snapshot.model_copy(update={"lines": lines})


def _microseconds_per_line(started: float) -> float:
    return (time.perf_counter() - started) / (ORDERS * LINES) * 1e6
