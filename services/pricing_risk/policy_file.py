"""The pricing policy as it comes with the product, or as the operator wrote it."""

from pathlib import Path

from services.pricing_risk.domain.policy import PricingPolicy
from shared.announced_policy import AnnouncedPolicy
from shared.contracts.reference_change import ReferenceKind

BUILT_IN = Path(__file__).with_name("policy.yaml")
KIND: ReferenceKind = "pricing_policy"


class LoadedPolicy(AnnouncedPolicy[PricingPolicy]):
    model = PricingPolicy
    kind = KIND
    source = "orestream/pricing-risk"
    called = "the pricing policy"


def load_policy(path: Path = BUILT_IN) -> LoadedPolicy:
    """Raises DocumentRefused, one sentence per mistake with file and line."""
    return LoadedPolicy.read(path)
