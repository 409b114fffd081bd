"""An order before the law: a pure function from snapshot, law and lists to the answer for every line.

Nothing here reads a clock: `valid_on` is the day of the transaction where one is asked for, `known_on` the day whose state of knowledge is
used, and the result names the versions it rests on. Equal lines in equal trades are judged once and answered alike (`LawView.lines`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from services.screening.domain.ahead import cliffs_ahead, day_to_recheck
from services.screening.domain.alike import likeness, with_evidence_of
from services.screening.domain.answers import DESCRIPTION_MISSING, answer_in, contradicted
from services.screening.domain.basis import Basis
from services.screening.domain.bill_of_materials import BillOfMaterials, bill_of_materials, with_parts
from services.screening.domain.clearances import Listed, set_aside
from services.screening.domain.departure import Departure, departure
from services.screening.domain.facts import DESTINATION_UNKNOWN, OrderTrade, TradeFacts, line_facts
from services.screening.domain.findings import finding_of, recognition_of
from services.screening.domain.goods import Goods
from services.screening.domain.judgement import LineBeforeLaw, Rank
from services.screening.domain.law import NO_SCENARIO, LawView, Scenario
from services.screening.domain.licensing.allocation import Claims
from services.screening.domain.licensing.cover import NO_LICENCES, Licences
from services.screening.domain.parties import ListedParty, manufacturer_of, match, not_screened, parties_of
from services.screening.domain.party_flags import stale_lists, with_lists_elsewhere, with_not_screened
from services.screening.domain.recognition import recognise
from services.screening.domain.touching import party_key, touched_by_line
from services.screening.domain.under_way import UnderWay
from services.screening.domain.wording import questions
from shared.contracts.order import OrderSnapshot, SnapshotLine
from shared.contracts.screening import (
    Answer,
    Cliff,
    Finding,
    Jurisdiction,
    JurisdictionAnswer,
    LineScreening,
    MissingFact,
    PartyHit,
    Recognition,
    ScreeningResult,
)

Recogniser = Callable[[SnapshotLine], Goods]


def screen_order(
    snapshot: OrderSnapshot,
    basis: Basis,
    *,
    order_event_id: str,
    known_on: date,
    code: str,
    valid_on: date | None = None,
    scenario: Scenario = NO_SCENARIO,
    recogniser: Recogniser = recognise,
    licences: Licences = NO_LICENCES,
    claims: Claims | None = None,
) -> ScreeningResult:
    """Screens every line that is not cancelled. Without `valid_on` each line is judged over the days on which it may leave.

    `licences` are those that may cover the order; what it claims of them is put into `claims`.

    Raises UnknownInstrument for a scenario that names an instrument the law does not hold.
    """
    view = basis.law.as_known_on(known_on, scenario)
    trade = OrderTrade(snapshot, basis.law.vocabularies)
    named = parties_of(snapshot)
    on_order = set_aside(match(named, basis.parties, known_on), basis.clearances, known_on)
    unasked = not_screened(named, basis.parties)
    touched = set(map(party_key, named))
    recheck_on: date | None = None
    stale = stale_lists(basis.parties.source, known_on)
    if stale is not None:
        touched |= stale.touched
    under_way = UnderWay(snapshot, basis.law, licences, valid_on or known_on)
    for line in snapshot.lines:
        if line.line_status == "cancelled":
            continue
        manufacturer = manufacturer_of(line)
        listed = on_order
        unscreened = unasked
        if manufacturer:
            unscreened += not_screened([manufacturer], basis.parties)
            listed += set_aside(match([manufacturer], basis.parties, known_on), basis.clearances, known_on)
            touched.add(party_key(manufacturer))
        touched |= listed.touched
        screened, judged = _screen_line(line, view, trade, listed, known_on, valid_on, recogniser)
        screened = screened if stale is None else stale.on(screened)
        if unscreened:
            screened = with_not_screened(screened, unscreened, basis.parties.source)
        on_day = partial(_on_day, line, view, trade, listed, known_on, recogniser)
        under_way.add(line, screened, on_day, partial(_named_uses, trade, line))
        recheck_on = min(filter(None, (recheck_on, listed.recheck_on)), default=None)
        if judged is not None:
            touched |= judged.touched
            recheck_on = min(filter(None, (recheck_on, judged.recheck_on)), default=None)
    lines, used, claimed, cover_changes_on = under_way.settled()
    if claims is not None:
        claims.update(claimed)
    versions = basis.versions(code)
    return ScreeningResult(
        order_key=snapshot.order_key,
        revision=snapshot.revision.received_seq,
        round=snapshot.round,
        order_event_id=order_event_id,
        outcome="screened",
        valid_on=valid_on or known_on,
        known_on=known_on,
        versions=versions if licences.version is None else {**versions, "licences": licences.version},
        lines=lines,
        touched=sorted(touched | under_way.touched),
        recheck_on=min(filter(None, (recheck_on, cover_changes_on)), default=None),
        licences=used,
    )


def _named_uses(trade: OrderTrade, line: SnapshotLine) -> frozenset[str]:
    return trade.of(line).named


def _on_day(
    line: SnapshotLine,
    view: LawView,
    trade: OrderTrade,
    listed: Listed,
    known_on: date,
    recogniser: Recogniser,
    day: date,
) -> LineScreening:
    """The line's answers for goods that left on one day."""
    return _screen_line(line, view, trade, listed, known_on, day, recogniser)[0]


