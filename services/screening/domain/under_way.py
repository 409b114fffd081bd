"""What is added to a line's answers because goods are on their way or licences exist: deliveries that have left, customs holds, cover."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from services.screening.domain.deliveries import Delivery, deliveries
from services.screening.domain.law import Law
from services.screening.domain.licensing.allocation import Claims
from services.screening.domain.licensing.cover import Licences, Need, no_cover, settle
from services.screening.domain.licensing.keys import code_keys, item_key, licence_key, order_key
from services.screening.domain.licensing.matching import item_numbers
from services.screening.domain.licensing.undertakings import breaches
from services.screening.domain.non_control import non_control_pack
from shared.contracts.licence import LicenceUsed
from shared.contracts.order import OrderSnapshot, SnapshotLine
from shared.contracts.screening import Answer, DepartedPart, Finding, Flag, Jurisdiction, LineScreening

_LICENSING = frozenset({Answer.LICENCE_REQUIRED, Answer.PRESUMPTION_OF_DENIAL})
_HARMLESS = frozenset({Answer.NOT_CONTROLLED, Answer.EXEMPT, Answer.SUSPENDED})
_OPEN = frozenset({"open", "held"})
DEPARTED_FLAG = "departed_under_control"
HOLD_FLAG = "customs_hold"

OnDay = Callable[[date], LineScreening]
"""The line's screening if it leaves on a day."""


@dataclass(slots=True)
class UnderWay:
    """The lines of one order, one after the other, and then what they share."""

    order: OrderSnapshot
    law: Law
    licences: Licences
    today: date
    touched: set[str] = field(default_factory=set)
    _lines: list[LineScreening] = field(default_factory=list)
    _needs: list[Need] = field(default_factory=list)
    _about: list[LicenceUsed] = field(default_factory=list)

    def add(self, line: SnapshotLine, screened: LineScreening, on_day: OnDay, named_uses: Callable[[], frozenset[str]]) -> None:
        """`named_uses`: the end-use vocabularies that the order's words name."""
        pack = non_control_pack(screened, self.law)
        if pack is not None:
            screened = screened.model_copy(update={"non_control_pack": pack})
        if line.shipments or self.licences.at_hand:
            screened = self._with_deliveries(line, screened, on_day, named_uses)
        else:
            jurisdiction = _licensing_jurisdiction(screened)
            if jurisdiction is not None and (line.line_status in _OPEN or line.departed_on is not None):
                self._touch(line, _codes(screened.findings, jurisdiction))
                screened = screened.model_copy(update={"cover": no_cover(jurisdiction)})
        self._lines.append(screened)

    def _with_deliveries(
        self, line: SnapshotLine, screened: LineScreening, on_day: OnDay, named_uses: Callable[[], frozenset[str]]
    ) -> LineScreening:
        found = deliveries(line, self.today)
        by_day = {day: on_day(day) for day in sorted({each.leaves_on for each in found if each.departed})} if line.shipments else {}
        departed = [_departed_part(each, by_day[each.leaves_on]) for each in found if each.shipment_id is not None]
        need = self._need(line, screened, found, by_day)
        if need is not None:
            self._needs.append(need)
        flags = [*_holds(line), *_departed_flags(departed, screened), *self._broken_promises(line, screened, named_uses)]
        if not departed and not flags:
            return screened
        return _with_flags(screened, flags).model_copy(update={"departed": departed})

    def _need(
        self, line: SnapshotLine, screened: LineScreening, found: Sequence[Delivery], by_day: dict[date, LineScreening]
    ) -> Need | None:
        screenings = (screened, *by_day.values())
        jurisdiction = next((one for screening in screenings if (one := _licensing_jurisdiction(screening))), None)
        alive = line.line_status in _OPEN or line.departed_on is not None or any(each.departed for each in found)
        if jurisdiction is None or not alive:
            return None
        self._touch(line, (code for screening in screenings for code in _codes(screening.findings, jurisdiction)))
        needing = []
        for delivery in found:
            screening = by_day.get(delivery.leaves_on, screened) if delivery.departed else screened
            if _needs_licence(screening, jurisdiction):
                needing.append((delivery, _codes(screening.findings, jurisdiction)))
        return Need(line, jurisdiction, {material.element for material in screened.recognition.materials}, needing)

    def _touch(self, line: SnapshotLine, codes: Iterable[str]) -> None:
        """What a licence to come would have to name to reach the line."""
        if not self.touched:
            self.touched.add(order_key(str(self.order.order_key)))
        self.touched.update(item_key(number) for number in item_numbers(line))
        self.touched.update(key for code in codes for key in code_keys(code))

    def _broken_promises(self, line: SnapshotLine, screened: LineScreening, named_uses: Callable[[], frozenset[str]]) -> list[Flag]:
        promised = [each for each in self.licences.at_hand if each.licence.undertakings]
        if not promised:
            return []
        codes = frozenset(finding.control_code for finding in screened.findings if finding.control_code is not None)
        elements = {material.element for material in screened.recognition.materials}
        broken, about = breaches(self.order, line, codes, elements, named_uses(), promised, partial(_elements_of, self.law))
        self._about += [used for used in about if used not in self._about]
        return broken

    def settled(self) -> tuple[list[LineScreening], list[LicenceUsed], Claims, date | None]:
        """The lines with their cover, the licences used, what the order claims of them, and when time alone changes the cover."""
        if not self._needs:
            return self._lines, self._used([]), {}, None
        settlement = settle(self.order, self._needs, self.licences, self.today, partial(_elements_of, self.law))
        covers = settlement.covers
        lines = [
            line.model_copy(update={"cover": covers[line.line_id]}) if line.line_id in covers else line
            for line in self._lines
        ]  # fmt: skip
        return lines, self._used(settlement.used), settlement.claims, settlement.recheck_on

    def _used(self, used: list[LicenceUsed]) -> list[LicenceUsed]:
        """By id, those of the cover and those whose undertakings were looked at."""
        found = {each.licence.licence_id: each for each in (*used, *self._about)}
        self.touched.update(map(licence_key, found))
        return [found[licence_id] for licence_id in sorted(found)]


