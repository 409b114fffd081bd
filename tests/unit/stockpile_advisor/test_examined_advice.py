"""Advice recomputed from outside: every figure expected here is spelled out, or simulated by a few lines that share nothing with ours."""

import csv
import math
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from services.stockpile_advisor.domain.advice import advise
from services.stockpile_advisor.domain.inbound import InboundLine, InboundPart
from services.stockpile_advisor.domain.indices import indices_of
from services.stockpile_advisor.domain.line_advice import advise_line
from services.stockpile_advisor.domain.situation import AS_IT_STANDS, AdviceInputs, Suppositions
from services.stockpile_advisor.reference_files import reference_shares
from shared.contracts.canonical import canonical_json
from shared.contracts.screening import Answer
from shared.contracts.stock import BoundStock, ContainedElement, ExpectedReceipt, StockLot, SupplySource, Use
from shared.contracts.supply_risk import MaterialAdvice
from tests.unit.stockpile_advisor.domain.made_inputs import (
    ABROAD,
    HOME,
    NOW,
    POLICY,
    TODAY,
    clock,
    day,
    history,
    inputs,
    line,
    own_prior,
    policy,
    report,
)

REFERENCE = Path("services/stockpile_advisor/reference")
FINE = policy(simulation={"paths": 2_000, "horizon_days": 730, "seed": 5})
REFUSED = 1 / 141


def advised(*lines: InboundLine, rules: Any = POLICY, supposed: Suppositions = AS_IT_STANDS, **changes: Any) -> MaterialAdvice:
    return advise(inputs(*lines, **changes), rules, NOW, supposed)


def days_from_today(advice: MaterialAdvice) -> int | None:
    return None if advice.order_by is None else (advice.order_by - TODAY).days


def abroad(quantity: int, **changes: Any) -> InboundLine:
    return line(quantity, licence_needed="yes", supplier="Far Oxides", country="CN", **changes)


# --- figures ----------------------------------------------------------------------------------------------------------------------------


def test_usable_stock_is_what_serves_all_demand_today() -> None:
    found = advised(
        on_hand=Decimal(1_000),
        consigned=Decimal(200),
        reserved=Decimal(100),
        quality_blocked=Decimal(50),
        bound=[BoundStock(quantity=Decimal(300), end_use="medicine")],
        lots=[StockLot(quantity=Decimal(80), best_before=day(-2))],
        as_of=NOW - timedelta(days=3),
    )
    assert found.usable == 1_000 + 200 - 100 - 50 - 300 - 80 - 3 * 10
    assert found.days_of_cover == 64.0
    assert any("bound to medicine" in reason for reason in found.confidence_reasons)


@pytest.mark.parametrize(("prior", "log_median", "log_sd"), [("general EU", 4.973, 0.752), ("prioritised EU automotive", 4.348, 0.375)])
def test_an_order_behind_the_licence_queue(prior: str, log_median: float, log_sd: float) -> None:
    """1,000 kg at 10 a day; 45 days and then the queue; one case of 141 is refused, which is no delay but an order that never comes."""
    found = advised(sources=[ABROAD], rules=policy(delay_prior=prior, simulation=FINE.simulation.model_dump()))

    def approved_within(share: float) -> int:
        return math.ceil(math.exp(log_median + log_sd * norm.ppf(share)))

    reorder = 45 + approved_within(0.95 / (1 - REFUSED))
    assert found.advised_cover_days == pytest.approx(reorder, rel=0.01)
    assert found.quantity == pytest.approx(Decimal(10 * (reorder + 30) - 1_000), rel=Decimal("0.015"))  # 30 days of review
    assert found.time_to_recover_p50_days == 45 + approved_within(0.5)
    assert found.time_to_recover_p95_days == 45 + approved_within(0.95)
    # 100 days of stock serve day 100; an order that is there on day 101 comes in time: later than 56 days of queue is too late.
    too_late = 1 - (1 - REFUSED) * norm.cdf((math.log(101 - 45) - log_median) / log_sd)
    (short,) = (cause.value for cause in found.causes if cause.name == "short_before_arrival")
    assert short == pytest.approx(too_late, abs=0.002)
    assert prior in (found.delay_prior or "")


def test_the_statutory_constant_is_no_distribution() -> None:
    statutory = policy(own_delay_priors=[own_prior("statutory", 62.9, 0.0001)], delay_prior="statutory")
    found = advised(sources=[ABROAD], rules=statutory)
    assert (found.advised_cover_days, found.quantity, found.order_by) == (108.0, Decimal(10 * (45 + 63 + 30) - 1_000), TODAY)


