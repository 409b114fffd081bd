"""Which series prices what, and how money changes currency."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.domain.matching import Choice, Market
from shared.contracts.price import PriceIndex
from tests.unit.pricing_risk.domain.made_inputs import TODAY, exchange, market, series


def chosen(at: Market, *elements: str, **how: object) -> Choice:
    choice = at.choose(elements or ("Dy",), how.get("form", "oxide"), how.get("market", "EX_CN"), TODAY, how.get("index"))  # type: ignore[arg-type]
    assert choice is not None
    return choice


def test_the_goods_own_market_goes_first_and_another_is_said() -> None:
    inside, outside = series(market="CN", currency="CNY", price="1700"), series()
    assert chosen(market(inside, outside)).view is outside
    assert chosen(market(inside, outside), market="CN").view is inside
    stand_in = chosen(market(inside))
    assert stand_in.view is inside
    assert stand_in.reasons == ("Dy outside China has no series; the price inside China stands in for it.",)


def test_what_was_paid_goes_before_what_is_asked() -> None:
    ask, assessed, paid = series(basis="ask"), series(), series(basis="transacted")
    assert chosen(market(ask, assessed, paid)).view is paid
    assert chosen(market(ask, assessed)).view is assessed


def test_the_contracts_index_goes_before_everything() -> None:
    oxide, inside = series(), series(form="metal", market="CN", currency="CNY")
    named = PriceIndex(material="Dy", form="metal", market="CN")
    assert chosen(market(oxide, inside), index=named) == Choice(inside)
    missing = chosen(market(oxide), index=named)
    assert missing.view is oxide
    assert "index of the contract is not among the series" in missing.reasons[0]


def test_a_series_of_several_elements_prices_those_and_stands_in_for_one() -> None:
    pair = series("NdPr", "Nd Pr", price="100")
    assert chosen(market(pair), "Nd", "Pr").reasons == ()
    assert chosen(market(pair), "Nd").reasons == ("Nd has no series of its own; that of NdPr stands in for it.",)
    own = series("Nd", "Nd", price="90")
    assert chosen(market(pair, own), "Nd").view is own
    assert market(own).choose(("Nd", "Pr"), "oxide", "EX_CN", TODAY) is None


def test_an_annual_reference_comes_last_and_tells_no_risk() -> None:
    annual, other_market = series(sigma_1d=None), series(market="CN", currency="CNY")
    assert chosen(market(annual, other_market)).view is other_market
    alone = market(annual)
    assert "annual reference" in chosen(alone).reasons[0]
    assert alone.risk(annual, 20) is None


def test_a_dead_series_gives_way_to_one_that_is_kept_up() -> None:
    dead, ask = series(as_of=date(2026, 3, 1)), series(basis="ask")
    assert chosen(market(dead, ask)).view is ask


def test_nothing_prices_what_no_series_is_of() -> None:
    assert market(series()).choose(("Tb",), "oxide", "EX_CN", TODAY) is None


@given(rate=st.decimals("0.001", "1000", places=4), amount=st.integers(1, 10**9))
def test_there_and_back_is_the_same_money(rate: object, amount: int) -> None:
    at = market(exchange("USD", "EUR", str(rate)))
    there, back = at.rate("USD", "EUR"), at.rate("EUR", "USD")
    assert there is not None
    assert back is not None
    assert float(amount * there.rate * back.rate) == pytest.approx(amount, rel=1e-12)


def test_two_rates_lead_over_a_third_currency_and_none_is_made_up() -> None:
    at = market(exchange("CNY", "USD", "0.14"), exchange("USD", "EUR", "0.9"))
    over = at.rate("CNY", "EUR")
    assert over is not None
    assert float(over.rate) == pytest.approx(0.126)
    assert [view.material for view, _ in over.legs] == ["CNY", "USD"]
    assert at.rate("CNY", "JPY") is None


@given(days=st.lists(st.integers(0, 900), min_size=2, max_size=2).map(sorted), sigma=st.floats(0.0001, 0.2))
def test_waiting_longer_is_never_less_of_a_risk(days: list[int], sigma: float) -> None:
    view = series(sigma_1d=sigma)
    at = market(view)
    sooner, later = at.risk(view, days[0]), at.risk(view, days[1])
    assert sooner is not None
    assert later is not None
    assert later.rise_95 >= sooner.rise_95
    assert later.shortfall_975 >= sooner.shortfall_975
    assert sooner.rise_95 <= sooner.rise_99


@pytest.mark.parametrize(("days", "times"), [(1, 3), (14, 3), (126, 25), (252, 50), (900, 50)])
def test_a_jump_of_yesterday_carried_over_a_year_says_no_more_than_has_ever_happened(days: int, times: float) -> None:
    view = series(sigma_1d=0.4)  # as the day after a confirmed rise by a factor of ten
    risk = market(view).risk(view, days)
    assert risk is not None
    assert max(risk.rise_95, risk.rise_99, risk.shortfall_975) <= (times - 1) * (1 + 1e-12)
    if days > 20:
        assert risk.shortfall_975 == pytest.approx(times - 1)


def test_a_rate_read_backwards_risks_what_it_does_the_right_way_round() -> None:
    at = market(exchange("EUR", "USD", "1.1", sigma_1d=0.005))
    rate = at.rate("USD", "EUR")
    assert rate is not None
    there = at.rate_risk(rate, 20)
    assert there is not None
    assert there.rise_95 > 0.03
