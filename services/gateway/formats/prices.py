"""Prices as JSON (one, or an array), newline-delimited JSON, or CSV: one row per price of one day from one source.

Price lists leave out what every reader of them knows (which metal the file is of, that yuan include tax): `Assumed` says it for all rows.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, Literal, get_args

from pydantic import TypeAdapter

from services.gateway.formats import currencies, price_words, tables
from services.gateway.formats.rows import ReadRow, RefusedRow, read_rows
from shared.chemistry.formula import parse_formula
from shared.contracts.base import Contract, DecimalString, Identifier
from shared.contracts.price import LONGEST_SERIES_ID, PriceBasis, PriceForm, PriceMarket, PriceTax, PriceTick, series_id
from shared.contracts.price_unit import CONTAINED_KG, NOT_A_MASS, PRICE_UNITS


class Assumed(Contract):
    """What is said for all rows that do not say it themselves, and how numbers and days are written."""

    material: Identifier | None = None
    form: PriceForm | None = None
    substance: Identifier | None = None
    purity_percent: DecimalString | None = None
    contained_percent: DecimalString | None = None
    market: PriceMarket | None = None
    basis: PriceBasis | None = None
    currency: Identifier | None = None
    unit: Identifier | None = None
    tax: PriceTax | None = None
    tax_percent: DecimalString | None = None
    incoterm: Identifier | None = None
    source: Identifier | None = None
    decimal: Literal[".", ","] | None = None
    dates: Literal["YMD", "DMY", "MDY"] | None = None


_COLUMNS: Final = {
    "as_of": "as_of date day datum trade_date quote_date price_date quotation_date pricing_date year 日期",
    "price": "price mid midpoint mid_price average avg average_price avg_price mean close closing_price last settle settlement value rate "
    "preis 价格 均价 中间价",
    "low": "low low_price minimum min bid 最低 最低价",
    "high": "high high_price maximum max ask offer 最高 最高价",
    "material": "material product commodity metal element name produkt 品名 产品 品种",
    "detail": "detail description",
    "form": "form",
    "substance": "substance formula",
    "purity_percent": "purity_percent purity grade spec specification 规格 品位",
    "contained_percent": "contained_percent content content_percent",
    "market": "market region markt 市场 地区",
    "location": "location place",
    "basis": "basis price_basis price_type",
    "currency": "currency ccy waehrung währung 币种",
    "unit": "unit uom price_unit einheit 单位",
    "tax": "tax vat value_added_tax",
    "tax_percent": "tax_percent vat_percent tax_rate vat_rate",
    "incoterm": "incoterm incoterms delivery_terms",
    "source": "source publisher provider quelle 来源",
    "published_at": "published_at published",
    "withdrawn": "withdrawn",
}
_TARGETS: Final = {name: target for target, names in _COLUMNS.items() for name in names.split()}
_NAME_OF_DAY: Final = {"as_of": _COLUMNS["as_of"]}
"""The only column that a table cannot do without; the others are found row by row, as in JSON."""

_REQUIRED: Final = ("material", "form", "market", "basis", "price", "currency", "as_of", "source")
_NOT_OF_EXCHANGE_RATES: Final = ("substance", "purity_percent", "contained_percent", "unit", "tax", "tax_percent", "incoterm")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_DAY_NUMBER: Final = re.compile(r"[34567]\d{4}")
_FIRST_DAY_OF_SPREADSHEETS: Final = date(1899, 12, 30)
_SPAN: Final = re.compile(r"\s*(\d[\d.,]*)\s*[-–~]\s*(\d[\d.,]*)\s*")
_TAX_WORDS: Final[dict[str, PriceTax]] = {
    **dict.fromkeys(("included", "include", "incl", "including", "inclusive", "with", "yes", "true", "含税"), "included"),
    **dict.fromkeys(("excluded", "exclude", "excl", "excluding", "exclusive", "without", "ex", "net", "no", "false", "不含税"), "excluded"),
}
_MARKETS: Final = frozenset(get_args(PriceMarket))
_BASES: Final = frozenset(get_args(PriceBasis))
_FORMS: Final = frozenset(get_args(PriceForm))
_ADAPTER: Final = TypeAdapter(PriceTick)


def read_prices(data: bytes, media_type: str, charset: str | None = None, assumed: Assumed | None = None) -> Iterator["ReadPrice"]:
    """Raises Unreadable where nothing, or nothing more, can be read."""
    rows = _Rows(assumed or Assumed())
    for entry in read_rows(data, media_type, charset, _ADAPTER, "as_of", _NAME_OF_DAY, rows.shape):
        yield rows.judged(entry)


ReadPrice = ReadRow[PriceTick] | RefusedRow


class _Rows:
    """Rows one after the other, each from its own words to those of the contract."""

    def __init__(self, assumed: Assumed) -> None:
        self._decimal = assumed.decimal
        self._dates = assumed.dates
        said = assumed.model_dump(exclude_none=True, exclude={"decimal", "dates"})
        if "material" in said:
            _name_goods(said)
        self._assumed = said
        self._trouble: list[str] = []
        self._told: set[str] = set()

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        self._trouble = []
        row = self._renamed(row)
        if isinstance(row.get("as_of"), str):
            self._take_day(row)
        self._take_price(row)
        self._take_money_and_unit(row)
        _name_goods(row)
        _take_market(row)
        _take_words(row)
        exchange_rate = row.get("market", self._assumed.get("market")) == "FX"
        for name, value in self._assumed.items():
            if not (exchange_rate and name in _NOT_OF_EXCHANGE_RATES) and name != "tax":
                row.setdefault(name, value)
        if exchange_rate:
            _take_exchange_rate(row)
        self._normal_unit(row)
        if not exchange_rate and "tax" in self._assumed and (row.get("currency") == "CNY" or "tax_percent" in row):
            row.setdefault("tax", self._assumed["tax"])  # said of a mixed list, it means the prices that have to say it
        if row.get("withdrawn") in (True, "true", "True", "1", "yes"):
            row["withdrawn"] = True
            row.setdefault("price", 0)  # of what is taken back no price needs to be known
        missing = [name for name in _REQUIRED if name not in row]
        self._trouble += [_missing(name) for name in missing]
        return row

    def judged(self, entry: ReadPrice) -> ReadPrice:
        """What can be used after all checks; only the first row tells of names that mean nothing here."""
        trouble, self._trouble = self._trouble, []
        if isinstance(entry, RefusedRow):
            return RefusedRow(entry.place, entry.row_id, tuple(trouble)) if trouble else entry
        trouble += _contradictions(entry.row)
        if trouble:
            return RefusedRow(entry.place, entry.row.as_of.isoformat(), tuple(trouble))
        ignored = tuple(name for name in entry.ignored if name not in self._told)
        self._told.update(ignored)
        return ReadRow(entry.place, entry.row, ignored, (*entry.warnings, *_remarks(entry.row)))

    def _renamed(self, row: dict[str, Any]) -> dict[str, Any]:
        """Columns under the contract's names; of two that mean the same the first counts, and the other stays under its own name."""
        renamed: dict[str, Any] = {}
        for name, value in row.items():
            target, currency, unit = _column(name)
            if target is None or target in renamed:
                renamed.setdefault(name, value)
                continue
            renamed[target] = value
            if currency is not None:
                renamed.setdefault("currency", currency)
            if unit is not None:
                renamed.setdefault("unit", unit)
        return renamed

    def _take_day(self, row: dict[str, Any]) -> None:
        """The figure of a year is of its last day."""
        if _YEAR.fullmatch(row["as_of"]):
            row["as_of"] = f"{row['as_of']}-12-31"
        day = tables.day_text(row["as_of"], self._dates)
        if _DAY_NUMBER.fullmatch(row["as_of"]):
            guess = _FIRST_DAY_OF_SPREADSHEETS + timedelta(days=int(row["as_of"]))
            self._trouble.append(
                f"{row['as_of']} is how a spreadsheet counts days, mostly for {guess}; write the day as YYYY-MM-DD, or give the column the "
                "format of a date before exporting."
            )
        elif day is None:
            self._trouble.append(f"{row['as_of']} can be two days; write YYYY-MM-DD, or say dates as DMY or MDY for all rows.")
        else:
            row["as_of"] = day

    def _take_price(self, row: dict[str, Any]) -> None:
        """One number, or the middle of low and high; a span in one cell is both."""
        if isinstance(row.get("price"), str) and (span := _SPAN.fullmatch(row["price"])) is not None:
            del row["price"]
            row["low"], row["high"] = span.groups()
        for name in ("price", "low", "high"):
            if isinstance(row.get(name), str):
                number = tables.number_text(row[name], self._decimal)
                if number is None:
                    self._trouble.append(f'The {name} {row[name]} can be two numbers; say decimal as "." or "," for all rows.')
                else:
                    row[name] = number
        low, high = row.pop("low", None), row.pop("high", None)
        if "price" in row or (low is None and high is None):
            return
        numbers = [_number(low), _number(high)]
        if None in numbers:
            self._trouble.append("The row has no price, and not both a low and a high that are numbers; give the price, or both.")
        else:
            row["price"] = sum((number for number in numbers if number is not None), Decimal(0)) / 2

    def _take_money_and_unit(self, row: dict[str, Any]) -> None:
        """`unit` may be "CNY/t"; money may be counted in cents or tens of thousands."""
        for name in ("unit", "currency"):
            written = row.get(name)
            if not isinstance(written, str):
                continue
            paid, rest = price_words.money_and_unit(written) if name == "unit" else (price_words.money(written), "")
            if paid is None:
                continue
            if name == "unit":
                row["unit"] = rest
                stated = price_words.money(row["currency"]) if isinstance(row.get("currency"), str) else None
                if stated is not None and stated.currency != paid.currency:
                    self._trouble.append(
                        f"The unit {written} is in {paid.currency}, the currency {row['currency']}; correct one of the two."
                    )
            price = _number(row.get("price"))
            if price is not None and paid.times != 1:
                row["price"] = price * paid.times
            row["currency"] = paid.currency

    def _normal_unit(self, row: dict[str, Any]) -> None:
        written, currency = row.get("unit"), row.get("currency")
        if isinstance(currency, str):
            code = currencies.alphabetic(currency)
            if code is None:
                self._trouble.append(f'The currency "{currency[:60]}" is not known here; give an ISO 4217 code such as USD or CNY.')
            row["currency"] = code or currency
        if not isinstance(written, str):
            return
        unit = price_words.unit(written, row.get("currency") if isinstance(row.get("currency"), str) else None)
        if unit is None:
            told = "a ton can be three things" if written.strip().casefold() in ("ton", "tons") else "it is not known here"
            self._trouble.append(f'The unit is "{written[:60]}", and {told}; give one of {", ".join(PRICE_UNITS)}.')
        else:
            row["unit"] = unit


