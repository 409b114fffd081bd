"""What kind of goods a text names: the head of its first phrase that names any.

"Loudspeaker magnet" is a magnet, "magnet loudspeaker" a loudspeaker; in French, Spanish and after "with" or "for" the head comes first.
"""

from dataclasses import dataclass
from typing import Final, cast

from services.screening.domain.goods import FeatureName, Product
from services.screening.domain.recognition.chemistry import Stuff, is_watched
from services.screening.domain.recognition.lexicon_substances import SUBSTANCES
from services.screening.domain.recognition.terms import Term


@dataclass(slots=True, frozen=True)
class Kind:
    """The products a text names, the most specific first, with the words that say so."""

    products: tuple[Product, ...]
    evidence: str
    certain: bool
    finished: bool = False


_HEADS: Final = frozenset({"product", "ordinary", "equipment", "form"})
_WEAK_FORMS: Final = frozenset({"metal", "alloy", "ceramic", "fibre", "single_crystal", "ore"})
"""Forms that a finished product named before them keeps: "motor, metal" is a motor."""

_SPECIFIC: Final[tuple[Product, ...]] = (
    "sputtering_target", "epitaxial_wafer", "wafer", "thermal_spray_powder", "polishing_powder", "phosphor", "calcined_catalyst", "contrast_agent", "optical_glass",
    "hydrogen_storage_material", "magnetocaloric_material", "magnetostrictive_material", "reagent", "fibre", "scrap", "concentrate", "ore", "master_alloy", "single_crystal", "ceramic", "graphite",
    "diamond_powder", "diamond_crystal", "ingot", "oxide", "compound", "alloy", "metal", "mixture", "powder",
)  # fmt: skip
"""Material forms from the most to the least specific."""

_MAGNET_ALLOYS: Final = frozenset({"NdFeB", "SmCo", "SmFeN", "AlNiCo", "ferrite"})


def read_kind(text: str, terms: list[Term], stuffs: list[Stuff], features: set[str]) -> Kind | None:
    """The kind of goods; None where the text names none."""
    subject = _subject(terms, stuffs)
    for relation in ("main", "with", "for"):
        kind = _kind_in(text, terms, stuffs, features, relation)
        if kind is not None:
            if relation == "for" and subject is not None:
                break
            return kind if relation == "main" else Kind(kind.products, kind.evidence, False, kind.finished)
        if relation == "main" and subject is not None:
            inferred = _kind_of_stuff(text, subject, stuffs, features)
            if inferred is not None:
                return inferred
    if any(term.kind == "container" and term.relation == "main" for term in terms) and not stuffs:
        container = next(term for term in terms if term.kind == "container")
        return Kind(("other_finished_good",), text[container.start : container.end], False, True)
    return None


def _subject(terms: list[Term], stuffs: list[Stuff]) -> Stuff | None:
    for relation in ("main", "with"):
        for stuff in stuffs:
            if stuff.relation == relation and is_watched(stuff) and stuff.certain:
                return stuff
        for stuff in stuffs:
            if stuff.relation == relation and (stuff.substance in SUBSTANCES or stuff.group):
                return stuff
    return None


def _kind_in(text: str, terms: list[Term], stuffs: list[Stuff], features: set[str], relation: str) -> Kind | None:
    compounds = {stuff.segment for stuff in stuffs if stuff.relation == relation and stuff.anion and is_watched(stuff)}
    chains = sorted({term.chain for term in terms})
    for chain in chains:
        segments = sorted({term.segment for term in terms if term.chain == chain and term.relation == relation})
        for segment in segments:
            here = [term for term in terms if term.segment == segment and term.relation == relation]
            heads = [term for term in here if term.kind in _HEADS and _counts(term, terms, stuffs, features)]
            if heads:
                return _headed(text, heads, terms, stuffs, features, chain, relation)
            if segment in compounds and relation == "main":
                return _materials(text, chain, terms, stuffs, features, relation)
    return None


def _counts(head: Term, terms: list[Term], stuffs: list[Stuff], features: set[str]) -> bool:
    """Whether a head is one here: fibre, ceramic or catalyst say something only of a watched material."""
    if head.kind == "form" and head.value in ("fibre", "ceramic", "ore", "concentrate", "scrap", "reagent"):
        return (
            any(stuff.relation != "for" and (is_watched(stuff) or stuff.group or stuff.substance in _MAGNET_ALLOYS) for stuff in stuffs)
            or (head.value == "scrap" and any(term.value == "permanent_magnet" for term in terms))
            or bool({"flotation_agent", "p507", "p204", "naphthenic_acid", "n235", "c272"} & features)
        )
    return True


