"""Party lists from outside: taken whole or as a delta, refused where they cannot be trusted, watched for their age.

A list is a row of the table `party-lists`; that of entity files keeps its entities beside it, because a delta changes those. What is
refused leaves the last good list in force and is noted for the alert that a timer raises (`list_alerts`).
"""

import asyncio
import hashlib
import logging
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import orjson
from pydantic import TypeAdapter

from services.screening.domain.instrument import Key
from services.screening.domain.loads import Load
from services.screening.domain.party_content import PartyContent, PartyListSource
from services.screening.installed import LISTS
from services.screening.list_formats import entity_files
from services.screening.list_formats.content import entries_of, party_content
from services.screening.list_formats.entity_files import Kept
from services.screening.list_formats.entries import ListRead, ListRefused
from services.screening.list_formats.reading import FileRead, Format, Readable, read_file
from services.screening.references import References
from shared.bus import Bus
from shared.bus.types import Timer
from shared.contracts.base import Contract, Instant, unix_ms

log = logging.getLogger(__name__)

MAX_AGE_DAYS = 7
"""Of a loaded list that says nothing else: lists of parties change every week."""
MAX_AGE_DAYS_OF_OWNERSHIP = 365
"""Registers of shareholders are told once a year."""
LEAST_SHARE = Decimal("0.5")
"""Of the entries of the last version; a list that shrinks to less was cut or is another one."""
NOTED = "party-list-refusals"
ENTITIES = "party-list-entities"
BUILT_IN = "built-in"
_NAME = TypeAdapter(Key)


class Refusal(Contract):
    """The last load of a list that was refused, until one succeeds."""

    code: str
    reason: str
    at: Instant


@dataclass(slots=True, frozen=True)
class Request:
    """What is to be loaded under which name, and what the file does not say of itself."""

    name: str
    form: Format | Literal["auto"] = "auto"
    delta: bool = False
    described: PartyListSource | None = None
    """The list of this name, where it is none that Orestream knows."""
    source: str | None = None
    as_of: datetime | None = None
    max_age_days: int | None = None
    """None: as it was, or the usual."""
    accept_shrunk: bool = False


@dataclass(slots=True, frozen=True)
class Loaded:
    """What a load came to."""

    name: str
    load: Load
    entries: int
    entries_before: int
    added: int
    changed: int
    removed: int
    stakes: int
    refused_rows: tuple[str, ...]
    version: str
    touched: tuple[str, ...]
    """Keys of what is judged anew; `*` is every open order."""

    def as_json(self) -> dict[str, Any]:
        """What a load came to, as HTTP and `--json` tell it."""
        return {
            "name": self.name,
            "load": self.load.model_dump(mode="json"),
            "entries": self.entries,
            "entries_before": self.entries_before,
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "stakes": self.stakes,
            "refused_rows": list(self.refused_rows),
            "parties_version": self.version,
            "judged_anew": list(self.touched),
        }


