"""`orestream demo`: the main job, seen from outside. A real `orestream up` gets real documents over HTTP and answers by API and webhook."""

import base64
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import httpx
from rich.console import Console
from rich.table import Table

from services.demo import prices, stock
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

PRICES_AT_ONCE = 2_000
EVENTS = ["orestream.assessment.completed.v1", "orestream.alert.raised.v1"]
"""What the receiver is told of."""

SUPPOSED = ("No.55 of 2025", "No.57 of 2025", "No.58 of 2025")
"""Suspended instruments that the demo takes as in force for a look at what would be."""

DECISION_COLOURS = {"cannot_fix": "red", "order_now": "yellow", "reduce": "cyan", "wait": "green", "unknown": "magenta"}
COLOURS = {"hold": "red", "review": "yellow", "release_with_conditions": "cyan", "release": "green"}


Found = TypeVar("Found")


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
    exposure: dict[str, Any] = field(default_factory=dict)
    price_alert: dict[str, Any] = field(default_factory=dict)
    advice: list[dict[str, Any]] = field(default_factory=list)
    without_queue: list[dict[str, Any]] = field(default_factory=list)
    prices: int = 0
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
                quotes = _send_prices(client, outcome, progress)
                advised = _send_stock(client, outcome, progress)
                _send_everything(client, outcome, progress)
                _collect(client, receiver, outcome, progress)
                _look_ahead(client, outcome)
                _ask_for_advice(client, advised, outcome)
                _let_a_price_leap(client, receiver, quotes, outcome, progress)
            outcome.dead_letters = json.loads(_orestream(environment, "dead-letters", "list", "--json"))["dead_letters"]
    receiver.close()
    if receiver.refused:
        raise DemoFailed(f"{receiver.refused} webhooks came with a signature that does not verify.")
    return outcome


def _environment(scratch: Path, receiver_url: str, secret: str) -> dict[str, str]:
    endpoints = scratch / "endpoints.yaml"
    endpoint = {
        "id": "demo",
        "url": receiver_url,
        "events": EVENTS,
        "secrets": [{"environment": "DEMO_WEBHOOK_SECRET"}],
        "allow_http": True,
    }
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


def _send_prices(client: httpx.Client, outcome: Outcome, progress: Console) -> list[dict[str, Any]]:
    """A year and a half of made-up quotes, up to yesterday."""
    quotes = list(prices.quotes(datetime.now(UTC).date() - timedelta(days=1)))
    started = time.perf_counter()
    for at in range(0, len(quotes), PRICES_AT_ONCE):
        _post_prices(client, quotes[at : at + PRICES_AT_ONCE])
    outcome.prices = len(quotes)

    def counted() -> bool:
        series = client.get("/v1/prices").raise_for_status().json()["series"]
        return len(quotes) <= sum(int(each["ticks"]) for each in series if each["kind"] == "daily")

    _until(counted, "The quotes sent to POST /v1/prices were not all computed with", seconds=60)
    outcome.seconds["prices"] = time.perf_counter() - started
    progress.print(f"[dim]POST /v1/prices: {len(quotes)} made-up quotes of {len(prices.SERIES)} series[/dim]", highlight=False)
    return quotes


