"""The state of a series is that of the quotes that remain, whatever came, in whatever order, and was corrected or taken back."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.pricing_risk.domain.gate import MOST_SOURCES, Quote, Ruling
from services.pricing_risk.domain.price_log import OPEN, Key, PriceFold, Tick, entered, tick_field, tick_key

FIRST = date(2026, 1, 5)

quotes = st.builds(
    Quote,
    st.integers(0, 12).map(lambda day: FIRST + timedelta(days=3 * day)),
    st.sampled_from(["smm", "argus", "fastmarkets"]),
    st.sampled_from([100.0, 100.0, 101.5, 97.25, 160.0, 210.0, 215.0, 320.0, 100_000.0, 100 / 907.18, 713.0]),
    st.sampled_from([(), (), (7.13,)]),
)
happenings = st.lists(st.tuples(st.sampled_from(["quote", "quote", "quote", "withdraw"]), quotes), max_size=40)


class Streaming:
    """A log and its fold, kept up quote by quote as they come."""

    def __init__(self) -> None:
        self.log: dict[Key, tuple[int, Quote]] = {}
        self.fold = PriceFold()
        self.kept_out: dict[Key, Ruling] = {}
        self.folded_again = 0

    def in_order(self) -> list[Quote]:
        return [quote for _, quote in sorted(self.log.values(), key=lambda each: (each[1].on, each[0]))]

    def take(self, number: int, what: str, quote: Quote) -> None:
        before = self.log.get(quote.key)
        if what == "withdraw":
            if self.log.pop(quote.key, None) is not None:
                self.fold_again()
        elif before is None or before[1] != quote:
            self.log[quote.key] = (before[0] if before else number, quote)
            added = self.fold.add(quote) if before is None else None
            if added is None:
                self.fold_again()
            else:
                self.kept_out.update(added.rulings)
                self.kept_out = {key: ruling for key, ruling in self.kept_out.items() if ruling.outcome in OPEN}
        # What a process that takes over would read.
        self.fold = PriceFold.from_fields({name.encode(): value for name, value in self.fold.fields().items()})

    def fold_again(self) -> None:
        self.folded_again += 1
        self.fold, self.kept_out = PriceFold.of(self.in_order())


@given(happenings)
@settings(max_examples=300, deadline=None)
def test_whatever_comes_the_state_is_that_of_the_quotes_that_remain(happened: list[tuple[str, Quote]]) -> None:
    streaming = Streaming()
    for number, (what, quote) in enumerate(happened):
        streaming.take(number, what, quote)
    fold, kept_out = PriceFold.of(streaming.in_order())
    assert streaming.fold.fields() == fold.fields()
    assert streaming.kept_out == kept_out
    assert len(kept_out) == fold.gate.held


@given(st.lists(quotes, max_size=40))
@settings(max_examples=200, deadline=None)
def test_what_entered_is_what_the_model_counts(said: list[Quote]) -> None:
    in_order = sorted({quote.key: quote for quote in said}.values(), key=lambda each: each.on)
    fold, _ = PriceFold.of(in_order)
    found = entered(in_order)
    assert fold.model.ticks == len(found)
    assert found == sorted(found, key=lambda each: each[0])
    if found:
        assert (fold.model.last_on, fold.model.last_price) == found[-1]


def test_quotes_in_order_are_never_folded_again() -> None:
    streaming = Streaming()
    for number in range(60):
        streaming.take(number, "quote", Quote(FIRST + timedelta(days=number), "smm", 100.0 + number % 7))
    assert streaming.folded_again == 0


def test_a_quote_writes_a_bounded_number_of_fields() -> None:
    fold = PriceFold()
    most = 0
    for number in range(400):
        fold.add(Quote(FIRST + timedelta(days=number), "smm", 100.0 + number % 7))
        most = max(most, len(fold.changed_fields()))
    assert most <= 13


def test_a_tick_reads_back_as_it_was_kept() -> None:
    tick = Tick(Quote(FIRST, "a|b", 52.125, (7.13,)), (1_700_000_000_000, 3), "850 CNY/kg", "e1", "2026-01-05T08:00:00.000000Z")
    assert Tick.decoded(tick_key(tick_field(tick.quote.key)), tick.encoded()) == tick


def crowd(count: int) -> list[Quote]:
    """Of one day, all of another price."""
    return [Quote(FIRST, f"source {number}", 100.0 + number) for number in range(count)]


def test_of_a_day_so_many_sources_are_looked_at_and_the_rest_is_held() -> None:
    streaming = Streaming()
    for number, quote in enumerate(crowd(MOST_SOURCES + 3)):
        streaming.take(number, "quote", quote)
    late = [ruling.reason for ruling in streaming.kept_out.values() if ruling.reason == "too_many_sources"]
    assert len(late) == 3
    assert len(streaming.fold.quotes) == MOST_SOURCES
    again, kept_out = PriceFold.of(streaming.in_order())
    assert (again.fields(), kept_out) == (streaming.fold.fields(), streaming.kept_out)
    assert len(entered(streaming.in_order())) == len(entered(crowd(MOST_SOURCES)))
    streaming.take(0, "withdraw", crowd(1)[0])
    assert [ruling.reason for ruling in streaming.kept_out.values()].count("too_many_sources") == 2
