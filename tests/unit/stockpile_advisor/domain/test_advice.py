"""Advice: each decision by a plain example, what it rests on, what is missing, and what must hold whatever the numbers."""

import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stockpile_advisor.domain.advice import advise, inputs_digest, look_again_on
from services.stockpile_advisor.domain.inbound import InboundPart
from services.stockpile_advisor.domain.licence_delay import CUSTOMS_HOLD
from services.stockpile_advisor.domain.situation import OwnCase, Suppositions, situation
from services.stockpile_advisor.reference_files import reference_shares
from shared.contracts.base import beginning_of
from shared.contracts.price_series import SeriesView
from shared.contracts.screening import Answer, MissingFact
from shared.contracts.stock import BoundStock, StockLot, Substitute, SupplySource, Use
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
    quick,
    report,
)


def advised(*lines: object, **changes: object) -> MaterialAdvice:
    return advise(inputs(*lines, **changes), POLICY, NOW)  # type: ignore[arg-type]


def names(advice: MaterialAdvice) -> list[str]:
    return [cause.name for cause in advice.causes]


# --- decisions --------------------------------------------------------------------------------------------------------------------------


def test_enough_stock_waits_until_the_last_day_that_keeps_to_the_service_level() -> None:
    advice = advised()
    # Day 101 is the first without stock; what is ordered 45 days before arrives on it and serves it.
    assert (advice.decision, advice.order_by) == ("wait", day(56))
    assert (advice.days_of_cover, advice.advised_cover_days) == (100, 45)
    assert advice.quantity == Decimal(300)  # a review of 30 days
    assert (advice.time_to_recover_p50_days, advice.time_to_recover_p95_days, advice.time_to_survive_days) == (45, 45, 100)
    assert (advice.licence_needed, advice.delay_prior) == ("no", None)
    assert advice.sentence.startswith(f"Wait; order 300 kg of DY-1 for P1 (261 kg Dy) by {day(56)}.")


def test_a_position_below_the_reorder_level_orders_now() -> None:
    assert advised(on_hand=Decimal(450)).order_by == day(1)
    advice = advised(on_hand=Decimal(449))
    assert (advice.decision, advice.order_by) == ("order_now", day(0))
    short = advised(on_hand=Decimal(449), consumption_per_day=None, consumption=history([270, 330, 300, 280, 320, 300]))
    assert short.decision == "order_now"
    assert "position_below_reorder_level" in names(short)
    assert short.quantity is not None
    assert short.quantity > 300


def test_stock_that_no_order_can_reach_in_time_says_what_does() -> None:
    other = report(plant="P2", on_hand=Decimal(3_000))
    needs = replace(inputs(on_hand=Decimal(100)), elsewhere=(other,))
    advice = advise(needs, POLICY, NOW)
    assert (advice.decision, advice.order_by) == ("cannot_fix", day(0))
    assert advice.alternatives[0].kind == "transfer"
    assert advice.alternatives[0].from_plant == "P2"
    assert advice.sentence.startswith("No order comes in time for DY-1 in P1: P2 has more than it needs")
    assert "all the same" in advice.sentence


def test_far_more_than_is_needed_is_reduced() -> None:
    advice = advised(line(1_000), on_hand=Decimal(2_000))
    assert (advice.decision, advice.quantity) == ("reduce", Decimal(2_250))  # down to 45 days of lead time and 30 of review
    assert "1,000 kg have not left yet" in advice.sentence
    assert advised(on_hand=Decimal(1_400)).decision == "wait"


def test_stock_that_will_pass_its_best_before_day_unused_is_reduced() -> None:
    advice = advised(lots=[StockLot(quantity=Decimal(800), best_before=day(29))])
    # 30 days of use before it ends: 300 of the 800.
    assert (advice.decision, advice.quantity, advice.days_of_cover) == ("reduce", Decimal(500), 50)
    assert "before its best-before day" in advice.sentence
    gone = advised(lots=[StockLot(quantity=Decimal(800), best_before=day(-1))])
    assert gone.usable == 200


