"""When a delivery is tried again. Everything is computed from the delivery itself, so a restart changes no date."""

import hashlib
import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The example schedule of Standard Webhooks 1.0.0: ten attempts within about 76 hours. WAITS[n - 1] follows attempt n."""

JITTER = 0.2
LONGEST_RETRY_AFTER = timedelta(hours=24)


def jitter_factor(webhook_id: str, attempt: int) -> float:
    """Between 0.8 and 1.2, spread evenly over deliveries and always the same for one attempt of one delivery."""
    digest = hashlib.sha256(f"{webhook_id}/{attempt}".encode()).digest()
    return 1 + JITTER * (2 * int.from_bytes(digest[:8], "big") / 2**64 - 1)


def wait_after(webhook_id: str, attempt: int, retry_after: timedelta | None = None) -> timedelta | None:
    """How long to wait after failed attempt `attempt` (from 1); None when it was the last one.

    What a receiver asks for in Retry-After makes the wait longer, up to 24 hours, and never shorter: the ten attempts are to
    reach over an outage of three days.
    """
    if attempt > len(WAITS):
        return None
    wait = WAITS[attempt - 1] * jitter_factor(webhook_id, attempt)
    return wait if retry_after is None else max(wait, min(retry_after, LONGEST_RETRY_AFTER))


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """A Retry-After header (RFC 9110, 10.2.3: seconds or an HTTP date) as a wait; None when there is none that can be read."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:10]), math.ceil(LONGEST_RETRY_AFTER.total_seconds())))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(until - now, timedelta(0))
