"""The endpoints file: where events are sent, which ones, and with which secrets they are signed.

    endpoints:
      - id: erp
        url: https://erp.example.com/hooks/orestream
        events: [orestream.assessment.completed.v1, orestream.alert.raised.v1]
        secrets:                                  # several while one is being replaced: each signs
          - environment: ERP_WEBHOOK_SECRET       # or
          - file: /run/secrets/erp_webhook

A secret itself never stands in the file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator

from services.notification.domain.signing import UnusableSecret, signing_key

EventType = Literal[
    "orestream.assessment.completed.v1",
    "orestream.assessment.partially_completed.v1",
    "orestream.assessment.superseded.v1",
    "orestream.alert.raised.v1",
    "orestream.alert.resolved.v1",
]


class EndpointsError(ValueError):
    """The endpoints file cannot be used; the text says where and what to do."""


class SecretSource(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.environment is None) == (self.file is None):
            raise ValueError("a secret comes from `environment` or from `file`: name one of them")
        return self

    def read(self, environment: Mapping[str, str]) -> bytes:
        if self.environment is not None:
            if self.environment not in environment:
                raise UnusableSecret(f"environment variable {self.environment} is not set")
            return signing_key(environment[self.environment].strip())
        assert self.file is not None
        try:
            return signing_key(self.file.read_text().strip())
        except OSError as error:
            raise UnusableSecret(f"file {self.file} cannot be read: {error.strerror}") from None


class Endpoint(BaseModel):
    """One receiver. `concurrency` bounds how many deliveries may wait for its answer at the same time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    url: str
    events: frozenset[EventType] = frozenset({"orestream.assessment.completed.v1"})
    secrets: Annotated[tuple[SecretSource, ...], Field(min_length=1, max_length=10)]
    allow_http: bool = False
    """Unencrypted http, for receivers inside one's own network."""
    concurrency: Annotated[int, Field(ge=1, le=100)] = 8
    _keys: tuple[bytes, ...] = PrivateAttr(default=())

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The signing keys, read once on loading; private, so that no dump and no repr shows them."""
        return self._keys

    @field_validator("url")
    @classmethod
    def _http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError("a url is https://host/path")
        if not url.isascii() or any(character <= " " for character in url):
            raise ValueError("a url is written in ASCII without spaces: the host in Punycode, other characters percent-encoded")
        if parts.username is not None or parts.fragment:
            raise ValueError("a url carries neither user and password nor a fragment; the signature says who sends")
        return url

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        if self.url.startswith("http:") and not self.allow_http:
            raise ValueError("the url is not encrypted; use https, or set allow_http: true for a receiver in your own network")
        return self


class _EndpointsFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoints: tuple[Endpoint, ...]


def load_endpoints(path: Path, environment: Mapping[str, str]) -> dict[str, Endpoint]:
    """The endpoints by id, each with its signing keys. YAML, and therefore JSON as well."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EndpointsError(f"The endpoints file {path} cannot be read: {error.strerror}. Correct ORESTREAM_ENDPOINTS_FILE.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise EndpointsError(f"The endpoints file {path} is not YAML: {error}") from None
    try:
        content = _EndpointsFile.model_validate(document)
    except ValidationError as error:
        issues = "; ".join(
            f"{'/'.join(map(str, issue['loc']))}: {issue['msg']}" for issue in error.errors(include_input=False, include_url=False)
        )
        raise EndpointsError(f"The endpoints file {path} cannot be used: {issues}.") from None
    endpoints: dict[str, Endpoint] = {}
    for endpoint in content.endpoints:
        if endpoint.id in endpoints:
            raise EndpointsError(f"The endpoints file {path} names endpoint {endpoint.id} twice; an id belongs to one endpoint.")
        try:
            endpoint._keys = tuple(source.read(environment) for source in endpoint.secrets)
        except UnusableSecret as error:
            raise EndpointsError(f"The secret of endpoint {endpoint.id} in {path} cannot be used: {error}.") from None
        endpoints[endpoint.id] = endpoint
    return endpoints
