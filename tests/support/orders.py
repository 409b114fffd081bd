"""Order events as the gateway emits them, for tests and benches that start behind it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared.contracts.canonical import derive_id, sha256_hex
from shared.contracts.order import (
    EndUser,
    ItemReference,
    OrderEvent,
    OrderKey,
    OrderSnapshot,
    Party,
    Price,
    Quantity,
    RawDocument,
    Revision,
    SnapshotLine,
)

MOMENT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

GOODS = (
    ("Dysprosium oxide 99.5 %, bags of 25 kg", "KGM", "CN", "CN"),
    ("Sintered NdFeB magnet N42SH 20x10x5 mm NiCuNi", "C62", "CN", "CN"),
    ("Germanium dioxide 99.999 %", "KGM", "CN", "CN"),
    ("Neodymium oxide 99.9 %", "KGM", "CN", "CN"),
    ("Hexagon socket screw M6x20 A2", "C62", "DE", "DE"),
    ("Tungsten carbide powder 0.8 um", "KGM", "CN", "CN"),
    ("Permanent magnet synchronous motor 7.5 kW", "C62", "DE", "DE"),
    ("Office chair, black", "C62", "DE", "DE"),
)


def order_event(number: int, *, revision: int = 1, round_: int = 1, lines: int = 3, moment: datetime | None = None) -> OrderEvent:
    """The event of order `number`; equal arguments give equal bytes. Lines draw on GOODS in turn, with a part number of their own."""
    key = OrderKey(system="bench", company="1000", order_id=f"45{number:08}")
    snapshot_lines = []
    for position in range(lines):
        description, unit, origin, _ = GOODS[(number + position) % len(GOODS)]
        snapshot_lines.append(
            SnapshotLine(
                line_id=str(10 * (position + 1)),
                item=ItemReference(buyer_id=f"{number % 500:05}-{position}"),
                description=description,
                quantity=Quantity(value=Decimal(10 + number % 90), unit=unit, unit_system="UNECE"),
                price=Price(amount=Decimal("12.50"), currency="EUR"),
                origin_country=origin,
                value=Decimal(125 + number % 90),
                provenance={"origin_country": "document", "description": "document"},
            )
        )
    content = sha256_hex(f"{key}/{revision}".encode())
    snapshot = OrderSnapshot(
        order_key=key,
        revision=Revision(received_seq=revision, source_seq=revision),
        round=round_,
        currency="EUR",
        supplier=Party(id="0000100101", name="Example Metals Co., Ltd.", country="CN"),
        ship_from=Party(country="CN"),
        ship_to=Party(name="Example AG", country="DE"),
        end_user=EndUser(name="Example AG", country="DE", user_class="civil"),
        lines=snapshot_lines,
        content_sha256=content,
        enrichment_sha256=sha256_hex(b""),
        raw=RawDocument(sha256=content, media_type="application/json", adapter="canonical/1"),
        received_at=(moment or MOMENT) + timedelta(milliseconds=number),
    )
    return OrderEvent(
        id=derive_id("order", str(key), str(revision), str(round_)),
        source="orestream/gateway",
        type="orestream.order.created.v1" if revision == 1 else "orestream.order.changed.v1",
        subject=str(key),
        time=snapshot.received_at,
        data=snapshot,
    )
