"""One Redis for the whole run: a container where a Docker engine answers, the embedded server where none does."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest
import redis

from shared.bus.embedded import EmbeddedRedis

REDIS_IMAGE = "redis:8-alpine"


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """Its URL."""
    if _docker_has(REDIS_IMAGE):
        from testcontainers.core.container import DockerContainer
        from testcontainers.core.wait_strategies import LogMessageWaitStrategy

        container = DockerContainer(REDIS_IMAGE).with_command("redis-server --appendonly yes --save ''").with_exposed_ports(6379)
        container.waiting_for(LogMessageWaitStrategy("Ready to accept connections"))
        with container:
            yield f"redis://{container.get_container_host_ip()}:{container.get_exposed_port(6379)}/0"
    else:
        server = EmbeddedRedis()
        yield server.start()
        server.stop()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The session's Redis, emptied."""
    client = redis.Redis.from_url(redis_server)
    client.flushall()
    client.close()
    return redis_server


def _docker_has(image: str) -> bool:
    """Whether an engine answers and has the image or can get it; tests must not wait for a registry that cannot be reached."""
    if shutil.which("docker") is None:
        return False
    try:
        return subprocess.run(["docker", "image", "inspect", image], capture_output=True, timeout=10).returncode == 0
    except subprocess.TimeoutExpired:
        return False
