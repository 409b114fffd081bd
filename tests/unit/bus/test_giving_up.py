"""Dead letters say everything that is needed to understand and to try again."""

from datetime import UTC, datetime

from shared.bus.giving_up import dead_letter, give_up
from shared.bus.types import Delivery, Effects
from shared.contracts.dead_letter import DeadLetterEvent

DELIVERY = Delivery("orders", 3, "1700000000000-7", b'{"traceparent":"00-' + b"a" * 32 + b"-" + b"b" * 16 + b'-01"}', 2)


def test_a_dead_letter_reads_back() -> None:
    effects = give_up("ledger", DELIVERY, KeyError("what"), 1_700_000_005_000, None)
    ((stream, event),) = effects.outputs
    letter = DeadLetterEvent.model_validate_json(event)
    assert stream == "dead-letters"
    assert (letter.type, letter.subject, letter.source) == ("orestream.event.dead_lettered.v1", "orders/ledger", "orestream/ledger")
    assert letter.time == letter.data.last_seen == datetime(2023, 11, 14, 22, 13, 25, tzinfo=UTC)
    assert letter.data.first_seen == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (letter.data.partition, letter.data.entry_id, letter.data.deliveries) == (3, "1700000000000-7", 2)
    assert (letter.data.error_class, letter.data.error, letter.data.original) == ("KeyError", "'what'", DELIVERY.event)
    assert letter.traceparent is not None
    assert letter.traceparent.startswith("00-" + "a" * 32)


def test_its_id_is_derived_so_that_a_second_one_is_the_same() -> None:
    one, two = (dead_letter("ledger", "orders", 0, "1-1", b"x", ValueError("a"), 1, now_ms) for now_ms in (1_000, 2_000))
    assert DeadLetterEvent.model_validate_json(one).id == DeadLetterEvent.model_validate_json(two).id


def test_an_original_may_be_anything_and_an_error_may_say_nothing() -> None:
    for original in (b"", b"\xff\x00", b"[]", b'"text"', b'{"traceparent":7}', b"\xed\xa0\x80"):
        letter = DeadLetterEvent.model_validate_json(dead_letter("ledger", "orders", 0, "1-1", original, ValueError(), 1, 5))
        assert letter.data.original == original
        assert letter.data.error == "ValueError"


def test_a_clock_behind_the_servers_does_not_put_the_last_look_before_the_first() -> None:
    letter = DeadLetterEvent.model_validate_json(dead_letter("ledger", "orders", 0, "5000-1", b"", ValueError(), 1, 1_000))
    assert letter.data.first_seen <= letter.data.last_seen


def test_what_the_service_adds_comes_along_and_its_failure_does_not_matter() -> None:
    added = give_up("ledger", DELIVERY, ValueError("no"), 1, lambda delivery, error: Effects(outputs=[("assessments", b"failed")]))
    assert [stream for stream, _ in added.outputs] == ["assessments", "dead-letters"]

    def broken(delivery: Delivery, error: Exception) -> Effects:
        raise RuntimeError("the hook is broken, too")

    alone = give_up("ledger", DELIVERY, ValueError("no"), 1, broken)
    assert [stream for stream, _ in alone.outputs] == ["dead-letters"]
