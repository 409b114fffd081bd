"""A policy that people write as YAML, and its announcement, so that the ledger keeps what results were made with."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel

from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.reference_change import ReferenceKind, reference_change_event
from shared.yaml_document import read_document

Policy = TypeVar("Policy", bound=BaseModel)


@dataclass(frozen=True)
class AnnouncedPolicy(Generic[Policy]):
    """`version` is the SHA-256 of `content`, the policy's canonical JSON. A service's own policy says of what model and kind it is."""

    model: ClassVar[type[Any]]
    kind: ClassVar[ReferenceKind]
    source: ClassVar[str]
    called: ClassVar[str]
    """What the file is to its reader."""

    policy: Policy
    version: str
    content: bytes

    @classmethod
    def from_content(cls, content: bytes) -> Self:
        return cls(cls.model.model_validate_json(content), sha256_hex(content), content)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises DocumentRefused, one sentence per mistake with file and line."""
        policy = read_document(path, cls.model, cls.called)
        # What decides is what is kept: the order of the file's entries must not make a difference that a replay cannot see.
        return cls.from_content(canonical_json(policy.model_dump(mode="json")))

    def announcement(self, now: datetime) -> bytes:
        """The event for `reference-changes`."""
        return reference_change_event(self.kind, self.version, self.content, self.source, now).encode()
