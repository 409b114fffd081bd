"""Published answers beside ours: the rows of the exam table.

Pure: the published tables are given as they were read, row by row; what is published is never part of this file. The textbook's own
inputs are those of Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd edition (2019), whose examples the names give.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from services.stockpile_advisor.domain import (
    dated_lots,
    disruptions,
    loss_functions,
    newsvendor,
    order_quantity,
    order_up_to,
    reorder_points,
    supply_risk,
)
from services.stockpile_advisor.domain.concentration import Between
from services.stockpile_advisor.domain.supply_risk import StageInputs, rounded
from services.stockpile_advisor.domain.time_to_survive import Network, recovery, time_to_survive

Row = Mapping[str, str]
Answer = tuple[float, ...]

TEXTBOOK_TOLERANCE = 1e-4
SURVIVAL_TOLERANCE = 1e-3
LEAST_SPEARMAN = 0.94
MOST_MEAN_ERROR = 0.20
_NEVER_SHORT = 999.0

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class ExamRow:
    """One published answer, ours, how far ours may be off, and whether it is not."""

    exam: str
    question: str
    published: Answer
    ours: Answer
    passed: bool


@dataclass(frozen=True, slots=True)
class RankedExam:
    """An exam in which only the order and the mean error count."""

    exam: str
    questions: int
    spearman: float
    mean_absolute_error: float
    same_side_of_critical: int
    furthest: tuple[tuple[str, float, float], ...]


def exam_rows(
    tables: Mapping[str, Sequence[Row]],
    eu_2023_stages: Mapping[str, Sequence[Sequence[StageInputs]]],
    eu_2023_published: Mapping[str, float],
) -> list[ExamRow]:
    """All rows of the exam table; `tables` are the published ones by file name without suffix, those not at hand are left out.

    EU 2023 is two rows, rank correlation and mean error, whose published figures are the bars to reach.
    """
    rows: list[ExamRow] = []
    eu_2017, variants = tables.get("eu_crm_2017_table3_18"), tables.get("eu_crm_2017_table19_sr_variants")
    rows += textbook_rows(tables.get("stockpyl_textbook_exam", ()))
    rows += survival_rows(tables.get("ttr_tts_exam", ()))
    rows += eu_2017_rows(eu_2017 or ())
    rows += eu_2017_variant_rows(eu_2017, variants) if eu_2017 and variants else []
    ranked = eu_2023_exam(eu_2023_stages, eu_2023_published)
    asked = f"{ranked.questions} of {len(eu_2023_published)} materials; of the others a figure is not known"
    rank, error = ranked.spearman, ranked.mean_absolute_error
    return [
        *rows,
        ExamRow(ranked.exam, f"rank correlation over {asked}", (LEAST_SPEARMAN,), (rank,), rank >= LEAST_SPEARMAN),
        ExamRow(ranked.exam, f"mean error over {asked}", (MOST_MEAN_ERROR,), (error,), error <= MOST_MEAN_ERROR),
    ]


def textbook_rows(table: Iterable[Row]) -> list[ExamRow]:
    """Columns id and expected; a question this file doesn't know fails. To 1e-4 of the published figure (absolute below 1)."""
    rows = []
    for row in table:
        published = tuple(float(number) for number in _NUMBER.findall(re.sub(r"np\.\w+\(", "(", row["expected"])))
        answer = _TEXTBOOK.get(row["id"])
        ours = answer() if answer else ()
        rows.append(ExamRow("textbook", row["id"], published, ours, _near(published, ours, TEXTBOOK_TOLERANCE)))
    return rows


def survival_rows(table: Iterable[Row]) -> list[ExamRow]:
    """Columns disabled_supplier, ttr_periods, expected_disruption_cost and expected_tts, where 999 stands for never."""
    network = Network(capacity=(30.0, 45.0, 60.0), demand=(75.0, 50.0), stock=(20.0, 25.0), loss_per_unit=(5_000.0, 6_500.0))
    rows = []
    for row in table:
        lost = [int(row["disabled_supplier"].removeprefix("S")) - 1] if row["disabled_supplier"] else []
        survives = time_to_survive(network, lost)
        ours = (recovery(network, lost, float(row["ttr_periods"])).cost, _NEVER_SHORT if math.isinf(survives) else survives)
        published = (float(row["expected_disruption_cost"]), float(row["expected_tts"]))
        rows.append(
            ExamRow("time to survive", row["disabled_supplier"] or "none", published, ours, _near(published, ours, SURVIVAL_TOLERANCE))
        )
    return rows


