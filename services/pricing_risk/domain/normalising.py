"""From a price as it is quoted to money per kilogram of contained element, value-added tax out.

Everything a statistic or a line compares has gone through here, so that an oxide in CNY a tonne with tax and a metal in USD a pound without
it stand side by side. The currency stays the quote's own: exchange rates are series of their own.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from shared.chemistry.elements import NON_METALS, USUAL_OXIDE
from shared.chemistry.formula import parse_formula
from shared.contracts.canonical import decimal_text
from shared.contracts.price import PriceForm, PriceMarket, PriceTax, PriceTick
from shared.contracts.price_unit import CONTAINED_KG, MASS_KG, NOT_A_MASS, PRICE_UNITS, price_unit

CHINESE_VALUE_ADDED_TAX_PERCENT: Final = Decimal(13)
"""Of goods since April 2019. Older quotes, with 16 or 17 %, may say so in `tax_percent`."""

_CARRIERS: Final = frozenset({"Fe", "Al", "B"}) | NON_METALS
"""What an alloy or compound is not bought for: the kilogram of DyFe is one of dysprosium, that of AlSc one of scandium."""

_SHARES_OF_OXIDE: Final[dict[tuple[str, ...], tuple[tuple[str, Decimal], ...]]] = {
    ("Nd", "Pr"): (("Nd", Decimal("0.75")), ("Pr", Decimal("0.25")))
}
"""Mass of each oxide in what is traded as one."""

_NOMINAL_CONTENT: Final = {"DyFe": Decimal("0.80")}
"""Of alloys whose quotes do not say it."""

_ORE_COUNTED_AS_METAL: Final = frozenset({"Fe", "Mn"})
_PRECIOUS: Final = frozenset({"Au", "Ag", "Pt", "Pd", "Rh", "Ir", "Ru", "Os"})
"""Whose ounce is the troy ounce."""

_DIGITS: Final = 12
_MOST_PLACES: Final = 15
_LAST_PLACE: Final = Decimal(1).scaleb(-_MOST_PLACES)
"""A decimal of a contract has at most fifteen digits before and after the point."""


@dataclass(slots=True, frozen=True)
class NormalPrice:
    """`price` is money in the tick's currency per kg of `elements` together, without value-added tax; of an exchange rate the rate.

    Of what is not made of elements (`elements` empty) it is per kg, or per unit where that is no mass. Zero and less are passed on as they
    are. `assumed` are sentences on what the tick did not say.
    """

    price: Decimal
    elements: tuple[str, ...]
    assumed: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class NotNormalised:
    """Why nothing can be computed with a price, and what would help, in a sentence."""

    reason: str


def elements_of(tick: PriceTick) -> tuple[str, ...]:
    """The elements whose kilogram the normal price is of, as the material names them; none of an exchange rate or of what is no element."""
    return _elements(tick.material, tick.market)


def quoted_elements(material: str) -> tuple[str, ...]:
    """The same of the name of goods in a contract ("NdPr"); the name itself where it is none of elements (graphite)."""
    return _elements(material, "EX_CN") or (material,)


@lru_cache(maxsize=4096)
def _elements(material: str, market: PriceMarket) -> tuple[str, ...]:
    formula = None if market == "FX" else parse_formula(material)
    if formula is None:
        return ()
    symbols = tuple(symbol for symbol, _ in formula.atoms)
    return tuple(symbol for symbol in symbols if symbol not in _CARRIERS) or symbols


def normalise(tick: PriceTick) -> NormalPrice | NotNormalised:
    found = _conversion(
        tick.material,
        tick.form,
        tick.substance,
        tick.contained_percent,
        tick.market,
        tick.currency,
        tick.unit,
        tick.tax,
        tick.tax_percent,
    )
    if isinstance(found, NotNormalised):
        return found
    price = tick.price * found.factor
    if price and not -_MOST_PLACES <= price.adjusted() < _MOST_PLACES - 1:
        return NotNormalised(f"A price of {price:.3e} {tick.currency} a kilogram cannot be; check price, unit and content.")
    return NormalPrice(_rounded(price), found.elements, found.assumed)


def _rounded(price: Decimal) -> Decimal:
    """To twelve digits: more would be noise of the division."""
    return price.quantize(max(_LAST_PLACE, Decimal(1).scaleb(price.adjusted() - _DIGITS + 1))) if price else Decimal(0)


@dataclass(slots=True, frozen=True)
class _Conversion:
    """`factor` is what one unit of money per quoted unit is per kilogram of contained element."""

    factor: Decimal
    elements: tuple[str, ...]
    assumed: tuple[str, ...]


@lru_cache(maxsize=4096)
def _conversion(
    material: str,
    form: PriceForm,
    substance: str | None,
    contained_percent: Decimal | None,
    market: PriceMarket,
    currency: str,
    unit: str | None,
    tax: PriceTax | None,
    tax_percent: Decimal | None,
) -> _Conversion | NotNormalised:
    """What the ticks of one series have in common, worked out once."""
    if market == "FX":
        if unit is not None or tax is not None:
            return NotNormalised("An exchange rate has neither unit nor tax; leave both out.")
        return _Conversion(Decimal(1), (), ())
    taxed = _with_tax(market, currency, tax, tax_percent)
    if isinstance(taxed, NotNormalised):
        return taxed
    elements = _elements(material, market)
    if unit is None:
        return NotNormalised("The price does not say of what amount it is; give the unit, such as kg, t or lb.")
    known = price_unit(unit)
    if known is None:
        return NotNormalised(f"The unit {unit} is not known; use one of {', '.join(PRICE_UNITS)}.")
    if not elements:
        return _Conversion(1 / (MASS_KG.get(known) or CONTAINED_KG.get(known) or Decimal(1)) / taxed, (), ())
    if known in NOT_A_MASS:
        return NotNormalised(f"The unit {unit} is no mass, so the price of a kilogram of {material} does not follow; give it per mass.")
    if known == "oz" and elements[0] in _PRECIOUS:
        known = "ozt"
    if known in CONTAINED_KG:
        content = _contained_oxide(material, substance, elements)
        kilograms = CONTAINED_KG[known]
    else:
        content = _content(material, form, substance, contained_percent, elements)
        kilograms = MASS_KG[known]
    if isinstance(content, NotNormalised):
        return content
    fraction, assumed = content
    return _Conversion(1 / (kilograms * fraction * taxed), elements, assumed)


def _with_tax(market: PriceMarket, currency: str, tax: PriceTax | None, tax_percent: Decimal | None) -> Decimal | NotNormalised:
    """What a price is divided by to have no value-added tax in it."""
    if tax is None and currency == "CNY":
        return NotNormalised(
            "A price in CNY has to say whether value-added tax is in it: Chinese domestic quotes mostly include 13 %. Give tax as included "
            "or excluded."
        )
    if tax != "included":
        return Decimal(1)
    if tax_percent is None and not (market == "CN" and currency == "CNY"):
        return NotNormalised("The price includes tax, and the rate is not said; give tax_percent.")
    rate = CHINESE_VALUE_ADDED_TAX_PERCENT if tax_percent is None else tax_percent
    if not 0 <= rate <= 100:
        return NotNormalised(f"A tax of {decimal_text(rate)} % cannot be; give tax_percent from 0 to 100.")
    return 1 + rate / 100


_Content = tuple[Decimal, tuple[str, ...]]


def _content(
    material: str, form: PriceForm, substance: str | None, contained_percent: Decimal | None, elements: tuple[str, ...]
) -> _Content | NotNormalised:
    """Mass of the elements in a mass of what is quoted, and what had to be assumed."""
    if contained_percent is not None:
        if not 0 < contained_percent <= 100:
            return NotNormalised(
                f"A content of {decimal_text(contained_percent)} % cannot be; give contained_percent above 0, at most 100."
            )
        return contained_percent / 100, ()
    if substance is not None:
        return _of_formula(material, substance, elements)
    if form == "metal":
        return Decimal(1), ()
    if form == "oxide":
        return _of_usual_oxide(material, elements)
    if material in _NOMINAL_CONTENT:
        nominal = _NOMINAL_CONTENT[material]
        told = f"How much {' and '.join(elements)} is in {material} is not said; the nominal {decimal_text(nominal * 100)} % is taken."
        return nominal, (told,)
    return NotNormalised(
        f"How much {' and '.join(elements)} is in a {form} of {material} is not said; give contained_percent, or the formula as substance."
    )


def _contained_oxide(material: str, substance: str | None, elements: tuple[str, ...]) -> _Content | NotNormalised:
    if substance is not None:
        return _of_formula(material, substance, elements)
    if elements[0] in _ORE_COUNTED_AS_METAL:
        return Decimal(1), ()
    return _of_usual_oxide(material, elements)


def _of_formula(material: str, substance: str, elements: tuple[str, ...]) -> _Content | NotNormalised:
    formula = parse_formula(substance)
    fraction = sum((formula.mass_fraction(element) for element in elements), Decimal(0)) if formula is not None else Decimal(0)
    if not fraction:
        return NotNormalised(f"The substance {substance} is no formula that holds {material}; write one such as Nd2O3, or leave it out.")
    return fraction, ()


def _of_usual_oxide(material: str, elements: tuple[str, ...]) -> _Content | NotNormalised:
    if len(elements) == 1 and elements[0] in USUAL_OXIDE:
        return _of_formula(material, USUAL_OXIDE[elements[0]], elements)
    shares = _SHARES_OF_OXIDE.get(tuple(sorted(elements)))
    if shares is None:
        return NotNormalised(f"Which oxide of {material} is quoted is not said; give the formula as substance, or contained_percent.")
    fraction = Decimal(0)
    for element, share in shares:
        formula = parse_formula(USUAL_OXIDE[element])
        assert formula is not None
        fraction += share * formula.mass_fraction(element)
    mixture = " and ".join(f"{decimal_text(share * 100)} % {USUAL_OXIDE[element]}" for element, share in shares)
    told = f"{material} oxide is taken as {mixture}."
    return fraction, (told,)
