"""Orestream's services as real processes, started the way an operator starts them."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.support.ports import free_port
from tests.support.waiting import wait_until

SERVICES = ("gateway", "screening", "pricing-risk", "stockpile-advisor", "ledger", "notification")


class ServiceProcess:
    """One `orestream service NAME`; `kill` is SIGKILL, `revive` starts it again on the same port."""

    def __init__(self, name: str, environment: Mapping[str, str], directory: Path) -> None:
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.starts = 0
        self._environment = {**os.environ, **environment}
        self._log = directory / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", "service", self.name, "--port", str(self.port)],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        self.starts += 1

    def revive(self) -> None:
        """Starts the process again where it has ended for whatever reason, as a container runtime would."""
        if self._process is None or self._process.poll() is not None:
            self.start()

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_ready(self, seconds: float = 60) -> None:
        wait_until(self._ready, f"{self.name} is ready", seconds=seconds)

    def _ready(self) -> bool:
        self.revive()
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False
