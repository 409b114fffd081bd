"""What reading a body gives: orders with the place where each stood, and refusals with their reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.contracts.order import Issue, OrderDocument, OrderKey, RawDocument

Kind = Literal["order", "change", "cancellation_request"]
"""`change` is a full state that names itself a change; a `cancellation_request` is one that the seller may still refuse."""


@dataclass(slots=True, frozen=True)
class Received:
    """One order that can be used. `unscreenable` tells by position in `document.lines` why a line cannot be judged."""

    order_key: str
    """The text form of the document's key."""
    document: OrderDocument
    raw: RawDocument
    original: bytes
    place: str
    kind: Kind = "order"
    request_id: str | None = None
    """The cancellation document's own number, where `kind` is `cancellation_request`."""
    unscreenable: Mapping[int, str] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()


@dataclass(slots=True, frozen=True)
class Rejection:
    """A part of a body that gave no order. `issues` say why, the leading one first; `place` is where in the body it stood."""

    place: str
    issues: tuple[Issue, ...]
    original: bytes
    media_type: str
    position: int = 0
    order_key: OrderKey | None = None
    unreadable: bool = False
    """It could not be read at all, as opposed to read and refused."""
    size: int | None = None
    """How much there was, where `original` is only its beginning."""

    @property
    def code(self) -> str:
        return self.issues[0].code

    @property
    def message(self) -> str:
        return " ".join(issue.message for issue in self.issues[:20])


class Unreadable(Exception):
    """A body that cannot be read at all, or not any further; the text says where and what to do."""

    def __init__(self, code: str, message: str, place: str = "") -> None:
        super().__init__(message)
        self.issue = Issue(code=code, path=place, severity="error", message=message)


@dataclass(slots=True, frozen=True)
class Limits:
    """What one order may measure. Everything above is refused with the limit named."""

    order_bytes: int = 8 * 1024 * 1024
    line_bytes: int = 64 * 1024
    lines_per_order: int = 10_000
    depth: int = 32