def test_an_item_that_nobody_uses_waits_and_gives_back_what_is_on_order() -> None:
    assert advised(consumption_per_day=Decimal(0)).decision == "wait"
    assert advised(line(100), consumption_per_day=Decimal(0)).quantity == Decimal(100)
    assert advised(consumption_per_day=None, consumption=history([0, 0, 0])).decision == "wait"


def test_days_of_cover_of_a_policy_replace_the_service_level() -> None:
    advice = advised(on_hand=Decimal(1_600), policy_days=100)
    assert (advice.decision, advice.order_by, advice.advised_cover_days) == ("wait", day(15), 145)
    assert "for 100 days of cover (Korea: rare metals" in advice.sentence
    assert advised(on_hand=Decimal(1_400), policy_days=100).decision == "order_now"


def test_a_price_alarm_orders_what_an_embargo_would_be_worth() -> None:
    money = {"holding_cost_per_unit_year": Decimal(20), "shortage_cost_per_unit": Decimal(900), "sources": [replace_country(HOME, "CN")]}
    calm, rally = (replace(inputs(**money), views=(series(regime),)) for regime in ("calm", "rally"))
    assert advise(calm, POLICY, NOW).decision == "wait"
    advice = advise(rally, POLICY, NOW)
    # H = 20 · 120 / 365, phi p = 90: S* = 10 · 120 · ln(90 / H).
    buffer = 1_200 * math.log(90 / (20 * 120 / 365))
    assert advice.decision == "order_now"
    assert "price_alarm" in names(advice)
    assert "A price alarm makes" in advice.sentence
    assert float(advice.quantity or 0) == pytest.approx(buffer - 1_000, rel=1e-4)
    assert inputs_digest(calm, POLICY) != inputs_digest(rally, POLICY)


def replace_country(source: SupplySource, country: str) -> SupplySource:
    return source.model_copy(update={"country": country})


def series(regime: str, price: str = "200") -> SeriesView:
    return SeriesView.model_validate(
        {
            "series": "Dy/oxide/-/EX_CN/assessed/USD/-",
            "material": "Dy",
            "elements": ["Dy"],
            "form": "oxide",
            "market": "EX_CN",
            "basis": "assessed",
            "currency": "USD",
            "price": price,
            "as_of": "2026-11-20",
            "source": "made up",
            "first_on": "2024-01-02",
            "ticks": 700,
            "regime": regime,
            "return_20d": 0.2,
            "digest": "0",
        }
    )


# --- licences and dates of law ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prior", "cover"),
    [
        (own_prior("statutory", 63, 0.001), 108),
        (own_prior("automotive", math.exp(4.348), 0.375), 188),
        (own_prior("general", math.exp(4.973), 0.752), 545),
    ],
)
def test_days_of_cover_at_95_percent_with_and_without_the_licence_queue(prior: dict[str, object], cover: int) -> None:
    """The reference's example: 45 days of lead time, the statutory queue and the two fits; here demand is the same every day."""
    used = policy(delay_prior=prior["name"], own_delay_priors=[prior])
    advice = advise(inputs(sources=[ABROAD], on_hand=Decimal(10_000)), used, NOW)
    assert advice.advised_cover_days == pytest.approx(cover, rel=0.02)
    assert str(prior["name"]) in (advice.delay_prior or "")
    assert "no own cases yet" in (advice.delay_prior or "")
    assert next(each for each in advice.sensitivity if each.assumption == "no licence needed").probability_short == 0
    assert advised(sources=[HOME]).advised_cover_days == 45


def test_an_unknown_need_is_reckoned_with_and_said() -> None:
    unknown = advised(sources=[])
    assert unknown.licence_needed == "unknown"
    assert unknown.confidence == "low"
    assert "whether a licence is needed not being known" in unknown.sentence
    assert unknown.advised_cover_days == advised(sources=[ABROAD]).advised_cover_days
    assert [fact.name for fact in unknown.missing] == ["licence need"]
    asked = MissingFact(kind="fact", name="composition", held_by="supplier", question="How much dysprosium is in it?")
    assert advised(line(licence_needed="unknown", questions=[asked])).missing == [asked]


