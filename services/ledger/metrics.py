"""What the ledger counts. Decisions are counted when they are stored, once each, however often they are emitted."""

from prometheus_client import Counter, Gauge, Histogram

from shared.contracts.assessment import Assessment

DECISIONS = Counter("orestream_decisions", "Decisions stored in the book.", ["kind", "disposition"])
MISSING = Counter("orestream_missing_results", "Results that had not come when a decision was due.", ["service", "kind"])
EVIDENCE = Counter("orestream_results_kept_as_evidence", "Results that came too late, twice or unasked.", ["service"])
RESUBMITTED = Counter("orestream_orders_asked_again", "Orders asked for again, because newer data had been announced.")
LINES = Counter("orestream_assessed_lines", "Order lines of final assessments.", ["jurisdiction", "answer"])
VALUE = Counter(
    "orestream_assessed_value",
    "Net value of order lines of final assessments, in the order's currency.",
    ["jurisdiction", "answer", "currency"],
)
UNVALUED = Counter(
    "orestream_assessed_lines_without_value", "Lines of final assessments whose value or currency is unknown.", ["jurisdiction", "answer"]
)
OPEN_ROUNDS = Gauge("orestream_open_rounds", "Rounds that have no closing assessment yet.")
TO_FINAL = Histogram(
    "orestream_order_to_final_seconds",
    "From the time of the order event until its final assessment is stored.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
POSTPONED = Counter("orestream_deadlines_postponed", "Deadlines put off, because results that may have come were not read yet.")


def count_decision(assessment: Assessment, stored_at: float) -> None:
    """`stored_at`: Unix time in seconds."""
    DECISIONS.labels(assessment.kind, assessment.disposition.value).inc()
    for service in assessment.missing_results:
        MISSING.labels(service, assessment.kind).inc()
    if assessment.kind != "final":
        return
    TO_FINAL.observe(max(0.0, stored_at - assessment.ordered_at.timestamp()))
    for line in assessment.lines:
        for jurisdiction, answer in line.answers.items():
            LINES.labels(jurisdiction, answer.value).inc()
            if line.value is None or assessment.currency is None:
                UNVALUED.labels(jurisdiction, answer.value).inc()
            elif line.value > 0:
                VALUE.labels(jurisdiction, answer.value, assessment.currency).inc(float(line.value))