class PartyLists:
    """Loads are one after the other in one process; of two processes that load one list at once, the later wins."""

    def __init__(self, bus: Bus, references: References, clock: Callable[[], datetime]) -> None:
        self._bus = bus
        self._references = references
        self._clock = clock
        self._entities = bus.table(ENTITIES)
        self._refusals = bus.table(NOTED)
        self._one_at_a_time = asyncio.Lock()

    async def load(self, request: Request, stream: Readable) -> Loaded:
        """Puts a list in force. Raises ListRefused, and changes nothing but the note of it, where the file cannot be trusted."""
        checked_name(request.name)
        async with self._one_at_a_time:
            try:
                loaded = await self._load(request, stream)
            except ListRefused as refused:
                await self._note(request.name, Refusal(code=refused.code, reason=str(refused), at=self._clock()))
                raise
            await self._note(request.name, None)
            return loaded

    async def _load(self, request: Request, stream: Readable) -> Loaded:
        hashing = _Hashing(stream)
        file = await asyncio.to_thread(read_file, hashing, request.form)
        before = (await self.rows()).get(request.name)
        read, entities = await self._put_together(request, file, before)
        sha256 = await asyncio.to_thread(_sha256_of, entities) if entities is not None else hashing.sha256()
        standing = before.loads[request.name] if before is not None else None
        load = Load(
            title=_title(request, standing, read),
            lists=[],
            entries=len(read.entries),
            sha256=sha256,
            format=file.format,
            source=request.source or (standing.source if standing else None),
            as_of=request.as_of or read.as_of,
            loaded_at=self._clock(),
            max_age_days=request.max_age_days or (standing.max_age_days if standing else None) or _max_age_days(file.format),
        )
        lists = (await self._references.current()).parties.source.lists
        own = request.described or (before.lists.get(request.name) if before else None)
        content = await asyncio.to_thread(party_content, request.name, read.entries, read.stakes, own, lists, load)
        load = content.loads[request.name]
        if not request.accept_shrunk:
            _refuse_shrunk(request.name, before, content)
        if entities is not None:
            await self._entities.put_many({_place(request.name, sha256): zlib.compress(orjson.dumps(entities))})
        row = zlib.compress(content.model_dump_json(by_alias=True, exclude_defaults=True).encode())
        basis, reached = await self._references.change({LISTS: {request.name: row}})
        if standing is not None and standing.sha256 != sha256:
            await self._entities.delete_many([_place(request.name, standing.sha256)])
        added, changed, removed = await asyncio.to_thread(_differences, before, content)
        return Loaded(
            name=request.name,
            load=load,
            entries=entries_of(content),
            entries_before=entries_of(before) if before is not None else 0,
            added=added,
            changed=changed,
            removed=removed,
            stakes=len(content.ownership),
            refused_rows=tuple(map(str, read.refused)),
            version=basis.parties.version,
            touched=tuple(sorted(reached.get("parties", ()))),
        )

    async def _put_together(
        self, request: Request, file: FileRead, before: PartyContent | None
    ) -> tuple[ListRead, Mapping[str, Kept] | None]:
        if request.delta != (file.format == "opensanctions-delta"):
            told = "is a delta (ADD, MOD, DEL): load it as one" if not request.delta else f"is a whole list ({file.format}), no delta"
            raise ListRefused("WRONG_MODE", f"The file {told}.")
        if file.read is not None:
            return file.read, None
        assert file.changes is not None
        standing: dict[str, Kept] = {}
        if request.delta:
            stored = None
            if before is not None:
                (stored,) = await self._entities.get_many([_place(request.name, before.loads[request.name].sha256)])
            if stored is None:
                raise ListRefused(
                    "NOTHING_TO_CHANGE",
                    f"There are no entities of {request.name!r} that a delta could change: load the whole entity file first.",
                )
            standing = orjson.loads(zlib.decompress(stored))
        entities = await asyncio.to_thread(entity_files.applied, file.changes, standing)
        read = await asyncio.to_thread(entity_files.assembled, entities)
        read.as_of = file.changes.as_of
        read.refused = [*file.changes.refused, *read.refused]
        return read, entities

    async def remove(self, name: str) -> bool:
        """Takes a loaded list away; False where there is none."""
        async with self._one_at_a_time:
            before = (await self.rows()).get(name)
            if before is None:
                return False
            await self._references.change({LISTS: {name: None}})
            await self._entities.delete_many([_place(name, load.sha256) for load in before.loads.values()])
            await self._note(name, None)
            return True

    async def rows(self) -> dict[str, PartyContent]:
        """What was loaded, by name."""
        rows = {name: row async for name, row in self._references.installed.lists.scan()}
        return await asyncio.to_thread(_contents, rows)

    async def refusals(self) -> dict[str, Refusal]:
        return {name: Refusal.model_validate_json(row) async for name, row in self._refusals.scan()}

    async def found_stale(self, names: list[str]) -> None:
        """Has open orders judged anew because these lists have become too old to rely on."""
        async with self._one_at_a_time:
            rows = await self.rows()
            changes: dict[str, bytes | None] = {}
            for name in names:
                content = rows.get(name)
                if content is not None and not content.loads[name].found_stale:
                    load = content.loads[name].model_copy(update={"found_stale": True})
                    marked = content.model_copy(update={"loads": {name: load}})
                    changes[name] = zlib.compress(marked.model_dump_json(by_alias=True, exclude_defaults=True).encode())
            if changes:
                await self._references.change({LISTS: changes})

    async def _note(self, name: str, refusal: Refusal | None) -> None:
        """Keeps or forgets a refusal and asks for a turn of the timer that raises and resolves alerts."""
        if refusal is None:
            await self._refusals.delete_many([name])
        else:
            log.error("The list %s was refused, the last good one stays in force: %s", name, refusal.reason)
            await self._refusals.put_many({name: refusal.model_dump_json().encode()})
        await self._bus.set_timers(0, [Timer(timer_name(name), unix_ms(self._clock()))])


