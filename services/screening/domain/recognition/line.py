"""One line of an order → its goods: every source read, the readings laid side by side, contradictions named."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal, NamedTuple, cast

from services.screening.domain.goods import UNKNOWN_INTERVAL, Feature, FeatureName, Goods, Interval, Material, Parameter, Product, Sighting
from services.screening.domain.recognition.chemistry import Stuff, describe, element_fractions, is_watched
from services.screening.domain.recognition.composition import Composition, Part, read_composition, reads_as_constituent, scale
from services.screening.domain.recognition.heads import PURE, Kind
from services.screening.domain.recognition.lexicon_substances import CAS_NUMBERS, SUBSTANCES
from services.screening.domain.recognition.reading import MAGNET_ALLOYS, Measured, Reading, clean_features, read_text
from services.screening.domain.recognition.references import without_reference
from services.screening.domain.recognition.scan import is_telling
from services.screening.domain.recognition.tariff import TariffLine, normalise_code, tariff_line
from shared.chemistry.elements import RARE_EARTHS, WATCHED
from shared.contracts.order import Provenance, SnapshotLine
from shared.contracts.screening import Confidence

_TARIFF_SCHEMES: Final = frozenset({"HS", "CN", "HTS", "CN_TARIFF"})
_CACHED_LINES: Final = 4096
_LONGEST_CACHED: Final = 1500
"""Characters of text up to which a line is worth keeping; longer ones are read anew, so that the cache stays small."""


class _Key(NamedTuple):
    """Everything of a line that recognition reads."""

    description: str | None
    numbered: bool
    """Whether the description ended with a reference, which is not part of it here."""
    texts: tuple[str, ...]
    attributes: tuple[tuple[str, str, str | None], ...]
    parts: tuple[Part, ...]
    codes: tuple[tuple[str, str], ...]
    provenances: tuple[Provenance, ...]
    """Of description, texts, attributes, composition and classifications."""


_FIELDS: Final = ("description", "texts", "attributes", "composition", "classifications")


def recognise(line: SnapshotLine) -> Goods:
    """The goods of a line from its description, texts, attributes, composition and tariff codes.

    Takes any line and never raises; a line that says nothing gives empty goods. Equal content gives the same object back.
    """
    description, numbered = without_reference(line.description or "")
    provenance = line.provenance.get
    key = _Key(
        description or None,
        numbered,
        tuple([note.text for note in line.texts]),
        tuple([(attribute.name, attribute.value, attribute.unit) for attribute in line.attributes]),
        tuple([Part(part.substance, part.share, part.in_part, part.origin_country) for part in line.composition]),
        tuple([(code.scheme, code.code) for code in line.classifications]),
        tuple([provenance(name, "document") for name in _FIELDS]),
    )
    size = len(key.description or "") + sum(map(len, key.texts)) + sum(len(name) + len(value) for name, value, _ in key.attributes)
    return _recognise_cached(key) if size <= _LONGEST_CACHED and len(key.parts) <= 40 else _recognise(key)


class _Source(NamedTuple):
    reading: Reading
    provenance: Provenance
    confidence: Confidence


def _recognise(key: _Key) -> Goods:
    description, texts, attributes, composition_seen, codes_seen = key.provenances
    sources: list[_Source] = []
    if key.description:
        sources.append(_Source(read_text(key.description, key.numbered), description, "high"))
    parts: list[Part] = []
    for name, value, unit in key.attributes:
        share = f"{value} {unit}" if unit else value
        if reads_as_constituent(name, share):
            parts.append(Part(name, share))
        else:
            sources.append(_Source(_read_attribute(f"{name}: {share}"), attributes, "high"))
    sources.extend(_Source(read_text(text), texts, "medium") for text in key.texts)
    composition = read_composition(key.parts, composition_seen) if key.parts else Composition()
    if parts:
        composition = _joined(composition, read_composition(parts, attributes))
    codes = _codes(key, sources, codes_seen)
    tells = bool(composition.materials) or any(is_telling(word) for part in key.parts for word in part.substance.split())
    return _Assembly(sources, composition, codes, codes_seen, tells).goods()


_recognise_cached = lru_cache(maxsize=_CACHED_LINES)(_recognise)
_read_attribute = lru_cache(maxsize=1024)(read_text)


def _joined(stated: Composition, attributes: Composition) -> Composition:
    """A composition with what attributes add; only a stated composition may be complete."""
    stated.materials.extend(attributes.materials)
    stated.measured.extend(attributes.measured)
    stated.excluded.update(attributes.excluded)
    stated.contradictions.extend(attributes.contradictions)
    stated.main_class = stated.main_class or attributes.main_class
    return stated


class _Code(NamedTuple):
    digits: str
    scheme: str
    line: TariffLine | None
    provenance: Provenance


def _codes(key: _Key, sources: list[_Source], provenance: Provenance) -> list[_Code]:
    found: list[_Code] = []
    for scheme, code in key.codes:
        digits = normalise_code(code) if scheme in _TARIFF_SCHEMES else None
        if digits is not None:
            found.append(_Code(digits, scheme, tariff_line(digits, scheme), provenance))
        elif scheme == "CAS" and code.strip() in CAS_NUMBERS:
            sources.append(_Source(read_text(f"CAS {code.strip()}"), provenance, "high"))
    for source in sources:
        for code in source.reading.tariff_codes:
            digits = normalise_code(code)
            if digits is not None and digits not in {known.digits for known in found}:
                found.append(_Code(digits, "HS", tariff_line(digits, "HS"), source.provenance))
    return found


_MAGNETS: Final = frozenset({"permanent_magnet", "magnet_assembly"})
_IN_OTHER_WAFERS: Final = ("Ga", "Ge", "In", "Sb", "Te")
"""What wafers under the heading of silicon wafers may be made of instead."""

_OTHER_OPTICS: Final = re.compile(
    r"\bN?-?BK7\b|\bZnSe?\b|zinc selenide|fused silica|sapphire|saphir|zafiro|蓝宝石|サファイア|\bCaF2\b|\bPMMA\b", re.IGNORECASE
)
"""Optical materials that hold no germanium. Glass is none of them: customs found germanium lenses declared as optical glass."""

_NOT_THE_GOODS: Final = frozenset({"software_or_technology", "production_equipment"})
"""Goods whose text names materials as their subject, not as their content."""

_MORE_IS_WORSE_THE_SMALLER: Final = frozenset({"particle_size_um", "grit_um", "dislocation_density_per_cm2"})


class _Assembly:
    """The readings of one line laid side by side."""

    def __init__(
        self, sources: Sequence[_Source], composition: Composition, codes: Sequence[_Code], codes_seen: Provenance, composition_tells: bool
    ) -> None:
        self.sources = sources
        self.composition = composition
        self.codes = codes
        self.codes_seen = codes_seen
        self.composition_tells = composition_tells
        self.contradictions = [*composition.contradictions, *(said for source in sources for said in source.reading.contradictions)]
        self.code_conflicts: list[str] = []
        self.kind, self.kind_sighting = self._kind()
        self.family = self._family()

    def goods(self) -> Goods:
        materials = self._stated_materials()
        excluded = self._excluded(materials)
        materials = [material for material in materials if not (material.element in excluded and not material.certain)]
        readings = [source.reading for source in self.sources]
        described = self.composition_tells or any(reading.described for reading in readings)
        products, certain, sighting = self._products(materials)
        features = self._features(products)
        if self._is_plain_silicon(products) and not any(material.element in _IN_OTHER_WAFERS for material in materials):
            excluded |= dict.fromkeys(_IN_OTHER_WAFERS, "silicon")
        if "lens" in products and not materials and any(_OTHER_OPTICS.search(reading.text) for reading in readings):
            excluded.setdefault("Ge", "another optical material")
        if self.kind is not None and self.kind.bare and not described and not materials:
            # "Powder, 25 kg": a form alone says as little as a part number.
            products, sighting, features = (), None, ()
        materials.extend(self._candidates(materials, excluded, products, certain))
        self._compare_with_tariff(materials, certain)
        self._compare_families(materials)
        return Goods(
            products=products,
            product_sighting=sighting,
            product_certain=certain,
            materials=tuple(materials),
            parameters=self._parameters(),
            tariff_codes=tuple(dict.fromkeys(code.digits for code in self.codes)),
            magnet_family=self.family,
            magnet_grade=next((reading.grade for reading in readings if reading.grade is not None), None),
            sintered=next((reading.sintered for reading in readings if reading.sintered is not None), self._sintered_by_tariff()),
            absent_elements=frozenset(excluded),
            composition_complete=self.composition.complete,
            composition_remainder_percent=self.composition.remainder_percent,
            code_conflicts=tuple(dict.fromkeys(self.code_conflicts)),
            contradictions=tuple(dict.fromkeys(self.contradictions)),
            features=features,
            described=described,
        )

    # kind and family

    def _materials_beside(self, kind: Kind) -> tuple[Product, ...]:
        """The forms of a material that another text of the line speaks of, where this one names an ordinary article ("Kit")."""
        if kind.products != ("other_finished_good",):
            return ()
        others = (source.reading.kind for source in self.sources)
        return next((other.products for other in others if other is not None and other.certain and not other.finished), ())

    def _kind(self) -> tuple[Kind | None, Sighting | None]:
        best: tuple[Kind, Sighting] | None = None
        for source in self.sources:
            kind = source.reading.kind
            if kind is not None and (best is None or (kind.certain and not best[0].certain)):
                confidence: Confidence = source.confidence if kind.certain else "medium"
                best = kind, Sighting(source.provenance, kind.evidence, confidence)
                if kind.certain:
                    break
        return best if best is not None else (None, None)

    def _family(self) -> Literal["NdFeB", "SmCo", "ferrite", "AlNiCo", "SmFeN"] | None:
        if self.kind is not None and self.kind.products[0] in _NOT_THE_GOODS:
            return None
        for source in self.sources:
            if source.reading.family is not None:
                return cast(Literal["NdFeB", "SmCo", "ferrite", "AlNiCo", "SmFeN"], source.reading.family)
        magnetic = self.kind is not None and {"permanent_magnet", "magnet_assembly"} & set(self.kind.products)
        by_tariff = next(
            (code.line.substance for code in self.codes if code.line is not None and code.line.substance in ("NdFeB", "SmCo")), None
        )
        if by_tariff is not None:
            return cast(Literal["NdFeB", "SmCo"], by_tariff)
        if magnetic or any(code.digits.startswith("8505") for code in self.codes):
            for material in self.composition.materials:
                share = material.mass_share_percent.maximum or Decimal(0)
                if material.element in ("Nd", "Pr") and share >= 15:
                    return "NdFeB"
                if material.element == "Sm" and share >= 15:
                    return "SmCo"
            if any(material.substance in ("SrFe12O19", "BaFe12O19") for material in self.composition.materials):
                return "ferrite"
            if self.composition.complete and {"Al", "Ni", "Co"} <= {material.element for material in self.composition.materials}:
                return "AlNiCo"
        return None

    def _sintered_by_tariff(self) -> bool | None:
        if not self.codes:
            return None
        return True if any(code.line is not None and code.scheme == "HTS" and code.line.specific for code in self.codes) else None

    def _products(self, materials: Sequence[Material]) -> tuple[tuple[Product, ...], bool, Sighting | None]:
        kind = self.kind
        if kind is not None:
            products = list(kind.products)
            rivals = self._materials_beside(kind)
            if rivals:
                return (*products, *(product for product in rivals if product not in products)), False, self.kind_sighting
            if not kind.finished:
                for source in self.sources:
                    other = source.reading.kind
                    if other is not None and not other.finished and other is not kind:
                        products.extend(product for product in other.products if product not in products)
            if not kind.certain or kind.bare:
                products.extend(product for product in self._products_by_composition() if product not in products)
            named = not kind.bare or any(material.certain for material in materials)
            magnets = kind.products == ("permanent_magnet",) and any(code.digits.startswith("850511") for code in self.codes)
            return tuple(products), (kind.certain and named and not self._is_metal_elsewhere(kind)) or magnets, self.kind_sighting
        by_composition = self._products_by_composition()
        if by_composition:
            evidence = self.composition.materials[0].sighting.evidence
            chemical = any(code.digits.startswith("28") for code in self.codes) and by_composition in (("oxide",), ("compound",))
            return by_composition, chemical, Sighting(self.composition.materials[0].sighting.provenance, evidence, "medium")
        for code in self.codes:
            if code.line is not None and code.line.products and not code.line.broad:
                return code.line.products, False, Sighting(code.provenance, f"tariff line {code.digits}: {code.line.covers}", "low")
        return (), False, None

    def _is_metal_elsewhere(self, kind: Kind) -> bool:
        """An element named for an oxide: "antimony 99.8 %" under the tariff line of its oxides."""
        lines = [code.line for code in self.codes if code.line is not None and not code.line.broad]
        return kind.products == ("metal",) and any(line.products in (("oxide",), ("compound",)) for line in lines)

    def _products_by_composition(self) -> tuple[Product, ...]:
        by_class: dict[str | None, tuple[Product, ...]] = {
            "oxide": ("oxide",), "compound": ("compound",), "mixture": ("mixture",), "element": ("metal",), "alloy": ("alloy",),
        }  # fmt: skip
        if self.family is not None and self.composition.materials:
            return ("permanent_magnet",)
        return by_class.get(self.composition.main_class, ())

    # materials

    def _stated_materials(self) -> list[Material]:
        """Every element that composition and texts name, a text's sighting only where it adds to what is there."""
        found: list[Material] = [self._settled(material) for material in self.composition.materials]
        named = False
        for source in self.sources:
            for stuff in source.reading.stuffs:
                if stuff.relation in ("main", "with") and self._is_content(stuff, source.reading):
                    named = named or (stuff.certain and is_watched(stuff))
                    _add(found, _materials_of(stuff, source))
        if not named and not found:
            self._add_subjects(found)
        return found

    def _is_content(self, stuff: Stuff, reading: Reading) -> bool:
        kind = reading.kind or self.kind
        if kind is None:
            return True
        guessed = not stuff.certain and stuff.group is None
        return kind.products[0] not in _NOT_THE_GOODS and not (guessed and kind.finished and kind.certain)

    def _add_subjects(self, found: list[Material]) -> None:
        """Where nothing says what a material is, what it is for may say so: "powder for NdFeB magnets" is a candidate."""
        if self.kind is not None and self.kind.finished:
            return
        for source in self.sources:
            for stuff in source.reading.stuffs:
                if stuff.relation == "for" and is_watched(stuff) and source.reading.kind is not None and source.reading.kind.certain:
                    _add(
                        found,
                        [m._replace(certain=False, sighting=m.sighting._replace(confidence="low")) for m in _materials_of(stuff, source)],
                    )

    def _settled(self, material: Material) -> Material:
        """A constituent given by its element alone: as which substance it is in these goods."""
        if material.substance == "C":
            return material._replace(
                substance=next((stuff.substance for stuff in self._stuffs() if stuff.substance in ("graphite", "diamond")), "C")
            )
        if material.substance_class != "element" or material.substance in ("graphite", "diamond"):
            return material
        share = material.mass_share_percent
        if (share.minimum or 0) >= PURE and material.in_part is None:
            return material
        finished = self.kind is not None and self.kind.finished
        part = (material.in_part or "").casefold()
        if any(word in part for word in ("magnet", "aimant", "imán", "iman", "磁")) or (
            material.in_part is None
            and not finished
            and (self.family is not None or (self.kind is not None and "permanent_magnet" in self.kind.products))
        ):
            return material._replace(substance=self.family, substance_class="alloy")
        host = next(
            (
                stuff
                for stuff in self._stuffs()
                if material.element in stuff.elements and stuff.substance_class in ("oxide", "compound", "mixture")
            ),
            None,
        )
        if host is not None:
            return material._replace(substance=host.substance, substance_class=host.substance_class)
        if finished or self.composition.main_class in ("oxide", "compound", "mixture"):
            return material._replace(substance=None, substance_class=None)
        if share.maximum is None or share.maximum >= PURE:
            return material
        return material._replace(substance=None, substance_class="alloy")

    def _stuffs(self) -> Iterable[Stuff]:
        return (stuff for source in self.sources for stuff in source.reading.stuffs if stuff.relation in ("main", "with"))

    def _excluded(self, materials: list[Material]) -> dict[str, str]:
        """Elements a source excludes and none finds; a reading that finds one leads, and the contradiction is named."""
        excluded: dict[str, str] = {}
        for source in self.sources:
            excluded.update(source.reading.excluded)
        excluded.update({element: evidence for element, evidence in self.composition.excluded.items() if element in WATCHED})
        for material in materials:
            if material.element in excluded and material.certain and not material.below_detection and not material.sum_of:
                self.contradictions.append(
                    f'"{excluded[material.element]}" excludes {material.element}, but "{material.sighting.evidence}" names it; '
                    "ask for the test report."
                )
                del excluded[material.element]
        return excluded

    def _candidates(
        self, materials: Sequence[Material], excluded: Iterable[str], products: Sequence[Product], certain: bool
    ) -> list[Material]:
        spoken_of = {material.element for material in materials} | set(excluded)
        found: list[Material] = []
        identified = any(material.certain and (material.element in WATCHED or material.element == "C") for material in materials)
        if self.family == "NdFeB" and self._is_magnet(products):
            found.extend(self._magnet_candidates(("Dy", "Tb"), spoken_of))
        elif self.family is None and not identified and (_MAGNETS & set(products) or self._is_magnet_scrap(products)):
            found.extend(self._magnet_candidates(("Sm", "Dy", "Tb"), spoken_of))
        finished = certain and self.kind is not None and self.kind.finished
        settled = finished or identified
        for code in self.codes:
            line = code.line
            if line is None or not line.elements or (line.broad and settled) or (identified and not line.specific):
                continue
            if self.family in ("ferrite", "AlNiCo", "SmFeN", "SmCo", "NdFeB") and code.digits.startswith("8505"):
                continue
            sighting = Sighting(code.provenance, f"tariff line {code.digits}: {line.covers}", "medium" if line.specific else "low")
            named = {material.element for material in found}
            substance_class = describe(line.substance).substance_class if line.substance else None
            found.extend(
                Material(element, sighting, False, line.substance, substance_class)
                for element in line.elements
                if element not in spoken_of and element not in named
            )
        return found

    def _is_magnet_scrap(self, products: Sequence[Product]) -> bool:
        return "scrap" in products and any("permanent_magnet" in source.reading.subjects for source in self.sources)

    def _is_plain_silicon(self, products: Sequence[Product]) -> bool:
        """Wafers called silicon, with no layer grown on them."""
        if "wafer" not in products or "epitaxial_wafer" in products:
            return False
        named = any(stuff.substance == "Si" and stuff.certain and stuff.relation == "main" for stuff in self._stuffs())
        return named and not any("epitaxial" in source.reading.features for source in self.sources)

    def _is_magnet(self, products: Sequence[Product]) -> bool:
        return (
            not products
            or products[0] in ("permanent_magnet", "magnet_assembly", "alloy", "powder", "scrap", "ingot")
            or (self.kind is not None and self.kind.finished and self.family is not None)
        )

    def _magnet_candidates(self, elements: Iterable[str], spoken_of: set[str]) -> list[Material]:
        """What a magnet of unknown content may hold. A grade raises a question, it never answers one."""
        source = next((source for source in self.sources if source.reading.grade or source.reading.family or source.reading.kind), None)
        if source is not None:
            evidence = (
                source.reading.grade or source.reading.family or (source.reading.kind.evidence if source.reading.kind is not None else "")
            )
            sighting = Sighting(source.provenance, evidence, "low")
        elif self.codes:
            sighting = Sighting(self.codes[0].provenance, f"tariff line {self.codes[0].digits}", "low")
        else:
            sighting = Sighting("inferred", "composition of a magnet", "low")
        composition = self.composition
        share = (
            Interval(None, composition.remainder_percent)
            if composition.complete and composition.remainder_percent is not None
            else UNKNOWN_INTERVAL
        )
        return [Material(element, sighting, False, self.family, "alloy", share) for element in elements if element not in spoken_of]

    # comparison

    def _compare_with_tariff(self, materials: Sequence[Material], certain: bool) -> None:
        if not self.codes:
            return
        named = {
            material.element
            for material in materials
            if material.certain and not material.below_detection and material.element in WATCHED | {"C"}
        }
        if not named or (certain and self.kind is not None and self.kind.finished):
            return
        for code in self.codes:
            line = code.line
            if line is None or line.broad or not line.elements or named & set(line.elements):
                continue
            self.code_conflicts.append(
                f"The tariff line {code.digits} is of {line.covers}, but the goods are described with {', '.join(sorted(named))}; "
                "ask which is right."
            )

    def _compare_families(self, materials: Sequence[Material]) -> None:
        families = list(dict.fromkeys([source.reading.family for source in self.sources if source.reading.family is not None]))
        families += [
            code.line.substance
            for code in self.codes
            if code.line is not None and code.line.substance in ("NdFeB", "SmCo") and code.line.substance not in families
        ]
        if not families:
            return
        if len(families) > 1:
            self.contradictions.append(f"The goods are called {' and '.join(families)} magnets; ask which they are.")
        key_element = {"SmCo": "Sm", "NdFeB": "Nd"}
        found = {m.element: m for m in materials if m.certain and m.sighting.evidence and (m.mass_share_percent.minimum or 0) >= 10}
        for family in families:
            other = "Nd" if family == "SmCo" else "Sm" if family == "NdFeB" else None
            if other in found and key_element[family] not in found:
                self.contradictions.append(
                    f"The goods are called {family}, but their composition gives {found[other].sighting.evidence}; ask which is right."
                )

    # parameters and features

    def _parameters(self) -> tuple[Parameter, ...]:
        """One value per parameter: the narrower of two that agree; of two that do not, the one that is sooner controlled."""
        found: dict[str, Parameter] = {}
        for name, parameter in self._seen_parameters():
            known = found.get(name)
            if known is None:
                found[name] = parameter
            elif _meet(known.value, parameter.value):
                if _width(parameter.value) < _width(known.value):
                    found[name] = parameter
            elif name in ("particle_size_um", "grit_um") and known.sighting.provenance == parameter.sighting.provenance:
                found[name] = known._replace(value=_hull(known.value, parameter.value), beyond=known.beyond and parameter.beyond)
            elif name.endswith("_mm"):
                continue
            else:
                if known.sighting.evidence != parameter.sighting.evidence:
                    self.contradictions.append(
                        f'The {name.rsplit("_", 1)[0].replace("_", " ")} is "{known.sighting.evidence}" and '
                        f'"{parameter.sighting.evidence}"; ask which is right.'
                    )
                found[name] = (
                    min(known, parameter, key=_severity) if name in _MORE_IS_WORSE_THE_SMALLER else max(known, parameter, key=_severity)
                )
        return tuple(found.values())

    def _seen_parameters(self) -> Iterable[tuple[str, Parameter]]:
        for source in self.sources:
            for measured in source.reading.measured:
                yield measured.name, _parameter(measured, source.provenance, source.confidence)
        for measured in self.composition.measured:
            yield measured.name, _parameter(measured, self.composition.provenance, "high")

    def _features(self, products: Sequence[Product]) -> tuple[Feature, ...]:
        found: dict[FeatureName, Feature] = {}
        for source in self.sources:
            for name, words in clean_features(source.reading).items():
                found.setdefault(name, Feature(name, Sighting(source.provenance, words, source.confidence)))
            if "software_or_technology" in products:
                for name in _technologies(source.reading):
                    found.setdefault(name, Feature(name, Sighting(source.provenance, source.reading.text[:120], "medium")))
        return tuple(found.values())


