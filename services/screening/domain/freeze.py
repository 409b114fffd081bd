"""A freeze rule: what a person knows of a control minutes after its announcement, made into a draft instrument that acts at once."""

import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from services.screening.domain.goods import Product
from services.screening.domain.instrument import ElementSymbol, Instrument, Sentence, Signed, Source, TariffCode
from services.screening.domain.law import Law
from services.screening.domain.wording import day_text
from services.screening.domain.words import ELEMENT_NAMES, element_names, joined
from shared.chemistry.elements import WATCHED
from shared.contracts.base import CountryCode
from shared.contracts.canonical import derive_id
from shared.contracts.screening import Jurisdiction

LAPSES_AFTER = timedelta(days=14)
LAPSES_WITHIN = timedelta(days=92)
"""A draft that would stand for longer is to be confirmed."""
PRODUCTS: tuple[str, ...] = get_args(Product)
_SYMBOLS = {name: symbol for symbol, name in ELEMENT_NAMES.items()}
_COUNTRIES = {"CN": "China", "US": "the United States", "JP": "Japan", "KR": "Korea", "TW": "Taiwan", "GB": "the United Kingdom"}
_COUNTRIES |= {"DE": "Germany", "FR": "France", "IN": "India", "RU": "Russia", "EU": "the European Union", "VN": "Vietnam"}


class FreezeRefused(ValueError):
    """The rule cannot be made; the sentence says why."""


def _element(text: Any) -> Any:
    return _SYMBOLS.get(text.strip().casefold(), text.strip().title()) if isinstance(text, str) else text


def _digits(text: Any) -> Any:
    return "".join(text.replace(".", " ").split()) if isinstance(text, str) else text


def _product(text: Any) -> Any:
    return text.strip().casefold().replace(" ", "_").replace("-", "_") if isinstance(text, str) else text


def _country(text: Any) -> Any:
    return text.strip().upper() if isinstance(text, str) else text


def _plain(text: Any) -> Any:
    """One line; what cannot be seen would stand in every sentence made of it."""
    if isinstance(text, str):
        text = " ".join(text.split())
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
            raise ValueError("it holds characters that cannot be seen; write it without them")
    return text


Place = Annotated[str, BeforeValidator(_country), Field(pattern=r"^[A-Z][A-Z_]*$", max_length=40)]


class FreezeRule(Source):
    """Goods of all that is given of elements, kinds and tariff lines; those that leave a country, are made in one, or both."""

    elements: list[Annotated[ElementSymbol, BeforeValidator(_element)]] = Field(default=[], max_length=40)
    """Symbols or English names."""
    products: list[Annotated[Product, BeforeValidator(_product)]] = Field(default=[], max_length=40)
    tariff: list[Annotated[TariffCode, BeforeValidator(_digits)]] = Field(default=[], max_length=500)
    """4, 6, 8 or 10 digits."""
    leaves: Annotated[CountryCode, BeforeValidator(_country)] | None = None
    """The country whose border counts; where neither it nor an origin is given, that of the jurisdiction."""
    origin: list[Annotated[CountryCode, BeforeValidator(_country)]] = Field(default=[], max_length=40)
    destination: list[Place] = Field(default=[], max_length=40)
    """Countries, or regions of the common terms; empty: any."""
    effect: Literal["licence_required", "prohibited"] = "licence_required"
    valid_from: date
    valid_to: date | None = None
    """The first day on which it no longer holds, as far as was announced."""
    lapses_on: date | None = None
    """When it stops acting unless a second person confirms it; 14 days from its entry where not given."""
    reason: Annotated[Sentence, Field(max_length=500), BeforeValidator(_plain)]
    source: Annotated[str, Field(min_length=4, max_length=500), BeforeValidator(_plain)]
    """Where it was read or heard."""
    jurisdiction: Jurisdiction = "CN"

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if not (self.elements or self.products or self.tariff):
            raise ValueError("name what it is about: elements, kinds of goods or tariff lines")
        unread = [symbol for symbol in self.elements if symbol not in WATCHED]
        if unread:
            raise ValueError(
                f"goods are not read for {element_names(unread)}, so that the rule would miss them; give tariff lines instead. "
                f"Elements that are read: {', '.join(sorted(WATCHED))}"
            )
        if self.jurisdiction == "EU" and self.leaves is None and not self.origin:
            raise ValueError("say which country the goods leave, or where they are made")
        return self


def read_freeze_rule(given: object) -> FreezeRule:
    """Raises FreezeRefused naming every mistake."""
    try:
        return FreezeRule.model_validate(given)
    except ValidationError as error:
        found = [
            f"{'.'.join(map(str, one['loc'])) or 'the rule'}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors(include_url=False)
        ]
        raise FreezeRefused("; ".join(found) + ".") from error