TIMER = "list:"


def timer_name(name: str) -> str:
    return TIMER + name


def checked_name(name: str) -> str:
    """Raises ListRefused for what is no name of a list."""
    try:
        _NAME.validate_python(name)
    except ValueError:
        raise ListRefused(
            "NAME_UNUSABLE", f"{name[:80]!r} is no name for a list: lower-case letters, digits, `_`, `-` and `.`, 80 characters at most."
        ) from None
    if name == BUILT_IN:
        raise ListRefused("NAME_UNUSABLE", f"{BUILT_IN!r} is what Orestream ships with; load a list under a name of its own.")
    return name


def _title(request: Request, standing: Load | None, read: ListRead) -> str:
    if request.described is not None:
        return request.described.title
    return standing.title if standing is not None else read.title or request.name


def _max_age_days(form: Format) -> int:
    return MAX_AGE_DAYS_OF_OWNERSHIP if form == "ownership-csv" else MAX_AGE_DAYS


def _place(name: str, sha256: str) -> str:
    return f"{name}/{sha256}"


def _sha256_of(entities: Mapping[str, Kept]) -> str:
    return hashlib.sha256(orjson.dumps(entities, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _contents(rows: Mapping[str, bytes]) -> dict[str, PartyContent]:
    return {name: PartyContent.model_validate_json(zlib.decompress(row)) for name, row in sorted(rows.items())}


def _refuse_shrunk(name: str, before: PartyContent | None, after: PartyContent) -> None:
    if before is None:
        return
    for what, had, has in (
        ("entries", entries_of(before), entries_of(after)),
        ("stakes", len(before.ownership), len(after.ownership)),
    ):
        if has < LEAST_SHARE * had:
            raise ListRefused(
                "SHRUNK",
                f"The list {name!r} would go from {had} {what} to {has}: less than {LEAST_SHARE:.0%} of the last version is taken for a "
                "broken file. If it is right, load it with accept-shrunk.",
            )


def _differences(before: PartyContent | None, after: PartyContent) -> tuple[int, int, int]:
    """How many entries were added, changed and removed."""

    def entries(content: PartyContent | None) -> dict[tuple[str, str, int], str]:
        found: dict[tuple[str, str, int], str] = {}
        bearing: Counter[tuple[str, str]] = Counter()
        for notice in content.notices if content is not None else ():
            of_notice = notice.model_dump_json(exclude={"parties"})
            for party in notice.parties:
                called = (notice.list_name, party.entry_id or party.name)
                bearing[called] += 1
                found[*called, bearing[called]] = of_notice + party.model_dump_json()
        return found

    old, new = entries(before), entries(after)
    changed = sum(old[key] != new[key] for key in old.keys() & new.keys())
    return len(new.keys() - old.keys()), changed, len(old.keys() - new.keys())


class _Hashing:
    """Reads through and keeps the hash of everything read."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._sha256.update(data)
        return data

    def sha256(self) -> str:
        return self._sha256.hexdigest()
