"""One party asked about: what names it, what came closest, and what could not be asked."""

from datetime import date

from services.screening.domain.parties import PartyOnOrder, compile_parties
from services.screening.domain.party_check import checked
from services.screening.domain.party_content import ListedName, Notice, PartyContent, PartyListSource

TODAY = date(2026, 11, 22)
LISTS = compile_parties(
    [
        PartyContent(
            lists={"avoided": PartyListSource(title="Avoided", jurisdiction="US", authority="nobody")},
            notices=[
                Notice(
                    list_name="avoided",
                    notice="a notice",
                    listed_on=date(2026, 1, 1),
                    ended_on=date(2026, 6, 1),
                    parties=[ListedName(name="Baltic Shipping Company"), ListedName(name="Acme Rotor Works")],
                )
            ],
        )
    ]
)


def test_a_hit_tells_how_the_listing_stands() -> None:
    found = checked(PartyOnOrder("seller", ("Acme Rotor Works GmbH",)), LISTS, date(2026, 3, 1))
    (hit,) = found["hits"]
    assert (hit["list_entry"], hit["score"], hit["certain"], hit["status"]) == ("Acme Rotor Works", "1", True, "in force")
    assert found["nearest"] is None
    (ended,) = checked(PartyOnOrder("seller", ("Acme Rotor Works GmbH",)), LISTS, TODAY)["hits"]
    assert ended["status"] == "ended"


def test_without_a_hit_what_came_closest_proves_it() -> None:
    found = checked(PartyOnOrder("seller", ("Baltic Trading Company",), None, (), "LV"), LISTS, TODAY)
    assert found["hits"] == []
    assert found["nearest"]["list_entry"] == "Baltic Shipping Company"
    assert 0 < found["nearest"]["score"] < found["threshold"]
    assert found["nearest"]["why_not"]
    assert (found["known_on"], found["parties_version"]) == ("2026-11-22", LISTS.version)


def test_a_list_that_cannot_be_asked_is_no_silence() -> None:
    (unasked,) = checked(PartyOnOrder("seller", ("华微技术有限公司",)), LISTS, TODAY)["not_screened"]
    assert (unasked["list_name"], unasked["script"]) == ("avoided", "han")
