"""What staff are shown of a contact: its links, who its subjects may be, who else belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.intake.domain.model.linking import Link
from services.intake.domain.model.matching import Comparison, Verdict
from services.intake.domain.model.pairing import Known, ProposalState
from shared.database.unit_of_work import UnitOfWork
from shared.security.encryption import ContactCipher

_THERE = text("SELECT contact_id FROM contacts WHERE contact_id = ANY(CAST(:ids AS uuid[])) AND body IS NOT NULL")
_SUBJECTS_THERE = text("SELECT subject_id, contact_id FROM subjects WHERE subject_id = ANY(CAST(:ids AS uuid[]))")
_VERSION = text(
    "SELECT count(*) + count(unlinked_at) FROM links WHERE (contact_id = :id OR other_contact_id = :id)"
    " AND state <> 'proposed'"
)
_LINKS = text("SELECT * FROM links WHERE contact_id = :id OR other_contact_id = :id ORDER BY linked_at DESC, link_id")
_PROPOSALS = text(
    "SELECT * FROM match_proposals WHERE contact_id = :id OR other_contact_id = :id"
    " ORDER BY score DESC, subject_id, other_subject_id"
)
_HISTORY = text("SELECT subjects FROM histories WHERE contact_id = :id")
_COMMON = text("SELECT DISTINCT unnest(too_common) AS kind FROM subjects WHERE contact_id = :id")
_FOLLOWS_UNKNOWN = text(
    "SELECT c.follows_reference IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM contacts f WHERE f.reference = c.follows_reference) FROM contacts c WHERE c.contact_id = :id"
)
_KEYS = text("SELECT contact_id, wrapped FROM contact_keys WHERE contact_id = ANY(CAST(:ids AS uuid[]))")
_ANSWER = text(
    "INSERT INTO match_proposals (subject_id, other_subject_id, contact_id, other_contact_id, score, agrees, near,"
    " differs, state, proposed_at, answered_at, answered_by, reason) VALUES (:subject_id, :other_subject_id,"
    " :contact_id, :other_contact_id, :score, CAST(:agrees AS text[]), CAST(:near AS text[]),"
    " CAST(:differs AS text[]), :state, :now, :now, :by, :reason)"
    " ON CONFLICT (subject_id, other_subject_id) DO UPDATE SET state = excluded.state,"
    " answered_at = excluded.answered_at, answered_by = excluded.answered_by, reason = excluded.reason"
)


class Belonging:
    """Reads and answers of one unit of work."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._connection = work.connection

    async def there(self, *contact_ids: UUID) -> set[UUID]:
        """Those of these contacts that are here and not erased."""
        return set((await self._connection.execute(_THERE, {"ids": sorted(set(contact_ids))})).scalars())

    async def contacts_of(self, *subject_ids: UUID) -> dict[UUID, UUID]:
        """The contact of each of these subjects; unknown ones are left out."""
        rows = await self._connection.execute(_SUBJECTS_THERE, {"ids": sorted(set(subject_ids))})
        return {row.subject_id: row.contact_id for row in rows}

    async def version(self, contact_id: UUID) -> int:
        """Counts the links made and removed: the ETag of a contact's links."""
        return int((await self._connection.execute(_VERSION, {"id": contact_id})).scalar_one())

    async def links(self, contact_id: UUID) -> Sequence[Any]:
        """The rows of its links, newest first."""
        return (await self._connection.execute(_LINKS, {"id": contact_id})).all()

    async def proposals(self, contact_id: UUID) -> Sequence[Any]:
        """The rows of its proposals, the likeliest first."""
        return (await self._connection.execute(_PROPOSALS, {"id": contact_id})).all()

    async def history(self, contact_id: UUID) -> list[dict[str, Any]]:
        """The subjects of the history last announced."""
        found = (await self._connection.execute(_HISTORY, {"id": contact_id})).scalar_one_or_none()
        return list(found or ())

    async def too_common(self, contact_id: UUID) -> list[int]:
        """The kinds of blocks that were not opened in full when it was last looked at."""
        return sorted((await self._connection.execute(_COMMON, {"id": contact_id})).scalars())

    async def follows_unknown(self, contact_id: UUID) -> bool:
        """True where its sender says that it follows a contact that is not here."""
        return bool((await self._connection.execute(_FOLLOWS_UNKNOWN, {"id": contact_id})).scalar_one_or_none())

    async def ciphers(self, contact_ids: Iterable[UUID]) -> dict[UUID, ContactCipher]:
        """What opens the reasons kept with these contacts' keys."""
        rows = await self._connection.execute(_KEYS, {"ids": sorted(contact_ids)})
        masters = self._work.database.master_keys
        return {
            row.contact_id: ContactCipher(masters.unwrap(bytes(row.wrapped), service="intake", owner=row.contact_id))
            for row in rows
        }

    async def answer(
        self, pair: tuple[Known, Known], comparison: Comparison, state: ProposalState, *, by: str, reason: bytes
    ) -> None:
        """Keeps a person's word on a pair, whether it was proposed or not."""
        first, second = pair
        parameters = {
            "subject_id": first.subject_id,
            "other_subject_id": second.subject_id,
            "contact_id": first.contact_id,
            "other_contact_id": second.contact_id,
            "score": comparison.score,
            "agrees": list(comparison.fields(Verdict.AGREES)),
            "near": list(comparison.fields(Verdict.NEAR)),
            "differs": list(comparison.fields(Verdict.DIFFERS)),
            "state": state.value,
            "now": self._work.now,
            "by": by,
            "reason": reason,
        }
        await self._connection.execute(_ANSWER, parameters)


def seal_reason(cipher: ContactCipher, link: Link | UUID, words: str, *, column: str = "reason") -> bytes:
    """Why, sealed with the primary's key for the link's row."""
    return cipher.encrypt(words, table="links", column=column, row_id=link if isinstance(link, UUID) else link.link_id)


def open_reason(cipher: ContactCipher, row: Any, *, column: str = "reason") -> str | None:
    """What ``seal_reason`` sealed; None where nothing was written."""
    sealed = getattr(row, column)
    return None if sealed is None else cipher.decrypt(bytes(sealed), table="links", column=column, row_id=row.link_id)


def pair_id(one: UUID, other: UUID) -> str:
    """The row of a pair, for sealing: the lesser id first."""
    return "|".join(map(str, sorted((one, other))))
