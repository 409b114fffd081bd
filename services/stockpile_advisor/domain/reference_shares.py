"""Who supplies a material, at which stage, to the world and to the EU: reference tables as values, with the editions they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.stockpile_advisor.domain import supply_risk
from services.stockpile_advisor.domain.concentration import Between, concentration_between
from services.stockpile_advisor.domain.supply_risk import Source, StageInputs

Stage = Literal["extraction", "processing"]
Sourcing = Literal["global", "eu"]
STAGES: tuple[Stage, ...] = ("extraction", "processing")

EU_COUNTRIES = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    }
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Of a material: import reliance of the EU, end-of-life recycling input rate, substitution indices; None is not known."""

    element: str | None
    group: str | None
    import_reliance: float | None
    recycling_input_rate: float | None
    substitution_supply: float | None
    substitution_economic: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """What the Commission published of a material, or of its group: supply risk and economic importance."""

    supply_risk: float
    economic_importance: float


@dataclass(frozen=True, slots=True)
class Production:
    """World production of a year by country, in tonnes; `other` is what the table doesn't attribute."""

    statistic: str
    year: int
    tonnes: Mapping[str, float]
    other: float

    def shares(self) -> dict[str, float] | None:
        total = sum(self.tonnes.values()) + self.other
        return {country: tonnes / total for country, tonnes in self.tonnes.items()} if total > 0 else None

    def concentration(self) -> Between | None:
        """HHI by country, between other countries being many and being one."""
        known = self.shares()
        return None if known is None else concentration_between(known, 1 - sum(known.values()))


@dataclass(frozen=True, slots=True)
class ReferenceShares:
    """All tables; materials go by the names of the EU's lists, `material_of` finds them by element."""

    sources: Mapping[tuple[str, Stage, Sourcing], tuple[Source, ...]]
    parameters: Mapping[str, Parameters]
    scores: Mapping[str, Score]
    production: Mapping[str, tuple[Production, ...]]
    us_import_reliance: Mapping[tuple[str, str, int], Between]
    editions: Mapping[str, str]
    governance: Mapping[str, float]
    """By country, the mean of the six WGI estimates (-2.5 to 2.5, 2.5 best)."""

    def material_of(self, element: str) -> str | None:
        return next((name for name, parameters in self.parameters.items() if parameters.element == element), None)

    def stages(self, material: str) -> dict[Stage, StageInputs]:
        """The formula's inputs of each stage of which any sourcing is known."""
        parameters = self.parameters.get(material)
        found: dict[Stage, StageInputs] = {}
        for stage in STAGES:
            world, union = (
                supply_risk.weighted_concentration(self.sources.get((material, stage, sourcing), ())) for sourcing in _SOURCINGS
            )
            if world is not None or union is not None:
                found[stage] = StageInputs(
                    world,
                    union,
                    parameters.import_reliance if parameters else None,
                    parameters.recycling_input_rate if parameters else None,
                    parameters.substitution_supply if parameters else None,
                )
        return found

    def score_of(self, material: str) -> Score | None:
        """The material's own, or that of the group it was assessed in."""
        parameters = self.parameters.get(material)
        return self.scores.get(material) or (self.scores.get(parameters.group) if parameters and parameters.group else None)

    def members(self, material: str) -> tuple[str, ...]:
        """The materials of a group; a material that is none stands for itself."""
        inside = tuple(name for name, parameters in self.parameters.items() if parameters.group == material)
        return inside or (material,)

    def shares_of(self, material: str, stage: Stage, sourcing: Sourcing = "global") -> dict[str, float] | None:
        """By country; None where the tables don't know the stage."""
        known = self.sources.get((material, stage, sourcing))
        return None if known is None else {source.country: source.share for source in known}


_SOURCINGS: tuple[Sourcing, ...] = ("global", "eu")
