"""What a decision touches and what a change reaches, as keys: an open order is judged anew where the two have one in common.

Keys of goods are what makes them a candidate for an item (`element:Dy`, `product:permanent_magnet`, `tariff:8505`); keys of rules are what
they act upon (`group:rare_earths`, `controlled`, `list:watch_list`); `party:…` is a party's name on the order. A change may reach a little
too far, never too short: an order judged anew in vain gives the same answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache

from services.screening.domain.facts import LineFacts
from services.screening.domain.law import Item, Law, Limb
from services.screening.domain.parties import ListedParty, PartyList, PartyOnOrder, manufacturer_of, match, parties_of
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.order import OrderSnapshot
from shared.contracts.reference_change import EVERYTHING

CONTROLLED = "controlled"


def touched_by_line(facts: LineFacts, items: Iterable[Item], listed: Iterable[ListedParty]) -> frozenset[str]:
    """Keys of one line; `items` are those that its goods are, or may be."""
    goods = facts.goods
    found = {f"element:{element}" for element in facts.by_element}
    if goods.magnet_family is not None:
        found.add(f"family:{goods.magnet_family}")
    found.update(f"product:{product}" for product in goods.products)
    found.update(f"feature:{feature}" for feature in facts.features)
    for code in goods.tariff_codes:
        found.update(f"tariff:{key}" for key in {code[:4], code[:6], code[:8], code[:10], f"={code}"})
    for item in items:
        found.update((CONTROLLED, f"group:{item.group}"))
    found.update(f"list:{party.listing.list_name}" for party in listed)
    return frozenset(found)


@lru_cache(maxsize=16384)
def party_key(party: PartyOnOrder) -> str:
    """The key of all that a party on an order is matched by."""
    return f"party:{sha256_hex(canonical_json(party.asked))[:24]}"


def everybody_on(order: OrderSnapshot) -> Iterator[PartyOnOrder]:
    """Whom the order and its lines name."""
    yield from parties_of(order)
    for line in order.lines:
        manufacturer = manufacturer_of(line)
        if manufacturer is not None:
            yield manufacturer


def hits_differ(party: PartyOnOrder, before: PartyList, after: PartyList, day: date) -> bool:
    """Whether a party on an order, or who owns it, stands otherwise on one list than on the other, as known on a day."""
    return _hits(party, before, day) != _hits(party, after, day)


def _hits(party: PartyOnOrder, listed: PartyList, day: date) -> set[tuple[object, ...]]:
    """All that judgement and wording take from hits; holdings by what they come to, because their numbers are each list's own."""
    return {
        (
            hit.role,
            hit.hit.model_dump_json(),
            *(getattr(hit.listing, name) for name in _OF_LISTINGS),
            (hit.holding.said, hit.holding.shares()) if hit.holding is not None else None,
        )
        for hit in match((party,), listed, day)
    }


_OF_LISTINGS = ("list_name", "list_title", "jurisdiction", "notice", "name", "listed_on", "ended_on", "suspensions", "source")


def reached_by_change(before: Law, after: Law) -> frozenset[str]:
    """Keys of what may be judged otherwise by `after` than by `before`."""
    if before.version == after.version:
        return frozenset()
    if _common(before) != _common(after):
        return frozenset({EVERYTHING})
    reached: set[str] = set()
    for key in before.limbs.keys() | after.limbs.keys():
        old, new = before.limbs.get(key), after.limbs.get(key)
        if old is None or new is None or _says(old, before) != _says(new, after):
            for limb, law in ((old, before), (new, after)):
                if limb is not None:
                    reached |= _reach(limb, law)
    return frozenset(reached)


_OF_LIMBS = frozenset({"limbs", "items", "suspends", "note", "title", "coverage", "withdrawal", "deliberate"})
_ABOUT_COVERAGE = frozenset({"deliberate", "regimes"})


def _common(law: Law) -> dict[str, object]:
    """What all limbs share, but for what only tells of them."""
    return {name: value for name, value in law.common if name not in _ABOUT_COVERAGE}


def _says(limb: Limb, law: Law) -> tuple[object, ...]:
    """All that a limb's verdicts, answers and sentences depend on."""
    instrument = {name: value for name, value in limb.instrument if name not in _OF_LIMBS}
    return limb.source, limb.suspensions, instrument, [(item.key, item.source) for item in _items_of(limb, law)]


def _items_of(limb: Limb, law: Law) -> list[Item]:
    return [item for item in law.items if limb in item.limbs]


def _reach(limb: Limb, law: Law) -> set[str]:
    upon = limb.source.upon
    if upon is None:
        return set().union(*(_pointers(item, law) for item in _items_of(limb, law)))
    if limb.source.party is not None:
        return {f"list:{name}" for name in limb.source.party.lists}
    if upon.groups:
        return {f"group:{group}" for group in upon.groups}
    if upon.controlled:
        return {CONTROLLED}
    acted_on = limb.exempts if limb.effect == "exempt" else limb.upon_limbs
    if acted_on:
        return set().union(*(_reach(law.limbs[key], law) for key in acted_on))
    return {EVERYTHING}


def _pointers(item: Item, law: Law) -> set[str]:
    tables: tuple[tuple[str, Mapping[str, Mapping[Item, None]]], ...] = (
        ("element", law.by_element),
        ("family", law.by_family),
        ("product", law.by_product),
        ("feature", law.by_feature),
        ("tariff", law.by_tariff),
        ("tariff", law.by_tariff_alone),
    )
    return {f"{kind}:{key}" for kind, table in tables for key, items in table.items() if item in items}
