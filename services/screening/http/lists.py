"""`PUT /v1/lists/{name}` loads a party list, `GET /v1/lists` tells which there are and how old they are; ownership facts likewise."""

import asyncio
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from services.screening import party_lists
from services.screening.domain.parties import PartyOnOrder
from services.screening.domain.party_check import checked
from services.screening.domain.party_content import PartyListSource
from services.screening.list_formats.entries import ListRefused
from services.screening.list_formats.reading import Format
from services.screening.list_status import ListStatus, status_of
from services.screening.party_lists import PartyLists
from services.screening.references import References
from shared import http_body
from shared.access import Require
from shared.contracts.base import CountryCode
from shared.contracts.screening import Jurisdiction
from shared.http_problem import Problem, ProblemRoute

LARGEST_FILE = 512 * http_body.MEBIBYTE
IN_MEMORY = 16 * http_body.MEBIBYTE
LONGEST_SECONDS = 600
MOST_FILES = 2
"""Files under way; each may fill a disk, or the memory that a container has for one, by its size."""
OWNERSHIP = "ownership"
"""The name under which ownership facts are kept where nobody gives another."""


def lists_routes(lists: PartyLists, references: References, require: Require, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["lists"])
    under_way = asyncio.Semaphore(MOST_FILES)
    body = {"requestBody": {"required": True, "content": {"application/octet-stream": {}, "text/csv": {}, "application/json": {}}}}

    @routes.get("/lists", dependencies=[Depends(require("orders:read"))], summary="The party lists in force")
    async def show_lists() -> list[ListStatus]:
        return await status_of(lists, references, clock())

    @routes.get("/lists/check", dependencies=[Depends(require("orders:read"))], summary="One party against all lists")
    async def check_party(
        name: Annotated[str, Query(min_length=1, max_length=500)],
        name_local: Annotated[str | None, Query(min_length=1, max_length=500, description="In the script of its country.")] = None,
        country: Annotated[CountryCode | None, Query()] = None,
        identifier: Annotated[list[str], Query(max_length=10, description="SCHEME:value, as in USCC:…; may be repeated.")] = [],  # noqa: B006
        known_on: Annotated[date | None, Query(description="The day whose state of knowledge is used; default: today.")] = None,
    ) -> Response:
        """Its hits, the lists that could not be asked in its script, and where there is no hit what came closest and why it is none."""
        numbers = tuple((scheme, value) for scheme, _, value in (each.partition(":") for each in identifier) if value)
        party = PartyOnOrder("seller", tuple(filter(None, (name, name_local))), None, numbers, country)
        listed = (await references.current()).parties
        found = await asyncio.to_thread(checked, party, listed, known_on or clock().date())
        return Response(orjson.dumps(found), media_type="application/json")

    @routes.put("/lists/{name}", dependencies=[Depends(require("lists:write"))], summary="Load a party list", openapi_extra=body)
    async def put_list(
        request: Request,
        name: str,
        form: Annotated[
            Format | Literal["auto"], Query(alias="format", description="What the file is; default: by how it begins.")
        ] = "auto",
        mode: Annotated[Literal["full", "delta"], Query(description="A whole list, or what changed in it.")] = "full",
        title: Annotated[str | None, Query(max_length=200)] = None,
        jurisdiction: Annotated[Jurisdiction | None, Query(description="Whose list it is; OWN is the buyer's.")] = None,
        authority: Annotated[str | None, Query(max_length=200)] = None,
        source: Annotated[str | None, Query(max_length=300, description="Where the file comes from.")] = None,
        as_of: Annotated[datetime | None, Query(description="The moment for which the file stands, where it does not tell.")] = None,
        max_age_days: Annotated[int | None, Query(ge=1, le=3650)] = None,
        accept_shrunk: Annotated[bool, Query(description="Take a list that lost more than half of its entries.")] = False,
    ) -> Response:
        """A file cut short, empty or much smaller than the last is refused and raises an alert; the last good list stays in force."""
        asked = party_lists.Request(
            name=name,
            form=form,
            delta=mode == "delta",
            described=_described(title, jurisdiction, authority),
            source=source,
            as_of=as_of.replace(tzinfo=UTC) if as_of is not None and as_of.tzinfo is None else as_of,
            max_age_days=max_age_days,
            accept_shrunk=accept_shrunk,
        )
        return await _loaded(lists, asked, request, under_way)

    @routes.delete("/lists/{name}", status_code=204, dependencies=[Depends(require("lists:write"))], summary="Take a loaded list away")
    async def delete_list(name: str) -> Response:
        if not await lists.remove(name):
            raise Problem(404, "Unknown list", f"No list {name} was loaded; GET /v1/lists shows those that were.")
        return Response(status_code=204)

    @routes.put("/ownership", dependencies=[Depends(require("lists:write"))], summary="Load ownership facts", openapi_extra=body)
    async def put_ownership(
        request: Request,
        name: Annotated[str, Query(description="Under which name they are kept; a load replaces the one before of its name.")] = OWNERSHIP,
        source: Annotated[str | None, Query(max_length=300)] = None,
        as_of: Annotated[datetime | None, Query()] = None,
        max_age_days: Annotated[int | None, Query(ge=1, le=3650)] = None,
        accept_shrunk: Annotated[bool, Query()] = False,
    ) -> Response:
        """CSV with owner, owned and share_percent; an empty share is unknown. Parties that listed owners hold are reported with them."""
        asked = party_lists.Request(
            name=name, form="ownership-csv", source=source, as_of=as_of, max_age_days=max_age_days, accept_shrunk=accept_shrunk
        )
        return await _loaded(lists, asked, request, under_way)

    return routes


def _described(title: str | None, jurisdiction: Jurisdiction | None, authority: str | None) -> PartyListSource | None:
    if title is None and jurisdiction is None and authority is None:
        return None
    if title is None or jurisdiction is None or authority is None:
        raise Problem(422, "List described in part", "A list of your own takes title, jurisdiction and authority together.")
    return PartyListSource(title=title, jurisdiction=jurisdiction, authority=authority)


async def _loaded(lists: PartyLists, asked: party_lists.Request, request: Request, under_way: asyncio.Semaphore) -> Response:
    if under_way.locked():
        told = f"{MOST_FILES} files are being loaded, which is the most at a time; send this one again shortly."
        raise Problem(429, "Too many files", told, headers={"Retry-After": "10"})
    async with under_way:
        return await _load(lists, asked, request)


async def _load(lists: PartyLists, asked: party_lists.Request, request: Request) -> Response:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        await _received(request, file)
        try:
            loaded = await lists.load(asked, file)
        except ListRefused as refused:
            raise Problem(422, "List refused", str(refused), code=refused.code, rows=[str(row) for row in refused.refused]) from None
        except ValueError as error:
            raise Problem(422, "List refused", f"The list does not fit with the others: {error}.", code="DOES_NOT_FIT", rows=[]) from None
    return Response(orjson.dumps(loaded.as_json()), media_type="application/json")


async def _received(request: Request, file: tempfile.SpooledTemporaryFile[bytes]) -> None:
    async for chunk in http_body.chunks(request, LARGEST_FILE, LONGEST_SECONDS):
        file.write(chunk)
    file.seek(0)
