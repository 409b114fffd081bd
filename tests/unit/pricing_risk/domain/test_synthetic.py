"""The generator against the fingerprints of the real series (reference, section 1.7), and the model's bounds on what it makes."""

from datetime import date
from time import perf_counter

import numpy as np
import pytest

from services.pricing_risk.domain.backtest.running import run
from services.pricing_risk.domain.synthetic import PROFILES, Move, generate

# Unchanged days, standard deviation in %, autocorrelation 1, excess kurtosis, variance ratio 20 and 60, largest and smallest return in %,
# returns observed. The reference prints neither length nor sign convention of the two FOB series; both are of 2.3 years of weekdays.
FINGERPRINTS = {
    "Nd oxide": ((0.69, 0.92, 0.42, 16.5, 4.9, 6.2, 9.6, -5.1), 2875),
    "Pr oxide": ((0.81, 0.79, 0.34, 21.7, 4.6, 6.5, 7.7, -5.2), 2875),
    "La oxide": ((0.94, 0.81, 0.05, 61, 1.8, 2.5, 9.8, -11.1), 2875),
    "NdPr metal": ((0.40, 1.56, 0.11, 17.3, 2.6, 2.8, 10.6, -11.6), 1394),
    "DyFe": ((0.57, 1.19, 0.13, 21.9, 2.6, 3.0, 11.9, -7.6), 1425),
    "Nd oxide FOB": ((0.01, 1.13, 0.18, 3.1, 3.3, 2.9, 5.7, -4.4), 560),
    "Bi FOB": ((0.00, 1.53, 0.40, 22.9, 4.7, 5.3, 14.6, -4.2), 560),
}
PATHS = 60
HALF_A_PERCENT = 0.005
"""What a share of unchanged days that is printed as .00 or .01 can be off."""
START = date(2015, 1, 5)


def fingerprint(prices: list[float]) -> list[float]:
    """As the reference took it of the real series: moments about the mean, variance ratios of overlapping returns."""
    log_prices = np.log(prices)
    returns = np.diff(log_prices)
    centred = returns - returns.mean()
    variance = float(np.mean(centred**2))

    def ratio(days: int) -> float:
        return float((log_prices[days:] - log_prices[:-days]).var() / (days * variance))

    return [
        float(np.mean(returns == 0)),
        100 * variance**0.5,
        float(np.sum(centred[1:] * centred[:-1]) / np.sum(centred**2)),
        float(np.mean(centred**4)) / variance**2 - 3,
        ratio(20),
        ratio(60),
        100 * float(returns.max()),
        100 * float(returns.min()),
    ]


@pytest.mark.parametrize("name", PROFILES)
def test_paths_as_long_as_the_real_series_have_its_fingerprint_within_a_quarter(name: str) -> None:
    """Of the median path: one path of heavy tails has kurtosis and variance ratio of its own, as the real one had."""
    wanted, returns = FINGERPRINTS[name]
    paths = [[price for _, price in generate(PROFILES[name], returns + 1, seed, START, 100_000.0)] for seed in range(PATHS)]
    measured = np.median([fingerprint(path) for path in paths], axis=0)
    for what, got, target in zip(("zeros", "sd", "acf 1", "kurtosis", "VR 20", "VR 60", "max", "min"), measured, wanted, strict=True):
        room = max(0.25 * abs(target), HALF_A_PERCENT if what == "zeros" else 0.0)
        assert abs(got - target) <= room, f"{what} of {name}: {got:.3f}, wanted {target} ± {room:.3f}"


def test_every_fingerprint_has_a_profile() -> None:
    assert set(PROFILES) == set(FINGERPRINTS)


@pytest.mark.parametrize("name", PROFILES)
def test_bounds_hold_on_synthetic_series(name: str) -> None:
    """The bars of the real series, over four made-up pasts of five and a half years: a single one of them may be all rally."""
    exceeded: dict[int, list[tuple[float, float]]] = {20: [], 63: []}
    for seed in range(4):
        quotes = generate(PROFILES[name], 1_400, seed, START, 500.0)
        result = run([day for day, _ in quotes], [price for _, price in quotes], [20, 63], since=None, ticked=lambda: None)
        for at in result.horizons:
            score = at.models[0].score
            assert score is not None
            exceeded[at.horizon].append((score.exceeded_95_percent, score.exceeded_99_percent))
    for horizon, shares in exceeded.items():
        at_95, at_99 = np.mean(shares, axis=0)
        assert at_95 <= 9, f"{name}, {horizon} days: the 95 % bound is exceeded on {at_95:.1f} % of days"
        assert at_99 <= 3, f"{name}, {horizon} days: the 99 % bound is exceeded on {at_99:.1f} % of days"


def test_the_same_arguments_give_the_same_quotes_and_another_seed_others() -> None:
    first, again, other = (generate(PROFILES["DyFe"], 300, seed, START, 1_350.0) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first[0] == (START, 1_350.0)


def test_quotes_are_of_weekdays_one_after_another() -> None:
    days = [day for day, _ in generate(PROFILES["Nd oxide"], 12, 1, date(2026, 1, 3), 50.0)]
    assert days[:6] == [date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7), date(2026, 1, 8), date(2026, 1, 9), date(2026, 1, 12)]
    assert len(set(days)) == 12


@pytest.mark.parametrize("days", [0, 1])
def test_no_days_and_one_day(days: int) -> None:
    assert len(generate(PROFILES["Nd oxide"], days, 1, START, 50.0)) == days


def test_a_move_is_in_the_quotes_when_it_is_over() -> None:
    rally = Move(date(2015, 3, 2), 60, 0.6)
    calm = dict(generate(PROFILES["Nd oxide"], 200, 5, START, 100.0))
    moved = dict(generate(PROFILES["Nd oxide"], 200, 5, START, 100.0, [rally]))
    before, after = date(2015, 2, 27), max(calm)
    assert moved[before] == calm[before]
    assert np.log(moved[after] / calm[after]) == pytest.approx(0.6, abs=0.12)


def test_years_of_several_materials_take_well_under_a_second() -> None:
    begun = perf_counter()
    for seed, profile in enumerate(PROFILES.values()):
        generate(profile, 400, seed, START, 100.0)
    assert perf_counter() - begun < 1
