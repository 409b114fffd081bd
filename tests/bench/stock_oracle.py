"""The inventory models against stockpyl, 1,000 random parameter sets each, also where stockpyl takes too long for the test suite.

A model that differs by more than its tolerance raises; the figures are the seconds that our answers and theirs took together.
"""

import time

from tests.bench.figure import Figure
from tests.unit.stockpile_advisor.domain.test_against_stockpyl import COSTLY, SETS


def run() -> list[Figure]:
    figures: list[Figure] = []
    for compare in COSTLY:
        began = time.perf_counter()
        compare(SETS)
        figures.append(
            {
                "name": f"stockpyl_agrees_{SETS}_sets_{compare.__name__}",
                "value": time.perf_counter() - began,
                "unit": "s",
                "compared_with": None,
                "ratio": None,
            }
        )
    return figures
