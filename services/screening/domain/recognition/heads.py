"""What kind of goods a text names: the head of its first phrase that names any.

"Loudspeaker magnet" is a magnet, "magnet loudspeaker" a loudspeaker; in French, Spanish and after "with" or "for" the head comes first.
"""

import re
from decimal import Decimal
from typing import Final, NamedTuple, cast

from services.screening.domain.goods import FeatureName, Product
from services.screening.domain.recognition.chemistry import Stuff, is_watched
from services.screening.domain.recognition.lexicon_substances import SUBSTANCES
from services.screening.domain.recognition.scan import Scan, unknown_words
from services.screening.domain.recognition.terms import Relation, Term

PURE: Final = Decimal(90)
"""A percentage from here on is a purity of the material; below it is a content."""


class Kind(NamedTuple):
    """The products a text names, the most specific first, with the words that say so."""

    products: tuple[Product, ...]
    evidence: str
    certain: bool
    finished: bool = False
    bare: bool = False
    """A form of a material that the text does not name."""


_HEADS: Final = frozenset({"product", "ordinary", "equipment", "form"})
_WEAK_FORMS: Final = frozenset({"metal", "alloy", "ceramic", "fibre", "ore"})
"""Forms that a finished product named before them keeps: "motor, metal" is a motor."""

_SPECIFIC: Final[tuple[Product, ...]] = (
    "scrap", "sputtering_target", "epitaxial_wafer", "wafer", "thermal_spray_powder", "polishing_powder", "phosphor",
    "calcined_catalyst", "contrast_agent", "optical_glass", "hydrogen_storage_material", "magnetocaloric_material",
    "magnetostrictive_material", "reagent", "fibre", "concentrate", "ore", "master_alloy", "diamond_crystal", "diamond_powder",
    "single_crystal", "ceramic", "graphite", "ingot", "oxide", "compound", "alloy", "metal", "mixture", "powder",
)  # fmt: skip
"""Material forms from the most to the least specific."""

_MAGNET_ALLOYS: Final = frozenset({"NdFeB", "SmCo", "SmFeN", "AlNiCo", "ferrite"})


class _Scene(NamedTuple):
    """A text's terms and substances, and what it says of features."""

    scanned: Scan
    terms: list[Term]
    stuffs: list[Stuff]
    features: frozenset[str]
    contents: bool
    """Some watched material, group or magnet alloy is in the goods."""

    @property
    def text(self) -> str:
        return self.scanned.text

    def words(self, term: Term | Stuff) -> str:
        return self.text[term.start : term.end]


def read_kind(scanned: Scan, terms: list[Term], stuffs: list[Stuff], features: frozenset[str]) -> Kind | None:
    """The kind of goods; None where the text names none."""
    contents = any(
        stuff.relation != "for" and (is_watched(stuff) or bool(stuff.group) or stuff.substance in _MAGNET_ALLOYS) for stuff in stuffs
    )
    scene = _Scene(scanned, terms, stuffs, features, contents)
    subject = _subject(stuffs)
    kind = _kind_in(scene, "main")
    if kind is None and subject is not None:
        kind = _kind_of_stuff(scene, subject)
    if kind is None and subject is None and (receptacle := _receptacle(terms)) is not None:
        return Kind(("other_finished_good",), scene.words(receptacle), True, True)
    if kind is None:
        named = _kind_in(scene, "with") or (_kind_in(scene, "for") if subject is None else None)
        kind = Kind(named.products, named.evidence, False, named.finished, named.bare) if named is not None else None
    if kind is None and not stuffs:
        container = next((term for term in terms if term.kind == "container" and term.relation == "main"), None)
        kind = Kind(("other_finished_good",), scene.words(container), False, True) if container is not None else None
    return kind


