"""What an answer rests on beside the order: the law, the party lists and what was cleared of their hits, each in one version."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.screening.domain.clearances import NO_CLEARANCES, Clearances, clearances_from_content
from services.screening.domain.law import Law, law_from_content
from services.screening.domain.parties import PartyList, parties_from_content


@dataclass(slots=True, frozen=True, eq=False)
class Basis:
    law: Law
    parties: PartyList
    clearances: Clearances = NO_CLEARANCES

    def versions(self, code: str) -> dict[str, str]:
        """By kind of reference data the hash of its content, and the version of Orestream as `code`."""
        return {
            "regulations": self.law.version,
            "parties": self.parties.version,
            "clearances": self.clearances.version,
            "code": code,
        }

    def contents(self) -> dict[str, bytes]:
        """By kind, what the version is the hash of."""
        return {"regulations": self.law.content, "parties": self.parties.content, "clearances": self.clearances.content}


def basis_of(contents: Mapping[str, bytes], standing: Basis | None = None) -> Basis:
    """The basis made again from contents by kind; what `standing` holds in the same content is taken from there.

    Before there were clearances nothing was recorded of them, and none acted. Raises LawError or ValueError for content that is none,
    KeyError where another kind is missing.
    """
    known = standing.contents() if standing is not None else {}
    return Basis(
        law=standing.law
        if standing is not None and known["regulations"] == contents["regulations"]
        else law_from_content(contents["regulations"]),
        parties=standing.parties
        if standing is not None and known["parties"] == contents["parties"]
        else parties_from_content(contents["parties"]),
        clearances=_clearances(contents.get("clearances"), standing),
    )


def _clearances(content: bytes | None, standing: Basis | None) -> Clearances:
    if content is None:
        return NO_CLEARANCES
    return standing.clearances if standing is not None and standing.clearances.content == content else clearances_from_content(content)
