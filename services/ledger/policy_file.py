"""Reads a policy file: accepted whole, or refused whole with file, line and reason."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.ledger.domain.assessment import SOURCE
from services.ledger.domain.policy import Policy
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.reference_change import reference_change_event
from shared.yaml_document import read_document

BUILT_IN = Path(__file__).with_name("policy.yaml")


@dataclass(slots=True, frozen=True)
class LoadedPolicy:
    """`version` is the SHA-256 of `content`, the policy's canonical JSON."""

    policy: Policy
    version: str
    content: bytes


def load_policy(path: Path = BUILT_IN) -> LoadedPolicy:
    """Raises DocumentRefused, one sentence per mistake with file and line."""
    content = canonical_json(read_document(path, Policy, "the policy").model_dump(mode="json"))
    # What decides is what is kept: the order of the file's entries must not make a difference that a replay cannot see.
    return LoadedPolicy(Policy.model_validate_json(content), sha256_hex(content), content)


def policy_announced(policy: LoadedPolicy, now: datetime) -> bytes:
    """The event that announces a policy on `reference-changes`."""
    return reference_change_event("policy", policy.version, policy.content, SOURCE, now).encode()