def _receptacle(terms: list[Term]) -> Term | None:
    """What "storage box for magnets" is: a container named first, of whatever is to lie in it."""
    main = [term for term in terms if term.relation == "main" and term.kind not in ("shape", "feature", "label")]
    empty = bool(main) and main[0] is terms[0] and all(term.kind == "container" for term in main)
    return main[0] if empty and any(term.relation == "for" for term in terms) else None


def _subject(stuffs: list[Stuff]) -> Stuff | None:
    """The substance that the goods most likely are."""
    for relation in ("main", "with"):
        here = [stuff for stuff in stuffs if stuff.relation == relation]
        magnetic = next((stuff for stuff in here if stuff.substance in _MAGNET_ALLOYS), None)
        watched = magnetic or next(
            (stuff for stuff in here if is_watched(stuff) and stuff.certain and stuff.substance_class is not None), None
        )
        named = watched or next((stuff for stuff in here if stuff.substance in SUBSTANCES or stuff.group), None)
        if named is not None:
            return named
    return None


def _kind_in(scene: _Scene, relation: Relation) -> Kind | None:
    compounds = {stuff.segment for stuff in scene.stuffs if stuff.anion and stuff.relation == relation == "main" and is_watched(stuff)}
    segments: dict[tuple[int, int], list[Term]] = {}
    for term in scene.terms:
        if term.relation == relation and (term.kind in _HEADS or term.segment in compounds):
            segments.setdefault((term.chain, term.segment), []).append(term)
    for chain, segment in sorted(segments):
        heads = [term for term in segments[chain, segment] if term.kind in _HEADS and _counts(scene, term)]
        if (
            relation == "main"
            and heads
            and (heads[-1].kind == "ordinary" or heads[-1].value == "production_equipment")
            and _goods_before(scene, chain, segment)
        ):
            continue
        kind = _headed(scene, heads, chain, relation) if heads else _materials(scene, relation) if segment in compounds else None
        if kind is not None and kind.finished and relation == "main" and (itself := _named_before(scene, chain, segment)) is not None:
            # "YCl3 anhydrous; for a lamp maker": a later phrase that names a device does not make the goods one.
            return Kind((*itself.products, *kind.products), itself.evidence, False)
        if kind is not None:
            return kind
    return None


def _goods_before(scene: _Scene, chain: int, segment: int) -> bool:
    """Whether an earlier phrase already names the goods: "NdFeB N42, epoxy" and "gallium, label: fragile" are not glue and labels."""
    subject = _subject(scene.stuffs)
    return subject is not None and subject.relation == "main" and (subject.chain, subject.segment) < (chain, segment)


def _named_before(scene: _Scene, chain: int, segment: int) -> Kind | None:
    """The material that an earlier phrase names as the goods, where it does."""
    subject = _subject(scene.stuffs)
    return _kind_of_stuff(scene, subject) if subject is not None and _goods_before(scene, chain, segment) else None


_OF_WATCHED_ONLY: Final = frozenset({"fibre", "ceramic", "ore", "concentrate", "scrap", "reagent"})
_REAGENTS: Final = frozenset({"flotation_agent", "p507", "p204", "naphthenic_acid", "n235", "c272"})


def _counts(scene: _Scene, head: Term) -> bool:
    """Whether a head is one here: "fibre" and "ore" say something only of a watched material, "catalyst grade" says a quality."""
    if (
        _GRADE_AFTER.match(scene.text, head.end)
        or _EXTRACTION_AFTER.match(scene.text, head.end)
        or _USE_AFTER.match(scene.text, head.end)
        or (head.value in _MADE_FROM_MATERIAL and _MATERIAL_AFTER.match(scene.text, head.end))
    ):
        return False
    if head.value == "production_equipment" and _PROCESS.fullmatch(scene.words(head)) and _PRECURSOR.search(scene.text):
        return False
    if head.kind != "form" or head.value not in _OF_WATCHED_ONLY:
        return True
    magnetic = head.value == "scrap" and any(term.value == "permanent_magnet" for term in scene.terms)
    return scene.contents or magnetic or not _REAGENTS.isdisjoint(scene.features)


