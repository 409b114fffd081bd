"""What the ledger can be told from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final, Self

from services.ledger.policy_file import BUILT_IN
from shared.bus.types import StreamName

RESULT_STREAMS: Final[Mapping[str, StreamName]] = {
    "screening": "screenings",
    "pricing-risk": "price-risks",
    "stockpile-advisor": "supply-risks",
}
"""The services whose results a round can wait for, and where they emit them."""


class SettingsError(ValueError):
    """A sentence that names the setting, the value and what would be right."""


AWAITED: Final = ("screening", "pricing-risk", "stockpile-advisor")
"""The services that give results, of those that Orestream runs."""


@dataclass(slots=True, frozen=True)
class LedgerSettings:
    """`database_url`: a SQLite file or PostgreSQL. `awaited`: the services whose results a final assessment waits for."""

    database_url: str
    awaited: tuple[str, ...] = AWAITED
    partial_after_seconds: float = 2.0
    final_after_seconds: float = 30.0
    policy_file: Path = BUILT_IN
    retention_years: int = 10
    cliff_alert_days: int = 30
    """How long before the answer of open lines changes by itself an alert goes out."""
    code_version: str = version("orestream")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Reads DATABASE_URL, _AWAITED (names with commas), _PARTIAL_AFTER_SECONDS, _FINAL_AFTER_SECONDS, _POLICY_FILE,
        _RETENTION_YEARS and _CLIFF_ALERT_DAYS. Raises SettingsError.
        """
        awaited = tuple(name.strip() for name in environ.get("ORESTREAM_AWAITED", ",".join(AWAITED)).split(",") if name.strip())
        if not awaited:
            raise SettingsError(f"ORESTREAM_AWAITED names nothing; a round can wait for {', '.join(RESULT_STREAMS)}")
        for name in awaited:
            if name not in RESULT_STREAMS:
                raise SettingsError(f"ORESTREAM_AWAITED names {name!r}; a round can wait for {', '.join(RESULT_STREAMS)}")
        partial_after = _positive(environ, "ORESTREAM_PARTIAL_AFTER_SECONDS", 2.0)
        final_after = _positive(environ, "ORESTREAM_FINAL_AFTER_SECONDS", 30.0)
        if partial_after >= final_after:
            raise SettingsError(
                f"ORESTREAM_PARTIAL_AFTER_SECONDS is {partial_after:g} and ORESTREAM_FINAL_AFTER_SECONDS {final_after:g};"
                " the partial assessment has to come first"
            )
        return cls(
            database_url=environ.get("DATABASE_URL", "sqlite:///.orestream/ledger.sqlite"),
            awaited=awaited,
            partial_after_seconds=partial_after,
            final_after_seconds=final_after,
            policy_file=Path(environ.get("ORESTREAM_POLICY_FILE", str(BUILT_IN))),
            retention_years=int(_positive(environ, "ORESTREAM_RETENTION_YEARS", 10)),
            cliff_alert_days=min(366, int(_positive(environ, "ORESTREAM_CLIFF_ALERT_DAYS", 30))),
        )


def _positive(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise SettingsError(f"{name} is {text!r}; it has to be a number above 0")
    return value
