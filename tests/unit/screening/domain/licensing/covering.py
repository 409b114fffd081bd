"""Orders of dysprosium oxide from Ganzhou, and licences for it."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.screening.domain.basis import Basis
from services.screening.domain.licensing.allocation import Claims
from services.screening.domain.licensing.cover import Licences, recorded
from services.screening.domain.screening import screen_order
from shared.contracts.licence import Licence, LicenceUsed
from shared.contracts.order import EndUser, ItemReference, OrderKey, OrderSnapshot, Party, Quantity, SnapshotLine
from shared.contracts.screening import Cover, ScreeningResult
from tests.unit.screening.making import TODAY, built_in_law, built_in_parties, line, order

GANZHOU = Party(id="V1", name="Ganzhou Example Rare Earth Co., Ltd.", country="CN")
BUYER = EndUser(name="Example AG", country="DE", user_class="civil")


def oxide(line_id: str = "10", kilograms: int | None = 500, **fields: Any) -> SnapshotLine:
    amount = Decimal(kilograms) if kilograms is not None else None
    return line(
        **{
            "line_id": line_id,
            "description": "Dysprosium oxide 99.5 %",
            "origin_country": "CN",
            "item": ItemReference(buyer_id="DY-1"),
            "quantity": Quantity(value=amount, unit="KGM") if amount is not None else None,
            "mass_kg": amount,
            **fields,
        }
    )


def ordered(*lines: SnapshotLine, order_id: str = "4711", **fields: Any) -> OrderSnapshot:
    key = OrderKey(system="erp", company="1000", order_id=order_id)
    return order(*(lines or (oxide(),)), **{"order_key": key, "supplier": GANZHOU, "end_user": BUYER, **fields})


def licence(licence_id: str = "X", **fields: Any) -> Licence:
    return Licence.model_validate(
        {
            "licence_id": licence_id,
            "exporter": {"name": "GANZHOU EXAMPLE RARE EARTH CO LTD"},
            "control_codes": ["1C905"],
            "quantity": "300",
            "unit": "kg",
            "state": "approved",
            "history": [{"state": "approved", "on": "2026-10-12"}],
            "valid_from": "2026-10-12",
            "valid_until": "2027-03-01",
            **fields,
        }
    )


def used(*licences: Licence, **fields: Any) -> Licences:
    found = [LicenceUsed(licence=each, claimed_at="2026-11-22T08:00:00Z", **fields) for each in licences]
    return Licences("0" * 64, tuple(map(recorded, found)))


def screened(snapshot: OrderSnapshot, licences: Licences, *, on: date = TODAY, claims: Claims | None = None) -> ScreeningResult:
    basis = Basis(built_in_law(), built_in_parties())
    return screen_order(snapshot, basis, order_event_id="event", known_on=on, code="test", licences=licences, claims=claims)


def cover(snapshot: OrderSnapshot, licences: Licences, *, on: date = TODAY) -> Cover:
    found = screened(snapshot, licences, on=on).lines[0].cover
    assert found is not None
    return found
