"""Parties on an order against parties on lists.

Names are compared as `domain/names` tells, registry numbers by scheme and value. A list bears on a day through its entry's timeline:
listed, suspended, ended. What was found for a party is kept with the list, since orders name the same parties again and again.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from weakref import WeakValueDictionary

from services.screening.domain.fingerprints import Identifier, entry_fingerprint, party_fingerprint
from services.screening.domain.instrument import PartyRole
from services.screening.domain.names import CERTAIN, NameEntry, NameIndex, Scored, identifiers_of, name_key, script_of
from services.screening.domain.overlay import overlaid
from services.screening.domain.ownership import Holding, Ownership, identifier_key, ownership_of, stated_share
from services.screening.domain.party_content import ListedName, Notice, PartyContent, PartyListSource
from services.screening.domain.validity import Status, Suspension, Timeline, timeline
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.order import OrderSnapshot, Party, SnapshotLine
from shared.contracts.screening import Jurisdiction, PartyHit, PartyNotScreened


@dataclass(slots=True, frozen=True, eq=False)
class Listing:
    """One party on one list by one notice."""

    id: str
    list_name: str
    list_title: str
    jurisdiction: Jurisdiction
    notice: str
    name: str
    listed_on: date | None
    ended_on: date | None
    suspensions: tuple[Suspension, ...]
    source: str | None
    entry: str
    """What the list calls the entry, else its main name."""

    def timeline(self, known_on: date) -> Timeline:
        listed_on = self.listed_on or date.min
        return timeline(listed_on, listed_on, self.ended_on, self.suspensions, known_on)


@dataclass(slots=True, frozen=True)
class PartyList:
    """Listings with an index over their names. `version` is the SHA-256 of `content`, from which the same lists can be made again."""

    version: str
    content: bytes
    source: PartyContent
    parts: "tuple[Part, ...]"
    ownership: Ownership
    found: "dict[Asked, Found]" = field(default_factory=dict)
    """What was found for parties asked for before."""


@dataclass(slots=True, frozen=True)
class Part:
    """The listings of one jurisdiction, and an index over their names whose entries are the listings by their place.

    A list that is loaded again leaves the index of every other jurisdiction as it is: making one takes seconds for tens of thousands.
    """

    listings: tuple[Listing, ...]
    index: NameIndex

    def listing(self, scored: Scored) -> Listing:
        return self.listings[int(scored.entry.id)]


_INDEXES: "WeakValueDictionary[tuple[NameEntry, ...], NameIndex]" = WeakValueDictionary()
"""Indexes that some list still holds, by their entries."""


def _index_of(entries: tuple[NameEntry, ...]) -> NameIndex:
    index = _INDEXES.get(entries)
    if index is None:
        index = _INDEXES[entries] = NameIndex(entries)
    return index


Asked = tuple[tuple[str, ...], tuple[Identifier, ...], str | None]
"""All that a party is matched by: names, identifiers, country."""


@dataclass(slots=True, frozen=True)
class Found:
    """What the lists say of one party: its hits, and the lists that could not be asked, each with script and sentence."""

    hits: tuple[tuple[Listing, Scored], ...] = ()
    not_screened: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True, frozen=True)
class PartyOnOrder:
    role: PartyRole
    names: tuple[str, ...]
    holding: Holding | None = None
    """Of an owner: what it holds of whom."""
    identifiers: tuple[Identifier, ...] = ()
    country: str | None = None

    @property
    def asked(self) -> Asked:
        return self.names, self.identifiers, self.country


@dataclass(slots=True, frozen=True)
class ListedParty:
    """A hit with what the law needs to judge it on a day."""

    hit: PartyHit
    role: PartyRole
    listing: Listing
    timeline: Timeline
    holding: Holding | None = None

    @property
    def certain(self) -> bool:
        """Whether it is the listed party for sure; otherwise a person has to find out."""
        return self.hit.score >= _CERTAIN

    def bears_between(self, first: date, last: date) -> bool:
        """Whether the listing says anything between two days, be it that it is suspended."""
        spans = [self.timeline.at(first), *(self.timeline.at(day) for day in self.timeline.changes_between(first, last))]
        return any(span.status not in _SAYS_NOTHING for span in spans)


_CERTAIN = Decimal(str(CERTAIN))
_SAYS_NOTHING = frozenset({Status.NOT_ISSUED, Status.ANNOUNCED, Status.ENDED, Status.LIFTED})


def compile_parties(contents: Iterable[PartyContent]) -> PartyList:
    """One list out of several contents (the built-in one, a file the user loads). Raises ValueError where a notice names no known list."""
    merged = overlaid(contents, name_key)
    lists = merged.lists
    listings: dict[Jurisdiction, list[Listing]] = {}
    entries: dict[Jurisdiction, list[NameEntry]] = {}
    for notice in merged.notices:
        if notice.list_name not in lists:
            raise ValueError(
                f"{notice.notice} lists parties on {notice.list_name!r}, which no file describes; known are {', '.join(sorted(lists))}"
            )
        described = lists[notice.list_name]
        of_jurisdiction = listings.setdefault(described.jurisdiction, [])
        for party in notice.parties:
            entries.setdefault(described.jurisdiction, []).append(_entry(len(of_jurisdiction), notice, party))
            of_jurisdiction.append(_listing(notice, party, described))
    parts = [Part(tuple(listings[each]), _index_of(tuple(entries.get(each, ())))) for each in sorted(listings)]
    content = canonical_json(merged.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    return PartyList(sha256_hex(content), content, merged, tuple(parts), ownership_of(merged.ownership, name_key))


def parties_from_content(content: bytes) -> PartyList:
    return compile_parties([PartyContent.model_validate(json.loads(content))])


def _listing(notice: Notice, party: ListedName, described: PartyListSource) -> Listing:
    suspensions: tuple[Suspension, ...] = ()
    if notice.suspended_from is not None:
        suspensions = (Suspension(notice.notice, notice.suspended_from, notice.suspended_from, notice.suspended_to),)
    return Listing(
        id=f"{notice.list_name}/{notice.notice}/{party.name}",
        list_name=notice.list_name,
        list_title=described.title,
        jurisdiction=described.jurisdiction,
        notice=notice.notice,
        name=party.name,
        listed_on=notice.listed_on,
        ended_on=notice.ended_on,
        suspensions=suspensions,
        source=notice.source,
        entry=party.entry_id or party.name,
    )


def _entry(place: int, notice: Notice, party: ListedName) -> NameEntry:
    countries = party.countries or ([notice.country] if notice.country not in (None, "EU") else [])
    return NameEntry(
        id=f"{place:07}",
        names=(party.name, *([party.name_zh] if party.name_zh else ()), *party.aliases),
        kind=party.kind,
        countries=tuple(filter(None, countries)),
        identifiers=identifiers_of((scheme, value) for scheme, values in party.identifiers.items() for value in values),
        list_name=notice.list_name,
    )


def parties_of(order: OrderSnapshot) -> list[PartyOnOrder]:
    """Everybody the order itself names, by role; manufacturers stand on the lines."""
    named: list[tuple[PartyRole, Party | None]] = [
        ("buyer", order.buyer),
        ("consignee", order.ship_to),
        ("end_user", order.end_user),
        ("seller", order.supplier),
        ("exporter", order.exporter),
        ("forwarder", order.forwarder),
        *(("bank", bank) for bank in order.banks),
    ]
    parties = [each for role, party in named if party is not None and (each := _on_order(role, party)) is not None]
    end_user = order.end_user
    if end_user is not None and end_user.owner_name is not None:
        parties.append(
            PartyOnOrder(
                "end_user_owner", (end_user.owner_name,), stated_share(end_user.name or "the end user", end_user.owner_share_percent)
            )
        )
    return parties


_OWNER_OF: dict[PartyRole, PartyRole] = {
    "buyer": "buyer_owner",
    "consignee": "consignee_owner",
    "end_user": "end_user_owner",
    "seller": "seller_owner",
    "exporter": "exporter_owner",
    "manufacturer": "manufacturer_owner",
    "forwarder": "forwarder_owner",
    "bank": "bank_owner",
}


def owners_of(party: PartyOnOrder, ownership: Ownership, day: date) -> Iterator[PartyOnOrder]:
    """Who holds shares of a party by the ownership facts, directly or through others, as further parties on the order."""
    role = _OWNER_OF.get(party.role)
    if role is not None and ownership.owners:
        numbers = [identifier_key(scheme.upper(), "".join(value.split()).upper()) for scheme, value in party.identifiers]
        called = party.names[0] if party.names else party.identifiers[0][1]
        for owner, holding in ownership.above((*numbers, *map(name_key, party.names)), called, day):
            held_under = tuple((scheme, value) for scheme, values in owner.identifiers.items() for value in values)
            yield PartyOnOrder(role, owner.names, holding, held_under)


def manufacturer_of(line: SnapshotLine) -> PartyOnOrder | None:
    return _on_order("manufacturer", line.manufacturer) if line.manufacturer is not None else None


def _on_order(role: PartyRole, party: Party) -> PartyOnOrder | None:
    names = tuple(name for name in (party.name, party.name_local) if name)
    if not names and not party.identifiers:
        return None
    return PartyOnOrder(role, names, None, tuple(sorted(party.identifiers.items())) if party.identifiers else (), party.country)


def match(parties: Sequence[PartyOnOrder], listed: PartyList, known_on: date) -> tuple[ListedParty, ...]:
    """The parties that a list names, and those who own them, as far as it was known on `known_on`; whether an entry binds on a day is its
    timeline's matter. A notice that ended does not stand in the way of one by the same name that has not."""
    hits: dict[tuple[str, str, date | None, date | None, tuple[Suspension, ...]], ListedParty] = {}
    for party in _with_owners(parties, listed, known_on):
        for listing, scored in _found(party, listed).hits:
            if listing.listed_on is None or listing.listed_on <= known_on:
                stands = (party.role, listing.id, listing.listed_on, listing.ended_on, listing.suspensions)
                hits.setdefault(stands, _hit(party, scored, listing, known_on))
    return tuple(hits.values())


