"""Goods that the law cannot tell apart: what is judged of one of them holds for all, word for word but for the evidence.

Lines that were never seen before mostly say known things in new words. Two goods are alike where they differ in nothing but the texts they
were read from, and in measures that no item in question has a threshold for.
"""

from collections.abc import Sequence

from services.screening.domain.goods import Goods, Sighting
from services.screening.domain.law import Law
from shared.contracts.screening import Finding

Likeness = tuple[object, ...]


def likeness(goods: Goods, law: Law) -> Likeness:
    """Equal for goods that are alike under this law."""
    mentioned = law.mentioned_of(goods)
    return (
        goods.products,
        _how(goods.product_sighting),
        goods.product_certain,
        tuple([(material.element, _how(material.sighting), material[2:]) for material in goods.materials]),
        tuple([(each.name, each.value, each.beyond, _how(each.sighting)) for each in goods.parameters if each.name in mentioned]),
        goods.tariff_codes,
        goods.magnet_family,
        goods.magnet_grade,
        goods.sintered,
        goods.absent_elements,
        goods.composition_complete,
        goods.composition_remainder_percent,
        tuple([feature.name for feature in goods.features]),
        goods.described,
        goods.code_conflicts,
        goods.contradictions,
    )


def _how(sighting: Sighting | None) -> tuple[str, str] | None:
    """Where something was read and how surely, without the text."""
    return None if sighting is None else (sighting.provenance, sighting.confidence)


def with_evidence_of(goods: Goods, findings: Sequence[Finding]) -> list[Finding]:
    """Findings on goods that are alike, resting on the words that these were read from."""
    words = {each.name: each.sighting.evidence for each in reversed(goods.parameters)}
    for material in reversed(goods.materials):
        words[f"{material.element} content"] = material.sighting.evidence
    told = []
    for finding in findings:
        used = [
            fact.model_copy(update={"value": words[fact.name]}) if words.get(fact.name, fact.value) != fact.value else fact
            for fact in finding.facts_used
        ]
        told.append(finding.model_copy(update={"facts_used": used}) if used != finding.facts_used else finding)
    return told
