"""Prices, questions and pricing terms that are meant to break something: each is answered, and what others sent goes on being priced."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.conftest import RunningSystem
from tests.support.prices import exposed_order, ndjson, price_history, price_tick
from tests.support.waiting import wait_until

TODAY = datetime.now(UTC).date()
PRICE: dict[str, Any] = price_tick("W", TODAY, source="hostile").model_dump(mode="json", exclude_defaults=True)
FIELDS = (
    *PRICE,
    "substance",
    "purity_percent",
    "contained_percent",
    "location",
    "tax_percent",
    "incoterm",
    "withdrawn",
    "low",
    "detail",
    "x",
)
NUMBERS = ["0", "-1", "1E+999999", "-1e-999999", "NaN", "-Infinity", "9" * 5000, "999999999999999", "0.000000000000001", "1e999-2e999"]
TEXTS = [
    "a\0b",
    "\ud800",
    "../../etc/passwd",
    "a/b%2F",
    "\r\nX: y",
    "x" * 200,
    "x" * 100_000,
    "{p0}:x",
    "\u202e\u0007",
    "(" * 200,
    "Nd" * 100,
]
DAYS = ["0001-01-01", "9999-12-31", "2026-02-30", "now", 0]
VALUES = [10**400, 5e-324, True, [], {}, ["1"], None]
ANY: list[Any] = [*NUMBERS, *TEXTS, *DAYS, *VALUES]

TABLES = {
    "two prices and two days": b"as_of,date,price,mid\n2026-01-01,2026-01-02,5,6",
    "a column of columns": b"as_of," + b"price_" * 50_000 + b"\n2026-01-01,5",
    "many columns": ",".join(f"c{number}" for number in range(100_000)).encode() + b",as_of\n" + b"1," * 100_000,
    "quotes": b"as_of,price\n" + b'"' * 1_000_000,
    "half a character by its escape": b"as_of,price\n2026-01-01,\\ud800",
    "a header of half characters": b"as_of,\\ud800\n2026-01-01,5",
}
TABLE_ALPHABETS = {name: "unicode_escape" for name in TABLES if "half" in name}


def dead_letters(system: RunningSystem) -> list[str]:
    found = json.loads(system.run("dead-letters", "list", "--json").stdout)["dead_letters"]
    return [letter["error"] for letter in found if letter["group"] != "gateway"]


def prices() -> Iterator[tuple[bytes, str]]:
    for field in FIELDS:
        for value in ANY:
            yield json.dumps({**PRICE, field: value}).encode(), "application/json"
        yield json.dumps(PRICE).encode()[:-1] + f', "{field}": 1E+999999}}'.encode(), "application/json"
    yield json.dumps({**PRICE, "\ud800": 1}).encode(), "application/json"
    yield b"[" + b",".join([b"{}"] * 900_000) + b"]", "application/json"
    yield b"[" * 200_000, "application/json"
    for name, table in TABLES.items():
        charset = TABLE_ALPHABETS.get(name)
        yield table, f"text/csv; charset={charset}" if charset else "text/csv"


def test_no_price_breaks_intake_or_the_series(running_system: RunningSystem) -> None:
    before = dead_letters(running_system)
    answers = set()
    for body, media_type in prices():
        answer = running_system.client.post("/v1/prices", content=body, headers={"content-type": media_type})
        assert answer.status_code in (200, 400, 413, 422), (answer.status_code, body[:500])
        answers.add(answer.status_code)
    assert answers >= {200, 422}
    good = [price_tick("W", TODAY - timedelta(days=back), source="hostile", purity_percent="99.95") for back in (2, 1)]
    running_system.client.post("/v1/prices", content=ndjson(good), headers={"content-type": "application/x-ndjson"})
    name = "W/metal/99.95/CN/assessed/CNY/-"
    wait_until(lambda: name in str(running_system.client.get("/v1/prices", params={"material": "W"}).json()), "good prices are taken in")
    assert dead_letters(running_system) == before
    assert running_system.client.get("/v1/prices/held", params={"limit": 10_000}).status_code == 200


TERMS: list[Any] = [
    *({"kind": "formula", "index": {"material": "Dy"}, "factor": value, "premium": value, "priced_at": "shipment"} for value in ANY),
    *({"kind": "formula", "index": {"material": "Dy"}, "premium": value} for value in ("-999999999999999", "999999999999999")),
    *({"kind": "index", "priced_at": "date", "pricing_on": value} for value in ANY),
    *({"kind": "average", "quotation_from": value, "quotation_to": TODAY.isoformat()} for value in ANY),
    *({"kind": "average", "quotation_from": TODAY.isoformat(), "quotation_to": value} for value in ("1970-01-01", "2199-12-31")),
    *({"kind": "index", "index": {"material": value, "form": value, "market": value, "basis": value}} for value in ANY),
    *({"kind": "index", "index": {"material": value}, "priced_at": value, "hedged_percent": value} for value in ANY),
    *ANY,
]
LARGEST = "999999999999999"


def orders() -> Iterator[dict[str, Any]]:
    for number, terms in enumerate(TERMS):
        yield exposed_order(f"HOSTILE-{number}", "Dysprosium oxide 99.5 %", pricing=terms)
    for number, price in enumerate(("-1", LARGEST, "0.000000000000001")):
        terms = {"pricing": {"kind": "fixed"}, "budget_price": {"amount": price}, "standard_price": {"amount": price, "currency": "XXX"}}
        yield exposed_order(f"HOSTILE-PRICE-{number}", "Dysprosium oxide 99.5 %", price={"amount": price}, **terms)
    for number, unit in enumerate(("KGM", "TNE", "GRM")):
        largest = {"quantity": {"value": LARGEST, "unit": unit}, "price": {"amount": LARGEST}}
        yield exposed_order(f"HOSTILE-LARGE-{number}", "Dysprosium oxide 99.5 %", **largest)


@pytest.fixture
def quoted(running_system: RunningSystem) -> None:
    dollar = price_tick("CNY", TODAY, material="USD", price="0.92")
    running_system.client.post("/v1/prices", content=ndjson([dollar]), headers={"content-type": "application/x-ndjson"})
    for material in ("Dy", "CNY"):
        running_system.client.post(
            "/v1/prices", content=ndjson(price_history(material, TODAY)), headers={"content-type": "application/x-ndjson"}
        )
    wait_until(
        lambda: all(
            any(series["ticks"] >= 300 for series in running_system.client.get("/v1/prices", params={"material": each}).json()["series"])
            for each in ("Dy", "CNY")
        ),
        "prices are taken in",
    )


@pytest.mark.usefixtures("quoted")
def test_no_terms_of_an_order_keep_it_or_the_portfolio_from_being_answered(running_system: RunningSystem) -> None:
    before = dead_letters(running_system)
    accepted = []
    for order in orders():
        answer = running_system.client.post("/v1/orders", content=json.dumps(order).encode(), headers={"content-type": "application/json"})
        assert answer.status_code in (202, 422), (answer.text, order)
        accepted += [each["order_key"] for each in answer.json().get("orders", []) if each["outcome"] == "accepted"]
    assert len(accepted) > 0.8 * len(TERMS)
    for key in accepted:
        assessment = running_system.client.get(f"/v1/orders/{key}", params={"wait": 30}).json()["assessment"]
        assert (assessment["kind"], assessment["missing_results"]) == ("final", []), key
        assert assessment["lines"][0]["price_risk"]["status"] in ("priced", "unknown", "not_exposed"), key
    assert dead_letters(running_system) == before
    shown = running_system.client.get("/v1/exposure", params={"worst": 1_000})
    assert shown.status_code == 200, shown.text
    assert any("more money than there is" in missing["what"] for missing in shown.json()["missing"])
    assert "orestream_price_expected_shortfall" in running_system.client.get("/metrics").text


@pytest.mark.usefixtures("quoted")
def test_no_question_about_prices_breaks_its_answer(running_system: RunningSystem) -> None:
    def questions() -> Iterator[dict[str, Any]]:
        for value in ANY:
            yield {"shocks": [{"elements": ["Dy"], "percent": value}]}
            yield {"shocks": [{"elements": [value], "factor": value}]}
            yield {"currencies": [{"currency": "CNY", "percent": value}], "scenarios": [value], "x": value}
            yield {
                "events": [{"kind": "embargo", "elements": ["Dy"], "inside_cut_percent": "99.999999999999999", "demand_elasticity": value}]
            }
        for factor in ("1000", "0.000000000000001"):
            yield {"shocks": [{"factor": factor}] * 100}
        for percent in ("10000", "-99.999999999999999"):
            yield {"currencies": [{"currency": "CNY", "percent": percent}] * 50}

    for question in questions():
        answer = running_system.client.post("/v1/price-scenarios", content=json.dumps(question).encode())
        assert answer.status_code in (200, 422), (answer.text, question)
