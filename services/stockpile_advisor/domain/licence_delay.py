"""How long a licence takes from filing, and whether it comes: a prior from public evidence, updated by the firm's own cases.

Sources: Susarla & Van Ryzin (1976), the Bayes estimate of a survival curve from censored data under a Dirichlet process, by cause as in
Aalen & Johansen (1978): pending cases count as "not yet", rejections as an outcome of their own. Without a prior's weight it is Kaplan &
Meier (1958); without cases it is the prior. Approved cases alone are never averaged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from services.stockpile_advisor.domain.admissible import FloatArray, fraction, positive
from services.stockpile_advisor.domain.day_distribution import LAST_DAY, DayDistribution

Outcome = Literal["approved", "rejected", "pending"]


@dataclass(frozen=True, slots=True)
class DelayPrior:
    """Log-normal days from filing to a decision, and the probability that the decision is a refusal; `weight_in_cases` is how many of the
    firm's own cases it is worth. `evidence` says what it is fitted to."""

    name: str
    median_days: float
    log_sd: float
    rejection_probability: float
    weight_in_cases: float
    evidence: str

    def distribution(self) -> DayDistribution:
        """Days to approval; a refusal is never."""
        decided = DayDistribution.log_normal(self.median_days, self.log_sd)
        approved = 1 - self.rejection_probability
        return DayDistribution(decided.mass * approved, later=decided.later * approved, never=self.rejection_probability)


class Case(NamedTuple):
    """One of the firm's own applications: days from filing to its outcome, or to today while it is pending."""

    days: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class DelayEstimate:
    """Days to approval with what they rest on: the prior's name and the cases that moved it."""

    approval: DayDistribution
    prior: DelayPrior
    approved: int
    rejected: int
    pending: int


# Fits to two public points each, so that their shape is a supposition; the weight makes ten own cases count as much.
PRIORITISED_EU_AUTOMOTIVE = DelayPrior(
    "prioritised EU automotive",
    median_days=float(np.exp(4.348)),
    log_sd=0.375,
    rejection_probability=1 / 141,
    weight_in_cases=10.0,
    evidence="CLEPA: 25 % approved after 60 days and 60 % after 85 (June 2025); rejections as general EU",
)
GENERAL_EU = DelayPrior(
    "general EU",
    median_days=float(np.exp(4.973)),
    log_sd=0.752,
    rejection_probability=1 / 141,
    weight_in_cases=10.0,
    evidence="EU Chamber in China: of 141, 13.5 % approved after 63 days, 1 rejected, 121 pending (September 2025); 52 % after 150",
)
DEFENCE_OR_US_END_USE = DelayPrior(
    "defence or US end use",
    median_days=float(np.exp(4.973)),
    log_sd=0.752,
    rejection_probability=1 - 5 / 180,
    weight_in_cases=10.0,
    evidence="Dexter Magnetic Technologies: 5 of 180 approved, none for defence (June 2025); days as general EU",
)
PRIORS = {prior.name: prior for prior in (PRIORITISED_EU_AUTOMOTIVE, GENERAL_EU, DEFENCE_OR_US_END_USE)}

CUSTOMS_HOLD = DayDistribution.uniform(30, 60)
"""A consignment held by customs for inspection although it needs no licence: one to two months (reports of June 2025)."""


def updated(prior: DelayPrior, cases: Sequence[Case]) -> DelayEstimate:
    """The prior after the firm's own cases."""
    fraction(rejection_probability=prior.rejection_probability)
    positive(weight_in_cases=prior.weight_in_cases)
    counts = {outcome: np.zeros(LAST_DAY + 1) for outcome in ("approved", "rejected", "pending")}
    for case in cases:
        if not 0 <= case.days <= LAST_DAY:
            raise ValueError(f"a licence case must have run between 0 and {LAST_DAY} days, not {case.days}")
        counts[case.outcome][case.days] += 1
    decided = DayDistribution.log_normal(prior.median_days, prior.log_sd)
    weight = prior.weight_in_cases
    share_approved = 1 - prior.rejection_probability
    approval, surviving = _by_cause(
        approving=weight * share_approved * decided.mass + counts["approved"],
        refusing=weight * prior.rejection_probability * decided.mass + counts["rejected"],
        open_before=weight * (1 - np.concatenate(([0.0], decided.reached()[:-1]))) + _at_risk(sum(counts.values(), np.zeros(LAST_DAY + 1))),
    )
    later = surviving * share_approved
    return DelayEstimate(
        DayDistribution(approval, later=later, never=max(0.0, 1 - float(approval.sum()) - later)),
        prior,
        int(counts["approved"].sum()),
        int(counts["rejected"].sum()),
        int(counts["pending"].sum()),
    )


def kaplan_meier(cases: Sequence[Case]) -> DayDistribution | None:
    """The firm's own cases alone, rejection a competing outcome; `later` is what the longest pending leaves open. None without cases."""
    if not cases:
        return None
    last = max(case.days for case in cases)
    counts = {outcome: np.zeros(last + 1) for outcome in ("approved", "rejected", "pending")}
    for case in cases:
        counts[case.outcome][case.days] += 1
    approval, surviving = _by_cause(counts["approved"], counts["rejected"], _at_risk(sum(counts.values(), np.zeros(last + 1))))
    return DayDistribution(approval, later=surviving, never=max(0.0, 1 - float(approval.sum()) - surviving))


def _at_risk(ended: FloatArray) -> FloatArray:
    """Cases not ended before each day."""
    return np.cumsum(ended[::-1])[::-1]


def _by_cause(approving: FloatArray, refusing: FloatArray, open_before: FloatArray) -> tuple[FloatArray, float]:
    """Aalen & Johansen: the mass of approval by day, and what survives the last day undecided."""
    exposed = open_before > 1e-12
    hazard = np.divide(approving + refusing, open_before, out=np.zeros(len(open_before)), where=exposed)
    surviving = np.cumprod(1 - np.minimum(hazard, 1.0))
    before = np.concatenate(([1.0], surviving[:-1]))
    approval = before * np.divide(approving, open_before, out=np.zeros(len(open_before)), where=exposed)
    return approval, float(surviving[-1])
