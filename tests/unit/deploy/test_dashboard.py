"""The committed dashboard is the generated one, and neither it nor the rules ask for a metric that nobody exports."""

import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import httpx
import yaml

from services.process import SERVICES
from shared.observability import application

ROOT = Path(__file__).resolve().parents[3]


def generator() -> ModuleType:
    path = ROOT / "deploy" / "grafana" / "procurement_risk.py"
    spec = importlib.util.spec_from_file_location("procurement_risk", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


async def exported() -> set[str]:
    """The names of every metric, with the suffixes of its samples."""
    for service in SERVICES:
        importlib.import_module(f"services.{service.replace('-', '_')}.metrics")
    importlib.import_module("shared.bus.metrics")
    transport = httpx.ASGITransport(application([]))
    async with httpx.AsyncClient(transport=transport, base_url="http://orestream") as http:
        text = (await http.get("/metrics")).text
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        names |= {f"{name}{suffix}" for suffix in (("_bucket", "_count", "_sum") if kind == "histogram" else ("",))}
    return names


def asked_for(expression: str) -> set[str]:
    return set(re.findall(r"\borestream_[a-z0-9_]+", expression))


def test_the_committed_dashboard_is_the_generated_one() -> None:
    module = generator()
    assert module.TARGET.read_text(encoding="utf-8") == module.text(), "run: python deploy/grafana/procurement_risk.py"


async def test_every_metric_of_the_dashboard_is_exported() -> None:
    names = await exported()
    for panel in generator().dashboard()["panels"]:
        for target in panel.get("targets", []):
            assert asked_for(target["expr"]), panel["title"]
            assert asked_for(target["expr"]) <= names, panel["title"]


async def test_every_metric_of_the_rules_is_exported() -> None:
    names = await exported()
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text())
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        assert asked_for(rule["expr"]) <= names, rule


def test_panels_lie_beside_each_other_and_say_what_they_mean() -> None:
    taken: set[tuple[int, int]] = set()
    panels = generator().dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells)
        taken |= cells
        assert panel["type"] == "row" or panel["description"].endswith(".")
