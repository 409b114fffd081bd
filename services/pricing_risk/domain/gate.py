"""Which quotes of a day enter the state of a series, which wait, and which stay out: a pure function of what was settled before the day.

A quote that moves more than 50 % (log return) waits until another source says the same or the next quote of its own source stays there.
One that differs by what looks like a unit or an exchange rate, or by more than tenfold, is believed from another source only. Sources that
differ by a factor of three on a day hold each other up. The first source of a series leads; another one leads when it falls silent or is
found wrong, and then no return is taken across the two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import exp, log
from statistics import median
from typing import Final, Literal

JUMP: Final = 0.5
"""Log return beyond which a quote needs a second voice (reference series: true daily moves reach 15 %, Henry Hub once 143 %)."""
AGREEMENT: Final = 0.10
"""Log distance within which two sources say the same: assessments of one market seldom differ by more."""
DISPUTE: Final = log(3) - 1e-9
"""Three times as much disputes, however the two were rounded on their way to a kilogram."""
FRESH_DAYS: Final = 5
"""Calendar days for which what another source said speaks for or against a quote: over a weekend and a holiday."""
TAKEOVER_DAYS: Final = 10
"""Calendar days without an accepted quote after which another source may lead: longer than the Chinese holiday weeks."""
SILENCE_DAYS: Final = 30
"""Calendar days after which a price makes no return with the one before."""
OVERDUE_DAYS: Final = 4
"""The least a feed may be silent: a Friday's quote has to do over a Monday that is a holiday."""
GAPS: Final = 9
"""Distances between quotation days from which the rhythm of a series is taken."""

LOWEST, HIGHEST = 1e-9, 1e10
"""Beyond these no kilogram of anything costs, in whatever currency."""

UNITS: Final = (
    (1_000.0, "a thousand (kg and t, or g and kg)"),
    (1_000_000.0, "a million (g and t)"),
    (10.0, "ten"),
    (100.0, "a hundred"),
    (10_000.0, "ten thousand (a Chinese price in 10,000 yuan)"),
    (2204.6226, "2,204.6 (lb and t)"),
    (2.2046226, "2.2046 (lb and kg)"),
    (907.18474, "907 (kg and short ton)"),
    (1016.0469, "1,016 (kg and long ton)"),
    (31.103477, "31.1 (g and troy ounce)"),
    (32.150747, "32.15 (troy ounce and kg)"),
    (28.349523, "28.35 (g and ounce)"),
    (35.273962, "35.27 (ounce and kg)"),
)
_CLOSE_TO_UNIT: Final = 0.08
"""Room for the move of a day beside a factor no price ever moved by."""
_CLOSE_TO_SMALL_FACTOR: Final = 0.02
"""Factors below ten lie where prices have moved by themselves."""

MOST_SOURCES: Final = 50
"""So many quotes of a day are looked at, the first that came: every one more would cost the more, and no market has as many assessors."""

LEAP: Final = log(10)
"""No price moved so far in a day."""

HeldReason = Literal[
    "jump", "leap", "unit", "currency", "sources_disagree", "not_confirmed", "contradicted", "discredited", "too_many_sources"
]
NEEDS_ANOTHER: Final = frozenset({"unit", "currency", "leap"})
"""Reasons for which the source's own next quote is no confirmation, and for which no return is taken where another source confirms."""
Outcome = Literal["entered", "unchanged", "second_source", "waiting", "held"]


@dataclass(slots=True, frozen=True)
class Quote:
    """What a source says of a day: money per kg of contained element. `rates` are exchange rates that were known when a quote came that
    is far from the price before."""

    on: date
    source: str
    price: float
    rates: tuple[float, ...] = ()

    @property
    def key(self) -> tuple[date, str]:
        return (self.on, self.source)


@dataclass(slots=True, frozen=True)
class Entry:
    """A price for the model. `anchored`: it makes no return with the one before."""

    quote: Quote
    anchored: bool = False


