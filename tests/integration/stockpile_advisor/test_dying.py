"""An advisor that dies between making an advice and committing it: one advice, one alert of each kind, one result."""

import subprocess
import sys
from datetime import timedelta

from tests.integration.stockpile_advisor.desk import Desk


async def test_what_a_dead_process_had_made_is_said_once(redis_url: str) -> None:
    desk = Desk(redis_url)
    desk.report(policy_days=100, on_hand="300")
    desk.order(licence="yes")
    arguments = [sys.executable, "-m", "tests.integration.stockpile_advisor.dying_advisor", redis_url, desk.now.isoformat()]
    assert subprocess.run(arguments, timeout=60, check=False).returncode == -9
    assert desk.alerts() == []
    assert desk.advice() is None
    await desk.start()
    try:
        desk.now += timedelta(minutes=1)
        await desk.until_advised(inbound=500)
        await desk.settled()
        firing = [event["data"]["alert_key"] for event in desk.sent("alerts")]
        assert "stock_cover_below_policy:P1/DYOX" in firing
        assert len(firing) == len(set(firing))
        assert len(desk.sent("supply-risks")) == 1
        before = desk.advice()
    finally:
        await desk.stop()
    again = Desk(redis_url)
    again.now = desk.now + timedelta(minutes=1)
    await again.start()
    try:
        await again.settled()
        assert again.advice() == before  # what rests on the same is not made again by a start
        assert [event["data"]["alert_key"] for event in again.sent("alerts")] == firing
    finally:
        await again.stop()