_PROCESS = re.compile(r"[A-Z]{3,6}")
_PRECURSOR = re.compile(r"precursor|précurseur|vorläufer|vorlaeufer|bubbler|metal ?organic|前驱|前驅|前駆体|プリカーサ|MO源", re.IGNORECASE)
"""Beside the short name of a process: what it is fed with."""
_MADE_FROM_MATERIAL: Final = frozenset({"electronic_device", "sensor", "lens"})
_MATERIAL_AFTER = re.compile(
    r"[\s-]?(?:materials?|(?:layer |epi ?)?structures?|struktur|schichtstruktur|epi(?:taxy|wafers?)?|wafers?|结构|結構|構造)\b",
    re.IGNORECASE,
)
_USE_AFTER = re.compile(r"\s?用(?!い|途)")
"""モーター用: what goods are for, not what they are."""
_EXTRACTION_AFTER = re.compile(r"[\s-]?extraction\b", re.IGNORECASE)
"""Solvent extraction is a process, no solvent."""
_GRADE_AFTER = re.compile(r"\s?-?(?:grade|qualität|quality|grad\b|级|級|グレード)", re.IGNORECASE)


def _headed(scene: _Scene, heads: list[Term], chain: int, relation: Relation) -> Kind | None:
    head = heads[-1]
    if head.kind == "form" and head.value == "powder":
        head = next((term for term in reversed(heads) if term.value in ("anode_material", "cathode_material")), head)
    if head.kind == "form" and head.value in _WEAK_FORMS and not (head.value == "fibre" and _is_doped(scene)):
        head = next((term for term in reversed(heads) if term.kind in ("product", "equipment", "ordinary")), head)
    evidence = scene.words(head)
    if head.kind == "form" or _sized_before(scene, heads, head):
        return _materials(scene, relation)
    if head.kind == "equipment":
        return Kind(("production_equipment",), evidence, True, True)
    if head.kind == "ordinary":
        return _ordinary(scene, head, chain, relation)
    if head.value == "window":
        return _window(scene, evidence)
    if head.value == "platelet":
        return _platelet(scene, evidence, relation)
    if _CHIP.fullmatch(evidence) and _is_metal(scene, heads):
        return Kind(("metal",), evidence, True)
    product = cast(Product, head.value)
    if product == "permanent_magnet" and _rated_device(scene, heads):
        return Kind((cast(Product, heads[0].value),), scene.words(heads[0]), True, True)
    if product in ("battery_cell", "battery_pack") and _OTHER_CHEMISTRY.search(scene.text) and not _LITHIUM.search(scene.text):
        return Kind(("other_finished_good",), evidence, True, True)
    if product == "anode_material" and any(stuff.substance == "graphite" for stuff in scene.stuffs):
        return Kind((product, "graphite"), evidence, True)
    if product == "permanent_magnet" and _STUCK_ON.search(scene.text, head.end) is not None:
        return Kind(("rotor_or_stator_assembly",), evidence, True, True)
    if product == "software_or_technology" and _PUBLISHED.search(scene.text) is not None:
        return Kind(("other_finished_good",), evidence, True, True)
    if product in _STILL_MATERIAL:
        return Kind((product,), evidence, True)
    if product == "grinding_wheel" and _OTHER_ABRASIVE.search(scene.text) and not any(s.substance == "diamond" for s in scene.stuffs):
        return Kind(("other_finished_good",), evidence, True, True)
    if product in ("grinding_wheel", "wire_saw"):
        diamond = any(stuff.substance == "diamond" for stuff in scene.stuffs) or DIAMOND_IN_WORDS.search(scene.text) is not None
        return Kind((product,), evidence, diamond, True)
    return Kind((product,), evidence, True, True)


