"""From quantities to named parameters: by the label beside a number, else by its unit and by what the goods are."""

import re
from decimal import Decimal
from typing import Final

from services.screening.domain.goods import Interval
from services.screening.domain.recognition.scan import Quantity
from services.screening.domain.recognition.terms import Term

_BY_UNIT: Final[dict[str, str]] = {
    "g_per_cm3": "density_g_cm3",
    "kg_per_m3": "density_g_cm3",
    "wh_per_kg": "energy_density_wh_kg",
    "mah_per_g": "specific_capacity_mah_g",
    "per_cm2": "dislocation_density_per_cm2",
    "kilowatt": "power_kw",
    "megahertz": "frequency_mhz",
    "gigahertz": "frequency_mhz",
    "tesla": "flux_density_t",
    "m3_per_day": "capacity_m3_per_day",
    "cubic_metre": "volume_m3",
    "diameter": "diameter_mm",
    "inner_diameter": "inner_diameter_mm",
    "length": "length_mm",
    "width": "width_mm",
    "thickness": "thickness_mm",
}
_STRENGTHS: Final = frozenset({"flexural_strength", "tensile_strength", "elastic_limit", "compressive_strength"})
_LENGTHS: Final = frozenset({"diameter", "inner_diameter", "thickness", "wall_thickness", "length", "width", "height", "piston"})
_ROUND_GOODS: Final = frozenset(
    {"wafer", "epitaxial_wafer", "diamond_window", "sputtering_target", "lens", "optical_blank", "single_crystal", "grinding_wheel"}
)
_MICROMETRES_TIMES_MESH: Final = Decimal(14900)
"""Tyler and ASTM sieves: 100 mesh is 149 µm, 325 mesh about 45 µm."""

_STRONGEST_FIELD_T: Final = Decimal(20)
"""Above it a "T" behind a number is of tonnes."""

_SEPARATES = re.compile(r"[\d;|\n,]")
_NEAR = re.compile(r"[\s:=\-(),为為はがの]{0,3}(?:of|de|du|del|bei|in)?\s?", re.IGNORECASE)


def label_of(text: str, quantity: Quantity, labels: list[Term]) -> str | None:
    """The label that speaks of a quantity: the nearest one before it in its phrase, else the one right after it."""
    best: Term | None = None
    for label in labels:
        if label.end <= quantity.start:
            if quantity.start - label.end <= 24 and not _SEPARATES.search(text, label.end, quantity.start):
                best = label
        elif label.start >= quantity.end:
            if best is None and _NEAR.fullmatch(text, quantity.end, label.start):
                best = label
            break
    return best.value if best is not None else None


def parameter_of(quantity: Quantity, label: str | None, kinds: frozenset[str], wavelength: bool) -> tuple[str, Interval] | None:
    """Name and value of the parameter that a quantity (not a percentage) gives; None where it gives none.

    `kinds` are the products, substances and features seen in the text; `wavelength` says that lengths in nm are of light.
    """
    unit, value = quantity.unit, quantity.interval
    if unit in ("g_per_cm3", "kg_per_m3") and label == "compaction_density":
        return "compaction_density_g_cm3", value
    if unit in ("mpa", "gpa"):
        if unit == "gpa" and (kinds & {"production_equipment", "cubic_press"} or label not in _STRENGTHS):
            return "pressure_gpa", _scaled(value, Decimal("0.001"))
        return f"{label}_mpa" if label in _STRENGTHS else ("flexural_strength_mpa" if "graphite" in kinds else "strength_mpa"), value
    if unit in ("micrometre", "nanometre", "mesh"):
        return _fine_length(unit, value, label, kinds, wavelength)
    if unit in ("length", "width") and "rotary_kiln" in kinds:
        # A kiln's size is its diameter by its length.
        return ("diameter_mm" if unit == "length" else "length_mm"), value
    if unit == "tesla" and (value.minimum is None or value.minimum > _STRONGEST_FIELD_T):
        return None
    if unit in ("millimetre", "centimetre", "metre", "inch"):
        if label == "piston" or (label is None and "cubic_press" in kinds):
            return "diameter_mm", value
        if label in _LENGTHS:
            return f"{label}_mm", value
        if label == "particle_size":
            return "particle_size_um", _scaled(value, Decimal(1000))
        return ("diameter_mm" if unit == "inch" and kinds & _ROUND_GOODS else "size_mm"), value
    name = _BY_UNIT.get(unit)
    return (name, value) if name is not None else None


def _fine_length(unit: str, value: Interval, label: str | None, kinds: frozenset[str], wavelength: bool) -> tuple[str, Interval] | None:
    if unit == "mesh":
        low = _MICROMETRES_TIMES_MESH / value.maximum if value.maximum and value.minimum is not None else None
        mesh = value.minimum if value.minimum is not None else value.maximum
        return ("particle_size_um", Interval(low, _MICROMETRES_TIMES_MESH / mesh)) if mesh else None
    if label in ("thickness", "wall_thickness"):
        return "thickness_mm", _scaled(value, Decimal("0.001"))
    if unit == "nanometre" and label != "particle_size" and (wavelength or "powder" not in kinds):
        return None
    if label != "particle_size" and kinds & {"wafer", "epitaxial_wafer"} and "powder" not in kinds:
        return "thickness_mm", _scaled(value, Decimal("0.001"))
    return ("grit_um" if kinds & {"wire_saw", "grinding_wheel"} else "particle_size_um"), value


def _scaled(value: Interval, factor: Decimal) -> Interval:
    return Interval(
        value.minimum * factor if value.minimum is not None else None,
        value.maximum * factor if value.maximum is not None else None,
    )
