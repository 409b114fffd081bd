"""An order and its screening in; what its lines mean for stock out, and what they bring kept for the advice on their items."""

from collections.abc import Mapping, Sequence

from services.stockpile_advisor import keys
from services.stockpile_advisor.advice_book import AdviceBook, Known
from services.stockpile_advisor.asking import Asking
from services.stockpile_advisor.domain.inbound import InboundLine, inbound_of
from services.stockpile_advisor.domain.inputs import OrderReadEvent, ScreeningReadEvent
from services.stockpile_advisor.domain.result import failed, supply_risk, versions_of
from services.stockpile_advisor.gathering import LINES
from services.stockpile_advisor.policy_file import LoadedPolicy
from shared.bus import Bus
from shared.bus.types import Effects, State, Write
from shared.contracts.supply_risk import SupplyRiskIndex
from shared.order_joining import Joining, OrderJoin


class Orders:
    """`indices`: by element, from the published tables; `code` is the version of Orestream that results name."""

    def __init__(
        self,
        bus: Bus,
        book: AdviceBook,
        asking: Asking,
        indices: Mapping[str, SupplyRiskIndex],
        policy: LoadedPolicy,
        code: str,
    ) -> None:
        self._bus = bus
        self._book = book
        self._asking = asking
        self._indices = indices
        self._versions = versions_of(policy.version, code)
        join = OrderJoin(OrderReadEvent, ScreeningReadEvent, self._prepare, "supply-risks", self._given_up)
        self.on_orders = join.on_orders
        self.on_screenings = join.on_screenings
        self.on_order_given_up = join.on_order_given_up
        self.on_screening_given_up = join.on_screening_given_up

    async def _prepare(
        self, state: State, joining: Joining[OrderReadEvent, ScreeningReadEvent], orders: Sequence[OrderReadEvent]
    ) -> "Answers":
        stored = await state.hash_get_many(keys.INBOUND, joining.subjects)
        inbound = {
            key: LINES.validate_json(lines) if lines is not None else [] for key, lines in zip(joining.subjects, stored, strict=True)
        }
        at_hand = [line for order in (*orders, *joining.orders()) for line in order.data.lines]
        items = {number for line in at_hand for number in line.item_numbers}
        kept = {number for lines in inbound.values() for line in lines for number in line.item_ids}
        return Answers(await self._book.known(items | kept), inbound, self._bus, self._asking, self._indices, self._versions)

    def _given_up(self, cause: OrderReadEvent | ScreeningReadEvent, screening_id: str, order_id: str, error: Exception) -> bytes:
        told = (
            f"The supply risk could not be worked out ({type(error).__name__}); the dead letters hold what failed, and no answer "
            "is no pass."
        )
        return failed(cause, screening_id, order_id, told, self._versions).encode()


class Answers:
    """What the advisor does with the pairs of one batch; `inbound`: by order, the lines that are kept of it."""

    def __init__(
        self,
        known: Known,
        inbound: dict[str, list[InboundLine]],
        bus: Bus,
        asking: Asking,
        indices: Mapping[str, SupplyRiskIndex],
        versions: Mapping[str, str],
    ) -> None:
        self._known = known
        self._inbound = inbound
        self._bus = bus
        self._asking = asking
        self._indices = indices
        self._versions = versions

    def meet(self, order: OrderReadEvent, screening: ScreeningReadEvent, effects: Effects) -> bool:
        event = supply_risk(order, screening, self._known.by_item, self._indices, self._versions)
        effects.outputs.append(("supply-risks", event.encode()))
        worked_out = event.data.outcome == "advised"
        if worked_out and not order.data.ended:  # else what was known of the order stays inbound
            self._place(screening.subject, [line for line in inbound_of(order.data, screening.data) if line.open], effects)
        return worked_out

    def end(self, key: str, event_id: str, effects: Effects) -> None:
        self._place(key, [], effects)

    def _place(self, key: str, lines: list[InboundLine], effects: Effects) -> None:
        """What the order brings, and its name under each of its items; items whose lines have changed are looked at."""
        before = self._inbound[key]
        if lines == before:
            return
        self._inbound[key] = lines
        if lines:
            effects.writes.append(Write("HSET", keys.INBOUND, (key, LINES.dump_json(lines, exclude_defaults=True))))
        else:
            effects.writes.append(Write("HDEL", keys.INBOUND, (key,)))
        had, has = _items(before), _items(lines)
        effects.writes += [Write("SREM", keys.inbound_of_key(item), (key,)) for item in sorted(had - has)]
        effects.writes += [Write("SADD", keys.inbound_of_key(item), (key,)) for item in sorted(has - had)]
        changed = [line for line in before if line not in lines] + [line for line in lines if line not in before]
        partition = self._bus.partition_of(key)
        effects.timers += [
            self._asking.from_partition(partition, "inbound", item) for item in sorted(_items(changed) & self._known.tracked)
        ]


def _items(lines: Sequence[InboundLine]) -> set[str]:
    return {item_id for line in lines for item_id in line.item_ids}
