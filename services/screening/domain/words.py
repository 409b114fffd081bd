"""Elements and enumerations in words."""

from collections.abc import Iterable, Sequence

ELEMENT_NAMES = {
    "La": "lanthanum", "Ce": "cerium", "Pr": "praseodymium", "Nd": "neodymium", "Sm": "samarium", "Eu": "europium", "Gd": "gadolinium",
    "Tb": "terbium", "Dy": "dysprosium", "Ho": "holmium", "Er": "erbium", "Tm": "thulium", "Yb": "ytterbium", "Lu": "lutetium",
    "Sc": "scandium", "Y": "yttrium", "Ga": "gallium", "Ge": "germanium", "Sb": "antimony", "W": "tungsten", "Te": "tellurium",
    "Bi": "bismuth", "Mo": "molybdenum", "In": "indium", "Ta": "tantalum", "Co": "cobalt", "Fe": "iron", "Al": "aluminium", "B": "boron",
    "Ni": "nickel", "Cu": "copper", "Ag": "silver", "Zr": "zirconium", "Zn": "zinc", "Li": "lithium", "Mn": "manganese", "Ti": "titanium",
    "C": "carbon", "Mg": "magnesium", "Si": "silicon", "Sn": "tin", "Pb": "lead",
    "Cd": "cadmium", "Hf": "hafnium", "Nb": "niobium", "Cr": "chromium",
}  # fmt: skip


def element_names(symbols: Iterable[str]) -> str:
    return joined([ELEMENT_NAMES.get(symbol, symbol) for symbol in symbols])


def joined(words: Sequence[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
