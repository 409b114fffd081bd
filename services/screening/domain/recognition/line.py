"""One line of an order → its goods."""

import re

from services.screening.domain.goods import Goods, Material, Product, Sighting, SubstanceClass
from shared.contracts.order import SnapshotLine

_ELEMENTS = {
    "dysprosium": "Dy",
    "terbium": "Tb",
    "samarium": "Sm",
    "gadolinium": "Gd",
    "lutetium": "Lu",
    "scandium": "Sc",
    "yttrium": "Y",
    "neodymium": "Nd",
    "holmium": "Ho",
    "gallium": "Ga",
    "germanium": "Ge",
    "lanthanum": "La",
    "cerium": "Ce",
}
_FORMS: dict[str, tuple[Product, SubstanceClass]] = {
    "oxide": ("oxide", "oxide"),
    "metal": ("metal", "element"),
    "alloy": ("alloy", "alloy"),
    "carbonate": ("compound", "compound"),
}
_NAMED = re.compile(rf"\b({'|'.join(_ELEMENTS)})\s+({'|'.join(_FORMS)})\b", re.IGNORECASE)


def recognise(line: SnapshotLine) -> Goods:
    """The goods of a line. Takes any line, never raises; a line that says nothing gives empty goods."""
    codes = tuple(re.sub(r"\D", "", c.code) for c in line.classifications if c.scheme in ("HS", "CN", "HTS", "CN_TARIFF"))
    named = _NAMED.search(line.description or "")
    if named is None:
        return Goods(tariff_codes=codes)
    product, substance_class = _FORMS[named[2].lower()]
    sighting = Sighting(line.provenance.get("description", "document"), named[0])
    material = Material(_ELEMENTS[named[1].lower()], sighting, substance=named[0], substance_class=substance_class)
    return Goods(products=(product,), product_sighting=sighting, product_certain=True, materials=(material,), tariff_codes=codes)
