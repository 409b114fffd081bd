"""How much of a licence a delivery needs, in the unit of the licence. What cannot be converted is None, never a guess."""

from decimal import Decimal, localcontext

from services.screening.domain.deliveries import Delivery
from shared.contracts.order import SnapshotLine

_STEP = Decimal("1e-9")

KILOGRAMS: dict[str, Decimal] = {
    **dict.fromkeys(("KGM", "KG", "KGS", "KILO", "KILOS", "KILOGRAM", "KILOGRAMS", "千克", "公斤"), Decimal(1)),
    **dict.fromkeys(("GRM", "G", "GRAM", "GRAMS", "克"), Decimal("0.001")),
    **dict.fromkeys(("MGM", "MG"), Decimal("0.000001")),
    **dict.fromkeys(("TNE", "TONNE", "TONNES", "TON (METRIC)", "吨", "噸"), Decimal(1000)),
    **dict.fromkeys(("LBR", "LB", "LBS", "POUND", "POUNDS"), Decimal("0.45359237")),
}
"""Units of mass that mean the same whoever writes them; T, TO and MT do not."""

_PIECES = frozenset(
    (
        *("C62", "H87", "EA", "EACH", "PCE", "PC", "PCS", "PIECE", "PIECES", "UNIT", "UNITS", "STK", "STÜCK", "NAR", "NOS"),
        *("个", "件", "只", "块", "片", "個", "枚"),
    )
)


def in_unit(delivery: Delivery, line: SnapshotLine, unit: str | None, *, only: bool) -> Decimal | None:
    """`only`: the delivery is all of the line, whose mass is then that of the delivery even where its quantity is not known."""
    wanted = (unit or "").strip().upper()
    with localcontext(prec=60):
        if wanted in KILOGRAMS:
            mass_kg = _mass_kg(delivery, line, only=only)
            return None if mass_kg is None else _rounded(mass_kg / KILOGRAMS[wanted])
        if delivery.quantity is None or line.quantity is None or not wanted:
            return None
        own = (line.quantity.unit or "").strip().upper()
        return _rounded(delivery.quantity) if own == wanted or (own in _PIECES and wanted in _PIECES) else None


def _mass_kg(delivery: Delivery, line: SnapshotLine, *, only: bool) -> Decimal | None:
    if line.mass_kg is None:
        return None
    if only and (delivery.quantity is None or line.quantity is None or delivery.quantity == line.quantity.value):
        return line.mass_kg
    if delivery.quantity is None or line.quantity is None or not line.quantity.value:
        return None
    return line.mass_kg * delivery.quantity / line.quantity.value


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_STEP).normalize()


def unit_name(unit: str | None) -> str:
    """As people write it."""
    wanted = (unit or "").strip().upper()
    if wanted in KILOGRAMS:
        return {Decimal(1): "kg", Decimal("0.001"): "g", Decimal("0.000001"): "mg", Decimal(1000): "t"}.get(KILOGRAMS[wanted], "lb")
    return "pieces" if wanted in _PIECES else (unit or "").strip()


def missing_for(line: SnapshotLine, unit: str | None) -> str:
    """What would have to be known to convert, as a sentence's end."""
    if not (unit or "").strip():
        return "the licence names no unit; report it with one"
    if (unit or "").strip().upper() in KILOGRAMS:
        return "the mass of the line is not known; give the order a net weight, or the item master the weight of one unit"
    if line.quantity is None:
        return "the line has no quantity"
    return (
        f"the line counts in {line.quantity.unit or 'an unknown unit'} and the licence in {(unit or '').strip()}; report both in one unit"
    )
