"""How old a loaded list is on a day, and whether that is too old to say that a party is not on it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from pydantic import Field

from services.screening.domain.instrument import Key, Source
from shared.contracts.base import Instant
from shared.contracts.reference_change import EVERYTHING


class Load(Source):
    """One file as it was loaded. It brings `lists`, and replaces what was loaded under its name before."""

    title: str
    lists: list[Key]
    entries: int
    sha256: str
    """Of the file; of a delta, of what the list is after it."""
    format: str
    source: str | None = None
    as_of: Instant | None = None
    """The moment for which the file says it stands; None where it does not tell."""
    loaded_at: Instant
    max_age_days: int | None = Field(default=None, ge=1, le=3650)
    """Beyond that no answer relies on the list; None: it does not age."""
    found_stale: bool = False
    """Its age has been noticed and open orders asked for again; the age itself is always reckoned from the day of the question."""

    @property
    def stands_at(self) -> datetime:
        return min(self.as_of or self.loaded_at, self.loaded_at).astimezone(UTC)

    def age_days(self, day: date) -> int:
        """0 on the day for which it stands, and before."""
        return max(0, (day - self.stands_at.date()).days)

    def stale_on(self, day: date) -> bool:
        return self.max_age_days is not None and self.age_days(day) > self.max_age_days


def stale_key(name: str) -> str:
    """What an answer touches that was given while the list was too old."""
    return f"stale:{name}"


def stale_loads(loads: Mapping[str, Load], day: date) -> dict[str, Load]:
    return {name: load for name, load in loads.items() if load.stale_on(day)}


def reached_by_loads(before: Mapping[str, Load], after: Mapping[str, Load]) -> frozenset[str]:
    """Keys of answers that the age of lists has changed: all where one is newly too old, those given meanwhile where it is young again."""
    reached: set[str] = set()
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if new is not None and new.found_stale and (old is None or not old.found_stale):
            reached.add(EVERYTHING)
        elif old is not None and (new is None or (old.stands_at, old.max_age_days) != (new.stands_at, new.max_age_days)):
            reached.add(stale_key(name))
    return frozenset(reached)
