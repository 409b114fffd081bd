"""How far licences cover a line, in states, quantities and sentences."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.screening.domain.licensing.allocation import Claims
from services.screening.domain.licensing.cover import NO_LICENCES, Licences, recorded
from shared.contracts.licence import Licence
from shared.contracts.order import EndUser, ItemReference, LineShipment, Party, Quantity, RequestedDelivery
from shared.contracts.screening import Answer
from tests.unit.screening.domain.licensing.covering import BUYER, cover, licence, ordered, oxide, screened, used
from tests.unit.screening.making import line

MARCH, MAY = date(2027, 2, 20), date(2027, 5, 1)


def test_without_a_licence_the_line_says_so_and_says_what_a_new_one_would_reach() -> None:
    result = screened(ordered(), NO_LICENCES)
    found = result.lines[0].cover
    assert found is not None
    assert (found.state, found.whole, found.sentences) == ("none", False, ["No licence that covers the line is known."])
    assert {"order:erp/1000/4711", "item:DY-1", "code:1C905", "code:1C905.b", "element:Dy"} <= set(result.touched)
    assert result.lines[0].answers["CN"].answer is Answer.LICENCE_REQUIRED


def test_a_line_that_needs_no_licence_has_no_cover() -> None:
    chair = line(description="Office chair", origin_country="DE", item=ItemReference(buyer_id="DY-1"))
    assert screened(ordered(chair), used(licence(item_ids=["DY-1"]))).lines[0].cover is None


def test_300_of_500_kg() -> None:
    claims: Claims = {}
    result = screened(ordered(), used(licence()), claims=claims)
    found = result.lines[0].cover
    assert found is not None
    assert (found.state, found.whole, found.required, found.granted, found.unit) == ("granted", False, 500, 300, "kg")
    assert found.sentences == ["300 of 500 kg are covered by licence X until 2027-03-01; 200 kg are not."]
    assert (found.since, found.valid_until) == (date(2026, 10, 12), date(2027, 3, 1))
    assert [(claim.amount, granted) for claim, granted in claims["X"]] == [(500, 300)]
    assert result.lines[0].answers["CN"].answer is Answer.LICENCE_REQUIRED
    assert "licence:X" in result.touched
    assert result.recheck_on == date(2027, 3, 2)
    assert [cliff.on for cliff in found.cliffs] == [date(2027, 3, 2)]


def test_a_licence_that_has_ended_covers_nothing() -> None:
    found = cover(ordered(), used(licence()), on=date(2027, 3, 2))
    assert (found.state, found.granted) == ("none", None)
    assert found.sentences == ["Licence X ended on 2027-03-01, before goods leave on 2027-03-02."]


def test_goods_wait_for_a_licence_that_begins_later() -> None:
    found = cover(ordered(), used(licence(valid_from="2026-12-01", quantity="500")))
    assert (found.state, found.whole) == ("granted", True)
    assert [cliff.on for cliff in found.cliffs] == [date(2026, 12, 1), date(2027, 3, 2)]


def test_each_schedule_line_is_covered_for_its_own_day() -> None:
    schedule = [RequestedDelivery(date=MARCH, quantity=200), RequestedDelivery(date=MAY, quantity=300)]
    found = cover(ordered(oxide(requested_delivery=schedule)), used(licence(quantity="500")))
    assert [(part.schedule_position, part.state, part.required, part.granted) for part in found.parts] == [
        (1, "granted", 200, 200),
        (2, "none", 300, 0),
    ]
    assert found.sentences[0] == "200 of 500 kg are covered by licence X until 2027-03-01; 300 kg are not."
    assert "Licence X ends on 2027-03-01, before goods leave on 2027-05-01." in found.sentences


def test_two_licences_are_drawn_one_after_the_other_the_one_that_ends_first_first() -> None:
    second = licence("Y", quantity="0.15", unit="TNE", valid_until="2027-06-30")
    claims: Claims = {}
    found = screened(ordered(), used(second, licence()), claims=claims).lines[0].cover
    assert found is not None
    assert found.sentences == ["Covered are 300 kg by licence X until 2027-03-01, 0.15 t by licence Y until 2027-06-30; 50 kg are not."]
    assert {name: [claim.amount for claim, _ in rows] for name, rows in claims.items()} == {"X": [500], "Y": [Decimal("0.2")]}
    assert found.licences == ["X", "Y"]


def test_lines_of_one_order_share_a_licence() -> None:
    result = screened(ordered(oxide("10", 200), oxide("20", 200)), used(licence()))
    assert [each.cover.granted for each in result.lines if each.cover] == [200, 100]


def test_what_others_claimed_before_is_not_there() -> None:
    found = cover(ordered(), used(licence(), ahead_of_open=Decimal(250)))
    assert (found.granted, found.sentences[0]) == (50, "50 of 500 kg are covered by licence X until 2027-03-01; 450 kg are not.")
    waiting = cover(ordered(), used(licence(), ahead_of_open=Decimal(900)))
    assert (waiting.state, waiting.granted) == ("none", 0)
    assert "give back" in waiting.sentences[0]


@pytest.mark.parametrize(
    ("fields", "state", "sentence"),
    [
        ({"state": "filed", "history": [{"state": "filed", "on": "2026-09-01"}]}, "applied", "applied for on 2026-09-01"),
        ({"state": "pending", "history": [{"state": "pending", "on": "2026-09-01"}]}, "applied", "under review since 2026-09-01"),
        ({"state": "returned", "history": []}, "returned_for_supplement", "returned for supplement; the exporter"),
        ({"state": "refused", "history": [{"state": "refused", "on": "2026-09-09"}]}, "refused", "was refused on 2026-09-09"),
        ({"state": "not_filed", "history": []}, "none", "has not been filed yet"),
        ({"kind": "general", "quantity": None, "unit": None}, "general_licence_asserted", "asserts general licence X"),
        ({"quantity": None}, "unknown", "grants is not known"),
        ({"unit": "C62"}, "unknown", "counts in KGM and the licence in C62"),
        ({"end_user": {"name": "Somebody Else GmbH"}}, "none", "for another end user"),
        ({"control_codes": ["1C904"], "item_ids": []}, "none", "No licence that covers the line"),
        ({"exporter": {"name": "Baotou Other Co., Ltd."}}, "none", "No licence that covers the line"),
    ],
)
def test_the_state_of_a_case_is_that_of_the_cover(fields: dict[str, Any], state: str, sentence: str) -> None:
    found = cover(ordered(), used(licence(**fields)))
    assert found.state == state
    assert sentence in " ".join(found.sentences)
    assert found.whole is (state == "general_licence_asserted")


def test_a_case_filed_for_other_orders_says_nothing_of_this_one_unless_it_is_granted() -> None:
    other = [{"system": "erp", "company": "1000", "order_id": "1"}]
    assert cover(ordered(), used(licence(state="refused", history=[], orders=other))).state == "none"
    assert cover(ordered(), used(licence(orders=other))).state == "granted"


def test_an_end_user_that_the_order_does_not_name_is_asked_for() -> None:
    unknown = ordered(end_user=EndUser(user_class="civil"))
    found = cover(unknown, used(licence(end_user={"name": "Example AG"})))
    assert (found.state, found.granted) == ("unknown", None)
    assert "does not say who that is" in found.sentences[0]
    assert cover(ordered(), used(licence(end_user={"name": "EXAMPLE AG"}))).state == "granted"


@pytest.mark.parametrize("goods", [{"item_ids": ["DY-1"]}, {"control_codes": ["1c905.B"]}, {"elements": ["Dy"]}])
def test_goods_are_named_by_item_by_code_or_by_element(goods: dict[str, list[str]]) -> None:
    assert cover(ordered(), used(licence(**{"control_codes": [], **goods}))).state == "granted"


def test_all_codes_of_a_line_have_to_be_covered() -> None:
    terfenol = oxide(description="Terfenol-D alloy rod, Tb 18 %, Dy 42 %, Fe 40 %", item=ItemReference(buyer_id="TD"))
    codes = {finding.control_code for finding in screened(ordered(terfenol), NO_LICENCES).lines[0].findings}
    assert {"1C904.a", "1C905.a"} <= codes
    found = cover(ordered(terfenol), used(licence(quantity="500")))
    assert (found.state, found.sentences) == ("none", ["Licence X does not name 1C904.a, under which the goods fall, too."])
    assert cover(ordered(terfenol), used(licence(quantity="500", control_codes=["1C904", "1C905"]))).whole


def test_the_exporter_of_record_counts_before_the_seller() -> None:
    through = ordered(exporter=Party(id="V9", name="Shanghai Forwarding Trade Co., Ltd."))
    assert cover(through, used(licence())).state == "none"
    assert cover(through, used(licence(exporter={"id": "V9"}))).state == "granted"


def test_pieces_are_counted_and_mass_is_asked_for_where_it_is_missing() -> None:
    pieces = oxide(quantity=Quantity(value=Decimal(1000), unit="C62"), mass_kg=None)
    assert cover(ordered(pieces), used(licence(unit="pieces"))).granted == 300
    without_mass = cover(ordered(pieces), used(licence()))
    assert without_mass.state == "unknown"
    assert "mass of the line is not known" in without_mass.sentences[0]


def test_what_has_left_is_covered_by_what_was_valid_on_its_day() -> None:
    shipments = [
        LineShipment(shipment_id="S1", quantity=100, departed_on=date(2026, 10, 1)),
        LineShipment(shipment_id="S2", quantity=200, departed_on=date(2026, 11, 1)),
    ]
    claims: Claims = {}
    result = screened(ordered(oxide(shipments=shipments)), used(licence()), claims=claims)
    found = result.lines[0].cover
    assert found is not None
    assert [(part.shipment_id, part.departed, part.granted) for part in found.parts] == [
        ("S1", True, 0),
        ("S2", True, 200),
        (None, False, 100),
    ]
    assert "Licence X began on 2026-10-12, after goods had left on 2026-10-01." in found.sentences
    assert [(claim.delivery, claim.departed) for claim, _ in claims["X"]] == [("shipment:S2", True), ("line", False)]
    assert [(part.shipment_id, part.departed_on) for part in result.lines[0].departed] == [
        ("S1", date(2026, 10, 1)),
        ("S2", date(2026, 11, 1)),
    ]


def test_a_line_that_has_left_has_no_cliffs_and_is_not_looked_at_again() -> None:
    gone = oxide(departed_on=date(2026, 11, 1), shipments=[LineShipment(shipment_id="S1", departed_on=date(2026, 11, 1))])
    result = screened(ordered(gone), used(licence(quantity="500")))
    found = result.lines[0]
    assert found.cover is not None
    assert (found.cover.whole, found.cover.cliffs, found.cliffs, result.recheck_on) == (True, [], [], None)


def test_the_same_licences_give_the_same_result_however_they_come() -> None:
    several = [licence("A", quantity="100"), licence("B", quantity="50"), licence("C", state="filed", history=[])]
    results = [screened(ordered(), used(*order)) for order in (several, several[::-1])]
    assert results[0].model_dump_json() == results[1].model_dump_json()
    again = screened(ordered(), Licences(results[0].versions["licences"], tuple(map(recorded, results[0].licences))))
    assert again.model_dump_json() == results[0].model_dump_json()


def test_of_many_licences_that_do_nothing_for_an_order_only_some_are_spoken_of() -> None:
    of_others = [licence(f"O{number:03}", end_user={"name": f"User {number}"}) for number in range(200)]
    ended = [licence(f"E{number:03}", valid_from="2024-01-01", valid_until="2025-01-01") for number in range(200)]
    result = screened(ordered(), used(*of_others, *ended, licence("X", quantity="500")))
    found = result.lines[0].cover
    assert found is not None
    assert (found.whole, found.licences) == (True, ["X"])
    assert len(result.licences) == 7
    waiting = screened(ordered(), used(*(licence(f"W{number:03}") for number in range(200)), ahead_of_open=300, ahead_of_departed=300))
    assert len(waiting.licences) == 10
    again = screened(ordered(), Licences(waiting.versions["licences"], tuple(map(recorded, waiting.licences))))
    assert again.model_dump_json() == waiting.model_dump_json()


def test_of_several_cases_the_newest_speaks() -> None:
    refused = licence("R", state="refused", history=[{"state": "refused", "on": "2026-05-01"}])
    filed = licence("F", state="filed", history=[{"state": "filed", "on": "2026-06-01"}])
    for cases in ((refused, filed), (filed, refused)):
        found = cover(ordered(), used(*cases))
        assert (found.state, found.licences) == ("applied", ["F"])


def test_a_licence_that_contradicts_itself_is_refused_in_a_sentence() -> None:
    def wrong(**fields: Any) -> str:
        with pytest.raises(ValueError) as refused:
            licence(**fields)
        return str(refused.value)

    assert "names no goods" in wrong(control_codes=[])
    assert "general licence has no quantity" in wrong(kind="general")
    assert "valid until 2026-01-01 and from 2026-10-12" in wrong(valid_until="2026-01-01")
    assert "said to be filed, and approved since 2026-10-12" in wrong(state="filed")
    assert "belongs to one exporter" in wrong(exporter={"country": "CN"})


PROMISE = {"end_use": "traction motors for passenger cars", "end_user": {"name": "Example AG"}, "destination": "DE", "document": "EUC 17"}


@pytest.mark.parametrize(
    ("fields", "contradiction"),
    [
        ({"end_use_text": "Traction motor magnets, passenger car programme"}, None),
        ({"end_use_text": None}, None),
        ({"end_use_text": "wind turbine generators"}, "an end use other than promised"),
        ({"end_use_text": "guidance of cruise missiles"}, "a military use"),
        ({"end_user": EndUser(name="Another User SA", country="FR", user_class="civil")}, "another than promised"),
        ({"destination": "US", "end_user": BUYER.model_copy(update={"country": "US"})}, "another country than promised"),
    ],
)
def test_an_order_that_contradicts_an_undertaking_is_flagged(fields: dict[str, Any], contradiction: str | None) -> None:
    promised: Licence = licence(undertakings=[PROMISE])
    flags = screened(ordered(**fields), used(promised)).lines[0].answers["CN"].flags
    told = " ".join(flag.sentence for flag in flags if flag.name == "undertaking_breach_risk")
    assert (contradiction in told) if contradiction else not told
    if contradiction:
        assert "EUC 17" in told
