"""How far licences meet the requirements of one order: worked out for all its lines together, because they share what is granted."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from functools import lru_cache

from services.screening.domain.deliveries import Delivery
from services.screening.domain.licensing.allocation import Ahead, Claim, Claims, allocate_own
from services.screening.domain.licensing.amounts import in_unit, missing_for, unit_name
from services.screening.domain.licensing.matching import ElementsOf, exporter_of, goods_covered, item_numbers, same_party
from shared.contracts.base import instant_text
from shared.contracts.canonical import decimal_text
from shared.contracts.licence import Licence, LicenceUsed
from shared.contracts.order import OrderSnapshot, SnapshotLine
from shared.contracts.screening import Cover, CoverCliff, CoverState, Jurisdiction, PartCover

_DAY = timedelta(days=1)
_APPLIED = frozenset({"filed", "pending"})


MOST_TOLD = {"of_others": 3, "ended": 3, "used_up": 10}
"""Of licences that do nothing for an order, how many it speaks of, and waits for: an exporter collects hundreds over the years."""


@dataclass(slots=True, frozen=True)
class Candidate:
    """A licence that may cover the order. What others have claimed of it is summed up only where it matters."""

    licence: Licence
    used: Callable[[], LicenceUsed]


def recorded(used: LicenceUsed) -> Candidate:
    return Candidate(used.licence, lambda: used)


@dataclass(slots=True, frozen=True)
class Licences:
    """Those of an order's exporter. `version` is that announced for all licences."""

    version: str | None = None
    at_hand: tuple[Candidate, ...] = ()


NO_LICENCES = Licences()


@dataclass(slots=True, frozen=True)
class Need:
    """A line, or deliveries of it, that needs a licence for goods under `codes`."""

    line: SnapshotLine
    jurisdiction: Jurisdiction
    elements: Collection[str]
    deliveries: Sequence[tuple[Delivery, frozenset[str]]]
    """Each with the control codes that it falls under on its day; those that need no licence are left out."""


@dataclass(slots=True)
class _Part:
    need: Need
    delivery: Delivery
    codes: frozenset[str]
    uncovered: Decimal
    """Share of the delivery, from 1 to 0."""
    licences: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Draw:
    """What one licence does for one line."""

    licence: Licence
    required: Decimal
    granted: Decimal


@dataclass(slots=True)
class _Considered:
    """What is said of the licences that were looked at for one line, the weightiest last."""

    remarks: list[str] = field(default_factory=list)
    draws: list[_Draw] = field(default_factory=list)
    asserted: list[Licence] = field(default_factory=list)
    open_cases: list[Licence] = field(default_factory=list)
    unknown: bool = False
    cliffs: dict[tuple[date, str], CoverCliff] = field(default_factory=dict)


@dataclass(slots=True)
class Settled:
    """By line its cover; the licences it was worked out with; by licence what the order claims, and what of that it gets."""

    covers: dict[str, Cover]
    used: list[LicenceUsed]
    claims: Claims
    recheck_on: date | None


def settle(order: OrderSnapshot, needs: Sequence[Need], licences: Licences, today: date, elements_of: ElementsOf) -> Settled:
    """A pure function: the order, what its lines need, the licences with what is claimed of them, and the day."""
    settlement = _Settlement(order, needs, today, elements_of)
    for candidate in sorted(licences.at_hand, key=lambda each: _preference(each.licence)):
        settlement.look_at(candidate)
    covers = {need.line.line_id: settlement.cover(need) for need in needs}
    days = [cliff.on for cover in covers.values() for cliff in cover.cliffs if cliff.on > today]
    return Settled(covers, settlement.used, settlement.claims, min(days, default=None))


@lru_cache(maxsize=32)
def no_cover(jurisdiction: Jurisdiction) -> Cover:
    """Where no licence is about the line."""
    return Cover(jurisdiction=jurisdiction, state="none", sentences=["No licence that covers the line is known."])


def _preference(licence: Licence) -> tuple[int, date, str]:
    """Individual licences are drawn before general ones are relied on, those that end first before the others; then the newest case."""
    if licence.state != "approved":
        since = licence.since or date.min
        return 2, date.fromordinal(date.max.toordinal() - since.toordinal() + 1), licence.licence_id
    return int(licence.kind == "general"), licence.valid_until or date.max, licence.licence_id


