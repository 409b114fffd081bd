"""An export licence case: who applies, for whom, for which goods and how much, how far it has come, and what was promised for it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.contracts.base import Contract, CountryCode, Day, DecimalString, Identifier, Instant, Name, Text
from shared.contracts.envelope import Event
from shared.contracts.order import OrderKey, Party

LicenceState = Literal["not_filed", "filed", "pending", "returned", "approved", "refused"]
"""`pending` is under review, as `filed`; `returned` is returned for supplement."""

LicenceKind = Literal["individual", "general"]
"""An individual licence is drawn down by quantity; a general one is asserted by the exporter and has none."""

ElementSymbol = Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]?$")]


class LicensedGoods(Contract):
    """Goods by any of three: numbers of items (the buyer's, the supplier's or the manufacturer's), control codes, elements.

    A code without its last part stands for all below it: 1C905 for 1C905.a.
    """

    item_ids: list[Identifier] = Field(default_factory=list)
    control_codes: list[Identifier] = Field(default_factory=list)
    elements: list[ElementSymbol] = Field(default_factory=list)

    @property
    def names_goods(self) -> bool:
        return bool(self.item_ids or self.control_codes or self.elements)


class Undertaking(LicensedGoods):
    """What an end-user certificate promises. Without goods of its own it holds for all goods of the licence."""

    end_use: Text | None = None
    end_user: Party | None = None
    destination: CountryCode | None = None
    given_on: Day | None = None
    document: Name | None = None


class LicenceStep(Contract):
    state: LicenceState
    on: Day


class Licence(LicensedGoods):
    """All that is known of one case; the same licence id again replaces what was known."""

    licence_id: Identifier
    jurisdiction: Literal["CN", "US", "EU"] = "CN"
    kind: LicenceKind = "individual"
    exporter: Party
    end_user: Party | None = None
    """The only one the goods may go to, where the licence names one."""
    quantity: Annotated[DecimalString, Field(gt=0)] | None = None
    unit: Identifier | None = None
    state: LicenceState
    history: list[LicenceStep] = Field(default_factory=list)
    valid_from: Day | None = None
    valid_until: Day | None = None
    """The last day on which goods may leave under it."""
    reference_number: Identifier | None = None
    undertakings: list[Undertaking] = Field(default_factory=list)
    orders: list[OrderKey] = Field(default_factory=list)
    """Those that it was filed for: they come first where it does not suffice for all."""

    @property
    def since(self) -> date | None:
        """The day of the present state."""
        return max((step.on for step in self.history if step.state == self.state), default=None)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        contradictions = list(self._contradictions())
        if contradictions:
            raise ValueError(" ".join(contradictions))
        return self

    def _contradictions(self) -> Iterator[str]:
        if not self.names_goods:
            yield "The licence names no goods; give item numbers (item_ids), control codes (control_codes) or elements."
        exporter = self.exporter
        if not (exporter.id or exporter.name or exporter.name_local or exporter.identifiers):
            yield "The exporter has neither a number nor a name; a licence belongs to one exporter."
        if self.kind == "general" and self.quantity is not None:
            yield "A general licence has no quantity; leave it out, or make the licence individual."
        if self.valid_from is not None and self.valid_until is not None and self.valid_until < self.valid_from:
            yield f"The licence is valid until {self.valid_until} and from {self.valid_from} only; correct one of the two days."
        if self.history:
            last = max(step.on for step in self.history)
            states = [step.state for step in self.history if step.on == last]
            if self.state not in states:
                yield f"The licence is said to be {self.state}, and {states[-1]} since {last}; correct one of the two."


class LicenceUsed(Contract):
    """A licence as an order's cover was worked out with it, and what other orders had claimed of it by then, in its unit."""

    licence: Licence
    claimed_at: Instant | None = None
    """Since when the order itself has had a claim on it."""
    ahead_of_departed: DecimalString = Decimal(0)
    """Claims of other orders that go before those of this order's goods that have left."""
    ahead_of_open: DecimalString = Decimal(0)
    """Claims of other orders that go before those of its other goods."""


LicenceEvent = Event[Licence]
"""On stream `licences`, type `orestream.licence.recorded.v1`, subject the licence id."""
