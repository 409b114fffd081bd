"""Consumer names: unique per bus, and telling on their own host whether their process still lives."""

import os
import secrets
import socket
from functools import cache
from pathlib import Path


def new_consumer_name() -> str:
    """`<host>:<boot and process namespace>:<process id>:<start of the process>:<random>`."""
    pid = os.getpid()
    return ":".join((_here(), str(pid), _started(pid), secrets.token_hex(4)))


def is_dead_here(consumer: str) -> bool:
    """Whether the consumer's process ran on this host and has ended. Of other hosts only their leases tell."""
    here, separator, process = consumer.partition(f"{_here()}:")
    parts = process.split(":")
    if here or not separator or len(parts) != 3 or not parts[0].isdigit() or not parts[1]:
        return False
    return _started(int(parts[0])) != parts[1]


@cache
def _here() -> str:
    """Process ids mean the same only within one boot and one process namespace (a container has its own)."""
    host = socket.gethostname().replace(":", "-")
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
        namespace = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return f"{host}:unknown"
    return f"{host}:{boot}.{namespace}"


def _started(pid: int) -> str:
    """Start time in clock ticks since boot, "" where the process does not exist (or the system does not say)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    # A zombie has ended, even if its parent has not taken notice; field 3 is the state, field 22 the start (proc(5)).
    return "" if fields[0] == "Z" else fields[19]
