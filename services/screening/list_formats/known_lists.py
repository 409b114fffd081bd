"""On which list an entry stands, told from what a published file calls it (`known_lists.yaml`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, StringConstraints

from services.screening.domain.instrument import Key, Source
from services.screening.domain.party_content import PartyListSource

_FILE = Path(__file__).parent / "known_lists.yaml"
_Part = Annotated[str, StringConstraints(min_length=2)]


class KnownList(PartyListSource):
    list_name: Key = Field(alias="list")
    found_by: list[_Part]
    data_sets: list[_Part] = []
    """Parts of which one has to be there, too, where `found_by` are words that other lists use as well."""

    def described(self) -> PartyListSource:
        return PartyListSource(title=self.title, jurisdiction=self.jurisdiction, authority=self.authority)


class _KnownLists(Source):
    lists: list[KnownList]


@dataclass(slots=True, frozen=True)
class KnownLists:
    lists: Sequence[KnownList]

    def named(self, name: str) -> KnownList | None:
        return next((known for known in self.lists if known.list_name == name), None)

    def told_by(self, listing: tuple[str, ...]) -> KnownList | None:
        """The first list of which the file's words say something."""
        return _told_by(listing)


@lru_cache(maxsize=4096)
def _told_by(listing: tuple[str, ...]) -> KnownList | None:
    words = " | ".join(listing).casefold()
    for known in known_lists().lists:
        if any(part.casefold() in words for part in known.found_by) and (
            not known.data_sets or any(part.casefold() in words for part in known.data_sets)
        ):
            return known
    return None


@lru_cache(maxsize=1)
def known_lists() -> KnownLists:
    return KnownLists(_KnownLists.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8"))).lists)
