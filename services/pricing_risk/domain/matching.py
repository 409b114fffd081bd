"""Which series tells the price of an element on a line, which exchange rate leads to the line's currency, and what both may do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import expm1, log, sqrt
from typing import Final, NamedTuple

from services.pricing_risk.domain.exchange import Rates
from services.pricing_risk.domain.series import Z_95, Z_99
from services.pricing_risk.domain.view import at_horizon, lognormal_shortfall, shortfall_975
from shared.contracts.price import PriceBasis, PriceForm, PriceIndex, PriceMarket
from shared.contracts.price_risk import ReferencePrice
from shared.contracts.price_series import Regime, SeriesView

_BASES: Final[dict[PriceBasis, int]] = {"volume_backed": 0, "transacted": 1, "assessed": 2, "ask": 3}
"""What was paid for goods goes before what was said to be paid, and that before what is asked for."""

_FORMS: Final[dict[PriceForm, tuple[PriceForm, ...]]] = {
    "oxide": ("oxide", "compound", "metal", "alloy", "concentrate", "magnet"),
    "metal": ("metal", "alloy", "oxide", "compound", "concentrate", "magnet"),
    "alloy": ("alloy", "metal", "oxide", "compound", "concentrate", "magnet"),
    "compound": ("compound", "oxide", "metal", "alloy", "concentrate", "magnet"),
}
"""All prices are of a kilogram of contained element, so that the nearest form may stand in for one that nobody quotes."""

_FORM_OF: Final[dict[str | None, PriceForm]] = {"oxide": "oxide", "element": "metal", "alloy": "alloy", "compound": "compound"}


def price_form(recognised: str | None, product: str | None) -> PriceForm:
    """The form in which the goods are quoted, from what screening recognised them as."""
    form = _FORM_OF.get(recognised)
    if form is not None:
        return form
    return "oxide" if product == "oxide" else "compound" if product == "compound" else "metal"


class Choice(NamedTuple):
    """A series and how far it is from what was looked for: sentences that lower the confidence."""

    view: SeriesView
    reasons: tuple[str, ...] = ()


class Risk(NamedTuple):
    """Of one series over one horizon: rises of price as shares of it."""

    rise_95: float
    rise_99: float
    shortfall_975: float
    sigma: float
    variance_ratio: float


NO_RISK: Final = Risk(0.0, 0.0, 0.0, 0.0, 1.0)


class Rate(NamedTuple):
    """Money in the wanted currency for one unit of the quote's. `legs`: the series on the way, and whether each is read backwards."""

    rate: Decimal
    pair: tuple[str, str]
    legs: tuple[tuple[SeriesView, bool], ...] = ()


class Shown(NamedTuple):
    """What is said of a series with every material that it prices."""

    reference: ReferencePrice | None = None
    stale_days: int = 0
    sigma_1d: float | None = None
    premium_percent: float | None = None
    premium_z: float | None = None
    regime: Regime | None = None
    cusum: float | None = None


@dataclass(slots=True, frozen=True)
class Quote:
    """What a series says to a buyer: on one day, in one currency, over one horizon."""

    view: SeriesView
    shown: Shown
    rate: Rate | None
    """None where no series leads to the buyer's currency."""
    price: float | None
    """Of a kilogram, in the buyer's currency."""
    risk: Risk | None
    """Of the price alone."""
    together: Risk | None
    """Of price and exchange rate."""
    used: tuple[SeriesView, ...]