def _screen_line(
    line: SnapshotLine,
    view: LawView,
    trade: OrderTrade,
    listed: Listed,
    known_on: date,
    valid_on: date | None,
    recogniser: Recogniser,
) -> tuple[LineScreening, "_Judged | None"]:
    leaving = departure(line, known_on, valid_on)
    if line.unscreenable is not None:
        screened = LineScreening(
            line_id=line.line_id,
            answers={"CN": JurisdictionAnswer(answer=Answer.NOT_SCREENABLE, dual_use_licence="unknown", how=line.unscreenable)},
            party_hits=[party.hit for party in (*listed.standing, *listed.cleared)],
            expected_departure_on=leaving.earliest,
            latest_departure_on=leaving.latest,
        )
        return screened, None
    goods = recogniser(line)
    bill = None
    if line.components:
        bill = bill_of_materials(line, goods, trade.currency, recogniser)
        goods = bill.goods
    facts = trade.of(line)
    if listed.standing:
        judged = _judge(goods, facts, view, listed.standing, leaving, bill)
    else:
        # Orders repeat their items, and recognition gives equal lines the same object: what was made of it once is made of it again.
        key = (id(goods), facts, facts.end_use, facts.read_from, leaving)
        judged = view.lines.get(key) or view.lines.keep(key, _judge_alike(goods, facts, view, leaving, bill))
    screened = LineScreening(
        line_id=line.line_id,
        answers=judged.answers,
        recognition=judged.recognition,
        findings=judged.findings,
        questions=judged.questions,
        party_hits=[*judged.party_hits, *(party.hit for party in listed.cleared if _bears(party, judged.leaving))],
        cliffs=judged.cliffs,
        expected_departure_on=judged.leaving.earliest,
        latest_departure_on=judged.leaving.latest,
    )
    return screened, judged


@dataclass(slots=True, frozen=True)
class _Judged:
    """What a line's screening says of its goods in its trade. It holds the goods, so that their identity stays theirs."""

    goods: Goods
    answers: dict[Jurisdiction, JurisdictionAnswer]
    recognition: Recognition
    findings: list[Finding]
    questions: list[MissingFact]
    party_hits: list[PartyHit]
    leaving: Departure
    cliffs: list[Cliff]
    recheck_on: date | None
    touched: frozenset[str]


