"""Conditions of prices: they fire once, tell one occurrence from another, and end with a reason."""

from datetime import UTC, date, datetime, timedelta

from services.pricing_risk.domain.gate import Quote
from services.pricing_risk.domain.price_alerts import STALE, WHILE_RECENT, Kind, Raised, Standing, is_recent, turn, withdrawn
from services.pricing_risk.domain.price_log import PriceFold
from shared.contracts.price_series import PremiumView

FIRST = date(2026, 1, 5)
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)


def standing(*prices: float, premium: float | None = None, premium_open: bool = False) -> Standing:
    fold, _ = PriceFold.of([Quote(FIRST + timedelta(days=day), "smm", price) for day, price in enumerate(prices)])
    view = None
    if premium is not None:
        view = PremiumView(inside_series="inside", percent=premium, mean_log=0.05, regime="calm", since=FIRST)
    return Standing("Nd/oxide", "Nd oxide", "CNY", fold, view, premium_open)


def firing(of: Standing) -> dict[Kind, Raised]:
    return turn(of, {}, WHILE_RECENT, NOW)[1]


def test_a_quiet_price_needs_no_attention() -> None:
    assert firing(standing(100, 100.5, 100, 101, 101)) == {}


def test_a_condition_that_lasts_is_told_once() -> None:
    jumped = standing(100, 100, 115)
    notices, raised = turn(jumped, {}, WHILE_RECENT, NOW)
    assert {(notice.kind, notice.state) for notice in notices} >= {("price_jump", "firing")}
    assert turn(jumped, raised, WHILE_RECENT, NOW + timedelta(days=1)) == ([], raised)


def test_another_jump_ends_the_one_before() -> None:
    _, raised = turn(standing(100, 100, 115), {}, ["price_jump"], NOW)
    notices, after = turn(standing(100, 100, 115, 160), raised, ["price_jump"], NOW + timedelta(days=1))
    assert [notice.state for notice in notices] == ["resolved", "firing"]
    assert [notice.since for notice in notices] == [NOW, NOW + timedelta(days=1)]
    assert after["price_jump"].severity == "critical"


def test_a_rise_that_goes_on_is_told_again_but_not_with_every_alarm() -> None:
    prices, raised, said = [100.0 + 0.3 * (-1) ** day for day in range(200)], dict[Kind, Raised](), 0
    for _ in range(60):
        prices.append(prices[-1] * 1.01)
        notices, raised = turn(standing(*prices), raised, ["price_regime"], NOW)
        said += sum(notice.state == "firing" for notice in notices)
    assert standing(*prices).fold.model.regime_state.alarms_up > 3
    assert said in (2, 3)
    assert "again on" in turn(standing(*prices), {}, ["price_regime"], NOW)[0][0].cause


def test_a_small_move_of_a_very_quiet_price_is_no_jump() -> None:
    assert "price_jump" not in firing(standing(*[100.0] * 200, 104.0))


def test_a_premium_opens_above_a_quarter_and_closes_below_a_fifth() -> None:
    assert "price_premium" not in firing(standing(100, premium=24.0))
    assert firing(standing(100, premium=26.0))["price_premium"].severity == "warning"
    assert firing(standing(100, premium=280.0))["price_premium"].severity == "critical"
    assert "price_premium" in firing(standing(100, premium=21.0, premium_open=True))
    assert "price_premium" not in firing(standing(100, premium=19.0, premium_open=True))


def test_a_price_is_stale_by_its_own_rhythm_and_the_cause_says_whether_anything_came() -> None:
    late = datetime(2026, 1, 30, 12, tzinfo=UTC)
    (notice,) = turn(standing(100, 100, 100), {}, [STALE], late)[0]
    assert "Nothing has come since" in notice.cause
    (held_back,) = turn(standing(100, 100, 100, 100_000), {}, [STALE], late)[0]
    assert "held back" in held_back.cause


def test_a_price_that_never_moves_is_told_of_without_alarm() -> None:
    stuck = standing(*[100.0] * 62)
    now = datetime.combine(FIRST + timedelta(days=62), datetime.min.time(), UTC)
    assert turn(stuck, {}, [STALE], now)[1][STALE].severity == "info"


def test_what_is_long_past_is_no_news() -> None:
    assert is_recent(FIRST, FIRST + timedelta(days=10))
    assert not is_recent(FIRST, FIRST + timedelta(days=11))


def test_all_alerts_end_with_the_series() -> None:
    raised = firing(standing(100, 100, 115))
    assert [notice.state for notice in withdrawn(raised)] == ["resolved"] * len(raised)


def test_what_is_firing_reads_back_as_it_was_kept() -> None:
    raised = Raised("sign", NOW, "warning", "It jumped.")
    sign, since, severity, summary = raised.as_json()
    assert Raised.of([sign, since.isoformat(), severity, summary]) == raised
