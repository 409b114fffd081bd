"""`orestream prices backtest` as it is typed, on made-up prices, and on the real ones where they are."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import main
from services.pricing_risk.domain.synthetic import PROFILES, Move, generate

SAMPLES = Path("../shared/samples/prices")
RARE_EARTHS = ("Nd_oxide_CN_daily_2013_2024.csv", "La_oxide_CN_daily_2013_2024.csv", "NdPr_metal_CN_daily_2020_2026.csv")
OIL_AND_GAS = ("Brent_daily_1987_2026.csv", "HenryHub_daily_1997_2026.csv")
START = date(2021, 1, 4)


def quotes(path: Path, days: int, moves: tuple[Move, ...] = ()) -> Path:
    rows = generate(PROFILES["NdPr metal"], days, 7, START, 500_000.0, moves)
    path.write_text("date,price\n" + "".join(f"{day},{price}\n" for day, price in rows))
    return path


def test_a_table_for_each_horizon_and_the_bars(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["prices", "backtest", str(quotes(tmp_path / "ndpr.csv", 700))])
    assert done.exit_code == (1 if "MISSED" in done.stdout else 0)
    for said in ("700 prices from 2021-01-04", "The first 175 prices are burn-in", "20 quotation days ahead", "63 quotation days ahead"):
        assert said in done.stdout
    for model in ("Orestream", "RiskMetrics", "historical", "GARCH(1,1)"):
        assert done.stdout.count(f"│ {model} ") == 2
    assert done.stdout.count("Bars: 95 % bound exceeded on ≤ 9 % of days: met; 99 % bound on ≤ 3 %: met; pinball") == 2


def test_a_missed_bar_is_exit_code_1(tmp_path: Path) -> None:
    """A price that has hardly moved rises by half in a quarter, again and again."""
    rallies = tuple(Move(date(2022, month, 3), 55, 0.9) for month in (1, 4, 7))
    file = quotes(tmp_path / "rallies.csv", 420, rallies)
    done = CliRunner().invoke(main, ["prices", "backtest", str(file), "--horizon", "20", "--since", "2022-01-03", "--json"])
    assert done.exit_code == 1, done.output
    told = json.loads(done.stdout)
    bars = told["files"][0]["horizons"][0]["bars"]
    assert (told["met"], bars["met"], bars["exceeded_95"]) == (False, False, False)
    assert told["files"][0]["horizons"][0]["first"] == "2022-01-03"


def test_several_files_have_a_picture_each_and_those_that_cannot_be_used_are_exit_code_2(tmp_path: Path) -> None:
    good, other = quotes(tmp_path / "a.csv", 300), quotes(tmp_path / "b.csv", 300)
    bad = tmp_path / "bad.csv"
    bad.write_text("name,amount\nx,1\n")
    short = quotes(tmp_path / "short.csv", 30)
    files = [str(file) for file in (good, other, bad, short)]
    done = CliRunner().invoke(main, ["prices", "backtest", *files, "--horizon", "20", "--plot", str(tmp_path / "out.png")])
    assert done.exit_code == 2
    assert "bad.csv has no column of days among 'name', 'amount'" in done.stderr
    assert "short.csv: 30 prices leave" in done.stderr
    assert " of 2 series" in done.stdout
    assert (tmp_path / "out-a.png").exists()
    assert (tmp_path / "out-b.png").exists()


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["prices", "backtest", str(quotes(tmp_path / "a.csv", 30)), "--since", "yesterday"])
    assert done.exit_code == 2
    assert "'yesterday' is not a day" in done.stderr


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample prices are not here")
def test_bars_on_the_real_rare_earths() -> None:
    done = CliRunner().invoke(main, ["prices", "backtest", *(str(SAMPLES / name) for name in RARE_EARTHS), "--json"])
    assert done.exit_code == 0, done.output
    files = json.loads(done.stdout)["files"]
    no_worse = 0
    for file in files:
        for at in file["horizons"]:
            own = at["models"][0]
            assert own["score"]["exceeded_95_percent"] <= 9
            assert own["score"]["exceeded_99_percent"] <= 3
            assert max(own["pinball_ratio_95"], own["pinball_ratio_99"]) <= 1.5
        no_worse += all(round(at["models"][0]["pinball_ratio_95"], 2) <= 1 for at in file["horizons"])
    assert len(files) == 3
    assert no_worse >= 2, "the pinball loss is no greater than that of RiskMetrics on most of them"


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample prices are not here")
def test_bars_on_oil_and_gas_since_2021() -> None:
    files = [str(SAMPLES / name) for name in OIL_AND_GAS]
    done = CliRunner().invoke(main, ["prices", "backtest", *files, "--since", "2021-01-01", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["files"][1]["gate"]["kept_out"] > 0


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample prices are not here")
@pytest.mark.parametrize("name", ["USGS_MCS2026_annual_prices_2021_2025.csv", "event_price_points_2023_2026.csv"])
def test_what_is_no_daily_series_is_refused_with_a_reason(name: str) -> None:
    done = CliRunner().invoke(main, ["prices", "backtest", str(SAMPLES / name)])
    assert done.exit_code == 2
    assert name in done.stderr
