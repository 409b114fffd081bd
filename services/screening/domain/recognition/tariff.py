# ruff: noqa: E501 -- tables: a row stays on its line
"""Tariff lines as evidence: which elements and goods a code may be of. A code raises candidates; composition decides.

Sources: regulation.md sections 1.2 to 1.6 and 3. Chinese lines have 8 or 10 digits; supervision flag 3 is a dual-use export licence, 4 an
ordinary one, x and y speak of processing and border trade. Reference codes drift: the year says which tariff a line was seen in.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from services.screening.domain.goods import Product
from shared.chemistry.elements import RARE_EARTHS

_MAGNETIC: Final = ("Nd", "Pr", "Sm", "Dy", "Tb")
_SEVEN: Final = ("Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y")
_OTHER_CONTROLLED: Final = ("Sm", "Gd", "Lu", "Sc")
_ALL: Final = tuple(sorted(RARE_EARTHS))


@dataclass(slots=True, frozen=True)
class TariffLine:
    """What a heading or line covers. `broad` headings are full of other goods; `specific` lines name one substance or element."""

    code: str
    covers: str
    elements: tuple[str, ...] = ()
    products: tuple[Product, ...] = ()
    substance: str | None = None
    broad: bool = False
    flags: str | None = None
    year: int | None = None

    @property
    def specific(self) -> bool:
        return self.substance is not None or (len(self.elements) == 1 and len(self.code) >= 8)


def _line(
    code: str, covers: str, elements: tuple[str, ...] | str = (), products: tuple[Product, ...] | Product = (), substance: str | None = None, *,
    broad: bool = False, flags: str | None = None, year: int | None = None,
) -> TariffLine:  # fmt: skip
    return TariffLine(
        code, covers, tuple(elements.split()) if isinstance(elements, str) else elements,
        (products,) if isinstance(products, str) else products, substance, broad, flags, year,
    )  # fmt: skip


def _by_form(covers: str, elements: str, substance: str, **codes: str) -> tuple[TariffLine, ...]:
    """A substance's lines, each named after the product it is of."""
    return tuple(_line(code, covers, elements, cast(Product, product), substance) for product, code in codes.items())