DIAMOND_IN_WORDS: Final = re.compile(r"diam[ao]nt|diamond|金刚|金剛|ダイヤ", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"\bISBN\b|\b(?:[0-9]{1,2}|[IVX]{1,4})\.\s?Auflage\b|\b(?:hard|soft)cover\b|\bpaperback\b|\b[0-9]{1,2}(?:st|nd|rd|th) edition\b",
    re.IGNORECASE,
)
"""Printed books, which are in the public domain."""
_SIZED: Final = frozenset({"sputtering_target", "ingot", "master_alloy"})
_SIZE = re.compile(r"[0-9]")


def _sized_before(scene: _Scene, heads: list[Term], head: Term) -> bool:
    """ "AlSc20 target 300 mm BAW filter": goods with their size; what is named after it is what they are for."""
    return head.kind in ("ordinary", "product") and any(
        earlier.value in _SIZED and _SIZE.search(scene.text, earlier.end, head.start) is not None
        for earlier in heads
        if earlier is not head
    )


_OTHER_ABRASIVE = re.compile(
    r"corundum|korund|corindon|corindón|alumin|silicon carbide|siliciumcarbid|siliziumkarbid|carbure de silicium|carburo de silicio|"
    r"\bCBN\b|boron nitride|bornitrid|nitrure de bore|刚玉|剛玉|碳化硅|アルミナ|炭化ケイ素|"
    r"bi-?m[eé]tal|\bHSS\b|\bHCS\b|\bTCT\b|hartmetall|carbide[- ]tipped|双金属|バイメタル",
    re.IGNORECASE,
)
"""Abrasives of wheels, and cutting edges of saw blades, that are not diamond."""

_STUCK_ON = re.compile(
    r"(?<!to be )(?<!be )\b(?:stuck|glued|bonded|mounted|embedded|surface[- ]mounted) (?:on|onto|in|into|to) (?:a |an |the )?"
    r"(?:\w+ ){0,2}?(?:cores?|plates?|yokes?|laminations?)\b|"
    r"(?:aufgeklebt|eingebettet|geklebt) (?:auf|in) (?:\w+ ){0,2}?\w*(?:blech|kern|platte|joch)|"
    r"\b(?:collés?|encastrés?) (?:sur|dans) (?:\w+ ){0,2}?(?:noyau|plaque|tôle)|"
    r"\b(?:pegados?|embebidos?) (?:en|sobre) (?:\w+ ){0,2}?(?:núcleo|placa|chapa)|"
    r"(?:粘贴|嵌入|贴)(?:于|在)?(?:铁芯|钢板)|(?:鉄心|鋼板)に(?:貼|埋め)",
    re.IGNORECASE,
)
"""Magnets that are fixed to a core or a steel plate already, which the authority's answers name beside rotors and stators."""


def _is_doped(scene: _Scene) -> bool:
    """Whether a fibre is one that a rare earth dopes, not what a device or an article is made of."""
    return any(stuff.relation == "main" and stuff.certain and is_watched(stuff) for stuff in scene.stuffs)


_CHIP = re.compile(r"chips?", re.IGNORECASE)


def _is_metal(scene: _Scene, heads: list[Term]) -> bool:
    """Whether chips are pieces of a metal: it is called so, or an element has its purity beside it ("Sm 99.5 % chips")."""
    pure = any(q.unit in ("percent", "nines") and (q.interval.minimum or 0) >= PURE for q in scene.scanned.quantities)

    def is_pure(stuff: Stuff) -> bool:
        return (stuff.share.minimum or 0) >= PURE or (pure and stuff.relation == "main" and not stuff.from_symbol)

    return any(head.value == "metal" for head in heads) or any(
        stuff.substance_class == "element" and is_watched(stuff) and is_pure(stuff) for stuff in scene.stuffs
    )


_RATING = re.compile(r"[0-9]\s?(?:[km]?w|k?v|rpm|ohms?|hz|db)\b|Ω", re.IGNORECASE)
_RATED: Final = frozenset({"motor", "loudspeaker", "headphone"})


