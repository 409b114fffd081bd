"""Party lists as data: who is on which list by which notice, since when, and what became of it; when lists were loaded; who owns whom."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from services.screening.domain.instrument import Key, Source
from services.screening.domain.loads import Load
from services.screening.domain.ownership import Stake
from shared.contracts.screening import Confidence, Jurisdiction

NO_NOTICE = "an entry without a notice"
"""Stands for the notice where a list names none."""


class ListedName(Source):
    name: str
    name_zh: str | None = None
    aliases: list[str] = []
    entry_id: str | None = None
    """What the list itself calls the entry, where it has a name for it."""
    kind: Literal["person", "organisation", "vessel", "aircraft"] | None = None
    countries: list[str] = []
    identifiers: dict[str, list[str]] = {}
    """Registry numbers by scheme, in capitals without spaces: LEI, USCC, REG, TAX, DUNS …"""


class Notice(Source):
    """The parties that one notice put on one list, and what became of the listing."""

    list_name: Key = Field(alias="list")
    notice: str
    listed_on: date | None
    """None where the list does not tell: then the listing binds on every day."""
    country: str | None = None
    """A country code, or EU."""
    source: str | None = None
    checked_on: date | None = None
    confidence: Confidence = "high"
    suspended_from: date | None = None
    suspended_to: date | None = None
    """The end of the suspension; computed where the notice prints none."""
    suspension_source: str | None = None
    ended_on: date | None = None
    note: str | None = None
    parties: list[ListedName] = Field(min_length=1)

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.suspended_to is not None and (self.suspended_from is None or self.suspended_to <= self.suspended_from):
            raise ValueError("suspended_to needs an earlier suspended_from")
        if self.ended_on is not None and self.listed_on is not None and self.ended_on <= self.listed_on:
            raise ValueError("ended_on must come after listed_on")
        return self


class PartyListSource(Source):
    """A list and whose it is."""

    title: str
    jurisdiction: Jurisdiction
    authority: str


class NotLoaded(Source):
    """A notice that is known of, whose names are not in the data: coverage says so."""

    list_name: Key = Field(alias="list")
    notice: str
    listed_on: date
    names: int
    country: str | None = None
    suspended_from: date | None = None
    suspended_to: date | None = None
    ended_on: date | None = None
    """What became of the listing, for the names that a loaded list brings of this notice."""
    note: str | None = None


class PartyContent(Source):
    """Everything the product knows of listed parties: what the version hashes and what the lists can be rebuilt from."""

    lists: dict[Key, PartyListSource]
    notices: list[Notice] = []
    not_loaded: list[NotLoaded] = []
    loads: dict[Key, Load] = {}
    """By the name under which a list was loaded: when, for which moment, and how old it may become."""
    ownership: list[Stake] = []
