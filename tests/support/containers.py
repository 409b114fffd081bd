"""Servers in containers, where a Docker engine answers."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

REDIS_IMAGE = "redis:8-alpine"


@cache
def docker_has(image: str) -> bool:
    """Whether an engine answers and has the image: tests do not wait for a registry (`docker pull` it first)."""
    if shutil.which("docker") is None:
        return False
    try:
        return subprocess.run(["docker", "image", "inspect", image], capture_output=True, timeout=10).returncode == 0
    except subprocess.TimeoutExpired:
        return False


@contextmanager
def redis_container() -> Iterator[str]:
    """The URL of a Redis with an append-only file."""
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    testcontainers_config.ryuk_disabled = True  # its reaper is one more image to fetch
    command = "redis-server --appendonly yes --save '' --protected-mode no --bind 0.0.0.0"
    container = DockerContainer(REDIS_IMAGE).with_command(command).with_exposed_ports(6379)
    container.waiting_for(LogMessageWaitStrategy("Ready to accept connections"))
    with container:
        yield f"redis://{container.get_container_host_ip()}:{container.get_exposed_port(6379)}/0"