@lru_cache(maxsize=4096)
def _column(name: str) -> tuple[str | None, str | None, str | None]:
    """What a name means, and the currency and unit that a name like `mid_cny_per_t` says with it."""
    normalised = tables.normalised(name)
    known = _TARGETS.get(normalised)
    if known is not None:
        return known, None, None
    priced = price_words.priced_column(normalised)
    return (priced.holds, priced.money, priced.unit) if priced is not None else (None, None, None)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 30 else None


def _name_goods(row: dict[str, Any]) -> None:
    """Material, form and substance by the product's name; a longer description beside it is more exact."""
    detail = row.pop("detail", None)
    if isinstance(detail, str):
        described = price_words.goods(detail)
        if described is not None:
            row["material"] = described.material
        form = described.form if described is not None else price_words.form_of(detail)
        if form is not None:
            row.setdefault("form", form)
    written = row.get("material")
    if not isinstance(written, str):
        return
    pair = price_words.currency_pair(written)
    if pair is not None:
        row["material"], paying = pair
        row.setdefault("currency", paying)
        row.setdefault("market", "FX")
        return
    if row.get("market") == "FX":
        return
    named = price_words.goods(written)
    if named is None:
        return
    row["material"] = named.material
    if named.form is not None:
        row.setdefault("form", named.form)
    if named.substance is not None:
        row.setdefault("substance", named.substance)


