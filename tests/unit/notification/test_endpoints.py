"""The endpoints file: what it says, what it may not say, and that secrets stay out of sight."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.notification.endpoints import EndpointsError, load_endpoints
from services.notification.settings import Settings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENTRY: dict[str, Any] = {"id": "erp", "url": "https://erp.example.com/hook", "secrets": [{"environment": "ERP_SECRET"}]}


def written(path: Path, *entries: dict[str, Any]) -> Path:
    file = path / "endpoints.yaml"
    file.write_text(json.dumps({"endpoints": entries}))
    return file


def test_yaml_with_secrets_from_environment_and_file(tmp_path: Path) -> None:
    (tmp_path / "old").write_text(SECRET + "\n")
    file = tmp_path / "endpoints.yaml"
    file.write_text(
        f"""
endpoints:
  - id: erp
    url: https://erp.example.com/hook
    events: [orestream.assessment.completed.v1, orestream.alert.raised.v1]
    secrets:
      - environment: ERP_SECRET
      - file: {tmp_path / "old"}
  - {{id: desk, url: "http://10.0.0.7:8080/", allow_http: true, secrets: [{{environment: ERP_SECRET}}]}}
"""
    )
    endpoints = load_endpoints(file, {"ERP_SECRET": SECRET})
    assert list(endpoints) == ["erp", "desk"]
    assert len(endpoints["erp"].keys) == 2
    assert endpoints["desk"].events == {"orestream.assessment.completed.v1"}


def test_a_secret_is_in_no_dump_and_no_repr(tmp_path: Path) -> None:
    endpoint = load_endpoints(written(tmp_path, ENTRY), {"ERP_SECRET": SECRET})["erp"]
    shown = f"{endpoint!r}{endpoint}{endpoint.model_dump_json()}"
    assert "MfKQ9r8G" not in shown
    assert repr(endpoint.keys[0]) not in shown


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"url": "http://erp.example.com/hook"}, "not encrypted"),
        ({"url": "ftp://erp.example.com"}, "https://host/path"),
        ({"url": "https:///hook"}, "https://host/path"),
        ({"url": "https://user:pass@erp.example.com/"}, "neither user and password"),
        ({"url": "https://münchen.example/"}, "Punycode"),
        ({"url": "https://erp.example.com/a b"}, "without spaces"),
        ({"id": "erp/1"}, "endpoints/0/id"),
        ({"events": ["orestream.order.created.v1"]}, "endpoints/0/events"),
        ({"secrets": []}, "endpoints/0/secrets"),
        ({"secrets": [{"environment": "A", "file": "b"}]}, "name one of them"),
        ({"secrets": [{"environment": "NOT_SET"}]}, "NOT_SET is not set"),
        ({"secrets": [{"file": "nowhere"}]}, "nowhere cannot be read"),
        ({"keys": ["AAAA"]}, "endpoints/0/keys"),
        ({"retry": True}, "endpoints/0/retry"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_place_and_the_reason(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    with pytest.raises(EndpointsError, match=reason) as refusal:
        load_endpoints(written(tmp_path, {**ENTRY, **change}), {"ERP_SECRET": SECRET})
    assert "MfKQ9r8G" not in str(refusal.value)


def test_a_secret_that_is_none_is_never_quoted(tmp_path: Path) -> None:
    with pytest.raises(EndpointsError, match="begins with whsec_") as refusal:
        load_endpoints(written(tmp_path, ENTRY), {"ERP_SECRET": "hunter2"})
    assert "hunter2" not in str(refusal.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(EndpointsError, match="cannot be read"):
        load_endpoints(tmp_path / "absent.yaml", {})
    (tmp_path / "broken.yaml").write_text("endpoints: [")
    with pytest.raises(EndpointsError, match="is not YAML"):
        load_endpoints(tmp_path / "broken.yaml", {})
    with pytest.raises(EndpointsError, match="names endpoint erp twice"):
        load_endpoints(written(tmp_path, ENTRY, ENTRY), {"ERP_SECRET": SECRET})


def test_settings_come_from_the_environment_and_say_what_is_wrong() -> None:
    settings = Settings.from_environment(
        {"ORESTREAM_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8, fd00::/8", "ORESTREAM_DELIVERY_RETENTION_DAYS": "30"}
    )
    assert [str(network) for network in settings.allowed_networks] == ["127.0.0.0/8", "fd00::/8"]
    assert settings.retention.days == 30
    assert settings.endpoints_file is None
    for wrong in ({"ORESTREAM_WEBHOOK_ALLOWED_NETWORKS": "10.0.0.0/99"}, {"ORESTREAM_WEBHOOK_CONCURRENCY": "0"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Settings.from_environment(wrong)
