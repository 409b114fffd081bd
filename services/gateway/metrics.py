"""What the gateway counts. Routes, durations and status codes of HTTP are counted for every service alike (`shared.observability`)."""

from prometheus_client import Counter, Histogram

ORDERS = Counter("orestream_gateway_orders", "Orders by what became of them and by the format they came in.", ["outcome", "format"])
BODIES = Counter("orestream_gateway_bodies", "Request bodies by format and how they were answered.", ["format", "answer"])
BODY_BYTES = Histogram(
    "orestream_gateway_body_bytes", "Size of request bodies.", ["format"], buckets=[2**exponent for exponent in range(8, 27, 2)]
)
INTAKE_SECONDS = Histogram(
    "orestream_gateway_intake_seconds",
    "From the first order of a group to its place in the stream.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
RE_EMITTED = Counter("orestream_gateway_re_emitted", "Open orders sent again because master data changed.")
RETRIES = Counter("orestream_gateway_intake_retries", "Orders decided again because another writer was faster.")

FORMATS = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/cloudevents+json": "cloudevents",
    "application/cloudevents-batch+json": "cloudevents",
    "text/csv": "csv",
    "application/xml": "ubl",
    "text/xml": "ubl",
}


def format_of(media_type: str) -> str:
    return FORMATS.get(media_type, "other")