class Market:
    """All series at one moment. What was looked up once is kept: an order line of a known kind costs a few dictionary reads."""

    def __init__(self, views: Mapping[str, SeriesView], stale_days: int) -> None:
        self._views = views
        self._stale_days = stale_days
        self._exchange = Rates(views.values())
        self._by_element: dict[str, list[SeriesView]] = {}
        for name in sorted(views):
            view = views[name]
            # What is quoted as a substance (graphite) goes by its name.
            for element in view.elements or ([view.material] if view.market != "FX" else []):
                self._by_element.setdefault(element, []).append(view)
        self._choices: dict[tuple[object, ...], Choice | None] = {}
        self._quotes: dict[tuple[str, str | None, int | None, date], Quote] = {}
        self._shown: dict[tuple[str, date], Shown] = {}
        self._risks: dict[tuple[str, int], Risk | None] = {}
        self._together: dict[tuple[str, tuple[str, str], int], Risk | None] = {}
        self._rates: dict[tuple[str, str], Rate | None] = {}

    @property
    def remembered(self) -> int:
        """How many answers are kept. They grow with what lines ask for: pricing days, names of indices, currencies."""
        kept = (self._choices, self._quotes, self._shown, self._risks, self._together, self._rates)
        return sum(len(answers) for answers in kept)

    def choose(
        self, elements: Sequence[str], form: PriceForm, market: PriceMarket, today: date, index: PriceIndex | None = None
    ) -> Choice | None:
        """The best series for a kilogram of these elements together; None where none of them prices it.

        A contract's index goes first. Else a daily series goes before an annual reference, the market of the goods before the other, a
        series of just these elements before one that also counts others, one that is kept up before one that is stale, the form of the
        goods before another, and what was paid before what was assessed or asked.
        """
        key = (tuple(elements), form, market, today, index.model_dump_json() if index is not None else None)
        try:
            return self._choices[key]
        except KeyError:
            found = self._choices[key] = self._choose(tuple(elements), form, market, today, index)
            return found

    def _choose(
        self, elements: tuple[str, ...], form: PriceForm, market: PriceMarket, today: date, index: PriceIndex | None
    ) -> Choice | None:
        wanted = set(elements)
        fitting = [view for view in self._by_element.get(elements[0], ()) if wanted <= set(view.elements or (view.material,))]
        named = [view for view in fitting if index is not None and _is_named(view, index)]
        if index is not None:
            form, market = index.form or form, index.market or market
        forms = _FORMS[form] if form in _FORMS else (form, *_FORMS["metal"])

        def distance(view: SeriesView) -> tuple[object, ...]:
            return (
                view.kind != "daily",
                view.market != market,
                max(1, len(view.elements)) - len(wanted),
                (today - view.as_of).days > self._stale_days,
                forms.index(view.form) if view.form in forms else len(forms),
                _BASES[view.basis],
                -view.as_of.toordinal(),
                view.series,
            )

        best = min(named or fitting, key=distance, default=None)
        if best is None:
            return None
        return Choice(best, tuple(_differences(best, elements, form, market, index is not None and not named)))

    def quote(self, view: SeriesView, currency: str | None, quotation_days: int | None, today: date) -> Quote:
        """`currency`: the buyer's, None where it is not known; `quotation_days` None: until nobody knows when."""
        key = (view.series, currency, quotation_days, today)
        found = self._quotes.get(key)
        if found is None:
            found = self._quotes[key] = self._quote(view, currency, quotation_days, today)
        return found

    def _quote(self, view: SeriesView, currency: str | None, quotation_days: int | None, today: date) -> Quote:
        rate = self.rate(view.currency, currency) if currency is not None else None
        days = quotation_days
        return Quote(
            view=view,
            shown=self._shown_of(view, today),
            rate=rate,
            price=float(view.price * rate.rate) if rate is not None else None,
            risk=self.risk(view, days) if days is not None else None,
            together=self.together(view, rate, days) if days is not None and rate is not None else None,
            used=(view, *(leg for leg, _ in rate.legs)) if rate is not None else (view,),
        )

    def _shown_of(self, view: SeriesView, today: date) -> Shown:
        key = (view.series, today)
        if key not in self._shown:
            daily, premium, stale_days = view.kind == "daily", view.premium, max(0, (today - view.as_of).days)
            reference = ReferencePrice(
                series=view.series,
                kind=view.kind,
                market=view.market,
                basis=view.basis,
                source=view.source,
                as_of=view.as_of,
                stale_days=stale_days,
                price_per_kg=view.price,
                currency=view.currency,
            )
            self._shown[key] = Shown(
                reference=reference,
                stale_days=stale_days,
                sigma_1d=view.sigma_1d,
                premium_percent=float(f"{premium.percent:.2f}") if premium is not None else None,
                premium_z=premium.z if premium is not None else None,
                regime=view.regime if daily else None,
                cusum=max(view.cusum_up, view.cusum_down) if daily else None,
            )
        return self._shown[key]

    def risk(self, view: SeriesView, quotation_days: int) -> Risk | None:
        """None of an annual reference, which tells a level only. That the price may be set earlier is never more of a risk."""
        key = (view.series, quotation_days)
        if key not in self._risks:
            self._risks[key] = _risk(view, quotation_days)
        return self._risks[key]

    def rate(self, quoted: str, wanted: str) -> Rate | None:
        """None where no series leads from one currency to the other."""
        pair = (quoted, wanted)
        try:
            return self._rates[pair]
        except KeyError:
            route = self._exchange.route(quoted, wanted)
            legs = tuple((self._views[leg.series], leg.inverse) for leg in route) if route is not None else ()
            found = self._rates[pair] = Rate(self._exchange.rate(route), pair, legs) if route is not None else None
            return found

    def together(self, view: SeriesView, rate: Rate, quotation_days: int) -> Risk | None:
        """Of price and exchange rate; None where one of them tells no risk."""
        if not rate.legs:
            return self.risk(view, quotation_days)
        key = (view.series, rate.pair, quotation_days)
        try:
            return self._together[key]
        except KeyError:
            risk, rates = self.risk(view, quotation_days), self.rate_risk(rate, quotation_days)
            found = self._together[key] = _compounded(risk, rates) if risk is not None and rates is not None else None
            return found

    def rate_risk(self, rate: Rate, quotation_days: int) -> Risk | None:
        """What the exchange rate alone may do, both legs at their worst together. None where a leg tells no risk."""
        together = NO_RISK
        for view, inverse in rate.legs:
            risk = self.risk(view, quotation_days)
            if risk is None:
                return None
            together = _compounded(together, _backwards(risk) if inverse else risk)
        return together


