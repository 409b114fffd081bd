"""Whom a change of lists reaches: told from the entries that differ, it is what comparing all entries tells."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from services.screening.domain.list_changes import ListChanges
from services.screening.domain.ownership import Holder, Stake
from services.screening.domain.parties import PartyOnOrder, compile_parties, match
from services.screening.domain.party_content import ListedName, Notice, PartyContent, PartyListSource
from services.screening.domain.touching import hits_differ

DAY = date(2026, 11, 22)
NAMES = (
    "Northern Rotor Works", "Northern Rotor Works Ltd", "Copper Loom Trading", "Copper Loon Trading", "Amber Quay", "Rheinmetall AG",
    "青翼公司", "China Telecom Corporation Limited",
)  # fmt: skip

listed = st.builds(
    lambda name, ended: Notice(
        list_name="ours", notice="a notice", listed_on=date(2025, 1, 1), ended_on=ended, parties=[ListedName(name=name)]
    ),
    st.sampled_from(NAMES),
    st.none() | st.just(date(2026, 1, 1)),
)
stakes = st.builds(
    lambda owner, owned, share: Stake(owner=Holder(name=owner), owned=Holder(name=owned), share_percent=share),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.none() | st.integers(1, 100),
)
contents = st.builds(
    lambda title, notices, ownership: PartyContent(
        lists={"ours": PartyListSource(title=title, jurisdiction="OWN", authority="x")}, notices=notices, ownership=ownership
    ),
    st.sampled_from(["one", "one", "one", "two"]),
    st.lists(listed, max_size=5),
    st.lists(stakes, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(contents, contents, st.booleans())
def test_a_change_reaches_whom_comparing_everything_reaches(first: PartyContent, second: PartyContent, shared: bool) -> None:
    if shared:
        second = second.model_copy(update={"notices": [*first.notices, *second.notices], "ownership": first.ownership})
    before, after = compile_parties([first]), compile_parties([second])
    changes = ListChanges(before, after)
    for name in NAMES:
        party = PartyOnOrder("seller", (name,))
        if hits_differ(party, before, after, DAY):
            assert changes.reach(party, DAY)


def test_nothing_is_reached_where_nothing_differs() -> None:
    content = PartyContent(
        lists={"ours": PartyListSource(title="one", jurisdiction="OWN", authority="x")},
        notices=[Notice(list_name="ours", notice="a notice", listed_on=None, parties=[ListedName(name=name) for name in NAMES])],
    )
    changes = ListChanges(compile_parties([content]), compile_parties([content]))
    assert not any(changes.reach(PartyOnOrder("seller", (name,)), DAY) for name in NAMES)


def test_a_notice_that_ended_does_not_hide_one_by_the_same_name_that_stands() -> None:
    notices = [
        Notice(list_name="ours", notice="a notice", listed_on=date(2025, 1, 1), ended_on=ended, parties=[ListedName(name=NAMES[0])])
        for ended in (date(2026, 1, 1), None)
    ]
    described = {"ours": PartyListSource(title="one", jurisdiction="OWN", authority="x")}
    for in_order in (notices, notices[::-1]):
        found = match((PartyOnOrder("seller", (NAMES[0],)),), compile_parties([PartyContent(lists=described, notices=in_order)]), DAY)
        assert {hit.listing.ended_on for hit in found} == {date(2026, 1, 1), None}
