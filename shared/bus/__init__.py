"""The only code that knows Redis Streams and FastStream. Services use the names exported here."""

from shared.bus.bus import Bus
from shared.bus.handling import one_by_one
from shared.bus.settings import BusSettings
from shared.bus.tables import Table

__all__ = ["Bus", "BusSettings", "Table", "one_by_one"]
