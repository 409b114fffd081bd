"""An order before the law: a pure function from snapshot, law and lists to the answer for every line.

Nothing here reads a clock: `valid_on` is the day of the transaction where one is asked for, `known_on` the day whose state of knowledge is
used, and the result names the versions it rests on. Equal lines in equal trades are judged once and answered alike (`LawView.lines`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache, partial
from itertools import pairwise

from services.screening.domain.alike import likeness, with_evidence_of
from services.screening.domain.basis import Basis
from services.screening.domain.bill_of_materials import BillOfMaterials, bill_of_materials, with_parts
from services.screening.domain.clearances import Listed, set_aside
from services.screening.domain.departure import Departure, departure
from services.screening.domain.facts import DESTINATION_UNKNOWN, LineFacts, OrderTrade, TradeFacts, line_facts
from services.screening.domain.goods import Goods, Material
from services.screening.domain.judgement import Judgement, LineBeforeLaw, Outcome, Rank, State
from services.screening.domain.lapsing import drafts_before, lapse_cliffs
from services.screening.domain.law import NO_SCENARIO, LawView, Scenario
from services.screening.domain.licensing.allocation import Claims
from services.screening.domain.licensing.cover import NO_LICENCES, Licences
from services.screening.domain.parties import ListedParty, manufacturer_of, match, not_screened, parties_of
from services.screening.domain.party_flags import party_flags, stale_lists, with_lists_elsewhere, with_not_screened
from services.screening.domain.recognition import recognise
from services.screening.domain.touching import party_key, touched_by_line
from services.screening.domain.under_way import UnderWay
from services.screening.domain.wording import day_text, draft_behind, human_check, outcome_sentence, questions
from services.screening.domain.words import element_names
from shared.contracts.order import OrderSnapshot, SnapshotLine
from shared.contracts.screening import (
    Answer,
    Cliff,
    DatedAnswer,
    Finding,
    Flag,
    Jurisdiction,
    JurisdictionAnswer,
    LineScreening,
    MissingFact,
    PartyHit,
    RecognisedMaterial,
    Recognition,
    ScreeningResult,
)

Recogniser = Callable[[SnapshotLine], Goods]

_DESCRIPTION_MISSING = MissingFact(
    kind="fact",
    name="description",
    held_by="buyer",
    question="What are the goods? The line carries no description, tariff code or composition that says it.",
)
_LICENCE_ANSWERS = frozenset({Answer.LICENCE_REQUIRED, Answer.PRESUMPTION_OF_DENIAL})


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
    return replace(judged, goods=goods, recognition=_recognition(goods), findings=with_evidence_of(goods, judged.findings))


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
        answers[judgement.jurisdiction] = _answer(judgement, before_law, bearing, unread=unread)
        findings += [_finding(outcome, facts, view) for outcome in judgement.outcomes()]
        if unread:
            asked.append(_DESCRIPTION_MISSING)
        elif judgement.leading.answer is Answer.NEEDS_INFORMATION:
            asked += questions(o for o in judgement.leading.outcomes if o.answer is Answer.NEEDS_INFORMATION)
    if bill is not None and bill.faults and _reached_from_china(trade):
        if judgements[0].leading.rank < Rank.UNKNOWN_ITEM or judgements[0].leading.answer is Answer.NEEDS_INFORMATION:
            answers["CN"] = _contradicted(answers["CN"], "The components cannot be as they are stated: ", bill.faults)
        asked = [*(MissingFact(kind="fact", name="components", held_by="supplier", question=text) for text in bill.faults), *asked]
    if (
        goods.contradictions
        and (judgements[0].leading.rank < Rank.UNKNOWN_ITEM or judgements[0].leading.answer is Answer.NEEDS_INFORMATION)
        and trade.leaves("CN") is not False
    ):
        answers["CN"] = _contradicted(answers["CN"], "The line contradicts itself: ", goods.contradictions)
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
        _recognition(goods),
        findings,
        asked,
        [party.hit for party in bearing],
        leaving,
        _cliffs(before_law, leaving),
        _recheck_on(before_law, leaving),
        touched_by_line(facts, (each.item for each in before_law.items if each.verdict is not False), listed),
    )


_LOOKING_AHEAD = timedelta(days=366)


def _cliffs(before_law: LineBeforeLaw, leaving: Departure) -> list[Cliff]:
    """On which days within a year the answer for goods that leave from then on is another one."""
    if leaving.fixed:
        return []
    horizon = Departure(leaving.earliest, leaving.earliest + _LOOKING_AHEAD)
    found = list(lapse_cliffs(before_law, leaving))
    for judgement in before_law.judge(horizon)[0] if before_law.changes(horizon) else ():
        for before, after in pairwise(judgement.states):
            if before.answer is not after.answer:
                found.append(_cliff(judgement.jurisdiction, before, after, before_law))
    return sorted(found, key=lambda cliff: (cliff.on, cliff.jurisdiction))


def _cliff(jurisdiction: Jurisdiction, before: State, after: State, before_law: LineBeforeLaw) -> Cliff:
    causes = [outcome for state in (after, before) for outcome in sorted(state.outcomes, key=lambda outcome: -outcome.rank)]
    changing = [outcome for outcome in causes if after.starts_on in (outcome.span.starts_on, outcome.span.ends_on)]
    cause = (changing or causes)[0]
    said = outcome_sentence(cause, *_named(cause, before_law.facts), before_law.view)
    return Cliff(
        jurisdiction=jurisdiction,
        on=after.starts_on,
        before=before.answer,
        after=after.answer,
        instrument=cause.limb.instrument.id,
        limb=cause.limb.key,
        sentence=f"Goods that leave from {day_text(after.starts_on)} on are answered {after.answer} instead of {before.answer}: {said}",
    )


def _recheck_on(before_law: LineBeforeLaw, leaving: Departure) -> date | None:
    """The first day on which a state enters the days in which the goods may leave, or leaves them."""
    if leaving.fixed:
        return None
    known_on = before_law.view.known_on
    changes = before_law.changes(Departure(known_on, leaving.latest + _LOOKING_AHEAD))
    days = leaving.latest - leaving.earliest
    entering = [day for change in changes for day in (change - days, change) if day > known_on]
    return min((*entering, *drafts_before(before_law)), default=None)


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


def _answer(judgement: Judgement, before_law: LineBeforeLaw, bearing: Sequence[ListedParty], *, unread: bool) -> JurisdictionAnswer:
    leading = judgement.leading
    states = [_dated(state.starts_on, state.ends_on, Answer.NEEDS_INFORMATION if unread else state.answer) for state in judgement.states]
    flags = [limb.flag for limb in judgement.flags if limb.flag is not None]
    if judgement.jurisdiction == "CN":
        flags += _hold_risk(judgement, before_law)
        flags += [Flag(name="tariff_line_conflict", sentence=text) for text in before_law.facts.goods.code_conflicts]
    flags += party_flags(bearing, judgement.jurisdiction)
    return JurisdictionAnswer(
        answer=Answer.NEEDS_INFORMATION if unread else leading.answer,
        dual_use_licence="unknown" if unread else leading.need,
        how=_DESCRIPTION_MISSING.question if unread else _how(judgement, before_law, flags),
        states=states,
        flags=flags,
    )


@lru_cache(maxsize=1024)
def _dated(valid_from: date, valid_to: date | None, answer: Answer) -> DatedAnswer:
    return DatedAnswer(valid_from=valid_from, valid_to=valid_to, answer=answer)


def _hold_risk(judgement: Judgement, before_law: LineBeforeLaw) -> list[Flag]:
    near = [o for o in judgement.leading.outcomes if (o.near or o.carve_out is not None) and o.rank == judgement.leading.rank]
    if not near:
        return []
    outcome = near[0]
    code = outcome.items[0].code if outcome.items else outcome.limb.id
    return [
        Flag(
            name="hold_risk",
            sentence=f"The goods are near {code} of {outcome.limb.instrument.name}: customs may question and hold them. Have the exporter "
            "write “not a controlled item” with the values into the customs remarks and keep the test report or the official answer ready.",
            citation=outcome.limb.citation,
        )
    ]


def _how(judgement: Judgement, before_law: LineBeforeLaw, flags: Sequence[Flag]) -> str:
    leading = judgement.leading
    outcomes = sorted(leading.outcomes, key=lambda outcome: -outcome.rank)
    view = before_law.view
    if leading.rank > Rank.NOT_CONTROLLED:
        first = outcomes[0]
        text = outcome_sentence(first, *_named(first, before_law.facts), view)
    else:
        text = _how_not_controlled(judgement, before_law, outcomes)
    absent = [flag.sentence for flag in flags if flag.name == "coverage_absent"]
    return " ".join((text, *absent)) if leading.rank <= Rank.EXEMPT else text


def _how_not_controlled(judgement: Judgement, before_law: LineBeforeLaw, outcomes: Sequence[Outcome]) -> str:
    facts, view = before_law.facts, before_law.view
    if judgement.jurisdiction != "CN":
        return outcome_sentence(outcomes[0], *_named(outcomes[0], facts), view) if outcomes else "Nothing in the data prohibits it."
    trade = facts.trade
    if trade.leaves("CN") is False and not outcomes:
        if trade.ship_from == "CN":
            return "Not an export: the goods stay in China."
        where = f"from {trade.ship_from or 'abroad'} to {trade.destination or 'an unknown destination'}"
        return f"Not an export from China: the goods go {where}, and no rule on goods outside China reaches them."
    excluded = next((outcome for outcome in outcomes if outcome.carve_out is not None), None)
    if excluded is not None:
        return "Excluded by a rule: " + outcome_sentence(excluded, *_named(excluded, facts), view)
    near = next((outcome for outcome in outcomes if outcome.near), None)
    if near is not None:
        return "Decided on composition: " + outcome_sentence(near, *_named(near, facts), view)
    if outcomes:
        return outcome_sentence(outcomes[0], *_named(outcomes[0], facts), view)
    certain = [m.element for m in facts.goods.materials if m.certain and not m.below_detection]
    named = element_names(dict.fromkeys(certain))
    if named:
        return f"Decided on composition: nothing in force controls {named} in this form."
    if facts.goods.products and facts.goods.products[0] != "other_finished_good":
        kind = facts.goods.products[0].replace("_", " ")
        return f"Decided on what the goods are ({kind}): no indication of a controlled material was found."
    return "No indication found: nothing on the line points to a controlled material."


def _contradicted(answer: JurisdictionAnswer, lead: str, sentences: Sequence[str]) -> JurisdictionAnswer:
    return answer.model_copy(
        update={
            "answer": Answer.NEEDS_INFORMATION,
            "dual_use_licence": "unknown",
            "how": lead + " ".join(sentences),
        }
    )


def _named(outcome: Outcome, facts: LineFacts) -> tuple[str | None, str]:
    """The control code, or the codes in question, and what the goods are called under them."""
    if not outcome.items:
        return None, "the transaction"
    if len(outcome.items) > 1:
        return ", ".join(item.code for item in outcome.items), "one of several items"
    return outcome.items[0].named(facts)


def _finding(outcome: Outcome, facts: LineFacts, view: LawView) -> Finding:
    limb, span = outcome.limb, outcome.span
    code, title = _named(outcome, facts)
    mentions = dict.fromkeys((*(name for item in outcome.items for name in item.mentions), *limb.mentions))
    used = [fact for name in mentions if name in facts.known and (fact := facts.used(name)) is not None]
    licensing = outcome.answer in _LICENCE_ANSWERS
    group = outcome.items[0].group if outcome.items else None
    return Finding(
        jurisdiction=limb.jurisdiction,
        instrument=limb.instrument.id,
        limb=limb.id,
        control_code=code,
        answer=outcome.answer,
        valid_from=span.starts_on if span.starts_on != date.min else None,
        valid_to=span.ends_on,
        facts_used=used,
        facts_missing=questions((outcome,)) if outcome.missing else [],
        citation=outcome.carve_out.citation if outcome.carve_out else limb.citation,
        documents=list((outcome.exempted_by or limb).documents) if licensing or outcome.exempted_by else [],
        licence_delay=view.law.delay(limb.jurisdiction, group, facts.trade.destination) if licensing and group else None,
        human_check=human_check(outcome, view),
        unconfirmed=outcome.rank > Rank.NOT_CONTROLLED and draft_behind(outcome, view) is not None,
        sentence=outcome_sentence(outcome, code, title, view),
    )


def _recognition(goods: Goods) -> Recognition:
    return Recognition(
        form=next((material.substance_class for material in goods.materials if material.substance_class is not None), None),
        product=goods.products[0] if goods.products else None,
        materials=[_recognised(material) for material in goods.materials],
        tariff_codes=list(goods.tariff_codes),
    )


def _recognised(material: Material) -> RecognisedMaterial:
    return RecognisedMaterial(
        element=material.element,
        form=material.substance_class,
        substance=material.substance,
        mass_share_percent_min=_written(material.mass_share_percent.minimum, ROUND_FLOOR),
        mass_share_percent_max=_written(material.mass_share_percent.maximum, ROUND_CEILING),
        value_share_percent=_written(material.value_share_percent.minimum, ROUND_FLOOR),
        in_part=material.in_part,
        origin_country=material.origin_country,
        seen_in=material.sighting.provenance,
        evidence=material.sighting.evidence,
        confidence=material.sighting.confidence,
    )


def _written(percent: Decimal | None, rounding: str) -> Decimal | None:
    """To a millionth of a percent, away from the inside of the interval: a computed share has more digits than meaning."""
    return None if percent is None else percent.quantize(Decimal("0.000001"), rounding=rounding)
