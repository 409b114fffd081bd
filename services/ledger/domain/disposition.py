"""From what is known about an order line to what a buyer may do with it: every consideration names its rule, the worst one leads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from services.ledger.domain.order import OrderLineRead, OrderRead
from services.ledger.domain.policy import Policy, Rule
from services.ledger.domain.results import (
    AnswerRead,
    CoverRead,
    LinePriceRiskRead,
    LineScreeningRead,
    LineSupplyRiskRead,
    PriceRiskRead,
    ResultHead,
    ScreeningRead,
    SupplyRiskRead,
)
from shared.contracts.assessment import Disposition, LineAssessment, PriceRiskSummary, Step, SupplyRiskSummary
from shared.contracts.price_series import Regime
from shared.contracts.screening import Answer, Jurisdiction

SEVERITY: Final = {
    Disposition.RELEASE: 0,
    Disposition.RELEASE_WITH_CONDITIONS: 1,
    Disposition.REVIEW: 2,
    Disposition.HOLD: 3,
}
STEPS: Final[tuple[Step, ...]] = get_args(Step)
JURISDICTION_NAMES: Final[Mapping[Jurisdiction, str]] = {
    "CN": "China",
    "US": "United States",
    "EU": "European Union",
    "UN": "United Nations",
    "GB": "United Kingdom",
    "JP": "Japan",
    "TW": "Taiwan",
    "CH": "Switzerland",
    "CA": "Canada",
    "AU": "Australia",
    "OWN": "the buyer's own lists",
}
LICENSING: Final = frozenset({Answer.LICENCE_REQUIRED, Answer.PRESUMPTION_OF_DENIAL})
"""Answers that a licence meets."""
CONTROLLING: Final = frozenset(Answer) - {Answer.NOT_CONTROLLED, Answer.NOT_SCREENABLE}
"""Answers of a finding whose control code concerns the line."""

WORST_REGIME_FIRST: Final[tuple[Regime, ...]] = ("spike", "rally", "unwind", "calm")

PRICING: Final = "pricing-risk"
SUPPLY: Final = "stockpile-advisor"
HOLD_NOTHING: Final = frozenset({PRICING, SUPPLY})
"""Services without whose result a line is judged all the same; the lines that it matters to say so."""
RESULT_NAMES: Final[Mapping[str, str]] = {
    "screening": "export-control screening",
    "pricing-risk": "price risk",
    "stockpile-advisor": "supply risk",
}


@dataclass(slots=True, frozen=True)
class Results:
    """What came in for a round and what did not. A result is None where it did not come, or is not waited for."""

    received: Mapping[str, ResultHead]
    screening: ScreeningRead | None
    price_risk: PriceRiskRead | None
    supply_risk: SupplyRiskRead | None
    missing: Sequence[str]


@dataclass(slots=True, frozen=True)
class Said:
    """What the results say of one line; None where there is no result, or none that knows the line."""

    screened: LineScreeningRead | None = None
    priced: LinePriceRiskRead | None = None
    supplied: LineSupplyRiskRead | None = None


@dataclass(slots=True, frozen=True)
class Consideration:
    """One rule that applies, the sentences that say why, and the flag it leaves on the line."""

    rule: Rule
    sentences: tuple[str, ...]
    flag: str | None = None


def worst(dispositions: Iterable[Disposition]) -> Disposition:
    return max(dispositions, key=SEVERITY.__getitem__)


def assess_lines(order: OrderRead, results: Results, policy: Policy) -> list[LineAssessment]:
    """One assessment per line, in the order's own sequence."""
    whole_order = _on_the_order(order, results, policy)
    screened = {line.line_id: line for line in results.screening.lines} if results.screening else {}
    priced = {line.line_id: line for line in results.price_risk.lines} if results.price_risk else {}
    supplied = {line.line_id: line for line in results.supply_risk.lines} if results.supply_risk else {}
    return [
        _assess_line(
            order,
            line,
            Said(screened.get(line.line_id), priced.get(line.line_id), supplied.get(line.line_id)),
            whole_order,
            results,
            policy,
        )
        for line in order.lines
    ]