def test_demand_from_a_history_against_plain_monte_carlo() -> None:
    amounts = [310, 280, 300, 350, 260, 290, 330, 270, 300, 310, 295, 305]
    found = advised(consumption_per_day=None, consumption=history(amounts), on_hand=Decimal(800), rules=FINE)
    level = float(amounts[0])
    for amount in amounts[1:]:
        level += 0.1 * (amount - level)
    mean, sd = level / 30, np.std(amounts, ddof=1) * level / np.mean(amounts) / math.sqrt(30)
    assert float(found.consumption_per_day or 0) == pytest.approx(mean, rel=1e-5)
    draw = np.random.default_rng(99)

    def used(days: int) -> Any:
        return draw.gamma((mean / sd) ** 2 * days, sd * sd / mean, 100_000)

    assert found.advised_cover_days == pytest.approx(float(np.quantile(used(45), 0.95)) / mean, rel=0.01)
    assert found.probability_short["90"] == pytest.approx(np.mean(used(90) > 800), abs=0.005)
    # An order placed on day t is there for day t + 45: the stock has to last for the t + 44 days before.
    last = next(placed for placed in range(60) if np.mean(used(placed + 45) > 800) > 0.05)
    assert abs((days_from_today(found) or 0) - last) <= 1


def test_intermittent_demand_against_the_binomial() -> None:
    amounts = [0, 0, 300, 0, 0, 0, 300, 0, 0, 300, 0, 0]
    found = advised(consumption_per_day=None, consumption=history(amounts), on_hand=Decimal(500), rules=FINE)
    interval = 3 + 0.1 * (4 - 3)
    interval += 0.1 * (3 - interval)
    mean = 0.95 * 300 / interval / 30  # Syntetos & Boylan's correction with a smoothing of 0.1
    assert float(found.consumption_per_day or 0) == pytest.approx(mean, rel=1e-5)
    draw = np.random.default_rng(7)
    for days in (30, 90, 180):
        plain = np.mean(draw.binomial(days, mean / 300, 100_000) * 300 > 500)
        three_standard_errors = 3 * math.sqrt(plain * (1 - plain) / 2_000)
        assert found.probability_short[str(days)] == pytest.approx(plain, abs=three_standard_errors)


def test_costs_day_by_day() -> None:
    costs: dict[str, Any] = {
        "currency": "USD",
        "unit_price": Decimal(250),
        "order_cost": Decimal(400),
        "holding_cost_per_unit_year": Decimal("36.5"),
        "shortage_cost_per_unit": Decimal(100),
    }
    found = advised(on_hand=Decimal(600), **costs)
    assert (found.decision, found.quantity, days_from_today(found)) == ("wait", Decimal(300), 16)  # the EOQ of 283 is less than a review

    def lived(quantity: float) -> tuple[float, float]:
        stock, held, missing = 600.0, 0.0, 0.0
        for number in range(1, 731):
            stock += quantity if number == 16 + 45 else 0.0
            missing += max(0.0, 10 - stock)
            stock = max(0.0, stock - 10)
            held += stock
        return held * 0.1, missing * 100

    for cost, quantity in ((found.cost, 300.0), (found.cost_of_waiting, 0.0)):
        assert cost is not None
        assert (float(cost.holding or 0), float(cost.shortage or 0)) == pytest.approx(lived(quantity))
    assert found.cost is not None
    assert found.cost.purchase == 300 * 250 + 400


@pytest.mark.parametrize(
    ("changes", "quantity", "binding"),
    [
        ({}, 450, None),  # 45 days of lead time and 30 of review less 300
        ({"order_multiple": Decimal(250)}, 500, None),
        ({"order_multiple": Decimal(250), "unit_price": Decimal(10), "budget": Decimal(4_499)}, 250, "budget"),
        ({"minimum_order": Decimal(900), "order_multiple": Decimal(400)}, 1_200, "minimum_order"),
        ({"shelf_life_days": 40}, 400, "shelf_life"),
        ({"policy_days": 100}, 1_450, None),  # 100 + 45 + 30 days less 300
        ({"minimum_order": Decimal(900), "unit_price": Decimal(10), "budget": Decimal(8_999)}, None, "budget"),
    ],
)
def test_what_can_be_ordered_of_what_is_wanted(changes: dict[str, Any], quantity: int | None, binding: str | None) -> None:
    found = advised(on_hand=Decimal(300), **changes)
    assert (found.quantity, found.binding) == (None if quantity is None else Decimal(quantity), binding)


