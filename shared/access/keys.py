"""API keys: made here, shown once, kept only as a hash.

A key is 256 random bits, so there is nothing to guess and a plain SHA-256 is enough: slow password hashes (bcrypt, Argon2) protect secrets
that people choose, and would cost every request tens of milliseconds.
"""

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, get_args

from pydantic import Field

from shared.contracts.base import Contract, Identifier, Instant, Name, Sha256

PREFIX = "ore_"

Scope = Literal[
    "orders:write",
    "orders:read",
    "master-data:write",
    "master-data:read",
    "assessments:read",
    "deliveries:read",
    "licences:write",
    "prices:write",
    "stock:write",
    "lists:write",
    "clearances:write",
    "regulations:write",
    "admin",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""`admin` includes every other scope."""


class ApiKey(Contract):
    """What is kept of a key. `key_id` names it in lists and logs; the key itself cannot be recovered."""

    key_id: Identifier
    name: Name
    scopes: list[Scope] = Field(min_length=1)
    sha256: Sha256
    created_at: Instant
    expires_at: Instant | None = None
    revoked_at: Instant | None = None

    def usable(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def allows(self, scope: Scope) -> bool:
        return scope in self.scopes or "admin" in self.scopes


class KeyTable(Protocol):
    """The part of a bus table that keys need."""

    async def get_many(self, ids: Sequence[str]) -> list[bytes | None]: ...
    async def put_many(self, values: Mapping[str, bytes]) -> None: ...
    def scan(self) -> AsyncIterator[tuple[str, bytes]]: ...


def sha256_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKeys:
    """The keys in the bus's table `api-keys`, each under its hash."""

    TABLE = "api-keys"

    def __init__(self, table: KeyTable) -> None:
        self._table = table

    async def create(self, name: str, scopes: Sequence[Scope], *, now: datetime, expires_at: datetime | None = None) -> tuple[str, ApiKey]:
        """The key, which is never shown again, and what is kept of it."""
        secret = PREFIX + secrets.token_urlsafe(32)
        digest = sha256_of(secret)
        key = ApiKey(key_id=digest[:12], name=name, scopes=list(scopes), sha256=digest, created_at=now, expires_at=expires_at)
        await self._table.put_many({digest: key.model_dump_json().encode()})
        return secret, key

    async def find(self, secret: str) -> ApiKey | None:
        """The key with this secret, usable or not; None where there is none."""
        digest = sha256_of(secret)
        stored = (await self._table.get_many([digest]))[0]
        if stored is None:
            return None
        key = ApiKey.model_validate_json(stored)
        return key if hmac.compare_digest(key.sha256, digest) else None

    async def list(self) -> list[ApiKey]:
        keys = [ApiKey.model_validate_json(value) async for _, value in self._table.scan()]
        return sorted(keys, key=lambda key: key.created_at)

    async def revoke(self, key_id: str, *, now: datetime) -> ApiKey:
        """The key as it is now. Raises LookupError where no key has this id; a key revoked before keeps its first date."""
        for key in await self.list():
            if key.key_id == key_id:
                revoked = key if key.revoked_at else key.model_copy(update={"revoked_at": now})
                await self._table.put_many({key.sha256: revoked.model_dump_json().encode()})
                return revoked
        raise LookupError(f"no API key has the id {key_id}; `orestream keys list` shows them")
