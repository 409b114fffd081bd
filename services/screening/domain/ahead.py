"""What time alone will change: on which coming days a line is answered otherwise, and when to look at it again."""

from datetime import date, timedelta
from itertools import pairwise

from services.screening.domain.departure import Departure
from services.screening.domain.judgement import LineBeforeLaw, State
from services.screening.domain.lapsing import drafts_before, lapse_cliffs
from services.screening.domain.wording import day_text, named_under, outcome_sentence
from shared.contracts.screening import Cliff, Jurisdiction

_LOOKING_AHEAD = timedelta(days=366)


def cliffs_ahead(before_law: LineBeforeLaw, leaving: Departure) -> list[Cliff]:
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
    said = outcome_sentence(cause, *named_under(cause, before_law.facts), before_law.view)
    return Cliff(
        jurisdiction=jurisdiction,
        on=after.starts_on,
        before=before.answer,
        after=after.answer,
        instrument=cause.limb.instrument.id,
        limb=cause.limb.key,
        sentence=f"Goods that leave from {day_text(after.starts_on)} on are answered {after.answer} instead of {before.answer}: {said}",
    )


def day_to_recheck(before_law: LineBeforeLaw, leaving: Departure) -> date | None:
    """The first day on which a state enters the days in which the goods may leave, or leaves them."""
    if leaving.fixed:
        return None
    known_on = before_law.view.known_on
    changes = before_law.changes(Departure(known_on, leaving.latest + _LOOKING_AHEAD))
    days = leaving.latest - leaving.earliest
    entering = [day for change in changes for day in (change - days, change) if day > known_on]
    return min((*entering, *drafts_before(before_law)), default=None)