def _judge_alike(goods: Goods, trade: TradeFacts, view: LawView, leaving: Departure, bill: BillOfMaterials | None) -> _Judged:
    """As `_judge` without listed parties; what was judged of goods that are alike is said of these."""
    if bill is not None:
        return _judge(goods, trade, view, (), leaving, bill)
    key = (likeness(goods, view.law), trade, trade.end_use, trade.read_from, leaving)
    judged: _Judged | None = view.alike.get(key)
    if judged is None:
        judged = _judge(goods, trade, view, (), leaving, None)
        view.alike.keep(key, judged)
        return judged
    return replace(judged, goods=goods, recognition=recognition_of(goods), findings=with_evidence_of(goods, judged.findings))


def _judge(
    goods: Goods, trade: TradeFacts, view: LawView, listed: Sequence[ListedParty], leaving: Departure, bill: BillOfMaterials | None
) -> _Judged:
    facts = line_facts(goods, trade) if bill is None else with_parts(bill, trade)
    before_law = LineBeforeLaw(view, facts, view.law.verdicts_on(trade), listed)
    judgements, leaving = before_law.judge(leaving)
    bearing = [party for party in listed if _bears(party, leaving)]
    answers: dict[Jurisdiction, JurisdictionAnswer] = {}
    findings: list[Finding] = []
    asked: list[MissingFact] = []
    for judgement in judgements:
        unread = judgement.jurisdiction == "CN" and judgement.leading.rank < Rank.UNKNOWN_ITEM and _says_nothing(goods, trade)
        answers[judgement.jurisdiction] = answer_in(judgement, before_law, bearing, unread=unread)
        findings += [finding_of(outcome, facts, view) for outcome in judgement.outcomes()]
        if unread:
            asked.append(DESCRIPTION_MISSING)
        elif judgement.leading.answer is Answer.NEEDS_INFORMATION:
            asked += questions(o for o in judgement.leading.outcomes if o.answer is Answer.NEEDS_INFORMATION)
    if bill is not None and bill.faults and _reached_from_china(trade):
        if judgements[0].leading.rank < Rank.UNKNOWN_ITEM or judgements[0].leading.answer is Answer.NEEDS_INFORMATION:
            answers["CN"] = contradicted(answers["CN"], "The components cannot be as they are stated: ", bill.faults)
        asked = [*(MissingFact(kind="fact", name="components", held_by="supplier", question=text) for text in bill.faults), *asked]
    if (
        goods.contradictions
        and (judgements[0].leading.rank < Rank.UNKNOWN_ITEM or judgements[0].leading.answer is Answer.NEEDS_INFORMATION)
        and trade.leaves("CN") is not False
    ):
        answers["CN"] = contradicted(answers["CN"], "The line contradicts itself: ", goods.contradictions)
        asked = [
            *(MissingFact(kind="fact", name="composition", held_by="supplier", question=text) for text in goods.contradictions),
            *asked,
        ]
    if trade.destination is None and answers["CN"].dual_use_licence == "yes" and not any(q.name == "destination" for q in asked):
        missing = DESTINATION_UNKNOWN.missing[0]
        asked.append(MissingFact(kind="fact", name=missing.name, held_by=missing.held_by, question=missing.question))
    if bearing:
        answers, open_elsewhere = with_lists_elsewhere(answers, bearing, view.law)
        asked += open_elsewhere
    return _Judged(
        goods,
        answers,
        recognition_of(goods),
        findings,
        asked,
        [party.hit for party in bearing],
        leaving,
        cliffs_ahead(before_law, leaving),
        day_to_recheck(before_law, leaving),
        touched_by_line(facts, (each.item for each in before_law.items if each.verdict is not False), listed),
    )


def _bears(party: ListedParty, leaving: Departure) -> bool:
    return party.bears_between(leaving.earliest, leaving.latest)


def _says_nothing(goods: Goods, trade: TradeFacts) -> bool:
    """Whether nothing tells what the goods are, in a trade that somebody's export law may reach."""
    if goods.described or goods.materials or goods.products or goods.features or goods.magnet_family or goods.tariff_codes:
        return False
    return _reached_from_china(trade)


def _reached_from_china(trade: TradeFacts) -> bool:
    """Whether the goods may leave China, or pass from one country to another outside it."""
    return trade.leaves("CN") is not False or trade.traded_outside("CN") is not False
