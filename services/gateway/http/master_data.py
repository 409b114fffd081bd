"""`/v1/items` and `/v1/suppliers` write and show master data, `/v1/refreshes` how far orders have been enriched again."""

from fastapi import APIRouter, Depends, Request, Response

from services.gateway import putting
from services.gateway.bodies import Body
from services.gateway.formats.master_data import read_items, read_suppliers
from services.gateway.formats.rows import MEDIA_TYPES
from services.gateway.http.parts import Parts
from services.gateway.http.requests import answered, media_type_of, takes
from shared.access import Require
from shared.contracts.master_data import Item, Supplier
from shared.http_problem import Problem, ProblemRoute


def master_data_routes(parts: Parts, require: Require) -> APIRouter:
    routes = APIRouter(route_class=ProblemRoute, tags=["gateway"])
    items = putting.Kind(read_items, putting.item_numbers, parts.master_data.put_items, lambda item: item.item_id)
    suppliers = putting.Kind(
        read_suppliers, putting.supplier_numbers, parts.master_data.put_suppliers, lambda supplier: supplier.supplier_id
    )

    @routes.put(
        "/items",
        dependencies=[Depends(require("master-data:write"))],
        summary="Write item master data",
        openapi_extra=takes(MEDIA_TYPES),
    )
    async def put_items(request: Request) -> Response:
        """Each row is answered; orders that a change concerns are enriched again in the background."""
        media_type, charset = media_type_of(request)
        async with Body(request, media_type, parts.settings, parts.bodies) as body:
            return answered(await putting.put_rows(items, body, charset, parts.refreshing, parts.executor))

    @routes.put(
        "/suppliers",
        dependencies=[Depends(require("master-data:write"))],
        summary="Write supplier master data",
        openapi_extra=takes(MEDIA_TYPES),
    )
    async def put_suppliers(request: Request) -> Response:
        """Each row is answered; orders that a change concerns are enriched again in the background."""
        media_type, charset = media_type_of(request)
        async with Body(request, media_type, parts.settings, parts.bodies) as body:
            return answered(await putting.put_rows(suppliers, body, charset, parts.refreshing, parts.executor))

    @routes.get("/items/{item_id}", dependencies=[Depends(require("master-data:read"))], response_model=Item, summary="One item")
    async def show_item(item_id: str, supplier_id: str | None = None) -> Item:
        item = await parts.master_data.item(item_id, supplier_id)
        if item is None:
            of = f" as {supplier_id} delivers it" if supplier_id else ""
            raise Problem(404, "Unknown item", f"The item master has no {item_id}{of}; PUT /v1/items adds it.")
        return item

    @routes.get(
        "/suppliers/{supplier_id}", dependencies=[Depends(require("master-data:read"))], response_model=Supplier, summary="One supplier"
    )
    async def show_supplier(supplier_id: str) -> Supplier:
        supplier = await parts.master_data.supplier(supplier_id)
        if supplier is None:
            raise Problem(404, "Unknown supplier", f"The supplier master has no {supplier_id}; PUT /v1/suppliers adds it.")
        return supplier

    @routes.get(
        "/refreshes/{refresh_id}", dependencies=[Depends(require("master-data:read"))], summary="How far a change of master data is"
    )
    async def show_refresh(refresh_id: str) -> Response:
        """How far the open orders that a change of master data concerns have been enriched again."""
        progress = await parts.refreshing.find(refresh_id)
        if progress is None:
            raise Problem(404, "Unknown refresh", f"There is no refresh {refresh_id}; finished ones are kept for a day.")
        return answered(putting.shown(progress))

    return routes
