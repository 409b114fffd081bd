"""API keys on a real Redis, and the guard in front of routes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from shared.access import Access, ApiKeys
from shared.access.keys import sha256_of
from shared.bus import Bus, BusSettings
from shared.http_problem import Problem

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
async def keys(redis_url: str) -> AsyncIterator[ApiKeys]:
    bus = Bus(BusSettings(url=redis_url, group="test"))
    yield ApiKeys(bus.table(ApiKeys.TABLE))
    await bus.stop()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def refused(access: Access, authorization: str | None) -> int:
    with pytest.raises(Problem) as error:
        await access.admit(authorization, "orders:write")
    assert error.value.detail.endswith(".")
    return error.value.status


async def test_a_key_is_shown_once_and_kept_as_a_hash(keys: ApiKeys) -> None:
    secret, key = await keys.create("erp", ["orders:write"], now=NOW)
    assert secret.startswith("ore_")
    assert len(secret) > 40
    assert await keys.find(secret) == key
    assert await keys.find(secret + "x") is None
    assert key.sha256 == sha256_of(secret)
    assert secret not in key.model_dump_json()


async def test_keys_are_listed_in_the_order_they_were_made_and_revoked_by_id(keys: ApiKeys) -> None:
    made = [(await keys.create(name, ["admin"], now=NOW + timedelta(seconds=number)))[1] for number, name in enumerate("abc")]
    assert await keys.list() == made
    revoked = await keys.revoke(made[1].key_id, now=NOW)
    assert revoked.revoked_at == NOW
    assert (await keys.revoke(made[1].key_id, now=NOW + timedelta(days=1))).revoked_at == NOW
    assert [key.revoked_at for key in await keys.list()] == [None, NOW, None]
    with pytest.raises(LookupError):
        await keys.revoke("unknown", now=NOW)


async def test_the_guard_tells_who_may_pass(keys: ApiKeys) -> None:
    clock = Clock()
    access = Access(keys, clock)
    writer, _ = await keys.create("writer", ["orders:write"], now=NOW, expires_at=NOW + timedelta(hours=1))
    admin, _ = await keys.create("admin", ["admin"], now=NOW)
    reader, _ = await keys.create("reader", ["orders:read"], now=NOW)
    before = REGISTRY.get_sample_value("orestream_access_refused_total", {"reason": "unknown"}) or 0
    assert (await access.admit(f"Bearer {writer}", "orders:write")).name == "writer"
    assert (await access.admit(f"bearer  {admin}", "orders:write")).name == "admin"
    assert await refused(access, f"Bearer {reader}") == 403
    for header in (None, "", "Bearer", "Bearer ", f"Basic {writer}", writer, "Bearer ore_guessed", "Bearer \u00e9"):
        assert await refused(access, header) == 401
    assert REGISTRY.get_sample_value("orestream_access_refused_total", {"reason": "unknown"}) == before + 2
    clock.now += timedelta(hours=1)
    assert await refused(access, f"Bearer {writer}") == 401


async def test_a_revoked_key_is_refused_once_it_is_no_longer_remembered(keys: ApiKeys) -> None:
    clock = Clock()
    access = Access(keys, clock, remembered_for=timedelta(seconds=5))
    secret, key = await keys.create("erp", ["orders:write"], now=NOW)
    await access.admit(f"Bearer {secret}", "orders:write")
    await keys.revoke(key.key_id, now=NOW)
    await access.admit(f"Bearer {secret}", "orders:write")
    clock.now += timedelta(seconds=5)
    assert await refused(access, f"Bearer {secret}") == 401
