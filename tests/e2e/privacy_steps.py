"""Playing a contact through, searching for words everywhere, and proving that a contact is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from mash.services import BUS_DATABASE, SERVICES
from shared.messaging.bus import Record
from shared.messaging.postgres import PostgresBus
from shared.messaging.postgres_connection import headers_from_json
from shared.security.audit import verify_chain
from tests.e2e.canary import EMAIL, SENDER_REFERENCE
from tests.e2e.test_story import Staff
from tests.support.eventually import eventually
from tests.support.hub import Hub

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
TOMBSTONES = {"contact_stream", "intake.contacts", "deadlines.breaches"}
"""What may keep an erased contact's id: the streams, intake's row for staff to find, the ledger of ids and times."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A canary, and where it was seen."""

    canary: str
    place: str


async def decide_and_inform(hub: Hub, contact_id: str) -> None:
    """Staff play it through to informed, and write something personal wherever they may write."""
    worker = Staff(hub, contact_id, role="practitioner", subject="duty.worker")
    manager = Staff(hub, contact_id, role="manager", subject="duty.manager")
    case = await eventually(worker.case)
    subject = case["subjects"][0]["subject_id"]
    await worker.does("open", {})
    await worker.does("rating", {"subject_id": subject, "route": "red-abuse", "reason": "ratingcanary"})
    held = {"kind": "strategy", "held_at": datetime.now(UTC).isoformat(), "subject_ids": [subject]}
    attended = ["childrens_services", "police", "health"]
    after = await worker.does("discussions", {**held, "attended": attended, "minutes": "minutescanary"})
    decision = {
        "subject_id": subject,
        "outcome": "s47_strategy_discussion",
        "rationale": "rationalecanary",
        "inquiry": "joint",
        "reason_codes": ["threshold_s47"],
        "discussion_id": after["made"],
        "lead": "leadcanary",
        "consent_reason": "consentreasoncanary",
    }
    await worker.does("decision", decision)
    await manager.does("authorisation", {"subject_id": subject, "agreed": False, "reason": "refusalcanary"})
    await worker.does("decision", decision)
    await manager.does("authorisation", {"subject_id": subject, "agreed": True})

    async def informed() -> bool:
        case = await worker.case()
        return case is not None and case["stage"] == "informed"

    await eventually(informed)
    await worker.does("closure", {"reason": "completed", "note": "notecanary"})
    await _rota(hub)


async def _rota(hub: Hub) -> None:
    url = f"{hub.url('notify')}/v1/duty-rota"
    headers = await hub.token("manager", subject="duty.manager")
    version = (await hub.http.get(url, headers=headers)).headers["ETag"]
    period = {"role": "duty_worker", "address": "rotacanary@example.org"}
    times = {"starts_at": "2024-01-01T00:00:00Z", "ends_at": "2024-01-02T00:00:00Z"}
    answer = await hub.http.put(url, json={"periods": [period | times]}, headers={**headers, "If-Match": version})
    assert answer.status_code == 200, answer.text


async def look_everywhere(hub: Hub, folder: Path, canaries: Sequence[str]) -> set[Sighting]:
    """Every place that a canary was seen in: databases, bus, logs, the server's log, metrics and e-mails."""
    found: set[Sighting] = set()
    for database in (*(service.database for service in SERVICES), BUS_DATABASE):
        found |= await _in_database(hub, database, canaries)
    logs = [path for path in (folder / "logs").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size > 0 for path in logs) >= len(SERVICES), "the workers wrote no logs"
    for path in [*logs, hub.postgres.place.home / "server.log"]:
        found |= _seen(path.read_bytes(), f"log: {path.name}", canaries)
    for service in SERVICES:
        for setting in ("PORT", "WORKER_PORT"):
            port = hub.settings[service.setting(setting)]
            answer = await hub.http.get(f"http://127.0.0.1:{port}/metrics")
            assert "mash_" in answer.text
            found |= _seen(answer.content, f"metrics: {service.name} {setting}", canaries)
    for letter in (folder / "mailbox").glob("*.eml"):
        found |= _in_letter(letter.read_text(), canaries)
    return found


def _in_letter(letter: str, canaries: Sequence[str]) -> set[Sighting]:
    headers, _, body = letter.partition("\n\n")
    others = "\n".join(line for line in headers.splitlines() if not line.startswith("To: "))
    found = _seen(letter.encode(), "e-mail: To", [EMAIL]) if f"To: {EMAIL}" in headers else set[Sighting]()
    to_referrer = "e-mail: to the referrer" if found else "e-mail: to somebody else"
    found |= _seen(others.encode(), "e-mail: header", canaries)
    found |= _seen(body.encode(), to_referrer, [SENDER_REFERENCE])
    return found | _seen(body.encode(), "e-mail: body", [one for one in canaries if one != SENDER_REFERENCE])


async def _in_database(hub: Hub, database: str, canaries: Sequence[str]) -> set[Sighting]:
    found: set[Sighting] = set()
    connection = await asyncpg.connect(hub.postgres.dsn(database))
    try:
        tables = [row["relname"] for row in await connection.fetch(TABLES)]
        assert tables
        for table in tables:
            for row in await connection.fetch(f'SELECT * FROM "{table}"'):
                for column, value in row.items():
                    place = f"{database.removeprefix('mash_')}.{table}.{column}"
                    found |= _seen(value if isinstance(value, bytes) else str(value).encode(), place, canaries)
    finally:
        await connection.close()
    return found


