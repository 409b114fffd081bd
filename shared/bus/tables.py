"""Unpartitioned tables of key → bytes: master data, lists, whatever every partition reads. One hash each."""

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import islice
from typing import Any

from shared.bus.connection import Client, first_error, send_many, unavailable_when_redis_fails
from shared.bus.keys import table_key

_AT_ONCE = 1_000
"""Rows per command: the server answers others in between."""


class Table:
    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._key = table_key(name)

    async def get_many(self, ids: Sequence[str]) -> list[bytes | None]:
        replies = await self._send([("HMGET", self._key, *ids[at : at + _AT_ONCE]) for at in range(0, len(ids), _AT_ONCE)])
        return [value for reply in replies for value in reply]

    async def put_many(self, rows: Mapping[str, bytes]) -> None:
        """Not atomic beyond 1,000 rows."""
        items = iter(rows.items())
        commands = []
        while chunk := list(islice(items, _AT_ONCE)):
            commands.append(("HSET", self._key, *(part for row in chunk for part in row)))
        await self._send(commands)

    async def delete_many(self, ids: Sequence[str]) -> None:
        await self._send([("HDEL", self._key, *ids[at : at + _AT_ONCE]) for at in range(0, len(ids), _AT_ONCE)])

    async def scan(self) -> AsyncIterator[tuple[str, bytes]]:
        """Every row that is there throughout; a row may come twice, one written meanwhile may come or not."""
        cursor = 0
        while True:
            ((cursor, rows),) = await self._send([("HSCAN", self._key, cursor, "COUNT", _AT_ONCE)])
            for name, value in rows.items():
                yield name.decode(), value
            if cursor == 0:
                return

    async def count(self) -> int:
        (reply,) = await self._send([("HLEN", self._key)])
        return int(reply)

    async def _send(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        async with unavailable_when_redis_fails(f"Working on {self._key}"):
            replies = await send_many(self._client, commands)
            if error := first_error(replies):
                raise error
            return replies
