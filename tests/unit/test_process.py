from pathlib import Path

import pytest

from services.process import ProcessSettings, SettingsError, asyncapi_document, with_defaults


def test_without_a_setting_everything_is_embedded_and_local(tmp_path: Path) -> None:
    settings = ProcessSettings.from_environment({"ORESTREAM_DATA_DIRECTORY": str(tmp_path)})
    assert (settings.redis_url, settings.partitions, settings.host, settings.port) == (None, 1, "127.0.0.1", 8080)
    assert with_defaults({}, settings)["DATABASE_URL"] == f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.mark.parametrize(
    ("name", "value"),
    [("ORESTREAM_PARTITIONS", "0"), ("ORESTREAM_PARTITIONS", "many"), ("ORESTREAM_HTTP_PORT", "70000"), ("ORESTREAM_HTTP_PORT", "-1")],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_it_takes(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is '{value}'; it takes a whole number"):
        ProcessSettings.from_environment({name: value})


def test_the_replay_window_reaches_the_bus() -> None:
    bus = ProcessSettings.from_environment({"ORESTREAM_REPLAY_WINDOW_HOURS": "2"}).bus("ledger", "redis://elsewhere")
    assert bus.replay_window_seconds == 7200


def test_a_command_finds_the_embedded_redis_that_runs_on_its_data_directory(tmp_path: Path) -> None:
    settings = ProcessSettings.from_environment({"ORESTREAM_DATA_DIRECTORY": str(tmp_path)})
    with pytest.raises(SettingsError, match="orestream up"):
        settings.running_redis_url()
    (tmp_path / "redis.url").write_text("unix:///somewhere/redis.sock\n")
    assert settings.running_redis_url() == "unix:///somewhere/redis.sock"
    set_by_hand = ProcessSettings.from_environment({"REDIS_URL": "redis://elsewhere", "ORESTREAM_DATA_DIRECTORY": str(tmp_path)})
    assert set_by_hand.running_redis_url() == "redis://elsewhere"


def test_the_asyncapi_document_names_every_stream_that_services_use() -> None:
    addresses = {channel["address"] for channel in asyncapi_document()["channels"].values()}
    assert {"orders", "screenings", "assessments", "alerts", "dead-letters", "reference-changes"} <= addresses
