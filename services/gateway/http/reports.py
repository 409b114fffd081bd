"""What is reported beside orders: `PUT /v1/shipments`, `PUT /v1/licences`, `POST /v1/answers`, `POST /v1/prices` and `POST /v1/stock`."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime

from services.gateway import putting
from services.gateway.bodies import Body
from services.gateway.domain.recorded import Recorded
from services.gateway.formats.answers import read_answers
from services.gateway.formats.licences import read_licences
from services.gateway.formats.prices import Assumed, ReadPrice, read_prices
from services.gateway.formats.rows import MEDIA_TYPES
from services.gateway.formats.shipments import read_shipments
from services.gateway.formats.stock import AssumedOfStock, ReadStock, read_stock, stock_name
from services.gateway.http.parts import Parts
from services.gateway.http.requests import answered, media_type_of, takes, traceparent_of
from services.gateway.licences import LicenceIntake
from services.gateway.prices import PriceIntake, price_name
from services.gateway.stock import StockIntake
from services.gateway.taking import not_under_pressure
from shared.access import Require
from shared.contracts.licence import Licence
from shared.contracts.price import PriceBasis, PriceForm, PriceMarket, PriceTax, PriceTick
from shared.contracts.shipment import Shipment
from shared.contracts.stock import StockReport
from shared.http_problem import ProblemRoute

Word = Annotated[str | None, Query(min_length=1, max_length=200)]
Percent = Annotated[Decimal | None, Query(ge=0, le=100, max_digits=18, decimal_places=15)]


def assumed_of(
    material: Word = None,
    form: PriceForm | None = None,
    substance: Word = None,
    purity_percent: Percent = None,
    contained_percent: Percent = None,
    market: PriceMarket | None = None,
    basis: PriceBasis | None = None,
    currency: Word = None,
    unit: Word = None,
    tax: PriceTax | None = None,
    tax_percent: Percent = None,
    incoterm: Word = None,
    source: Word = None,
    decimal: Annotated[Literal[".", ","] | None, Query(description="The decimal mark of a table's numbers.")] = None,
    dates: Annotated[Literal["YMD", "DMY", "MDY"] | None, Query(description="The order of a table's days.")] = None,
) -> Assumed:
    """What the rows of a price list leave out."""
    return Assumed(
        material=material,
        form=form,
        substance=substance,
        purity_percent=purity_percent,
        contained_percent=contained_percent,
        market=market,
        basis=basis,
        currency=currency,
        unit=unit,
        tax=tax,
        tax_percent=tax_percent,
        incoterm=incoterm,
        source=source,
        decimal=decimal,
        dates=dates,
    )


def assumed_of_stock(
    plant: Word = None,
    unit: Word = None,
    currency: Word = None,
    as_of: Annotated[AwareDatetime | None, Query(description="As of when the stock is.")] = None,
    decimal: Annotated[Literal[".", ","] | None, Query(description="The decimal mark of a table's numbers.")] = None,
    dates: Annotated[Literal["YMD", "DMY", "MDY"] | None, Query(description="The order of a table's days.")] = None,
) -> AssumedOfStock:
    """What the rows of a stock list leave out."""
    return AssumedOfStock(plant=plant, unit=unit, currency=currency, as_of=as_of, decimal=decimal, dates=dates)


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

    @routes.post(
        "/prices",
        dependencies=[Depends(require("prices:write"))],
        summary="Report prices",
        openapi_extra=takes(MEDIA_TYPES),
    )
    async def post_prices(request: Request, assumed: Annotated[Assumed, Depends(assumed_of)]) -> Response:
        """Each row is answered: one price of one day from one source. Another price of the same day corrects it, `withdrawn` takes it back.

        What a file leaves out may be said once for all its rows, in the query.
        """
        media_type, charset = media_type_of(request)
        received_at, traceparent = parts.clock(), traceparent_of(request)

        def read(data: bytes, kind: str, alphabet: str | None) -> Iterator[ReadPrice]:
            return read_prices(data, kind, alphabet, assumed)

        async def take(ticks: Sequence[PriceTick]) -> list[Recorded]:
            return await PriceIntake(parts.bus).put(ticks, received_at, traceparent)

        await not_under_pressure(parts.bus)
        async with Body(request, media_type, parts.settings, parts.bodies) as body:
            return answered(await putting.put_reports(putting.Reports(read, price_name, take), body, charset, parts.executor))

    @routes.post(
        "/stock",
        dependencies=[Depends(require("stock:write"))],
        summary="Report stock",
        openapi_extra=takes(MEDIA_TYPES),
    )
    async def post_stock(request: Request, assumed: Annotated[AssumedOfStock, Depends(assumed_of_stock)]) -> Response:
        """Each row is answered: all that is known of one item in one plant. It replaces what was reported of them before.

        What a file leaves out may be said once for all its rows, in the query; `withdrawn` says that the plant no longer keeps the item.
        """
        media_type, charset = media_type_of(request)
        received_at, traceparent = parts.clock(), traceparent_of(request)

        def read(data: bytes, kind: str, alphabet: str | None) -> Iterator[ReadStock]:
            return read_stock(data, kind, alphabet, assumed)

        async def take(reports: Sequence[StockReport]) -> list[Recorded]:
            return await StockIntake(parts.bus, parts.master_data).put(reports, received_at, traceparent)

        await not_under_pressure(parts.bus)
        async with Body(request, media_type, parts.settings, parts.bodies) as body:
            return answered(await putting.put_reports(putting.Reports(read, stock_name, take), body, charset, parts.executor))

    return routes
