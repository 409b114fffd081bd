"""Problem documents (RFC 9457): how every service says over HTTP that a request cannot be met, and what to do about it.

A router built with `route_class=ProblemRoute` answers on its own; `install` adds what only the application sees (unknown paths, methods).
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from shared import http_body
from shared.bus.types import TryAgain
from shared.contracts.canonical import decimal_text

MEDIA_TYPE = "application/problem+json"
LARGEST_JSON_BYTES = 4 * http_body.MEBIBYTE
"""Of a body that a route declares as a model. Routes that take files read them on their own, with bounds of their own."""

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


def _problem_of(request: Request, error: Exception) -> Problem | None:
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
            return Problem(error.status_code, phrase, _told(request, error, phrase), headers=error.headers)
        case _:
            return None


def _told(request: Request, error: HTTPException, phrase: str) -> str:
    """What the router alone knows is told as a sentence; what a route told stays."""
    if error.detail != phrase:
        return error.detail
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return f"There is nothing at {request.url.path}; /openapi.json lists what there is."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (error.headers or {}).get("Allow", "other methods")
            return f"{request.url.path} does not take {request.method}; it takes {allowed}."
        case _:
            return f"{phrase}."


def _query_parameters(dependant: Dependant) -> set[str]:
    """The names that a route and what it depends on take from the query."""
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*map(_query_parameters, dependant.dependencies))


def _refuse_unknown_parameters(request: Request, known: set[str]) -> None:
    """A misspelt filter would otherwise answer a question that nobody asked."""
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
        raise Problem(422, "Unknown query parameter", f"{request.url.path} has no query parameter {', '.join(unknown)[:200]}; {takes}.")


class ProblemRoute(APIRoute):
    """A route whose refusals are problem documents, whichever application it is mounted in; so are query parameters it does not take.

    A body that FastAPI would read for it without bounds is read with them.
    """

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()
        known = _query_parameters(self.dependant)
        takes_model = self.body_field is not None

        async def answer(request: Request) -> Response:
            try:
                _refuse_unknown_parameters(request, known)
                return await handle(await http_body.read_beforehand(request, LARGEST_JSON_BYTES) if takes_model else request)
            except (Problem, RequestValidationError, HTTPException, TryAgain) as error:
                problem = _problem_of(request, error)
                assert problem is not None
                return problem.response(request.url.path)

        return answer


def install(application: FastAPI) -> None:
    """Unknown paths, wrong methods and unexpected failures answer with a problem document, too."""

    async def refuse(request: Request, error: Exception) -> Response:
        problem = _problem_of(request, error)
        if problem is None:
            _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
            problem = Problem(500, "Internal error", "The request failed inside Orestream; its log says why. It is safe to send it again.")
        return problem.response(request.url.path)

    for kind in (Problem, RequestValidationError, HTTPException, TryAgain, Exception):
        application.add_exception_handler(kind, refuse)
