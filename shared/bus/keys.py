"""Names of keys. The hash tag `{pN}` keeps everything of a partition in one slot of a Redis Cluster."""

import zlib

REFERENCE_VERSIONS = "bus:reference-versions"


def partition_of(key: str, partitions: int) -> int:
    """The partition of an order key's (or a material's) text form; the same in every process and release."""
    return zlib.crc32(key.encode()) % partitions


def tag(partition: int) -> str:
    return f"{{p{partition}}}"


def stream_key(partition: int, stream: str) -> str:
    return f"{tag(partition)}:{stream}"


def state_key(partition: int, group: str, key: str) -> str:
    return f"{tag(partition)}:{group}:{key}"


def timers_key(partition: int, group: str) -> str:
    return f"{tag(partition)}:bus:timers:{group}"


def lease_key(partition: int, group: str) -> str:
    """Who holds the partition; expires when its holder stops renewing it."""
    return f"{tag(partition)}:bus:lease:{group}"


def epoch_key(partition: int, group: str) -> str:
    """`<epoch> <consumer>` of the last acquisition; never expires, every commit compares it."""
    return f"{tag(partition)}:bus:epoch:{group}"


def positions_key(partition: int, group: str) -> str:
    """Per stream, the id up to which the group has finished everything: where a lost group goes on."""
    return f"{tag(partition)}:bus:positions:{group}"


def announced_key(partition: int) -> str:
    """Per kind of reference data, the version last announced in this partition."""
    return f"{tag(partition)}:bus:announced"


def dead_letter_counts_key(partition: int) -> str:
    """Per `<stream>/<group>`, how many dead letters lie in this partition."""
    return f"{tag(partition)}:bus:dead-letter-counts"


def members_key(group: str) -> str:
    """The living consumers of a group, scored with their last heartbeat."""
    return f"{tag(0)}:bus:members:{group}"


def table_key(name: str) -> str:
    return f"table:{name}"
