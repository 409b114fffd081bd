"""The advice: a line's answer from warm state, one material's advice, and what a change costs where it touches few of many materials.

The line's answer stands beside its bar of 200 µs, the answer to a whole order (reading the order and its screening's lines, the event with
the advice embedded) beside decoding the two events alone. The material has two years of weekly consumption, open orders in a licence queue,
another plant, other sources and all costs: each advice has about seven simulations in it. Of a change: every material's digest is compared,
those that differ are advised anew.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import orjson

from services.stockpile_advisor.domain.advice import advise, inputs_digest
from services.stockpile_advisor.domain.inbound import InboundLine, InboundPart, inbound_of
from services.stockpile_advisor.domain.indices import indices_of
from services.stockpile_advisor.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.stockpile_advisor.domain.line_advice import advise_line
from services.stockpile_advisor.domain.result import by_item, supply_risk, versions_of
from services.stockpile_advisor.domain.situation import AdviceInputs
from services.stockpile_advisor.policy_file import load_policy
from services.stockpile_advisor.reference_files import reference_shares
from shared.contracts.stock import ConsumptionPeriod, ContainedElement, StockReport, SupplySource
from tests.bench.figure import Figure

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
MATERIALS = 100
ORDERS = 300
LINES = 5
LINE_BAR_US = 200.0
ADVICE_BAR_MS = 150.0
LOADED = load_policy()
REFERENCE = reference_shares()


def run() -> list[Figure]:
    policy, indices = LOADED.policy, indices_of(REFERENCE)
    materials = [_inputs(number) for number in range(MATERIALS)]
    advised = [advise(inputs, policy, NOW) for inputs in materials]
    known = by_item(advised)
    events = [
        (OrderReadEvent.model_validate_json(order), ScreeningReadEvent.model_validate_json(screening))
        for order, screening in map(_order, range(ORDERS))
    ]
    lines = [line for order, screening in events for line in inbound_of(order.data, screening.data)]
    versions = versions_of(LOADED.version, "bench")
    contents = [_order(number) for number in range(ORDERS)]
    decoding = _seconds(
        lambda: [(OrderReadEvent.model_validate_json(one), ScreeningReadEvent.model_validate_json(other)) for one, other in contents]
    )
    line_us = _seconds(lambda: [advise_line(line, known, indices, NOW) for line in lines]) / len(lines) * 1e6
    order_us = _seconds(lambda: [supply_risk(*event, known, indices, versions).encode() for event in events]) / len(lines) * 1e6
    decoding_us = decoding / len(lines) * 1e6
    advice_ms = _seconds(lambda: [advise(inputs, policy, NOW) for inputs in materials[:20]]) / 20 * 1e3
    found: list[Figure] = [
        {
            "name": "supply_risk_line_us",
            "value": line_us,
            "unit": "µs",
            "compared_with": "bar: 200 µs",
            "ratio": line_us / LINE_BAR_US,
        },
        {
            "name": "supply_risk_order_us_per_line",
            "value": order_us,
            "unit": "µs",
            "compared_with": "decoding the order and its screening",
            "ratio": order_us / decoding_us,
        },
        {
            "name": "advice_of_a_material_ms",
            "value": advice_ms,
            "unit": "ms",
            "compared_with": "bar: 150 ms",
            "ratio": advice_ms / ADVICE_BAR_MS,
        },
    ]
    digests = [advice.digest for advice in advised]
    one = 0.0
    for changed in (0, 1, 10):
        now = [_used_more(inputs) if number < changed else inputs for number, inputs in enumerate(materials)]
        spent = _seconds(lambda now=now: _made_anew(now, digests)) * 1e3  # type: ignore[misc]
        one = spent if changed == 1 else one
        found.append(
            {
                "name": f"advice_after_{changed}_of_{MATERIALS}_materials_changed_ms",
                "value": spent,
                "unit": "ms",
                "compared_with": None if changed < 2 else "one changed",
                "ratio": None if changed < 2 else spent / one,
            }
        )
    return found


def _made_anew(materials: list[AdviceInputs], digests: list[str]) -> int:
    differ = [inputs for inputs, digest in zip(materials, digests, strict=True) if inputs_digest(inputs, LOADED.policy) != digest]
    return sum(advise(inputs, LOADED.policy, NOW).quantity is not None for inputs in differ)


def _used_more(inputs: AdviceInputs) -> AdviceInputs:
    return replace(inputs, report=inputs.report.model_copy(update={"on_hand": inputs.report.on_hand / 2}))


def _inputs(number: int) -> AdviceInputs:
    rng = np.random.default_rng(number)
    weekly = rng.gamma(4.0, 20.0, 104).round(1)
    first = NOW.date() - timedelta(weeks=104)
    report = StockReport(
        plant="P1",
        item_id=f"ITEM-{number}",
        unit="kg",
        as_of=NOW,
        on_hand=Decimal(int(rng.integers(200, 6_000))),
        consumption=[
            ConsumptionPeriod(
                first_on=first + timedelta(weeks=week), last_on=first + timedelta(weeks=week, days=6), quantity=Decimal(str(used))
            )
            for week, used in enumerate(weekly)
        ],
        contained=[ContainedElement(element="Dy", percent=Decimal(87))],
        mass_kg_per_unit=Decimal(1),
        currency="USD",
        unit_price=Decimal(300),
        order_cost=Decimal(200),
        holding_cost_per_unit_year=Decimal(30),
        shortage_cost_per_unit=Decimal(900),
        lead_times_seen_days=[40, 44, 45, 47, 50, 62, 80],
        shipping_days=20,
        sources=[
            SupplySource(name="A", country="CN", licence_needed=True, quantity_last_year=Decimal(3_000)),
            SupplySource(name="B", country="AU", licence_needed=False, lead_time_days=90, unit_price=Decimal(380)),
        ],
    )
    inbound = tuple(_inbound(number, order) for order in range(3))
    return AdviceInputs(report, (report.model_copy(update={"plant": "P2"}),), inbound, reference=REFERENCE)


def _inbound(number: int, order: int) -> InboundLine:
    return InboundLine(
        order_key=f"erp/1000/{number}-{order}",
        line_id="10",
        item_ids=[f"ITEM-{number}"],
        unit="kg",
        quantity=Decimal(400),
        mass_kg=Decimal(400),
        parts=[InboundPart(name="delivery 1", quantity=Decimal(400), leaves_on=NOW.date() + timedelta(days=30 * order))],
        elements=["Dy"],
        licence_needed="yes",
        supplier="A",
        country="CN",
    )


def _order(number: int) -> tuple[bytes, bytes]:
    key = {"system": "erp", "company": "1000", "order_id": str(number)}
    ids = [f"ITEM-{(number * LINES + line) % MATERIALS}" for line in range(LINES)]
    order = {
        "order_key": key,
        "revision": {"received_seq": 1},
        "supplier": {"name": "A", "country": "CN"},
        "lines": [
            {
                "line_id": str(line),
                "item": {"buyer_id": item_id},
                "quantity": {"value": "400", "unit": "KGM"},
                "expected_departure_on": "2026-12-15",
            }
            for line, item_id in enumerate(ids)
        ],
    }
    finding = {
        "answer": "licence_required",
        "licence_delay": {"p50_days": 144, "p95_days": 500, "evidence": "a survey", "confidence": "low"},
    }
    screening = {
        "order_key": key,
        "revision": 1,
        "round": 1,
        "order_event_id": f"o{number}",
        "outcome": "screened",
        "lines": [
            {
                "line_id": str(line),
                "answers": {"CN": {"answer": "licence_required", "dual_use_licence": "yes"}},
                "recognition": {"materials": [{"element": "Dy"}, {"element": "Nd"}]},
                "findings": [finding],
            }
            for line in range(LINES)
        ],
    }
    return _event(f"o{number}", order), _event(f"s{number}", screening)


def _event(event_id: str, data: dict[str, object]) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": "orestream/bench",
            "type": "orestream.order.screened.v1",
            "subject": "erp/1000/1",
            "time": "2026-11-22T08:00:00.000000Z",
            "dataschema": "https://orestream.invalid/schemas/bench.json",
            "datacontenttype": "application/json",
            "traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01",
            "data": data,
        }
    )


def _seconds(work: Callable[[], object]) -> float:
    """The fastest of three: other processes share the machine."""
    work()
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)
