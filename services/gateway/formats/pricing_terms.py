"""How a price is set, and what was budgeted, out of the columns of a table: of order lines and of items alike."""

from typing import Any, Final

from services.gateway.formats import currencies, price_words

PRICED: Final = ("budget_price", "standard_price")
_PRICE_PARTS: Final = ("currency", "per_quantity", "per_unit")

COLUMNS: Final[dict[str, str]] = {
    "pricing.kind": "pricing pricing_kind pricing_type",
    "pricing.index.material": "index_material price_index",
    "pricing.index.form": "index_form",
    "pricing.index.market": "index_market",
    "pricing.index.basis": "index_basis",
    "pricing.factor": "index_factor pricing_factor price_factor",
    "pricing.premium": "premium price_premium pricing_premium",
    "pricing.priced_at": "priced_at",
    "pricing.pricing_on": "pricing_on pricing_date",
    "pricing.quotation_from": "quotation_from",
    "pricing.quotation_to": "quotation_to",
    "pricing.hedged_percent": "hedged_percent hedged",
    **{f"{name}.amount": name for name in PRICED},
    **{f"{name}.{part}": f"{name}_{part} {name.removesuffix('_price')}_{part}" for name in PRICED for part in _PRICE_PARTS},
}
"""Column names in common use, by what they hold."""

DAYS: Final = ("pricing.pricing_on", "pricing.quotation_from", "pricing.quotation_to")
NUMBERS: Final = (
    *("pricing.factor", "pricing.premium", "pricing.hedged_percent"),
    *(f"{name}.{part}" for name in PRICED for part in ("amount", "per_quantity")),
)


def as_written(holder: dict[str, Any]) -> None:
    """Words of a table in `pricing`, `budget_price` and `standard_price` become those of the contract; what is not understood stays."""
    for name in PRICED:
        price = holder.get(name)
        if isinstance(price, dict) and isinstance(price.get("currency"), str):
            price["currency"] = currencies.alphabetic(price["currency"]) or price["currency"]
    terms = holder.get("pricing")
    if not isinstance(terms, dict):
        return
    for name in ("kind", "priced_at"):
        if isinstance(terms.get(name), str):
            terms[name] = terms[name].strip().casefold()
    index = terms.get("index")
    if isinstance(index, dict):
        _index_as_written(index)


def _index_as_written(index: dict[str, Any]) -> None:
    if isinstance(index.get("material"), str) and (named := price_words.goods(index["material"])) is not None:
        index["material"] = named.material
        if named.form is not None:
            index.setdefault("form", named.form)
    for name in ("form", "basis"):
        if isinstance(index.get(name), str):
            index[name] = index[name].strip().casefold().replace("-", "_").replace(" ", "_")
    if isinstance(index.get("market"), str):
        written = index["market"].strip()
        index["market"] = price_words.place(written).market or written.upper().replace("-", "_")
