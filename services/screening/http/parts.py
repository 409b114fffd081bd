"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.screening.clearing import Clearing
from services.screening.drafts import Drafts
from services.screening.licence_cases import LicenceCases
from services.screening.packs import Packs
from services.screening.party_lists import PartyLists
from services.screening.references import References
from services.screening.shipped_files import ShippedFiles
from shared.bus import Bus


@dataclass(slots=True, frozen=True)
class Parts:
    bus: Bus
    references: References
    drafts: Drafts
    packs: Packs
    shipped: ShippedFiles
    lists: PartyLists
    clearing: Clearing
    licences: LicenceCases
    clock: Callable[[], datetime]