_BATTERY_PRODUCTS: Final = frozenset({"cathode_material", "anode_material", "battery_cell", "battery_pack"})


def _technologies(reading: Reading) -> list[FeatureName]:
    """What a technology is about, by the substances and equipment its text names."""
    elements = {element for stuff in reading.stuffs for element in stuff.elements}
    substances = {stuff.substance for stuff in reading.stuffs}
    named: list[FeatureName] = []
    magnets = "permanent_magnet" in reading.subjects and reading.family not in ("ferrite", "AlNiCo")
    if elements & RARE_EARTHS or magnets:
        named.append("rare_earth_technology")
    if elements & {"Ga", "Ge"}:
        named.append("gallium_germanium_technology")
    if elements & {"W", "Te", "Bi", "Mo", "In"}:
        named.append("minor_metal_technology")
    if "diamond" in substances or {"cubic_press", "mpcvd", "dcpcvd"} & set(reading.features):
        named.append("superhard_technology")
    if (
        substances & {"LiFePO4", "NCM", "NCA", "LRM"}
        or {"lfp", "ncm", "nca", "battery_machine", "graphitisation_furnace"} & set(reading.features)
        or reading.subjects & _BATTERY_PRODUCTS
    ):
        named.append("battery_technology")
    return named


def _parameter(measured: Measured, provenance: Provenance, confidence: Confidence) -> Parameter:
    return Parameter(measured.name, measured.value, Sighting(provenance, measured.evidence, confidence), measured.beyond)


