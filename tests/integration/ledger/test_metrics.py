"""A decision is counted when it is stored, once, however often it is emitted."""

from prometheus_client import REGISTRY
from sqlalchemy import Engine

from shared.contracts.price_risk import PriceGrade
from shared.contracts.supply_risk import Decision
from tests.integration.ledger.desk import Desk
from tests.support.orders import MOMENT, order_event
from tests.support.results import price_risk_event, screening_event, supply_risk_event


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_decisions_lines_and_value_are_counted_once(engine: Engine) -> None:
    before = {
        "decisions": value("orestream_decisions_total", kind="final", disposition="release_with_conditions"),
        "lines": value("orestream_assessed_lines_total", jurisdiction="CN", answer="licence_required"),
        "value": value("orestream_assessed_value_total", jurisdiction="CN", answer="licence_required", currency="EUR"),
        "seconds": value("orestream_order_to_final_seconds_sum"),
        "finals": value("orestream_order_to_final_seconds_count"),
    }
    desk = Desk(engine)
    order = order_event(0)
    await desk.order(order)
    desk.now = MOMENT.timestamp() + 0.25
    delivery = desk.delivery("screenings", screening_event(order))
    await desk.take([delivery])
    await desk.take([delivery])
    assert value("orestream_decisions_total", kind="final", disposition="release_with_conditions") == before["decisions"] + 1
    assert value("orestream_assessed_lines_total", jurisdiction="CN", answer="licence_required") == before["lines"] + 3
    added = value("orestream_assessed_value_total", jurisdiction="CN", answer="licence_required", currency="EUR") - before["value"]
    assert added == 3 * 125
    assert value("orestream_order_to_final_seconds_count") == before["finals"] + 1
    assert abs(value("orestream_order_to_final_seconds_sum") - before["seconds"] - 0.25) < 0.001


async def test_lines_are_counted_by_the_grade_of_their_price_risk(engine: Engine) -> None:
    before = {grade: value("orestream_price_graded_lines_total", grade=grade) for grade in ("high", "not_exposed")}
    desk = Desk(engine, awaited=("screening", "pricing-risk"))
    grades: tuple[PriceGrade | None, ...] = ("high", None)
    for number, grade in enumerate(grades):
        order = order_event(number)
        screening = screening_event(order)
        await desk.order(order)
        await desk.result(screening)
        delivery = desk.delivery("price-risks", price_risk_event(order, screening, grade))
        await desk.take([delivery])
        await desk.take([delivery])
    after = {grade: value("orestream_price_graded_lines_total", grade=grade) for grade in before}
    assert after == {grade: count + 3 for grade, count in before.items()}


async def test_lines_are_counted_by_the_decision_on_their_stock(engine: Engine) -> None:
    before = {decision: value("orestream_supply_advised_lines_total", decision=decision) for decision in ("order_now", "not_tracked")}
    desk = Desk(engine, awaited=("screening", "stockpile-advisor"))
    decisions: tuple[Decision | None, ...] = ("order_now", None)
    for number, decision in enumerate(decisions):
        order = order_event(number)
        screening = screening_event(order)
        await desk.order(order)
        await desk.result(screening)
        await desk.take([desk.delivery("supply-risks", supply_risk_event(order, screening, decision))])
    after = {decision: value("orestream_supply_advised_lines_total", decision=decision) for decision in before}
    assert after == {decision: count + 3 for decision, count in before.items()}