def _seen(content: bytes, place: str, canaries: Sequence[str]) -> set[Sighting]:
    folded = content.lower()
    return {
        Sighting(one, place)
        for one in canaries
        if one.lower().encode() in folded or one.encode().hex().encode() in folded
    }


LISTS = {
    "intake": "/v1/contacts",
    "triage": "/v1/triage",
    "deadlines": "/v1/deadlines",
    "notify": "/v1/notifications",
}


async def whole_chains(hub: Hub) -> None:
    """Every service's audit rows are sealed and whole; a row changed by the owner breaks the chain at its place."""
    manager = await hub.token("manager", subject="duty.manager")
    for name, path in LISTS.items():
        assert (await hub.http.get(f"{hub.url(name)}{path}", headers=manager)).status_code == 200
    for service in SERVICES:
        engine = create_async_engine(hub.postgres.url(service.database, service.owner))

        async def sealed(engine: Any = engine) -> int | None:
            async with engine.connect() as connection:
                report = await verify_chain(connection)
            assert report.broken_at is None
            return report.sealed if report.unsealed == 0 else None

        last = await eventually(sealed, within_seconds=30, every_seconds=0.5)
        place = max(1, last - 1)
        change = (
            "UPDATE audit SET outcome = :new FROM audit_seal s WHERE s.audit_id = audit.id AND s.position = :place"
            " RETURNING (SELECT a.outcome FROM audit a WHERE a.id = audit.id)"
        )
        async with engine.connect() as connection:
            await connection.execute(text(change), {"new": "never", "place": place})
            assert (await verify_chain(connection)).broken_at == place, service.name
            await connection.rollback()
            assert (await verify_chain(connection)).broken_at is None
        await engine.dispose()


async def kept_about(hub: Hub, contact_id: str) -> set[str]:
    """Every table that still holds a row about an erased contact, but for the tombstones."""
    kept: set[str] = set()
    with_id = "SELECT table_name FROM information_schema.columns WHERE column_name = 'contact_id'"
    for service in SERVICES:
        tables = [row["table_name"] for row in await hub.rows(service.name, with_id)]
        assert {"contact_keys", "event_log", "parked"} <= set(tables)
        for table in sorted(set(tables) - TOMBSTONES):
            name = f"{service.name}.{table}"
            rows = await hub.rows(service.name, f'SELECT * FROM "{table}" WHERE contact_id = $1::uuid', contact_id)
            if name == "intake.event_log":  # the erasure itself has to reach everybody
                rows = [row for row in rows if "ContactErased" not in str(row["headers"])]
            if rows and name not in TOMBSTONES:
                kept.add(name)
    tombstone = "SELECT body, organisation FROM contacts WHERE contact_id = $1::uuid"
    if await hub.rows("intake", tombstone, contact_id) != [{"body": None, "organisation": None}]:
        kept.add("intake.contacts")
    return kept


async def records_about(hub: Hub, contact_id: str) -> list[Record]:
    """Everything the bus still holds about a contact, in order."""
    connection = await asyncpg.connect(hub.postgres.dsn(BUS_DATABASE))
    try:
        found = await connection.fetch('SELECT * FROM bus_log WHERE key = $1 ORDER BY topic, "offset"', contact_id)
    finally:
        await connection.close()
    return [Record(row["topic"], row["key"], row["value"], headers_from_json(row["headers"])) for row in found]


async def replay(hub: Hub, records: Sequence[Record]) -> None:
    """Says old records again: as they were, and once more as new ones that follow on what was said last."""
    last: dict[str, int] = {}
    newer: list[Record] = []
    for record in records:
        last[record.topic] = max(last.get(record.topic, 0), int(dict(record.headers)["ce_sequence"]))
    for record in records:
        last[record.topic] += 2 if not newer else 1  # intake has said one more: the erasure
        newer.append(_as_new(record, last[record.topic]))
    bus = PostgresBus(hub.settings["MASH_BUS_DATABASE_URL"])
    publisher = bus.publisher()
    await publisher.start()
    await publisher.publish([*records, *newer])
    await publisher.stop()
    await bus.close()
    await eventually(lambda: _read_all(hub), within_seconds=30)


def _as_new(record: Record, sequence: int) -> Record:
    changed = {"ce_id": str(uuid4()).encode(), "ce_sequence": str(sequence).zfill(20).encode()}
    return replace(record, headers=tuple((name, changed.get(name, value)) for name, value in record.headers))


async def _read_all(hub: Hub) -> bool:
    connection = await asyncpg.connect(hub.postgres.dsn(BUS_DATABASE))
    try:
        behind = await connection.fetchval(
            'SELECT count(*) FROM bus_offset o JOIN (SELECT topic, partition, max("offset") AS last FROM bus_log'
            " GROUP BY 1, 2) l USING (topic, partition) WHERE o.next_offset <= l.last"
        )
    finally:
        await connection.close()
    return behind == 0
