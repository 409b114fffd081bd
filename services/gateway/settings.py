"""What an operator can set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from services.gateway.domain.received import Limits, Unreadable
from services.gateway.domain.taking_in import CancellationPolicy
from services.gateway.formats.csv_orders import ColumnMapping, mapping_of

MEBIBYTE = 1024 * 1024


@dataclass(slots=True, frozen=True)
class Settings:
    limits: Limits = field(default_factory=Limits)
    body_bytes: int = 32 * MEBIBYTE
    """What one request may carry; reading stops there."""
    orders_per_body: int = 20_000
    bodies_bytes: int = 128 * MEBIBYTE
    """What all requests under way may hold in memory together."""
    body_seconds: float = 30.0
    """How long, in all, a sender may keep the intake waiting for its body."""
    cancellation_policy: CancellationPolicy = "mark"
    csv_mapping: ColumnMapping | None = None
    """How the columns of a CSV are read that comes without a mapping of its own."""
    closed_order_retention: timedelta = timedelta(days=1100)
    """How long the number of the last snapshot of an order outlives the order, so that a late document is known to be late."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises ValueError with a sentence on the setting that cannot be used."""
        policy = environment.get("ORESTREAM_CANCELLATION_REQUESTS", "mark")
        if policy not in ("mark", "cancel"):
            raise ValueError(f"ORESTREAM_CANCELLATION_REQUESTS is {policy!r}; it takes mark or cancel")
        return cls(
            limits=Limits(
                order_bytes=_whole(environment, "ORESTREAM_ORDER_KILOBYTES", 8192, 16, 65536) * 1024,
                lines_per_order=_whole(environment, "ORESTREAM_LINES_PER_ORDER", 10_000, 1, 100_000),
            ),
            body_bytes=_whole(environment, "ORESTREAM_BODY_MEGABYTES", 32, 1, 1024) * MEBIBYTE,
            bodies_bytes=_whole(environment, "ORESTREAM_BODIES_MEGABYTES", 128, 1, 65536) * MEBIBYTE,
            body_seconds=float(_whole(environment, "ORESTREAM_BODY_SECONDS", 30, 1, 3600)),
            cancellation_policy="cancel" if policy == "cancel" else "mark",
            csv_mapping=_mapping(environment.get("ORESTREAM_CSV_MAPPING_FILE")),
        )


def _mapping(path: str | None) -> ColumnMapping | None:
    if not path:
        return None
    try:
        return mapping_of(Path(path).read_text())
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        raise ValueError(f"ORESTREAM_CSV_MAPPING_FILE ({path}) cannot be used: {error}") from None


def _whole(environment: Mapping[str, str], name: str, default: int, minimum: int, maximum: int) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or not minimum <= int(text) <= maximum:
        raise ValueError(f"{name} is {text!r}; it takes a whole number from {minimum} to {maximum}")
    return int(text)
