"""How long licences take: priors, own cases with pending ones, refusals, and sums of delays."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.stockpile_advisor.domain.day_distribution import LAST_DAY, NO_DAY, DayDistribution
from services.stockpile_advisor.domain.licence_delay import (
    DEFENCE_OR_US_END_USE,
    GENERAL_EU,
    PRIORITISED_EU_AUTOMOTIVE,
    Case,
    DelayPrior,
    kaplan_meier,
    updated,
)

CASES = st.lists(st.tuples(st.integers(1, 400), st.sampled_from(["approved", "rejected", "pending"])), max_size=12)


def test_the_priors_are_those_of_the_evidence() -> None:
    automotive, general = (prior.distribution() for prior in (PRIORITISED_EU_AUTOMOTIVE, GENERAL_EU))
    assert [automotive.quantile_if_it_happens(p) for p in (0.5, 0.9, 0.95)] == [78, 126, 144]
    assert [general.quantile_if_it_happens(p) for p in (0.5, 0.9, 0.95)] == [145, 379, 498]
    assert 1 - DayDistribution.log_normal(math.exp(4.348), 0.375).within(63) == pytest.approx(0.71, abs=0.005)
    assert 1 - DayDistribution.log_normal(math.exp(4.973), 0.752).within(63) == pytest.approx(0.86, abs=0.006)
    assert DEFENCE_OR_US_END_USE.distribution().never == pytest.approx(175 / 180)


@pytest.mark.parametrize(("cover", "short"), [(60, 0.88), (100, 0.69), (180, 0.39), (365, 0.11)])
def test_cover_against_the_general_queue(cover: int, short: float) -> None:
    assert 1 - DayDistribution.log_normal(math.exp(4.973), 0.752).within(cover) == pytest.approx(short, abs=0.006)


def test_reorder_points_over_a_base_lead_time_of_45_days() -> None:
    base = DayDistribution.certain(45)
    assert base.then(PRIORITISED_EU_AUTOMOTIVE.distribution()).quantile_if_it_happens(0.95) == pytest.approx(188, abs=1)
    assert base.then(GENERAL_EU.distribution()).quantile_if_it_happens(0.95) == pytest.approx(545, abs=2)


def test_without_own_cases_it_is_the_prior() -> None:
    estimate, prior = updated(GENERAL_EU, []), GENERAL_EU.distribution()
    assert estimate.approval.mass == pytest.approx(prior.mass, abs=1e-12)
    assert estimate.approval.never == pytest.approx(prior.never, abs=1e-9)


def test_with_next_to_no_weight_on_the_prior_it_is_kaplan_and_meier() -> None:
    cases = [Case(30, "approved"), Case(50, "pending"), Case(60, "approved"), Case(80, "rejected"), Case(90, "approved")]
    faint = DelayPrior("faint", GENERAL_EU.median_days, GENERAL_EU.log_sd, 0.01, 1e-9, "none")
    own = kaplan_meier(cases)
    assert own is not None
    assert updated(faint, cases).approval.mass[:91] == pytest.approx(own.mass, abs=1e-6)


def test_kaplan_and_meier_by_hand() -> None:
    """Five cases: 1/5 after 30 days; 50 pending leaves; 1/3 of 4/5 after 60; the refusal takes 1/2 of the rest; the last is approved."""
    own = kaplan_meier([Case(30, "approved"), Case(50, "pending"), Case(60, "approved"), Case(80, "rejected"), Case(90, "approved")])
    assert own is not None
    assert [own.mass[day] for day in (30, 60, 90)] == pytest.approx([0.2, 0.8 / 3, 0.8 * 2 / 3 / 2])
    assert own.never == pytest.approx(0.8 * 2 / 3 / 2)
    assert own.later == 0.0
    assert kaplan_meier([]) is None


def test_survival_agrees_with_scipy() -> None:
    rng = np.random.default_rng(4)
    days, seen = rng.integers(1, 200, 60), rng.random(60) < 0.7
    own = kaplan_meier([Case(int(day), "approved" if done else "pending") for day, done in zip(days, seen, strict=True)])
    theirs = stats.ecdf(stats.CensoredData(uncensored=days[seen], right=days[~seen])).sf
    assert own is not None
    assert 1 - own.reached()[theirs.quantiles.astype(int)] == pytest.approx(theirs.probabilities)


def test_pending_cases_lengthen_what_averaging_the_approved_would_hide() -> None:
    approved = [Case(40, "approved")] * 5
    waiting = approved + [Case(200, "pending")] * 20
    assert (updated(GENERAL_EU, waiting).approval.quantile_if_it_happens(0.5) or 0) > 2 * (
        updated(GENERAL_EU, approved).approval.quantile_if_it_happens(0.5) or 0
    )
    estimate = updated(GENERAL_EU, waiting)
    assert (estimate.approved, estimate.rejected, estimate.pending) == (5, 0, 20)


def test_refusals_are_never_and_not_late() -> None:
    refused = updated(GENERAL_EU, [Case(50, "rejected")] * 10).approval
    assert refused.never > 0.4
    assert refused.quantile(0.9) is None
    assert refused.quantile_if_it_happens(0.9) is not None


@given(CASES)
def test_an_update_is_a_distribution(cases: list[tuple[int, str]]) -> None:
    approval = updated(GENERAL_EU, [Case(days, outcome) for days, outcome in cases]).approval  # type: ignore[arg-type]
    assert float(approval.mass.sum()) + approval.later + approval.never == pytest.approx(1, abs=1e-9)
    assert approval.mass.min() >= 0


def test_a_sum_is_a_sum() -> None:
    one, other = DayDistribution.uniform(1, 6), DayDistribution.uniform(1, 6)
    assert one.then(other).mass[7] == pytest.approx(6 / 36)
    assert one.then(DayDistribution.certain(3)).mean_if_it_happens() == pytest.approx(6.5)


def test_long_sums_by_fft_are_those_by_definition() -> None:
    one, other = DayDistribution.log_normal(144, 0.752), DayDistribution.log_normal(60, 0.4)
    assert one.then(other).mass == pytest.approx(np.convolve(one.mass, other.mass)[: LAST_DAY + 1], abs=1e-12)


def test_never_stays_never() -> None:
    half = DayDistribution(np.array([0.0, 0.5]), never=0.5)
    both = half.then(half)
    assert (both.never, both.quantile(0.25), both.quantile(0.3)) == (0.75, 2, None)
    assert half.or_else(DayDistribution.certain(4), 0.5).never == 0.25
    assert DayDistribution(np.array([0.0]), never=1.0).mean_if_it_happens() is None


@given(st.floats(0.01, 0.99), st.integers(5, 200), st.integers(5, 200))
def test_a_longer_delay_is_longer_on_every_path(probability: float, one: int, other: int) -> None:
    uniforms = np.random.default_rng(1).random(200)
    short, long = (DayDistribution.log_normal(median, 0.6).sample(uniforms) for median in sorted((one, other)))
    assert np.all(short <= long)


def test_samples_have_the_distribution() -> None:
    uniforms = np.random.default_rng(2).random(40_000)
    days = GENERAL_EU.distribution().sample(uniforms)
    assert np.mean(days == NO_DAY) == pytest.approx(GENERAL_EU.rejection_probability, abs=0.002)
    for day in (63, 150, 400):
        expected = GENERAL_EU.distribution().within(day)
        assert np.mean(days <= day) == pytest.approx(expected, abs=3 * math.sqrt(expected * (1 - expected) / 40_000))


def test_what_is_no_distribution_is_refused() -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        DayDistribution(np.array([0.5]))
    with pytest.raises(ValueError, match="lead times seen"):
        DayDistribution.seen(np.array([], dtype=np.int64))
    with pytest.raises(ValueError, match="between 0 and"):
        updated(GENERAL_EU, [Case(-1, "pending")])
    assert DayDistribution.seen(np.array([10, 20, 20, 30])).quantile(0.75) == 20
