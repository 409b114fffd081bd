"""Whoever tampers with the book is found; what was decided can be made again; what is past its retention goes without breaking a chain."""

import zlib
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from services.ledger import store
from services.ledger.audit import UnknownDecision, prune, replay, verify
from services.ledger.domain.receipt import Head
from shared.contracts.canonical import sha256_hex
from shared.contracts.screening import Answer
from tests.integration.ledger.desk import POLICY, Desk, emitted
from tests.support.orders import MOMENT, order_event
from tests.support.results import price_risk_event, screening_event, supply_risk_event

REGULATIONS, PARTIES = b'{"law": "as data"}', b'[{"listed": "party"}]'


async def keep_book(engine: Engine, orders: int = 4) -> list[str]:
    """Decides some orders; their decision ids."""
    desk = Desk(engine)
    with store.writing(engine) as connection:
        store.announce_reference(
            connection, "policy", POLICY.version, None, zlib.compress(POLICY.content), MOMENT.isoformat(timespec="microseconds")[:26] + "Z"
        )
    versions = {
        "regulations": await desk.announce("regulations", REGULATIONS),
        "parties": await desk.announce("parties", PARTIES),
        "code": "0.1.0",
    }
    ids = []
    for number in range(orders):
        order = order_event(number)
        await desk.order(order, partition=number % 2)
        (assessment,) = emitted(await desk.result(screening_event(order, versions=versions), partition=number % 2))
        ids.append(assessment["decision_id"])
    return ids


def tamper(engine: Engine, change: Callable[[Connection], object]) -> None:
    """As somebody does who owns the database: without the triggers that refuse it."""
    with engine.begin() as connection:
        for table in ("decisions", "decision_lines", "decision_marks"):
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            else:
                connection.execute(text(f"DROP TRIGGER {table}_no_update"))
                connection.execute(text(f"DROP TRIGGER {table}_no_delete"))
        change(connection)


def sql(*statements: str, **parameters: object) -> Callable[[Connection], object]:
    return lambda connection: [connection.execute(text(statement), parameters) for statement in statements]


async def test_an_untouched_book_verifies(engine: Engine) -> None:
    await keep_book(engine)
    report = verify(engine)
    assert report.verified
    assert report.render() == "4 decisions in 2 chains: nothing altered, removed or moved"


SECOND = "partition = 0 AND position = 2"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (sql(f"UPDATE decisions SET disposition = 'release' WHERE {SECOND}"), "altered: its columns do not give its hash"),
        (sql(f"UPDATE decisions SET hash = '{'f' * 64}' WHERE partition = 0 AND position = 1"), "does not follow the decision before it"),
        (sql("DELETE FROM decisions WHERE partition = 0 AND position = 1"), "removed: position 1 is missing"),
        (sql(f"DELETE FROM decisions WHERE {SECOND}"), "removed: the chain ends at 1, its head says 2"),
        (sql("DELETE FROM chains WHERE partition = 0"), "the head of the chain does not name its last decision"),
        (
            sql(
                f"UPDATE decisions SET position = 3 WHERE {SECOND}",
                "UPDATE decisions SET position = 2 WHERE partition = 0 AND position = 1",
                "UPDATE decisions SET position = 1 WHERE partition = 0 AND position = 3",
            ),
            "does not follow the decision before it",
        ),
        (sql("UPDATE decision_lines SET disposition = 'release'"), "altered: its lines are not those of the emitted event"),
        (sql("DELETE FROM decision_lines WHERE number = 1"), "altered: its lines are not those of the emitted event"),
        (
            sql("UPDATE contents SET content = :forged WHERE kind = 'assessment'", forged=zlib.compress(b"{}")),
            "altered: the emitted event does not give its hash",
        ),
        (sql("UPDATE contents SET content = :forged WHERE kind = 'order'", forged=b"no zlib"), "its order does not give its hash"),
        (
            sql("UPDATE contents SET content = :forged WHERE kind = 'regulations'", forged=zlib.compress(b"other law")),
            "its regulations does not give its hash",
        ),
    ],
)
async def test_tampering_is_found(engine: Engine, change: Callable[[Connection], object], found: str) -> None:
    await keep_book(engine)
    tamper(engine, change)
    report = verify(engine)
    assert not report.verified
    assert found in report.render()


async def test_a_tail_removed_together_with_its_head_is_missed_by_the_round(engine: Engine) -> None:
    await keep_book(engine)
    with engine.connect() as connection:
        (first, hash_), *_ = store.walk_decisions(connection, 0)
    tamper(engine, sql(f"DELETE FROM decisions WHERE {SECOND}", f"UPDATE chains SET position = 1, hash = '{hash_}' WHERE partition = 0"))
    assert Head(first.position, hash_) == Head(1, hash_)
    assert "is closed, and the book holds no decision that closed it" in verify(engine).render()


