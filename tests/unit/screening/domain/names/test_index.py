"""What the index of a list finds, and what it says of who is not on it."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.screening.domain.names import THRESHOLD, NameEntry, NameIndex, identifiers_of
from tests.bench import names as bench

LEI, OTHER_LEI = "529900T8BM49AURSDO55", "5493001KJTIIGC8Y1R12"
WORDS = "acme akme rotor rotar baltic orion zenith ivanov ivanova petrov muhammad mohamed karim global trading metals metal j k tech"
ENTRY_NAMES = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=4).map(" ".join)
HAN_NAMES = st.text(st.sampled_from("鼎盛华为微技术电子精密上海国际贸易"), min_size=2, max_size=7)


def _index(*names: str) -> NameIndex:
    return NameIndex(NameEntry(f"{place:03}", (name,)) for place, name in enumerate(names))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(ENTRY_NAMES, HAN_NAMES), min_size=1, max_size=25), st.one_of(ENTRY_NAMES, HAN_NAMES))
def test_the_index_finds_what_comparing_with_everybody_finds(listed: list[str], asked: str) -> None:
    index = _index(*listed)
    assert {hit.entry.id for hit in index.search(asked)} == bench.full_scan(asked, index)


def test_an_equal_number_is_certain_whatever_the_names() -> None:
    index = NameIndex([NameEntry("a", ("Acme Rotor",), identifiers=identifiers_of({"LEI": LEI}))])
    (hit,) = index.search("Baltic Orion", identifiers_of({"lei": LEI.lower()}))
    assert (hit.score, hit.basis) == (1.0, "identifier")
    assert LEI in hit.sentence


def test_two_numbers_of_which_everybody_has_one_make_two_parties_of_one_name() -> None:
    index = NameIndex([NameEntry("a", ("Acme Rotor",), identifiers=identifiers_of({"LEI": LEI}))])
    assert index.search("Acme Rotor", identifiers_of({"LEI": OTHER_LEI})) == []
    near = index.nearest("Acme Rotor", identifiers_of({"LEI": OTHER_LEI}))
    assert near is not None
    assert near.score < THRESHOLD
    assert "makes them two parties" in near.sentence


def test_an_inexact_name_in_another_country_counts_less() -> None:
    index = NameIndex([NameEntry("a", ("Baltic Shipping Orion",), countries=("EE",))])
    (there,), (elsewhere,) = index.search("Baltic Shiping Orion", country="EE"), index.search("Baltic Shiping Orion", country="BR")
    assert elsewhere.score < there.score
    assert "One is in BR, the other in EE." in elsewhere.sentence


def test_who_is_not_listed_has_a_nearest_entry_and_why_it_is_none() -> None:
    index = _index("Baltic Shipping Company", "Zenith Metals")
    assert index.search("Baltic Trading Company") == []
    near = index.nearest("Baltic Trading Company")
    assert near is not None
    assert near.entry.names == ("Baltic Shipping Company",)
    assert 0 < near.score < THRESHOLD
    assert "Only 'Baltic Trading Company' has 'trading'." in near.sentence


@pytest.mark.parametrize(
    ("names", "asked", "basis"),
    [
        (("Norland Polymer Institute (NPI)",), "NPI", "abbreviation"),
        (("Norland Polymer Institute", "Polymer Works of Norland"), "Polymer Works of Norland", "alias"),
        (("Dingsheng Precision Technology",), "鼎盛精密技术有限公司", "translation"),
        (("鼎盛精密技术有限公司",), "Dingsheng Precision Technology Co.", "translation"),
        (("AcmeRotor",), "Acme Rotor Ltd.", "name"),
    ],
)
def test_the_value_that_met_is_named(names: tuple[str, ...], asked: str, basis: str) -> None:
    (hit,) = NameIndex([NameEntry("a", names)]).search(asked)
    assert (hit.basis, hit.asked) == (basis, asked)


def test_scripts_are_counted_by_list() -> None:
    index = NameIndex([NameEntry("a", ("Acme",), list_name="one"), NameEntry("b", ("Acme", "鼎盛"), list_name="two")])
    assert index.script_share == {"one": {"latin": 1.0}, "two": {"latin": 1.0, "han": 1.0}}


# --- the bars, on the sample data where it is at hand -------------------------------------------------------------------------------------

with_samples = pytest.mark.skipif(not bench.SAMPLES.exists(), reason="the sample parties are not beside the project")


@with_samples
def test_labelled_pairs_are_told_apart() -> None:
    pairs = bench.labelled_pairs()
    scores = [bench.score(pair) for pair in pairs]
    assert bench.f1(pairs, scores, THRESHOLD) >= 0.86
    assert bench.strong_missed(pairs, scores) == []


@with_samples
@pytest.mark.parametrize("form", bench.FORMS)
def test_listed_parties_are_found_in_both_languages(form: str, chinese: tuple[Sequence[bench.Pair], NameIndex]) -> None:
    assert bench.share_found(*chinese, form) >= 0.98


@with_samples
def test_different_chinese_names_are_not_matched(chinese: tuple[Sequence[bench.Pair], NameIndex]) -> None:
    assert bench.random_pairs_matched(chinese[0], 2_000) <= 0.001


@with_samples
def test_the_index_of_a_large_list_finds_what_a_full_scan_finds() -> None:
    entries = random.Random(2).sample(bench.us_entries(), 1_000)
    assert bench.recall(bench.names_to_ask(entries, 90), NameIndex(entries)) >= 0.99


@pytest.fixture(scope="module")
def chinese() -> tuple[Sequence[bench.Pair], NameIndex]:
    rows = bench.chinese_rows()
    return rows, NameIndex(bench.chinese_entries(rows))
