"""Every contract that leaves a process, under the name its JSON Schema and golden samples carry."""

from typing import Any

from pydantic import BaseModel

from shared.contracts.alert import AlertEvent
from shared.contracts.answer import FactAnswer
from shared.contracts.assessment import AssessmentEvent
from shared.contracts.dead_letter import DeadLetterEvent
from shared.contracts.licence import Licence, LicenceEvent
from shared.contracts.master_data import Item, Supplier
from shared.contracts.order import OrderDocument, OrderEvent
from shared.contracts.price import PriceEvent, PriceTick
from shared.contracts.price_risk import PriceRiskEvent
from shared.contracts.reference_change import ReferenceChangeEvent
from shared.contracts.screening import ScreeningEvent
from shared.contracts.shipment import Shipment, ShipmentEvent
from shared.contracts.stock import StockEvent, StockReport
from shared.contracts.supply_risk import SupplyRiskEvent

CONTRACTS: dict[str, type[BaseModel]] = {
    "order_document.v1": OrderDocument,
    "item.v1": Item,
    "supplier.v1": Supplier,
    "licence.v1": Licence,
    "licence_event.v1": LicenceEvent,
    "shipment.v1": Shipment,
    "price.v1": PriceTick,
    "price_event.v1": PriceEvent,
    "price_risk_event.v1": PriceRiskEvent,
    "stock.v1": StockReport,
    "stock_event.v1": StockEvent,
    "supply_risk_event.v1": SupplyRiskEvent,
    "answer.v1": FactAnswer,
    "order_event.v1": OrderEvent,
    "shipment_event.v1": ShipmentEvent,
    "screening_event.v1": ScreeningEvent,
    "assessment_event.v1": AssessmentEvent,
    "alert_event.v1": AlertEvent,
    "dead_letter_event.v1": DeadLetterEvent,
    "reference_change_event.v1": ReferenceChangeEvent,
}


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a contract as a reader must accept it."""
    return CONTRACTS[name].model_json_schema(mode="validation")