def _elements_of(law: Law, code: str) -> set[str]:
    """What the items of a control code, or of the code above it, are about."""
    items = (item for item in law.items if code == item.code or code.startswith(f"{item.code}.") or code in (s.code for s in item.subcodes))
    return {element for item in items for element in item.elements}


def _licensing_jurisdiction(screened: LineScreening) -> Jurisdiction | None:
    return next((jurisdiction for jurisdiction in screened.answers if _needs_licence(screened, jurisdiction)), None)


def _needs_licence(screened: LineScreening, jurisdiction: Jurisdiction) -> bool:
    answer = screened.answers.get(jurisdiction)
    return answer is not None and (answer.answer in _LICENSING or answer.dual_use_licence == "yes")


def _codes(findings: Iterable[Finding], jurisdiction: Jurisdiction) -> frozenset[str]:
    return frozenset(
        finding.control_code
        for finding in findings
        if finding.jurisdiction == jurisdiction and finding.answer in _LICENSING and finding.control_code is not None
    )


def _departed_part(delivery: Delivery, screened: LineScreening) -> DepartedPart:
    assert delivery.shipment_id is not None
    return DepartedPart(
        shipment_id=delivery.shipment_id,
        schedule_position=delivery.schedule_position,
        quantity=delivery.quantity,
        departed_on=delivery.leaves_on,
        answers={jurisdiction: answer.answer for jurisdiction, answer in screened.answers.items()},
    )


def _holds(line: SnapshotLine) -> list[Flag]:
    return [
        Flag(
            name=HOLD_FLAG,
            sentence=f"Customs have held shipment {shipment.shipment_id} since {shipment.held_since}"
            + (f" ({shipment.quantity} of the line)" if shipment.quantity is not None else "")
            + "; give the exporter the test report and the customs remark, or the licence, that customs ask for.",
        )
        for shipment in line.shipments
        if shipment.held_since is not None and shipment.released_on is None and shipment.received_on is None
    ]


def _departed_flags(departed: Sequence[DepartedPart], screened: LineScreening) -> list[Flag]:
    """Deliveries that have left under another answer than that of the line, where theirs asks for something."""
    flags = []
    for part in departed:
        for jurisdiction, answer in part.answers.items():
            now = screened.answers.get(jurisdiction)
            if answer not in _HARMLESS and (now is None or now.answer is not answer):
                flags.append(
                    Flag(
                        name=DEPARTED_FLAG,
                        sentence=f"Shipment {part.shipment_id} left on {part.departed_on}, when the answer in {jurisdiction} was "
                        f"{answer.value.replace('_', ' ')}; keep what met it on file.",
                    )
                )
    return flags


def _with_flags(screened: LineScreening, flags: Sequence[Flag]) -> LineScreening:
    """The flags beside China's answer, which every line has."""
    if not flags:
        return screened
    answer = screened.answers["CN"]
    changed = answer.model_copy(update={"flags": [*answer.flags, *flags]})
    return screened.model_copy(update={"answers": {**screened.answers, "CN": changed}})
