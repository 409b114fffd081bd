"""How critical the supply of an element is by the published tables, per stage the worse."""

from services.stockpile_advisor.domain import supply_risk
from services.stockpile_advisor.domain.concentration import above_crma_limit, concentration
from services.stockpile_advisor.domain.reference_shares import EU_COUNTRIES, STAGES, ReferenceShares
from shared.contracts.supply_risk import SupplyRiskIndex


def indices_of(reference: ReferenceShares) -> dict[str, SupplyRiskIndex]:
    """By symbol, of every element that the tables know. What they don't know of it stays None."""
    symbols = {parameters.element: material for material, parameters in reference.parameters.items() if parameters.element is not None}
    return {element: _index(element, material, reference) for element, material in sorted(symbols.items())}


def _index(element: str, material: str, reference: ReferenceShares) -> SupplyRiskIndex:
    risks = {stage: supply_risk.stage_risk(inputs) for stage, inputs in reference.stages(material).items()}
    known = {stage: risk for stage, risk in risks.items() if risk is not None}
    stage = max(known, key=known.__getitem__, default=None)
    by_country = {name: shares for name in STAGES if (shares := reference.shares_of(material, name))}
    shares = by_country.get(stage) if stage is not None else next(iter(by_country.values()), None)
    top = max(shares, key=lambda country: (shares[country], country)) if shares else None
    return SupplyRiskIndex(
        element=element,
        supply_risk=_rounded(max(known.values(), default=None)),
        stage=stage,
        country_concentration=_rounded(concentration(shares)) if shares else None,
        top_country=top,
        top_country_share=_rounded(shares[top]) if shares and top is not None else None,
        above_crma_benchmark=any(above_crma_limit(each, EU_COUNTRIES) for each in by_country.values()) if by_country else None,
        edition=_edition(reference),
    )


def _edition(reference: ReferenceShares) -> str:
    shares, parameters, ratings = (
        reference.editions[name] for name in ("eu_crm_2023_supply_shares.csv", "eu_crm_parameters.csv", "wgi_2022.csv")
    )
    return f"shares {shares}; import reliance, recycling and substitution {parameters}; governance {ratings}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
