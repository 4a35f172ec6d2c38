"""Who looked at what: a row in the transaction of the read itself, later chained by hash so that none can vanish.

Cannot audit, cannot read. The sealer takes rows that have no seal, never "id greater than the last": a row that commits
late would be skipped for ever.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.security.tokens import Caller

_LOCK = 7_305_106_911_384_201  # any number; the same in every process that seals this database

_INSERT = text(
    "INSERT INTO audit (id, occurred_at, caller, role, organisation, action, contact_ids, outcome, correlation_id) "
    "VALUES (:id, :occurred_at, :caller, :role, :organisation, :action, :contact_ids, :outcome, :correlation_id)"
)
_UNSEALED = text(
    "SELECT a.* FROM audit a WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.audit_id = a.id) "
    "ORDER BY a.occurred_at, a.id LIMIT :limit"
)
_LAST = text("SELECT position, hash FROM audit_seal ORDER BY position DESC LIMIT 1")
_SEAL = text(
    "INSERT INTO audit_seal (audit_id, position, hash, sealed_at) "
    "SELECT u.audit_id, u.position, u.hash, :now "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:positions AS bigint[]), CAST(:hashes AS bytea[])) "
    "AS u(audit_id, position, hash)"
)
_CHAIN = text(
    "SELECT s.position, s.hash, a.* FROM audit_seal s LEFT JOIN audit a ON a.id = s.audit_id "
    "WHERE s.position > :after ORDER BY s.position LIMIT :limit"
)
_COUNT_UNSEALED = text(
    "SELECT count(*) FROM audit a WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.audit_id = a.id)"
)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check of the chain found: rows sealed and right, rows not sealed yet, the first position that is wrong."""

    sealed: int
    unsealed: int
    broken_at: int | None


async def audit(
    connection: AsyncConnection,
    *,
    audit_id: UUID,
    caller: Caller,
    action: str,
    contact_ids: Sequence[UUID],
    outcome: str,
    correlation_id: UUID,
    now: datetime,
) -> None:
    """Write one row in the caller's transaction. `action` and `outcome` are fixed words, never anything sent to us.

    A list writes one row with all ids shown; a refusal is committed before the 404 is answered.
    """
    await connection.execute(
        _INSERT,
        {
            "id": audit_id,
            "occurred_at": now,
            "caller": caller.subject,
            "role": ",".join(sorted(caller.roles)),
            "organisation": caller.organisation,
            "action": action,
            "contact_ids": list(contact_ids),
            "outcome": outcome,
            "correlation_id": correlation_id,
        },
    )


async def seal(connection: AsyncConnection, *, now: datetime, limit: int = 1000) -> int:
    """Chain up to `limit` rows that have no seal; returns how many. A lock keeps sealers apart. The caller commits."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    rows = (await connection.execute(_UNSEALED, {"limit": limit})).mappings().all()
    if not rows:
        return 0
    last = (await connection.execute(_LAST)).first()
    position, previous = (0, b"") if last is None else (int(last.position), bytes(last.hash))
    ids: list[UUID] = []
    positions: list[int] = []
    hashes: list[bytes] = []
    for row in rows:
        position += 1
        previous = row_hash(row, position=position, previous=previous)
        ids.append(row["id"])
        positions.append(position)
        hashes.append(previous)
    await connection.execute(_SEAL, {"ids": ids, "positions": positions, "hashes": hashes, "now": now})
    return len(rows)


async def verify_chain(connection: AsyncConnection, *, page: int = 5000) -> ChainReport:
    """Compute the whole chain again. A row changed, removed or put in between breaks it at its position."""
    position, previous = 0, b""
    while True:
        rows = (await connection.execute(_CHAIN, {"after": position, "limit": page})).mappings().all()
        for row in rows:
            expected = position + 1
            if row["position"] != expected or row["id"] is None:
                return ChainReport(position, await _unsealed(connection), expected)
            previous = row_hash(row, position=expected, previous=previous)
            if previous != bytes(row["hash"]):
                return ChainReport(position, await _unsealed(connection), expected)
            position = expected
        if len(rows) < page:
            return ChainReport(position, await _unsealed(connection), None)


async def _unsealed(connection: AsyncConnection) -> int:
    return int((await connection.execute(_COUNT_UNSEALED)).scalar_one())


def row_hash(row: RowMapping | dict[str, Any], *, position: int, previous: bytes) -> bytes:
    """SHA-256 over the hash before, the position and every column of the row, written one way only."""
    content = [
        position,
        str(row["id"]),
        row["occurred_at"].astimezone(UTC).isoformat(timespec="microseconds"),
        row["caller"],
        row["role"],
        row["organisation"],
        row["action"],
        [str(contact_id) for contact_id in row["contact_ids"]],
        row["outcome"],
        str(row["correlation_id"]),
    ]
    return hashlib.sha256(previous + json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()).digest()