def test_concentration_before_and_after() -> None:
    other = SupplySource(name="Third", country="US", licence_needed=False, lead_time_days=30, quantity_last_year=Decimal(0))
    found = advised(sources=[HOME, other], on_hand=Decimal(300))  # 450 are advised; 1,000 came from home
    (choice,) = (each for each in found.alternatives if each.kind == "country")
    assert (choice.concentration_before, choice.concentration_after) == (1.0, round((1_000 / 1_450) ** 2 + (450 / 1_450) ** 2, 4))


@pytest.mark.parametrize("element", ["Dy", "Ga", "Ge", "C", "W"])
def test_the_eu_index_from_the_shipped_tables(element: str) -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (REFERENCE / name).open() as table:
            return list(csv.DictReader(table))

    parameters = next(row for row in rows("eu_crm_parameters.csv") if row["element"] == element)
    estimate = {row["country"]: float(row["mean_estimate"]) for row in rows("wgi_2022.csv")}
    concentrations: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows("eu_crm_2023_supply_shares.csv"):
        if row["material"] == parameters["material"]:
            rating = (2.5 - estimate[row["country"]]) * 2
            concentrations[row["stage"], row["sourcing"]] += float(row["share"]) ** 2 * rating * float(row["trade_factor"])
    reliance = float(parameters["import_reliance_2017"] or "nan")
    risks = []
    for stage in ("extraction", "processing"):
        world, union = concentrations.get((stage, "global")), concentrations.get((stage, "eu"))
        if world is not None and union is not None:
            risks.append(world * reliance / 2 + union * (1 - reliance / 2))
        elif world is not None or union is not None:
            risks.append(world if world is not None else union or 0.0)
    expected = max(risks) * (1 - float(parameters["recycling_input_rate"])) * float(parameters["substitution_supply_2017"])
    assert indices_of(reference_shares())[element].supply_risk == pytest.approx(expected, abs=1e-4)


# --- dates of law and embargoes -----------------------------------------------------------------------------------------------------------


def test_a_ban_is_ordered_ahead_of_for_all_days_looked_at() -> None:
    """25 days to departure before a ban on day 40: the last order is placed on day 14, and none comes after it."""
    found = advised(line(10, clocks=[clock(day(40), Answer.SUSPENDED, Answer.PROHIBITED)]))
    assert (found.decision, found.order_by, found.last_safe_order_on) == ("wait", day(14), day(14))
    assert found.quantity == 7_300 + 300 - (1_000 + 10 - 14 * 10)
    assert found.probability_short_after["545"] == 0.0
    assert "nothing may leave any more" in found.sentence


def test_a_ban_of_what_needs_a_licence_already_is_a_date_too() -> None:
    quick = [own_prior("quick", 20, 0.0001)]
    ban = [clock(day(100), Answer.LICENCE_REQUIRED, Answer.PROHIBITED)]
    found = advised(abroad(10, clocks=ban), sources=[ABROAD], rules=policy(own_delay_priors=quick, delay_prior="quick"))
    assert found.last_safe_order_on == day(100 - 25 - 21 - 1)  # what is later than 20 days by a hair is 21


def test_a_supposed_embargo_moves_quantity_and_days() -> None:
    """Nothing leaves from day 40 to 160: what is ordered on day 14 has to last until an order that leaves on day 160 arrives on 180."""
    found = advised(supposed=Suppositions(embargo_from=day(40), embargo_days=120))
    assert (found.order_by, found.last_safe_order_on) == (day(14), day(14))
    assert found.quantity == (140 + 30) * 10 - (1_000 - 14 * 10)
    assert found.days_of_cover_after is not None
    assert found.days_of_cover_after > 180
    today = advised(supposed=Suppositions(embargo_from=TODAY, embargo_days=120))
    assert (today.time_to_recover_p50_days, today.decision) == (140, "cannot_fix")
    without_end = advised(supposed=Suppositions(embargo_from=TODAY))
    assert (without_end.decision, without_end.quantity, without_end.time_to_recover_p50_days) == ("cannot_fix", None, None)