def eu_2017_rows(table: Iterable[Row]) -> list[ExamRow]:
    """Table 3 with 18 of the 2017 report: the supply each material was judged on. Inputs and answers are rounded, intervals must meet."""
    rows = []
    for row in table:
        used = row["supply_used"]
        ours = _eu_2017(row, global_supply=used != "EUS only", eu_supply=used != "GS only")
        rows.append(_rounded_row("EU 2017", row["material"], row["sr_published"], ours))
    return rows


def eu_2017_variant_rows(inputs: Iterable[Row], table: Iterable[Row]) -> list[ExamRow]:
    """Table 19: each material on global supply only, EU supply only, and both; a variant the report doesn't give is not asked."""
    by_material = {row["material"]: row for row in inputs}
    variants = (("sr_global_only", True, False), ("sr_eu_only", False, True), ("sr_global_and_eu", True, True))
    rows = []
    for row in table:
        for column, global_supply, eu_supply in variants:
            if row[column] == "N/A":
                continue
            ours = _eu_2017(by_material[row["material"]], global_supply, eu_supply)
            rows.append(_rounded_row("EU 2017 variants", f"{row['material']} {column}", row[column], ours))
    return rows


def eu_2023_exam(stages: Mapping[str, Sequence[Sequence[StageInputs]]], published: Mapping[str, float]) -> RankedExam:
    """Published supply risk by material, and the stages of each member of the material's group; what stays unknown is not asked.

    A group's risk (rare earths, platinum metals) is the mean of its members', as the report has it.
    """
    answers = []
    for material, risk in sorted(published.items()):
        members = [supply_risk.risk(member) for member in stages.get(material, ())]
        known = [member for member in members if member is not None]
        if known:
            answers.append((material, risk, math.fsum(known) / len(known)))
    theirs, ours = ([answer[place] for answer in answers] for place in (1, 2))
    critical = supply_risk.CRITICAL_FROM
    return RankedExam(
        "EU 2023",
        len(answers),
        float(stats.spearmanr(theirs, ours).statistic),
        math.fsum(abs(risk - answer) for _, risk, answer in answers) / len(answers),
        sum((risk >= critical) == (answer >= critical) for _, risk, answer in answers),
        tuple(sorted(answers, key=lambda answer: -abs(answer[1] - answer[2]))[:5]),
    )


def _near(published: Answer, ours: Answer, tolerance: float) -> bool:
    return len(published) == len(ours) and all(
        abs(theirs - value) <= tolerance * max(1.0, abs(theirs)) for theirs, value in zip(published, ours, strict=True)
    )


def _rounded_row(exam: str, question: str, published: str, ours: Between | None) -> ExamRow:
    theirs = rounded(float(published), 0.05)
    meets = ours is not None and ours.low <= theirs.high and theirs.low <= ours.high
    return ExamRow(exam, question, (float(published),), () if ours is None else tuple(ours), meets)


def _eu_2017(row: Row, global_supply: bool, eu_supply: bool) -> Between | None:
    return supply_risk.stage_risk_between(
        _between(row["hhi_wgi_t_gs"], 0.05) if global_supply else None,
        _between(row["hhi_wgi_t_eu28"], 0.05) if eu_supply else None,
        _percent(row["import_reliance_pct"]),
        _percent(row["eol_rir_pct"]) or Between(0.0, 1.0),
        rounded(float(row["si_sr"]), 0.05),
    )


def _between(value: str, half_step: float) -> Between | None:
    return rounded(float(value), half_step) if value else None


def _percent(value: str) -> Between | None:
    return rounded(float(value) / 100, 0.005, most=1.0) if value else None


# --- the textbook's examples ----------------------------------------------------------------------------------------------------------

