"""`GET /v1/hits` shows the hits there are, `/v1/clearances` what was cleared: one person proposes, another confirms, anybody revokes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from services.screening.clearing import MOST_AT_ONCE, Clearing, HitState, ProposalsRefused, StandingHit, UnknownClearance
from services.screening.clearing import Proposal as Proposed
from services.screening.domain.clearances import ClearanceRefused, State
from shared.access import ApiKey, Require
from shared.contracts.base import Day, DecimalString, Identifier, Text
from shared.contracts.clearance import Clearance, Fingerprint
from shared.contracts.screening import Jurisdiction
from shared.http_problem import Problem, ProblemRoute


class HitView(BaseModel):
    """A party that was met on orders, and an entry of a list that may be the same."""

    hit: str
    """Both fingerprints with a slash between them."""
    party_fingerprint: str
    entry_fingerprint: str
    state: HitState
    party: str
    list_name: str
    list_title: str
    jurisdiction: Jurisdiction
    list_entry: str
    entry_id: str
    notice: str
    listed_on: date | None
    score: DecimalString
    explanation: str
    clearance_id: str | None
    cleared_until: date | None


class HitPage(BaseModel):
    hits: list[HitView]
    total: int
    """Over all pages, as asked for."""
    next: str | None
    """Ask with `after` set to it for what follows; null at the end."""


class ClearanceView(Clearance):
    state: State
    """`void`: the party or the entry has changed, and it fits no hit any more."""


class ClearancePage(BaseModel):
    clearances: list[ClearanceView]
    total: int
    next: str | None


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Proposal(_Asked):
    party_fingerprint: Fingerprint
    entry_fingerprint: Fingerprint
    reason: Text
    valid_until: Day


class Proposals(_Asked):
    clearances: Annotated[list[Proposal], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Confirmation(_Asked):
    clearance_ids: Annotated[list[Identifier], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Changed(BaseModel):
    clearances: list[Clearance]


Limit = Annotated[int, Query(ge=1, le=1_000)]


def clearances_routes(clearing: Clearing, require: Require) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["clearances"])
    Writer = Annotated[ApiKey, Depends(require("clearances:write"))]
    reading = [Depends(require("orders:read"))]

    @routes.get("/hits", dependencies=reading, summary="The parties met on orders that a list may name")
    async def show_hits(
        state: Annotated[HitState | None, Query()] = None,
        list_name: Annotated[str | None, Query(alias="list", max_length=200)] = None,
        after: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
        limit: Limit = 100,
    ) -> HitPage:
        found = [
            hit
            for hit in await clearing.hits()
            if (state is None or hit.state == state) and (list_name is None or hit.party.listing.list_name == list_name)
        ]
        rest = [hit for hit in found if after is None or hit_name(hit) > after]
        more = len(rest) > limit
        return HitPage(hits=[hit_view(hit) for hit in rest[:limit]], total=len(found), next=hit_name(rest[limit - 1]) if more else None)

    @routes.get("/clearances", dependencies=reading, summary="What was proposed, cleared and revoked")
    async def show_clearances(
        state: Annotated[State | None, Query()] = None,
        after: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
        limit: Limit = 100,
    ) -> ClearancePage:
        found = [each for each in await clearing.all() if state is None or each.state == state]
        place = next((number for number, each in enumerate(found, 1) if each.clearance.clearance_id == after), None)
        if after is not None and place is None:
            raise Problem(422, "Not a page", f"{after} is no clearance in this selection any more; begin at the first page.")
        page = found[place or 0 :][:limit]
        more = (place or 0) + limit < len(found)
        views = [ClearanceView(**dict(each.clearance), state=each.state) for each in page]
        return ClearancePage(clearances=views, total=len(found), next=page[-1].clearance.clearance_id if more else None)

    @routes.post("/clearances", status_code=201, summary="Propose to clear hits")
    async def propose(asked: Proposal | Proposals, key: Writer) -> Changed:
        """One, or many under `clearances`: all of them or none. They act once another person with another key has confirmed them."""
        several = asked.clearances if isinstance(asked, Proposals) else [asked]
        proposals = [Proposed((one.party_fingerprint, one.entry_fingerprint), one.reason, one.valid_until) for one in several]
        with _told():
            return Changed(clearances=await clearing.propose(proposals, clearing.signed(key.name, key.key_id)))

    @routes.post("/clearances/confirm", summary="Confirm many proposals of somebody else")
    async def confirm_many(asked: Confirmation, key: Writer) -> Changed:
        """All of them or none."""
        with _told():
            return Changed(clearances=await clearing.confirm(asked.clearance_ids, clearing.signed(key.name, key.key_id)))

    @routes.post("/clearances/{clearance_id}/confirm", summary="Confirm a proposal of somebody else")
    async def confirm(clearance_id: str, key: Writer) -> Clearance:
        with _told():
            return (await clearing.confirm([clearance_id], clearing.signed(key.name, key.key_id)))[0]

    @routes.post("/clearances/{clearance_id}/revoke", summary="Take a clearance or a proposal back")
    async def revoke(clearance_id: str, key: Writer) -> Clearance:
        """At once and by one person: the hit stands again."""
        with _told():
            return await clearing.revoke(clearance_id, clearing.signed(key.name, key.key_id))

    return routes


def hit_name(hit: StandingHit) -> str:
    return "/".join(hit.pair)


def hit_view(hit: StandingHit) -> HitView:
    found, listing = hit.party.hit, hit.party.listing
    return HitView(
        hit=hit_name(hit),
        party_fingerprint=hit.pair[0],
        entry_fingerprint=hit.pair[1],
        state=hit.state,
        party=found.name,
        list_name=listing.list_name,
        list_title=listing.list_title,
        jurisdiction=listing.jurisdiction,
        list_entry=found.list_entry,
        entry_id=listing.entry,
        notice=found.notice,
        listed_on=listing.listed_on,
        score=found.score,
        explanation=found.matched,
        clearance_id=hit.clearance.clearance_id if hit.clearance is not None else None,
        cleared_until=hit.clearance.valid_until if hit.clearance is not None and hit.state == "cleared" else None,
    )


@contextmanager
def _told() -> Iterator[None]:
    """Refusals as problems that say what to do."""
    try:
        yield
    except UnknownClearance as unknown:
        raise Problem(404, "Unknown clearance", str(unknown)) from None
    except ProposalsRefused as refused:
        reasons = list(refused.reasons)
        raise Problem(422, "Nothing was proposed", " ".join(reasons[:3]), refused=reasons) from None
    except ClearanceRefused as refused:
        raise Problem(409, "Not done", str(refused)) from None
