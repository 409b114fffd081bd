"""What the linter finds in the law as data."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]

COMMON = "common"
"""Stands for the common terms where an instrument is named."""


@dataclass(slots=True, frozen=True)
class LintFinding:
    """`name` is the kind of finding and `subject` what it is about: by both a file says that it is deliberate. `path` leads to it."""

    name: str
    severity: Severity
    instrument: str
    path: Path
    subject: str
    sentence: str
    deliberate: str | None = None
    """Why it is meant to be so, where the file says that it is."""


def error(name: str, instrument: str, path: Path, subject: str, sentence: str) -> LintFinding:
    return LintFinding(name, "error", instrument, path, subject, sentence)


def warning(name: str, instrument: str, path: Path, subject: str, sentence: str) -> LintFinding:
    return LintFinding(name, "warning", instrument, path, subject, sentence)