class _Settlement:
    def __init__(self, order: OrderSnapshot, needs: Sequence[Need], today: date, elements_of: ElementsOf) -> None:
        self.used: list[LicenceUsed] = []
        self.claims: Claims = {}
        self._order = order
        self._order_key = str(order.order_key)
        self._exporter = exporter_of(order)
        self._today = today
        self._elements_of = elements_of
        self._parts = [
            _Part(need, delivery, codes, Decimal(1))
            for need in needs
            for delivery, codes in need.deliveries
            if delivery.quantity is None or delivery.quantity > 0
        ]
        self._considered = {need.line.line_id: _Considered() for need in needs}
        self._first_day = min((part.delivery.leaves_on for part in self._parts), default=today)
        self._told: Counter[str] = Counter()

    def look_at(self, candidate: Candidate) -> None:
        """A licence matters only where something is not covered by those before it."""
        licence = candidate.licence
        concerned = [part for part in self._parts if part.uncovered and self._concerns(licence, part)]
        if licence.state != "approved":
            concerned = [part for part in concerned if not self._considered[part.need.line.line_id].open_cases]
        if not concerned or self._exporter is None or not same_party(licence.exporter, self._exporter):
            return
        used = candidate.used()
        idle = self._idle(used)
        if idle is not None and self._told[idle] >= MOST_TOLD[idle]:
            return
        if idle is not None:
            self._told[idle] += 1
        self.used.append(used)
        fitting = [part for part in concerned if self._fits(licence, part)]
        if licence.state != "approved":
            self._note_case(licence, fitting)
        elif licence.kind == "general":
            self._assert(licence, fitting)
        else:
            self._draw(used, fitting)

    def _idle(self, used: LicenceUsed) -> str | None:
        """Why the licence does nothing for any line of this order, where it does nothing."""
        licence = used.licence
        stated = self._order.end_user
        if licence.end_user is not None and stated is not None and same_party(licence.end_user, stated) is False:
            return "of_others"
        if licence.valid_until is not None and licence.valid_until < self._first_day:
            return "ended"
        if licence.quantity is not None and min(used.ahead_of_open, used.ahead_of_departed) >= licence.quantity:
            return "used_up"
        return None

    def _concerns(self, licence: Licence, part: _Part) -> bool:
        need = part.need
        if licence.jurisdiction != need.jurisdiction:
            return False
        covered = goods_covered(licence, item_numbers(need.line), part.codes, need.elements, self._elements_of)
        if covered is None:
            return False
        filed_for = not licence.orders or self._order.order_key in licence.orders
        return licence.state == "approved" or filed_for

    def _fits(self, licence: Licence, part: _Part) -> bool:
        """Whether the licence is for these goods and this end user altogether; where not, the line says why."""
        considered = self._considered[part.need.line.line_id]
        covered = goods_covered(licence, item_numbers(part.need.line), part.codes, part.need.elements, self._elements_of)
        if covered != part.codes:
            others = ", ".join(sorted(part.codes - (covered or frozenset())))
            _say(considered, f"{_named(licence)} does not name {others}, under which the goods fall, too.")
            return False
        if licence.end_user is None:
            return True
        stated = self._order.end_user
        same = same_party(licence.end_user, stated) if stated is not None else None
        if same is None:
            considered.unknown = True
            name = licence.end_user.name or licence.end_user.name_local or licence.end_user.id
            _say(considered, f"{_named(licence)} is for the end user {name}, and the order does not say who that is; name the end user.")
        elif same is False:
            _say(considered, f"{_named(licence)} is for another end user.")
        return same is True

    def _valid_for(self, licence: Licence, part: _Part) -> bool:
        """Whether the delivery leaves while the licence is valid. Goods that have not left may wait until it begins."""
        day, delivery = part.delivery.leaves_on, part.delivery
        considered = self._considered[part.need.line.line_id]
        begins, ends = licence.valid_from, licence.valid_until
        if begins is not None and day < begins:
            if delivery.departed:
                _say(considered, f"{_named(licence)} began on {begins}, after goods had left on {day}.")
                return False
            day = begins
        if ends is not None and day > ends:
            when = "left" if delivery.departed else "leave"
            ended = "ended" if ends < self._today else "ends"
            _say(considered, f"{_named(licence)} {ended} on {ends}, before goods {when} on {day}.")
            return False
        if not delivery.departed:
            if begins is not None and begins > self._today:
                _turn(considered, begins, licence, f"{_named(licence)} is valid from {begins} on.")
            if ends is not None:
                after = ends + _DAY
                text = f"From {after} on {_named(licence)} has ended and covers nothing that has not left by then."
                _turn(considered, after, licence, text)
        return True

    def _draw(self, used: LicenceUsed, parts: Iterable[_Part]) -> None:
        licence = used.licence
        claimed_at = instant_text(used.claimed_at) if used.claimed_at is not None else ""
        wanted: dict[tuple[str, str, str], tuple[_Part, Claim, Decimal]] = {}
        for part in parts:
            line, considered = part.need.line, self._considered[part.need.line.line_id]
            if not self._valid_for(licence, part):
                continue
            if licence.quantity is None:
                considered.unknown = True
                _say(considered, f"How much {_named(licence)} grants is not known; report its quantity and unit.")
                continue
            whole = in_unit(part.delivery, line, licence.unit, only=len(part.need.deliveries) == 1)
            if whole is None:
                considered.unknown = True
                _say(considered, f"What {_named(licence)} covers cannot be said: {missing_for(line, licence.unit)}.")
                continue
            with localcontext(prec=60):
                amount = (whole * part.uncovered).quantize(Decimal("1e-9")).normalize()
            claim = Claim(
                self._order_key,
                line.line_id,
                part.delivery.key,
                amount,
                claimed_at,
                departed=part.delivery.departed,
                named=self._order.order_key in licence.orders,
            )
            wanted[claim.key] = (part, claim, whole)
        if not wanted or licence.quantity is None:
            return
        ahead = Ahead(used.ahead_of_departed, used.ahead_of_open)
        granted = allocate_own(licence.quantity, ahead, (claim for _, claim, _ in wanted.values()))
        self.claims[licence.licence_id] = [(claim, granted[key]) for key, (_, claim, _) in wanted.items()]
        draws: dict[str, _Draw] = {}
        for key, (part, claim, whole) in wanted.items():
            draw = draws.setdefault(claim.line_id, _Draw(licence, Decimal(0), Decimal(0)))
            draw.required += claim.amount
            draw.granted += granted[key]
            if granted[key]:
                part.licences.append(licence.licence_id)
                with localcontext(prec=60):
                    part.uncovered = Decimal(0) if granted[key] == claim.amount else part.uncovered - granted[key] / whole
        for line_id, draw in draws.items():
            self._considered[line_id].draws.append(draw)

    def _assert(self, licence: Licence, parts: Iterable[_Part]) -> None:
        for part in parts:
            if self._valid_for(licence, part):
                part.uncovered = Decimal(0)
                part.licences.append(licence.licence_id)
                asserted = self._considered[part.need.line.line_id].asserted
                if licence not in asserted:
                    asserted.append(licence)

    def _note_case(self, licence: Licence, parts: Iterable[_Part]) -> None:
        for part in parts:
            cases = self._considered[part.need.line.line_id].open_cases
            if licence not in cases:
                cases.append(licence)

    # What is said of one line

    def cover(self, need: Need) -> Cover:
        considered = self._considered[need.line.line_id]
        if not (considered.remarks or considered.draws or considered.asserted or considered.open_cases):
            return no_cover(need.jurisdiction)
        parts = [part for part in self._parts if part.need is need]
        drawn = [draw for draw in considered.draws if draw.granted]
        covered = bool(parts) and not any(part.uncovered for part in parts)
        case = next(iter(considered.open_cases), None)
        state = _state(drawn, considered, case, covered=covered)
        relied_on = [*(draw.licence for draw in drawn), *considered.asserted]
        measure = (drawn or considered.draws)[0] if considered.draws else None
        required, granted = self._measured(parts, measure.licence, need) if measure is not None else (None, None)
        return Cover(
            jurisdiction=need.jurisdiction,
            state=state,
            whole=covered,
            since=(relied_on[0].since if relied_on else case.since if case is not None and state != "none" else None),
            required=required,
            granted=granted,
            unit=unit_name(measure.licence.unit) if measure is not None else None,
            valid_until=min((licence.valid_until for licence in relied_on if licence.valid_until is not None), default=None),
            licences=list(dict.fromkeys([licence.licence_id for licence in relied_on] or ([case.licence_id] if case is not None else []))),
            sentences=_sentences(considered, drawn, case, required, granted, covered=covered),
            parts=[self._part(part, state, measure.licence if measure is not None else None) for part in parts],
            cliffs=[considered.cliffs[key] for key in sorted(considered.cliffs)],
        )

    def _measured(self, parts: Sequence[_Part], licence: Licence, need: Need) -> tuple[Decimal | None, Decimal | None]:
        """All of the line and what is covered of it, in the unit of one licence."""
        required = granted = Decimal(0)
        for part in parts:
            whole = in_unit(part.delivery, need.line, licence.unit, only=len(need.deliveries) == 1)
            if whole is None:
                return None, None
            required += whole
            granted += _rounded(whole * (1 - part.uncovered))
        return required.normalize(), granted.normalize()

    def _part(self, part: _Part, of_line: CoverState, measure: Licence | None) -> PartCover:
        state: CoverState = of_line
        if part.licences:
            general = {licence.licence_id for licence in self._considered[part.need.line.line_id].asserted}
            state = "general_licence_asserted" if set(part.licences) <= general else "granted"
        elif of_line in ("granted", "general_licence_asserted"):
            state = "none"
        required = (
            in_unit(part.delivery, part.need.line, measure.unit, only=len(part.need.deliveries) == 1) if measure is not None else None
        )
        return PartCover(
            schedule_position=part.delivery.schedule_position,
            shipment_id=part.delivery.shipment_id,
            leaves_on=part.delivery.leaves_on,
            departed=part.delivery.departed,
            state=state,
            required=required,
            granted=None if required is None else _rounded(required * (1 - part.uncovered)),
            unit=unit_name(measure.unit) if measure is not None and required is not None else None,
            licences=part.licences,
        )


