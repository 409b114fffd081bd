"""One line before the law: which limbs speak to it, what each says on a day, and what leads where they differ.

Conditions do not depend on the day and are evaluated once; what a limb's truth means follows from its status on the day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache

from services.screening.domain.departure import Departure
from services.screening.domain.facts import LineFacts
from services.screening.domain.instrument import PartyRule
from services.screening.domain.law import CarveOut, Item, LawView, Limb, TradeVerdicts
from services.screening.domain.ownership import Holding
from services.screening.domain.parties import ListedParty
from services.screening.domain.truth import Missing, Unknown, Verdict, all_of, any_of, unknown_fact, unsettled_law
from services.screening.domain.validity import Span, Status
from shared.contracts.screening import Answer, Jurisdiction, Need


class Rank(IntEnum):
    """What outweighs what within one jurisdiction (regulation.md, section 8)."""

    NOT_CONTROLLED = 0
    EXEMPT = 20
    SUSPENDED = 30
    SUSPENDED_PAST_PRINTED_END = 40
    UNKNOWN_ITEM = 50
    LICENCE_REQUIRED = 60
    UNKNOWN_TRADE = 70
    """Unknown about a party, the destination or the end use."""
    PRESUMPTION_OF_DENIAL = 80
    PROHIBITED = 90


_EFFECTS: dict[str, tuple[Answer, Rank]] = {
    "prohibited": (Answer.PROHIBITED, Rank.PROHIBITED),
    "presumption_of_denial": (Answer.PRESUMPTION_OF_DENIAL, Rank.PRESUMPTION_OF_DENIAL),
    "licence_required": (Answer.LICENCE_REQUIRED, Rank.LICENCE_REQUIRED),
    "exempt": (Answer.EXEMPT, Rank.EXEMPT),
    "unsettled": (Answer.NEEDS_INFORMATION, Rank.UNKNOWN_TRADE),
}
_FLAGS = frozenset({"flag", "absent"})
_BINDING = frozenset({Status.IN_FORCE, Status.SUSPENDED, Status.SUSPENDED_AS_STATED, Status.UNSETTLED})
_LICENCE_ANSWERS = frozenset({Answer.LICENCE_REQUIRED, Answer.PRESUMPTION_OF_DENIAL, Answer.NEEDS_INFORMATION})


@dataclass(slots=True)
class ItemVerdict:
    """Whether the goods are an item; `carve_out` is the exclusion that takes them out, `near` that only a threshold keeps them out."""

    item: Item
    verdict: Verdict
    carve_out: CarveOut | None = None
    near: bool = False


@dataclass(slots=True)
class Outcome:
    """What one limb says on one day about one line. `items` are what it is about: none for rules, several where it is unknown which."""

    limb: Limb
    items: tuple[Item, ...]
    answer: Answer
    rank: Rank
    span: Span
    missing: tuple[Missing, ...] = ()
    carve_out: CarveOut | None = None
    near: bool = False
    party: ListedParty | None = None
    exempted_by: Limb | None = None

    @property
    def key(self) -> tuple[str, tuple[str, ...], Answer, Status, str]:
        return (
            self.limb.key,
            tuple(item.key for item in self.items),
            self.answer,
            self.span.status,
            f"{self.party.role}/{self.party.listing.id}" if self.party else "",
        )


@dataclass(slots=True)
class State:
    """What a jurisdiction answers from one day until before another."""

    starts_on: date
    ends_on: date | None
    answer: Answer
    rank: Rank
    need: Need
    outcomes: tuple[Outcome, ...]


@dataclass(slots=True)
class Judgement:
    """A line in one jurisdiction: the state that leads, all states of the interval, and the limbs that only raise flags."""

    jurisdiction: Jurisdiction
    leading: State
    states: tuple[State, ...]
    flags: tuple[Limb, ...]

    def outcomes(self) -> list[Outcome]:
        """The leading state's outcomes, worst first, and then what other states add."""
        found = {outcome.key: outcome for outcome in sorted(self.leading.outcomes, key=lambda outcome: -outcome.rank)}
        for state in self.states:
            for outcome in state.outcomes:
                found.setdefault(outcome.key, outcome)
        return list(found.values())


