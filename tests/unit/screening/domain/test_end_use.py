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
        ("rocket salad, tank cleaning, army-green paint", set()),
    ],
)
def test_a_text_names_what_it_says_and_not_what_it_denies(text: str, named: set[str]) -> None:
    assert built_in_law().vocabularies.named_in(text) - {"us_defence_procurement", "mass_destruction"} == named