def _state(drawn: Sequence[_Draw], considered: _Considered, case: Licence | None, *, covered: bool) -> CoverState:
    if drawn:
        return "granted"
    if considered.asserted:
        return "general_licence_asserted"
    if considered.unknown and not covered:
        return "unknown"
    if case is None or case.state == "not_filed":
        return "none"
    if case.state == "returned":
        return "returned_for_supplement"
    return "applied" if case.state in _APPLIED else "refused"


def _sentences(
    considered: _Considered,
    drawn: Sequence[_Draw],
    case: Licence | None,
    required: Decimal | None,
    granted: Decimal | None,
    *,
    covered: bool,
) -> list[str]:
    said = []
    if drawn:
        said.append(_drawn_sentence(drawn, considered.asserted, required, granted, covered=covered))
    for draw in considered.draws:
        if not draw.granted:
            total = f"{decimal_text(draw.licence.quantity or Decimal(0))} {unit_name(draw.licence.unit)}"
            said.append(f"Other orders come first and use up the {total} of {_named(draw.licence)}; what they give back goes to this line.")
    for licence in considered.asserted:
        who = licence.exporter.name or licence.exporter.name_local or licence.exporter.id or "The exporter"
        said.append(f"{who} asserts {_named(licence)} for these goods{_until(licence)}.")
    if not covered:
        said += considered.remarks
        if case is not None:
            said.append(_case_sentence(case))
    return said or ["No licence covers the line."]


