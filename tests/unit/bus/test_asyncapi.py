"""The AsyncAPI document says what the buses register, and says it the same way every time."""

from shared.bus import Bus, BusSettings
from shared.bus.asyncapi import document
from shared.bus.types import Effects
from shared.contracts.order import OrderEvent
from shared.contracts.screening import ScreeningEvent


def bus() -> Bus:
    async def handle(deliveries, state):
        return [Effects() for _ in deliveries]

    bus = Bus(BusSettings(url="redis://127.0.0.1:1/0", group="screening"))
    bus.on("orders", handle, event=OrderEvent)
    bus.emits("screenings", ScreeningEvent)
    return bus


async def test_channels_operations_and_payloads() -> None:
    described = bus().asyncapi()
    assert described["asyncapi"] == "3.0.0"
    assert {channel["address"] for channel in described["channels"].values()} == {"orders", "screenings"}
    assert {(name, operation["action"]) for name, operation in described["operations"].items()} == {
        ("screening.receives.orders", "receive"),
        ("screening.sends.screenings", "send"),
    }
    assert {"OrderSnapshot", "Event[OrderSnapshot]"} <= set(described["components"]["schemas"])
    assert described["channels"]["screening.receives.orders"]["bindings"]["redis"]["groupName"] == "screening"


async def test_it_is_the_same_every_time_and_several_services_fit_in_one() -> None:
    assert bus().asyncapi() == bus().asyncapi()
    both = document([bus().described, bus().described], title="Orestream", version="1")
    assert len(both["operations"]) == 2
