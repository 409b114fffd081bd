"""One price series as a process holds it between batches, and as it lies in Redis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from services.pricing_risk.domain.parity import PARITY_FIELD, Parity
from services.pricing_risk.domain.price_alerts import Kind, Raised, Standing
from services.pricing_risk.domain.price_log import GATE_FIELD, PriceFold
from services.pricing_risk.domain.view import SeriesIdentity, series_view
from shared.contracts.price_series import SeriesView

ABOUT_FIELD: Final = "about"
UNFOLDED_FIELD: Final = "unfolded"
"""There while the tick log is ahead of the state."""


@dataclass(slots=True)
class KeptSeries:
    """`fold` None: the state has to be made again from the tick log. `digest`: of the view that is stored; empty where none is."""

    identity: SeriesIdentity
    fold: PriceFold | None
    version: str = ""
    refused: int = 0
    raised: dict[Kind, Raised] = field(default_factory=dict)
    parity: Parity | None = None
    digest: str = ""

    @property
    def series(self) -> str:
        return self.identity.series

    @property
    def name(self) -> str:
        """For people."""
        where = {"CN": "inside China", "EX_CN": "outside China", "FX": "exchange rate"}[self.identity.market]
        form = "" if self.identity.form == "currency" else f" {self.identity.form}"
        return f"{self.identity.material}{form} ({where}, {self.identity.basis}, {self.identity.currency})"

    def standing(self) -> Standing | None:
        """What alerts look at; None while the state has to be made again."""
        if self.fold is None:
            return None
        premium = self.parity.view() if self.parity is not None else None
        return Standing(self.series, self.name, self.identity.currency, self.fold, premium, "price_premium" in self.raised)

    def view(self) -> SeriesView | None:
        """None before the first price entered."""
        if self.fold is None or self.fold.gate.last is None:
            return None
        return series_view(
            self.identity,
            self.fold.model,
            source=self.fold.gate.last.source,
            held=self.fold.gate.held + self.refused,
            premium=self.parity.view() if self.parity is not None else None,
        )

    def about(self) -> dict[str, bytes]:
        """The field that is none of the model's, the gate's and the premium's."""
        who = self.identity
        told = [
            [who.material, who.form, who.market, who.basis, who.currency, who.elements],
            self.refused,
            {kind: raised.as_json() for kind, raised in self.raised.items()},
            self.digest,
        ]
        return {ABOUT_FIELD: orjson.dumps(told)}

    @classmethod
    def from_fields(cls, series: str, fields: Mapping[bytes, bytes], version: str) -> "KeptSeries":
        """What another version of the model wrote is made again, and so is a state that no price but refused ones has come to."""
        identity, refused, raised, digest = orjson.loads(fields[ABOUT_FIELD.encode()])
        kept = cls(
            identity=SeriesIdentity(series, *identity),
            fold=None,
            version=version,
            refused=refused,
            raised=_raised(raised),
            digest=digest,
        )
        if UNFOLDED_FIELD.encode() in fields or GATE_FIELD.encode() not in fields:
            return kept
        try:
            kept.fold = PriceFold.from_fields(fields)
            if PARITY_FIELD.encode() in fields:
                kept.parity = Parity.from_fields(fields)
        except ValueError:
            kept.fold = kept.parity = None
        return kept


def firing(about: bytes) -> Mapping[Kind, Raised]:
    """The alerts that are firing, of a series of which no more than this field is read."""
    return _raised(orjson.loads(about)[2])


def _raised(said: Mapping[Kind, Sequence[Any]]) -> dict[Kind, Raised]:
    return {kind: Raised.of(each) for kind, each in said.items()}
