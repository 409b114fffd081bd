"""What an operator can set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from services.notification.domain.addresses import Network


@dataclass(slots=True, frozen=True)
class Settings:
    endpoints_file: Path | None = None
    """None: nothing is sent."""
    allowed_networks: tuple[Network, ...] = ()
    """Networks inside one's own walls that webhooks may go to; everything that is not public is refused otherwise."""
    concurrency: int = 100
    """Deliveries that may wait for an answer at the same time, over all endpoints."""
    retention: timedelta = timedelta(days=7)
    """How long a finished delivery stays in the log, and can be resent."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        path = environment.get("ORESTREAM_ENDPOINTS_FILE")
        return cls(
            endpoints_file=Path(path) if path else None,
            allowed_networks=_networks(environment.get("ORESTREAM_WEBHOOK_ALLOWED_NETWORKS", "")),
            concurrency=_whole(environment, "ORESTREAM_WEBHOOK_CONCURRENCY", default=100, minimum=1, maximum=1000),
            retention=timedelta(days=_whole(environment, "ORESTREAM_DELIVERY_RETENTION_DAYS", default=7, minimum=1, maximum=400)),
        )


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(
            f"ORESTREAM_WEBHOOK_ALLOWED_NETWORKS is a list like 10.0.0.0/8,127.0.0.0/8, and this one is not: {error}"
        ) from None


def _whole(environment: Mapping[str, str], name: str, *, default: int, minimum: int, maximum: int) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or not minimum <= int(text) <= maximum:
        raise ValueError(f"{name} is {text!r}; it takes a whole number from {minimum} to {maximum}")
    return int(text)
