"""The answer of one jurisdiction for a line: what leads, over which days, how it was reached, and the flags beside it."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from services.screening.domain.judgement import Judgement, LineBeforeLaw, Outcome, Rank
from services.screening.domain.parties import ListedParty
from services.screening.domain.party_flags import party_flags
from services.screening.domain.wording import named_under, outcome_sentence
from services.screening.domain.words import element_names
from shared.contracts.screening import Answer, DatedAnswer, Flag, JurisdictionAnswer, MissingFact

DESCRIPTION_MISSING = MissingFact(
    kind="fact",
    name="description",
    held_by="buyer",
    question="What are the goods? The line carries no description, tariff code or composition that says it.",
)


def answer_in(judgement: Judgement, before_law: LineBeforeLaw, bearing: Sequence[ListedParty], *, unread: bool) -> JurisdictionAnswer:
    """What the line is answered in the judgement's jurisdiction. `unread`: nothing on the line tells what the goods are."""
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
        how=DESCRIPTION_MISSING.question if unread else _how(judgement, before_law, flags),
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
        text = outcome_sentence(first, *named_under(first, before_law.facts), view)
    else:
        text = _how_not_controlled(judgement, before_law, outcomes)
    absent = [flag.sentence for flag in flags if flag.name == "coverage_absent"]
    return " ".join((text, *absent)) if leading.rank <= Rank.EXEMPT else text


def _how_not_controlled(judgement: Judgement, before_law: LineBeforeLaw, outcomes: Sequence[Outcome]) -> str:
    facts, view = before_law.facts, before_law.view
    if judgement.jurisdiction != "CN":
        return outcome_sentence(outcomes[0], *named_under(outcomes[0], facts), view) if outcomes else "Nothing in the data prohibits it."
    trade = facts.trade
    if trade.leaves("CN") is False and not outcomes:
        if trade.ship_from == "CN":
            return "Not an export: the goods stay in China."
        where = f"from {trade.ship_from or 'abroad'} to {trade.destination or 'an unknown destination'}"
        return f"Not an export from China: the goods go {where}, and no rule on goods outside China reaches them."
    excluded = next((outcome for outcome in outcomes if outcome.carve_out is not None), None)
    if excluded is not None:
        return "Excluded by a rule: " + outcome_sentence(excluded, *named_under(excluded, facts), view)
    near = next((outcome for outcome in outcomes if outcome.near), None)
    if near is not None:
        return "Decided on composition: " + outcome_sentence(near, *named_under(near, facts), view)
    if outcomes:
        return outcome_sentence(outcomes[0], *named_under(outcomes[0], facts), view)
    certain = [m.element for m in facts.goods.materials if m.certain and not m.below_detection]
    named = element_names(dict.fromkeys(certain))
    if named:
        return f"Decided on composition: nothing in force controls {named} in this form."
    if facts.goods.products and facts.goods.products[0] != "other_finished_good":
        kind = facts.goods.products[0].replace("_", " ")
        return f"Decided on what the goods are ({kind}): no indication of a controlled material was found."
    return "No indication found: nothing on the line points to a controlled material."


def contradicted(answer: JurisdictionAnswer, lead: str, sentences: Sequence[str]) -> JurisdictionAnswer:
    return answer.model_copy(
        update={
            "answer": Answer.NEEDS_INFORMATION,
            "dual_use_licence": "unknown",
            "how": lead + " ".join(sentences),
        }
    )
