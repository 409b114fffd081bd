"""What screening shows of its work."""

from prometheus_client import Counter, Gauge

LINES = Counter(
    "orestream_screened_lines",
    "Lines screened, by jurisdiction, answer and whether a dual-use licence is needed.",
    ["jurisdiction", "answer", "dual_use_licence"],
)

REFERENCES_BEHIND = Gauge(
    "orestream_references_behind",
    "Kinds of reference data (regulations, parties) that this process could not take over in their announced version.",
)
