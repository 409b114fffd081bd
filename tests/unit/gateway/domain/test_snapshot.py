"""The snapshot that goes out: a valid contract, the same bytes for the same input, hashes that follow content alone."""

import json
import os
import random
import subprocess
import sys
from typing import Any

import pytest

from services.gateway.domain.enrichment import Catalogue, catalogue_of
from services.gateway.domain.received import Received
from services.gateway.domain.snapshot import MOST_ISSUES, content_hash, document_json, snapshot_json, snapshot_of
from shared.contracts.master_data import Item, Supplier
from shared.contracts.order import OrderSnapshot
from tests.unit.gateway.orders import MOMENT, line, received

FULL: dict[str, Any] = {
    "revision": {"source_value": "B", "source_seq": 7, "source_changed_at": "2026-11-20T10:00:00+01:00"},
    "issued_on": "2026-11-18",
    "supplier": {"id": "V1", "identifiers": {"LEI": "5493001KJTIIGC8Y1R12"}},
    "end_user": {"name": "Nordwerk", "user_class": "civil", "owner_share_percent": "51.50"},
    "references": [{"kind": "contract", "value": "C-1"}],
    "lines": [
        line("10", price={"amount": "1E+2", "currency": "EUR", "order_to_price_unit": {"numerator": "2", "denominator": "1"}}),
        line(None, description="Comment", item={}, quantity=None),
        line("10", net_amount="5.10", requested_delivery=[{"date": "2027-01-15", "quantity": "20.0"}]),
    ],
}
MASTER = catalogue_of(
    [Item.model_validate({"item_id": "MAG-1", "origin_country": "CN", "composition": [{"substance": "Dy", "share": "1 wt%"}]})],
    [Supplier.model_validate({"supplier_id": "V1", "name": "Ningbo Donghai", "country": "CN"})],
)


def as_json(read: Received, catalogue: Catalogue = MASTER) -> dict[str, Any]:
    document = document_json(read.document)
    return snapshot_json(read, document, catalogue, MOMENT, content_sha256=content_hash(document))


def test_the_snapshot_is_the_contract_it_says_it_is() -> None:
    """Absent and null are the same to a reader; everything else survives the way through the contract."""
    snapshot = as_json(received(**FULL))
    model = OrderSnapshot.model_validate_json(json.dumps(snapshot))
    assert model == snapshot_of(received(**FULL), MASTER, MOMENT)
    assert model.revision.source_changed_at is not None
    assert model.end_user is not None
    assert str(model.end_user.owner_share_percent) == "51.5"
    assert [str(each.value) for each in model.lines] == ["1000", "None", "5.1"]
    assert model.currency == "EUR"
    assert model.provenance == {"supplier.name": "supplier_master", "supplier.country": "supplier_master", "currency": "inferred"}
    assert [(each.line_id, each.line_id_synthetic) for each in model.lines] == [("10", False), ("position-2", True), ("position-3", True)]
    assert model.lines[1].unscreenable is not None
    assert model.lines[0].origin_country == "CN"
    assert model.lines[0].composition[0].substance == "Dy"


def test_the_same_order_gives_the_same_bytes_in_every_process() -> None:
    program = (
        "import json, sys; from tests.unit.gateway.orders import received; "
        "from tests.unit.gateway.domain.test_snapshot import FULL, as_json; sys.stdout.write(json.dumps(as_json(received(**FULL))))"
    )
    written = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert written == {json.dumps(as_json(received(**FULL)))}


def hash_of(**fields: Any) -> str:
    return content_hash(document_json(received(**fields).document))


def test_neither_revision_nor_spelling_of_numbers_nor_order_of_lines_is_content() -> None:
    lines = [line(str(number), quantity={"value": "1.50", "unit": "KGM"}) for number in range(5)]
    shuffled = [{**each, "quantity": {"value": "1.5", "unit": "KGM"}} for each in lines]
    random.Random(1).shuffle(shuffled)
    assert hash_of(lines=lines) == hash_of(lines=shuffled, revision={"source_seq": 4}, status="open")


@pytest.mark.parametrize(
    "change", [{"status": "held"}, {"lines": [line("11")]}, {"supplier": {"id": "V2"}}, {"lines": [line(), line("20")]}]
)
def test_everything_else_is_content(change: dict[str, Any]) -> None:
    assert hash_of(**change) != hash_of()


def test_lines_without_ids_keep_their_order() -> None:
    first, second = line(None, description="a"), line(None, description="b")
    assert hash_of(lines=[first, second]) != hash_of(lines=[second, first])


def test_an_ended_order_has_no_open_lines() -> None:
    snapshot = snapshot_of(received(status="cancelled", lines=[line("1"), line("2", line_status="closed")]), Catalogue(), MOMENT)
    assert [each.line_status for each in snapshot.lines] == ["cancelled", "closed"]


def test_issues_are_bounded_and_say_how_many_were_left_out() -> None:
    snapshot = snapshot_of(received(lines=[line(str(n), quantity={"value": "1", "unit": "XYZ"}) for n in range(500)]), Catalogue(), MOMENT)
    assert len(snapshot.issues) == MOST_ISSUES
    assert snapshot.issues[-1].message.startswith("301 ")
