"""One operating-system process of Orestream: which services run in it, on which Redis and database, behind which HTTP port."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import uvicorn

from shared.bus import BusSettings
from shared.bus.asyncapi import document
from shared.bus.embedded import EmbeddedRedis
from shared.bus.types import BusUnavailable
from shared.observability import application, configure_logging
from shared.service import Service

log = logging.getLogger(__name__)

SERVICES = ("notification", "ledger", "stockpile-advisor", "pricing-risk", "screening", "gateway")
"""In the order in which they start: who takes in comes last, and stops first. Each is named as its group on the bus."""

GROUP_OF = {"what-if": "gateway"}
"""Whose records a part of the product works on, where it has none of its own."""


def _with_what_if(names: Sequence[str]) -> list[str]:
    """In the order in which they start. What-if is asked where the law is: beside screening."""
    running = [name for name in SERVICES if name in names]
    return ["what-if", *running] if "screening" in running else running


def _build(name: str, environment: Mapping[str, str], bus_settings: BusSettings) -> Service:
    """Only what a process runs is imported: a gateway that is started again is back in half the time."""
    try:
        service: Service = import_module(f"services.{name.replace('-', '_')}.app").build(environment, bus_settings)
    except ValueError as error:
        raise SettingsError(f"{name} cannot start: {error}") from error
    return service


class SettingsError(Exception):
    """A setting is missing or cannot be used; the text says which one and what to set."""


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    redis_url: str | None
    redis_cluster: bool
    partitions: int
    replay_window_hours: int
    data_directory: Path
    host: str
    port: int
    log_level: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "ProcessSettings":
        def whole(name: str, default: int, minimum: int, maximum: int) -> int:
            text = environment.get(name, str(default))
            if not text.isdigit() or not minimum <= int(text) <= maximum:
                raise SettingsError(f"{name} is {text!r}; it takes a whole number from {minimum} to {maximum}.")
            return int(text)

        return cls(
            redis_url=environment.get("ORESTREAM_REDIS_URL") or environment.get("REDIS_URL"),
            redis_cluster=environment.get("ORESTREAM_REDIS_CLUSTER", "") == "1",
            partitions=whole("ORESTREAM_PARTITIONS", 1, 1, 1024),
            replay_window_hours=whole("ORESTREAM_REPLAY_WINDOW_HOURS", 24, 0, 8760),
            data_directory=Path(environment.get("ORESTREAM_DATA_DIRECTORY", ".orestream")).resolve(),
            host=environment.get("ORESTREAM_HTTP_HOST", "127.0.0.1"),
            port=whole("ORESTREAM_HTTP_PORT", 8080, 0, 65535),
            log_level=environment.get("ORESTREAM_LOG_LEVEL", "INFO"),
        )

    def running_redis_url(self) -> str:
        """The Redis that a command works on: the configured one, or the embedded one that `orestream up` runs on this data directory."""
        if self.redis_url:
            return self.redis_url
        noted = self.data_directory / REDIS_URL_FILE
        if not noted.exists():
            raise SettingsError(f"No Redis to work on: set ORESTREAM_REDIS_URL, or start `orestream up` on {self.data_directory} first.")
        return noted.read_text().strip()

    def bus(self, group: str, url: str) -> BusSettings:
        return BusSettings(
            url=url,
            group=group,
            partitions=self.partitions,
            cluster=self.redis_cluster,
            replay_window_seconds=self.replay_window_hours * 3600,
        )


REDIS_URL_FILE = "redis.url"
START_AGAIN_SECONDS = 0.5


async def run(names: Sequence[str], environment: Mapping[str, str], *, embedded: bool, announce: Callable[[str], None]) -> None:
    """Runs the named services until SIGTERM or SIGINT. `embedded` allows an embedded Redis where no URL is set."""
    settings = ProcessSettings.from_environment(environment)
    configure_logging(settings.log_level)
    redis: EmbeddedRedis | None = None
    url = settings.redis_url
    if url is None:
        if not embedded:
            raise SettingsError("ORESTREAM_REDIS_URL is not set; a service on its own needs a Redis that the others use, too.")
        settings.data_directory.mkdir(parents=True, exist_ok=True)
        redis = EmbeddedRedis(settings.data_directory / "redis")
        url = await asyncio.to_thread(redis.start)
        (settings.data_directory / REDIS_URL_FILE).write_text(url)
    try:
        await _serve(
            [
                _build(name, with_defaults(environment, settings), settings.bus(GROUP_OF.get(name, name), url))
                for name in _with_what_if(names)
            ],
            settings,
            announce,
        )
    finally:
        if redis is not None:
            (settings.data_directory / REDIS_URL_FILE).unlink(missing_ok=True)
            await asyncio.to_thread(redis.stop)


def with_defaults(environment: Mapping[str, str], settings: ProcessSettings) -> Mapping[str, str]:
    """The environment with a SQLite book in the data directory where no DATABASE_URL is set."""
    if "DATABASE_URL" in environment:
        return environment
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    return {**environment, "DATABASE_URL": f"sqlite:///{settings.data_directory.resolve() / 'ledger.sqlite'}"}


async def _serve(services: Sequence[Service], settings: ProcessSettings, announce: Callable[[str], None]) -> None:
    listener = _listen(settings)
    server = _Server(uvicorn.Config(application(services), log_config=None, access_log=False, timeout_graceful_shutdown=10))
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    listening = asyncio.create_task(server.serve(sockets=[listener]))
    started: list[Service] = []
    try:
        for service in services:
            await _start(service)
            started.append(service)
        settle_memory()
        announce(f"http://{settings.host}:{listener.getsockname()[1]}")
        await stop.wait()
    finally:
        server.should_exit = True
        await listening
        for service in reversed(started):
            await service.stop()


def settle_memory() -> None:
    """What stands now stays: law, lists and code need not be walked again and again. Events make much garbage and few cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _start(service: Service) -> None:
    """Redis may come and go while a service starts: it is waited for, as it is later on."""
    while True:
        try:
            return await service.start()
        except BusUnavailable as error:
            log.warning("%s waits to start: %s", service.name, error)
            await asyncio.sleep(START_AGAIN_SECONDS)
        except ValueError as error:
            raise SettingsError(f"{service.name} cannot start: {error}") from error


def _listen(settings: ProcessSettings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port), backlog=2048)
    except OSError as error:
        raise SettingsError(
            f"Port {settings.port} on {settings.host} cannot be opened ({error.strerror}); set ORESTREAM_HTTP_PORT to a free one."
        ) from None


class _Server(uvicorn.Server):
    """Leaves signals to the process, which has services to stop as well."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def asyncapi_document() -> dict[str, Any]:
    """What all services together take from the bus and put on it; composed, never started."""
    settings = ProcessSettings.from_environment({"ORESTREAM_REDIS_URL": "redis://redis:6379"})
    services = [_build(name, {"DATABASE_URL": "sqlite://"}, settings.bus(name, "redis://redis:6379")) for name in SERVICES]
    described = [service.described for service in services if service.described is not None]
    return document(described, title="Orestream", version="1")


def main(names: Sequence[str], environment: Mapping[str, str], *, embedded: bool, announce: Callable[[str], None]) -> None:
    """Blocks until the process is told to stop."""
    if os.name == "posix":
        import uvloop

        uvloop.run(run(names, environment, embedded=embedded, announce=announce))
    else:
        asyncio.run(run(names, environment, embedded=embedded, announce=announce))
