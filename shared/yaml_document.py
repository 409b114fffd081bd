"""A YAML file that people write by hand, read against a model: accepted whole, or refused whole with file, line and reason."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Document = TypeVar("Document", bound=BaseModel)


class DocumentRefused(ValueError):
    """One sentence per mistake, each with file and line."""


def read_document(path: Path, model: type[Document], called: str) -> Document:
    """`called` is what the document is to its reader ("the policy"). Raises DocumentRefused."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentRefused(f"{path}: {called} cannot be read: {error}") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentRefused(f"{path}:{line}: not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise DocumentRefused(f"{path}: not YAML: {error}") from error
    twice = _keys_given_twice(root)
    if twice:
        raise DocumentRefused("\n".join(f"{path}:{line}: `{key}` is given twice" for key, line in twice))
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise DocumentRefused("\n".join(_sentences(path, root, error, called))) from error


def _sentences(path: Path, root: yaml.Node | None, error: ValidationError, called: str) -> list[str]:
    return [
        f"{path}:{_line(root, each['loc'])}: {'.'.join(str(part) for part in each['loc']) or called}: {each['msg']}"
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
    """YAML lets a later key silently replace an earlier one; what people write by hand must not."""
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
