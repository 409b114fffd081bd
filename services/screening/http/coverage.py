"""`GET /v1/coverage`: what the data holds of the law there is, and what it does not hold."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.screening.domain.basis import Basis
from services.screening.domain.coverage import CoverageReport, coverage_of
from shared.access import Require
from shared.http_problem import ProblemRoute


def coverage_routes(basis: Callable[[], Basis | Awaitable[Basis]], require: Require, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(tags=["regulations"], route_class=ProblemRoute, dependencies=[Depends(require("orders:read"))])

    @routes.get("/coverage", summary="What the data holds of the law, and what not")
    def coverage(
        in_force: Annotated[Basis, Depends(basis)],
        on: Annotated[date | None, Query(description="the day on which the limbs' status is told; default: today")] = None,
    ) -> CoverageReport:
        """Modelled, flagged or absent, per regime, instrument and limb."""
        law, parties = in_force.law, in_force.parties
        return coverage_of(law, parties.source, parties.version, on or clock().date())

    return routes
