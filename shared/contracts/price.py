"""A quoted price: what the feed says, before anything is computed from it, and the terms on which an order line is priced."""

from datetime import date
from typing import Final, Literal
from urllib.parse import unquote

from pydantic import Field

from shared.contracts.base import Contract, CurrencyCode, Day, DecimalString, Identifier, Instant, Name
from shared.contracts.canonical import decimal_text
from shared.contracts.envelope import Event

PriceMarket = Literal["CN", "EX_CN", "FX"]
"""CN: inside China and FOB China. EX_CN: outside (Rotterdam, Europe, the United States, world exchanges). FX: exchange rates.

Since April 2025 the first two are two worlds: they are never mixed in one estimate.
"""

PriceBasis = Literal["assessed", "ask", "transacted", "volume_backed"]
PriceForm = Literal["oxide", "metal", "alloy", "compound", "concentrate", "magnet", "currency"]
PriceTax = Literal["included", "excluded"]

LONGEST_SERIES_ID: Final = 160
"""Characters. The key of an alert, which is an identifier too, holds the name of a series behind the kind of the alert."""


class PriceTick(Contract):
    """One price of one day from one source. The same series, source and day again is a correction; `withdrawn` takes it back.

    Of an exchange rate `market` is FX, `form` is currency, `material` the currency that is bought (ISO 4217) and `currency` that which
    pays: material CNY, currency USD, price 0.14. It has no unit and no tax.
    """

    material: Identifier
    """Element symbol, or symbols of what is quoted as one ("Nd", "NdPr", "DyFe"); a currency code where `market` is FX."""
    form: PriceForm
    substance: Identifier | None = None
    """The formula that is quoted ("Nd2O3", "GeO2"); of an oxide the usual one is taken where it is not said."""
    purity_percent: DecimalString | None = None
    contained_percent: DecimalString | None = None
    """Mass of the material's elements in what is quoted, where no formula tells it (an alloy, a concentrate)."""
    market: PriceMarket
    location: Name | None = None
    """Where the price holds, in the source's words ("Rotterdam", "FOB China")."""
    basis: PriceBasis
    price: DecimalString
    """Of one `unit`, in `currency`. What is zero, negative or absurd is held back and said, not computed with."""
    currency: CurrencyCode
    unit: Identifier | None = None
    """A unit of mass: kg, t, lb, g, oz, dmtu (10 kg of contained oxide) …; none of an exchange rate."""
    tax: PriceTax | None = None
    """Whether value-added tax is in the price; has to be said of prices in CNY."""
    tax_percent: DecimalString | None = None
    """The rate; 13 where a Chinese price includes tax and nothing is said."""
    incoterm: Identifier | None = None
    as_of: Day
    source: Identifier
    published_at: Instant | None = None
    withdrawn: bool = False


def series_id(tick: PriceTick) -> str:
    """material/form/purity/market/basis/currency/incoterm with `-` for what is not said: what a price is a quotation of."""
    purity = "-" if tick.purity_percent is None else decimal_text(tick.purity_percent)
    incoterm = "-" if tick.incoterm is None else _part(tick.incoterm)
    return f"{_part(tick.material)}/{tick.form}/{purity}/{tick.market}/{tick.basis}/{tick.currency}/{incoterm}"


def withdrawal(series: str, source: str, as_of: date) -> PriceTick:
    """What takes back the price of a day from the series with this id. Raises ValueError where it is none."""
    material, form, purity, market, basis, currency, incoterm = series.split("/")
    return PriceTick.model_validate(
        {
            "material": unquote(material),
            "form": form,
            "purity_percent": None if purity == "-" else purity,
            "market": market,
            "basis": basis,
            "price": 0,
            "currency": currency,
            "incoterm": None if incoterm == "-" else unquote(incoterm),
            "as_of": as_of,
            "source": source,
            "withdrawn": True,
        }
    )


def _part(text: str) -> str:
    return text.replace("%", "%25").replace("/", "%2F") if "/" in text or "%" in text else text


PriceEvent = Event[PriceTick]
"""On stream `prices`, type `orestream.price.{recorded,withdrawn}.v1`, subject the material."""


class PriceIndex(Contract):
    """Which quotation a contract names; what is left out is any."""

    material: Identifier
    form: PriceForm | None = None
    market: PriceMarket | None = None
    basis: PriceBasis | None = None


class PricingTerms(Contract):
    """How and when the price of an order line is set. Without terms the price on the order is taken as fixed, and the result says so."""

    kind: Literal["fixed", "index", "average", "formula"]
    """fixed: the line's own price. index: the quotation of the pricing day. average: the mean over the quotation period.
    formula: factor × index + premium, per price unit of the line."""
    index: PriceIndex | None = None
    factor: DecimalString | None = None
    """Of a formula; 1 where it is not said."""
    premium: DecimalString | None = None
    """Of a formula: premium and conversion, in the line's currency and price unit; it does not move with the index."""
    priced_at: Literal["order", "shipment", "delivery", "date"] | None = None
    pricing_on: Day | None = None
    """The pricing day, where `priced_at` is date."""
    quotation_from: Day | None = None
    quotation_to: Day | None = None
    """First and last day of the quotation period of an average."""
    hedged_percent: DecimalString | None = Field(default=None, ge=0, le=100)
    """How much of what is not priced yet is hedged elsewhere."""
