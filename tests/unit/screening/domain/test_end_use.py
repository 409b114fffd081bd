"""Words that name an end use, and words that deny it, in the languages orders come in."""

import pytest

from tests.unit.screening.making import built_in_law


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Guidance section for anti-ship MISSILES", {"military", "missile"}),
        ("Munition", {"military"}),
        ("用于导弹制导", {"military", "missile"}),
        ("für die Bundeswehr", {"military"}),
        ("usage militaire", {"military"}),
        ("uso militar", {"military"}),
        ("軍用レーダー", {"military"}),
        ("civil use only, not for military or weapons use", set()),
        ("Non-military application", set()),
        ("keine militärische Verwendung", set()),
        ("sans usage militaire", set()),
        ("非军用", set()),
        ("禁止用于军事用途", set()),
        ("not for wind turbines. Missile fins", {"military", "missile"}),
        ("earthquake relief, emergency medical use", {"relief"}),
        ("katastrophenhilfe", {"relief"}),
        ("etch chamber for 7 nm logic", {"advanced_semiconductors"}),
        ("missionary work", set()),
        ("Zielsuchlenkflugkörper", {"military"}),
        ("Militärfahrzeuge", {"military"}),
        ("radar para la Fuerza Aérea", {"military"}),
        ("Army night-vision goggles", {"military"}),
        ("Salvation Army thrift store", set()),
        ("F-35 actuator", {"military"}),
        ("used in howitzers", {"military"}),
        ("axle of an F-350 truck", set()),
        ("для военного назначения", {"military"}),
        ("не для военных целей", set()),
        ("군용 레이더", {"military"}),
        ("군사 용도 아님", set()),
        ("usage civil, pas d’utilisation militaire", set()),
        ("not intended, sold or exported for any military use", set()),
        ("Military use: no", set()),
        ("Military: No. 5 radar", {"military"}),
        ("militärische Nutzung ausgeschlossen", set()),
        ("軍事用途：なし", set()),
        ("not only civil, also military use", {"military"}),
        ("不仅民用，也用于军事", {"military"}),
        ("missile guidance, civil use excluded", {"military", "missile"}),
        ("Schleifmittel für Waffeln, Ausrüstungsteile", set()),
        ("rocket salad, tank cleaning, army-green paint", set()),
    ],
)
def test_a_text_names_what_it_says_and_not_what_it_denies(text: str, named: set[str]) -> None:
    assert built_in_law().vocabularies.named_in(text) - {"us_defence_procurement", "mass_destruction"} == named