# --- as a planner -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy_days", [None, 60])
def test_nobody_who_runs_out_is_told_to_cancel_or_to_order_behind_enough(policy_days: int | None) -> None:
    filed = abroad(8_000, cover="applied", applied_on=day(-30))
    found = advised(filed, on_hand=Decimal(100), sources=[ABROAD], policy_days=policy_days)
    assert (found.decision, found.quantity, found.order_by) == ("cannot_fix", None, None)
    assert f"runs out about {day(11)}" in found.sentence


def test_a_gap_before_a_delivery_is_bridged_by_the_delivery() -> None:
    found = advised(line(2_000, parts=[InboundPart(name="d", quantity=Decimal(2_000), leaves_on=day(20))]), on_hand=Decimal(300))
    assert (found.decision, found.quantity) == ("cannot_fix", None)
    assert "sooner, if the supplier ships at once" in found.sentence


def test_another_order_of_what_may_not_leave_is_not_advised() -> None:
    found = advised(abroad(2_000, prohibited=True), sources=[ABROAD], on_hand=Decimal(300))
    assert (found.decision, found.quantity, found.inbound) == ("cannot_fix", None, Decimal(0))
    assert [cause.name for cause in found.causes][:1] == ["no_order_comes"]


def test_a_refused_line_is_not_waited_for() -> None:
    refused = abroad(2_000, cover="refused")
    found = advised(refused, sources=[ABROAD], on_hand=Decimal(800))
    names = [cause.name for cause in found.causes]
    assert ("inbound_may_not_leave" in names, "inbound_waits_for_licence" in names) == (True, False)
    answer = advise_line(refused, {"DY-1": [found]}, {}, NOW)
    assert (answer.arrival_p50, "may not leave" in answer.sentence) == (None, True)


def test_a_line_that_leaves_after_the_law_has_changed_waits_for_a_licence() -> None:
    late = line(500, parts=[InboundPart(name="d", quantity=Decimal(500), leaves_on=day(50))], clocks=[clock(day(40))])
    answer = advise_line(late, {"DY-1": [advised(late)]}, {}, NOW)
    assert answer.arrival_p50 is not None
    assert answer.arrival_p50 > day(50 + 20)


def test_the_main_source_says_whether_orders_need_a_licence() -> None:
    main, other = HOME.model_copy(update={"quantity_last_year": Decimal(9_000)}), ABROAD
    found = advised(sources=[main, other])
    assert (found.licence_needed, found.decision, days_from_today(found)) == ("no", "wait", 56)
    assert advised(sources=[main.model_copy(update={"licence_needed": None}), other]).licence_needed == "yes"


def test_bound_stock_meets_the_demand_of_its_own_end_use() -> None:
    """800 kg serve 100 days of the 8 kg bound to them; of the other 2 a day, 200 kg are as many days."""
    uses = [
        Use(product="scanner", quantity_per_day=Decimal(8), margin_per_unit=Decimal(50), bound_end_use="medicine"),
        Use(product="motor", quantity_per_day=Decimal(2), margin_per_unit=Decimal(10)),
    ]
    found = advised(bound=[BoundStock(quantity=Decimal(800), end_use="medicine")], uses=uses)
    assert (found.decision, found.probability_short["60"]) == ("wait", 0.0)
    assert [each for each in found.alternatives if each.kind == "allocation"] == []


def test_another_plant_bridges_where_the_budget_pays_no_order() -> None:
    rich = report(plant="P2", unit="t", on_hand=Decimal(9), consumption_per_day=Decimal("0.01"), mass_kg_per_unit=None)
    poor = report(on_hand=Decimal(200), budget=Decimal(100), unit_price=Decimal(250), minimum_order=Decimal(100), currency="USD")
    found = advise(AdviceInputs(poor, elsewhere=(rich,)), POLICY, NOW)
    assert found.quantity is None
    assert "250 kg can come from there" in found.sentence  # 45 days less 20
    assert "the budget does not pay the minimum order" in found.sentence


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"receipts": [ExpectedReceipt(quantity=Decimal(1_000), expected_on=day(-60))]}, "Should have arrived"),
        ({"consumption_per_day": None, "consumption": history([300], days=300)}, "how much it varies is not known"),
        ({"consumption_per_day": None, "consumption": history([300] * 9)[:6]}, "Consumption is not reported of the"),
        ({"lots": [StockLot(quantity=Decimal(9_999), best_before=day(99))]}, "Lots add up to 9999 kg"),
        ({"unit_price": Decimal(5)}, "not in which currency"),
        ({"lead_time_days": None, "sources": [HOME.model_copy(update={"lead_time_days": 3})]}, "shorter than the 20 of shipping"),
    ],
)
def test_what_is_assumed_is_said(changes: dict[str, Any], told: str) -> None:
    found = advised(**changes)
    assert [reason for reason in found.confidence_reasons if told in reason]
    assert found.confidence != "high"


