"""Answers to open questions on their way in: into the item master, the supplier master, or what is known of an order."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from services.gateway.domain.answering import AnswerRefused, answered_component, answered_item, answered_supplier, component_of
from services.gateway.domain.recorded import Recorded
from services.gateway.formats import tables
from services.gateway.intake import Intake
from services.gateway.master_data import Changed, MasterData
from services.gateway.putting import item_numbers, supplier_numbers
from services.gateway.refreshing import Refreshing
from shared.contracts.answer import FactAnswer, subject_of
from shared.contracts.master_data import Item, Supplier
from shared.contracts.order import Constituent


class Answers:
    """Each answer is read over what is known by then, so answers are taken in one after the other."""

    def __init__(self, intake: Intake, master_data: MasterData, refreshing: Refreshing, clock: Callable[[], datetime]) -> None:
        self._intake = intake
        self._master_data = master_data
        self._refreshing = refreshing
        self._clock = clock
        self._writing = asyncio.Lock()

    async def put(self, answers: Sequence[FactAnswer]) -> list[Recorded]:
        """What became of each, in their order. Orders that a changed row concerns are enriched again in the background. Raises TryAgain."""
        recorded: dict[int, Recorded] = {}
        about_orders = [position for position, answer in enumerate(answers) if subject_of(answer.fact) == "order"]
        done = await self._intake.answer([answers[position] for position in about_orders], self._clock(), None)
        recorded.update(zip(about_orders, done, strict=True))
        async with self._writing:
            for position, answer in enumerate(answers):
                if position not in recorded:
                    recorded[position] = await self._put(answer)
        return [recorded[position] for position in range(len(answers))]

    async def _put(self, answer: FactAnswer) -> Recorded:
        try:
            changed = await (self._put_supplier(answer) if subject_of(answer.fact) == "supplier" else self._put_item(answer))
        except AnswerRefused as error:
            return Recorded("rejected", (str(error),))
        return Recorded(changed.outcomes[0])

    async def _put_item(self, answer: FactAnswer) -> Changed:
        assert answer.item_id is not None
        item_id = answer.item_id
        fact, component = component_of(answer.fact)
        answer = answer.model_copy(update={"fact": fact})
        if fact == "components":
            raise AnswerRefused("Which parts a list of components leaves out is told by sending the item with all of them.")
        if component is not None:
            whole = await self._row(item_id, answer.supplier_id)
            after = answered_component(whole, component, answer, _composition(answer))
            if after is not None:
                return await self._put_row(after)
            item_id = component
        item = await self._row(item_id, answer.supplier_id)
        return await self._put_row(answered_item(item, answer, _composition(answer)))

    async def _row(self, item_id: str, supplier_id: str | None) -> Item:
        return await self._master_data.item(item_id, supplier_id) or Item(item_id=item_id, supplier_id=supplier_id)

    async def _put_row(self, after: Item) -> Changed:
        announced = await self._refreshing.announce(*item_numbers([after]))
        changed = await self._master_data.put_items([after])
        await self._refreshing.begin(announced, changed)
        return changed

    async def _put_supplier(self, answer: FactAnswer) -> Changed:
        assert answer.supplier_id is not None
        supplier = await self._master_data.supplier(answer.supplier_id) or Supplier(supplier_id=answer.supplier_id)
        after = answered_supplier(supplier, answer)
        announced = await self._refreshing.announce(*supplier_numbers([after]))
        changed = await self._master_data.put_suppliers([after])
        await self._refreshing.begin(announced, changed)
        return changed


def _composition(answer: FactAnswer) -> list[Constituent]:
    if answer.fact not in ("composition", "value_share"):
        return []
    return [Constituent.model_validate(each) for each in tables.composition(answer.value) if each["share"] != "present"]