HEADINGS: Final[tuple[TariffLine, ...]] = (
    # rare earths
    _line("280530", "rare-earth metals, scandium and yttrium", _ALL, ("metal", "alloy")),
    _line("284610", "cerium compounds", "Ce", ("oxide", "compound")),
    _line("284690", "compounds of rare earths other than cerium, of yttrium and of scandium", _ALL, ("oxide", "compound", "mixture")),
    _line("720299", "other ferro-alloys, rare-earth ferro-alloys among them", _ALL, "alloy"),
    _line("253090", "other mineral substances, rare-earth ores among them", _ALL, "ore", broad=True),
    _line("360690", "ferro-cerium and other pyrophoric alloys", "Ce La", "alloy", broad=True),
    _line("850511", "permanent magnets of metal", _MAGNETIC, "permanent_magnet"),
    _line("850519", "permanent magnets other than of metal", (), "permanent_magnet"),
    _line("848690", "parts of semiconductor machines, targets among them", _SEVEN, "sputtering_target", broad=True),
    _line("382499", "chemical preparations, rare-earth mixtures and targets among them", _SEVEN, "mixture", broad=True),
    _line("320650", "luminophores", "Y Eu Tb Gd", "phosphor", broad=True),
    _line("381512", "supported catalysts with precious metal", "Y La Ce", "calcined_catalyst", broad=True),
    _line("900190", "optical elements, unmounted", "Ge Y Lu", "lens", broad=True),
    _line("900290", "optical elements, mounted", "Ge", "lens", broad=True),
    _line("900211", "objective lenses", "Ge", "lens", broad=True),
    # gallium, germanium, indium
    _line("811292", "gallium, germanium, indium and others, unwrought, waste and powder", "Ga Ge In", ("metal", "scrap", "powder")),
    _line("811299", "articles of gallium, germanium, indium and others", "Ga Ge In", "metal"),
    _line("282560", "germanium oxides and zirconium dioxide", "Ge", "oxide"),
    _line("282590", "other metal oxides, gallium and tungsten oxides among them", "Ga W", "oxide", broad=True),
    _line("285000", "hydrides, nitrides and others, gallium nitride and stibine among them", "Ga Sb", "compound", broad=True),
    _line("285390", "phosphides and others, gallium and indium phosphide among them", "Ga In Ge Sb", "compound", broad=True),
    _line("284290", "other salts, gallium selenide and cadmium telluride among them", "Ga Te", "compound", broad=True),
    _line("285210", "compounds of mercury", "Te", "compound", broad=True),
    _line("381800", "chemical elements and compounds doped for electronics, as wafers", "Ga Ge In Te", "wafer", broad=True),
    _line("382569", "chemical waste", "Ga Ge", "scrap", broad=True),
    # antimony
    _line("811010", "antimony, unwrought, and powder", "Sb", ("metal", "ingot", "powder")),
    _line("811020", "antimony waste and scrap", "Sb", "scrap"),
    _line("811090", "articles of antimony", "Sb", "metal"),
    _line("261710", "antimony ores and concentrates", "Sb", ("ore", "concentrate")),
    _line("282580", "antimony oxides", "Sb", "oxide"),
    _line("283090", "other sulphides", "Sb", "compound", broad=True),
    _line("293190", "other organo-inorganic compounds", "Sb Bi In Ga", "compound", broad=True),
    # tungsten, molybdenum, bismuth, tellurium
    _line("810110", "tungsten powder", "W", "powder"),
    _line("810194", "tungsten, unwrought", "W", "metal"),
    _line("810196", "tungsten wire", "W", "metal"),
    _line("810197", "tungsten waste and scrap", "W", "scrap"),
    _line("810199", "articles of tungsten", "W", "metal"),
    _line("284180", "tungstates", "W", "compound"),
    _line("284990", "carbides other than of calcium and silicon", "W", "compound", broad=True),
    _line("261100", "tungsten ores and concentrates", "W", ("ore", "concentrate")),
    _line("810210", "molybdenum powder", "Mo", "powder"),
    _line("261310", "molybdenum concentrates, roasted", "Mo", "concentrate"),
    _line("261390", "molybdenum ores and concentrates", "Mo", ("ore", "concentrate")),
    _line("810610", "bismuth of more than 99.99 %", "Bi", ("metal", "powder", "scrap")),
    _line("810690", "bismuth of at most 99.99 %", "Bi", ("metal", "powder", "scrap")),
    _line("280450", "boron and tellurium", "Te", "metal"),
    _line("284190", "other salts of oxometallic acids", "Bi W Mo", "compound", broad=True),
    # carbon
    _line("380110", "artificial graphite", "C", "graphite", "graphite"),
    _line("380190", "preparations based on graphite", "C", "graphite", "graphite"),
    _line("250410", "natural graphite in powder or flakes", "C", "graphite", "graphite"),
    _line("250490", "other natural graphite", "C", "graphite", "graphite"),
    _line("681519", "articles of graphite or carbon", "C", "graphite", "graphite", broad=True),
    _line("854511", "carbon electrodes for furnaces", "C", "graphite_electrode", "graphite"),
    _line("710491", "synthetic diamonds, worked", "C", ("diamond_crystal", "diamond_window"), "diamond"),
    _line("710421", "synthetic diamonds, unworked", "C", "diamond_crystal", "diamond"),
    _line("710510", "diamond dust and powder", "C", "diamond_powder", "diamond"),
    _line("680421", "grinding wheels of diamond", "C", "grinding_wheel", "diamond"),
    # finished goods
    _line("850760", "lithium-ion accumulators", (), ("battery_cell", "battery_pack")),
    _line("850131", "direct-current motors up to 750 W", (), "motor"),
    _line("850152", "alternating-current motors", (), "motor"),
    _line("850300", "parts of motors and generators", (), "rotor_or_stator_assembly", broad=True),
    _line("851821", "loudspeakers in their enclosures", (), "loudspeaker"),
    _line("851829", "loudspeakers without enclosure", (), "loudspeaker"),
    _line("851830", "headphones and earphones", (), "headphone"),
    _line("854143", "photovoltaic cells in modules", (), "solar_module"),
    _line("820900", "tips for tools of cemented carbide", "W", "cemented_carbide_article"),
)
"""Six digits, the same in every tariff of the Harmonised System."""