def not_screened(parties: Sequence[PartyOnOrder], listed: PartyList) -> tuple[PartyNotScreened, ...]:
    """The parties that a list says nothing of because it holds no names in their script, or not all of because it says too much."""
    unasked = [(party, lists) for party in parties if (lists := _found(party, listed).not_screened)]
    return tuple(
        PartyNotScreened(role=party.role, name=_called(party.asked), list_name=list_name, script=script, sentence=sentence)
        for party, lists in unasked
        for list_name, script, sentence in lists
    )


def nearest(party: PartyOnOrder, listed: PartyList) -> tuple[Listing, Scored] | None:
    """The entry of the lists that comes nearest to a party, with its score and why it is no hit where it is none: the proof of a non-match.

    Takes some ten milliseconds a name; meant to be asked for, not for every order.
    """
    numbers = identifiers_of(party.identifiers)
    near = [
        (part.listing(scored), scored)
        for name in party.names
        for part in listed.parts
        if (scored := part.index.nearest(name, numbers, party.country)) is not None
    ]
    return max(near, key=lambda found: found[1].score, default=None)


def _with_owners(parties: Sequence[PartyOnOrder], listed: PartyList, known_on: date) -> Iterable[PartyOnOrder]:
    if not listed.ownership.owners:
        return parties
    return [each for party in parties for each in (party, *owners_of(party, listed.ownership, known_on))]


