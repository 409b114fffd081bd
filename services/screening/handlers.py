"""An order event in, its screening out."""

from collections import Counter
from collections.abc import Sequence

from pydantic import ValidationError

from services.screening import metrics
from services.screening.claims import ClaimBook
from services.screening.domain.basis import Basis
from services.screening.domain.licensing.allocation import Claims
from services.screening.domain.result import failed, screened
from services.screening.domain.touching import everybody_on
from services.screening.licence_cases import LicenceCases
from services.screening.references import References
from shared.bus import Bus, in_a_thread, one_by_one
from shared.bus.types import Delivery, Effects, State, UndecodableEvent
from shared.contracts.order import OrderEvent
from shared.contracts.screening import Need

INLINE_LINES = 2_000
"""A batch with more lines is judged in a thread: leases have to be renewed meanwhile."""


class Screening:
    """`code` is the version of Orestream that results name."""

    def __init__(self, references: References, cases: LicenceCases, bus: Bus, code: str) -> None:
        self._references = references
        self._cases = cases
        self._bus = bus
        self._code = code

    async def on_orders(self, deliveries: Sequence[Delivery], state: State) -> Sequence[Effects | Exception]:
        orders: dict[str, OrderEvent] = {}

        def read(delivery: Delivery) -> Effects:
            orders[delivery.entry_id] = _read(delivery)
            return Effects()

        def turn(delivery: Delivery) -> Effects:
            if delivery.entry_id not in orders:
                read(delivery)
            return self._screen(orders[delivery.entry_id], basis, book)

        await one_by_one(read)(deliveries, state)
        met_anew = await self._references.note(party for order in orders.values() for party in everybody_on(order.data))
        announced = await self._bus.reference_versions() if met_anew else state.references
        basis, held = await self._references.in_force(announced), await self._cases.in_force(announced)
        # Claims of other orders are read before the first order is judged, so that judging itself waits for nothing.
        book = await ClaimBook.read(self._bus, held, state, [order.data for order in orders.values()] if held.licences else [])
        if sum(len(order.data.lines) for order in orders.values()) > INLINE_LINES:
            return await in_a_thread(turn)(deliveries, state)
        return await one_by_one(turn)(deliveries, state)

    def _screen(self, order: OrderEvent, basis: Basis, book: ClaimBook) -> Effects:
        claims: Claims = {}
        event = screened(order, basis, self._code, book.at_hand(order), claims)
        answers: Counter[tuple[str, str, Need]] = Counter(
            (jurisdiction, answer.answer.value, answer.dual_use_licence)
            for line in event.data.lines
            for jurisdiction, answer in line.answers.items()
        )
        for labels, lines in answers.items():
            metrics.LINES.labels(*labels).inc(lines)
        writes, timers = book.settle(order, claims)
        return Effects(outputs=[("screenings", event.encode())], writes=writes, timers=timers)

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
