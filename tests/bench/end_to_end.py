"""Order event in, assessment out, in one process each: ours beside hand-written loops with the same domain work, and with none."""

import statistics

from tests.bench.figure import Figure
from tests.bench.measuring import orders_per_second
from tests.bench.pipeline import Kind

ORDERS = 6_000
TURNS = 3


def run() -> list[Figure]:
    kinds: tuple[Kind, ...] = ("floor", "ours", "floor_without_domain")
    rates: dict[Kind, list[float]] = {kind: [] for kind in kinds}
    for _ in range(TURNS):
        for kind in kinds:
            rates[kind].append(orders_per_second(kind, ORDERS))
    median = {kind: statistics.median(values) for kind, values in rates.items()}
    return [
        {
            "name": "end_to_end_floor_without_domain",
            "value": median["floor_without_domain"],
            "unit": "orders/s",
            "compared_with": None,
            "ratio": None,
        },
        {"name": "end_to_end_floor", "value": median["floor"], "unit": "orders/s", "compared_with": None, "ratio": None},
        {
            "name": "end_to_end_vs_floor",
            "value": median["ours"],
            "unit": "orders/s",
            "compared_with": "end_to_end_floor",
            "ratio": median["ours"] / median["floor"],
        },
    ]