_PARTIES_KEPT = 65_536


def _found(party: PartyOnOrder, listed: PartyList) -> Found:
    asked = party.asked
    found = listed.found.get(asked)
    if found is None:
        if len(listed.found) >= _PARTIES_KEPT:
            listed.found.clear()
        found = listed.found[asked] = _found_anew(asked, listed)
    return found


def _found_anew(asked: Asked, listed: PartyList) -> Found:
    names, written, country = asked
    numbers = identifiers_of(written)
    hits: tuple[tuple[Listing, Scored], ...] = ()
    beyond: Counter[str] = Counter()
    for part in listed.parts:
        best: dict[str, Scored] = {}
        for name in names or ("",):
            for scored in part.index.search(name, numbers, country):
                before = best.get(scored.entry.id)
                if before is None or scored.score > before.score:
                    best[scored.entry.id] = scored
        nearest_first = sorted(best, key=lambda place: (-best[place].score, place))
        hits += tuple((part.listing(best[place]), best[place]) for place in sorted(nearest_first[:MOST_HITS]))
        beyond.update(part.listing(best[place]).list_name for place in nearest_first[MOST_HITS:])
    unasked = tuple(_not_screened(names, {listing.list_name for listing, _ in hits}, listed)) if names else ()
    return Found(hits, (*unasked, *(_not_told(list_name, count, asked, listed) for list_name, count in sorted(beyond.items()))))


