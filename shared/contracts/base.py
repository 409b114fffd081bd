"""Value types that every contract is made of. Unknown is None; a decimal is a string on the wire; a date is a date."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

from shared.contracts.canonical import decimal_text


def instant_text(value: datetime) -> str:
    """RFC 3339 in UTC with microseconds and a Z."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def unix_ms(instant: datetime) -> int:
    """Milliseconds since 1970, as the bus counts time."""
    return int(instant.timestamp() * 1000)


def instant_of(milliseconds: float) -> datetime:
    """The moment in UTC that is so many milliseconds after the beginning of 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def beginning_of(day: date) -> datetime:
    """Midnight in UTC."""
    return datetime.combine(day, time(), UTC)


class Contract(BaseModel):
    """A frozen value on the wire. Readers ignore fields they do not know, so that a writer may be newer than its reader."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings", validate_default=False)


DecimalString = Annotated[
    Decimal,
    Field(max_digits=30, decimal_places=15, allow_inf_nan=False),
    PlainSerializer(decimal_text, return_type=str, when_used="json"),
]
"""A finite decimal of at most 30 digits, 15 of them after the point; a plain decimal string in JSON."""


def _written_day(value: Any) -> Any:
    """A bare number would be read as seconds since 1970, and the common null date 0 would become a day."""
    if isinstance(value, (int, float, Decimal)) or (isinstance(value, str) and "-" not in value):
        raise ValueError("a day is written YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_written_day), Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))]
"""A calendar day between 1970 and 2199; anything else in an order is a mistake of the sender."""

Instant = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC)),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
]
"""A moment with its offset between 1970 and 2199; written in UTC with microseconds, so that equal moments are equal texts."""

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A key of the sender's, verbatim: leading zeros are kept."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=8000)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217 alphabetic."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
