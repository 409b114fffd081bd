"""Who may call what: the FastAPI dependency in front of every route that reads or changes something."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from fastapi import Request
from prometheus_client import Counter

from shared.access.keys import ApiKey, ApiKeys, Scope, sha256_of
from shared.http_problem import Problem

REFUSED = Counter("orestream_access_refused_total", "Requests refused for want of a usable API key.", ["reason"])

REMEMBERED_KEYS = 4096

Require = Callable[[Scope], Callable[..., Awaitable[ApiKey]]]
"""From a scope to the dependency that lets a request through and hands its key on, or refuses it: `Access.require`."""


class Access:
    """Looks keys up and remembers them briefly: a revoked key works on for at most `remembered_for` in a process that has just used it."""

    def __init__(self, keys: ApiKeys, clock: Callable[[], datetime], remembered_for: timedelta = timedelta(seconds=5)) -> None:
        self._keys = keys
        self._clock = clock
        self._remembered_for = remembered_for
        self._remembered: OrderedDict[str, tuple[ApiKey | None, datetime]] = OrderedDict()

    def require(self, scope: Scope) -> Callable[[Request], Awaitable[ApiKey]]:
        """A dependency that lets a request through with a key of this scope and hands that key on; 401 or 403 otherwise."""

        async def admitted(request: Request) -> ApiKey:
            return await self.admit(request.headers.get("authorization"), scope)

        return admitted

    async def admit(self, authorization: str | None, scope: Scope) -> ApiKey:
        """The usable key in an Authorization header. Raises Problem."""
        kind, _, secret = (authorization or "").partition(" ")
        secret = secret.strip()
        if kind.lower() != "bearer" or not secret:
            raise self._unauthorised("missing", "Send an API key as `Authorization: Bearer ore_…`; `orestream keys create` makes one.")
        now = self._clock()
        key = await self._find(secret, now)
        if key is None:
            raise self._unauthorised("unknown", "This API key is not known here; `orestream keys list` shows those that are.")
        if not key.usable(now):
            ended = "was revoked" if key.revoked_at else "has expired"
            raise self._unauthorised("ended", f"The API key {key.key_id} ({key.name}) {ended}; make another with `orestream keys create`.")
        if not key.allows(scope):
            REFUSED.labels("scope").inc()
            raise Problem(
                403,
                "Scope missing",
                f"The API key {key.key_id} ({key.name}) lacks the scope {scope}; it has {', '.join(key.scopes)}.",
            )
        return key

    async def _find(self, secret: str, now: datetime) -> ApiKey | None:
        digest = sha256_of(secret)
        remembered = self._remembered.get(digest)
        if remembered is not None and now < remembered[1]:
            return remembered[0]
        key = await self._keys.find(secret)
        self._remembered[digest] = (key, now + self._remembered_for)
        self._remembered.move_to_end(digest)
        while len(self._remembered) > REMEMBERED_KEYS:
            self._remembered.popitem(last=False)
        return key

    def _unauthorised(self, reason: str, detail: str) -> Problem:
        REFUSED.labels(reason).inc()
        return Problem(401, "API key needed", detail, headers={"WWW-Authenticate": 'Bearer realm="orestream"'})
