"""The pricing policy is taken whole or refused whole, with file, line and reason."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from services.pricing_risk.domain.policy import Limit
from services.pricing_risk.policy_file import BUILT_IN, LoadedPolicy, load_policy
from shared.contracts.reference_change import ReferenceChangeEvent
from shared.yaml_document import DocumentRefused

TEXT = BUILT_IN.read_text()
LIMITS = "limits:\n  - {by: element, name: Dy, exposure: 2000000, expected_shortfall_975: 500000}\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pricing.yaml"
    path.write_text(text)
    return path


def test_the_built_in_policy_has_the_grades_of_the_reference_and_hedges_what_an_exchange_lists() -> None:
    policy = load_policy().policy
    grades = policy.grades
    assert [grades.medium_from_percent, grades.high_from_percent, grades.severe_from_percent] == [5, 15, 35]
    assert (policy.hedgeable_share("Cu"), policy.hedgeable_share("Dy"), policy.hedgeable_share("Cu", "Dy")) == (1, 0, 0)
    assert [scenario.scenario for scenario in policy.stress] == ["S1", "S2", "S3", "S4", "S5"]
    assert policy.limits == []


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (lambda text: text.replace("reporting_currency: USD", "reporting_currency: usd"), "reporting_currency: usd", "pattern"),
        (lambda text: text.replace("high_from_percent: 15", "high_from_percent: 50"), "grades:", "have to rise"),
        (lambda text: text.replace("  Cu: 1\n", "  Cu: 1.5\n"), "Cu: 1.5", "less than or equal to 1"),
        (lambda text: text.replace("limits: []", "limits:\n  - {by: element, name: Dy}\n"), "name: Dy}", "a limit states"),
        (lambda text: text.replace("scenario: S2", "scenario: S1"), "# Price risk", "each stress scenario stands once"),
        (lambda text: text + "grades: {}\n", "grades: {}", "given twice"),
        (lambda text: text + "colour: red\n", "colour: red", "Extra inputs"),
    ],
)
def test_a_mistake_is_refused_where_it_stands(tmp_path: Path, change: Callable[[str], str], place: str, reason: str) -> None:
    text = change(TEXT)
    with pytest.raises(DocumentRefused) as refused:
        load_policy(written(tmp_path, text))
    number = next((number for number, line in enumerate(text.splitlines(), 1) if place in line and not line.startswith("#   ")), 1)
    sentences = str(refused.value).splitlines()
    assert any(reason in sentence for sentence in sentences), sentences
    if place != "# Price risk":
        assert any(f":{number}: " in sentence for sentence in sentences), sentences


def test_limits_are_read_in_the_form_that_the_file_shows(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, TEXT.replace("limits: []\n", LIMITS))).policy
    assert policy.limits == [Limit(by="element", name="Dy", exposure=Decimal(2_000_000), expected_shortfall_975=Decimal(500_000))]


def test_what_is_announced_is_what_results_are_made_with(tmp_path: Path) -> None:
    loaded = load_policy()
    change = ReferenceChangeEvent.model_validate_json(loaded.announcement(datetime(2026, 11, 22, tzinfo=UTC))).data
    assert (change.kind, change.version) == ("pricing_policy", loaded.version)
    assert LoadedPolicy.from_content(loaded.content) == loaded
