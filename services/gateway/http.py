"""The gateway's routes."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import unquote

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.gateway import putting
from services.gateway.answers import Answers
from services.gateway.bodies import Body, Budget
from services.gateway.documents import MEDIA_TYPES, ReadOptions, split_media_type
from services.gateway.domain.shipping import Recorded
from services.gateway.formats import cloudevents
from services.gateway.formats import master_data as rows
from services.gateway.formats.answers import read_answers
from services.gateway.formats.licences import read_licences
from services.gateway.formats.shipments import read_shipments
from services.gateway.intake import Intake
from services.gateway.licences import LicenceIntake
from services.gateway.master_data import MasterData
from services.gateway.receipts import Receipt
from services.gateway.refreshing import Refreshing
from services.gateway.settings import Settings
from services.gateway.store import OrderStore, StoredAssessment, StoredOrder
from services.gateway.taking import Sent, Taking
from services.gateway.waiting import Waiting
from shared.access import Access
from shared.bus import Bus
from shared.contracts.licence import Licence
from shared.contracts.master_data import Item, Supplier
from shared.contracts.order import OrderKey, OrderSnapshot
from shared.contracts.shipment import Shipment
from shared.http_problem import Problem, ProblemRoute
from shared.observability.tracing import TRACEPARENT

LONGEST_WAIT_SECONDS = 60


@dataclass(slots=True, frozen=True)
class Parts:
    """What the routes work with."""

    bus: Bus
    settings: Settings
    intake: Intake
    store: OrderStore
    master_data: MasterData
    refreshing: Refreshing
    answers: Answers
    waiting: Waiting
    executor: Executor
    clock: Callable[[], datetime]


def router(parts: Parts, access: Access) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["gateway"])
    settings = parts.settings
    budget = Budget(settings.bodies_bytes)
    items = putting.Kind(rows.read_items, putting.item_numbers, parts.master_data.put_items, lambda item: item.item_id)
    suppliers = putting.Kind(
        rows.read_suppliers, putting.supplier_numbers, parts.master_data.put_suppliers, lambda supplier: supplier.supplier_id
    )

    @routes.post(
        "/v1/orders",
        status_code=202,
        dependencies=[Depends(access.require("orders:write"))],
        summary="Take orders in",
        openapi_extra=_takes(MEDIA_TYPES),
    )
    async def take_orders(
        request: Request,
        mapping: Annotated[str | None, Query(max_length=20_000, description="Columns of a CSV, as JSON.")] = None,
        system: Annotated[str | None, Query(min_length=1, max_length=200, description="Source system of UBL and CSV orders.")] = None,
        company: Annotated[str | None, Query(min_length=1, max_length=200, description="Company of UBL and CSV orders.")] = None,
    ) -> Response:
        """Canonical JSON, newline-delimited JSON, CloudEvents, CSV, UBL. One bad order does not refuse the others."""
        media_type, charset = _media_type(request)
        sent = Sent(
            options=ReadOptions(settings.limits, settings.csv_mapping, system, company),
            charset=charset,
            mapping=mapping,
            event_attributes=_event_attributes(request),
            traceparent=_traceparent(request),
        )
        receipt = Receipt(parts.clock())
        async with Body(request, media_type, settings, budget) as body:
            return await Taking(parts.bus, parts.intake, parts.executor, settings.orders_per_body, body, sent, receipt).answer()

    @routes.get("/v1/orders/{key:path}", dependencies=[Depends(access.require("orders:read"))], summary="One order and its answer")
    async def show_order(
        request: Request,
        key: Annotated[str, Path(description="system/company/order_id, each percent-encoded")],
        wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_SECONDS, description="Seconds to wait for the final assessment.")] = 0,
    ) -> Response:
        """The current snapshot, the states that came in, and the latest assessment; with `wait`, not before that one is final for it."""
        order_key = str(_order_key(request))

        async def final() -> tuple[StoredOrder, StoredAssessment | None] | None:
            found = await _read_order(parts.store, order_key)
            return found if _is_final(*found) else None

        found = await parts.waiting.until(order_key, final, wait) if wait else None
        return _json(_shown_order(order_key, *(found or await _read_order(parts.store, order_key))))

    @routes.put(
        "/v1/items",
        dependencies=[Depends(access.require("master-data:write"))],
        summary="Write item master data",
        openapi_extra=_takes(rows.MEDIA_TYPES),
    )
    async def put_items(request: Request) -> Response:
        """Each row is answered; orders that a change concerns are enriched again in the background."""
        media_type, charset = _media_type(request)
        async with Body(request, media_type, settings, budget) as body:
            return _json(await putting.put_rows(items, body, charset, parts.refreshing, parts.executor))

    @routes.put(
        "/v1/suppliers",
        dependencies=[Depends(access.require("master-data:write"))],
        summary="Write supplier master data",
        openapi_extra=_takes(rows.MEDIA_TYPES),
    )
    async def put_suppliers(request: Request) -> Response:
        """Each row is answered; orders that a change concerns are enriched again in the background."""
        media_type, charset = _media_type(request)
        async with Body(request, media_type, settings, budget) as body:
            return _json(await putting.put_rows(suppliers, body, charset, parts.refreshing, parts.executor))

    @routes.put(
        "/v1/shipments",
        dependencies=[Depends(access.require("orders:write"))],
        summary="Report shipments of order lines",
        openapi_extra=_takes(rows.MEDIA_TYPES),
    )
    async def put_shipments(request: Request) -> Response:
        """Each row is answered: what is known of one delivery of one line. The order is screened again where a row changes its facts."""
        media_type, charset = _media_type(request)
        received_at, traceparent = parts.clock(), _traceparent(request)

        async def report(shipments: Sequence[Shipment]) -> list[Recorded]:
            return await parts.intake.report(shipments, received_at, traceparent)

        async with Body(request, media_type, settings, budget) as body:
            reports = putting.Reports(read_shipments, lambda shipment: shipment.shipment_id, report)
            return _json(await putting.put_reports(reports, body, charset, parts.executor))

    @routes.post(
        "/v1/answers",
        dependencies=[Depends(access.require("master-data:write"))],
        summary="Answer open questions",
        openapi_extra=_takes(rows.MEDIA_TYPES),
    )
    async def post_answers(request: Request) -> Response:
        """One fact per row, with the document behind it, about goods, a supplier or an order; open orders it concerns are judged anew."""
        media_type, charset = _media_type(request)
        async with Body(request, media_type, settings, budget) as body:
            reports = putting.Reports(read_answers, lambda answer: answer.fact, parts.answers.put)
            return _json(await putting.put_reports(reports, body, charset, parts.executor))

    @routes.put(
        "/v1/licences",
        dependencies=[Depends(access.require("orders:write"))],
        summary="Report licence cases",
        openapi_extra=_takes(rows.MEDIA_TYPES),
    )
    async def put_licences(request: Request) -> Response:
        """Each row is answered: all that is known of one licence case. Orders that it may cover are screened again."""
        media_type, charset = _media_type(request)
        received_at, traceparent = parts.clock(), _traceparent(request)

        async def take(licences: Sequence[Licence]) -> list[Recorded]:
            return await LicenceIntake(parts.bus).put(licences, received_at, traceparent)

        async with Body(request, media_type, settings, budget) as body:
            reports = putting.Reports(read_licences, lambda licence: licence.licence_id, take)
            return _json(await putting.put_reports(reports, body, charset, parts.executor))

    @routes.get("/v1/items/{item_id}", dependencies=[Depends(access.require("master-data:read"))], response_model=Item)
    async def show_item(item_id: str, supplier_id: str | None = None) -> Item:
        item = await parts.master_data.item(item_id, supplier_id)
        if item is None:
            of = f" as {supplier_id} delivers it" if supplier_id else ""
            raise Problem(404, "Unknown item", f"The item master has no {item_id}{of}; PUT /v1/items adds it.")
        return item

    @routes.get("/v1/suppliers/{supplier_id}", dependencies=[Depends(access.require("master-data:read"))], response_model=Supplier)
    async def show_supplier(supplier_id: str) -> Supplier:
        supplier = await parts.master_data.supplier(supplier_id)
        if supplier is None:
            raise Problem(404, "Unknown supplier", f"The supplier master has no {supplier_id}; PUT /v1/suppliers adds it.")
        return supplier

    @routes.get("/v1/refreshes/{refresh_id}", dependencies=[Depends(access.require("master-data:read"))])
    async def show_refresh(refresh_id: str) -> Response:
        """How far the open orders that a change of master data concerns have been enriched again."""
        progress = await parts.refreshing.find(refresh_id)
        if progress is None:
            raise Problem(404, "Unknown refresh", f"There is no refresh {refresh_id}; finished ones are kept for a day.")
        return _json(putting.shown(progress))

    return routes


def _takes(media_types: tuple[str, ...]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media_type: {} for media_type in media_types}}}


def _media_type(request: Request) -> tuple[str, str | None]:
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "Encoding not supported", "Send the body uncompressed.")
    return split_media_type(request.headers.get("content-type", ""))


def _event_attributes(request: Request) -> dict[str, str] | None:
    """Attributes of a CloudEvent in binary mode (HTTP binding 1.0.2, section 3.1); None where the body is no event's data."""
    attributes = {name[3:]: unquote(value) for name, value in request.headers.items() if name.startswith("ce-")}
    return attributes if not attributes.keys().isdisjoint(cloudevents.ATTRIBUTES) else None


