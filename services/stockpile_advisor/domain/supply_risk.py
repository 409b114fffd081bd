"""Supply risk as the European Commission computes it for its critical raw materials, per stage.

Source: European Commission, Methodology for establishing the EU list of critical raw materials (2017), used for the lists of 2017, 2020 and
2023 and for Annex II of Regulation (EU) 2024/1252. What is not known is None and makes None: a gap in the data is never a risk of zero.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from services.stockpile_advisor.domain.concentration import Between

CRITICAL_FROM = 1.0


class Source(NamedTuple):
    """A country's share (0 to 1), its governance (0 best, 10 worst) if rated, and the trade factor t (0.8 in the EU, up to 1.5)."""

    country: str
    share: float
    governance: float | None
    trade: float


class StageInputs(NamedTuple):
    """What the formula asks of one stage: concentrations weighted with governance, of global supply and of supply to the EU;
    import reliance, end-of-life recycling input rate and substitution index, each 0 to 1. None is not known."""

    global_supply: float | None
    eu_supply: float | None
    import_reliance: float | None
    recycling_input_rate: float | None
    substitution: float | None


def governance(mean_of_estimates: float) -> float:
    """The World Governance Indicators' mean of six estimates (-2.5 to 2.5, 2.5 best) on the scale of the formula, 0 best, 10 worst."""
    return (2.5 - mean_of_estimates) * 2


def weighted_concentration(sources: Iterable[Source]) -> float | None:
    """HHI_WGI,t = Σ s²·WGI·t, 0 to 10 and above; None without sources, and where a country that supplies isn't rated."""
    supplying = [source for source in sources if source.share > 0]
    if not supplying:
        return None
    total = 0.0
    for source in supplying:
        if source.governance is None:
            return None
        total += source.share**2 * source.governance * source.trade
    return total


def import_reliance(domestic: float, imported: float, exported: float) -> float | None:
    """(imports - exports) / (domestic production + imports - exports), at least 0; None where nothing is consumed."""
    consumed = domestic + imported - exported
    return max(0.0, (imported - exported) / consumed) if consumed > 0 else None


def stage_risk(inputs: StageInputs) -> float | None:
    """SR = [HHI_GS·IR/2 + HHI_EU·(1 - IR/2)]·(1 - EoL_RIR)·SI; one sourcing known stands for both."""
    sourced = _sourcing(inputs.global_supply, inputs.eu_supply, inputs.import_reliance)
    if sourced is None or inputs.recycling_input_rate is None or inputs.substitution is None:
        return None
    return sourced * (1 - inputs.recycling_input_rate) * inputs.substitution


def risk(stages: Iterable[StageInputs]) -> float | None:
    """The worst stage that is known; None where none is."""
    known = [value for value in map(stage_risk, stages) if value is not None]
    return max(known, default=None)


def stage_risk_between(
    global_supply: Between | None,
    eu_supply: Between | None,
    import_reliance: Between | None,
    recycling_input_rate: Between,
    substitution: Between,
) -> Between | None:
    """The risk of inputs that are known only as intervals (published rounded): it is monotone in each, so that its ends lie at theirs."""
    ends: list[float] = []
    for side in ("low", "high"):
        for reliance in import_reliance or (None,):
            sourced = _sourcing(_end(global_supply, side), _end(eu_supply, side), reliance)
            if sourced is not None:
                ends.append(sourced)
    if not ends:
        return None
    low = min(ends) * (1 - recycling_input_rate.high) * substitution.low
    return Between(low, max(ends) * (1 - recycling_input_rate.low) * substitution.high)


def rounded(value: float, half_step: float, most: float = math.inf) -> Between:
    """What a figure may have been before it was rounded; never below zero, never above `most`."""
    return Between(max(0.0, value - half_step), min(most, value + half_step))


def economic_importance(added_value_by_use: Iterable[tuple[float, float]], largest_added_value: float, substitution: float) -> float | None:
    """EI = Σ A·Q·10/max Q·SI_EI of (share of use, value added of its sector); None without uses."""
    uses = list(added_value_by_use)
    if not uses:
        return None
    return math.fsum(share * value for share, value in uses) * 10 / largest_added_value * substitution


def _sourcing(global_supply: float | None, eu_supply: float | None, reliance: float | None) -> float | None:
    if global_supply is None or eu_supply is None:
        return eu_supply if global_supply is None else global_supply
    if reliance is None:
        return None
    return global_supply * reliance / 2 + eu_supply * (1 - reliance / 2)


def _end(interval: Between | None, side: str) -> float | None:
    return None if interval is None else float(getattr(interval, side))
