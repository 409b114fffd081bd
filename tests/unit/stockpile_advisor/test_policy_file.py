"""The supply policy is taken whole or refused whole, with file, line and reason."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.stockpile_advisor.policy_file import BUILT_IN, LoadedPolicy, load_policy
from shared.contracts.reference_change import ReferenceChangeEvent
from shared.yaml_document import DocumentRefused

TEXT = BUILT_IN.read_text()
OWN = (
    "own_delay_priors:\n"
    "  - {name: our broker, median_days: 90, log_sd: 0.4, rejection_probability: 0.02, weight_in_cases: 5, evidence: his own list}\n"
)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "supply.yaml"
    path.write_text(text)
    return path


def test_the_built_in_policy_has_the_presets_of_public_stockpiles_and_names_its_prior() -> None:
    policy = load_policy().policy
    assert [preset.days for preset in policy.presets] == [60, 100, 180]
    assert (policy.default_policy_days, float(policy.default_service_level)) == (None, 0.95)
    assert policy.prior_for([]).name == "general EU"
    assert policy.prior_for(["Defence electronics"]).name == "defence or US end use"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace("default_service_level: 0.95", "default_service_level: 1"), "less than 1"),
        (lambda text: text.replace("delay_prior: general EU", "delay_prior: our broker"), "there is no delay prior"),
        (lambda text: text.replace("paths: 500", "paths: 5"), "greater than or equal to 100"),
        (lambda text: text + "colour: red\n", "Extra inputs"),
    ],
)
def test_a_mistake_is_refused_with_its_reason(tmp_path: Path, change: Callable[[str], str], reason: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        load_policy(written(tmp_path, change(TEXT)))
    assert reason in str(refused.value)


def test_a_prior_of_the_firms_own_is_used_by_name(tmp_path: Path) -> None:
    text = TEXT.replace("delay_prior: general EU", "delay_prior: our broker").replace("own_delay_priors: []\n", OWN)
    prior = load_policy(written(tmp_path, text)).policy.prior_for([])
    assert (prior.name, prior.median_days, prior.evidence) == ("our broker", 90, "his own list")


def test_what_is_announced_is_what_is_read_again() -> None:
    loaded = load_policy()
    change = ReferenceChangeEvent.model_validate_json(loaded.announcement(datetime(2026, 11, 22, tzinfo=UTC))).data
    assert (change.kind, change.version) == ("supply_policy", loaded.version)
    assert LoadedPolicy.from_content(loaded.content) == loaded
