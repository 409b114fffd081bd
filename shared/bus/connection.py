"""The one way to Redis: a client that never retries on its own, the scripts, and what an error means."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import hiredis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, DataError, NoScriptError, RedisError, ResponseError
from redis.typing import EncodableT

from shared.bus.settings import BusSettings
from shared.bus.types import BusUnavailable, TryAgain

Client = Redis | RedisCluster
OnConnect = Callable[[Connection], Awaitable[None]]
Argument = bytes | str | int | float

SHORTEST_DELAY_SECONDS = 0.05
LONGEST_DELAY_SECONDS = 1.0

# What the server says when it takes no writes or is not ready: nobody's message is at fault. Redis 6.2 puts the script's line in front.
_NOT_NOW = re.compile(
    r"(@user_script: ?\d+: -?)?"
    r"(OOM|MISCONF|READONLY|NOREPLICAS|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|NOAUTH|NOPERM|The user executing)\b"
)


class _Sending(AbstractConnection):
    """Packs commands with hiredis, as redis-py does it for blocking connections only: a commit has a thousand arguments. And sends them
    without `asyncio.wait_for`, which costs a task per command and, before Python 3.12, swallows a cancellation that meets its end."""

    def pack_command(self, *args: EncodableT) -> list[bytes]:
        name = args[0]
        words = tuple(name.split()) if isinstance(name, str) and " " in name else (name,)
        return [hiredis.pack_command((*words, *args[1:]))]

    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        if not self.is_connected:
            await self.connect_check_health(check_health=False)
        if isinstance(command, str):
            command = command.encode()
        writer = self._writer
        assert writer is not None
        try:
            async with asyncio.timeout(self.socket_timeout):
                writer.writelines([command] if isinstance(command, bytes) else command)
                await writer.drain()
        except OSError as error:
            await self.disconnect(nowait=True)
            raise ConnectionError(f"Redis cannot be written to: {error or 'it takes nothing more'}.") from error
        except BaseException:
            # What was sent half cannot be taken back: the connection is of no more use.
            await self.disconnect(nowait=True)
            raise


class _TcpConnection(_Sending, Connection):
    pass


class _TlsConnection(_Sending, SSLConnection):
    pass


class _SocketConnection(_Sending, UnixDomainSocketConnection):
    pass


_CONNECTION_CLASSES = {"redis": _TcpConnection, "rediss": _TlsConnection, "unix": _SocketConnection}


class _GatedCluster(RedisCluster):
    """Every connection to every node passes through `on_connect`; redis-py offers that on a single server only."""

    def __init__(self, *, on_connect: OnConnect, **options: Any) -> None:
        super().__init__(**options)
        connection_class = _TlsConnection if options.get("ssl") else _TcpConnection
        self.connection_kwargs.update(redis_connect_func=on_connect, connection_class=connection_class)
        for node in self.startup_nodes:
            node.connection_kwargs["redis_connect_func"] = on_connect
            node.connection_class = connection_class


def connect(settings: BusSettings, on_connect: OnConnect) -> Client:
    """A client whose connections open when they are first used. A commit must not be sent again behind the caller's back: no retries."""
    options: dict[str, Any] = {
        "client_name": f"orestream-{settings.group}",
        "protocol": 2,
        "socket_timeout": 5.0,
        "socket_connect_timeout": 2.0,
    }
    no_retry = Retry(NoBackoff(), 0)
    if settings.cluster:
        return _GatedCluster.from_url(settings.url, on_connect=on_connect, retry=no_retry, **options)
    options |= parse_url(settings.url)
    options["connection_class"] = _CONNECTION_CLASSES[urlsplit(settings.url).scheme]
    return Redis.from_pool(BlockingConnectionPool(max_connections=100, timeout=5, retry=no_retry, redis_connect_func=on_connect, **options))


class Line:
    """A connection of its own for one task on a single server: no pool in between, no parsing, several commands in one go."""

    def __init__(self, client: Redis) -> None:
        self._connection: AbstractConnection = client.connection_pool.make_connection()  # type: ignore[no-untyped-call]

    async def ask(self, commands: Iterable[tuple[Argument, ...]]) -> list[Any]:
        """One reply or error per command, as the server sent it. It works on the first ones while the last ones are still being made."""
        connection = self._connection
        if not connection.is_connected:
            await connection.connect()  # type: ignore[no-untyped-call]
        writer = connection._writer
        assert writer is not None
        replies: list[Any] = []
        count = 0
        try:
            for command in commands:
                writer.writelines(connection.pack_command(*command))
                count += 1
            async with asyncio.timeout(connection.socket_timeout):
                await writer.drain()
            for _ in range(count):
                try:
                    replies.append(await connection.read_response())
                except ResponseError as error:
                    replies.append(error)
        except OSError as error:
            await connection.disconnect(nowait=True)
            raise ConnectionError(f"Redis cannot be written to: {error or 'it takes nothing more'}.") from error
        except BaseException:
            # Replies that are still to come would be taken for those of the next commands.
            await connection.disconnect(nowait=True)
            raise
        return replies

    async def execute_command(self, *command: Argument) -> Any:
        (reply,) = await self.ask([command])
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def close(self) -> None:
        await self._connection.disconnect()


