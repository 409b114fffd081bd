"""The premium day by day: the same whichever price of a day comes first, and like compared with like."""

import random
from datetime import date, timedelta

from services.pricing_risk.domain.parity import Parity, inside_of

FIRST = date(2026, 1, 5)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_step_by_step_is_as_over_all_days() -> None:
    rng = random.Random(7)
    outside = {day(number): 70 + rng.random() * 20 for number in range(60) if rng.random() < 0.8}
    inside = {day(number): 60 + rng.random() * 5 for number in range(60) if rng.random() < 0.8}
    streaming = Parity("inside")
    last: dict[str, float] = {}
    for on in sorted({*outside, *inside}):
        sides = [("outside", outside), ("inside", inside)]
        rng.shuffle(sides)
        for name, prices in sides:
            if on in prices:
                last[name] = prices[on]
                if len(last) == 2:
                    assert streaming.step(on, last["outside"], last["inside"])
    batch = Parity.over("inside", outside.items(), inside.items(), lambda on: 1.0)
    assert streaming.fields() == batch.fields()
    assert streaming.view() == batch.view()
    assert Parity.from_fields({name.encode(): value for name, value in batch.fields().items()}).view() == batch.view()


def test_an_earlier_day_is_not_stepped_over() -> None:
    parity = Parity("inside")
    assert parity.step(day(3), 75, 60)
    before = parity.fields()
    assert not parity.step(day(2), 99, 60)
    assert parity.fields() == before


def test_days_without_an_exchange_rate_or_with_a_price_that_is_too_old_tell_no_premium() -> None:
    outside, inside = [(day(0), 75.0), (day(40), 75.0)], [(day(0), 60.0)]
    assert Parity.over("inside", outside, inside, lambda on: None).view() is None
    parity = Parity.over("inside", outside, inside, lambda on: 1.0)
    assert parity.on == day(0)


def test_like_is_compared_with_like() -> None:
    series = [
        "Dy/oxide/-/CN/assessed/CNY/-",
        "Dy/oxide/99.5/CN/assessed/CNY/-",
        "Dy/oxide/99.5/CN/assessed/USD/FOB",
        "Dy/metal/-/CN/assessed/USD/-",
        "Tb/oxide/99.5/CN/assessed/USD/FOB",
    ]
    assert inside_of("Dy/oxide/99.5/EX_CN/assessed/USD/CIF", series) == "Dy/oxide/99.5/CN/assessed/USD/FOB"
    assert inside_of("Dy/oxide/99.5/EX_CN/ask/EUR/-", series[:2]) == "Dy/oxide/99.5/CN/assessed/CNY/-"
    assert inside_of("Dy/compound/-/EX_CN/assessed/USD/-", series) is None
    assert inside_of("Dy/oxide/-/CN/assessed/CNY/-", series) is None