def test_what_cannot_be_counted_or_kept_to_is_asked_for() -> None:
    boxes = line(5, unit="BX", mass_kg=None)
    found = advised(boxes, on_hand=Decimal(300), unit="pcs", mass_kg_per_unit=None, contained=[])
    assert "not reckoned with" in found.sentence
    assert found.missing
    assert [fact.name for fact in advised(budget=Decimal(9)).missing] == ["price"]
    expiring = advised(on_hand=Decimal(200), shelf_life_days=90, minimum_order=Decimal(2_000))
    assert "At least 1,100 kg" in expiring.sentence  # 2,000 less 90 days of 10


def test_contained_elements_follow_from_the_unit_and_add_up() -> None:
    contained = [ContainedElement(element="Dy", percent=Decimal(40)), ContainedElement(element="Dy", percent=Decimal(47))]
    found = advised(on_hand=Decimal(300), mass_kg_per_unit=None, contained=contained)
    assert found.contained_kg == {"Dy": Decimal("391.5")}  # 87 % of 450 kg


def test_where_nearly_all_is_refused_the_days_are_those_of_the_rest() -> None:
    radar = [Use(product="defence radar", quantity_per_day=Decimal(1), margin_per_unit=Decimal(1))]
    found = advised(sources=[ABROAD], uses=radar)
    assert found.decision == "cannot_fix"
    assert found.advised_cover_days == 45 + math.ceil(math.exp(4.973 + 0.752 * norm.ppf(0.95)))
    assert "the days are those of orders that do come" in found.sentence


def test_what_has_left_a_lost_supplier_arrives() -> None:
    gone = abroad(500, parts=[InboundPart(name="s", quantity=Decimal(500), departed_on=day(-3))])
    found = advised(gone, on_hand=Decimal(1_000), sources=[ABROAD], supposed=Suppositions(supplier_lost="Far Oxides"))
    assert (found.decision, found.inbound, found.time_to_survive_days) == ("cannot_fix", Decimal(500), 150.0)


# --- what holds whatever the numbers ------------------------------------------------------------------------------------------------------


def test_more_stock_never_runs_out_sooner_and_a_longer_queue_never_asks_for_less() -> None:
    draw = np.random.default_rng(20_261)
    for _ in range(12):
        use, hand = int(draw.integers(2, 20)), int(draw.integers(0, 3_000))
        amounts = [int(amount) for amount in draw.poisson(30 * use, 8)]
        median, spread = round(draw.uniform(20, 120), 3), round(draw.uniform(0.2, 0.7), 3)
        said: dict[str, Any] = {"consumption_per_day": None, "consumption": history(amounts), "sources": [ABROAD]}

        def rules(median_days: float, log_sd: float = spread) -> Any:
            simulation = {"paths": 200, "horizon_days": 365, "seed": 3}
            return policy(own_delay_priors=[own_prior("drawn", median_days, log_sd)], delay_prior="drawn", simulation=simulation)

        waiting = abroad(300, cover="applied", applied_on=day(-10))
        if draw.random() < 0.5:
            ban = clock(day(int(draw.integers(20, 200))), Answer.LICENCE_REQUIRED, Answer.PROHIBITED)
            waiting = waiting.model_copy(update={"clocks": [ban]})
        if draw.random() < 0.3:
            said["policy_days"] = int(draw.integers(10, 120))
        few = advised(waiting, on_hand=Decimal(hand), rules=rules(median), **said)
        many = advised(waiting, on_hand=Decimal(hand + 500), rules=rules(median), **said)
        slow = advised(waiting, on_hand=Decimal(hand), rules=rules(round(median * 1.5, 3)), **said)
        assert all(many.probability_short[days] <= short for days, short in few.probability_short.items())
        assert (slow.advised_cover_days or 0) >= (few.advised_cover_days or 0)
        again = advised(waiting, on_hand=Decimal(hand), rules=rules(median), **said)
        assert canonical_json(again.model_dump(mode="json")) == canonical_json(few.model_dump(mode="json"))
