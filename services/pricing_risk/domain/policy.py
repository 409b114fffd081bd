"""What a firm decides about price risk, as data: grades, limits, what may be hedged, when a figure is trusted, and the stress scenarios.

The text form is `policy.yaml`.
"""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from shared.contracts.base import Contract, CurrencyCode, DecimalString, Identifier, Text
from shared.contracts.price import PriceMarket

ScenarioName = Literal["S1", "S2", "S3", "S4", "S5"]
Percent = Annotated[DecimalString, Field(ge=0)]


class Written(Contract):
    """A part of the policy file: a word it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Grades(Written):
    """From which expected shortfall (97.5 %), in percent of the line's value, a line has the grade; below the first it is low."""

    medium_from_percent: Percent
    high_from_percent: Percent
    severe_from_percent: Percent
    low_below_money: Annotated[DecimalString, Field(ge=0)] = Decimal(0)
    """Expected shortfall in the reporting currency below which a line is low whatever its share; a rate has to lead there."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not self.medium_from_percent <= self.high_from_percent <= self.severe_from_percent:
            raise ValueError("the thresholds of the grades have to rise from medium over high to severe")
        return self


class ConfidenceRules(Written):
    """Beyond `medium_…` a figure is of medium confidence at most, beyond `low_…` of low."""

    medium_stale_days: Annotated[int, Field(ge=0)]
    """Calendar days since the quote that a line is priced with."""
    low_stale_days: Annotated[int, Field(ge=0)]
    medium_prior_weight: Annotated[DecimalString, Field(ge=0, le=1)]
    """How much of the risk is a prior, not the series' own past."""
    low_prior_weight: Annotated[DecimalString, Field(ge=0, le=1)]
    medium_mass_spread_percent: Percent
    """How much more than the least the most is that the goods may contain."""
    low_mass_spread_percent: Percent


class Limit(Written):
    """An alert is raised where open lines of one element, supplier or country, or all, go beyond it. Money is in the reporting currency."""

    by: Literal["element", "supplier", "country", "total"]
    name: Identifier = "all"
    """An element's symbol; the supplier's name, else its number, as orders have it; the country code of the supplier. None of the total."""
    exposure: Annotated[DecimalString, Field(gt=0)] | None = None
    expected_shortfall_975: Annotated[DecimalString, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.exposure is None and self.expected_shortfall_975 is None:
            raise ValueError("a limit states `exposure`, `expected_shortfall_975` or both")
        if (self.by == "total") != (self.name == "all"):
            raise ValueError(f"a limit by {self.by} {'has no name' if self.by == 'total' else 'names whom it is for'}")
        return self


class Move(Written):
    """What a scenario does to the price of some elements in some markets."""

    elements: list[Identifier]
    markets: list[PriceMarket]
    percent: Annotated[DecimalString, Field(gt=-100)]
    """Above zero the price rises."""
    days: Annotated[int, Field(ge=1)]
    """How long that took. Of several moves of one element the longest that fits into a line's horizon counts, else the shortest."""
    observed: Text
    """What was seen when, and who published it."""


class Scenario(Written):
    scenario: ScenarioName
    name: Text
    moves: list[Move]


class PricingPolicy(Written):
    reporting_currency: CurrencyCode
    """Of the portfolio and its limits; exchange rates may lead over it."""
    grades: Grades
    hedgeable: dict[Identifier, Annotated[DecimalString, Field(ge=0, le=1)]]
    """By element, what share of its exposure a listed contract can take away; none of an element that is not named."""
    budget_breach_percent: Percent
    """By how much today's cost of a line may exceed its budget before an alert is raised."""
    confidence: ConfidenceRules
    limits: list[Limit] = []
    stress: list[Scenario] = []

    @model_validator(mode="after")
    def _scenarios_stand_once(self) -> Self:
        names = [scenario.scenario for scenario in self.stress]
        if len(names) != len(set(names)):
            raise ValueError("each stress scenario stands once")
        return self

    def hedgeable_share(self, *elements: str) -> Decimal:
        """What is quoted as one can be hedged as far as the least of its elements."""
        return min(self.hedgeable.get(element, Decimal(0)) for element in elements)
