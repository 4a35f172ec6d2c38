"""One look: a contact whose turn it is, who its subjects may be, and what was last said of their history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.adapters import tables
from services.intake.application.ports import Look, Seen
from services.intake.domain.model.history import Earlier, Moments
from services.intake.domain.model.pairing import Pair, pair_up
from shared.contracts.intake import HistoryFound, SubjectHistory
from shared.contracts.parts import ContactKept
from shared.database.batch import upsert
from shared.database.unit_of_work import UnitOfWork
from shared.metrics import Metrics
from shared.security.encryption import BlindIndex

from .blocks import Found, find_candidates, open_people
from .proposals import keep_proposals, same_children, spread_to_later, standing_proposals

_CLAIM = text(
    "SELECT d.contact_id FROM looks_due d JOIN contact_stream s USING (contact_id)"
    " ORDER BY d.id LIMIT 1 FOR UPDATE OF s SKIP LOCKED"
)
_TAKE = text("DELETE FROM looks_due WHERE contact_id = :contact_id RETURNING looks, spreads")
_CONTACT = text(
    "SELECT c.contact_id, c.received_at, c.accepted_at, c.organisation, c.kept, c.correlation_id,"
    " array(SELECT s.subject_id FROM subjects s WHERE s.contact_id = c.contact_id ORDER BY s.position) AS subject_ids,"
    " h.version, h.subjects FROM contacts c LEFT JOIN histories h USING (contact_id)"
    " WHERE c.contact_id = :contact_id AND c.body IS NOT NULL"
)
_HISTORY = text("SELECT version, found_at, subjects FROM histories WHERE contact_id = :contact_id")
_MOMENTS = text(
    "SELECT contact_id, received_at, accepted_at FROM contacts WHERE contact_id = ANY(CAST(:ids AS uuid[]))"
)
_COMMON = text(
    "UPDATE subjects s SET too_common = u.kinds::smallint[] FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]))"
    " AS u(id, kinds) WHERE s.subject_id = u.id AND s.too_common IS DISTINCT FROM u.kinds::smallint[]"
)


class Looks:
    """The looks of one unit of work."""

    def __init__(self, work: UnitOfWork, blind: BlindIndex, metrics: Metrics) -> None:
        self._work = work
        self._blind = blind
        self._metrics = metrics
        self.claimed: UUID | None = None
        """The contact of this look, once claimed."""

    async def claim(self) -> Look | None:
        """Locks the contact that has waited longest; None where none waits, or others have them all."""
        contact_id = (await self._work.connection.execute(_CLAIM)).scalar_one_or_none()
        if contact_id is None:
            return None
        self.claimed = contact_id
        await self._work.lock([contact_id])
        asked = (await self._work.connection.execute(_TAKE, {"contact_id": contact_id})).all()
        looks = any(row.looks for row in asked) and not self._work.erased(contact_id)
        row = (await self._work.connection.execute(_CONTACT, {"contact_id": contact_id})).one_or_none()
        if row is None or row.kept is None:
            return Look(contact_id=contact_id)
        return _look(row, looks=looks, spreads=any(one.spreads for one in asked))

    async def see(self, look: Look) -> Seen:
        """Finds, compares and proposes; returns what is known of the contact's subjects now."""
        connection, masters = self._work.connection, self._work.database.master_keys
        standing = await standing_proposals(connection, look.subject_ids)
        mine = await open_people(connection, look.subject_ids, masters)
        found = await find_candidates(
            connection,
            {one.subject_id: one.person for one in mine.values()},
            blind=self._blind,
            masters=masters,
            but=look.contact_id,
            besides=standing.unanswered,
        )
        candidates = {subject_id: one.candidates for subject_id, one in found.items()}
        paired = pair_up(list(mine.values()), candidates, standing.refused)
        await keep_proposals(connection, paired.same, before=standing.unanswered, now=self._work.now)
        await self._note_common(found)
        same = await same_children(connection, look.contact_id, look.subject_ids)
        moments = await self._moments(pair for pair, _ in paired.related)
        earlier: dict[UUID, list[Earlier]] = {one: [] for one in look.subject_ids}
        for one in same:
            earlier[one.root].append(one.earlier)
        child_ids = {one.subject_id: one.child_id for one in mine.values()}
        return Seen(earlier=earlier, related=paired.related, moments=moments, child_ids=child_ids)

    async def _note_common(self, found: dict[UUID, Found]) -> None:
        """A block that was too common to be opened is counted, and kept for whoever asks what was looked at."""
        for one in found.values():
            for kind in one.too_common:
                self._metrics.block_too_common(kind.name.lower())
        kinds = ["{" + ",".join(str(int(kind)) for kind in one.too_common) + "}" for one in found.values()]
        await self._work.connection.execute(_COMMON, {"ids": list(found), "kinds": kinds})

    async def _moments(self, pairs: Iterable[Pair]) -> dict[UUID, Moments]:
        ids = sorted({pair.theirs.contact_id for pair in pairs})
        rows = await self._work.connection.execute(_MOMENTS, {"ids": ids}) if ids else ()
        return {
            row.contact_id: Moments(contact_id=row.contact_id, received_at=row.received_at, accepted_at=row.accepted_at)
            for row in rows
        }

    async def said(self, contact_id: UUID, history: HistoryFound) -> None:
        """Keeps what is announced now, to compare the next one with, and to repeat in a restatement."""
        row = {
            "contact_id": contact_id,
            "version": history.history_version,
            "found_at": history.found_at,
            "subjects": history.model_dump(mode="json")["subjects"],
        }
        await upsert(self._work.connection, tables.histories, [row])

    async def spread(self, look: Look) -> None:
        """Later contacts about the same children are to look again."""
        await spread_to_later(self._work.connection, look.contact_id, look.subject_ids)


async def history_standing(connection: AsyncConnection, contact_id: UUID, kept: ContactKept) -> HistoryFound | None:
    """The history last announced of a contact, for a restatement; None where none was."""
    row = (await connection.execute(_HISTORY, {"contact_id": contact_id})).one_or_none()
    if row is None:
        return None
    subjects = tuple(SubjectHistory.model_validate(one) for one in row.subjects)
    return HistoryFound(contact=kept, history_version=row.version, found_at=row.found_at, subjects=subjects)


def _look(row: Any, *, looks: bool, spreads: bool) -> Look:
    before: Sequence[Any] = row.subjects or ()
    return Look(
        contact_id=row.contact_id,
        looks=looks,
        spreads=spreads,
        subject_ids=tuple(row.subject_ids),
        moments=Moments(contact_id=row.contact_id, received_at=row.received_at, accepted_at=row.accepted_at),
        organisation=row.organisation,
        kept=ContactKept.model_validate(row.kept),
        correlation_id=row.correlation_id,
        version=row.version or 0,
        before=tuple(SubjectHistory.model_validate(one) for one in before),
    )


async def set_aside(work: UnitOfWork, contact_id: UUID) -> None:
    """Goes on without a locked contact that cannot be looked at."""
    await work.connection.execute(_TAKE, {"contact_id": contact_id})
