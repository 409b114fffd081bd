"""Checks the law as data for what a compiler lets pass: gaps, overlaps, lapsed suspensions, conditions that nothing can meet, unused names.

A finding that is meant to be so is named, with its reason, under `deliberate` in the file that it is about; it is then told apart, not
dropped.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from services.screening.domain import instrument as source
from services.screening.domain.law import Law, LawError, Problem, compile_law
from services.screening.domain.lint import calendar, names, reach, tariff
from services.screening.domain.lint.finding import COMMON, LintFinding, error, warning
from services.screening.domain.lint.parties import lint_parties

__all__ = ["LintFinding", "lint", "lint_parties"]


def lint(
    common: source.CommonTerms,
    instruments: Sequence[source.Instrument],
    on: date,
    *,
    lists: Collection[str] | None = None,
    reread_after_days: int = calendar.REREAD_AFTER_DAYS,
) -> tuple[LintFinding, ...]:
    """What is wrong with a set on a day, by instrument. `lists` are the party lists there are; None leaves them unchecked."""
    found = [
        *calendar.gaps(instruments),
        *calendar.suspensions(instruments, on),
        *calendar.starts(instruments),
        *calendar.drafts(instruments, on),
        *calendar.citations(instruments, on, reread_after_days),
        *names.unused(common, instruments),
        *names.unknown(common, instruments, lists),
        *names.regimes(common, instruments, lists),
        *tariff.tariff_lines(instruments, on),
    ]
    try:
        law: Law | None = compile_law(common, instruments)
    except LawError as refused:
        law = None
        found += [_refused(problem) for problem in refused.problems if not _is_told(problem, found)]
    if law is not None:
        found += calendar.overlaps(instruments, common)
        found += reach.unreachable(law)
    return tuple(_judged(dict.fromkeys(found), common, instruments))


def _refused(problem: Problem) -> LintFinding:
    """A mistake for which the whole set is refused."""
    name = "refused"
    if problem.path[:1] == ("suspends",) and "limbs" in problem.path:
        name = "dangling_suspension"
    elif "destination" in problem.path:
        name = "unknown_region"
    subject = ".".join(map(str, problem.path)) or problem.instrument
    return error(name, problem.instrument, problem.path, subject, f"The whole set is refused: {problem.reason}.")


def _is_told(problem: Problem, found: Iterable[LintFinding]) -> bool:
    return any(finding.instrument == problem.instrument and finding.path == problem.path for finding in found)


def _judged(found: Iterable[LintFinding], common: source.CommonTerms, instruments: Sequence[source.Instrument]) -> Iterator[LintFinding]:
    """The findings with the reasons of those that are deliberate, and the reasons that no finding needs."""
    said = {COMMON: common.deliberate} | {instrument.id: instrument.deliberate for instrument in instruments}
    needed: set[tuple[str, int]] = set()
    for finding in found:
        reason = None
        for position, one in enumerate(said.get(finding.instrument, [])):
            if (one.finding, one.subject) == (finding.name, finding.subject):
                needed.add((finding.instrument, position))
                reason = one.reason
        yield replace(finding, deliberate=reason)
    for instrument, reasons in said.items():
        for position, one in enumerate(reasons):
            if (instrument, position) not in needed:
                sentence = f"Nothing is found any more that {one.finding} {one.subject} would explain. Delete the reason."
                yield warning("stale_reason", instrument, ("deliberate", position), one.subject, sentence)
