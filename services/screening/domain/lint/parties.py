"""Listings of parties: suspensions past their end, and notices of which nobody says where and when they were read."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.screening.domain.lint.calendar import REREAD_AFTER_DAYS
from services.screening.domain.lint.finding import LintFinding, Path, error, warning
from services.screening.domain.party_content import PartyContent

PARTIES = "parties"


def lint_parties(content: PartyContent, on: date, *, reread_after_days: int = REREAD_AFTER_DAYS) -> Iterator[LintFinding]:
    """What is wrong with one file of listed parties on a day; paths lead to its notices."""
    for position, notice in enumerate(content.notices):
        path: Path = ("notices", position)
        if notice.suspended_to is not None and notice.ended_on is None and notice.suspended_to <= on:
            authority = content.lists[notice.list_name].authority if notice.list_name in content.lists else "the authority"
            sentence = (
                f"The suspension of {notice.notice} lapsed on {notice.suspended_to}: its {len(notice.parties)} parties are unsettled until "
                f"somebody reads the site of {authority} and moves `suspended_to`, or sets `ended_on`."
            )
            yield warning("lapsed_suspension", PARTIES, (*path, "suspended_to"), notice.notice, sentence)
        if notice.checked_on is None or notice.source is None:
            sentence = f"{notice.notice} does not say where and when it was read. Give it `source` and `checked_on`."
            yield warning("stale_citation", PARTIES, path, notice.notice, sentence)
        elif notice.checked_on > on:
            yield error(
                "future_citation", PARTIES, (*path, "checked_on"), notice.notice, f"checked_on {notice.checked_on} lies after {on}."
            )
        elif notice.checked_on + timedelta(days=reread_after_days) <= on:
            sentence = f"{notice.notice} was last checked on {notice.checked_on}. Read {notice.source} and set `checked_on`."
            yield warning("stale_citation", PARTIES, (*path, "checked_on"), notice.notice, sentence)
