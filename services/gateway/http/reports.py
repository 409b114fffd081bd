"""What is reported of orders: `PUT /v1/shipments`, `PUT /v1/licences` and `POST /v1/answers`."""

from collections.abc import Sequence

from fastapi import APIRouter, Depends, Request, Response

from services.gateway import putting
from services.gateway.bodies import Body
from services.gateway.domain.recorded import Recorded
from services.gateway.formats.answers import read_answers
from services.gateway.formats.licences import read_licences
from services.gateway.formats.rows import MEDIA_TYPES
from services.gateway.formats.shipments import read_shipments
from services.gateway.http.parts import Parts
from services.gateway.http.requests import answered, media_type_of, takes, traceparent_of
from services.gateway.licences import LicenceIntake
from shared.access import Require
from shared.contracts.licence import Licence
from shared.contracts.shipment import Shipment
from shared.http_problem import ProblemRoute


def reports_routes(parts: Parts, require: Require) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["gateway"])

    @routes.put(
        "/shipments",
        dependencies=[Depends(require("orders:write"))],
        summary="Report shipments of order lines",
        openapi_extra=takes(MEDIA_TYPES),
    )
    async def put_shipments(request: Request) -> Response:
        """Each row is answered: what is known of one delivery of one line. The order is screened again where a row changes its facts."""
        media_type, charset = media_type_of(request)
        received_at, traceparent = parts.clock(), traceparent_of(request)

        async def report(shipments: Sequence[Shipment]) -> list[Recorded]:
            return await parts.intake.report(shipments, received_at, traceparent)

        async with Body(request, media_type, parts.settings, parts.bodies) as body:
            reports = putting.Reports(read_shipments, lambda shipment: shipment.shipment_id, report)
            return answered(await putting.put_reports(reports, body, charset, parts.executor))

    @routes.post(
        "/answers",
        dependencies=[Depends(require("master-data:write"))],
        summary="Answer open questions",
        openapi_extra=takes(MEDIA_TYPES),
    )
    async def post_answers(request: Request) -> Response:
        """One fact per row, with the document behind it, about goods, a supplier or an order; open orders it concerns are judged anew."""
        media_type, charset = media_type_of(request)
        async with Body(request, media_type, parts.settings, parts.bodies) as body:
            reports = putting.Reports(read_answers, lambda answer: answer.fact, parts.answers.put)
            return answered(await putting.put_reports(reports, body, charset, parts.executor))

    @routes.put(
        "/licences",
        dependencies=[Depends(require("licences:write"))],
        summary="Report licence cases",
        openapi_extra=takes(MEDIA_TYPES),
    )
    async def put_licences(request: Request) -> Response:
        """Each row is answered: all that is known of one licence case. Orders that it may cover are screened again."""
        media_type, charset = media_type_of(request)
        received_at, traceparent = parts.clock(), traceparent_of(request)

        async def take(licences: Sequence[Licence]) -> list[Recorded]:
            return await LicenceIntake(parts.bus).put(licences, received_at, traceparent)

        async with Body(request, media_type, parts.settings, parts.bodies) as body:
            reports = putting.Reports(read_licences, lambda licence: licence.licence_id, take)
            return answered(await putting.put_reports(reports, body, charset, parts.executor))

    return routes
