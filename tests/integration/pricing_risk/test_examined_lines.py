"""Order documents of many kinds, from what a sender writes to their price risk in money, held against arithmetic done here by hand.

Everything between is real: reading the document, enriching it, recognising what the goods hold, pricing. Prices are posted ticks; their
bounds are taken from the state of the series as it stands, since how they come about is examined elsewhere.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import expm1
from typing import Any

import pytest

from services.gateway.domain.enrichment import catalogue_of
from services.gateway.domain.received import Limits, Received
from services.gateway.domain.snapshot import snapshot_of
from services.gateway.formats.canonical import read_one
from services.pricing_risk.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.pricing_risk.domain.normalising import NormalPrice, normalise
from services.pricing_risk.domain.pricing import LinePricing
from services.pricing_risk.domain.result import priced, versions_of
from services.pricing_risk.domain.series import SeriesState
from services.pricing_risk.domain.view import SeriesIdentity, at_horizon, series_view, shortfall_975
from services.pricing_risk.policy_file import load_policy
from services.screening.domain.basis import Basis
from services.screening.regulation_files import load_law, load_parties
from services.what_if.asking import Judging, WhatIf
from shared.contracts.order import LineShipment, OrderEvent
from shared.contracts.price import PriceTick, series_id
from shared.contracts.price_risk import LinePriceRisk
from shared.contracts.price_series import SeriesView
from shared.contracts.screening import ScreeningEvent

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
TODAY = NOW.date()

O = 15.999  # noqa: E741
DY, ND, PR, TB, Y, SB, W = 162.500, 144.242, 140.908, 158.925, 88.906, 121.760, 183.84
DY2O3, ND2O3, Y2O3, SB2O3 = (2 * metal / (2 * metal + 3 * O) for metal in (DY, ND, Y, SB))
PR6O11, TB4O7, WO3, WC = 6 * PR / (6 * PR + 11 * O), 4 * TB / (4 * TB + 7 * O), W / (W + 3 * O), W / (W + 12.011)
NDPR_OXIDE = 0.75 * ND2O3 + 0.25 * PR6O11
POUND = 0.45359237

_CHINESE = {"market": "CN", "basis": "assessed", "currency": "CNY", "unit": "t", "tax": "included", "source": "example"}
_OUTSIDE = {"market": "EX_CN", "basis": "assessed", "currency": "USD", "unit": "kg", "source": "example"}
_RATE = {"market": "FX", "form": "currency", "basis": "assessed", "currency": "USD", "source": "example"}

TICKS: dict[str, tuple[float, dict[str, Any]]] = {
    "Dy": (600, {"material": "Dy", "form": "oxide", **_OUTSIDE}),
    "Dy inside": (1_500_000, {"material": "Dy", "form": "oxide", **_CHINESE}),
    "Nd": (600_000, {"material": "Nd", "form": "oxide", **_CHINESE}),
    "NdPr": (580_000, {"material": "NdPr", "form": "oxide", **_CHINESE}),
    "DyFe": (1_450_000, {"material": "DyFe", "form": "alloy", **_CHINESE}),
    "Cu": (9_800, {"material": "Cu", "form": "metal", **_OUTSIDE, "unit": "t"}),
    "Sb": (25, {"material": "Sb", "form": "metal", **_OUTSIDE, "unit": "lb"}),
    "W": (650, {"material": "W", "form": "compound", "substance": "WO3", **_OUTSIDE, "unit": "mtu"}),
    "CNY": (0.14, {"material": "CNY", **_RATE}),
    "EUR": (1.12, {"material": "EUR", **_RATE}),
    "JPY": (0.0065, {"material": "JPY", **_RATE}),
}
"""The last price of each series and what a tick of it says."""

PER_KG = {
    "Dy": 600 / DY2O3,
    "Dy inside": 1_500_000 / 1_000 / 1.13 / DY2O3,  # per kg, without tax, contained
    "Nd": 600_000 / 1_000 / 1.13 / ND2O3,
    "NdPr": 580_000 / 1_000 / 1.13 / NDPR_OXIDE,
    "DyFe": 1_450_000 / 1_000 / 1.13 / 0.80,
    "Cu": 9.8,
    "Sb": 25 / POUND,
    "W": 650 / 10 / WO3,  # a metric ton unit is 10 kg of contained oxide
}
RATES = {("USD", "USD"): 1, ("CNY", "CNY"): 1, ("CNY", "USD"): 0.14, ("USD", "EUR"): 1 / 1.12, ("CNY", "EUR"): 0.14 / 1.12}
RATES |= {("CNY", "JPY"): 0.14 / 0.0065}


@cache
def views() -> Mapping[str, SeriesView]:
    return {view.series: view for view in map(view_of, TICKS)}


@cache
def view_of(name: str) -> SeriesView:
    """300 quotation days of small steps that end at the price of TICKS."""
    last, said = TICKS[name]
    first = date(2026, 11, 20) - timedelta(days=299)
    steps = [0.01 * (day * 7 % 5 - 3) for day in range(299)] + [0.0]
    ticks = [
        PriceTick.model_validate({**said, "price": f"{last * (1 + step):.10g}", "as_of": first + timedelta(days=day)})
        for day, step in enumerate(steps)
    ]
    state = SeriesState()
    for tick in ticks:
        state.advance(tick.as_of, float(normal(tick).price))
    tick = ticks[-1]
    elements = list(normal(tick).elements)
    identity = SeriesIdentity(series_id(tick), tick.material, tick.form, tick.market, tick.basis, tick.currency, elements=elements)
    view = series_view(identity, state, source="example")
    assert view is not None
    return view


def normal(tick: PriceTick) -> NormalPrice:
    found = normalise(tick)
    assert isinstance(found, NormalPrice)
    return found


@cache
def judging() -> Judging:
    return Judging(Basis(load_law(), load_parties()), NOW, "1.2.3")


def risk_of(said: Mapping[str, Any], shipments: list[LineShipment]) -> LinePriceRisk:
    """As it would be told of an order with this one line."""
    read = read_one(json.dumps(said).encode(), Limits())
    assert isinstance(read, Received), read
    snapshot = snapshot_of(read, catalogue_of([], []), NOW)
    lines = [line.model_copy(update={"shipments": shipments}) for line in snapshot.lines]
    snapshot = snapshot.model_copy(update={"lines": lines})
    subject = str(snapshot.order_key)
    order = OrderEvent(id="o", source="s", type="orestream.order.created.v1", subject=subject, time=NOW, data=snapshot)
    screened = judging().judged(snapshot, WhatIf())
    screening = ScreeningEvent(id="s", source="s", type="orestream.order.screened.v1", subject=subject, time=NOW, data=screened)
    policy = load_policy()
    pricing = LinePricing(policy.policy)
    answer = priced(
        OrderReadEvent.model_validate_json(order.encode()),
        ScreeningReadEvent.model_validate_json(screening.encode()),
        pricing.market(views()),
        pricing,
        versions_of(policy.version, "1.2.3"),
    )
    (line,) = answer.event.data.lines
    return line


def in_days(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def on_day(days: int = 28, **said: Any) -> dict[str, Any]:
    return {"kind": "index", "priced_at": "date", "pricing_on": in_days(days), **said}


VIETNAM, CHINA, GERMANY = ({"id": country, "name": f"Example {country}", "country": country} for country in ("VN", "CN", "DE"))


@dataclass(frozen=True)
class Case:
    """`holds`: kg of contained element by series, of all that is open; `floats`: the share of its value that is exposed, factor and all.

    `contract`: the open quantity at the contract's price. `others`: further fields of the result.
    """

    name: str
    line: dict[str, Any]
    holds: dict[str, float]
    order: dict[str, Any] = field(default_factory=dict)
    shipments: list[LineShipment] = field(default_factory=list)
    floats: float = 1.0
    fixed: float = 0.0
    hedged: float = 0.0
    days: int = 28
    contract: float | None = None
    others: dict[str, Any] = field(default_factory=dict)


def goods(
    description: str, quantity: float, unit: str, price: float | None, pricing: dict[str, Any] | None = None, **said: Any
) -> dict[str, Any]:
    return {
        "line_id": "10",
        "description": description,
        "quantity": {"value": f"{quantity}", "unit": unit},
        "requested_delivery": [{"date": in_days(90)}],
        **({"price": {"amount": f"{price}"}} if price is not None else {}),
        **({"pricing": pricing} if pricing is not None else {}),
        **said,
    }


def dysprosium(quantity: float = 100, unit: str = "KGM", price: float | None = 520, pricing: Any = None, **said: Any) -> dict[str, Any]:
    return goods("Dysprosium oxide 99.5 %", quantity, unit, price, pricing or on_day(), **said)


DOLLARS, EUROS, YUAN, YEN = ({"currency": currency} for currency in ("USD", "EUR", "CNY", "JPY"))
FROM_CHINA = {"supplier": CHINA}
HUNDRED = {"Dy": 100 * 0.995 * DY2O3}
MAGNET = [{"substance": "Nd", "share": "24 wt%"}, {"substance": "Dy", "share": "3-5 wt%"}, {"substance": "Fe", "share": "66 wt%"}]
INDEX = {"material": "Dy", "form": "oxide", "market": "EX_CN"}
ROTOR = [
    {"description": "rotor magnet", "quantity": "8", "mass_kg": "1.2", "composition": MAGNET, "origin_country": "CN"},
    {"description": "copper winding", "mass_kg": "5", "composition": [{"substance": "Cu", "share": "100 %"}], "origin_country": "DE"},
]
CAME = LineShipment(shipment_id="1", received_on=date(2026, 11, 10), quantity=Decimal(40), received_quantity=Decimal(38))

CASES = (
    Case("kilograms", dysprosium(), HUNDRED, contract=52_000),
    Case("tonnes", dysprosium(0.1, "TNE", 520_000), HUNDRED, contract=52_000),
    Case("grams", dysprosium(100_000, "GRM", 0.52), HUNDRED, contract=52_000),
    Case("pounds", dysprosium(200, "LBR", 235), {"Dy": 200 * POUND * 0.995 * DY2O3}, contract=47_000),
    Case("in euro", dysprosium(), HUNDRED, EUROS, contract=52_000),
    Case("the index names the market", dysprosium(pricing=on_day(index={**INDEX, "market": "CN"})), {"Dy inside": HUNDRED["Dy"]}),
    Case("from China", goods("Neodymium oxide 99.9 %", 1_000, "KGM", 80, on_day()), {"Nd": 999 * ND2O3}, {**EUROS, **FROM_CHINA}),
    Case("in yuan", goods("Neodymium oxide 99.9 %", 1_000, "KGM", 600, on_day()), {"Nd": 999 * ND2O3}, {**YUAN, **FROM_CHINA}),
    Case("in yen", goods("Neodymium oxide 99.9 %", 1_000, "KGM", 14_000, on_day()), {"Nd": 999 * ND2O3}, {**YEN, **FROM_CHINA}),
    Case("by the pound", goods("Antimony metal 99.65 %", 5_000, "KGM", 50, on_day()), {"Sb": 4_982.5}, contract=250_000),
    Case("an oxide by its metal", goods("Antimony trioxide 99.8 %", 1_000, "KGM", 25, on_day()), {"Sb": 998 * SB2O3}),
    Case("a carbide of unsaid purity", goods("Tungsten carbide powder 0.8 um", 300, "KGM", 90, on_day()), {"W": 300 * 0.975 * WC}),
    Case("a metal by its oxide", goods("Dysprosium metal 99.5 %", 40, "KGM", 700, on_day()), {"Dy": 39.8}),
    Case(
        "an alloy",
        goods("Dysprosium ferro alloy DyFe 80/20", 500, "KGM", 250, on_day(), composition=[{"substance": "Dy", "share": "80 wt%"}]),
        {"DyFe": 400},
        FROM_CHINA,
    ),
    Case("sold as one", goods("PrNd metal 99 %", 1_000, "KGM", 100, on_day()), {"NdPr": 990}, FROM_CHINA),
    Case("a fixed price", dysprosium(pricing={"kind": "fixed"}), HUNDRED, floats=0, fixed=1, days=0, contract=52_000),
    Case(
        "priced with the order",
        dysprosium(pricing={"kind": "index", "priced_at": "order"}),
        HUNDRED,
        floats=0,
        fixed=1,
        days=0,
        contract=52_000,
    ),
    Case("priced last week", dysprosium(pricing=on_day(-5)), HUNDRED, floats=0, fixed=1, days=0, contract=52_000),
    Case(
        "half of an average",  # the period has 30 days, 15 of them after today
        dysprosium(pricing={"kind": "average", "quotation_from": in_days(-14), "quotation_to": in_days(15)}),
        HUNDRED,
        floats=0.5,
        fixed=0.5,
        days=15,
        contract=52_000,
    ),
    Case(
        "a formula",
        dysprosium(pricing={**on_day(index=INDEX), "kind": "formula", "factor": "0.9", "premium": "25"}),
        HUNDRED,
        floats=0.9,
    ),
    Case("hedged", dysprosium(pricing=on_day(hedged_percent="60")), HUNDRED, hedged=0.6, contract=52_000),
    Case("without a price", dysprosium(price=None), HUNDRED),
    Case("shipped later", dysprosium(pricing={"kind": "index", "priced_at": "shipment"}, expected_departure_on=in_days(28)), HUNDRED),
    Case(
        "all of several deliveries is priced with the last",
        dysprosium(
            pricing={"kind": "index", "priced_at": "delivery"},
            requested_delivery=[{"date": in_days(7), "quantity": "40"}, {"date": in_days(28), "quantity": "60"}],
        ),
        HUNDRED,
    ),
    Case(
        "partly received",  # 38 of 100 have come, at 520 where 480 is the standard
        dysprosium(standard_price={"amount": "480", "currency": "USD"}),
        {"Dy": 62 * 0.995 * DY2O3},
        shipments=[CAME],
        contract=62 * 520,
        others={"purchase_price_variance_money": 38 * 40},
    ),
    Case(
        "budgeted",  # fixed: what was agreed less what was planned
        dysprosium(pricing={"kind": "fixed"}, budget_price={"amount": "450", "currency": "USD"}),
        HUNDRED,
        floats=0,
        fixed=1,
        days=0,
        contract=52_000,
        others={"budget_variance_money": 7_000},
    ),
    Case(
        "budgeted and not priced",  # today's market less what was planned
        dysprosium(budget_price={"amount": "450", "currency": "USD"}),
        HUNDRED,
        others={"budget_variance_money": HUNDRED["Dy"] * PER_KG["Dy"] - 45_000},
    ),
    Case(
        "pieces with a weight, an interval taken at its middle",
        goods("Sintered NdFeB magnet N42SH", 10_000, "C62", 1.2, on_day(), composition=MAGNET, net_weight={"value": "75", "unit": "KGM"}),
        {"Nd": 75 * 0.24, "DyFe": 75 * 0.04},
        {**EUROS, **FROM_CHINA},
    ),
    Case(
        "an assembly by what is in its parts",
        goods("Servo motor 7.5 kW", 20, "C62", 900, on_day(), components=ROTOR, net_weight={"value": "400", "unit": "KGM"}),
        {"Nd": 20 * 1.2 * 0.24, "Dy": 20 * 1.2 * 0.04, "Cu": 20 * 5},
        {**EUROS, "supplier": GERMANY},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_line_is_worth_and_risks_what_its_arithmetic_says(case: Case) -> None:
    order = {
        "order_key": {"system": "examined", "company": "1", "order_id": "1"},
        "supplier": VIETNAM,
        "ship_to": {"country": "DE"},
        **DOLLARS,
        **case.order,
    }
    country = order["supplier"]["country"]
    line = {"origin_country": country, **case.line}
    risk = risk_of({**order, "ship_from": {"country": country}, "lines": [line]}, case.shipments)
    assert (risk.status, risk.currency, risk.horizon_days) == ("priced", order["currency"], case.days), risk.sentence
    values = {name: kg * PER_KG[name] * RATES[TICKS[name][1]["currency"], order["currency"]] for name, kg in case.holds.items()}
    value = sum(values.values())
    assert money(risk.market_value_money) == pytest.approx(value, rel=2e-6, abs=0.01)
    assert money(risk.exposure_money) == pytest.approx(value * case.floats, rel=2e-6, abs=0.01)
    if case.contract is not None:
        # The reference variance is the contract less the market, the mark to market the market less the contract of what is set.
        assert money(risk.reference_variance_money) == pytest.approx(case.contract - value, rel=2e-6, abs=0.02)
        assert money(risk.mark_to_market_money) == pytest.approx(case.fixed * (value - case.contract), rel=2e-6, abs=0.02)
    if order["currency"] in {TICKS[name][1]["currency"] for name in case.holds}:  # no exchange rate besides
        net = {name: amount * case.floats * (1 - case.hedged) for name, amount in values.items()}
        at_95, shortfall = (sum(net[name] * rise(name, case.days, of) for name in net) for of in ("bound_95", "shortfall"))
        assert money(risk.price_at_risk_95_money) == pytest.approx(at_95, rel=1e-5, abs=0.02)
        assert money(risk.expected_shortfall_975_money) == pytest.approx(shortfall, rel=1e-5, abs=0.02)
    for name, expected in case.others.items():
        assert money(getattr(risk, name)) == pytest.approx(expected, rel=2e-6, abs=0.02)


def money(amount: Any) -> float:
    assert amount is not None
    return float(amount)


def rise(name: str, calendar_days: int, of: str) -> float:
    """Of the series' own state over five quotation days in seven; the price may be set earlier, so the worst up to then counts."""
    view = view_of(name)
    days = -(-calendar_days * 5 // 7)
    if not days:
        return 0.0
    horizons = [at_horizon(view, days), *(each for each in view.horizons if each.days < days)]
    return max(shortfall_975(each) if of == "shortfall" else expm1(each.bound_95) for each in horizons)


ASKED: tuple[tuple[str, dict[str, Any], dict[str, Any], str, str], ...] = (
    ("no rate leads there", dysprosium(), {"currency": "GBP"}, "exchange rate USD/GBP", "buyer"),
    ("no currency", dysprosium(), {"currency": None}, "currency", "buyer"),
    ("nobody quotes it", goods("Indium metal 4N ingot", 20, "KGM", 400, on_day()), {}, "price series In/metal/EX_CN", "buyer"),
    ("no day", dysprosium(pricing={"kind": "index", "priced_at": "shipment"}, requested_delivery=[]), {}, "pricing_day", "buyer"),
    ("no index and nothing recognised", goods("Copper cathode grade A", 25_000, "KGM", 9.8, on_day()), {}, "pricing.index", "buyer"),
    ("no weight", goods("NdFeB magnet N42SH", 100, "C62", 1.2, on_day(), composition=MAGNET), FROM_CHINA, "mass_kg", "supplier"),
    ("no test report", goods("NdFeB magnet N42SH", 9, "KGM", 160, on_day()), FROM_CHINA, "mass_share_percent of Nd", "supplier"),
    (
        "a part without weight",
        goods("Servo motor", 20, "C62", 900, on_day(), components=[{**ROTOR[0], "mass_kg": None}]),
        {"supplier": GERMANY},
        "mass_kg",
        "supplier",
    ),
)


@pytest.mark.parametrize(("line", "order", "missing", "holder"), [each[1:] for each in ASKED], ids=[each[0] for each in ASKED])
def test_what_is_missing_is_asked_of_who_has_it(line: dict[str, Any], order: dict[str, Any], missing: str, holder: str) -> None:
    said = {"order_key": {"system": "examined", "company": "1", "order_id": "1"}, "supplier": VIETNAM, **DOLLARS, **order}
    said = {name: value for name, value in said.items() if value is not None}
    country = said["supplier"]["country"]
    risk = risk_of({**said, "ship_from": {"country": country}, "lines": [{"origin_country": country, **line}]}, [])
    assert (risk.status, risk.grade) == ("unknown", "unknown")
    assert risk.expected_shortfall_975_money is None
    asked = risk.missing[0]
    assert (asked.name, asked.held_by) == (missing, holder)
    assert asked.question in risk.sentence


@pytest.mark.parametrize(
    ("order", "line"),
    [
        ({"status": "cancelled"}, {}),
        ({"status": "closed"}, {}),
        ({}, {"line_status": "cancelled"}),
        ({}, {"quantity": {"value": "0", "unit": "KGM"}}),
        ({}, {"description": "Office chair, black", "pricing": {"kind": "fixed"}}),
        ({}, {"description": "Steel sheet S235JR 3 mm", "pricing": {"kind": "fixed"}}),
    ],
)
def test_what_is_not_open_or_holds_nothing_with_a_price_is_not_exposed(order: dict[str, Any], line: dict[str, Any]) -> None:
    said = {"order_key": {"system": "examined", "company": "1", "order_id": "1"}, "supplier": VIETNAM, **DOLLARS, **order}
    risk = risk_of({**said, "lines": [{**dysprosium(), "origin_country": "VN", **line}]}, [])
    assert (risk.status, risk.grade, risk.missing, risk.exposure_money) == ("not_exposed", None, [], None)


def test_a_licence_queue_moves_the_pricing_day_of_what_is_priced_when_it_leaves() -> None:
    said = {
        "order_key": {"system": "examined", "company": "1", "order_id": "1"},
        "supplier": CHINA,
        "ship_from": {"country": "CN"},
        **DOLLARS,
    }
    lines = [dysprosium(pricing={"kind": "index", "priced_at": "shipment"}, expected_departure_on=in_days(28), origin_country="CN")]
    risk = risk_of({**said, "ship_to": {"country": "DE"}, "lines": lines}, [])
    assert risk.licence_delay_days is not None
    assert risk.licence_delay_days > 45
    assert risk.horizon_days == 28 + risk.licence_delay_days
    assert f"{risk.licence_delay_days} of them for the licence queue" in risk.sentence
