"""Reads the supply policy and announces it, so that the ledger keeps what results were made with."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.stockpile_advisor.domain.advice_policy import SupplyPolicy
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.reference_change import ReferenceKind, reference_change_event
from shared.yaml_document import read_document

BUILT_IN = Path(__file__).with_name("policy.yaml")
KIND: ReferenceKind = "supply_policy"
SOURCE = "orestream/stockpile-advisor"


@dataclass(slots=True, frozen=True)
class LoadedPolicy:
    """`version` is the SHA-256 of `content`, the policy's canonical JSON."""

    policy: SupplyPolicy
    version: str
    content: bytes

    @classmethod
    def from_content(cls, content: bytes) -> "LoadedPolicy":
        return cls(SupplyPolicy.model_validate_json(content), sha256_hex(content), content)

    def announcement(self, now: datetime) -> bytes:
        """The event for `reference-changes`."""
        return reference_change_event(KIND, self.version, self.content, SOURCE, now).encode()


def load_policy(path: Path = BUILT_IN) -> LoadedPolicy:
    """Raises DocumentRefused, one sentence per mistake with file and line."""
    policy = read_document(path, SupplyPolicy, "the supply policy")
    # What decides is what is kept: the order of the file's entries must not make a difference that a replay cannot see.
    return LoadedPolicy.from_content(canonical_json(policy.model_dump(mode="json")))
