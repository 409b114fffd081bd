"""What stands of the party lists: which there are, how old, what they can answer."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from services.screening import metrics
from services.screening.domain.lint.calendar import REREAD_AFTER_DAYS
from services.screening.domain.loads import Load
from services.screening.domain.party_content import PartyContent
from services.screening.list_formats.content import names_of, scripts_of
from services.screening.party_lists import BUILT_IN, PartyLists, Refusal
from services.screening.references import References


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class ListTold(_Told):
    list_name: str
    title: str
    jurisdiction: str
    authority: str
    entries: int


class ListStatus(_Told):
    """One load, or what Orestream ships with. `fresh` is None where the list does not age; it is to be read again by `reread_on` then."""

    name: str
    title: str
    lists: list[ListTold]
    entries: int
    stakes: int
    """Ownership facts."""
    version: str
    format: str | None
    source: str | None
    loaded_at: datetime | None
    as_of: datetime | None
    age_days: int | None
    max_age_days: int | None
    fresh: bool | None
    checked_on: date | None
    reread_on: date | None
    scripts: dict[str, int]
    """How many names hold characters of each script: a list without one cannot answer a name written in it."""
    notices_not_loaded: int
    refused: Refusal | None
    """The load after this one, where it was refused."""


async def status_of(lists: PartyLists, references: References, now: datetime) -> list[ListStatus]:
    """Loaded lists by name after the built-in ones; a list of which every load was refused so far is told, too."""
    rows, refusals = await lists.rows(), await lists.refusals()
    version, shipped = await references.installed.shipped_lists()
    return await asyncio.to_thread(_told, shipped, version, rows, refusals, now)


def _told(
    shipped: PartyContent, version: str, rows: Mapping[str, PartyContent], refusals: Mapping[str, Refusal], now: datetime
) -> list[ListStatus]:
    found = [_status(BUILT_IN, "what Orestream ships with", shipped, version, None, None, now)]
    for name, content in rows.items():
        load = content.loads[name]
        found.append(_status(name, load.title, content, load.sha256, load, refusals.get(name), now))
    nothing = PartyContent(lists={})
    found += [_status(name, name, nothing, "", None, refusal, now) for name, refusal in sorted(refusals.items()) if name not in rows]
    return found


def _status(
    name: str, title: str, content: PartyContent, version: str, load: Load | None, refused: Refusal | None, now: datetime
) -> ListStatus:
    counts = dict.fromkeys(content.lists, 0)
    for notice in content.notices:
        counts[notice.list_name] = counts.get(notice.list_name, 0) + len(notice.parties)
    checked = [notice.checked_on for notice in content.notices if notice.checked_on is not None]
    checked_on = min(checked) if checked and load is None else None
    return ListStatus(
        name=name,
        title=title,
        lists=[
            ListTold(list_name=key, title=told.title, jurisdiction=told.jurisdiction, authority=told.authority, entries=counts.get(key, 0))
            for key, told in sorted(content.lists.items())
        ],
        entries=sum(counts.values()),
        stakes=len(content.ownership),
        version=version,
        format=load.format if load else None,
        source=load.source if load else None,
        loaded_at=load.loaded_at if load else None,
        as_of=load.as_of if load else None,
        age_days=load.age_days(now.date()) if load else None,
        max_age_days=load.max_age_days if load else None,
        fresh=not load.stale_on(now.date()) if load and load.max_age_days is not None else None,
        checked_on=checked_on,
        reread_on=date.fromordinal(checked_on.toordinal() + REREAD_AFTER_DAYS) if checked_on else None,
        scripts=scripts_of(names_of(content)),
        notices_not_loaded=len(content.not_loaded),
        refused=refused,
    )


async def show_ages(references: References, now: datetime) -> None:
    """Brings the gauges of list ages up to date."""
    loads = (await references.current()).parties.source.loads
    metrics.LIST_AGE.clear()
    metrics.LIST_MAX_AGE.clear()
    for name, load in loads.items():
        metrics.LIST_AGE.labels(name).set(max(0.0, (now - load.stands_at).total_seconds()))
        if load.max_age_days is not None:
            metrics.LIST_MAX_AGE.labels(name).set(load.max_age_days * 86400)
