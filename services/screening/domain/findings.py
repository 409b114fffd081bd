"""What a result says of a line: a finding for each rule that has a say, and what the goods were recognised as."""

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from services.screening.domain.facts import LineFacts
from services.screening.domain.goods import Goods, Material
from services.screening.domain.judgement import Outcome, Rank
from services.screening.domain.law import LawView
from services.screening.domain.wording import draft_behind, human_check, named_under, outcome_sentence, questions
from shared.contracts.screening import Answer, Finding, RecognisedMaterial, Recognition

_LICENCE_ANSWERS = frozenset({Answer.LICENCE_REQUIRED, Answer.PRESUMPTION_OF_DENIAL})


def finding_of(outcome: Outcome, facts: LineFacts, view: LawView) -> Finding:
    limb, span = outcome.limb, outcome.span
    code, title = named_under(outcome, facts)
    mentions = dict.fromkeys((*(name for item in outcome.items for name in item.mentions), *limb.mentions))
    used = [fact for name in mentions if name in facts.known and (fact := facts.used(name)) is not None]
    licensing = outcome.answer in _LICENCE_ANSWERS
    group = outcome.items[0].group if outcome.items else None
    return Finding(
        jurisdiction=limb.jurisdiction,
        instrument=limb.instrument.id,
        limb=limb.id,
        control_code=code,
        answer=outcome.answer,
        valid_from=span.starts_on if span.starts_on != date.min else None,
        valid_to=span.ends_on,
        facts_used=used,
        facts_missing=questions((outcome,)) if outcome.missing else [],
        citation=outcome.carve_out.citation if outcome.carve_out else limb.citation,
        documents=list((outcome.exempted_by or limb).documents) if licensing or outcome.exempted_by else [],
        licence_delay=view.law.delay(limb.jurisdiction, group, facts.trade.destination) if licensing and group else None,
        human_check=human_check(outcome, view),
        unconfirmed=outcome.rank > Rank.NOT_CONTROLLED and draft_behind(outcome, view) is not None,
        sentence=outcome_sentence(outcome, code, title, view),
    )


def recognition_of(goods: Goods) -> Recognition:
    return Recognition(
        form=next((material.substance_class for material in goods.materials if material.substance_class is not None), None),
        product=goods.products[0] if goods.products else None,
        materials=[_recognised(material) for material in goods.materials],
        tariff_codes=list(goods.tariff_codes),
    )


def _recognised(material: Material) -> RecognisedMaterial:
    return RecognisedMaterial(
        element=material.element,
        form=material.substance_class,
        substance=material.substance,
        mass_share_percent_min=_written(material.mass_share_percent.minimum, ROUND_FLOOR),
        mass_share_percent_max=_written(material.mass_share_percent.maximum, ROUND_CEILING),
        value_share_percent=_written(material.value_share_percent.minimum, ROUND_FLOOR),
        in_part=material.in_part,
        origin_country=material.origin_country,
        seen_in=material.sighting.provenance,
        evidence=material.sighting.evidence,
        confidence=material.sighting.confidence,
    )


def _written(percent: Decimal | None, rounding: str) -> Decimal | None:
    """To a millionth of a percent, away from the inside of the interval: a computed share has more digits than meaning."""
    return None if percent is None else percent.quantize(Decimal("0.000001"), rounding=rounding)
