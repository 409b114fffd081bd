"""What would be advised if something were otherwise; and what is drawn of an advice. Nothing is stored."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.stockpile_advisor.domain.advice_policy import OwnPrior, SupplyPolicy
from services.stockpile_advisor.domain.bounded_advice import bounded_advice
from services.stockpile_advisor.domain.situation import AdviceInputs, Suppositions
from services.stockpile_advisor.gathering import Gathering
from shared.contracts.base import Day, Identifier, Name
from shared.contracts.supply_risk import MaterialAdvice

_SUPPOSED: Final = "supposed"


class Supposed(BaseModel):
    """One or more of: another licence delay, an embargo, another demand, a supplier that is lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plant: Identifier
    item_id: Identifier
    delay_prior: Name | None = None
    """One that the supply policy knows."""
    delay_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """Every licence takes so long."""
    licence_needed: bool | None = None
    embargo_from: Day | None = None
    """From that day on nothing leaves that has not left."""
    embargo_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """How long it lasts; without, until further notice."""
    embargo_probability: Annotated[float, Field(gt=0, le=1)] | None = None
    """That it comes at all; without, it comes."""
    demand_factor: Annotated[float, Field(ge=0, le=100)] | None = None
    """1.2 is a fifth more."""
    supplier_lost: Name | None = None
    """By the name or number that the report or an order has for him."""

    @model_validator(mode="after")
    def _is_a_question(self) -> Self:
        said = self.model_fields_set - {"plant", "item_id"}
        if not said:
            raise ValueError(
                "nothing is supposed; say delay_prior, delay_days, licence_needed, embargo_from, demand_factor or supplier_lost"
            )
        if self.delay_prior is not None and self.delay_days is not None:
            raise ValueError("delay_prior and delay_days are two answers to one question; give one of them")
        if self.embargo_from is None and (self.embargo_days is not None or self.embargo_probability is not None):
            raise ValueError("an embargo begins on a day; give embargo_from")
        return self


class WhatIfAnswer(BaseModel):
    model_config = ConfigDict(frozen=True)

    supposed: list[str]
    """In sentences."""
    before: MaterialAdvice
    after: MaterialAdvice


class NotAnswerable(ValueError):
    """A sentence for who asks."""


class UnknownPlace(LookupError):
    """The plant has reported no stock of the item."""


class Questions:
    def __init__(self, gathering: Gathering, policy: SupplyPolicy) -> None:
        self._gathering = gathering
        self._policy = policy

    async def inputs(self, plant: str, item_id: str) -> AdviceInputs:
        """With all licence cases: what is asked may need a licence, whatever stands. Raises UnknownPlace."""
        around = await self._gathering.around()
        by_plant = await around.inputs(item_id)
        if plant not in by_plant:
            raise UnknownPlace(f"The plant {plant} has reported no stock of {item_id}; POST /v1/stock reports it.")
        return replace(by_plant[plant], cases=around.cases)

    async def what_if(self, asked: Supposed, now: datetime) -> WhatIfAnswer:
        """Both advised on the same day, whatever is stored. Raises NotAnswerable and UnknownPlace."""
        inputs = await self.inputs(asked.plant, asked.item_id)
        policy, suppositions, said = _read(asked, inputs, self._policy, now.astimezone(UTC).date())
        before, after = await asyncio.to_thread(
            lambda: (bounded_advice(inputs, self._policy, now), bounded_advice(inputs, policy, now, suppositions))
        )
        return WhatIfAnswer(supposed=said, before=before, after=after)


def _read(asked: Supposed, inputs: AdviceInputs, policy: SupplyPolicy, today: date) -> tuple[SupplyPolicy, Suppositions, list[str]]:
    said: list[str] = []
    prior = asked.delay_prior
    if prior is not None:
        if prior not in policy.priors:
            raise NotAnswerable(f"There is no delay prior {prior!r}; known are {', '.join(policy.priors)}.")
        said.append(f"Licences take as long as the prior {prior!r} says.")
    if asked.delay_days is not None:
        prior = _SUPPOSED
        policy = policy.model_copy(update={"own_delay_priors": [*policy.own_delay_priors, _certain(asked.delay_days)]})
        said.append(f"Every licence takes {asked.delay_days} days and is granted.")
    if asked.licence_needed is not None:
        said.append("Every order needs a licence." if asked.licence_needed else "No order needs a licence.")
    if asked.embargo_from is not None:
        if asked.embargo_from < today - timedelta(days=3650):
            raise NotAnswerable(f"An embargo since {asked.embargo_from} is in the stock already; suppose one that begins later.")
        lasts = f"for {asked.embargo_days} days" if asked.embargo_days is not None else "until further notice"
        likely = f", with a probability of {asked.embargo_probability:.0%}" if asked.embargo_probability is not None else ""
        said.append(f"From {asked.embargo_from} on nothing leaves {lasts}{likely}.")
    if asked.demand_factor is not None:
        said.append(f"{asked.demand_factor:g} times as much is used.")
    if asked.supplier_lost is not None:
        known = _suppliers(inputs)
        if asked.supplier_lost not in known:
            names = ", ".join(map(repr, known)) or "nobody"
            raise NotAnswerable(f"{asked.supplier_lost!r} supplies no {asked.item_id} to {asked.plant}; those who do: {names}.")
        said.append(f"{asked.supplier_lost} delivers nothing any more.")
    return (
        policy,
        Suppositions(
            demand_factor=1.0 if asked.demand_factor is None else asked.demand_factor,
            delay_prior=prior,
            licence_needed=asked.licence_needed,
            embargo_from=asked.embargo_from,
            embargo_days=asked.embargo_days,
            embargo_probability=1.0 if asked.embargo_probability is None else asked.embargo_probability,
            supplier_lost=asked.supplier_lost,
        ),
        said,
    )


def _suppliers(inputs: AdviceInputs) -> Sequence[str]:
    """By name and by number."""
    names = {name for source in inputs.report.sources for name in (source.name, source.supplier_id)}
    names |= {name for line in inputs.inbound for name in (line.supplier, line.supplier_id)}
    return sorted(name for name in names if name is not None)


def _certain(days: int) -> OwnPrior:
    """As near to certainty as a log-normal comes, and worth so many cases that the firm's own do not move it.

    A day is reached at its end, so that its middle is the median.
    """
    return OwnPrior.model_validate(
        {
            "name": _SUPPOSED,
            "median_days": str(days - 0.5),
            "log_sd": "0.001",
            "rejection_probability": "0.000001",
            "weight_in_cases": 1000,
            "evidence": f"the question supposes {days} days",
        }
    )
