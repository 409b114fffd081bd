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
from services.screening.domain.parties import PartyList, compile_parties
from services.screening.domain.party_content import PartyContent

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


@dataclass(slots=True, frozen=True)
class RegulationFiles:
    """A set of files as they were read, not yet compiled, and where each part of them stands."""

    common: CommonTerms
    instruments: tuple[Instrument, ...]
    documents: Mapping[str, "_Document"]

    def place(self, instrument: str, path: Sequence[str | int]) -> tuple[Path, int]:
        """File and line of a part of an instrument, or of the common terms ("common")."""
        document = self.documents[instrument]
        return document.file, document.line_of(path)


def read_regulations(directory: Path = REGULATIONS) -> RegulationFiles:
    """`common.yaml` and every other YAML file below a directory. Raises FilesRefused for what is no such file."""
    mistakes: list[Mistake] = []
    common = _read(directory / _COMMON, CommonTerms, mistakes)
    documents: dict[str, _Document] = {} if common is None else {"common": common[1]}
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
    return RegulationFiles(common[0], tuple(instruments), documents)


@dataclass(slots=True, frozen=True)
class InstrumentFiles:
    """Instruments that come to a law that stands, and where each part of them stands."""

    instruments: tuple[Instrument, ...]
    documents: Mapping[str, "_Document"]

    def refused(self, refusal: LawError) -> FilesRefused:
        """The mistakes that the whole law has with these instruments, as mistakes of their files."""
        mistakes = []
        for problem in refusal.problems:
            document = self.documents.get(problem.instrument, _Document(Path(problem.instrument), {}, 1))
            mistakes.append(Mistake(document.file, document.line_of(problem.path), problem.reason))
        return FilesRefused(mistakes)


def read_instruments(texts: Mapping[str, str]) -> InstrumentFiles:
    """Instruments from the text of their files, by name. Raises FilesRefused."""
    mistakes: list[Mistake] = []
    read = [found for name, text in texts.items() if (found := _read_text(Path(name), text, Instrument, mistakes)) is not None]
    documents: dict[str, _Document] = {}
    for instrument, document in read:
        if instrument.id in documents:
            mistakes.append(
                Mistake(document.file, document.line_of(("id",)), f"{instrument.id!r} is in {documents[instrument.id].file}, too")
            )
        documents.setdefault(instrument.id, document)
    if mistakes:
        raise FilesRefused(mistakes)
    return InstrumentFiles(tuple(instrument for instrument, _ in read), documents)


def read_party_contents(texts: Mapping[str, str]) -> tuple[PartyContent, ...]:
    """Listed parties from the text of their files, by name. Raises FilesRefused."""
    mistakes: list[Mistake] = []
    read = [found for name, text in texts.items() if (found := _read_text(Path(name), text, PartyContent, mistakes)) is not None]
    if mistakes:
        raise FilesRefused(mistakes)
    return tuple(content for content, _ in read)


def load_law(directory: Path = REGULATIONS) -> Law:
    """The law from `common.yaml` and every other YAML file below a directory. Raises FilesRefused."""
    files = read_regulations(directory)
    try:
        return compile_law(files.common, files.instruments)
    except LawError as error:
        raise FilesRefused(
            [Mistake(*files.place(problem.instrument, problem.path), problem.reason) for problem in error.problems]
        ) from error


@dataclass(slots=True, frozen=True)
class PartyFiles:
    """Files of listed parties as they were read, and where each part of them stands."""

    contents: tuple[PartyContent, ...]
    documents: tuple["_Document", ...]

    def place(self, position: int, path: Sequence[str | int]) -> tuple[Path, int]:
        """File and line of a part of the file at a position."""
        document = self.documents[position]
        return document.file, document.line_of(path)


def read_parties(*paths: Path) -> PartyFiles:
    """Files, or all files below directories; without paths, the built-in ones. Raises FilesRefused for what is no such file."""
    mistakes: list[Mistake] = []
    found = []
    for file in [file for path in paths or (PARTIES,) for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]:
        read = _read(file, PartyContent, mistakes)
        if read is not None:
            found.append(read)
    if mistakes:
        raise FilesRefused(mistakes)
    return PartyFiles(tuple(content for content, _ in found), tuple(document for _, document in found))


def load_parties(*paths: Path) -> PartyList:
    """The party lists from files, or from all files below directories; without paths, the built-in ones. Raises FilesRefused."""
    files = read_parties(*paths)
    try:
        return compile_parties(files.contents)
    except ValueError as error:
        raise FilesRefused([Mistake(files.documents[0].file if files.documents else PARTIES, 1, str(error))]) from error


class _Yaml(yaml.SafeLoader):
    """YAML in which only true and false are booleans (NO is a country), and a number with a point is an exact decimal. What stands in the
    file stands there in full: an alias could unfold a short file into more than memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, f"the alias *{event.anchor} is not taken; write out what it stands for", event.start_mark
            )
        return super().compose_node(parent, index)


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


def read_one(path: Path, model: type[Content]) -> Content:
    """One file of another form than an instrument's. Raises FilesRefused."""
    mistakes: list[Mistake] = []
    read = _read(path, model, mistakes)
    if read is None:
        raise FilesRefused(mistakes)
    return read[0]


def _read(path: Path, model: type[Content], mistakes: list[Mistake]) -> tuple[Content, _Document] | None:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(Mistake(path, 1, f"cannot be read: {error}"))
        return None
    return _read_text(path, text, model, mistakes)


def _read_text(path: Path, text: str, model: type[Content], mistakes: list[Mistake]) -> tuple[Content, _Document] | None:
    try:
        loader = _Yaml(text)
    except yaml.YAMLError as error:
        mistakes.append(Mistake(path, 1, f"is not YAML: {error}"))
        return None
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
        unseen = _unseen(node)
        if unseen is not None:
            mistakes.append(Mistake(path, unseen.start_mark.line + 1, "there is a character here that cannot be seen; write it without"))
            return None
        content = loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        mistakes.append(Mistake(path, mark.line + 1 if mark is not None else 1, f"is not YAML: {reason}"))
        return None
    except RecursionError:
        mistakes.append(Mistake(path, 1, "is nested too deeply"))
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


def _unseen(node: yaml.Node) -> yaml.Node | None:
    """A text with U+0000, which an escape can write and no database takes."""
    if isinstance(node, yaml.MappingNode):
        return next((found for pair in node.value for part in pair if (found := _unseen(part)) is not None), None)
    if isinstance(node, yaml.SequenceNode):
        return next((found for part in node.value if (found := _unseen(part)) is not None), None)
    return node if "\0" in node.value else None
