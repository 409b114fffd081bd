"""Runs a file of law cases: purchase-order lines with the right answer under China's export controls.

A file says, per case, the line, its trade and what is expected (`expect`), and may name listed parties that the cases presuppose. A case is
right when licence and outcome each are the expected value or one that the case accepts besides, and all under `must_report` is reported.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.screening.domain.basis import Basis
from services.screening.domain.law import NO_SCENARIO, Law, Scenario
from services.screening.domain.parties import PartyList, compile_parties
from services.screening.domain.party_content import ListedName, Notice, PartyContent
from services.screening.domain.screening import screen_order
from shared.contracts.base import DecimalString
from shared.contracts.canonical import canonical_json, sha256_hex
from shared.contracts.order import (
    Attribute,
    Classification,
    Component,
    Constituent,
    EndUser,
    OrderKey,
    OrderSnapshot,
    Party,
    RawDocument,
    Revision,
    SnapshotLine,
)
from shared.contracts.screening import Answer, Confidence, LineScreening

Licence = Literal["yes", "no", "unknown"]

_OUTCOMES = {answer: answer.value for answer in Answer} | {Answer.NEEDS_INFORMATION: "needs_review", Answer.NOT_SCREENABLE: "needs_review"}


class CaseFileError(ValueError):
    """The file is no file of cases; the sentence says where and why."""


class _Source(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Accepted(_Source):
    cn_dual_use_licence: list[Licence] = []
    outcome: list[str] = []


class _Expected(_Source):
    cn_dual_use_licence: Licence
    outcome: str
    accept: _Accepted = _Accepted()
    must_report: list[str] = []
    elsewhere: dict[Literal["US", "EU"], str] = {}
    """The outcome under other law, where it is part of the case."""
    instrument: str | None = None
    control_code: str | None = None


class _Scenario(_Source):
    in_force: list[str] = []
    lifted: list[str] = []


class Case(_Source):
    """One case as the file writes it."""

    id: str
    date: date
    line: str
    hs_cn: str | None = None
    hs_us: str | None = None
    composition: dict[str, str] = {}
    origin: str | None = None
    ship_from: str | None = None
    destination: str | None = None
    inputs_origin: str | None = None
    components: list[Component] = []
    components_complete: bool | None = None
    mass_kg_per_unit: DecimalString | None = None
    value_per_unit: DecimalString | None = None
    """In euro, as the values of components without a currency."""
    technology_origin: str | None = None
    seller: str | None = None
    end_user: str | None = None
    end_user_class: Literal["civil", "military", "unlisted_subsidiary"] | None = None
    end_user_owner: Any = None
    end_use: str | None = None
    scenario: _Scenario = _Scenario()
    expect: _Expected
    confidence: Confidence
    why: str = ""


class _PresupposedParty(_Source):
    name: str
    name_zh: str | None = None
    list: str
    listed_on: date
    notice: str = "presupposed by the cases"
    ended_on: date | None = None
    suspended_from: date | None = None
    suspended_to: date | None = None


class CaseFile(_Source):
    as_of: date
    cases: list[Case] = Field(min_length=1)
    parties: list[_PresupposedParty] = []


@dataclass(slots=True, frozen=True)
class CaseResult:
    case: Case
    licence: Licence
    outcome: str
    right: bool
    why: str
    """How the product reached its answer."""
    screening: LineScreening


@dataclass(slots=True, frozen=True)
class CaseReport:
    results: tuple[CaseResult, ...]

    def score(self, confidence: Confidence | None = None) -> float | None:
        """The share of cases that are right, from 0 to 1, of one confidence or of all; None where there is none."""
        chosen = [result.right for result in self.results if confidence in (None, result.case.confidence)]
        return sum(chosen) / len(chosen) if chosen else None

    def as_json(self) -> dict[str, Any]:
        return {
            "cases": [
                {
                    "id": result.case.id,
                    "confidence": result.case.confidence,
                    "right": result.right,
                    "credit": 1 if result.right else 0,
                    "expected": {
                        "cn_dual_use_licence": result.case.expect.cn_dual_use_licence,
                        "outcome": result.case.expect.outcome,
                        "accept": result.case.expect.accept.model_dump(exclude_defaults=True),
                        "must_report": result.case.expect.must_report,
                    },
                    "got": {
                        "cn_dual_use_licence": result.licence,
                        "outcome": result.outcome,
                        "reported": sorted(_reported(result.screening)),
                    },
                    "why": result.why,
                }
                for result in self.results
            ],
            "score": {
                "high": self.score("high"),
                "medium": self.score("medium"),
                "low": self.score("low"),
                "all": self.score(),
            },
        }

    def as_text(self) -> str:
        """One paragraph a case and the score, for a terminal."""
        lines = []
        for result in self.results:
            expect = result.case.expect
            expected = " or ".join((expect.outcome, *expect.accept.outcome))
            licence = " or ".join((expect.cn_dual_use_licence, *expect.accept.cn_dual_use_licence))
            mark = "right" if result.right else "WRONG"
            lines.append(f"{mark}  {result.case.id}  ({result.case.confidence})  {result.case.date}  {result.case.line}")
            lines.append(f"       expected  licence {licence}; {expected}")
            lines.append(f"       got       licence {result.licence}; {result.outcome}")
            lines.append(f"       why       {result.why}")
        for confidence in ("high", "medium", "low", None):
            chosen = [result for result in self.results if confidence in (None, result.case.confidence)]
            if chosen:
                right = sum(result.right for result in chosen)
                lines.append(f"{confidence or 'all'}: {right} of {len(chosen)} right ({right / len(chosen):.3f})")
        return "\n".join(lines)


def run(path: Path, law: Law, parties: PartyList) -> CaseReport:
    """Runs every case of a file. Raises CaseFileError for a file of another form, UnknownInstrument for a scenario nobody can follow."""
    return run_cases(read(path), law, parties)


def run_cases(cases: CaseFile, law: Law, parties: PartyList) -> CaseReport:
    """The same for cases that are read already."""
    lists = _with_presupposed(parties, cases.parties)
    return CaseReport(tuple(_run(case, cases.as_of, law, lists) for case in cases.cases))


def read(path: Path) -> CaseFile:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseFileError(f"{path} cannot be read: {error}") from error
    return read_text(str(path), text)


def read_text(path: str, text: str) -> CaseFile:
    """Raises CaseFileError, which names `path`."""
    try:
        return CaseFile.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, RecursionError) as error:
        raise CaseFileError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CaseFileError(f"{path} is no file of cases: {where or 'the file'}: {first['msg']}") from error


def _with_presupposed(parties: PartyList, presupposed: Iterable[_PresupposedParty]) -> PartyList:
    notices = [
        Notice(
            list_name=party.list,
            notice=party.notice,
            listed_on=party.listed_on,
            ended_on=party.ended_on,
            suspended_from=party.suspended_from,
            suspended_to=party.suspended_to,
            parties=[ListedName(name=party.name, name_zh=party.name_zh)],
        )
        for party in presupposed
    ]
    return compile_parties([parties.source, PartyContent(lists={}, notices=notices)]) if notices else parties


def _run(case: Case, as_of: date, law: Law, parties: PartyList) -> CaseResult:
    scenario = Scenario(frozenset(case.scenario.in_force), frozenset(case.scenario.lifted)) if case.scenario != _Scenario() else NO_SCENARIO
    result = screen_order(
        snapshot_of(case),
        Basis(law, parties),
        order_event_id=case.id,
        known_on=as_of,
        valid_on=case.date,
        scenario=scenario,
        code="cases",
    )
    line = result.lines[0]
    answer = line.answers["CN"]
    outcome = _OUTCOMES[answer.answer]
    right = _is_right(case.expect, answer.dual_use_licence, outcome, _reported(line)) and all(
        jurisdiction in line.answers and _OUTCOMES[line.answers[jurisdiction].answer] == expected
        for jurisdiction, expected in case.expect.elsewhere.items()
    )
    why = " ".join((answer.how, *(f"Ask: {question.question}" for question in line.questions[:1])))
    return CaseResult(case, answer.dual_use_licence, outcome, right, why, line)


def _is_right(expect: _Expected, licence: Licence, outcome: str, reported: set[str]) -> bool:
    return (
        licence in (expect.cn_dual_use_licence, *expect.accept.cn_dual_use_licence)
        and outcome in (expect.outcome, *expect.accept.outcome)
        and reported.issuperset(expect.must_report)
    )


def _reported(line: LineScreening) -> set[str]:
    flags = {flag.name for answer in line.answers.values() for flag in answer.flags}
    return flags | {hit.list_name for hit in line.party_hits}


def snapshot_of(case: Case) -> OrderSnapshot:
    """The case as an accepted order of one line, its facts verbatim."""
    composition = [Constituent(substance=substance, share=share) for substance, share in case.composition.items()]
    classifications = [
        Classification(scheme=scheme, code=code)
        for scheme, code in (("CN_TARIFF", case.hs_cn), ("HTS", case.hs_us))
        if code is not None
    ]  # fmt: skip
    stated: Mapping[str, object] = {
        "description": case.line,
        "origin_country": case.origin,
        "inputs_origin_country": case.inputs_origin,
        "composition": composition,
        "components": case.components,
        "classifications": classifications,
        "end_use_text": case.end_use,
    }
    line = SnapshotLine(
        line_id="1",
        description=case.line,
        origin_country=case.origin,
        inputs_origin_country=case.inputs_origin,
        composition=composition,
        classifications=classifications,
        components=case.components,
        components_complete=case.components_complete,
        mass_kg_per_unit=case.mass_kg_per_unit,
        value_per_unit=case.value_per_unit,
        attributes=[Attribute(name="technology_origin", value=case.technology_origin)] if case.technology_origin else [],
        end_use_text=case.end_use,
        provenance={name: "document" for name, value in stated.items() if value},
    )
    digest = sha256_hex(canonical_json(case.model_dump(mode="json")))
    return OrderSnapshot(
        order_key=OrderKey(system="cases", company="cases", order_id=case.id),
        revision=Revision(received_seq=1),
        currency="EUR",
        supplier=Party(name=case.seller) if case.seller else None,
        ship_from=Party(country=case.ship_from) if case.ship_from else None,
        ship_to=Party(country=case.destination) if case.destination else None,
        end_user=_end_user(case),
        lines=[line],
        content_sha256=digest,
        enrichment_sha256=digest,
        raw=RawDocument(sha256=digest, media_type="application/yaml", adapter="cases"),
        received_at=datetime.combine(case.date, time(12), UTC),
    )


def _end_user(case: Case) -> EndUser | None:
    owner_name, owner_share = _owner(case.end_user_owner)
    if case.end_user is None and case.end_user_class is None and owner_name is None:
        return None
    return EndUser(name=case.end_user, user_class=case.end_user_class, owner_name=owner_name, owner_share_percent=owner_share)


def _owner(stated: Any) -> tuple[str | None, Any]:
    """Who owns the end user and what share, from a mapping ({name, share_percent}) or words ("Listed Holding Ltd., 55%")."""
    if isinstance(stated, Mapping):
        share = next((value for key, value in stated.items() if "share" in str(key) or "percent" in str(key)), None)
        name = stated.get("name") or stated.get("owner")
        return (str(name) if name else None), (str(share).strip(" %") if share is not None else None)
    if isinstance(stated, str):
        return _owner_in_words(stated)
    return None, None


def _owner_in_words(words: str) -> tuple[str, str | None]:
    share = _SHARE.search(words)
    name = words[: share.start()] if share is not None and share.start() > 0 else _SHARE.sub("", words)
    return _AROUND_NAME.sub("", name) or words, share[1] if share else None


_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_AROUND_NAME = re.compile(
    r"^[\s,;:(]*(?:(?:owned|held)?\s*by|of)?[\s,;:(]+|[\s,;:(]+(?:with|at|of|holds|holding|owns)?[\s,;:(]*$", re.IGNORECASE
)
