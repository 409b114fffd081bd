"""What a buyer's firm does about each answer, flag and circumstance, as data. The text form is `policy.yaml`."""

from typing import Self

from pydantic import ConfigDict, model_validator

from shared.contracts.assessment import Disposition, Step
from shared.contracts.base import Contract, Identifier, Text
from shared.contracts.price_risk import PriceGrade
from shared.contracts.screening import Answer, CoverState
from shared.contracts.supply_risk import Decision


class Rule(Contract):
    """`sentence` is read by a buyer: what it means and what to do. `conditions` are names that the policy spells out."""

    model_config = ConfigDict(extra="forbid")

    disposition: Disposition
    blocks: list[Step] = []
    conditions: list[Identifier] = []
    sentence: Text


class Answers(Contract):
    """A rule for every answer there is."""

    model_config = ConfigDict(extra="forbid")

    prohibited: Rule
    presumption_of_denial: Rule
    licence_required: Rule
    needs_information: Rule
    suspended: Rule
    exempt: Rule
    not_controlled: Rule
    not_screenable: Rule

    def rule(self, answer: Answer) -> Rule:
        rule: Rule = getattr(self, answer.value)
        return rule


class Covers(Contract):
    """A rule for each way in which licences cover a line that needs one.

    Where all of it is covered, `granted` and `general_licence_asserted` take the place of the answer's own rule; else they stand beside it.
    """

    model_config = ConfigDict(extra="forbid")

    none: Rule
    applied: Rule
    returned_for_supplement: Rule
    granted: Rule
    granted_in_part: Rule
    refused: Rule
    general_licence_asserted: Rule
    unknown: Rule

    def rule(self, state: CoverState) -> Rule:
        rule: Rule = getattr(self, state)
        return rule


class PriceGrades(Contract):
    """A rule for each grade of price risk of which something is said. Of a grade without a rule nothing is said, and nothing is asked."""

    model_config = ConfigDict(extra="forbid")

    low: Rule | None = None
    medium: Rule | None = None
    high: Rule | None = None
    severe: Rule | None = None
    unknown: Rule | None = None

    def rule(self, grade: PriceGrade) -> Rule | None:
        rule: Rule | None = getattr(self, grade)
        return rule


class SupplyDecisions(Contract):
    """A rule for each decision of the stockpile advisor of which something is said on an order line. Of the others nothing is said."""

    model_config = ConfigDict(extra="forbid")

    order_now: Rule | None = None
    wait: Rule | None = None
    reduce: Rule | None = None
    cannot_fix: Rule | None = None
    unknown: Rule | None = None

    def rule(self, decision: Decision) -> Rule | None:
        rule: Rule | None = getattr(self, decision)
        return rule


class Circumstances(Contract):
    """A rule for everything beside the answers that a line or an order can be in."""

    model_config = ConfigDict(extra="forbid")

    listed_party: Rule
    unconfirmed: Rule
    human_check: Rule
    unlisted_flag: Rule
    """A flag that `flags` does not name."""
    unscreenable_line: Rule
    line_without_answer: Rule
    """The result says nothing about the line, or names no jurisdiction for it."""
    failed_result: Rule
    missing_result: Rule
    failed_price_risk: Rule | None = None
    missing_price_risk: Rule | None = None
    """Of lines that hold a material which may be priced, in place of the rules for any other result. None, as in policies from before there
    was price risk: nothing is said, because what is lawful does not wait for a price."""
    failed_supply_risk: Rule | None = None
    missing_supply_risk: Rule | None = None
    """The same of supply risk: what is lawful does not wait for a stock list either."""
    conflicting_revision: Rule
    cancelled: Rule
    closed: Rule
    order_without_lines: Rule
    superseded: Rule


class Policy(Contract):
    model_config = ConfigDict(extra="forbid")

    conditions: dict[Identifier, Text]
    answers: Answers
    flags: dict[Identifier, Rule]
    cover: Covers | None = None
    """None, as in policies from before there were licence cases: cover changes nothing."""
    price_grades: PriceGrades = PriceGrades()
    """Without rules, as in policies from before there was price risk, a price changes nothing."""
    supply_decisions: SupplyDecisions = SupplyDecisions()
    """Without rules, as in policies from before there was supply risk, stock changes nothing."""
    circumstances: Circumstances

    @model_validator(mode="after")
    def _conditions_are_spelled_out(self) -> Self:
        for name, rule in self.rules():
            for condition in rule.conditions:
                if condition not in self.conditions:
                    raise ValueError(f"{name} asks for {condition!r}, which `conditions` does not spell out")
        return self

    def rules(self) -> list[tuple[str, Rule]]:
        """Every rule with the path under which the file has it."""
        return [
            *((f"answers.{name}", getattr(self.answers, name)) for name in Answers.model_fields),
            *((f"flags.{name}", rule) for name, rule in self.flags.items()),
            *((f"cover.{name}", getattr(self.cover, name)) for name in (Covers.model_fields if self.cover is not None else ())),
            *_given("price_grades", self.price_grades),
            *_given("supply_decisions", self.supply_decisions),
            *_given("circumstances", self.circumstances),
        ]


def _given(section: str, rules: PriceGrades | SupplyDecisions | Circumstances) -> list[tuple[str, Rule]]:
    return [(f"{section}.{name}", rule) for name in type(rules).model_fields if (rule := getattr(rules, name)) is not None]
