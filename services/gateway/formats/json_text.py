"""JSON as senders send it: decimals kept exactly, NaN refused, and errors that say where.

The standard library's decoder and not a faster one, because it hands number texts over before they become binary fractions, and reads one
element of an array at a time.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from services.gateway.domain.received import Unreadable


class _Constant(ValueError):
    """NaN, Infinity or -Infinity stands where a value belongs. The decoder does not say where."""


_STRING_OR_CONSTANT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(?P<constant>NaN|-?Infinity)')


def _no_constant(name: str) -> NoReturn:
    raise _Constant(f"{name} is not a number in JSON")


def _place_of_constant(text: str) -> str:
    """Where the first one stands that is not inside a string."""
    at = next(found.start() for found in _STRING_OR_CONSTANT.finditer(text) if found["constant"])
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text[:40]} is beyond any number that an order can carry") from None


MOST_VALUES = 1_000_000
"""Commas in one JSON text. An empty object takes three bytes here and sixty in memory."""

_DECODER = json.JSONDecoder(parse_float=_decimal, parse_constant=_no_constant)


def decoded(data: bytes, place: str = "") -> str:
    """The text of a JSON body: UTF-8, or what its first bytes say. Raises Unreadable."""
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            "NOT_UTF_8", f"{_at(place)}The text is not {encoding.upper()} at byte {error.start}; send JSON in UTF-8.", place
        ) from None


def parse(text: str, place: str = "") -> Any:
    """One JSON value. Raises Unreadable."""
    _refuse_too_many(text, MOST_VALUES, place)
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(error, text, place) from None


def elements(text: str) -> Iterator[tuple[Any, str]]:
    """The elements of a JSON array with their own texts, one at a time. Raises Unreadable when it gets to what cannot be read."""
    _refuse_too_many(text, 2 * MOST_VALUES, "")
    at = _past_space(text, 0)
    if not text.startswith("[", at):
        raise Unreadable("NOT_AN_ARRAY", "The body has to be a JSON array of events: [{…}, {…}].", "/")
    at = _past_space(text, at + 1)
    number = 0
    while not text.startswith("]", at):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise _unreadable(error, text, f"/{number}") from None
        yield value, text[at:end]
        number += 1
        at = _past_space(text, end)
        if text.startswith(",", at):
            at = _past_space(text, at + 1)
        elif not text.startswith("]", at):
            raise _unreadable(json.JSONDecodeError("Expecting ',' delimiter", text, at), text, f"/{number}")
    rest = _past_space(text, at + 1)
    if rest < len(text):
        raise _unreadable(json.JSONDecodeError("Extra data", text, rest), text, "/")


def _refuse_too_many(text: str, most: int, place: str) -> None:
    if len(text) > most and text.count(",") > most:
        raise Unreadable("TOO_MANY_VALUES", f"{_at(place)}The JSON has more than {most} values; send it in parts.", place)


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _unreadable(error: Exception, text: str, place: str) -> Unreadable:
    if isinstance(error, RecursionError):
        return Unreadable("TOO_DEEP", f"{_at(place)}The JSON is nested far deeper than any order; send it as the schema describes.", place)
    if not isinstance(error, json.JSONDecodeError):
        if "integer string conversion" in str(error):
            return Unreadable("NUMBER_OUT_OF_RANGE", f"{_at(place)}A number has more digits than any order can carry.", place)
        if isinstance(error, _Constant):
            where = _place_of_constant(text)
            return Unreadable("NOT_A_NUMBER", f"{_at(place)}{error} ({where}); leave a field out where its value is unknown.", place)
        return Unreadable("NOT_A_NUMBER", f"{_at(place)}{error}.", place)
    where = f"line {error.lineno}, column {error.colno}"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return Unreadable("TRUNCATED", f"{_at(place)}The JSON ends before it is complete ({where}); it was probably cut off.", place)
    return Unreadable("NOT_JSON", f"{_at(place)}This is not JSON: {error.msg} at {where}.", place)


def _at(place: str) -> str:
    return f"{place}: " if place else ""
