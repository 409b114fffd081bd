"""Which hits on lists are known to be false: two people have cleared them, for the fields that matched and until a day."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from typing import Literal

from pydantic import TypeAdapter

from services.screening.domain.instrument import Signed
from services.screening.domain.names import name_key
from services.screening.domain.parties import ListedParty
from shared.contracts.canonical import canonical_json, derive_id, sha256_hex
from shared.contracts.clearance import Clearance, same_person
from shared.contracts.screening import PartyHit

LONGEST = timedelta(days=731)
"""Nobody clears for ever: parties and lists change."""
SHORTEST_REASON = 8

State = Literal["proposed", "active", "expired", "revoked", "void"]
Pair = tuple[str, str]
"""Fingerprint of the party, fingerprint of the entry."""

_ROWS = TypeAdapter(list[Clearance])


class ClearanceRefused(ValueError):
    """A clearance cannot be made, confirmed or revoked as asked; the text says why."""


@dataclass(slots=True, frozen=True)
class Clearances:
    """Those that act, by what they clear. `version` is the SHA-256 of `content`, from which the same can be made again."""

    version: str
    content: bytes
    by_pair: Mapping[Pair, tuple[Clearance, ...]]

    def of(self, hit: PartyHit, on: date) -> Clearance | None:
        """The clearance that sets a hit aside on a day; of several the one that holds longest."""
        acting = [each for each in self._all(hit) if _since(each) <= on < each.valid_until]
        return max(acting, key=lambda each: (each.valid_until, each.clearance_id), default=None)

    def next_change(self, hit: PartyHit, after: date) -> date | None:
        """The first day after a day on which a clearance of the hit begins or has ended."""
        days = [day for each in self._all(hit) for day in (_since(each), each.valid_until) if day > after]
        return min(days, default=None)

    def _all(self, hit: PartyHit) -> tuple[Clearance, ...]:
        if hit.party_fingerprint is None or hit.entry_fingerprint is None:
            return ()
        return self.by_pair.get((hit.party_fingerprint, hit.entry_fingerprint), ())


@dataclass(slots=True, frozen=True)
class Listed:
    """The hits of an order's parties, those that stand and those that are cleared, and what a change of clearances would reach."""

    standing: tuple[ListedParty, ...] = ()
    cleared: tuple[ListedParty, ...] = ()
    touched: frozenset[str] = frozenset()
    recheck_on: date | None = None

    def __add__(self, other: "Listed") -> "Listed":
        return Listed(
            self.standing + other.standing,
            self.cleared + other.cleared,
            self.touched | other.touched,
            min(filter(None, (self.recheck_on, other.recheck_on)), default=None),
        )


NOBODY_LISTED = Listed()


def set_aside(found: Sequence[ListedParty], clearances: Clearances, known_on: date) -> Listed:
    """Hits with a clearance that acts on a day apart from those that stand."""
    if not found:
        return NOBODY_LISTED
    standing: list[ListedParty] = []
    cleared: list[ListedParty] = []
    changes: list[date] = []
    for party in found:
        clearance = clearances.of(party.hit, known_on)
        if clearance is None:
            standing.append(party)
        else:
            cleared.append(replace(party, hit=_marked(party.hit, clearance)))
        change = clearances.next_change(party.hit, known_on)
        if change is not None:
            changes.append(change)
    keys = frozenset(hit_key(*pair) for party in found if (pair := pair_of(party.hit)) is not None)
    return Listed(tuple(standing), tuple(cleared), keys, min(changes, default=None))


def _marked(hit: PartyHit, clearance: Clearance) -> PartyHit:
    return hit.model_copy(
        update={
            "clearance_id": clearance.clearance_id,
            "cleared_by": f"{clearance.proposed_by} and {clearance.confirmed_by}",
            "cleared_until": clearance.valid_until,
            "cleared_because": clearance.reason,
        }
    )


def compile_clearances(clearances: Iterable[Clearance]) -> Clearances:
    by_pair: dict[Pair, list[Clearance]] = {}
    for each in sorted(filter(acts, clearances), key=lambda each: each.clearance_id):
        by_pair.setdefault(pair_cleared(each), []).append(each)
    rows = [each.model_dump(mode="json", exclude_defaults=True) for pair in sorted(by_pair) for each in by_pair[pair]]
    content = canonical_json(rows)
    return Clearances(sha256_hex(content), content, {pair: tuple(several) for pair, several in by_pair.items()})


def clearances_from_content(content: bytes) -> Clearances:
    return compile_clearances(_ROWS.validate_python(json.loads(content)))


def acts(clearance: Clearance) -> bool:
    """Confirmed and not revoked; whether its time has come or is over depends on the day."""
    return clearance.confirmed_by is not None and clearance.revoked_by is None


def _since(clearance: Clearance) -> date:
    """The day from which it is known."""
    return clearance.confirmed_at.astimezone(UTC).date() if clearance.confirmed_at is not None else date.max


