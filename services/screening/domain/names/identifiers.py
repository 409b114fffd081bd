"""Registry numbers of parties: what makes two of them equal, and what makes one a number at all."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

_ALIASES: Final = {
    "unifiedsocialcreditcode": "USCC", "usci": "USCC", "uscc": "USCC", "creditcode": "USCC", "socialcreditcode": "USCC",
    "统一社会信用代码": "USCC", "lei": "LEI", "leicode": "LEI", "legalentityidentifier": "LEI", "duns": "DUNS", "dunsnumber": "DUNS",
    "dnb": "DUNS", "imo": "IMO", "imonumber": "IMO", "vat": "VAT", "vatcode": "VAT", "vatnumber": "VAT", "swift": "BIC",
    "swiftbic": "BIC", "bic": "BIC", "inn": "INN", "innnumber": "INN", "ogrn": "OGRN", "taxid": "TAX", "taxnumber": "TAX",
    "registrationnumber": "REGISTRATION",
}  # fmt: skip
_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")
_USCC_DIGITS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ONE_PER_PARTY: Final = frozenset({"USCC", "LEI"})
"""Schemes of which a legal person has one: two valid ones that differ are two parties."""


def identifiers_of(written: Mapping[str, str] | Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Scheme and value as they are compared; a value with a wrong check digit, or none at all, says nothing and is left out."""
    pairs = written.items() if isinstance(written, Mapping) else written
    read = ((scheme_of(scheme), _NOT_ALPHANUMERIC.sub("", value).upper()) for scheme, value in pairs)
    return frozenset((scheme, value) for scheme, value in read if is_valid(scheme, value))


def scheme_of(written: str) -> str:
    plain = _NOT_ALPHANUMERIC.sub("", written).casefold()
    return _ALIASES.get(plain, plain.upper())


def is_valid(scheme: str, value: str) -> bool:
    """Whether a value can be one of its scheme. Of a scheme that is not known here, anything of four characters and more."""
    if scheme == "USCC":
        return is_uscc(value)
    if scheme == "LEI":
        return is_lei(value)
    if scheme == "DUNS":
        return len(value) == 9 and value.isdigit()
    return len(value) >= 4


def is_uscc(value: str) -> bool:
    """GB 32100-2015: 18 characters of 31, the last one a check character."""
    if len(value) != 18 or any(character not in _USCC_DIGITS for character in value):
        return False
    total = sum(_USCC_DIGITS.index(character) * pow(3, place, 31) for place, character in enumerate(value[:17]))
    return _USCC_DIGITS[-total % 31] == value[17]


def is_lei(value: str) -> bool:
    """ISO 17442: 20 characters whose digits, letters read as 10 to 35, leave 1 when divided by 97 (ISO 7064)."""
    if len(value) != 20 or not value.isascii() or not value.isalnum() or not value[18:].isdigit():
        return False
    return int("".join(str(int(character, 36)) for character in value)) % 97 == 1