def _assess_line(
    order: OrderRead,
    line: OrderLineRead,
    said: Said,
    whole_order: list[Consideration],
    results: Results,
    policy: Policy,
) -> LineAssessment:
    ended = _ended(order, line, policy)
    if ended is not None:
        considerations, said, missing = [ended], Said(), []
    else:
        considerations = [
            *_on_the_line(line, said.screened, results, policy),
            *whole_order,
            *_on_the_price(said, results, policy),
            *_on_the_supply(said, results, policy),
        ]
        missing = list(results.missing)
    screened = said.screened
    considerations.sort(key=lambda each: -SEVERITY[each.rule.disposition])
    blocks = {step for each in considerations for step in each.rule.blocks}
    return LineAssessment(
        line_id=line.line_id,
        item_id=line.item.buyer_id or line.item.supplier_id or line.item.manufacturer_id or line.item.gtin,
        description=line.description,
        value=line.value,
        disposition=worst(each.rule.disposition for each in considerations),
        answers={jurisdiction: each.answer for jurisdiction, each in screened.answers.items()} if screened else {},
        control_codes=_control_codes(screened) if screened else [],
        materials=sorted({material.element for material in screened.recognition.materials}) if screened else [],
        reasons=list(dict.fromkeys([*(sentence for each in considerations for sentence in each.sentences), *_cleared(screened)])),
        conditions=list(dict.fromkeys(name for each in considerations for name in each.rule.conditions)),
        blocks=[step for step in STEPS if step in blocks],
        questions=screened.questions if screened else [],
        price_risk=_price_risk(said.priced) if said.priced else None,
        supply_risk=_supply_risk(said.supplied) if said.supplied else None,
        flags=list(dict.fromkeys(each.flag for each in considerations if each.flag)),
        missing_results=missing,
    )


def _because(rule: Rule, flag: str, *details: str) -> Consideration:
    return Consideration(rule, (" ".join((rule.sentence, *details)),), flag)


def _ended(order: OrderRead, line: OrderLineRead, policy: Policy) -> Consideration | None:
    """An order or line that is over needs no screening, so nothing else is considered."""
    for status in (order.status, line.line_status):
        if status == "cancelled":
            return _because(policy.circumstances.cancelled, "cancelled")
        if status == "closed":
            return _because(policy.circumstances.closed, "closed")
    return None


def _on_the_order(order: OrderRead, results: Results, policy: Policy) -> list[Consideration]:
    """What applies to every line alike."""
    circumstances = policy.circumstances
    found = [
        _because(circumstances.missing_result, "missing_result", f"Missing: {_result_name(service)}.")
        for service in results.missing
        if service not in HOLD_NOTHING
    ]
    found += [
        _because(circumstances.failed_result, "failed_result", f"Failed: {_result_name(service)}. {result.failure or ''}".rstrip())
        for service, result in results.received.items()
        if result.outcome == "failed" and service not in HOLD_NOTHING
    ]
    if order.conflict:
        found.append(_because(circumstances.conflicting_revision, "conflicting_revision"))
    return found


def _on_the_line(line: OrderLineRead, screened: LineScreeningRead | None, results: Results, policy: Policy) -> list[Consideration]:
    circumstances = policy.circumstances
    found: list[Consideration] = []
    if line.unscreenable:
        found.append(_because(circumstances.unscreenable_line, "unscreenable_line", line.unscreenable))
    if "screening" in results.missing or (results.screening and results.screening.outcome == "failed"):
        return found  # what applies to the whole order says so
    if screened is None or not screened.answers:
        found.append(_because(circumstances.line_without_answer, "line_without_answer"))
        return found
    for jurisdiction, answer in screened.answers.items():
        found += _on_the_answer(jurisdiction, answer, screened, policy)
        found += _on_the_flags(jurisdiction, answer, policy)
    found += _on_parties_and_doubts(screened, policy)
    return found