def _take_market(row: dict[str, Any]) -> None:
    written = row.get("market")
    if not isinstance(written, str):
        return
    if (code := written.strip().upper().replace("-", "_")) in _MARKETS:
        row["market"] = code
        return
    place = price_words.place(written)
    row.setdefault("location", written)
    if place.market is None:
        del row["market"]
    else:
        row["market"] = place.market
    if place.incoterm is not None:
        row.setdefault("incoterm", place.incoterm)
    if place.basis is not None and (not isinstance(row.get("basis"), str) or _basis(row["basis"]) is None):
        row["basis"] = place.basis


def _basis(written: str) -> str | None:
    code = written.strip().casefold().replace("-", "_").replace(" ", "_")
    return code if code in _BASES else price_words.basis(written)


def _take_words(row: dict[str, Any]) -> None:
    """What the remaining texts say. A basis or a form in words that say nothing here is as good as none."""
    for name, meaning in (("basis", _basis), ("form", _form)):
        if isinstance(row.get(name), str):
            found = meaning(row.pop(name))
            if found is not None:
                row[name] = found
    if isinstance(row.get("tax"), str):
        word = row["tax"].strip().casefold().partition(" ")[0].strip(".")
        row["tax"] = _TAX_WORDS.get(word, row["tax"])
    if isinstance(row.get("incoterm"), str):
        row["incoterm"] = row["incoterm"].strip().upper()
    for name in ("contained_percent", "tax_percent"):
        if isinstance(row.get(name), str):
            row[name] = row[name].rstrip(" %")
    if isinstance(row.get("purity_percent"), str):
        _take_grade(row)


