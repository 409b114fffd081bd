"""The advice that stands, over all partitions: read again only where another was made."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from services.stockpile_advisor import keys
from services.stockpile_advisor.domain.result import without_detail
from shared.bus import Bus
from shared.bus.types import State
from shared.contracts.supply_risk import MaterialAdvice

REMEMBERED: Final = 20_000
"""Advice kept in a process."""


@dataclass(slots=True, frozen=True)
class Known:
    """Of the items asked for: advice of all plants by item, without fan and sensitivity, and items of which any plant reports."""

    by_item: Mapping[str, Sequence[MaterialAdvice]]
    tracked: frozenset[str]


class AdviceBook:
    def __init__(self, bus: Bus) -> None:
        self._partition_of: Final = bus.partition_of
        self._states: Final = [bus.state(partition) for partition in range(bus.settings.partitions)]
        self._at_hand: OrderedDict[str, tuple[bytes, MaterialAdvice]] = OrderedDict()

    async def known(self, item_ids: Iterable[str]) -> Known:
        by_partition: dict[int, list[str]] = {}
        for item_id in sorted(set(item_ids)):
            by_partition.setdefault(self._partition_of(item_id), []).append(item_id)
        parts = await asyncio.gather(*(self._of_items(self._states[number], items) for number, items in by_partition.items()))
        by_item = {item_id: advice for part, _ in parts for item_id, advice in part.items()}
        return Known(by_item, frozenset(item_id for _, tracked in parts for item_id in tracked))

    async def all(self) -> list[MaterialAdvice]:
        """By item and plant, without fan and sensitivity."""
        parts = await asyncio.gather(*(self._of_partition(state) for state in self._states))
        return sorted((advice for part in parts for advice in part), key=lambda advice: (advice.item_id, advice.plant))

    async def whole(self, plant: str, item_id: str) -> MaterialAdvice | None:
        """With fan and sensitivity."""
        (stored,) = await self._states[self._partition_of(item_id)].hash_get_many(keys.ADVICE, [keys.place(plant, item_id)])
        return MaterialAdvice.model_validate_json(stored) if stored is not None else None

    async def _of_items(self, state: State, items: Sequence[str]) -> tuple[dict[str, list[MaterialAdvice]], list[str]]:
        stored = await state.hash_get_many(keys.PLANTS, items)
        plants: dict[str, list[str]] = {
            item: orjson.loads(content) for item, content in zip(items, stored, strict=True) if content is not None
        }
        places = {keys.place(plant, item): item for item, each in plants.items() for plant in each}
        heads = dict(zip(places, await state.hash_get_many(keys.HEADS, list(places)), strict=True))
        found: dict[str, list[MaterialAdvice]] = {}
        for place, advice in (await self._read(state, heads)).items():
            found.setdefault(places[place], []).append(advice)
        return found, list(plants)

    async def _of_partition(self, state: State) -> list[MaterialAdvice]:
        heads = {place.decode(): head for place, head in (await state.hash_get_all(keys.HEADS)).items()}
        return list((await self._read(state, heads)).values())

    async def _read(self, state: State, heads: Mapping[str, bytes | None]) -> dict[str, MaterialAdvice]:
        """By place, in the order of the heads; a place without a head has no advice yet."""
        at_hand = self._at_hand
        found = {place: at_hand[place][1] for place, head in heads.items() if place in at_hand and at_hand[place][0] == head}
        changed = [place for place, head in heads.items() if head is not None and place not in found]
        for place, stored in zip(changed, await state.hash_get_many(keys.ADVICE, changed), strict=True):
            head = heads[place]
            if stored is not None and head is not None:  # it may have been withdrawn between the two reads
                advice = without_detail(MaterialAdvice.model_validate_json(stored))
                found[place] = advice
                at_hand[place] = (head, advice)
                at_hand.move_to_end(place)
        while len(at_hand) > REMEMBERED:
            at_hand.popitem(last=False)
        return {place: found[place] for place in heads if place in found}
