"""Making a decision again from what it rests on, and saying what came out different."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.ledger.domain.assessment import Occasion, PolicyInForce, ReceivedOrder, ReceivedResult, assess
from services.ledger.domain.policy import Policy
from services.ledger.domain.results import PriceRiskRead, SupplyRiskRead, read_result
from shared.contracts.assessment import Assessment, AssessmentEvent
from shared.contracts.canonical import sha256_hex

Recompute = Callable[[bytes, Mapping[str, bytes], Mapping[str, bytes]], bytes]
"""(order event, by service the results on it, by kind the reference data that the service used), each as the bytes that were hashed → the
bytes of the service's result. Of that result itself only what it names as its own inputs is read: of a screening the licences and what
others claimed of them, of a price risk the state of the series, of a supply risk the advice on the items."""


@dataclass(slots=True, frozen=True)
class Difference:
    """`path` is a JSON pointer; the values are JSON texts, None where there is none."""

    path: str
    recorded: str | None
    recomputed: str | None


@dataclass(slots=True, frozen=True)
class Comparison:
    """One event made again. `impossible` is the sentence that says why it could not be."""

    what: str
    same_bytes: bool
    differences: tuple[Difference, ...] = ()
    impossible: str | None = None


@dataclass(slots=True, frozen=True)
class ReplayReport:
    decision_id: str
    order_key: str
    revision: int
    round: int
    kind: str
    code_recorded: str
    code_running: str
    comparisons: tuple[Comparison, ...]

    @property
    def same_bytes(self) -> bool:
        return all(comparison.same_bytes for comparison in self.comparisons)

    def render(self) -> str:
        head = f"decision {self.decision_id}: {self.kind} of order {self.order_key}, revision {self.revision}, round {self.round}"
        lines = [head]
        if self.code_recorded != self.code_running:
            lines.append(f"decided by version {self.code_recorded}, made again by version {self.code_running}")
        for comparison in self.comparisons:
            if comparison.impossible:
                lines.append(f"  {comparison.what}: cannot be made again: {comparison.impossible}")
            elif comparison.same_bytes:
                lines.append(f"  {comparison.what}: the same bytes")
            else:
                lines.append(f"  {comparison.what}: different in {len(comparison.differences)} places")
                lines += [
                    f"    {each.path}: recorded {each.recorded or 'nothing'}, now {each.recomputed or 'nothing'}"
                    for each in comparison.differences
                ]
        return "\n".join(lines)


def replay_decision(recorded: bytes, contents: Mapping[str, bytes], code_running: str, recompute: Mapping[str, Recompute]) -> ReplayReport:
    """`recorded` is the emitted event, `contents` holds by hash what it names as inputs (and may lack some of it).

    The assessment is made again from the recorded results, under the recorded name of the code, so that a difference is one of substance;
    each result whose service `recompute` names is made again, too.
    """
    event = AssessmentEvent.model_validate_json(recorded)
    decision = event.data
    comparisons = [_compare_assessment(event, recorded, contents)]
    comparisons += [
        _compare_result(service, decision, contents, recompute[service]) for service in decision.results if service in recompute
    ]
    return ReplayReport(
        decision_id=decision.decision_id,
        order_key=str(decision.order_key),
        revision=decision.revision,
        round=decision.round,
        kind=decision.kind,
        code_recorded=decision.versions.get("code", "unknown"),
        code_running=code_running,
        comparisons=tuple(comparisons),
    )


def _compare_assessment(event: AssessmentEvent, recorded: bytes, contents: Mapping[str, bytes]) -> Comparison:
    decision = event.data
    needed = ("order", "policy", *decision.results)
    lacking = _lacking(needed, decision.inputs, contents)
    if lacking:
        return Comparison("assessment", False, impossible=lacking)
    order_bytes, policy_bytes = contents[decision.inputs["order"]], contents[decision.inputs["policy"]]
    results = {}
    for service in decision.results:
        sha256 = decision.inputs[service]
        result = read_result(service, contents[sha256])
        results[service] = ReceivedResult(result.id, result.data, sha256)
    made_again = assess(
        Occasion(
            kind=decision.kind,
            at=event.time,
            code=decision.versions.get("code", "unknown"),
            awaited=decision.awaited,
            missing=decision.missing_results,
            superseded_by_revision=decision.superseded_by_revision,
        ),
        ReceivedOrder.read(order_bytes, sha256_hex(order_bytes)),
        results,
        PolicyInForce(Policy.model_validate_json(policy_bytes), sha256_hex(policy_bytes)),
    )
    return _compare("assessment", recorded, made_again.encode())


def _compare_result(service: str, decision: Assessment, contents: Mapping[str, bytes], recompute: Recompute) -> Comparison:
    inputs = decision.inputs
    lacking = _lacking(("order", *decision.results), inputs, contents)
    if lacking:
        return Comparison(service, False, impossible=lacking)
    results = {other: contents[inputs[other]] for other in decision.results}
    result = read_result(service, results[service]).data
    if isinstance(result, PriceRiskRead | SupplyRiskRead) and not _rests_on(result, decision.results.get("screening")):
        return Comparison(service, False, impossible=f"it rests on screening {result.screening_event_id}, which this decision does not")
    kinds = tuple(sorted(result.versions.keys() & inputs.keys()))
    lacking = _lacking(kinds, inputs, contents)
    if lacking:
        return Comparison(service, False, impossible=lacking)
    references = {kind: contents[inputs[kind]] for kind in kinds}
    return _compare(service, results[service], recompute(contents[inputs["order"]], results, references))


def _rests_on(result: PriceRiskRead | SupplyRiskRead, screening: str | None) -> bool:
    """What failed without its screening can be made again beside any."""
    return screening is not None and (result.outcome == "failed" or result.screening_event_id == screening)


def _lacking(names: tuple[str, ...], inputs: Mapping[str, str], contents: Mapping[str, bytes]) -> str | None:
    lacking = [f"{name} {inputs.get(name, '(unnamed)')}" for name in names if inputs.get(name) not in contents]
    if not lacking:
        return None
    return f"the book does not hold {', '.join(lacking)}: past its retention, or never announced on reference-changes"


def _compare(what: str, recorded: bytes, made_again: bytes) -> Comparison:
    if recorded == made_again:
        return Comparison(what, True)
    differences = tuple(_differences(orjson.loads(recorded), orjson.loads(made_again), ""))
    return Comparison(what, False, differences or (Difference("", "other bytes of the same document", "other bytes of the same document"),))


def _differences(recorded: Any, made_again: Any, path: str) -> Iterator[Difference]:
    if isinstance(recorded, dict) and isinstance(made_again, dict):
        for key in sorted(recorded.keys() | made_again.keys()):
            below = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in recorded and key in made_again:
                yield from _differences(recorded[key], made_again[key], below)
            else:
                yield Difference(below, _text(recorded, key), _text(made_again, key))
    elif isinstance(recorded, list) and isinstance(made_again, list) and len(recorded) == len(made_again):
        for position, (before, after) in enumerate(zip(recorded, made_again, strict=True)):
            yield from _differences(before, after, f"{path}/{position}")
    elif recorded != made_again:
        yield Difference(path, orjson.dumps(recorded).decode(), orjson.dumps(made_again).decode())


def _text(document: dict[str, Any], key: str) -> str | None:
    return orjson.dumps(document[key]).decode() if key in document else None
