"""The oracle of the fault tests: whatever was broken, every acknowledged contact has exactly its effects, once."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from mash.services import SERVICES
from tests.support.hub import Hub

SIGNATURES = {
    "triage": "SELECT contact_id, rating, rating_version, stage FROM cases ORDER BY 1",
    "subjects": "SELECT contact_id, subject_id, standing::text FROM subjects ORDER BY 1, 2",
    "deadlines": "SELECT contact_id, subject_id, kind, state, epoch, due_at FROM deadlines ORDER BY 1, 2, 3",
    "breaches": "SELECT deadline_id, count(*) AS n FROM breaches GROUP BY 1 ORDER BY 1",
    # Whether an alert has gone already, or gathers with others, hangs on when it was asked for.
    "notify": "SELECT contact_id, kind, purpose,"
    " CASE WHEN kind = 'alert' AND state = 'waiting' THEN 'sent' ELSE state END FROM messages ORDER BY 1, 2, 3, 4",
}
_WHERE = {"subjects": "triage", "breaches": "deadlines"}


async def signature(hub: Hub) -> dict[str, list[tuple[Any, ...]]]:
    """What the hub's databases say of every contact, without what differs from run to run."""
    return {
        name: [tuple(row.values()) for row in await hub.rows(_WHERE.get(name, name), sql)]
        for name, sql in SIGNATURES.items()
    }


async def everything_once(hub: Hub, acknowledged: list[dict[str, Any]]) -> None:
    """Asserts it: nothing lost, nothing twice, everything in order, nothing left aside."""
    ids = {UUID(one["id"]) for one in acknowledged}
    stored = {row["contact_id"] for row in await hub.rows("intake", "SELECT contact_id FROM contacts")}
    assert ids <= stored, f"acknowledged and not stored: {len(ids - stored)}"
    for service, table in (("triage", "cases"), ("deadlines", "contacts"), ("notify", "contacts")):
        known = {row["contact_id"] for row in await hub.rows(service, f"SELECT contact_id FROM {table}")}
        assert known == stored, f"{service} lacks {len(stored - known)} and has {len(known - stored)} too many"
    await _one_rating_a_version(hub, stored)
    await _one_acknowledgement(hub)
    await _in_order_and_nothing_aside(hub)


async def _one_rating_a_version(hub: Hub, stored: set[UUID]) -> None:
    sql = "SELECT contact_id, convert_from(value, 'UTF8')::jsonb ->> 'rating_version' AS version FROM event_log"
    said = Counter(
        (row["contact_id"], row["version"])
        for row in await hub.rows("triage", f"{sql} WHERE headers::text LIKE '%ContactRated%'")
    )
    assert {contact for contact, _ in said} == stored, "a contact without a rating"
    assert set(said.values()) == {1}, "a rating version said twice"
    clocks = await hub.rows("deadlines", "SELECT contact_id FROM deadlines WHERE state <> 'cancelled'")
    assert {row["contact_id"] for row in clocks} == stored, "a contact without a clock"


async def _one_acknowledgement(hub: Hub) -> None:
    sent = await hub.rows(
        "notify",
        "SELECT c.contact_id, count(m.id) FILTER (WHERE m.kind = 'acknowledgement') AS asked,"
        " count(m.id) FILTER (WHERE m.kind = 'acknowledgement' AND m.state = 'sent') AS sent"
        " FROM contacts c LEFT JOIN messages m USING (contact_id) WHERE c.has_address GROUP BY 1",
    )
    assert {(row["asked"], row["sent"]) for row in sent} <= {(1, 1)}, "an acknowledgement is missing or double"
    said = await hub.rows(
        "notify",
        "SELECT contact_id, count(*) AS n FROM event_log WHERE headers::text LIKE '%ReferrerAcknowledged%' GROUP BY 1",
    )
    assert {row["n"] for row in said} <= {1}, "an acknowledgement announced twice"


async def _in_order_and_nothing_aside(hub: Hub) -> None:
    for service in SERVICES:
        said = await hub.rows(
            service.name, "SELECT contact_id, count(*) AS n, max(sequence) AS last FROM event_log GROUP BY 1"
        )
        assert all(row["n"] == row["last"] for row in said), f"{service.name} has holes in its sequences"
        sent = {row["contact_id"]: row["last"] for row in said}
        for hearer in SERVICES:
            heard = await hub.rows(
                hearer.name, "SELECT contact_id, (seen ->> $1)::int AS last FROM contact_stream", service.name
            )
            behind = [row for row in heard if row["last"] is not None and row["last"] != sent.get(row["contact_id"])]
            assert not behind, f"{hearer.name} has not applied all that {service.name} said of {len(behind)} contacts"
        parked = await hub.rows(service.name, "SELECT reason, state FROM parked WHERE settled_at IS NULL")
        assert parked == [], f"{service.name} has parked events: {parked[:3]}"
