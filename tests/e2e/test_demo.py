"""`orestream demo` is what a newcomer sees first."""

import json
import subprocess
import sys


def test_the_demo_does_the_main_job() -> None:
    done = subprocess.run([sys.executable, "-m", "services.cli", "demo", "--json"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert len(outcome["assessments"]) >= 30
    assert outcome["webhooks"] >= len(outcome["assessments"])
    assert {receipt["outcome"] for receipt in outcome["receipts"]} == {"accepted", "duplicate", "rejected"}
    answers = {answer for assessment in outcome["assessments"] for line in assessment["lines"] for answer in line["answers"].values()}
    assert {"licence_required", "not_controlled", "needs_information", "prohibited"} <= answers
    assert all(letter["error"] for letter in outcome["dead_letters"])
    assert outcome["cliffs"]
    assert all(cliff["lines"] and cliff["before"] != cliff["after"] for cliff in outcome["cliffs"])
    assert {each["held_by"] for each in outcome["questionnaires"]} >= {"supplier", "buyer"}
    assert all(change["after"] == "licence_required" for change in outcome["difference"]["changes"])
    assert outcome["difference"]["changes"]
    assert {each["decision"] for each in outcome["advice"]} >= {"order_now", "wait", "cannot_fix", "reduce", "unknown"}
    less = [(each["before"], each["after"]) for each in outcome["without_queue"]]
    assert any((before["decision"], after["decision"]) == ("order_now", "wait") for before, after in less)
    assert all(float(after["quantity"] or 0) <= float(before["quantity"]) for before, after in less if before["quantity"])
