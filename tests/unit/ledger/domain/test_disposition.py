"""What a buyer may do with a line, by answer, flag and circumstance, under the policy that ships."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.ledger.domain.assessment import Occasion, PolicyInForce, ReceivedOrder, ReceivedResult, assess
from services.ledger.domain.policy import Policy
from services.ledger.domain.results import ResultHead, read_result
from services.ledger.policy_file import load_policy
from shared.contracts.assessment import Assessment, Disposition, LineAssessment, PriceRiskSummary, SupplyRiskSummary
from shared.contracts.order import OrderEvent
from shared.contracts.price_risk import MaterialExposure, PriceGrade
from shared.contracts.screening import (
    Answer,
    Cover,
    CoverState,
    DatedAnswer,
    Flag,
    JurisdictionAnswer,
    LineScreening,
    PartCover,
    PartyHit,
    Recognition,
    ScreeningEvent,
)
from shared.contracts.supply_risk import Decision
from tests.support.orders import MOMENT, order_event
from tests.support.results import (
    DAY,
    line_price_risk,
    line_screening,
    line_supply_risk,
    material_advice,
    price_risk_event,
    screening_event,
    supply_risk_event,
)

POLICY = load_policy()
IN_FORCE = PolicyInForce(POLICY.policy, POLICY.version)


def assessed(order: OrderEvent, screening: ScreeningEvent | None, missing: tuple[str, ...] = (), **results: ReceivedResult) -> Assessment:
    occasion = Occasion("final", MOMENT, "0.1.0", ("screening",), missing)
    received = {"screening": received_screening(screening)} if screening else {}
    return assess(occasion, ReceivedOrder.read(order.encode(), "0" * 64), {**received, **results}, IN_FORCE).data


def received_screening(event: ScreeningEvent) -> ReceivedResult:
    return ReceivedResult(event.id, read_result("screening", event.encode()).data, "1" * 64)


def with_lines(order: OrderEvent, **changes: Any) -> OrderEvent:
    lines = [line.model_copy(update=changes) for line in order.data.lines]
    return order.model_copy(update={"data": order.data.model_copy(update={"lines": lines})})


def with_snapshot(order: OrderEvent, **changes: Any) -> OrderEvent:
    return order.model_copy(update={"data": order.data.model_copy(update=changes)})


ORDER = order_event(1, lines=1)


@pytest.mark.parametrize(
    ("answer", "disposition", "blocks"),
    [
        (Answer.PROHIBITED, Disposition.HOLD, ["order_output", "payment", "goods_receipt"]),
        (Answer.PRESUMPTION_OF_DENIAL, Disposition.HOLD, ["order_output", "payment"]),
        (Answer.LICENCE_REQUIRED, Disposition.RELEASE_WITH_CONDITIONS, ["payment"]),
        (Answer.NEEDS_INFORMATION, Disposition.REVIEW, ["order_output", "payment"]),
        (Answer.SUSPENDED, Disposition.RELEASE_WITH_CONDITIONS, []),
        (Answer.EXEMPT, Disposition.RELEASE_WITH_CONDITIONS, []),
        (Answer.NOT_CONTROLLED, Disposition.RELEASE, []),
        (Answer.NOT_SCREENABLE, Disposition.HOLD, ["order_output", "payment"]),
    ],
)
def test_each_answer_has_its_disposition(answer: Answer, disposition: Disposition, blocks: list[str]) -> None:
    assessment = assessed(ORDER, screening_event(ORDER, answer))
    (line,) = assessment.lines
    assert (line.disposition, line.blocks) == (disposition, blocks)
    assert assessment.disposition == disposition
    assert line.reasons[0] == "China: Dysprosium oxide of this purity is listed."
    assert line.reasons[1] == POLICY.policy.answers.rule(answer).sentence


def test_a_controlled_line_goes_out_on_conditions_that_are_spelled_out() -> None:
    assessment = assessed(ORDER, screening_event(ORDER))
    (line,) = assessment.lines
    assert line.conditions == [
        "end_user_certificate_sent",
        "no_prepayment_before_licence",
        "licence_clause_in_contract",
        "no_promised_date",
    ]
    assert assessment.condition_sentences.keys() == set(line.conditions)
    assert line.control_codes == ["1C902"]
    assert line.materials == ["Dy"]


def covered(state: CoverState, *, whole: bool = False, parts: tuple[CoverState, ...] = ()) -> Assessment:
    found = Cover(
        jurisdiction="CN",
        state=state,
        whole=whole,
        sentences=["What the licence does."],
        parts=[PartCover(leaves_on=DAY, state=part) for part in parts],
    )
    line = line_screening("10", Answer.LICENCE_REQUIRED).model_copy(update={"cover": found})
    return assessed(ORDER, screening_event(ORDER, lines=[line]))


@pytest.mark.parametrize(
    ("state", "disposition", "blocks"),
    [
        ("none", Disposition.RELEASE_WITH_CONDITIONS, ["payment"]),
        ("applied", Disposition.RELEASE_WITH_CONDITIONS, ["payment"]),
        ("returned_for_supplement", Disposition.REVIEW, ["payment"]),
        ("granted", Disposition.RELEASE_WITH_CONDITIONS, ["payment"]),
        ("refused", Disposition.HOLD, ["order_output", "payment"]),
        ("unknown", Disposition.REVIEW, ["payment"]),
    ],
)
def test_what_does_not_cover_the_whole_line_stands_beside_what_holds_without_a_licence(
    state: CoverState, disposition: Disposition, blocks: list[str]
) -> None:
    (line,) = covered(state).lines
    assert (line.disposition, line.blocks) == (disposition, blocks)
    assert "no_prepayment_before_licence" in line.conditions
    assert "What the licence does." in line.reasons


def test_a_licence_for_the_whole_line_takes_the_place_of_what_holds_without_one() -> None:
    (line,) = covered("granted", whole=True, parts=("granted",)).lines
    assert (line.disposition, line.conditions, line.blocks) == (Disposition.RELEASE_WITH_CONDITIONS, ["keep_within_licence"], [])
    (asserted,) = covered("general_licence_asserted", whole=True, parts=("general_licence_asserted",)).lines
    assert (asserted.conditions, asserted.flags) == (["general_licence_confirmed"], [])
    (both,) = covered("granted", whole=True, parts=("granted", "general_licence_asserted")).lines
    assert both.conditions == ["keep_within_licence", "general_licence_confirmed"]


def test_a_policy_from_before_there_were_licence_cases_is_not_changed_by_them() -> None:
    before = POLICY.policy.model_copy(update={"cover": None})
    order, screening = ORDER, screening_event(ORDER)
    occasion = Occasion("final", MOMENT, "0.1.0", ("screening",), ())
    covered_line = line_screening("10", Answer.LICENCE_REQUIRED).model_copy(update={"cover": Cover(jurisdiction="CN", state="refused")})
    with_cover = screening_event(ORDER, lines=[covered_line])
    received = ReceivedOrder.read(order.encode(), "0" * 64)
    lines = [
        assess(occasion, received, {"screening": received_screening(each)}, PolicyInForce(before, "2" * 64)).data.lines
        for each in (screening, with_cover)
    ]
    assert lines[0] == lines[1]


def test_the_worst_line_leads_the_order() -> None:
    order = order_event(1, lines=3)
    lines = [
        line_screening(line.line_id, answer)
        for line, answer in zip(order.data.lines, [Answer.NOT_CONTROLLED, Answer.PROHIBITED, Answer.LICENCE_REQUIRED], strict=True)
    ]
    assessment = assessed(order, screening_event(order, lines=lines))
    assert [line.disposition for line in assessment.lines] == ["release", "hold", "release_with_conditions"]
    assert assessment.disposition == Disposition.HOLD


def test_the_worst_jurisdiction_leads_the_line_and_the_other_is_kept() -> None:
    answers = {
        "CN": JurisdictionAnswer(answer=Answer.NOT_CONTROLLED, dual_use_licence="no", how="excluded by a rule"),
        "US": JurisdictionAnswer(answer=Answer.PROHIBITED, dual_use_licence="unknown", how="the supplier is listed"),
    }
    (line,) = assessed(ORDER, screening_event(ORDER, lines=[line_screening("10", answers=answers)])).lines
    assert line.disposition == Disposition.HOLD
    assert line.reasons[:2] == ["United States: the supplier is listed", POLICY.policy.answers.prohibited.sentence]
    assert line.answers == {"CN": Answer.NOT_CONTROLLED, "US": Answer.PROHIBITED}


def line_with(screened: LineScreening) -> tuple[Disposition, list[str], list[str]]:
    (line,) = assessed(ORDER, screening_event(ORDER, lines=[screened])).lines
    return line.disposition, line.flags, line.reasons


def free(**changes: Any) -> LineScreening:
    return line_screening("10", Answer.NOT_CONTROLLED, **changes)


def flagged(name: str) -> LineScreening:
    flag = Flag(name=name, sentence=f"The sentence of {name}.")
    return free(
        answers={"CN": JurisdictionAnswer(answer=Answer.NOT_CONTROLLED, dual_use_licence="no", how="no indication found", flags=[flag])}
    )


@pytest.mark.parametrize(
    ("flag", "disposition"),
    [
        ("ordinary_export_licence", Disposition.RELEASE_WITH_CONDITIONS),
        ("state_trading", Disposition.RELEASE_WITH_CONDITIONS),
        ("hold_risk", Disposition.RELEASE_WITH_CONDITIONS),
        ("watch_list", Disposition.REVIEW),
        ("a_flag_of_tomorrow", Disposition.REVIEW),
    ],
)
def test_each_flag_has_its_disposition_and_an_unknown_one_is_never_a_pass(flag: str, disposition: Disposition) -> None:
    got, flags, reasons = line_with(flagged(flag))
    assert (got, flags) == (disposition, [flag])
    assert f"China: The sentence of {flag}." in reasons


LISTED = PartyHit(
    role="supplier",
    name="Example Metals",
    list_name="Example list",
    list_entry="7",
    notice="No. 1",
    score=Decimal("0.97"),
    matched="name against alias",
)


def test_a_listed_party_is_reviewed_even_where_the_goods_are_free() -> None:
    disposition, flags, reasons = line_with(free(party_hits=[LISTED]))
    assert (disposition, flags) == (Disposition.REVIEW, ["listed_party"])
    assert reasons[0].endswith("supplier Example Metals: Example list, 7. name against alias")


def test_a_cleared_hit_decides_nothing_and_is_told_at_the_end() -> None:
    told = {"cleared_by": "Anna and Ben", "cleared_until": date(2027, 5, 1), "cleared_because": "Another town."}
    cleared = LISTED.model_copy(update=told)
    disposition, flags, reasons = line_with(free(party_hits=[cleared]))
    assert (disposition, flags) == (Disposition.RELEASE, [])
    sentence = "supplier Example Metals is not 7 on Example list: cleared by Anna and Ben until before 2027-05-01. Another town."
    assert reasons[-1] == sentence
    disposition, flags, reasons = line_with(free(party_hits=[cleared, LISTED]))
    assert (disposition, flags, reasons[-1]) == (Disposition.REVIEW, ["listed_party"], sentence)
    assert sentence not in reasons[:-1]


@pytest.mark.parametrize(
    ("change", "flag"), [({"unconfirmed": True}, "unconfirmed"), ({"human_check": "The extension was stated, not seen."}, "human_check")]
)
def test_an_answer_in_doubt_is_reviewed(change: dict[str, Any], flag: str) -> None:
    screened = free()
    findings = [finding.model_copy(update=change) for finding in screened.findings]
    disposition, flags, _ = line_with(screened.model_copy(update={"findings": findings}))
    assert (disposition, flags) == (Disposition.REVIEW, [flag])


def test_a_change_of_the_answer_while_the_goods_may_leave_is_said() -> None:
    answer = JurisdictionAnswer(
        answer=Answer.LICENCE_REQUIRED,
        dual_use_licence="yes",
        how="the suspension ends",
        states=[
            DatedAnswer(valid_from=DAY, valid_to=DAY.replace(day=28), answer=Answer.SUSPENDED),
            DatedAnswer(valid_from=DAY.replace(day=28), valid_to=None, answer=Answer.LICENCE_REQUIRED),
        ],
    )
    _, _, reasons = line_with(line_screening("10", answers={"CN": answer}))
    assert "The answer is suspended from 2026-11-22 until before 2026-11-28." in reasons
    assert "The answer is licence_required from 2026-11-28." in reasons


def test_without_a_screening_nothing_passes() -> None:
    (line,) = assessed(ORDER, None, missing=("screening",)).lines
    assert (line.disposition, line.missing_results, line.flags) == (Disposition.HOLD, ["screening"], ["missing_result"])
    assert line.reasons == ["A result did not come in time, so the line is not judged yet. Missing: export-control screening."]
    (line,) = assessed(ORDER, None).lines
    assert (line.disposition, line.flags) == (Disposition.HOLD, ["line_without_answer"])


def test_a_failed_screening_holds_and_says_why() -> None:
    failed = screening_event(ORDER, outcome="failed", failure="The regulations could not be read.", lines=[])
    (line,) = assessed(ORDER, failed).lines
    assert (line.disposition, line.flags) == (Disposition.HOLD, ["failed_result"])
    assert line.reasons[0].endswith("Failed: export-control screening. The regulations could not be read.")


def test_the_failure_of_another_service_holds_a_screened_line() -> None:
    head = ResultHead(order_key=ORDER.data.order_key, revision=1, round=1, outcome="failed", failure="No stock.")
    screening = screening_event(ORDER, Answer.NOT_CONTROLLED)
    (line,) = assessed(ORDER, screening, **{"another-service": ReceivedResult("p", head, "2" * 64)}).lines
    assert line.disposition == Disposition.HOLD
    assert line.reasons[0].endswith("Failed: another-service. No stock.")


# --- price risk


FREE = screening_event(ORDER, Answer.NOT_CONTROLLED)
WITHOUT_A_PRICE = assessed(ORDER, FREE).lines[0]


def priced(screening: ScreeningEvent, grade: PriceGrade | None = "low", policy: Policy = POLICY.policy, **changes: Any) -> LineAssessment:
    event = price_risk_event(ORDER, screening, grade, **changes)
    received = ReceivedResult(event.id, read_result("pricing-risk", event.encode()).data, "2" * 64)
    occasion = Occasion("final", MOMENT, "0.1.0", ("screening", "pricing-risk"))
    results = {"screening": received_screening(screening), "pricing-risk": received}
    return assess(occasion, ReceivedOrder.read(ORDER.encode(), "0" * 64), results, PolicyInForce(policy, "3" * 64)).data.lines[0]


@pytest.mark.parametrize(
    ("grade", "disposition", "conditions"),
    [
        (None, Disposition.RELEASE, []),
        ("low", Disposition.RELEASE, []),
        ("medium", Disposition.RELEASE, []),
        ("high", Disposition.RELEASE_WITH_CONDITIONS, ["price_terms_agreed"]),
        ("severe", Disposition.RELEASE_WITH_CONDITIONS, ["price_terms_agreed", "price_cover_decided"]),
        ("unknown", Disposition.RELEASE, []),
    ],
)
def test_a_price_asks_for_terms_and_blocks_nothing(grade: PriceGrade | None, disposition: Disposition, conditions: list[str]) -> None:
    line = priced(FREE, grade)
    assert (line.disposition, line.conditions, line.blocks) == (disposition, conditions, [])


@pytest.mark.parametrize("grade", [None, "low", "medium"])
def test_a_price_that_can_lose_little_is_no_reason(grade: PriceGrade | None) -> None:
    line = priced(FREE, grade)
    assert (line.reasons, line.flags) == (WITHOUT_A_PRICE.reasons, WITHOUT_A_PRICE.flags)
    assert line.price_risk is not None
    assert line.price_risk.grade == grade


@pytest.mark.parametrize("grade", ["high", "severe", "unknown"])
def test_a_price_that_can_lose_much_or_that_nobody_knows_is_said_with_the_money(grade: PriceGrade) -> None:
    line, rule = priced(FREE, grade), POLICY.policy.price_grades.rule(grade)
    assert rule is not None
    assert [reason for reason in line.reasons if reason not in WITHOUT_A_PRICE.reasons] == [
        line_price_risk("10", grade).sentence,
        rule.sentence,
    ]
    assert line.flags == [f"price_risk_{grade}"]


def test_of_a_line_whose_price_is_agreed_an_unknown_market_is_not_said() -> None:
    line = priced(FREE, lines=[line_price_risk("10", "unknown", unpriced_fraction=Decimal(0))])
    assert (line.reasons, line.flags) == (WITHOUT_A_PRICE.reasons, [])
    for fraction in (None, Decimal("0.5")):
        line = priced(FREE, lines=[line_price_risk("10", "unknown", unpriced_fraction=fraction)])
        assert line.flags == ["price_risk_unknown"]


def test_what_the_law_asks_for_leads_what_a_price_asks_for() -> None:
    line = priced(screening_event(ORDER), "severe")
    assert line.reasons[0] == "China: Dysprosium oxide of this purity is listed."
    assert {"end_user_certificate_sent", "price_terms_agreed"} <= set(line.conditions)
    assert line.blocks == ["payment"]
    assert priced(screening_event(ORDER, Answer.PROHIBITED), "severe").disposition == Disposition.HOLD


def test_a_line_carries_its_price_risk_in_short() -> None:
    assert priced(FREE, "medium").price_risk == PriceRiskSummary(
        status="priced",
        grade="medium",
        currency="EUR",
        exposure_money=Decimal("1000.00"),
        price_at_risk_95_money=Decimal("120.00"),
        expected_shortfall_975_money=Decimal("170.00"),
        horizon_days=90,
        regime="rally",
        sentence="It can cost 170.00 EUR more before its price is set.",
    )
    regimes = [
        MaterialExposure(elements=[element], regime=regime) for element, regime in (("Nd", "calm"), ("Dy", "spike"), ("Pr", "rally"))
    ]
    summary = priced(FREE, lines=[line_price_risk("10", materials=regimes)]).price_risk
    assert summary is not None
    assert summary.regime == "spike"
    assert WITHOUT_A_PRICE.price_risk is None


@pytest.mark.parametrize("answer", [Answer.NOT_CONTROLLED, Answer.LICENCE_REQUIRED])
def test_a_price_risk_that_is_missing_or_failed_holds_no_lawful_line(answer: Answer) -> None:
    screening = screening_event(ORDER, answer)
    blocks = assessed(ORDER, screening).lines[0].blocks
    (missing,) = assessed(ORDER, screening, missing=("pricing-risk",)).lines
    failed = priced(screening, outcome="failed", failure="The order could not be read.", lines=[])
    for line, flag in ((missing, "missing_price_risk"), (failed, "failed_price_risk")):
        assert (line.disposition, line.blocks, line.flags) == (Disposition.RELEASE_WITH_CONDITIONS, blocks, [flag])
        assert "price_checked_by_hand" in line.conditions
    assert missing.missing_results == ["pricing-risk"]
    assert any(reason.endswith("The order could not be read.") for reason in failed.reasons)


def test_of_a_line_without_materials_a_missing_price_risk_is_not_said() -> None:
    bare = screening_event(ORDER, lines=[line_screening("10", Answer.NOT_CONTROLLED, recognition=Recognition())])
    (line,) = assessed(ORDER, bare, missing=("pricing-risk",)).lines
    assert (line.disposition, line.flags, line.missing_results) == (Disposition.RELEASE, [], ["pricing-risk"])


def test_without_screening_and_price_risk_the_screening_is_what_holds() -> None:
    (line,) = assessed(ORDER, None, missing=("screening", "pricing-risk")).lines
    assert (line.disposition, line.flags, line.missing_results) == (
        Disposition.HOLD,
        ["missing_result"],
        ["screening", "pricing-risk"],
    )


def test_a_policy_from_before_there_was_price_risk_is_not_changed_by_it() -> None:
    document = POLICY.policy.model_dump(mode="json")
    del document["price_grades"]
    for name in ("missing_price_risk", "failed_price_risk"):
        del document["circumstances"][name]
    before = Policy.model_validate(document)
    for grade in ("low", "severe", "unknown"):
        line = priced(FREE, grade, before)  # type: ignore[arg-type]
        assert line.model_copy(update={"price_risk": None}) == WITHOUT_A_PRICE
    failed = priced(FREE, policy=before, outcome="failed", lines=[])
    assert failed.disposition == Disposition.RELEASE


# --- supply risk


def supplied(screening: ScreeningEvent, decision: Decision | None, policy: Policy = POLICY.policy, **changes: Any) -> LineAssessment:
    event = supply_risk_event(ORDER, screening, decision, **changes)
    received = ReceivedResult(event.id, read_result("stockpile-advisor", event.encode()).data, "2" * 64)
    occasion = Occasion("final", MOMENT, "0.1.0", ("screening", "stockpile-advisor"))
    results = {"screening": received_screening(screening), "stockpile-advisor": received}
    return assess(occasion, ReceivedOrder.read(ORDER.encode(), "0" * 64), results, PolicyInForce(policy, "3" * 64)).data.lines[0]


@pytest.mark.parametrize(
    ("decision", "disposition", "conditions"),
    [
        (None, Disposition.RELEASE, []),
        ("wait", Disposition.RELEASE, []),
        ("reduce", Disposition.RELEASE, []),
        ("order_now", Disposition.RELEASE, []),
        ("cannot_fix", Disposition.RELEASE_WITH_CONDITIONS, ["shortage_bridged"]),
        ("unknown", Disposition.RELEASE, []),
    ],
)
def test_stock_asks_for_a_bridge_and_blocks_nothing(decision: Decision | None, disposition: Disposition, conditions: list[str]) -> None:
    line = supplied(FREE, decision)
    assert (line.disposition, line.conditions, line.blocks) == (disposition, conditions, [])
    held = supplied(screening_event(ORDER, Answer.PROHIBITED), decision)
    assert held.disposition == Disposition.HOLD


@pytest.mark.parametrize("decision", [None, "wait", "reduce"])
def test_stock_that_lasts_is_no_reason(decision: Decision | None) -> None:
    line = supplied(FREE, decision)
    assert (line.reasons, line.flags) == (WITHOUT_A_PRICE.reasons, WITHOUT_A_PRICE.flags)
    assert line.supply_risk is not None
    assert line.supply_risk.decision == decision


@pytest.mark.parametrize("decision", ["order_now", "cannot_fix", "unknown"])
def test_stock_that_does_not_last_until_the_goods_arrive_is_said_with_the_chance(decision: Decision) -> None:
    line, rule = supplied(FREE, decision), POLICY.policy.supply_decisions.rule(decision)
    assert rule is not None
    assert [reason for reason in line.reasons if reason not in WITHOUT_A_PRICE.reasons] == [
        line_supply_risk("10", decision).sentence,
        rule.sentence,
    ]
    assert line.flags == [f"supply_risk_{decision}"]


def test_unknown_stock_is_said_of_a_material_of_concern_of_which_a_plant_reports_stock_and_of_no_other() -> None:
    bare = screening_event(ORDER, lines=[line_screening("10", Answer.NOT_CONTROLLED, recognition=Recognition())])
    assert supplied(bare, "unknown").flags == []
    nowhere = line_supply_risk("10", None, status="unknown", item_id="M-1")
    assert supplied(FREE, "unknown", lines=[nowhere], advice=[]).flags == []
    assert supplied(FREE, "unknown", lines=[nowhere], advice=[material_advice(item_id="M-2")]).flags == []
    in_one_of_two = supplied(FREE, "unknown", lines=[nowhere], advice=[material_advice("wait"), material_advice("wait", plant="2000")])
    assert in_one_of_two.flags == ["supply_risk_unknown"]
    for line in (supplied(bare, "unknown"), in_one_of_two):
        assert line.supply_risk is not None
        assert line.supply_risk.status == "unknown"


def test_a_line_carries_its_supply_risk_in_short() -> None:
    assert supplied(FREE, "order_now").supply_risk == SupplyRiskSummary(
        status="advised",
        decision="order_now",
        days_of_cover=41.5,
        probability_short_before_arrival=0.31,
        arrival_p50=date(2027, 1, 10),
        arrival_p95=date(2027, 3, 20),
        order_by=date(2026, 11, 30),
        sentence="Expected in 1000 on 2027-01-10; until then 1000 runs out with a probability of 31%.",
    )
    assert WITHOUT_A_PRICE.supply_risk is None


@pytest.mark.parametrize("answer", [Answer.NOT_CONTROLLED, Answer.LICENCE_REQUIRED])
def test_a_supply_risk_that_is_missing_or_failed_holds_no_lawful_line(answer: Answer) -> None:
    screening = screening_event(ORDER, answer)
    blocks = assessed(ORDER, screening).lines[0].blocks
    (missing,) = assessed(ORDER, screening, missing=("stockpile-advisor",)).lines
    failed = supplied(screening, None, outcome="failed", failure="The order could not be read.", lines=[])
    for line, flag in ((missing, "missing_supply_risk"), (failed, "failed_supply_risk")):
        assert (line.disposition, line.blocks, line.flags) == (Disposition.RELEASE_WITH_CONDITIONS, blocks, [flag])
        assert "stock_checked_by_hand" in line.conditions
    assert any(reason.endswith("The order could not be read.") for reason in failed.reasons)
    bare = screening_event(ORDER, lines=[line_screening("10", Answer.NOT_CONTROLLED, recognition=Recognition())])
    (line,) = assessed(ORDER, bare, missing=("stockpile-advisor",)).lines
    assert (line.disposition, line.flags, line.missing_results) == (Disposition.RELEASE, [], ["stockpile-advisor"])


def test_a_policy_from_before_there_was_supply_risk_is_not_changed_by_it() -> None:
    document = POLICY.policy.model_dump(mode="json")
    del document["supply_decisions"]
    for name in ("missing_supply_risk", "failed_supply_risk"):
        del document["circumstances"][name]
    before = Policy.model_validate(document)
    for decision in ("wait", "order_now", "cannot_fix", "unknown"):
        line = supplied(FREE, decision, before)  # type: ignore[arg-type]
        assert line.model_copy(update={"supply_risk": None}) == WITHOUT_A_PRICE
    assert supplied(FREE, None, before, outcome="failed", lines=[]).disposition == Disposition.RELEASE


def test_a_line_that_the_screening_left_out_is_held() -> None:
    (line,) = assessed(ORDER, screening_event(ORDER, lines=[])).lines
    assert (line.disposition, line.flags) == (Disposition.HOLD, ["line_without_answer"])


def test_an_unscreenable_line_is_held_with_its_reason() -> None:
    order = with_lines(ORDER, unscreenable="It is a comment, not goods.")
    (line,) = assessed(order, screening_event(order, Answer.NOT_CONTROLLED)).lines
    assert (line.disposition, line.flags) == (Disposition.HOLD, ["unscreenable_line"])
    assert line.reasons[0] == "No service can judge this line. It is a comment, not goods."


def test_a_conflicting_revision_is_reviewed() -> None:
    order = with_snapshot(ORDER, conflict=True)
    assessment = assessed(order, screening_event(order, Answer.NOT_CONTROLLED))
    assert assessment.disposition == Disposition.REVIEW


@pytest.mark.parametrize("status", ["cancelled", "closed"])
def test_an_order_that_has_ended_is_released_and_says_so(status: str) -> None:
    assessment = assessed(with_snapshot(ORDER, status=status), None)
    assert assessment.disposition == Disposition.RELEASE
    assert assessment.lines[0].flags == [status]
    assert status in assessment.reasons[0]


def test_a_cancelled_line_does_not_hold_its_order() -> None:
    order = order_event(1, lines=2)
    first, second = order.data.lines
    order = with_snapshot(order, lines=[first.model_copy(update={"line_status": "cancelled"}), second])
    answers = [line_screening(first.line_id, Answer.PROHIBITED), line_screening(second.line_id, Answer.NOT_CONTROLLED)]
    assert assessed(order, screening_event(order, lines=answers)).disposition == Disposition.RELEASE


def test_an_open_order_without_lines_is_reviewed() -> None:
    order = with_snapshot(ORDER, lines=[])
    assessment = assessed(order, screening_event(order))
    assert (assessment.disposition, assessment.lines) == (Disposition.REVIEW, [])
    assert assessment.reasons == ["The order has no lines, so nothing could be judged."]


def test_the_same_inputs_give_the_same_bytes_and_name_what_they_rest_on() -> None:
    screening = screening_event(ORDER)
    occasion = Occasion("final", MOMENT, "0.1.0", ("screening",))
    received = {"screening": received_screening(screening)}
    first, second = (assess(occasion, ReceivedOrder.read(ORDER.encode(), "0" * 64), received, IN_FORCE) for _ in range(2))
    assert first.encode() == second.encode()
    versions = screening.data.versions
    assert first.data.inputs == {
        "order": "0" * 64,
        "screening": "1" * 64,
        "policy": POLICY.version,
        "regulations": versions["regulations"],
        "parties": versions["parties"],
    }
    assert first.data.versions["screening.code"] == versions["code"]
    assert first.id == first.data.decision_id
