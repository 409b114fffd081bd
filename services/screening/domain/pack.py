"""A data pack as it lies installed: who issued it as which serial number, and the instruments and listed parties it brings."""

import zlib
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from services.screening.domain.instrument import Instrument, Key, Source
from services.screening.domain.party_content import PartyContent

ProductVersion = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)*$")]


class PackManifest(Source):
    """What a pack says of itself."""

    name: Key
    title: str
    serial: int = Field(ge=1)
    """Counts up with every issue; an older one is a rollback."""
    issued_at: datetime
    requires: ProductVersion
    """The oldest version of Orestream that reads it as it is meant."""


class InstalledPack(Source):
    manifest: PackManifest
    sha256: str
    """Of the signed payload."""
    key: str
    """The public key whose signature it bears."""
    installed_at: datetime
    installed_by: str
    instruments: list[Instrument]
    parties: list[PartyContent]

    @classmethod
    def from_row(cls, row: bytes) -> Self:
        return cls.model_validate_json(zlib.decompress(row))

    def row(self) -> bytes:
        return zlib.compress(self.model_dump_json(by_alias=True, exclude_defaults=True).encode())
