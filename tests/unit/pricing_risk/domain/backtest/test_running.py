from datetime import date, timedelta

import numpy as np
import pytest

from services.pricing_risk.domain.backtest import running
from services.pricing_risk.domain.backtest.running import GARCH, HISTORICAL, STREAMING, Backtest, TooShort, run
from services.pricing_risk.domain.gate import Quote
from services.pricing_risk.domain.price_log import PriceFold
from services.pricing_risk.domain.synthetic import PROFILES, generate
from services.pricing_risk.domain.view import SeriesIdentity, at_horizon, series_view

START = date(2020, 1, 6)


def past(days: int, seed: int = 1) -> tuple[list[date], list[float]]:
    quotes = generate(PROFILES["NdPr metal"], days, seed, START, 500.0)
    return [day for day, _ in quotes], [price for _, price in quotes]


def ran(days: list[date], prices: list[float], horizons: list[int], since: date | None = None) -> Backtest:
    return run(days, prices, horizons, since=since, ticked=lambda: None)


def test_no_forecast_knows_what_comes_after_it() -> None:
    """Another future changes no forecast that was made before it, of no model."""
    days, prices = past(600)
    other = [*prices[:500], *(price * 1.7 for price in prices[500:])]
    first, second = ran(days, prices, [20]), ran(days, other, [20])
    one, two = first.horizons[0].bounds.bound_95, second.horizons[0].bounds.bound_95
    assert np.array_equal(one[150:500], two[150:500])
    assert not np.array_equal(one[500:], two[500:])
    assert first.horizons[0].models[1].score != second.horizons[0].models[1].score, "but what came is another"


def test_rivals_know_no_future_either() -> None:
    _, prices = past(600)
    log_prices = np.log(prices)
    other = log_prices.copy()
    other[500:] += 0.5
    for model in (running.rivals.riskmetrics, running.rivals.historical):
        assert np.array_equal(model(log_prices, 20).bound_99[:500], model(other, 20).bound_99[:500], equal_nan=True)
    before, after = (running.rivals.garch(running.rivals.garch_path(each), 20).bound_99[100:500] for each in (log_prices, other))
    assert np.array_equal(before, after)


def test_the_streaming_model_says_what_production_says() -> None:
    days, prices = past(300)
    fold = PriceFold()
    for day, price in zip(days, prices, strict=True):
        fold.add(Quote(day, "feed", price))
    view = series_view(SeriesIdentity("id", "NdPr", "metal", "CN", "assessed", "CNY", ["Nd", "Pr"]), fold.model, source="feed")
    assert view is not None
    assert ran(days, prices, [20]).horizons[0].bounds.bound_99[-1] == at_horizon(view, 20).bound_99


def test_earlier_forecasts_do_not_count_but_earlier_prices_do() -> None:
    days, prices = past(800)
    whole, late = ran(days, prices, [20]), ran(days, prices, [20], since=days[600])
    assert (late.horizons[0].first, late.horizons[0].forecasts) == (days[600], 180)
    assert np.array_equal(whole.horizons[0].bounds.bound_95[600:], late.horizons[0].bounds.bound_95[600:])


def test_the_burn_in_is_said_and_shorter_where_the_past_is() -> None:
    assert (running.burn_in_of(5000), running.burn_in_of(400)) == (250, 100)
    result = ran(*past(400), [20])
    assert result.burn_in == 100
    assert result.horizons[0].first == past(400)[0][100]


def test_a_day_whose_price_waits_at_the_gate_is_judged_of_no_model_yet_it_is_an_outcome() -> None:
    days, prices = past(400)
    spoiled = [*prices]
    spoiled[300] *= 4
    result = ran(days, spoiled, [20])
    assert result.streamed.kept_out == 1
    assert not result.streamed.entered[300]
    assert result.horizons[0].forecasts == ran(days, prices, [20]).horizons[0].forecasts - 1
    without = ran([*days[:300], *days[301:]], [*prices[:300], *prices[301:]], [20])
    assert np.array_equal(result.horizons[0].bounds.bound_95[301:], without.horizons[0].bounds.bound_95[300:])
    own = result.horizons[0].models[0].score
    assert own is not None
    assert own.exceeded_99_percent > 0


def test_a_past_too_short_for_one_horizon_serves_the_other() -> None:
    result = ran(*past(150), [20, 63])
    assert [at.horizon for at in result.horizons] == [20]
    assert "126 are needed" in result.too_short[0]
    remarks = {model.name: model.remark for model in result.horizons[0].models}
    assert remarks == {STREAMING: None, "RiskMetrics": None, HISTORICAL: "too short a past", GARCH: "too short a past"}


@pytest.mark.parametrize(("count", "since"), [(40, None), (600, START + timedelta(days=3650))])
def test_a_past_too_short_for_every_horizon_is_refused(count: int, since: date | None) -> None:
    with pytest.raises(TooShort, match="are needed"):
        ran(*past(count), [20, 63], since)


def test_a_price_that_never_moves_has_no_garch_and_nothing_to_lose() -> None:
    days, _ = past(500)
    result = ran(days, [80.0] * 500, [20])
    by_name = {model.name: model for model in result.horizons[0].models}
    assert by_name[GARCH].score is None
    assert by_name[GARCH].remark == "did not converge"
    own = by_name[STREAMING].score
    assert own is not None
    assert own.exceeded_95_percent == 0
