"""Stock, orders, screenings and licences in; advice once per change, results once per screening, alerts that begin and end once."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest

from services.stockpile_advisor import keys
from services.stockpile_advisor.advising import Advising
from shared.bus.keys import state_key, timers_key
from shared.contracts.base import unix_ms
from tests.integration.stockpile_advisor.desk import GROUP, Desk, licence_event, made, order_event, screening_event, stock_event


async def test_a_report_becomes_advice_and_an_order_is_answered_from_it(desk: Desk) -> None:
    desk.report(policy_days=100)
    advice = await desk.until_advised()
    assert (advice.decision, advice.days_of_cover, advice.policy_days) == ("wait", 200.0, 100)
    desk.order()
    (result,) = await desk.until(lambda: desk.sent("supply-risks"), "the order is answered")
    data = result["data"]
    assert (data["outcome"], data["screening_event_id"], data["lines"][0]["status"]) == ("advised", "screening-1-1", "advised")
    assert (data["lines"][0]["plant"], data["lines"][0]["advice_digest"]) == ("P1", advice.digest)
    assert [each["digest"] for each in data["advice"]] == [advice.digest]
    later = await desk.until_advised(inbound=500)
    assert later.digest != advice.digest


async def test_a_change_makes_the_advice_of_its_item_once_and_no_other(desk: Desk) -> None:
    desk.report()
    desk.report(item="NDOX")
    dysprosium, neodymium = await desk.until_advised(), await desk.until_advised(item="NDOX")
    await desk.settled()
    before = made("inbound")
    order, screening = desk.order()
    await desk.until_advised(inbound=500)
    desk.put("orders", order)
    desk.put("screenings", screening)
    desk.put("screenings", screening.model_copy(update={"id": "screening-1-1-again"}))
    await desk.settled()
    assert made("inbound") - before == 1
    assert desk.advice() != dysprosium
    assert desk.advice(item="NDOX") == neodymium
    assert len(desk.sent("supply-risks")) == 1
    desk.order(revision=2)
    await desk.until(lambda: len(desk.sent("supply-risks")) == 2, "the second revision is answered")
    await desk.settled()
    assert made("inbound") - before == 1  # it brings what the first one brought
    desk.order(revision=3, quantity=700)
    await desk.until_advised(inbound=700)
    desk.order(revision=4, status="cancelled")
    await desk.until_advised(inbound=0)
    await desk.settled()
    assert made("inbound") - before == 3


async def test_the_same_report_again_changes_nothing(desk: Desk) -> None:
    event = stock_event("P1", "DYOX", desk.now)
    desk.put("stock", event)
    advice = await desk.until_advised()
    await desk.settled()
    before = made("report")
    desk.put("stock", event)
    await desk.settled()
    assert (made("report"), desk.advice()) == (before, advice)


async def test_a_report_that_comes_after_a_newer_one_changes_nothing(desk: Desk) -> None:
    late = stock_event("P1", "DYOX", desk.now, on_hand="100")
    withdrawn = stock_event("P1", "DYOX", desk.now, withdrawn=True)
    desk.now += timedelta(hours=1)
    desk.report()
    advice = await desk.until_advised(usable=2000)
    await desk.settled()
    before = made("report")
    desk.put("stock", late)
    desk.put("stock", withdrawn)
    await desk.settled()
    assert (made("report"), desk.advice()) == (before, advice)


async def test_what_was_read_earlier_never_takes_the_place_of_what_was_read_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.report()
    await desk.until_advised()
    await desk.settled()
    began, may_go_on, before = threading.Event(), threading.Event(), made("inbound")
    makes = Advising._advise

    def held(*arguments: Any) -> None:
        began.set()
        assert may_go_on.wait(30)
        makes(*arguments)

    monkeypatch.setattr(Advising, "_advise", held)
    desk.order(1)
    await desk.until(began.is_set, "the advice with one order is being made")
    desk.order(2)

    def left_behind() -> int:
        """Timers that ask again should a process be gone."""
        timers = timers_key(desk.bus.partition_of("DYOX"), GROUP)
        later = desk.redis.zrangebyscore(timers, unix_ms(desk.now) + 5_000, "+inf")
        return sum(name.startswith(keys.ADVISE.encode()) for name in later)

    await desk.until(lambda: left_behind() == 2, "the second order is looked at")
    may_go_on.set()
    await desk.until_advised(inbound=1000)
    await desk.settled()
    assert made("inbound") - before == 1
    advice = desk.advice()
    assert advice is not None
    assert advice.inbound == 1000


async def test_an_order_finds_its_plant_by_ship_to_and_says_so_where_it_cannot(desk: Desk) -> None:
    desk.report(ship_to_ids=["A"])
    desk.report("P2", ship_to_ids=["B"])
    await desk.until_advised()
    await desk.until_advised("P2")
    await desk.settled()
    desk.order(1, ship_to="B")
    desk.order(2)
    await desk.until_advised("P2", inbound=500)
    await desk.until(lambda: len(desk.sent("supply-risks")) == 2, "both are answered")
    lines = {each["subject"]: each["data"]["lines"][0] for each in desk.sent("supply-risks")}
    assert (lines["erp/1000/1"]["status"], lines["erp/1000/1"]["plant"]) == ("advised", "P2")
    assert (lines["erp/1000/2"]["status"], lines["erp/1000/2"]["missing"][0]["name"]) == ("unknown", "plant")
    first = desk.advice("P1")
    assert first is not None
    assert first.inbound == 0


async def test_a_licence_case_of_the_firm_moves_the_prior(desk: Desk) -> None:
    desk.report()
    desk.order(licence="yes")
    advice = await desk.until_advised(inbound=500)
    assert advice.licence_needed == "yes"
    assert "no own cases yet" in (advice.delay_prior or "")
    await desk.settled()
    desk.put("licences", licence_event("L1", desk.now, "approved", date(2026, 9, 1), date(2026, 9, 21)))
    desk.put("licences", licence_event("L2", desk.now, "filed", date(2026, 9, 1)))
    moved = await desk.until(lambda: (found := desk.advice()) and "2 own cases" in (found.delay_prior or "") and found, "the cases count")
    assert "1 approved, 0 refused, 1 pending" in moved.delay_prior
    await desk.settled()
    before = made("licences")
    desk.put("licences", licence_event("L2", desk.now, "filed", date(2026, 9, 1)))
    await desk.settled()
    assert made("licences") == before


async def test_a_licence_case_moves_what_holds_from_a_date_of_law_on(desk: Desk) -> None:
    desk.put("licences", licence_event("L1", desk.now, "approved", date(2026, 9, 1), date(2026, 9, 21)))
    desk.report()
    desk.order(cliffs=[date(2027, 3, 1)])
    advice = await desk.until_advised(inbound=500)
    assert advice.licence_needed == "no"
    assert "1 own cases" in (advice.delay_prior or "")


async def test_an_alarm_of_a_price_series_makes_advice_of_its_elements_anew(desk: Desk) -> None:
    desk.report()
    desk.report(item="NDOX", contained=[{"element": "Nd", "percent": "85"}])
    await desk.until_advised()
    neodymium = await desk.until_advised(item="NDOX")
    await desk.settled()
    before = made("prices")
    desk.regime("rally")
    desk.now += timedelta(minutes=2)
    await desk.until(lambda: made("prices") > before, "the alarm is heard")
    await desk.settled()
    assert made("prices") - before == 1
    assert desk.advice(item="NDOX") == neodymium


async def test_days_pass_and_the_last_day_to_order_is_called_out(desk: Desk) -> None:
    desk.report(policy_days=None, on_hand="1000")
    advice = await desk.until_advised()
    assert advice.decision == "wait"
    assert advice.order_by is not None
    assert ("stock_order_by", "firing") not in desk.alerts()
    await desk.settled()
    desk.now += advice.order_by - desk.now.date()
    await desk.until(lambda: ("stock_order_by", "firing") in desk.alerts(), "the day is called out")
    await desk.settled()
    assert desk.alerts().count(("stock_order_by", "firing")) <= 2  # as a warning, and when the day has come
    assert made("day") > 0


async def test_cover_below_policy_is_said_once_and_resolves(desk: Desk) -> None:
    desk.report(policy_days=100, on_hand="700")
    await desk.until(lambda: ("stock_cover_below_policy", "firing") in desk.alerts(), "the alert is out")
    await desk.settled()
    desk.now += timedelta(minutes=5)
    desk.report(policy_days=100, on_hand="690")
    await desk.until_advised(usable=690)
    await desk.settled()
    assert desk.alerts().count(("stock_cover_below_policy", "firing")) == 1
    desk.now += timedelta(minutes=5)
    desk.report(policy_days=100, on_hand="5000")
    await desk.until(lambda: ("stock_cover_below_policy", "resolved") in desk.alerts(), "the alert has ended")
    alerts = [event["data"] for event in desk.sent("alerts") if event["data"]["kind"] == "stock_cover_below_policy"]
    assert len({each["alert_key"] for each in alerts}) == 1
    assert alerts[0]["since"] == alerts[-1]["since"]


async def test_a_withdrawn_report_takes_its_advice_and_alerts_with_it(desk: Desk) -> None:
    desk.report(policy_days=100, on_hand="700")
    desk.report("P2", policy_days=100)
    await desk.until(lambda: ("stock_cover_below_policy", "firing") in desk.alerts(), "the alert is out")
    other = await desk.until_advised("P2")
    await desk.settled()
    desk.now += timedelta(minutes=1)
    desk.report(policy_days=100, on_hand="700", withdrawn=True)
    await desk.until(lambda: desk.advice() is None, "the advice is gone")
    await desk.settled()
    firing = [kind for kind, state in desk.alerts() if state == "firing"]
    resolved = [kind for kind, state in desk.alerts() if state == "resolved"]
    p1 = [event["data"] for event in desk.sent("alerts") if "P1" in event["data"]["alert_key"]]
    assert {each["alert_key"] for each in p1 if each["state"] == "firing"} == {
        each["alert_key"] for each in p1 if each["state"] == "resolved"
    }
    assert "stock_cover_below_policy" in resolved
    assert firing
    assert desk.advice("P2") != other  # it can no longer be helped out by the other plant
    desk.order()
    (result,) = await desk.until(lambda: desk.sent("supply-risks"), "the order is answered")
    assert result["data"]["lines"][0]["plant"] == "P2"


async def test_an_order_that_ends_leaves_nothing_behind(desk: Desk) -> None:
    desk.report()
    desk.order()
    await desk.until_advised(inbound=500)
    desk.order(revision=2, status="closed")
    await desk.until_advised(inbound=0)
    await desk.settled()
    partition = desk.bus.partition_of("erp/1000/1")
    for key in ("orders", "waiting", keys.INBOUND, keys.inbound_of_key("DYOX")):
        assert desk.redis.exists(state_key(partition, GROUP, key)) == 0


async def test_a_failed_screening_and_bytes_that_are_none_are_answered(desk: Desk) -> None:
    desk.order(outcome="failed")
    (result,) = await desk.until(lambda: desk.sent("supply-risks"), "the order is answered")
    assert (result["data"]["outcome"], "It could not be read." in result["data"]["failure"]) == ("failed", True)


async def test_a_line_of_which_nobody_reports_is_unknown_and_says_what_is_missing(desk: Desk) -> None:
    desk.put("screenings", screening_event(1, desk.now))
    desk.put("orders", order_event(1, desk.now))
    (result,) = await desk.until(lambda: desk.sent("supply-risks"), "the order is answered")
    (line,) = result["data"]["lines"]
    assert (line["status"], line["missing"][0]["name"]) == ("unknown", "stock")
    assert line["indices"][0]["element"] == "Dy"
