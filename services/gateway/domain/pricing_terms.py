"""Pricing terms that contradict themselves or leave out what they rest on: kept as they are, and told."""

from collections.abc import Iterator

from shared.contracts.order import Issue
from shared.contracts.price import PricingTerms

INCOMPLETE = "PRICING_TERMS_INCOMPLETE"
CONTRADICT = "PRICING_TERMS_CONTRADICT"


def terms_issues(terms: PricingTerms, path: str) -> Iterator[Issue]:
    """`path` is that of the terms in the order, as a JSON pointer."""
    for code, name, message in (*_left_out(terms), *_contradictions(terms)):
        yield Issue(code=code, path=f"{path}/{name}", severity="warning", message=message)


def _left_out(terms: PricingTerms) -> Iterator[tuple[str, str, str]]:
    if terms.kind != "fixed" and terms.index is None:
        yield INCOMPLETE, "index", f"The price is said to follow an index ({terms.kind}), and no index is named; give index.material."
    if terms.kind == "average":
        for name, which in (("quotation_from", "first"), ("quotation_to", "last")):
            if getattr(terms, name) is None:
                yield INCOMPLETE, name, f"The price is an average, and the {which} day of its quotation period is not said; give {name}."
    if terms.priced_at == "date" and terms.pricing_on is None:
        yield INCOMPLETE, "pricing_on", "The price is set on a date, and the date is not said; give pricing_on."


def _contradictions(terms: PricingTerms) -> Iterator[tuple[str, str, str]]:
    first, last = terms.quotation_from, terms.quotation_to
    if first is not None and last is not None and last < first:
        yield CONTRADICT, "quotation_to", f"The quotation period ends on {last}, before it begins on {first}; correct one of the two days."
    if terms.kind == "fixed":
        for name in ("index", "factor", "premium"):
            if getattr(terms, name) is not None:
                told = f"The price is said to be fixed, and the terms have {name}; say index or formula as kind, or leave it out."
                yield CONTRADICT, name, told
    elif terms.factor is not None and terms.factor <= 0:
        yield CONTRADICT, "factor", f"A factor of {terms.factor:f} would make the price fall as the index rises, or not move; correct it."
    if terms.pricing_on is not None and terms.priced_at not in (None, "date"):
        yield (
            CONTRADICT,
            "pricing_on",
            f"The price is set at {terms.priced_at}, and yet pricing_on names {terms.pricing_on}; say date, or leave the day out.",
        )
