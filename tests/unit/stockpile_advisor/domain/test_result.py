"""The answer to a screened order, and the same bytes when it is made again."""

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import orjson

from services.stockpile_advisor.domain.advice import advise
from services.stockpile_advisor.domain.indices import indices_of
from services.stockpile_advisor.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.stockpile_advisor.domain.result import by_item, failed, supply_risk, versions_of
from services.stockpile_advisor.made_again import made_again
from services.stockpile_advisor.policy_file import load_policy
from services.stockpile_advisor.reference_files import reference_shares
from shared.contracts.screening import NOT_MET
from shared.contracts.supply_risk import SupplyRiskEvent
from tests.unit.stockpile_advisor.domain.made_inputs import NOW, POLICY, inputs

LOADED = load_policy()
VERSIONS = versions_of(LOADED.version, version("orestream"))
INDICES = indices_of(reference_shares())
TRACE = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
KEY = {"system": "erp", "company": "1000", "order_id": "1"}


def event(kind: str, data: dict[str, Any], at: datetime = NOW) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"{kind}-1",
            "source": f"orestream/{kind}",
            "type": f"orestream.order.{kind}.v1",
            "subject": "erp/1000/1",
            "time": at.astimezone(UTC).isoformat(),
            "dataschema": "https://orestream.invalid/schemas/x.json",
            "datacontenttype": "application/json",
            "traceparent": TRACE,
            "data": data,
        }
    )


ORDER = event(
    "created",
    {
        "order_key": KEY,
        "revision": {"received_seq": 2},
        "round": 3,
        "supplier": {"name": "Far Oxides", "country": "CN"},
        "lines": [
            {"line_id": "10", "item": {"buyer_id": "DY-1"}, "quantity": {"value": "50", "unit": "KGM"}},
            {"line_id": "20", "item": {"buyer_id": "BOLT"}, "quantity": {"value": "9", "unit": "PCE"}},
        ],
    },
)


def screening(outcome: str = "screened", failure: str | None = None) -> bytes:
    lines = [
        {
            "line_id": "10",
            "answers": {"CN": {"answer": "licence_required", "dual_use_licence": "yes"}},
            "recognition": {"materials": [{"element": "Dy"}]},
        },
        {"line_id": "20", "answers": {"CN": {"answer": "not_controlled", "dual_use_licence": "no"}}},
    ]
    said = {"order_key": KEY, "revision": 2, "round": 3, "order_event_id": "created-1", "outcome": outcome, "failure": failure}
    return event("screened", {**said, "lines": lines if outcome == "screened" else []})


def answered(screened: bytes) -> SupplyRiskEvent:
    known = by_item([advise(inputs(), POLICY, NOW), advise(inputs(item_id="OTHER"), POLICY, NOW)])
    return supply_risk(
        OrderReadEvent.model_validate_json(ORDER), ScreeningReadEvent.model_validate_json(screened), known, INDICES, VERSIONS
    )


def test_one_answer_for_all_lines_with_the_advice_they_were_answered_with() -> None:
    made = answered(screening())
    result = made.data
    assert (result.revision, result.round, result.outcome, result.advised_on) == (2, 3, "advised", NOW.date())
    assert [(each.line_id, each.status) for each in result.lines] == [("10", "advised"), ("20", "not_tracked")]
    assert [(each.item_id, each.fan, each.sensitivity) for each in result.advice] == [("DY-1", [], [])]
    assert result.lines[0].advice_digest == result.advice[0].digest
    assert made.type == "orestream.order.advised.v1"
    assert set(result.versions) == {"code", "supply_model", "supply_policy"}


def test_the_same_bytes_are_made_again_of_what_is_recorded() -> None:
    for screened in (screening(), screening("failed", "The regulations could not be read.")):
        recorded = answered(screened).encode()
        assert made_again(ORDER, screened, recorded, LOADED.content) == recorded


def test_what_failed_fails_again_for_the_same_reason() -> None:
    read = ScreeningReadEvent.model_validate_json(screening())
    recorded = failed(read, read.id, "created-1", "It could not be worked out.", VERSIONS).encode()
    assert made_again(ORDER, screening(), recorded, LOADED.content) == recorded
    order = OrderReadEvent.model_validate_json(ORDER)
    given_up = failed(order, NOT_MET, order.id, "It could not be worked out.", VERSIONS).encode()
    assert made_again(ORDER, screening(), given_up, LOADED.content) == given_up


def test_a_failed_screening_gives_a_failed_result_that_says_so() -> None:
    result = answered(screening("failed", "The regulations could not be read.")).data
    assert (result.outcome, result.lines) == ("failed", [])
    assert "The regulations could not be read." in (result.failure or "")
