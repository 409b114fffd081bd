"""The firm's own licence cases in: how long each took, or has taken so far, moves the prior of how long licences take."""

from collections.abc import Sequence

from pydantic import ValidationError

from services.stockpile_advisor import keys
from services.stockpile_advisor.asking import Asking
from services.stockpile_advisor.domain.own_cases import own_case
from services.stockpile_advisor.gathering import CASE
from shared.bus import one_by_one
from shared.bus.types import Delivery, Effects, State, UndecodableEvent, Write
from shared.contracts.licence import LicenceEvent


class LicenceOutcomes:
    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def on_licences(self, deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
        events: dict[str, LicenceEvent] = {}

        def read(delivery: Delivery) -> Effects:
            try:
                events[delivery.entry_id] = LicenceEvent.model_validate_json(delivery.event)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                raise UndecodableEvent(f"not of licences: {'/'.join(map(str, first['loc']))}: {first['msg']}") from error
            return Effects()

        results = list(await one_by_one(read)(deliveries, state))
        ids = list(dict.fromkeys(event.subject for event in events.values()))
        stored = dict(zip(ids, await state.hash_get_many(keys.OUTCOMES, ids), strict=True))
        for at, delivery in enumerate(deliveries):
            event = events.get(delivery.entry_id)
            if event is None:
                continue
            case = own_case(event.data)
            content = CASE.dump_json(case) if case is not None else None
            if content == stored[event.subject]:
                continue
            stored[event.subject] = content
            written = (
                Write("HSET", keys.OUTCOMES, (event.subject, content))
                if content is not None
                else Write("HDEL", keys.OUTCOMES, (event.subject,))
            )
            results[at] = Effects(writes=[written], timers=[self._asking.everywhere("licences")])
        return results
