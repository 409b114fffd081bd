"""The state of a series as a fold over its tick log: quotes sorted by day, then by when the day's source was first heard.

In order a quote costs O(1). What comes late, is corrected or withdrawn folds the log again, so that the state is that of the quotes that
remain, to the last bit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import log
from typing import Any, Final

import orjson

from services.pricing_risk.domain.gate import MOST_SOURCES, Entry, Gate, Quote, Ruling, Verdict, Waiting, beyond, decide
from services.pricing_risk.domain.prior import assumed_sd_1d
from services.pricing_risk.domain.series import SeriesState
from shared.contracts.price import PriceMarket

GATE_FIELD: Final = "gate"
OPEN: Final = frozenset({"waiting", "held"})
"""Outcomes of a quote that is not in the state and may be asked about."""

Key = tuple[date, str]


def tick_field(key: Key) -> str:
    """What the day and source of a tick are called in the log."""
    return f"{key[0].isoformat()}|{key[1]}"


def tick_key(field_name: str) -> Key:
    day, _, source = field_name.partition("|")
    return date.fromisoformat(day), source


@dataclass(slots=True, frozen=True)
class Tick:
    """A tick as the log keeps it. `received` is the stream's number of the first one of that day and source; `quoted` its own words."""

    quote: Quote
    received: tuple[int, int]
    quoted: str
    event_id: str
    published_at: str | None = None

    @property
    def order(self) -> tuple[date, tuple[int, int]]:
        return (self.quote.on, self.received)

    def encoded(self) -> bytes:
        return orjson.dumps([self.quote.price, *self.received, self.quoted, self.event_id, self.published_at, self.quote.rates])

    @classmethod
    def decoded(cls, key: Key, stored: bytes) -> "Tick":
        price, milliseconds, number, quoted, event_id, published_at, rates = orjson.loads(stored)
        return cls(Quote(*key, price, tuple(rates)), (milliseconds, number), quoted, event_id, published_at)


@dataclass(slots=True, frozen=True)
class Move:
    """The largest step with which the last day that brought a price moved the series; 0 where it made no return."""

    on: date
    log_return: float
    price_before: float
    sigma_before: float


@dataclass(slots=True, frozen=True)
class Added:
    """What a quote brought: prices that entered the state with it, and rulings that are new."""

    entries: tuple[Entry, ...]
    rulings: Mapping[Key, Ruling]


