"""The canonical JSON of an order, and the one door through which every format's orders go.

An adapter brings an order as plain JSON in the canonical shape, with texts as they stood in its file. Here it is held against the contract:
a mistake that leaves the order usable costs the field it is in (and holds the line it is in), any other refuses the order. Either way an
issue names the place and what to do.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.gateway.domain.received import Kind, Limits, Received, Rejection, Unreadable
from services.gateway.formats import countries, currencies, json_text
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.order import Issue, OrderDocument, OrderKey, RawDocument

MEDIA_TYPE = "application/json"
ADAPTER = "canonical/1"

Location = tuple[int | str, ...]

PARTIES = ("buyer", "supplier", "exporter", "ship_to", "ship_from", "end_user", "forwarder")

DISPENSABLE = frozenset({"doc_type", "issued_on", "currency", "incoterm", "project", "references", "texts"})
"""Header fields that an order can lose to a mistake. Losing any other could turn a doubt into a pass, so it refuses the order."""

HARMLESS_IN_A_LINE = frozenset(
    {"requested_delivery", "expected_departure_on", "departed_on", "issued_on", "valid_until", "currency", "country", "origin_country"}
    | {"inputs_origin_country", "parent_line_id", "project", "lot", "lang", "description_lang"}
    | {"pricing", "budget_price", "standard_price"}
)
"""Line fields whose loss leaves an unknown that services know how to treat; a mistake in any other holds the line."""

_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LOST = "\ufffd"
_DOCUMENT = TypeAdapter(OrderDocument)
_KEY = TypeAdapter(OrderKey)


def pointer(location: Location) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


@dataclass(slots=True, frozen=True)
class Source:
    """Where one order came from, for the receipt, the dead letter and the issues."""

    original: bytes
    media_type: str
    adapter: str
    position: int = 0
    place: str = ""
    charset: str = "utf-8"
    transport_id: str | None = None
    kind: Kind = "order"
    request_id: str | None = None
    locate: Callable[[Location], str] = pointer
    issues: tuple[Issue, ...] = ()
    held: tuple[tuple[int, Issue], ...] = ()
    """Lines, by position, that the adapter found to be unreliable, and why."""
    plain: bool = False
    """The text is ASCII without escapes, so no character can hide in it."""

    def carried_by(self, adapter: str, locate: Callable[[Location], str]) -> "Source":
        return replace(self, adapter=adapter, locate=locate)


def read_one(data: bytes, limits: Limits, transport_id: str | None = None) -> Received | Rejection:
    """A body that is one order. Raises Unreadable."""
    if len(data) > limits.order_bytes:
        raise Unreadable("ORDER_TOO_LARGE", _too_large(len(data), limits))
    text = json_text.decoded(data)
    value = json_text.parse(text)
    return read_order(value, json_source(data, text, position=0, place="", transport_id=transport_id), limits)


def read_line(data: bytes, number: int, limits: Limits) -> Received | Rejection:
    """One line of newline-delimited JSON; what cannot be read refuses this line only."""
    place = f"line {number}"
    try:
        text = json_text.decoded(data, place)
        value = json_text.parse(text, place)
    except Unreadable as error:
        return Rejection(place, (error.issue,), data, MEDIA_TYPE, position=number, unreadable=True)
    return read_order(value, json_source(data, text, position=number, place=place), limits)


def json_source(data: bytes, text: str, *, position: int, place: str, transport_id: str | None = None) -> Source:
    return Source(
        original=data,
        media_type=MEDIA_TYPE,
        adapter=ADAPTER,
        position=position,
        place=place,
        transport_id=transport_id,
        plain=text.isascii() and "\\u" not in text and text.count("{") + text.count("[") < Limits().depth,
    )


def read_order(value: Any, source: Source, limits: Limits) -> Received | Rejection:
    """An order in the canonical shape, `value` being fresh from a decoder: it is changed in place."""
    if not isinstance(value, dict):
        return _rejected(source, None, [_not_an_object(value, source)])
    trouble = _out_of_bounds(value, source, limits)
    if trouble is not None:
        return _rejected(source, value, [trouble])
    found = _Findings()
    for position, issue in source.held:
        found.hold(position, issue)
    if not source.plain:
        _look_for_hidden_characters(value, source, found)
        if found.refusals:
            return _rejected(source, value, found.refusals)
    _tidy_codes(value, source, found)
    _bound_lines(value, source, limits, found)
    document = _validated(value, source, found)
    if document is None:
        return _rejected(source, value, found.refusals)
    if not document.lines and document.status not in ("cancelled", "closed"):
        return _rejected(source, value, [_no_lines(source)])
    if document.lines and len(found.unscreenable) == len(document.lines):
        return _rejected(source, value, [issue for issue in found.issues if issue.severity == "error"])
    return Received(
        order_key=str(document.order_key),
        document=document,
        raw=RawDocument.model_construct(
            sha256=sha256_hex(source.original),
            media_type=source.media_type,
            charset=source.charset,
            transport_id=source.transport_id,
            position=source.position,
            adapter=source.adapter,
        ),
        original=source.original,
        place=source.place,
        kind=source.kind,
        request_id=source.request_id,
        unscreenable=found.unscreenable,
        issues=(*source.issues, *found.issues),
    )


@dataclass(slots=True)
class _Findings:
    """What reading one order turned up. `unscreenable` tells by line position why the line is held."""

    issues: list[Issue] = field(default_factory=list)
    refusals: list[Issue] = field(default_factory=list)
    unscreenable: dict[int, str] = field(default_factory=dict)

    def hold(self, position: int, issue: Issue) -> None:
        self.issues.append(issue)
        self.unscreenable.setdefault(position, issue.message)


def _rejected(source: Source, value: Any, issues: list[Issue]) -> Rejection:
    return Rejection(source.place, tuple(issues), source.original, source.media_type, source.position, _key_of(value))


def _key_of(value: Any) -> OrderKey | None:
    try:
        return _KEY.validate_python(value["order_key"])
    except (ValidationError, KeyError, TypeError):
        return None


def _not_an_object(value: Any, source: Source) -> Issue:
    if isinstance(value, list):
        told = "a list; send many orders one per line as application/x-ndjson"
    else:
        told = f"{_shown(value)}; send an object with order_key and lines"
    return Issue(
        code="NOT_AN_ORDER", path=source.locate(()), severity="error", message=f"{_lead(source)}An order is an object, this is {told}."
    )


def _no_lines(source: Source) -> Issue:
    return Issue(
        code="NO_LINES",
        path=source.locate(("lines",)),
        severity="error",
        message=f"{_lead(source)}The order has no lines; only a cancelled or closed one may have none.",
    )


def _out_of_bounds(value: dict[str, Any], source: Source, limits: Limits) -> Issue | None:
    if len(source.original) > limits.order_bytes:
        return Issue(
            code="ORDER_TOO_LARGE",
            path=source.locate(()),
            severity="error",
            message=_lead(source) + _too_large(len(source.original), limits),
        )
    lines = value.get("lines")
    if isinstance(lines, list) and len(lines) > limits.lines_per_order:
        return Issue(
            code="TOO_MANY_LINES",
            path=source.locate(("lines",)),
            severity="error",
            message=f"{_lead(source)}The order has {len(lines)} lines, {limits.lines_per_order} are the most; split it.",
        )
    if not source.plain and _deeper_than(value, limits.depth):
        return Issue(
            code="TOO_DEEP",
            path=source.locate(()),
            severity="error",
            message=f"{_lead(source)}The order is nested deeper than {limits.depth} levels; send it as the schema describes.",
        )
    return None


def _too_large(size: int, limits: Limits) -> str:
    return f"The order measures {size} bytes, {limits.order_bytes} are the most; split it."


def _deeper_than(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _look_for_hidden_characters(value: Any, source: Source, found: _Findings) -> None:
    for location, text in texts(value, ()):
        if "\x00" in text:
            found.refusals.append(
                Issue(
                    code="NUL_CHARACTER",
                    path=source.locate(location),
                    severity="error",
                    message=f"{_name(location, source)} contains the character U+0000, which no text may carry; remove it.",
                )
            )
        hidden = hidden_characters(text)
        if hidden:
            found.issues.append(
                Issue(
                    code="HIDDEN_CHARACTERS",
                    path=source.locate(location),
                    severity="warning",
                    message=f"{_name(location, source)} contains characters that cannot be seen ({', '.join(hidden[:8])}); "
                    "it was kept as sent. Check that it reads as it should.",
                )
            )
        if _LOST in text:
            found.issues.append(
                Issue(
                    code="CHARACTERS_LOST",
                    path=source.locate(location),
                    severity="warning",
                    message=f"{_name(location, source)} contains U+FFFD where characters were lost before it got here; a "
                    "damaged name cannot be found in a list. Send the original text in UTF-8.",
                )
            )


def hidden_characters(text: str) -> list[str]:
    """Characters that cannot be seen or that turn the writing around, such as U+200B and U+202E, each once."""
    return sorted({f"U+{ord(character):04X}" for character in _HIDDEN.findall(text)})


def texts(value: Any, location: Location) -> Iterator[tuple[Location, str]]:
    """The texts in a JSON value that hold more than printable ASCII, and where each stands."""
    if isinstance(value, str):
        if not value.isascii() or not value.isprintable():
            yield location, value
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from texts(child, (*location, name))
    elif isinstance(value, list):
        for position, child in enumerate(value):
            yield from texts(child, (*location, position))


def _tidy_codes(value: dict[str, Any], source: Source, found: _Findings) -> None:
    """Country and currency codes become ISO codes where what the sender meant is certain, and unknown where it is not."""
    for name in PARTIES:
        _tidy_country(value.get(name), "country", (name,), source, found)
    for position, bank in enumerate(_list(value, "banks")):
        _tidy_country(bank, "country", ("banks", position), source, found)
    _tidy_currency(value, ("currency",), source, found)
    for position, line in enumerate(_list(value, "lines")):
        if not isinstance(line, dict):
            continue
        at: Location = ("lines", position)
        for name in ("origin_country", "inputs_origin_country"):
            _tidy_country(line, name, at, source, found)
        _tidy_country(line.get("manufacturer"), "country", (*at, "manufacturer"), source, found)
        for index, constituent in enumerate(_list(line, "composition")):
            _tidy_country(constituent, "origin_country", (*at, "composition", index), source, found)
        for name in ("price", "budget_price", "standard_price"):
            if isinstance(line.get(name), dict):
                _tidy_currency(line[name], (*at, name, "currency"), source, found)
        _tidy_components(line, at, source, found)


def _tidy_components(whole: dict[str, Any], location: Location, source: Source, found: _Findings) -> None:
    for position, component in enumerate(_list(whole, "components")):
        if not isinstance(component, dict):
            continue
        at: Location = (*location, "components", position)
        for name in ("origin_country", "inputs_origin_country"):
            _tidy_country(component, name, at, source, found)
        for index, constituent in enumerate(_list(component, "composition")):
            _tidy_country(constituent, "origin_country", (*at, "composition", index), source, found)
        _tidy_currency(component, (*at, "currency"), source, found)
        _tidy_components(component, at, source, found)


def _list(holder: dict[str, Any], name: str) -> list[Any]:
    children = holder.get(name)
    return children if isinstance(children, list) else []


def _tidy_country(holder: Any, name: str, location: Location, source: Source, found: _Findings) -> None:
    written = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(written, str) or written in countries.ALPHA_2:
        return
    code = countries.alpha_2(written) if written.strip() else None
    holder[name] = code
    if name == "country":
        holder.setdefault("country_raw", written[:200] or None)
    if code is None and written.strip():
        found.issues.append(
            Issue(
                code="COUNTRY_UNKNOWN",
                path=source.locate((*location, name)),
                severity="warning",
                message=f"{_name((*location, name), source)} is {_shown(written)}, no country known here, so it stays "
                "unknown; send an ISO 3166 code such as CN.",
            )
        )


def _tidy_currency(holder: dict[str, Any], location: Location, source: Source, found: _Findings) -> None:
    written = holder.get("currency")
    if not isinstance(written, str) or written in currencies.CODES:
        return
    holder["currency"] = currencies.alphabetic(written) if written.strip() else None
    if holder["currency"] is None and written.strip():
        found.issues.append(
            Issue(
                code="CURRENCY_UNKNOWN",
                path=source.locate(location),
                severity="warning",
                message=f"{_name(location, source)} is {_shown(written)}, which is no currency known here, so it stays "
                "unknown; send an ISO 4217 code such as EUR.",
            )
        )


def _bound_lines(value: dict[str, Any], source: Source, limits: Limits, found: _Findings) -> None:
    """A line that measures more than the limit keeps its id and is held."""
    if len(source.original) <= limits.line_bytes:
        return
    for position, line in enumerate(_list(value, "lines")):
        size = _size(line)
        if size > limits.line_bytes:
            value["lines"][position] = (
                {"line_id": line["line_id"]} if isinstance(line, dict) and isinstance(line.get("line_id"), str) else {}
            )
            found.hold(
                position,
                Issue(
                    code="LINE_TOO_LARGE",
                    path=source.locate(("lines", position)),
                    severity="error",
                    message=f"{_name(('lines', position), source)} measures {size} bytes, {limits.line_bytes} are the most; "
                    "shorten its texts and lists.",
                ),
            )


def _size(line: Any) -> int:
    try:
        return len(canonical_json(line))
    except (TypeError, ValueError):
        return 0  # half characters and the like, which the contract is about to refuse


_GONE = object()


def _validated(value: dict[str, Any], source: Source, found: _Findings) -> OrderDocument | None:
    """The order, or None with the refusals noted. Each round takes out what the contract refused and tries again."""
    for attempt in range(2 * Limits().depth):
        try:
            return _DOCUMENT.validate_python(value)
        except ValidationError as error:
            for mistake in error.errors(include_url=False):
                if attempt and mistake["type"] == "missing":
                    _take_out(value, mistake["loc"][:-1])  # what it was part of cannot do without what an attempt before took out
                else:
                    _treat(value, mistake, source, found)
        if found.refusals:
            return None
        _sweep(value)
    raise AssertionError("an order that loses a field in every round has run out of fields")


def _treat(value: dict[str, Any], mistake: Any, source: Source, found: _Findings) -> None:
    location: Location = mistake["loc"]
    missing = mistake["type"] == "missing"
    empty = not missing and mistake["input"] in (None, "")
    if empty and location[0] not in ("order_key", "status") and _take_out(value, location):
        return  # an empty value is how many systems write "unknown"
    issue = _issue(mistake, location, source)
    if location[:1] == ("lines",) and len(location) >= 2 and isinstance(location[1], int):
        if len(location) == 2:
            value["lines"][location[1]] = {}
        elif location[2] == "pricing":
            _take_out(value, location[:3])  # terms without one of their parts would be other terms
        else:
            _take_out(value, location[:-1] if missing else location)
        if HARMLESS_IN_A_LINE.intersection(map(str, location[2:])):
            found.issues.append(issue.model_copy(update={"severity": "warning"}))
        else:
            found.hold(location[1], issue)
    elif location[:1] and location[0] in DISPENSABLE:
        _take_out(value, location[:-1] if missing else location)
        found.issues.append(issue.model_copy(update={"severity": "warning"}))
    elif location == ("revision", "source_changed_at"):
        _take_out(value, location)
        found.issues.append(issue.model_copy(update={"severity": "warning"}))
    else:
        found.refusals.append(issue)


def _take_out(value: Any, location: Location) -> bool:
    """Removes what lies at the location; False where there is nothing. List elements are marked and swept afterwards."""
    holder = value
    for part in location[:-1]:
        try:
            holder = holder[part]
        except (KeyError, IndexError, TypeError):
            return False
    last = location[-1]
    if isinstance(holder, list) and isinstance(last, int) and last < len(holder):
        holder[last] = _GONE
        return True
    return isinstance(holder, dict) and holder.pop(last, _GONE) is not _GONE


def _sweep(value: Any) -> None:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        _sweep(child)
    if isinstance(value, list):
        value[:] = [child for child in value if child is not _GONE]


_SENTENCES = {
    "decimal_parsing": 'is not a number; write a decimal string such as "12.5", or leave the field out where it is unknown',
    "decimal_type": 'is not a number; write a decimal string such as "12.5", or leave the field out where it is unknown',
    "finite_number": "is not a finite number; leave the field out where it is unknown",
    "decimal_max_digits": "has more than 30 digits",
    "decimal_max_places": "has more than 15 digits after the point",
    "decimal_whole_digits": "has more than 15 digits before the point",
    "string_type": "is not a text; put it in quotes, so that leading zeros are kept",
    "string_unicode": "contains half a character (a lone surrogate); send the text in UTF-8",
    "string_too_short": "is empty; leave the field out where it is unknown",
    "date_from_datetime_parsing": "is not a day; write YYYY-MM-DD",
    "date_from_datetime_inexact": "is a time, not a day; write YYYY-MM-DD",
    "date_parsing": "is not a day; write YYYY-MM-DD",
    "date_type": "is not a day; write YYYY-MM-DD",
    "timezone_aware": "has no time zone; write a moment such as 2026-11-18T09:30:00Z",
    "datetime_from_date_parsing": "is not a moment; write one such as 2026-11-18T09:30:00Z",
    "datetime_parsing": "is not a moment; write one such as 2026-11-18T09:30:00Z",
    "model_type": "is not an object",
    "model_attributes_type": "is not an object",
    "dict_type": "is not an object",
    "list_type": "is not a list",
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
}


def _issue(mistake: Any, location: Location, source: Source) -> Issue:
    told = sentence_of(mistake, _name(location, source))
    return Issue(code=_CODES.get(mistake["type"], "VALUE_INVALID"), path=source.locate(location), severity="error", message=told)


def sentence_of(mistake: Any, name: str | None = None) -> str:
    """What the contract refused, as a sentence. `mistake` is one of `ValidationError.errors()`; `name` defaults to its JSON pointer."""
    kind: str = mistake["type"]
    location: Location = mistake["loc"]
    name = name or pointer(location)
    if kind == "missing":
        return f"{name} is missing."
    shown = _shown(mistake["input"])
    if kind in ("greater_than_equal", "less_than_equal", "less_than") and _is_time(location):
        return f"{name} is {shown}, which no order can mean: days lie between 1970 and 2199."
    if kind == "string_too_long":
        return f"{name} has {len(mistake['input'])} characters, {mistake['ctx']['max_length']} are the most."
    if kind == "literal_error":
        return f"{name} is {shown}; it takes {mistake['ctx']['expected']}."
    if kind == "string_pattern_mismatch":
        return f"{name} is {shown}, which is not of the form {mistake['ctx']['pattern']}."
    if kind in _SENTENCES:
        return f"{name} is {shown}: it {_SENTENCES[kind]}."
    told = mistake["msg"].removeprefix("Value error, ")
    return told if not location and kind == "value_error" else f"{name} is {shown}: {told}."


_CODES = {
    "missing": "FIELD_MISSING",
    "decimal_parsing": "NOT_A_NUMBER",
    "decimal_type": "NOT_A_NUMBER",
    "finite_number": "NOT_A_NUMBER",
    "decimal_max_digits": "NUMBER_OUT_OF_RANGE",
    "decimal_max_places": "NUMBER_OUT_OF_RANGE",
    "decimal_whole_digits": "NUMBER_OUT_OF_RANGE",
    "string_type": "NOT_A_TEXT",
    "greater_than_equal": "OUT_OF_RANGE",
    "less_than_equal": "OUT_OF_RANGE",
    "less_than": "OUT_OF_RANGE",
    "string_too_long": "TEXT_TOO_LONG",
}


def _is_time(location: Location) -> bool:
    return str(location[-1]).endswith(("_on", "_at", "_until", "date"))


def _name(location: Location, source: Source) -> str:
    """What a sentence about a part of the order begins with."""
    located = source.locate(location) or "the order"
    return located if located.startswith(source.place) else f"{source.place}: {located}"


def _lead(source: Source) -> str:
    return f"{source.place}: " if source.place else ""


def _shown(value: Any) -> str:
    match value:
        case str():
            text = f'"{value}"'
        case dict():
            text = "an object"
        case list():
            text = "a list"
        case None:
            text = "null"
        case bool():
            text = "true" if value else "false"
        case _:
            text = f"{value}"
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= 60 else f"{text[:57]}…"