def _meet(left: Interval, right: Interval) -> bool:
    low = max((bound for bound in (left.minimum, right.minimum) if bound is not None), default=None)
    high = min((bound for bound in (left.maximum, right.maximum) if bound is not None), default=None)
    return low is None or high is None or low <= high


def _hull(left: Interval, right: Interval) -> Interval:
    lows, highs = (left.minimum, right.minimum), (left.maximum, right.maximum)
    return Interval(
        None if None in lows else min(low for low in lows if low is not None),
        None if None in highs else max(high for high in highs if high is not None),
    )


def _width(interval: Interval) -> Decimal:
    if interval.minimum is None or interval.maximum is None:
        return Decimal("Infinity")
    return interval.maximum - interval.minimum


def _severity(parameter: Parameter) -> Decimal:
    value = parameter.value
    return value.maximum if value.maximum is not None else value.minimum if value.minimum is not None else Decimal(0)


def _materials_of(stuff: Stuff, source: _Source) -> list[Material]:
    """A text's stuff as materials: its watched elements, and other metals where a share is given or they belong to a known alloy."""
    text = source.reading.text
    confidence: Confidence = source.confidence
    if not stuff.certain:
        confidence = "low"
    elif stuff.from_symbol and confidence == "high" and stuff.share == UNKNOWN_INTERVAL:
        confidence = "medium"
    sighting = Sighting(source.provenance, text[max(0, stuff.start) : stuff.end][:160], confidence)
    fractions = (
        element_fractions(stuff.substance, stuff.elements)
        if stuff.substance_class not in ("alloy", None) or len(stuff.elements) > 1
        else {}
    )
    together = stuff.sum_of or (frozenset(stuff.elements) if stuff.group is not None and stuff.share != UNKNOWN_INTERVAL else frozenset())
    found = []
    for element in stuff.elements:
        if (
            element not in WATCHED
            and element != "C"
            and stuff.share == UNKNOWN_INTERVAL
            and (stuff.substance not in SUBSTANCES or stuff.substance in MAGNET_ALLOYS)
        ):
            continue
        share = stuff.share
        if stuff.share != UNKNOWN_INTERVAL and element in fractions:
            share = scale(stuff.share, fractions[element])
        elif len(stuff.elements) > 1 or stuff.substance_class in ("oxide", "compound", "mixture"):
            share = UNKNOWN_INTERVAL
        if together and stuff.anion is not None and stuff.certain:
            # Every member of the group is in its oxide or salt; how much of each is not said.
            share = UNKNOWN_INTERVAL
        elif together:
            share = Interval(Decimal(0), stuff.share.maximum)
        found.append(
            Material(
                element,
                sighting,
                stuff.certain,
                stuff.substance,
                stuff.substance_class,
                share,
                stuff.value_share,
                stuff.below_detection,
                stuff.in_part,
                stuff.origin_country,
                together,
                stuff.share if together else UNKNOWN_INTERVAL,
            )
        )
    return found


