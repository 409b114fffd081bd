"""What the ledger counts. Decisions are counted when they are stored, once each, however often they are emitted."""

from collections import Counter as Counts
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from shared.contracts.assessment import Assessment

DECISIONS = Counter("orestream_decisions", "Decisions stored in the book.", ["kind", "disposition"])
MISSING = Counter("orestream_missing_results", "Results that had not come when a decision was due.", ["service", "kind"])
EVIDENCE = Counter("orestream_results_kept_as_evidence", "Results that came too late, twice or unasked.", ["service"])
RESUBMITTED = Counter("orestream_orders_asked_again", "Orders asked for again: data changed, a day came, or a result was too late.")
RESUBMISSIONS_WAITING = Gauge(
    "orestream_resubmissions_waiting", "Open orders that have yet to be compared with a change of reference data, and asked for again."
)
LINES = Counter("orestream_assessed_lines", "Order lines of final assessments.", ["jurisdiction", "answer"])
VALUE = Counter(
    "orestream_assessed_value",
    "Net value of order lines of final assessments, in the order's currency.",
    ["jurisdiction", "answer", "currency"],
)
UNVALUED = Counter(
    "orestream_assessed_lines_without_value", "Lines of final assessments whose value or currency is unknown.", ["jurisdiction", "answer"]
)
PRICED = Counter("orestream_price_graded_lines", "Order lines of final assessments by grade of price risk, or not_exposed.", ["grade"])
SUPPLIED = Counter(
    "orestream_supply_advised_lines",
    "Order lines of final assessments by the stock decision on their item, or not_tracked, or unknown.",
    ["decision"],
)
OPEN_ROUNDS = Gauge("orestream_open_rounds", "Rounds that have no closing assessment yet.")
TO_FINAL = Histogram(
    "orestream_order_to_final_seconds",
    "From the time of the order event until its final assessment is stored.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
POSTPONED = Counter("orestream_deadlines_postponed", "Deadlines put off, because results that may have come were not read yet.")


def count_decisions(assessments: Iterable[Assessment], stored_at: float) -> None:
    """Adds a batch up before it touches the counters. `stored_at`: Unix time in seconds."""
    decided: Counts[tuple[str, str]] = Counts()
    missing: Counts[tuple[str, str]] = Counts()
    lines: Counts[tuple[str, str]] = Counts()
    priced: Counts[tuple[str, ...]] = Counts()
    supplied: Counts[tuple[str, ...]] = Counts()
    unvalued: Counts[tuple[str, str]] = Counts()
    values: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for assessment in assessments:
        decided[assessment.kind, assessment.disposition.value] += 1
        for service in assessment.missing_results:
            missing[service, assessment.kind] += 1
        if assessment.kind != "final":
            continue
        TO_FINAL.observe(max(0.0, stored_at - assessment.ordered_at.timestamp()))
        for line in assessment.lines:
            if line.price_risk is not None:
                priced[(line.price_risk.grade or line.price_risk.status,)] += 1
            if line.supply_risk is not None:
                supplied[(line.supply_risk.decision or line.supply_risk.status,)] += 1
            for jurisdiction, answer in line.answers.items():
                lines[jurisdiction, answer.value] += 1
                if line.value is None or assessment.currency is None:
                    unvalued[jurisdiction, answer.value] += 1
                elif line.value > 0:
                    values[jurisdiction, answer.value, assessment.currency] += line.value
    by_counter: tuple[tuple[Counter, Mapping[Any, int | Decimal]], ...] = (
        (DECISIONS, decided),
        (MISSING, missing),
        (LINES, lines),
        (PRICED, priced),
        (SUPPLIED, supplied),
        (UNVALUED, unvalued),
        (VALUE, values),
    )
    for counter, counts in by_counter:
        for labels, count in counts.items():
            counter.labels(*labels).inc(float(count))