def test_screening_of_open_lines_says_whether_a_licence_is_needed() -> None:
    assert advised(line(licence_needed="yes"), sources=[HOME]).licence_needed == "yes"
    assert advised(line(licence_needed="no"), sources=[ABROAD]).licence_needed == "no"
    gone = [InboundPart(name="shipment 1", quantity=Decimal(500), departed_on=day(-1))]
    assert advised(line(licence_needed="yes", parts=gone), sources=[HOME]).licence_needed == "no"


def test_own_cases_move_the_prior_and_pending_ones_count_as_not_yet() -> None:
    stands = inputs(sources=[ABROAD])
    fast = [OwnCase(f"L{number}", day(-100), day(-70), "approved") for number in range(20)]
    slow = [OwnCase(f"L{number}", day(-300), None, "pending") for number in range(20)]
    plain, sped, slowed = (advise(replace(stands, cases=tuple(cases)), POLICY, NOW) for cases in ([], fast, slow))
    assert (sped.time_to_recover_p50_days or 0) < (plain.time_to_recover_p50_days or 0) < (slowed.time_to_recover_p50_days or 0)
    assert "20 approved" in (sped.delay_prior or "")
    assert "20 pending" in (slowed.delay_prior or "")


def test_where_licences_are_presumed_to_be_denied_no_order_reaches_the_service_level() -> None:
    advice = advised(line(200, licence_needed="yes", denial_presumed=True), on_hand=Decimal(300))
    assert advice.decision == "cannot_fix"
    assert "defence or US end use" in (advice.delay_prior or "")
    assert advice.licence_delay_p95_days is None
    assert "licence_refused" in names(advice)
    assert "fail to come more often" in advice.sentence


def test_an_order_leaves_before_a_date_of_law_or_waits_for_a_licence() -> None:
    ends = clock(day(40))
    advice = advised(line(100, clocks=[ends]))
    # Departure takes 25 days: what is ordered on day 14 leaves on day 39.
    assert (advice.last_safe_order_on, advice.order_by) == (day(14), day(14))
    assert advice.decision == "wait"
    # On day 14 there are 960 kg of the 1,100: the rest of what lasts until an order after the date has come is bought on it.
    more = advised(line(200, clocks=[ends]))
    assert float((advice.quantity or 0) - (more.quantity or 0)) == pytest.approx(100)
    assert advice.quantity is not None
    assert float(advice.quantity) > 4_000
    assert [each.on for each in advice.rule_clocks] == [ends.on]
    assert "rule_clock" in names(advice)
    passed = advise(replace(inputs(line(100, clocks=[ends])), report=report(on_hand=Decimal(1_000))), POLICY, NOW + timedelta(days=20))
    assert passed.decision in ("order_now", "cannot_fix")
    assert passed.last_safe_order_on == day(14)
    assert "was" in passed.sentence


def test_what_leaves_after_a_ban_never_comes() -> None:
    banned = line(500, clocks=[clock(day(5), after=Answer.PROHIBITED)])
    assert advised(banned).inbound == 0
    assert "inbound_may_not_leave" in names(advised(banned))
    assert advised(line(500, clocks=[clock(day(15), after=Answer.PROHIBITED)])).inbound == 500
    assert advised(line(500, prohibited=True)).inbound == 0


def test_a_need_that_ends_shortens_the_queue() -> None:
    stays = advised(line(100, licence_needed="yes"), sources=[ABROAD])
    ends = advised(line(100, licence_needed="yes", clocks=[clock(day(60), Answer.LICENCE_REQUIRED, Answer.SUSPENDED)]), sources=[ABROAD])
    assert (ends.advised_cover_days or 0) <= 80
    assert (stays.advised_cover_days or 0) > 300


