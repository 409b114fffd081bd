"""GeoPolRisk: how much of a firm's own purchases hangs on unstable countries, in a concentrated market.

Source: Gemechu et al. (2015), Santillán-Saldivar et al. (2022), and the method's reference implementation geopolrisk-py 2.0.1 (read, not
used). Where that scores zero for want of data, this says that it doesn't know.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from services.stockpile_advisor.domain.concentration import concentration, shares

NEUTRAL_INSTABILITY = 0.5
COPPER_REFERENCE = 0.409412948


class Purchase(NamedTuple):
    """Tonnes bought from a country, and its political instability (0 best, 1 worst) if rated."""

    country: str
    tonnes: float
    instability: float | None


@dataclass(frozen=True, slots=True)
class GeopoliticalRisk:
    """Score = concentration · import risk; `assumed_neutral` are the countries not rated, taken at 0.5 as the method does."""

    score: float
    concentration: float
    import_risk: float
    assumed_neutral: tuple[str, ...]


def instability(political_stability_estimate: float) -> float:
    """The WGI's estimate of political stability (-2.5 to 2.5, 2.5 best) as 0 best, 1 worst."""
    return min(1.0, max(0.0, (2.5 - political_stability_estimate) / 5))


def geopolitical_risk(
    world_production: Mapping[str, float], purchases: Iterable[Purchase], domestic_tonnes: float = 0.0
) -> GeopoliticalRisk | None:
    """Of production by country and the firm's own purchases; None where either is not known (nothing produced, nothing bought)."""
    produced, bought = shares(world_production), list(purchases)
    tonnes = math.fsum(purchase.tonnes for purchase in bought) + domestic_tonnes
    if produced is None or tonnes <= 0:
        return None
    at_risk = math.fsum(purchase.tonnes * _instability(purchase) for purchase in bought)
    market = concentration(produced) or 0.0
    unrated = tuple(sorted({purchase.country for purchase in bought if purchase.instability is None}))
    return GeopoliticalRisk(market * at_risk / tonnes, market, at_risk / tonnes, unrated)


def characterisation_factor(score: float, price_per_kg: float) -> float:
    """Kilograms of copper equivalent per kilogram: the score times price, over copper's mean of the same."""
    return score * price_per_kg / COPPER_REFERENCE


def _instability(purchase: Purchase) -> float:
    return NEUTRAL_INSTABILITY if purchase.instability is None else purchase.instability