def pair_of(hit: PartyHit) -> Pair | None:
    if hit.party_fingerprint is None or hit.entry_fingerprint is None:
        return None
    return hit.party_fingerprint, hit.entry_fingerprint


def pair_cleared(clearance: Clearance) -> Pair:
    return clearance.party_fingerprint, clearance.entry_fingerprint


def hit_key(party_fingerprint: str, entry_fingerprint: str) -> str:
    """The key by which a change of clearances reaches the open orders with this hit."""
    return f"hit:{party_fingerprint}/{entry_fingerprint}"


def reached_by_clearances(before: Clearances, after: Clearances) -> frozenset[str]:
    """Keys of the hits that are cleared in one and not, or otherwise, in the other."""
    pairs = before.by_pair.keys() | after.by_pair.keys()
    return frozenset(hit_key(*pair) for pair in pairs if before.by_pair.get(pair) != after.by_pair.get(pair))


def proposed(party: ListedParty, reason: str, valid_until: date, by: Signed) -> Clearance:
    """Raises ClearanceRefused."""
    hit = party.hit
    pair = pair_of(hit)
    today = by.at.astimezone(UTC).date()
    if pair is None:
        raise ClearanceRefused(f"The hit of {hit.name} on {hit.list_entry} carries no fingerprints and cannot be cleared.")
    if valid_until <= today:
        raise ClearanceRefused(f"The clearance of {hit.name} would end on {valid_until}, which is not after today.")
    if valid_until > today + LONGEST:
        raise ClearanceRefused(
            f"The clearance of {hit.name} would end on {valid_until}; {LONGEST.days} days from today are the most. Look again then."
        )
    if len(reason.strip()) < SHORTEST_REASON:
        raise ClearanceRefused(
            f"Give a reason for {hit.name} that somebody can follow later (another address, another registry number …); "
            f"{reason.strip()!r} is none."
        )
    return Clearance(
        clearance_id=derive_id("clearance", *pair, by.name, by.at.isoformat(), valid_until.isoformat())[:16],
        party_fingerprint=pair[0],
        entry_fingerprint=pair[1],
        party_name=hit.name,
        list_name=hit.list_name,
        list_entry=hit.list_entry,
        entry_id=party.listing.entry,
        notice=hit.notice,
        score=hit.score,
        reason=reason.strip(),
        valid_until=valid_until,
        proposed_by=by.name,
        proposed_key=by.key_id,
        proposed_at=by.at,
    )


def confirmed(clearance: Clearance, by: Signed) -> Clearance:
    """Confirming what is confirmed changes nothing. Raises ClearanceRefused."""
    if clearance.revoked_by is not None:
        raise ClearanceRefused(f"Clearance {clearance.clearance_id} was revoked by {clearance.revoked_by}; propose another.")
    if clearance.confirmed_by is not None:
        return clearance
    if same_person(clearance.proposed_by, clearance.proposed_key, by.name, by.key_id):
        raise ClearanceRefused(
            f"{clearance.proposed_by} proposed clearance {clearance.clearance_id}; somebody else with another key has to confirm it."
        )
    if clearance.valid_until <= by.at.astimezone(UTC).date():
        raise ClearanceRefused(f"Clearance {clearance.clearance_id} ended on {clearance.valid_until}; propose another.")
    return clearance.model_copy(update={"confirmed_by": by.name, "confirmed_key": by.key_id, "confirmed_at": by.at})


def revoked(clearance: Clearance, by: Signed) -> Clearance:
    """Anybody entitled may revoke, alone: it makes a hit stand again. Revoking twice changes nothing."""
    if clearance.revoked_by is not None:
        return clearance
    return clearance.model_copy(update={"revoked_by": by.name, "revoked_key": by.key_id, "revoked_at": by.at})


def is_successor(hit: ListedParty, of: Clearance) -> bool:
    """Whether a hit is that of a clearance, but for a change of what the list says of the entry, or orders of the party under its name."""
    pair = pair_of(hit.hit)
    if pair is None or pair == pair_cleared(of) or hit.listing.list_name != of.list_name:
        return False
    if pair[0] == of.party_fingerprint:
        return hit.listing.entry == of.entry_id or hit.hit.list_entry == of.list_entry
    return pair[1] == of.entry_fingerprint and name_key(hit.hit.name) == name_key(of.party_name)


def state_of(clearance: Clearance, today: date, standing: Iterable[Pair]) -> State:
    """`standing` are the hits there are: a clearance whose pair is not among them fits nothing any more."""
    if clearance.revoked_by is not None:
        return "revoked"
    if clearance.valid_until <= today:
        return "expired"
    if pair_cleared(clearance) not in standing:
        return "void"
    return "active" if clearance.confirmed_by is not None else "proposed"


NO_CLEARANCES = compile_clearances(())
