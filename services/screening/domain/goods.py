"""What recognition hands to the law: the goods of one line as far as they are known.

Recognition fills this in (from master data, attributes, tariff codes and text); the regulations' conditions read it. Every value
says where
it was seen and how sure that is. A value that is absent is unknown: never zero, never "no".
"""

from decimal import Decimal
from typing import Literal, NamedTuple

from shared.contracts.order import Provenance
from shared.contracts.screening import Confidence

Product = Literal[
    # materials, by form
    "ore",
    "concentrate",
    "metal",
    "alloy",
    "oxide",
    "compound",
    "mixture",
    "powder",
    "scrap",
    "ingot",
    "master_alloy",
    "wafer",
    "epitaxial_wafer",
    "single_crystal",
    "sputtering_target",
    "ceramic",
    "phosphor",
    "calcined_catalyst",
    "polishing_powder",
    "thermal_spray_powder",
    "optical_glass",
    "contrast_agent",
    "fibre",
    "hydrogen_storage_material",
    "magnetocaloric_material",
    "magnetostrictive_material",
    "graphite",
    "graphite_electrode",
    "diamond_powder",
    "diamond_crystal",
    "diamond_window",
    "cemented_carbide_article",
    "optical_blank",
    "reagent",
    # magnets and what is made of them
    "permanent_magnet",
    "rotor_or_stator_assembly",
    "motor",
    "loudspeaker",
    "headphone",
    "sensor",
    "magnetic_consumer_article",
    "magnet_assembly",
    # finished goods and equipment
    "lens",
    "solar_module",
    "electronic_device",
    "battery_cell",
    "battery_pack",
    "cathode_material",
    "anode_material",
    "wire_saw",
    "grinding_wheel",
    "production_equipment",
    "software_or_technology",
    "other_finished_good",
]
"""A closed vocabulary; extend it here when an instrument needs a distinction that is not made yet."""

SubstanceClass = Literal["element", "alloy", "oxide", "compound", "mixture"]


class Interval(NamedTuple):
    """A closed interval; None is an unknown bound."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None


UNKNOWN_INTERVAL = Interval()


class Sighting(NamedTuple):
    """Where a value was read, the text or code it was read from, and how sure the reading is."""

    provenance: Provenance
    evidence: str
    confidence: Confidence = "high"


class Material(NamedTuple):
    """One element in the goods.

    `certain` is False for a mere candidate (a tariff line or a magnet grade in which the element may occur): candidates raise
    questions,
    never answers. `below_detection` is a test result that did not find the element ("<0.01 wt%"); its
    `mass_share_percent.maximum` is the limit. `mass_share_percent` speaks of the element, not of the substance it comes in
    (99.5 % Dy2O3 is 86.7 % Dy), and of `in_part` where that is set.

    `substance` is the usual formula where there is one (Dy2O3, GaAs, WC, Y3Al5O12, La2(CO3)3), else the family's name as in
    NdFeB, SmCo, AlSc, TbDyFe, YSZ, LYSO, REO, mischmetal; the wording of the source is in the sighting.
    """

    element: str
    sighting: Sighting
    certain: bool = True
    substance: str | None = None
    substance_class: SubstanceClass | None = None
    mass_share_percent: Interval = UNKNOWN_INTERVAL
    value_share_percent: Interval = UNKNOWN_INTERVAL
    below_detection: bool = False
    in_part: str | None = None
    origin_country: str | None = None
    sum_of: frozenset[str] = frozenset()
    """Where the shares speak of several elements together ("Dy+Tb 2 %"): all of them; none is known on its own."""
    sum_percent: Interval = UNKNOWN_INTERVAL
    """The share by mass that they have together, as stated."""


class Parameter(NamedTuple):
    """A measured property in the unit its name carries: purity_percent, particle_size_um, density_g_cm3, flexural_strength_mpa,
    diameter_mm, length_mm, width_mm, thickness_mm, transmission_percent, dislocation_density_per_cm2, energy_density_wh_kg,
    compaction_density_g_cm3, specific_capacity_mah_g, medium_heavy_share_of_reo_percent, inner_diameter_mm, wall_thickness_mm,
    tensile_strength_mpa, elastic_limit_mpa, elongation_percent, grit_um, power_kw, frequency_mhz, pressure_gpa, flux_density_t …"""

    name: str
    value: Interval
    sighting: Sighting
    beyond: bool = False
    """The bound itself is excluded: "> 30 MPa"."""


FeatureName = Literal[
    # how a material was made or what it looks like
    "artificial",
    "natural",
    "flake",
    "spheroidised",
    "expanded",
    "atomised",
    "granular",
    "single_crystal",
    "polycrystalline",
    "epitaxial",
    "semi_insulating",
    "zone_refined",
    "flat",
    "curved",
    "polished",
    "optical_grade",
    "jewellery",
    "cvd",
    "hpht",
    "unsintered",
    "bonded",
    "hot_pressed",
    "grain_boundary_diffused",
    "medium_heavy_rich",
    "light_rare_earths_only",
    # magnet shapes
    "coated",
    "magnetised",
    "multipole",
    # cathode and anode chemistry
    "lfp",
    "ncm",
    "nca",
    "lithium_rich_manganese",
    "hydroxide_precursor",
    "mixed_anode",
    # equipment
    "cubic_press",
    "mpcvd",
    "dcpcvd",
    "centrifugal_extractor",
    "mixer_settler",
    "ion_adsorption_leaching_plant",
    "rotary_kiln",
    "electrolytic_cell",
    "crystal_puller",
    "strip_caster",
    "hydrogen_decrepitation_furnace",
    "jet_mill",
    "orienting_press",
    "sintering_furnace",
    "grain_boundary_diffusion_equipment",
    "battery_machine",
    "graphitisation_furnace",
    # reagents that No.56 of 2025 names
    "p507",
    "p204",
    "naphthenic_acid",
    "n235",
    "c272",
    "flotation_agent",
    # what a component is stated to be under US export control
    "us_controlled_content",
    # what technology is about
    "rare_earth_technology",
    "gallium_germanium_technology",
    "minor_metal_technology",
    "battery_technology",
    "superhard_technology",
]
"""A closed vocabulary of distinctions that products do not make; extend it here."""


class Feature(NamedTuple):
    name: FeatureName
    sighting: Sighting


class Goods(NamedTuple):
    """`products` lists the kinds that the goods are certainly or possibly of, the most specific first; empty is unknown.

    `composition_complete` is True where the stated composition accounts for the whole (an element not named is then known to be
    absent above the remainder), False where it does not, None where no composition is stated. `absent_elements` are elements a
    document excludes.
    """

    products: tuple[Product, ...] = ()
    product_sighting: Sighting | None = None
    product_certain: bool = False
    materials: tuple[Material, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    tariff_codes: tuple[str, ...] = ()
    magnet_family: Literal["NdFeB", "SmCo", "ferrite", "AlNiCo", "SmFeN"] | None = None
    magnet_grade: str | None = None
    sintered: bool | None = None
    absent_elements: frozenset[str] = frozenset()
    composition_complete: bool | None = None
    composition_remainder_percent: Decimal | None = None
    features: tuple[Feature, ...] = ()
    described: bool = False
    """A text says in words what the goods are. False for a bare part number, a code or nothing: such a line is never harmless."""
    code_conflicts: tuple[str, ...] = ()
    """Sentences on tariff lines that are of other goods than those described: customs will ask; composition decides."""
    contradictions: tuple[str, ...] = ()
    """Sentences on readings that exclude each other or cannot be (a sum over 100 %): they become questions."""
