"""The supply policy as it comes with the product, or as the operator wrote it."""

from pathlib import Path

from services.stockpile_advisor.domain.advice_policy import SupplyPolicy
from shared.announced_policy import AnnouncedPolicy
from shared.contracts.reference_change import ReferenceKind

BUILT_IN = Path(__file__).with_name("policy.yaml")
KIND: ReferenceKind = "supply_policy"


class LoadedPolicy(AnnouncedPolicy[SupplyPolicy]):
    model = SupplyPolicy
    kind = KIND
    source = "orestream/stockpile-advisor"
    called = "the supply policy"


def load_policy(path: Path = BUILT_IN) -> LoadedPolicy:
    """Raises DocumentRefused, one sentence per mistake with file and line."""
    return LoadedPolicy.read(path)
