"""JSON as far as a party list may go: one value a line, or one document; NaN, endless lines and nesting are refused with their place."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from services.screening.list_formats.entries import ListRefused

LONGEST_LINE = 4 * 1024 * 1024
LARGEST_DOCUMENT = 192 * 1024 * 1024
MOST_VALUES = 10_000_000
"""Commas in one document: an empty object takes three bytes in it and sixty in memory."""


def json_lines(stream: BinaryIO) -> Iterator[tuple[str, Any | ValueError]]:
    """Each line that says something with its place, as its value or the error in it.

    Raises ListRefused for a last line that ends before its value does, and for lines beyond all measure.
    """
    number = 0
    broken: tuple[str, ValueError] | None = None
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise ListRefused("LINE_TOO_LONG", f"Line {number} has more than {LONGEST_LINE} bytes; send one JSON object a line.")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        if broken is not None:
            yield broken
            broken = None
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            broken = f"line {number}", ValueError(f"it is not JSON: {_reason(error)}")
            cut = not line.endswith(b"\n")
            continue
        yield f"line {number}", value
    if broken is not None:
        if cut:
            raise ListRefused("CUT_SHORT", f"The file ends in the middle of {broken[0]}; it was cut off. Download it again.")
        yield broken


def json_document(stream: BinaryIO) -> Any:
    """Raises ListRefused."""
    data = stream.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise ListRefused("TOO_LARGE", f"The document has more than {LARGEST_DOCUMENT // 2**20} MiB; load the list in parts.")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise ListRefused("EMPTY", "The file is empty; it was probably not downloaded.")
    if len(data) > MOST_VALUES and data.count(b",") > MOST_VALUES:
        raise ListRefused("TOO_MANY_VALUES", f"The document has more than {MOST_VALUES} values; this is no party list.")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        if error.pos >= len(data.decode("utf-8", "replace").rstrip()) or "unexpected end" in str(error).casefold():
            raise ListRefused("CUT_SHORT", f"The JSON ends before it is complete ({where}); it was cut off. Download it again.") from None
        raise ListRefused("NOT_JSON", f"This is not JSON: {_reason(error)} at {where}.") from None


def _reason(error: orjson.JSONDecodeError) -> str:
    return str(error).partition(": line")[0][:200]
