"""Currency codes as senders write them. ISO 4217 through the `iso4217` package; the aliases are common and mean one currency each."""

from iso4217 import Currency

CODES = frozenset(currency.code for currency in Currency)

_ALIASES = {"RMB": "CNY", "CNH": "CNY", "STG": "GBP", "€": "EUR", "$US": "USD", "US$": "USD", "£": "GBP", "EURO": "EUR", "YEN": "JPY"}


def alphabetic(written: str) -> str | None:
    """The ISO 4217 code for what a sender wrote; None where no currency is known by it."""
    wanted = written.strip().upper()
    return wanted if wanted in CODES else _ALIASES.get(wanted)
