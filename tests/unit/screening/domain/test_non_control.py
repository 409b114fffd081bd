"""The non-control pack: for goods that are free for certain, and near an item."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.basis import Basis
from services.screening.domain.screening import screen_order
from shared.contracts.screening import Answer, LineScreening
from tests.unit.screening.making import TODAY, built_in_law, built_in_parties, line, order

BASIS = Basis(built_in_law(), built_in_parties())


def screened(description: str) -> LineScreening:
    snapshot = order(line(description=description, origin_country="CN"))
    return screen_order(snapshot, BASIS, order_event_id="event", known_on=TODAY, code="test").lines[0]


def test_below_a_threshold_the_remark_carries_the_values_and_the_goods_their_test_report() -> None:
    pack = screened("Artificial graphite, purity 99.5 %, flexural strength 20 MPa, density 1.7 g/cm3").non_control_pack
    assert pack is not None
    assert pack.remark_en.startswith("Not a controlled item (artificial graphite, MOFCOM/GACC No.39 of 2023).")
    assert "purity: 99.5 %" in pack.remark_en
    assert pack.remark_zh.startswith("非管制物项（不属于商务部、海关总署公告2023年第39号所列物项）。")
    assert "抗折强度：20 MPa" in pack.remark_zh
    assert "检测报告编号" in pack.remark_zh
    assert "test report" in pack.carry[0]
    assert pack.written_by == "exporter"
    assert pack.citation.instrument == "cn-mofcom-gacc-39-2023"


def test_outside_by_the_authoritys_answer_that_answer_travels_along() -> None:
    pack = screened("Servo motor with NdFeB rotor magnets, Dy 2 %").non_control_pack
    assert pack is not None
    assert "产品：电机" in pack.remark_zh
    assert "answers IV on No.18 of 2025" in pack.carry[0]
    assert "Test report" not in pack.remark_en


def test_a_magnet_below_detection_names_every_element_it_is_near() -> None:
    pack = screened("NdFeB magnet Dy <0.001 %, Tb <0.001 %, Nd 30 %, Fe 68.8 %, B 1.2 %").non_control_pack
    assert pack is not None
    assert set(pack.control_code.split(", ")) == {"1C904.a", "1C905.a"}
    assert "Tb含量" in pack.remark_zh
    assert "Dy含量" in pack.remark_zh


@pytest.mark.parametrize(
    "description", ["Office chair", "Dysprosium oxide 99.5 %", "NdFeB magnet N42SH", "Molybdenum powder 99.95 %, 80 µm"]
)
def test_goods_that_are_controlled_unknown_or_not_near_get_none(description: str) -> None:
    assert screened(description).non_control_pack is None


DESCRIPTIONS = st.one_of(
    st.builds("NdFeB magnet, Dy {} %, Tb {} %, Nd 30 %, Fe 68 %, B 1.2 %".format, *[st.sampled_from(["<0.001", "0.05", "0.2", "2"])] * 2),
    st.builds(
        "Artificial graphite, purity {} %, flexural strength {} MPa, density {} g/cm3".format,
        st.sampled_from(["99.5", "99.95", "99.99"]),
        st.sampled_from(["20", "35"]),
        st.sampled_from(["1.70", "1.85"]),
    ),
    st.builds("Antimony trioxide {} %".format, st.sampled_from(["99", "99.8", "99.99", "99.999"])),
    st.builds(
        "{} with NdFeB magnets{}".format, st.sampled_from(["Motor", "Rotor", "Sensor", "Assembly"]), st.sampled_from(["", ", Dy 2 %"])
    ),
)


@given(DESCRIPTIONS)
def test_only_answers_that_are_certain_have_a_pack(description: str) -> None:
    found = screened(description)
    if found.non_control_pack is not None:
        answer = found.answers["CN"]
        assert answer.answer is Answer.NOT_CONTROLLED
        assert answer.dual_use_licence == "no"
        assert not found.questions
        assert "hold_risk" in [flag.name for flag in answer.flags]
        assert found.non_control_pack.values
        assert not any(flag.name == "coverage_absent" for flag in answer.flags)
