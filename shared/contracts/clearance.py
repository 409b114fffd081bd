"""A false positive set aside: this party on orders is not that entry of a list. Two people say so, with a reason and until a day."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.contracts.base import Contract, Day, DecimalString, Identifier, Instant, Name, Text

Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""Hash over the fields that a party was matched by, on the order or on the list: a change of one of them is another fingerprint."""


class Clearance(Contract):
    """It acts once somebody other than the proposer has confirmed it, until before `valid_until`, unless it is revoked.

    A change of the matched fields on either side gives other fingerprints: the clearance no longer fits, and the hit stands again. The keys
    are those of the API that people spoke with, None where they spoke from the command line.
    """

    clearance_id: Identifier
    party_fingerprint: Fingerprint
    entry_fingerprint: Fingerprint
    party_name: Name
    list_name: Identifier
    list_entry: Name
    entry_id: Name
    """What the list calls the entry, where it has a name for it; else its main name."""
    notice: Text
    score: DecimalString
    """Of the hit as it was when this was proposed."""
    reason: Text
    valid_until: Day
    proposed_by: Name
    proposed_key: Identifier | None = None
    proposed_at: Instant
    confirmed_by: Name | None = None
    confirmed_key: Identifier | None = None
    confirmed_at: Instant | None = None
    revoked_by: Name | None = None
    revoked_key: Identifier | None = None
    revoked_at: Instant | None = None

    @model_validator(mode="after")
    def _signed_by_two(self) -> Self:
        if (self.confirmed_by is None) != (self.confirmed_at is None) or (self.revoked_by is None) != (self.revoked_at is None):
            raise ValueError("whoever confirms or revokes does so at a time")
        if self.confirmed_by is not None and same_person(self.proposed_by, self.proposed_key, self.confirmed_by, self.confirmed_key):
            raise ValueError(f"{self.proposed_by} proposed this clearance and cannot confirm it as well: it takes two people")
        return self


def same_person(name: str, key: str | None, other_name: str, other_key: str | None) -> bool:
    """One key, or one name however it is written: two keys of one person are one person."""
    return (key is not None and key == other_key) or " ".join(name.casefold().split()) == " ".join(other_name.casefold().split())
