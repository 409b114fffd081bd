"""What an operator can set."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from services.screening.regulation_files import PARTIES, REGULATIONS


@dataclass(slots=True, frozen=True)
class Settings:
    """The law and the lists as directories of data; the built-in ones unless told otherwise."""

    regulations: Path = REGULATIONS
    parties: Path = PARTIES
    code_version: str = version("orestream")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads ORESTREAM_REGULATIONS_DIRECTORY and ORESTREAM_PARTIES_DIRECTORY."""
        return cls(
            regulations=Path(environment.get("ORESTREAM_REGULATIONS_DIRECTORY", str(REGULATIONS))),
            parties=Path(environment.get("ORESTREAM_PARTIES_DIRECTORY", str(PARTIES))),
        )