def _on_the_answer(jurisdiction: Jurisdiction, answer: AnswerRead, screened: LineScreeningRead, policy: Policy) -> list[Consideration]:
    """What the answer asks for; where licences cover the whole line, what they ask for instead."""
    rule = policy.answers.rule(answer.answer)
    cover = screened.cover
    if cover is None or policy.cover is None or cover.jurisdiction != jurisdiction or answer.answer not in LICENSING:
        return [_answered(jurisdiction, answer, screened, rule)]
    if not cover.whole:
        beside = policy.cover.granted_in_part if cover.state in ("granted", "general_licence_asserted") else policy.cover.rule(cover.state)
        return [_answered(jurisdiction, answer, screened, rule), _covered(beside, cover)]
    relied_on = dict.fromkeys(("granted" if part.state == "granted" else "general_licence_asserted") for part in cover.parts)
    rules = [policy.cover.granted if state == "granted" else policy.cover.general_licence_asserted for state in relied_on]
    return [_answered(jurisdiction, answer, screened, rules[0], *cover.sentences), *(_covered(other, cover) for other in rules[1:])]


def _covered(rule: Rule, cover: CoverRead) -> Consideration:
    flag = None if cover.state in ("none", "granted") else f"cover_{cover.state}"
    return Consideration(rule, (*cover.sentences, rule.sentence), flag)


def _answered(jurisdiction: Jurisdiction, answer: AnswerRead, screened: LineScreeningRead, rule: Rule, *beside: str) -> Consideration:
    why = [finding.sentence for finding in screened.findings if finding.jurisdiction == jurisdiction and finding.answer == answer.answer]
    changes = [
        f"The answer is {state.answer} from {state.valid_from}{f' until before {state.valid_to}' if state.valid_to else ''}."
        for state in answer.states
        if len(answer.states) > 1
    ]
    leading, *others = why or [answer.how]
    return Consideration(rule, (f"{JURISDICTION_NAMES[jurisdiction]}: {leading}", *others, *changes, *beside, rule.sentence))


def _on_the_flags(jurisdiction: Jurisdiction, answer: AnswerRead, policy: Policy) -> list[Consideration]:
    found = []
    for flag in answer.flags:
        rule = policy.flags.get(flag.name, policy.circumstances.unlisted_flag)
        found.append(Consideration(rule, (f"{JURISDICTION_NAMES[jurisdiction]}: {flag.sentence}", rule.sentence), flag.name))
    return found


def _on_parties_and_doubts(screened: LineScreeningRead, policy: Policy) -> list[Consideration]:
    circumstances = policy.circumstances
    found = []
    hits = tuple(
        f"{hit.role} {hit.name}: {hit.list_name}, {hit.list_entry}. {hit.matched}" for hit in screened.party_hits if hit.cleared_by is None
    )
    if hits:
        found.append(_because(circumstances.listed_party, "listed_party", *hits))
    leading = [
        finding
        for finding in screened.findings
        if finding.jurisdiction in screened.answers and finding.answer == screened.answers[finding.jurisdiction].answer
    ]
    unconfirmed = tuple(f"Unconfirmed: {finding.citation.title}." for finding in leading if finding.unconfirmed)
    if unconfirmed:
        found.append(_because(circumstances.unconfirmed, "unconfirmed", *unconfirmed))
    checks = tuple(finding.human_check for finding in leading if finding.human_check)
    if checks:
        found.append(_because(circumstances.human_check, "human_check", *checks))
    return found