# --- stock ------------------------------------------------------------------------------------------------------------------------------


def test_reserved_blocked_and_bound_stock_serves_nobody_else() -> None:
    bound = [BoundStock(quantity=Decimal(300), end_use="wind turbines")]
    advice = advised(reserved=Decimal(100), quality_blocked=Decimal(50), consigned=Decimal(70), bound=bound)
    assert advice.usable == 620
    assert {"blocked_or_reserved", "bound_stock"} <= set(names(advice))


def test_bound_stock_takes_the_demand_of_its_own_end_use_off_the_rest() -> None:
    bound = [BoundStock(quantity=Decimal(300), end_use="wind turbines")]
    use = Use(product="generator", quantity_per_day=Decimal(6), margin_per_unit=Decimal(1), bound_end_use="wind turbines")
    alone = advised(on_hand=Decimal(700), bound=bound)
    served = advised(on_hand=Decimal(700), bound=bound, uses=[use])
    assert (alone.usable, served.usable) == (Decimal(400), Decimal(400))
    assert (alone.probability_short["60"], served.probability_short["60"]) == (1, 0)


def test_what_was_used_since_the_report_is_taken_off() -> None:
    later = advise(inputs(), POLICY, NOW + timedelta(days=20))
    assert (later.days_of_cover, later.order_by) == (80, day(56))
    old = advise(inputs(), POLICY, NOW + timedelta(days=40))
    assert old.confidence == "low"
    assert any("40 days old" in reason for reason in old.confidence_reasons)


def test_stock_of_the_beginning_of_a_day_has_nothing_of_what_came_on_it() -> None:
    received = line(500, parts=[InboundPart(name="shipment 1", quantity=Decimal(500), departed_on=day(-9), received_on=day(0))])
    at_midnight = situation(inputs(received, as_of=beginning_of(TODAY)), POLICY, TODAY)
    assert at_midnight.inbound == 500


def test_without_a_licence_customs_may_hold_what_leaves() -> None:
    held = situation(inputs(), policy(customs_hold_probability="0.25"), TODAY).arrival(0)
    assert (held.within(44), held.within(45)) == (0, pytest.approx(0.75))
    assert held.quantile(0.9) == 45 + (CUSTOMS_HOLD.quantile(0.6) or 0)
    waits = situation(inputs(sources=[ABROAD]), policy(customs_hold_probability="0.25"), TODAY).arrival(0)
    assert waits.quantile(0.5) == situation(inputs(sources=[ABROAD]), POLICY, TODAY).arrival(0).quantile(0.5)


def test_what_ships_within_the_day_is_there_on_the_day_it_leaves() -> None:
    left = line(500, parts=[InboundPart(name="shipment 1", quantity=Decimal(500), departed_on=day(0))])
    (coming,) = situation(inputs(left, shipping_days=0), POLICY, TODAY).coming
    assert coming.order.transit_days == 0


def test_what_is_received_after_the_report_counts_and_what_was_before_does_not() -> None:
    after = [InboundPart(name="shipment 1", quantity=Decimal(500), departed_on=day(-9), received_on=day(1))]
    before = [InboundPart(name="shipment 1", quantity=Decimal(500), departed_on=day(-9), received_on=day(0))]
    assert advised(line(500, parts=after)).inbound == 500
    assert advised(line(500, parts=before)).inbound == 0


def test_orders_that_come_put_off_the_day_to_order() -> None:
    assert advised(line(500)).order_by == day(106)
    assert (advised(line(500, licence_needed="yes")).probability_short["120"]) > 0


def test_a_line_in_another_unit_is_weighed_and_one_without_weight_is_asked_for() -> None:
    assert advised(line(500, unit="PCE", mass_kg=Decimal(50))).inbound == 50
    unknown = advised(line(500, unit="PCE", mass_kg=None))
    assert unknown.inbound == 0
    assert unknown.missing[0].name == "quantity in the unit of stock"
    assert unknown.confidence == "low"


