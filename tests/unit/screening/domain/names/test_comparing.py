"""Two names: when they are one, when they may be, when they are not."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.screening.domain.names import CERTAIN, THRESHOLD, compare, name_key
from services.screening.domain.names.forms import HAN_FORMS
from services.screening.domain.names.prepared import Kind
from services.screening.domain.names.simplified import TO_SIMPLIFIED
from services.screening.domain.names.terms import HAN_REGIONS

TRADITIONAL: dict[int, int] = {}
for _traditional, _simplified in TO_SIMPLIFIED.items():
    TRADITIONAL.setdefault(_simplified, _traditional)

HAN = st.text(
    st.sampled_from("华为技术电子精密工业上海深圳中国航空国际贸易稀土磁材金属三环宁波北方材料微长江龙云鼎盛发展集团"),
    min_size=2,
    max_size=12,
)
LATIN = "acme rotor baltic orion zenith ivanov petrova muhammad karim global trading metals steel shanghai technology sechin"
WORDS = st.lists(st.sampled_from(LATIN.split()), min_size=1, max_size=5).map(" ".join)
NAMES = st.one_of(WORDS, HAN, st.text(max_size=20))
KINDS: st.SearchStrategy[Kind | None] = st.sampled_from(["person", "organisation", None])


@given(NAMES, NAMES, KINDS)
def test_the_score_is_the_same_either_way_round(left: str, right: str, kind: Kind | None) -> None:
    there, back = compare(left, right, kind), compare(right, left, kind)
    assert there.score == back.score
    assert 0 <= there.score <= 1
    assert (there.left_only, there.right_only) == (back.right_only, back.left_only)
    assert there.sentence or there.score == 0


@given(NAMES, KINDS)
def test_a_name_is_itself(name: str, kind: Kind | None) -> None:
    assert compare(name, name, kind).score == 1


@given(WORDS, st.sampled_from(["Co., Ltd.", "GmbH", "Inc.", "S.A.", "s.r.o.", "L.L.C.", "Sp. z o.o.", "Joint Stock Company"]))
def test_a_legal_form_makes_no_other_name(name: str, form: str) -> None:
    assert compare(name, f"{name} {form}", "organisation").score >= CERTAIN


@given(HAN, st.sampled_from(["有限公司", "股份有限公司", "有限责任公司", "集团", "株式会社", "公司"]))
def test_a_chinese_legal_form_makes_no_other_name(name: str, form: str) -> None:
    """A region or a legal form by itself names nobody: what stands before the form has to be a name."""
    assume(name not in HAN_REGIONS and name not in HAN_FORMS)
    assert compare(name, name + form).score >= THRESHOLD


@given(HAN)
def test_both_scripts_of_chinese_are_one_name(name: str) -> None:
    assert compare(name, name.translate(TRADITIONAL)).score == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("華為技術有限公司", "华为技术有限公司"),
        ("Müller Präzision GmbH", "Muller Prazision"),
        ("Rotor Vertrieb S.à r.l.", "ROTOR VERTRIEB SARL"),
        ("日立建机（株）", "日立建机株式会社"),
        ("KGM株式会社", "KGM"),
        ("van der Molen Staal", "Vandermolen Staal B.V."),
        ("Rotor (Deutschland) GmbH", "Rotor Deutschland"),
    ],
)
def test_the_same_name_in_another_form_is_certain(left: str, right: str) -> None:
    assert compare(left, right).score >= CERTAIN


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Rotor Technologies", "Rotor Tech Co., Ltd."),
        ("Baltic Shiping Co.", "Baltic Shipping Company"),
        ("Nooristani, Abdul", "Abdul Nuristani"),
        ("Wladimir Petrow", "Владимир Петров"),
        ("深圳市鼎盛精密有限公司", "鼎盛精密"),
        ("华为技术有限公司", "Huawei Technologies Co., Ltd."),
        ("鼎盛国际贸易有限公司", "Dingsheng International Trading"),
        ("李明华", "LI, Minghua"),
        ("J. Sanderson", "John Sanderson"),
    ],
)
def test_what_may_be_the_same_is_asked_and_never_certain(left: str, right: str) -> None:
    found = compare(left, right)
    assert THRESHOLD <= found.score < CERTAIN, found.sentence


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("华为技术", "华微技术"),
        ("三菱造船", "三凌造船"),
        ("北京鼎盛技术有限公司", "上海鼎盛技术有限公司"),
        ("鼎盛技术", "鼎盛投资"),
        ("Baltic Shipping Company", "Baltic Trading Company"),
        ("Bank of Norland (Singapore)", "Bank of Norland (Dubai)"),
        ("Acme Corp", "Zenith Corp"),
        ("Sergei Ivanovich Petrov", "Sergei Nikolaevich Petrov"),
        ("Ahmad Karimi", "Ahmad Rahimzadeh"),
        ("", "Acme"),
        ("—", "Acme"),
    ],
)
def test_other_parties_are_not_matched(left: str, right: str) -> None:
    assert compare(left, right).score < THRESHOLD


def test_a_score_is_explained() -> None:
    assert compare("Baltic Shiping Co.", "Baltic Shipping Company").sentence == (
        "Both have 'baltic'; 'shiping' is close to 'shipping' (0.95)."
    )
    assert "Only 'Acme Dubai' has 'dubai'." in compare("Acme Dubai", "Acme Moscow").sentence
    assert "a German, the other a American legal form" not in compare("Acme Rotor GmbH", "Acme Rotar Inc.").sentence
    assert "'华为' may stand for 'huawei'" in compare("华为技术有限公司", "Huawei Technologies").sentence


def test_names_that_are_nothing_but_a_legal_form_have_a_key_all_the_same() -> None:
    assert name_key("Company Ltd.") == "company"
    assert name_key("株式会社") == "株式会社"
    assert name_key("—") == ""
