"""What differs between two versions of the lists, so that a change is compared with the entries it touches and not with all there are.

A score is of one name against one entry, whatever else a list holds; so whoever is judged otherwise meets an entry that differs, or is
owned otherwise.
"""

from dataclasses import replace
from datetime import date

from services.screening.domain.parties import PartyList, PartyOnOrder, compile_parties, lists_not_asked, owners_of
from services.screening.domain.party_content import Notice, PartyContent
from services.screening.domain.touching import hits_differ


class ListChanges:
    """Two versions of the lists, each without the entries that stand alike on both, and whole where it is about who owns whom."""

    def __init__(self, before: PartyList, after: PartyList) -> None:
        self._whole = before, after
        self._ownership_differs = before.source.ownership != after.source.ownership
        old, new = _by_said(before.source), _by_said(after.source)
        names = before.source.lists.keys() | after.source.lists.keys()
        described = {name for name in names if before.source.lists.get(name) != after.source.lists.get(name)}
        alike = {said for said in old.keys() & new.keys() if old[said].list_name not in described}
        self._changed = _only(before, old, alike), _only(after, new, alike)

    def reach(self, party: PartyOnOrder, day: date) -> bool:
        """Whether a party on an order, or who owns it, stands otherwise after than before, as known on a day."""
        before, after = self._whole if self._ownership_differs and self._owned(party, day) else self._changed
        return hits_differ(party, before, after, day) or len({lists_not_asked(party, listed) for listed in self._whole}) > 1

    def _owned(self, party: PartyOnOrder, day: date) -> bool:
        return any(next(iter(owners_of(party, listed.ownership, day)), None) is not None for listed in self._whole)


def _by_said(content: PartyContent) -> dict[tuple[str, str], Notice]:
    """Every entry as a notice of its own, by all that is said of it."""
    found: dict[tuple[str, str], Notice] = {}
    for notice in content.notices:
        of_notice = notice.model_dump_json(exclude={"parties"})
        for party in notice.parties:
            found[of_notice, party.model_dump_json()] = notice.model_copy(update={"parties": [party]})
    return found


def _only(listed: PartyList, entries: dict[tuple[str, str], Notice], alike: set[tuple[str, str]]) -> PartyList:
    notices = [notice for said, notice in entries.items() if said not in alike]
    return replace(compile_parties([PartyContent(lists=listed.source.lists, notices=notices)]), ownership=listed.ownership)
