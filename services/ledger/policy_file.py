"""Reads a policy file: accepted whole, or refused whole with file, line and reason."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from services.ledger.domain.assessment import SOURCE
from services.ledger.domain.policy import Policy
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.reference_change import reference_change_event

BUILT_IN = Path(__file__).with_name("policy.yaml")


class PolicyRefused(ValueError):
    """One sentence per mistake, each with file and line."""


@dataclass(slots=True, frozen=True)
class LoadedPolicy:
    """`version` is the SHA-256 of `content`, the policy's canonical JSON."""

    policy: Policy
    version: str
    content: bytes


def load_policy(path: Path = BUILT_IN) -> LoadedPolicy:
    """Raises PolicyRefused."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyRefused(f"{path}: the policy file cannot be read: {error}") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyRefused(f"{path}:{line}: not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise PolicyRefused(f"{path}: not YAML: {error}") from error
    twice = _keys_given_twice(root)
    if twice:
        raise PolicyRefused("\n".join(f"{path}:{line}: `{key}` is given twice" for key, line in twice))
    try:
        policy = Policy.model_validate(document)
    except ValidationError as error:
        raise PolicyRefused("\n".join(_sentences(path, root, error))) from error
    content = canonical_json(policy.model_dump(mode="json"))
    # What decides is what is kept: the order of the file's entries must not make a difference that a replay cannot see.
    return LoadedPolicy(Policy.model_validate_json(content), sha256_hex(content), content)


def _sentences(path: Path, root: yaml.Node | None, error: ValidationError) -> list[str]:
    return [
        f"{path}:{_line(root, each['loc'])}: {'.'.join(str(part) for part in each['loc']) or 'the policy'}: {each['msg']}"
        for each in error.errors(include_url=False)
    ]


def _line(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """The line of the deepest part of `location` that the file has."""
    line = node.start_mark.line if node else 0
    for part in location:
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, below = key.start_mark.line, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            below = node.value[part]
            line = below.start_mark.line
        if below is None:
            break
        node = below
    return int(line) + 1


def _keys_given_twice(node: yaml.Node | None) -> list[tuple[str, int]]:
    """YAML lets a later key silently replace an earlier one; a policy must not."""
    found: list[tuple[str, int]] = []
    waiting: list[Any] = [node]
    visited: set[int] = set()  # an anchor may stand at several places, and even inside itself
    while waiting:
        current = waiting.pop()
        if id(current) in visited:
            continue
        visited.add(id(current))
        if isinstance(current, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in current.value:
                if key.value in seen:
                    found.append((str(key.value), key.start_mark.line + 1))
                seen.add(key.value)
                waiting.append(value)
        elif isinstance(current, yaml.SequenceNode):
            waiting.extend(current.value)
    return found


def policy_announced(policy: LoadedPolicy, now: datetime) -> bytes:
    """The event that announces a policy on `reference-changes`."""
    return reference_change_event("policy", policy.version, policy.content, SOURCE, now).encode()
