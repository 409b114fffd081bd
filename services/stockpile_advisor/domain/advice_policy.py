"""What a firm decides about stock, as data: days of cover, service level, which delay prior holds for what, embargoes to reckon with,
and when an alert is raised.

The text form is `policy.yaml`.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.stockpile_advisor.domain.licence_delay import PRIORS, DelayPrior
from shared.contracts.base import Contract, CountryCode, DecimalString, Identifier, Name, Text

Fraction = Annotated[DecimalString, Field(gt=0, lt=1)]
Probability = Annotated[DecimalString, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=1, le=3650)]


class Written(Contract):
    """A part of the policy file: a word it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Preset(Written):
    """Days of cover that a public stockpile holds."""

    days: Days
    practice: Text


class OwnPrior(Written):
    """A delay prior of the firm's own beside the built-in ones: log-normal days from filing to a decision."""

    name: Name
    median_days: Annotated[DecimalString, Field(gt=0, le=3650)]
    log_sd: Annotated[DecimalString, Field(gt=0, le=3)]
    rejection_probability: Fraction
    weight_in_cases: Annotated[DecimalString, Field(gt=0, le=1000)]
    evidence: Text

    @property
    def prior(self) -> DelayPrior:
        return DelayPrior(
            self.name,
            float(self.median_days),
            float(self.log_sd),
            float(self.rejection_probability),
            float(self.weight_in_cases),
            self.evidence,
        )


class PriorFor(Written):
    """Which prior holds for items that go into a use: `end_use` is looked for in the products and bound end uses of a stock report."""

    end_use: Name
    prior: Name


class PriceRise(Written):
    """What an item made of these elements alone costs more during an embargo, in percent."""

    elements: list[Identifier] = Field(min_length=1)
    percent: Annotated[DecimalString, Field(ge=0, le=10_000)]
    observed: Text


class Embargo(Written):
    """With `probability` within a year nothing leaves these countries any more for a while; all of them where none is named."""

    name: Name
    elements: list[Identifier] = Field(min_length=1)
    countries: list[CountryCode] = []
    probability: Fraction
    mean_length_days: Days
    evidence: Text
    price_rises: list[PriceRise] = []
    """Of an element that none names the rise is not known."""

    def price_rise(self, elements: Collection[str]) -> Decimal | None:
        """As a share of the price; None unless it is known of each element, and the same: nobody says how the price divides among them."""
        by_element = {element: rise.percent for rise in self.price_rises for element in rise.elements}
        rises = {by_element.get(element) for element in elements}
        rise = rises.pop() if len(rises) == 1 else None
        return rise / 100 if rise is not None else None


class Simulating(Written):
    """How stock is simulated; the same seed gives the same advice."""

    paths: Annotated[int, Field(ge=100, le=20_000)]
    horizon_days: Annotated[int, Field(ge=60, le=1825)]
    seed: Annotated[int, Field(ge=0, le=2**31)]


class AlertRules(Written):
    """When a planner is called."""

    order_by_days_ahead: Annotated[int, Field(ge=0, le=365)]
    """So many days before the last safe order date an alert is raised."""
    single_source_share_percent: Annotated[DecimalString, Field(gt=0, le=100)]
    """One supplier with at least this share of what was bought is a single source."""
    stale_after_days: Days
    """A stock report older than this is trusted less."""


class SupplyPolicy(Written):
    presets: list[Preset]
    default_policy_days: Days | None = None
    """Days of cover to hold where a report names none; without, the service level decides."""
    default_service_level: Annotated[DecimalString, Field(gt=0, lt=1)]
    review_days: Days
    """How often an item is looked at: an order lasts at least until the next one has come."""
    reduce_above_ratio: Annotated[DecimalString, Field(gt=1)]
    """Stock and orders beyond so many times what an order would fill up to are too much."""
    simulation: Simulating
    delay_prior: Name
    """Of items for which `delay_priors_for` names no other."""
    delay_priors_for: list[PriorFor] = []
    own_delay_priors: list[OwnPrior] = []
    customs_hold_probability: Probability
    """That customs hold goods which need no licence, for one to two months."""
    embargoes: list[Embargo] = []
    alerts: AlertRules

    @model_validator(mode="after")
    def _priors_are_known(self) -> Self:
        for name in (self.delay_prior, *(each.prior for each in self.delay_priors_for)):
            if name not in self.priors:
                raise ValueError(f"there is no delay prior {name!r}: known are {', '.join(self.priors)}")
        return self

    @property
    def priors(self) -> dict[str, DelayPrior]:
        return {**PRIORS, **{each.name: each.prior for each in self.own_delay_priors}}

    def prior_for(self, end_uses: list[str]) -> DelayPrior:
        """The first that `delay_priors_for` names for one of these, else the default."""
        for each in self.delay_priors_for:
            if any(each.end_use.casefold() in end_use.casefold() for end_use in end_uses):
                return self.priors[each.prior]
        return self.priors[self.delay_prior]
