"""What an operator can set."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from services.pricing_risk.policy_file import BUILT_IN


@dataclass(slots=True, frozen=True)
class Settings:
    policy_file: Path = BUILT_IN
    """Grades, limits, the reporting currency and which prices may be hedged."""
    code_version: str = version("orestream")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        return cls(policy_file=Path(environment.get("ORESTREAM_PRICING_POLICY_FILE", str(BUILT_IN))))
