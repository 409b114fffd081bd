"""GeoPolRisk of an item: over what the firm itself bought last year and has on order, by country."""

from collections.abc import Collection

from services.stockpile_advisor.domain.geopolitical_risk import Purchase, geopolitical_risk, instability
from services.stockpile_advisor.domain.reference_shares import ReferenceShares
from services.stockpile_advisor.domain.situation import UNCOUNTED, Situation
from shared.contracts.supply_risk import SupplyRiskIndex


def purchase_risk(
    stood: Situation, reference: ReferenceShares | None, elements: Collection[str], indices: Collection[SupplyRiskIndex]
) -> dict[str, float | None]:
    """By element, 0 to 1; None where a quantity, a country, a rating or the world's production is not known: it is never taken as zero.

    Purchases are those of last year that the report tells of its sources, and what open order lines still bring, each with its supplier's
    country; as they only weigh countries, any unit will do. Production is that of the stage of which the published risk is higher. The
    method takes political stability; only the mean of the six Worldwide Governance Indicators ships, and stands for it. Every purchase
    counts as an import, and a country that is not rated makes the figure unknown, where the method would take 0.5.
    """
    bought = _purchases(stood, reference) if reference is not None else None
    if bought is None or reference is None:
        return dict.fromkeys(sorted(elements))
    of_element = {index.element: index for index in indices}
    return {element: _of(reference, of_element.get(element), bought) for element in sorted(elements)}


def _of(reference: ReferenceShares, index: SupplyRiskIndex | None, bought: list[Purchase]) -> float | None:
    material = reference.material_of(index.element) if index is not None else None
    if index is None or index.stage is None or material is None:
        return None
    found = geopolitical_risk(reference.shares_of(material, index.stage) or {}, bought)
    return round(found.score, 6) if found is not None else None


def _purchases(stood: Situation, reference: ReferenceShares) -> list[Purchase] | None:
    """None where something is missing. Where no source tells of last year, what is on order is the mix."""
    sources = [each for each in stood.report.sources if each.qualified or each.quantity_last_year]
    told = any(each.quantity_last_year is not None for each in sources)
    if any(fact.name == UNCOUNTED for fact in stood.missing) or (told and any(each.quantity_last_year is None for each in sources)):
        return None
    mix = [(each.country, each.quantity_last_year) for each in sources if each.quantity_last_year]
    mix += [(each.line.country, each.quantity) for each in stood.coming if each.line is not None and each.quantity > 0]
    bought = []
    for country, quantity in mix:
        rating = reference.governance.get(country) if country is not None else None
        if country is None or rating is None:
            return None
        bought.append(Purchase(country, float(quantity), instability(rating)))
    return bought