# --- replay


async def test_a_decision_made_again_gives_the_same_bytes(engine: Engine) -> None:
    decision_id, *_ = await keep_book(engine)
    asked: list[tuple[bytes, dict[str, bytes]]] = []
    order = order_event(0)

    def recompute(order_bytes: bytes, results: Mapping[str, bytes], references: Mapping[str, bytes]) -> bytes:
        asked.append((order_bytes, dict(references)))
        return results["screening"]

    report = replay(engine, decision_id, "0.1.0", {"screening": recompute})
    assert report.same_bytes
    assert asked == [(order.encode(), {"regulations": REGULATIONS, "parties": PARTIES})]
    assert "assessment: the same bytes" in report.render()
    assert "screening: the same bytes" in report.render()


async def test_under_another_version_of_the_code_the_replay_says_so_and_shows_the_difference(engine: Engine) -> None:
    decision_id, *_ = await keep_book(engine)
    order = order_event(0)
    report = replay(engine, decision_id, "0.2.0", {"screening": lambda *_: screening_event(order, Answer.EXEMPT).encode()})
    assert not report.same_bytes
    text_ = report.render()
    assert "decided by version 0.1.0, made again by version 0.2.0" in text_
    assert "assessment: the same bytes" in text_
    assert '/data/lines/0/answers/CN/answer: recorded "licence_required", now "exempt"' in text_


async def test_a_price_risk_is_made_again_beside_the_screening_it_rests_on(engine: Engine) -> None:
    desk = Desk(engine, awaited=("screening", "pricing-risk"))
    with store.writing(engine) as connection:
        store.announce_reference(connection, "policy", POLICY.version, None, zlib.compress(POLICY.content), "2026-01-01T00:00:00.000000Z")
    law = {"regulations": await desk.announce("regulations", REGULATIONS), "parties": await desk.announce("parties", PARTIES)}
    by = {"pricing_policy": await desk.announce("pricing_policy", b"{}"), "price_model": "1", "code": "0.1.0"}
    decisions = []
    for number in (1, 2):
        order = order_event(number)
        screening = screening_event(order, versions=law)
        rests_on = screening if number == 1 else screening_event(order, Answer.EXEMPT, versions=law)
        price_risk = price_risk_event(order, rests_on, versions=by)
        await desk.order(order)
        await desk.result(screening)
        (assessment,) = emitted(await desk.result(price_risk, "price-risks"))
        decisions.append((order, screening, price_risk, assessment))
    asked: list[tuple[object, ...]] = []

    def recompute(*recorded: object) -> bytes:
        asked.append(recorded)
        return decisions[0][2].encode()

    order, screening, price_risk, assessment = decisions[0]
    assert (assessment["versions"]["pricing-risk.code"], assessment["versions"]["price_model"]) == ("0.1.0", "1")
    report = replay(engine, assessment["decision_id"], "0.1.0", {"screening": lambda *_: screening.encode(), "pricing-risk": recompute})
    assert [(each.what, each.same_bytes) for each in report.comparisons] == [
        ("assessment", True),
        ("screening", True),
        ("pricing-risk", True),
    ]
    assert asked == [
        (order.encode(), {"screening": screening.encode(), "pricing-risk": price_risk.encode()}, {"pricing_policy": b"{}"}),
    ]
    other = replay(engine, decisions[1][3]["decision_id"], "0.1.0", {"pricing-risk": recompute}).render()
    assert "pricing-risk: cannot be made again: it rests on screening" in other
    assert verify(engine).verified


