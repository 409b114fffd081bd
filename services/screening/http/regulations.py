"""`GET /v1/regulations`: which law is in force here, instrument by instrument, on a day."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.screening.domain.basis import Basis
from services.screening.domain.law import LawView
from shared.access import Require
from shared.http_problem import ProblemRoute


class LimbView(BaseModel):
    limb: str
    status: str
    since: date | None
    until: date | None


class InstrumentView(BaseModel):
    instrument: str
    name: str
    title: str
    jurisdiction: str
    issued: date
    coverage: Literal["modelled", "flagged", "absent"]
    draft: bool
    sources: dict[str, date]
    """Where the text was read, and when that was last checked."""
    limbs: list[LimbView]


class Regulations(BaseModel):
    regulations_version: str
    parties_version: str
    valid_on: date
    known_on: date
    instruments: list[InstrumentView]


def regulations_routes(basis: Callable[[], Basis | Awaitable[Basis]], require: Require, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(tags=["regulations"], route_class=ProblemRoute, dependencies=[Depends(require("orders:read"))])

    @routes.get("/regulations", summary="The law in force")
    def regulations(
        in_force: Annotated[Basis, Depends(basis)],
        valid_on: Annotated[date | None, Query(description="the day of departure; default: today")] = None,
        known_on: Annotated[date | None, Query(description="the day whose state of knowledge is used; default: today")] = None,
    ) -> Regulations:
        """Instrument by instrument, with the status of its limbs on a day as it was known on another, and where its text was read."""
        today = clock().date()
        law, parties = in_force.law, in_force.parties
        view = law.as_known_on(known_on or today)
        return Regulations(
            regulations_version=law.version,
            parties_version=parties.version,
            valid_on=valid_on or today,
            known_on=known_on or today,
            instruments=[_instrument(view, instrument, valid_on or today) for instrument in sorted(law.instruments)],
        )

    return routes


def _instrument(view: LawView, instrument_id: str, day: date) -> InstrumentView:
    instrument = view.law.instruments[instrument_id]
    limbs = []
    for limb in view.law.limbs.values():
        if limb.instrument.id == instrument_id:
            span = view.timeline(limb).at(day)
            limbs.append(LimbView(limb=limb.id, status=span.status.name.lower(), since=span.starts_on, until=span.ends_on))
    return InstrumentView(
        instrument=instrument_id,
        name=instrument.name,
        title=instrument.title,
        jurisdiction=instrument.jurisdiction,
        issued=instrument.issued,
        coverage=instrument.coverage,
        draft=instrument.status == "draft",
        sources={cited.source: cited.checked_on for cited in instrument.citations.values()},
        limbs=limbs,
    )
