"""What is asked first of a line that cannot be answered settles something: some answer to it changes the line's result."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from services.gateway.domain.answering import attribute_of
from services.screening.cases import CaseFile, read, run_cases, snapshot_of
from services.screening.domain.basis import Basis
from services.screening.domain.screening import screen_order
from services.screening.domain.words import ELEMENT_NAMES
from shared.contracts.answer import FactAnswer
from shared.contracts.order import Constituent, EndUser, OrderSnapshot, Party
from shared.contracts.screening import Answer, LineScreening
from tests.unit.screening.making import built_in_law, built_in_parties

OPEN: Final = (Answer.NEEDS_INFORMATION, Answer.NOT_SCREENABLE)
CASES: Final = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
SAID: Final[Mapping[str, tuple[str, ...]]] = {
    "product": ("raw material, metal", "oxide", "powder", "loose permanent magnet", "finished product"),
    "substance_form": ("metal", "oxide", "alloy", "another compound"),
    "magnet_family": ("NdFeB", "SmCo", "ferrite"),
    "graphite_kind": ("natural flake", "artificial"),
    "cathode_stage": ("hydroxide precursor",),
    "anode_kind": ("artificial graphite",),
}
DESCRIBED: Final = ("Office chair", "Dysprosium oxide 99.5 %")
MEASURED: Final = ("0.5", "60", "130", "5000", "99.9999999")
COUNTRIES: Final = ("CN", "DE", "US", "JP")
SHARES: Final = ("30 wt%", "5 wt%", "<0.001 wt%")


def answers_to(order: OrderSnapshot, screened: LineScreening) -> Iterable[OrderSnapshot]:
    """The order with each of some answers to the first question."""
    question, line = screened.questions[0], order.lines[0]

    def with_line(**changes: object) -> OrderSnapshot:
        return order.model_copy(update={"lines": [line.model_copy(update=changes)]})

    match question.name:
        case "composition":
            asked = [symbol for symbol, name in ELEMENT_NAMES.items() if name in question.question.replace(",", "").split()]
            for share in SHARES:
                told = [Constituent(substance=symbol, share=share) for symbol in asked or ["Dy"]]
                yield with_line(composition=[*(each for each in line.composition if each.substance not in asked), *told])
        case "description":
            for words in DESCRIBED:
                yield with_line(description=words)
        case "origin":
            for country in COUNTRIES:
                yield with_line(origin_country=country)
        case "inputs_origin":
            for country in COUNTRIES:
                yield with_line(inputs_origin_country=country)
        case "ship_from":
            for country in COUNTRIES:
                yield order.model_copy(update={"ship_from": Party(country=country)})
        case "destination":
            for country in COUNTRIES:
                yield order.model_copy(update={"ship_to": Party(country=country)})
        case "end_use":
            for user_class in ("civil", "military"):
                yield order.model_copy(update={"end_user": EndUser(user_class=user_class)})
        case name:
            for value in SAID.get(name, MEASURED):
                told_as = attribute_of(FactAnswer(item_id="1", fact=name, value=value, document="a test report"))
                yield with_line(attributes=[*line.attributes, told_as])


def result_of(screened: LineScreening) -> tuple[object, ...]:
    return tuple((answer.answer, answer.dual_use_licence, answer.how) for answer in screened.answers.values())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_some_answer_to_the_first_question_changes_the_result(path: Path) -> None:
    cases: CaseFile = read(path)
    basis = Basis(built_in_law(), built_in_parties())
    idle = []
    for result in run_cases(cases, basis.law, basis.parties).results:
        if result.screening.answers["CN"].answer not in OPEN:
            continue
        assert result.screening.questions, f"{result.case.id} leaves something open and asks nothing"
        first = result.screening.questions[0]
        assert first.held_by, result.case.id
        assert first.question, result.case.id
        if first.kind == "law" or "/" in first.name or first.name == "components" or result.case.scenario.in_force or result.case.end_user:
            continue
        before = result_of(result.screening)
        orders = answers_to(snapshot_of(result.case), result.screening)
        if not any(result_of(screen(order, basis, cases.as_of, result.case.date)) != before for order in orders):
            idle.append(f"{result.case.id} {result.case.line!r}: {first.name}: {first.question}")
    assert idle == []


def screen(order: OrderSnapshot, basis: Basis, known_on: date, valid_on: date) -> LineScreening:
    return screen_order(order, basis, order_event_id="e", known_on=known_on, valid_on=valid_on, code="cases").lines[0]
