"""When a limb of the law binds: validity, suspension and what is known of both on a given day. All intervals are half-open.

Two times are kept apart: the day of the transaction (`day`) and the day whose state of knowledge is used (`known_on`).
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Literal


class Status(Enum):
    """How a limb stands on a day."""

    NOT_ISSUED = "not issued yet"
    ANNOUNCED = "announced, not in force yet"
    IN_FORCE = "in force"
    SUSPENDED = "suspended"
    SUSPENDED_AS_STATED = "suspended as far as was stated; the notice was not seen"
    UNSETTLED = "past the end of its suspension; whether it binds is not settled"
    ENDED = "ended"
    LIFTED = "taken as lifted"


@dataclass(slots=True, frozen=True)
class Suspension:
    """An act that keeps limbs of other instruments from binding.

    `printed_end` is the date the act's text gives. `stated_end` is a later end that the authority has stated (on `stated_on`) without an
    amending act having been seen. `ended_on` is set once the act has ended for good and the limbs bind again.
    """

    instrument: str
    issued: date
    starts_on: date
    printed_end: date | None
    stated_end: date | None = None
    stated_on: date | None = None
    ended_on: date | None = None
    lapses_on: date | None = None
    """For an act that nobody has confirmed: from this day on it is known to have ended then; before, that is not reckoned with."""

    def as_known_on(self, known_on: date) -> "Suspension":
        if self.lapses_on is None or known_on < self.lapses_on:
            return self
        return replace(self, ended_on=min(self.ended_on or self.lapses_on, self.lapses_on))

    def end_known_on(self, known_on: date) -> date | None:
        """The last end known: the stated one where it had been stated by then, else the printed one."""
        if self.stated_end is not None and self.stated_on is not None and self.stated_on <= known_on:
            return self.stated_end
        return self.printed_end


@dataclass(slots=True, frozen=True)
class Span:
    """One status from `starts_on` until before `ends_on` (None: for ever), with the suspension that causes it, if one does."""

    starts_on: date
    ends_on: date | None
    status: Status
    suspension: Suspension | None = None


@dataclass(slots=True, frozen=True)
class Timeline:
    """The statuses of one limb over all days, as known on one day; the spans touch and cover everything from the first day there is."""

    spans: tuple[Span, ...]
    starts: tuple[date, ...]

    def at(self, day: date) -> Span:
        return self.spans[bisect_right(self.starts, day) - 1]

    def changes_between(self, first: date, last: date) -> list[date]:
        """Days after `first` and up to `last` on which the status changes."""
        if len(self.starts) == 1:
            return []
        return [day for day in self.starts if first < day <= last]


Override = Literal["in_force", "lifted"]


def timeline(
    issued: date,
    starts_on: date,
    ends_on: date | None,
    suspensions: tuple[Suspension, ...],
    known_on: date,
    override: Override | None = None,
    overridden_suspensions: dict[str, Override] | None = None,
) -> Timeline:
    """The timeline of a limb that was issued, starts and ends on the given days, under the suspensions known on `known_on`.

    `override` (a scenario) takes the limb as in force, or as lifted, on every day; `overridden_suspensions` does the same to the suspending
    acts, by instrument.
    """
    if override == "in_force":
        return _single(Status.IN_FORCE)
    if override == "lifted":
        return _single(Status.LIFTED)
    if issued > known_on:
        return _single(Status.NOT_ISSUED)
    overridden = overridden_suspensions or {}
    acts = [act.as_known_on(known_on) for act in suspensions if overridden.get(act.instrument) != "lifted" and act.issued <= known_on]
    forced = next((act for act in suspensions if overridden.get(act.instrument) == "in_force"), None)
    days = {date.min, issued, starts_on}
    if ends_on is not None:
        days.add(ends_on)
    for act in acts:
        days.add(act.starts_on)
        days.update(day for day in (act.printed_end, act.end_known_on(known_on), act.ended_on) if day is not None)
    spans: list[tuple[date, Status, Suspension | None]] = []
    for day in sorted(days):
        status, cause = _status(day, issued, starts_on, ends_on, acts, known_on)
        if forced is not None and status in (Status.IN_FORCE, Status.ANNOUNCED, Status.UNSETTLED, Status.SUSPENDED_AS_STATED):
            status, cause = Status.SUSPENDED, forced
        if not spans or spans[-1][1] is not status:
            spans.append((day, status, cause))
    ends = [start for start, _, _ in spans[1:]]
    return Timeline(
        tuple(Span(start, end, status, cause) for (start, status, cause), end in zip(spans, [*ends, None], strict=True)),
        tuple(start for start, _, _ in spans),
    )


def _single(status: Status) -> Timeline:
    return Timeline((Span(date.min, None, status),), (date.min,))


def _status(
    day: date, issued: date, starts_on: date, ends_on: date | None, acts: list[Suspension], known_on: date
) -> tuple[Status, Suspension | None]:
    if day < issued:
        return Status.NOT_ISSUED, None
    if ends_on is not None and day >= ends_on:
        return Status.ENDED, None
    open_end: tuple[Status, Suspension] | None = None
    for act in acts:
        # An act that came before the limb's start means that the start is never reached: from its issue on the limb only "would apply".
        if day < act.starts_on <= starts_on and (act.ended_on is None or act.ended_on > starts_on):
            return Status.SUSPENDED, act
        if day < act.starts_on or (act.ended_on is not None and day >= act.ended_on):
            continue
        if act.printed_end is None or day < act.printed_end:
            return Status.SUSPENDED, act
        # Past its printed end an act says less than a later one that covers the day.
        end = act.end_known_on(known_on)
        if end is not None and day < end:
            open_end = Status.SUSPENDED_AS_STATED, act
        elif open_end is None:
            open_end = Status.UNSETTLED, act
    if open_end is not None:
        return open_end
    return (Status.ANNOUNCED, None) if day < starts_on else (Status.IN_FORCE, None)
