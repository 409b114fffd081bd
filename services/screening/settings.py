"""What an operator can set."""

import re
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
    pack_keys: frozenset[str] = frozenset()
    """The public keys whose data packs are taken; none: no packs."""
    code_version: str = version("orestream")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads ORESTREAM_REGULATIONS_DIRECTORY, ORESTREAM_PARTIES_DIRECTORY and ORESTREAM_PACK_KEYS. Raises ValueError."""
        return cls(
            regulations=Path(environment.get("ORESTREAM_REGULATIONS_DIRECTORY", str(REGULATIONS))),
            parties=Path(environment.get("ORESTREAM_PARTIES_DIRECTORY", str(PARTIES))),
            pack_keys=_keys(environment.get("ORESTREAM_PACK_KEYS", "")),
        )


def _keys(text: str) -> frozenset[str]:
    """Public keys of 64 hex digits each, separated by commas or blanks."""
    keys = text.replace(",", " ").split()
    for key in keys:
        if not re.fullmatch(r"[0-9a-f]{64}", key):
            raise ValueError(
                f"ORESTREAM_PACK_KEYS names {key[:80]!r}; a key is 64 hex digits, as `orestream regulations keygen` prints it."
            )
    return frozenset(keys)
