"""Whatever a line says, recognition answers, and soon."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.screening.domain.goods import Goods
from services.screening.domain.recognition import recognise
from shared.contracts.order import Attribute, Classification, Constituent, SnapshotLine
from tests.unit.screening.recognition.making import goods

WORDS = [
    "Dy",
    "Tb",
    "In",
    "W",
    "Y",
    "Co",
    "dysprosium",
    "oxide",
    "Dysprosiumoxid",
    "magnet",
    "NdFeB",
    "SmCo",
    "N42SH",
    "free",
    "without",
    "for",
    "with",
    "of",
    "and",
    "1.9%",
    "<0.01 wt%",
    "99,99 %",
    "4N",
    "D50",
    "3 µm",
    "20x10x5",
    "Dy2O3",
    "La2(CO3)3",
    "(",
    ")",
    ",",
    ";",
    "-",
    "/",
    "磁石",
    "ジスプロシウム",
    "用",
    "不含",
    "氧化",
    "镝",
    "YAG",
    "GmbH",
    "grey",
    "HS",
    "2846901500",
    "of value",
    "\u200b",
    "Ⅲ",
    "Ｄｙ",
    "ｼﾞｽﾌﾟﾛ",
    "\u202e",
    "<p>",
    "½",
    "①",
    "٣%",
    "\ud800",
    "\x00",
    "🧲",
]
SECONDS_FOR_THE_LONGEST = 2.0


def unchecked(description: str) -> SnapshotLine:
    """A line that no contract has looked at."""
    return SnapshotLine.model_construct(
        line_id="1", description=description, texts=[], attributes=[], composition=[], classifications=[], provenance={}
    )


def sound(found: Goods) -> bool:
    intervals = [m.mass_share_percent for m in found.materials] + [p.value for p in found.parameters if p.name.endswith("_percent")]
    return all(i.minimum is None or i.maximum is None or i.minimum <= i.maximum for i in intervals) and all(
        sentence.endswith(".") for sentence in found.contradictions
    )


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    assert sound(recognise(unchecked(text)))


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=40), st.sampled_from([" ", "", ", "]))
def test_any_words_of_the_trade_in_any_order(words: list[str], separator: str) -> None:
    assert sound(recognise(unchecked(separator.join(words))))


@given(
    st.dictionaries(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30), max_size=4),
    st.dictionaries(st.sampled_from(["Dy", "Dy2O3", "Nd+Pr", "REO", "HREE share"]), st.text(min_size=1, max_size=20), max_size=3),
    st.text(min_size=1, max_size=14),
)
def test_any_attributes_composition_and_code(attributes: dict[str, str], composition: dict[str, str], code: str) -> None:
    line = SnapshotLine(
        line_id="1",
        attributes=[Attribute(name=name, value=value) for name, value in attributes.items()],
        composition=[Constituent(substance=substance, share=share) for substance, share in composition.items()],
        classifications=[Classification(scheme="CN_TARIFF", code=code), Classification(scheme="CAS", code=code)],
    )
    assert sound(recognise(line))


@pytest.mark.parametrize(
    "unit", [word + separator for word in WORDS for separator in ("", " ", ",")] + ["((", "Al", "1x", "A(B", "1,", "- ", "di 2 "]
)
def test_a_hundred_kilobytes_of_anything_take_no_longer_than_eight(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    started = process_time()
    assert sound(recognise(unchecked(text)))
    assert process_time() - started < SECONDS_FOR_THE_LONGEST


@pytest.mark.parametrize(
    "unit",
    [
        "99.9 % dysprosium purity 1%, ",
        "graphite 99.9 % spare part, ",
        "Gehalt 1% : 1308-87-8",
        "Dy: 1%; ",
        "tungsten carbide ",
        "carbideGehaltpowder ",
        "镝 > 99.9 % for",
        "Tb, carbide, graphite, 10 mm, ",
    ],
)
def test_the_longest_text_of_shares_and_substances_takes_no_longer_than_others(unit: str) -> None:
    text = (unit * 8000)[:8000]
    started = process_time()
    assert sound(recognise(unchecked(text)))
    assert process_time() - started < SECONDS_FOR_THE_LONGEST / 2


def test_deep_nesting_is_no_formula() -> None:
    assert goods("(" * 3000 + "Dy2O3" + ")" * 3000).parameters == ()


@pytest.mark.parametrize(
    "hidden", ["Dys\u200bprosium oxide", "Dys\u00adprosium oxide", "\ufeffDysprosium\u2060 oxide", "Ｄｙｓｐｒｏｓｉｕｍ ｏｘｉｄｅ"]
)
def test_what_the_eye_does_not_see_does_not_hide(hidden: str) -> None:
    assert {m.element for m in goods(hidden).materials} == {"Dy"}
