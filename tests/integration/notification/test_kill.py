"""kill -9 of the service at any moment: deliveries are repeated under their webhook-id, none is lost."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable

from services.notification.domain.delivery import webhook_id
from tests.integration.notification.conftest import SECRET, Running, assessment
from tests.integration.notification.receiver import Answer, Received, Receiver
from tests.support.waiting import wait_until, wait_until_async


async def test_killed_again_and_again_it_delivers_every_event_and_records_it(running: Running, receiver: Callable[..., Receiver]) -> None:
    def unhurried(_: Received) -> Answer:
        time.sleep(0.02)  # the receiver's own work: kills fall between request and answer
        return Answer(200)

    erp = receiver(unhurried)
    running.partitions = 2
    running.endpoint("erp", erp, concurrency=2)
    endpoints = running.directory / "endpoints.yaml"
    endpoints.write_text(json.dumps({"endpoints": running.entries}))
    environment = {
        **os.environ,
        "ORESTREAM_ENDPOINTS_FILE": str(endpoints),
        "ORESTREAM_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "SECRET": SECRET,
    }
    events = [assessment(number, running.clock()) for number in range(120)]
    for event in events:
        running.write(event)
    chance = random.Random(7)
    for _ in range(3):
        before = len(erp.received)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.notification.process", running.url, "2"], env=environment, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        more = before + chance.randint(1, 25)
        wait_until(lambda more=more: len(erp.received) >= more, f"{more} requests")
        process.kill()
        process.wait()
        process.stdout.close()
    assert len({request.headers["webhook-id"] for request in erp.received}) < len(events)
    await running.start()
    log = await running.wait_for(len(events), state="delivered", seconds=20)
    assert {entry["webhook_id"] for entry in log} == {webhook_id(event.id, "erp") for event in events}
    assert {request.headers["webhook-id"] for request in erp.received} == {entry["webhook_id"] for entry in log}
    repeated = len(erp.received) - len(events)
    assert repeated <= 3 * 4, "no more than what was under way or unrecorded at a kill comes twice"

    async def nothing_left() -> bool:
        return not any(running.client.zcard(running.key("due:erp", partition)) for partition in range(2))

    await wait_until_async(nothing_left, "nothing is due any more")
