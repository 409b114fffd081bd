"""Names on orders against names on lists."""

from datetime import date

import pytest

from services.screening.domain.parties import PartyOnOrder, match, name_key, parties_of
from services.screening.domain.validity import Status
from shared.contracts.order import EndUser, Party
from tests.unit.screening.making import TODAY, built_in_parties, order


@pytest.mark.parametrize(
    ("on_order", "entry"),
    [
        ("MP Materials Corp.", "MP Materials"),
        ("MP MATERIALS", "MP Materials"),
        ("USA Rare Earth, Inc.", "USA Rare Earth"),
        ("TCOM L.P.", "TCOM, Limited Partnership"),
        ("Tcom, limited partnership", "TCOM, Limited Partnership"),
        ("JAXA", "Japan Aerospace Exploration Agency (JAXA)"),
        ("Japan Aerospace Exploration Agency", "Japan Aerospace Exploration Agency (JAXA)"),
        ("三菱造船株式会社", "Mitsubishi Heavy Industries Shipbuilding Co."),
        ("三菱造船", "Mitsubishi Heavy Industries Shipbuilding Co."),
        ("漢翔航空工業股份有限公司", "Aerospace Industrial Development Corporation"),
        ("EXCALIBUR ARMY spol. s r.o.", "Excalibur Army"),
        ("Mitsubishi Heavy Industries Engine and Turbocharger Ltd", "Mitsubishi Heavy Industries Engine & Turbocharger, Ltd."),
        ("HENSOLDT AG", "Hensoldt"),
    ],
)
def test_a_listed_name_is_found_in_its_forms(on_order: str, entry: str) -> None:
    (hit,) = match([PartyOnOrder("end_user", (on_order,))], built_in_parties(), TODAY)
    assert hit.hit.list_entry == entry
    assert on_order in hit.hit.matched


@pytest.mark.parametrize(
    "on_order",
    [
        "MP Materials Science Institute",
        "Universal Logistics GmbH",
        "Cubic Zirconia Trading Ltd.",
        "Red Cat Coffee",
        "三菱",
        "Company Ltd.",
        "Inc.",
        "TDK",
    ],
)
def test_other_names_are_not(on_order: str) -> None:
    found = match([PartyOnOrder("end_user", (on_order,))], built_in_parties(), TODAY)
    assert [hit.hit.list_entry for hit in found] == (["TDK Corporation"] if on_order == "TDK" else [])


def test_the_name_in_the_local_script_counts() -> None:
    snapshot = order(end_user=EndUser(name="Sanling Zaochuan", name_local="三菱造船株式会社"))
    (hit,) = match(parties_of(snapshot), built_in_parties(), TODAY)
    assert (hit.role, hit.hit.notice) == ("end_user", "MOFCOM No.11 of 2026")


def test_everybody_the_order_names_has_a_role() -> None:
    snapshot = order(
        buyer=Party(name="A"),
        supplier=Party(name="B"),
        exporter=Party(name="C"),
        forwarder=Party(name="D"),
        banks=[Party(name="E"), Party(name="F")],
        ship_to=Party(name="G", country="DE"),
        end_user=EndUser(name="H", owner_name="I", owner_share_percent=60),
    )
    roles = {party.names[0]: party.role for party in parties_of(snapshot)}
    assert roles == {
        "A": "buyer",
        "B": "seller",
        "C": "exporter",
        "D": "forwarder",
        "E": "bank",
        "F": "bank",
        "G": "consignee",
        "H": "end_user",
        "I": "end_user_owner",
    }


def test_a_listing_is_not_known_before_its_day() -> None:
    party = [PartyOnOrder("end_user", ("MP Materials",))]
    assert match(party, built_in_parties(), date(2026, 6, 21)) == ()
    (hit,) = match(party, built_in_parties(), date(2026, 6, 22))
    assert hit.timeline.at(date(2026, 6, 21)).status is Status.NOT_ISSUED


def test_the_suspended_and_the_stopped_listings_have_their_dates() -> None:
    (suspended,) = match([PartyOnOrder("end_user", ("Cubic Corporation",))], built_in_parties(), TODAY)
    (stopped,) = match([PartyOnOrder("end_user", ("Echodyne",))], built_in_parties(), TODAY)
    assert [suspended.timeline.at(day).status for day in (date(2025, 5, 13), date(2025, 5, 14), date(2026, 11, 9), date(2026, 11, 10))] == [
        Status.IN_FORCE, Status.SUSPENDED, Status.SUSPENDED, Status.UNSETTLED,
    ]  # fmt: skip
    assert [stopped.timeline.at(day).status for day in (date(2025, 5, 13), date(2025, 8, 11), date(2025, 8, 12))] == [
        Status.IN_FORCE, Status.SUSPENDED, Status.ENDED,
    ]  # fmt: skip


def test_names_that_are_nothing_but_a_legal_form_have_a_key_all_the_same() -> None:
    assert name_key("Company Ltd.") == "company"
    assert name_key("株式会社") == "株式会社"
    assert name_key("—") == ""
