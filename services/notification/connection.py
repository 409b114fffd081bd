"""Connections to receivers: the address is checked when the connection is made, on the very address that is connected to.

Checking a name beforehand and resolving it again for the connection would let a hostile name server answer differently the second time
(DNS rebinding). TLS still sees the name, so certificates and SNI are those of the host. httpcore knows no proxy from the environment,
follows no redirect and keeps no cookie.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import httpcore

from services.notification.domain.addresses import Address, Network, refusal

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""(host, port) → the addresses of a host; raises OSError where there is none."""


class AddressRefused(Exception):
    """The host has an address that nothing may be sent to; the text says which and why."""


class SystemResolver:
    """The operating system's resolver, in threads of its own: a name server that hangs holds up the deliveries to its own names only."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="resolve")
        self._under_way: dict[tuple[str, int], asyncio.Future[Sequence[Address]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        lookup = self._under_way.get((host, port))
        if lookup is None:
            lookup = asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)
            self._under_way[host, port] = lookup
            lookup.add_done_callback(lambda done: self._ended(host, port, done))
        return await asyncio.shield(lookup)

    def _ended(self, host: str, port: int, lookup: asyncio.Future[Sequence[Address]]) -> None:
        del self._under_way[host, port]
        if not lookup.cancelled():
            lookup.exception()  # whoever asked may have stopped waiting; asyncio logs an error that nobody has looked at

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> Sequence[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(address[0]) for _, _, _, _, address in found))


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Resolves a host, refuses it if any of its addresses is refused, and connects to the addresses that were checked."""

    def __init__(self, resolve: Resolve, allowed: Sequence[Network]) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._addresses(host, port)
                return await self._first_that_answers(addresses, port, timeout, socket_options)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"no connection to {host} within {timeout} s") from None

    async def _addresses(self, host: str, port: int) -> Sequence[Address]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved: {error}") from error
        for address in addresses:
            reason = refusal(address, self._allowed)
            if reason is not None:
                raise AddressRefused(
                    f"{host} has the address {address}, which is {reason}; webhooks go to public addresses and to the networks in "
                    "ORESTREAM_WEBHOOK_ALLOWED_NETWORKS"
                )
        return addresses

    async def _first_that_answers(
        self,
        addresses: Sequence[Address],
        port: int,
        timeout: float | None,  # noqa: ASYNC109
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.AsyncNetworkStream:
        share = None if timeout is None else timeout / max(1, len(addresses))
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(str(address), port, timeout=share, socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def connection_pool(resolve: Resolve, allowed: Sequence[Network], trust: ssl.SSLContext | None = None) -> httpcore.AsyncConnectionPool:
    """`trust` is what certificates are checked against; None: the system's authorities.

    Kept-alive connections close after 4 seconds, before the 5 seconds after which common servers close theirs. The pool itself bounds
    nothing: who may send is decided where attempts begin, and nobody waits here for another's connection.
    """
    return httpcore.AsyncConnectionPool(
        ssl_context=trust,
        max_connections=None,
        max_keepalive_connections=100,
        keepalive_expiry=4.0,
        network_backend=CheckedNetwork(resolve, allowed),
    )
