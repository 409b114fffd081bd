"""What a hit rests on, as two hashes: the fields that matched on the order and on the list. What the match did not need is in neither."""

from collections.abc import Iterable

from shared.contracts.canonical import canonical_json, sha256_hex

_LENGTH = 32
Identifier = tuple[str, str]
"""Scheme and value."""


def party_fingerprint(name: str, identifiers: Iterable[Identifier] = (), country: str | None = None) -> str:
    """Of a party on an order: its matched name as names are compared, its identifiers, and the country where that has a say."""
    return _hash("party", name, _sorted(identifiers), country)


def entry_fingerprint(list_name: str, entry: str, name: str, identifiers: Iterable[Identifier] = (), countries: Iterable[str] = ()) -> str:
    """Of an entry of a list: which one it is there, its matched name as names are compared, identifiers, and countries where
    they have a say."""
    return _hash("entry", list_name, entry, name, _sorted(identifiers), sorted(countries))


def _sorted(identifiers: Iterable[Identifier]) -> list[list[str]]:
    return sorted([scheme, value] for scheme, value in identifiers)


def _hash(*fields: object) -> str:
    return sha256_hex(canonical_json(fields))[:_LENGTH]