def _on_the_price(said: Said, results: Results, policy: Policy) -> list[Consideration]:
    """What the price risk asks for. Of a line that holds nothing with a price of its own nothing is said, whatever became of the result."""
    priced = said.priced
    if priced is not None and priced.grade is not None:
        if priced.grade == "unknown" and priced.unpriced_fraction == 0:
            return []  # what is not known is the worth of what is agreed; its price cannot rise any more
        graded = policy.price_grades.rule(priced.grade)
        return [Consideration(graded, (priced.sentence, graded.sentence), f"price_risk_{priced.grade}")] if graded else []
    if not _holds_a_material(said):
        return []
    circumstances = policy.circumstances
    return [
        *_left_open(circumstances.missing_price_risk, "missing_price_risk", PRICING in results.missing),
        *_left_open(circumstances.failed_price_risk, "failed_price_risk", _failed(results.price_risk), results.price_risk),
    ]


def _on_the_supply(said: Said, results: Results, policy: Policy) -> list[Consideration]:
    """What the stock of the goods asks for. Of goods that nobody reports stock of, and of goods without a material of concern whose advice
    is not known, nothing is said.
    """
    supplied = said.supplied
    if supplied is not None and results.supply_risk is not None:
        decision = "unknown" if supplied.status == "unknown" else supplied.decision
        if decision is None or (decision == "unknown" and not (_holds_a_material(said) and results.supply_risk.is_stocked(supplied))):
            return []
        rule = policy.supply_decisions.rule(decision)
        return [Consideration(rule, (supplied.sentence, rule.sentence), f"supply_risk_{decision}")] if rule else []
    if not _holds_a_material(said):
        return []
    circumstances = policy.circumstances
    return [
        *_left_open(circumstances.missing_supply_risk, "missing_supply_risk", SUPPLY in results.missing),
        *_left_open(circumstances.failed_supply_risk, "failed_supply_risk", _failed(results.supply_risk), results.supply_risk),
    ]


def _holds_a_material(said: Said) -> bool:
    return said.screened is not None and bool(said.screened.recognition.materials)


def _failed(result: ResultHead | None) -> bool:
    return result is not None and result.outcome == "failed"


def _left_open(rule: Rule | None, flag: str, applies: bool, result: ResultHead | None = None) -> list[Consideration]:
    if rule is None or not applies:
        return []
    return [_because(rule, flag, *([result.failure] if result is not None and result.failure else []))]


def _price_risk(priced: LinePriceRiskRead) -> PriceRiskSummary:
    regimes = {material.regime for material in priced.materials}
    return PriceRiskSummary(
        status=priced.status,
        grade=priced.grade,
        currency=priced.currency,
        exposure_money=priced.exposure_money,
        price_at_risk_95_money=priced.price_at_risk_95_money,
        expected_shortfall_975_money=priced.expected_shortfall_975_money,
        horizon_days=priced.horizon_days,
        regime=next((regime for regime in WORST_REGIME_FIRST if regime in regimes), None),
        sentence=priced.sentence,
    )


def _supply_risk(supplied: LineSupplyRiskRead) -> SupplyRiskSummary:
    return SupplyRiskSummary(
        status=supplied.status,
        decision=supplied.decision,
        days_of_cover=supplied.days_of_cover,
        probability_short_before_arrival=supplied.probability_short_before_arrival,
        arrival_p50=supplied.arrival_p50,
        arrival_p95=supplied.arrival_p95,
        order_by=supplied.order_by,
        sentence=supplied.sentence,
    )


def _cleared(screened: LineScreeningRead | None) -> list[str]:
    """What is said of hits that two people have set aside; they decide nothing."""
    return [
        f"{hit.role} {hit.name} is not {hit.list_entry} on {hit.list_name}: cleared by {hit.cleared_by} until before {hit.cleared_until}. "
        f"{hit.cleared_because or ''}".rstrip()
        for hit in (screened.party_hits if screened is not None else ())
        if hit.cleared_by is not None
    ]


def _control_codes(screened: LineScreeningRead) -> list[str]:
    return sorted({finding.control_code for finding in screened.findings if finding.control_code and finding.answer in CONTROLLING})


def _result_name(service: str) -> str:
    return RESULT_NAMES.get(service, service)
