"""Reads the law and the party lists from their YAML files. One mistake refuses the whole set, naming file, line and reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from services.screening.domain.instrument import CommonTerms, Instrument, Source
from services.screening.domain.law import Law, LawError, compile_law
from services.screening.domain.parties import PartyContent, PartyList, compile_parties

REGULATIONS = Path(__file__).parent / "regulations"
PARTIES = Path(__file__).parent / "parties"
_COMMON = "common.yaml"


@dataclass(slots=True, frozen=True)
class Mistake:
    """What is wrong, and where a person can mend it."""

    file: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class FilesRefused(ValueError):
    """The set of files is refused as a whole; the last good one stays in force."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


def load_law(directory: Path = REGULATIONS) -> Law:
    """The law from `common.yaml` and every other YAML file below a directory. Raises FilesRefused."""
    mistakes: list[Mistake] = []
    common = _read(directory / _COMMON, CommonTerms, mistakes)
    documents: dict[str, _Document] = {"common": _Document(directory / _COMMON, {}, 1)} if common is None else {"common": common[1]}
    instruments = []
    for path in sorted(directory.rglob("*.yaml")):
        if path == directory / _COMMON:
            continue
        read = _read(path, Instrument, mistakes)
        if read is not None:
            instruments.append(read[0])
            documents.setdefault(read[0].id, read[1])
    if mistakes or common is None:
        raise FilesRefused(mistakes)
    try:
        return compile_law(common[0], instruments)
    except LawError as error:
        raise FilesRefused(
            [
                Mistake(documents[problem.instrument].file, documents[problem.instrument].line_of(problem.path), problem.reason)
                for problem in error.problems
            ]
        ) from error


def load_parties(*paths: Path) -> PartyList:
    """The party lists from files, or from all files below directories; without paths, the built-in ones. Raises FilesRefused."""
    mistakes: list[Mistake] = []
    contents = []
    files = [file for path in paths or (PARTIES,) for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]
    for file in files:
        read = _read(file, PartyContent, mistakes)
        if read is not None:
            contents.append(read[0])
    if mistakes:
        raise FilesRefused(mistakes)
    try:
        return compile_parties(contents)
    except ValueError as error:
        raise FilesRefused([Mistake(files[0] if files else PARTIES, 1, str(error))]) from error


class _Yaml(yaml.SafeLoader):
    """YAML in which only true and false are booleans (NO is a country), and a number with a point is an exact decimal."""


_Yaml.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:float")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Yaml.add_implicit_resolver("tag:yaml.org,2002:bool", yaml.resolver.re.compile(r"^(?:true|false)$"), ["t", "f"])  # type: ignore[attr-defined]
_Yaml.add_implicit_resolver("!decimal", yaml.resolver.re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))  # type: ignore[attr-defined]
_Yaml.add_constructor("!decimal", lambda loader, node: Decimal(str(node.value)))


@dataclass(slots=True, frozen=True)
class _Document:
    """Where the parts of a file stand."""

    file: Path
    lines: Mapping[tuple[str | int, ...], int]
    first_line: int

    def line_of(self, path: Sequence[str | int]) -> int:
        """The line of the deepest part of a path that the file has; parts
        that are none of its keys (names of alternatives) are passed over."""
        found: tuple[str | int, ...] = ()
        for part in path:
            if (*found, part) in self.lines:
                found = (*found, part)
        return self.lines.get(found, self.first_line)


Content = TypeVar("Content", bound=Source)


def _read(path: Path, model: type[Content], mistakes: list[Mistake]) -> tuple[Content, _Document] | None:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(Mistake(path, 1, f"cannot be read: {error}"))
        return None
    loader = _Yaml(text)
    try:
        node = loader.get_single_node()
        if node is None:
            mistakes.append(Mistake(path, 1, "the file is empty"))
            return None
        lines = dict(_lines(node, ()))
        duplicate = _duplicate_key(node)
        if duplicate is not None:
            mistakes.append(Mistake(path, duplicate.start_mark.line + 1, f"the key {duplicate.value!r} is there twice"))
            return None
        content = loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        mistakes.append(Mistake(path, mark.line + 1 if mark is not None else 1, f"is not YAML: {reason}"))
        return None
    finally:
        loader.dispose()
    document = _Document(path, lines, node.start_mark.line + 1)
    try:
        return model.model_validate(content), document
    except ValidationError as error:
        for one in error.errors(include_url=False):
            where = ".".join(str(part) for part in one["loc"])
            mistakes.append(Mistake(path, document.line_of(one["loc"]), f"{where or 'the file'}: {one['msg']}"))
        return None


def _lines(node: yaml.Node, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], int]]:
    if path == ():
        yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line + 1
            yield from _lines(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield (*path, position), value.start_mark.line + 1
            yield from _lines(value, (*path, position))


def _duplicate_key(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                return key
            seen.add(key.value)
            found = _duplicate_key(value)
            if found is not None:
                return found
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            found = _duplicate_key(value)
            if found is not None:
                return found
    return None
