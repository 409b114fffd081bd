"""Price files as they come: whatever names, order, gaps and mistakes."""

import json
import math
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing_risk.backtesting import FileUnusable, draw, read_past
from services.pricing_risk.domain.backtest.running import run
from services.pricing_risk.domain.synthetic import PROFILES, generate

DAYS = (date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4))
PRICES = (10.5, 11.0, 11.25)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("date,price", "{iso},{price}"),
        ("Date,Price", "{iso},{price}"),
        ("date,mid_cny_per_t,low,high,published_avg", "{iso},{price},1,2,3"),
        ("date,low,high,published_avg", "{iso},1,2,{price}"),
        ("observation_date;PNDUSD", "{iso};{price}"),
        ("Date\tClose\tVolume", "{iso}\t{price}\t100"),
        ("日期,均价", "{iso},{price}"),
        ("Trade Date,Open,Settle (USD)", "{iso},1,{price}"),
        ('"date","price_usd_per_kg"', '"{iso}","{price}"'),
        ("as_of,price,source", "{iso}T00:00:00Z,{price},x"),
    ],
)
def test_names_of_columns(tmp_path: Path, header: str, row: str) -> None:
    rows = [row.format(iso=day.isoformat(), price=price) for day, price in zip(DAYS, PRICES, strict=True)]
    past = read_past(written(tmp_path / "a.csv", "\n".join([header, *rows]) + "\n"))
    assert (past.days, past.prices, past.remarks) == (DAYS, PRICES, {})


def test_low_and_high_alone_give_their_middle(tmp_path: Path) -> None:
    past = read_past(written(tmp_path / "a.csv", "date,low,high\n2024-01-02,10,12\n2024-01-03,11,12\n"))
    assert past.prices == (11.0, 11.5)
    assert past.column == "low and high"


@pytest.mark.parametrize(
    "days", [("25.01.2024", "26.01.2024"), ("01/25/2024", "01/26/2024"), ("25/01/2024", "26/01/2024"), ("20240125", "20240126")]
)
def test_forms_of_days(tmp_path: Path, days: tuple[str, str]) -> None:
    past = read_past(written(tmp_path / "a.csv", f"date,price\n{days[0]},1\n{days[1]},2\n"))
    assert past.days == (date(2024, 1, 25), date(2024, 1, 26))


@pytest.mark.parametrize(
    ("written_as", "price"), [('"1,234.5"', 1234.5), ('"1.234,5"', 1234.5), ('"12,5"', 12.5), ("$12.5", 12.5), ("1e3", 1000.0)]
)
def test_forms_of_numbers(tmp_path: Path, written_as: str, price: float) -> None:
    assert read_past(written(tmp_path / "a.csv", f"date,price\n2024-01-02,{written_as}\n")).prices == (price,)


@pytest.mark.parametrize(
    "held",
    [
        [{"date": "2024-01-02", "price": 1}, {"date": "2024-01-03", "price": "2.5"}],
        {"2024-01-02": 1, "2024-01-03": 2.5},
        {"prices": [{"as_of": "2024-01-02", "value": 1}, {"as_of": "2024-01-03", "value": 2.5}]},
        {"unit": "CNY/t", "DyFe": {"2024-01-02": 1, "2024-01-03": 2.5}},
    ],
)
def test_forms_of_json(tmp_path: Path, held: object) -> None:
    past = read_past(written(tmp_path / "a.json", json.dumps(held)))
    assert (past.days, past.prices) == (DAYS[:2], (1.0, 2.5))


def test_lines_of_json(tmp_path: Path) -> None:
    assert read_past(written(tmp_path / "a.ndjson", '{"date":"2024-01-02","price":1}\n{"date":"2024-01-03","price":2}\n')).prices == (
        1.0,
        2.0,
    )


def test_one_of_several_series_is_named(tmp_path: Path) -> None:
    file = written(tmp_path / "a.json", json.dumps({"Nd": {"2024-01-02": 1}, "Dy": {"2024-01-02": 7}}))
    assert read_past(file, "Dy").prices == (7.0,)
    with pytest.raises(FileUnusable, match=r"holds 'Nd', 'Dy'; say which with --column"):
        read_past(file)