@dataclass(slots=True)
class PriceFold:
    """Mutable. `settled` is the gate before the last day that was heard of, `quotes` are those of that day that are looked at."""

    model: SeriesState = field(default_factory=SeriesState)
    settled: Gate = field(default_factory=Gate)
    quotes: tuple[Quote, ...] = ()
    verdict: Verdict | None = None
    move: Move | None = None

    @classmethod
    def empty(cls, market: PriceMarket) -> "PriceFold":
        """Before the first quote of a series of that market."""
        return cls(SeriesState(assumed_sd_1d(market)))

    @property
    def gate(self) -> Gate:
        """What holds after the last day that was heard of."""
        return self.verdict.after if self.verdict is not None else self.settled

    def add(self, quote: Quote) -> Added | None:
        """Takes a quote in that comes last in the order of the log.

        None: the log has to be folded again, because the quote comes late or takes back what had entered; nothing has changed then.
        """
        settled, known, before = self.gate, 0, dict[Key, Ruling]()
        day: tuple[Quote, ...] = (quote,)
        if self.verdict is not None and quote.on <= self.quotes[-1].on:
            if quote.on < self.quotes[-1].on:
                return None
            if len(self.quotes) >= MOST_SOURCES:
                return Added((), {quote.key: beyond(quote)})
            settled, day = self.settled, (*self.quotes, quote)
            known, before = len(self.verdict.entries), dict(self.verdict.rulings)
        decided = decide(settled, quote.on, day)
        if known and self.verdict is not None and decided.entries[:known] != self.verdict.entries:
            return None
        self.settled, self.quotes, self.verdict = settled, day, decided
        for index, entry in enumerate(decided.entries[known:], known):
            self._enter(entry, first_of_day=index == 0)
        return Added(decided.entries[known:], {key: ruling for key, ruling in decided.rulings.items() if before.get(key) != ruling})

    def _enter(self, entry: Entry, *, first_of_day: bool) -> None:
        quote, model = entry.quote, self.model
        before, sigma = model.last_price, model.sigma_1d
        if entry.anchored:
            model.anchor(quote.on, quote.price)
            change = 0.0
        else:
            model.advance(quote.on, quote.price)
            change = log(quote.price / before)
        if first_of_day or self.move is None or abs(change) > abs(self.move.log_return):
            self.move = Move(quote.on, change, before, sigma)

    @classmethod
    def of(cls, quotes: Iterable[Quote], market: PriceMarket = "CN") -> tuple["PriceFold", dict[Key, Ruling]]:
        """The fold over quotes in the order of the log, and the rulings on those that wait or stay out."""
        fold = cls.empty(market)
        kept_out: dict[Key, Ruling] = {}
        day: list[Quote] = []
        for quote in quotes:
            if day and quote.on != day[0].on:
                kept_out.update(fold._add_day(tuple(day)))
                day = []
            day.append(quote)
        if day:
            kept_out.update(fold._add_day(tuple(day)))
        return fold, {key: ruling for key, ruling in kept_out.items() if ruling.outcome in OPEN}

    def _add_day(self, quotes: tuple[Quote, ...]) -> Mapping[Key, Ruling]:
        self.settled, self.quotes = self.gate, quotes[:MOST_SOURCES]
        self.verdict = decide(self.settled, quotes[0].on, self.quotes)
        for index, entry in enumerate(self.verdict.entries):
            self._enter(entry, first_of_day=index == 0)
        return {**self.verdict.rulings, **{quote.key: beyond(quote) for quote in quotes[MOST_SOURCES:]}}

    def fields(self) -> dict[str, bytes]:
        """The whole state as fields of a hash."""
        packed = self.model.fields()
        self.model.changed_fields()
        return {**packed, GATE_FIELD: self._gate_field()}

    def changed_fields(self) -> dict[str, bytes]:
        """What differs from the last call of this or of `fields`; a bounded number of fields per quote."""
        return {**self.model.changed_fields(), GATE_FIELD: self._gate_field()}

    def _gate_field(self) -> bytes:
        move = self.move
        return orjson.dumps(
            [
                _gate_json(self.settled),
                [_quote_json(quote) for quote in self.quotes],
                None if move is None else [move.on, move.log_return, move.price_before, move.sigma_before],
            ]
        )

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> "PriceFold":
        """The state that `fields` told. Raises ValueError where another version of the model wrote them."""
        settled, quotes, move = orjson.loads(fields[GATE_FIELD.encode()])
        fold = cls(SeriesState.from_fields(fields), _gate(settled), tuple(map(_quote, quotes)))
        if fold.quotes:
            fold.verdict = decide(fold.settled, fold.quotes[0].on, fold.quotes)
        if move is not None:
            fold.move = Move(date.fromisoformat(move[0]), *move[1:])
        return fold


def entered(quotes: Iterable[Quote]) -> list[tuple[date, float]]:
    """What a log let into the state, in order: days and prices, without the work of the model."""
    gate, found, day = Gate(), [], list[Quote]()
    for quote in (*quotes, None):
        if day and (quote is None or quote.on != day[0].on):
            verdict = decide(gate, day[0].on, day[:MOST_SOURCES])
            found += [(entry.quote.on, entry.quote.price) for entry in verdict.entries]
            gate, day = verdict.after, []
        if quote is not None:
            day.append(quote)
    return found


def _quote_json(quote: Quote) -> list[Any]:
    return [quote.on, quote.source, quote.price, *([quote.rates] if quote.rates else [])]


def _quote(said: list[Any]) -> Quote:
    on, source, price, *rates = said
    return Quote(date.fromisoformat(on), source, price, tuple(rates[0]) if rates else ())


def _gate_json(gate: Gate) -> list[Any]:
    waiting = gate.waiting
    return [
        None if gate.last is None else _quote_json(gate.last),
        gate.primary,
        None if waiting is None else [_quote_json(waiting.quote), waiting.reason, waiting.sentence, waiting.rivals],
        [_quote_json(quote) for quote in gate.others.values()],
        sorted(gate.discredited),
        gate.gaps,
        gate.kept_out,
    ]


def _gate(said: list[Any]) -> Gate:
    last, primary, waiting, others, discredited, gaps, kept_out = said
    return Gate(
        last=None if last is None else _quote(last),
        primary=primary,
        waiting=None if waiting is None else Waiting(_quote(waiting[0]), waiting[1], waiting[2], tuple(waiting[3])),
        others={quote.source: quote for quote in map(_quote, others)},
        discredited=frozenset(discredited),
        gaps=tuple(gaps),
        kept_out=kept_out,
    )
