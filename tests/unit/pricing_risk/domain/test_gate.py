"""The tick gate on what feeds really send: jumps, wrong units, swapped currencies, sources that disagree, sources that fall silent."""

import csv
from datetime import date, timedelta
from math import log
from pathlib import Path

import pytest

from services.pricing_risk.domain.gate import Quote, Ruling
from services.pricing_risk.domain.price_log import PriceFold, entered

FIRST = date(2026, 1, 5)
SAMPLES = Path(__file__).parents[5] / "shared/samples/prices"


def quote(day: int, price: float, source: str = "smm", rates: tuple[float, ...] = ()) -> Quote:
    return Quote(FIRST + timedelta(days=day), source, price, rates)


def prices(*quotes: Quote) -> list[float]:
    return [price for _, price in entered(quotes)]


def ruling(*quotes: Quote) -> Ruling:
    """Of the last quote, when all have come in this order."""
    fold = PriceFold()
    for each in quotes[:-1]:
        assert fold.add(each) is not None
    added = fold.add(quotes[-1])
    assert added is not None
    return added.rulings[quotes[-1].key]


@pytest.mark.parametrize(
    "moves",
    [
        [1.119],  # dysprosium-iron, 8 January 2026
        [1.146],  # bismuth, 5 June 2024
        [0.884, 1.106],  # neodymium-praseodymium, 11 and 12 January 2024: probably wrong, and within what prices do
        [1.13, 1 / 1.13],
    ],
)
def test_a_price_that_moves_as_prices_have_moved_enters(moves: list[float]) -> None:
    path = [100.0]
    for move in moves:
        path.append(path[-1] * move)
    assert prices(*(quote(day, price) for day, price in enumerate(path))) == path


def test_the_same_price_on_a_new_day_enters_and_is_told_apart() -> None:
    assert ruling(quote(0, 100), quote(1, 100)).outcome == "unchanged"


def test_a_jump_waits_and_enters_with_the_next_quote_that_stays_there() -> None:
    jump = [quote(0, 100), quote(1, 418)]
    assert ruling(*jump).outcome == "waiting"
    assert prices(*jump) == [100]
    assert prices(*jump, quote(2, 400)) == [100, 418, 400]


def test_a_jump_that_the_next_quote_takes_back_stays_out() -> None:
    fold, kept_out = PriceFold.of([quote(0, 10), quote(1, 1.94), quote(2, 10)])
    assert prices(quote(0, 10), quote(1, 1.94), quote(2, 10)) == [10, 10]
    assert kept_out[quote(1, 1.94).key].reason == "not_confirmed"
    assert fold.model.sigma_1d < 0.02
    assert fold.gate.held == 1


def test_a_jump_that_a_second_source_has_too_enters_at_once() -> None:
    assert prices(quote(0, 100), quote(1, 200, "argus"), quote(1, 210)) == [100, 210]
    assert prices(quote(0, 100), quote(1, 210), quote(1, 200, "argus")) == [100, 210]


def test_a_jump_that_another_source_contradicts_does_not_enter_by_itself() -> None:
    seen = [quote(0, 100), quote(1, 250), quote(1, 101, "argus"), quote(2, 250), quote(2, 102, "argus")]
    assert prices(*seen) == [100, 102]
    fold, kept_out = PriceFold.of(seen)
    assert fold.gate.primary == "argus"
    assert {key[1] for key in kept_out} == {"smm"}


@pytest.mark.parametrize(
    ("factor", "named"),
    [
        (1000, "a thousand"),
        (1 / 1000, "a thousand"),
        (10, "ten:"),
        (100, "a hundred"),
        (2.2046, "lb and kg"),
        (1 / 2.2046, "lb and kg"),
        (907.2, "short ton"),
        (2204.6, "lb and t"),
        (31.1, "troy ounce"),
    ],
)
def test_another_unit_is_recognised_and_never_believed_from_its_own_source(factor: float, named: str) -> None:
    price = 60 * factor * 1.01
    told = ruling(quote(0, 60), quote(1, price))
    assert (told.outcome, told.reason) == ("waiting", "unit")
    assert named in told.sentence
    assert prices(quote(0, 60), *(quote(day, price) for day in range(1, 8)), quote(8, 61)) == [60, 61]


def test_what_no_price_does_in_a_day_is_never_believed_from_its_own_source() -> None:
    assert ruling(quote(0, 60), quote(1, 1_234)).reason == "leap"
    assert prices(quote(0, 60), quote(1, 1_234), quote(2, 1_234), quote(3, 61)) == [60, 61]


def test_another_unit_enters_with_a_second_source_and_makes_no_return() -> None:
    fold, _ = PriceFold.of([quote(0, 60_000), quote(1, 60), quote(1, 61, "argus"), quote(2, 60.5)])
    assert fold.model.last_price == 60.5
    assert fold.model.sigma_1d < 0.02


