"""One question to the law, and its answers for orders."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.gateway.domain.enrichment import Catalogue
from services.gateway.domain.received import Received
from services.gateway.domain.snapshot import document_json, snapshot_of
from services.screening.domain.basis import Basis
from services.screening.domain.difference import Difference
from services.screening.domain.law import NO_SCENARIO, Scenario
from services.screening.domain.screening import screen_order
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.master_data import Item
from shared.contracts.order import ItemReference, OrderDocument, OrderKey, OrderLine, OrderSnapshot, Party, RawDocument
from shared.contracts.screening import ScreeningResult


@dataclass(slots=True, frozen=True)
class WhatIf:
    """`valid_on` is the day of departure (None: as each line says), `known_on` the day whose state of knowledge is used (None: today)."""

    valid_on: date | None = None
    known_on: date | None = None
    scenario: Scenario = NO_SCENARIO

    @property
    def supposes(self) -> bool:
        """Whether anything is taken otherwise than it is today."""
        return self != WhatIf()


@dataclass(slots=True, frozen=True)
class Judging:
    """`now` is today; `code` the version of Orestream that results name."""

    basis: Basis
    now: datetime
    code: str

    def judged(self, order: OrderSnapshot, question: WhatIf) -> ScreeningResult:
        """Raises UnknownInstrument."""
        return screen_order(
            order,
            self.basis,
            order_event_id=order.content_sha256[:32],
            known_on=question.known_on or self.now.astimezone(UTC).date(),
            valid_on=question.valid_on,
            scenario=question.scenario,
            code=self.code,
        )

    def compared(self, orders: Iterable[OrderSnapshot], question: WhatIf, difference: Difference) -> Iterator[ScreeningResult]:
        """Each order's answer to the question, while `difference` takes in how it differs from today's."""
        for order in orders:
            answer = self.judged(order, question)
            difference.add(order, self.judged(order, WhatIf()) if question.supposes else answer, answer)
            yield answer


def snapshots_of(received: Iterable[Received], catalogue: Catalogue, now: datetime) -> list[OrderSnapshot]:
    """As the gateway would take them in, were nothing known of them before."""
    return [snapshot_of(order, catalogue, now) for order in received]


def orders_of_items(items: Iterable[Item], ship_from: str | None, ship_to: str | None) -> Iterator[Received]:
    """An item master as if every item were ordered, each from its country of origin unless `ship_from` names another."""
    for item in items:
        country = ship_from or item.origin_country
        document = OrderDocument(
            order_key=OrderKey(system="what-if", company=item.supplier_id or "any supplier", order_id=item.item_id),
            supplier=Party(id=item.supplier_id) if item.supplier_id else None,
            ship_from=Party(country=country) if country else None,
            ship_to=Party(country=ship_to) if ship_to else None,
            lines=[OrderLine(line_id="1", item=ItemReference(buyer_id=item.item_id))],
        )
        content = canonical_json(document_json(document))
        raw = RawDocument(sha256=sha256_hex(content), media_type="application/json", adapter="item-master")
        yield Received(str(document.order_key), document, raw, content, place=item.item_id)