class LineBeforeLaw:
    """The evaluation of one line: items once, outcomes for each day that matters."""

    def __init__(self, view: LawView, facts: LineFacts, trade: TradeVerdicts, listed: Sequence[ListedParty]) -> None:
        self.view = view
        self.facts = facts
        self.trade = trade
        self.listed = listed
        self.party_rules = (
            [(limb, verdict) for limb, verdict in trade.party_rules if any(_concerns(limb, party) for party in listed)] if listed else []
        )
        self.items = self._items(bool(self.party_rules) or trade.upon_controlled)
        concerned = [(item, limb, verdict) for item in self.items for limb, verdict in trade.limbs_of(item.item)]
        self.limbs = [one for one in concerned if one[1].effect not in _FLAGS]
        self.flag_limbs = [one for one in concerned if one[1].effect in _FLAGS]

    def _items(self, wherever_shipped: bool) -> list[ItemVerdict]:
        """The candidates that concern this trade, or all of them where a rule acts upon controlled goods wherever they are shipped from."""
        found = []
        for item in self.view.law.candidates(self.facts):
            if wherever_shipped or self.trade.limbs_of(item):
                verdict = _item_verdict(item, self.facts)
                if verdict is not None:
                    found.append(verdict)
        return found

    def judge(self, departure: Departure) -> tuple[list[Judgement], Departure]:
        """Each jurisdiction's judgement over the interval, which a licence queue prolongs; China's is always among them."""
        first = self._by_jurisdiction(departure.earliest)
        if not departure.fixed:
            departure = departure.delayed_by(max((self._queue_days(outcomes) for outcomes in first.values()), default=0))
        days = [departure.earliest]
        if departure.latest > departure.earliest:
            days += self.changes(departure)
        by_day = [first, *(self._by_jurisdiction(day) for day in days[1:])]
        flags = self._flags(departure.earliest, first)
        judgements = []
        for jurisdiction in dict.fromkeys(("CN", *(j for outcomes in by_day for j in outcomes), *flags)):
            states = _states(days, [outcomes.get(jurisdiction, []) for outcomes in by_day], jurisdiction, self.view)
            leading = max(states, key=lambda state: state.rank)
            judgements.append(Judgement(jurisdiction, leading, states, tuple(flags.get(jurisdiction, ()))))
        return judgements, departure

    def changes(self, departure: Departure) -> list[date]:
        """Days after the first one on which a limb that speaks to the line, or a listing, changes its state."""
        days: set[date] = set()
        for limb in {limb.key: limb for _, limb, _ in self.limbs} | {limb.key: limb for limb, _ in (*self.trade.rules, *self.party_rules)}:
            days.update(self.view.timeline(self.view.law.limbs[limb]).changes_between(departure.earliest, departure.latest))
        for party in self.listed:
            days.update(party.timeline.changes_between(departure.earliest, departure.latest))
        return sorted(days)

    def _queue_days(self, outcomes: Iterable[Outcome]) -> int:
        law, destination = self.view.law, self.trade.trade.destination
        delays = [
            law.delay(outcome.limb.jurisdiction, outcome.items[0].group, destination)
            for outcome in outcomes
            if outcome.items and outcome.answer in _LICENCE_ANSWERS and outcome.limb.effect == "licence_required"
        ]
        return max((delay.p95_days for delay in delays if delay is not None), default=0)

    def _flags(self, day: date, outcomes: Mapping[Jurisdiction, list[Outcome]]) -> dict[Jurisdiction, list[Limb]]:
        """Limbs that only say something beside the answer, in force on the day, whose outcomes are given."""
        found: dict[Jurisdiction, dict[str, Limb]] = {}
        for item, limb, trade in self.flag_limbs:
            if trade is not True or not self._in_force(limb, day):
                continue
            # What is absent from the data is said wherever it could bite; a flag needs to be certain.
            if item.verdict is True or (limb.effect == "absent" and item.verdict is not False):
                found.setdefault(limb.jurisdiction, {})[limb.key] = limb
        for limb, trade in self.trade.rules:
            if limb.effect in _FLAGS and self._in_force(limb, day) and _leaves_room(limb, outcomes.get(limb.jurisdiction, ())):
                verdict = all_of((trade, self._upon(limb, day, ())))
                if verdict is True or (verdict is not False and limb.source.on_unknown == "flag"):
                    found.setdefault(limb.jurisdiction, {})[limb.key] = limb
        return {jurisdiction: list(limbs.values()) for jurisdiction, limbs in found.items()}

    def _in_force(self, limb: Limb, day: date) -> bool:
        return self.view.timeline(limb).at(day).status is Status.IN_FORCE

    def _by_jurisdiction(self, day: date) -> dict[Jurisdiction, list[Outcome]]:
        grouped: dict[Jurisdiction, list[Outcome]] = {}
        for outcome in self._outcomes(day):
            grouped.setdefault(outcome.limb.jurisdiction, []).append(outcome)
        return grouped

    def _outcomes(self, day: date) -> list[Outcome]:
        found: list[Outcome] = []
        exemptions: list[Limb] = []
        for item, limb, trade in self.limbs:
            outcome = _item_outcome(item, limb, trade, self.view.timeline(limb).at(day))
            if outcome is not None:
                found.append(outcome)
        found = _unknowns_together(found)
        for limb, trade in self.trade.rules:
            if limb.effect == "exempt" and trade is True and self._in_force(limb, day):
                exemptions.append(limb)
        if exemptions:
            found = [_exempted(outcome, exemptions) for outcome in found]
        for limb, trade in self.trade.rules:
            if limb.effect in _FLAGS or limb.effect == "exempt" or (limb.source.upon is not None and limb.source.upon.uncontrolled):
                continue
            outcome = self._rule_outcome(limb, all_of((trade, self._upon(limb, day, found))), day)
            if outcome is not None:
                found.append(outcome)
        for limb, trade in self.party_rules:
            for party in self.listed:
                if _concerns(limb, party):
                    outcome = self._party_outcome(limb, party, all_of((trade, self._upon(limb, day, found))), day)
                    if outcome is not None:
                        found.append(outcome)
        for limb, trade in self.trade.rules:
            upon = limb.source.upon
            if upon is None or not upon.uncontrolled or limb.effect in _FLAGS:
                continue
            if _leaves_room(limb, found):
                outcome = self._rule_outcome(limb, trade, day)
                if outcome is not None:
                    found.append(outcome)
        return found

    def _upon(self, limb: Limb, day: date, found: Sequence[Outcome]) -> Verdict:
        """Whether the goods are of the kind that the rule acts upon, on the day."""
        upon = limb.source.upon
        if upon is None or upon.any_goods or upon.uncontrolled:
            return True
        if upon.limbs:
            return any_of(
                all_of((item.verdict, trade))
                for item, one, trade in self.limbs
                if one.key in limb.upon_limbs and self._in_force(one, day)
            )  # fmt: skip
        return any_of(
            item.verdict
            for item in self.items
            if (not limb.upon_groups or item.item.group in limb.upon_groups)
            and any(
                one.source.makes_controlled and one.jurisdiction == limb.jurisdiction and self._in_force(one, day)
                for one in item.item.limbs
            )
        )

    def _rule_outcome(self, limb: Limb, verdict: Verdict, day: date) -> Outcome | None:
        if verdict is False or (isinstance(verdict, Unknown) and limb.source.on_unknown != "ask"):
            return None
        return _outcome(limb, (), verdict, self.view.timeline(limb).at(day), Rank.UNKNOWN_TRADE)

    def _party_outcome(self, limb: Limb, party: ListedParty, verdict: Verdict, day: date) -> Outcome | None:
        rule = limb.source.party
        if rule is not None and party.holding is not None:
            verdict = all_of((verdict, self._owners_reach(rule, party, party.holding, day)))
        if not party.certain:
            verdict = all_of((verdict, _whether_it_is(party)))
        if verdict is False or not self._in_force(limb, day):
            return None
        span = party.timeline.at(day)
        outcome = _outcome(limb, (), verdict, span, Rank.UNKNOWN_TRADE)
        return None if outcome is None or span.status not in _BINDING else _with_party(outcome, party)

    def _owners_reach(self, rule: PartyRule, party: ListedParty, holding: Holding, day: date) -> Verdict:
        """Whether the party and all who are on the rule's lists like it hold together what the rule asks for."""
        bound = rule.owner_share_at_least_percent
        beside = [
            other.holding.owner
            for other in self.listed
            if other.holding is not None
            and (other.role, other.holding.owned, other.holding.root) == (party.role, holding.owned, holding.root)
            and other.listing.list_name in rule.lists
            and other.timeline.at(day).status in _BINDING
        ]
        if bound is None:
            return False
        least, most = holding.held_by(frozenset((holding.owner, *beside)), rule.owner_chain, bound)
        if least >= bound:
            return True
        return owner_share_unknown(party.role) if most >= bound else False


