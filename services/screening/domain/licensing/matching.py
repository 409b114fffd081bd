"""Whether a licence is about a line: the same exporter, the same end user where it names one, and the goods."""

import unicodedata
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from shared.contracts.licence import LicensedGoods
from shared.contracts.order import OrderSnapshot, Party, SnapshotLine

ElementsOf = Callable[[str], Collection[str]]
"""From a control code to the elements it is about."""


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Letters and digits alone, without case, width or punctuation: Co., Ltd. is Co Ltd."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())


def party_keys(party: Party) -> Iterator[str]:
    """What a party can be found by: registry numbers, the sender's own number, names."""
    for scheme, number in party.identifiers.items():
        yield f"{scheme.upper()}:{plain(number)}"
    if party.id is not None:
        yield f"id:{party.id.strip()}"
    for name in (party.name, party.name_local):
        if name is not None:
            yield f"name:{plain(name)}"


def same_party(one: Party, other: Party) -> bool | None:
    """None where nothing can be compared. A registry number decides before the sender's own number, and that before names."""
    ours, theirs = ({scheme.upper(): plain(number) for scheme, number in party.identifiers.items()} for party in (one, other))
    shared_schemes = ours.keys() & theirs.keys()
    if shared_schemes:
        return any(ours[scheme] == theirs[scheme] for scheme in shared_schemes)
    if one.id is not None and other.id is not None and one.id.strip() == other.id.strip():
        return True
    names, other_names = ({plain(name) for name in (party.name, party.name_local) if name is not None} for party in (one, other))
    if names and other_names:
        return not names.isdisjoint(other_names)
    return False if one.id is not None and other.id is not None else None


def exporter_of(order: OrderSnapshot) -> Party | None:
    """Licences belong to the exporter of record, who is the seller where nobody else is named."""
    return order.exporter or order.supplier


def item_numbers(line: SnapshotLine) -> frozenset[str]:
    item = line.item
    return frozenset(number for number in (item.buyer_id, item.supplier_id, item.manufacturer_id) if number is not None)


def goods_covered(
    goods: LicensedGoods, numbers: Collection[str], codes: frozenset[str], elements: Collection[str], elements_of: ElementsOf
) -> frozenset[str] | None:
    """Which of the codes that a line falls under the goods include; None where they are other goods altogether."""
    if any(number in numbers for number in goods.item_ids):
        return codes
    named = [code.strip().upper() for code in goods.control_codes]
    covered = {code for code in codes if any(code.upper() == name or code.upper().startswith(f"{name}.") for name in named)}
    if goods.elements:
        covered |= {code for code in codes if not set(elements_of(code)).isdisjoint(goods.elements)}
        if not codes and not set(elements).isdisjoint(goods.elements):
            return codes
    return frozenset(covered) if covered else None
