"""One Redis for the whole run: a container where a Docker engine answers, the embedded server where none does."""

from collections.abc import Iterator

import pytest
import redis

from shared.bus.embedded import EmbeddedRedis
from tests.support.containers import REDIS_IMAGE, docker_has, redis_container


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """Its URL."""
    if docker_has(REDIS_IMAGE):
        with redis_container() as url:
            yield url
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
