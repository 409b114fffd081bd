"""What screening shows of its work."""

from prometheus_client import Counter, Gauge

LINES = Counter(
    "orestream_screened_lines",
    "Lines screened, by jurisdiction, answer and whether a dual-use licence is needed.",
    ["jurisdiction", "answer", "dual_use_licence"],
)

REFERENCES_BEHIND = Gauge(
    "orestream_references_behind",
    "Kinds of reference data (regulations, parties) that this process could not take over: announced versions, and its own files as one.",
)

LIST_AGE = Gauge("orestream_party_list_age_seconds", "Age of each loaded party list, from the moment for which it stands.", ["list"])
LIST_MAX_AGE = Gauge(
    "orestream_party_list_max_age_seconds", "Age beyond which no answer relies on a party list, for lists that have such an age.", ["list"]
)