def _add(found: list[Material], materials: Iterable[Material]) -> None:
    """Adds sightings that say something new; one that another already says more exactly is left out, and the other way round."""
    for material in materials:
        if any(_says_as_much(known, material) for known in found):
            continue
        found[:] = [known for known in found if not _says_as_much(material, known)]
        found.append(material)


def _says_as_much(known: Material, material: Material) -> bool:
    """Whether `known` tells everything that `material` tells of the same element."""
    if known.element != material.element or (material.certain and not known.certain):
        return False
    if not material.certain:
        return True
    if material.in_part is not None and known.in_part != material.in_part:
        return False
    if material.substance_class not in (None, known.substance_class) or material.substance not in (None, known.substance):
        return False
    if material.value_share_percent not in (UNKNOWN_INTERVAL, known.value_share_percent):
        return False
    if material.origin_country not in (None, known.origin_country):
        return False
    share = material.mass_share_percent
    if share == UNKNOWN_INTERVAL:
        return True
    return known.below_detection == material.below_detection and _inside(known.mass_share_percent, share)


def _inside(inner: Interval, outer: Interval) -> bool:
    """Whether `inner` is within `outer`, up to a rounding in the third digit."""
    slack = (outer.maximum if outer.maximum is not None else Decimal(0)) * Decimal("0.005")
    low_inside = outer.minimum is None or (inner.minimum is not None and inner.minimum >= outer.minimum - slack)
    high_inside = outer.maximum is None or (inner.maximum is not None and inner.maximum <= outer.maximum + slack)
    return low_inside and high_inside
