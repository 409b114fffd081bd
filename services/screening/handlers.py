"""An order event in, its screening out."""

from collections import Counter
from collections.abc import Sequence

from pydantic import ValidationError

from services.screening import metrics
from services.screening.domain.basis import Basis
from services.screening.domain.result import failed, screened
from services.screening.domain.touching import everybody_on
from services.screening.references import References
from shared.bus import one_by_one
from shared.bus.types import Delivery, Effects, State, UndecodableEvent
from shared.contracts.order import OrderEvent
from shared.contracts.screening import Need


class Screening:
    """`code` is the version of Orestream that results name."""

    def __init__(self, references: References, code: str) -> None:
        self._references = references
        self._code = code

    async def on_orders(self, deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
        basis = await self._references.in_force(state.references)
        orders: list[OrderEvent] = []

        def turn(delivery: Delivery) -> Effects:
            orders.append(_read(delivery))
            return self._screen(orders[-1], basis)

        effects = await one_by_one(turn)(deliveries, state)
        await self._references.note(party for order in orders for party in everybody_on(order.data))
        return effects

    def _screen(self, order: OrderEvent, basis: Basis) -> Effects:
        event = screened(order, basis, self._code)
        answers: Counter[tuple[str, str, Need]] = Counter(
            (jurisdiction, answer.answer.value, answer.dual_use_licence)
            for line in event.data.lines
            for jurisdiction, answer in line.answers.items()
        )
        for labels, lines in answers.items():
            metrics.LINES.labels(*labels).inc(lines)
        return Effects(outputs=[("screenings", event.encode())])

    def on_given_up(self, delivery: Delivery, error: Exception) -> Effects:
        """What can be said of an order that could not be screened; nothing of bytes that are no order event."""
        try:
            order = _read(delivery)
        except UndecodableEvent:
            return Effects()
        reason = f"The order could not be screened ({type(error).__name__}); the dead letters hold it, and no answer is no pass."
        return Effects(outputs=[("screenings", failed(order, self._references.basis, self._code, reason).encode())])


def _read(delivery: Delivery) -> OrderEvent:
    try:
        return OrderEvent.model_validate_json(delivery.event)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UndecodableEvent(f"not an order event: {'/'.join(map(str, first['loc']))}: {first['msg']}") from error
