"""The rules are well formed, and each alert fires when it should and rests when it should not (deploy/prometheus/rules.test.yml)."""

import re
import subprocess
from pathlib import Path

import yaml

from tests.support.prometheus import prometheus_program

DEPLOY = Path(__file__).resolve().parents[3] / "deploy" / "prometheus"


def promtool(*arguments: str) -> str:
    program = prometheus_program("promtool")
    result = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_configuration_and_rules_are_well_formed() -> None:
    assert "SUCCESS" in promtool("check", "config", str(DEPLOY / "prometheus.yml"))


def test_alerts_fire_and_rest() -> None:
    assert "SUCCESS" in promtool("test", "rules", str(DEPLOY / "rules.test.yml"))


def test_every_alert_is_tested_firing() -> None:
    rules = yaml.safe_load((DEPLOY / "rules.yml").read_text())
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule}
    tests = yaml.safe_load((DEPLOY / "rules.test.yml").read_text())["tests"]
    fired = {case["alertname"] for test in tests for case in test.get("alert_rule_test", []) if case["exp_alerts"]}
    assert fired == alerts


def test_every_summary_is_a_sentence() -> None:
    rules = yaml.safe_load((DEPLOY / "rules.yml").read_text())
    for rule in (rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule):
        assert re.search(r"\.$", rule["annotations"]["summary"]), rule["alert"]
