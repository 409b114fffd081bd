"""Documents and licence delays stand with every rule that asks for a licence, and the figures agree with each other."""

import math

import pytest

from tests.unit.screening.making import built_in_law

LAW = built_in_law()
LICENSING = [limb for limb in LAW.limbs.values() if limb.effect == "licence_required"]


@pytest.mark.parametrize("limb", LICENSING, ids=lambda limb: str(limb.key))
def test_every_rule_that_asks_for_a_licence_says_what_to_send_and_how_long_it_takes(limb: object) -> None:
    assert limb.documents  # type: ignore[attr-defined]
    for item in (item for item in LAW.items if limb in item.limbs):
        for destination in ("DE", "JP", "US", "CH", None):
            delay = LAW.delay(limb.jurisdiction, item.group, destination)  # type: ignore[attr-defined]
            assert delay is not None
            assert 0 < delay.p50_days <= (delay.p90_days or delay.p50_days) <= delay.p95_days
            assert delay.evidence
            assert delay.customs_hold_days_max is not None


@pytest.mark.parametrize("destination", ["DE", "JP"])
def test_quantiles_and_shares_are_those_of_the_log_normal_distribution_they_name(destination: str) -> None:
    delay = LAW.delay("CN", "rare_earths", destination)
    assert delay is not None
    assert delay.log_mean is not None
    assert delay.log_sd is not None
    mean, deviation = float(delay.log_mean), float(delay.log_sd)
    for days, normal in ((delay.p50_days, 0.0), (delay.p90_days, 1.2816), (delay.p95_days, 1.6449)):
        assert days == pytest.approx(math.exp(mean + normal * deviation), rel=0.01)
    past = 0.5 * math.erfc((math.log(63) - mean) / deviation / math.sqrt(2))
    assert float(delay.past_limit_share or 0) == pytest.approx(past, abs=0.01)


def test_the_share_approved_is_told_apart_from_the_wait() -> None:
    american = LAW.delay("CN", "rare_earths", "US")
    assert american is not None
    assert (american.approved_share is not None, american.confidence) == (True, "low")
