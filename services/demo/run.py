"""`orestream demo`: the main job, seen from outside. A real `orestream up` gets real documents over HTTP and answers by API and webhook."""

import base64
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from services.demo.receiver import Receiver

DOCUMENTS = files("services.demo") / "documents"

MASTER_DATA = (("suppliers", "suppliers.csv", "text/csv"), ("items", "items.ndjson", "application/x-ndjson"))
ORDERS = (
    ("orders.ndjson", "application/x-ndjson"),
    ("order.json", "application/json"),
    ("cloudevents-batch.json", "application/cloudevents-batch+json"),
    ("orders.csv", "text/csv"),
    *((f"order-26090{number}.xml", "application/xml") for number in range(1, 7)),
)
AWKWARD = (
    ("order.json", "application/json", "the same order again"),
    ("order-change.json", "application/json", "a change"),
    ("order-cancellation.json", "application/json", "a cancellation"),
    ("malformed.xml", "application/xml", "a file cut short"),
    ("order-malformed.json", "application/json", "a quantity that is no number"),
)

SUPPOSED = ("No.55 of 2025", "No.57 of 2025", "No.58 of 2025")
"""Suspended instruments that the demo takes as in force for a look at what would be."""

COLOURS = {"hold": "red", "review": "yellow", "release_with_conditions": "cyan", "release": "green"}


class DemoFailed(Exception):
    """Something that the demo shows did not happen; the text says what."""


@dataclass(slots=True)
class Outcome:
    receipts: list[dict[str, Any]] = field(default_factory=list)
    assessments: list[dict[str, Any]] = field(default_factory=list)
    dead_letters: list[dict[str, Any]] = field(default_factory=list)
    webhooks: int = 0
    webhook: dict[str, Any] = field(default_factory=dict)
    cliffs: list[dict[str, Any]] = field(default_factory=list)
    questionnaires: list[dict[str, Any]] = field(default_factory=list)
    difference: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def run(console: Console, *, as_json: bool) -> int:
    """Returns the exit code."""
    progress = Console(stderr=True, quiet=as_json)
    try:
        outcome = _run(progress)
    except DemoFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    if as_json:
        print(json.dumps({name: getattr(outcome, name) for name in outcome.__slots__}, ensure_ascii=False, indent=1))
    else:
        _show(console, outcome)
    return 0


def _run(progress: Console) -> Outcome:
    outcome = Outcome()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    receiver = Receiver(secret)
    with tempfile.TemporaryDirectory(prefix="orestream-demo-") as scratch, progress.status("starting the services ..."):
        started = time.perf_counter()
        environment = _environment(Path(scratch), receiver.url, secret)
        with _running(environment) as url:
            outcome.seconds["start"] = time.perf_counter() - started
            key = json.loads(_orestream(environment, "keys", "create", "demo", "--scope", "admin", "--json"))["key"]
            with httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=60) as client:
                _send_everything(client, outcome, progress)
                _collect(client, receiver, outcome, progress)
                _look_ahead(client, outcome)
            outcome.dead_letters = json.loads(_orestream(environment, "dead-letters", "list", "--json"))["dead_letters"]
    receiver.close()
    if receiver.refused:
        raise DemoFailed(f"{receiver.refused} webhooks came with a signature that does not verify.")
    return outcome


def _environment(scratch: Path, receiver_url: str, secret: str) -> dict[str, str]:
    endpoints = scratch / "endpoints.yaml"
    endpoint = {"id": "demo", "url": receiver_url, "secrets": [{"environment": "DEMO_WEBHOOK_SECRET"}], "allow_http": True}
    endpoints.write_text(json.dumps({"endpoints": [endpoint]}))
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("ORESTREAM_") and name not in ("REDIS_URL", "DATABASE_URL")
    }
    return {
        **inherited,
        "ORESTREAM_DATA_DIRECTORY": str(scratch / "data"),
        "ORESTREAM_ENDPOINTS_FILE": str(endpoints),
        "ORESTREAM_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "ORESTREAM_LOG_LEVEL": "WARNING",
        "DEMO_WEBHOOK_SECRET": secret,
    }


@contextmanager
def _running(environment: dict[str, str]) -> Iterator[str]:
    """The address of a running `orestream up`."""
    process = subprocess.Popen(_command("up", "--port", "0"), env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if " at http" not in line:
            raise DemoFailed("The services did not start; what they said stands above.")
        yield line.rsplit(" ", 1)[1].strip()
    finally:
        process.terminate()
        process.wait(30)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "services.cli", *arguments]


