"""The hits there are: everybody who was met on orders so far, compared with the lists in force."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from services.screening.domain.clearances import Pair, pair_of
from services.screening.domain.parties import ListedParty, PartyList, PartyOnOrder, match
from services.screening.references import References

_COMPARED_AT_ONCE = 200
_LOOKING_AHEAD = timedelta(days=366)


class Hits:
    """Remembers what was compared until lists or day change."""

    def __init__(self, references: References, clock: Callable[[], datetime]) -> None:
        self._references = references
        self._clock = clock
        self._found: dict[str, tuple[ListedParty, ...]] = {}
        self._compared_with: tuple[str, date] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def standing(self) -> Mapping[Pair, ListedParty]:
        """One for each pair of a party and an entry whose listing says anything from today on, cleared or not, by their fingerprints."""
        async with self._one_at_a_time:
            listed, today = (await self._references.current()).parties, self._clock().date()
            if self._compared_with != (listed.version, today):
                self._found = {}
                self._compared_with = listed.version, today
            new: dict[str, PartyOnOrder] = {}
            async for key, party in self._references.met():
                if key not in self._found:
                    new[key] = party
                if len(new) == _COMPARED_AT_ONCE:
                    self._found.update(await asyncio.to_thread(_compared, new, listed, today))
                    new = {}
            self._found.update(await asyncio.to_thread(_compared, new, listed, today))
            return _by_pair([party for hits in self._found.values() for party in hits])


def _compared(new: Mapping[str, PartyOnOrder], listed: PartyList, today: date) -> dict[str, tuple[ListedParty, ...]]:
    return {
        key: tuple(hit for hit in match((party,), listed, today) if hit.bears_between(today, today + _LOOKING_AHEAD))
        for key, party in new.items()
    }


def _by_pair(found: Sequence[ListedParty]) -> dict[Pair, ListedParty]:
    """Of parties that are the same as far as they matched, the one whose name comes first speaks for all."""
    pairs: dict[Pair, ListedParty] = {}
    for party in sorted(found, key=lambda each: (each.hit.name, each.hit.notice)):
        pair = pair_of(party.hit)
        if pair is not None:
            pairs.setdefault(pair, party)
    return pairs
