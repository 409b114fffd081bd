"""What the routes work with."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime

from services.gateway.answers import Answers
from services.gateway.bodies import Budget
from services.gateway.intake import Intake
from services.gateway.master_data import MasterData
from services.gateway.refreshing import Refreshing
from services.gateway.settings import Settings
from services.gateway.store import OrderStore
from services.gateway.waiting import Waiting
from shared.bus import Bus


@dataclass(slots=True, frozen=True)
class Parts:
    bus: Bus
    settings: Settings
    intake: Intake
    store: OrderStore
    master_data: MasterData
    refreshing: Refreshing
    answers: Answers
    waiting: Waiting
    executor: Executor
    bodies: Budget
    clock: Callable[[], datetime]
