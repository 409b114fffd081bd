"""The orders of a chaos run: revisions among them, a share that gateways must refuse, all derived from a seed."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

DESCRIPTIONS = (
    ("Dysprosium oxide 99.5 %", "KGM", "CN"),
    ("Neodymium oxide 99.9 %", "KGM", "CN"),
    ("Sintered NdFeB magnet N42SH 20x10x5 mm", "C62", "CN"),
    ("Germanium dioxide 99.999 %", "KGM", "CN"),
    ("Office chair, black", "C62", "DE"),
)
ITEMS = 2_000
"""Numbers of items that lines draw on."""


@dataclass(frozen=True, slots=True)
class Post:
    """One document as it is sent; `order_id` is None where it must be refused."""

    order_id: str | None
    body: bytes


def histories(orders: int, seed: int) -> Iterator[list[Post]]:
    """Per order the documents to send one after the other: one to three revisions; one order in fifty is malformed."""
    draw = random.Random(seed)
    for number in range(orders):
        if number % 50 == 49:
            yield [Post(None, b'{"order_key":{"system":"chaos","company":"1","order_id":"bad-%d"},"lines":[{"quantity":' % number)]
            continue
        order_id = f"C{number:06}"
        yield [Post(order_id, _document(order_id, revision, draw)) for revision in range(1, draw.choice((1, 1, 1, 2, 3)) + 1)]


def _document(order_id: str, revision: int, draw: random.Random) -> bytes:
    lines = []
    for position in range(draw.randint(1, 3)):
        description, unit, origin = draw.choice(DESCRIPTIONS)
        lines.append(
            {
                "line_id": str(10 * (position + 1)),
                "item": {"buyer_id": f"CH-{draw.randrange(ITEMS):04}"},
                "description": description,
                "origin_country": origin,
                "quantity": {"value": str(draw.randint(1, 5000)), "unit": unit, "unit_system": "UNECE"},
                "price": {"amount": f"{draw.randint(1, 90000) / 100:.2f}"},
                "expected_departure_on": "2026-12-04",
            }
        )
    document = {
        "order_key": {"system": "chaos", "company": "1", "order_id": order_id},
        "revision": {"source_seq": revision},
        "currency": "EUR",
        "supplier": {"id": "V1", "name": "Example Metals Co., Ltd.", "country": "CN"},
        "ship_from": {"country": "CN"},
        "ship_to": {"country": "DE"},
        "end_user": {"name": "Example AG", "country": "DE", "user_class": "civil"},
        "lines": lines,
    }
    return json.dumps(document, separators=(",", ":")).encode()