def draft_of(rule: FreezeRule, law: Law, entered: Signed) -> Instrument:
    """The draft that says the rule; the same rule entered on the same day has the same id. Raises FreezeRefused."""
    today = entered.at.date()
    lapses_on = rule.lapses_on or today + LAPSES_AFTER
    if not today < lapses_on <= today + LAPSES_WITHIN:
        raise FreezeRefused(
            f"The rule lapses on {lapses_on}; that is to be after {today}, and within {LAPSES_WITHIN.days} days. Confirmed, it stays."
        )
    if rule.valid_to is not None and rule.valid_to <= rule.valid_from:
        raise FreezeRefused(f"The rule ends on {rule.valid_to} before it starts on {rule.valid_from}.")
    unknown = [place for place in rule.destination if len(place) != 2 and place not in law.regions]
    if unknown:
        raise FreezeRefused(f"{unknown[0]} is neither a country code nor a region; regions are {', '.join(sorted(law.regions))}.")
    documents = "cn_dual_use_licence" if rule.jurisdiction == "CN" and rule.effect == "licence_required" else None
    subject = _subject(rule)
    return Instrument.model_validate(
        {
            "id": _id(rule, today),
            "name": f"Freeze rule of {day_text(today)} on {subject}",
            "title": rule.reason.rstrip("."),
            "jurisdiction": rule.jurisdiction,
            "authority": "not seen: entered by hand",
            "issued": min(today, rule.valid_from),
            "status": "draft",
            "lapses_on": lapses_on,
            "entered": entered,
            "citations": {"announcement": {"source": rule.source, "checked_on": today, "confidence": "low"}},
            "items": [
                {
                    "code": "freeze",
                    "title": _title(rule),
                    "group": _group(rule, law),
                    "elements": rule.elements,
                    "when": _goods(rule),
                    "tariff": [{"code": code, "year": today.year} for code in rule.tariff] if not (rule.elements or rule.products) else [],
                    "pointers": {"products": [] if rule.elements else rule.products},
                    "citation": "announcement",
                }
            ],
            "limbs": [
                {
                    "id": "freeze",
                    "effect": rule.effect,
                    "items": "all",
                    "when": _trade(rule),
                    "valid_from": rule.valid_from,
                    "valid_to": rule.valid_to,
                    "sentence": _sentence(rule),
                    "documents": documents if documents in law.common.documents else None,
                    "citation": "announcement",
                }
            ],
        }
    )


def _id(rule: FreezeRule, today: date) -> str:
    about = rule.elements or [product.replace("_", "-") for product in rule.products] or rule.tariff
    content = rule.model_dump_json(exclude={"lapses_on"})
    return "-".join(["draft", today.isoformat(), "-".join(about[:3]).lower()[:40].rstrip("-"), derive_id("freeze", content)[:8]])


def _goods(rule: FreezeRule) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    if rule.elements:
        parts.append({"present": "listed"})
    if rule.products:
        parts.append({"product": rule.products})
    if rule.tariff:
        question = f"Under which tariff line are the goods declared; is it {_lines(rule)}?"
        parts.append({"tariff": rule.tariff, "question": question, "decides": True})
    return parts[0] if len(parts) == 1 else {"all": parts}


def _trade(rule: FreezeRule) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    leaves = rule.leaves or (None if rule.origin else rule.jurisdiction)
    if leaves:
        parts.append({"leaves": leaves})
    if rule.origin:
        parts.append({"origin": rule.origin})
    if rule.destination:
        parts.append({"destination": rule.destination})
    return parts[0] if len(parts) == 1 else {"all": parts}


def _group(rule: FreezeRule, law: Law) -> str:
    """The kind of material as the law names it, so that the queues of its licences are reckoned with; a kind of its own otherwise."""
    wanted = set(rule.elements)
    groups = {item.group for item in law.items if wanted & set(item.elements)}
    return groups.pop() if len(groups) == 1 else "freeze"


def _title(rule: FreezeRule) -> str:
    kinds = f" of the kind {_any_of(product.replace('_', ' ') for product in rule.products)}" if rule.products else ""
    content = f" containing {_any_of(ELEMENT_NAMES.get(symbol, symbol) for symbol in rule.elements)}" if rule.elements else ""
    lines = f" under {_lines(rule)}" if rule.tariff else ""
    return f"goods{kinds}{content}{lines}"


def _subject(rule: FreezeRule) -> str:
    return element_names(rule.elements) or joined([product.replace("_", " ") for product in rule.products]) or _lines(rule)


def _lines(rule: FreezeRule) -> str:
    if len(rule.tariff) > 8:
        return f"one of {len(rule.tariff)} tariff lines from {rule.tariff[0]} to {rule.tariff[-1]}"
    return f"tariff line {_any_of(rule.tariff)}"


def _sentence(rule: FreezeRule) -> str:
    made = f" made in {_any_of(map(_place, rule.origin))}" if rule.origin else ""
    leaves = rule.leaves or (None if rule.origin else rule.jurisdiction)
    leaving = f" leaving {_place(leaves)}" if leaves else ""
    going = f" for {_any_of(map(_place, rule.destination))}" if rule.destination else ""
    reason = rule.reason.rstrip(".").replace("{", "{{").replace("}", "}}")
    says = "{needs} an export licence" if rule.effect == "licence_required" else "may not be exported"
    return f"{{goods}}{made}{leaving}{going} {says}: {reason}."


def _place(code: str) -> str:
    return _COUNTRIES.get(code, code)


def _any_of(words: Iterable[str]) -> str:
    """a, b or c."""
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"
