"""Names on orders against names on lists."""

from datetime import date
from time import process_time

import pytest

from services.screening.domain.parties import (
    MOST_HITS,
    PartyList,
    PartyOnOrder,
    _found,
    compile_parties,
    match,
    name_key,
    nearest,
    not_screened,
    parties_of,
)
from services.screening.domain.party_content import ListedName, Notice, PartyContent, PartyListSource
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


LEI, OTHER_LEI = "529900T8BM49AURSDO55", "5493001KJTIIGC8Y1R12"


def _listed(*names: ListedName) -> PartyList:
    source = PartyListSource(title="the list of Norland", jurisdiction="US", authority="Norland")
    notice = Notice(list_name="norland", notice="No.1", listed_on=date(2025, 1, 1), parties=list(names))
    return compile_parties([PartyContent(lists={"norland": source}, notices=[notice])])


def test_a_registry_number_on_both_sides_is_the_party_whatever_it_is_called() -> None:
    listed = _listed(ListedName(name="Acme Rotor", entry_id="N-7", identifiers={"LEI": [LEI]}))
    order_of = order(supplier=Party(name="Zenith Trading", identifiers={"lei": LEI}))
    (hit,) = match(parties_of(order_of), listed, TODAY)
    assert (hit.hit.basis, hit.hit.score, hit.hit.entry_id, hit.certain) == ("identifier", 1, "N-7", True)
    assert match([PartyOnOrder("seller", ("Acme Rotor",), identifiers=(("LEI", OTHER_LEI),))], listed, TODAY) == ()


def test_a_party_without_a_name_is_matched_by_its_number() -> None:
    listed = _listed(ListedName(name="Acme Rotor", identifiers={"LEI": [LEI]}))
    (hit,) = match([PartyOnOrder("bank", (), identifiers=(("LEI", LEI),))], listed, TODAY)
    assert LEI in hit.hit.name


def test_a_near_name_may_be_the_party_and_is_worded_so() -> None:
    (hit,) = match([PartyOnOrder("seller", ("Baltic Shiping Orion",))], _listed(ListedName(name="Baltic Shipping Orion")), TODAY)
    assert not hit.certain
    assert "may be 'Baltic Shipping Orion' on the list" in hit.hit.matched


def test_fingerprints_are_those_of_what_matched() -> None:
    first = _listed(ListedName(name="Acme Rotor", aliases=["Rotor Works of Norland"], entry_id="N-7"))
    second = _listed(
        ListedName(name="Zenith"), ListedName(name="Acme Rotor", aliases=["Another Alias", "Rotor Works of Norland"], entry_id="N-7")
    )
    prints = [
        (hit.hit.party_fingerprint, hit.hit.entry_fingerprint)
        for listed in (first, second)
        for name in ("Acme Rotor Ltd.", "ACME ROTOR", "Rotor Works of Norland")
        for hit in match([PartyOnOrder("seller", (name,))], listed, TODAY)
    ]
    assert prints[0] == prints[1] == prints[3] == prints[4]
    assert prints[2] == prints[5] != prints[0]


def test_a_chinese_name_against_a_list_without_chinese_is_said_not_to_be_screened() -> None:
    listed = _listed(ListedName(name="Acme Rotor"), ListedName(name="Dingsheng Precision Technology"))
    unknown = [PartyOnOrder("seller", ("赣州宏远稀土有限公司",))]
    (told,) = not_screened(unknown, listed)
    assert (told.role, told.list_name, told.script) == ("seller", "norland", "han")
    assert "the list has no name in that script" in told.sentence
    assert match(unknown, listed, TODAY) == ()


@pytest.mark.parametrize(
    "names", [("赣州宏远稀土有限公司", "Ganzhou Hongyuan Rare Earth"), ("鼎盛精密技术有限公司",), ("Владимир Петров",)]
)
def test_a_name_in_the_lists_script_or_a_candidate_by_meaning_is_screening(names: tuple[str, ...]) -> None:
    listed = _listed(ListedName(name="Acme Rotor"), ListedName(name="Dingsheng Precision Technology"))
    assert not_screened([PartyOnOrder("seller", names)], listed) == ()


def test_the_nearest_entry_proves_a_non_match() -> None:
    listed = _listed(ListedName(name="Baltic Shipping Company"), ListedName(name="Acme Rotor"))
    party = PartyOnOrder("seller", ("Baltic Trading Company",))
    assert match([party], listed, TODAY) == ()
    found = nearest(party, listed)
    assert found is not None
    listing, scored = found
    assert listing.name == "Baltic Shipping Company"
    assert "Only 'Baltic Trading Company' has 'trading'." in scored.sentence


def test_what_was_found_for_a_party_is_found_again_without_looking() -> None:
    listed = _listed(ListedName(name="Acme Rotor"))
    party = PartyOnOrder("seller", ("Acme Rotor GmbH",))
    first = match([party], listed, TODAY)
    for part in listed.parts:
        part.index.search = None  # type: ignore[method-assign, assignment]
    assert match([party], listed, TODAY) == first


def test_a_list_of_one_name_over_and_over_is_told_in_part_and_that_it_is() -> None:
    entries = [ListedName(name="Zorvax Kelmit Industries", entry_id=f"E{number}") for number in range(MOST_HITS + 50)]
    own = PartyContent(
        lists={"own": PartyListSource(title="Own", jurisdiction="OWN", authority="Purchasing")},
        notices=[Notice(list_name="own", notice="N", listed_on=None, parties=entries)],
    )
    listed = compile_parties([built_in_parties().source, own])
    party = PartyOnOrder("seller", ("ZORVAX KELMIT INDUSTRIES LTD",))
    assert len(_found(party, listed).hits) == MOST_HITS
    (untold,) = (one for one in not_screened([party], listed) if one.list_name == "own")
    assert "50 more entries of Own than the 200 nearest" in untold.sentence


def test_a_name_takes_no_long_time_against_names_that_share_its_rare_word() -> None:
    entries = [ListedName(name=f"Zorvax {first}{second} Works", entry_id=f"{first}{second}") for first in SYLLABLES for second in SYLLABLES]
    own = PartyContent(
        lists={"own": PartyListSource(title="Own", jurisdiction="OWN", authority="Purchasing")},
        notices=[Notice(list_name="own", notice="N", listed_on=None, parties=entries)],
    )
    listed = compile_parties([own])
    for name in ("Zorvax Kelmit Industries", "zorvax", "Zorvax International Trading Group", "zorvax kelmit brontu qualix " * 17):
        started = process_time()
        match([PartyOnOrder("seller", (name[:500],))], listed, TODAY)
        assert process_time() - started < 0.5, name


SYLLABLES = [first + vowel + last for first in "bdfgkmprst" for vowel in "aeiou" for last in "lnr"]