def _form(written: str) -> str | None:
    code = written.strip().casefold()
    return code if code in _FORMS else price_words.form_of(written)


def _take_grade(row: dict[str, Any]) -> None:
    """A grade is a percentage, a formula, or words that are left out."""
    written = row.pop("purity_percent")
    if _number(written) is not None:
        row["purity_percent"] = written
    elif (percent := price_words.purity(written)) is not None:
        row["purity_percent"] = percent
    elif parse_formula(written.strip()) is not None:
        row.setdefault("substance", written.strip())


def _take_exchange_rate(row: dict[str, Any]) -> None:
    row["form"] = "currency"
    row.setdefault("basis", "assessed")
    if isinstance(row.get("material"), str):
        row["material"] = currencies.alphabetic(row["material"]) or row["material"]


def _missing(name: str) -> str:
    if name == "as_of":
        return "The row does not say of which day the price is; give as_of as YYYY-MM-DD."
    if name == "price":
        return "The row has no price; give price, or low and high."
    meant = {"form": f" ({', '.join(sorted(_FORMS))})", "market": " (CN, EX_CN or FX)", "basis": f" ({', '.join(sorted(_BASES))})"}
    return f"The row does not say its {name}{meant.get(name, '')}; give it in the row, or once for all rows as {name}."


def _contradictions(tick: PriceTick) -> Iterator[str]:
    if (length := len(series_id(tick))) > LONGEST_SERIES_ID:
        yield (
            f"Material, form, purity, market, basis, currency and incoterm make a name of {length} characters; {LONGEST_SERIES_ID} are the "
            "most: shorten material or incoterm."
        )
    for name in ("purity_percent", "contained_percent"):
        percent = getattr(tick, name)
        if percent is not None and not 0 < percent <= 100:
            yield f"A {name} of {percent:f} cannot be; it lies above 0 and at most at 100."
    if tick.tax_percent is not None and not 0 <= tick.tax_percent <= 100:
        yield f"A tax_percent of {tick.tax_percent:f} cannot be; it lies between 0 and 100."
    if tick.market == "FX":
        if tick.material not in currencies.CODES:
            yield f"The material of an exchange rate is the currency that is bought; {tick.material[:60]} is none."
        elif tick.material == tick.currency:
            yield f"An exchange rate of {tick.currency} against itself says nothing; give another currency."
        if tick.unit is not None or tick.tax is not None:
            yield "An exchange rate has neither unit nor tax; leave both out."
        return
    if tick.unit is None:
        yield "The row does not say its unit, such as kg, t or lb; give it in the row, or once for all rows as unit."
    if tick.tax is None and tick.currency == "CNY":
        yield (
            "A price in CNY has to say whether value-added tax is in it (Chinese domestic quotes mostly include 13 %); give tax as "
            "included or excluded."
        )
    if tick.tax == "included" and tick.tax_percent is None and not (tick.market == "CN" and tick.currency == "CNY"):
        yield "The price includes tax, and the rate is not said; give tax_percent."
    if tick.unit in NOT_A_MASS and _is_of_elements(tick.material):
        yield f"The unit {tick.unit} is no mass, and {tick.material} is priced by mass; correct the unit."


def _remarks(tick: PriceTick) -> Iterator[str]:
    if tick.market == "FX" or tick.withdrawn:
        return
    if not _is_of_elements(tick.material):
        yield f"{tick.material} is made of no element symbols, so its price is watched and values no order line."
    elif (
        tick.form in ("alloy", "compound", "concentrate", "magnet")
        and tick.contained_percent is None
        and tick.substance is None
        and tick.unit not in CONTAINED_KG
        and tick.material != "DyFe"
    ):
        yield (
            f"How much {tick.material} is in the {tick.form} is not said, so the price values no order line; give contained_percent, or "
            "the formula as substance."
        )
    if tick.price <= 0:
        yield "The price is not above zero; it is held back and counted, not computed with."


@lru_cache(maxsize=4096)
def _is_of_elements(material: str) -> bool:
    return parse_formula(material) is not None
