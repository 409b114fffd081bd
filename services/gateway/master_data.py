"""Items and suppliers in the bus's tables: looked up for orders through a small cache, written by `PUT`, versioned for every process.

Writing puts rows first and the new version after them. Whoever enriches compares the version it used with the version when its orders are
written (`intake`), so no order stays behind with what held before.
"""

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import orjson

from services.gateway.domain.components import DEEPEST, item_ids_in
from services.gateway.domain.enrichment import Catalogue, component_keys, item_key, item_keys_of, supplier_ids_of
from shared.bus import Bus, Table
from shared.contracts.master_data import Item, Supplier
from shared.contracts.order import OrderDocument

REMEMBERED_ROWS = 10_000
"""Rows (and absences of rows) kept per table in a process."""

RECENT_SECONDS = 1.0
"""How old the version may be that an enrichment begins with. A write in another process costs the orders of that time a second snapshot."""

Written = Literal["stored", "unchanged"]
Row = TypeVar("Row")


@dataclass(slots=True, frozen=True)
class _Known:
    """Rows read under one version, None for those that don't exist. Another version begins with another of these."""

    version: str
    items: OrderedDict[str, Item | None] = field(default_factory=OrderedDict)
    parts: OrderedDict[str, tuple[str, ...] | None] = field(default_factory=OrderedDict)
    suppliers: OrderedDict[str, Supplier | None] = field(default_factory=OrderedDict)


@dataclass(slots=True, frozen=True)
class Changed:
    """What a write of master data did: per row, and the numbers by which orders find the rows that changed."""

    outcomes: tuple[Written, ...]
    item_numbers: frozenset[str] = frozenset()
    supplier_ids: frozenset[str] = frozenset()


