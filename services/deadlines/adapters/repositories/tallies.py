"""Contacts as the monthly measures count them, in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.deadlines.adapters.repositories.measured_rows import fill, measured_row
from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.adapters.tables import MEASURED
from services.deadlines.domain.model.tally import Tally
from services.deadlines.domain.policy.counting import count
from shared.database.batch import upsert
from shared.database.unit_of_work import UnitOfWork

EARLIER_REFERRAL = (
    "EXISTS (SELECT 1 FROM measured_subjects o WHERE o.child_id = s.child_id AND o.contact_id <> s.contact_id"
    " AND o.referred_on < s.referred_on AND o.referred_on >= s.referred_on - interval '1 year')"
)
"""True where the child of row ``s`` had a referral on an earlier London date, at most a year before, by another
contact.
"""

_KEEP_OTHERS = sa.text(
    "UPDATE measured_subjects s SET again_kept = true WHERE s.referred_on IS NOT NULL AND NOT s.again_kept"
    " AND s.contact_id <> :contact_id"
    " AND s.child_id IN (SELECT m.child_id FROM measured_subjects m WHERE m.contact_id = :contact_id)"
    f" AND {EARLIER_REFERRAL}"
)
_FORGET = sa.text(
    "UPDATE measured_subjects s SET id = gen_random_uuid(), contact_id = NULL, subject_id = NULL, reference = NULL,"
    " received_at = NULL, organisation_id = NULL, child_id = NULL, referred_on = NULL, said = '{}',"
    f" again_kept = s.again_kept OR (s.referred_on IS NOT NULL AND {EARLIER_REFERRAL}),"
    " in_time_24h = coalesce(s.in_time_24h, CASE WHEN s.due_24h_at < mash_now() THEN false END),"
    " in_time_1wd = coalesce(s.in_time_1wd, CASE WHEN s.due_1wd_at < mash_now() THEN false END),"
    " due_24h_at = NULL, due_1wd_at = NULL WHERE s.contact_id = :contact_id"
)


class TallyRepository:
    """The tallies of one unit of work, by contact; of what nobody has heard of yet, an empty one."""

    def __init__(self, work: UnitOfWork, rulebooks: Rulebooks) -> None:
        self._work = work
        self._rulebooks = rulebooks
        self._tallies: dict[UUID, Tally] = {}
        self._loaded: dict[UUID, dict[str, Any]] = {}

    def get(self, contact_id: UUID) -> Tally:
        """The tally. Raises KeyError for a contact that was not locked."""
        return self._tallies[contact_id]

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Reads what is kept of these contacts."""
        for contact_id in contact_ids:
            self._tallies[contact_id] = Tally(contact_id=contact_id)
        wanted = MEASURED.c.contact_id == sa.any_(sa.cast(sa.bindparam("ids"), sa.ARRAY(sa.UUID)))
        found = await self._work.connection.execute(sa.select(MEASURED).where(wanted), {"ids": list(contact_ids)})
        for row in found.mappings():
            kept = self._loaded[row["id"]] = dict(row)
            fill(self._tallies[row["contact_id"]], kept)

    async def flush(self) -> None:
        """Writes the subjects that are counted otherwise than before."""
        heard = [tally for tally in self._tallies.values() if tally.changed and not self._work.erased(tally.contact_id)]
        rows = [row for tally in heard for row in self._changed(tally)]
        await upsert(self._work.connection, MEASURED, rows)
        self._loaded |= {row["id"]: row for row in rows}

    async def forget(self, contact_id: UUID) -> None:
        """Takes from a contact's rows whatever could lead to it; what months count stays.

        Whose re-referral rests on one of them stays a re-referral, though nobody can say any more because of whom.
        """
        await self.flush()  # a re-referral that was heard of in this very transaction rests on it as well
        for statement in (_KEEP_OTHERS, _FORGET):
            await self._work.connection.execute(statement, {"contact_id": contact_id})
        self._tallies[contact_id] = Tally(contact_id=contact_id)

    def _changed(self, tally: Tally) -> Iterator[dict[str, Any]]:
        active = self._rulebooks.active
        for counted in count(tally, active.pack, active.calendar):
            row = measured_row(tally, counted)
            loaded = self._loaded.get(row["id"])
            if loaded is None or any(loaded[name] != value for name, value in row.items()):
                yield row
