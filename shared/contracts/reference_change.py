"""A new version of data that decisions rest on. The content travels with the announcement, so that the ledger can keep it."""

import base64
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Base64Bytes, Field

from shared.contracts.base import Contract, Identifier, Sha256
from shared.contracts.canonical import derive_id
from shared.contracts.envelope import Event, child_traceparent, dataschema_of

EVERYTHING = "*"
_TYPE = "orestream.reference.changed.v1"

ReferenceKind = Literal["regulations", "parties", "clearances", "licences", "policy", "pricing_policy", "supply_policy"]


class ReferenceChange(Contract):
    """`version` is the SHA-256 of the canonical content; `content_zlib` is that content, compressed."""

    kind: ReferenceKind
    version: Sha256
    previous_version: Sha256 | None = None
    content_zlib: Base64Bytes
    touched: list[Identifier] = Field(default_factory=list)
    """Keys of what may be judged otherwise than under the version before: open orders whose screening names one of them are judged anew.
    `*` reaches every order; nothing here reaches none."""


ReferenceChangeEvent = Event[ReferenceChange]
"""On stream `reference-changes`, type `orestream.reference.changed.v1`, subject the kind."""


def reference_change_event(
    kind: ReferenceKind,
    version: str,
    content: bytes,
    source: str,
    time: datetime,
    *,
    previous_version: str | None = None,
    touched: Iterable[str] = (),
    occasion: tuple[str, ...] = (),
) -> ReferenceChangeEvent:
    """One id for one version, so that announcing it again says it once. `occasion` sets apart what may say the same version twice."""
    event_id = derive_id("reference-change", kind, version, *occasion)
    return ReferenceChangeEvent(
        id=event_id,
        source=source,
        type=_TYPE,
        subject=kind,
        time=time,
        dataschema=dataschema_of(_TYPE),
        traceparent=child_traceparent(None, event_id),
        data=ReferenceChange(
            kind=kind,
            version=version,
            previous_version=previous_version,
            content_zlib=base64.b64encode(zlib.compress(content)),
            touched=sorted(touched),
        ),
    )
