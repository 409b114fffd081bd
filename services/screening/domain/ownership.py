"""Who holds what share of whom, as facts that a user or a list brings, and what listed owners hold together through any number of steps.

A share that nobody states is unknown: what is held is then an interval, from what is certain to all that nobody else is known to hold.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from services.screening.domain.instrument import Source

Chain = Literal["multiplied", "each_step"]
"""Through a chain the shares are multiplied, or each step that reaches the bound counts as held in full."""

MOST_STEPS = 12
MOST_OWNERS = 200
"""Owners above one party that are looked at; beyond that nobody can follow the chain."""
_ALL = Decimal(100)


class Holder(Source):
    name: str
    aliases: list[str] = []
    identifiers: dict[str, list[str]] = {}


class Stake(Source):
    """A share of one party that another holds."""

    owner: Holder
    owned: Holder
    share_percent: Decimal | None = Field(ge=0, le=100)
    """None where it is unknown."""
    as_of: date | None = None
    ended_on: date | None = None
    source: str | None = None


@dataclass(slots=True, frozen=True, eq=False)
class Owner:
    """One firm or person of the ownership facts, under every name that they give it."""

    names: tuple[str, ...]
    identifiers: Mapping[str, tuple[str, ...]]


@dataclass(slots=True, frozen=True)
class Share:
    owner: int
    percent: Decimal | None
    said: str = ""
    """Who says so, for people."""
    ended_on: date | None = None

    def stands_on(self, day: date) -> bool:
        return self.ended_on is None or day < self.ended_on


@dataclass(slots=True, frozen=True)
class Holding:
    """The place of one owner above a party: `holders` gives for each party on the way who holds it."""

    owned: str
    """The party on the order, as its name stands there."""
    root: int
    owner: int
    holders: Mapping[int, tuple[Share, ...]] = field(hash=False, compare=False)
    day: date
    """Shares that have ended by then do not count."""
    said: str = ""
    """The shortest chain from the owner down, in words."""

    def held_by(self, listed: frozenset[int], chain: Chain, bound: Decimal) -> tuple[Decimal, Decimal]:
        """The least and the most, in percent, that the listed owners hold of the party together."""
        least, most = (_held(self, self.root, listed, chain, bound, frozenset(), most=most) for most in (False, True))
        return least, most

    def shares(self) -> tuple[tuple[Decimal | None, ...], ...]:
        """The shares that stand on the day, step by step from the party up."""
        found: list[tuple[Decimal | None, ...]] = []
        level, met = [self.root], {self.root}
        while level and len(found) <= MOST_STEPS:
            shares = [share for owned in level for share in self.holders.get(owned, ()) if share.stands_on(self.day)]
            found.append(tuple(sorted((share.percent for share in shares), key=lambda percent: (percent is None, percent or Decimal(0)))))
            level = [share.owner for share in shares if share.owner not in met]
            met.update(level)
        return tuple(found)


def _held(
    holding: Holding, owned: int, listed: frozenset[int], chain: Chain, bound: Decimal, below: frozenset[int], *, most: bool
) -> Decimal:
    """Of one party on the way. Shares that firms hold of each other in a circle are nobody's."""
    if owned in below or len(below) > MOST_STEPS:
        return Decimal(0)
    shares = [share for share in holding.holders.get(owned, ()) if share.stands_on(holding.day)]
    spare = max(Decimal(0), _ALL - sum((share.percent for share in shares if share.percent is not None), Decimal(0)))
    total, unstated = Decimal(0), Decimal(0)
    for share in shares:
        if share.owner in listed:
            part = _ALL
        else:
            part = _held(holding, share.owner, listed, chain, bound, below | {owned}, most=most)
            if chain == "each_step":
                part = _ALL if part >= bound else Decimal(0)
        if share.percent is not None:
            total += share.percent * part / _ALL
        elif most:
            # Whoever's share is unknown may hold all that nobody is known to hold.
            unstated = max(unstated, spare * part / _ALL)
    return min(_ALL, total + unstated)