def _drawn_sentence(
    drawn: Sequence[_Draw], asserted: Sequence[Licence], required: Decimal | None, granted: Decimal | None, *, covered: bool
) -> str:
    first = drawn[0]
    unit = unit_name(first.licence.unit)
    if required is None or granted is None or len(drawn) > 1 or asserted:
        each = ", ".join(
            f"{_amount(draw.granted)} {unit_name(draw.licence.unit)} by {_named(draw.licence)}{_until(draw.licence)}" for draw in drawn
        )
        rest = "" if covered or required is None or granted is None else f"; {_amount(required - granted)} {unit} are not"
        return f"Covered are {each}{rest}."
    by = f"covered by {_named(first.licence)}{_until(first.licence)}"
    if covered:
        return f"All {_amount(required)} {unit} are {by}."
    return f"{_amount(granted)} of {_amount(required)} {unit} are {by}; {_amount(required - granted)} {unit} are not."


def _case_sentence(licence: Licence) -> str:
    on = f" on {licence.since}" if licence.since is not None else ""
    name = _named(licence)
    match licence.state:
        case "filed":
            return f"{_capital(name)} was applied for{on} and is not granted yet."
        case "pending":
            since = f" since {licence.since}" if licence.since is not None else ""
            return f"{_capital(name)} is under review{since} and not granted yet."
        case "returned":
            return f"The application for {name} was returned for supplement{on}; the exporter has to complete it."
        case "refused":
            return f"{_capital(name)} was refused{on}."
        case _:
            return f"{_capital(name)} has not been filed yet."


def _named(licence: Licence) -> str:
    reference = licence.reference_number
    general = "general " if licence.kind == "general" else ""
    return f"{general}licence {licence.licence_id}" + (f" ({reference})" if reference and reference != licence.licence_id else "")


def _until(licence: Licence) -> str:
    return f" until {licence.valid_until}" if licence.valid_until is not None else ""


def _amount(amount: Decimal) -> str:
    return decimal_text(amount)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("1e-9")).normalize()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _say(considered: _Considered, sentence: str) -> None:
    sentence = _capital(sentence)
    if sentence not in considered.remarks:
        considered.remarks.append(sentence)


def _turn(considered: _Considered, on: date, licence: Licence, sentence: str) -> None:
    considered.cliffs.setdefault((on, licence.licence_id), CoverCliff(on=on, licence=licence.licence_id, sentence=_capital(sentence)))
