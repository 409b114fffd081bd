"""What an operator can set."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from services.stockpile_advisor.policy_file import BUILT_IN


@dataclass(slots=True, frozen=True)
class Settings:
    policy_file: Path = BUILT_IN
    """Cover, service level, delay priors, embargoes and when alerts are raised."""
    code_version: str = version("orestream")
    settling_ms: int = 1_000
    """How long changes are let come in before the advice on an item is made again."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        return cls(policy_file=Path(environment.get("ORESTREAM_SUPPLY_POLICY_FILE", str(BUILT_IN))))