class Script:
    """A Lua script, sent by its digest and whole where the server does not know it (a new server, another node, SCRIPT FLUSH)."""

    __slots__ = ("_digest", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._digest = sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: Client | Line, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        try:
            return await client.execute_command(*self._command(keys, arguments))
        except NoScriptError:
            return await client.execute_command("EVAL", self._text, len(keys), *keys, *arguments)

    async def run_many(self, client: Client, calls: Sequence[tuple[Sequence[str], Sequence[Argument]]]) -> list[Any]:
        """One reply or exception per call, all sent at once."""
        replies = await send_many(client, [self._command(keys, arguments) for keys, arguments in calls])
        for index, reply in enumerate(replies):
            if isinstance(reply, NoScriptError):
                keys, arguments = calls[index]
                (replies[index],) = await send_many(client, [("EVAL", self._text, len(keys), *keys, *arguments)])
        return replies

    async def run_pieces(self, line: Line, calls: Iterable[tuple[Sequence[str], Sequence[Argument]]]) -> list[Any]:
        """One reply or exception per call, each sent as soon as it is made. A server that does not know the script refuses them all."""
        return await line.ask(self._command(keys, arguments) for keys, arguments in calls)

    def _command(self, keys: Sequence[str], arguments: Sequence[Argument]) -> tuple[Argument, ...]:
        return ("EVALSHA", self._digest, len(keys), *keys, *arguments)


@cache
def script(name: str, *, with_effects: bool = False) -> Script:
    folder = files("shared.bus") / "lua"
    text = (folder / f"{name}.lua").read_text()
    return Script((folder / "effects.lua").read_text() + text if with_effects else text)


async def send_many(client: Client, commands: Sequence[tuple[Argument, ...]], **options: Any) -> list[Any]:
    """One reply or exception per command; `options` tell redis-py how to read the replies.

    One round trip to a single server, one per command to a cluster, where each key has its node.
    """
    if not commands:
        return []
    if isinstance(client, RedisCluster):
        return await asyncio.gather(*(client.execute_command(*command, **options) for command in commands), return_exceptions=True)
    async with client.pipeline(transaction=False) as pipeline:
        for command in commands:
            pipeline.execute_command(*command, **options)
        return await pipeline.execute(raise_on_error=False)


def first_error(replies: Sequence[Any]) -> Exception | None:
    return next((reply for reply in replies if isinstance(reply, Exception)), None)


def refuses_writes(error_text: str) -> bool:
    """Whether the server, not the message, is in the way."""
    return _NOT_NOW.match(error_text) is not None


def is_outside(error: BaseException) -> bool:
    """Whether something outside the message failed: Redis, another system, the network. A command that Redis calls wrong is not that."""
    if isinstance(error, ResponseError):
        # redis-py cuts the code off the text of the errors that it knows.
        return refuses_writes(f"{error.status_code or ''} {error}".strip())
    return isinstance(error, TryAgain | RedisError | OSError) and not isinstance(error, DataError)


def is_group_lost(error: BaseException) -> bool:
    return isinstance(error, ResponseError) and "NOGROUP" in str(error)


@asynccontextmanager
async def unavailable_when_redis_fails(what: str) -> AsyncIterator[None]:
    """Turns Redis' own errors into the one that services know."""
    try:
        yield
    except (RedisError, OSError) as error:
        if not is_outside(error):
            raise
        raise BusUnavailable(f"{what} is not possible now, because Redis says: {str(error).rstrip('.')}. Try again in a moment.") from error


class Backoff:
    """Growing pauses from 50 ms to 1 s with jitter, so that many clients of one server do not come back in step."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = SHORTEST_DELAY_SECONDS

    def reset(self) -> None:
        self._next = SHORTEST_DELAY_SECONDS

    def delay(self) -> float:
        """Seconds to wait before the next try."""
        delay = self._next
        self._next = min(2 * delay, LONGEST_DELAY_SECONDS)
        return delay * random.uniform(0.8, 1.0)