def _leaves_room(limb: Limb, outcomes: Iterable[Outcome]) -> bool:
    """Whether a rule upon goods that nothing else prohibits, licenses or leaves open has a place beside the outcomes; others do."""
    if limb.source.upon is None or not limb.source.upon.uncontrolled:
        return True
    return not any(
        outcome.rank > Rank.NOT_CONTROLLED
        and outcome.limb.jurisdiction == limb.jurisdiction
        and not (outcome.limb.source.upon is not None and outcome.limb.source.upon.uncontrolled)
        for outcome in outcomes
    )


def _concerns(limb: Limb, party: ListedParty) -> bool:
    rule = limb.source.party
    if rule is None or party.listing.list_name not in rule.lists or party.role not in rule.roles:
        return False
    return party.holding is None or rule.owner_share_at_least_percent is not None


@lru_cache
def owner_share_unknown(role: str) -> Unknown:
    """`role` is that of an owner: `end_user_owner`."""
    owned = role.removesuffix("_owner").replace("_", " ")
    return unknown_fact(f"{role}_share", "buyer", f"What share of the {owned} does the listed owner hold, in percent?")


def _item_verdict(item: Item, facts: LineFacts) -> ItemVerdict | None:
    identity = item.identity(facts)
    if identity is False:
        return None
    threshold = item.threshold(facts) if item.threshold is not None else True
    if threshold is False:
        return ItemVerdict(item, False, near=True) if identity is True else None
    verdicts: list[Verdict] = [identity, threshold]
    carved_out = item.carved_out_products
    for carve_out in () if carved_out is not None and carved_out.isdisjoint(facts.products) else item.carve_outs:
        excluded = carve_out.test(facts)
        if excluded is True:
            return ItemVerdict(item, False, carve_out)
        if excluded is not False:
            verdicts.append(excluded)
    return ItemVerdict(item, all_of(verdicts))