def _until(look: Callable[[], Found], otherwise: str, seconds: float) -> Found:
    """What `look` finds as soon as that is anything. Raises DemoFailed where the time passes before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise DemoFailed(f"{otherwise} in {seconds:g} s.")


def _send_stock(client: httpx.Client, outcome: Outcome, progress: Console) -> list[dict[str, Any]]:
    """Made-up stock of what the orders bring; returns the advice, which stands before they come."""
    reported = stock.reports(_document("stock.ndjson"), datetime.now(UTC))
    started = time.perf_counter()
    response = client.post("/v1/stock", content=stock.as_lines(reported), headers={"content-type": "application/x-ndjson"})
    if response.status_code >= 300 or response.json()["counts"].get("rejected"):
        raise DemoFailed(f"Stock was refused: {response.text[:400]}")
    advised = _wait_for_advice(client, lambda advice: len(advice) == len(reported))
    outcome.seconds["stock"] = time.perf_counter() - started
    progress.print(f"[dim]POST /v1/stock: made-up stock of {len(reported)} items in plants; advice stands[/dim]", highlight=False)
    return advised


def _wait_for_advice(client: httpx.Client, stands: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    def look() -> list[dict[str, Any]]:
        advice: list[dict[str, Any]] = client.get("/v1/advice").raise_for_status().json()["advice"]
        return advice if stands(advice) else []

    return _until(look, "What was sent to POST /v1/stock and /v1/orders was not all advised on", seconds=60)


def _ask_for_advice(client: httpx.Client, before: list[dict[str, Any]], outcome: Outcome) -> None:
    """Advice with the open orders in it, and what it would be without the licence queue."""
    digests = {each["digest"] for each in before}
    ordered = {line["item_id"] for assessment in outcome.assessments for line in assessment["lines"]} & {each["item_id"] for each in before}
    outcome.advice = _wait_for_advice(
        client, lambda advice: ordered <= {each["item_id"] for each in advice if each["digest"] not in digests}
    )
    started = time.perf_counter()
    for each in outcome.advice:
        if each["licence_needed"] != "yes" or each["decision"] not in ("order_now", "cannot_fix"):
            continue
        supposed = {"plant": each["plant"], "item_id": each["item_id"], "licence_needed": False}
        outcome.without_queue.append(client.post("/v1/advice/what-if", json=supposed).raise_for_status().json())
    outcome.seconds["advice_what_if"] = time.perf_counter() - started


def _post_prices(client: httpx.Client, quotes: list[dict[str, Any]]) -> None:
    response = client.post("/v1/prices", content=prices.as_lines(quotes), headers={"content-type": "application/x-ndjson"})
    if response.status_code >= 300 or response.json()["counts"]["rejected"]:
        raise DemoFailed(f"Prices were refused: {response.text[:400]}")


def _let_a_price_leap(client: httpx.Client, receiver: Receiver, quotes: list[dict[str, Any]], outcome: Outcome, progress: Console) -> None:
    """Dysprosium outside China leaps by 70 %: an alert goes out at once, and a second source lets the price in."""
    started = time.perf_counter()
    leapt, confirmed = prices.leap(quotes, "Dy", 1.7, datetime.now(UTC).date())
    _post_prices(client, [leapt])
    outcome.price_alert = _alert_webhook(receiver, "price_unconfirmed")
    outcome.seconds["price_alert"] = time.perf_counter() - started
    _post_prices(client, [confirmed])
    _alert_webhook(receiver, "price_jump")
    progress.print("[dim]POST /v1/prices: a leap, and a second source that says the same; both alerts delivered[/dim]", highlight=False)
    outcome.exposure = client.get("/v1/exposure", params={"worst": 5}).raise_for_status().json()


def _alert_webhook(receiver: Receiver, kind: str) -> dict[str, Any]:
    def look() -> dict[str, Any]:
        raised = (event for event in list(receiver.events.values()) if event["type"] == "orestream.alert.raised.v1")
        return next((event for event in raised if event["data"]["kind"] == kind), {})

    return _until(look, f"No webhook told of the {kind}", seconds=30)


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

    def look() -> dict[str, dict[str, Any]]:
        delivered = {event["data"]["decision_id"]: event for event in list(receiver.events.values()) if "decision_id" in event["data"]}
        return delivered if wanted <= set(delivered) else {}

    delivered = _until(look, f"Not all of {len(wanted)} assessments reached the webhook receiver", seconds=30)
    outcome.webhooks = len(receiver.events)
    outcome.webhook = delivered[outcome.assessments[0]["decision_id"]]
    progress.print(f"[dim]{outcome.webhooks} webhooks delivered and verified[/dim]")


def _look_ahead(client: httpx.Client, outcome: Outcome) -> None:
    """What changes for the open orders by itself, what is asked of whom, and what a law in force again would make of them."""
    outcome.cliffs = client.get("/v1/cliffs").raise_for_status().json()["cliffs"]
    outcome.questionnaires = client.get("/v1/questions").raise_for_status().json()["questionnaires"]
    started = time.perf_counter()
    asked = client.post("/v1/screen", params={"open_orders": "true", "in_force": list(SUPPOSED)})
    outcome.difference = asked.raise_for_status().json()["difference"]
    outcome.seconds["what_if"] = time.perf_counter() - started


def _show_prices(console: Console, outcome: Outcome) -> None:
    priced = Table("order", "line", "goods", "grade", title="Price risk: what lines can lose before their price is set (made-up prices)")
    priced.add_column("what", ratio=1)
    for assessment in outcome.assessments:
        for line in assessment["lines"]:
            risk = line["price_risk"]
            if risk and risk["status"] != "not_exposed":
                goods = (line.get("description") or line.get("item_id") or "")[:40]
                priced.add_row(assessment["order_key"]["order_id"], line["line_id"], goods, risk["grade"], risk["sentence"])
    console.print(priced)
    total, currency = outcome.exposure["total"], outcome.exposure["currency"]
    title = f"Exposure of open lines, {currency}: parts of the expected shortfall add up to {total['expected_shortfall_975_money']}"
    groups = Table("element", "lines", "unknown", "market value", "exposure", "expected shortfall 97.5 %", title=title)
    for group in outcome.exposure["groups"]:
        figures = (group[name] for name in ("market_value_money", "exposure_money", "expected_shortfall_975_money"))
        groups.add_row(group["name"] or "-", str(group["lines"]), str(group["unknown_lines"]), *figures)
    console.print(groups)
    alert = outcome.price_alert["data"]
    console.print(
        f"Alert by webhook {outcome.seconds['price_alert']:.2f} s after the price came: {alert['summary']} {alert['cause']} "
        f"Open orders concerned: {len(alert['orders'])}.",
        highlight=False,
        markup=False,
    )


def _show_stock(console: Console, outcome: Outcome) -> None:
    advised = Table(
        "plant",
        "item",
        "decision",
        "quantity",
        "order by",
        "cover now",
        "after",
        "out in 90 d",
        title="Stock: what to do by when (made-up stock)",
    )
    advised.add_column("why", ratio=1)
    for each in outcome.advice:
        quantity, short = each["quantity"], each["probability_short"].get("90")
        advised.add_row(
            each["plant"],
            each["item_id"],
            f"[{DECISION_COLOURS[each['decision']]}]{each['decision']}[/]",
            f"{float(quantity):,.0f} {each['unit']}" if quantity else "",
            each["order_by"] or "",
            *("" if days is None else f"{days:,.0f} d" for days in (each["days_of_cover"], each["days_of_cover_after"])),
            "" if short is None else f"{short:.0%}",
            each["sentence"],
        )
    console.print(advised)
    changes = [_changed(answer["before"], answer["after"]) for answer in outcome.without_queue]
    console.print(f"Without the licence queue: {'; '.join(changes)}.", highlight=False, markup=False)


def _changed(before: dict[str, Any], after: dict[str, Any]) -> str:
    said = [_decided(each) for each in (before, after)]
    return f"{before['item_id']} in {before['plant']} {said[1]} in place of {said[0]}"


def _decided(advice: dict[str, Any]) -> str:
    quantity = f" {float(advice['quantity']):,.0f} {advice['unit']}" if advice["quantity"] else ""
    by = f" by {advice['order_by']}" if advice["decision"] == "wait" and advice["order_by"] else ""
    return f"{advice['decision']}{quantity}{by}"


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
    _show_prices(console, outcome)
    _show_stock(console, outcome)
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
        f"{outcome.prices} prices taken in in {outcome.seconds['prices']:.1f} s, orders sent in {outcome.seconds['send']:.2f} s, "
        f"the last answer {outcome.seconds['assess']:.2f} s later.",
        highlight=False,
    )
