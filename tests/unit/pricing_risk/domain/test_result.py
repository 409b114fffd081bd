"""The event that answers a screened order: one per screening, made again from what it names."""

from typing import Any

import pytest

from services.pricing_risk.domain.inputs import LineScreeningRead
from services.pricing_risk.domain.result import elements_of, failed, priced, versions_of
from services.pricing_risk.made_again import made_again
from services.pricing_risk.settings import Settings
from shared.contracts.price_risk import PriceRiskEvent
from tests.unit.pricing_risk.domain.made_inputs import (
    AT_SHIPMENT,
    POLICY,
    PRICING,
    TODAY,
    exchange,
    line,
    market,
    material,
    order,
    order_event,
    screened,
    screening_event,
    series,
)

IN_DOLLARS = {"amount": "700", "per_unit": "KGM", "currency": "USD"}
RECEIVED = [{"shipment_id": "A", "quantity": "1000", "received_on": "2026-11-01"}]
VERSIONS = versions_of(POLICY.version, Settings().code_version)
VIEWS = (
    series(),
    series("Nd", "Nd", price="90"),
    series("Nd", "Nd", market="CN", currency="CNY", price="600"),
    exchange("USD", "EUR", "0.9"),
)
ORDER = order_event(order(line(AT_SHIPMENT), line(AT_SHIPMENT, line_id="20"), line(line_id="30"), currency="EUR"))
SCREENING = screening_event(
    ORDER,
    screened(material(), delay_days=143),
    screened(material("Nd", "60"), material("Tb", "3"), line_id="20", product="alloy"),
    screened(product="other_finished_good", line_id="30"),
)


def test_one_event_with_every_line_and_the_series_that_were_used() -> None:
    answer = priced(ORDER, SCREENING, market(*VIEWS), PRICING, VERSIONS)
    result = answer.event.data
    assert [(risk.line_id, risk.status) for risk in result.lines] == [("10", "priced"), ("20", "unknown"), ("30", "not_exposed")]
    assert [view.series.split("/")[0] for view in result.series] == ["Dy", "Nd", "USD"]
    assert (result.priced_on, result.screening_event_id, result.versions) == (TODAY, "screening-event", VERSIONS)
    assert (answer.event.subject, answer.event.time) == (SCREENING.subject, SCREENING.time)
    assert answer.position is not None
    assert (answer.position.supplier, answer.position.country, len(answer.position.lines)) == ("Example Metals Ltd", "VN", 2)
    assert elements_of(answer.position) == {"Dy", "Nd", "Tb"}


def test_what_is_written_is_what_readers_read() -> None:
    content = priced(ORDER, SCREENING, market(*VIEWS), PRICING, VERSIONS).event.encode()
    assert PriceRiskEvent.model_validate_json(content).encode() == content


def test_it_is_made_again_byte_for_byte_from_what_it_names() -> None:
    recorded = priced(ORDER, SCREENING, market(*VIEWS), PRICING, VERSIONS).event.encode()
    assert made_again(ORDER.encode(), SCREENING.encode(), recorded, POLICY.content) == recorded


def test_of_a_series_no_more_is_told_than_what_lines_looked_at() -> None:
    recorded = priced(ORDER, SCREENING, market(*VIEWS), PRICING, VERSIONS).event.data.series
    whole = {view.series: view for view in VIEWS}
    # 60 days are 43 quotation days, with 143 in the queue 145; of neodymium, on the second line alone, no queue is said.
    assert [[horizon.days for horizon in view.horizons] for view in recorded] == [[42, 63, 126, 189], [42, 63], [42, 63, 126, 189]]
    assert [view.digest for view in recorded] == [whole[view.series].digest for view in recorded]
    assert len(recorded[0].model_dump_json()) < 0.6 * len(whole[recorded[0].series].model_dump_json())


@pytest.mark.parametrize(
    ("said", "screening"),
    [
        ({"budget_price": IN_DOLLARS}, screened(material())),
        ({"standard_price": IN_DOLLARS, "shipments": RECEIVED}, screened(material())),
        ({"pricing": {**AT_SHIPMENT, "index": {"material": "Dy"}}}, screened(product="other_finished_good")),
        ({"pricing": {"kind": "fixed"}}, screened(material("Nd", "60"), product="alloy")),
        ({"pricing": {**AT_SHIPMENT}, "expected_departure_on": "2030-11-20"}, screened(material(), delay_days=30)),
    ],
    ids=["a budget", "a standard price", "an index alone", "a fixed price", "years ahead"],
)
def test_what_else_a_line_was_compared_with_is_named_too(said: dict[str, Any], screening: LineScreeningRead) -> None:
    asked = order_event(order(line(**{"pricing": AT_SHIPMENT, **said}), currency="EUR"))
    answered = screening_event(asked, screening)
    answer = priced(asked, answered, market(*VIEWS), PRICING, VERSIONS).event
    assert answer.data.lines[0].status in ("priced", "not_exposed")
    assert made_again(asked.encode(), answered.encode(), answer.encode(), POLICY.content) == answer.encode()


def test_another_state_of_a_series_gives_another_id() -> None:
    one = priced(ORDER, SCREENING, market(*VIEWS), PRICING, VERSIONS).event
    other = priced(ORDER, SCREENING, market(series(price="801"), *VIEWS[1:]), PRICING, VERSIONS).event
    unused = priced(ORDER, SCREENING, market(*VIEWS, series("Ga", "Ga", price="500")), PRICING, VERSIONS).event
    assert one.id != other.id
    assert one == unused


def test_a_failed_screening_gives_a_failed_result_that_says_why() -> None:
    broken = screening_event(ORDER, outcome="failed", failure="The law could not be read.")
    answer = priced(ORDER, broken, market(*VIEWS), PRICING, VERSIONS)
    assert (answer.event.data.outcome, answer.event.data.lines, answer.position) == ("failed", [], None)
    assert "The law could not be read." in (answer.event.data.failure or "")
    recorded = answer.event.encode()
    assert made_again(ORDER.encode(), broken.encode(), recorded, POLICY.content) == recorded


def test_what_was_given_up_is_given_up_again_for_the_same_reason() -> None:
    recorded = failed(SCREENING, SCREENING.id, ORDER.id, "The price risk could not be worked out (KeyError).", VERSIONS).encode()
    assert made_again(ORDER.encode(), SCREENING.encode(), recorded, POLICY.content) == recorded