CHINESE_LINES: Final[tuple[TariffLine, ...]] = (
    # metals
    _line("28053011", "neodymium", "Nd", "metal", "Nd", flags="4Bxy", year=2026),
    _line("28053012", "dysprosium", "Dy", "metal", "Dy", flags="34Bxy", year=2026),
    _line("28053013", "terbium", "Tb", "metal", "Tb", flags="34Bxy", year=2026),
    _line("28053014", "lanthanum", "La", "metal", "La", flags="4Bxy", year=2026),
    _line("28053015", "cerium", "Ce", "metal", "Ce", flags="4Bxy", year=2026),
    _line("2805301510", "cerium and alloys below 500 µm with more than 97 % Ce", "Ce", ("powder", "metal"), "Ce", flags="3", year=2024),
    _line("28053016", "praseodymium", "Pr", "metal", "Pr", flags="4Bxy", year=2026),
    _line("28053017", "yttrium", "Y", "metal", "Y", flags="34Bxy", year=2026),
    _line("28053018", "scandium", "Sc", "metal", "Sc", flags="34Bxy", year=2026),
    _line("28053019", "other rare-earth metals", "Sm Eu Gd Ho Er Tm Yb Lu", "metal"),
    _line("2805301910", "samarium, gadolinium, lutetium and their alloys", "Sm Gd Lu", ("metal", "alloy")),
    # oxides
    _line("28469011", "yttrium oxide", "Y", "oxide", "Y2O3"),
    _line("28469012", "lanthanum oxide", "La", "oxide", "La2O3", flags="4Bxy", year=2026),
    _line("28469013", "neodymium oxide", "Nd", "oxide", "Nd2O3", flags="4Bxy", year=2026),
    _line("28469014", "europium oxide", "Eu", "oxide", "Eu2O3"),
    _line("28469015", "dysprosium oxide", "Dy", "oxide", "Dy2O3"),
    _line("28469016", "terbium oxide", "Tb", "oxide", "Tb4O7"),
    _line("28469019", "other rare-earth oxides", "Sm Gd Ho Er Tm Yb Lu Sc Pr", "oxide"),
    _line("2846901920", "erbium oxide", "Er", "oxide", "Er2O3"),
    _line("2846901930", "gadolinium oxide", "Gd", "oxide", "Gd2O3"),
    _line("2846901940", "samarium oxide", "Sm", "oxide", "Sm2O3"),
    _line("2846901970", "ytterbium oxide", "Yb", "oxide", "Yb2O3"),
    _line("2846901980", "scandium oxide", "Sc", "oxide", "Sc2O3"),
    _line("2846901993", "mixed oxides of the seven controlled rare earths", _SEVEN, "mixture", flags="34Bxy", year=2026),
    # salts
    _line("28469021", "terbium chloride", "Tb", "compound", "TbCl3", flags="34Bxy", year=2026),
    _line("28469022", "dysprosium chloride", "Dy", "compound", "DyCl3", flags="34Bxy", year=2026),
    _line("28469026", "yttrium chloride", "Y", "compound", "YCl3", flags="34Bxy", year=2026),
    _line("2846902810", "mixed rare-earth chlorides with 30 % or more medium and heavy rare earths", _SEVEN, "mixture", flags="34Bxy", year=2026),
    _line("2846902910", "chlorides of samarium, gadolinium, lutetium and scandium", _OTHER_CONTROLLED, "compound", flags="34Bxy", year=2026),
    _line("28469031", "terbium fluoride", "Tb", "compound", "TbF3", flags="34Bxy", year=2026),
    _line("28469032", "dysprosium fluoride", "Dy", "compound", "DyF3", flags="34Bxy", year=2026),
    _line("28469036", "yttrium fluoride", "Y", "compound", "YF3", flags="34Bxy", year=2026),
    _line("2846903910", "fluorides of samarium, gadolinium, lutetium and scandium", _OTHER_CONTROLLED, "compound", flags="34Bxy", year=2026),
    _line("2846904100", "lanthanum carbonate", "La", "compound", "La2(CO3)3", flags="4Bxy", year=2026),
    _line("2846904820", "mixed rare-earth carbonates with 30 % or more medium and heavy rare earths", _SEVEN, "mixture"),
    _line("2846904910", "carbonates of samarium, gadolinium, lutetium and scandium", _OTHER_CONTROLLED, "compound"),
    _line("2846909920", "other compounds of samarium, gadolinium, lutetium and scandium", _OTHER_CONTROLLED, "compound"),
    _line("3824999922", "rare-earth targets, oxide mixtures and compound mixtures", _SEVEN, ("sputtering_target", "mixture")),
    _line("8486909110", "targets of controlled rare earths", _SEVEN, "sputtering_target"),
    _line("7202999191", "rare-earth ferrosilicon with more than 10 % rare earths", "Ce La", "alloy", "RE ferrosilicon"),
    _line("25309020", "rare-earth ores", _ALL, "ore"),
    _line("8505111000", "rare-earth permanent magnets", _MAGNETIC, "permanent_magnet"),
    _line("8505119000", "permanent magnets of other metals", _MAGNETIC, "permanent_magnet"),
    # gallium and germanium
    *(_line(code, "gallium metal", "Ga", "metal", "Ga") for code in ("8110929010", "8112929090", "8112999000")),
    *_by_form("gallium nitride", "Ga", "GaN", compound="2850001901", wafer="3818009001", scrap="3825690001"),
    *_by_form("gallium oxide", "Ga", "Ga2O3", oxide="2825909001", wafer="3818009002", scrap="3825690002"),
    *_by_form("gallium phosphide", "Ga", "GaP", compound="2853904030", wafer="3818009003", scrap="3825690003"),
    *_by_form("gallium arsenide", "Ga", "GaAs", compound="2853909026", wafer="3818009004", scrap="3825690004"),
    *_by_form("indium gallium arsenide", "In Ga", "InGaAs", compound="2853909028", wafer="3818009005", scrap="3825690005"),
    *_by_form("gallium selenide", "Ga", "GaSe", compound="2842909024", wafer="3818009006", scrap="3825690006"),
    *_by_form("gallium antimonide", "Ga Sb", "GaSb", compound="2853909029", wafer="3818009007", scrap="3825690007"),
    *_by_form("zinc germanium phosphide", "Ge", "ZnGeP2", compound="2853904040", wafer="3818009008", scrap="3825690008"),
    *_by_form("germanium dioxide", "Ge", "GeO2", oxide="2825600002", wafer="3818009009", scrap="3825690009"),
    *(_line(code, "germanium metal", "Ge", ("metal", "scrap"), "Ge") for code in ("8112921010", "8112921090", "8112991000")),
    # graphite
    *(_line(code, "artificial graphite", "C", "graphite", "graphite", year=year) for code, year in (("3801100030", 2023), ("3801100040", 2026))),
    _line("3801909010", "graphite preparations, natural or artificial", "C", "graphite", "graphite"),
    _line("6815190020", "articles of graphite", "C", "graphite", "graphite"),
    _line("2504101000", "natural flake graphite", "C", "graphite", "graphite"),
    _line("2504109100", "spheroidised natural graphite", "C", "graphite", "graphite"),
    _line("3801901000", "expanded graphite", "C", "graphite", "graphite"),
    _line("3824999940", "expandable graphite preparations", "C", "graphite", "graphite"),
    # antimony
    *(_line(code, "antimony ores and concentrates", "Sb", ("ore", "concentrate")) for code in ("2617101000", "2617109001", "2617109090")),
    _line("2830902000", "antimony sulphides", "Sb", "compound", "Sb2S3"),
    *(_line(code, "antimony and articles of it", "Sb", ("metal", "ingot"), "Sb") for code in ("8110101000", "8110102000", "8110900000")),
    _line("8110200000", "antimony waste and scrap", "Sb", "scrap", "Sb"),
    _line("2825800010", "antimony oxides of 99.99 % or more", "Sb", "oxide", "Sb2O3"),
    _line("2825800090", "other antimony oxides", "Sb", "oxide", "Sb2O3"),
    _line("2931900032", "organic compounds of antimony, bismuth and indium", "Sb Bi In", "compound"),
    _line("2850009020", "stibine", "Sb", "compound", "SbH3"),
    _line("2853909031", "indium antimonide", "In Sb", ("single_crystal", "compound"), "InSb"),
    # tungsten, tellurium, bismuth, molybdenum, indium
    _line("2841801000", "ammonium paratungstate", "W", "compound", "APT"),
    *(_line(code, "tungsten oxides", "W", "oxide", "WO3") for code in ("2825901200", "2825901910", "2825901920")),
    _line("2849902000", "tungsten carbide", "W", ("compound", "powder"), "WC"),
    *(_line(code, "tungsten in solid form", "W", "metal", "W") for code in ("8101940001", "8101991001", "8101999001")),
    *(_line(code, "tungsten-silver alloys", "W", "alloy", "WAg") for code in ("7106919001", "7106929001")),
    _line("2804500001", "tellurium", "Te", "metal", "Te"),
    *(_line(code, "cadmium telluride, cadmium zinc telluride", "Te", "compound", "CdTe") for code in ("2842902000", "2842909025")),
    _line("2852100010", "mercury cadmium telluride", "Te", "compound", "HgCdTe"),
    _line("3818009021", "telluride wafers", "Te", "wafer"),
    *(
        _line(code, "bismuth", "Bi", ("metal", "powder", "scrap"), "Bi")
        for code in ("8106101091", "8106101092", "8106101099", "8106109090", "8106901019", "8106901029", "8106901099", "8106909090")
    ),
    _line("2841900041", "bismuth germanate", "Bi Ge", ("compound", "single_crystal"), "Bi4Ge3O12"),
    _line("8102100001", "molybdenum powder", "Mo", "powder", "Mo"),
    _line("2853904051", "indium phosphide", "In", "compound", "InP"),
    # presses and reactors, batteries, diamond
    _line("8479899956", "cubic presses", (), "production_equipment"),
    _line("8479899957", "microwave plasma deposition equipment", (), "production_equipment"),
    *(_line(code, "parts and controllers of cubic presses", (), "production_equipment") for code in ("8479909020", "9032899094")),
    _line("7104911010", "diamond windows", "C", "diamond_window", "diamond"),
    _line("71051020", "synthetic diamond powder", "C", "diamond_powder", "diamond"),
    _line("68042110", "diamond grinding wheels", "C", "grinding_wheel", "diamond"),
    _line("28429040", "lithium iron phosphate", (), "cathode_material", "LiFePO4"),
    *(_line(code, "nickel cobalt manganese or aluminium hydroxides", (), "cathode_material", "NCM") for code in ("28539030", "28539050")),
)  # fmt: skip
"""Eight or ten digits of China's tariff; an eight-digit entry covers all lines below it."""

