"""One way to write JSON and one way to derive an id, so that the same input gives the same bytes everywhere."""

import hashlib
from decimal import Decimal
from typing import Any

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


def _encode(value: Any) -> str:
    if isinstance(value, Decimal):
        return decimal_text(value)
    raise TypeError(f"{type(value).__name__} has no canonical JSON form")


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no white space; decimals become plain strings. Takes dicts, lists, dataclasses and scalars."""
    return orjson.dumps(value, default=_encode, option=_OPTIONS)


def decimal_text(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros after the point: 1E+3 is "1000", 0.50 is "0.5"."""
    text = str(value)
    if "E" in text:
        text = format(value, "f")  # right in every case, and twice as slow
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def derive_id(*parts: str) -> str:
    """32 hex digits that depend on every part and on where each one ends; ids are derived from inputs, never drawn."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()[:32]