# --- bounds, money, missing facts -------------------------------------------------------------------------------------------------------


def test_minimum_order_multiple_budget_and_shelf_life_bind() -> None:
    low = {"on_hand": Decimal(440)}
    much = advised(**low, minimum_order=Decimal(1_000))
    assert (much.quantity, much.binding) == (Decimal(1_000), "minimum_order")
    assert advised(**low, order_multiple=Decimal(250)).quantity == 500
    paid = advised(**low, unit_price=Decimal(2), budget=Decimal(400))
    assert (paid.quantity, paid.binding) == (Decimal(200), "budget")
    kept = advised(**low, shelf_life_days=20)
    assert (kept.quantity, kept.binding) == (Decimal(200), "shelf_life")
    full = advised(on_hand=Decimal(1_200), shelf_life_days=5, policy_days=100)
    assert (full.quantity, full.binding) == (None, "shelf_life")
    assert "past its shelf life" in full.sentence
    broke = advised(**low, unit_price=Decimal(2), budget=Decimal(400), minimum_order=Decimal(1_000))
    assert (broke.quantity, broke.binding, broke.decision) == (None, "budget", "order_now")
    assert "does not pay" in broke.sentence


def test_costs_are_split_where_they_are_known_and_left_out_where_not() -> None:
    money = {
        "holding_cost_per_unit_year": Decimal("36.5"),
        "shortage_cost_per_unit": Decimal(900),
        "unit_price": Decimal(100),
        "order_cost": Decimal(50),
        "currency": "USD",
    }
    advice = advised(on_hand=Decimal(450), **money)
    assert advice.cost is not None
    assert advice.cost_of_waiting is not None
    assert advice.quantity is not None
    assert advice.cost.purchase == advice.quantity * 100 + 50
    # 45 days of stock, 10 kg a day less: 440 + 430 + … + 0 unit-days at 10 cents.
    assert advice.cost_of_waiting.holding == Decimal("990.00")
    assert advice.cost_of_waiting.shortage == (730 - 45) * 10 * 900
    assert advice.cost.price_drift is None
    moving = advise(replace(inputs(on_hand=Decimal(450), **money), views=(series("unwind"),)), POLICY, NOW)
    assert moving.cost is not None
    assert moving.cost.price_drift is not None
    assert moving.cost.price_drift < 0  # the price has risen: ordering now saves what it would still rise by
    without = advised(on_hand=Decimal(450))
    assert without.cost is None
    assert any("service level decides" in reason for reason in without.confidence_reasons)


def test_without_consumption_or_lead_time_nothing_is_invented() -> None:
    unused = advised(consumption_per_day=None)
    assert (unused.decision, unused.quantity, [fact.name for fact in unused.missing]) == ("unknown", None, ["consumption"])
    assert unused.usable == 1_000
    assert "without invented numbers" in unused.sentence
    endless = advised(lead_time_days=None)
    assert (endless.decision, [fact.name for fact in endless.missing]) == ("unknown", ["lead time"])
    of_source = advised(lead_time_days=None, sources=[HOME.model_copy(update={"lead_time_days": 30})])
    assert of_source.time_to_recover_p50_days == 30


def test_lead_times_seen_are_a_distribution() -> None:
    advice = advised(lead_time_days=None, lead_times_seen_days=[40, 40, 40, 40, 60, 80])
    assert (advice.time_to_recover_p50_days, advice.time_to_recover_p95_days) == (40, 80)
    odd = advised(lead_time_days=None, lead_times_seen_days=[10, 40, 40, 40, 40])
    assert any("shorter than the 20 of shipping" in reason for reason in odd.confidence_reasons)


def test_the_plain_figures_of_an_advice() -> None:
    advice = advise(replace(inputs(on_hand=Decimal(450)), reference=reference_shares()), POLICY, NOW)
    assert advice.contained_kg == {"Dy": Decimal(261)}
    assert advice.indices[0].element == "Dy"
    assert advice.indices[0].above_crma_benchmark is True
    assert advice.indices[0].top_country == "CN"
    assert [point.on for point in advice.fan][:2] == [day(7), day(14)]
    assert advice.fan[0].p50 == 380
    assert advice.probability_short["30"] == 0
    assert advice.probability_short["60"] == 1
    assert advice.probability_short_after["60"] == 0


