"""Price lists of all kinds become ticks; every row is answered."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.domain.received import Unreadable
from services.gateway.formats.prices import Assumed, read_prices
from services.gateway.formats.rows import ReadRow, RefusedRow
from shared.contracts.price import LONGEST_SERIES_ID, PriceTick, series_id

SAMPLES = Path(__file__).resolve().parents[5] / "shared/samples/prices"

TICK: dict[str, Any] = {
    "material": "Dy",
    "form": "oxide",
    "market": "EX_CN",
    "basis": "assessed",
    "price": "850",
    "currency": "USD",
    "unit": "kg",
    "as_of": "2025-05-06",
    "source": "desk",
}


def read_json(*rows: dict[str, Any], **assumed: Any) -> list[ReadRow[PriceTick] | RefusedRow]:
    data = json.dumps([{name: value for name, value in row.items() if value is not ...} for row in rows]).encode()
    return list(read_prices(data, "application/json", None, Assumed(**assumed)))


def read_csv(text: str, **assumed: Any) -> list[ReadRow[PriceTick] | RefusedRow]:
    return list(read_prices(text.encode(), "text/csv", None, Assumed(**assumed)))


def only(found: list[ReadRow[PriceTick] | RefusedRow]) -> PriceTick:
    (entry,) = found
    assert isinstance(entry, ReadRow), entry
    return entry.row


def refusal(row: dict[str, Any], **assumed: Any) -> str:
    (entry,) = read_json(row, **assumed)
    assert isinstance(entry, RefusedRow), entry
    return " ".join(entry.reasons)


def test_a_tick_as_the_contract_writes_it_stays_as_it_is() -> None:
    assert only(read_json(TICK)) == PriceTick.model_validate(TICK)


def test_a_press_table_is_read_by_its_words() -> None:
    table = (
        "date,product,grade,market,low,high,mid,unit,basis,source\n"
        "2025-05-06,Dysprosium oxide,99.5%,Europe,700,1000,,USD/kg,Argus assessment,press\n"
        "2025-06-05,Yttrium oxide,,China domestic,48000,52000,50000,CNY/t,SMM,press\n"
        "2025-12-15,Yttrium oxide,,Rotterdam ask,350,350,350,USD/kg,,press\n"
    )
    europe, china, ask = (entry.row for entry in read_csv(table, basis="assessed", tax="included") if isinstance(entry, ReadRow))
    assert (europe.material, europe.form, europe.purity_percent, europe.price) == ("Dy", "oxide", Decimal("99.5"), 850)
    assert (europe.market, europe.location, europe.basis, europe.tax) == ("EX_CN", "Europe", "assessed", None)
    assert (china.market, china.currency, china.unit, china.tax) == ("CN", "CNY", "t", "included")
    assert ask.basis == "ask"
    assert series_id(ask) == "Y/oxide/-/EX_CN/ask/USD/-"


def test_chinese_headers_products_and_units_are_read() -> None:
    tick = only(read_csv("日期,品名,均价,单位\n2026-01-08,氧化镝,171,万元/吨\n", market="CN", basis="assessed", tax="included", source="s"))
    assert (tick.material, tick.form, tick.price, tick.currency, tick.unit) == ("Dy", "oxide", 1_710_000, "CNY", "t")


def test_a_column_that_names_money_and_unit_needs_no_unit() -> None:
    said = {"material": "NdPr metal", "market": "CN", "basis": "assessed", "tax": "included", "source": "s"}
    tick = only(read_csv("date,price_cny_per_t\n2020-08-13,417000\n", **said))
    assert (tick.material, tick.form, tick.price, tick.currency, tick.unit) == ("NdPr", "metal", 417000, "CNY", "t")


def test_a_name_that_means_nothing_is_told_once() -> None:
    entries = read_csv(
        "date,price,colour\n2025-05-06,1,red\n2025-05-07,2,blue\n", **{k: v for k, v in TICK.items() if k not in ("price", "as_of")}
    )
    assert [entry.ignored for entry in entries if isinstance(entry, ReadRow)] == [("colour",), ()]


def test_an_exchange_rate_may_be_a_pair() -> None:
    tick = only(read_json({"product": "CNY/USD", "rate": 0.1402, "date": "2026-11-20", "source": "ecb"}, unit="kg", tax="included"))
    assert (tick.material, tick.currency, tick.market, tick.form, tick.unit, tick.tax) == ("CNY", "USD", "FX", "currency", None, None)
    assert tick.price == Decimal("0.1402")


def test_a_span_is_its_middle() -> None:
    assert only(read_json({**TICK, "price": "700-1000"})).price == 850
    assert only(read_json({**TICK, "price": ..., "low": "700", "high": 1000})).price == 850


def test_a_withdrawal_needs_no_price() -> None:
    assert only(read_json({**TICK, "price": ..., "withdrawn": True})).withdrawn


def test_zero_and_negative_prices_are_passed_on_with_a_word() -> None:
    for price in ("0", "-37.63"):
        (entry,) = read_json({**TICK, "price": price})
        assert isinstance(entry, ReadRow)
        assert "held back and counted" in entry.warnings[0]


def test_a_price_of_unknown_content_is_told_to_value_nothing() -> None:
    (entry,) = read_json({**TICK, "material": "NdPr", "form": "magnet"})
    assert isinstance(entry, ReadRow)
    assert "How much NdPr is in the magnet is not said" in entry.warnings[0]
    (entry,) = read_json({**TICK, "material": "Brent", "form": "compound", "unit": "bbl"})
    assert isinstance(entry, ReadRow)
    assert "values no order line" in entry.warnings[0]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"price": "NaN"}, "/price"),
        ({"price": "Infinity"}, "/price"),
        ({"price": "n/a"}, '/price is "n/a"'),
        ({"price": True}, "/price"),
        ({"price": "445,000"}, 'can be two numbers; say decimal as "." or ","'),
        ({"price": ..., "low": "1"}, "not both a low and a high"),
        ({"price": ...}, "The row has no price; give price, or low and high."),
        ({"unit": "furlong"}, 'The unit is "furlong", and it is not known here; give one of g, kg, t'),
        ({"unit": "ton"}, "a ton can be three things"),
        ({"unit": "bbl"}, "The unit bbl is no mass"),
        ({"unit": ...}, "does not say its unit"),
        ({"unit": "EUR/kg"}, "is in EUR, the currency USD"),
        ({"currency": "XQZ"}, 'The currency "XQZ" is not known here'),
        ({"currency": "CNY"}, "has to say whether value-added tax is in it"),
        ({"currency": "EUR", "tax": "included"}, "the rate is not said; give tax_percent"),
        ({"tax": "included", "tax_percent": "130"}, "A tax_percent of 130 cannot be"),
        ({"contained_percent": "0"}, "A contained_percent of 0 cannot be"),
        ({"market": "Atlantis"}, "does not say its market (CN, EX_CN or FX)"),
        ({"basis": "rumour"}, "does not say its basis (ask, assessed, transacted, volume_backed)"),
        ({"form": "soup"}, "does not say its form"),
        ({"as_of": "06/05/2025"}, "can be two days"),
        ({"as_of": "46347"}, "mostly for 2026-11-21"),
        ({"as_of": 1746489600}, "/as_of"),
        ({"as_of": "2025-13-01"}, "/as_of"),
        ({"source": ...}, "does not say its source"),
        ({"material": "USD", "market": "FX", "tax": "included", "form": ...}, "neither unit nor tax"),
        ({"material": "Dy", "market": "FX", "unit": ..., "form": ...}, "is the currency that is bought; Dy is none"),
        ({"material": "USD", "market": "FX", "unit": ..., "form": ...}, "against itself"),
    ],
)
def test_what_cannot_be_a_price_is_refused_with_what_to_do(said: dict[str, Any], told: str) -> None:
    assert told in refusal({**TICK, **said})


def test_the_decimal_mark_and_the_order_of_days_may_be_said() -> None:
    (entry,) = read_json({**TICK, "price": "445,000", "as_of": "06/05/2025"}, decimal=".", dates="DMY")
    assert isinstance(entry, ReadRow)
    assert (entry.row.price, entry.row.as_of.isoformat()) == (445000, "2025-05-06")


def test_what_a_row_says_goes_before_what_is_assumed() -> None:
    assert only(read_json(TICK, market="CN", basis="ask", currency="CNY", unit="t", material="La")) == PriceTick.model_validate(TICK)


def test_a_table_without_days_is_refused_as_a_whole() -> None:
    with pytest.raises(Unreadable, match="as_of"):
        read_csv("material,price\nDy,1\n")


SAID_FOR_SAMPLES: dict[str, dict[str, str]] = {
    "Nd_oxide_CN_daily_2013_2024.csv": {"material": "Nd", "form": "oxide", "market": "CN", "tax": "included"},
    "La_oxide_CN_daily_2013_2024.csv": {"material": "La", "form": "oxide", "market": "CN", "tax": "included"},
    "NdPr_metal_CN_daily_2020_2026.csv": {"material": "NdPr", "form": "metal", "market": "CN", "tax": "included"},
    "Brent_daily_1987_2026.csv": {"material": "Brent", "form": "compound", "market": "EX_CN", "currency": "USD", "unit": "bbl"},
    "HenryHub_daily_1997_2026.csv": {"material": "HenryHub", "form": "compound", "market": "EX_CN", "currency": "USD", "unit": "MMBtu"},
    "event_price_points_2023_2026.csv": {"form": "oxide", "market": "EX_CN", "tax": "included"},
    "USGS_MCS2026_annual_prices_2021_2025.csv": {"form": "metal", "market": "EX_CN"},
}


@pytest.mark.parametrize("name", SAID_FOR_SAMPLES)
def test_real_price_files_are_read(name: str) -> None:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    assumed = Assumed.model_validate({"basis": "assessed", "source": "sample", **SAID_FOR_SAMPLES[name]})
    entries = list(read_prices(path.read_bytes(), "text/csv", None, assumed))
    refused = [entry for entry in entries if isinstance(entry, RefusedRow)]
    empty = ("The row has no price", "NA", "can be three things")
    assert all(any(word in reason for word in empty) for entry in refused for reason in entry.reasons), refused[:3]
    assert len(refused) <= len(entries) // 20


names = st.sampled_from(
    ["date", "price", "low", "high", "product", "market", "unit", "currency", "tax", "grade", "basis", "source", "x", "price_cny_per_t"]
)
texts = st.sampled_from(
    ["Nd oxide", "2025-05-06", "CNY/t", "FOB China", "1,5", "-3", "NaN", "CNY/USD", "FX", "99.5%", "incl. VAT", "ton", "2024"]
) | st.text(max_size=12)
values = (
    texts
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.lists(texts, max_size=2)
    | st.dictionaries(names, texts, max_size=2)
)


@given(rows=st.lists(st.dictionaries(names, values, max_size=10), max_size=5), filled=st.booleans())
@settings(max_examples=200)
def test_every_row_of_whatever_json_is_answered(rows: list[dict[str, Any]], filled: bool) -> None:
    assumed = Assumed(material="Nd", form="oxide", market="CN", basis="ask", currency="USD", unit="kg", source="s") if filled else Assumed()
    for row in rows:
        data = json.dumps(row).encode()
        (entry,) = read_prices(data, "application/x-ndjson", None, assumed)
        if isinstance(entry, RefusedRow):
            assert entry.reasons
            assert all(reason.endswith((".", "…")) for reason in entry.reasons), entry.reasons
        else:
            assert entry.row.price.is_finite()
            assert entry.row.market == "FX" or entry.row.unit is not None


@given(cells=st.lists(st.lists(texts, min_size=1, max_size=6), max_size=4), header=st.lists(names, min_size=1, max_size=6))
@settings(max_examples=200)
def test_every_row_of_whatever_table_is_answered(cells: list[list[str]], header: list[str]) -> None:
    quoted = [[cell.replace('"', "").replace("\r", "").replace("\n", "") for cell in row] for row in cells]
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in [["date", *header], *quoted])
    entries = list(read_prices(text.encode(), "text/csv", None, Assumed(basis="ask")))
    assert len(entries) == sum(any(cell.strip() for cell in row) for row in quoted)


@pytest.mark.parametrize("field", ["currency", "unit", "price", "as_of", "basis", "detail", "\ud800"])
def test_half_a_character_is_told_in_words_that_can_be_sent(field: str) -> None:
    told = refusal({**TICK, field: "\ud800"})
    assert "half a character" in told
    assert told.encode()


def test_the_name_of_a_series_is_no_longer_than_alerts_can_say() -> None:
    assert refusal({**TICK, "material": "x" * 140}).startswith("Material, form, purity")
    fits = only(read_json({**TICK, "material": "x" * 100}))
    assert len(series_id(fits)) <= LONGEST_SERIES_ID
