"""Orders out of bytes, for the HTTP intake and for `orestream screen FILE` alike. Nothing here needs a server."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.gateway.domain.received import Limits, Received, Rejection, Unreadable
from services.gateway.formats import canonical, cloudevents, csv_orders, json_text, ubl
from services.gateway.formats.csv_orders import ColumnMapping, mapping_of

NDJSON = "application/x-ndjson"
XML_TYPES = frozenset({"application/xml", "text/xml"})
MEDIA_TYPES = (canonical.MEDIA_TYPE, NDJSON, cloudevents.STRUCTURED, cloudevents.BATCHED, csv_orders.MEDIA_TYPE, *sorted(XML_TYPES))

_BY_SUFFIX = {
    ".json": canonical.MEDIA_TYPE,
    ".ndjson": NDJSON,
    ".jsonl": NDJSON,
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".tsv": "text/csv",
}


@dataclass(slots=True, frozen=True)
class ReadOptions:
    """What the sender says beside the body: how columns map, and the parts of an order's key that UBL and CSV do not carry."""

    limits: Limits = field(default_factory=Limits)
    mapping: ColumnMapping | None = None
    system: str | None = None
    company: str | None = None


def orders_in(
    data: bytes, media_type: str, options: ReadOptions, *, charset: str | None = None, transport_id: str | None = None
) -> Iterator[Received | Rejection]:
    """What the body holds, in its order, one at a time. Raises Unreadable where nothing, or nothing more, can be read."""
    limits = options.limits
    match media_type:
        case canonical.MEDIA_TYPE:
            yield canonical.read_one(data, limits, transport_id)
        case "application/x-ndjson":
            for number, line in enumerate(data.split(b"\n"), 1):
                if line.strip():
                    yield canonical.read_line(line, number, limits)
        case cloudevents.STRUCTURED:
            yield from cloudevents.read_structured(data, limits, _body_reader(options))
        case cloudevents.BATCHED:
            yield from cloudevents.read_batch(data, limits, _body_reader(options))
        case csv_orders.MEDIA_TYPE:
            yield from csv_orders.read(
                data,
                limits,
                mapping=options.mapping,
                charset=charset,
                system=options.system,
                company=options.company,
                transport_id=transport_id,
            )
        case "application/xml" | "text/xml":
            yield ubl.read(data, limits, system=options.system, company=options.company, transport_id=transport_id)
        case _:
            told = f"as {media_type[:100]}" if media_type else "without a media type"
            raise Unreadable("MEDIA_TYPE_UNKNOWN", f"The body came {told}; orders come as {', '.join(MEDIA_TYPES)}.")


def _body_reader(options: ReadOptions) -> cloudevents.ReadBody:
    def read(data: bytes, media_type: str, transport_id: str) -> Iterator[Received | Rejection]:
        plain_type, charset = split_media_type(media_type)
        if plain_type in (cloudevents.STRUCTURED, cloudevents.BATCHED):
            raise Unreadable("NOT_AN_ORDER", "An event that carries events is not read; send them as a batch.")
        return orders_in(data, plain_type, options, charset=charset, transport_id=transport_id)

    return read


def split_media_type(header: str) -> tuple[str, str | None]:
    """The media type in lower case and its charset parameter."""
    media_type, *parameters = header.split(";")
    charset = None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip():
            charset = value.strip().strip('"')
    return media_type.strip().lower(), charset


def read_documents(
    data: bytes, *, media_type: str | None = None, filename: str | None = None, mapping: str | None = None, limits: Limits | None = None
) -> tuple[list[Received], list[Rejection]]:
    """All orders of a body and all that was refused of it. One of `media_type` and `filename` tells the format; `mapping` is JSON."""
    found: list[Received] = []
    refused: list[Rejection] = []
    kind, charset = split_media_type(media_type) if media_type else (media_type_of(filename or "", data), None)
    try:
        options = ReadOptions(limits=limits or Limits(), mapping=mapping_of(mapping) if mapping else None)
        for entry in orders_in(data, kind, options, charset=charset):
            (refused if isinstance(entry, Rejection) else found).append(entry)  # type: ignore[arg-type]
    except Unreadable as error:
        refused.append(unreadable(error, data, kind))
    return found, refused


def unreadable(error: Unreadable, data: bytes, media_type: str, size: int | None = None) -> Rejection:
    """The refusal of a body, or of what is left of it."""
    return Rejection(error.issue.path, (error.issue,), data, media_type, unreadable=True, size=size)


def media_type_of(filename: str, data: bytes) -> str:
    """The media type that a file's name and first bytes tell. A JSON file may hold an event or a batch of events."""
    dot = filename.rfind(".")
    media_type = _BY_SUFFIX.get(filename[dot:].lower(), "") if dot >= 0 else ""
    if not media_type:
        head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
        media_type = "application/xml" if head.startswith(b"<") else canonical.MEDIA_TYPE if head[:1] in (b"{", b"[") else "text/csv"
    if media_type != canonical.MEDIA_TYPE:
        return media_type
    try:
        value = json_text.parse(json_text.decoded(data))
    except Unreadable:
        return media_type
    if isinstance(value, list):
        return cloudevents.BATCHED
    return cloudevents.STRUCTURED if isinstance(value, dict) and "specversion" in value else media_type