@dataclass(slots=True, frozen=True)
class Ruling:
    """What became of a quote, and of one that stays out, why."""

    outcome: Outcome
    reason: HeldReason | None = None
    sentence: str = ""


@dataclass(slots=True, frozen=True)
class Waiting:
    quote: Quote
    reason: HeldReason
    sentence: str
    rivals: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Gate:
    """What is settled. `others` is what each source said lately, unless that entered."""

    last: Quote | None = None
    primary: str | None = None
    waiting: Waiting | None = None
    others: Mapping[str, Quote] = field(default_factory=dict)
    discredited: frozenset[str] = frozenset()
    gaps: tuple[int, ...] = ()
    kept_out: int = 0

    @property
    def held(self) -> int:
        """Quotes that wait or were kept out."""
        return self.kept_out + (self.waiting is not None)

    @property
    def overdue_days(self) -> int:
        """Calendar days after the last quote beyond which the next one is overdue, by the series' own rhythm."""
        return max(OVERDUE_DAYS, round(3 * median(self.gaps))) if self.gaps else OVERDUE_DAYS

    def silent(self, on: date, days: int) -> bool:
        """Whether nothing has been accepted for more than so many days, or three times the usual distance, before a day."""
        heard = self.last or (self.waiting.quote if self.waiting is not None else None)
        return heard is not None and (on - heard.on).days > max(days, self.overdue_days)


@dataclass(slots=True, frozen=True)
class Verdict:
    """`entries` in the order in which they enter; `rulings` of the day's quotes and of older ones that were decided now."""

    after: Gate
    entries: tuple[Entry, ...]
    rulings: Mapping[tuple[date, str], Ruling]


def looks_like(quote: Quote, last: Quote) -> tuple[HeldReason, str]:
    """What a jump between two prices is taken for, with words for it."""
    distance = abs(log(quote.price / last.price))
    for factor, name in UNITS:
        if abs(distance - log(factor)) <= (_CLOSE_TO_UNIT if factor >= 10 else _CLOSE_TO_SMALL_FACTOR):
            return "unit", f"by a factor close to {name}: it looks like another unit"
    for rate in quote.rates:
        if abs(distance - abs(log(rate))) <= _CLOSE_TO_SMALL_FACTOR:
            return "currency", f"by a factor close to the exchange rate {rate:.6g}: it looks like another currency"
    if distance >= LEAP:
        return "leap", "further than any price moves in a day"
    return "jump", "which needs a second source, or the next quote, to be believed"


def beyond(quote: Quote) -> Ruling:
    """On a quote of a day of which enough sources have been heard."""
    return Ruling("held", "too_many_sources", f"{MOST_SOURCES} sources have been heard of {quote.on}; {_of(quote)} is not looked at.")


def decide(gate: Gate, on: date, quotes: Sequence[Quote]) -> Verdict:
    """The ruling on all quotes of a day, one per source, in the order in which they came; `gate` is what was settled before that day."""
    return _Day(gate, on, quotes).verdict()


