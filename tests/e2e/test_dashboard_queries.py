"""Every panel of the dashboard shows something: a real Prometheus scrapes the running system, and each query returns data."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import RunningSystem
from tests.support.ports import free_port
from tests.support.prices import QUOTED, exposed_order, ndjson, price_history, price_tick
from tests.support.prometheus import prometheus_program
from tests.support.stock import stock_report
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboards/procurement-risk.json").read_text())
QUERIES = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]


@dataclass(frozen=True, slots=True)
class Prometheus:
    url: str

    def ask(self, path: str, **parameters: str) -> Any:
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def value(self, expression: str) -> float:
        result = self.ask("query", query=expression)["result"]
        return float(result[0]["value"][1]) if result else 0.0


@pytest.fixture(scope="module")
def prometheus(running_system: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    program = prometheus_program("prometheus")
    directory = tmp_path_factory.mktemp("prometheus")
    target = httpx.URL(running_system.url)
    scrape = {"job_name": "orestream", "scrape_interval": "1s", "static_configs": [{"targets": [f"{target.host}:{target.port}"]}]}
    rules = [str(ROOT / "deploy/prometheus/rules.yml")]
    configuration = directory / "prometheus.yml"
    configuration.write_text(json.dumps({"global": {"evaluation_interval": "1s"}, "rule_files": rules, "scrape_configs": [scrape]}))
    port = free_port()
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={configuration}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--enable-feature=exemplar-storage",
            ],
            stdout=log,
            stderr=log,
        )
    one = Prometheus(f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: _scraped(one), "Prometheus has scraped the running system", seconds=30)
        yield one
    finally:
        process.terminate()
        process.wait(20)


def _quote(system: RunningSystem) -> None:
    """Prices inside China and outside, and rates to the portfolio's currency; the last price jumps too far. An order that they concern."""
    until = datetime.now(UTC).date() - timedelta(days=1)
    outside: dict[str, Any] = {"market": "EX_CN", "currency": "USD", "tax": None, "source": "example exports"}
    exported = price_history("Dy", until, 30, **outside)
    ticks = [
        *(tick for quoted in QUOTED for tick in price_history(quoted, until, 30)),
        *price_history("CNY", until, 30, currency="USD"),
        *(tick.model_copy(update={"price": tick.price / 4}) for tick in exported),
        price_tick("Ge", until + timedelta(days=1), 3.5),
    ]
    answer = system.client.post("/v1/prices", content=ndjson(ticks), headers={"content-type": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text
    assert system.client.post("/v1/orders", json=exposed_order("DASHBOARD", "Dysprosium oxide 99.5 %")).status_code == 202


def _keep_stock(system: RunningSystem) -> None:
    """Of one material for three weeks, of one for years, of one whose use nobody has said; and an order of the first."""
    now = datetime.now(UTC)
    scarce = stock_report("1000", "BOARD-DY", now, "40", 60.0, policy_days=100)
    plenty = stock_report("1000", "BOARD-ND", now, "9000", 60.0)
    unused = {**stock_report("1000", "BOARD-HO", now, "12", 1.0), "consumption": []}
    answer = system.client.post("/v1/stock", json=[scarce, plenty, unused])
    assert answer.status_code == 200, answer.text
    ordered = exposed_order("STOCK", "Dysprosium oxide 99.5 %", item={"buyer_id": "BOARD-DY"})
    assert system.client.post("/v1/orders", json=ordered).status_code == 202


def _scraped(prometheus: Prometheus) -> bool:
    """Until it has read its write-ahead log Prometheus listens but answers 503: it is not ready, and nothing is scraped."""
    try:
        ready = httpx.get(f"{prometheus.url}/-/ready", timeout=10).status_code == 200
    except httpx.TransportError:
        return False
    return ready and prometheus.value('up{job="orestream"}') == 1


@pytest.fixture(scope="module")
def watched(running_system: RunningSystem, prometheus: Prometheus) -> Prometheus:
    """After prices and, twice, some seconds apart, orders have come in, and their webhooks went out: rates need two scrapes."""
    _quote(running_system)
    _keep_stock(running_system)
    documents = files("services.demo") / "documents"
    delivered = 'orestream_webhook_latency_seconds_count{endpoint="test"}'
    for name, media_type in (("orders.ndjson", "application/x-ndjson"), ("orders.csv", "text/csv")):
        before = prometheus.value(delivered)
        answer = running_system.client.post("/v1/orders", content=(documents / name).read_bytes(), headers={"content-type": media_type})
        assert answer.status_code == 202, answer.text
        wait_until(lambda before=before: prometheus.value(delivered) > before, f"webhooks for {name} are scraped")
    wait_until(lambda: prometheus.value("sum(orestream_price_exposure)") > 0, "the exposure is scraped", seconds=60)
    wait_until(lambda: prometheus.value("count(orestream_supply_days_of_cover)") > 0, "the cover is scraped", seconds=60)
    wait_until(lambda: prometheus.value(f"rate({delivered}[1m])") > 0, "two scrapes with webhooks between them")
    return prometheus


@pytest.mark.parametrize(("title", "expression"), QUERIES, ids=[f"{title} {number}" for number, (title, _) in enumerate(QUERIES)])
def test_every_panel_shows_data(watched: Prometheus, title: str, expression: str) -> None:
    result = watched.ask("query", query=expression.replace("$__rate_interval", "1m"))["result"]
    assert result, f"{title} shows nothing"
    # An endpoint that nothing went to meanwhile has no quantile.
    assert any(series["value"][1] != "NaN" for series in result), f"{title} shows {result}"


def test_no_rule_fails_and_nothing_is_wrong(watched: Prometheus) -> None:
    groups = watched.ask("rules")["groups"]
    assert [rule["lastError"] for group in groups for rule in group["rules"] if rule["health"] == "err"] == []
    critical = {alert["labels"]["alertname"] for alert in watched.ask("alerts")["alerts"] if alert["labels"]["severity"] == "critical"}
    assert critical == set()
