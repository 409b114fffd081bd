"""On which days goods may leave: export law binds on the day of departure."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.screening.domain.deliveries import deliveries
from shared.contracts.order import SnapshotLine


@dataclass(slots=True, frozen=True)
class Departure:
    """The first and the last day, both included, on which the goods are expected to leave. A fixed day is not moved by a licence queue."""

    earliest: date
    latest: date
    fixed: bool = False

    def delayed_by(self, days: int) -> "Departure":
        """The same with a wait of that many days from the earliest day, where the day is not fixed."""
        if self.fixed or days <= 0:
            return self
        return Departure(self.earliest, max(self.latest, self.earliest + timedelta(days=days)))


def departure(line: SnapshotLine, today: date, valid_on: date | None) -> Departure:
    """The interval for a line: the day asked for, else the actual day, else from today or the expected day to the last one requested."""
    fixed = valid_on or line.departed_on
    if fixed is not None:
        return Departure(fixed, fixed, fixed=True)
    expected = line.expected_departure_on
    earliest = max(today, expected) if expected is not None else today
    if not line.shipments:
        return Departure(earliest, max([earliest, *(schedule.date for schedule in line.requested_delivery)]))
    still_open = [each for each in deliveries(line, today) if not each.departed]
    positions = [each.schedule_position for each in still_open if each.schedule_position is not None]
    scheduled = [line.requested_delivery[position - 1].date for position in positions]
    return Departure(earliest, max([earliest, *scheduled, *(each.leaves_on for each in still_open)]))
