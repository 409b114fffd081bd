"""What an operator sees and does: endpoints, the delivery log, sending again, enabling again."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from services.notification import store
from services.notification.domain.delivery import Delivery, DeliveryState
from services.notification.endpoints import Endpoint
from services.notification.handlers import enable_timer, resend_timer
from services.notification.sending import Clock
from shared.access import Access
from shared.bus.types import SetTimers, State
from shared.http_problem import Problem, ProblemRoute


class EndpointView(BaseModel):
    """An endpoint as configured, without its secrets; `secrets` is how many of them sign."""

    id: str
    url: str
    events: list[str]
    secrets: int
    concurrency: int
    disabled_since: datetime | None = None
    disabled_cause: str | None = None


class Endpoints(BaseModel):
    endpoints: list[EndpointView]


class Deliveries(BaseModel):
    """`next` continues the list (`?after=`). A page may hold fewer than `limit` and still have a next one."""

    deliveries: list[Delivery]
    next: str | None = None


class Accepted(BaseModel):
    detail: str


def router(
    endpoints: Mapping[str, Endpoint], states: Mapping[int, State], set_timers: SetTimers, access: Access, clock: Clock
) -> APIRouter:
    routes = APIRouter(tags=["notification"], route_class=ProblemRoute)

    async def disabled() -> dict[int, dict[str, store.Disabled]]:
        found = await asyncio.gather(*(store.disabled_since(state, list(endpoints)) for state in states.values()))
        return dict(zip(states, found, strict=True))

    @routes.get("/v1/endpoints", dependencies=[Depends(access.require("deliveries:read"))], summary="Where webhooks go")
    async def list_endpoints() -> Endpoints:
        """The endpoints of the endpoints file and whether they are enabled."""
        why = {endpoint_id: reason for partition in (await disabled()).values() for endpoint_id, reason in partition.items()}
        return Endpoints(
            endpoints=[
                EndpointView(
                    id=endpoint.id,
                    url=endpoint.url,
                    events=sorted(endpoint.events),
                    secrets=len(endpoint.keys),
                    concurrency=endpoint.concurrency,
                    disabled_since=why[endpoint.id].since if endpoint.id in why else None,
                    disabled_cause=why[endpoint.id].cause if endpoint.id in why else None,
                )
                for endpoint in endpoints.values()
            ]
        )

    @routes.post(
        "/v1/endpoints/{endpoint_id}/enable",
        status_code=202,
        dependencies=[Depends(access.require("admin"))],
        summary="Send to an endpoint again",
    )
    async def enable(endpoint_id: str) -> Accepted:
        """Sends to an endpoint again that a 410 had disabled. What failed meanwhile is resent one by one."""
        if endpoint_id not in endpoints:
            raise Problem(404, "No such endpoint", f"The endpoints file names no endpoint {endpoint_id}; GET /v1/endpoints lists them.")
        for partition, why in (await disabled()).items():
            if endpoint_id in why:
                await set_timers(partition, [enable_timer(endpoint_id, clock())])
        return Accepted(detail=f"Endpoint {endpoint_id} is being enabled.")

    @routes.get("/v1/deliveries", dependencies=[Depends(access.require("deliveries:read"))], summary="The delivery log")
    async def list_deliveries(
        order: Annotated[str | None, Query(description="Order key in text form: system/company/order", max_length=700)] = None,
        endpoint: Annotated[str | None, Query(max_length=64)] = None,
        state: DeliveryState | None = None,
        after: Annotated[str | None, Query(description="`next` of the page before", max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Deliveries:
        """The delivery log with every attempt, the latest change first."""
        try:
            position = None if after is None else store.Position.decode(after)
        except ValueError:
            raise Problem(422, "No such position", "`after` is not what a page gave as `next`; leave it out to begin anew.") from None
        page = await store.page(states, order=order, endpoint=endpoint, state=state, after=position, limit=limit)
        return Deliveries(deliveries=page.deliveries, next=page.next.encode() if page.next else None)

    @routes.post(
        "/v1/deliveries/{webhook_id}/resend",
        status_code=202,
        dependencies=[Depends(access.require("admin"))],
        summary="Send a webhook again",
    )
    async def resend(webhook_id: Annotated[str, Path(max_length=64)]) -> Accepted:
        """Sends a delivery again at once, under the same webhook-id and with a full schedule of attempts."""
        found = await asyncio.gather(*(store.deliveries(state, [webhook_id]) for state in states.values()))
        for partition, (delivery,) in zip(states, found, strict=True):
            if delivery is not None:
                await _refuse_disabled(delivery.endpoint_id)
                await set_timers(partition, [resend_timer(webhook_id, clock())])
                return Accepted(detail=f"{webhook_id} is due at endpoint {delivery.endpoint_id} now; GET /v1/deliveries shows the outcome.")
        raise Problem(404, "No such delivery", f"The delivery log holds no {webhook_id}; finished deliveries leave it after the retention.")

    async def _refuse_disabled(endpoint_id: str) -> None:
        if endpoint_id not in endpoints:
            raise Problem(409, "Endpoint not configured", f"Endpoint {endpoint_id} is not in the endpoints file; put it back first.")
        if any(endpoint_id in why for why in (await disabled()).values()):
            raise Problem(
                409, "Endpoint disabled", f"Endpoint {endpoint_id} is disabled; POST /v1/endpoints/{endpoint_id}/enable enables it first."
            )

    return routes