_WATCHES = reorder_points.Buying(holding_cost=0.225, stockout_cost=7.5, fixed_cost=8, demand_mean=1300, demand_sd=150, lead_time=1 / 12)
_DISRUPTED = disruptions.DisruptedBuying(
    fixed_cost=8, holding_cost=0.225, stockout_cost=5, demand_rate=1300, disruption_rate=1.5, recovery_rate=14
)
_PERIOD = dated_lots.Period(holding_cost=1, stockout_cost=20, fixed_cost=50, purchase_cost=2, demand_mean=100, demand_sd=20)


def _flat(values: Iterable[object]) -> Answer:
    return tuple(float(np.asarray(value)) for value in values)


def _wagner_whitin() -> Answer:
    lots = dated_lots.wagner_whitin([90, 120, 80, 70], holding_cost=2, fixed_cost=500)
    return (0.0, *lots.quantity, lots.cost)


def _finite_horizon() -> Answer:
    policies = dated_lots.finite_horizon([_PERIOD] * 5, terminal_holding_cost=1, terminal_stockout_cost=20)
    return (0.0, *policies.reorder_point, 0.0, *policies.order_up_to, policies.cost)


# The published lists of periods begin with a zero for a period 0 that there isn't.
_TEXTBOOK: dict[str, Callable[[], Answer]] = {
    "EOQ-3.1": lambda: _flat(order_quantity.economic_order_quantity(8, 0.225, 1300)),
    "EOQB-3.5": lambda: _flat(order_quantity.with_backorders(8, 0.225, 5, 1300)),
    "NV-4.3": lambda: _flat(newsvendor.normal(0.18, 0.70, 50, 8)),
    "NV-expl": lambda: _flat(newsvendor.normal_explicit(1, 0.3, 0.12, 50, 8)),
    "NV-poisson": lambda: _flat(newsvendor.poisson(0.18, 0.70, 50)),
    "NV-logn": lambda: _flat(newsvendor.continuous(1, 4, stats.lognorm(s=0.3, scale=math.exp(6)))),
    "NV-L4": lambda: _flat(newsvendor.normal(0.18, 0.70, 50, 8, lead_time_periods=4)),
    "rQ-5.1eil": lambda: _flat(reorder_points.expected_inventory_level(_WATCHES)),
    "rQ-5.2": lambda: _flat(reorder_points.with_backordered_quantity(_WATCHES)),
    "rQ-5.3": lambda: _flat(reorder_points.order_quantity_and_safety_stock(_WATCHES)),
    "rQ-5.4": lambda: _flat(reorder_points.loss_function_approximation(_WATCHES)),
    "rQ-exact": lambda: (reorder_points.best_reorder_point(318.6, _WATCHES),),
    "rQ-pois": lambda: _flat(reorder_points.poisson_exact(20, 150, 100, 1.5, 2)),
    "sS-4.?": lambda: _flat(order_up_to.poisson_exact(1, 4, 5, 6)),
    "sS-pow": lambda: _flat(order_up_to.power_approximation(0.18, 0.7, 2.5, 50, 8)),
    "WW-3.9": _wagner_whitin,
    "EOQD-9.1": lambda: _flat(disruptions.order_quantity(_DISRUPTED)),
    "EOQD-9.2": lambda: _flat(disruptions.approximate_order_quantity(_DISRUPTED)),
    "EOQDc": lambda: (float(disruptions.order_quantity_cost(700, _DISRUPTED)),),
    "NVD-9.3": lambda: (lambda stock: (stock.level, stock.cost))(disruptions.base_stock(0.25, 3, 2000, 0.04, 0.25)),
    "NVDc": lambda: (1200.0, disruptions.base_stock_cost(1200, 0.25, 3, 2000, 0.04, 0.25)),
    "EOQY-9.4": lambda: _flat(order_quantity.with_additive_yield(18_500, 0.06, 75_000, -15_000, 9_000)),
    "EOQY-9.5": lambda: _flat(order_quantity.with_multiplicative_yield(18_500, 0.06, 75_000, 0.8333, math.sqrt(0.0198))),
    "NVY-9.6": lambda: _flat(newsvendor.with_additive_yield(15, 75, 1.5e6, stats.uniform(-5e5, 1e6))),
    "loss": lambda: _flat(loss_functions.standard_normal(0.3)),
    "loss2": lambda: _flat(loss_functions.normal(18, 15, 3)),
    "FH-4.x": _finite_horizon,
}