def _orestream(environment: dict[str, str], *arguments: str) -> str:
    result = subprocess.run(_command(*arguments), env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if result.returncode:
        raise DemoFailed(f"`orestream {' '.join(arguments)}` ended with {result.returncode}: {result.stderr.strip()}")
    return result.stdout


def _send_everything(client: httpx.Client, outcome: Outcome, progress: Console) -> None:
    for table, name, media_type in MASTER_DATA:
        response = client.put(f"/v1/{table}", content=_document(name), headers={"content-type": media_type})
        if response.status_code >= 300:
            raise DemoFailed(f"{name} was refused: {response.text}")
        progress.print(f"[dim]PUT /v1/{table} {name}: {response.status_code}[/dim]")
    started = time.perf_counter()
    for name, media_type in ORDERS:
        _post(client, name, media_type, "", outcome, progress)
    for name, media_type, note in AWKWARD:
        _post(client, name, media_type, note, outcome, progress)
    outcome.seconds["send"] = time.perf_counter() - started


def _post(client: httpx.Client, name: str, media_type: str, note: str, outcome: Outcome, progress: Console) -> None:
    response = client.post("/v1/orders", content=_document(name), headers={"content-type": media_type})
    body = response.json()
    receipts = body.get("orders", [])
    outcome.receipts += [{"file": name, **receipt} for receipt in receipts]
    said = ", ".join(sorted({receipt["outcome"] for receipt in receipts})) if receipts else body.get("detail", body.get("title", ""))
    progress.print(f"[dim]POST /v1/orders {name}{f' ({note})' if note else ''}: {response.status_code} {said}[/dim]", highlight=False)


def _document(name: str) -> bytes:
    return (DOCUMENTS / name).read_bytes()


def _collect(client: httpx.Client, receiver: Receiver, outcome: Outcome, progress: Console) -> None:
    """Waits for the final assessment of the newest snapshot of each accepted order, then for the webhook of each."""
    newest: dict[str, dict[str, Any]] = {}
    for receipt in outcome.receipts:
        if receipt["outcome"] == "accepted":
            newest[receipt["order_key"]] = receipt
    started = time.perf_counter()
    for order_key in newest:
        answer = client.get(f"/v1/orders/{order_key}", params={"wait": 30}).json()
        if answer.get("assessment") is None:
            raise DemoFailed(f"{order_key} has no assessment after 30 s.")
        outcome.assessments.append(answer["assessment"])
    outcome.seconds["assess"] = time.perf_counter() - started
    wanted = {assessment["decision_id"] for assessment in outcome.assessments}
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        delivered = {event["data"]["decision_id"]: event for event in list(receiver.events.values())}
        if wanted <= set(delivered):
            outcome.webhooks = len(receiver.events)
            outcome.webhook = delivered[outcome.assessments[0]["decision_id"]]
            progress.print(f"[dim]{outcome.webhooks} webhooks delivered and verified[/dim]")
            return
        time.sleep(0.02)
    raise DemoFailed(f"{len(wanted - set(delivered))} of {len(wanted)} assessments did not reach the webhook receiver in 30 s.")


def _look_ahead(client: httpx.Client, outcome: Outcome) -> None:
    """What changes for the open orders by itself, what is asked of whom, and what a law in force again would make of them."""
    outcome.cliffs = client.get("/v1/cliffs").raise_for_status().json()["cliffs"]
    outcome.questionnaires = client.get("/v1/questions").raise_for_status().json()["questionnaires"]
    started = time.perf_counter()
    asked = client.post("/v1/screen", params={"open_orders": "true", "in_force": list(SUPPOSED)})
    outcome.difference = asked.raise_for_status().json()["difference"]
    outcome.seconds["what_if"] = time.perf_counter() - started


def _show_ahead(console: Console, outcome: Outcome) -> None:
    ahead = Table("day", "answer", "lines", "rule", title="Cliffs: what changes for open orders by itself")
    for cliff in outcome.cliffs[:8]:
        lines = f"{cliff['lines_expected_then']}, and {cliff['lines_if_late']} if late"
        ahead.add_row(cliff["on"], f"{cliff['jurisdiction']} {cliff['before']} → {cliff['after']}", lines, cliff["limb"])
    console.print(ahead)
    asked = Table("who", "settles", "question", title="What to ask first, of whom")
    for each in [each for each in outcome.questionnaires if each["held_by"] != "authority"][:6]:
        first = each["questions"][0]
        who = each["supplier_name"] or each["supplier_id"] or "" if each["held_by"] == "supplier" else each["held_by"]
        asked.add_row(who, f"{first['settles_lines']} lines", first["question"])
    console.print(asked)
    changes = Table("answer", "lines", "value", title=f"What if {', '.join(SUPPOSED)} were in force? Open orders answered otherwise")
    for change in outcome.difference["changes"]:
        value = ", ".join(f"{amount} {currency}" for currency, amount in change["value"].items())
        changes.add_row(
            f"{change['jurisdiction']} {change['before']} → {change['after']} ({change['instrument']})", str(change["lines"]), value
        )
    console.print(changes)


def _show(console: Console, outcome: Outcome) -> None:
    grid = Table(
        "order", "line", "goods", "answer", "code", "disposition", title="Lines: answer by jurisdiction, what to do, why, and what to ask"
    )
    grid.add_column("why, and what to ask", ratio=1)
    for assessment in outcome.assessments:
        for line in assessment["lines"]:
            questions = [
                f"Ask the {question['held_by']}: {question['question']}" for question in line["questions"] if question["kind"] == "fact"
            ]
            grid.add_row(
                assessment["order_key"]["order_id"],
                line["line_id"],
                (line.get("description") or line.get("item_id") or "")[:40],
                "\n".join(f"{jurisdiction} {answer}" for jurisdiction, answer in line["answers"].items()),
                ", ".join(line["control_codes"]),
                f"[{COLOURS[line['disposition']]}]{line['disposition']}[/]",
                " ".join([*line["reasons"][:1], *questions[:1]]),
            )
    console.print(grid)
    _show_ahead(console, outcome)
    letters = Table("stage", "what", "why", title="Dead letters: refused, and kept")
    for letter in outcome.dead_letters:
        letters.add_row(letter["stage"], letter["original_sha256"][:12], letter["error"])
    console.print(letters)
    console.print(
        "One of the webhooks, signature verified:",
        json.dumps(outcome.webhook, ensure_ascii=False)[:400],
        "...",
        highlight=False,
        markup=False,
    )
    lines = sum(len(assessment["lines"]) for assessment in outcome.assessments)
    console.print(
        f"{len(outcome.assessments)} orders with {lines} lines assessed, {outcome.webhooks} webhooks delivered, "
        f"{len(outcome.dead_letters)} documents refused and kept; services started in {outcome.seconds['start']:.1f} s, "
        f"orders sent in {outcome.seconds['send']:.2f} s, the last answer {outcome.seconds['assess']:.2f} s later.",
        highlight=False,
    )