US_LINES: Final[tuple[TariffLine, ...]] = (
    _line("8505110050", "sintered samarium-cobalt permanent magnets", "Sm", "permanent_magnet", "SmCo"),
    _line("8505110070", "sintered neodymium-iron-boron permanent magnets", "Nd Dy Tb", "permanent_magnet", "NdFeB"),
)
"""Ten digits of the US tariff."""

_TABLES: Final = {
    "HS": {line.code: line for line in HEADINGS},
    "CN_TARIFF": {line.code: line for line in CHINESE_LINES},
    "HTS": {line.code: line for line in US_LINES},
}
_SEPARATORS = re.compile(r"[\s.\-_/]+")


def normalise_code(code: str) -> str | None:
    """The digits of a tariff code; None where it is not one (letters, fewer than 4 or more than 12 digits)."""
    digits = _SEPARATORS.sub("", code)
    return digits if 4 <= len(digits) <= 12 and digits.isascii() and digits.isdigit() else None


@lru_cache(maxsize=4096)
def tariff_line(code: str, scheme: str) -> TariffLine | None:
    """The line that a normalised code falls under: the longest of its own tariff, else its six-digit heading; None where it tells nothing.

    A code of more than six digits under the scheme HS is somebody's national line; it is read as a Chinese one where it is one.
    """
    national = _TABLES.get("CN_TARIFF" if scheme in ("CN_TARIFF", "HS") else scheme, {})
    for length in (10, 8):
        if len(code) >= length and code[:length] in national:
            return national[code[:length]]
    return _TABLES["HS"].get(code[:6])