def _item_outcome(item: ItemVerdict, limb: Limb, trade: Verdict, span: Span) -> Outcome | None:
    if item.verdict is False:
        if trade is not True or span.status not in _BINDING:
            return None
        return Outcome(limb, (item.item,), Answer.NOT_CONTROLLED, Rank.NOT_CONTROLLED, span, carve_out=item.carve_out, near=item.near)
    # A trade that is unknown weighs more than goods that are unknown, where the goods themselves are certain.
    unknown_rank = Rank.UNKNOWN_TRADE if item.verdict is True else Rank.UNKNOWN_ITEM
    verdict = all_of((trade, item.verdict))
    asks = limb.source.on_unknown == "ask" or (limb.source.on_unknown == "ask_of_goods" and trade is True)
    if isinstance(verdict, Unknown) and not asks:
        return None
    return _outcome(limb, (item.item,), verdict, span, unknown_rank)


def _outcome(limb: Limb, items: tuple[Item, ...], verdict: Verdict, span: Span, unknown_rank: Rank) -> Outcome | None:
    status = span.status
    missing = verdict.missing if isinstance(verdict, Unknown) else ()
    if status is Status.IN_FORCE:
        if missing:
            return Outcome(limb, items, Answer.NEEDS_INFORMATION, unknown_rank, span, missing)
        answer, rank = _EFFECTS[limb.effect]
        if limb.effect == "unsettled":
            missing = unsettled_law(f"{limb.key}.reading", limb.source.sentence).missing
            return Outcome(limb, items, answer, rank, span, missing)
        return Outcome(limb, items, answer, rank, span)
    if status is Status.SUSPENDED:
        return Outcome(limb, items, Answer.SUSPENDED, Rank.SUSPENDED, span)
    if status is Status.SUSPENDED_AS_STATED:
        return Outcome(limb, items, Answer.SUSPENDED, Rank.SUSPENDED_PAST_PRINTED_END, span)
    if status is Status.UNSETTLED:
        rank = Rank.UNKNOWN_ITEM if items else Rank.UNKNOWN_TRADE
        return Outcome(limb, items, Answer.NEEDS_INFORMATION, rank, span, (*missing, *_whether_it_binds(limb).missing))
    if missing:
        return None
    return Outcome(limb, items, Answer.NOT_CONTROLLED, Rank.NOT_CONTROLLED, span)


