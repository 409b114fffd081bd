"""What is known of a price series at one moment: all that pricing an order line takes from it, embedded in the results that used it."""

from datetime import date
from typing import Literal

from pydantic import Field

from shared.contracts.base import Contract, CurrencyCode, DecimalString, Identifier
from shared.contracts.price import PriceBasis, PriceForm, PriceMarket

Regime = Literal["calm", "rally", "spike", "unwind"]


class HorizonView(Contract):
    """Of the log return over `days` quotation days. Quantiles are of a price rise, the buyer's loss; None: too few observations."""

    days: int
    variance_ratio: float
    """sigma² / (v h). Up to a quarter VR_h = clip(M_h / (h M_1), 1, h), Lo and MacKinlay 1988 without mean; beyond it a slower variance
    than v stands behind sigma, and it may be below 1."""
    sigma: float
    """Standard deviation of the return."""
    historical_95: float | None = None
    historical_975: float | None = None
    historical_99: float | None = None
    historical_shortfall_975: float | None = None
    """Mean of exp(R) - 1 over the returns R at or above the 97.5 % quantile."""
    bound_95: float
    """max(z sigma, historical quantile): the log return that counts."""
    bound_975: float
    bound_99: float


class PremiumView(Contract):
    """The price outside China over that inside, landed and without tax."""

    inside_series: str
    percent: float
    mean_log: float
    z: float | None = None
    """Of the last change of ln(1 + premium)."""
    regime: Regime
    since: date


class SeriesView(Contract):
    """Prices are money per kg of contained element, without value-added tax."""

    series: Identifier
    """material/form/purity/market/basis/currency/incoterm, with `-` for what is not said."""
    kind: Literal["daily", "annual_reference"] = "daily"
    """An annual reference tells a level and nothing of risk."""
    material: Identifier
    elements: list[str] = Field(default_factory=list)
    """Symbols that the kilogram is of; none of an exchange rate."""
    form: PriceForm
    market: PriceMarket
    basis: PriceBasis
    currency: CurrencyCode
    price: DecimalString
    as_of: date
    source: str
    first_on: date
    ticks: int = Field(ge=1)
    """Prices that entered the state."""
    held: int = 0
    """Prices that wait, or were kept out."""
    sigma_1d: float | None = None
    horizons: list[HorizonView] = Field(default_factory=list)
    """By days, shortest first; in a result those alone that it rests on."""
    zero_share: float | None = None
    """Share of the last 60 quotation days on which the price did not change."""
    changed_on: date | None = None
    """The day of the last change of price."""
    regime: Regime = "calm"
    regime_since: date | None = None
    cusum_up: float = 0.0
    cusum_down: float = 0.0
    return_20d: float | None = None
    prior_weight: float = 0.0
    """How much of the estimate is a prior rather than the series' own past, from 1 to 0."""
    premium: PremiumView | None = None
    digest: str
    """Of all the above with every horizon; another digest is another state."""