def test_a_price_in_another_currency_is_recognised_by_the_exchange_rate() -> None:
    swapped = [quote(day, 60 * 7.13 * 1.005, rates=(0.14025, 0.86)) for day in (1, 2, 3)]
    told = ruling(quote(0, 60), swapped[0])
    assert (told.outcome, told.reason) == ("waiting", "currency")
    assert "another currency" in told.sentence
    assert prices(quote(0, 60), *swapped) == [60]


def test_sources_that_differ_by_three_hold_each_other_up_until_the_next_quote() -> None:
    disputed = [quote(0, 100), quote(1, 101), quote(1, 310, "argus")]
    fold, kept_out = PriceFold.of(disputed)
    assert prices(*disputed) == [100]
    assert {ruling.reason for ruling in kept_out.values()} == {"sources_disagree"}
    assert fold.gate.waiting is not None
    assert prices(*disputed, quote(2, 102)) == [100, 101, 102]
    after = PriceFold.of([*disputed, quote(2, 102), quote(3, 312, "argus"), quote(3, 103)])[0]
    assert after.model.last_price == 103, "a source found wrong does not hold up the other one again"


@pytest.mark.parametrize("price", [100.0, 0.1, 508.707080797, 1 / 3])
def test_three_times_as_much_disputes_however_it_was_rounded(price: float) -> None:
    for other in (3 * price, price * 3 * 0.8713 / 0.8713, price / 3):
        fold, kept_out = PriceFold.of([quote(0, price), quote(1, price), quote(1, other, "argus")])
        assert {ruling.reason for ruling in kept_out.values()} == {"sources_disagree"}
        assert fold.gate.waiting is not None


def test_sources_that_differ_by_three_are_settled_by_a_third() -> None:
    disputed = [quote(0, 100), quote(1, 101), quote(1, 310, "argus")]
    assert prices(*disputed, quote(1, 103, "fastmarkets")) == [100, 101]
    outvoted = [*disputed, quote(1, 320, "fastmarkets")]
    assert prices(*outvoted) == [100, 310]
    assert PriceFold.of(outvoted)[0].model.sigma_1d < 0.02, "no return is taken across two sources"


def test_two_first_sources_that_differ_by_three_wait_for_the_next_quote() -> None:
    first = [quote(0, 100), quote(0, 310, "argus")]
    assert prices(*first) == []
    assert prices(*first, quote(1, 101)) == [100, 101]


def test_a_second_source_speaks_but_does_not_lead() -> None:
    assert ruling(quote(0, 100), quote(0, 104, "argus")).outcome == "second_source"
    assert prices(quote(0, 100), quote(0, 104, "argus"), quote(1, 105, "argus"), quote(1, 101)) == [100, 101]


def test_a_silent_source_is_followed_by_another_without_a_return_between_them() -> None:
    days = [quote(day, 100) for day in range(10)]
    follower = [quote(day, 140, "argus") for day in (22, 23)]
    fold, _ = PriceFold.of([*days, *follower])
    assert fold.gate.primary == "argus"
    assert fold.model.last_price == 140
    assert fold.move is not None
    assert fold.move.log_return == 0


def test_a_monthly_source_is_not_taken_for_silent() -> None:
    monthly = [quote(30 * month, 100 + month) for month in range(6)]
    seen = sorted([*monthly, *(quote(30 * month + 15, 104, "argus") for month in range(3, 6))], key=lambda each: each.on)
    assert PriceFold.of(seen)[0].gate.primary == "smm"


def test_a_price_after_a_long_silence_makes_no_return() -> None:
    fold, _ = PriceFold.of([quote(0, 100), quote(1, 100), quote(90, 140)])
    assert fold.model.last_price == 140
    assert fold.model.sigma_1d < 0.02


def _sample(name: str, column: str) -> list[Quote]:
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip(f"the sample series {name} is not here")
    with path.open() as file:
        rows = list(csv.DictReader(file))
    day = next(iter(rows[0]))
    return [Quote(date.fromisoformat(row[day]), "sample", float(row[column])) for row in rows if row[column] and float(row[column]) > 0]


@pytest.mark.parametrize(
    ("name", "column"),
    [("NdPr_metal_CN_daily_2020_2026.csv", "price_cny_per_t"), ("La_oxide_CN_daily_2013_2024.csv", "mid_cny_per_t")],
)
def test_nothing_of_the_rare_earth_samples_is_held(name: str, column: str) -> None:
    quotes = _sample(name, column)
    assert entered(quotes) == [(each.on, each.price) for each in quotes]


def test_the_cold_snap_of_january_2024_passes_with_a_second_source_and_waits_without() -> None:
    """Henry Hub rose by 143 % (log) on 12 January 2024 and was back on the 16th: true, and yet no later quote of its own confirms it."""
    quotes = [each for each in _sample("HenryHub_daily_1997_2026.csv", "Price") if each.on.year == 2024]
    spike = date(2024, 1, 12)
    second = Quote(spike, "second", 12.9)
    assert spike not in dict(entered(quotes))
    found = dict(entered(sorted([*quotes, second], key=lambda each: each.on)))
    assert log(found[spike] / found[date(2024, 1, 11)]) == pytest.approx(1.43, abs=0.01)
    assert date(2024, 1, 16) in found
