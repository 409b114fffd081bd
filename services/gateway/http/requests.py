"""What every route reads of a request, and how it answers."""

from typing import Any

import orjson
from fastapi import Request, Response

from services.gateway.documents import split_media_type
from shared.http_problem import Problem
from shared.observability.tracing import TRACEPARENT


def takes(media_types: tuple[str, ...]) -> dict[str, Any]:
    """How the description of the interface tells which bodies a route reads."""
    return {"requestBody": {"required": True, "content": {media_type: {} for media_type in media_types}}}


def media_type_of(request: Request) -> tuple[str, str | None]:
    """The media type of the body and its charset. Raises Problem."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "Encoding not supported", "Send the body uncompressed.")
    return split_media_type(request.headers.get("content-type", ""))


def traceparent_of(request: Request) -> str | None:
    header = request.headers.get("traceparent", "")
    return header if TRACEPARENT.fullmatch(header) else None


def answered(content: dict[str, Any]) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
