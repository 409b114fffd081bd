"""Reads of a group's state in one partition."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.bus.connection import Client, unavailable_when_redis_fails
from shared.bus.keys import state_key


class PartitionState:
    """The `State` that handlers get."""

    __slots__ = ("_client", "_group", "_partition", "_references")

    def __init__(self, client: Client, partition: int, group: str, references: Mapping[str, str]) -> None:
        self._client = client
        self._partition = partition
        self._group = group
        self._references = references

    @property
    def references(self) -> Mapping[str, str]:
        return self._references

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = await self._read("GET", key)
        return value

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        if not keys:
            return []
        first, *others = keys
        values: list[bytes | None] = await self._read("MGET", first, *(self._key(key) for key in others))
        return values

    async def hash_get_all(self, key: str) -> dict[bytes, bytes]:
        content: dict[bytes, bytes] = await self._read("HGETALL", key)
        return content

    async def hash_get_many(self, key: str, fields: Sequence[str]) -> list[bytes | None]:
        if not fields:
            return []
        values: list[bytes | None] = await self._read("HMGET", key, *fields)
        return values

    async def set_members(self, key: str) -> set[bytes]:
        return set(await self._read("SMEMBERS", key))

    async def sorted_range(self, key: str, minimum: float, maximum: float, limit: int) -> list[tuple[bytes, float]]:
        members = await self._read("ZRANGEBYSCORE", key, minimum, maximum, "LIMIT", 0, limit, "WITHSCORES")
        return list(zip(members[::2], map(float, members[1::2]), strict=True))

    def _key(self, key: str) -> str:
        return state_key(self._partition, self._group, key)

    async def _read(self, command: str, key: str, *arguments: str | float) -> Any:
        async with unavailable_when_redis_fails(f"Reading {key}"):
            return await self._client.execute_command(command, self._key(key), *arguments)