def _traceparent(request: Request) -> str | None:
    header = request.headers.get("traceparent", "")
    return header if TRACEPARENT.fullmatch(header) else None


def _order_key(request: Request) -> OrderKey:
    """The three parts as they stood in the request line: a decoded path no longer tells a slash inside a part from one between parts."""
    raw = request.scope.get("raw_path", request.url.path.encode()).split(b"?")[0].decode("ascii", "replace")
    parts = [unquote(part) for part in raw.partition("/v1/orders/")[2].split("/")]
    if len(parts) != 3 or not all(0 < len(part) <= 200 for part in parts):
        raise Problem(404, "Not an order key", "An order's path is /v1/orders/system/company/order_id, each part percent-encoded.")
    return OrderKey(system=parts[0], company=parts[1], order_id=parts[2])


async def _read_order(store: OrderStore, order_key: str) -> tuple[StoredOrder, StoredAssessment | None]:
    (order,), assessment = await asyncio.gather(store.read([order_key]), store.assessment(order_key))
    if order.version == 0:
        raise Problem(404, "Unknown order", f"No order {order_key} has come in; POST /v1/orders takes it in.")
    return order, assessment


def _is_final(order: StoredOrder, assessment: StoredAssessment | None) -> bool:
    standing = order.state.standing
    return standing is not None and assessment is not None and assessment.kind == "final" and assessment.revision >= standing.received_seq


def _shown_order(order_key: str, order: StoredOrder, assessment: StoredAssessment | None) -> dict[str, Any]:
    state, standing = order.state, order.state.standing
    system, company, order_id = map(unquote, order_key.split("/"))
    return {
        "order_key": {"system": system, "company": company, "order_id": order_id},
        "status": standing.status if standing is not None else None,
        "received_seq": standing.received_seq if standing is not None else None,
        "event_id": state.event_id,
        "snapshot": OrderSnapshot.model_validate(state.snapshot).model_dump(mode="json") if state.snapshot is not None else None,
        "history": [
            {**seen.revision.model_dump(mode="json"), "content": seen.content, "received_seq": seen.received_seq}
            for seen in (standing.history if standing is not None else ())
        ],
        "conflicts": [
            {"earlier": conflict.earlier_received_seq, "later": conflict.later_received_seq, "received_at": conflict.received_at}
            for conflict in state.conflicts
        ],
        "cancellation_requests": list(state.cancellation_requests),
        "assessment": assessment.content if assessment is not None else None,
        "final": _is_final(order, assessment),
    }


def _json(content: dict[str, Any]) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
