"""Several sources of one list made one: what notices are known to have become of a listing outweighs a file that only says "listed".

A file that is loaded tells who is on a list and seldom since when, and hardly ever that a listing was suspended or has ended. Notices of
an earlier source (the built-in ones first) tell that. A loaded party that such a notice names is its listing, under the names of both; one
that stands on the same list since the same day came by the same notice, and shares its fate; dates that a loaded file gives itself hold.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.screening.domain.party_content import ListedName, Notice, NotLoaded, PartyContent, PartyListSource

_ONE_NOTICE = timedelta(days=1)
"""Notices are announced on one day and in force on the next."""
_ONE_LISTING = timedelta(days=7)


@dataclass(slots=True)
class _Listed:
    notice: Notice
    party: ListedName
    content: int
    """Which of the contents says so."""


def overlaid(contents: Iterable[PartyContent], key_of: Callable[[str], str]) -> PartyContent:
    """One content out of several, earlier ones first. The first description of a list holds. One alone stays as it is."""
    given = list(contents)
    if len(given) == 1:
        return given[0]
    lists: dict[str, PartyListSource] = {}
    for content in given:
        for name, described in content.lists.items():
            lists.setdefault(name, described)
    by_list: dict[str, list[_Listed]] = {}
    for number, content in enumerate(given):
        for notice in content.notices:
            by_list.setdefault(notice.list_name, []).extend(_Listed(notice, party, number) for party in notice.parties)
    not_loaded = [one for content in given for one in content.not_loaded]
    notices: list[Notice] = []
    for name, listed in by_list.items():
        if len({one.content for one in listed}) > 1 or any(one.list_name == name for one in not_loaded):
            listed = _one_list(listed, [one for one in not_loaded if one.list_name == name], key_of)
        notices.extend(_as_notices(listed))
    return PartyContent(
        lists=dict(sorted(lists.items())),
        notices=notices,
        not_loaded=[one for one in not_loaded if _still_missing(one, by_list.get(one.list_name, ()))],
        loads={name: load for content in given for name, load in content.loads.items()},
        ownership=[stake for content in given for stake in content.ownership],
    )


def _one_list(listed: Sequence[_Listed], not_loaded: Sequence[NotLoaded], key_of: Callable[[str], str]) -> list[_Listed]:
    kept: list[_Listed] = []
    by_key: dict[str, list[int]] = {}
    facts: list[tuple[int, Notice | NotLoaded]] = [(-1, one) for one in not_loaded if _dated(one)]
    facts += [(one.content, one.notice) for one in {id(one.notice): one for one in listed}.values() if _dated(one.notice)]
    for one in listed:
        keys = list(filter(None, dict.fromkeys(map(key_of, _names(one.party)))))
        earlier = next((at for key in keys for at in by_key.get(key, ()) if _same_listing(kept[at], one)), None)
        if earlier is None:
            by_notice = None if _dated(one.notice) else _by_same_notice(one, facts)
            kept.append(one if by_notice is None else _Listed(_with_fate(one.notice, by_notice), one.party, one.content))
            at = len(kept) - 1
        else:
            at, before = earlier, kept[earlier]
            notice = one.notice if _dated(one.notice) else before.notice
            kept[at] = _Listed(notice, _under_both_names(before.party, one.party), before.content)
        for key in keys:
            places = by_key.setdefault(key, [])
            if at not in places:
                places.append(at)
    return kept


def _same_listing(earlier: _Listed, later: _Listed) -> bool:
    if earlier.content == later.content:
        return False
    before, after = earlier.notice, later.notice
    return before.listed_on is None or after.listed_on is None or abs(before.listed_on - after.listed_on) <= _ONE_LISTING


def _by_same_notice(one: _Listed, facts: Sequence[tuple[int, Notice | NotLoaded]]) -> Notice | NotLoaded | None:
    """The one notice of an earlier source whose parties were put on the list on the same day."""
    fitting = {
        fact.notice: fact
        for content, fact in facts
        if content < one.content and _same_day(fact.listed_on, one.notice.listed_on) and _same_country(fact.country, one)
    }
    return next(iter(fitting.values())) if len(fitting) == 1 else None


def _same_day(first: date | None, second: date | None) -> bool:
    return first is not None and second is not None and abs(first - second) <= _ONE_NOTICE


def _same_country(country: str | None, one: _Listed) -> bool:
    """A notice on parties of the European Union names no member state."""
    countries = one.party.countries or ([one.notice.country] if one.notice.country else [])
    return country is None or country == "EU" or not countries or country in countries


def _with_fate(notice: Notice, fact: Notice | NotLoaded) -> Notice:
    return notice.model_copy(
        update={
            "notice": fact.notice,
            "suspended_from": fact.suspended_from,
            "suspended_to": fact.suspended_to,
            "ended_on": fact.ended_on,
            "note": fact.note,
        }
    )


def _dated(notice: Notice | NotLoaded) -> bool:
    return notice.ended_on is not None or notice.suspended_from is not None


def _names(party: ListedName) -> list[str]:
    return [party.name, *([party.name_zh] if party.name_zh else []), *party.aliases]


def _under_both_names(first: ListedName, second: ListedName) -> ListedName:
    identifiers = {
        scheme: list(dict.fromkeys((*first.identifiers.get(scheme, ()), *second.identifiers.get(scheme, ()))))
        for scheme in sorted(first.identifiers.keys() | second.identifiers.keys())
    }
    name_zh = first.name_zh or second.name_zh
    names = dict.fromkeys((*_names(first), *_names(second)))
    return first.model_copy(
        update={
            "name_zh": name_zh,
            "aliases": [name for name in names if name not in (first.name, name_zh)],
            "entry_id": first.entry_id or second.entry_id,
            "kind": first.kind or second.kind,
            "countries": list(dict.fromkeys((*first.countries, *second.countries))),
            "identifiers": identifiers,
        }
    )


def _as_notices(listed: Sequence[_Listed]) -> list[Notice]:
    """Parties that came by one notice with one fate stand together again, in the order in which they came."""
    parties: dict[tuple[object, ...], tuple[Notice, list[ListedName]]] = {}
    for one in listed:
        notice = one.notice
        fate = (notice.notice, notice.listed_on, notice.country, notice.source, notice.suspended_from, notice.suspended_to, notice.ended_on)
        parties.setdefault(fate, (notice, []))[1].append(one.party)
    return [notice.model_copy(update={"parties": together}) for notice, together in parties.values()]


def _still_missing(one: NotLoaded, listed: Sequence[_Listed]) -> bool:
    """Until as many parties as the notice named are there from its day on that list."""
    there = sum(_same_day(one.listed_on, each.notice.listed_on) and _same_country(one.country, each) for each in listed)
    return there < one.names
