"""An order event in, its screening out."""

from collections import Counter

from pydantic import ValidationError

from services.screening import metrics
from services.screening.domain.law import Law
from services.screening.domain.parties import PartyList
from services.screening.domain.result import failed, screened
from shared.bus.types import Delivery, Effects, UndecodableEvent
from shared.contracts.order import OrderEvent
from shared.contracts.screening import Need


class Screening:
    """`code` is the version of Orestream that results name."""

    def __init__(self, law: Law, parties: PartyList, code: str) -> None:
        self._law = law
        self._parties = parties
        self._code = code

    def on_order(self, delivery: Delivery) -> Effects:
        order = _read(delivery)
        event = screened(order, self._law, self._parties, self._code)
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
        return Effects(outputs=[("screenings", failed(order, self._law, self._parties, self._code, reason).encode())])


def _read(delivery: Delivery) -> OrderEvent:
    try:
        return OrderEvent.model_validate_json(delivery.event)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UndecodableEvent(f"not an order event: {'/'.join(map(str, first['loc']))}: {first['msg']}") from error
