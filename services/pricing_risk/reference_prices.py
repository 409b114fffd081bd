"""Annual reference prices that ship with the product, for materials of which no feed says anything yet: a level, and nothing of risk.

They are facts of the U.S. Geological Survey (public domain), brought to money per kilogram of contained element like any quote. Prices FOB
China stay as they are printed: an exporter of rare earths is refunded no Chinese value-added tax, so a buyer abroad pays it with the price,
and such a price stands about 13 % above a domestic quote of the same day without tax.
"""

import csv
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Final

from services.pricing_risk.domain.normalising import NotNormalised, normalise
from services.pricing_risk.domain.view import with_digest
from shared.contracts.price import PriceTick, series_id
from shared.contracts.price_series import SeriesView

BUILT_IN: Final = Path(__file__).with_name("reference_prices.csv")
EDITION: Final = "USGS Mineral Commodity Summaries 2026"


@cache
def reference_prices(path: Path = BUILT_IN) -> Mapping[str, SeriesView]:
    """The latest year of each series, by series id, as a view of kind `annual_reference`; `source` tells edition, year and estimates.

    A daily series that is quoted alike has the same id and goes before: `{**reference_prices(), **current}`. Raises ValueError with the
    series that cannot be used.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    ticks = [(_tick(row), row["estimated"] == "yes") for row in rows]
    series = groupby(ticks, key=lambda each: series_id(each[0]))
    return MappingProxyType({name: _view(name, list(years)) for name, years in series})


def _tick(row: Mapping[str, str]) -> PriceTick:
    said = {name: value for name, value in row.items() if value and name in PriceTick.model_fields}
    return PriceTick.model_validate({**said, "as_of": f"{row['year']}-12-31", "source": EDITION})


def _view(name: str, years: list[tuple[PriceTick, bool]]) -> SeriesView:
    tick, estimated = max(years, key=lambda each: each[0].as_of)
    normal = normalise(tick)
    if isinstance(normal, NotNormalised):
        raise ValueError(f"The reference price of {name} for {tick.as_of.year} cannot be used: {normal.reason}")
    view = SeriesView(
        series=name,
        kind="annual_reference",
        material=tick.material,
        elements=list(normal.elements),
        form=tick.form,
        market=tick.market,
        basis=tick.basis,
        currency=tick.currency,
        price=normal.price,
        as_of=tick.as_of,
        source=f"{EDITION}, average of {tick.as_of.year}{', estimated' if estimated else ''}",
        first_on=min(each.as_of for each, _ in years),
        ticks=len(years),
        digest="",
    )
    return with_digest(view)