def _compounded(one: Risk, other: Risk) -> Risk:
    """Both at their worst together: what is known of either says nothing of how they move together, and this never says too little."""
    if other is NO_RISK:
        return one
    return Risk(
        (1.0 + one.rise_95) * (1.0 + other.rise_95) - 1.0,
        (1.0 + one.rise_99) * (1.0 + other.rise_99) - 1.0,
        (1.0 + one.shortfall_975) * (1.0 + other.shortfall_975) - 1.0,
        (one.sigma**2 + other.sigma**2) ** 0.5,
        one.variance_ratio,
    )


def _risk(view: SeriesView, quotation_days: int) -> Risk | None:
    if view.kind == "annual_reference":
        return None
    if quotation_days <= 0:
        return NO_RISK
    there, most = at_horizon(view, quotation_days), most_rise(quotation_days)
    return Risk(
        min(most, max(0.0, expm1(there.bound_95))),
        min(most, max(0.0, expm1(there.bound_99))),
        min(most, max(0.0, shortfall_975(there))),
        there.sigma,
        there.variance_ratio,
    )


def most_rise(quotation_days: int) -> float:
    """The rise, as a share of the price, beyond which no bound goes: outside China dysprosium tripled within a month of April 2025, and
    yttrium rose to 25 times its price in half a year and to 50 times in eight months. A variance that a jump of yesterday has just set,
    carried over a year and a half, would say any number.
    """
    return expm1(min(log(50.0), max(log(3.0), log(25.0) * sqrt(quotation_days / 126.0))))


def _backwards(risk: Risk) -> Risk:
    """Of the rate read the other way round only the spread is known, and that is the same: a view keeps quantiles of rises alone."""
    return Risk(expm1(Z_95 * risk.sigma), expm1(Z_99 * risk.sigma), lognormal_shortfall(risk.sigma, 0.975), risk.sigma, risk.variance_ratio)


def _is_named(view: SeriesView, index: PriceIndex) -> bool:
    return (
        view.material == index.material
        and index.form in (None, view.form)
        and index.market in (None, view.market)
        and index.basis in (None, view.basis)
    )


def _differences(view: SeriesView, elements: Sequence[str], form: PriceForm, market: PriceMarket, not_the_index: bool) -> Iterable[str]:
    what = "".join(elements)
    if not_the_index:
        yield f"The index of the contract is not among the series; {view.series} stands in for it."
    if view.kind != "daily":
        yield f"Only an annual reference price of {what} is known ({view.as_of.year}); it tells no risk."
    if view.market != market:
        yield f"{what} {_WHERE[market]} has no series; the price {_WHERE[view.market]} stands in for it."
    if len(view.elements) > len(elements):
        yield f"{what} has no series of its own; that of {view.material} stands in for it."
    if view.form != form and {view.form, form} == {"oxide", "metal"}:
        yield f"{what} as {form} has no series; that of its {view.form}, per kilogram contained, stands in for it."


_WHERE: Final[dict[PriceMarket, str]] = {"CN": "inside China", "EX_CN": "outside China", "FX": "of exchange"}
