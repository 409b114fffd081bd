"""From what a file says to party lists as screening holds them: each entry on its list, with those that came by the same notice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.screening.domain.loads import Load
from services.screening.domain.ownership import Holder as OwnershipHolder
from services.screening.domain.ownership import Stake
from services.screening.domain.party_content import NO_NOTICE, ListedName, Notice, PartyContent, PartyListSource
from services.screening.domain.wording import day_text
from services.screening.list_formats.entries import Entry, Holder, ListRefused, StakeRead
from services.screening.list_formats.known_lists import known_lists


@dataclass(slots=True, frozen=True)
class Placed:
    """Entries on their lists."""

    lists: Mapping[str, PartyListSource]
    notices: list[Notice]


def party_content(
    name: str,
    entries: Iterable[Entry],
    stakes: Iterable[StakeRead],
    own: PartyListSource | None,
    standing: Mapping[str, PartyListSource],
    load: Load,
) -> PartyContent:
    """What is loaded under `name`. `own` describes the list of that name; `standing` are the lists there are. Raises ListRefused."""
    placed = placed_on_lists(name, entries, own, standing)
    return PartyContent(
        lists=dict(sorted(placed.lists.items())),
        notices=placed.notices,
        loads={name: load.model_copy(update={"lists": sorted(placed.lists)})},
        ownership=[_stake(one) for one in stakes],
    )


def placed_on_lists(name: str, entries: Iterable[Entry], own: PartyListSource | None, standing: Mapping[str, PartyListSource]) -> Placed:
    lists: dict[str, PartyListSource] = {}
    together: dict[tuple[object, ...], tuple[Notice, list[ListedName]]] = {}
    for entry in entries:
        list_name, described = _list_of(name, entry, own, standing)
        lists[list_name] = described
        notice = _notice(list_name, entry)
        same = (
            notice.list_name,
            notice.notice,
            notice.listed_on,
            notice.source,
            notice.suspended_from,
            notice.suspended_to,
            notice.ended_on,
        )
        together.setdefault(same, (notice, []))[1].append(notice.parties[0])
    return Placed(lists, [notice.model_copy(update={"parties": parties}) for notice, parties in together.values()])


def _list_of(name: str, entry: Entry, own: PartyListSource | None, standing: Mapping[str, PartyListSource]) -> tuple[str, PartyListSource]:
    if len(entry.listing) == 1:
        only = entry.listing[0]
        if only in standing:
            return only, standing[only]
        named = known_lists().named(only)
        if named is not None:
            return only, named.described()
    told = known_lists().told_by(entry.listing) if entry.listing else None
    if told is not None:
        return told.list_name, standing.get(told.list_name, told.described())
    if own is not None:
        return name, own
    if name in standing:
        return name, standing[name]
    said = f" (the file says {', '.join(entry.listing)[:120]!r})" if entry.listing else ""
    raise ListRefused(
        "LIST_UNKNOWN",
        f"{entry.place}: nothing says on which list {entry.name!r} stands{said}. Describe {name!r}: title, jurisdiction, authority.",
    )


def _notice(list_name: str, entry: Entry) -> Notice:
    return Notice(
        list_name=list_name,
        notice=entry.notice or (f"listing of {day_text(entry.listed_on)}" if entry.listed_on else NO_NOTICE),
        listed_on=entry.listed_on,
        source=entry.source,
        confidence="high",
        suspended_from=entry.suspended_from,
        suspended_to=entry.suspended_to,
        ended_on=entry.ended_on,
        parties=[
            ListedName(
                name=entry.name,
                name_zh=entry.name_zh,
                aliases=list(entry.aliases),
                entry_id=entry.entry_id,
                kind=entry.kind,
                countries=list(entry.countries),
                identifiers=_by_scheme(entry.identifiers),
            )
        ],
    )


def _stake(read: StakeRead) -> Stake:
    return Stake(
        owner=_holder(read.owner),
        owned=_holder(read.owned),
        share_percent=read.share_percent,
        as_of=read.as_of,
        ended_on=read.ended_on,
        source=read.source,
    )


def _holder(read: Holder) -> OwnershipHolder:
    return OwnershipHolder(name=read.name, aliases=list(read.aliases), identifiers=_by_scheme(read.identifiers))


def _by_scheme(identifiers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for scheme, value in identifiers:
        found.setdefault(scheme, []).append(value)
    return found


def entries_of(content: PartyContent) -> int:
    return sum(len(notice.parties) for notice in content.notices)


SCRIPTS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Latin", (("A", "Z"), ("a", "z"), ("\u00c0", "\u024f"))),
    ("Han", (("\u4e00", "\u9fff"), ("\u3400", "\u4dbf"))),
    ("Kana", (("\u3040", "\u30ff"),)),
    ("Hangul", (("\uac00", "\ud7a3"),)),
    ("Cyrillic", (("\u0400", "\u04ff"),)),
    ("Arabic", (("\u0600", "\u06ff"),)),
)


def scripts_of(names: Iterable[str]) -> dict[str, int]:
    """How many of the names hold characters of each script; a list without a script cannot answer a name written in it."""
    found = dict.fromkeys((script for script, _ in SCRIPTS), 0)
    for name in names:
        for script, ranges in SCRIPTS:
            if any(low <= c <= high for c in name for low, high in ranges):
                found[script] += 1
    return {script: count for script, count in found.items() if count}


def names_of(content: PartyContent) -> Iterable[str]:
    for notice in content.notices:
        for party in notice.parties:
            yield party.name
            if party.name_zh:
                yield party.name_zh
            yield from party.aliases
