"""The advice on one item, or that its figures are beyond what can be reckoned with: what is advised can always be kept and read again."""

from datetime import datetime

from pydantic import ValidationError

from services.stockpile_advisor.domain.advice import advise, inputs_digest
from services.stockpile_advisor.domain.advice_policy import SupplyPolicy
from services.stockpile_advisor.domain.situation import AS_IT_STANDS, AdviceInputs, Suppositions
from shared.contracts.screening import MissingFact
from shared.contracts.supply_risk import MaterialAdvice


def bounded_advice(inputs: AdviceInputs, policy: SupplyPolicy, now: datetime, supposed: Suppositions = AS_IT_STANDS) -> MaterialAdvice:
    """`advise`, and `unknown` where quantities, rates and costs, each possible, make one together that no contract holds."""
    try:
        advice = advise(inputs, policy, now, supposed)
        MaterialAdvice.model_validate_json(advice.model_dump_json(exclude_defaults=True))
    except (ValidationError, ArithmeticError):
        return _beyond(inputs, policy, now)
    return advice


def _beyond(inputs: AdviceInputs, policy: SupplyPolicy, now: datetime) -> MaterialAdvice:
    report = inputs.report
    question = f"Are quantities, consumption, weight and costs of {report.item_id} in {report.plant} right, and in {report.unit}?"
    return MaterialAdvice(
        plant=report.plant,
        item_id=report.item_id,
        description=report.description,
        ship_to_ids=report.ship_to_ids,
        unit=report.unit,
        made_at=now,
        stock_as_of=report.as_of,
        decision="unknown",
        missing=[MissingFact(kind="fact", name="figures", held_by="buyer", question=question)],
        sentence=f"No advice for {report.item_id} in {report.plant}: its figures together are beyond what can be reckoned with. {question}",
        digest=inputs_digest(inputs, policy),
    )
