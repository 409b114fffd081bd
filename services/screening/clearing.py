"""False positives cleared by two people: one proposes, another confirms, anybody entitled revokes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.screening.domain.clearances import (
    ClearanceRefused,
    Pair,
    State,
    acts,
    confirmed,
    pair_cleared,
    proposed,
    revoked,
    state_of,
)
from services.screening.domain.instrument import Signed
from services.screening.domain.parties import ListedParty
from services.screening.hits import Hits
from services.screening.installed import CLEARANCES
from services.screening.references import References
from shared.contracts.clearance import Clearance, same_person

MOST_AT_ONCE = 20_000
HitState = Literal["open", "proposed", "cleared"]


class UnknownClearance(LookupError):
    """There is no clearance of this id."""


class ProposalsRefused(ValueError):
    """Nothing was proposed; `reasons` tell for each proposal that cannot stand why."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(reasons))


@dataclass(slots=True, frozen=True)
class Proposal:
    pair: Pair
    reason: str
    valid_until: date


@dataclass(slots=True, frozen=True)
class StandingHit:
    """A hit of a party met on orders, and what was said of it; `clearance` is the one that acts, or the one that waits."""

    pair: Pair
    party: ListedParty
    state: HitState
    clearance: Clearance | None


@dataclass(slots=True, frozen=True)
class Judged:
    clearance: Clearance
    state: State


class Clearing:
    """Changes are one after the other in one process."""

    def __init__(self, references: References, hits: Hits, clock: Callable[[], datetime]) -> None:
        self._references = references
        self._hits = hits
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    def signed(self, name: str, key_id: str | None = None) -> Signed:
        return Signed(name=name, key_id=key_id, at=self._clock())

    async def all(self) -> list[Judged]:
        """Whatever was proposed, the oldest first."""
        standing, today = await self._hits.standing(), self._clock().date()
        return [Judged(each, state_of(each, today, standing)) for each in await self._rows()]

    async def hits(self) -> list[StandingHit]:
        """By their fingerprints."""
        standing, rows, today = await self._hits.standing(), await self._rows(), self._clock().date()
        said = _by_pair(rows, today)
        return [_hit(pair, party, said.get(pair, ())) for pair, party in sorted(standing.items(), key=lambda each: each[0])]

    async def propose(self, proposals: Sequence[Proposal], by: Signed) -> list[Clearance]:
        """All of them or none. The same again is the same proposal. Raises ProposalsRefused."""
        async with self._one_at_a_time:
            standing, today = await self._hits.standing(), by.at.date()
            said = _by_pair(await self._rows(), today)
            made: dict[Pair, Clearance] = {}
            reasons: list[str] = []
            for proposal in proposals:
                try:
                    if proposal.pair in made:
                        raise ClearanceRefused(f"The hit {'/'.join(proposal.pair)} is proposed twice.")
                    made[proposal.pair] = _proposed(proposal, standing, said.get(proposal.pair, ()), by)
                except ClearanceRefused as refused:
                    reasons.append(str(refused))
            if reasons:
                raise ProposalsRefused(reasons)
            await self._write(list(made.values()))
            return list(made.values())

    async def confirm(self, ids: Sequence[str], by: Signed) -> list[Clearance]:
        """All of them or none. Raises UnknownClearance or ClearanceRefused."""
        async with self._one_at_a_time:
            standing = await self._hits.standing()
            after = [_confirmed(clearance, standing, by) for clearance in await self._found(ids)]
            await self._write(after)
            return after

    async def waiting_for(self, by: Signed) -> list[str]:
        """The proposals that this person may confirm."""
        return [
            each.clearance.clearance_id
            for each in await self.all()
            if each.state == "proposed" and not same_person(each.clearance.proposed_by, each.clearance.proposed_key, by.name, by.key_id)
        ]

    async def revoke(self, clearance_id: str, by: Signed) -> Clearance:
        """Raises UnknownClearance."""
        async with self._one_at_a_time:
            (clearance,) = await self._found([clearance_id])
            after = revoked(clearance, by)
            await self._write([after])
            return after

    async def _rows(self) -> list[Clearance]:
        rows = [row async for _, row in self._references.installed.clearances.scan()]
        read = await asyncio.to_thread(lambda: {each.clearance_id: each for each in map(Clearance.model_validate_json, rows)})
        return sorted(read.values(), key=lambda each: (each.proposed_at, each.clearance_id))

    async def _found(self, ids: Sequence[str]) -> list[Clearance]:
        wanted = list(dict.fromkeys(ids))
        rows = await self._references.installed.clearances.get_many(wanted)
        unknown = [clearance_id for clearance_id, row in zip(wanted, rows, strict=True) if row is None]
        if unknown:
            raise UnknownClearance(f"There is no clearance {', '.join(unknown[:5])}; GET /v1/clearances shows those there are.")
        return [Clearance.model_validate_json(row) for row in rows if row is not None]

    async def _write(self, clearances: Sequence[Clearance]) -> None:
        rows = {each.clearance_id: each.model_dump_json(exclude_defaults=True).encode() for each in clearances}
        await self._references.change({CLEARANCES: rows})


def _by_pair(rows: Sequence[Clearance], today: date) -> dict[Pair, list[Clearance]]:
    """What is neither revoked nor over."""
    found: dict[Pair, list[Clearance]] = {}
    for each in rows:
        if each.revoked_by is None and today < each.valid_until:
            found.setdefault(pair_cleared(each), []).append(each)
    return found


def _hit(pair: Pair, party: ListedParty, said: Sequence[Clearance]) -> StandingHit:
    ordered = sorted(said, key=lambda each: (acts(each), each.valid_until, each.clearance_id))
    if not ordered:
        return StandingHit(pair, party, "open", None)
    return StandingHit(pair, party, "cleared" if acts(ordered[-1]) else "proposed", ordered[-1])


def _proposed(proposal: Proposal, standing: Mapping[Pair, ListedParty], said: Sequence[Clearance], by: Signed) -> Clearance:
    party = standing.get(proposal.pair)
    if party is None:
        raise ClearanceRefused(
            f"No hit {'/'.join(proposal.pair)} stands: the party or the entry of the list has changed. GET /v1/hits shows those there are."
        )
    new = proposed(party, proposal.reason, proposal.valid_until, by)
    for each in said:
        same = (each.reason, each.valid_until) == (new.reason, new.valid_until)
        if same and same_person(each.proposed_by, each.proposed_key, by.name, by.key_id):
            return each
        if not acts(each):
            raise ClearanceRefused(
                f"{each.proposed_by} has proposed to clear {each.party_name} of {each.list_entry} already ({each.clearance_id}): confirm "
                "that, or revoke it first."
            )
        if new.valid_until <= each.valid_until:
            raise ClearanceRefused(
                f"{each.party_name} is cleared of {each.list_entry} until before {each.valid_until} ({each.clearance_id}); propose a later "
                "day, or revoke it first."
            )
    return new


def _confirmed(clearance: Clearance, standing: Mapping[Pair, ListedParty], by: Signed) -> Clearance:
    if clearance.confirmed_by is None and clearance.revoked_by is None and pair_cleared(clearance) not in standing:
        raise ClearanceRefused(
            f"Clearance {clearance.clearance_id} fits no hit any more: {clearance.party_name} or {clearance.list_entry} has changed since "
            "it was proposed. Look at the hit as it is now and propose that."
        )
    return confirmed(clearance, by)
