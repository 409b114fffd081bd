"""Drafts that lapse: the days on which that changes an answer for goods that have not left, whenever they leave."""

from collections.abc import Iterator
from datetime import date

from services.screening.domain.departure import Departure
from services.screening.domain.instrument import Instrument
from services.screening.domain.judgement import LineBeforeLaw
from services.screening.domain.wording import day_text
from shared.contracts.screening import Cliff


def drafts_before(before_law: LineBeforeLaw) -> dict[date, Instrument]:
    """By the coming day on which it lapses, a draft that speaks to the line or suspends what does."""
    view = before_law.view
    if not view.law.holds_drafts:
        return {}
    limbs = {limb.key: limb for _, limb, _ in (*before_law.limbs, *before_law.flag_limbs)}
    limbs |= {limb.key: limb for limb, _ in (*before_law.trade.rules, *before_law.party_rules)}
    found: dict[date, Instrument] = {}
    for limb in limbs.values():
        for instrument in (limb.instrument, *(view.law.instruments[act.instrument] for act in limb.suspensions)):
            if instrument.acts_until is not None and instrument.acts_until > view.known_on:
                found.setdefault(instrument.acts_until, instrument)
    return found


def lapse_cliffs(before_law: LineBeforeLaw, leaving: Departure) -> Iterator[Cliff]:
    """Where the answer for goods that leave on the day of the lapse, or on the first day they may, is another one without the draft."""
    for day, draft in sorted(drafts_before(before_law).items()):
        leave = Departure(max(day, leaving.earliest), max(day, leaving.earliest))
        lapsed = LineBeforeLaw(before_law.view.later(day), before_law.facts, before_law.trade, before_law.listed)
        after = {judgement.jurisdiction: judgement.states[0] for judgement in lapsed.judge(leave)[0]}
        for judgement in before_law.judge(leave)[0]:
            before, then = judgement.states[0], after[judgement.jurisdiction]
            if before.answer is not then.answer:
                yield Cliff(
                    jurisdiction=judgement.jurisdiction,
                    on=day,
                    before=before.answer,
                    after=then.answer,
                    instrument=draft.id,
                    limb=next((limb.key for _, limb, _ in before_law.limbs if limb.instrument is draft), draft.id),
                    sentence=f"Goods that have not left by {day_text(day)} are answered {then.answer} instead of {before.answer} "
                    f"from then on, because {draft.name} lapses unless a second person confirms it.",
                )