def _rated_device(scene: _Scene, heads: list[Term]) -> bool:
    """ "Motor 15 kW permanent magnet": a motor or loudspeaker with its rating, whose magnets are only one of its traits."""
    return heads[0].value in _RATED and _RATING.search(scene.text, heads[0].end, heads[-1].start) is not None


_LITHIUM = re.compile(r"li[- ]?(?:ion|po)|lithium|litio|锂|鋰|リチウム", re.IGNORECASE)
_OTHER_CHEMISTRY = re.compile(
    r"\bni[- ]?(?:mh|cd|zn)\b|nickel|níquel|hydrid|hydrure|hidruro|cadmi|al[ck]ali|lead[- ](?:acid|antimony|calcium)|"
    r"blei|plomb|plomo|zin[ck]|silver[- ]oxide|"
    r"\bagm\b|\bvrla\b|镍|鎳|铅|鉛|碱|鹼|锌|鋅|ニッケル|アルカリ|マンガン乾電池",
    re.IGNORECASE,
)
"""Batteries that are named by a chemistry other than lithium's."""

_STILL_MATERIAL: Final = frozenset({"permanent_magnet", "cathode_material", "anode_material", "optical_blank"})
"""Products that are judged by their content."""


def _ordinary(scene: _Scene, head: Term, chain: int, relation: Relation) -> Kind:
    """An ordinary article; not for certain where it is made of something watched ("yttrium oxide crucible")."""
    evidence = scene.words(head)
    made_of = next(
        (s for s in scene.stuffs if s.relation == relation and s.chain == chain and s.end <= head.start and s.certain and is_watched(s)),
        None,
    )
    if made_of is None or _SMALL_ARTICLE.search(evidence) is not None:
        return Kind(("other_finished_good",), evidence, True, True)
    contained = _SYRINGE.fullmatch(evidence) is not None and _says_purity(scene)
    gaseous = _GAS.fullmatch(evidence) is not None and made_of.substance_class == "compound" and made_of.end + 1 >= head.start
    if (contained or gaseous) and (itself := _kind_of_stuff(scene, made_of)) is not None:
        return Kind(itself.products, itself.evidence, True)
    beside = _BESIDE.search(scene.text, made_of.end, head.start) is not None and (
        made_of.substance_class in ("oxide", "compound") or not _GRAPHITE_AS_GOODS.isdisjoint(scene.features)
    )
    if beside and (itself := _kind_of_stuff(scene, made_of)) is not None:
        return Kind((*itself.products, "other_finished_good"), itself.evidence, False)
    if _ADDITIVE.match(scene.text, head.end) and (itself := _kind_of_stuff(scene, made_of)) is not None:
        return itself
    compound = made_of.formula is not None and made_of.substance_class in ("oxide", "compound")
    forms = _material_products(scene, relation) if made_of.anion or compound else ()
    return Kind(("other_finished_good", *forms), evidence, False, True)


_SYRINGE = re.compile(r"syringes?|seringues?|spritzen?|jeringas?|注射器|シリンジ|argon|argón|アルゴン|氩气|氬氣", re.IGNORECASE)
"""What liquid metals come in, and the gas over those that air harms."""
_GAS = re.compile(r"gas|gaz|ガス|气体|氣體", re.IGNORECASE)
_BESIDE = re.compile(r"\b(?:plus|and|und|et|y|incl|including|zzgl|inkl)\b", re.IGNORECASE)
"""Between a material and an article: two things, not one made of the other."""
_GRAPHITE_AS_GOODS: Final = frozenset({"natural", "flake", "spheroidised", "expanded", "artificial"})

_SMALL_ARTICLE = re.compile(
    r"\bdart|dardo|fléchette|ダーツ|飞镖|飛鏢|sinker|fishing|jig head|angelblei|pesca|pêche|"
    r"solder|\blöt|brasure|soldadura|はんだ|焊料|焊锡",
    re.IGNORECASE,
)
"""Sports goods and solders, which are what they are called, of whatever metal."""