def _unknowns_together(outcomes: list[Outcome]) -> list[Outcome]:
    """Items of one limb that are unknown alike are one outcome: the answer to one question settles them together."""
    together: dict[tuple[str, Answer, Rank, Status], Outcome] = {}
    found: list[Outcome] = []
    for outcome in outcomes:
        if outcome.missing:
            key = (outcome.limb.key, outcome.answer, outcome.rank, outcome.span.status)
            first = together.get(key)
            if first is not None:
                first.items = (*first.items, *outcome.items)
                first.missing = tuple(dict.fromkeys((*first.missing, *outcome.missing)))
                continue
            together[key] = outcome
        found.append(outcome)
    return found


def _whether_it_is(party: ListedParty) -> Unknown:
    listing = party.listing
    question = f"Is {party.hit.name} the {listing.name} that {listing.list_title} names? Compare registry numbers and addresses."
    return unknown_fact("party_identity", "buyer", question)


def _whether_it_binds(limb: Limb) -> Unknown:
    return unsettled_law(f"{limb.key}.binding", f"Has the suspension of {limb.instrument.name} been extended? No notice was seen.")


def _with_party(outcome: Outcome, party: ListedParty) -> Outcome:
    missing = outcome.missing
    if outcome.span.status is Status.UNSETTLED:
        missing = unsettled_law(
            f"{party.listing.id}.binding",
            f"Has the suspension of the listing of {party.listing.name} ({party.listing.notice}) been extended?",
        ).missing
    return Outcome(outcome.limb, (), outcome.answer, outcome.rank, outcome.span, missing, party=party)


def _exempted(outcome: Outcome, exemptions: list[Limb]) -> Outcome:
    if outcome.rank in (Rank.LICENCE_REQUIRED, Rank.UNKNOWN_ITEM, Rank.UNKNOWN_TRADE):
        for limb in exemptions:
            if outcome.limb.key in limb.exempts:
                return Outcome(outcome.limb, outcome.items, Answer.EXEMPT, Rank.EXEMPT, outcome.span, exempted_by=limb)
    return outcome


def _states(days: list[date], outcomes: list[list[Outcome]], jurisdiction: Jurisdiction, view: LawView) -> tuple[State, ...]:
    """One state a day that differs from the day before; the last one is open."""
    states: list[State] = []
    for day, found in zip(days, outcomes, strict=True):
        leading = max(found, key=lambda outcome: outcome.rank, default=None)
        answer, rank = (leading.answer, leading.rank) if leading is not None else (Answer.NOT_CONTROLLED, Rank.NOT_CONTROLLED)
        need = _need(found, answer) if jurisdiction in view.law.licences_modelled else "unknown"
        if states and (states[-1].answer, states[-1].rank, states[-1].need) == (answer, rank, need):
            continue
        if states:
            last = states.pop()
            states.append(State(last.starts_on, day, last.answer, last.rank, last.need, last.outcomes))
        states.append(State(day, None, answer, rank, need, tuple(found)))
    return tuple(states)


def _need(outcomes: list[Outcome], answer: Answer) -> Need:
    """Whether the goods themselves need a licence in this trade: certain where one limb says so, unknown where one may."""
    need: Need = "no"
    for outcome in outcomes:
        if not outcome.items or outcome.limb.effect != "licence_required":
            continue
        if outcome.answer is Answer.LICENCE_REQUIRED:
            return "yes"
        if outcome.answer is Answer.NEEDS_INFORMATION or outcome.rank is Rank.SUSPENDED_PAST_PRINTED_END:
            need = "unknown"
    return "unknown" if answer is Answer.NEEDS_INFORMATION else need
