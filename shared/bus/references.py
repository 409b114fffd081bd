"""Reference data: each kind has a version that every batch reads; a change of it is announced in every partition, once."""

from collections.abc import Mapping

from shared.bus import keys
from shared.bus.connection import Client, first_error, script, send_many, unavailable_when_redis_fails


async def reference_versions(client: Client) -> Mapping[str, str]:
    async with unavailable_when_redis_fails("Reading the versions of reference data"):
        versions: dict[bytes, bytes] = await client.execute_command("HGETALL", keys.REFERENCE_VERSIONS)
    return {kind.decode(): version.decode() for kind, version in versions.items()}


async def announce_reference(client: Client, partitions: int, kind: str, version: str, event: bytes) -> None:
    """Sets the version, then appends the announcement to every partition that has not had it.

    May be repeated: it completes what was cut off.
    """
    async with unavailable_when_redis_fails("Announcing reference data"):
        (reply,) = await send_many(client, [("HSET", keys.REFERENCE_VERSIONS, kind, version)])
        replies = [reply] + await script("announce").run_many(
            client,
            [
                ((keys.announced_key(partition), keys.stream_key(partition, "reference-changes")), (kind, version, event))
                for partition in range(partitions)
            ],
        )
        if error := first_error(replies):
            raise error
