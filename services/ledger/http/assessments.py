"""`GET /v1/assessments`, newest first; `…/{decision_id}`, the receipt of one decision; `…/results/{service}`, a result that it rests on."""

import base64
from datetime import date, timedelta
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import StringConstraints
from sqlalchemy import Engine

from services.ledger import store
from services.ledger.domain.receipt import Decision
from services.ledger.store import Listed, Search
from shared.contracts.assessment import Disposition
from shared.http_problem import Problem, ProblemRoute

Wanted = Annotated[str | None, StringConstraints(min_length=1, max_length=700, pattern=r"^[^\x00]+$")]


def assessments_routes(engine: Engine) -> APIRouter:
    routes = APIRouter(prefix="/assessments", tags=["assessments"], route_class=ProblemRoute)

    @routes.get("", summary="What was decided")
    def list_assessments(
        order_key: Annotated[Wanted, Query(description="system/company/order_id, each part percent-encoded")] = None,
        supplier: Annotated[Wanted, Query(description="id or name of the supplier, as the order has it")] = None,
        material: Annotated[Wanted, Query(description="element symbol")] = None,
        control_code: Wanted = None,
        disposition: Disposition | None = None,
        kind: Literal["partial", "final", "superseded"] | None = None,
        decided_from: Annotated[date | None, Query(description="first day, UTC")] = None,
        decided_to: Annotated[date | None, Query(description="last day, UTC")] = None,
        cursor: Annotated[Wanted, Query(description="`next` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        """The newest first, with their lines."""
        wanted = Search(
            order_key=order_key,
            supplier=supplier[: store.MARK_LENGTH] if supplier else None,
            material=material,
            control_code=control_code,
            disposition=disposition.value if disposition else None,
            kind=kind,
            decided_from=decided_from.isoformat() if decided_from else None,
            decided_before=(decided_to + timedelta(days=1)).isoformat() if decided_to and decided_to < date.max else None,
            after=_read_cursor(cursor) if cursor else None,
            limit=limit + 1,
        )
        with engine.connect() as connection:
            found = store.search(connection, wanted)
        more = len(found) > limit
        page = found[:limit]
        return _json({"assessments": [_listed(each) for each in page], "next": _cursor(page[-1].decision) if more else None})

    @routes.get("/{decision_id}", summary="One decision with its receipt")
    def read_assessment(decision_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]) -> Response:
        with engine.connect() as connection:
            found = store.find_decision(connection, decision_id)
            contents = store.read_contents(connection, {found[0].event_sha256}) if found else {}
        if found is None:
            raise Problem(404, "Not found", f"The book holds no decision {decision_id}.")
        decision, hash_ = found
        event = contents.get(decision.event_sha256)
        return _json(
            {
                "assessment": orjson.loads(event)["data"] if event else None,
                "receipt": {
                    "decision_id": decision.decision_id,
                    "partition": decision.partition,
                    "position": decision.position,
                    "previous_hash": decision.previous_hash,
                    "hash": hash_,
                    "event_sha256": decision.event_sha256,
                    "decided_at": decision.decided_at,
                    "inputs": orjson.loads(decision.inputs),
                    "versions": orjson.loads(decision.versions),
                    "content_kept": event is not None,
                },
            }
        )

    @routes.get("/{decision_id}/results/{service}", summary="A result that a decision rests on")
    def read_result(
        decision_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")],
        service: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,39}$")],
    ) -> Response:
        """Whole, as the service said it: of `pricing-risk` each line's materials, variances and scenarios, of `screening` every finding."""
        with engine.connect() as connection:
            found = store.find_decision(connection, decision_id)
            kept = store.read_contents(connection, {found[0].event_sha256}) if found else {}
            event = orjson.loads(kept[found[0].event_sha256])["data"] if found and kept else {}
            sha256 = orjson.loads(found[0].inputs).get(service) if found and service in event.get("results", ()) else None
            content = store.read_contents(connection, {sha256}).get(sha256) if sha256 else None
        if content is None:
            raise Problem(404, "Not found", f"The book holds no result of {service} with a decision {decision_id}.")
        return _json({"result": orjson.loads(content)["data"]})

    return routes


def _listed(listed: Listed) -> dict[str, Any]:
    decision = listed.decision
    return {
        "decision_id": decision.decision_id,
        "order_key": decision.order_key,
        "revision": decision.revision,
        "round": decision.round,
        "kind": decision.kind,
        "disposition": decision.disposition,
        "supplier_id": decision.supplier_id,
        "supplier_name": decision.supplier_name,
        "currency": decision.currency,
        "ordered_at": decision.ordered_at,
        "decided_at": decision.decided_at,
        "lines": [
            {
                "line_id": row["line_id"],
                "item_id": row["item_id"],
                "description": row["description"],
                "value": row["value"],
                "disposition": row["disposition"],
                "answers": orjson.loads(row["answers"]),
                "control_codes": orjson.loads(row["control_codes"]),
                "materials": orjson.loads(row["materials"]),
                "flags": orjson.loads(row["flags"]),
                "reason": row["reason"],
            }
            for row in listed.lines
        ],
    }


def _cursor(last: Decision) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([last.decided_at, last.decision_id])).decode()


def _read_cursor(text: str) -> tuple[str, str]:
    try:
        decided_at, decision_id = orjson.loads(base64.urlsafe_b64decode(text))
    except ValueError:
        decided_at = decision_id = None
    if not isinstance(decided_at, str) or not isinstance(decision_id, str) or "\0" in decided_at + decision_id:
        raise Problem(422, "Not a cursor", "`cursor` has to be the `next` of a page that was read before.")
    return decided_at, decision_id


def _json(document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), media_type="application/json")
