"""What cannot be right is refused with the name of the setting."""

import pytest

from services.ledger.settings import LedgerSettings, SettingsError


def test_an_empty_environment_waits_for_every_service_that_gives_results() -> None:
    settings = LedgerSettings.from_environment({})
    assert settings.awaited == LedgerSettings("sqlite://").awaited == ("screening", "pricing-risk", "stockpile-advisor")
    assert (settings.partial_after_seconds, settings.final_after_seconds, settings.retention_years) == (2.0, 30.0, 10)


def test_services_to_wait_for_are_named_with_commas() -> None:
    assert LedgerSettings.from_environment({"ORESTREAM_AWAITED": "pricing-risk, screening"}).awaited == ("pricing-risk", "screening")


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"ORESTREAM_AWAITED": "screenings"}, "names 'screenings'; a round can wait for screening, pricing-risk, stockpile-advisor"),
        ({"ORESTREAM_AWAITED": ""}, "names nothing"),
        ({"ORESTREAM_PARTIAL_AFTER_SECONDS": "soon"}, "ORESTREAM_PARTIAL_AFTER_SECONDS is 'soon'"),
        ({"ORESTREAM_FINAL_AFTER_SECONDS": "-1"}, "has to be a number above 0"),
        ({"ORESTREAM_PARTIAL_AFTER_SECONDS": "40"}, "the partial assessment has to come first"),
        ({"ORESTREAM_RETENTION_YEARS": "nan"}, "ORESTREAM_RETENTION_YEARS"),
    ],
)
def test_a_setting_that_cannot_be_right_is_refused(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        LedgerSettings.from_environment(environ)
