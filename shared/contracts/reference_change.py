"""A new version of data that decisions rest on. The content travels with the announcement, so that the ledger can keep it."""

from typing import Literal

from pydantic import Base64Bytes, Field

from shared.contracts.base import Contract, Identifier, Sha256
from shared.contracts.envelope import Event

EVERYTHING = "*"


class ReferenceChange(Contract):
    """`version` is the SHA-256 of the canonical content; `content_zlib` is that content, compressed."""

    kind: Literal["regulations", "parties", "clearances", "licences", "policy"]
    version: Sha256
    previous_version: Sha256 | None = None
    content_zlib: Base64Bytes
    touched: list[Identifier] = Field(default_factory=list)
    """Keys of what may be judged otherwise than under the version before: open orders whose screening names one of them are judged anew.
    `*` reaches every order; nothing here reaches none."""


ReferenceChangeEvent = Event[ReferenceChange]
"""On stream `reference-changes`, type `orestream.reference.changed.v1`, subject the kind."""
