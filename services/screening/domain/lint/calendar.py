"""Days: when limbs bind and when nothing does, what suspends them until when, and when somebody last looked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice, pairwise

from services.screening.domain import instrument as source
from services.screening.domain.lint.finding import LintFinding, Path, error, warning
from services.screening.domain.lint.logic import Exhausted, Ways, covers

REREAD_AFTER_DAYS = 180
"""A citation that names no day of its own is read again after so many days."""


def gaps(instruments: Sequence[source.Instrument]) -> Iterator[LintFinding]:
    """Items that nothing controls, and days between one limb and the next."""
    for instrument in instruments:
        for position, item in enumerate(instrument.items):
            limbs = sorted((limb for limb in instrument.limbs if _controls(limb, item)), key=lambda limb: limb.valid_from)
            if not limbs:
                sentence = f"No limb controls {item.code}. Name it in a limb's `items`, or delete it."
                yield error("gap", instrument.id, ("items", position), item.code, sentence)
            ends = limbs[0].valid_to if limbs else None
            for limb in limbs[1:]:
                if ends is None:
                    break
                if limb.valid_from > ends:
                    sentence = (
                        f"No limb controls {item.code} from {ends} until before {limb.valid_from}, where {limb.id} starts. "
                        "Move an end or a start, "
                        "or say under `deliberate` why nothing binds between."
                    )
                    yield error("gap", instrument.id, ("limbs", instrument.limbs.index(limb), "valid_from"), item.code, sentence)
                ends = None if limb.valid_to is None else max(ends, limb.valid_to)


def overlaps(instruments: Sequence[source.Instrument], common: source.CommonTerms) -> Iterator[LintFinding]:
    """Limbs that say the same of the same goods on the same days, and items that are the same goods."""
    for instrument in instruments:
        definitions = {**common.definitions, **instrument.definitions}
        for position, limb in enumerate(instrument.limbs):
            for other in instrument.limbs[:position]:
                shared = [item.code for item in instrument.items if _controls(limb, item) and _controls(other, item)]
                upon_same = limb.upon is not None and limb.upon == other.upon
                if not (shared or upon_same) or _rule(limb) != _rule(other) or not _meet(limb, other):
                    continue
                if not _same([limb.when], [other.when], definitions, ()):
                    continue
                what = f"control {', '.join(shared)}" if shared else "act upon the same goods"
                sentence = (
                    f"{other.id} and {limb.id} {what} on the same days, in the same trade and with the same effect. Delete one, or end it "
                    "where the other starts."
                )
                yield error("overlap", instrument.id, ("limbs", position), limb.id, sentence)
        for position, item in enumerate(instrument.items):
            for before in instrument.items[:position]:
                if item.elements != before.elements:
                    continue
                if _same([item.when, *item.thresholds], [before.when, *before.thresholds], definitions, item.elements):
                    sentence = (
                        f"{before.code} and {item.code} have equal conditions, so that both are named wherever one is. Delete one, "
                        "or tell them apart."
                    )
                    yield error("overlap", instrument.id, ("items", position), item.code, sentence)


def _controls(limb: source.Limb, item: source.Item) -> bool:
    return limb.items == "all" or (limb.items is not None and item.code in limb.items)


def _rule(limb: source.Limb) -> tuple[object, ...]:
    return limb.effect, limb.party, limb.flag


def _meet(one: source.Limb, other: source.Limb) -> bool:
    return (one.valid_to is None or other.valid_from < one.valid_to) and (other.valid_to is None or one.valid_from < other.valid_to)


_FEW = 30


def _same(
    one: list[source.Condition], other: list[source.Condition], definitions: Mapping[str, source.Condition], listed: Sequence[str]
) -> bool:
    """Whether the conditions are the same, however they are written, as far as they have few ways to be true."""
    if one == other:
        return True
    try:
        mine, theirs = (list(islice(Ways(definitions, listed).of(*conditions), _FEW + 1)) for conditions in (one, other))
    except Exhausted:
        return False
    few = 0 < len(mine) <= _FEW and 0 < len(theirs) <= _FEW
    return few and covers(mine, theirs) and covers(theirs, mine)


def suspensions(instruments: Sequence[source.Instrument], on: date) -> Iterator[LintFinding]:
    """Suspensions past their end with nobody having said what holds, and days between one suspension and the next."""
    by_limb: dict[str, list[tuple[source.Instrument, Path, source.SuspendedLimbs]]] = {}
    ids = {instrument.id: instrument for instrument in instruments}
    for instrument in instruments:
        for position, act in enumerate(instrument.suspends):
            path: Path = ("suspends", position)
            yield from _lapsed(instrument, act, path, on)
            if act.checked_on > on:
                yield error(
                    "future_citation", instrument.id, (*path, "checked_on"), instrument.id, f"checked_on {act.checked_on} lies after {on}."
                )
            for reference in act.limbs:
                target, _, limb = reference.partition("#")
                for name in [limb] if limb else [one.id for one in ids[target].limbs] if target in ids else []:
                    by_limb.setdefault(f"{target}#{name}", []).append((instrument, path, act))
    for limb_key, acts in by_limb.items():
        acts.sort(key=lambda one: one[2].starts_on)
        for (before, _, first), (after, path, second) in pairwise(acts):
            ends = _end(first)
            if ends is not None and ends < second.starts_on:
                sentence = (
                    f"{limb_key} is suspended by {before.id} until {ends} and by {after.id} from {second.starts_on}: the days "
                    "between are not covered. "
                    "Move a date, or say under `deliberate` that it bound on these days."
                )
                yield warning("suspension_gap", after.id, (*path, "starts_on"), limb_key, sentence)


def _end(act: source.SuspendedLimbs) -> date | None:
    if act.ended_on is not None:
        return act.ended_on
    return act.stated_end.ends_on if act.stated_end is not None else act.printed_end


def _lapsed(instrument: source.Instrument, act: source.SuspendedLimbs, path: Path, on: date) -> Iterator[LintFinding]:
    if act.ended_on is not None or act.printed_end is None or act.printed_end > on:
        return
    if act.stated_end is not None and act.stated_end.ends_on > on:
        return
    limbs = ", ".join(act.limbs)
    last = act.stated_end.ends_on if act.stated_end is not None else act.printed_end
    said = f"its printed end was {act.printed_end}" + (
        f", the stated one {last}" if act.stated_end is not None else " and no other was stated"
    )
    sentence = (
        f"The suspension of {limbs} has lapsed: {said}. Answers are unsettled until somebody reads the site of "
        f"{instrument.authority} and moves "
        "`printed_end`, adds a `stated_end`, or sets `ended_on`."
    )
    yield warning("lapsed_suspension", instrument.id, (*path, "printed_end"), instrument.id, sentence)


def starts(instruments: Sequence[source.Instrument]) -> Iterator[LintFinding]:
    for instrument in instruments:
        for position, limb in enumerate(instrument.limbs):
            if limb.valid_from < instrument.issued:
                sentence = (
                    f"The limb {limb.id} starts on {limb.valid_from}, before its instrument was issued ({instrument.issued}). Mend "
                    "one of the days."
                )
                yield error("limb_start", instrument.id, ("limbs", position, "valid_from"), limb.id, sentence)


def drafts(instruments: Sequence[source.Instrument], on: date) -> Iterator[LintFinding]:
    for instrument in instruments:
        if instrument.status == "confirmed":
            continue
        if instrument.lapses_on is None:
            sentence = "A draft acts at once and needs a day on which it stops: set `lapses_on`, or have a second person confirm it."
            yield error("draft", instrument.id, ("status",), instrument.id, sentence)
        elif instrument.lapses_on <= on:
            sentence = f"The draft lapsed on {instrument.lapses_on} and does nothing any more: confirm it or delete the file."
            yield warning("draft", instrument.id, ("lapses_on",), instrument.id, sentence)


def citations(instruments: Sequence[source.Instrument], on: date, reread_after_days: int) -> Iterator[LintFinding]:
    for instrument in instruments:
        for key, cited in instrument.citations.items():
            path: Path = ("citations", key)
            due = cited.reread_on or cited.checked_on + timedelta(days=reread_after_days)
            if cited.checked_on > on:
                sentence = f"The citation {key} was checked on {cited.checked_on}, which is after {on}. Mend the day."
                yield error("future_citation", instrument.id, (*path, "checked_on"), key, sentence)
            elif due <= on:
                sentence = (
                    f"The citation {key} was last checked on {cited.checked_on} and was to be read again by {due}. Read "
                    f"{cited.source} and set `checked_on`."
                )
                yield warning("stale_citation", instrument.id, (*path, "checked_on"), key, sentence)
