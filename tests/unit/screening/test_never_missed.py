"""What an order says around the goods never turns a controlled material into a harmless line."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.screening.domain.basis import Basis
from services.screening.domain.screening import screen_order
from services.screening.regulation_files import load_law, load_parties
from shared.contracts.order import EndUser, OrderKey, OrderSnapshot, Party, Quantity, RawDocument, Revision, SnapshotLine
from shared.contracts.screening import Answer

BASIS = Basis(load_law(), load_parties())
CONTROLLED = (
    "Dysprosium oxide 99.5%",
    "Terbium metal 99.9%",
    "Sintered NdFeB magnet N42SH",
    "NdFeB N35",
    "SmCo magnet",
    "Gallium metal 6N",
    "Germanium dioxide 99.999%",
    "GaAs wafer 6 inch",
    "Antimony metal ingot 99.65%",
    "Tungsten carbide powder",
    "Bismuth ingot",
    "Scandium oxide",
    "Natural flake graphite",
    "Al-Sc master alloy 2% Sc",
    "Neodym-Magnet N45H",
    "Aimant NdFeB N38UH",
    "Imán NdFeB N42",
    "钕铁硼磁体 N48H",
    "ネオジム磁石 N42SH",
    "氧化铽 99.99%",
    "Trimethylindium",
    "YCl3 anhydrous",
    "Sm2(C2O4)3",
    "Sb2O3 99.995%",
    "Ammonium paratungstate",
    "CdTe polycrystal",
    "Terfenol-D",
)
AROUND = (
    "{}, epoxy",
    "{}, 25 kg bag",
    "{}, packed in steel drum",
    "{} for motor",
    "{}, sample",
    "{} acc. to drawing 1234-5 rev B",
    "{}, lot 2026-11",
    "{}, incl. packaging",
    "{} (spare part)",
    "{}, customer: Office Chair GmbH",
    "{} for loudspeaker production",
    "{}, label: FRAGILE",
    "{}, screw M6",
    "{}, cable",
    "{}, paint",
    "{} set of 10",
    "Pos. 10: {}",
    "URGENT {}",
    "Sample of {}",
    "RM-0815 {}",
    "Replacement for office chair - {}",
    "{}, ampoule 5 g",
    "{}; end customer: a lamp factory",
    "{} / 5 pcs / lamp",
    "{} / valve",
    "{}, Muster, Drucker",
    "{} モーター用",
    "{}用于电机",
    "{}, software included",
    "{} plus freight service",
    "{} (for sensors)",
)


@pytest.mark.parametrize("goods", CONTROLLED)
def test_words_around_a_controlled_material_do_not_make_it_harmless(goods: str) -> None:
    for text in (goods, goods.upper(), *(around.format(goods) for around in AROUND)):
        assert answer(text) not in (Answer.NOT_CONTROLLED, Answer.EXEMPT, Answer.NOT_SCREENABLE), text


def answer(description: str) -> Answer:
    """For goods of Chinese origin that leave China for a civil user in Germany."""
    digest = "0" * 64
    line = SnapshotLine(
        line_id="1",
        description=description,
        origin_country="CN",
        quantity=Quantity(value=Decimal(5), unit="KGM"),
        provenance={"description": "document", "origin_country": "document"},
    )
    order = OrderSnapshot(
        order_key=OrderKey(system="s", company="c", order_id="o"),
        revision=Revision(received_seq=1),
        ship_from=Party(country="CN"),
        ship_to=Party(country="DE"),
        end_user=EndUser(name="Example AG", country="DE", user_class="civil"),
        end_use_text="industrial",
        lines=[line],
        content_sha256=digest,
        enrichment_sha256=digest,
        raw=RawDocument(sha256=digest, media_type="application/json", adapter="test"),
        received_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    screened = screen_order(order, BASIS, order_event_id="e", known_on=date(2026, 11, 22), valid_on=date(2026, 11, 25), code="1")
    return screened.lines[0].answers["CN"].answer
