"""Lines for the tests of recognition."""

from collections.abc import Mapping

from services.screening.domain.goods import Goods, Material, Parameter
from services.screening.domain.recognition import recognise
from shared.contracts.order import Attribute, Classification, Constituent, Provenance, SnapshotLine, TextNote


def goods(
    description: str | None = None,
    *,
    composition: Mapping[str, str] | None = None,
    attributes: Mapping[str, str] | None = None,
    codes: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
    provenance: dict[str, Provenance] | None = None,
) -> Goods:
    """Recognition of a line; `composition` maps substance to share, `attributes` name to value, `codes` scheme to code."""
    return recognise(
        SnapshotLine(
            line_id="10",
            description=description,
            composition=[Constituent(substance=substance, share=share) for substance, share in (composition or {}).items()],
            attributes=[Attribute(name=name, value=value) for name, value in (attributes or {}).items()],
            classifications=[Classification.model_validate({"scheme": scheme, "code": code}) for scheme, code in (codes or {}).items()],
            texts=[TextNote(kind="item", text=note) for note in notes],
            provenance=provenance or {},
        )
    )


def materials(found: Goods, element: str) -> list[Material]:
    return [material for material in found.materials if material.element == element]


def material(found: Goods, element: str) -> Material:
    (only,) = materials(found, element)
    return only


def parameter(found: Goods, name: str) -> Parameter:
    (only,) = [parameter for parameter in found.parameters if parameter.name == name]
    return only
