"""What of an advice needs a planner's attention: conditions that hold or not, so that an alert fires once and resolves when it ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Final, Literal
from urllib.parse import quote

from services.stockpile_advisor.domain.advice_policy import SupplyPolicy
from shared.contracts.supply_risk import MaterialAdvice

Kind = Literal[
    "stock_cover_below_policy",
    "stock_order_by",
    "stock_last_safe_order_date",
    "stock_survives_less_than_recovery",
    "stock_single_source",
    "stock_shelf_life",
    "stock_advice_changed",
]
Severity = Literal["info", "warning", "critical"]

_SHELF_LIFE: Final = "shelf_life"


@dataclass(slots=True, frozen=True)
class Condition:
    """`key` tells it from others of all plants and items; the alert fires as long as the condition is among those that hold."""

    key: str
    kind: Kind
    severity: Severity
    summary: str
    cause: str
    evidence: dict[str, str]


def conditions(advice: MaterialAdvice, before: MaterialAdvice | None, policy: SupplyPolicy) -> list[Condition]:
    """That hold on the day of the advice; `before` is the advice that it replaces.

    That an advice has changed holds until the next one that says the same again.
    """
    found = [*_changed(advice, before)]
    if advice.decision != "unknown":
        found += [*_cover(advice), *_dates(advice, policy), *_survival(advice), *_single_source(advice, policy), *_shelf_life(advice)]
    return found


def _condition(advice: MaterialAdvice, kind: Kind, severity: Severity, summary: str, cause: str, **evidence: object) -> Condition:
    said = {name: str(value) for name, value in evidence.items() if value is not None}
    # Quoted as in keys of Redis: a stroke in a plant's name is not the one between plant and item.
    key = f"{kind}:{quote(advice.plant, safe='')}/{quote(advice.item_id, safe='')}"
    return Condition(key, kind, severity, summary, cause, said)


def _cover(advice: MaterialAdvice) -> Iterator[Condition]:
    if advice.policy_days is None or advice.days_of_cover is None or advice.days_of_cover >= advice.policy_days:
        return
    half = advice.days_of_cover < advice.policy_days / 2
    yield _condition(
        advice,
        "stock_cover_below_policy",
        "critical" if half else "warning",
        f"{advice.item_id} in {advice.plant} covers {advice.days_of_cover:.0f} days; the policy is {advice.policy_days}. {advice.sentence}",
        "Days of cover are below the policy.",
        days_of_cover=advice.days_of_cover,
        policy_days=advice.policy_days,
    )


def _dates(advice: MaterialAdvice, policy: SupplyPolicy) -> Iterator[Condition]:
    today = advice.made_at.astimezone(UTC).date()
    ahead = today + timedelta(days=policy.alerts.order_by_days_ahead)
    if advice.decision in ("order_now", "cannot_fix") or (advice.order_by is not None and advice.order_by <= ahead):
        late = advice.decision == "cannot_fix"
        yield _condition(
            advice,
            "stock_order_by",
            "critical" if late or (advice.order_by is not None and advice.order_by <= today) else "warning",
            advice.sentence,
            "No order comes in time." if late else "The last day to order that keeps to the service level is near or has come.",
            order_by=advice.order_by,
            quantity=advice.quantity,
        )
    safe = advice.last_safe_order_on
    if safe is not None and safe <= ahead and advice.rule_clocks:
        passed = safe < today
        when = "was" if passed else "is"
        clock = next((each for each in advice.rule_clocks if each.on > safe), advice.rule_clocks[0])
        yield _condition(
            advice,
            "stock_last_safe_order_date",
            "critical" if passed else "warning",
            f"For {advice.item_id} to leave for {advice.plant} before {clock.on}, the last day to order {when} {safe}.",
            clock.sentence,
            last_safe_order_on=safe,
            law_changes_on=clock.on,
        )


def _survival(advice: MaterialAdvice) -> Iterator[Condition]:
    survives, recovers = advice.time_to_survive_days, advice.time_to_recover_p50_days
    if survives is not None and recovers is not None and survives < recovers:
        yield _condition(
            advice,
            "stock_survives_less_than_recovery",
            "warning",
            f"{advice.item_id} in {advice.plant} lasts {survives:.0f} days; an order of today takes {recovers} in the median.",
            "The time to survive is shorter than the time to recover.",
            time_to_survive_days=survives,
            time_to_recover_p50_days=recovers,
        )


def _single_source(advice: MaterialAdvice, policy: SupplyPolicy) -> Iterator[Condition]:
    cause = next((each for each in advice.causes if each.name == "concentrated_supply"), None)
    if cause is not None and cause.value is not None and cause.value * 100 >= float(policy.alerts.single_source_share_percent):
        yield _condition(
            advice,
            "stock_single_source",
            "info",
            f"{advice.item_id} in {advice.plant} comes from one source: {cause.sentence}",
            "One supplier delivers nearly all of it.",
            share=cause.value,
            supplier_concentration=advice.supplier_concentration,
        )


def _shelf_life(advice: MaterialAdvice) -> Iterator[Condition]:
    cause = next((each for each in advice.causes if each.name == _SHELF_LIFE), None)
    if cause is not None:
        yield _condition(
            advice,
            "stock_shelf_life",
            "warning",
            f"{advice.item_id} in {advice.plant}: {cause.sentence}",
            "Stock will be past its best-before day before it is used.",
            days_of_consumption=cause.value,
        )


def _changed(advice: MaterialAdvice, before: MaterialAdvice | None) -> Iterator[Condition]:
    if before is not None and before.decision != advice.decision:
        yield _condition(
            advice,
            "stock_advice_changed",
            "warning" if advice.decision in ("order_now", "cannot_fix") else "info",
            f"The advice for {advice.item_id} in {advice.plant} was {_said(before)} and is {_said(advice)}: {advice.sentence}",
            advice.causes[0].sentence if advice.causes else advice.sentence,
            before=before.decision,
            after=advice.decision,
        )


def _said(advice: MaterialAdvice) -> str:
    return advice.decision.replace("_", " ")