def test_suppositions_are_answered_like_what_stands() -> None:
    stands = inputs(line(500), on_hand=Decimal(700))
    more = advise(stands, POLICY, NOW, Suppositions(demand_factor=2))
    assert more.consumption_per_day == 20
    lost = advise(stands, POLICY, NOW, Suppositions(supplier_lost="Home Oxides"))
    assert lost.inbound == 0
    embargo = advise(stands, POLICY, NOW, Suppositions(embargo_from=day(0)))
    assert embargo.probability_short["90"] == 1
    assert advise(stands, POLICY, NOW).probability_short["90"] == 0
    elsewhere = advise(stands, POLICY, NOW, Suppositions(embargo_from=day(0), embargo_countries=frozenset({"CN"})))
    assert elsewhere.probability_short["90"] == 0
    queue = advise(stands, POLICY, NOW, Suppositions(licence_needed=True, delay_prior="prioritised EU automotive"))
    assert "prioritised EU automotive" in (queue.delay_prior or "")


# --- what must hold ---------------------------------------------------------------------------------------------------------------------


def test_the_same_inputs_in_any_order_give_the_same_bytes() -> None:
    first, second = line(100, line_id="10"), line(200, line_id="20")
    one, other = inputs(first, second), inputs(second, first)
    assert advise(one, POLICY, NOW).model_dump_json() == advise(other, POLICY, NOW).model_dump_json()
    assert inputs_digest(one, POLICY) == inputs_digest(other, POLICY)
    assert inputs_digest(one, policy(review_days=31)) != inputs_digest(one, POLICY)
    assert inputs_digest(inputs(first), POLICY) != inputs_digest(one, POLICY)


ORDERS = ("order_now", "cannot_fix", "wait")
STOCK = st.integers(min_value=0, max_value=4_000)


@settings(max_examples=40, deadline=None)
@given(low=STOCK, more=st.integers(min_value=1, max_value=1_500), licensed=st.booleans(), costs=st.booleans(), dated=st.booleans())
def test_more_stock_never_raises_the_chance_of_running_out_nor_the_quantity(
    low: int, more: int, licensed: bool, costs: bool, dated: bool
) -> None:
    coming = line(300, clocks=[clock(day(60))] if dated else [], licence_needed="yes" if licensed else "no")
    money = {"holding_cost_per_unit_year": Decimal(30), "shortage_cost_per_unit": Decimal(700)} if costs else {}
    said = {
        "sources": [ABROAD if licensed else HOME],
        "consumption_per_day": None,
        "consumption": history([200, 420, 0, 350, 300, 0, 500, 280]),
        **money,
    }
    one, other = (advise(inputs(coming, on_hand=Decimal(stock), **said), quick(), NOW) for stock in (low, low + more))
    for days, probability in one.probability_short.items():
        assert other.probability_short[days] <= probability
    if one.decision in ORDERS and other.decision in ORDERS:
        assert (other.quantity or 0) <= (one.quantity or 0)
    assert (other.order_by or day(9_999)) >= (one.order_by or day(9_999))
    assert other.advised_cover_days == one.advised_cover_days


@settings(max_examples=30, deadline=None)
@given(
    median=st.integers(min_value=5, max_value=150),
    longer=st.floats(min_value=1, max_value=3),
    spread=st.sampled_from([0.1, 0.375, 0.752]),
    held=st.sampled_from([None, 60, 180]),
)
def test_a_longer_licence_delay_never_lowers_the_advised_cover(median: int, longer: float, spread: float, held: int | None) -> None:
    answers = []
    for days in (median, median * longer):
        used = quick(delay_prior="own", own_delay_priors=[own_prior("own", round(days, 6), spread)])
        answers.append(advise(inputs(sources=[ABROAD], policy_days=held, on_hand=Decimal(500)), used, NOW))
    short, long = answers
    assert (long.advised_cover_days or 0) >= (short.advised_cover_days or 0)
    for days_ahead, probability in short.probability_short_after.items():
        assert days_ahead in long.probability_short_after
        assert probability >= 0
    assert (long.time_to_recover_p50_days or 0) >= (short.time_to_recover_p50_days or 0)


