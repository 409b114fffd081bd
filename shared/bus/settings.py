"""How one service's bus is set up."""

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class BusSettings:
    """`group` is the service's name. `partitions` is the same for every service on one Redis."""

    url: str
    group: str
    partitions: int = 1
    cluster: bool = False
    """The URL names a node of a Redis Cluster."""

    batch_size: int = 128
    """Entries read at once from one stream of one partition, at most."""

    max_deliveries: int = 3
    """How often a message whose handler raises is tried before it goes to the dead letters."""
    max_interruptions: int = 10
    """How often a message may be found unfinished after its process died before it is taken for the cause; 3 at least, because one that
    stood beside the cause is found twice with it and a third time alone."""
    failing_streak: int = 50
    """After so many messages in a row whose handler raised, a stream is no longer consumed: then the code is at fault, not a message."""

    lease_seconds: float = 2.0
    """How long a partition stays with a consumer that no longer answers."""
    replay_window_seconds: float = 24 * 3600
    """Entries that every group has finished are kept this long."""
    trim_interval_seconds: float = 15.0

    backlog_limit: int = 100_000
    """Entries that one group has yet to finish on one stream before intake is refused."""
    memory_limit_share: float = 0.75
    """Share of `maxmemory` in use before intake is refused: results of what was accepted still need room."""

    def __post_init__(self) -> None:
        lowest = {"partitions": 1, "batch_size": 1, "max_deliveries": 1, "max_interruptions": 3, "failing_streak": 1, "backlog_limit": 1}
        for name, least in lowest.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be {least} at least.")
