"""Law that changes while it runs: `/v1/regulations/drafts`, `/v1/regulations/packs` and `POST /v1/regulations/reload`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from services.screening.domain.freeze import FreezeRefused, read_freeze_rule
from services.screening.domain.instrument import Instrument, Signed
from services.screening.domain.law import LawError
from services.screening.domain.pack import InstalledPack
from services.screening.drafts import Changed, DraftRefused, Drafts, UnknownDraft
from services.screening.packs import LARGEST_BYTES, PackRefused, Packs
from services.screening.regulation_files import FilesRefused, read_instruments
from services.screening.shipped_files import ShippedFiles
from shared import http_body
from shared.access import ApiKey, Require
from shared.http_problem import Problem, ProblemRoute

LARGEST_DRAFT_BYTES = http_body.MEBIBYTE


class DraftView(BaseModel):
    id: str
    name: str
    title: str
    status: str
    issued: date
    lapses_on: date | None
    entered: Signed | None
    confirmed: Signed | None
    withdrawal: Signed | None


class DraftChanged(BaseModel):
    draft: DraftView
    sentences: list[str]
    """What a buyer reads."""
    reached: list[str]
    """Keys: open orders whose screening names one of them are judged anew."""
    withdrawn: bool
    dry_run: bool


class PackView(BaseModel):
    name: str
    title: str
    serial: int
    issued_at: datetime
    requires: str
    key: str
    sha256: str
    installed_at: datetime
    installed_by: str
    instruments: list[str]


class PackChanged(BaseModel):
    pack: PackView
    reached: list[str]
    dry_run: bool


class Reached(BaseModel):
    reached: list[str]


_RULE = {"requestBody": {"required": True, "content": {"application/json": {}, "application/yaml": {}}}}
_PACK = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}


def changes_routes(drafts: Drafts, packs: Packs, shipped: ShippedFiles, require: Require) -> APIRouter:
    routes = APIRouter(prefix="/regulations", route_class=ProblemRoute, tags=["regulations"])
    Writer = Annotated[ApiKey, Depends(require("regulations:write"))]
    DryRun = Annotated[bool, Query(description="Say what would be, and change nothing.")]

    @routes.get("/drafts", dependencies=[Depends(require("orders:read"))], summary="Rules that were entered while running")
    async def show_drafts() -> list[DraftView]:
        return [_draft(rule) for rule in await drafts.all()]

    @routes.post("/drafts", status_code=201, openapi_extra=_RULE, summary="Enter a rule that acts at once")
    async def enter(request: Request, key: Writer, dry_run: DryRun = False) -> DraftChanged:
        """A freeze rule as JSON (`elements`, `products`, `tariff`, `leaves`, `origin`, `destination`, `effect`, `valid_from`, `valid_to`,
        `lapses_on`, `reason`, `source`), or a whole instrument as YAML. The key that enters it may not confirm it."""
        body = await http_body.whole(request, LARGEST_DRAFT_BYTES)
        by = drafts.signed(key.name, key.key_id)
        with _told():
            if "yaml" not in request.headers.get("content-type", ""):
                return _changed(await drafts.freeze(read_freeze_rule(_json(body)), by, dry_run=dry_run), dry_run=dry_run)
            read = read_instruments({"instrument.yaml": _text(body)})
            try:
                return _changed(await drafts.enter(read.instruments[0], by, dry_run=dry_run), dry_run=dry_run)
            except LawError as error:
                raise read.refused(error) from error

    @routes.post("/drafts/{draft_id}/confirmation", summary="Confirm a rule that somebody else entered")
    async def confirm(draft_id: str, key: Writer) -> DraftChanged:
        with _told():
            return _changed(await drafts.confirm(draft_id, drafts.signed(key.name, key.key_id)))

    @routes.delete("/drafts/{draft_id}", summary="Withdraw a rule; a confirmed one takes two persons")
    async def withdraw(draft_id: str, key: Writer) -> DraftChanged:
        with _told():
            return _changed(await drafts.withdraw(draft_id, drafts.signed(key.name, key.key_id)))

    @routes.get("/packs", dependencies=[Depends(require("orders:read"))], summary="The data packs that are installed")
    async def show_packs() -> list[PackView]:
        return [_pack(one) for one in await packs.all()]

    @routes.post("/packs", openapi_extra=_PACK, summary="Install a signed data pack")
    async def install(
        request: Request,
        key: Writer,
        allow_older: Annotated[bool, Query(description="Take a lower serial number than the one installed.")] = False,
        dry_run: DryRun = False,
    ) -> PackChanged:
        body = await http_body.whole(request, LARGEST_BYTES)
        with _told():
            installed, reached = await packs.install(body, key.name, allow_older=allow_older, dry_run=dry_run)
        return PackChanged(pack=_pack(installed), reached=sorted(reached), dry_run=dry_run)

    @routes.delete("/packs/{name}", summary="Take a pack out of force")
    async def remove(name: str, key: Writer) -> Reached:
        with _told():
            return Reached(reached=sorted(await packs.remove(name)))

    @routes.post("/reload", summary="Read the directories of law and lists again")
    async def reload(key: Writer) -> Reached:
        with _told():
            return Reached(reached=sorted(await shipped.reload()))

    return routes


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except UnknownDraft as error:
        raise Problem(404, "Unknown rule", str(error)) from error
    except DraftRefused as error:
        raise Problem(409, "Not possible with this rule", str(error)) from error
    except FilesRefused as error:
        raise Problem(422, "Refused", str(error), mistakes=[str(mistake) for mistake in error.mistakes]) from error
    except (FreezeRefused, PackRefused, LawError) as error:
        raise Problem(422, "Refused", str(error)) from error


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "Not JSON", f"The rule is not JSON: {error}.") from error


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, "Not UTF-8", f"The instrument is not UTF-8: {error}.") from error


def _changed(changed: Changed, *, dry_run: bool = False) -> DraftChanged:
    return DraftChanged(
        draft=_draft(changed.instrument),
        sentences=list(changed.sentences),
        reached=sorted(changed.reached),
        withdrawn=changed.withdrawn,
        dry_run=dry_run,
    )


def _draft(rule: Instrument) -> DraftView:
    return DraftView.model_validate(rule.model_dump(include=set(DraftView.model_fields)))


def _pack(pack: InstalledPack) -> PackView:
    return PackView(
        **pack.manifest.model_dump(),
        key=pack.key,
        sha256=pack.sha256,
        installed_at=pack.installed_at,
        installed_by=pack.installed_by,
        instruments=[instrument.id for instrument in pack.instruments],
    )