@settings(max_examples=30, deadline=None)
@given(stock=STOCK, factor=st.sampled_from([Decimal("0.001"), Decimal(1_000), Decimal(8)]), licensed=st.booleans())
def test_another_unit_changes_nothing_but_the_unit(stock: int, factor: Decimal, licensed: bool) -> None:
    """What was one kg is `factor` of the new unit."""
    periods = history([200, 420, 100, 350])
    money = {"holding_cost_per_unit_year": Decimal(30), "shortage_cost_per_unit": Decimal(700)}
    kept = {"sources": [ABROAD if licensed else HOME], "consumption_per_day": None}
    one = advise(inputs(line(300), on_hand=Decimal(stock), consumption=periods, **money, **kept), quick(), NOW)
    part = InboundPart(name="delivery 1", quantity=300 * factor, leaves_on=day(10))
    scaled = inputs(
        line(300 * factor, unit="other", mass_kg=Decimal(300), parts=[part]),
        unit="other",
        mass_kg_per_unit=1 / factor,
        on_hand=stock * factor,
        consumption=[each.model_copy(update={"quantity": each.quantity * factor}) for each in periods],
        **{name: value / factor for name, value in money.items()},
        **kept,
    )
    other = advise(scaled, quick(), NOW)
    assert other.decision == one.decision
    assert other.order_by == one.order_by
    assert other.days_of_cover == pytest.approx(one.days_of_cover, abs=0.11)
    assert other.advised_cover_days == pytest.approx(one.advised_cover_days, abs=0.11)
    assert float(other.quantity or 0) == pytest.approx(float((one.quantity or 0) * factor), rel=5e-3)
    assert other.probability_short == pytest.approx(one.probability_short, abs=0.011)


def test_looks_again_on_the_next_day_that_matters() -> None:
    stands = inputs()
    advice = advise(stands, POLICY, NOW)
    again = look_again_on(stands, advice, POLICY)
    assert again is not None
    assert again.date() == day(30)  # a review; the report is stale a day later
    near = advise(inputs(on_hand=Decimal(600)), POLICY, NOW)
    next_look = look_again_on(inputs(on_hand=Decimal(600)), near, POLICY)
    assert next_look is not None
    assert next_look.date() == day(2)  # an alert fourteen days before the day to order, which is day 16


def test_substitution_and_allocation_are_among_the_alternatives() -> None:
    uses = [
        Use(product="motors", quantity_per_day=Decimal(6), margin_per_unit=Decimal(90)),
        Use(product="toys", quantity_per_day=Decimal(4), margin_per_unit=Decimal(5)),
    ]
    diffusion = Substitute(description="Grain boundary diffusion", saved_percent=Decimal(30))
    advice = advised(on_hand=Decimal(300), uses=uses, substitutes=[diffusion])
    kinds = {each.kind: each for each in advice.alternatives}
    assert kinds["substitution"].quantity == 135  # 3 kg a day until an order is there
    # 45 days of motors take 270 of the 300.
    assert "to motors in full" in kinds["allocation"].sentence
    assert kinds["allocation"].sentence.endswith("What goes short: toys.")


@pytest.mark.parametrize(("unit", "whole"), [("C62", True), ("pcs", True), ("KGM", False)])
def test_pieces_are_bought_whole(unit: str, whole: bool) -> None:
    quantity = advised(unit=unit, on_hand="0.37", consumption_per_day="0.3137").quantity
    assert quantity is not None
    assert (quantity == quantity.to_integral_value()) is whole