def test_what_is_wrong_with_rows_is_counted_and_said(tmp_path: Path) -> None:
    text = """date,price
2024-01-02,10
2024-01-03,
2024-01-04,-37.6
2024-01-05,0
2024-01-08,nan
2024-01-09,inf
2024-01-10,ten
not a day,10
2024-01-11,11
2024-01-11,11
2024-01-12,12
2024-01-12,12.5
2024-01-16,13
2024-01-15,12.9
"""
    past = read_past(written(tmp_path / "a.csv", text))
    assert [day.day for day in past.days] == [2, 11, 12, 15, 16]
    assert past.prices == (10.0, 11.0, 12.5, 12.9, 13.0)
    assert past.remarks == {
        "without a price": 2,
        "with a price of zero or below": 2,
        "whose price is no number": 2,
        "without a day": 1,
        "that repeat a day with the same price": 1,
        "replaced by a later one of the same day": 1,
        "behind a later day, put in their place": 1,
    }


def test_the_latest_day_may_stand_first(tmp_path: Path) -> None:
    past = read_past(written(tmp_path / "a.csv", "date,price\n2024-01-04,3\n2024-01-03,2\n2024-01-02,1\n"))
    assert (past.prices, past.remarks) == ((1.0, 2.0, 3.0), {})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("date,price\n", "holds no rows"),
        ("2024-01-02,5\n2024-01-03,6\n", "has no column of days"),
        ("date,a,b\n2024-01-02,5,6\n", "has no column that is called a price"),
        ("date,price\nx,5\n", "has no row with a day in `date` and a price in `price`: rows 1 without a day"),
        ("date,price\n" + "".join(f"2024-01-{day:02},{price}\n" for day in range(2, 9) for price in (5, 60)), "more than one series"),
        ('{"a": 1}', "is JSON, but not prices by day"),
        ("[1, 2", "is not JSON"),
        ("[" * 100_000, "JSON"),
    ],
)
def test_files_that_cannot_be_used_say_why(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(FileUnusable, match=sentence):
        read_past(written(tmp_path / "a.csv", text))


def test_what_is_not_text_or_not_there_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04\xff\xfe\x00")
    with pytest.raises(FileUnusable, match="is not text in UTF-8"):
        read_past(tmp_path / "a.xlsx")
    with pytest.raises(FileUnusable, match="No such file"):
        read_past(tmp_path / "b.csv")
    with pytest.raises(FileUnusable, match="Is a directory"):
        read_past(tmp_path)


def test_a_column_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", "date,price,low\n2024-01-02,5,4\n")
    assert read_past(file, "LOW").prices == (4.0,)
    with pytest.raises(FileUnusable, match=r"no column 'mid'; it has 'date', 'price', 'low'"):
        read_past(file, "mid")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        past = read_past(file)
    except FileUnusable:
        return
    assert all(price > 0 and math.isfinite(price) for price in past.prices)


@given(
    st.dictionaries(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.floats(1e-6, 1e9), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_prices_come_back_in_the_order_of_days(tmp_path_factory: pytest.TempPathFactory, prices: dict[date, float], random: object) -> None:
    rows = list(prices.items())
    random.shuffle(rows)  # type: ignore[attr-defined]
    file = tmp_path_factory.getbasetemp() / "shuffled.csv"
    file.write_text("Day,Value\n" + "".join(f"{day},{price!r}\n" for day, price in rows))
    past = read_past(file)
    assert dict(zip(past.days, past.prices, strict=True)) == prices
    assert list(past.days) == sorted(past.days)


def test_the_picture_is_a_png_of_every_horizon(tmp_path: Path) -> None:
    quotes = generate(PROFILES["DyFe"], 400, 3, date(2024, 1, 1), 1_350_000.0)
    file = written(tmp_path / "镝铁.csv", "date,price\n" + "".join(f"{day},{price}\n" for day, price in quotes))
    past = read_past(file)
    both = run(past.days, past.prices, [20, 63], since=None, ticked=lambda: None)
    draw(past, both, tmp_path / "both.png")
    data = (tmp_path / "both.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    assert width > 1200
    one = run(past.days, past.prices, [20], since=past.days[-1] - timedelta(days=200), ticked=lambda: None)
    draw(past, one, tmp_path / "one.png")
    assert int.from_bytes((tmp_path / "one.png").read_bytes()[20:24], "big") == pytest.approx(height / 2, rel=0.02)
    with pytest.raises(FileUnusable, match="cannot be written"):
        draw(past, one, tmp_path / "nowhere" / "one.png")
