"""`POST /v1/orders` takes orders in, `GET /v1/orders/{key}` shows one with its answer."""

import asyncio
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.gateway.bodies import Body
from services.gateway.documents import MEDIA_TYPES, ReadOptions
from services.gateway.formats import cloudevents
from services.gateway.http.parts import Parts
from services.gateway.http.requests import answered, media_type_of, takes, traceparent_of
from services.gateway.receipts import Receipt
from services.gateway.store import OrderStore, StoredAssessment, StoredOrder
from services.gateway.taking import Sent, Taking
from shared.access import Require
from shared.contracts.order import OrderKey, OrderSnapshot
from shared.http_problem import Problem, ProblemRoute

LONGEST_WAIT_SECONDS = 60


def orders_routes(parts: Parts, require: Require) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["gateway"])

    @routes.post(
        "/orders",
        status_code=202,
        dependencies=[Depends(require("orders:write"))],
        summary="Take orders in",
        openapi_extra=takes(MEDIA_TYPES),
    )
    async def take_orders(
        request: Request,
        mapping: Annotated[str | None, Query(max_length=20_000, description="Columns of a CSV, as JSON.")] = None,
        system: Annotated[str | None, Query(min_length=1, max_length=200, description="Source system of UBL and CSV orders.")] = None,
        company: Annotated[str | None, Query(min_length=1, max_length=200, description="Company of UBL and CSV orders.")] = None,
    ) -> Response:
        """Canonical JSON, newline-delimited JSON, CloudEvents, CSV, UBL. One bad order does not refuse the others."""
        media_type, charset = media_type_of(request)
        sent = Sent(
            options=ReadOptions(parts.settings.limits, parts.settings.csv_mapping, system, company),
            charset=charset,
            mapping=mapping,
            event_attributes=_event_attributes(request),
            traceparent=traceparent_of(request),
        )
        receipt = Receipt(parts.clock())
        async with Body(request, media_type, parts.settings, parts.bodies) as body:
            return await Taking(parts.bus, parts.intake, parts.executor, parts.settings.orders_per_body, body, sent, receipt).answer()

    @routes.get("/orders/{key:path}", dependencies=[Depends(require("orders:read"))], summary="One order and its answer")
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
        return answered(_shown_order(order_key, *(found or await _read_order(parts.store, order_key))))

    return routes


def _event_attributes(request: Request) -> dict[str, str] | None:
    """Attributes of a CloudEvent in binary mode (HTTP binding 1.0.2, section 3.1); None where the body is no event's data."""
    attributes = {name[3:]: unquote(value) for name, value in request.headers.items() if name.startswith("ce-")}
    return attributes if not attributes.keys().isdisjoint(cloudevents.ATTRIBUTES) else None


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
