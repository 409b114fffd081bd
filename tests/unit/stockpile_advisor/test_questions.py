"""A supplier that is lost is one, by whatever name or number; a picture is drawn of whatever there is."""

from decimal import Decimal

import pytest

from services.stockpile_advisor.cover_plot import drawn
from services.stockpile_advisor.domain.advice import advise
from services.stockpile_advisor.domain.situation import Suppositions, situation
from shared.contracts.stock import SupplySource
from tests.unit.stockpile_advisor.domain.made_inputs import HOME, NOW, POLICY, TODAY, clock, day, inputs, line

FAR = SupplySource(supplier_id="100", name="Far Oxides", country="CN", licence_needed=True)


@pytest.mark.parametrize("lost", ["Far Oxides", "100", "Far Oxides Co., Ltd."])
def test_who_shares_a_number_is_one_supplier(lost: str) -> None:
    ordered = line(500, supplier="Far Oxides Co., Ltd.", supplier_id="100")
    stood = situation(inputs(ordered, sources=[FAR, HOME]), POLICY, TODAY, Suppositions(supplier_lost=lost))
    assert stood.coming == ()
    assert stood.licensing.needed == "no"


def test_others_stay() -> None:
    stood = situation(inputs(line(500), sources=[FAR, HOME]), POLICY, TODAY, Suppositions(supplier_lost="Far Oxides"))
    assert [each.quantity for each in stood.coming] == [Decimal(500)]


def test_without_the_only_supplier_nothing_can_be_ordered() -> None:
    advice = advise(inputs(sources=[FAR]), POLICY, NOW, Suppositions(supplier_lost="Far Oxides"))
    assert (advice.decision, advice.quantity, advice.time_to_recover_p50_days) == ("cannot_fix", None, None)
    assert advice.sentence.endswith("find another source within 100 days.")


def test_without_one_of_two_the_other_takes_his_own_time() -> None:
    slow = HOME.model_copy(update={"lead_time_days": 90})
    advice = advise(inputs(sources=[FAR, slow]), POLICY, NOW, Suppositions(supplier_lost="Far Oxides"))
    assert advice.time_to_recover_p50_days == 90


def test_a_picture_is_the_same_bytes_and_names_what_matters() -> None:
    given = inputs(line(500, clocks=[clock(day(20))]), policy_days=100, description="Dysprosium oxide <99.5 %> $x$")
    advice = advise(given, POLICY, NOW)
    picture = drawn(advice, given, "svg")
    assert picture == drawn(advice, given, "svg")
    assert drawn(advice, given, "png")[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    "changes",
    [
        {"consumption_per_day": None},
        {"consumption_per_day": Decimal(0)},
        {"on_hand": Decimal(0)},
        {"on_hand": Decimal(10**9)},
        {"lead_time_days": 3000, "shipping_days": None},
    ],
)
def test_a_picture_is_drawn_of_whatever_there_is(changes: dict[str, object]) -> None:
    given = inputs(**changes)
    assert drawn(advise(given, POLICY, NOW), given, "svg").startswith(b"<?xml")
