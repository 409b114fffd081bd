"""Reference data: each kind has a version that every batch reads; a change of it is announced in every partition, once."""

from collections.abc import Mapping, Sequence

from shared.bus import keys
from shared.bus.connection import Client, first_error, script, send_many, unavailable_when_redis_fails


async def reference_versions(client: Client) -> Mapping[str, str]:
    async with unavailable_when_redis_fails("Reading the versions of reference data"):
        return versions_of(await client.execute_command("HGETALL", keys.REFERENCE_VERSIONS))


def versions_of(reply: Mapping[bytes, bytes] | Sequence[bytes]) -> Mapping[str, str]:
    """From HGETALL, parsed or as the server sent it."""
    pairs = reply.items() if isinstance(reply, Mapping) else zip(reply[::2], reply[1::2], strict=True)
    return {kind.decode(): version.decode() for kind, version in pairs}


async def set_reference_version(client: Client, kind: str, version: str) -> None:
    async with unavailable_when_redis_fails("Setting the version of reference data"):
        (reply,) = await send_many(client, [("HSET", keys.REFERENCE_VERSIONS, kind, version)])
        if error := first_error([reply]):
            raise error


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
