"""What lets goods through that are free but near a controlled parameter: the customs remark with their values, and what travels with them.

No.18 of 2025 has the exporter write into the remarks of the declaration whether goods are controlled, and, where parameters are close, that
they are not, with the values; customs may question and hold (regulation.md, section 1.2).
"""

from services.screening.domain.facts import TRADE_FACT_NAMES
from services.screening.domain.law import Law
from shared.contracts.screening import Answer, Finding, Flag, LineScreening, NonControlPack, UsedFact

HOLD_RISK = "hold_risk"
_DOUBTS = frozenset({"coverage_absent", "tariff_line_conflict"})
"""Flags beside which “not a controlled item” would say too much."""

_ANNOUNCED_BY = {
    "Ministry of Commerce and General Administration of Customs": "商务部、海关总署公告",
    "Ministry of Commerce": "商务部公告",
}
_NAMES = {
    "product": ("product", "产品"),
    "magnet_family": ("magnet family", "磁体类别"),
    "capacity_m3_per_day": ("capacity per day", "日处理量"),
    "compaction_density_g_cm3": ("compaction density", "压实密度"),
    "density_g_cm3": ("density", "密度"),
    "diameter_mm": ("diameter", "直径"),
    "dislocation_density_per_cm2": ("dislocation density", "位错密度"),
    "elastic_limit_mpa": ("elastic limit", "弹性极限"),
    "elongation_percent": ("elongation", "延伸率"),
    "energy_density_wh_kg": ("energy density", "能量密度"),
    "flexural_strength_mpa": ("flexural strength", "抗折强度"),
    "flux_density_t": ("flux density", "磁通密度"),
    "frequency_mhz": ("frequency", "频率"),
    "grit_um": ("grit", "磨粒粒径"),
    "inner_diameter_mm": ("inner diameter", "内径"),
    "length_mm": ("length", "长度"),
    "medium_heavy_share_of_reo_percent": ("share of medium and heavy rare earths in all rare-earth oxides", "中重稀土占稀土总量"),
    "particle_size_um": ("particle size", "粒径"),
    "power_kw": ("power", "功率"),
    "pressure_gpa": ("pressure", "压力"),
    "purity_percent": ("purity", "纯度"),
    "size_mm": ("size", "尺寸"),
    "specific_capacity_mah_g": ("specific capacity", "比容量"),
    "tensile_strength_mpa": ("tensile strength", "抗拉强度"),
    "thickness_mm": ("thickness", "厚度"),
    "transmission_percent": ("transmission", "透过率"),
    "volume_m3": ("volume", "容积"),
    "wall_thickness_mm": ("wall thickness", "壁厚"),
    "width_mm": ("width", "宽度"),
}
"""What a fact is called in English and in Chinese; its value carries the unit."""
_PRODUCTS_ZH = {
    "motor": "电机",
    "loudspeaker": "扬声器",
    "headphone": "耳机",
    "rotor_or_stator_assembly": "转子或定子组件",
    "sensor": "传感器",
    "calcined_catalyst": "焙烧催化剂粉末",
    "phosphor": "荧光粉",
    "magnetic_consumer_article": "磁性消费品",
    "permanent_magnet": "永磁体",
    "oxide": "氧化物",
    "compound": "化合物",
    "alloy": "合金",
    "metal": "金属",
    "graphite": "石墨",
}


def non_control_pack(screened: LineScreening, law: Law) -> NonControlPack | None:
    """None unless the line is near an item, and that it is none is certain on every day on which the goods may leave."""
    risk = next((flag for flag in screened.answers["CN"].flags if flag.name == HOLD_RISK), None)
    if risk is None or not _certain(screened):
        return None
    near = _near(screened, risk)
    if not near or any(finding.human_check is not None or finding.unconfirmed for finding in near):
        return None
    values = list({fact.name: fact for finding in near for fact in finding.facts_used if fact.name not in TRADE_FACT_NAMES}.values())
    if any(fact.confidence == "low" for fact in values):
        return None
    finding = near[0]
    by_answer = risk.citation is not None and finding.citation != risk.citation
    codes = list(dict.fromkeys(each.control_code for each in near if each.control_code is not None))
    return NonControlPack(
        instrument=finding.instrument,
        control_code=", ".join(codes),
        remark_en=_remark_en(finding, codes, law.instruments[finding.instrument].name, values, by_answer=by_answer),
        remark_zh=_remark_zh(finding, codes, _name_zh(law, finding.instrument), values, by_answer=by_answer),
        values=values,
        carry=_carry(finding, by_answer=by_answer),
        citation=finding.citation,
    )


def _certain(screened: LineScreening) -> bool:
    answer = screened.answers["CN"]
    return (
        answer.answer is Answer.NOT_CONTROLLED
        and answer.dual_use_licence == "no"
        and all(state.answer is Answer.NOT_CONTROLLED for state in answer.states)
        and not screened.questions
        and _DOUBTS.isdisjoint(flag.name for flag in answer.flags)
    )


def _near(screened: LineScreening, risk: Flag) -> list[Finding]:
    """The findings that the flag is about: the one whose code it names, and others of the same instrument for the same reason."""
    free = [one for one in screened.findings if one.jurisdiction == "CN" and one.answer is Answer.NOT_CONTROLLED and one.control_code]
    for finding in free:
        parts = (finding.control_code or "").split(".")
        codes = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
        if any(f"near {code} of " in risk.sentence for code in codes):
            alike = [one for one in free if one.instrument == finding.instrument and one.citation == finding.citation]
            return [finding, *(one for one in alike if one is not finding)]
    return []


def _remark_en(finding: Finding, codes: list[str], instrument: str, values: list[UsedFact], *, by_answer: bool) -> str:
    said = "; ".join(f"{_NAMES[fact.name][0] if fact.name in _NAMES else fact.name}: {fact.value.replace('_', ' ')}" for fact in values)
    why = f" {finding.citation.title}." if by_answer else ""
    report = "" if by_answer else " Test report no. ____."
    return f"Not a controlled item ({', '.join(codes)}, {instrument}).{f' {said}.' if said else ''}{why}{report}"


def _remark_zh(finding: Finding, codes: list[str], instrument: str, values: list[UsedFact], *, by_answer: bool) -> str:
    said = "；".join(f"{_name_of_value_zh(fact.name)}：{_PRODUCTS_ZH.get(fact.value, fact.value)}" for fact in values)
    items = "、".join(code for code in codes if code[:1].isdigit())
    why = f"依据主管部门解答（{finding.citation.title}）。" if by_answer else ""
    report = "" if by_answer else "检测报告编号：____。"
    return f"非管制物项（不属于{instrument}{f'{items}项' if items else '所列物项'}）。{f'{said}。' if said else ''}{why}{report}"


def _name_of_value_zh(name: str) -> str:
    return f"{name.removesuffix(' content')}含量" if name.endswith(" content") else _NAMES[name][1] if name in _NAMES else name


def _name_zh(law: Law, instrument_id: str) -> str:
    instrument = law.instruments[instrument_id]
    announced = _ANNOUNCED_BY.get(instrument.authority)
    if announced is None or instrument.number is None or instrument.year is None:
        return f"{instrument.name} "
    return f"{announced}{instrument.year}年第{instrument.number}号"


def _carry(finding: Finding, *, by_answer: bool) -> list[str]:
    if by_answer:
        return [
            f"the authority's answer ({finding.citation.title})",
            "technical description that shows what the goods are, with drawings or photographs",
        ]
    return ["test report of the lot with the values above, by an accredited laboratory", "technical description of the goods"]