_ADDITIVE = re.compile(r"[\s-]?(?:additive?s?|additif|aditivo|zusatz|添加剤|添加剂|添加劑)", re.IGNORECASE)
"""After an ordinary article's name: what is added to it. "Flake graphite grease additive" is graphite."""


def _window(scene: _Scene, evidence: str) -> Kind:
    if any(stuff.substance == "diamond" for stuff in scene.stuffs) or any(
        term.value == "diamond_window" and term.relation == "main" for term in scene.terms
    ):
        return Kind(("diamond_window",), evidence, True, True)
    optical = any(is_watched(stuff) for stuff in scene.stuffs)
    return Kind(("lens",) if optical else ("other_finished_good",), evidence, True, True)


def _platelet(scene: _Scene, evidence: str, relation: Relation) -> Kind:
    if any(term.value == "cemented_carbide_article" for term in scene.terms) or any("W" in stuff.elements for stuff in scene.stuffs):
        return Kind(("cemented_carbide_article",), evidence, True, True)
    if scene.contents or any("Si" in stuff.elements for stuff in scene.stuffs):
        forms = tuple(product for product in _material_products(scene, relation) if product not in ("wafer", "powder"))
        epitaxial: tuple[Product, ...] = () if "epitaxial_wafer" in forms or "epitaxial" not in scene.features else ("epitaxial_wafer",)
        return Kind((*epitaxial, "wafer", *forms), evidence, True)
    return Kind(("other_finished_good",), evidence, True, True)


def _materials(scene: _Scene, relation: Relation) -> Kind | None:
    products = _material_products(scene, relation)
    if not products:
        return None
    said = next((term for term in scene.terms if term.kind in ("form", "anion") and term.relation == relation), scene.terms[0])
    certain = "calcined_catalyst" not in products or "calcined" in scene.features
    return Kind(products, scene.words(said), certain, bare=not scene.stuffs)


def _material_products(scene: _Scene, relation: Relation) -> tuple[Product, ...]:
    """All material forms that the text gives the goods, the most specific first."""
    found: set[str] = set()
    for term in scene.terms:
        if term.kind == "form" and term.relation == relation and _counts(scene, term):
            found.add("calcined_catalyst" if term.value == "catalyst" else term.value)
    for stuff in scene.stuffs:
        if stuff.relation in (relation, "with") and (is_watched(stuff) or stuff.group):
            found |= _forms_of(stuff, found, stuff.relation == relation)
    if "epitaxial_wafer" in found or ("wafer" in found and "epitaxial" in scene.features):
        found |= {"epitaxial_wafer", "wafer"}
    if {"thermal_spray_powder", "polishing_powder"} & found:
        found.add("powder")
    if {"calcined_catalyst", "phosphor"} & found:
        if "calcined" not in scene.features and _is_pure_compound(scene, relation):
            found -= {"calcined_catalyst", "phosphor"}
        else:
            found -= {"oxide", "compound"}
    return tuple(product for product in _SPECIFIC if product in found)


def _is_pure_compound(scene: _Scene, relation: Relation) -> bool:
    """Whether the goods are one oxide or salt with its purity, whatever it catalyses or makes shine."""
    contents = [stuff for stuff in scene.stuffs if stuff.certain and is_watched(stuff)]
    return (
        _says_purity(scene)
        and bool(contents)
        and all(
            stuff.substance_class in ("oxide", "compound") and stuff.relation == relation and stuff.substance == contents[0].substance
            for stuff in contents
        )
    )


def _says_purity(scene: _Scene) -> bool:
    return any(
        quantity.unit == "nines" or (quantity.unit == "percent" and (quantity.interval.minimum or 0) >= _ASSAYED)
        for quantity in scene.scanned.quantities
    )


