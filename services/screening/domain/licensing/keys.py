"""Keys under which a result says what its cover depends on, and a change of licences whom it reaches."""

from collections.abc import Iterator
from functools import lru_cache

from shared.contracts.canonical import sha256_hex
from shared.contracts.licence import Licence

_LONGEST = 200
"""What an announcement carries per key."""


def order_key(order: str) -> str:
    return _fitting("order", order)


def licence_key(licence_id: str) -> str:
    return _fitting("licence", licence_id)


def item_key(number: str) -> str:
    return _fitting("item", number)


@lru_cache(maxsize=1024)
def code_keys(code: str) -> tuple[str, ...]:
    """Of a code that a line falls under: itself and the codes above it, by which a licence may name it."""
    parts = code.split(".")
    return tuple(_fitting("code", ".".join(parts[:length])) for length in range(len(parts), 0, -1))


def reached_by(licence: Licence) -> Iterator[str]:
    """Orders that the licence covered before, and those whose goods it names now."""
    yield licence_key(licence.licence_id)
    yield from map(item_key, licence.item_ids)
    for undertaking in licence.undertakings:
        yield from map(item_key, undertaking.item_ids)
    yield from (f"element:{element}" for element in licence.elements)
    for code in licence.control_codes:
        head, dot, rest = code.strip().partition(".")
        yield _fitting("code", f"{head.upper()}{dot}{rest.lower()}")


def _fitting(kind: str, text: str) -> str:
    key = f"{kind}:{text}"
    return key if len(key) <= _LONGEST else f"{kind}:sha256-{sha256_hex(text.encode())}"