def _headed(text: str, heads: list[Term], terms: list[Term], stuffs: list[Stuff], features: set[str], chain: int, relation: str) -> Kind:
    head = heads[-1]
    if head.kind == "form" and head.value in _WEAK_FORMS:
        finished = [term for term in heads if term.kind in ("product", "equipment")]
        head = finished[-1] if finished else head
    evidence = text[head.start : head.end]
    if head.kind == "form":
        return _materials(text, chain, terms, stuffs, features, relation)
    if head.kind == "equipment":
        return Kind(("production_equipment",), evidence, True, True)
    if head.kind == "ordinary":
        compound = next(
            (
                stuff
                for stuff in stuffs
                if stuff.relation == relation and stuff.chain == chain and is_watched(stuff) and stuff.end <= head.start
            ),
            None,
        )
        if compound is None:
            return Kind(("other_finished_good",), evidence, True, True)
        material = _material_products(terms, stuffs, features, chain, relation)
        return Kind(("other_finished_good", *(product for product in material if compound.anion)), evidence, False, True)
    product = cast(Product, head.value)
    if product == "production_equipment" and any(term.kind == "equipment" for term in heads):
        return Kind((product,), evidence, True, True)
    if product == "permanent_magnet":
        return Kind((product,), evidence, True)
    if product in ("cathode_material", "anode_material"):
        return Kind((product, *(("powder",) if any(term.value == "powder" for term in terms) else ())), evidence, True)  # type: ignore[arg-type]
    if product == "grinding_wheel" or product == "wire_saw":
        return Kind(
            (product,),
            evidence,
            any(stuff.substance == "diamond" for stuff in stuffs) or "diamant" in text.lower() or "金" in evidence,
            True,
        )
    return Kind((product,), evidence, True, True)


def _materials(text: str, chain: int, terms: list[Term], stuffs: list[Stuff], features: set[str], relation: str) -> Kind:
    products = _material_products(terms, stuffs, features, chain, relation)
    said = [term for term in terms if term.kind in ("form", "anion") and term.relation == relation] or terms
    certain = "calcined_catalyst" not in products or "calcined" in features
    return Kind(products, text[said[0].start : said[0].end], certain)


def _material_products(terms: list[Term], stuffs: list[Stuff], features: set[str], chain: int, relation: str) -> tuple[Product, ...]:
    """All material forms that the text gives the goods, the most specific first."""
    found: set[str] = set()
    for term in terms:
        if term.kind == "form" and term.relation == relation:
            found.add("calcined_catalyst" if term.value == "catalyst" else term.value)
    for stuff in stuffs:
        if stuff.relation not in (relation, "with") or not (is_watched(stuff) or stuff.group):
            continue
        known = SUBSTANCES.get(stuff.substance or "")
        if known is not None:
            found.update(known.products)
        if stuff.group and stuff.anion:
            found.add("mixture")
        if (
            stuff.substance_class in ("oxide", "compound")
            and stuff.relation == relation
            and (stuff.anion or known is not None or stuff.formula is not None)
            and (stuff.share.minimum is None or stuff.share.minimum >= 50)
        ):
            found.add(stuff.substance_class)
        if stuff.substance_class == "alloy" and stuff.substance not in _MAGNET_ALLOYS:
            found.add("alloy")
        if stuff.substance == "graphite":
            found.add("graphite")
        if stuff.substance == "diamond" and "powder" in found:
            found.add("diamond_powder")
        if stuff.substance == "diamond" and "single_crystal" in found:
            found.add("diamond_crystal")
    if "epitaxial_wafer" in found or ("wafer" in found and "epitaxial" in features):
        found |= {"epitaxial_wafer", "wafer"}
    if {"thermal_spray_powder", "polishing_powder"} & found:
        found.add("powder")
    if {"calcined_catalyst", "phosphor"} & found:
        found -= {"oxide", "compound"}
    return tuple(product for product in _SPECIFIC if product in found)


def _kind_of_stuff(text: str, subject: Stuff, stuffs: list[Stuff], features: set[str]) -> Kind | None:
    """What goods of a substance are where no form is said: sintered NdFeB is a magnet, graphite is graphite, gallium 6N is metal."""
    evidence = text[subject.start : subject.end]
    if subject.substance in _MAGNET_ALLOYS:
        return Kind(
            ("permanent_magnet",),
            evidence,
            bool(
                features & {"sintered", "bonded", "coated", "magnetised", "hot_pressed", "multipole", "shaped", "grain_boundary_diffused"}
            ),
        )
    known = SUBSTANCES.get(subject.substance or "")
    if known is not None and known.products:
        finished = known.products == ("other_finished_good",)
        return Kind(known.products, evidence, "calcined_catalyst" not in known.products or "calcined" in features, finished)
    if subject.substance == "graphite":
        return Kind(("graphite",), evidence, True)
    if subject.substance in ("LiFePO4", "NCM", "NCA", "LRM"):
        return Kind(("cathode_material",), evidence, False)
    if subject.substance_class in ("oxide", "compound") and subject.substance != "diamond":
        return Kind((cast(Product, subject.substance_class),), evidence, subject.substance_class == "oxide")
    if subject.substance_class == "alloy":
        return Kind(("alloy",), evidence, False)
    if subject.substance_class == "element" and subject.substance != "diamond":
        return Kind(("metal",), evidence, False)
    return None


def feature_names(terms: list[Term]) -> dict[FeatureName | str, Term]:
    """The features that the goods have, each with the first term that says so; `sintered`, `calcined` and `shaped` steer other fields."""
    found: dict[FeatureName | str, Term] = {}
    for term in terms:
        if term.relation in ("for", "without"):
            continue
        if term.kind in ("feature", "equipment"):
            found.setdefault(term.value, term)
        elif term.kind == "shape":
            found.setdefault("shaped", term)
        elif term.kind == "substance":
            for feature in SUBSTANCES[term.value].features:
                found.setdefault(feature, term)
    return found