async def test_a_supply_risk_is_made_again_beside_the_screening_it_rests_on(engine: Engine) -> None:
    desk = Desk(engine, awaited=("screening", "stockpile-advisor"))
    with store.writing(engine) as connection:
        store.announce_reference(connection, "policy", POLICY.version, None, zlib.compress(POLICY.content), "2026-01-01T00:00:00.000000Z")
    law = {"regulations": await desk.announce("regulations", REGULATIONS), "parties": await desk.announce("parties", PARTIES)}
    by = {"supply_policy": await desk.announce("supply_policy", b"{}"), "supply_model": "1", "code": "0.1.0"}
    order = order_event(1)
    screening = screening_event(order, versions=law)
    other_order = order_event(2)
    other_screening = screening_event(other_order, versions=law)
    of_another_round = screening_event(other_order, Answer.EXEMPT, versions=law)
    supply_risk = supply_risk_event(order, screening, "order_now", versions=by)
    await desk.order(order)
    await desk.result(screening)
    (assessment,) = emitted(await desk.result(supply_risk, "supply-risks"))
    asked: list[tuple[object, ...]] = []

    def recompute(*recorded: object) -> bytes:
        asked.append(recorded)
        return supply_risk.encode()

    report = replay(engine, assessment["decision_id"], "0.1.0", {"stockpile-advisor": recompute})
    assert [(each.what, each.same_bytes) for each in report.comparisons] == [("assessment", True), ("stockpile-advisor", True)]
    assert asked == [
        (order.encode(), {"screening": screening.encode(), "stockpile-advisor": supply_risk.encode()}, {"supply_policy": b"{}"}),
    ]
    await desk.order(other_order)
    await desk.result(other_screening)
    (other,) = emitted(await desk.result(supply_risk_event(other_order, of_another_round, versions=by), "supply-risks"))
    replayed = replay(engine, other["decision_id"], "0.1.0", {"stockpile-advisor": recompute}).render()
    assert "stockpile-advisor: cannot be made again: it rests on screening" in replayed


async def test_every_kind_of_decision_can_be_made_again(engine: Engine) -> None:
    desk = Desk(engine)
    with store.writing(engine) as connection:
        store.announce_reference(connection, "policy", POLICY.version, None, zlib.compress(POLICY.content), "2026-01-01T00:00:00.000000Z")
    armed = await desk.order(order_event(1))
    for timer in armed.timers:
        assert timer.due_ms is not None
        await desk.fire(timer.name, timer.due_ms)
    await desk.order(order_event(2))
    await desk.order(order_event(2, revision=2))
    order = order_event(3)
    await desk.order(order.model_copy(update={"data": order.data.model_copy(update={"status": "cancelled"})}))
    with engine.connect() as connection:
        decisions = [decision for decision, _ in store.walk_decisions(connection, 0)]
    assert [decision.kind for decision in decisions] == ["partial", "final", "superseded", "final"]
    for decision in decisions:
        report = replay(engine, decision.decision_id, "0.1.0", {})
        assert report.same_bytes, report.render()


async def test_what_was_never_announced_is_named(engine: Engine) -> None:
    desk = Desk(engine)
    order = order_event(1)
    await desk.order(order)
    (assessment,) = emitted(await desk.result(screening_event(order)))
    rendered = replay(engine, assessment["decision_id"], "0.1.0", {"screening": lambda *_: b""}).render()
    assert "assessment: cannot be made again: the book does not hold policy" in rendered
    assert "screening: cannot be made again: the book does not hold parties" in rendered


async def test_an_unknown_decision_is_said_to_be_unknown(engine: Engine) -> None:
    with pytest.raises(UnknownDecision, match="holds no decision"):
        replay(engine, "0" * 32, "0.1.0", {})


# --- retention


async def test_contents_past_their_retention_go_and_the_chain_holds(engine: Engine) -> None:
    old_id, *_ = await keep_book(engine)
    assert prune(engine, MOMENT + timedelta(days=365 * 10), 10) == 0
    # 4 results, 4 assessments; the orders are still open, and of the reference data each kind's newest stays
    assert prune(engine, MOMENT + timedelta(days=365 * 11), 10) == 8
    report = verify(engine)
    assert report.verified
    assert report.pruned == 4
    with pytest.raises(UnknownDecision, match="past its retention"):
        replay(engine, old_id, "0.1.0", {})
    with engine.connect() as connection:
        found = store.find_decision(connection, old_id)
    assert found is not None
    assert found[0].event_sha256


async def test_law_that_a_younger_decision_rests_on_is_kept(engine: Engine) -> None:
    await keep_book(engine, orders=1)
    desk = Desk(engine)
    old = sha256_hex(REGULATIONS)
    await desk.announce("regulations", b"newer law", previous=old, at=MOMENT + timedelta(days=1))
    later = MOMENT + timedelta(days=365 * 5)
    order = order_event(9).model_copy(update={"time": later})
    await desk.order(order)
    await desk.result(screening_event(order, versions={"regulations": old}))
    prune(engine, MOMENT + timedelta(days=365 * 11), 10)
    with engine.connect() as connection:
        assert store.read_contents(connection, {old}) == {old: REGULATIONS}
    prune(engine, later + timedelta(days=365 * 11), 10)
    with engine.connect() as connection:
        assert store.read_contents(connection, {old}) == {}
