"""Problem documents (RFC 9457): how every service says over HTTP that a request cannot be met, and what to do about it.

A router built with `route_class=ProblemRoute` answers on its own; `install` adds what only the application sees (unknown paths, methods).
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from shared.bus.types import TryAgain
from shared.contracts.canonical import decimal_text

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)


class Problem(Exception):
    """An answer other than success. `detail` is a sentence for the person who can act; `extensions` are further members."""

    def __init__(self, status: int, title: str, detail: str, *, headers: Mapping[str, str] | None = None, **extensions: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.extensions = extensions

    def response(self, instance: str | None = None) -> Response:
        members = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail}
        if instance is not None:
            members["instance"] = instance
        return Response(
            orjson.dumps({**members, **self.extensions}, default=_encode), self.status, headers=self.headers, media_type=MEDIA_TYPE
        )


def _encode(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return decimal_text(value)


def _problem_of(error: Exception) -> Problem | None:
    match error:
        case Problem():
            return error
        case RequestValidationError():
            places = [{"location": "/".join(map(str, entry["loc"])), "message": entry["msg"]} for entry in error.errors()]
            named = "; ".join(f"{place['location']}: {place['message']}" for place in places)
            return Problem(422, "The request is not as described", f"{named}.", errors=places)
        case TryAgain():
            return Problem(503, "Try again", f"{error} Send the request again.", headers={"Retry-After": "1"})
        case HTTPException():
            phrase = HTTPStatus(error.status_code).phrase
            return Problem(error.status_code, phrase, str(error.detail or phrase), headers=error.headers)
        case _:
            return None


class ProblemRoute(APIRoute):
    """A route whose refusals are problem documents, whichever application it is mounted in."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except (Problem, RequestValidationError, HTTPException, TryAgain) as error:
                problem = _problem_of(error)
                assert problem is not None
                return problem.response(request.url.path)

        return answer


def install(application: FastAPI) -> None:
    """Unknown paths, wrong methods and unexpected failures answer with a problem document, too."""

    async def refuse(request: Request, error: Exception) -> Response:
        problem = _problem_of(error)
        if problem is None:
            _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
            problem = Problem(500, "Internal error", "The request failed inside Orestream; its log says why. It is safe to send it again.")
        return problem.response(request.url.path)

    for kind in (Problem, RequestValidationError, HTTPException, TryAgain, Exception):
        application.add_exception_handler(kind, refuse)
