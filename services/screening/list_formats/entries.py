"""What every reader gives: entries and stakes with their places, rows it refused, or the refusal of the file as a whole."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

MOST_ENTRIES = 250_000
"""Parties in one list; every process that screens holds them all in memory."""
LONGEST_NAME = 500
MOST_NAMES = 250
"""Names of one party; entities merged from many sources have up to a hundred."""
REFUSED_SHARE = Decimal("0.01")
"""More refused rows than that, and the file is not what it says it is."""
REFUSED_SHOWN = 20

PartyKind = Literal["person", "organisation", "vessel", "aircraft"]


class ListRefused(ValueError):
    """A file that is not taken: `code` for machines, the text for the person who loads it, naming place, reason and what to do."""

    def __init__(self, code: str, sentence: str, refused: Iterable["RefusedRow"] = ()) -> None:
        super().__init__(sentence)
        self.code = code
        self.refused = tuple(refused)


@dataclass(slots=True, frozen=True)
class RefusedRow:
    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@dataclass(slots=True, frozen=True)
class Entry:
    """One party on one list. `listing` is what the file calls the list; dates are None where the file does not tell."""

    place: str
    entry_id: str
    name: str
    listing: tuple[str, ...] = ()
    """Everything by which the file says on which list the party stands: data set, programme, authority, source."""
    name_zh: str | None = None
    aliases: tuple[str, ...] = ()
    kind: PartyKind | None = None
    countries: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    listed_on: date | None = None
    ended_on: date | None = None
    suspended_from: date | None = None
    suspended_to: date | None = None
    notice: str | None = None
    source: str | None = None


@dataclass(slots=True, frozen=True)
class Holder:
    """One end of a stake."""

    name: str
    aliases: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, frozen=True)
class StakeRead:
    """Who holds what share of whom. A share of None is unknown, not zero."""

    place: str
    owner: Holder
    owned: Holder
    share_percent: Decimal | None
    as_of: date | None = None
    ended_on: date | None = None
    source: str | None = None


@dataclass(slots=True)
class ListRead:
    """A file as it was read. `as_of` is the moment for which the file says it stands; `records` counts what it has, usable or not."""

    entries: list[Entry] = field(default_factory=list)
    stakes: list[StakeRead] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    records: int = 0
    as_of: datetime | None = None
    title: str | None = None
    """What the file is, where its format says it."""

    def checked(self) -> "ListRead":
        """Itself. Raises ListRefused where it is empty or too much of it cannot be read."""
        if self.records == 0:
            raise ListRefused("EMPTY", "The file holds no record; a list without anybody on it is taken for a broken download.")
        if len(self.refused) > REFUSED_SHARE * self.records:
            shown = "; ".join(map(str, self.refused[:3]))
            raise ListRefused(
                "TOO_MANY_BAD_ROWS",
                f"{len(self.refused)} of {self.records} records cannot be read, more than {REFUSED_SHARE:.0%}: {shown}. Load the "
                "file in the form in which it is published.",
                self.refused[:REFUSED_SHOWN],
            )
        if len(self.entries) > MOST_ENTRIES:
            raise ListRefused("TOO_MANY_ENTRIES", f"The file lists {len(self.entries)} parties, {MOST_ENTRIES} are the most; load a part.")
        return self


class RowRefused(ValueError):
    """A row that cannot be used; the text says why."""


def name_text(written: object, what: str) -> str:
    """A name as it is kept: normalised spaces, nothing that cannot be seen. Raises RowRefused."""
    if not isinstance(written, str):
        raise RowRefused(f"{what} is no text")
    if not written.isprintable():
        written = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in written)
    text = " ".join(written.split())
    if not any(c.isalnum() for c in text):
        raise RowRefused(f"{what} is empty" if not text else f"{what} {text[:40]!r} has neither letter nor digit")
    if len(text) > LONGEST_NAME:
        raise RowRefused(f"{what} has {len(text)} characters, {LONGEST_NAME} are the most")
    return text


def other_names(written: Iterable[object], *taken: str | None) -> tuple[str, ...]:
    """Further names, each once, without those that say nothing: an unusable alias is left out, the party stays."""
    found: dict[str, None] = {}
    for one in written:
        try:
            found[name_text(one, "alias")] = None
        except RowRefused:
            continue
        if len(found) >= MOST_NAMES:
            break
    return tuple(name for name in found if name not in taken)


def identifiers_of(written: Iterable[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    """Identifiers by scheme, without spaces, each once; empty and endless ones are left out."""
    found: dict[tuple[str, str], None] = {}
    for scheme, value in written:
        text = "".join(str(value).split()).upper() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if 3 <= len(text) <= 64 and text.isprintable():
            found[(scheme, text)] = None
    return tuple(found)


def has_han(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf" for c in text)


_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_MONTH = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
_POINTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def day_of(written: object, what: str, *, month_first: bool = False) -> date | None:
    """A day, None where none is given; a year or month alone is its first day. Raises RowRefused for what is no day.

    Points separate day, month and year. Slashes are read only where a format puts the month first (US publications).
    """
    text = written.strip() if isinstance(written, str) else ""
    if not text:
        return None
    try:
        if matched := _DAY.fullmatch(text):
            return date(*(int(part) for part in matched.groups()))
        if matched := _MONTH.fullmatch(text):
            return date(int(matched[1]), int(matched[2] or 1), 1)
        if matched := _POINTS.fullmatch(text):
            year = int(matched[3])
            return date(year + 2000 if year < 100 else year, int(matched[2]), int(matched[1]))
        if month_first and (matched := _SLASHES.fullmatch(text)):
            return date(int(matched[3]), int(matched[1]), int(matched[2]))
    except ValueError:
        pass
    raise RowRefused(f"{what} {text[:40]!r} is no day; write YYYY-MM-DD")


def percent_of(written: object, what: str) -> Decimal | None:
    """A share from 0 to 100; None where none is given. Raises RowRefused for what is none."""
    text = str(written).strip().removesuffix("%").strip() if written is not None else ""
    if not text:
        return None
    try:
        share = Decimal(text)
    except InvalidOperation:
        share = Decimal("NaN")
    if not share.is_finite() or not 0 <= share <= 100:
        raise RowRefused(f"{what} {text[:40]!r} is no share from 0 to 100 percent")
    return share


def interval_in_order(entry: Entry) -> Entry:
    """Raises RowRefused where dates contradict each other."""
    if entry.listed_on and entry.ended_on and entry.ended_on <= entry.listed_on:
        raise RowRefused(f"it ends on {entry.ended_on}, not after it was listed on {entry.listed_on}")
    if entry.suspended_to and (entry.suspended_from is None or entry.suspended_to <= entry.suspended_from):
        raise RowRefused(f"its suspension ends on {entry.suspended_to} without an earlier beginning")
    return entry
