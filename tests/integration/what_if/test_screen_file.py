"""`orestream screen`: files in, findings out, nothing stored."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.replaying import recompute_screening
from services.screening.domain.basis import Basis
from services.screening.domain.law import Scenario
from services.screening.domain.result import screened
from services.screening.regulation_files import load_law, load_parties
from services.screening.settings import Settings
from services.what_if.asking import WhatIf
from services.what_if.files import FileError, Screened, screen_file
from tests.support.orders import order_event

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDER = {
    "order_key": {"system": "s", "company": "c", "order_id": "1"},
    "ship_from": {"country": "CN"},
    "ship_to": {"country": "DE"},
    "end_user": {"name": "Example AG", "country": "DE", "user_class": "civil"},
    "lines": [{"line_id": "10", "item": {"buyer_id": "M-1"}, "description": "Part M-1", "quantity": {"value": "5", "unit": "KGM"}}],
}


def screened_order(directory: Path, valid_on: date, **files: Path) -> Screened:
    order = directory / "order.json"
    order.write_text(json.dumps(ORDER))
    return screen_file(order, WhatIf(valid_on), now=NOW, **files)


def china(result: Screened) -> str:
    return result.orders[0].lines[0].answers["CN"].answer.value


def test_master_data_decides_and_so_does_the_day(tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("item_id,description,origin_country\nM-1,Dysprosium oxide 99.5 %,CN\n")
    assert china(screened_order(tmp_path, date(2026, 12, 1))) == "needs_information"
    assert china(screened_order(tmp_path, date(2026, 12, 1), items_file=items)) == "licence_required"
    assert china(screened_order(tmp_path, date(2025, 4, 3), items_file=items)) == "not_controlled"


def test_an_ordinary_word_on_the_order_does_not_hide_what_the_item_master_says(tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("item_id,description,origin_country\nM-1,Gallium metal 6N,CN\n")
    kit = {**ORDER, "lines": [{**ORDER["lines"][0], "description": "Chair"}]}  # type: ignore[index, dict-item]
    (tmp_path / "kit.json").write_text(json.dumps(kit))
    assert china(screen_file(tmp_path / "kit.json", WhatIf(date(2026, 12, 1)), now=NOW, items_file=items)) == "needs_information"


def test_the_json_form_names_orders_lines_and_refusals(tmp_path: Path) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_text(json.dumps(ORDER) + "\n" + '{"order_key": {"system": "s"}}\n')
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "screen", str(file), "--valid-on", "2026-12-01", "--json"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["orders"][0]["order_key"] == "s/c/1"
    assert {"line_id", "answers", "findings", "questions"} <= set(result["orders"][0]["lines"][0])
    assert result["orders"][0]["lines"][0]["questions"][0]["held_by"] == "buyer"
    assert "company" in json.dumps(result["rejected"])


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"missing\.json cannot be read"):
        screen_file(tmp_path / "missing.json", WhatIf(), now=NOW)
    items = tmp_path / "items.csv"
    items.write_text("item_id,origin_country\nM-1,Chinaland\n")
    with pytest.raises(FileError, match=r"items\.csv.*origin_country"):
        screened_order(tmp_path, date(2026, 12, 1), items_file=items)


def test_a_scenario_says_what_differs_and_what_it_is_worth(tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("item_id,description,origin_country\nM-1,Holmium oxide 99.9 %,CN\nM-2,Holmium oxide 99.9 %,CN\n")
    lines = [
        {"line_id": "10", "item": {"buyer_id": "M-1"}, "quantity": {"value": "5", "unit": "KGM"}, "net_amount": "400"},
        {"line_id": "20", "item": {"buyer_id": "M-2"}, "quantity": {"value": "5", "unit": "KGM"}},
        {"line_id": "30", "description": "Office chair", "quantity": {"value": "1", "unit": "C62"}, "net_amount": "90"},
    ]
    order = tmp_path / "order.json"
    order.write_text(json.dumps({**ORDER, "currency": "EUR", "lines": lines}))
    supposed = WhatIf(date(2026, 12, 1), scenario=Scenario(in_force=frozenset({"No.57 of 2025"})))
    shown = screen_file(order, supposed, now=NOW, items_file=items).as_json()["difference"]
    assert {name: worth["lines"] for name, worth in shown["today"]["CN"].items()} == {"certain": 0, "unknown": 2, "certainly_not": 1}
    certain = shown["supposed"]["CN"]["certain"]
    assert certain == {"lines": 2, "lines_without_value": 1, "value": {"EUR": "400"}}
    (change,) = shown["changes"]
    assert (change["before"], change["after"], change["becomes"], change["lines"], change["orders"]) == (
        "suspended",
        "licence_required",
        "certain",
        2,
        1,
    )
    assert change["instrument"] == "cn-mofcom-gacc-57-2025"


def test_an_instrument_that_the_law_does_not_hold_is_an_error(tmp_path: Path) -> None:
    order = tmp_path / "order.json"
    order.write_text(json.dumps(ORDER))
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "screen", str(order), "--in-force", "No.999 of 2031"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "No.999 of 2031" in done.stderr


def test_every_item_of_an_item_master_is_judged_as_if_ordered(tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text(
        "item_id,description,origin_country\nM-1,Dysprosium oxide 99.5 %,CN\nM-2,Dysprosium oxide 99.5 %,EE\nM-3,Office chair,CN\n"
    )
    answers = {
        result.order_key.order_id: result.lines[0].answers["CN"].answer.value
        for result in screen_file(items, WhatIf(date(2026, 12, 1)), now=NOW, kind="items", ship_to="DE").orders
    }
    assert answers["M-1"] == "licence_required"
    assert answers["M-3"] == "not_controlled"
    assert answers["M-2"] != "licence_required"


def test_a_screening_is_made_again_from_what_was_announced(tmp_path: Path) -> None:
    basis = Basis(load_law(), load_parties())
    event = order_event(1)
    first = screened(event, basis, Settings().code_version).encode()
    assert recompute_screening(event.encode(), basis.contents()) == first
