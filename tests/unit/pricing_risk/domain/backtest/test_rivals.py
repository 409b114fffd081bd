"""The textbook models, against `arch` itself and against what their definitions give by hand."""

import math

import numpy as np
import pytest
from arch import arch_model
from arch.data import sp500
from numpy.typing import NDArray

from services.pricing_risk.domain.backtest import rivals
from services.pricing_risk.domain.view import lognormal_shortfall


@pytest.fixture(scope="module")
def percent() -> NDArray[np.float64]:
    """5,030 daily returns of the S&P 500, 1999–2018, in percent."""
    returns: NDArray[np.float64] = 100 * sp500.load()["Adj Close"].pct_change().dropna().to_numpy()
    assert len(returns) == 5030
    return returns


@pytest.mark.parametrize(
    ("specification", "log_likelihood"),
    [
        ({"p": 1, "q": 1}, -6936.72),
        ({"p": 1, "o": 1, "q": 1}, -6822.88),
        ({"p": 1, "o": 1, "q": 1, "power": 1.0, "dist": "studentst"}, -6722.15),
    ],
    ids=["GARCH", "GJR", "TARCH-t"],
)
def test_log_likelihoods_of_the_documentation_of_arch(
    percent: NDArray[np.float64], specification: dict[str, object], log_likelihood: float
) -> None:
    assert arch_model(percent, **specification).fit(disp="off").loglikelihood == pytest.approx(log_likelihood, abs=0.01)


def test_what_is_known_at_the_end_is_the_fit_of_arch_and_its_forecast(percent: NDArray[np.float64]) -> None:
    log_prices = np.concatenate([[0.0], np.cumsum(percent / 100)])
    refits = math.ceil((len(percent) + 1 - rivals.FEWEST_TO_FIT) / rivals.REFIT_EVERY)
    last_fit = rivals.FEWEST_TO_FIT + (refits - 1) * rivals.REFIT_EVERY
    path = rivals.garch_path(log_prices)
    fitted = arch_model(percent[:last_fit]).fit(disp="off")
    mean, omega, alpha, beta = fitted.params
    assert (path.fits, path.failed) == (refits, 0)
    assert path.mean[-1] == pytest.approx(mean, abs=2e-4)
    assert path.omega[-1] == pytest.approx(omega, rel=0.02)
    assert path.persistence[-1] == pytest.approx(alpha + beta, abs=1e-3)
    assert path.next_variance[last_fit] == pytest.approx(fitted.forecast(horizon=1).variance.iloc[-1, 0], rel=5e-3)
    over_20_days = fitted.forecast(horizon=20).variance.iloc[-1].sum()
    said = rivals.garch(path, 20)
    assert said.bound_95[last_fit] == pytest.approx((20 * mean + 1.644854 * math.sqrt(over_20_days)) / 100, rel=5e-3)


def test_a_price_that_never_moves_has_no_garch() -> None:
    path = rivals.garch_path(np.zeros(400))
    assert path.failed == path.fits == 2
    assert np.isnan(rivals.garch(path, 20).bound_95).all()


def test_riskmetrics_is_the_recursion_and_the_square_root_of_time() -> None:
    log_prices = np.cumsum(np.random.default_rng(5).normal(0, 0.01, 300))
    variance = float(np.diff(log_prices)[0] ** 2)
    for change in np.diff(log_prices)[1:]:
        variance = 0.94 * variance + 0.06 * float(change) ** 2
    said = rivals.riskmetrics(log_prices, 20)
    assert np.isnan(said.bound_95[0])
    assert said.bound_95[-1] == pytest.approx(1.6448536 * math.sqrt(20 * variance))
    assert said.bound_99[-1] == pytest.approx(2.3263479 * math.sqrt(20 * variance))


def test_shortfall_of_a_log_normal_price() -> None:
    """sigma 0.20, 95 %: exp(0.02) Φ(0.2 − 1.644854) / 0.05 − 1; and at 97.5 % the same formula over arrays."""
    assert lognormal_shortfall(0.20, 0.95) == pytest.approx(0.514989, abs=5e-7)
    assert lognormal_shortfall(1e-9, 0.95) == pytest.approx(0, abs=1e-8)
    log_prices = np.cumsum(np.random.default_rng(5).normal(0, 0.01, 300))
    said = rivals.riskmetrics(log_prices, 63)
    assert said.shortfall_975[-1] == pytest.approx(lognormal_shortfall(said.bound_975[-1] / 1.959963985, 0.975), rel=1e-9)


def test_history_is_of_the_returns_that_were_complete() -> None:
    """Prices that never moved and then double: the bound rises only once a return with the rise in it is complete."""
    log_prices = np.zeros(1000)
    log_prices[900:] = math.log(2)
    said = rivals.historical(log_prices, 20)
    assert np.isnan(said.bound_99[: 20 + rivals.FEWEST_IN_HISTORY - 1]).all()
    assert not said.bound_99[20 + rivals.FEWEST_IN_HISTORY - 1 : 907].any()
    assert said.bound_99[907] == pytest.approx(math.log(2)), "8 of 750 are just over 1 %"
    assert said.bound_95[-1] == 0, "20 of 750 are less than 5 %"
    assert said.shortfall_975[-1] == pytest.approx(1.0)


def test_history_fits_the_quantiles_of_numpy_from_the_first_window_to_the_last() -> None:
    log_prices = np.cumsum(np.random.default_rng(8).standard_t(4, 1200) * 0.01)
    said = rivals.historical(log_prices, 5)
    for tick in (60, 400, 753, 754, 755, 1199):
        complete = (log_prices[5 : tick + 1] - log_prices[: tick - 4])[-750:]
        assert said.bound_95[tick] == np.quantile(complete, 0.95, method="inverted_cdf")
        assert said.bound_99[tick] == np.quantile(complete, 0.99, method="inverted_cdf")
