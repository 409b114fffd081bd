"""What screening shows of its work."""

from prometheus_client import Counter

LINES = Counter(
    "orestream_screened_lines",
    "Lines screened, by jurisdiction, answer and whether a dual-use licence is needed.",
    ["jurisdiction", "answer", "dual_use_licence"],
)
