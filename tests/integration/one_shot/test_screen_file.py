"""`orestream screen`: files in, findings out, nothing stored."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.one_shot import FileError, Screened, recompute_screening, screen_file
from services.screening.domain.basis import Basis
from services.screening.domain.result import screened
from services.screening.regulation_files import load_law, load_parties
from services.screening.settings import Settings
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
    return screen_file(order, now=NOW, valid_on=valid_on, **files)


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
    assert china(screen_file(tmp_path / "kit.json", now=NOW, valid_on=date(2026, 12, 1), items_file=items)) == "needs_information"


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
        screen_file(tmp_path / "missing.json", now=NOW, valid_on=None)
    items = tmp_path / "items.csv"
    items.write_text("item_id,origin_country\nM-1,Chinaland\n")
    with pytest.raises(FileError, match=r"items\.csv.*origin_country"):
        screened_order(tmp_path, date(2026, 12, 1), items_file=items)


def test_a_screening_is_made_again_from_what_was_announced(tmp_path: Path) -> None:
    basis = Basis(load_law(), load_parties())
    event = order_event(1)
    first = screened(event, basis, Settings().code_version).encode()
    assert recompute_screening(event.encode(), basis.contents()) == first
