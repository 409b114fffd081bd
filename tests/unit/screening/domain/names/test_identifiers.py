"""Registry numbers: which say something, and when two are equal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.domain.names.identifiers import identifiers_of, is_lei, is_uscc

USCC = "91310000MA1FL00000"


def _with_check(body: str) -> str:
    digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return next(body + last for last in digits if is_uscc(body + last))


@given(st.text(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"), min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 30))
def test_one_wrong_character_of_a_credit_code_is_seen(body: str, place: int, shift: int) -> None:
    digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = _with_check(body)
    wrong = code[:place] + digits[(digits.index(code[place]) + shift) % 31] + code[place + 1 :]
    assert is_uscc(code)
    assert not is_uscc(wrong)


@pytest.mark.parametrize(
    ("lei", "valid"), [("529900T8BM49AURSDO55", True), ("529900T8BM49AURSDO56", False), ("529900T8BM49AURSDO5", False)]
)
def test_a_lei_has_two_check_digits(lei: str, valid: bool) -> None:
    assert is_lei(lei) is valid


def test_schemes_and_values_are_read_however_they_are_written() -> None:
    assert identifiers_of({"lei code": "5299 00T8-BM49AURSDO55", "duns": "12-345-6789", "Unified Social Credit Code": USCC}) == {
        ("LEI", "529900T8BM49AURSDO55"),
        ("DUNS", "123456789"),
    }


def test_a_number_that_cannot_be_one_says_nothing() -> None:
    assert identifiers_of({"DUNS": "n/a", "LEI": "unknown", "VAT": "-"}) == frozenset()