class MasterData:
    def __init__(self, bus: Bus) -> None:
        self._items: Table = bus.table("items")
        self._parts: Table = bus.table("item-parts")
        self._suppliers: Table = bus.table("suppliers")
        self._versions: Table = bus.table("master-data")
        self._known = _Known("")
        self._writing = asyncio.Lock()
        self._seen = ("", -RECENT_SECONDS)

    async def version(self) -> str:
        """Changes with every write of master data."""
        stored = (await self._versions.get_many(["version"]))[0]
        return self._noted(stored.decode() if stored is not None else "")

    async def recent_version(self) -> str:
        version, seen_at = self._seen
        return version if time.monotonic() - seen_at < RECENT_SECONDS else await self.version()

    def _noted(self, version: str) -> str:
        self._seen = (version, time.monotonic())
        return version

    async def catalogue(self, documents: Iterable[OrderDocument], version: str) -> Catalogue:
        """What concerns these orders, no older than `version`."""
        if not version:
            return Catalogue()
        if version != self._known.version:
            self._known = _Known(version)
        known, documents = self._known, list(documents)
        parts = await _rows(self._parts, known.parts, _part_keys, _part_numbers(documents))
        keys = {key for part in parts.values() for key in part} | _item_keys(documents)
        suppliers = {each for document in documents for each in supplier_ids_of(document)}
        items = await _rows(self._items, known.items, Item.model_validate_json, keys)
        await self._add_components(items, documents)
        return Catalogue(
            items,
            parts,
            await _rows(self._suppliers, known.suppliers, Supplier.model_validate_json, suppliers),
        )

    async def _add_components(self, items: dict[str, Item], documents: Sequence[OrderDocument]) -> None:
        """The rows that the components of items and lines name, and those that their components name, as deep as components go."""
        suppliers = {document.supplier.id if document.supplier is not None else None for document in documents}
        looked_for = set(items)
        new = {number for document in documents for number in _component_ids(document, items)}
        for _ in range(DEEPEST):
            keys = {key for number in new for supplier in suppliers for key in component_keys(number, supplier)} - looked_for
            if not keys:
                return
            looked_for |= keys
            found = await _rows(self._items, self._known.items, Item.model_validate_json, keys)
            items.update(found)
            new = {number for item in found.values() for number in item_ids_in(item.components)}

    async def item(self, item_id: str, supplier_id: str | None) -> Item | None:
        stored = (await self._items.get_many([item_key(item_id, supplier_id)]))[0]
        return Item.model_validate_json(stored) if stored is not None else None

    async def items_of(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """By number, the rows that hold whoever delivers the item."""
        wanted = sorted(item_ids)
        stored = await self._items.get_many([item_key(item_id) for item_id in wanted])
        return {item_id: Item.model_validate_json(row) for item_id, row in zip(wanted, stored, strict=True) if row is not None}

    async def supplier(self, supplier_id: str) -> Supplier | None:
        stored = (await self._suppliers.get_many([supplier_id]))[0]
        return Supplier.model_validate_json(stored) if stored is not None else None

    async def put_items(self, items: Sequence[Item]) -> Changed:
        """Of two rows with one key the later holds."""
        async with self._writing:
            keys = [item_key(item.item_id, item.supplier_id) for item in items]
            before = dict(zip(keys, await self._items.get_many(keys), strict=True))
            rows, outcomes = _changes(dict(before), keys, [item.model_dump_json(exclude_defaults=True).encode() for item in items])
            if not rows:
                return Changed(outcomes)
            old = [Item.model_validate_json(stored) for key in rows if (stored := before[key]) is not None]
            new = [Item.model_validate_json(row) for row in rows.values()]
            await self._items.put_many(rows)
            await self._put_parts(old, new)
            await self._set_version()
        concerned = (*old, *new)
        numbers = {item.item_id for item in concerned} | {
            item.manufacturer_part for item in concerned if item.manufacturer_part is not None
        }
        return Changed(outcomes, item_numbers=frozenset(numbers))

    async def put_suppliers(self, suppliers: Sequence[Supplier]) -> Changed:
        """Of two rows with one id the later holds."""
        async with self._writing:
            keys = [supplier.supplier_id for supplier in suppliers]
            before = dict(zip(keys, await self._suppliers.get_many(keys), strict=True))
            rows, outcomes = _changes(before, keys, [supplier.model_dump_json(exclude_defaults=True).encode() for supplier in suppliers])
            if not rows:
                return Changed(outcomes)
            await self._suppliers.put_many(rows)
            await self._set_version()
        return Changed(outcomes, supplier_ids=frozenset(rows))

    async def _put_parts(self, old: Sequence[Item], new: Sequence[Item]) -> None:
        wanted: dict[str, set[str]] = {}
        unwanted: dict[str, set[str]] = {}
        for items, holder in ((old, unwanted), (new, wanted)):
            for item in items:
                if item.manufacturer_part is not None:
                    holder.setdefault(item.manufacturer_part, set()).add(item_key(item.item_id, item.supplier_id))
        numbers = sorted(wanted.keys() | unwanted.keys())
        rows: dict[str, bytes] = {}
        for number, stored in zip(numbers, await self._parts.get_many(numbers), strict=True):
            keys = set(_part_keys(stored)) if stored is not None else set()
            rows[number] = orjson.dumps(sorted((keys - unwanted.get(number, set())) | wanted.get(number, set())))
        await self._parts.put_many(rows)

    async def _set_version(self) -> None:
        version = uuid.uuid4().hex
        await self._versions.put_many({"version": version.encode()})
        self._noted(version)


def _changes(before: dict[str, bytes | None], keys: Sequence[str], rows: Sequence[bytes]) -> tuple[dict[str, bytes], tuple[Written, ...]]:
    """The rows that differ from what is stored, and per row whether it did."""
    current = dict(before)
    outcomes: list[Written] = []
    for key, row in zip(keys, rows, strict=True):
        outcomes.append("unchanged" if current[key] == row else "stored")
        current[key] = row
    return {key: row for key, row in current.items() if row is not None and row != before[key]}, tuple(outcomes)


def _component_ids(document: OrderDocument, items: Mapping[str, Item]) -> set[str]:
    """The numbers that components of an order's lines, of its free sub-lines and of the items at hand name."""
    listed = [*(item.components for item in items.values()), *(line.components for line in document.lines)]
    sub_lines = {line.item.buyer_id for line in document.lines if line.parent_line_id is not None and line.item.buyer_id is not None}
    return {number for components in listed for number in item_ids_in(components)} | sub_lines


def _item_keys(documents: Sequence[OrderDocument]) -> set[str]:
    return {
        key
        for document in documents
        for line in document.lines
        for key in item_keys_of(line, document.supplier.id if document.supplier is not None else None)
    }


def _part_numbers(documents: Sequence[OrderDocument]) -> set[str]:
    return {line.item.manufacturer_id for document in documents for line in document.lines if line.item.manufacturer_id is not None}


def _part_keys(stored: bytes) -> tuple[str, ...]:
    """The rows of the item master that carry one manufacturer's part."""
    return tuple(orjson.loads(stored))


async def _rows(table: Table, known: OrderedDict[str, Row | None], read: Callable[[bytes], Row], keys: set[str]) -> dict[str, Row]:
    """The rows that exist, as far as known without asking the table."""
    found = {key: known[key] for key in keys if key in known}
    missing = sorted(keys - found.keys())
    if missing:
        for key, stored in zip(missing, await table.get_many(missing), strict=True):
            found[key] = known[key] = read(stored) if stored is not None else None
        while len(known) > REMEMBERED_ROWS:
            known.popitem(last=False)
    return {key: row for key, row in found.items() if row is not None}
