"""One reader for every format; and every order of the sample files is accepted or refused with a reason a person can act on."""

import json
from pathlib import Path

import pytest

from services.gateway.documents import media_type_of, read_documents, split_media_type
from services.gateway.domain.enrichment import Catalogue
from services.gateway.domain.snapshot import snapshot_of
from tests.unit.gateway.formats.test_ubl import document as ubl_document
from tests.unit.gateway.orders import MOMENT, order

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "orders"
SAMPLE_FILES = sorted(
    path for folder in ("ubl_order", "ubl_order_change", "ubl_order_cancellation", "csv") for path in (SAMPLES / folder).glob("*")
)
NUMBERED_COLUMNS = {"order_key.order_id": 5, "issued_on": 6, "lines.line_id": 25, "lines.item.gtin": 26, "lines.quantity.value": 29}

JSON = json.dumps(order()).encode()
EVENT = json.dumps({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": order()}).encode()


@pytest.mark.parametrize(
    ("filename", "data", "media_type"),
    [
        ("order.json", JSON, "application/json"),
        ("event.json", EVENT, "application/cloudevents+json"),
        ("events.json", b"[" + EVENT + b"]", "application/cloudevents-batch+json"),
        ("orders.ndjson", JSON, "application/x-ndjson"),
        ("orders.JSONL", JSON, "application/x-ndjson"),
        ("order.xml", ubl_document(), "application/xml"),
        ("orders.csv", b"po,material\n", "text/csv"),
        ("no_suffix", ubl_document(), "application/xml"),
        ("no_suffix", b"\xef\xbb\xbf  {", "application/json"),
        ("no_suffix", b"po;material", "text/csv"),
    ],
)
def test_a_file_tells_its_format(filename: str, data: bytes, media_type: str) -> None:
    assert media_type_of(filename, data) == media_type


def test_every_format_gives_orders_with_their_places() -> None:
    for filename, data in (
        ("a.json", JSON),
        ("a.ndjson", JSON),
        ("a.json", EVENT),
        ("a.xml", ubl_document()),
        ("a.csv", b"po,material,qty\n1,M,2\n"),
    ):
        orders, refused = read_documents(data, filename=filename)
        assert (len(orders), refused) == (1, []), filename
        assert snapshot_of(orders[0], Catalogue(), MOMENT).lines


def test_what_cannot_be_read_becomes_a_refusal() -> None:
    orders, refused = read_documents(JSON[:-5], media_type="application/json; charset=utf-8")
    assert orders == []
    assert [(each.code, each.unreadable, each.original) for each in refused] == [("TRUNCATED", True, JSON[:-5])]
    assert [each.code for each in read_documents(b"x", media_type="text/plain")[1]] == ["MEDIA_TYPE_UNKNOWN"]
    assert [each.code for each in read_documents(b"po,material\n1,M\n", filename="a.csv", mapping="{")[1]] == ["MAPPING_INVALID"]


def test_media_types_are_split_from_their_parameters() -> None:
    assert split_media_type('Text/CSV; header=present; Charset="utf-16"') == ("text/csv", "utf-16")
    assert split_media_type("") == ("", None)


@pytest.mark.parametrize("path", SAMPLE_FILES or [None], ids=lambda path: path.name if path else "absent")
def test_every_order_of_a_sample_file_is_accepted_or_refused_with_a_reason(path: Path | None) -> None:
    if path is None:
        pytest.skip(f"the sample orders are not at {SAMPLES}")
    orders, refused = read_documents(path.read_bytes(), filename=path.name)
    assert orders or refused
    for each in refused:
        assert len(each.message) > 40
        assert each.message.endswith(".")
    for each in orders:
        snapshot = snapshot_of(each, Catalogue(), MOMENT)
        assert snapshot.lines or each.kind == "cancellation_request"
        assert all(line.unscreenable is None or line.unscreenable.endswith(".") for line in snapshot.lines)


@pytest.mark.parametrize(
    "path", [path for path in SAMPLE_FILES if path.suffix == ".csv"] or [None], ids=lambda path: path.name if path else "absent"
)
def test_a_sample_without_header_is_read_once_its_columns_are_numbered(path: Path | None) -> None:
    if path is None:
        pytest.skip(f"the sample orders are not at {SAMPLES}")
    orders, refused = read_documents(path.read_bytes(), filename=path.name)
    if not orders:
        assert [each.code for each in refused] == ["NO_HEADER"]
        orders, refused = read_documents(path.read_bytes(), filename=path.name, mapping=json.dumps({"columns": NUMBERED_COLUMNS}))
    assert orders
    assert not refused
