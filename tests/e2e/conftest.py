"""A running Orestream: `orestream up` as its own process, on the embedded Redis and SQLite, with receivers of webhooks."""

import base64
import json
import os
import secrets
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from services.cli import main
from tests.support.receiver import WebhookReceiver


@dataclass(frozen=True, slots=True)
class RunningSystem:
    """`client` carries an admin key; `receiver` is told of assessments, `alerts` of alerts.

    `run` calls the `orestream` command beside the running system and returns it as a finished process. It runs in this process, which has
    imported by then what a new one takes seconds to import; tests of the demo and of what is asked on a terminal start processes.
    """

    url: str
    client: httpx.Client
    receiver: WebhookReceiver
    alerts: WebhookReceiver
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = CliRunner().invoke(main, arguments, env={**dict.fromkeys(os.environ), **self.environment})
        told = "".join(traceback.format_exception(*done.exc_info)) if done.exc_info and not isinstance(done.exception, SystemExit) else ""
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr + told)


@pytest.fixture(scope="session")
def running_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    directory: Path = tmp_path_factory.mktemp("system")
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    receiver, alerts = WebhookReceiver(secret), WebhookReceiver(secret)
    endpoints = directory / "endpoints.yaml"
    common = {"secrets": [{"environment": "TEST_WEBHOOK_SECRET"}], "allow_http": True}
    of_alerts = ["orestream.alert.raised.v1", "orestream.alert.resolved.v1"]
    told = [{"id": "test", "url": receiver.url, **common}, {"id": "alerts", "url": alerts.url, "events": of_alerts, **common}]
    endpoints.write_text(json.dumps({"endpoints": told}))
    inherited = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
    environment = {
        **inherited,
        "ORESTREAM_DATA_DIRECTORY": str(directory / "data"),
        "ORESTREAM_ENDPOINTS_FILE": str(endpoints),
        "ORESTREAM_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "ORESTREAM_LOG_LEVEL": "WARNING",
        "TEST_WEBHOOK_SECRET": secret,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "up", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().rsplit(" ", 1)[-1].strip()
        assert url.startswith("http"), "`orestream up` did not start"
        made = subprocess.run(
            [sys.executable, "-m", "services.cli", "keys", "create", "test", "--scope", "admin", "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        with httpx.Client(base_url=url, headers={"authorization": f"Bearer {json.loads(made.stdout)['key']}"}, timeout=60) as client:
            yield RunningSystem(url, client, receiver, alerts, environment)
    finally:
        process.terminate()
        process.wait(30)
        receiver.close()
        alerts.close()
