"""From an open question to its answer and a new decision; and the days ahead, on the command line as over HTTP."""

import csv
import io
import json

from tests.e2e.conftest import RunningSystem
from tests.support.waiting import wait_until

ORDER = {
    "order_key": {"system": "asking", "company": "1", "order_id": "1"},
    "currency": "EUR",
    "supplier": {"id": "ASK-1", "name": "Example Magnets", "country": "CN"},
    "ship_to": {"country": "DE"},
    "end_user": {"name": "Example AG", "country": "DE", "user_class": "civil"},
    "lines": [
        {
            "line_id": "10",
            "item": {"buyer_id": "ASK-MAGNET"},
            "description": "Sintered NdFeB magnet 20 x 10 x 5 mm",
            "origin_country": "CN",
            "quantity": {"value": "1000", "unit": "C62"},
            "net_amount": "900",
        },
        {
            "line_id": "20",
            "item": {"buyer_id": "ASK-HO"},
            "description": "Holmium oxide 99.9 %",
            "origin_country": "CN",
            "quantity": {"value": "10", "unit": "KGM"},
            "net_amount": "700",
        },
    ],
}


def answers(system: RunningSystem) -> dict[str, str]:
    shown = system.client.get("/v1/orders/asking/1/1", params={"wait": 30}).json()
    return {line["line_id"]: line["answers"]["CN"] for line in shown["assessment"]["lines"]} if shown["final"] else {}


def test_an_answer_posted_back_settles_the_line_it_concerns(running_system: RunningSystem) -> None:
    assert running_system.client.post("/v1/orders", json=ORDER).status_code == 202
    assert answers(running_system)["10"] == "needs_information"
    (form,) = [running_system.client.get("/v1/questions", params={"supplier": "ASK-1", "held_by": "supplier", "form": "csv"})]
    rows = list(csv.DictReader(io.StringIO(form.content.decode("utf-8-sig"))))
    (asked,) = [row for row in rows if row["item_id"] == "ASK-MAGNET" and row["fact"] == "composition"]
    written = io.StringIO()
    filled = csv.DictWriter(written, asked)
    filled.writeheader()
    filled.writerow(
        {**asked, "value": "Nd 29 wt%; Dy <0.01 wt%; Tb <0.01 wt%; Sm <0.01 wt%; Fe 69 wt%; B 1 wt%", "document": "test report 12"}
    )
    posted = running_system.client.post("/v1/answers", content=written.getvalue(), headers={"content-type": "text/csv"})
    assert posted.status_code == 200, posted.text
    assert posted.json()["counts"]["stored"] == 1
    wait_until(lambda: answers(running_system).get("10") == "not_controlled", "the line is judged by the answer")
    left = running_system.run("questions", "--supplier", "ASK-1", "--json")
    assert left.returncode == 0, left.stderr
    asked_still = [question for each in json.loads(left.stdout)["questionnaires"] for question in each["questions"]]
    assert not [
        question for question in asked_still if question["item"].get("buyer_id") == "ASK-MAGNET" and question["fact"] == "composition"
    ]


def test_the_calendar_knows_when_a_suspension_ends_for_an_open_line(running_system: RunningSystem) -> None:
    assert running_system.client.post("/v1/orders", json=ORDER).status_code == 202
    assert answers(running_system)["20"] == "suspended"
    over_http = running_system.client.get("/v1/cliffs").json()["cliffs"]
    done = running_system.run("cliffs", "--json")
    assert done.returncode == 0, done.stderr
    for found in (over_http, json.loads(done.stdout)["cliffs"]):
        ours = [each for each in found if any(line["order_key"] == "asking/1/1" and line["line_id"] == "20" for line in each["lines"])]
        assert ("2027-01-10", "suspended") in [(each["on"], each["before"]) for each in ours]
    assert running_system.run("cliffs").returncode == 0
