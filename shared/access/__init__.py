"""API keys: who they are (`keys`) and the dependency that asks for them (`guard`). One piece of code for every service and the CLI."""

from shared.access.guard import Access, Require
from shared.access.keys import SCOPES, ApiKey, ApiKeys, Scope

__all__ = ["SCOPES", "Access", "ApiKey", "ApiKeys", "Require", "Scope"]
