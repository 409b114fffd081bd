"""Two screenings of the same orders side by side."""

from collections import Counter
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.difference import CERTAINTIES, CERTAINTY_OF, Difference, certainty_of
from shared.contracts.order import OrderKey, OrderSnapshot
from shared.contracts.screening import Answer, JurisdictionAnswer, LineScreening, ScreeningResult
from tests.unit.screening.making import line, order

Line = tuple[Answer, Answer, Decimal | None]
LINES = st.lists(
    st.tuples(st.sampled_from(Answer), st.sampled_from(Answer), st.none() | st.decimals(0, 1_000_000, places=2, allow_nan=False)),
    max_size=8,
)


def snapshot(number: int, lines: list[Line]) -> OrderSnapshot:
    made = order(*(line(line_id=str(place), value=value) for place, (_, _, value) in enumerate(lines)))
    return made.model_copy(update={"order_key": OrderKey(system="s", company="c", order_id=str(number)), "currency": "EUR"})


def screening(answers: list[Answer]) -> ScreeningResult:
    return ScreeningResult(
        order_key=OrderKey(system="s", company="c", order_id="1"),
        revision=1,
        round=1,
        order_event_id="e",
        outcome="screened",
        valid_on=date(2026, 12, 1),
        known_on=date(2026, 12, 1),
        versions={},
        lines=[
            LineScreening(line_id=str(place), answers={"CN": JurisdictionAnswer(answer=answer, dual_use_licence="no", how="so")})
            for place, answer in enumerate(answers)
        ],
    )


@given(st.lists(LINES, max_size=4))
def test_the_three_sums_hold_every_line_once_and_nothing_unknown_is_worth_nothing(orders: list[list[Line]]) -> None:
    difference = Difference()
    for number, lines in enumerate(orders):
        difference.add(snapshot(number, lines), screening([was for was, _, _ in lines]), screening([then for _, then, _ in lines]))
    told = [each for lines in orders for each in lines]
    for sums, position in ((difference.before, 0), (difference.after, 1)):
        for certainty in CERTAINTIES:
            within = [each for each in told if CERTAINTY_OF[each[position]] == certainty]  # type: ignore[index]
            worth = sums.get("CN", {}).get(certainty)
            assert (worth.lines if worth else 0) == len(within)
            assert (worth.without_value if worth else 0) == sum(value is None for _, _, value in within)
            assert sum(worth.by_currency.values() if worth else ()) == sum(value for _, _, value in within if value is not None)
    changed = Counter((was, then) for was, then, _ in told if was is not then)
    assert {(reason.before, reason.after): group.worth.lines for reason, group in difference.groups.items()} == changed


def test_a_suspension_whose_notice_nobody_has_seen_is_not_certain() -> None:
    stated = JurisdictionAnswer(answer=Answer.SUSPENDED, dual_use_licence="unknown", how="stated, unseen")
    assert certainty_of(stated) == "unknown"
    assert certainty_of(stated.model_copy(update={"dual_use_licence": "no"})) == "certainly_not"
    assert certainty_of(None) == "certainly_not"