@dataclass(slots=True, frozen=True)
class Ownership:
    """The facts as a graph. `by_key` finds a party by the keys of its names and by its identifiers."""

    owners: tuple[Owner, ...] = ()
    holders: Mapping[int, tuple[Share, ...]] = field(default_factory=dict)
    by_key: Mapping[str, int] = field(default_factory=dict)

    def above(self, keys: Iterable[str], name: str, day: date) -> Iterator[tuple[Owner, Holding]]:
        """Everybody who holds a share of the party with these keys on a day, directly or through others."""
        for root in dict.fromkeys(self.by_key[key] for key in keys if key in self.by_key):
            below: dict[int, tuple[int, Share]] = {}
            level = [root]
            for _ in range(MOST_STEPS):
                level = list(self._next(level, root, below, day))
                if not level or len(below) >= MOST_OWNERS:
                    break
            for owner in below:
                yield self.owners[owner], Holding(name, root, owner, self.holders, day, self._said(owner, root, below))

    def _next(self, level: Sequence[int], root: int, below: dict[int, tuple[int, Share]], day: date) -> Iterator[int]:
        for owned in level:
            for share in self.holders.get(owned, ()):
                if share.owner != root and share.owner not in below and share.stands_on(day):
                    below[share.owner] = (owned, share)
                    yield share.owner

    def _said(self, owner: int, root: int, below: Mapping[int, tuple[int, Share]]) -> str:
        steps = []
        while owner != root:
            owned, share = below[owner]
            percent = "an unknown share" if share.percent is None else f"{share.percent:f} %"
            said = f" ({share.said})" if share.said else ""
            steps.append(f"{self.owners[owner].names[0]} holds {percent} of {self.owners[owned].names[0]}{said}")
            owner = owned
        return ", ".join(steps)


def stated_share(owned: str, percent: Decimal | None) -> Holding:
    """What an order itself says of one owner."""
    return Holding(owned, 0, 1, {0: (Share(1, percent),)}, date.min)


def ownership_of(stakes: Sequence[Stake], key_of: Callable[[str], str]) -> Ownership:
    """The graph of all facts: parties that share an identifier or the key of a name are one."""
    groups = _Groups()
    holders_at = [(groups.place(_keys(stake.owner, key_of)), groups.place(_keys(stake.owned, key_of))) for stake in stakes]
    names: dict[int, dict[str, None]] = {}
    identifiers: dict[int, dict[str, dict[str, None]]] = {}
    latest: dict[tuple[int, int], Stake] = {}
    for stake, places in zip(stakes, holders_at, strict=True):
        owner, owned = groups.find(places[0]), groups.find(places[1])
        for place, holder in ((owner, stake.owner), (owned, stake.owned)):
            names.setdefault(place, {}).update(dict.fromkeys((holder.name, *holder.aliases)))
            for scheme, values in holder.identifiers.items():
                identifiers.setdefault(place, {}).setdefault(scheme, {}).update(dict.fromkeys(values))
        if owner != owned and (latest.get((owner, owned)) is None or _order(latest[owner, owned]) < _order(stake)):
            latest[owner, owned] = stake
    number = {place: at for at, place in enumerate(names)}
    holders: dict[int, list[Share]] = {}
    for (owner, owned), stake in latest.items():
        said = ", ".join(filter(None, (stake.source, f"as of {stake.as_of}" if stake.as_of else None)))
        holders.setdefault(number[owned], []).append(Share(number[owner], stake.share_percent, said, stake.ended_on))
    owners = tuple(Owner(tuple(names[place]), {s: tuple(v) for s, v in identifiers.get(place, {}).items()}) for place in names)
    return Ownership(
        owners,
        {owned: tuple(shares) for owned, shares in holders.items()},
        {key: number[groups.find(place)] for key, place in groups.places.items()},
    )


def _order(stake: Stake) -> tuple[date, bool, Decimal]:
    """The latest fact counts; of one day the one that says a share, and of two the larger."""
    return stake.as_of or date.min, stake.share_percent is not None, stake.share_percent or Decimal(0)


class _Groups:
    """Keys that belong to one party, joined as facts name them together."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self._above: list[int] = []

    def place(self, keys: Sequence[str]) -> int:
        known = [self.find(self.places[key]) for key in keys if key in self.places]
        if known:
            place = min(known)
        else:
            place = len(self._above)
            self._above.append(place)
        for other in known:
            self._above[other] = place
        self.places.update(dict.fromkeys(keys, place))
        return place

    def find(self, place: int) -> int:
        while self._above[place] != place:
            self._above[place] = self._above[self._above[place]]
            place = self._above[place]
        return place


def identifier_key(scheme: str, value: str) -> str:
    return f"{scheme}={value}"


def _keys(holder: Holder, key_of: Callable[[str], str]) -> list[str]:
    keys = [identifier_key(scheme, value) for scheme, values in holder.identifiers.items() for value in values]
    return [*keys, *(key for name in (holder.name, *holder.aliases) if (key := key_of(name)))]
