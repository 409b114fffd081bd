"""Questions put together per supplier and holder."""

import csv
import io
import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.formats.answers import read_answers
from services.gateway.formats.rows import ReadRow
from services.ledger.domain.questionnaire import AskedLine, as_csv, questionnaires
from shared.contracts.screening import MissingFact

QUESTIONS = [
    MissingFact(kind="fact", name=name, held_by=holder, question=f"What is the {name}?")
    for name, holder in (("composition", "supplier"), ("origin", "supplier"), ("ship_from", "supplier"), ("end_use", "buyer"))
] + [MissingFact(kind="law", name="x.binding", held_by="authority", question="Does it bind?")]

LINES = st.lists(
    st.builds(
        AskedLine,
        order_key=st.sampled_from(["s/c/1", "s/c/2", "s/c/3"]),
        line_id=st.integers(1, 9).map(str),
        supplier_id=st.sampled_from(["V-1", "V-2", None]),
        supplier_name=st.just("Example"),
        item=st.sampled_from([{}, {"buyer_id": "M-1"}, {"buyer_id": "M-2", "supplier_id": "S-2"}]),
        description=st.sampled_from([None, "Magnet", "=HYPERLINK(1)"]),
        value=st.none() | st.decimals(0, 1000, places=2),
        currency=st.just("EUR"),
        questions=st.lists(st.sampled_from(QUESTIONS), min_size=1, max_size=3, unique=True).map(tuple),
    ),
    max_size=20,
)


@given(LINES)
def test_every_question_of_every_line_is_asked_once_and_each_line_is_settled_by_one(lines: list[AskedLine]) -> None:
    found = questionnaires(lines)
    asked = [question for each in found for question in each.questions]
    assert sum(len(question.lines) for question in asked) == sum(len(line.questions) for line in lines)
    assert sum(question.settles for question in asked) == len(lines)
    assert len({question.question_id for question in asked}) == len(asked)
    total = sum((value for question in asked for value in question.value.values()), Decimal(0))
    assert total == sum((line.value * len(line.questions) for line in lines if line.value is not None), Decimal(0))
    for each in found:
        assert [question.settles for question in each.questions] == sorted((q.settles for q in each.questions), reverse=True)


@given(LINES)
def test_the_form_holds_no_cell_that_a_spreadsheet_would_run(lines: list[AskedLine]) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(questionnaires(lines)))))
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))] == []


def test_a_form_with_hostile_numbers_is_read_back_as_they_are() -> None:
    asked = AskedLine("s/%3Dc/+1", "1", "@V-1", None, {"buyer_id": "=cmd|' /C calc'!A0"}, None, None, None, (QUESTIONS[0], QUESTIONS[3]))
    form = as_csv(questionnaires([asked]))
    assert not re.search(r"(^|,)\"?[=+@-]", form, re.MULTILINE)
    filled = "\r\n".join(line[: -len(",,,,,")] + "x,,report 1,," if ",,," in line else line for line in form.split("\r\n"))
    read = [entry.row for entry in read_answers(filled.encode(), "text/csv") if isinstance(entry, ReadRow)]
    assert {answer.item_id for answer in read if answer.item_id} == {"=cmd|' /C calc'!A0"}
    assert {(answer.order_key.company, answer.order_key.order_id) for answer in read if answer.order_key} == {("=c", "+1")}
