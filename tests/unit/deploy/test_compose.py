"""What docker-compose.yml and the files it mounts promise."""

import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from services.notification.app import RECORDING_SECONDS
from services.notification.endpoints import load_endpoints
from services.notification.sending import TOTAL_SECONDS
from services.process import SERVICES
from shared.access import SCOPES
from shared.bus import BusSettings
from shared.bus.embedded import find_server
from shared.observability import application
from tests.support.ports import free_port
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_every_service_has_its_container_and_its_scrape_target() -> None:
    commands = {name: container["command"] for name, container in CONTAINERS.items() if container["image"] == "orestream"}
    assert commands == {name: ["service", name] for name in SERVICES}
    targets = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"][0]["static_configs"][0]["targets"]
    assert set(targets) == {f"{name}:8080" for name in SERVICES}


@pytest.mark.parametrize("name", list(CONTAINERS))
def test_no_container_can_do_more_than_it_must(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["restart"] == "unless-stopped"
    assert "privileged" not in container
    for published in container.get("ports", []):
        assert published.startswith("${ORESTREAM_BIND_ADDRESS:-127.0.0.1}:")


def test_redis_and_postgresql_are_reachable_from_inside_only() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("redis", "postgres"):
        assert CONTAINERS[name]["networks"] == ["inside"]
        assert "ports" not in CONTAINERS[name]


def test_a_stop_leaves_time_for_what_is_under_way() -> None:
    for name in SERVICES:
        assert int(CONTAINERS[name]["stop_grace_period"].removesuffix("s")) > TOTAL_SECONDS + RECORDING_SECONDS + 10


def test_every_mounted_file_is_there_and_no_secret_stands_in_the_file() -> None:
    for container in CONTAINERS.values():
        for volume in container.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
    text = (ROOT / "docker-compose.yml").read_text()
    assert re.findall(r"PASSWORD: (?!\$\{)\S+", text) == []
    example = (ROOT / "deploy/example.env").read_text()
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    assert asked == set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


def _served() -> dict[str, list[tuple[str, str]]]:
    """By row of the table in docs/operating.md: the methods (empty: all) and the beginnings of paths."""
    rows = re.findall(r"^\| ([a-z-]+) \| \d{4} \| (.+) \|$", (ROOT / "docs/operating.md").read_text(), re.MULTILINE)
    return {name: re.findall(r"`(?:(\w+) )?(/v1/[a-z-]+)`", told) for name, told in rows}


@pytest.mark.parametrize("name", SERVICES)
def test_the_routing_table_sends_every_request_to_the_one_service_that_answers_it(name: str) -> None:
    parts = ["what-if", name] if name == "screening" else [name]
    settings = BusSettings("redis://redis:6379", name)
    services = [import_module(f"services.{part.replace('-', '_')}.app").build({"DATABASE_URL": "sqlite://"}, settings) for part in parts]
    rows = _served()
    for path, methods in application(services).openapi()["paths"].items():
        beginning = "/".join(path.split("/")[:3])
        for method in methods if path.startswith("/v1/") else ():
            to = [other for other in rows for wanted, start in rows[other] if start == beginning and wanted in ("", method.upper())]
            assert to == [name], f"{method.upper()} {path}"


def test_the_endpoints_file_that_comes_along_can_be_loaded() -> None:
    assert load_endpoints(ROOT / "deploy/notification/endpoints.yaml", {}) == {}


def test_the_image_is_built_by_any_builder_and_runs_as_nobody_special() -> None:
    text = (ROOT / "deploy/Dockerfile").read_text()
    assert "--mount" not in text
    assert "# syntax" not in text
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", text, re.MULTILINE)


@pytest.fixture
def configured_redis(tmp_path: Path) -> Iterator[redis.Redis]:
    port = free_port()
    overrides = ["--dir", str(tmp_path), "--port", str(port), "--bind", "127.0.0.1", "--maxmemory", "100mb"]
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen([str(find_server().path), str(ROOT / "deploy/redis/redis.conf"), *overrides], stdout=log, stderr=log)
    client = redis.Redis(port=port)

    def answers() -> bool:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False

    wait_until(answers, "Redis answers", seconds=10)
    yield client
    client.close()
    process.terminate()
    process.wait(10)
    log.close()


def test_redis_keeps_what_it_acknowledged_and_evicts_nothing(configured_redis: redis.Redis) -> None:
    wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "maxmemory": "104857600", "save": ""}
    for name, value in wanted.items():
        assert configured_redis.config_get(name) == {name: value}


def test_every_setting_stands_in_the_table_of_settings() -> None:
    read = {
        name
        for folder in ("services", "shared")
        for file in (ROOT / folder).rglob("*.py")
        for name in re.findall(r'"(ORESTREAM_[A-Z_]+|DATABASE_URL|REDIS_URL)"', file.read_text(encoding="utf-8"))
    }
    told = set(re.findall(r"`(ORESTREAM_[A-Z_]+|DATABASE_URL|REDIS_URL)`", (ROOT / "docs/operating.md").read_text(encoding="utf-8")))
    assert read == told


def test_every_scope_stands_in_the_table_of_scopes() -> None:
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[a-z-]+(?::[a-z]+)?`(?:, )?)+) \| ", text, re.MULTILINE)
    assert {scope for row in rows for scope in re.findall(r"`([^`]+)`", row)} == set(SCOPES)
