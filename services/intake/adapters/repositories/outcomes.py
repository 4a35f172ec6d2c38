"""What triage last said of each subject, as far as the history of later contacts and links need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shared.database.unit_of_work import UnitOfWork

# A subject that has been erased meanwhile is not brought back: only what is there is kept.
_RATED = text(
    "INSERT INTO subject_outcomes (subject_id, contact_id, rating, routes)"
    " SELECT s.subject_id, s.contact_id, u.rating, u.routes::text[] FROM unnest(CAST(:ids AS uuid[]),"
    " CAST(:ratings AS text[]), CAST(:routes AS text[])) AS u(id, rating, routes)"
    " JOIN subjects s ON s.subject_id = u.id"
    " ON CONFLICT (subject_id) DO UPDATE SET rating = excluded.rating, routes = excluded.routes"
)
_DECIDED = text(
    "INSERT INTO subject_outcomes (subject_id, contact_id, outcome, counts_as_referral, decided_at)"
    " SELECT s.subject_id, s.contact_id, u.outcome, u.referral, u.at FROM unnest(CAST(:ids AS uuid[]),"
    " CAST(:outcomes AS text[]), CAST(:referrals AS bool[]), CAST(:at AS timestamptz[]))"
    " AS u(id, outcome, referral, at) JOIN subjects s ON s.subject_id = u.id"
    " ON CONFLICT (subject_id) DO UPDATE SET outcome = excluded.outcome,"
    " counts_as_referral = excluded.counts_as_referral, decided_at = excluded.decided_at"
)
_ASSESSED = text(
    "INSERT INTO subject_outcomes (subject_id, contact_id, assessed_at) SELECT s.subject_id, s.contact_id, u.at"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:at AS timestamptz[])) AS u(id, at)"
    " JOIN subjects s ON s.subject_id = u.id"
    " ON CONFLICT (subject_id) DO UPDATE SET assessed_at = excluded.assessed_at"
)
_CLOSED = text(
    "UPDATE contacts c SET closed_at = u.at, closed_reason = u.reason"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:at AS timestamptz[]), CAST(:reasons AS text[])) AS u(id, at, reason)"
    " WHERE c.contact_id = u.id"
)
_SPREAD = text("INSERT INTO looks_due (contact_id, looks, spreads) SELECT unnest(CAST(:ids AS uuid[])), false, true")
# The rows of links belong to whoever holds both contacts' locks; here it is only noted that something is due.
_TOOK_IN = text(
    "WITH found AS (SELECT l.link_id FROM links l JOIN unnest(CAST(:ids AS uuid[]), CAST(:contacts AS uuid[]),"
    " CAST(:versions AS int[])) AS u(id, contact_id, version) ON l.link_id = u.id AND l.contact_id = u.contact_id"
    " WHERE NOT l.heard AND coalesce(u.version, l.version) >= l.version"
    " ORDER BY l.link_id FOR UPDATE OF l)"
    " UPDATE links l SET heard = true, due = true FROM found WHERE l.link_id = found.link_id"
)
_DUPLICATE_RATED = text(
    "WITH found AS (SELECT link_id FROM links WHERE other_contact_id = ANY(CAST(:ids AS uuid[]))"
    " AND relation <> 'related' AND state IN ('waiting', 'joined') ORDER BY link_id FOR UPDATE)"
    " UPDATE links l SET due = true FROM found WHERE l.link_id = found.link_id"
)
_FORGET = text("DELETE FROM subject_outcomes WHERE contact_id = :contact_id")


class Outcomes:
    """Collects what was heard of the locked contacts' subjects; writes each kind in one statement."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._rated: dict[UUID, tuple[str, tuple[str, ...]]] = {}
        self._decided: dict[UUID, tuple[str, bool, datetime]] = {}
        self._assessed: dict[UUID, datetime] = {}
        self._closed: dict[UUID, tuple[datetime | None, str | None]] = {}
        self._changed: set[UUID] = set()
        self._rated_contacts: set[UUID] = set()
        self._took_in: dict[UUID, tuple[UUID, int | None]] = {}

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Nothing needs to be known to note what was heard."""
        del contact_ids

    def rated(self, contact_id: UUID, subject_id: UUID, rating: str, routes: tuple[str, ...]) -> None:
        """The subject's rating and routes, the last one heard."""
        self._rated[subject_id] = (rating, routes)
        self._rated_contacts.add(contact_id)
        self._changed.add(contact_id)

    def decided(self, contact_id: UUID, subject_id: UUID, outcome: str, *, referral: bool, at: datetime) -> None:
        """The subject's decision in force."""
        self._decided[subject_id] = (outcome, referral, at)
        self._changed.add(contact_id)

    def assessed(self, contact_id: UUID, subject_id: UUID, at: datetime) -> None:
        """Its assessment was completed."""
        self._assessed[subject_id] = at
        self._changed.add(contact_id)

    def closed(self, contact_id: UUID, at: datetime | None, reason: str | None) -> None:
        """The contact is closed; None: it is open again."""
        self._closed[contact_id] = (at, reason)
        self._changed.add(contact_id)

    def took_in(self, contact_id: UUID, link_ids: Sequence[UUID], versions: Mapping[UUID, int]) -> None:
        """The contact's rating has taken in the duplicates of these links: the echo of what it was told. An echo of an
        earlier version is none: the duplicate has been rated otherwise since.
        """
        self._took_in |= {link_id: (contact_id, versions.get(link_id)) for link_id in link_ids}

    async def flush(self) -> None:
        """Writes it all; later contacts about the same children look again."""
        rated, decided = self._rated.items(), self._decided.items()
        await self._run(
            _RATED,
            ids=list(self._rated),
            ratings=[rating for _, (rating, _) in rated],
            routes=["{" + ",".join(routes) + "}" for _, (_, routes) in rated],
        )
        await self._run(
            _DECIDED,
            ids=list(self._decided),
            outcomes=[outcome for _, (outcome, _, _) in decided],
            referrals=[referral for _, (_, referral, _) in decided],
            at=[at for _, (_, _, at) in decided],
        )
        await self._run(_ASSESSED, ids=list(self._assessed), at=list(self._assessed.values()))
        closed = self._closed.values()
        await self._run(
            _CLOSED, ids=list(self._closed), at=[at for at, _ in closed], reasons=[reason for _, reason in closed]
        )
        await self._run(_SPREAD, ids=sorted(self._changed))
        taken = list(self._took_in.values())
        await self._run(
            _TOOK_IN,
            ids=list(self._took_in),
            contacts=[contact_id for contact_id, _ in taken],
            versions=[version for _, version in taken],
        )
        await self._run(_DUPLICATE_RATED, ids=sorted(self._rated_contacts))

    async def _run(self, statement: Any, *, ids: list[UUID], **values: list[Any]) -> None:
        if ids:
            await self._work.connection.execute(statement, {"ids": ids, **values})

    async def forget(self, contact_id: UUID) -> None:
        """Deletes what was heard of a contact's subjects."""
        self._changed.discard(contact_id)
        self._closed.pop(contact_id, None)
        await self._work.connection.execute(_FORGET, {"contact_id": contact_id})