_ASSAYED: Final = Decimal(97)
"""Percent from where on a number is an assay and no efficiency or content."""


def _forms_of(stuff: Stuff, forms: set[str], itself: bool) -> set[str]:
    """The forms that a substance adds to those said: the goods `itself` or something in them."""
    found: set[str] = set()
    known = SUBSTANCES.get(stuff.substance or "")
    if known is not None:
        found.update(known.products)
    if stuff.group and stuff.anion and not stuff.certain:
        found.add("mixture")
    most = stuff.share.minimum is None or stuff.share.minimum >= 50
    if (
        itself
        and most
        and stuff.substance_class in ("oxide", "compound")
        and (stuff.anion or known is not None or stuff.formula is not None)
    ):
        found.add(stuff.substance_class)
    if stuff.substance_class == "alloy" and stuff.substance not in _MAGNET_ALLOYS:
        found.add("alloy")
    if stuff.substance == "graphite":
        found.add("graphite")
    if stuff.substance == "diamond":
        found |= {"diamond_powder"} if "powder" in forms else set()
        found |= {"diamond_crystal"} if "single_crystal" in forms else set()
    return found


_ARTICLE: Final = frozenset({"sintered", "bonded", "coated", "magnetised", "hot_pressed", "multipole", "shaped", "grain_boundary_diffused"})


_SHORT_FOR_MAGNET = re.compile(r"\bMAG\b")


_CRYSTALS: Final = frozenset(
    {
        "Y3Al5O12",
        "Nd:YAG",
        "Y3Fe5O12",
        "Gd3Ga5O12",
        "Tb3Ga5O12",
        "Lu3Al5O12",
        "GAGG",
        "LYSO",
        "Lu2SiO5",
        "Gd2SiO5",
        "YVO4",
        "LiYF4",
        "Bi4Ge3O12",
    }
)
"""Compounds traded as laser and scintillation crystals."""


def _kind_of_stuff(scene: _Scene, subject: Stuff) -> Kind | None:
    """What goods of a substance are where no form is said: sintered NdFeB is a magnet, graphite is graphite, gallium 6N is metal."""
    evidence = scene.words(subject)
    if subject.substance in _MAGNET_ALLOYS or (subject.substance_class == "alloy" and {"Sm", "Co"} <= set(subject.elements)):
        if "Sm" in subject.elements and _names_nothing_else(scene, subject):
            # SmCo5 is an alloy or a magnet of it, and nothing else.
            return Kind(("permanent_magnet", "alloy"), evidence, True)
        graded = any(term.kind in ("grade", "samarium_grade") for term in scene.terms)
        article = graded or not _ARTICLE.isdisjoint(scene.features) or _SHORT_FOR_MAGNET.search(scene.text) is not None
        return Kind(("permanent_magnet",), evidence, article)
    known = SUBSTANCES.get(subject.substance or "")
    if known is not None and known.products:
        certain = "calcined_catalyst" not in known.products or "calcined" in scene.features
        return Kind(known.products, evidence, certain, known.products == ("other_finished_good",))
    if subject.substance == "graphite":
        return Kind(("graphite",), evidence, True)
    if subject.substance == "diamond":
        return Kind(("diamond_powder", "diamond_crystal"), evidence, True) if _GRIT.search(scene.text) is not None else None
    if subject.substance in ("WC", "WC-Co") and not {"granular", "unsintered"}.isdisjoint(scene.features):
        return Kind(("powder", "compound"), evidence, True)
    if subject.substance in ("WC", "WC-Co") and {"shaped", "sintered"} <= scene.features:
        return Kind(("cemented_carbide_article",), evidence, True, True)
    if subject.substance in ("WC", "WC-Co") and "shaped" in scene.features:
        return Kind(("cemented_carbide_article",), evidence, False)
    if subject.substance in ("LiFePO4", "NCM", "NCA", "LRM"):
        return Kind(("cathode_material",), evidence, False)
    if subject.substance in _CRYSTALS:
        return Kind(("single_crystal", "compound"), evidence, False)
    if subject.substance_class in ("oxide", "compound"):
        certain = (
            subject.substance_class == "oxide"
            or _assayed_alone(scene, subject)
            or (subject.formula is not None and _names_nothing_else(scene, subject, used_for=True))
        )
        return Kind((subject.substance_class,), evidence, certain)
    if subject.substance_class == "alloy":
        return Kind(("alloy",), evidence, False)
    if subject.group in _METALLIC_GROUPS:
        return Kind(("metal", "oxide"), evidence, False)
    if subject.substance_class != "element":
        return None
    pure = (subject.share.minimum or 0) >= PURE and not subject.from_symbol
    # Indium and tungsten compounds are listed where the metals are not: an unread word may name one.
    readable = _COMPOUNDS_ONLY.isdisjoint(subject.elements) or not unknown_words(scene.scanned)
    assayed = not subject.from_symbol and readable and _assayed_alone(scene, subject)
    return Kind(("metal",), evidence, pure or assayed or _names_nothing_else(scene, subject))