MOST_HITS = 200
"""Entries of one jurisdiction's lists told of one party: a list of one name over and over would make an answer larger than any message."""


def _called(asked: Asked) -> str:
    names, written, _ = asked
    return names[0] if names else written[0][1]


def _not_told(list_name: str, entries: int, asked: Asked, listed: PartyList) -> tuple[str, str, str]:
    called = _called(asked)
    return (
        list_name,
        script_of(called),
        f"{called} may be {entries} more entries of {listed.source.lists[list_name].title} than the {MOST_HITS} nearest that are told: "
        "have a person compare them, or have the supplier give a registry number.",
    )


_SCRIPTS = {"han": "Chinese", "arabic": "Arabic", "hebrew": "Hebrew", "thai": "Thai", "latin": "Latin"}
_SHARE_OF_ENTRIES = 0.5
"""A list of which fewer entries than this have a name in a script cannot be asked in it."""


def lists_not_asked(party: PartyOnOrder, listed: PartyList) -> frozenset[str]:
    """The lists that hold no names in the party's script; where one names it all the same, that is a hit."""
    return frozenset(list_name for list_name, _, _ in _not_screened(party.names, set(), listed)) if party.names else frozenset()


def _not_screened(names: Sequence[str], hit_on: set[str], listed: PartyList) -> Iterator[tuple[str, str, str]]:
    scripts = {script_of(name) for name in names}
    for list_name, shares in ((name, shares) for part in listed.parts for name, shares in part.index.script_share.items()):
        if list_name in hit_on or any(shares.get(script, 0.0) >= _SHARE_OF_ENTRIES for script in scripts):
            continue
        script = min(scripts)
        share = max(shares.get(each, 0.0) for each in scripts)
        held = f"has names in that script for {share:.0%} of its entries only" if share else "has no name in that script"
        title = listed.source.lists[list_name].title
        yield (
            list_name,
            script,
            f"{names[0]} was not screened against {title}: the order names it in {_SCRIPTS.get(script, 'another')} script only, "
            f"and the list {held}. "
            "Have the supplier give the name in Latin script as registered, or a registry number.",
        )


def _hit(party: PartyOnOrder, scored: Scored, listing: Listing, known_on: date) -> ListedParty:
    certain = scored.score >= CERTAIN
    by_number = scored.basis == "identifier"
    told = (
        scored.sentence
        if by_number
        else f"{scored.asked!r} on the order {'is' if certain else 'may be'} {scored.listed!r} on the list. {scored.sentence}"
    )
    hit = PartyHit(
        role=party.role,
        name=party.names[0] if by_number and party.names else scored.asked,
        list_name=listing.list_name,
        list_entry=listing.name,
        notice=listing.notice,
        score=Decimal(1) if scored.score > _ALL_BUT_ONE else Decimal(f"{scored.score:.3f}"),
        matched=told,
        basis=scored.basis,
        entry_id=listing.entry,
        party_fingerprint=party_fingerprint(
            scored.asked if by_number else name_key(scored.asked), identifiers_of(party.identifiers), party.country
        ),
        entry_fingerprint=entry_fingerprint(
            listing.list_name,
            listing.entry,
            scored.listed if by_number else name_key(scored.listed),
            scored.entry.identifiers,
            scored.entry.countries,
        ),
    )
    return ListedParty(hit, party.role, listing, listing.timeline(known_on), party.holding)


_ALL_BUT_ONE = 0.9995
