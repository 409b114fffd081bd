"""How commands reach the running system: through its Redis, configured or embedded."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from services.commands.terminal import refuse

if TYPE_CHECKING:
    from shared.bus import Bus

Result = TypeVar("Result")


def on_bus(work: "Callable[[Bus], Awaitable[Result]]", group: str = "command") -> Result:
    """Runs `work` on a bus of the configured or the running embedded Redis, as a member of `group` that consumes nothing."""
    from services.process import ProcessSettings, SettingsError
    from shared.bus import Bus

    async def run() -> Result:
        settings = ProcessSettings.from_environment(os.environ)
        bus = Bus(settings.bus(group, settings.running_redis_url()))
        try:
            return await work(bus)
        finally:
            await bus.stop()

    try:
        return asyncio.run(run())
    except (SettingsError, OSError) as error:
        refuse(str(error))