_COMPOUNDS_ONLY: Final = frozenset({"In", "W", "Mo"})


def _assayed_alone(scene: _Scene, subject: Stuff) -> bool:
    """Whether a purity stands beside the one substance that a text names, and nothing that could be an article."""
    return (
        subject.relation == "main"
        and _says_purity(scene)
        and all(stuff.substance == subject.substance or not stuff.certain or not is_watched(stuff) for stuff in scene.stuffs)
        and not any(
            term.kind in ("product", "ordinary", "equipment") and term.relation == "main" and _counts(scene, term) for term in scene.terms
        )
    )


_GRIT = re.compile(r"\bgrit\b|körnung|\bmesh\b|磨粒|砥粒|粒度", re.IGNORECASE)

_METALLIC_GROUPS: Final = frozenset({"NdPr", "LaCe", "mischmetal", "DyTb"})
"""Mixtures traded as metal or oxide, not as ore."""

_BESIDE_A_NAME: Final = frozenset({"element", "substance", "formula", "label", "container", "shape", "feature"})


def _names_nothing_else(scene: _Scene, subject: Stuff, used_for: bool = False) -> bool:
    """Whether a text names one substance and at most its purity, pieces, quantity and packing: "Gallium, 25 kg" is the metal.

    A symbol has to have its purity beside it. `used_for`: what the substance is for may be named, too.
    """
    scanned = scene.scanned
    terms = scene.terms
    if used_for and (use := next((mark for mark in scanned.marks if mark.kind == "relation" and mark.value == "for"), None)) is not None:
        marks = [mark for mark in scanned.marks if mark.last < use.first]
        scanned = Scan(scanned.text, marks, scanned.quantities, scanned.words[: use.first])
        terms = [term for term in terms if term.start < use.start]
    pure = any(quantity.unit in ("percent", "nines") and (quantity.interval.minimum or 0) >= PURE for quantity in scanned.quantities)
    return (
        (pure or not subject.from_symbol)
        and subject.relation == "main"
        and all(stuff.start == subject.start or _is_basis(scene, stuff) for stuff in scene.stuffs)
        and all(term.kind in _BESIDE_A_NAME or _is_basis(scene, term) for term in terms)
        and not any(
            _CODE.fullmatch(text) is not None
            for text, start, _ in scanned.words
            if not subject.start <= start < subject.end and not any(q.start <= start < q.end for q in scanned.quantities)
        )
        and not unknown_words(scanned)
    )


def _is_basis(scene: _Scene, term: Term | Stuff) -> bool:
    """TREO, REM: what a purity or content is counted on, no other substance."""
    return _BASIS.fullmatch(scene.words(term)) is not None


_BASIS = re.compile(r"T?REO|T?REM|T?REE", re.IGNORECASE)
_CODE = re.compile(r"(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{3,}")


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
