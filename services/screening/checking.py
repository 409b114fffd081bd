"""Checks the files of the law and of the listed parties, and says of each finding in which file and line it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from services.screening.domain.lint import LintFinding, lint, lint_parties
from services.screening.domain.lint.finding import error
from services.screening.regulation_files import PARTIES, REGULATIONS, FilesRefused, read_parties, read_regulations


@dataclass(slots=True, frozen=True)
class Placed:
    """A finding, and where a person can mend it."""

    finding: LintFinding
    file: Path
    line: int

    def as_json(self) -> dict[str, Any]:
        finding = self.finding
        return {
            "finding": finding.name,
            "severity": finding.severity,
            "instrument": finding.instrument,
            "subject": finding.subject,
            "file": str(self.file),
            "line": self.line,
            "sentence": finding.sentence,
            "deliberate": finding.deliberate,
        }


@dataclass(slots=True, frozen=True)
class CheckReport:
    """Everything found, those that are deliberate among it."""

    on: date
    instruments: int
    found: tuple[Placed, ...]

    @property
    def errors(self) -> tuple[Placed, ...]:
        return tuple(one for one in self.found if one.finding.severity == "error" and one.finding.deliberate is None)

    @property
    def warnings(self) -> tuple[Placed, ...]:
        return tuple(one for one in self.found if one.finding.severity == "warning" and one.finding.deliberate is None)

    def as_json(self) -> dict[str, Any]:
        return {
            "on": self.on,
            "instruments": self.instruments,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "deliberate": len(self.found) - len(self.errors) - len(self.warnings),
            "findings": [one.as_json() for one in self.found],
        }

    def as_text(self) -> str:
        """One line a finding, errors first, and a sum."""
        order = sorted(self.found, key=lambda one: (one.finding.deliberate is not None, one.finding.severity, str(one.file), one.line))
        lines = []
        for one in order:
            finding = one.finding
            kind = "deliberate" if finding.deliberate is not None else finding.severity
            reason = f" Deliberate: {finding.deliberate}" if finding.deliberate is not None else ""
            lines.append(f"{kind:<10}  {one.file}:{one.line}  {finding.instrument}  {finding.name}: {finding.sentence}{reason}")
        deliberate = len(self.found) - len(self.errors) - len(self.warnings)
        sums = f"{len(self.errors)} errors, {len(self.warnings)} warnings, {deliberate} deliberate"
        return "\n".join([*lines, f"{self.instruments} instruments on {self.on}: {sums}"])


def check(
    on: date, directory: Path = REGULATIONS, parties: Sequence[Path] = (PARTIES,), *, reread_after_days: int | None = None
) -> CheckReport:
    """Checks a directory of instruments and the files of listed parties. Files that cannot be read are errors with their line."""
    found: list[Placed] = []
    days = {} if reread_after_days is None else {"reread_after_days": reread_after_days}
    lists: set[str] | None = None
    try:
        party_files = read_parties(*parties)
    except FilesRefused as refused:
        found += _refused(refused)
    else:
        lists = {name for content in party_files.contents for name in content.lists}
        for position, content in enumerate(party_files.contents):
            found += [Placed(one, *party_files.place(position, one.path)) for one in lint_parties(content, on, **days)]
    try:
        files = read_regulations(directory)
    except FilesRefused as refused:
        return CheckReport(on, 0, (*_refused(refused), *found))
    remarks = lint(files.common, files.instruments, on, lists=lists, **days)
    found = [*(Placed(one, *files.place(one.instrument, one.path)) for one in remarks), *found]
    return CheckReport(on, len(files.instruments), tuple(found))


def _refused(refused: FilesRefused) -> list[Placed]:
    return [
        Placed(
            error("refused", mistake.file.stem, (), mistake.file.name, f"The whole set is refused: {mistake.reason}."),
            mistake.file,
            mistake.line,
        )
        for mistake in refused.mistakes
    ]