class _Day:
    """The steps of a decision: what waited, whose quote leads, whether sources dispute, how far it moves."""

    __slots__ = (
        "discredited",
        "entries",
        "gaps",
        "gate",
        "kept_out",
        "last",
        "on",
        "primary",
        "quotes",
        "rulings",
        "waiting",
    )

    def __init__(self, gate: Gate, on: date, quotes: Sequence[Quote]) -> None:
        self.gate = gate
        self.on = on
        self.quotes = quotes
        self.last = gate.last
        self.primary = gate.primary if gate.primary is not None else quotes[0].source
        self.waiting = gate.waiting
        self.discredited = set(gate.discredited)
        self.gaps = gate.gaps
        self.kept_out = gate.kept_out
        self.entries: list[Entry] = []
        self.rulings: dict[tuple[date, str], Ruling] = {}

    def verdict(self) -> Verdict:
        leading = self._leading()
        if self.waiting is not None:
            self._rule_on_waiting(self.waiting, leading)
            leading = self._leading()
        if leading is not None:
            self._rule_on(leading)
        for quote in self.quotes:
            if quote.key not in self.rulings:
                self._rule_on_other(quote)
        after = Gate(self.last, self.primary, self.waiting, self._others(), frozenset(self.discredited), self.gaps, self.kept_out)
        return Verdict(after, tuple(self.entries), self.rulings)

    def _others(self) -> Mapping[str, Quote]:
        """What sources said lately that did not enter."""
        entered = {entry.quote.key for entry in self.entries}
        said = {quote.source: quote for quote in (*self.gate.others.values(), *self.quotes)}
        return {source: quote for source, quote in said.items() if quote.key not in entered and (self.on - quote.on).days <= FRESH_DAYS}

    def _leading(self) -> Quote | None:
        """The quote that is to be the day's price: the primary source's, or where that is silent or found wrong another's."""
        silent = self.gate.silent(self.on, TAKEOVER_DAYS)
        able = [quote for quote in self.quotes if silent or quote.source not in self.discredited]
        own = next((quote for quote in able if quote.source == self.primary), None)
        if own is None and (silent or self.primary in self.discredited):
            own = next(iter(able), None)
        return own

    def _rule_on_waiting(self, waiting: Waiting, leading: Quote | None) -> None:
        held = waiting.quote
        if self._confirmed(held, [quote for quote in self.quotes if quote.source != held.source]):
            self._enter_waiting(waiting)
        elif leading is not None:
            stays, returns = _distance(leading, held), _distance(leading, self.last)
            if leading.source != held.source or stays > JUMP or stays >= returns:
                self._drop(held, "not_confirmed", f"{_of(held)} was not confirmed: the next quote was {leading.price:.6g}.")
            elif waiting.reason in NEEDS_ANOTHER:
                self._drop(held, waiting.reason, waiting.sentence)
            elif against := self._contradicting(held):
                self.discredited.add(held.source)
                self._drop(
                    held,
                    "contradicted",
                    f"{_of(held)} is contradicted by {against.source}, which stays at {against.price:.6g} as before.",
                )
            else:
                self._enter_waiting(waiting)
                self.discredited.update(waiting.rivals)

    def _enter_waiting(self, waiting: Waiting) -> None:
        self.waiting = None
        self._enter(waiting.quote, anchored=waiting.reason in NEEDS_ANOTHER)

    def _rule_on(self, quote: Quote) -> None:
        """The leading quote: sources that dispute it, then the size of its move."""
        rest = [other for other in self.quotes if other.source != quote.source and other.source not in self.discredited]
        rivals = [other for other in rest if _distance(other, quote) >= DISPUTE]
        if rivals:
            backed = any(_distance(other, quote) <= AGREEMENT for other in rest)
            rival_backed = any(_distance(one, two) <= AGREEMENT for one in rivals for two in rivals if one is not two)
            if backed == rival_backed:
                self._hold_up(quote, rivals)
                return
            outvoted = rivals if backed else [quote]
            for each in outvoted:
                self.discredited.add(each.source)
                self._keep_out(each, "sources_disagree", f"{_of(each)} stands against two other sources.")
            quote = quote if backed else rivals[0]
            rest = [other for other in rest if other not in outvoted]
        self._pass_or_wait(quote, rest)

    def _pass_or_wait(self, quote: Quote, rest: Sequence[Quote]) -> None:
        last = self.last
        if last is None or _distance(quote, last) <= JUMP:
            self._enter(quote)
            return
        reason, words = looks_like(quote, last)
        if self._confirmed(quote, rest):
            self._enter(quote, anchored=reason != "jump")
            return
        sentence = f"{_of(quote)} is {_move(quote, last)} the {last.price:.6g} of {last.on}, {words}."
        self.waiting = Waiting(quote, reason, sentence)
        self.rulings[quote.key] = Ruling("waiting", reason, sentence)

    def _hold_up(self, quote: Quote, rivals: Sequence[Quote]) -> None:
        told = " and ".join(f"{rival.price:.6g} of {rival.source}" for rival in rivals)
        sentence = f"{_of(quote)} and the {told} on the same day differ by a factor of three or more; the next quote decides."
        self.waiting = Waiting(quote, "sources_disagree", sentence, tuple(rival.source for rival in rivals))
        self.rulings[quote.key] = Ruling("waiting", "sources_disagree", sentence)
        for rival in rivals:
            self._keep_out(rival, "sources_disagree", sentence)

    def _rule_on_other(self, quote: Quote) -> None:
        """A quote that does not lead speaks for or against the one that does."""
        if self.last is not None and _distance(quote, self.last) <= AGREEMENT:
            self.discredited.discard(quote.source)
        if quote.source in self.discredited:
            self._keep_out(quote, "discredited", f"{_of(quote)} is as far from the other sources as before.")
        elif self.last is not None and _distance(quote, self.last) >= DISPUTE and quote.source != self.primary:
            self._keep_out(quote, "sources_disagree", f"{_of(quote)} differs from the {self.last.price:.6g} of {self.last.source}.")
        else:
            self.rulings[quote.key] = Ruling("second_source")

    def _confirmed(self, quote: Quote, others: Sequence[Quote]) -> bool:
        """Whether another source says the same, on that day or shortly before or after."""
        fresh = [*others, *(self.gate.others.values())]
        return any(
            other.source != quote.source and abs((other.on - quote.on).days) <= FRESH_DAYS and _distance(other, quote) <= AGREEMENT
            for other in fresh
        )

    def _contradicting(self, held: Quote) -> Quote | None:
        """Another source that, lately, stays at the price before the jump."""
        if self.last is None or _distance(held, self.last) <= JUMP:
            return None
        for other in (*self.quotes, *self.gate.others.values()):
            if (
                other.source != held.source
                and other.source not in self.discredited
                and (self.on - other.on).days <= FRESH_DAYS
                and other.on >= held.on
                and _distance(other, self.last) <= JUMP
                and _distance(other, self.last) < _distance(other, held)
            ):
                return other
        return None

    def _enter(self, quote: Quote, *, anchored: bool = False) -> None:
        last = self.last
        anchored = anchored or last is None or quote.source != last.source or self._long_silent(quote)
        self.entries.append(Entry(quote, anchored))
        unchanged = last is not None and last.source == quote.source and last.price == quote.price
        self.rulings[quote.key] = Ruling("unchanged" if unchanged else "entered")
        if last is not None:
            self.gaps = (*self.gaps[-GAPS + 1 :], (quote.on - last.on).days)
        self.last = quote
        self.primary = quote.source
        self.discredited.discard(quote.source)

    def _long_silent(self, quote: Quote) -> bool:
        return replace(self.gate, last=self.last, gaps=self.gaps).silent(quote.on, SILENCE_DAYS)

    def _drop(self, quote: Quote, reason: HeldReason, sentence: str) -> None:
        self.waiting = None
        self._keep_out(quote, reason, sentence)

    def _keep_out(self, quote: Quote, reason: HeldReason, sentence: str) -> None:
        self.kept_out += 1
        self.rulings[quote.key] = Ruling("held", reason, sentence)


def _distance(one: Quote, other: Quote | None) -> float:
    return abs(log(one.price / other.price)) if other is not None else float("inf")


def _of(quote: Quote) -> str:
    return f"The price {quote.price:.6g} of {quote.on} from {quote.source}"


def _move(quote: Quote, last: Quote) -> str:
    change = log(quote.price / last.price)
    return f"{abs(exp(change) - 1):.0%} {'above' if change > 0 else 'below'}"
