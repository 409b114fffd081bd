"""The only code that knows Redis Streams and FastStream. Services use the names exported here."""

from shared.bus.bus import Bus
from shared.bus.handling import in_a_thread, one_by_one
from shared.bus.settings import BusSettings
from shared.bus.tables import Table
from shared.bus.timer_names import by_beginning

__all__ = ["Bus", "BusSettings", "Table", "by_beginning", "in_a_thread", "one_by_one"]
