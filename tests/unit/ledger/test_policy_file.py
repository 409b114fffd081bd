"""A policy file is taken whole or refused whole, with file, line and reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.ledger.domain.policy import Policy
from services.ledger.policy_file import BUILT_IN, load_policy
from shared.yaml_document import DocumentRefused

TEXT = BUILT_IN.read_text()


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    with pytest.raises(DocumentRefused) as refused:
        load_policy(path)
    return str(refused.value).replace(str(path), "policy.yaml")


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (lambda text: text.replace("disposition: hold", "disposition: held", 1), "disposition: held", "Input should be"),
        (lambda text: text.replace("blocks: [payment]", "blocks: [shipment]", 1), "blocks: [shipment]", "'order_output'"),
        (lambda text: text.replace("  exempt:\n", "  exempted:\n"), "  exempted:", "Extra inputs"),
        (lambda text: text.replace("  exempt:\n", "  exempted:\n"), "answers:", "answers.exempt: Field required"),
        (lambda text: text + "answers: {}\n", "answers: {}", "given twice"),
    ],
)
def test_a_mistake_is_refused_where_it_stands(tmp_path: Path, change: Callable[[str], str], place: str, reason: str) -> None:
    text = change(TEXT)
    sentences = refusal(tmp_path, text).splitlines()
    assert any(sentence.startswith(f"policy.yaml:{line_of(text, place)}: ") and reason in sentence for sentence in sentences), sentences


def test_a_condition_that_nobody_spells_out_is_refused(tmp_path: Path) -> None:
    sentence = refusal(tmp_path, TEXT.replace("conditions: [exemption_evidence_kept]", "conditions: [evidence]"))
    assert "answers.exempt asks for 'evidence', which `conditions` does not spell out" in sentence


@pytest.mark.parametrize("text", ["a: [", "", "- 1", "\t: x", "&a [*a]"])
def test_what_is_no_policy_at_all_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text).startswith("policy.yaml")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentRefused, match="cannot be read"):
        load_policy(tmp_path / "none.yaml")


def test_the_version_depends_on_content_alone(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("# another comment\n" + TEXT)
    loaded = load_policy(path)
    assert loaded.version == load_policy().version
    assert Policy.model_validate_json(loaded.content) == loaded.policy
    path.write_text(TEXT.replace("Pay nothing in advance", "Pay nothing at all"))
    assert load_policy(path).version != loaded.version
