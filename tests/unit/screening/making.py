"""Orders, goods and laws made by hand, so that a test says only what it is about."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from services.screening.domain.basis import Basis
from services.screening.domain.goods import Feature, FeatureName, Goods, Interval, Material, Parameter, Product, Sighting, SubstanceClass
from services.screening.domain.law import NO_SCENARIO, Law, Scenario
from services.screening.domain.parties import PartyList
from services.screening.domain.screening import screen_order
from services.screening.regulation_files import load_law, load_parties
from shared.contracts.order import EndUser, OrderKey, OrderSnapshot, Party, RawDocument, Revision, SnapshotLine
from shared.contracts.screening import JurisdictionAnswer, LineScreening

TODAY = date(2026, 11, 22)
SEEN = Sighting("document", "as stated")
NAUGHT = "0" * 64


@lru_cache
def built_in_law() -> Law:
    return load_law()


@lru_cache
def built_in_parties() -> PartyList:
    return load_parties()


def interval(low: str | None, high: str | None) -> Interval:
    return Interval(Decimal(low) if low is not None else None, Decimal(high) if high is not None else None)


def material(
    element: str,
    substance_class: SubstanceClass | None = None,
    substance: str | None = None,
    *,
    share: str | tuple[str | None, str | None] | None = None,
    value_share: str | None = None,
    below: str | None = None,
    certain: bool = True,
    origin: str | None = None,
) -> Material:
    low, high = (share, share) if isinstance(share, str) else share or (None, None)
    return Material(
        element,
        SEEN,
        certain=certain,
        substance=substance,
        substance_class=substance_class,
        mass_share_percent=interval(None, below) if below else interval(low, high),
        value_share_percent=interval(value_share, value_share),
        below_detection=below is not None,
        origin_country=origin,
    )


def goods(
    *products: Product,
    materials: Sequence[Material] = (),
    parameters: dict[str, str | tuple[str | None, str | None]] | None = None,
    features: Sequence[FeatureName] = (),
    certain: bool = True,
    described: bool = True,
    **more: Any,
) -> Goods:
    measured = []
    for name, value in (parameters or {}).items():
        low, high = (value, value) if isinstance(value, str) else value
        measured.append(Parameter(name, interval(low, high), SEEN))
    return Goods(
        products=products,
        product_sighting=SEEN if products else None,
        product_certain=certain and bool(products),
        materials=tuple(materials),
        parameters=tuple(measured),
        features=tuple(Feature(name, SEEN) for name in features),
        described=described,
        **more,
    )


def line(**fields: Any) -> SnapshotLine:
    return SnapshotLine(**{"line_id": "10", "description": "goods", **fields})


def order(
    *lines: SnapshotLine,
    ship_from: str | None = "CN",
    destination: str | None = "DE",
    end_user: EndUser | None = None,
    civil: bool = True,
    **fields: Any,
) -> OrderSnapshot:
    return OrderSnapshot(
        **{
            "order_key": OrderKey(system="erp", company="1000", order_id="4711"),
            "revision": Revision(received_seq=1),
            "ship_from": Party(country=ship_from) if ship_from else None,
            "ship_to": Party(country=destination) if destination else None,
            "end_user": end_user or (EndUser(user_class="civil") if civil else None),
            "lines": list(lines) or [line(origin_country="CN")],
            "content_sha256": NAUGHT,
            "enrichment_sha256": NAUGHT,
            "raw": RawDocument(sha256=NAUGHT, media_type="application/json", adapter="tests"),
            "received_at": datetime(2026, 11, 22, 8, tzinfo=UTC),
            **fields,
        }
    )


def screen(
    what: Goods,
    snapshot: OrderSnapshot | None = None,
    *,
    on: date | None = None,
    known_on: date = TODAY,
    law: Law | None = None,
    parties: PartyList | None = None,
    scenario: Scenario = NO_SCENARIO,
) -> LineScreening:
    """The first line of an order, taken to be these goods, judged on a day."""
    result = screen_order(
        snapshot or order(),
        Basis(law or built_in_law(), parties or built_in_parties()),
        order_event_id="event",
        known_on=known_on,
        valid_on=on,
        scenario=scenario,
        code="1",
        recogniser=lambda _: what,
    )
    return result.lines[0]


def china(what: Goods, snapshot: OrderSnapshot | None = None, **how: Any) -> JurisdictionAnswer:
    return screen(what, snapshot, **how).answers["CN"]


DYSPROSIUM_OXIDE = goods("oxide", materials=[material("Dy", "oxide", "Dy2O3", share="86.7")])
HOLMIUM_OXIDE = goods("oxide", materials=[material("Ho", "oxide", "Ho2O3")])
GERMANIUM_DIOXIDE = goods("oxide", materials=[material("Ge", "oxide", "GeO2")], parameters={"purity_percent": "99.999"})
OFFICE_CHAIR = goods()


def neodymium_magnet(*more: Material, **fields: Any) -> Goods:
    return goods("permanent_magnet", materials=[material("Nd", "alloy", "NdFeB", share="30"), *more], magnet_family="NdFeB", **fields)
