"""How Orestream is watched: logs, metrics, health, and the HTTP application that shows them."""

from shared.observability.application import application
from shared.observability.logs import configure_logging

__all__ = ["application", "configure_logging"]
